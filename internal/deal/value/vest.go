package value

import "math"

// vest finds the step at which each block vests on one path, never if it does
// not. Without dilution feedback that is one pass over the leaves. With it:
//
//  1. find all leaf times with the present share count;
//  2. take the earliest block that vests and is not yet fixed, and fix it (with
//     any others of that step);
//  3. raise the share count from the next step on, and look again at the leaves
//     that depend on it;
//  4. repeat until nothing more vests.
//
// What happened up to a step cannot change by what vests at it, so each round
// settles at least one block for good.
func (p *plan) vest(s *scratch, d *side) {
	for i := range p.leaves {
		if p.leaves[i].factor == factorOne {
			d.times[i] = p.leafTime(s, d, i)
		}
	}
	if !p.feedback {
		for i := range p.blocks {
			d.vested[i] = p.blockTime(d, &p.blocks[i])
		}
		return
	}
	p.vestInRounds(s, d)
}

func (p *plan) vestInRounds(s *scratch, d *side) {
	count := p.Shares.Basic
	fill(s.log, math.Log(count))
	now := int32(-1) // everything up to here is settled
	for {
		for i := range p.leaves {
			if p.leaves[i].factor != factorOne && (now < 0 || d.times[i] > now) {
				d.times[i] = p.leafTime(s, d, i)
			}
		}
		next := int32(never)
		for i := range p.blocks {
			d.vested[i] = p.blockTime(d, &p.blocks[i])
			if d.vested[i] > now {
				next = min(next, d.vested[i])
			}
		}
		if next == never {
			return
		}
		for i := range p.blocks {
			if d.vested[i] == next {
				count += p.newShares(s, d, i, next)
			}
		}
		now = next
		if int(now) < p.n {
			fill(s.log[now+1:], math.Log(count))
		}
	}
}

// newShares is what a vested block adds to the shares outstanding: all of them
// for a penny warrant (ASC 260-10-45-13 counts them from vesting), the treasury
// stock method's net shares for one with a strike.
func (p *plan) newShares(s *scratch, d *side, block int, step int32) float64 {
	b := &p.blocks[block]
	if b.Strike == 0 {
		return b.Shares
	}
	price := math.Exp(d.x[step])
	if p.Shares.Dilution == EquityGiven {
		price /= math.Exp(s.log[step])
	}
	return b.Shares * max(0, 1-b.Strike/price)
}

func fill(x []float64, v float64) {
	for i := range x {
		x[i] = v
	}
}

// blockTime applies expiry, forfeiture and acceleration to a block's condition.
// On the same day vesting comes before forfeiture.
func (p *plan) blockTime(d *side, b *planBlock) int32 {
	t := b.when.at(d.times)
	for _, e := range b.vest {
		t = min(t, d.event[e])
	}
	if t > b.vestBy {
		return never
	}
	for _, e := range b.forfeit {
		if d.event[e] < t {
			return never
		}
	}
	return t
}

// leafTime is the step at which one leaf is met.
func (p *plan) leafTime(s *scratch, d *side, i int) int32 {
	l := &p.leaves[i]
	switch l.kind {
	case Date:
		return l.step
	case Happened:
		return d.event[l.ref]
	case Reached:
		return p.reached(d, l.ref, l.level)
	}
	x := d.x
	switch l.factor {
	case factorCount:
		x = addTo(s.shifted, d.x, s.log, 1)
	case factorPerShare:
		x = addTo(s.shifted, d.x, s.log, -1)
	}
	switch l.kind {
	case Touch:
		return firstTouch(x, l.level, p.sd, d.u, p.n)
	case Run:
		return firstRun(x, l.level, l.window, p.n)
	case Close:
		return firstClose(x, l.level, 1, p.n)
	}
	return firstAverage(x, l.level, l.window, p.n, s.price)
}

func addTo(out, x, y []float64, sign float64) []float64 {
	for i, v := range x {
		out[i] = v + float64(sign*y[i])
	}
	return out
}

// payoff is what one share of a block that vested at step t is worth, in dollars
// of today, as a path contributes it to the mean under the plan's measure. It
// works in fractions of the process (a share, or all equity), which stay
// ordinary numbers on the wildest path.
func (p *plan) payoff(d *side, block int, t int32) float64 {
	if p.measure == RealWorld {
		return 0
	}
	b := &p.blocks[block]
	tau := float64(t) * p.dt
	fraction := 1.0
	if p.Shares.Dilution == EquityGiven {
		fraction /= p.outstanding(d, b.Strike != 0, t)
	}
	if b.Strike > 0 {
		price := math.Exp(d.x[t]) * fraction
		fraction *= BlackScholes(Option{
			Spot: 1, Strike: min(b.Strike/price, maxMoneyness), Rate: p.Price.Rate, Dividend: p.Price.Dividend,
			Vol: p.Price.Vol, Years: max(b.exercise-tau, 0),
		})
	}
	if p.measure == ShareMeasure {
		return p.start * math.Exp(-p.Price.Dividend*tau) * fraction
	}
	return math.Exp(d.x[t]-p.Price.Rate*tau) * fraction
}

// maxMoneyness keeps strike over price finite; such a call is worth nothing.
const maxMoneyness = 1e300

// outstanding is the share count that a vested share shares the equity with. A
// penny share is held to the end, so later vestings dilute it too; an option is
// priced on the count at its own vesting, which overstates it a little.
func (p *plan) outstanding(d *side, option bool, t int32) float64 {
	count := p.Shares.Basic
	for i := range p.blocks {
		if v := d.vested[i]; v != never && (!option || v <= t) && p.blocks[i].Strike == 0 {
			count += p.blocks[i].Shares
		}
	}
	return count
}
