package syntax

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wafer/internal/diag"
)

// TestCorpus parses a checkout of real programs named by WAFER_CSL_CORPUS.
func TestCorpus(t *testing.T) {
	root := os.Getenv("WAFER_CSL_CORPUS")
	if root == "" {
		t.Skip("WAFER_CSL_CORPUS names no checkout of CSL programs")
	}
	n := 0
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".csl") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var ds diag.List
		Parse(path, text, &ds)
		n++
		if ds.Len() > 0 {
			var b strings.Builder
			_ = diag.Render(&b, ds.Sorted()[:1], func(string) ([]byte, bool) { return text, true })
			t.Error(b.String())
		}
		return nil
	})
	t.Logf("%d files", n)
}
