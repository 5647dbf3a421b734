// Package shape finds out how fast a model would run whose weights nobody has: it
// needs the published sizes only.
//
// In: a model's shape, a machine and a context. Out: the region that a layer gets,
// the cycles of one layer simulated core by core, and what a token takes in all.
// The kernels (csl/) are those of large regions; weights are zero, which changes
// no time.
package shape

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"math"
	"path"
	"strconv"

	"wafer/internal/csl"
	"wafer/internal/diag"
	"wafer/internal/host"
	"wafer/internal/image"
	"wafer/internal/llm/graph"
	"wafer/internal/llm/kernels"
	"wafer/internal/machine"
	"wafer/internal/sim"
)

//go:embed csl/*.csl
var files embed.FS

// Kind is what a region is for.
type Kind int

// The kinds of regions, numbered as csl/layout.csl does.
const (
	LayerRegion Kind = iota
	EmbedRegion
	HeadRegion
)

// Form is what is free in a region.
type Form struct {
	Cols     int
	Rows     int
	ColGroup int // columns that sum core by core
	RowGroup int // rows that do
	Layers   int // that the region holds, one after the other
}

// Region is how one layer, or the embedding or the head, is divided.
type Region struct {
	Form
	Model graph.Model
	Kind  Kind
	Heads int // key heads that stand side by side

	In     int // slice of the stream that a row holds
	QHeads int // query heads that a column works on
	HD     int // slice of each head
	FFN    int // slice of the feed-forward block
	Slots  int // positions whose keys a core can hold
	Words  int // tokens of a column of the embedding or the head

	// Run is how many of its layers a step goes through. Layers are alike, so one is
	// enough to time them all.
	Run int

	// HalfSums adds the products within a core in 16-bit floats. Sums over cores
	// are f32 in any case.
	HalfSums bool
}

// NewRegion divides layers over cols × rows cores; why says what is impossible.
func NewRegion(m graph.Model, f Form, positions int) (r Region, why string) {
	r = Region{Model: m, Form: f, Heads: m.KVHeads, Words: 1, Run: f.Layers}
	heads := f.Cols / max(1, m.KVHeads) // columns of one
	switch {
	case f.Cols%m.KVHeads != 0:
		return r, "the columns are no multiple of the key heads"
	case heads > m.HeadDim/2:
		return r, "a head has fewer pairs than columns"
	case m.KVHeads > 1 && heads%f.ColGroup != 0:
		return r, "the columns of a head are no multiple of a group's"
	case !groups(f.Cols, f.ColGroup):
		return r, "the columns do not make groups of two or more"
	case !groups(f.Rows, f.RowGroup):
		return r, "the rows do not make groups of two or more"
	case f.Layers < 1:
		return r, "a region holds no layer"
	}
	r.In = ceil(m.Dim, f.Rows)
	r.QHeads = m.Heads / m.KVHeads
	r.HD = 2 * ceil(m.HeadDim/2, heads)
	r.FFN = ceil(m.FFN, f.Cols)
	r.Slots = ceil(positions, r.KeyRows())
	return r, ""
}

// groups reports whether n cores make at least two groups of g, all of two or more.
func groups(n, g int) bool { return g >= 2 && n > g && n%g != 1 }

// table gives the region of the embedding or the head, as wide as n regions of layers.
func (r Region) table(k Kind, n int) Region {
	r.Kind, r.Cols, r.Words, r.Heads, r.Layers, r.Run = k, n*r.Cols, ceil(r.Model.Vocab, n*r.Cols), 1, 1, 1
	for !groups(r.Cols, r.ColGroup) {
		r.ColGroup++
	}
	return r
}

// KeyRows counts the rows that hold keys: where a row has several heads, the last row
// of each group has no queue left to be sent scores on.
func (r Region) KeyRows() int {
	if r.Heads == 1 {
		return r.Rows
	}
	return r.Rows - ceil(r.Rows, r.RowGroup)
}

func ceil(a, b int) int { return (a + b - 1) / b }

// centre is the column at which sums of a row end.
func (r Region) centre() int {
	if r.Heads > 1 {
		return r.Heads / 2 * (r.Cols / r.Heads)
	}
	return ceil(r.Cols, r.ColGroup) / 2 * r.ColGroup
}

// middle is the row at which sums of a column end.
func (r Region) middle() int { return ceil(r.Rows, r.RowGroup) / 2 * r.RowGroup }

