package tidy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// Checked is a type-checked package of the module.
type Checked struct {
	Path  string
	Fset  *token.FileSet
	Files []*ast.File
	Info  *types.Info
}

// listed is what the go command says of a package.
type listed struct {
	ImportPath string
	Dir        string
	Export     string // file with the compiled package's types
	GoFiles    []string
	DepOnly    bool
	Error      *struct{ Err string }
}

// TypeCheck loads the packages that the patterns name. Their dependencies come
// from the build cache as export data, so only they themselves are parsed.
// The std library does it all; golang.org/x/tools/go/packages would do the same
// with more dependencies. A package that does not compile is an error of its
// own; the others are checked all the same.
func TypeCheck(root string, patterns ...string) ([]Checked, []error) {
	args := append([]string{"list", "-e", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,DepOnly,Error"}, patterns...)
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, []error{fmt.Errorf("go list: %w: %s", err, stderr.Bytes())}
	}
	exports := map[string]string{}
	var todo []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, []error{fmt.Errorf("go list: %w", err)}
		}
		exports[p.ImportPath] = p.Export
		if !p.DepOnly {
			todo = append(todo, p)
		}
	}
	fset := token.NewFileSet()
	imp := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	var checked []Checked
	var errs []error
	for _, p := range todo {
		if p.Error != nil {
			errs = append(errs, fmt.Errorf("%s does not load: %s", p.ImportPath, p.Error.Err))
		} else if c, err := p.check(fset, imp); err != nil {
			errs = append(errs, err)
		} else {
			checked = append(checked, c)
		}
	}
	return checked, errs
}

func (p listed) check(fset *token.FileSet, imp types.Importer) (Checked, error) {
	c := Checked{Path: p.ImportPath, Fset: fset, Info: &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{},
		Defs:  map[*ast.Ident]types.Object{},
		Uses:  map[*ast.Ident]types.Object{},
	}}
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return c, fmt.Errorf("parse %s: %w", name, err)
		}
		c.Files = append(c.Files, f)
	}
	conf := types.Config{Importer: imp, Sizes: types.SizesFor("gc", "amd64")}
	if _, err := conf.Check(p.ImportPath, fset, c.Files, c.Info); err != nil {
		return c, fmt.Errorf("type-check %s: %w", p.ImportPath, err)
	}
	return c, nil
}
