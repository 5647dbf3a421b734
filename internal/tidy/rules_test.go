package tidy

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every rule is shown a breach that it must find and a neighbour that it must
// not; else a rule that finds nothing could not be told from a broken one.

func parse(t *testing.T, name, text string) []*Source {
	t.Helper()
	s, err := Parse(name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return []*Source{s}
}

func TestRulesFind(t *testing.T) {
	long := "package p\n\n// F is long.\nfunc F() {\n" + strings.Repeat("\tF()\n", 90) + "}\n"
	dispatch := strings.Replace(long, "// F is long.\n", "// F is long.\n//\n//tidy:dispatch\n", 1)
	for _, c := range []struct {
		name, file, text string
		rule             func([]*Source) []Finding
		want             string // part of the finding; "" for none
	}{
		{"up", "internal/num/a.go", `package num; import _ "wafer/internal/sim"`, Levels, "imports go down only"},
		{"sideways", "internal/csl/sema/a.go", `package sema; import _ "wafer/internal/sim/fabric"`, Levels, "imports go down only"},
		{"down", "internal/sim/a.go", `package sim; import _ "wafer/internal/num"`, Levels, ""},
		{"own tree", "internal/csl/a.go", `package csl; import _ "wafer/internal/csl/sema"`, Levels, ""},
		{"unknown tree", "internal/stuff/a.go", `package stuff`, Levels, "no floor"},
		{"command", "cmd/wafer/main.go", `package main; import _ "wafer/internal/cli"`, Levels, ""},
		{"test joins", "internal/num/a_test.go", `package num; import _ "wafer/internal/sim"`, Levels, ""},

		{"long function", "internal/p/a.go", long, Shape, "91 lines" /* replaced below */},
		{"long file", "internal/p/a.go", "package p\n" + strings.Repeat("// x\n", 1000), Shape, "limit 1000"},
		{"long main", "cmd/wafer/main.go", "package main\n" + strings.Repeat("// x\n", 50), Shape, "limit 40"},
		{"dispatch without switch", "internal/p/a.go", dispatch, Shape, "no switch"},
		{"dispatch", "internal/p/a.go", strings.Replace(dispatch, "\tF()\n", "\tswitch {\n\t}\n", 1), Shape, ""},
		{"util", "internal/util/a.go", "package util", Shape, "says nothing"},
		{"no comment", "internal/p/a.go", "package p", PackageComments, "no package comment"},
		{"comment", "internal/p/a.go", "// Package p is it.\npackage p", PackageComments, ""},

		{"dead", "internal/p/a.go", "//go:build ignore_forever && !ignore_forever\n\npackage p", Dead, "no supported build"},
		{"arm", "internal/p/a.go", "//go:build !amd64\n\npackage p", Dead, ""},

		{"print", "internal/sim/a.go", `package sim; import "fmt"; func f() { fmt.Println() }`, Banned, "internal/cli prints"},
		{"print in cli", "internal/cli/a.go", `package cli; import "fmt"; func f() { fmt.Println() }`, Banned, ""},
		{"renamed print", "internal/sim/a.go", `package sim; import f "fmt"; func g() { f.Printf("") }`, Banned, "internal/cli prints"},
		{"sprint", "internal/sim/a.go", `package sim; import "fmt"; func f() string { return fmt.Sprint() }`, Banned, ""},
		{"panic", "internal/sim/a.go", `package sim; func f() { panic("no") }`, Banned, "panic in a library"},
		{"panic bug", "internal/sim/a.go", `package sim; func f() { panic("BUG: no") }`, Banned, ""},
		{"unwind", "internal/csl/a.go", `package csl; type stop struct{}; func f() { defer func() { if r := recover(); r != nil { panic(r) } }(); panic(stop{}) }`, Banned, ""},
		{"unwind to nobody", "internal/csl/a.go", `package csl; type stop struct{}; func f() { panic(stop{}) }`, Banned, "panic in a library"},
		{"clock", "internal/llm/exec/a.go", `package exec; import "time"; var t = time.Now()`, Banned, "time is a parameter"},
		{"clock, marked", "internal/sim/a.go", "package sim\n\nimport \"time\"\n\n// F decides how.\n//\n//tidy:clock\nfunc F() { _ = time.Now() }", Banned, ""},
		{"clock, not marked", "internal/sim/a.go", "package sim\n\nimport \"time\"\n\n// F decides how.\nfunc F() { _ = time.Now() }", Banned, "time is a parameter"},
		{"clock in serve", "internal/serve/a.go", `package serve; import "time"; var t = time.Now()`, Banned, ""},
		{"dice", "internal/sim/a.go", `package sim; import "math/rand/v2"; var t = rand.IntN(5)`, Banned, "randomness is a parameter"},
		{"seeded dice", "internal/sim/a.go", `package sim; import "math/rand/v2"; var t = rand.New(rand.NewPCG(1, 2))`, Banned, ""},
		{"init", "internal/sim/a.go", `package sim; func init() {}`, Banned, "nothing happens"},

		{"to do", "internal/sim/a.go", "package sim // TO" + "DO later", Stubs, "finish it"},
		{"stub", "internal/sim/a.go", "package sim\nvar e = \"Not imple" + "mented\"", Stubs, "finish it"},
		{"no stub", "internal/sim/a.go", "package sim // implemented", Stubs, ""},
	} {
		if c.name == "long function" {
			c.want = fmt.Sprintf("%d lines", 92)
		}
		got := c.rule(parse(t, c.file, c.text))
		switch {
		case c.want == "" && len(got) > 0:
			t.Errorf("%s: finds %v", c.name, got)
		case c.want != "" && (len(got) != 1 || !strings.Contains(got[0].String(), c.want)):
			t.Errorf("%s: finds %v, want %q", c.name, got, c.want)
		}
	}
}

func TestFusedFinds(t *testing.T) {
	s := parse(t, "a.go", `package a
func f(x, y, z float32, i, j, k int, d float64) float32 {
	a := x*y + z            // 3
	b := float32(x*y) + z
	c := z - (x * y)        // 5
	z += x * y              // 6
	p := x * y
	e := p + z              // 8
	g := z + -x*y           // 9
	h := float32(i*j + k)
	l := 2*x + y
	m := x + y*x*z          // 12
	d -= d * d              // 13
	q := float32(x * y)
	d += float64(x) * float64(y)
	d += float64(x) * d     // 16
	return a + b + c + e + g + h + l + m + q + float32(d)
}
`)[0]
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	if _, err := (&types.Config{Importer: importer.Default()}).Check("a", s.Fset, []*ast.File{s.AST}, info); err != nil {
		t.Fatal(err)
	}
	var lines []int
	for _, f := range Fused(s.Fset, []*ast.File{s.AST}, info, func(n string) string { return n }) {
		lines = append(lines, f.Line)
	}
	if got, want := fmt.Sprint(lines), "[3 5 6 8 9 12 13 16]"; got != want {
		t.Errorf("lines %s, want %s", got, want)
	}
}

func TestFilesFind(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.md":   "see /wo" + "rk/main/x for it\nand (/ho" + "me/joe/y)\nbut not ~/wo" + "rk/ or a/ho" + "me/b",
		"big":    strings.Repeat("x", MaxFileBytes+1),
		"binary": "\x00 /ro" + "ot/",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	fs, err := Files(dir, []string{"a.md", "big", "binary"})
	if err != nil {
		t.Fatal(err)
	}
	if len(fs) != 3 || fs[0].Line != 1 || fs[1].Line != 2 || fs[2].File != "big" {
		t.Errorf("found %v", fs)
	}
}

func TestDependenciesFind(t *testing.T) {
	modules := Modules("module wafer\n\nrequire example.com/a v1.0.0\n\nrequire (\n\texample.com/b/v2 v2.0.0 // indirect\n)\n")
	if got := fmt.Sprint(modules); got != "[example.com/a example.com/b/v2]" {
		t.Fatalf("modules %s", got)
	}
	s := parse(t, "a.go", `package a; import (_ "example.com/a/x"; _ "example.com/b/v2"; _ "os")`)
	fs := Dependencies(s, modules, "\n| `example.com/a` | x |\n")
	if len(fs) != 1 || !strings.Contains(fs[0].Text, "example.com/b/v2") {
		t.Errorf("found %v", fs)
	}
}

func TestUnreachedFinds(t *testing.T) {
	var all []*Source
	for name, text := range map[string]string{
		"cmd/w/main.go":        `package main; import _ "wafer/internal/a"`,
		"internal/a/a.go":      `package a; import _ "wafer/internal/b/c"`,
		"internal/b/c/c.go":    `package c`,
		"internal/lost/x.go":   `package lost; import _ "wafer/internal/a"`,
		"internal/t/t_test.go": `package t`,
	} {
		all = append(all, parse(t, name, text)...)
	}
	if got := fmt.Sprint(Unreached(all)); got != "[internal/lost]" {
		t.Errorf("unreached %s", got)
	}
}
