package equity

import (
	"math"

	"wafer/internal/deal/contract"
	"wafer/internal/deal/schedule"
)

var never = math.Inf(1)

// maxChain bounds block references; the file check has excluded circles.
const maxChain = 64

// when dates a condition in the base case: capacity as scheduled, fees as owed,
// prices as they stand at the as-of date. A hurdle above today's price has no date.
func when(d *contract.Deal, s *schedule.Schedule, asOf float64, c *contract.Condition, depth int) float64 {
	if depth > maxChain {
		return never
	}
	down := func(k *contract.Condition) float64 { return when(d, s, asOf, k, depth+1) }
	switch {
	case c.And != nil:
		t := math.Inf(-1)
		for i := range c.And {
			t = math.Max(t, down(&c.And[i]))
		}
		return t
	case c.Children() != nil:
		t := never
		for i := range c.Children() {
			t = math.Min(t, down(&c.Children()[i]))
		}
		return t
	case c.Block != nil:
		for i := range d.Equity {
			for j := range d.Equity[i].Blocks {
				if d.Equity[i].Blocks[j].ID == c.Block.Ref {
					return down(&d.Equity[i].Blocks[j].Vest)
				}
			}
		}
		return never
	}
	return leaf(d, s, asOf, c)
}

func leaf(d *contract.Deal, s *schedule.Schedule, asOf float64, c *contract.Condition) float64 {
	if met := metOn(c); met.Known() {
		return met.Time()
	}
	switch {
	case c.MWDeliv != nil:
		return power(s, c.MWDeliv)
	case c.MWBought != nil:
		return power(s, c.MWBought)
	case c.Fees != nil && c.Fees.AtLeast.Known:
		return s.WhenPaid(c.Fees.AtLeast.Base)
	case c.Price != nil && d.Issuer != nil && d.Issuer.Spot.Known && c.Price.AtLeast.Known:
		return metNow(d.Issuer.Spot.Base >= c.Price.AtLeast.Base, asOf)
	case c.Cap != nil && d.Issuer != nil && d.Issuer.Spot.Known && c.Cap.AtLeast.Known:
		return metNow(d.Issuer.Spot.Base*shareCount(d.Issuer, c.Cap.Basis) >= c.Cap.AtLeast.Base, asOf)
	case c.Loan != nil:
		for _, l := range d.Finance.Loans {
			if l.ID == c.Loan.Ref {
				return l.Drawn.Time()
			}
		}
	case c.Date != nil:
		return c.Date.On.Time()
	}
	if e := event(c); e != nil && e.Expected.Known() {
		return e.Expected.Time()
	}
	return never
}

func power(s *schedule.Schedule, p *contract.PowerLeaf) float64 {
	if !p.AtLeast.Known {
		return never
	}
	return s.WhenDelivered(p.AtLeast.Base, p.Tranche)
}

func metNow(yes bool, asOf float64) float64 {
	if yes {
		return asOf
	}
	return never
}

func shareCount(i *contract.Issuer, basis string) float64 {
	if basis == "diluted" {
		return i.Diluted.Or(i.Basic.Or(0))
	}
	return i.Basic.Or(0)
}

func event(c *contract.Condition) *contract.EventLeaf {
	switch {
	case c.IPO != nil:
		return c.IPO
	case c.Technical != nil:
		return c.Technical
	}
	return c.Control
}

// metOn gives the date on which a leaf is known to have been met.
func metOn(c *contract.Condition) contract.Date {
	switch {
	case c.MWDeliv != nil:
		return c.MWDeliv.Met
	case c.MWBought != nil:
		return c.MWBought.Met
	case c.Fees != nil:
		return c.Fees.Met
	case c.Price != nil:
		return c.Price.Met
	case c.Cap != nil:
		return c.Cap.Met
	case c.Loan != nil:
		return c.Loan.Met
	}
	if e := event(c); e != nil {
		return e.Met
	}
	return contract.Date{}
}

// gate dates the part of a pro-rata block's condition that is not the power: with
// it the shares follow the megawatts.
func gate(d *contract.Deal, s *schedule.Schedule, asOf float64, c *contract.Condition) float64 {
	switch {
	case c.MWDeliv != nil || c.MWBought != nil:
		return math.Inf(-1)
	case c.And != nil:
		t := math.Inf(-1)
		for i := range c.And {
			t = math.Max(t, gate(d, s, asOf, &c.And[i]))
		}
		return t
	case c.Children() != nil:
		t := never
		for i := range c.Children() {
			t = math.Min(t, gate(d, s, asOf, &c.Children()[i]))
		}
		return t
	}
	return when(d, s, asOf, c, 0)
}

// vestedAt gives the shares of b vested by t in the base case. A purchase counts
// in dollars over its amount, so that both kinds share one calendar.
func vestedAt(d *contract.Deal, s *schedule.Schedule, asOf float64, b *Block, t float64) float64 {
	whole := b.Count
	if whole == 0 {
		whole = b.Amount
	}
	if b.Source.Rule != "pro_rata" {
		if b.When <= t {
			return whole
		}
		return 0
	}
	if b.Gate > t {
		return 0
	}
	from, to := b.Source.From.Base, b.Source.To.Base
	done := (s.DeliveredAt(t, "") - from) / (to - from)
	return whole * min(max(done, 0), 1)
}

// calendar gives the cumulative vesting at the end of each quarter.
func calendar(d *contract.Deal, s *schedule.Schedule, asOf float64, b *Block) []float64 {
	out := make([]float64, len(s.Quarters))
	for i, q := range s.Quarters {
		out[i] = vestedAt(d, s, asOf, b, q.T1)
	}
	return out
}

// likely gives the chance that the performance conditions of b are met, market
// conditions taken as met: what ASC 718's "probable" asks.
func likely(d *contract.Deal, s *schedule.Schedule, asOf float64, b *contract.Block) float64 {
	switch b.Probable {
	case "yes":
		return 1
	case "no":
		return 0
	}
	return chance(d, s, asOf, &b.Vest, 0)
}

func chance(d *contract.Deal, s *schedule.Schedule, asOf float64, c *contract.Condition, depth int) float64 {
	if depth > maxChain {
		return 0
	}
	switch {
	case c.And != nil:
		p := 1.0
		for i := range c.And {
			p *= chance(d, s, asOf, &c.And[i], depth+1)
		}
		return p
	case c.Children() != nil:
		miss := 1.0
		for i := range c.Children() {
			miss *= 1 - chance(d, s, asOf, &c.Children()[i], depth+1)
		}
		return 1 - miss
	case c.Market():
		return 1
	}
	if e := event(c); e != nil && !e.Met.Known() {
		return e.Probability.Or(metNowChance(e.Expected.Known()))
	}
	if math.IsInf(when(d, s, asOf, c, depth), 1) {
		return 0
	}
	return 1
}

func metNowChance(dated bool) float64 {
	if dated {
		return 1
	}
	return 0
}
