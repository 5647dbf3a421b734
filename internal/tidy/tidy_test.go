package tidy

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const root = "../.."

// repository is parsed once for all tests.
var repository = sync.OnceValues(func() ([]*Source, error) {
	files, err := Tracked(root)
	if err != nil {
		return nil, err
	}
	return Load(root, files)
})

func sources(t *testing.T) []*Source {
	t.Helper()
	if _, err := os.Stat(filepath.Join(root, ".git")); err != nil {
		t.Skip("no git here: a source archive cannot say which files are tracked")
	}
	s, err := repository()
	if err != nil {
		t.Fatal(err)
	}
	if len(s) < 20 {
		t.Fatalf("only %d Go files found; the search is broken", len(s))
	}
	return s
}

func report(t *testing.T, fs []Finding) {
	t.Helper()
	Sort(fs)
	for _, f := range fs {
		t.Error(f)
	}
}

func TestLevels(t *testing.T)          { report(t, Levels(sources(t))) }
func TestShape(t *testing.T)           { report(t, Shape(sources(t))) }
func TestPackageComments(t *testing.T) { report(t, PackageComments(sources(t))) }
func TestDead(t *testing.T)            { report(t, Dead(sources(t))) }
func TestBanned(t *testing.T)          { report(t, Banned(sources(t))) }
func TestStubs(t *testing.T)           { report(t, Stubs(sources(t))) }

func TestFiles(t *testing.T) {
	sources(t)
	files, err := Tracked(root)
	if err != nil {
		t.Fatal(err)
	}
	fs, err := Files(root, files)
	if err != nil {
		t.Fatal(err)
	}
	report(t, fs)
}

func TestDependencies(t *testing.T) {
	src := sources(t)
	gomod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile(filepath.Join(root, "docs", "dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	modules := Modules(string(gomod))
	if len(modules) < 5 {
		t.Fatalf("go.mod requires %q; the search is broken", modules)
	}
	report(t, Dependencies(src, modules, string(doc)))
}

// TestFused type-checks the trees whose numbers are results.
func TestFused(t *testing.T) {
	if testing.Short() {
		t.Skip("type-checks four trees")
	}
	sources(t)
	var patterns []string
	for _, tree := range []string{"num", "kernel", "sim", "llm"} {
		if _, err := os.Stat(filepath.Join(root, "internal", tree)); err == nil {
			patterns = append(patterns, Module+"/internal/"+tree+"/...")
		}
	}
	pkgs, errs := TypeCheck(root, patterns...)
	for _, err := range errs {
		t.Error(err)
	}
	abs, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	rel := func(name string) string {
		if r, err := filepath.Rel(abs, name); err == nil {
			return filepath.ToSlash(r)
		}
		return name
	}
	for _, p := range pkgs {
		report(t, Fused(p.Fset, p.Files, p.Info, rel))
	}
}

// TestGofumpt asks the formatter itself, where it is installed.
func TestGofumpt(t *testing.T) {
	tool, err := exec.LookPath("gofumpt")
	if err != nil {
		home, _ := os.UserHomeDir()
		tool = filepath.Join(home, "go", "bin", "gofumpt")
		if _, err := os.Stat(tool); err != nil {
			t.Skip("gofumpt is not installed")
		}
	}
	var args []string
	for _, s := range sources(t) {
		args = append(args, filepath.Join(root, filepath.FromSlash(s.Path)))
	}
	out, err := exec.Command(tool, append([]string{"-l"}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name := range bytes.FieldsSeq(out) {
		t.Errorf("%s: not as gofumpt writes it", strings.TrimPrefix(string(name), root+"/"))
	}
}

// TestCommentDensity only reports; run with -v to read it.
func TestCommentDensity(t *testing.T) {
	for _, d := range CommentDensity(sources(t)) {
		t.Logf("%-12s %6d lines, %4.1f %% comments", d.Tree, d.Code+d.Comment, 100*float64(d.Comment)/float64(d.Code+d.Comment))
	}
}

// TestUnreached only reports; run with -v to read it.
func TestUnreached(t *testing.T) {
	for _, pkg := range Unreached(sources(t)) {
		t.Logf("no command reaches %s", pkg)
	}
}
