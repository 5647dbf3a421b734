package cli

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"wafer/internal/csl/outdir"
)

// The scripts of testdata/script run the whole command line, each in a fresh
// folder. WAFER_UPDATE=1 rewrites their expectations.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: os.Getenv("WAFER_UPDATE") == "1",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			// handmade DIR writes the compiled program that python_test.go describes.
			"handmade": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(outdir.Write(ts.MkAbs(args[0]), handmade()))
			},
		},
	})
}
