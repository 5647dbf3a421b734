package analysis

import (
	"fmt"
	"math"
	"strings"

	"wafer/internal/deal/contract"
	"wafer/internal/deal/equity"
	"wafer/internal/deal/schedule"
	"wafer/internal/deal/system"
	"wafer/internal/units"
)

// Output is one named result. Names are stable: claims and spreadsheets refer to
// them.
type Output struct {
	Name  string
	Title string
	Value float64
	Dim   units.Dim
	How   string // in words
}

// Get finds an output by name.
func (r *Result) Get(name string) (float64, bool) {
	for _, o := range r.Outputs {
		if o.Name == name {
			return o.Value, true
		}
	}
	return 0, false
}

// Vars gives all known outputs by name.
func (r *Result) Vars() map[string]float64 {
	out := map[string]float64{}
	for _, o := range r.Outputs {
		if !math.IsNaN(o.Value) && !math.IsInf(o.Value, 0) {
			out[o.Name] = o.Value
		}
	}
	return out
}

// collector keeps the order in which outputs are added.
type collector struct{ out []Output }

func (c *collector) add(name, title string, v float64, d units.Dim, how string) {
	c.out = append(c.out, Output{name, title, v, d, how})
}

func outputs(r *Result) []Output {
	c := &collector{}
	capacityOutputs(c, r)
	incomeOutputs(c, r)
	moneyOutputs(c, r)
	warrantOutputs(c, r)
	tokenOutputs(c, r)
	shareOutputs(c, r)
	return c.out
}

func capacityOutputs(c *collector, r *Result) {
	s := r.Schedule
	committed := 0.0
	for _, co := range s.Cohorts {
		if !co.Option {
			committed += co.MW
		}
	}
	peak := 0.0
	for _, v := range s.MWEnd {
		peak = math.Max(peak, v)
	}
	mwy := schedule.Sum(s.MWYears)
	c.add("capacity.committed", "committed capacity", committed, units.Power, "sum of the tranches")
	c.add("capacity.peak", "most in service at a quarter's end", peak, units.Power, "")
	c.add("capacity.mw_years", "megawatt-years delivered", mwy, units.None, "integral of capacity in service")
	c.add("fees.total", "fees, without pass-through", schedule.Sum(s.Fees), units.Money, s.FeeBasis)
	c.add("pass_through.total", "pass-through booked gross", schedule.Sum(s.Pass), units.Money, "megawatt-years × rate")
	c.add("fees.with_pass_through", "fees with pass-through", schedule.Sum(s.Fees)+schedule.Sum(s.Pass), units.Money, "fees + pass-through")
	if per := PriceDim(r.Deal); per == units.MoneyPerMW {
		c.add("fees.per_mw", "price of a megawatt delivered", ratio(schedule.Sum(s.Fees), schedule.Sum(s.Volume)), per, "fees / megawatts delivered")
	} else {
		c.add("fees.per_mw_year", "fees a megawatt-year", ratio(schedule.Sum(s.Fees), mwy), per, "fees / megawatt-years")
		c.add("fees.per_mw_year_gross", "fees with pass-through a megawatt-year", ratio(schedule.Sum(s.Fees)+schedule.Sum(s.Pass), mwy), per, "(fees + pass-through) / megawatt-years")
	}
	best := 0.0
	for i := 0; i+4 <= len(s.Fees); i++ {
		best = math.Max(best, schedule.Sum(s.Fees[i:i+4])+schedule.Sum(s.Pass[i:i+4]))
	}
	c.add("fees.best_year", "best four quarters, with pass-through", best, units.Money, "largest sum of four quarters in a row")
}

// PriceDim is what a deal's price counts: a megawatt when machines are sold, else a
// megawatt and year.
func PriceDim(d *contract.Deal) units.Dim {
	if d.Price.Basis == "hardware_sale" {
		return units.MoneyPerMW
	}
	return units.MoneyPerMWYr
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return nan
	}
	return a / b
}

