// Package gguf reads GGUF model files: typed metadata and quantised tensors.
//
// In: one file, or the first of a numbered set of split files, as an
// io.ReaderAt. Out: a File with its metadata and tensor table in memory;
// tensor data stays on disk until it is asked for, raw or as float32.
//
// Nothing in a file is believed before it is checked against the size of the
// file, so a truncated or hostile file ends in a diag.Diagnostic that names the
// byte where it stopped making sense, after bounded memory and time.
//
// Layout (version 2 and 3, little-endian): magic "GGUF", u32 version, u64
// tensor count, u64 key count; the keys, each a string, a u32 type and a value;
// the tensor table, each a string, u32 rank, u64 dimensions fastest first, u32
// type, u64 offset; padding to general.alignment; the data.
// Source: the format description in the ggml project, docs/gguf.md.
package gguf

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// File is an open model. It is immutable and safe for concurrent reads.
type File struct {
	Name    string // as given, for messages
	Version uint32
	Align   int64
	Tensors []Tensor // in file order, split parts one after the other

	keys   []string
	meta   map[string]Value
	byName map[string]int
	parts  []part
}

// Tensor is one entry of the tensor table.
type Tensor struct {
	Name string
	Type Type
	Dims []int // fastest-varying first: a matrix is {columns, rows}
	Size int64 // bytes of raw data

	part   int
	offset int64 // absolute within its part
}

// part is one file of a split set.
type part struct {
	name string
	r    io.ReaderAt
	size int64
	c    io.Closer
}

// Elements is the number of values in the tensor.
func (t Tensor) Elements() int {
	n := 1
	for _, d := range t.Dims {
		n *= d
	}
	return n
}

// Open reads a file from disk. For the first of a split set it opens the rest
// as well, by the naming rule NAME-00001-of-00003.gguf.
func Open(path string) (*File, error) {
	f, err := openPart(path)
	if err != nil {
		return nil, err
	}
	if err := f.openRest(path); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func openPart(path string) (*File, error) {
	h, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open model: %w", err)
	}
	st, err := h.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open model %q: %w", path, err), h.Close())
	}
	if !st.Mode().IsRegular() {
		return nil, errors.Join(notGGUF(path, "it is not a regular file"), h.Close())
	}
	f, err := Read(h, st.Size(), path)
	if err != nil {
		return nil, errors.Join(err, h.Close())
	}
	f.parts[0].c = h
	return f, nil
}

// Read reads the header of one file of the given size; name is for messages.
// A split set cannot be completed this way: see Open.
func Read(r io.ReaderAt, size int64, name string) (*File, error) {
	f := &File{Name: name, Align: defaultAlign, parts: []part{{name: name, r: r, size: size}}}
	if err := parse(f, newCursor(r, size, name)); err != nil {
		return nil, err
	}
	return f, nil
}

// Close closes what Open opened.
func (f *File) Close() error {
	var errs []error
	for _, p := range f.parts {
		if p.c != nil {
			errs = append(errs, p.c.Close())
		}
	}
	return errors.Join(errs...)
}

// Tensor finds a tensor by name.
func (f *File) Tensor(name string) (Tensor, bool) {
	i, ok := f.byName[name]
	if !ok {
		return Tensor{}, false
	}
	return f.Tensors[i], true
}

// Raw reads the bytes of a tensor as they are stored.
func (f *File) Raw(t Tensor) ([]byte, error) {
	b := make([]byte, t.Size)
	if err := f.readRaw(t, 0, b); err != nil {
		return nil, err
	}
	return b, nil
}

// RawRows reads rows [from, to) of a matrix, a row being Dims[0] values. It lets
// a large table, such as an embedding, be used without loading all of it.
func (f *File) RawRows(t Tensor, from, to int) ([]byte, error) {
	rows := t.Elements() / max(1, t.Dims[0])
	if from < 0 || to < from || to > rows {
		return nil, fmt.Errorf("read rows %d to %d of tensor %q: it has %d rows", from, to, t.Name, rows)
	}
	stride := t.Type.Bytes(t.Dims[0])
	b := make([]byte, int64(to-from)*stride)
	if err := f.readRaw(t, int64(from)*stride, b); err != nil {
		return nil, err
	}
	return b, nil
}

// Floats reads and dequantises a whole tensor.
func (f *File) Floats(t Tensor) ([]float32, error) {
	raw, err := f.Raw(t)
	if err != nil {
		return nil, err
	}
	out := make([]float32, t.Elements())
	if err := Dequantize(out, t.Type, raw); err != nil {
		return nil, fmt.Errorf("tensor %q: %w", t.Name, err)
	}
	return out, nil
}

func (f *File) readRaw(t Tensor, at int64, dst []byte) error {
	p := f.parts[t.part]
	if _, err := p.r.ReadAt(dst, t.offset+at); err != nil && !(errors.Is(err, io.EOF) && len(dst) == 0) {
		// The table was checked against the size at opening, so the file shrank.
		return fmt.Errorf("read tensor %q at byte %d of %q: %w", t.Name, t.offset+at, p.name, err)
	}
	return nil
}

// Parts lists the names of the files that the model consists of.
func (f *File) Parts() []string {
	var out []string
	for _, p := range f.parts {
		out = append(out, p.name)
	}
	return out
}

// String is a one-line summary for logs.
func (f *File) String() string {
	arch, _ := f.Str("general.architecture")
	return strings.TrimSpace(fmt.Sprintf("GGUF v%d %s, %d keys, %d tensors", f.Version, arch, len(f.keys), len(f.Tensors)))
}
