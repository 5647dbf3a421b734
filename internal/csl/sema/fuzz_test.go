package sema_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wafer/internal/csl/lib"
	"wafer/internal/csl/sema"
	"wafer/internal/diag"
	"wafer/internal/machine"
)

// fuzzSteps keeps comptime loops of hostile programs short.
const fuzzSteps = 20_000

// FuzzCompile feeds any text as the program of a core, or as a layout if it holds
// one. Whatever it is, the compiler must answer with diagnostics.
func FuzzCompile(f *testing.F) {
	for _, pattern := range []string{"../testdata/errors/*.csl", "../testdata/run/*.csl"} {
		names, _ := filepath.Glob(pattern)
		for _, n := range names {
			if text, err := os.ReadFile(n); err == nil && !strings.Contains(n, "quota") {
				f.Add(string(text))
			}
		}
	}
	f.Add(bigPE)
	f.Fuzz(func(t *testing.T, text string) {
		for _, arch := range []machine.Arch{machine.WSE2, machine.WSE3} {
			files := map[string]string{"main.csl": text, "layout.csl": tileLayout}
			opt := sema.Options{
				File: "layout.csl", ReadFile: reading(files), Lib: lib.FS, Arch: arch, Steps: fuzzSteps, DepthLimit: 60, MaxInlined: 2000,
			}
			if strings.Contains(text, "layout {") {
				opt.File = "main.csl"
			}
			var ds diag.List
			sema.Compile(context.Background(), opt, &ds)
			for _, d := range ds.Sorted() {
				if d.Code == sema.EInternal {
					t.Fatalf("%s: %s (%s)", d.Pos, d.Message, d.Cure)
				}
			}
		}
	})
}
