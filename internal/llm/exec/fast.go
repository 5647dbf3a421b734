package exec

import (
	"context"
	"fmt"
	"math"
	"slices"

	"wafer/internal/kernel"
	"wafer/internal/llm/graph"
	"wafer/internal/llm/place"
)

// Fast computes what the cores of a placement compute, with the host's vector
// instructions: the same number formats and the same order of additions, so the
// logits are those of Exact bit by bit. How long a step takes on the wafer it
// takes from a Timing.
//
// Where an order is needed:
//
//   - A product sums the inputs of one core in order from zero, then the cores'
//     sums along the line in the order of place.FoldOrder. Inputs of products are
//     kept in that order.
//   - The squares of a norm, the weights of attention and the mixed values are
//     summed the same way, core by core.
//   - Everything else is one number at a time; every operation rounds.
type Fast struct {
	Plan   place.Plan
	Timing *Timing // nil: steps take no time

	layers []layer
	table  *matrix // embedding rows as columns; the head's matrix if they are tied
	head   *matrix
	out    []float32 // weights of the last norm
	team   *team
	pos    int
	factor float32 // scores become exponents of 2
	// squeeze is the factor on scores whose sigmoids are taken; 0 means that they stay.
	squeeze float32

	rowFold, colFold folding

	x, xn, qkv, mixed, rows, up, h, logits []float32
}

// layer is one layer's weights and cache.
type layer struct {
	norm1, norm2     []float32
	bias             []float32 // of qkv; nil: none, and so on
	normQ, normK     []float32 // of a head, slice by slice
	post1, post2     []float32 // norms of what is added to the stream
	window           int       // positions that are looked at; 0: all
	qkv, o, up, down *matrix
	turn, angle      []float32 // cos and sin of each pair of a head
	heads            []cache   // by key head
}

// cache holds the keys and values of one key head: keys as a matrix from the
// values of a head to positions, values as one from positions to a head.
type cache struct {
	order  []int    // of the slices of a head, as they are summed
	first  int      // slices in the first part of the sum
	keys   []uint16 // blocks of 64 positions, in each all values of a head
	values []uint16 // blocks of 64 values, in each rows of cores as they are summed, in each slots
}

// NewFast reads the weights of a plan.
func NewFast(p place.Plan, w place.Weights, workers int) (*Fast, error) {
	f := &Fast{Plan: p, team: newTeam(max(1, workers)), layers: make([]layer, p.Model.Layers), factor: scoreFactor(p.Model), squeeze: squeeze(p.Model), rowFold: newFolding(p.Rows), colFold: newFolding(p.Cols)}
	for l := range f.layers {
		if err := f.load(w, l); err != nil {
			return nil, err
		}
	}
	if err := f.loadTables(w); err != nil {
		return nil, err
	}
	stream, q := p.Rows*p.In, p.Cols*p.QHeads*p.HD
	f.x, f.xn, f.rows = make([]float32, stream), make([]float32, stream), make([]float32, whole(stream))
	f.qkv, f.mixed = make([]float32, f.layers[0].qkv.outs), make([]float32, q)
	f.up, f.h = make([]float32, f.layers[0].up.outs), make([]float32, f.layers[0].up.outs/2)
	f.logits = make([]float32, f.head.outs)
	return f, nil
}

// folding is the order in which a line of cores is summed, and its inverse.
type folding struct {
	order, place []int
	first        int // cores in the first part
}

func newFolding(n int) folding {
	f := folding{place: make([]int, n)}
	f.order, f.first = place.FoldOrder(n)
	for i, c := range f.order {
		f.place[c] = i
	}
	return f
}

// half is 1 for what is summed in the second part.
func (f *folding) half(i int) int {
	if i < f.first {
		return 0
	}
	return 1
}

// whole rounds up to whole blocks.
func whole(n int) int { return (n + lanes - 1) / lanes * lanes }

func (f *Fast) load(w place.Weights, l int) error {
	p, m, t := f.Plan, f.Plan.Model, map[graph.Role][]float32{}
	for _, r := range place.LayerRoles(m) {
		v, err := w.Floats(r, l)
		if err != nil {
			return err
		}
		t[r] = v
	}
	stream, ffn := place.Folded(p.StreamOrder(), p.In), place.Folded(p.FFNOrder(), p.FFN)
	query, key := p.QueryOrder(), p.KeyOrder()
	turn := p.Turns(l)
	f.layers[l] = layer{
		norm1: p.Norm(t[graph.AttnNorm], stream), norm2: p.Norm(t[graph.FFNNorm], stream),
		qkv:  pack(f.team, stream, p.Rows, m.Dim, piece{t[graph.Q], query}, piece{t[graph.K], key}, piece{t[graph.V], key}),
		o:    pack(f.team, place.Folded(query, p.QHeads*p.HD), p.Cols, m.QWidth(), piece{t[graph.O], stream}),
		up:   pack(f.team, stream, p.Rows, m.Dim, gated(t[graph.Gate], t[graph.Up], ffn)...),
		down: pack(f.team, ffn, p.Cols, m.FFN, piece{t[graph.Down], stream}),
		turn: turn, angle: make([]float32, len(turn)),
		heads: make([]cache, m.KVHeads), window: p.Window(l),
	}
	f.extras(&f.layers[l], t)
	for h := range f.layers[l].heads {
		f.layers[l].heads[h].order, f.layers[l].heads[h].first = p.GroupFold(h)
		f.layers[l].heads[h].values = make([]uint16, whole(p.Group*p.HD)*p.Rows*p.Slots)
	}
	return nil
}

