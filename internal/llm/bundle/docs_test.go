package bundle

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every code that the model packages can report is in docs/models.md, once, and
// every code there exists.
func TestCodesAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../../docs/models.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]int{}
	for _, m := range regexp.MustCompile(`(?m)^\| (M1\d{3}) \|`).FindAllStringSubmatch(string(doc), -1) {
		documented[m[1]]++
	}
	defined := map[string]bool{}
	def := regexp.MustCompile(`diag\.Code = "(M1\d{3})"`)
	err = filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		src, err := os.ReadFile(path)
		for _, m := range def.FindAllStringSubmatch(string(src), -1) {
			if defined[m[1]] {
				t.Errorf("%s is defined twice, again in %s", m[1], path)
			}
			defined[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for code := range defined {
		if documented[code] != 1 {
			t.Errorf("%s stands %d times in docs/models.md", code, documented[code])
		}
	}
	for code := range documented {
		if !defined[code] {
			t.Errorf("docs/models.md has %s, which nothing reports", code)
		}
	}
}
