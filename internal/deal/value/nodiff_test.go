package value

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The obvious engine: it lives through one path day by day, keeps every
// condition as a boolean, and recomputes every average from scratch. The real
// engine must vest the same blocks on the same days.
type obvious struct {
	p     *plan
	d     *side
	met   []bool
	prior []float64 // shares outstanding at each day
}

func (o *obvious) run() []int32 {
	p := o.p
	o.met = make([]bool, len(p.leaves))
	o.prior = make([]float64, p.n+1)
	out := make([]int32, len(p.blocks))
	dead := make([]bool, len(p.blocks))
	for i := range out {
		out[i] = never
	}
	count := p.Shares.Basic
	for day := 0; day <= p.n; day++ {
		o.prior[day] = count
		for i := range p.leaves {
			o.met[i] = o.met[i] || o.leaf(i, day)
		}
		for i := range p.blocks {
			b := &p.blocks[i]
			vests := o.tree(&b.when)
			for _, e := range b.vest {
				vests = vests || o.d.event[e] <= int32(day)
			}
			if out[i] == never && vests && !dead[i] && int32(day) <= b.vestBy {
				out[i] = int32(day)
				price := math.Exp(o.d.x[day])
				if p.Shares.Dilution == EquityGiven {
					price /= o.prior[day]
				}
				count += b.Shares * max(0, 1-b.Strike/price)
			}
			for _, e := range b.forfeit {
				dead[i] = dead[i] || o.d.event[e] <= int32(day)
			}
		}
	}
	return out
}

func (o *obvious) tree(n *node) bool {
	if n.op == Always {
		return o.met[n.leaf]
	}
	met := n.op == All
	for i := range n.args {
		if n.op == All {
			met = met && o.tree(&n.args[i])
		} else {
			met = met || o.tree(&n.args[i])
		}
	}
	return met
}

// level is what the leaf compares with its hurdle on a day.
func (o *obvious) level(l *leaf, day int) float64 {
	v := math.Exp(o.d.x[day])
	switch l.factor {
	case factorCount:
		v *= o.prior[day]
	case factorPerShare:
		v /= o.prior[day]
	}
	return v
}

func (o *obvious) leaf(i, day int) bool {
	p, l := o.p, &o.p.leaves[i]
	hurdle := math.Exp(l.level)
	switch l.kind {
	case Date:
		return int32(day) >= l.step
	case Happened:
		return int32(day) >= o.d.event[l.ref]
	case Reached:
		return o.amount(l.ref, day) >= l.level*(1-1e-12)
	case Touch:
		return firstTouch(o.d.x, l.level, p.sd, o.d.u, day) != never
	case Run, Close:
		for k := day - l.window + 1; k <= day; k++ {
			if k < 1 || o.level(l, k) < hurdle {
				return false
			}
		}
		return true
	}
	sum := 0.0
	for k := day - l.window + 1; k <= day; k++ {
		if k < 1 {
			return false
		}
		sum += o.level(l, k)
	}
	return sum/float64(l.window) >= hurdle
}

func (o *obvious) amount(ref, day int) float64 {
	q, first := &o.p.Quantities[ref], 0
	for _, r := range o.p.Quantities[:ref] {
		first += len(r.Ramps)
	}
	delay := o.d.delay[first : first+len(q.Ramps)]
	if q.PerYear == 0 {
		return q.amount(o.d.clk[day], delay)
	}
	sum := 0.0
	for k := 1; k <= day; k++ {
		sum += q.PerYear * o.p.dt * (q.amount(o.d.clk[k-1], delay) + q.amount(o.d.clk[k], delay)) / 2
	}
	return sum
}

