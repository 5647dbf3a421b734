package tidy

import (
	"go/ast"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// ban is a call that a part of the house does not make.
type ban struct {
	pkg   string   // import path
	names []string // its functions
	in    func(tree string) bool
	why   string
}

// library: everything but the floor where parts are joined.
func library(tree string) bool { return tree != "cli" && tree != "" && tree != "tidy" }

// simulation: what must give the same bytes for the same inputs.
func simulation(tree string) bool {
	return slices.Contains([]string{"num", "kernel", "trace", "units", "machine", "image", "csl", "sim", "host", "llm", "fleet", "deal"}, tree)
}

func bans() []ban {
	globalRand := []string{
		"Int", "IntN", "Int31", "Int32", "Int63", "Int64", "Intn", "Int32N", "Int64N", "Uint32", "Uint64", "UintN", "Uint32N", "Uint64N",
		"Float32", "Float64", "NormFloat64", "ExpFloat64", "Perm", "Shuffle", "Seed", "Read", "N",
	}
	return []ban{
		{pkg: "fmt", names: []string{"Print", "Printf", "Println"}, in: library, why: "a library returns values; internal/cli prints"},
		{pkg: "log", names: []string{"Print", "Printf", "Println", "Fatal", "Fatalf", "Fatalln", "Panic", "Panicf"}, in: library, why: "return an error or a diagnostic, or take a *slog.Logger"},
		{pkg: "os", names: []string{"Exit"}, in: library, why: "only a command ends the process"},
		{pkg: "time", names: []string{"Now", "Since", "Until", "Sleep", "After", "Tick", "NewTimer", "NewTicker", "AfterFunc"}, in: simulation, why: "time is a parameter: same inputs, same bytes"},
		{pkg: "math/rand", names: globalRand, in: simulation, why: "randomness is a parameter: take a seeded *rand.Rand"},
		{pkg: "math/rand/v2", names: globalRand, in: simulation, why: "randomness is a parameter: take a seeded *rand.Rand"},
	}
}

// Banned finds calls that the part of the house they stand in does not make,
// panics outside check, and effects at start-up. Tests are free.
func Banned(sources []*Source) []Finding {
	var out []Finding
	all, recovers := bans(), recovering(sources)
	for _, s := range sources {
		if s.IsTest() {
			continue
		}
		where, names := tree(s.Dir()), importNames(s)
		ast.Inspect(s.AST, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if watches(n) {
					return false
				}
				if n.Recv == nil && n.Name.Name == "init" && where != "" {
					out = append(out, s.finding(n.Pos(), "banned", "func init: nothing happens by being imported"))
				}
			case *ast.SelectorExpr:
				if id, ok := n.X.(*ast.Ident); ok {
					out = append(out, s.bannedUse(n, names[id.Name], where, all)...)
				}
			case *ast.CallExpr:
				if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "panic" && library(where) && where != "check" && !saysBug(n) && !(recovers[s.Dir()] && unwinds(n)) {
					out = append(out, s.finding(n.Pos(), "banned", "panic in a library: use check.That or check.Never for our own mistakes, a diagnostic or an error for others'"))
				}
			}
			return true
		})
	}
	return out
}

// clockMark in a function's comment says that it looks at the clock to decide how
// something is done and never what comes out, such as how many workers share it.
const clockMark = "//tidy:clock"

func watches(f *ast.FuncDecl) bool {
	return f.Doc != nil && slices.ContainsFunc(f.Doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, clockMark) })
}

func (s *Source) bannedUse(n *ast.SelectorExpr, pkg, where string, all []ban) []Finding {
	for _, b := range all {
		if b.pkg == pkg && b.in(where) && slices.Contains(b.names, n.Sel.Name) {
			return []Finding{s.finding(n.Pos(), "banned", "%s.%s in internal/%s: %s", pkg, n.Sel.Name, where, b.why)}
		}
	}
	return nil
}

// saysBug tells whether a panic marks itself as our mistake.
func saysBug(n *ast.CallExpr) bool {
	found := false
	for _, arg := range n.Args {
		ast.Inspect(arg, func(m ast.Node) bool {
			if l, ok := m.(*ast.BasicLit); ok && strings.HasPrefix(strings.Trim(l.Value, "\"`"), "BUG:") {
				found = true
			}
			return !found
		})
	}
	return found
}

// recovering lists the packages that call recover.
func recovering(sources []*Source) map[string]bool {
	out := map[string]bool{}
	for _, s := range sources {
		if s.IsTest() {
			continue
		}
		ast.Inspect(s.AST, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok {
				if id, ok := c.Fun.(*ast.Ident); ok && id.Name == "recover" {
					out[s.Dir()] = true
				}
			}
			return true
		})
	}
	return out
}

// unwinds tells whether a panic only leaves a recursion, as a parser does after
// it has noted a mistake: its value is a private marker, which may carry the
// mistake, panic(stop{}), or what recover has just given, panic(r).
func unwinds(n *ast.CallExpr) bool {
	switch arg := n.Args[0].(type) {
	case *ast.CompositeLit:
		id, ok := arg.Type.(*ast.Ident)
		return ok && !id.IsExported()
	case *ast.Ident:
		return arg.Name == "r"
	}
	return false
}

// importNames maps the name under which a file sees a package to its path.
func importNames(s *Source) map[string]string {
	out := map[string]string{}
	for _, spec := range s.AST.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		name := p[strings.LastIndexByte(p, '/')+1:]
		if len(name) > 1 && name[0] == 'v' && name[1] >= '0' && name[1] <= '9' { // math/rand/v2
			short := strings.TrimSuffix(p, "/"+name)
			name = short[strings.LastIndexByte(short, '/')+1:]
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		out[name] = p
	}
	return out
}

// stubWords mark work that was left undone. Written in pieces, so that this
// file does not find itself.
func stubWords() *regexp.Regexp {
	words := []string{"TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"}
	return regexp.MustCompile(`\b(` + strings.Join(words, "|") + `)\b|(?i)not (yet )?imple` + `mented`)
}

// Stubs finds marks of unfinished work in comments and strings of Go files. A
// limit has a name and a diagnostic; it is not a stub. Test files may name the
// words they look for.
func Stubs(sources []*Source) []Finding {
	re := stubWords()
	var out []Finding
	for _, s := range sources {
		if s.IsTest() {
			continue
		}
		for i, line := range strings.Split(string(s.Text), "\n") {
			if m := re.FindString(line); m != "" {
				out = append(out, Finding{s.Path, i + 1, "banned", m + ": finish it, or give the limit a name and a diagnostic"})
			}
		}
	}
	return out
}
