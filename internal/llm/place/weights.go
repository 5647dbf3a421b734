package place

import (
	"math"
	"slices"

	"wafer/internal/kernel"
	"wafer/internal/llm/graph"
)

// Block is what one core holds of one variable: the 16-bit words of its memory.
type Block struct {
	X, Y  int // core, counted from the rectangle's corner
	Name  string
	Words []uint16
}

// Weights reads matrices by role; graph.Checkpoint is one.
type Weights interface {
	Floats(r graph.Role, layer int) ([]float32, error)
}

// Blocks calls put for every block of weights of the plan, matrix by matrix, so
// that only one layer is in the host's memory at a time.
func (p Plan) Blocks(w Weights, put func(Block) error) error {
	c := p.cutter()
	for l := range p.Model.Layers {
		if err := c.layer(w, l, put); err != nil {
			return err
		}
	}
	return c.tables(w, put)
}

// cutter cuts matrices along the orders of a plan.
type cutter struct {
	Plan
	stream, query, key, ffn, words []int
}

func (p Plan) cutter() *cutter {
	return &cutter{Plan: p, stream: p.StreamOrder(), query: p.QueryOrder(), key: p.KeyOrder(), ffn: p.FFNOrder(), words: p.WordOrder()}
}

func (p *cutter) layer(w Weights, l int, put func(Block) error) error {
	t, err := readAll(w, l, LayerRoles(p.Model)...)
	if err != nil {
		return err
	}
	m, turn := p.Model, p.Turns(l)
	return p.each(l+1, func(c, y int) []Block {
		in := part(p.stream, y, p.In)
		q, kv, ffn := part(p.query, c, p.QHeads*p.HD), part(p.key, c, p.HD), part(p.ffn, c, p.FFN)
		out := []Block{
			{Name: "w_qkv", Words: cut(in, m.Dim, piece{t[graph.Q], q}, piece{t[graph.K], kv}, piece{t[graph.V], kv})},
			{Name: "w_o", Words: cut(q, m.QWidth(), piece{t[graph.O], in})},
			{Name: "w_up", Words: cut(in, m.Dim, piece{t[graph.Gate], ffn}, piece{t[graph.Up], ffn})},
			{Name: "w_down", Words: cut(ffn, m.FFN, piece{t[graph.Down], in})},
			{Name: "norm_1", Words: singles(p.norm(t[graph.AttnNorm], in))},
			{Name: "norm_2", Words: singles(p.norm(t[graph.FFNNorm], in))},
			{Name: "turn", Words: singles(turn[c%p.Group*p.HD:][:p.HD])},
		}
		add := func(name string, v []float32) { out = append(out, Block{Name: name, Words: singles(v)}) }
		if m.QKVBias {
			add("bias", slices.Concat(pick(t[graph.QBias], q), pick(t[graph.KBias], kv), pick(t[graph.VBias], kv)))
		}
		if m.QKNorm {
			slice := part(p.HeadOrder(), c%p.Group, p.HD)
			add("norm_q", p.norm(t[graph.QNorm], slice))
			add("norm_k", p.norm(t[graph.KNorm], slice))
		}
		if m.PostNorm {
			add("norm_post_1", p.norm(t[graph.PostAttnNorm], in))
			add("norm_post_2", p.norm(t[graph.PostFFNNorm], in))
		}
		return out
	}, put)
}

func (p *cutter) tables(w Weights, put func(Block) error) error {
	head := graph.Head
	if p.Model.TiedHead {
		head = graph.Embed
	}
	t, err := readAll(w, graph.Whole, graph.Embed, graph.OutNorm, head)
	if err != nil {
		return err
	}
	dim := p.Model.Dim
	err = p.each(0, func(c, y int) []Block {
		in, words := part(p.stream, y, p.In), part(p.words, c, p.Words)
		return []Block{{Name: "table", Words: rows(t[graph.Embed], dim, words, in)}}
	}, put)
	if err != nil {
		return err
	}
	return p.each(p.Regions()-1, func(c, y int) []Block {
		in, words := part(p.stream, y, p.In), part(p.words, c, p.Words)
		return []Block{
			{Name: "w_head", Words: cut(in, dim, piece{t[head], words})},
			{Name: "norm_out", Words: singles(p.norm(t[graph.OutNorm], in))},
		}
	}, put)
}

