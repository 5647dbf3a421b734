package shape

import (
	"math"
	"math/rand/v2"
	"testing"

	"wafer/internal/host"
	"wafer/internal/llm/graph"
	"wafer/internal/machine"
	"wafer/internal/num"
	"wafer/internal/sim"
)

// block is a layer with random weights; turns are shared.
type block struct {
	q, k, v, o, g, u, d [][]float64 // input by output
	norm1, norm2        []float64
	bq, bk, bv          []float64
	keys, values        [][]float64
}

// tiny is a model of a few layers, and what a plain forward pass in float64 makes of
// it. Vectors of heads are in the order of the columns.
type tiny struct {
	r      Region
	blocks []*block
	turns  []float64 // angle of a pair
	dim    int
	hd     int
}

func newTiny(t *testing.T, f Form, kv int, half bool) *tiny {
	t.Helper()
	m := graph.Model{Name: "tiny", Dim: 16, FFN: 32, Heads: 2 * kv, KVHeads: kv, HeadDim: 8, NormEps: 1e-5, Vocab: 8, QKVBias: f.Layers > 1}
	r, why := NewRegion(m, f, 12)
	if why != "" {
		t.Fatal(why)
	}
	r.HalfSums = half
	rng := rand.New(rand.NewPCG(1, 2))
	matrix := func(in, out int) [][]float64 {
		w := make([][]float64, in)
		for i := range w {
			w[i] = vector(rng, out, 0.5)
		}
		return w
	}
	x := &tiny{r: r, dim: m.Dim, hd: m.HeadDim}
	qw, kw := m.QWidth(), m.KVWidth()
	for range f.Layers {
		b := &block{
			q: matrix(16, qw), k: matrix(16, kw), v: matrix(16, kw), o: matrix(qw, 16),
			g: matrix(16, 32), u: matrix(16, 32), d: matrix(32, 16),
			norm1: vector(rng, 16, 1), norm2: vector(rng, 16, 1),
			bq: make([]float64, qw), bk: make([]float64, kw), bv: make([]float64, kw),
		}
		if m.QKVBias {
			b.bq, b.bk, b.bv = vector(rng, qw, 0.5), vector(rng, kw, 0.5), vector(rng, kw, 0.5)
		}
		x.blocks = append(x.blocks, b)
	}
	for p := range 4 {
		x.turns = append(x.turns, math.Pow(100, -float64(p)/4))
	}
	return x
}

// vector gives random numbers that 16-bit floats hold.
func vector(rng *rand.Rand, n int, size float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = num.F16.ToF64(num.F16.FromF64(size * rng.NormFloat64()))
	}
	return out
}

func mul(x []float64, w [][]float64) []float64 {
	out := make([]float64, len(w[0]))
	for i, row := range w {
		for j, v := range row {
			out[j] += float64(x[i] * v)
		}
	}
	return out
}

func norm(x, w []float64) []float64 {
	s := 0.0
	for _, v := range x {
		s += float64(v * v)
	}
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = v * w[i] / math.Sqrt(s/float64(len(x))+1e-5)
	}
	return out
}

func (m *tiny) rotate(x []float64, pos int) {
	for i := 0; i < len(x); i += 2 {
		s, c := math.Sincos(float64(pos) * m.turns[i%m.hd/2])
		x[i], x[i+1] = float64(x[i]*c)-float64(x[i+1]*s), float64(x[i]*s)+float64(x[i+1]*c)
	}
}

// step is the reference.
func (m *tiny) step(x []float64, pos int) []float64 {
	for _, b := range m.blocks {
		x = m.layer(b, x, pos)
	}
	return x
}

func plus(a, b []float64) []float64 {
	out := append([]float64(nil), a...)
	for i, v := range b {
		out[i] += v
	}
	return out
}

func (m *tiny) layer(b *block, x []float64, pos int) []float64 {
	n := norm(x, b.norm1)
	q, k := plus(mul(n, b.q), b.bq), plus(mul(n, b.k), b.bk)
	m.rotate(q, pos)
	m.rotate(k, pos)
	b.keys, b.values = append(b.keys, k), append(b.values, plus(mul(n, b.v), b.bv))
	mix := make([]float64, len(q))
	for h := range len(q) / m.hd {
		at := h / 2 * m.hd
		w, sum := make([]float64, len(b.keys)), 0.0
		for t := range w {
			for d := range m.hd {
				w[t] += float64(q[h*m.hd+d] * b.keys[t][at+d])
			}
			w[t] = math.Exp(w[t] / math.Sqrt(float64(m.hd)))
			sum += w[t]
		}
		for t := range w {
			for d := range m.hd {
				mix[h*m.hd+d] += float64(w[t] / sum * b.values[t][at+d])
			}
		}
	}
	x = plus(x, mul(mix, b.o))
	n = norm(x, b.norm2)
	g, u := mul(n, b.g), mul(n, b.u)
	for i := range g {
		g[i] = g[i] / (1 + math.Exp(-g[i])) * u[i]
	}
	return plus(x, mul(g, b.d))
}