// randomModel makes a valid model that exercises everything. Touch is left to
// its own tests when the share count feeds back: the obvious engine has no
// barrier between closes that moves.
func randomModel(r *rand.Rand) Model {
	m := richModel()
	m.Years, m.StepsPerYear = 3, 20
	m.Price.Vol = 0.2 + r.Float64()
	m.Clock = Clock{Pace: 0.7 + r.Float64(), Vol: r.Float64() * float64(r.IntN(2)), Corr: 2*r.Float64() - 1}
	m.Shares.Dilution = Dilution(r.IntN(2))
	m.Shares.Basic = 1e6 * math.Exp(3*r.Float64())
	m.Shares.Diluted = m.Shares.Basic * 1.3
	m.Blocks = nil
	for range 1 + r.IntN(6) {
		b := Block{Name: "b", Shares: 3e5 * r.Float64(), When: randomCond(r, &m, 3)}
		if r.IntN(3) == 0 {
			b.Strike = 200 * r.Float64()
		}
		if r.IntN(3) == 0 {
			b.VestBy = 3 * r.Float64()
		}
		if r.IntN(3) == 0 {
			b.ForfeitOn = []string{"end"}
		}
		if r.IntN(3) == 0 {
			b.VestOn = []string{"takeover"}
		}
		m.Blocks = append(m.Blocks, b)
	}
	return m
}

func randomCond(r *rand.Rand, m *Model, depth int) Cond {
	if depth > 0 && r.IntN(2) == 0 {
		c := Cond{Kind: All + CondKind(r.IntN(2))}
		for range 1 + r.IntN(3) {
			c.Args = append(c.Args, randomCond(r, m, depth-1))
		}
		return c
	}
	price := 164.67 * math.Exp(r.NormFloat64()*0.4)
	switch r.IntN(9) {
	case 0:
		return Cond{Kind: Always}
	case 1:
		return Cond{Kind: Close, Level: price}
	case 2:
		return PriceAverage(price, 1+r.IntN(12))
	case 3:
		return Cond{Kind: Run, Level: price, Window: 1 + r.IntN(5)}
	case 4, 5:
		return Cond{Kind: MarketCap, Level: price * m.Shares.Basic, Window: r.IntN(12), Diluted: r.IntN(2) == 0}
	case 6:
		return QuantityReached("mw", 750*r.Float64())
	case 7:
		return QuantityReached("fees", 4e9*r.Float64())
	}
	return Cond{Kind: Date, Level: 3 * r.Float64()}
}

func TestEngineAgainstObviousOne(t *testing.T) {
	vested, missed := 0, 0
	for seed := range uint64(400) {
		m := randomModel(rand.New(rand.NewPCG(seed, 1)))
		if err := m.Validate(); err != nil {
			t.Fatal(err)
		}
		p := newPlan(m, ShareMeasure)
		s := newScratch(p)
		for i := range uint64(4) {
			p.draw(s, seed, i)
			for k := range s.pair {
				d := &s.pair[k]
				p.vest(s, d)
				want := (&obvious{p: p, d: d}).run()
				for b, w := range want {
					if d.vested[b] != w {
						t.Fatalf("model %d path %d/%d block %d: step %d, obviously %d\n%+v", seed, i, k, b, d.vested[b], w, m.Blocks[b])
					}
					if w == never {
						missed++
					} else if w > 0 {
						vested++
					}
				}
			}
		}
	}
	if vested < 1000 || missed < 1000 {
		t.Errorf("weak test: %d vested, %d missed", vested, missed)
	}
}

// FuzzModel looks for models that pass Validate and then break the engine.
func FuzzModel(f *testing.F) {
	f.Add(uint64(1), 0.55, 600.0, 30, 5.0)
	f.Add(uint64(2), 0.0, 1e-9, 0, 1e-3)
	f.Fuzz(func(t *testing.T, seed uint64, vol, level float64, window int, years float64) {
		m := randomModel(rand.New(rand.NewPCG(seed, 1)))
		m.Price.Vol, m.Years, m.StepsPerYear = vol, years, 12
		m.Blocks[0].When = AnyOf(m.Blocks[0].When, Cond{Kind: Average, Level: level, Window: window})
		if m.Validate() != nil {
			return
		}
		r := simulate(t, m, Options{Paths: 16, Workers: 1})
		if math.IsNaN(r.Value) || math.IsNaN(r.StdErr) {
			t.Errorf("value %g ± %g", r.Value, r.StdErr)
		}
	})
}