// LayerRoles lists the weights of a layer.
func LayerRoles(m graph.Model) []graph.Role {
	out := []graph.Role{graph.AttnNorm, graph.Q, graph.K, graph.V, graph.O, graph.FFNNorm, graph.Gate, graph.Up, graph.Down}
	if m.QKVBias {
		out = append(out, graph.QBias, graph.KBias, graph.VBias)
	}
	if m.QKNorm {
		out = append(out, graph.QNorm, graph.KNorm)
	}
	if m.PostNorm {
		out = append(out, graph.PostAttnNorm, graph.PostFFNNorm)
	}
	return out
}

func readAll(w Weights, layer int, roles ...graph.Role) (map[graph.Role][]float32, error) {
	out := map[graph.Role][]float32{}
	for _, r := range roles {
		v, err := w.Floats(r, layer)
		if err != nil {
			return nil, err
		}
		out[r] = v
	}
	return out, nil
}

// each visits the cores of a region.
func (p Plan) each(region int, make func(c, y int) []Block, put func(Block) error) error {
	for y := range p.Rows {
		for c := range p.Width(region) {
			for _, b := range make(c, y) {
				b.X, b.Y = p.Core(region, c, y)
				if err := put(b); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// part gives the places of core i, n each, in an order.
func part(order []int, i, n int) []int { return order[i*n : (i+1)*n] }

// piece is some rows of a matrix.
type piece struct {
	m    []float32
	rows []int
}

// cut gives the block whose row k is what input in[k] is multiplied with, for the
// rows of all pieces side by side. Matrices have cols columns.
func cut(in []int, cols int, pieces ...piece) []uint16 {
	width := 0
	for _, p := range pieces {
		width += len(p.rows)
	}
	out := make([]uint16, len(in)*width)
	at := 0
	for _, p := range pieces {
		for _, r := range p.rows {
			for k, i := range in {
				if r != None && i != None {
					out[k*width+at] = kernel.SingleToHalf(p.m[r*cols+i])
				}
			}
			at++
		}
	}
	return out
}

// rows gives the block whose rows are rows of the matrix, for a table.
func rows(m []float32, cols int, which, in []int) []uint16 {
	out := make([]uint16, len(which)*len(in))
	for w, r := range which {
		for k, i := range in {
			if r != None && i != None {
				out[w*len(in)+k] = kernel.SingleToHalf(m[r*cols+i])
			}
		}
	}
	return out
}

// Norm gives the weights of a norm as the cores use them, in an order.
func (p Plan) Norm(w []float32, order []int) []float32 { return p.norm(w, order) }

func (p Plan) norm(w []float32, order []int) []float32 {
	out := make([]float32, len(order))
	for k, i := range order {
		if i != None {
			out[k] = w[i] + p.Model.NormOffset
		}
	}
	return out
}

// Bias gives the numbers of a bias in an order.
func (p Plan) Bias(w []float32, order []int) []float32 { return pick(w, order) }

// pick gives values in an order, zero in empty places.
func pick(w []float32, order []int) []float32 {
	out := make([]float32, len(order))
	for k, i := range order {
		if i != None {
			out[k] = w[i]
		}
	}
	return out
}

// Turns gives cos and sin of the angle by which each pair of a head advances from
// one position to the next, slice by slice of the columns of a group.
func (p Plan) Turns(layer int) []float32 {
	freq := p.Model.LayerRope(layer).Frequencies()
	var out []float32
	for pair := range p.Group * p.HD / 2 {
		f := 0.0
		if pair < len(freq) {
			f = freq[pair]
		}
		out = append(out, float32(math.Cos(f)), float32(math.Sin(f)))
	}
	return out
}

// singles gives the words of binary32 numbers, low word first.
func singles(vs []float32) []uint16 {
	out := make([]uint16, 0, 2*len(vs))
	for _, v := range vs {
		b := math.Float32bits(v)
		out = append(out, uint16(b), uint16(b>>16))
	}
	return out
}
