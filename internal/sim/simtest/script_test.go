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
			for _, workers := range []int{1, 2, 7} {
				m, err := Run(string(text), sim.Options{Workers: workers})
				if err != nil {
					t.Fatalf("%d workers: %s:%v", workers, f, err)
				}
				if h := m.Hash(); workers == 1 {
					hash = h
				} else if h != hash {
					t.Errorf("%d workers: state %x, one worker %x", workers, h, hash)
				}
			}
		})
	}
}
