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

// tiny is a layer with random weights, and what a plain forward pass in float64
// makes of them. Vectors of heads are in the order of the columns.
type tiny struct {
	r                    Region
	q, k, v, o, g, u, d  [][]float64 // input by output
	norm1, norm2         []float64
	turns                []float64 // angle of a pair
	keys, values         [][]float64
	dim, qw, kw, hd, ffn int
}

func newTiny(t *testing.T) *tiny {
	t.Helper()
	m := graph.Model{Name: "tiny", Dim: 16, FFN: 24, Heads: 8, KVHeads: 4, HeadDim: 8, NormEps: 1e-5, Vocab: 8}
	r, why := NewRegion(m, 8, 8, 3, 12)
	if why != "" {
		t.Fatal(why)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	matrix := func(in, out int) [][]float64 {
		w := make([][]float64, in)
		for i := range w {
			w[i] = vector(rng, out, 0.5)
		}
		return w
	}
	x := &tiny{r: r, dim: 16, qw: 64, kw: 32, hd: 8, ffn: 24}
	x.q, x.k, x.v, x.o = matrix(16, 64), matrix(16, 32), matrix(16, 32), matrix(64, 16)
	x.g, x.u, x.d = matrix(16, 24), matrix(16, 24), matrix(24, 16)
	x.norm1, x.norm2 = vector(rng, 16, 1), vector(rng, 16, 1)
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
	n := norm(x, m.norm1)
	q, k := mul(n, m.q), mul(n, m.k)
	m.rotate(q, pos)
	m.rotate(k, pos)
	m.keys, m.values = append(m.keys, k), append(m.values, mul(n, m.v))
	mix := make([]float64, m.qw)
	for h := range 8 {
		at := h / 2 * m.hd
		w, sum := make([]float64, len(m.keys)), 0.0
		for t := range w {
			for d := range m.hd {
				w[t] += float64(q[h*m.hd+d] * m.keys[t][at+d])
			}
			w[t] = math.Exp(w[t] / math.Sqrt(float64(m.hd)))
			sum += w[t]
		}
		for t := range w {
			for d := range m.hd {
				mix[h*m.hd+d] += float64(w[t] / sum * m.values[t][at+d])
			}
		}
	}
	out := append([]float64(nil), x...)
	for i, v := range mul(mix, m.o) {
		out[i] += v
	}
	n = norm(out, m.norm2)
	g, u := mul(n, m.g), mul(n, m.u)
	for i := range g {
		g[i] = g[i] / (1 + math.Exp(-g[i])) * u[i]
	}
	for i, v := range mul(g, m.d) {
		out[i] += v
	}
	return out
}

// queryAt gives the index of value d of query head i of column c.
func (m *tiny) queryAt(c, i, d int) int {
	g, hd := m.r.ColGroup, m.r.HD
	return (c/g*m.r.QHeads+i)*m.hd + c%g*hd + d
}

func (m *tiny) keyAt(c, d int) int { return c/m.r.ColGroup*m.hd + c%m.r.ColGroup*m.r.HD + d }

func (m *tiny) load(t *testing.T, h *host.Host) {
	t.Helper()
	r := m.r
	half := func(v float64) uint16 { return num.F16.FromF64(v) }
	for y := range r.Rows {
		for c := range r.Cols {
			var qkv, o, up, down []uint16
			var n1, n2, turn []float64
			for i := range r.In {
				row := y*r.In + i
				n1, n2 = append(n1, m.norm1[row]), append(n2, m.norm2[row])
				for k := range r.QHeads {
					for d := range r.HD {
						qkv = append(qkv, half(m.q[row][m.queryAt(c, k, d)]))
					}
				}
				for _, w := range [][][]float64{m.k, m.v} {
					for d := range r.HD {
						qkv = append(qkv, half(w[row][m.keyAt(c, d)]))
					}
				}
				for _, w := range [][][]float64{m.g, m.u} {
					for f := range r.FFN {
						up = append(up, half(w[row][c*r.FFN+f]))
					}
				}
			}
			for k := range r.QHeads {
				for d := range r.HD {
					for i := range r.In {
						o = append(o, half(m.o[m.queryAt(c, k, d)][y*r.In+i]))
					}
				}
			}
			for f := range r.FFN {
				for i := range r.In {
					down = append(down, half(m.d[c*r.FFN+f][y*r.In+i]))
				}
			}
			for p := range r.HD / 2 {
				s, cs := math.Sincos(m.turns[c%r.ColGroup*r.HD/2+p])
				turn = append(turn, cs, s)
			}
			for name, w := range map[string][]uint16{
				"w_qkv": qkv, "w_o": o, "w_up": up, "w_down": down,
				"norm_1": words(n1), "norm_2": words(n2), "turn": words(turn),
			} {
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

// TestValues compares steps of a layer with the reference.
func TestValues(t *testing.T) {
	for _, half := range []bool{false, true} {
		m := newTiny(t)
		m.r.HalfSums = half
		mach := machine.Default(machine.WSE3)
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
		for pos := range 12 {
			x := vector(rng, m.dim, 1)
			got := m.simulate(t, h, x, pos)
			want := m.step(x, pos)
			worst := 0.0
			for i, v := range want {
				worst = max(worst, math.Abs(got[i]-v))
			}
			t.Logf("half %v position %d: off by %.4f", half, pos, worst)
			if worst > 0.05 { // values up to 10, 16-bit floats between the operations
				t.Errorf("half %v position %d: got %.3f, want %.3f", half, pos, got, want)
			}
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
