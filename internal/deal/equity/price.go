package equity

import (
	"context"
	"fmt"
	"math"

	"wafer/internal/deal/contract"
	"wafer/internal/deal/schedule"
	"wafer/internal/deal/value"
)

// proRataParts is how finely a pro-rata block is cut for simulation; with twelve,
// doubling changes the built-in values by less than their standard error.
const proRataParts = 12

// coarseSteps a year are enough when no price is watched: delivery moves by ramps
// of months, and the share enters only on the day of vesting.
const coarseSteps = 24

// minYears keeps a horizon positive when everything lies in the past.
const minYears = 0.25

// price simulates the economic value today of all blocks on common paths, and the
// grant-date value of those that need it.
func (e *Equity) price(ctx context.Context, d *contract.Deal, s *schedule.Schedule, o Options) error {
	if d.Issuer == nil || !d.Issuer.Spot.Known || !d.Issuer.Vol.Known {
		e.each(func(b *Block) { b.Today.Why = "the issuer's share price or volatility is not known" })
		return nil
	}
	if err := e.today(ctx, d, s, o); err != nil {
		return err
	}
	return e.grant(ctx, d, o)
}

func (e *Equity) each(f func(*Block)) {
	for i := range e.Blocks {
		if e.Blocks[i].Given() {
			f(&e.Blocks[i])
		}
	}
}

// today values what is left of each block on one set of paths.
func (e *Equity) today(ctx context.Context, d *contract.Deal, s *schedule.Schedule, o Options) error {
	m := baseModel(d)
	m.Price.Spot = d.Issuer.Spot.Base
	t := translator{deal: d, sched: s, origin: e.AsOf, model: &m}
	t.quantities()
	parts := map[string][]int{}
	e.each(func(b *Block) {
		if b.Count == 0 {
			b.Today.Why = "the number of shares is not known"
			return
		}
		for _, v := range t.block(b) {
			parts[b.ID] = append(parts[b.ID], len(m.Blocks))
			m.Blocks = append(m.Blocks, v)
		}
	})
	if len(m.Blocks) == 0 {
		return nil
	}
	m.Years = horizon(d, s, e.AsOf)
	if !t.market {
		m.StepsPerYear = coarseSteps
	}
	opts := value.Options{Paths: o.Paths, Seed: o.Seed, Workers: o.Workers}
	worth, err := value.Simulate(ctx, m, opts)
	if err != nil {
		return fmt.Errorf("value today: %w", err)
	}
	opts.Measure = value.RiskNeutral
	odds, err := value.Simulate(ctx, m, opts)
	if err != nil {
		return fmt.Errorf("probability today: %w", err)
	}
	e.each(func(b *Block) {
		if len(parts[b.ID]) > 0 {
			b.Today = gather(worth.Blocks, odds.Blocks, parts[b.ID], b.Count)
		}
	})
	return nil
}

// gather joins the parts of a block. Errors of the parts are added as if they
// moved together, which pro-rata parts nearly do: the sum errs to the safe side.
func gather(worth, odds []value.BlockResult, parts []int, count float64) Value {
	v := Value{Known: true}
	for _, i := range parts {
		share := worth[i].Shares / count
		v.Total += worth[i].Value
		v.StdErr += worth[i].StdErr * share
		v.Prob += odds[i].Prob * share
		v.ProbErr += odds[i].ProbStdErr * share
		v.MeanVest += odds[i].MeanVestYears * share
	}
	v.PerShare = v.Total / count
	return v
}

func baseModel(d *contract.Deal) value.Model {
	i := d.Issuer
	return value.Model{
		Price:  value.Price{Vol: i.Vol.Base, Rate: i.Rate.Or(0), Dividend: i.Dividend.Or(0)},
		Shares: value.Shares{Basic: i.Basic.Or(0), Diluted: i.Diluted.Or(0)},
		Clock:  value.Clock{Vol: d.Capacity.ProgressVol.Or(0), Corr: i.Corr.Or(0)},
	}
}

// horizon reaches the last expiry, or the end of the schedule without one.
func horizon(d *contract.Deal, s *schedule.Schedule, origin float64) float64 {
	end := origin + minYears
	for _, q := range s.Quarters {
		end = math.Max(end, q.T1)
	}
	expiry := 0.0
	for _, eq := range d.Equity {
		if eq.Expiry.Known() {
			expiry = math.Max(expiry, eq.Expiry.Time())
		}
	}
	if expiry > origin {
		end = expiry
	}
	return math.Min(end-origin, value.MaxYears)
}

