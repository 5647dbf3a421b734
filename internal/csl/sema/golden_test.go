package sema_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"wafer/internal/csl/air"
	"wafer/internal/csl/lib"
	"wafer/internal/csl/sema"
	"wafer/internal/diag"
	"wafer/internal/machine"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGolden compares the typed trees of archives in testdata: the sources first,
// then what sema makes of them, in out/air and out/routes.
func TestGolden(t *testing.T) {
	names, err := filepath.Glob("../testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) { golden(t, name) })
	}
}

func golden(t *testing.T, name string) {
	ar, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range ar.Files {
		files[f.Name] = string(f.Data)
	}
	opt := sema.Options{File: "layout.csl", ReadFile: reading(files), Lib: lib.FS, Arch: machine.WSE2, Memcpy: true}
	if strings.Contains(string(ar.Comment), "wse3") {
		opt.Arch = machine.WSE3
	}
	var ds diag.List
	res := sema.Compile(context.Background(), opt, &ds)
	if res == nil {
		t.Fatal(ds.Sorted())
	}
	got := map[string]string{"out/air": "", "out/routes": routesText(res)}
	for i, p := range res.Programs {
		got["out/air"] += fmt.Sprintf("program %d %s\n", i, p.Config.File) + air.Print(p)
	}
	changed := false
	for i, f := range ar.Files {
		want, ok := got[f.Name]
		if !ok || want == string(f.Data) {
			continue
		}
		if *update {
			ar.Files[i].Data, changed = []byte(want), true
			continue
		}
		t.Errorf("%s (-want +got):\n%s", f.Name, cmp.Diff(string(f.Data), want))
	}
	if changed {
		if err := os.WriteFile(name, txtar.Format(ar), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func routesText(res *sema.Result) string {
	var b strings.Builder
	im := res.Image
	for y := range im.Rect.H {
		for x := range im.Rect.W {
			t := im.Tile(x, y)
			fmt.Fprintf(&b, "(%d,%d) program %d", x, y, t.Program)
			for _, r := range im.RouteSets[t.Routes].Routes {
				fmt.Fprintf(&b, " color %d %v->%v", r.Color, r.Pos[0].Rx, r.Pos[0].Tx)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}