// queryAt gives the index of value d of query head i of column c, keyAt that of a key
// or value.
func (m *tiny) queryAt(c, i, d int) int {
	g := m.r.Cols / m.r.Heads
	return (c/g*m.r.QHeads+i)*m.hd + c%g*m.r.HD + d
}

func (m *tiny) keyAt(c, d int) int {
	g := m.r.Cols / m.r.Heads
	return c/g*m.hd + c%g*m.r.HD + d
}

func half(v float64) uint16 { return num.F16.FromF64(v) }

// qkvRow puts a row of three matrices into the order of a column: the first of each
// pair of all query heads and the key, the second of each, the value.
func (m *tiny) qkvRow(c int, scale float64, q, k, v []float64) []uint16 {
	r := m.r
	factor := scale * math.Log2E / math.Sqrt(float64(m.hd))
	var out []uint16
	for s := range 2 {
		for i := range r.QHeads {
			for p := range r.HD / 2 {
				out = append(out, half(factor*q[m.queryAt(c, i, 2*p+s)]))
			}
		}
		for p := range r.HD / 2 {
			out = append(out, half(scale*k[m.keyAt(c, 2*p+s)]))
		}
	}
	for d := range r.HD {
		out = append(out, half(scale*v[m.keyAt(c, d)]))
	}
	return out
}

// blocksOf gives the blocks of weights of core c, y in one layer.
func (m *tiny) blocksOf(b *block, c, y int) map[string][]uint16 {
	r, out := m.r, map[string][]uint16{}
	add := func(name string, w ...uint16) { out[name] = append(out[name], w...) }
	add("bias", m.qkvRow(c, 1, b.bq, b.bk, b.bv)...)
	for i := range r.In {
		row := y*r.In + i
		add("w_qkv", m.qkvRow(c, b.norm1[row], b.q[row], b.k[row], b.v[row])...)
		for _, w := range [][][]float64{b.g, b.u} {
			for f := range r.FFN {
				add("w_up", half(b.norm2[row]*w[row][c*r.FFN+f]))
			}
		}
	}
	for d := range r.HD {
		for k := range r.QHeads {
			for i := range r.In {
				add("w_o", half(b.o[m.queryAt(c, k, d)][y*r.In+i]))
			}
		}
	}
	for f := range r.FFN {
		for i := range r.In {
			add("w_down", half(b.d[c*r.FFN+f][y*r.In+i]))
		}
	}
	return out
}

