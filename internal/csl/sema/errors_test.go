package sema_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"wafer/internal/csl/lib"
	"wafer/internal/csl/sema"
	"wafer/internal/diag"
	"wafer/internal/machine"
)

// A file in testdata/errors holds one mistake. A comment on its line says what
// must be reported there: // ERROR E1001 "part of the message". A file without a
// layout block is the program of the only core. "// arch wse3" and
// "// params a:1" in the file set options.
var (
	wantRE   = regexp.MustCompile(`// (ERROR|WARNING) ([EW]\d+) "([^"]*)"`)
	archRE   = regexp.MustCompile(`(?m)^// arch (wse[23])`)
	paramsRE = regexp.MustCompile(`(?m)^// params (\S+)`)
)

const tileLayout = `
layout {
  @set_rectangle(1, 1);
  @set_tile_code(0, 0, "main.csl");
  @export_name("f", fn()void);
  @export_name("p", [*]f32, true);
}`

// compileTest compiles the text of a test file.
func compileTest(text string) ([]diag.Diagnostic, *sema.Result) {
	files := map[string]string{"main.csl": text, "layout.csl": tileLayout}
	opt := sema.Options{File: "layout.csl", ReadFile: reading(files), Lib: lib.FS, Arch: machine.WSE2, Memcpy: true}
	if strings.Contains(text, "\nlayout {") {
		opt.File = "main.csl"
	}
	if m := archRE.FindStringSubmatch(text); m != nil && m[1] == "wse3" {
		opt.Arch = machine.WSE3
	}
	if m := paramsRE.FindStringSubmatch(text); m != nil {
		for _, p := range strings.Split(m[1], ",") {
			n, v, _ := strings.Cut(p, ":")
			opt.Params = append(opt.Params, sema.Param{Name: n, Value: v})
		}
	}
	var ds diag.List
	res := sema.Compile(context.Background(), opt, &ds)
	return ds.Sorted(), res
}

func TestErrors(t *testing.T) {
	names, err := filepath.Glob("../testdata/errors/*.csl")
	if err != nil || len(names) < 60 {
		t.Fatalf("%d error tests, %v", len(names), err)
	}
	covered := map[diag.Code]bool{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.Base(name), func(t *testing.T) {
			for _, c := range checkErrors(t, string(text)) {
				covered[c] = true
			}
		})
	}
	for _, d := range sema.Codes() {
		if !covered[d.Code] && d.Test {
			t.Errorf("no test shows %s, %s", d.Code, d.Title)
		}
	}
}

// checkErrors compares diagnostics with the comments and gives the codes seen.
func checkErrors(t *testing.T, text string) []diag.Code {
	var want []string
	for i, line := range strings.Split(text, "\n") {
		for _, m := range wantRE.FindAllStringSubmatch(line, -1) {
			want = append(want, fmt.Sprintf("%d %s %s", i+1, m[2], m[3]))
		}
	}
	if len(want) == 0 {
		t.Fatal("the file expects nothing")
	}
	ds, _ := compileTest(text)
	var codes []diag.Code
	for _, d := range ds {
		codes = append(codes, d.Code)
		if d.Code == sema.EInternal {
			t.Errorf("internal error: %s %s", d.Message, d.Cure)
		}
		i := slices.IndexFunc(want, func(w string) bool {
			var line int
			var code string
			fmt.Sscanf(w, "%d %s", &line, &code)
			return (d.Pos.Line == line || d.Pos.Line == 0) && string(d.Code) == code && strings.Contains(d.Message, w[strings.Index(w, code)+len(code)+1:])
		})
		if i < 0 {
			t.Errorf("not expected: %s: %s[%s]: %s (cure: %s)", d.Pos, d.Severity, d.Code, d.Message, d.Cure)
			continue
		}
		want = slices.Delete(want, i, i+1)
	}
	for _, w := range want {
		t.Errorf("not reported: %s", w)
	}
	return codes
}
