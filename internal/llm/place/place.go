// Package place lays a language model over a wafer: which cores hold which part
// of which matrix.
//
// In: a model description and a machine. Out: an immutable Plan, and for each
// core the slices of the weights that live in its memory. How a region divides a
// layer is written in kernels/csl/layer.csl; the two must agree.
package place

import (
	"fmt"

	"wafer/internal/diag"
	"wafer/internal/llm/graph"
)

// Codes of this package's diagnostics.
const (
	codeUnsupported diag.Code = "P1001" // the kernels lack a step of the model, or count too short for it
	codeShape       diag.Code = "P1002" // no region shape divides the model
)

// Plan is a placement: regions of one height follow each other, the embedding
// first, then the layers, then the head. They run from west to east until the band
// is full, then below from east to west, and so on.
type Plan struct {
	Model graph.Model
	Cols  int // columns of a layer
	Table int // columns of the embedding and of the head
	Rows  int // rows of every region
	Group int // columns that share a key head

	In     int // slice of the residual stream that a row holds
	QHeads int // query heads that a column works on
	HD     int // slice of each head that a column holds
	FFN    int // slice of the feed-forward block
	Words  int // tokens of the vocabulary that a column holds
	Slots  int // positions whose keys a core can hold
	Lot    int // tokens of a prompt that a layer works on at once, at most

	Limit int // columns of the longest band
	at    []origin
	w     int
}

// origin is where a region lies: at or, running west, before column start.
type origin struct {
	start, band int
	west        bool
}

// Regions counts the regions: embedding, layers, head.
func (p Plan) Regions() int { return p.Model.Layers + 2 }

// W and H are the size of the rectangle in cores.
func (p Plan) W() int { return p.w }

// H is the height.
func (p Plan) H() int { return p.Bands() * p.Rows }

// Bands counts the bands.
func (p Plan) Bands() int { return p.at[len(p.at)-1].band + 1 }

// Width is the number of columns of a region.
func (p Plan) Width(region int) int {
	if region == 0 || region == p.Regions()-1 {
		return p.Table
	}
	return p.Cols
}

// Centre is the core of a region at which its sums end.
func (p Plan) Centre(region int) (x, y int) {
	return p.Core(region, p.Width(region)/2, p.Rows/2)
}

// Cores counts the cores of the plan.
func (p Plan) Cores() int { return p.Rows * (2*p.Table + p.Model.Layers*p.Cols) }

// Core gives where a core of a region lies; c counts along its band, y from north.
func (p Plan) Core(region, c, y int) (xx, yy int) {
	o := p.at[region]
	if o.west {
		return o.start - 1 - c, o.band*p.Rows + y
	}
	return o.start + c, o.band*p.Rows + y
}

// Context is the number of positions that fit into the cache.
func (p Plan) Context() int { return min(p.Slots*p.Rows, maxContext) }

// Shape is what is free in a placement.
type Shape struct {
	Cols  int // columns of a layer
	Table int // columns of the embedding and of the head; 0: as many as a layer
	Rows  int
	Limit int // columns of the longest band; 0: all regions in one
	Lot   int // tokens of a prompt that a layer works on at once, at most; 0: one
}

// WithLayers is the same placement for a model with so many layers, in bands of
// another limit.
func (p Plan) WithLayers(layers, limit int) (Plan, error) {
	m := p.Model
	m.Layers = layers
	return New(m, Shape{Cols: p.Cols, Table: p.Table, Rows: p.Rows, Limit: limit, Lot: p.Lot}, p.Context())
}

// New places m on regions of a shape for at most context positions.
func New(m graph.Model, s Shape, context int) (Plan, error) {
	if err := supported(m, context); err != nil {
		return Plan{}, err
	}
	p := Plan{Model: m, Cols: s.Cols, Table: s.Table, Rows: s.Rows, Lot: max(1, s.Lot)}
	if p.Table == 0 {
		p.Table = p.Cols
	}
	why := p.divide(context)
	if why == "" {
		why = p.fold(s.Limit)
	}
	if why != "" {
		return Plan{}, diag.Diagnostic{
			Code: codeShape, Pos: diag.Pos{File: m.Name},
			Message: fmt.Sprintf("regions of %d × %d cores do not divide the model: %s", p.Cols, p.Rows, why),
			Cure:    "let the placement choose the region",
		}
	}
	return p, nil
}

// divide fills in the slices; the result says what is impossible. What does not
// divide is filled up with empty places.
func (p *Plan) divide(context int) string {
	m := p.Model
	switch {
	case p.Cols < 1 || p.Table < 1 || p.Rows < 1 || context < 1:
		return "sizes must be positive"
	case p.Rows > m.Dim:
		return fmt.Sprintf("the stream of %d values does not fill %d rows", m.Dim, p.Rows)
	case p.Cols%m.KVHeads != 0:
		return fmt.Sprintf("%d columns are no multiple of %d key heads", p.Cols, m.KVHeads)
	}
	p.Group = p.Cols / m.KVHeads
	if p.Group > m.HeadDim/2 {
		return fmt.Sprintf("a head of %d pairs does not fill %d columns", m.HeadDim/2, p.Group)
	}
	p.In = ceil(m.Dim, p.Rows)
	p.QHeads = m.Heads / m.KVHeads
	p.HD = 2 * ceil(m.HeadDim/2, p.Group)
	p.FFN = ceil(m.FFN, p.Cols)
	p.Words = ceil(m.Vocab, p.Table)
	p.Slots = ceil(context, p.Rows)
	return ""
}

// fold lays the regions into bands. layout.csl does the same.
func (p *Plan) fold(limit int) string {
	if limit == 0 {
		limit = 2*p.Table + p.Model.Layers*p.Cols
	}
	p.Limit, p.at, p.w = limit, make([]origin, 0, p.Regions()), 0
	var o origin
	for r := range p.Regions() {
		n := p.Width(r)
		after, room := o.start+n, limit-o.start-n
		if o.west {
			after, room = o.start-n, o.start-n
		}
		if room < 0 {
			return fmt.Sprintf("a region of %d columns does not fit a band of %d", n, limit)
		}
		p.at, p.w = append(p.at, o), max(p.w, o.start, after)
		o.start = after
		if r < p.Regions()-1 && p.Width(r+1) > room {
			if min(n, p.Width(r+1)) < p.Rows {
				return fmt.Sprintf("a band of %d columns must turn, and a turn takes as many columns as the %d rows", limit, p.Rows)
			}
			o.west = !o.west
			o.band++
		}
	}
	return ""
}

func ceil(a, b int) int { return (a + b - 1) / b }
