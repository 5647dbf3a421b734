package value

import "math"

// never is the time of a condition that a path does not meet.
const never = math.MaxInt32

// factor says what a leaf's level is compared with: the process alone, the
// process × shares outstanding, or the process ÷ shares outstanding. The last
// two change when blocks vest; that is the dilution feedback.
type factor uint8

const (
	factorOne factor = iota
	factorCount
	factorPerShare
)

// leaf is one condition, with everything a path needs precomputed. Equal leaves
// of different blocks are stored once and evaluated once a path.
type leaf struct {
	kind   CondKind
	level  float64 // log level for prices and caps
	window int
	ref    int   // quantity or event
	step   int32 // of a Date
	factor factor
}

// node is a compiled condition: a leaf, or All/Any of parts.
type node struct {
	op   CondKind // All, Any, or Always for a leaf
	leaf int
	args []node
}

// control is the first-passage control variate of a block: the chance that the
// process touches level by step last, known in closed form, and on a path the
// chance given its closes. See bridgeTouch.
type control struct {
	on     bool
	level  float64 // log
	last   int
	expect float64
}

type planBlock struct {
	Block
	when     node
	vestBy   int32
	exercise float64 // year
	forfeit  []int
	vest     []int
	control  control
}

// plan is a Model made ready for running paths under one measure.
type plan struct {
	Model
	measure  Measure
	n        int     // steps
	dt       float64 // years a step
	x0       float64 // log of the process at the start
	drift    float64 // of the log process, a step
	sd       float64 // a step
	clkDrift float64 // a step
	clkSD    float64
	leaves   []leaf
	blocks   []planBlock
	feedback bool // some leaf depends on the share count
	clock    bool // some leaf needs the work clock
	touch    bool // some leaf is watched between closes
	delays   int  // number of ramps
	fixedClk []float64
	start    float64 // spot, or equity, in dollars
}

func newPlan(m Model, measure Measure) *plan {
	p := &plan{Model: m, measure: measure, n: m.steps(), start: m.Price.Spot}
	p.dt = 1 / float64(m.stepsPerYear())
	if m.Shares.Dilution == EquityGiven {
		p.start *= m.Shares.Basic
	}
	if p.Shares.Diluted == 0 {
		p.Shares.Diluted = p.Shares.Basic
	}
	p.x0 = math.Log(p.start)
	nu, clk := m.Price.drifts(m.Clock, measure)
	p.drift, p.sd = nu*p.dt, m.Price.Vol*math.Sqrt(p.dt)
	p.clkDrift, p.clkSD = clk*p.dt, m.Clock.Vol*math.Sqrt(p.dt)
	for _, q := range m.Quantities {
		p.delays += len(q.Ramps)
	}
	for _, b := range m.Blocks {
		p.addBlock(b)
	}
	p.planClock()
	return p
}

func (p *plan) addBlock(b Block) {
	pb := planBlock{Block: b, vestBy: int32(p.n), exercise: p.Years}
	if b.VestBy > 0 {
		pb.vestBy = min(p.stepOf(b.VestBy), int32(p.n))
	}
	if b.ExerciseBy > 0 {
		pb.exercise = b.ExerciseBy
	}
	for _, e := range b.ForfeitOn {
		pb.forfeit = append(pb.forfeit, p.event(e))
	}
	for _, e := range b.VestOn {
		pb.vest = append(pb.vest, p.event(e))
	}
	pb.when = p.compile(b.When)
	pb.control = p.controlFor(pb)
	p.blocks = append(p.blocks, pb)
}

// stepOf is the first step at or after a year; today and the past are step 0.
func (p *plan) stepOf(year float64) int32 {
	s := math.Ceil(year/p.dt - 1e-9)
	switch {
	case s <= 0:
		return 0
	case s > MaxSteps:
		return never
	}
	return int32(s)
}

