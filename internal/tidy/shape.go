package tidy

import (
	"go/ast"
	"go/build/constraint"
	"path"
	"slices"
	"strings"
)

// The limits of the house.
const (
	// MaxFileLines is the length of a Go file. A hundred to five hundred is usual.
	MaxFileLines = 1000
	// MaxFuncLines is the length of a function, first line to last.
	MaxFuncLines = 80
	// MaxMainLines is the length of a command's main file: it only starts cli.
	MaxMainLines = 40
	// dispatchMark in a function's comment lifts its limit: one switch over
	// operations or node kinds is easier to read whole than in pieces.
	dispatchMark = "//tidy:dispatch"
)

// Shape checks lengths, package names and file names.
func Shape(sources []*Source) []Finding {
	var out []Finding
	for _, s := range sources {
		out = append(out, s.fileShape()...)
		for _, d := range s.AST.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				out = append(out, s.funcShape(f)...)
			}
		}
	}
	return out
}

func (s *Source) fileShape() []Finding {
	var out []Finding
	lines := s.Line(s.AST.FileEnd)
	limit := MaxFileLines
	if strings.HasPrefix(s.Path, "cmd/") && !s.IsTest() {
		limit = MaxMainLines
	}
	if lines > limit {
		out = append(out, s.finding(s.AST.Package, "shape", "file has %d lines, limit %d: split it by subject", lines, limit))
	}
	name := strings.TrimSuffix(s.AST.Name.Name, "_test")
	if slices.Contains([]string{"util", "utils", "common", "helper", "helpers", "misc", "types", "base", "shared"}, name) {
		out = append(out, s.finding(s.AST.Name.Pos(), "shape", "package %s says nothing: name it after its subject", name))
	}
	if name != strings.ToLower(name) || strings.Contains(name, "_") {
		out = append(out, s.finding(s.AST.Name.Pos(), "shape", "package name %s is not one lower-case word", name))
	}
	return out
}

func (s *Source) funcShape(f *ast.FuncDecl) []Finding {
	lines := s.Line(f.End()) - s.Line(f.Pos()) + 1
	if lines <= MaxFuncLines {
		return nil
	}
	if f.Doc != nil && slices.ContainsFunc(f.Doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, dispatchMark) }) {
		if oneSwitch(f) {
			return nil
		}
		return []Finding{s.finding(f.Pos(), "shape", "%s is marked %s but has no switch", f.Name.Name, dispatchMark)}
	}
	return []Finding{s.finding(f.Pos(), "shape", "function %s has %d lines, limit %d: split it, or mark a single switch %s", f.Name.Name, lines, MaxFuncLines, dispatchMark)}
}

func oneSwitch(f *ast.FuncDecl) bool {
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.SwitchStmt, *ast.TypeSwitchStmt:
			found = true
		}
		return !found
	})
	return found
}

// PackageComments finds packages without a comment that says what they are.
func PackageComments(sources []*Source) []Finding {
	first := map[string]*Source{}
	has := map[string]bool{}
	for _, s := range sources {
		if s.IsTest() {
			continue
		}
		if first[s.Dir()] == nil {
			first[s.Dir()] = s
		}
		has[s.Dir()] = has[s.Dir()] || s.AST.Doc != nil
	}
	var out []Finding
	for dir, s := range first {
		if !has[dir] {
			out = append(out, s.finding(s.AST.Package, "shape", "package %s has no package comment: what comes in, what goes out, what may it assume", s.AST.Name.Name))
		}
	}
	return out
}

// Dead finds Go files that no build on the supported systems contains, because
// of a build tag that nobody sets.
func Dead(sources []*Source) []Finding {
	var out []Finding
	for _, s := range sources {
		expr := buildTag(s)
		if expr == nil || expr.Eval(func(string) bool { return true }) || someHost(expr) {
			continue
		}
		out = append(out, s.finding(s.AST.Package, "dead", "no supported build contains this file (%s)", expr))
	}
	return out
}

// buildTag gives the //go:build expression of a file, nil for none.
func buildTag(s *Source) constraint.Expr {
	for _, g := range s.AST.Comments {
		if g.Pos() > s.AST.Package {
			break
		}
		for _, c := range g.List {
			if constraint.IsGoBuild(c.Text) {
				if x, err := constraint.Parse(c.Text); err == nil {
					return x
				}
			}
		}
	}
	return nil
}

// Hosts are the systems that a release is built for.
func Hosts() []string {
	var out []string
	for _, os := range []string{"linux", "darwin", "windows"} {
		for _, arch := range []string{"amd64", "arm64"} {
			out = append(out, os+"/"+arch)
		}
	}
	return out
}

func someHost(x constraint.Expr) bool {
	return slices.ContainsFunc(Hosts(), func(host string) bool {
		os, arch := path.Split(host)
		os = strings.TrimSuffix(os, "/")
		return x.Eval(func(tag string) bool {
			return tag == os || tag == arch || tag == "gc" || tag == "unix" && os != "windows" || strings.HasPrefix(tag, "go1.")
		})
	})
}
