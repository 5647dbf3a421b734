// Package equity follows the shares of a deal: when each block vests, how likely
// that is, what it was worth when granted and what it is worth now.
//
// In: a checked deal and its schedule. Out: Blocks with a vest calendar in the base
// case, the grant-date accounting value (market conditions inside, performance
// conditions outside: ASC 718) and the economic value today (everything inside,
// probabilities weighted). The two are never mixed.
package equity

import (
	"context"
	"fmt"
	"math"

	"wafer/internal/deal/contract"
	"wafer/internal/deal/schedule"
)

// Options say how to value.
type Options struct {
	Paths   int // 0 means DefaultPaths
	Seed    uint64
	Workers int
	Skip    bool // no simulation: calendars and grant values given by the file only
}

// DefaultPaths leaves a standard error near half a percent of a hurdle's value.
const DefaultPaths = 40_000

// Value is a simulated value with its error.
type Value struct {
	Known    bool    `json:"known"`
	PerShare float64 `json:"per_share"`
	StdErr   float64 `json:"std_err"`
	Total    float64 `json:"total"`
	Prob     float64 `json:"prob"`
	ProbErr  float64 `json:"prob_err"`
	MeanVest float64 `json:"mean_vest_years"`
	Why      string  `json:"why,omitempty"`
}

// Block is one part of an instrument.
type Block struct {
	ID         string
	Equity     *contract.Equity
	Source     *contract.Block
	Count      float64 // shares
	Amount     float64 // dollars, for purchases
	When       float64 // base case, +Inf if not within it
	Gate       float64 // of a pro-rata block: when the rest of its condition is met
	Calendar   []float64
	VestedNow  float64 // shares vested at the as-of date
	Status     string
	GrantPrice float64
	GrantHow   string
	GrantTotal float64
	Likely     float64 // of the performance conditions
	ProbableAt float64 // from when, for the books
	Distinct   float64
	Today      Value
	Grant      Value // simulated, when the file gives none and a market condition is inside
}

// Equity is all blocks of a deal.
type Equity struct {
	Blocks []Block
	AsOf   float64
	Spot   float64
	Notes  []string
	Paths  int
	Seed   uint64
}

// Build follows every block.
func Build(ctx context.Context, d *contract.Deal, s *schedule.Schedule, o Options) (*Equity, error) {
	e := &Equity{AsOf: AsOf(d), Seed: o.Seed, Paths: o.Paths}
	if e.Paths == 0 {
		e.Paths = DefaultPaths
	}
	if d.Issuer != nil {
		e.Spot = d.Issuer.Spot.Or(0)
	}
	for i := range d.Equity {
		eq := &d.Equity[i]
		for j := range eq.Blocks {
			e.Blocks = append(e.Blocks, newBlock(d, s, e, eq, &eq.Blocks[j]))
		}
	}
	if o.Skip {
		return e, nil
	}
	o.Paths = e.Paths
	if err := e.price(ctx, d, s, o); err != nil {
		return nil, fmt.Errorf("value the equity of %s: %w", d.ID, err)
	}
	e.gaps(d)
	return e, nil
}

// gaps names what is missing, so that a zero is not taken for a value.
func (e *Equity) gaps(d *contract.Deal) {
	e.each(func(b *Block) {
		if b.GrantPrice == 0 && d.Issuer != nil && d.Issuer.Delivering {
			e.Notes = append(e.Notes, fmt.Sprintf("block %s: no grant-date value is given and no price at the grant (price_marks: grant); nothing is taken against revenue for it", b.ID))
		}
		if b.Today.Why != "" {
			e.Notes = append(e.Notes, fmt.Sprintf("block %s: no value today: %s", b.ID, b.Today.Why))
		}
	})
}

// AsOf is the end of the day on which the model looks forward.
func AsOf(d *contract.Deal) float64 {
	date := d.AsOf
	if !date.Known() {
		date = d.Announced
	}
	if date.Day == 0 {
		return date.Time()
	}
	const day = 1.0 / 365
	t := date.Time() + day
	// A day is not quite 1/365 of these years; the last day of a quarter ends it.
	if q := math.Round(t*4) / 4; math.Abs(t-q) < 2*day/10 {
		return q
	}
	return t
}