func incomeOutputs(c *collector, r *Result) {
	b := r.Book
	gaap, core := schedule.Sum(b.GAAP), schedule.Sum(b.Core)
	c.add("contra.total", "warrants against revenue", schedule.Sum(b.Contra), units.Money, "grant value of recognised blocks (ASC 606-10-32-25)")
	c.add("revenue.gaap", "GAAP revenue", gaap, units.Money, "fees + pass-through − warrants")
	c.add("revenue.core", "core revenue", core, units.Money, "GAAP + warrants − pass-through")
	if r.Deal.Cost == nil {
		return
	}
	c.add("gross.gaap", "GAAP gross profit", schedule.Sum(b.GrossGAAP), units.Money, "GAAP revenue − cash cost − pass-through cost − depreciation")
	c.add("gross.core", "core gross profit", schedule.Sum(b.GrossCore), units.Money, "core revenue − cash cost − depreciation")
	c.add("gross.margin_gaap", "GAAP gross margin", ratio(schedule.Sum(b.GrossGAAP), gaap), units.Ratio, "")
	c.add("gross.margin_core", "core gross margin", ratio(schedule.Sum(b.GrossCore), core), units.Ratio, "")
	c.add("ebit.before_warrants", "profit before warrants", schedule.Sum(b.EBITBefore), units.Money, "fees + pass-through − all cost")
	for _, l := range r.Deal.Cost.Lives {
		c.add("margin."+l.ID, fmt.Sprintf("run-rate EBIT margin, %s life", units.Format(l.Years.Base, units.Years)), b.RunRateMargin(l.Years.Base), units.Ratio, "a full year of service, before warrants")
	}
}

func moneyOutputs(c *collector, r *Result) {
	b, w := r.Book, r.Worth
	c.add("rpo.total", "remaining performance obligation", r.RPO.Total, units.Money, "fees after the as-of date, options left out")
	c.add("rpo.net", "the same net of warrants", r.RPO.Net, units.Money, "less contra-revenue still to come")
	for _, k := range r.RPO.Within {
		c.add(fmt.Sprintf("rpo.within_%dm", k.Months), fmt.Sprintf("within %d months", k.Months), k.Fees, units.Money, "")
	}
	for _, k := range r.RPO.Within {
		c.add(fmt.Sprintf("rpo.share_%dm", k.Months), fmt.Sprintf("share within %d months", k.Months), k.Share, units.Ratio, "")
	}
	c.add("loan.repaid_in_service", "loan repaid in service", schedule.Sum(b.Loan.RepaidService), units.Money, "instalments set off against fees")
	c.add("loan.interest_waived", "interest waived", schedule.Sum(b.Loan.Waived), units.Money, "balance × rate / 4 a quarter")
	if r.Deal.Cost == nil {
		return
	}
	c.add("cash.capex", "capital spent", schedule.Sum(b.Cash.Capex), units.Money, "megawatts × capex")
	c.add("cash.free", "free cash", schedule.Sum(b.Cash.Free), units.Money, "collected + loan − capex − cost − tax")
	c.add("cash.peak_funding", "deepest cumulative cash", w.PeakFunding, units.Money, "")
	c.add("cash.payback", "years until cash stays positive", w.Payback, units.Years, "")
	c.add("worth.supplier_cash_npv", "supplier, free cash", w.SupplierCash, units.Money, "present value at the start of the first quarter")
	c.add("worth.supplier_npv", "supplier, less warrants today", w.SupplierNPV, units.Money, "")
	c.add("worth.supplier_irr", "supplier's rate of return", w.IRR, units.Ratio, "of free cash, a year")
	c.add("worth.customer_npv", "customer, against the market's price", w.CustomerNPV, units.Money, "")
	c.add("worth.credit_loss", "expected credit loss", w.CreditLoss, units.Money, "hazard × (1 − recovery)")
	c.add("price.headline", "price, discounted", w.Headline, PriceDim(r.Deal), "PV(fees + pass-through) / PV(volume)")
	c.add("price.effective", "price after equity", w.Effective, PriceDim(r.Deal), "(PV fees + PV waived interest − PV warrants) / PV volume")
	c.add("price.effective_grant", "price after equity, grant value", w.EffectiveNom, PriceDim(r.Deal), "(fees + pass-through − recognised grant value) / volume")
	c.add("price.discount", "the customer's discount", 1-ratio(w.Effective, w.Headline), units.Ratio, "1 − effective / headline")
}

