package simtest

import (
	"os"
	"path/filepath"
	"testing"

	"wafer/internal/sim"
)

// TestScripts runs every script with one, two and seven workers. The scripts
// check results; the test checks that the number of workers changes nothing, nor a
// checkpoint at which another simulation takes over.
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
			for cut := int64(1); cut < 400; cut += 1 + cut/8 {
				opt, after := sim.Options{Workers: 1 + int(cut%3)}, sim.Options{Workers: 1 + int(cut%7), StepByStep: cut%2 == 0}
				m, err := RunCut(string(text), opt, after, cut)
				if err != nil {
					t.Fatalf("cut at %d, %+v: %s:%v", cut, after, f, err)
				}
				if h := m.Hash(); h != hash {
					t.Errorf("cut at %d, then %d workers: state %x, uncut %x", cut, after.Workers, h, hash)
				}
			}
		})
	}
}