// grant simulates the grant-date value of blocks with a market condition for which
// the file gives none, performance conditions taken as met.
func (e *Equity) grant(ctx context.Context, d *contract.Deal, o Options) error {
	var err error
	e.each(func(b *Block) {
		if err != nil || b.GrantPrice > 0 || b.Count == 0 {
			return
		}
		spot, origin, ok := grantSpot(d, b.Equity)
		if !ok {
			return
		}
		if !b.Source.Vest.HasMarket() || eitherOr(&b.Source.Vest) && d.Policy.EitherOr != "market" {
			b.GrantPrice = math.Max(spot-b.Equity.Strike.Or(0), 0)
			b.GrantHow = "share price at grant less strike: no market condition binds"
			b.GrantTotal = b.GrantPrice * b.Count
			return
		}
		err = e.simulateGrant(ctx, d, o, b, spot, origin)
	})
	return err
}

func (e *Equity) simulateGrant(ctx context.Context, d *contract.Deal, o Options, b *Block, spot, origin float64) error {
	m := baseModel(d)
	m.Price.Spot, m.Clock = spot, value.Clock{}
	m.Years = minYears
	if b.Equity.Expiry.Known() {
		m.Years = math.Max(b.Equity.Expiry.Time()-origin, minYears)
	}
	t := translator{deal: d, origin: origin, model: &m, marketOnly: true}
	m.Blocks = []value.Block{{Name: b.ID, Shares: b.Count, Strike: penny(b.Equity.Strike.Or(0), spot), When: t.cond(&b.Source.Vest, 0)}}
	r, err := value.Simulate(ctx, m, value.Options{Paths: o.Paths, Seed: o.Seed, Workers: o.Workers})
	if err != nil {
		return fmt.Errorf("grant value of %s: %w", b.ID, err)
	}
	b.Grant = gather(r.Blocks, r.Blocks, []int{0}, b.Count)
	b.GrantPrice, b.GrantTotal = b.Grant.PerShare, b.Grant.Total
	b.GrantHow = "simulated at grant, market condition inside"
	return nil
}

// grantSpot gives the share price at the grant: the price mark called grant.
func grantSpot(d *contract.Deal, eq *contract.Equity) (spot, origin float64, ok bool) {
	date := eq.Issued
	if eq.Accounting != nil {
		date = eq.Accounting.GrantDate
	}
	for _, m := range d.Issuer.Marks {
		if m.ID == "grant" && date.Known() {
			return m.Price.Base, date.Time(), true
		}
	}
	return 0, 0, false
}

// penny treats a strike below a ten-thousandth of the price as none, which lets
// the engine use the share measure's exact control.
func penny(strike, spot float64) float64 {
	if strike < spot*1e-4 {
		return 0
	}
	return strike
}

// translator turns contract conditions into the engine's.
type translator struct {
	deal       *contract.Deal
	sched      *schedule.Schedule
	origin     float64
	model      *value.Model
	marketOnly bool // performance leaves count as met (grant-date measurement)
	skipPower  bool // the power leaf is handled by ProRata
	market     bool // a price or market cap is watched day by day
}

// quantities describes delivery: one for all capacity and one for each cohort.
func (t *translator) quantities() {
	all := value.Quantity{Name: "delivered"}
	for _, c := range t.sched.Cohorts {
		r := value.Ramp{Start: c.Start - t.origin, End: c.Full() - t.origin, Amount: c.MW}
		for _, tr := range t.deal.Capacity.Tranches {
			if tr.ID == c.ID && tr.Delay.Known {
				r.Start, r.End = r.Start-tr.Delay.Base, r.End-tr.Delay.Base
				r.Delay = value.Delay{Low: tr.Delay.Low, Mode: tr.Delay.Base, High: tr.Delay.High}
			}
		}
		all.Ramps = append(all.Ramps, r)
		t.model.Quantities = append(t.model.Quantities, value.Quantity{Name: "delivered " + c.ID, Ramps: []value.Ramp{r}})
	}
	fees := all
	fees.Name = "fees"
	if sum := schedule.Sum(t.sched.MWYears); sum > 0 {
		fees.PerYear = (schedule.Sum(t.sched.Fees) + schedule.Sum(t.sched.Pass)) / sum
	}
	t.model.Quantities = append(t.model.Quantities, all, fees)
}

func (t *translator) block(b *Block) []value.Block {
	v := value.Block{
		Name: b.ID, Shares: b.Count, Strike: penny(b.Equity.Strike.Or(0), t.model.Price.Spot),
	}
	if b.Equity.Expiry.Known() {
		left := b.Equity.Expiry.Time() - t.origin
		if left <= 0 && b.VestedNow < b.Count {
			v.When = value.Cond{Kind: value.Never}
			return []value.Block{v}
		}
		v.VestBy = math.Min(math.Max(left, 0), value.MaxYears)
		v.ExerciseBy = v.VestBy
	}
	if b.Source.Rule != "pro_rata" {
		v.When = t.cond(&b.Source.Vest, 0)
		return []value.Block{v}
	}
	t.skipPower = true
	v.When = t.cond(&b.Source.Vest, 0)
	t.skipPower = false
	return value.ProRata(v, "delivered", b.Source.From.Base, b.Source.To.Base, proRataParts)
}

