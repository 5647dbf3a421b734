package tokenize

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Word cutting against the tokenizers library, on 150 texts of all scripts, kinds
// of space and digits (testdata/pre.py): another engine of regular expressions
// and other Unicode tables.
func TestCutWordsAgainstOniguruma(t *testing.T) {
	raw, err := os.ReadFile("testdata/pre.json")
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Texts []string
		Rules map[string][][]string
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		t.Fatal(err)
	}
	for name, want := range c.Rules {
		t.Run(name, func(t *testing.T) {
			p, ok := presetNamed(name)
			if !ok {
				t.Fatal("the rule is not known")
			}
			cuts, err := compile(p.pre)
			if err != nil {
				t.Fatal(err)
			}
			for i, text := range c.Texts {
				if d := cmp.Diff(want[i], cutWords(cuts, text)); d != "" {
					t.Errorf("%q (-library +ours):\n%s", text, d)
				}
			}
		})
	}
}
