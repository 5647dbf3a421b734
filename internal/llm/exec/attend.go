package exec

import "wafer/internal/kernel"

// normHead divides a head by the root of its mean square, whose squares are summed
// as its slices lie on the cores of a group, and multiplies it by a weight. slices
// says where slice g begins.
func (f *Fast) normHead(v []float32, slice func(g int) int, order []int, first int, weight []float32) {
	p := f.Plan
	var part [2]float32
	for at, g := range order {
		var own float32
		for _, x := range v[slice(g):][:p.HD] {
			own += float32(x * x)
		}
		if at < first {
			part[0] += own
		} else {
			part[1] += own
		}
	}
	r := inverseRoot(float32((part[0]+part[1])*(1/float32(p.Model.HeadDim))) + p.Model.NormEps)
	for g := range p.Group {
		s := v[slice(g):][:p.HD]
		for d, x := range s {
			s[d] = float32(x*r) * weight[g*p.HD+d]
		}
	}
}

// normHeads does so for a key head and the query heads that share it.
func (f *Fast) normHeads(l *layer, c *cache, q, k []float32) {
	p := f.Plan
	if l.normQ == nil {
		return
	}
	f.normHead(k, func(g int) int { return g * p.HD }, c.order, c.first, l.normK)
	for i := range p.QHeads {
		f.normHead(q, func(g int) int { return (g*p.QHeads + i) * p.HD }, c.order, c.first, l.normQ)
	}
}

// attend does the attention of one key head and the query heads that share it.
func (f *Fast) attend(l *layer, h int) {
	p := f.Plan
	hd := p.Group * p.HD // values of a head, with empty places
	qs := p.Cols * p.QHeads * p.HD
	q := f.qkv[h*p.Group*p.QHeads*p.HD:][:p.Group*p.QHeads*p.HD]
	k := f.qkv[qs+h*hd:][:hd]
	v := f.qkv[qs+p.Cols*p.HD+h*hd:][:hd]
	c := &l.heads[h]
	f.normHeads(l, c, q, k)
	rotate(k, l.angle)
	for g := range p.Group {
		for i := range p.QHeads {
			rotate(q[(g*p.QHeads+i)*p.HD:][:p.HD], l.angle[g*p.HD:][:p.HD])
		}
	}
	kernel.RoundHalf(q)
	c.remember(f, k, v)
	w := newWork(p.Rows*p.Slots, hd)
	for i := range p.QHeads {
		for at, g := range c.order {
			copy(w.query[at*p.HD:], q[(g*p.QHeads+i)*p.HD:][:p.HD])
		}
		r := c.mix(f, w, l.first(f.pos))
		for g := range p.Group {
			out := f.mixed[(f.colFold.place[h*p.Group+g]*p.QHeads+i)*p.HD:][:p.HD]
			for d := range out {
				out[d] = w.mix[g*p.HD+d] * r
			}
			kernel.RoundHalf(out)
		}
	}
}

// work is the scratch memory of one head. Weights lie as the values do: rows of
// cores in the order of their sum, in each slots.
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
	base := t/lanes*len(k)*lanes + t%lanes
	for at, g := range c.order {
		for d, x := range k[g*p.HD:][:p.HD] {
			c.keys[base+(at*p.HD+d)*lanes] = kernel.SingleToHalf(x)
		}
	}
	row := f.rowFold.place[t%p.Rows]
	for i, x := range v {
		at := (i/lanes*p.Rows+row)*p.Slots + t/p.Rows
		c.values[at*lanes+i%lanes] = kernel.SingleToHalf(x)
	}
}

// first is the first position that is looked at from pos.
func (l *layer) first(pos int) int {
	if l.window == 0 {
		return 0
	}
	return max(0, pos-l.window+1)
}

// mix sets w.mix to the values weighted for w.query and gives 1 / sum of weights.
// Positions from first on are looked at.
func (c *cache) mix(f *Fast, w *work, first int) float32 {
	p, n := f.Plan, f.pos+1
	c.score(f, w, first, n)
	if f.squeeze != 0 {
		for i, s := range w.scores[first:n] {
			w.scores[first+i] = sigmoid(s * f.squeeze)
		}
	}
	top := negInf
	for _, s := range w.scores[first:n] {
		if s > top {
			top = s
		}
	}
	var part [2]float32
	for i, y := range f.rowFold.order {
		var own float32
		slot := (first + p.Rows - 1 - y) / p.Rows // the first that this row of cores looks at
		from := i*p.Slots + slot
		at := from
		for t := slot*p.Rows + y; t < n; t += p.Rows {
			e := exp2((w.scores[t] - top) * f.factor)
			own += e
			w.weights[at] = e
			at++
		}
		part[f.rowFold.half(i)] += own
		kernel.RoundHalf(w.weights[from:at])
	}
	if first > 0 {
		c.weighFrom(f, w, first, n)
	} else {
		c.weigh(f, w, n)
	}
	return 1 / (part[0] + part[1])
}

// score computes q·k for the positions from first to n.
func (c *cache) score(f *Fast, w *work, first, n int) {
	p := f.Plan
	clear(w.scores)
	hd := len(w.query)
	for b := first / lanes; b < (n+lanes-1)/lanes; b++ {
		sum := (*[lanes]float32)(w.scores[b*lanes:])
		fold(sum, c.keys[b*hd*lanes:(b+1)*hd*lanes], w.query, c.first, kernel.Folded{Groups: p.Group, K: p.HD, WStep: p.HD * lanes, XStep: p.HD})
	}
}

// weigh sums the values of n positions by weight. Rows of cores below n % Rows
// hold one position more than the others: the first of the first part of the sum,
// the last of its second part. A row without any would add zero.
func (c *cache) weigh(f *Fast, w *work, n int) {
	p := f.Plan
	clear(w.mix)
	more, first := n%p.Rows, f.rowFold.first
	for b := range len(w.mix) / lanes {
		block := c.values[b*p.Rows*p.Slots*lanes:]
		rows := func(sum *[lanes]float32, from, to, k int) {
			if from < to && k > 0 {
				kernel.FoldBlock(sum, block[from*p.Slots*lanes:], w.weights[from*p.Slots:],
					kernel.Folded{Groups: to - from, K: k, WStep: p.Slots * lanes, XStep: p.Slots})
			}
		}
		sum := (*[lanes]float32)(w.mix[b*lanes:])
		cut := min(more, first)
		rows(sum, 0, cut, n/p.Rows+1)
		rows(sum, cut, first, n/p.Rows)
		var other [lanes]float32
		cut = p.Rows - max(0, more-first)
		rows(&other, first, cut, n/p.Rows)
		rows(&other, cut, p.Rows, n/p.Rows+1)
		for i, v := range other {
			sum[i] += v
		}
	}
}

// weighFrom is weigh for the positions from first on. It goes through the same
// slots of all rows of cores: those before first have weight zero.
func (c *cache) weighFrom(f *Fast, w *work, first, n int) {
	p := f.Plan
	clear(w.mix)
	slot := first / p.Rows
	shape := kernel.Folded{Groups: p.Rows, K: (n-1)/p.Rows - slot + 1, WStep: p.Slots * lanes, XStep: p.Slots}
	for b := range len(w.mix) / lanes {
		block := c.values[(b*p.Rows*p.Slots+slot)*lanes:]
		sum := (*[lanes]float32)(w.mix[b*lanes:])
		fold(sum, block, w.weights[slot:], f.rowFold.first, shape)
	}
}