func (m *tiny) load(t *testing.T, h *host.Host) {
	t.Helper()
	r := m.r
	for y := range r.Rows {
		for c := range r.Cols {
			all := map[string][]uint16{}
			for _, b := range m.blocks {
				for name, w := range m.blocksOf(b, c, y) {
					all[name] = append(all[name], w...)
				}
			}
			if !r.Model.QKVBias {
				delete(all, "bias")
			}
			var turn []float64
			for p := range r.HD / 2 {
				s, cs := math.Sincos(m.turns[c%(r.Cols/r.Heads)*r.HD/2+p])
				turn = append(turn, cs, s)
			}
			all["turn"] = words(turn)
			for name, w := range all {
				if err := h.WriteSymbol(c+1, y, name, w); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func words(x []float64) []uint16 {
	var out []uint16
	for _, v := range x {
		b := math.Float32bits(float32(v))
		out = append(out, uint16(b), uint16(b>>16))
	}
	return out
}

// TestValues compares steps with the reference: heads of one group of columns, heads
// of two, and one head on all columns; a layer, and two that also have biases; both
// generations, whose queues differ.
func TestValues(t *testing.T) {
	for _, c := range []struct {
		form Form
		kv   int
	}{
		{Form{Cols: 8, Rows: 8, ColGroup: 2, RowGroup: 3, Layers: 1}, 4},
		{Form{Cols: 16, Rows: 8, ColGroup: 2, RowGroup: 3, Layers: 2}, 4},
		{Form{Cols: 4, Rows: 8, ColGroup: 2, RowGroup: 3, Layers: 1}, 1},
	} {
		for _, half := range []bool{false, true} {
			for _, arch := range []machine.Arch{machine.WSE3, machine.WSE2} {
				compareValues(t, newTiny(t, c.form, c.kv, half), machine.Default(arch))
			}
		}
	}
}

func compareValues(t *testing.T, m *tiny, mach *machine.Machine) {
	t.Helper()
	im, err := m.r.Compile(t.Context(), mach.Arch)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sim.New(im, mach, sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := host.New(im, s, host.Options{})
	h.Run()
	m.load(t, h)
	rng := rand.New(rand.NewPCG(3, 4))
	var wrong, size float64
	defer func() {
		t.Logf("%s %v half %v: root mean square error %.2f %% of the values'", mach.Name, m.r.Form, m.r.HalfSums, 100*math.Sqrt(wrong/size))
	}()
	for pos := range 12 {
		x := vector(rng, m.dim, 1)
		got := m.simulate(t, h, x, pos)
		want := m.step(x, pos)
		worst, most := 0.0, 0.0
		for i, v := range want {
			worst, most = max(worst, math.Abs(got[i]-v)), max(most, math.Abs(v))
			wrong, size = wrong+float64((got[i]-v)*(got[i]-v)), size+float64(v*v)
		}
		t.Logf("%v half %v position %d: off by %.4f of %.1f", m.r.Form, m.r.HalfSums, pos, worst, most)
		if !(worst <= 0.01*most) { // 16-bit floats between the operations
			t.Errorf("%v half %v position %d: got %.3f, want %.3f", m.r.Form, m.r.HalfSums, pos, got, want)
		}
	}
}

func (m *tiny) simulate(t *testing.T, h *host.Host, x []float64, pos int) []float64 {
	t.Helper()
	for y := range m.r.Rows {
		if err := h.WriteSymbol(0, y, "x", words(x[y*m.r.In:][:m.r.In])); err != nil {
			t.Fatal(err)
		}
	}
	task, err := h.Launch("step", []host.Arg{{Type: "u16"}, {Type: "u16", Int: int64(pos)}})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Wait(t.Context(), task); err != nil {
		t.Fatal(err)
	}
	var out []float64
	for y := range m.r.Rows {
		w, err := h.ReadSymbol(m.r.Cols+1, y, "x")
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(w); i += 2 {
			out = append(out, float64(math.Float32frombits(uint32(w[i])|uint32(w[i+1])<<16)))
		}
	}
	return out
}

// TestLayersAlike checks what timing rests on: the second layer of a region takes
// what the first does.
func TestLayersAlike(t *testing.T) {
	m := newTiny(t, Form{Cols: 16, Rows: 16, ColGroup: 2, RowGroup: 4, Layers: 2}, 4, false)
	mach := machine.Default(machine.WSE3)
	var inner [2]int64
	for i := range inner {
		m.r.Run = i + 1
		im, err := m.r.Compile(t.Context(), mach.Arch)
		if err != nil {
			t.Fatal(err)
		}
		s, err := m.r.Measure(t.Context(), im, mach, 11, sim.Options{})
		if err != nil {
			t.Fatal(err)
		}
		inner[i] = s.Inner()
	}
	if d := inner[1] - inner[0]; d < -inner[0]/50 || d > inner[0]/50 {
		t.Errorf("the first layer takes %d cycles, the second %d", inner[0], inner[1])
	}
	t.Log(inner)
}

// TestLongSums checks that sums of more words than the fabric between two cores holds
// come through.
func TestLongSums(t *testing.T) {
	m := graph.Model{Name: "wide", Dim: 16, FFN: 8 * 300, Heads: 8, KVHeads: 4, HeadDim: 8, NormEps: 1e-5, Vocab: 8 * 700}
	for _, rows := range []int{8, 12} {
		r, why := NewRegion(m, Form{Cols: 8, Rows: rows, ColGroup: 2, RowGroup: 3, Layers: 1}, 12)
		if why != "" {
			t.Fatal(why)
		}
		for _, r := range []Region{r, r.table(EmbedRegion, 1), r.table(HeadRegion, 1)} {
			for _, r.HalfSums = range []bool{false, true} {
				im, err := r.Compile(t.Context(), machine.WSE3)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := r.Measure(t.Context(), im, machine.Default(machine.WSE3), 11, sim.Options{}); err != nil {
					t.Errorf("%d rows, kind %d, half %v: %.200s", rows, r.Kind, r.HalfSums, err)
				}
			}
		}
	}
}