func (r Region) params() []csl.Param {
	m := r.Model
	num := func(name string, v int) csl.Param { return csl.Param{Name: name, Value: strconv.Itoa(v)} }
	real := func(name string, v float64) csl.Param {
		return csl.Param{Name: name, Value: strconv.FormatFloat(v, 'e', -1, 32)}
	}
	return []csl.Param{
		num("cols", r.Cols), num("rows", r.Rows), num("col_group", r.ColGroup), num("row_group", r.RowGroup),
		num("heads", r.Heads), num("layers", r.Layers), num("run", r.Run), num("key_rows", r.KeyRows()),
		num("dim", m.Dim), num("in", r.In), num("q_heads", r.QHeads), num("hd", r.HD), num("ffn", r.FFN), num("slots", r.Slots),
		num("kind", int(r.Kind)), num("words", r.Words),
		real("eps", float64(m.NormEps)),
		{Name: "qkv_bias", Value: strconv.FormatBool(m.QKVBias)},
		{Name: "half_sums", Value: strconv.FormatBool(r.HalfSums)},
	}
}

// read finds a source among ours, else among the kernels of small regions.
func read(name string) ([]byte, error) {
	name = "csl/" + path.Base(name)
	if text, err := fs.ReadFile(files, name); err == nil {
		return text, nil
	}
	return fs.ReadFile(kernels.FS, name)
}

// Compile compiles the region between its source and its sink.
func (r Region) Compile(ctx context.Context, arch machine.Arch) (*image.Image, error) {
	im, ds := csl.Build(ctx, csl.Options{File: "csl/layout.csl", ReadFile: read, Arch: arch, Memcpy: true, Params: r.params()})
	if im != nil {
		return im, nil
	}
	for _, d := range ds.Sorted() {
		if d.Severity == diag.Error {
			return nil, d
		}
	}
	return nil, fmt.Errorf("the kernels of a region did not compile")
}

// Step is what one step of a region took.
type Step struct {
	Cycles int64   // from the first word of the stream sent to the last received
	Marks  []int64 // of a layer: of a layer, the last of its region: ends of the phases (csl/clock.csl) in the core where all sums meet
}

// Measure simulates one step at a position, every core of the region.
func (r Region) Measure(ctx context.Context, im *image.Image, m *machine.Machine, pos int, opt sim.Options) (Step, error) {
	s, err := sim.New(im, m, opt)
	if err != nil {
		return Step{}, err
	}
	h := host.New(im, s, host.Options{})
	h.Run()
	task, err := h.Launch("step", []host.Arg{{Type: "u16"}, {Type: "u16", Int: int64(pos)}})
	if err != nil {
		return Step{}, err
	}
	if err := h.Wait(ctx, task); err != nil {
		return Step{}, err
	}
	return r.times(h)
}

// times reads the clocks, which all count from the same cycle: of the column that
// sends, or of the cores of an embedding, and of the column that receives, or of
// the middle row of a head.
func (r Region) times(h *host.Host) (Step, error) {
	var first, last int64 = math.MaxInt64, 0
	see := func(x, y, mark int, end bool) error {
		t, err := stamps(h, x, y)
		if err != nil {
			return err
		}
		if end {
			last = max(last, t[mark])
		} else {
			first = min(first, t[mark])
		}
		return nil
	}
	for y := range r.Rows {
		x := 0
		if r.Kind == EmbedRegion {
			x = 1
		}
		if err := see(x, y, 0, false); err != nil {
			return Step{}, err
		}
		if r.Kind != HeadRegion {
			if err := see(r.Cols+1, y, 0, true); err != nil {
				return Step{}, err
			}
		}
	}
	if r.Kind == HeadRegion {
		for x := range r.Cols {
			if err := see(x+1, r.middle(), 1, true); err != nil {
				return Step{}, err
			}
		}
	}
	marks, err := stamps(h, 1+r.centre(), r.middle())
	for i, v := range marks {
		if v != 0 {
			marks[i] = v - first
		}
	}
	return Step{Cycles: last - first, Marks: marks}, err
}

func stamps(h *host.Host, x, y int) ([]int64, error) {
	w, err := h.ReadSymbol(x, y, "marks")
	out := make([]int64, len(w)/3)
	for i := range out {
		out[i] = int64(w[3*i]) | int64(w[3*i+1])<<16 | int64(w[3*i+2])<<32
	}
	return out, err
}
