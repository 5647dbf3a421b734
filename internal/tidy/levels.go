package tidy

import (
	"slices"
	"strconv"
	"strings"
)

// floors is the table of docs/architecture.md: the trees under internal/ and
// the floor each stands on. An import goes to a lower floor or stays in its own
// tree, so two trees never import each other, not even through a third.
//
// Floors 0 and 1 hold several small packages that lean on one another; the
// decimals order them.
func floors() map[string]float64 {
	return map[string]float64{
		"check":    0.0,
		"diag":     0.1,
		"num":      0.1,
		"trace":    0.1,
		"units":    0.2,
		"kernel":   0.2,
		"meet":     0.3,
		"intact":   0,
		"machine":  1.0,
		"image":    1.1,
		"sim":      2,
		"csl":      2,
		"host":     3,
		"llm":      4,
		"profile":  4,
		"fleet":    5,
		"validate": 5,
		"nodiff":   6,
		"deal":     6,
		"serve":    6,
		"webui":    7,
		"cli":      8,
		"conform":  1, // runs programs with our commands; imports nothing of ours
		"tidy":     9, // this package; nothing imports it
	}
}

// cmdFloor is where main packages stand: on top of everything.
const cmdFloor = 10

// tree is the unit of the table: "csl" for internal/csl/sema, "" outside.
func tree(pkg string) string {
	rest, ok := strings.CutPrefix(pkg, "internal/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// Levels checks every import between packages of the module. Tests may join
// more: an external test of a package is a client of it, so only the files that
// end up in a program count.
func Levels(sources []*Source) []Finding {
	table := floors()
	var out []Finding
	for _, s := range sources {
		if s.IsTest() {
			continue
		}
		from := tree(s.Dir())
		floor, known := table[from]
		switch {
		case strings.HasPrefix(s.Dir(), "cmd/"):
			floor = cmdFloor
		case from == "":
			continue // tools and examples outside the house
		case !known:
			out = append(out, s.finding(s.AST.Package, "levels", "tree internal/%s has no floor; add it to floors in internal/tidy/levels.go and to docs/architecture.md", from))
			continue
		}
		out = append(out, s.imports(from, floor, table)...)
	}
	return out
}

func (s *Source) imports(from string, floor float64, table map[string]float64) []Finding {
	var out []Finding
	for _, spec := range s.AST.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser has let it pass; the compiler will not
		}
		pkg, ok := strings.CutPrefix(name, Module+"/")
		to := tree(pkg)
		if !ok || to == "" || to == from && from != "" {
			continue
		}
		if table[to] >= floor {
			out = append(out, s.finding(spec.Pos(), "levels", "%s (floor %g) may not import %s (floor %g): imports go down only", orMain(from), floor, to, table[to]))
		}
	}
	return out
}

// Unreached lists packages that no command imports, not even through others.
// While parts are being built there are some; a finished program has none but
// test support.
func Unreached(sources []*Source) []string {
	imports := map[string][]string{}
	for _, s := range sources {
		if s.IsTest() {
			continue
		}
		imports[s.Dir()] = append(imports[s.Dir()], "")
		for _, spec := range s.AST.Imports {
			if name, err := strconv.Unquote(spec.Path.Value); err == nil {
				if pkg, ok := strings.CutPrefix(name, Module+"/"); ok {
					imports[s.Dir()] = append(imports[s.Dir()], pkg)
				}
			}
		}
	}
	reached := map[string]bool{}
	var visit func(string)
	visit = func(pkg string) {
		if reached[pkg] {
			return
		}
		reached[pkg] = true
		for _, to := range imports[pkg] {
			visit(to)
		}
	}
	for pkg := range imports {
		if strings.HasPrefix(pkg, "cmd/") {
			visit(pkg)
		}
	}
	var out []string
	for pkg := range imports {
		if !reached[pkg] && strings.HasPrefix(pkg, "internal/") {
			out = append(out, pkg)
		}
	}
	slices.Sort(out)
	return out
}

func orMain(tree string) string {
	if tree == "" {
		return "a command"
	}
	return tree
}
