package sema_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"wafer/internal/csl/lib"
	"wafer/internal/csl/sema"
	"wafer/internal/diag"
	"wafer/internal/machine"
)

// TestCorpus compiles every program below the directories in WAFER_CORPUS with
// the parameters of its commands_wse*.sh. The examples are not part of the
// repository; without the variable there is nothing to do.
func TestCorpus(t *testing.T) {
	dirs := os.Getenv("WAFER_CORPUS")
	if dirs == "" {
		t.Skip("WAFER_CORPUS is not set")
	}
	for _, dir := range filepath.SplitList(dirs) {
		scripts, err := filepath.Glob(filepath.Join(dir, "*", "*", "commands_wse*.sh"))
		if err != nil {
			t.Fatal(err)
		}
		for _, sc := range scripts {
			for i, cmd := range compilations(t, sc) {
				name, _ := filepath.Rel(dir, sc)
				t.Run(name+"#"+strconv.Itoa(i), func(t *testing.T) { compileCommand(t, filepath.Dir(sc), cmd) })
			}
		}
	}
}

// compilations gives the arguments of each cslc line of a script.
func compilations(t *testing.T, script string) [][]string {
	text, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for line := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", " ")) {
		if f := strings.Fields(line); len(f) > 0 && f[0] == "cslc" {
			out = append(out, f[1:])
		}
	}
	return out
}

func compileCommand(t *testing.T, dir string, args []string) {
	opt := options(t, dir, args)
	var ds diag.List
	res := sema.Compile(context.Background(), opt, &ds)
	if ds.Len() > 0 {
		var b strings.Builder
		diag.Render(&b, ds.Sorted(), func(f string) ([]byte, bool) {
			text, err := os.ReadFile(f)
			return text, err == nil
		})
		if ds.HasErrors() {
			t.Error(b.String())
		} else {
			t.Log(b.String())
		}
	}
	if res != nil {
		t.Logf("%d programs, %d route sets", len(res.Programs), len(res.Image.RouteSets))
	}
}

// options reads the flags of a cslc command line that matter here.
func options(t *testing.T, dir string, args []string) sema.Options {
	opt := sema.Options{ReadFile: os.ReadFile, Lib: lib.FS, Arch: machine.WSE2}
	pairs := func(v string) (out []sema.Param) {
		for _, p := range strings.Split(v, ",") {
			if n, val, ok := strings.Cut(p, ":"); ok {
				out = append(out, sema.Param{Name: n, Value: val})
			}
		}
		return out
	}
	for i := 0; i < len(args); i++ {
		a, v, _ := strings.Cut(args[i], "=")
		next := func() string {
			if v == "" && i+1 < len(args) {
				i++
				return args[i]
			}
			return v
		}
		switch a {
		case "--arch":
			if next() == "wse3" {
				opt.Arch = machine.WSE3
			}
		case "--params":
			opt.Params = append(opt.Params, pairs(next())...)
		case "--colors":
			opt.Colors = append(opt.Colors, pairs(next())...)
		case "--fabric-dims":
			w, h, _ := strings.Cut(next(), ",")
			opt.FabricW, _ = strconv.Atoi(w)
			opt.FabricH, _ = strconv.Atoi(h)
		case "--fabric-offsets":
			x, y, _ := strings.Cut(next(), ",")
			opt.OffsetX, _ = strconv.Atoi(x)
			opt.OffsetY, _ = strconv.Atoi(y)
		case "--memcpy":
			opt.Memcpy = true
		case "--import-path":
			opt.ImportPaths = append(opt.ImportPaths, filepath.Join(dir, next()))
		case "-o", "--channels", "--width-west-buf", "--width-east-buf", "--max-inlined-iterations":
			next()
		default:
			if !strings.HasPrefix(a, "-") {
				opt.File = filepath.Join(dir, a)
			}
		}
	}
	if opt.File == "" {
		t.Fatalf("no file in %v", args)
	}
	return opt
}
