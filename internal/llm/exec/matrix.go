package exec

import (
	"wafer/internal/kernel"
	"wafer/internal/llm/place"
)

// lanes is the number of outputs that are computed side by side.
const lanes = kernel.BlockLanes

// matrix is a weight matrix as the fast engine streams it: blocks of 64 outputs,
// in each block all inputs one after the other, 64 weights each. Inputs come in
// groups, one a core of the line along which the wafer sums.
type matrix struct {
	w      []uint16
	outs   int // rounded up to whole blocks
	groups int
	k      int // inputs of a group
}

// piece is a source of a matrix: rows of m by their index, or place.None.
type piece struct {
	m    []float32
	rows []int
}

// pack builds a matrix. in lists the column of m that each input is multiplied
// with; cols is the width of all sources.
func pack(t *team, in []int, groups, cols int, rows ...piece) *matrix {
	var src []piece // one a row
	for _, p := range rows {
		for i := range p.rows {
			src = append(src, piece{p.m, p.rows[i : i+1]})
		}
	}
	blocks := (len(src) + lanes - 1) / lanes
	x := &matrix{w: make([]uint16, blocks*lanes*len(in)), outs: blocks * lanes, groups: groups, k: len(in) / groups}
	t.run(blocks, func(lo, hi int) {
		for o := lo * lanes; o < min(hi*lanes, len(src)); o++ {
			r := src[o].rows[0]
			if r == place.None {
				continue
			}
			x.put(o, in, src[o].m[r*cols:(r+1)*cols])
		}
	})
	return x
}

// put writes the weights of output o.
func (x *matrix) put(o int, in []int, row []float32) {
	at := o/lanes*lanes*len(in) + o%lanes
	for k, i := range in {
		if i != place.None {
			x.w[at+k*lanes] = kernel.SingleToHalf(row[i])
		}
	}
}

// block computes block b of the product with v into out, which it overwrites.
func (x *matrix) block(b int, v []float32, out []float32) {
	ins := x.groups * x.k
	sum := (*[lanes]float32)(out[b*lanes:])
	*sum = [lanes]float32{}
	first := min(x.groups/2+1, x.groups)
	fold(sum, x.w[b*ins*lanes:(b+1)*ins*lanes], v, first, kernel.Folded{Groups: x.groups, K: x.k, WStep: x.k * lanes, XStep: x.k})
}

// fold adds a product whose groups are summed in two parts, the first of them so
// long: as place.FoldOrder says.
func fold(sum *[lanes]float32, w []uint16, x []float32, first int, s kernel.Folded) {
	rest := s
	s.Groups, rest.Groups = first, s.Groups-first
	kernel.FoldBlock(sum, w, x, s)
	if rest.Groups == 0 {
		return
	}
	var other [lanes]float32
	kernel.FoldBlock(&other, w[first*s.WStep:], x[first*s.XStep:], rest)
	for i, v := range other {
		sum[i] += v
	}
}

// column gives the weights of output o, as numbers: a row of the embedding.
func (x *matrix) column(o int, out []float32) {
	at := o/lanes*lanes*x.groups*x.k + o%lanes
	for k := range out {
		out[k] = kernel.HalfToSingle(x.w[at+k*lanes])
	}
}
