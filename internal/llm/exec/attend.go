package exec

import (
	"wafer/internal/kernel"
)

// attend does the attention of one key head and the query heads that share it.
func (f *Fast) attend(l *layer, h int) {
	p := f.Plan
	hd := p.Group * p.HD // values of a head, with empty places
	qs := p.Cols * p.QHeads * p.HD
	q := f.qkv[h*p.Group*p.QHeads*p.HD:][:p.Group*p.QHeads*p.HD]
	k := f.qkv[qs+h*hd:][:hd]
	v := f.qkv[qs+p.Cols*p.HD+h*hd:][:hd]
	rotate(k, l.angle)
	for g := range p.Group {
		for i := range p.QHeads {
			rotate(q[(g*p.QHeads+i)*p.HD:][:p.HD], l.angle[g*p.HD:][:p.HD])
		}
	}
	kernel.RoundHalf(q)
	c := &l.heads[h]
	c.remember(f, k, v)
	w := newWork(p.Rows*p.Slots, hd)
	for i := range p.QHeads {
		for g := range p.Group {
			copy(w.query[g*p.HD:], q[(g*p.QHeads+i)*p.HD:][:p.HD])
		}
		r := c.mix(f, w)
		for g := range p.Group {
			out := f.mixed[(h*p.Group*p.QHeads+g*p.QHeads+i)*p.HD:][:p.HD]
			for d := range out {
				out[d] = w.mix[g*p.HD+d] * r
			}
			kernel.RoundHalf(out)
		}
	}
}

// work is the scratch memory of one head.
type work struct {
	query, mix, scores, weights []float32
}

func newWork(positions, hd int) *work {
	return &work{make([]float32, hd), make([]float32, whole(hd)), make([]float32, whole(positions)), make([]float32, positions)}
}

// remember stores the key and value of the current position.
func (c *cache) remember(f *Fast, k, v []float32) {
	p, t := f.Plan, f.pos
	if need := (t/lanes + 1) * len(k) * lanes; len(c.keys) < need {
		c.keys = append(c.keys, make([]uint16, need-len(c.keys))...)
	}
	for i, x := range k {
		c.keys[(t/lanes*len(k)+i)*lanes+t%lanes] = kernel.SingleToHalf(x)
	}
	for i, x := range v {
		at := (i/lanes*p.Rows+t%p.Rows)*p.Slots + t/p.Rows
		c.values[at*lanes+i%lanes] = kernel.SingleToHalf(x)
	}
}

// mix sets w.mix to the values weighted for w.query and gives 1 / sum of weights.
func (c *cache) mix(f *Fast, w *work) float32 {
	p, n := f.Plan, f.pos+1
	c.score(f, w, n)
	top := negInf
	for _, s := range w.scores[:n] {
		if s > top {
			top = s
		}
	}
	// Row by row of cores, as the weights are summed.
	var sum float32
	for y := range min(p.Rows, n) {
		var own float32
		at := y * p.Slots
		for t := y; t < n; t += p.Rows {
			e := exp2((w.scores[t] - top) * f.factor)
			own += e
			w.weights[at] = e
			at++
		}
		sum += own
		kernel.RoundHalf(w.weights[y*p.Slots : at])
	}
	c.weigh(f, w, n)
	return 1 / sum
}

// score computes q·k for n positions.
func (c *cache) score(f *Fast, w *work, n int) {
	p := f.Plan
	clear(w.scores)
	hd := len(w.query)
	for b := range (n + lanes - 1) / lanes {
		sum := (*[lanes]float32)(w.scores[b*lanes:])
		kernel.FoldBlock(sum, c.keys[b*hd*lanes:(b+1)*hd*lanes], w.query, kernel.Folded{Groups: p.Group, K: p.HD, WStep: p.HD * lanes, XStep: p.HD})
	}
}

// weigh sums the values of n positions by weight. The first rows of cores hold
// one position more than the others. A row without any would add zero.
func (c *cache) weigh(f *Fast, w *work, n int) {
	p := f.Plan
	clear(w.mix)
	more := n % p.Rows
	for b := range len(w.mix) / lanes {
		sum := (*[lanes]float32)(w.mix[b*lanes:])
		block := c.values[b*p.Rows*p.Slots*lanes:]
		s := kernel.Folded{Groups: more, K: n/p.Rows + 1, WStep: p.Slots * lanes, XStep: p.Slots}
		kernel.FoldBlock(sum, block, w.weights, s)
		s.Groups, s.K = p.Rows-more, n/p.Rows
		kernel.FoldBlock(sum, block[more*p.Slots*lanes:], w.weights[more*p.Slots:], s)
	}
}
