package simtest

import (
	"os"
	"path/filepath"
	"testing"

	"wafer/internal/sim"
)

// TestScripts runs every script with one, two and seven workers. The scripts
// check results; the test checks that the number of workers changes nothing.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.sim")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			var hash uint64
			for i, opt := range []sim.Options{{StepByStep: true}, {}, {Workers: 2}, {Workers: 7}} {
				m, err := Run(string(text), opt)
				if err != nil {
					t.Fatalf("%+v: %s:%v", opt, f, err)
				}
				if h := m.Hash(); i == 0 {
					hash = h
				} else if h != hash {
					t.Errorf("%d workers: state %x, step by step %x", opt.Workers, h, hash)
				}
			}
		})
	}
}