// cond translates a tree. Leaves that cannot be computed become Never, and the
// block's status says why.
func (t *translator) cond(c *contract.Condition, depth int) value.Cond {
	no, yes := value.Cond{Kind: value.Never}, value.Cond{Kind: value.Always}
	if depth > maxChain {
		return no
	}
	if kids := c.Children(); kids != nil {
		out := value.Cond{Kind: value.Any}
		if c.And != nil {
			out.Kind = value.All
		}
		for i := range kids {
			out.Args = append(out.Args, t.cond(&kids[i], depth+1))
		}
		return out
	}
	if c.Block != nil {
		for i := range t.deal.Equity {
			for j := range t.deal.Equity[i].Blocks {
				if t.deal.Equity[i].Blocks[j].ID == c.Block.Ref {
					return t.cond(&t.deal.Equity[i].Blocks[j].Vest, depth+1)
				}
			}
		}
		return no
	}
	if t.marketOnly && !c.Market() {
		return yes
	}
	if met := metOn(c); met.Known() && !t.marketOnly {
		return t.at(met.Time())
	}
	return t.leaf(c)
}

// at is met on a date: at once when it has passed.
func (t *translator) at(when float64) value.Cond {
	if math.IsInf(when, 1) {
		return value.Cond{Kind: value.Never}
	}
	if when <= t.origin {
		return value.Cond{Kind: value.Always}
	}
	return value.Cond{Kind: value.Date, Level: when - t.origin}
}

func (t *translator) leaf(c *contract.Condition) value.Cond {
	no := value.Cond{Kind: value.Never}
	switch {
	case c.MWDeliv != nil:
		return t.power(c.MWDeliv)
	case c.MWBought != nil:
		return t.power(c.MWBought)
	case c.Fees != nil && c.Fees.AtLeast.Known:
		return value.Cond{Kind: value.Reached, Name: "fees", Level: c.Fees.AtLeast.Base}
	case c.Price != nil && c.Price.AtLeast.Known:
		t.market = true
		return hurdle(c.Price.AtLeast.Base, c.Price.Test, c.Price.Window)
	case c.Cap != nil && c.Cap.AtLeast.Known && t.deal.Issuer.Basic.Known:
		t.market = true
		return value.Cond{Kind: value.MarketCap, Level: c.Cap.AtLeast.Base, Window: window(c.Cap.Window), Diluted: c.Cap.Basis == "diluted"}
	case c.Loan != nil || c.Date != nil:
		return t.at(leaf(t.deal, t.sched, t.origin, c))
	}
	e := event(c)
	if e == nil {
		return no
	}
	return t.event(e, c)
}

// event adds the event to the model and refers to it.
func (t *translator) event(e *contract.EventLeaf, c *contract.Condition) value.Cond {
	p := e.Probability.Or(metNowChance(e.Expected.Known()))
	if p <= 0 {
		return value.Cond{Kind: value.Never}
	}
	at := 0.0
	if e.Expected.Known() {
		at = math.Max(e.Expected.Time()-t.origin, 0)
	}
	name := fmt.Sprintf("event at %s", c.Pos)
	for _, known := range t.model.Events {
		if known.Name == name {
			return value.Cond{Kind: value.Happened, Name: name}
		}
	}
	t.model.Events = append(t.model.Events, value.Event{Name: name, At: at, Chance: p})
	return value.Cond{Kind: value.Happened, Name: name}
}

func (t *translator) power(p *contract.PowerLeaf) value.Cond {
	if t.skipPower {
		return value.Cond{Kind: value.Always}
	}
	if !p.AtLeast.Known {
		return value.Cond{Kind: value.Never}
	}
	name := "delivered"
	if p.Tranche != "" {
		name += " " + p.Tranche
		if !t.has(name) {
			return value.Cond{Kind: value.Never} // an option that is not exercised
		}
	}
	return value.Cond{Kind: value.Reached, Name: name, Level: p.AtLeast.Base}
}

func (t *translator) has(name string) bool {
	for _, q := range t.model.Quantities {
		if q.Name == name {
			return true
		}
	}
	return false
}

func window(f contract.Figure) int { return max(int(math.Round(f.Or(1))), 1) }

func hurdle(level float64, test string, days contract.Figure) value.Cond {
	switch test {
	case "touch":
		return value.Cond{Kind: value.Touch, Level: level}
	case "vwap":
		return value.Cond{Kind: value.Average, Level: level, Window: window(days)}
	}
	return value.Cond{Kind: value.Close, Level: level}
}
