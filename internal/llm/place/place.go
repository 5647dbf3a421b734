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
	codeUnsupported diag.Code = "P1001" // the kernels lack a step of the model
	codeShape       diag.Code = "P1002" // no region shape divides the model
)

// Plan is a placement: regions of one size follow each other from west to east,
// the embedding first, then the layers, then the head.
type Plan struct {
	Model graph.Model
	Cols  int // columns of a region
	Rows  int // rows of a region
	Group int // columns that share a key head

	In     int // slice of the residual stream that a row holds
	QHeads int // query heads that a column works on
	HD     int // slice of each head that a column holds
	FFN    int // slice of the feed-forward block
	Words  int // tokens of the vocabulary that a column holds
	Slots  int // positions whose keys a core can hold
}

// Regions counts the regions: embedding, layers, head.
func (p Plan) Regions() int { return p.Model.Layers + 2 }

// W is the width of the rectangle in cores; its height is Rows.
func (p Plan) W() int { return p.Regions() * p.Cols }

// Context is the number of positions that fit into the cache.
func (p Plan) Context() int { return p.Slots * p.Rows }

// Head gives the first column of the head's region.
func (p Plan) Head() int { return (p.Regions() - 1) * p.Cols }

// Layer gives the first column of a layer's region.
func (p Plan) Layer(l int) int { return (l + 1) * p.Cols }

// New places m on regions of cols × rows cores for at most context positions.
func New(m graph.Model, cols, rows, context int) (Plan, error) {
	if what := unsupported(m); what != "" {
		return Plan{}, diag.Diagnostic{
			Code: codeUnsupported, Pos: diag.Pos{File: m.Name},
			Message: fmt.Sprintf("the wafer kernels have no %s, which this model needs", what),
			Cure:    "choose a Llama-style model",
		}
	}
	p := Plan{Model: m, Cols: cols, Rows: rows}
	if why := p.divide(context); why != "" {
		return Plan{}, diag.Diagnostic{
			Code: codeShape, Pos: diag.Pos{File: m.Name},
			Message: fmt.Sprintf("regions of %d × %d cores do not divide the model: %s", cols, rows, why),
			Cure:    "let the placement choose the region",
		}
	}
	return p, nil
}

// unsupported names the first step of m that the kernels lack.
func unsupported(m graph.Model) string {
	switch {
	case m.QKVBias:
		return "bias on queries, keys and values"
	case m.QKNorm:
		return "norm on queries and keys"
	case m.PostNorm:
		return "norm after a block"
	case m.Activation != graph.SiLU:
		return "GELU"
	case m.AttnCap != 0 || m.LogitCap != 0:
		return "soft cap"
	case m.Window != 0:
		return "sliding window"
	case m.Rope.Dim != m.HeadDim:
		return "partial rotation"
	}
	return ""
}

// divide fills in the slices; the result says what does not divide.
func (p *Plan) divide(context int) string {
	m := p.Model
	switch {
	case p.Cols < 1 || p.Rows < 1 || context < 1:
		return "sizes must be positive"
	case m.Dim%p.Rows != 0:
		return fmt.Sprintf("the width %d is no multiple of %d rows", m.Dim, p.Rows)
	case p.Cols%m.KVHeads != 0:
		return fmt.Sprintf("%d columns are no multiple of %d key heads", p.Cols, m.KVHeads)
	case m.FFN%p.Cols != 0:
		return fmt.Sprintf("the feed-forward width %d is no multiple of %d columns", m.FFN, p.Cols)
	}
	p.Group = p.Cols / m.KVHeads
	if m.HeadDim%(2*p.Group) != 0 {
		return fmt.Sprintf("heads of %d values do not split into pairs over %d columns", m.HeadDim, p.Group)
	}
	p.In = m.Dim / p.Rows
	p.QHeads = m.Heads / m.KVHeads
	p.HD = m.HeadDim / p.Group
	p.FFN = m.FFN / p.Cols
	p.Words = (m.Vocab + p.Cols - 1) / p.Cols
	p.Slots = (context + p.Rows - 1) / p.Rows
	return ""
}
