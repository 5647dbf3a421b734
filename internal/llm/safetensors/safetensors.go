// Package safetensors reads model weights in the safetensors format, one file or
// a directory of shards with an index.
//
// In: files. Out: a Set of named tensors with shape and type, read as float32
// when asked for.
//
// Layout of a file: u64 length of the header, little-endian; the header, a JSON
// object from tensor name to {dtype, shape, data_offsets}; the data, without
// gaps. Source: the README of the safetensors project, "Format".
package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"wafer/internal/diag"
	"wafer/internal/llm/gguf"
)

// The mistakes a safetensors file can hold.
const (
	codeHeader diag.Code = "M1301" // no safetensors file, or a broken header
	codeTensor diag.Code = "M1302" // a tensor that contradicts itself or the file
	codeIndex  diag.Code = "M1303" // shards missing or contradicting the index
)

// The limits; the first is the format's own.
const (
	maxHeader   = 100 << 20
	maxIndex    = 64 << 20
	maxTensors  = 1 << 18
	maxDims     = 8
	maxElements = 1 << 40
)

// Tensor is one entry of a header.
type Tensor struct {
	Name  string
	Dtype string
	Shape []int // slowest first: a matrix is {rows, columns}

	file   int
	offset int64
	size   int64
}

// Elements is the number of values.
func (t Tensor) Elements() int {
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	return n
}

// Set is one or more open files.
type Set struct {
	Names []string // sorted

	tensors map[string]Tensor
	files   []shard
}

type shard struct {
	name string
	r    io.ReaderAt
	c    io.Closer
}

func mistake(file string, code diag.Code, format string, args ...any) diag.Diagnostic {
	return diag.Diagnostic{Code: code, Pos: diag.Pos{File: file}, Message: fmt.Sprintf(format, args...), Cure: "download the file again and compare its sha256 with the published one"}
}