func newBlock(d *contract.Deal, s *schedule.Schedule, e *Equity, eq *contract.Equity, b *contract.Block) Block {
	out := Block{ID: b.ID, Equity: eq, Source: b, Count: countOf(eq, b), Amount: b.Amount.Or(0)}
	out.When = when(d, s, e.AsOf, &b.Vest, 0)
	out.Gate = gate(d, s, e.AsOf, &b.Vest)
	out.Calendar = calendar(d, s, e.AsOf, &out)
	out.VestedNow = vestedAt(d, s, e.AsOf, &out, e.AsOf)
	out.Likely = likely(d, s, e.AsOf, b)
	out.ProbableAt = probableFrom(eq, b)
	out.GrantPrice, out.GrantHow = grantPrice(d, eq, b)
	out.GrantTotal = out.GrantPrice * out.Count
	if eq.Accounting != nil {
		out.Distinct = eq.Accounting.Distinct.Or(0)
	}
	out.Status = status(&out, e.AsOf)
	return out
}

// countOf gives the shares of a block: its own, the instrument's when there is one
// block, or an amount in dollars over the issue price.
func countOf(eq *contract.Equity, b *contract.Block) float64 {
	switch {
	case b.Count.Known:
		return b.Count.Base
	case b.Amount.Known && eq.IssuePrice.Known:
		return b.Amount.Base / eq.IssuePrice.Base
	case len(eq.Blocks) == 1 && eq.Count.Known:
		return eq.Count.Base
	case len(eq.Blocks) == 1 && eq.Amount.Known && eq.IssuePrice.Known:
		return eq.Amount.Base / eq.IssuePrice.Base
	}
	return 0
}

// grantPrice finds the grant-date fair value a share that the file gives. Without
// one, a plain penny warrant is worth the share; a market condition needs price().
func grantPrice(d *contract.Deal, eq *contract.Equity, b *contract.Block) (float64, string) {
	switch {
	case b.FairValue.Known:
		return b.FairValue.Base, "given for the block"
	case eq.Accounting != nil && eq.Accounting.FairValue.Known && !b.Vest.HasMarket():
		return eq.Accounting.FairValue.Base, "given for the grant"
	case eq.Accounting != nil && eq.Accounting.FairValue.Known && eitherOr(&b.Vest):
		return eq.Accounting.FairValue.Base, "given for the grant; the performance leg alone can vest it"
	case eq.IssuePrice.Known && eq.Instrument == "stock_grant":
		return eq.IssuePrice.Base, "issue price"
	}
	return 0, "not given"
}

// eitherOr reports whether a performance leg alone can vest the tree.
func eitherOr(c *contract.Condition) bool {
	for _, k := range append(append([]contract.Condition{}, c.Or...), c.EarlierOf...) {
		if !k.HasMarket() {
			return true
		}
	}
	return false
}

func probableFrom(eq *contract.Equity, b *contract.Block) float64 {
	switch {
	case b.ProbableFrom.Known():
		return b.ProbableFrom.Time()
	case eq.Accounting != nil:
		return eq.Accounting.GrantDate.Time()
	case eq.Issued.Known():
		return eq.Issued.Time()
	}
	return math.Inf(-1)
}

func status(b *Block, asOf float64) string {
	switch {
	case b.VestedNow >= b.Count && b.Count > 0 || b.Count == 0 && b.When <= asOf:
		return "vested"
	case b.VestedNow > 0:
		return "vesting"
	case !math.IsInf(b.When, 1):
		return "scheduled"
	case undisclosed(&b.Source.Vest):
		return "condition not public"
	case b.Source.Vest.HasMarket():
		return "depends on price"
	}
	return "not in this case"
}

func undisclosed(c *contract.Condition) bool {
	found := false
	c.Walk(func(n *contract.Condition) {
		switch {
		case n.MWDeliv != nil:
			found = found || !n.MWDeliv.AtLeast.Known
		case n.Fees != nil:
			found = found || !n.Fees.AtLeast.Known
		case n.Price != nil:
			found = found || !n.Price.AtLeast.Known
		case n.Cap != nil:
			found = found || !n.Cap.AtLeast.Known
		}
	})
	return found
}

// Total adds f over the blocks of shares that the supplier gives.
func (e *Equity) Total(f func(*Block) float64) float64 {
	sum := 0.0
	for i := range e.Blocks {
		if e.Blocks[i].Given() {
			sum += f(&e.Blocks[i])
		}
	}
	return sum
}

// Given reports whether the block is equity given to a customer or guarantor, as
// against shares that somebody pays for.
func (b *Block) Given() bool {
	return b.Equity.Instrument == "warrant" || b.Equity.Instrument == "stock_grant"
}