// extras reads the vectors that only some families have.
func (f *Fast) extras(l *layer, t map[graph.Role][]float32) {
	p, m := f.Plan, f.Plan.Model
	stream, key := place.Folded(p.StreamOrder(), p.In), p.KeyOrder()
	if m.QKVBias {
		l.bias = slices.Concat(p.Bias(t[graph.QBias], p.QueryOrder()), p.Bias(t[graph.KBias], key), p.Bias(t[graph.VBias], key))
	}
	if m.QKNorm {
		l.normQ, l.normK = p.Norm(t[graph.QNorm], p.HeadOrder()), p.Norm(t[graph.KNorm], p.HeadOrder())
	}
	if m.PostNorm {
		l.post1, l.post2 = p.Norm(t[graph.PostAttnNorm], stream), p.Norm(t[graph.PostFFNNorm], stream)
	}
}

// gated puts a block of up beside each block of gate, so that one worker has both.
func gated(gate, up []float32, order []int) []piece {
	var out []piece
	for at := 0; at < len(order); at += lanes {
		part := make([]int, lanes)
		for i := range part {
			part[i] = place.None
		}
		copy(part, order[at:])
		out = append(out, piece{gate, part}, piece{up, part})
	}
	return out
}

func (f *Fast) loadTables(w place.Weights) error {
	p, m := f.Plan, f.Plan.Model
	norm, err := w.Floats(graph.OutNorm, graph.Whole)
	if err != nil {
		return err
	}
	stream := place.Folded(p.StreamOrder(), p.In)
	f.out = p.Norm(norm, stream)
	read := func(r graph.Role) (*matrix, error) {
		v, err := w.Floats(r, graph.Whole)
		if err != nil {
			return nil, err
		}
		return pack(f.team, stream, p.Rows, m.Dim, piece{v, p.WordOrder()}), nil
	}
	if f.table, err = read(graph.Embed); err != nil {
		return err
	}
	f.head = f.table
	if !m.TiedHead {
		f.head, err = read(graph.Head)
	}
	return err
}

// Close ends the engine's goroutines.
func (f *Fast) Close() error {
	f.team.stop()
	return nil
}

// Reset starts a new sequence.
func (f *Fast) Reset() { f.pos = 0 }

// Step feeds one token and gives the logits for the next. The logits are valid
// until the next step.
func (f *Fast) Step(ctx context.Context, token int) (Step, error) {
	if err := f.feed(ctx, token); err != nil {
		return Step{}, err
	}
	s, err := f.answer()
	if f.Timing != nil {
		s.Cycles, s.Phases = f.Timing.At(f.Plan.Rows, s.Pos)
	}
	return s, err
}

// Prompt feeds tokens and answers the last.
func (f *Fast) Prompt(ctx context.Context, tokens []int) (Step, error) {
	first := f.pos
	for _, t := range tokens {
		if err := f.feed(ctx, t); err != nil {
			return Step{}, err
		}
	}
	s, err := f.answer()
	if f.Timing != nil {
		s.Cycles = f.Timing.Prompt(f.Plan, first, len(tokens))
	}
	return s, err
}

// feed takes a token through the layers.
func (f *Fast) feed(ctx context.Context, token int) error {
	if err := ready(ctx, f.Plan, f.pos, token); err != nil {
		return err
	}
	f.table.column(token, f.x)
	if s := f.Plan.Model.EmbedScale; s != 1 {
		for i := range f.x {
			f.x[i] *= s
		}
	}
	for l := range f.layers {
		f.attention(&f.layers[l])
		f.feedForward(&f.layers[l])
	}
	f.pos++
	return nil
}

// answer gives the logits behind the token that was fed last.
func (f *Fast) answer() (Step, error) {
	f.norm(f.out)
	f.product(f.head, f.xn, f.logits)
	f.cap()
	s := Step{Logits: f.logits[:f.Plan.Model.Vocab], Pos: f.pos - 1}
	return s, finite(f.Plan.Model.Name, s.Pos, s.Logits)
}

