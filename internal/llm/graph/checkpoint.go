package graph

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"wafer/internal/llm/gguf"
)

// Checkpoint is a model with weights. Exactly one of its sources is set.
type Checkpoint struct {
	Model Model
	GGUF  *gguf.File
	Path  string

	source source
}

// source is a file format: tensors by their own names.
type source interface {
	// shape gives rows and columns; a vector has one row.
	shape(name string) (rows, cols int, format string, ok bool)
	floats(name string) ([]float32, error)
	name(m Model, r Role, layer int) string
	Close() error
}

// Open reads a model from a .gguf file, a .safetensors file or a directory with
// config.json, and checks that every tensor is there and has its shape.
func Open(path string) (*Checkpoint, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, mistake(path, codeFile, "check the path, or fetch a known model with wafer model pull NAME", "there is no such file or directory")
	}
	if st.IsDir() || strings.HasSuffix(path, ".safetensors") || strings.HasSuffix(path, ".json") {
		return openHF(path, st.IsDir())
	}
	f, err := gguf.Open(path)
	if err != nil {
		return nil, err
	}
	m, err := FromGGUF(f)
	if err != nil {
		f.Close()
		return nil, err
	}
	if m.Name == "" {
		m.Name = strings.TrimSuffix(filepath.Base(path), ".gguf")
	}
	return finish(&Checkpoint{Model: m, GGUF: f, Path: path, source: ggufSource{f}})
}

// FromFile is Open for a GGUF file that is already open, as the embedded model is.
func FromFile(f *gguf.File) (*Checkpoint, error) {
	m, err := FromGGUF(f)
	if err != nil {
		return nil, err
	}
	return finish(&Checkpoint{Model: m, GGUF: f, Path: f.Name, source: ggufSource{f}})
}

func finish(c *Checkpoint) (*Checkpoint, error) {
	if err := c.check(); err != nil {
		c.source.Close()
		return nil, err
	}
	return c, nil
}

// check compares the tensors that the model needs with those of the file.
func (c *Checkpoint) check() error {
	var missing []string
	for _, t := range c.Model.Tensors() {
		name := c.source.name(c.Model, t.Role, t.Layer)
		rows, cols, _, ok := c.source.shape(name)
		switch {
		case !ok:
			missing = append(missing, name)
		case rows != t.Rows || cols != t.Cols:
			return mistake(c.Path, codeTensor, "convert the model again with a current converter", "tensor %q (%s) is %d × %d and the description of the model asks for %d × %d", name, t.Role, rows, cols, t.Rows, t.Cols)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	const most = 4
	return mistake(c.Path, codeTensor, "download the file again; a split model needs all its parts", "%d tensors are missing: %s", len(missing), strings.Join(missing[:min(most, len(missing))], ", "))
}

// Floats reads one weight as float32, rows one after the other.
func (c *Checkpoint) Floats(r Role, layer int) ([]float32, error) {
	v, err := c.source.floats(c.source.name(c.Model, r, layer))
	if err != nil {
		return nil, fmt.Errorf("read %s of layer %d: %w", r, layer, err)
	}
	return v, nil
}

// Format names the storage format of a weight, e.g. "Q4_K".
func (c *Checkpoint) Format(r Role, layer int) string {
	_, _, f, _ := c.source.shape(c.source.name(c.Model, r, layer))
	return f
}

// Formats counts the weights stored in each format, most first.
func (c *Checkpoint) Formats() []FormatCount {
	var out []FormatCount
	for _, t := range c.Model.Tensors() {
		f := c.Format(t.Role, t.Layer)
		i := slices.IndexFunc(out, func(x FormatCount) bool { return x.Format == f })
		if i < 0 {
			out = append(out, FormatCount{Format: f})
			i = len(out) - 1
		}
		out[i].Weights += int64(t.Rows) * int64(t.Cols)
	}
	slices.SortStableFunc(out, func(a, b FormatCount) int { return int(b.Weights - a.Weights) })
	return out
}

// FormatCount is how many weights of a model are stored in a format.
type FormatCount struct {
	Format  string `json:"format"`
	Weights int64  `json:"weights"`
}

// Close closes the files.
func (c *Checkpoint) Close() error { return c.source.Close() }

type ggufSource struct{ f *gguf.File }

func (s ggufSource) shape(name string) (rows, cols int, format string, ok bool) {
	t, ok := s.f.Tensor(name)
	if !ok {
		return 0, 0, "", false
	}
	return t.Elements() / t.Dims[0], t.Dims[0], t.Type.String(), true
}

func (s ggufSource) floats(name string) ([]float32, error) {
	t, _ := s.f.Tensor(name)
	return s.f.Floats(t)
}

func (s ggufSource) name(_ Model, r Role, layer int) string { return GGUFName(r, layer) }
func (s ggufSource) Close() error                           { return s.f.Close() }
