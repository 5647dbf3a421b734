package value

import "math"

// The lanes of randomness of one path. Each kind of draw has its own stream, so
// that adding an event or a delay to a model leaves its prices unchanged.
const (
	lanePrice = iota
	laneClock
	laneDelay
	laneEvent
	laneTouch
)

// side is one path of an antithetic pair.
type side struct {
	x      []float64 // log process, steps 0..n
	clk    []float64 // furthest point of the work clock
	delay  []float64 // slip of each ramp, years
	event  []int32   // step of each event
	u      float64   // for firstTouch
	times  []int32   // of the leaves
	vested []int32   // of the blocks
}

// scratch is the memory of one worker; nothing is allocated on a path.
type scratch struct {
	z, zc   []float64
	pair    [2]side
	price   []float64 // prices inside an averaging window
	shifted []float64 // log process with the share count in it
	log     []float64 // log share count at each step
	// lastControl is the control value of the block before, see controlOn.
	lastControl float64
}

func newScratch(p *plan) *scratch {
	s := &scratch{z: make([]float64, p.n), price: make([]float64, p.n+1)}
	if p.clkSD > 0 && p.clock {
		s.zc = make([]float64, p.n)
	}
	if p.feedback {
		s.shifted = make([]float64, p.n+1)
		s.log = make([]float64, p.n+1)
	}
	for k := range s.pair {
		d := &s.pair[k]
		d.x = make([]float64, p.n+1)
		d.clk = p.fixedClk
		if s.zc != nil {
			d.clk = make([]float64, p.n+1)
		}
		d.delay = make([]float64, p.delays)
		d.event = make([]int32, len(p.Events))
		d.times = make([]int32, len(p.leaves))
		d.vested = make([]int32, len(p.blocks))
	}
	return s
}

// draw makes the two paths of pair number i: the second uses every normal draw
// with the other sign and every uniform draw from the other end.
func (p *plan) draw(s *scratch, seed, i uint64) {
	st := newStream(seed, i, lanePrice)
	if p.sd > 0 {
		st.normals(s.z)
	}
	walk(s.pair[0].x, s.pair[1].x, s.z, p.x0, p.drift, p.sd)
	if s.zc != nil {
		p.drawClock(s, seed, i)
	}
	if p.delays > 0 && p.clock {
		p.drawDelays(s, seed, i)
	}
	if len(p.Events) > 0 {
		p.drawEvents(s, seed, i)
	}
	if p.touch {
		st := newStream(seed, i, laneTouch)
		u := st.uniform()
		s.pair[0].u, s.pair[1].u = u, 1-u
	}
}

// walk sums the increments once and lays both paths of the pair around the
// drift line. The conversions forbid fused multiply-adds, which would change
// the last bits from one processor to another.
func walk(up, down, z []float64, x0, drift, sd float64) {
	w := 0.0
	up[0], down[0] = x0, x0
	up, down = up[1:], down[1:]
	for i, v := range z[:min(len(z), len(up), len(down))] {
		w += float64(sd * v)
		line := x0 + float64(drift*float64(i+1))
		up[i], down[i] = line+w, line-w
	}
}

// drawClock makes the work clocks, correlated step by step with the price, and
// keeps their running maximum: work done is not undone.
func (p *plan) drawClock(s *scratch, seed, i uint64) {
	st := newStream(seed, i, laneClock)
	st.normals(s.zc)
	rho := p.Clock.Corr
	own := math.Sqrt(1 - rho*rho)
	up, down := s.pair[0].clk, s.pair[1].clk
	up[0], down[0] = 0, 0
	w := 0.0
	for k, v := range s.zc {
		w += float64(p.clkSD * (float64(rho*s.z[k]) + float64(own*v)))
		line := float64(p.clkDrift * float64(k+1))
		up[k+1] = max(up[k], line+w)
		down[k+1] = max(down[k], line-w)
	}
}

// drawDelays draws the slips of all ramps through a Gaussian copula with one
// common factor: late sites tend to be late together.
func (p *plan) drawDelays(s *scratch, seed, i uint64) {
	st := newStream(seed, i, laneDelay)
	common := math.Sqrt(p.DelayShare)
	own := math.Sqrt(1 - p.DelayShare)
	var z [2]float64
	st.normals(z[:1])
	k := 0
	for _, q := range p.Quantities {
		for _, r := range q.Ramps {
			st.normals(z[1:])
			u := Phi(float64(common*z[0]) + float64(own*z[1]))
			s.pair[0].delay[k] = r.Delay.quantile(u)
			s.pair[1].delay[k] = r.Delay.quantile(1 - u)
			k++
		}
	}
}

// quantile is the inverse distribution function of the triangle.
func (d Delay) quantile(u float64) float64 {
	span := d.High - d.Low
	if span <= 0 {
		return d.Mode
	}
	if rise := d.Mode - d.Low; u*span < rise {
		return d.Low + math.Sqrt(u*span*rise)
	}
	return d.High - math.Sqrt((1-u)*span*(d.High-d.Mode))
}

func (p *plan) drawEvents(s *scratch, seed, i uint64) {
	st := newStream(seed, i, laneEvent)
	for k, e := range p.Events {
		when, whether := st.uniform(), st.uniform()
		s.pair[0].event[k] = p.eventStep(e, when, whether)
		s.pair[1].event[k] = p.eventStep(e, 1-when, 1-whether)
	}
}

func (p *plan) eventStep(e Event, when, whether float64) int32 {
	if e.Chance > 0 && whether >= e.Chance {
		return never
	}
	at := e.At
	if e.Hazard > 0 {
		at += -math.Log(when) / e.Hazard
	}
	return p.stepOf(at)
}

// amount is the level of a quantity when the work clock stands at done; delay
// holds the slips of its ramps.
func (q *Quantity) amount(done float64, delay []float64) float64 {
	sum := 0.0
	for i := range q.Ramps {
		r := &q.Ramps[i]
		late := done + q.Lead - r.Start - delay[i]
		switch span := r.End - r.Start; {
		case late >= span && late >= 0:
			sum += r.Amount
		case late > 0:
			sum += r.Amount * late / span
		}
	}
	return sum
}

// reached is the first step at which quantity number ref reaches level. A level
// is monotone in the step, so bisection finds it; an integral is summed up.
func (p *plan) reached(d *side, ref int, level float64) int32 {
	q := &p.Quantities[ref]
	first := 0
	for _, o := range p.Quantities[:ref] {
		first += len(o.Ramps)
	}
	delay := d.delay[first : first+len(q.Ramps)]
	level -= 1e-12 * math.Abs(level) // a full ramp must reach its own sum
	if q.PerYear > 0 {
		return p.accumulated(q, d.clk, delay, level)
	}
	if q.amount(d.clk[p.n], delay) < level {
		return never
	}
	lo, hi := -1, p.n // amount at lo is below, at hi it is reached
	for hi-lo > 1 {
		if mid := int(uint(lo+hi) >> 1); q.amount(d.clk[mid], delay) < level {
			lo = mid
		} else {
			hi = mid
		}
	}
	return int32(hi)
}

// accumulated integrates in calendar time by the trapezoid rule: fees are paid
// for as long as a unit is in service, however late it came.
func (p *plan) accumulated(q *Quantity, clk, delay []float64, level float64) int32 {
	if level <= 0 {
		return 0
	}
	sum, before := 0.0, q.amount(clk[0], delay)
	half := 0.5 * q.PerYear * p.dt
	for i := 1; i <= p.n; i++ {
		now := q.amount(clk[i], delay)
		sum += half * (before + now)
		if sum >= level {
			return int32(i)
		}
		before = now
	}
	return never
}
