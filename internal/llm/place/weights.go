package place

import (
	"math"

	"wafer/internal/llm/graph"
	"wafer/internal/num"
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
	for l := range p.Model.Layers {
		if err := p.layerBlocks(w, l, put); err != nil {
			return err
		}
	}
	return p.tableBlocks(w, put)
}

func (p Plan) layerBlocks(w Weights, l int, put func(Block) error) error {
	t, err := readAll(w, l, graph.AttnNorm, graph.Q, graph.K, graph.V, graph.O,
		graph.FFNNorm, graph.Gate, graph.Up, graph.Down)
	if err != nil {
		return err
	}
	return p.each(p.Layer(l), func(c, y int) []Block {
		return []Block{
			{Name: "w_qkv", Words: p.qkv(t, c, y)},
			{Name: "w_o", Words: p.output(t, c, y)},
			{Name: "w_up", Words: p.up(t, c, y)},
			{Name: "w_down", Words: p.down(t, c, y)},
			{Name: "norm_1", Words: p.norm(t[graph.AttnNorm], y)},
			{Name: "norm_2", Words: p.norm(t[graph.FFNNorm], y)},
			{Name: "turn", Words: p.turn(c)},
		}
	}, put)
}

func (p Plan) tableBlocks(w Weights, put func(Block) error) error {
	head := graph.Head
	if p.Model.TiedHead {
		head = graph.Embed
	}
	t, err := readAll(w, graph.Whole, graph.Embed, graph.OutNorm, head)
	if err != nil {
		return err
	}
	err = p.each(0, func(c, y int) []Block {
		return []Block{{Name: "table", Words: p.table(t[graph.Embed], c, y)}}
	}, put)
	if err != nil {
		return err
	}
	return p.each(p.Head(), func(c, y int) []Block {
		return []Block{
			{Name: "w_head", Words: p.head(t[head], c, y)},
			{Name: "norm_out", Words: p.norm(t[graph.OutNorm], y)},
		}
	}, put)
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

// each visits the cores of the region that starts at column x0.
func (p Plan) each(x0 int, make func(c, y int) []Block, put func(Block) error) error {
	for y := range p.Rows {
		for c := range p.Cols {
			for _, b := range make(c, y) {
				b.X, b.Y = x0+c, y
				if err := put(b); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// headValue gives the index within a head of value d of slice s. A slice holds
// whole pairs, the two values of a pair side by side.
func (p Plan) headValue(s, d int) int {
	if p.Model.Rope.Layout == graph.Adjacent {
		return s*p.HD + d
	}
	pair := s*p.HD/2 + d/2
	return pair + d%2*p.Model.HeadDim/2
}

// queryRow gives the row of the query matrix that column c computes as its k-th,
// and so the input of the output matrix that it holds.
func (p Plan) queryRow(c, k int) int {
	head := c/p.Group*p.QHeads + k/p.HD
	return head*p.Model.HeadDim + p.headValue(c%p.Group, k%p.HD)
}

func (p Plan) keyRow(c, d int) int {
	return c/p.Group*p.Model.HeadDim + p.headValue(c%p.Group, d)
}

func (p Plan) qkv(t map[graph.Role][]float32, c, y int) []uint16 {
	q, dim := p.QHeads*p.HD, p.Model.Dim
	width := q + 2*p.HD
	out := make([]uint16, p.In*width)
	column := func(o int, m []float32, row int) {
		for k := range p.In {
			out[k*width+o] = half(m[row*dim+y*p.In+k])
		}
	}
	for o := range q {
		column(o, t[graph.Q], p.queryRow(c, o))
	}
	for d := range p.HD {
		column(q+d, t[graph.K], p.keyRow(c, d))
		column(q+p.HD+d, t[graph.V], p.keyRow(c, d))
	}
	return out
}

func (p Plan) output(t map[graph.Role][]float32, c, y int) []uint16 {
	q, width := p.QHeads*p.HD, p.Model.QWidth()
	out := make([]uint16, q*p.In)
	for k := range q {
		in := p.queryRow(c, k)
		for i := range p.In {
			out[k*p.In+i] = half(t[graph.O][(y*p.In+i)*width+in])
		}
	}
	return out
}

func (p Plan) up(t map[graph.Role][]float32, c, y int) []uint16 {
	out := make([]uint16, p.In*2*p.FFN)
	for k := range p.In {
		for o := range p.FFN {
			at := (c*p.FFN+o)*p.Model.Dim + y*p.In + k
			out[k*2*p.FFN+o] = half(t[graph.Gate][at])
			out[k*2*p.FFN+p.FFN+o] = half(t[graph.Up][at])
		}
	}
	return out
}

func (p Plan) down(t map[graph.Role][]float32, c, y int) []uint16 {
	out := make([]uint16, p.FFN*p.In)
	for k := range p.FFN {
		for i := range p.In {
			out[k*p.In+i] = half(t[graph.Down][(y*p.In+i)*p.Model.FFN+c*p.FFN+k])
		}
	}
	return out
}

func (p Plan) norm(w []float32, y int) []uint16 {
	var out []uint16
	for _, v := range w[y*p.In : (y+1)*p.In] {
		out = append(out, single(v+p.Model.NormOffset)...)
	}
	return out
}

// turn gives cos and sin of the angle by which each pair of a column's slice
// advances from one position to the next.
func (p Plan) turn(c int) []uint16 {
	freq := p.Model.Rope.Frequencies()
	var out []uint16
	for i := range p.HD / 2 {
		f := freq[c%p.Group*p.HD/2+i]
		out = append(out, single(float32(math.Cos(f)))...)
		out = append(out, single(float32(math.Sin(f)))...)
	}
	return out
}

func (p Plan) table(e []float32, c, y int) []uint16 {
	out := make([]uint16, p.Words*p.In)
	for w := range p.Words {
		token := c*p.Words + w
		if token >= p.Model.Vocab {
			break
		}
		for i := range p.In {
			out[w*p.In+i] = half(e[token*p.Model.Dim+y*p.In+i])
		}
	}
	return out
}

func (p Plan) head(h []float32, c, y int) []uint16 {
	out := make([]uint16, p.In*p.Words)
	for w := range p.Words {
		token := c*p.Words + w
		if token >= p.Model.Vocab {
			break
		}
		for k := range p.In {
			out[k*p.Words+w] = half(h[token*p.Model.Dim+y*p.In+k])
		}
	}
	return out
}

func half(v float32) uint16 { return num.F16.FromF32(v) }

// single gives the two words of an f32, low word first.
func single(v float32) []uint16 {
	b := math.Float32bits(v)
	return []uint16{uint16(b), uint16(b >> 16)}
}