func (p *plan) compile(c Cond) node {
	if c.Kind == All || c.Kind == Any {
		n := node{op: c.Kind}
		for _, a := range c.Args {
			n.args = append(n.args, p.compile(a))
		}
		return n
	}
	return node{op: Always, leaf: p.leafFor(c)}
}

// leafFor finds or makes the leaf of a condition.
func (p *plan) leafFor(c Cond) int {
	l := leaf{kind: c.Kind, window: max(c.Window, 1)}
	switch c.Kind {
	case Always:
		l.kind, l.step = Date, 0
	case Never:
		l.kind, l.step = Date, never
	case Date:
		l.step = p.stepOf(c.Level)
	case Touch, Close, Average, Run:
		l.level = math.Log(c.Level)
		if p.Shares.Dilution == EquityGiven {
			l.factor = factorPerShare
		}
	case MarketCap:
		p.capLeaf(&l, c)
	case Reached:
		l.level, l.ref = c.Level, p.quantity(c.Name)
		p.clock = true
	case Happened:
		l.ref = p.event(c.Name)
	}
	p.touch = p.touch || l.kind == Touch
	p.feedback = p.feedback || l.factor != factorOne
	for i, o := range p.leaves {
		if o == l {
			return i
		}
	}
	p.leaves = append(p.leaves, l)
	return len(p.leaves) - 1
}

// capLeaf turns a market-cap hurdle into a hurdle for the process. On diluted
// shares the count already holds the warrants, so vesting does not change it.
func (p *plan) capLeaf(l *leaf, c Cond) {
	equity := p.Shares.Dilution == EquityGiven
	switch {
	case c.Diluted && equity: // price × diluted = equity × diluted / outstanding
		l.level, l.factor = math.Log(c.Level/p.Shares.Diluted), factorPerShare
	case c.Diluted:
		l.level = math.Log(c.Level / p.Shares.Diluted)
	case equity: // basic cap is the equity itself
		l.level = math.Log(c.Level)
	default:
		l.level, l.factor = math.Log(c.Level), factorCount
	}
	l.kind = Average
}

// controlFor picks the highest price hurdle in a block's tree: the one that most
// often decides. Blocks without one run without a control.
func (p *plan) controlFor(b planBlock) control {
	var c control
	p.eachLeaf(b.when, func(l leaf) {
		if l.kind != Touch && l.kind != Close && l.kind != Average && l.kind != Run {
			return
		}
		level := l.level
		switch l.factor {
		case factorCount:
			level -= math.Log(p.Shares.Basic)
		case factorPerShare:
			level += math.Log(p.Shares.Basic)
		}
		if !c.on || level > c.level {
			c = control{on: true, level: level, last: int(b.vestBy)}
		}
	})
	if p.sd == 0 {
		c.on = false // every path is the same path
	}
	if c.on {
		years := float64(c.last) * p.dt
		c.expect = TouchProb(c.level-p.x0, p.drift/p.dt, p.Price.Vol, years)
	}
	return c
}

func (p *plan) eachLeaf(n node, f func(leaf)) {
	if len(n.args) == 0 {
		f(p.leaves[n.leaf])
	}
	for _, a := range n.args {
		p.eachLeaf(a, f)
	}
}

// planClock precomputes the clock of a model without delivery risk, which then
// costs a path nothing.
func (p *plan) planClock() {
	if !p.clock || p.clkSD > 0 {
		return
	}
	p.fixedClk = make([]float64, p.n+1)
	for i := range p.fixedClk {
		p.fixedClk[i] = max(0, p.clkDrift*float64(i))
	}
}

// at is the step at which a condition is met, given its leaves' steps.
func (n *node) at(times []int32) int32 {
	if n.op == Always {
		return times[n.leaf]
	}
	t := n.args[0].at(times)
	for i := 1; i < len(n.args); i++ {
		u := n.args[i].at(times)
		if n.op == All {
			t = max(t, u)
		} else {
			t = min(t, u)
		}
	}
	return t
}