func warrantOutputs(c *collector, r *Result) {
	e := r.Equity
	count := e.Total(func(b *equity.Block) float64 { return b.Count })
	if count == 0 {
		return
	}
	c.add("warrants.count", "shares under the warrants", count, units.Shares, "sum of the blocks")
	c.add("warrants.vested", "vested by the as-of date", e.Total(func(b *equity.Block) float64 { return b.VestedNow }), units.Shares, "")
	c.add("warrants.grant_value", "grant-date value, all blocks", e.Total(func(b *equity.Block) float64 { return b.GrantTotal }), units.Money, "count × grant-date fair value")
	c.add("warrants.today", "value today, weighted by probability", e.Total(func(b *equity.Block) float64 { return b.Today.Total }), units.Money, "simulated")
	if r.Deal.Issuer != nil {
		for _, m := range r.Deal.Issuer.Marks {
			c.add("warrants.at_"+name(m.ID), "all blocks at the "+m.Title, count*m.Price.Base, units.Money, "count × price")
		}
	}
	for i := range e.Blocks {
		b := &e.Blocks[i]
		if b.Given() && b.Today.Known {
			c.add("warrants.prob_"+name(b.ID), "chance of block "+b.ID, b.Today.Prob, units.Ratio, "risk-neutral, simulated")
		}
	}
	for _, t := range r.Taxes {
		if !math.IsNaN(t.OfGross) {
			c.add("tax."+name(t.ID), "equity over profit: "+t.Title, t.OfGross, units.Ratio, "value / profit before warrants")
		}
	}
}

// name makes an id fit for a formula, where a dash would be a minus.
func name(id string) string { return strings.ReplaceAll(id, "-", "_") }

// tokenOutputs joins the machine to the contract: what the customer earns with the
// tokens of a megawatt-year, where the speed of the system is known.
func tokenOutputs(c *collector, r *Result) {
	d := r.Deal
	sys, ok := system.Find(d, d.Capacity.Hardware)
	if !ok || !sys.Speed.Known || d.Customer == nil || !d.Customer.TokenPrice.Known {
		return
	}
	const millionsAYear = 31.536 // of tokens, at one token a second
	sold := sys.Speed.Base * millionsAYear * d.Customer.Utilisation.Or(1)
	earned := sold * d.Customer.TokenPrice.Base
	c.add("tokens.per_mw_year", "million tokens a megawatt-year sold", sold, units.None, "tok/s per MW × 31.536 × utilisation")
	c.add("tokens.revenue_per_mw_year", "what they sell for", earned, units.MoneyPerMWYr, "tokens × price")
	c.add("tokens.margin", "left after the price of capacity", 1-ratio(r.Worth.Headline, earned), units.Ratio, "1 − price / token revenue")
}

func shareOutputs(c *collector, r *Result) {
	for _, s := range r.Shares {
		c.add("shares."+s.ID, "shares "+s.Title, s.Total, units.Shares, s.How)
		c.add("shares.holder_"+s.ID, "holder's part "+s.Title, s.Holder, units.Ratio, "")
	}
	i := r.Deal.Issuer
	if i == nil {
		return
	}
	if i.Diluted.Known {
		count := r.Equity.Total(func(b *equity.Block) float64 { return b.Count })
		c.add("shares.warrant_percent_diluted", "warrants over published diluted shares", count/i.Diluted.Base, units.Ratio, "")
		if i.Delivering && r.Deal.Cost != nil {
			c.add("worth.per_share", "the deal, a diluted share", r.Worth.SupplierNPV/i.Diluted.Base, units.MoneyPerShare, "supplier's value less warrants / diluted shares")
			c.add("worth.share_without", "today's price without the deal", i.Spot.Or(nan)-r.Worth.SupplierNPV/i.Diluted.Base, units.MoneyPerShare, "")
		}
	}
	for _, m := range r.Multiple {
		c.add("multiple."+name(m.Value)+"_over_"+name(m.Revenue), m.ValueTitle+" / "+m.RevenueTitle, m.Times, units.None, "")
	}
}