// ready checks what a step needs.
func ready(ctx context.Context, p place.Plan, pos, token int) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case pos >= p.Context():
		return fmt.Errorf("the cache holds %d positions and is full", p.Context())
	case token < 0 || token >= p.Model.Vocab:
		return fmt.Errorf("token %d is outside the vocabulary of %d", token, p.Model.Vocab)
	}
	return nil
}

// product is out = matrix · v.
func (f *Fast) product(m *matrix, v, out []float32) {
	f.team.run(m.outs/lanes, func(lo, hi int) {
		for b := lo; b < hi; b++ {
			m.block(b, v, out)
		}
	})
}

// cap squeezes the logits of a model that does so: cap tanh(x / cap).
func (f *Fast) cap() {
	c := f.Plan.Model.LogitCap
	if c == 0 {
		return
	}
	in, out := 2/c, 2*c
	f.team.run(len(f.logits)/lanes, func(lo, hi int) {
		for i, v := range f.logits[lo*lanes : hi*lanes] {
			f.logits[lo*lanes+i] = float32(sigmoid(v*in)*out) - c
		}
	})
}

// rootMean is 1 / sqrt(mean(x^2) + eps) of a vector as the stream lies.
func (f *Fast) rootMean(x []float32) float32 {
	p := f.Plan
	var part [2]float32
	for i := range p.Rows {
		var own float32
		for _, v := range x[i*p.In : (i+1)*p.In] {
			own += float32(v * v)
		}
		part[f.rowFold.half(i)] += own
	}
	sum := part[0] + part[1]
	return invsqrt(float32(sum/float32(p.Model.Dim)) + p.Model.NormEps)
}

// norm sets xn to the normalised stream.
func (f *Fast) norm(weight []float32) {
	r := f.rootMean(f.x)
	for i, v := range f.x {
		f.xn[i] = float32(v*r) * weight[i]
	}
	kernel.RoundHalf(f.xn)
}

// add adds the product of m and v to the stream, normalised if there is a norm.
func (f *Fast) add(m *matrix, v, norm []float32) {
	f.product(m, v, f.rows)
	if norm != nil {
		r := f.rootMean(f.rows)
		for i, w := range norm {
			f.rows[i] = float32(f.rows[i]*r) * w
		}
	}
	for i := range f.x {
		f.x[i] += f.rows[i]
	}
}

func (f *Fast) feedForward(l *layer) {
	f.norm(l.norm2)
	act := silu
	if f.Plan.Model.Activation == graph.GELUTanh {
		act = gelu
	}
	f.team.run(l.up.outs/lanes/2, func(lo, hi int) {
		for b := lo; b < hi; b++ {
			l.up.block(2*b, f.xn, f.up)
			l.up.block(2*b+1, f.xn, f.up)
			activate(act, f.up[2*b*lanes:][:lanes], f.up[(2*b+1)*lanes:][:lanes], f.h[b*lanes:][:lanes])
		}
	})
	f.add(l.down, f.h, l.post2)
}

func activate(act func(float32) float32, gate, up, out []float32) {
	for i, g := range gate {
		out[i] = float32(act(g)) * up[i]
	}
	kernel.RoundHalf(out)
}

// advance turns the angles of a layer to the next position.
func (l *layer) advance(pos int) {
	for i := 0; i < len(l.angle); i += 2 {
		c, s, tc, ts := l.angle[i], l.angle[i+1], l.turn[i], l.turn[i+1]
		l.angle[i] = float32(c*tc) - float32(s*ts)
		l.angle[i+1] = float32(s*tc) + float32(c*ts)
		if pos == 0 {
			l.angle[i], l.angle[i+1] = 1, 0
		}
	}
}

// rotate turns the pairs of a slice by the angles of that slice.
func rotate(v, angle []float32) {
	for i := 0; i < len(v); i += 2 {
		a, b, c, s := v[i], v[i+1], angle[i], angle[i+1]
		v[i] = float32(a*c) - float32(b*s)
		v[i+1] = float32(a*s) + float32(b*c)
	}
}

func (f *Fast) attention(l *layer) {
	p := f.Plan
	f.norm(l.norm1)
	f.product(l.qkv, f.xn, f.qkv)
	for i, b := range l.bias {
		f.qkv[i] += b
	}
	l.advance(f.pos)
	f.team.run(len(l.heads), func(lo, hi int) {
		for h := lo; h < hi; h++ {
			f.attend(l, h)
		}
	})
	f.add(l.o, f.mixed[:p.Cols*p.QHeads*p.HD], l.post1)
}

var negInf = float32(math.Inf(-1))