// Open reads one .safetensors file, or a directory with model.safetensors or
// model.safetensors.index.json.
func Open(path string) (*Set, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open weights: %w", err)
	}
	names := []string{path}
	if st.IsDir() {
		if names, err = shards(path); err != nil {
			return nil, err
		}
	}
	s := &Set{tensors: map[string]Tensor{}}
	for _, n := range names {
		if err := s.open(n); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// shards lists the files of a directory, from the index if there is one.
func shards(dir string) ([]string, error) {
	index := filepath.Join(dir, "model.safetensors.index.json")
	h, err := os.Open(index)
	if errors.Is(err, os.ErrNotExist) {
		return []string{filepath.Join(dir, "model.safetensors")}, nil
	} else if err != nil {
		return nil, fmt.Errorf("open weights: %w", err)
	}
	defer h.Close()
	var x struct {
		Map map[string]string `json:"weight_map"`
	}
	if err := json.NewDecoder(io.LimitReader(h, maxIndex)).Decode(&x); err != nil || len(x.Map) == 0 {
		return nil, mistake(index, codeIndex, "the index has no readable weight_map: %v", err)
	}
	var out []string
	for _, f := range x.Map {
		// A path in the index must not lead out of the directory.
		if f != filepath.Base(f) || f == ".." {
			return nil, mistake(index, codeIndex, "the index names %q, which is not a file of this directory", f)
		}
		if p := filepath.Join(dir, f); !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return out, nil
}

func (s *Set) open(path string) error {
	h, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return mistake(path, codeIndex, "the file of weights is missing")
	} else if err != nil {
		return fmt.Errorf("open weights: %w", err)
	}
	st, err := h.Stat()
	if err != nil {
		return errors.Join(fmt.Errorf("open weights %q: %w", path, err), h.Close())
	}
	if err := s.add(path, h, st.Size(), h); err != nil {
		return errors.Join(err, h.Close())
	}
	return nil
}

// Read reads one file that is not on disk; name is for messages.
func Read(r io.ReaderAt, size int64, name string) (*Set, error) {
	s := &Set{tensors: map[string]Tensor{}}
	if err := s.add(name, r, size, nil); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Set) add(name string, r io.ReaderAt, size int64, c io.Closer) error {
	list, err := header(name, r, size)
	if err != nil {
		return err
	}
	for _, t := range list {
		if _, dup := s.tensors[t.Name]; dup {
			return mistake(name, codeIndex, "tensor %q is in two files", t.Name)
		}
		t.file = len(s.files)
		s.tensors[t.Name] = t
		s.Names = append(s.Names, t.Name)
	}
	slices.Sort(s.Names)
	s.files = append(s.files, shard{name, r, c})
	return nil
}

// header reads and checks the table of one file.
func header(name string, r io.ReaderAt, size int64) ([]Tensor, error) {
	var lead [8]byte
	if n, err := r.ReadAt(lead[:], 0); n < 8 {
		return nil, mistake(name, codeHeader, "the file has %d bytes, too few for a header (%v)", size, err)
	}
	n := binary.LittleEndian.Uint64(lead[:])
	if n > maxHeader || int64(n) > size-8 {
		return nil, mistake(name, codeHeader, "at byte 0: the header length is %d, but the file has %d bytes and the limit is %d", n, size, maxHeader)
	}
	raw := make([]byte, n)
	if _, err := r.ReadAt(raw, 8); err != nil && !(errors.Is(err, io.EOF) && int64(n)+8 == size) {
		return nil, fmt.Errorf("read the header of %q: %w", name, err)
	}
	var entries map[string]json.RawMessage
	if err := json.Unmarshal(raw, &entries); err != nil {
		return nil, mistake(name, codeHeader, "at byte 8: the header is not a JSON object: %v", err)
	}
	delete(entries, "__metadata__")
	if len(entries) > maxTensors {
		return nil, mistake(name, codeHeader, "%d tensors are more than the limit of %d", len(entries), maxTensors)
	}
	var list []Tensor
	for key, e := range entries {
		t, err := entry(name, key, e, size-8-int64(n))
		if err != nil {
			return nil, err
		}
		t.offset += 8 + int64(n)
		list = append(list, t)
	}
	// Sorted by place and name, so that messages do not depend on map order.
	slices.SortFunc(list, func(a, b Tensor) int {
		if a.offset != b.offset {
			return int(max(-1, min(1, a.offset-b.offset)))
		}
		return bytes.Compare([]byte(a.Name), []byte(b.Name))
	})
	for i := 1; i < len(list); i++ {
		if p := list[i-1]; p.offset+p.size > list[i].offset && list[i].size > 0 {
			return nil, mistake(name, codeTensor, "tensors %q and %q share bytes from byte %d on", p.Name, list[i].Name, list[i].offset)
		}
	}
	return list, nil
}

func entry(file, key string, raw json.RawMessage, data int64) (Tensor, error) {
	var e struct {
		Dtype   string   `json:"dtype"`
		Shape   []int64  `json:"shape"`
		Offsets [2]int64 `json:"data_offsets"`
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		return Tensor{}, mistake(file, codeTensor, "tensor %q has an entry that cannot be read: %v", key, err)
	}
	t := Tensor{Name: key, Dtype: e.Dtype, offset: e.Offsets[0], size: e.Offsets[1] - e.Offsets[0]}
	if len(e.Shape) > maxDims {
		return Tensor{}, mistake(file, codeTensor, "tensor %q has %d dimensions, more than the limit of %d", key, len(e.Shape), maxDims)
	}
	total := int64(1)
	for _, d := range e.Shape {
		if d < 0 || (d > 0 && total > maxElements/d) {
			return Tensor{}, mistake(file, codeTensor, "tensor %q has the impossible shape %v", key, e.Shape)
		}
		total *= d
		t.Shape = append(t.Shape, int(d))
	}
	switch w := width(e.Dtype); {
	case e.Offsets[0] < 0 || t.size < 0 || e.Offsets[1] > data:
		return Tensor{}, mistake(file, codeTensor, "tensor %q lies at data bytes %d to %d and the file has %d bytes of data", key, e.Offsets[0], e.Offsets[1], data)
	case w > 0 && total*w != t.size:
		return Tensor{}, mistake(file, codeTensor, "tensor %q of type %s and shape %v takes %d bytes, and its entry gives it %d", key, e.Dtype, e.Shape, total*w, t.size)
	}
	return t, nil
}

// width is the bytes of a value of a type that is read, else 0.
func width(dtype string) int64 {
	t, ok := plain(dtype)
	if !ok {
		return 0
	}
	return t.Bytes(1)
}

// plain maps a type name to the same format in GGUF, which decodes it.
func plain(dtype string) (gguf.Type, bool) {
	switch dtype {
	case "F64":
		return gguf.F64, true
	case "F32":
		return gguf.F32, true
	case "F16":
		return gguf.F16, true
	case "BF16":
		return gguf.BF16, true
	case "I8":
		return gguf.I8, true
	case "I16":
		return gguf.I16, true
	case "I32":
		return gguf.I32, true
	case "I64":
		return gguf.I64, true
	}
	return 0, false
}

// Tensor finds a tensor by name.
func (s *Set) Tensor(name string) (Tensor, bool) { t, ok := s.tensors[name]; return t, ok }

// Floats reads a whole tensor.
func (s *Set) Floats(t Tensor) ([]float32, error) {
	f := s.files[t.file]
	typ, ok := plain(t.Dtype)
	if !ok {
		return nil, mistake(f.name, codeTensor, "tensor %q has type %s, and F64, F32, F16, BF16 and I8 to I64 are read", t.Name, t.Dtype)
	}
	raw := make([]byte, t.size)
	if _, err := f.r.ReadAt(raw, t.offset); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read tensor %q of %q: %w", t.Name, f.name, err)
	}
	out := make([]float32, t.Elements())
	return out, gguf.Dequantize(out, typ, raw)
}

// Close closes what Open opened.
func (s *Set) Close() error {
	var errs []error
	for _, f := range s.files {
		if f.c != nil {
			errs = append(errs, f.c.Close())
		}
	}
	return errors.Join(errs...)
}
