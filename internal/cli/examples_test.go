package cli

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wafer/internal/conform"
)

// Our own examples run as the published ones do: by their scripts, with our
// tools, each checking itself. They cover what a host program can do where the
// published examples cannot be had.
func TestOurExamplesRunByTheirScripts(t *testing.T) { runOurExamples(t) }

// TestOurExamplesShaken runs them on a device that is saved and loaded, with another
// number of workers, each time before it runs.
func TestOurExamplesShaken(t *testing.T) {
	t.Setenv("WAFER_TEST_SHAKE", "1")
	runOurExamples(t)
}

func runOurExamples(t *testing.T) {
	t.Setenv("WAFER_PYTHON", pythonWithNumpy(t))
	t.Setenv("WAFER_TEST_MAIN", "1") // the launchers start this test binary
	tools := t.TempDir()
	if err := installTools(tools); err != nil {
		t.Fatal(err)
	}
	opt := conform.Options{Dir: filepath.Join("..", "..", "examples"), Tools: tools, Limit: time.Minute, Jobs: 2, Keep: t.TempDir()}
	scripts, err := conform.Find(opt)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range conform.Run(context.Background(), scripts, opt) {
		if !r.Pass {
			log, _ := os.ReadFile(r.Log)
			t.Errorf("%s %s: %s\n%s", r.Program, r.Arch, r.Reason, log)
		}
	}
}
