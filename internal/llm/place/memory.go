package place

import (
	"wafer/internal/llm/graph"
	"wafer/internal/machine"
)

// Memory of a core in 16-bit words, counted as the kernels declare it. A test
// compares with what the compiler lays out.

// overhead is what a program takes beside the arrays that grow with the model:
// the runtime, code and stack.
const (
	layerOverhead = 3560
	lotOverhead   = 1580 // the code again, for a size of lots
	tableOverhead = 2380
	embedOverhead = 2240
)

// capPart is the number of logits that are capped at a time.
const capPart = 64

// chunk is the number of positions that the kernels weigh at a time.
const chunk = 8

// LayerWords is what a core of a layer needs.
func (p Plan) LayerWords() int {
	q := p.QHeads * p.HD
	qkv := q + 2*p.HD
	weights := p.In*qkv + q*p.In + 3*p.In*p.FFN
	most := ceil(p.Slots, chunk) * chunk
	values := most
	if p.Windowed() {
		values = p.Slots + chunk - 1 // the chunks begin anywhere
	}
	cache := p.HD*p.Slots + 2*values*p.HD
	scores := p.QHeads * p.Slots
	attention := 3*scores + 2*most*p.QHeads + 2*chunk*q
	vectors := 3 * max(scores, p.FFN)
	// norms, stream, its 16-bit form, sums along rows, two norms' scratch; sums
	// along columns; rotation; 16-bit inputs; the activation.
	state := 13*p.In + 2*max(qkv, 2*p.FFN) + 4*(q+p.HD) + 4*p.HD + 3*q + 2*p.HD + 5*p.FFN
	return weights + cache + attention + vectors + state + p.extras() + layerOverhead + p.lotWords()
}

// lotWords is what lots of several tokens take: the vectors of each further one, and
// the code.
func (p Plan) lotWords() int {
	if p.Lot == 1 {
		return 0
	}
	q, m := p.QHeads*p.HD, p.Model
	scores := p.QHeads * ceil(p.Slots, chunk) * chunk
	attention := 3*scores + 2*chunk*q + 4*p.QHeads
	vectors := 3 * max(p.QHeads*p.Slots, p.FFN)
	token := attention + vectors + 7*p.In + 2*max(q+2*p.HD, 2*p.FFN) + 6*p.HD + 7*q + 5*p.FFN
	code := lotOverhead
	if m.QKNorm {
		token += 6 * (p.QHeads + 1)
		code += 170
	}
	if m.AttnCap != 0 {
		token += 2 * p.QHeads * p.Slots
	}
	if m.PostNorm {
		code += 300
	}
	if m.AttnCap != 0 || m.Activation == graph.GELUTanh {
		code += 50
	}
	if p.Windowed() {
		code += 90
	}
	if p.Lot > 2 {
		code *= 2
	}
	return (p.Lot-1)*token + code
}

// extras are the vectors and the code of steps that not all families have.
func (p Plan) extras() int {
	m, n := p.Model, 0
	if m.QKVBias {
		n += 2*p.HD*(p.QHeads+2) + 20
	}
	if m.QKNorm {
		n += 4*p.HD + 6*(p.QHeads+1) + 400
	}
	if m.PostNorm {
		n += 4*p.In + 200
	}
	if m.AttnCap != 0 {
		n += 160
	}
	if m.Activation == graph.GELUTanh {
		n += 50
	}
	if p.Windowed() {
		n += 120
	}
	return n
}

// TableWords is what a core of the embedding or of the head needs, whichever is
// more.
func (p Plan) TableWords() int {
	head := 2*p.Words + 9*p.In + tableOverhead
	if p.Model.LogitCap != 0 {
		head += 5*capPart + 500
	}
	embed := 2*p.In + PromptRoom + embedOverhead
	if p.LongTokens() {
		embed += PromptRoom
	}
	return p.Words*p.In + max(head, embed)
}

// Fits reports whether every core has room and the rectangle fits the wafer.
func (p Plan) Fits(m *machine.Machine) bool {
	return p.LayerWords() <= m.Core.SRAMWords && p.TableWords() <= m.Core.SRAMWords && p.W() <= m.RectW && p.H() <= m.RectH
}
