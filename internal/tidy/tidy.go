// Package tidy holds the house rules that a program can check.
//
// In: the repository's own files, as git lists them. Out: findings, each with a
// place, the rule's name and what to do. Nothing imports this package; its test
// runs it over the whole repository and fails on any finding. The rules are in
// docs/architecture.md in words; here is what is enforced:
//
//	levels    imports go down only (levels.go)
//	shape     length of files and functions, names of packages, dead files (shape.go)
//	banned    printing, panics, clocks and global randomness in libraries, stubs (banned.go)
//	fused     floating-point x*y + z that the compiler may fuse (fused.go)
//	files     paths of one machine, large files (files.go)
//
// A rule is a function from parsed files to findings, so that each has a small
// test showing that it can fail.
package tidy

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Module is the module path; packages are named relative to it.
const Module = "wafer"

// Finding is one breach of a rule.
type Finding struct {
	File string // slash path in the repository
	Line int    // 0 for the file as a whole
	Rule string
	Text string
}

// String gives file:line: rule: text.
func (f Finding) String() string {
	if f.Line == 0 {
		return fmt.Sprintf("%s: %s: %s", f.File, f.Rule, f.Text)
	}
	return fmt.Sprintf("%s:%d: %s: %s", f.File, f.Line, f.Rule, f.Text)
}

// Source is one Go file, parsed with its comments.
type Source struct {
	Path string // slash path in the repository
	Text []byte
	AST  *ast.File
	Fset *token.FileSet
}

// Dir is the package directory, "." for the root.
func (s *Source) Dir() string { return path.Dir(s.Path) }

// IsTest tells whether the file belongs to a test.
func (s *Source) IsTest() bool { return strings.HasSuffix(s.Path, "_test.go") }

// Line is the line number of a position.
func (s *Source) Line(p token.Pos) int { return s.Fset.Position(p).Line }

func (s *Source) finding(p token.Pos, rule, format string, args ...any) Finding {
	return Finding{s.Path, s.Line(p), rule, fmt.Sprintf(format, args...)}
}

// Parse makes a Source of a text; a syntax error is an error.
func Parse(name string, text []byte) (*Source, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", name, err)
	}
	return &Source{name, text, f, fset}, nil
}

// Tracked lists the files of the repository at root: what git tracks, and what
// it would if it were added. Sorted; slash paths.
func Tracked(root string) ([]string, error) {
	cmd := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("git ls-files in %s: %w", root, err)
	}
	var files []string
	for _, name := range strings.Split(strings.Trim(string(out), "\x00"), "\x00") {
		// A file deleted but not yet committed is still listed.
		if info, err := os.Stat(filepath.Join(root, filepath.FromSlash(name))); err == nil && !info.IsDir() {
			files = append(files, name)
		}
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

// Load parses the Go files among files, leaving out test data.
func Load(root string, files []string) ([]*Source, error) {
	var out []*Source
	for _, name := range files {
		if !strings.HasSuffix(name, ".go") || strings.Contains("/"+name, "/testdata/") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		s, err := Parse(name, text)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// Sort orders findings by file, line and text.
func Sort(fs []Finding) {
	slices.SortFunc(fs, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Text, b.Text))
	})
}
