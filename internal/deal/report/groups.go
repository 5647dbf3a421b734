package report

import (
	"fmt"
	"math"

	"wafer/internal/deal/analysis"
	"wafer/internal/deal/schedule"
	"wafer/internal/deal/system"
	"wafer/internal/units"
)

// The groups of output, in the order in which an analyst reads them.
const (
	groupSummary   = "Summary"
	groupCapacity  = "Capacity"
	groupIncome    = "Income"
	groupBacklog   = "Backlog and loan"
	groupCash      = "Cash and value"
	groupPrice     = "Price after equity"
	groupWarrants  = "Warrants"
	groupShares    = "Shares"
	groupMultiples = "Multiples"
	groupSpread    = "Sensitivity"
	groupCompare   = "Comparison"
	groupBooks     = "Both sides' books"
	groupChecks    = "Checks"
)

func tables(r *analysis.Result, x Extras, yearly bool) []Table {
	p := periods(r.Schedule, yearly)
	var out []Table
	add := func(group string, ts ...Table) {
		for _, t := range ts {
			if len(t.Rows) > 0 {
				t.Group = group
				out = append(out, t)
			}
		}
	}
	add(groupSummary, summary(r))
	add(groupCapacity, capacity(r, p))
	add(groupIncome, income(r, p), bridge(r, p), lives(r))
	add(groupBacklog, waterfall(r), loan(r, p))
	add(groupCash, cash(r, p), worth(r))
	add(groupPrice, effective(r), taxes(r), breakEven(r))
	add(groupWarrants, blocks(r), purchases(r), vestCalendar(r, p))
	add(groupWarrants, sensitivity(x.Bumps))
	add(groupShares, shares(r), perShare(r, p))
	add(groupMultiples, multiples(r), reverse(r, x.Times))
	add(groupSpread, tornado(x.Bars), fan(x.Fan, analysis.PriceDim(r.Deal)))
	for _, g := range x.Grids {
		add(groupSpread, grid(g))
	}
	add(groupCompare, Compare(x.Others))
	add(groupBooks, bothBooks(r)...)
	add(groupChecks, reported(r))
	for _, t := range x.Tables {
		add(groupChecks, t)
	}
	return out
}

// period is a year or a quarter of the table rows.
type period struct {
	label    string
	from, to int // quarters [from,to)
}

func periods(s *schedule.Schedule, yearly bool) []period {
	var out []period
	for i, q := range s.Quarters {
		label := q.Label
		if yearly {
			label = label[:4]
		}
		if n := len(out); n > 0 && out[n-1].label == label {
			out[n-1].to = i + 1
			continue
		}
		out = append(out, period{label, i, i + 1})
	}
	return out
}

func (p period) sum(row []float64) float64 { return schedule.Sum(row[p.from:p.to]) }

func (p period) end(row []float64) float64 { return row[p.to-1] }

// column is one line of the books as a column of a table.
type column struct {
	head string
	row  []float64
	cell func(p period, row []float64) Cell
}

func flow(head string, row []float64) column {
	return column{head, row, func(p period, r []float64) Cell { return millions(p.sum(r)) }}
}

func stock(head string, row []float64) column {
	return column{head, row, func(p period, r []float64) Cell { return millions(p.end(r)) }}
}

// byPeriod makes a table with a row a period and, under flows, a sum. Columns that
// are zero throughout are left out.
func byPeriod(id, title, note string, ps []period, cols []column, total bool) Table {
	t := Table{ID: id, Title: title, Note: note, Head: []string{"period"}, Total: total}
	var used []column
	for _, c := range cols {
		if nonZero(c.row) {
			used = append(used, c)
			t.Head = append(t.Head, c.head)
		}
	}
	if len(used) == 0 {
		return Table{}
	}
	for _, p := range ps {
		row := []Cell{text(p.label)}
		for _, c := range used {
			row = append(row, c.cell(p, c.row))
		}
		t.Rows = append(t.Rows, row)
	}
	if total {
		all := period{"total", 0, len(used[0].row)}
		row := []Cell{text(all.label)}
		for _, c := range used {
			row = append(row, c.cell(all, c.row))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func nonZero(row []float64) bool {
	for _, v := range row {
		if v != 0 {
			return true
		}
	}
	return false
}

// headlines are the outputs of the summary, in its order.
var headlines = []string{
	"capacity.committed", "capacity.mw_years", "fees.total", "fees.with_pass_through", "fees.per_mw_year_gross", "fees.per_mw",
	"revenue.gaap", "revenue.core", "contra.total", "ebit.before_warrants", "gross.margin_core", "rpo.total", "rpo.share_24m",
	"warrants.count", "warrants.grant_value", "warrants.today", "shares.warrant_percent_diluted",
	"price.headline", "price.effective", "price.discount", "cash.peak_funding",
	"worth.supplier_npv", "worth.customer_npv", "worth.per_share",
}

func summary(r *analysis.Result) Table {
	t := Table{ID: "summary", Title: "The deal in numbers", Head: []string{"what", "value", "how"}}
	for _, name := range headlines {
		for _, o := range r.Outputs {
			if o.Name == name && !math.IsNaN(o.Value) && o.Value != 0 {
				t.Rows = append(t.Rows, []Cell{text(o.Title), num(o.Value, o.Dim), text(o.How)})
			}
		}
	}
	return t
}

func capacity(r *analysis.Result, ps []period) Table {
	s := r.Schedule
	mw := func(p period, row []float64) Cell { return plain(p.end(row), 1) }
	sum := func(p period, row []float64) Cell { return plain(p.sum(row), 1) }
	cols := []column{{"in service, MW", s.MWEnd, mw}, {"ever delivered, MW", s.Made, mw}, {"MW-years", s.MWYears, sum}}
	for _, t := range s.Tranches {
		cols = append(cols, column{"MW-years " + t.ID, t.Values, sum})
	}
	note := fmt.Sprintf("Megawatts are %s.", s.MWKind)
	if sys, ok := system.Find(r.Deal, r.Deal.Capacity.Hardware); ok {
		count := systems(r)
		cols = append(cols, column{"systems", count, func(p period, row []float64) Cell { return plain(p.end(row), 0) }})
		note += fmt.Sprintf(" Systems are %s of %s.", sys.Name, units.Format(sys.Power.Base*1000, units.None)+" kW")
		if sys.Speed.Known {
			cols = append(cols, column{"M tok/s", scaled(s.MWEnd, sys.Speed.Base/1e6), mw})
		} else {
			note += " Tokens a second are left to the simulation of the machine."
		}
	}
	if pue := r.Deal.Capacity.PUE; pue.Known && s.MWKind == units.CriticalIT {
		cols = append(cols, column{"facility MW", scaled(s.MWEnd, pue.Base), mw})
	}
	for _, c := range r.Deal.Capacity.Contracted {
		note += fmt.Sprintf(" Sites: %s by %s (%s); promised by then: %s MW.", c.MW, c.By, c.Note, units.Group(s.DeliveredAt(c.By.Time(), "")))
	}
	return byPeriod("capacity", "Capacity", note, ps, cols, false)
}

// systems counts machines in service, each tranche with its own.
func systems(r *analysis.Result) []float64 {
	out := make([]float64, len(r.Schedule.Quarters))
	for _, c := range r.Schedule.Cohorts {
		sys, ok := system.Of(r.Deal, c.ID)
		if !ok {
			continue
		}
		for i, q := range r.Schedule.Quarters {
			out[i] += c.InService(q.T1) / sys.Power.Base
		}
	}
	return out
}

func scaled(row []float64, k float64) []float64 {
	out := make([]float64, len(row))
	for i, v := range row {
		out[i] = v * k
	}
	return out
}

func income(r *analysis.Result, ps []period) Table {
	b := r.Book
	cols := []column{
		flow("fees $M", b.Fees), flow("pass-through $M", b.Pass), flow("warrants $M", scaled(b.Contra, -1)), flow("GAAP revenue $M", b.GAAP),
		flow("cash cost $M", scaled(add(b.CashCost, b.PassCost), -1)), flow("goods $M", scaled(b.Goods, -1)),
	}
	if dep := b.Dep[b.Life]; dep != nil {
		cols = append(cols, flow("depreciation $M", scaled(dep, -1)), flow("GAAP gross profit $M", b.GrossGAAP), flow("core gross profit $M", b.GrossCore))
	}
	if nonZero(b.Energy) {
		cols = append(cols, flow("energy in cost $M", b.Energy))
	}
	note := "Deal level, before central costs. Warrants are contra-revenue at grant-date value (ASC 606-10-32-25, ASC 718), spread over the revenue they buy."
	return byPeriod("income", "Income of the supplier", note, ps, cols, true)
}

func add(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = a[i] + b[i]
	}
	return out
}

func bridge(r *analysis.Result, ps []period) Table {
	b := r.Book
	if !nonZero(b.Contra) && !nonZero(b.Pass) {
		return Table{}
	}
	asu := make([]float64, len(b.ASUOn))
	for i, on := range b.ASUOn {
		if on {
			asu[i] = 1
		}
	}
	cols := []column{
		flow("GAAP revenue $M", b.GAAP), flow("+ warrants $M", b.Contra), flow("− pass-through $M", scaled(b.Pass, -1)), flow("core revenue $M", b.Core),
		stock("warrant asset $M", b.WarrantAsset), stock("owed in shares $M", b.WarrantBehind),
	}
	t := byPeriod("bridge", "From GAAP to core revenue", "A block that vests ahead of its revenue is an asset until revenue uses it up; one that vests behind is owed in shares.", ps, cols, false)
	if len(t.Rows) > 0 {
		t.Head = append(t.Head, "ASU 2025-04")
		for i, p := range ps {
			on := "off"
			if p.end(asu) == 1 {
				on = "on"
			}
			t.Rows[i] = append(t.Rows[i], text(on))
		}
	}
	return t
}

func lives(r *analysis.Result) Table {
	t := Table{ID: "lives", Title: "Run-rate EBIT margin by depreciation life", Head: []string{"life", "years", "depreciation a MW-year", "EBIT margin"}, Note: "A full year of service, before warrants, as analysts' contract tables show it."}
	if r.Deal.Cost == nil {
		return t
	}
	for _, l := range r.Deal.Cost.Lives {
		if m := r.Book.RunRateMargin(l.Years.Base); !math.IsNaN(m) {
			t.Rows = append(t.Rows, []Cell{text(l.ID), plain(l.Years.Base, 2), num(r.Deal.Cost.Capex.Base/l.Years.Base, units.MoneyPerMWYr), num(m, units.Ratio)})
		}
	}
	return t
}

func waterfall(r *analysis.Result) Table {
	w := r.RPO
	t := Table{ID: "rpo", Title: fmt.Sprintf("Remaining performance obligations after %s", r.Deal.AsOf), Head: []string{"within", "fees", "share"}}
	if w.Total == 0 {
		return t
	}
	for _, b := range w.Within {
		t.Rows = append(t.Rows, []Cell{textf("%d months", b.Months), num(b.Fees, units.Money), num(b.Share, units.Ratio)})
	}
	t.Rows = append(t.Rows, []Cell{text("all"), num(w.Total, units.Money), num(1, units.Ratio)})
	t.Total = true
	t.Note = fmt.Sprintf("Net of warrants still to be taken against revenue: %s. Pass-through beside it: %s.", units.MoneyText(w.Net), units.MoneyText(w.Pass))
	return t
}

func loan(r *analysis.Result, ps []period) Table {
	l := r.Book.Loan
	return byPeriod("loan", "Loan from the customer", "Interest on an instalment that is repaid in service is waived: a part of the price.", ps, []column{
		flow("drawn $M", l.Draw), flow("interest $M", l.Interest), flow("waived $M", l.Waived), flow("repaid in service $M", l.RepaidService),
		flow("repaid in cash $M", l.RepaidCash), flow("interest paid $M", l.PaidInterest), stock("balance $M", l.Close),
	}, false)
}

func cash(r *analysis.Result, ps []period) Table {
	c := r.Book.Cash
	return byPeriod("cash", "Cash of the supplier", "Fees are collected in the quarter in which they are earned, less what repays the loan.", ps, []column{
		flow("collected $M", c.Collected), flow("prepaid $M", c.Prepaid), flow("loan in $M", c.LoanIn), flow("capex $M", scaled(c.Capex, -1)),
		flow("running cost $M", scaled(c.Opex, -1)), flow("tax $M", scaled(c.Tax, -1)), flow("loan out $M", scaled(c.LoanOut, -1)),
		flow("shares bought $M", scaled(c.EquityBought, -1)), flow("free cash $M", c.Free), stock("cumulative $M", c.Sum),
	}, false)
}

func worth(r *analysis.Result) Table {
	w := r.Worth
	t := Table{ID: "worth", Title: fmt.Sprintf("Worth to each side at %s a year", units.Format(w.Rate, units.Ratio)), Head: []string{"side", "what", "value"}}
	row := func(side, what string, v float64, d units.Dim) {
		if c := num(v, d); c.Num && v != 0 {
			t.Rows = append(t.Rows, []Cell{text(side), text(what), c})
		}
	}
	if r.Deal.Cost == nil {
		return t
	}
	row("supplier", "free cash", w.SupplierCash, units.Money)
	row("supplier", "warrants at today's value", -w.PVWarrant, units.Money)
	row("supplier", "after warrants", w.SupplierNPV, units.Money)
	row("supplier", "return of free cash a year", w.IRR, units.Ratio)
	row("supplier", "deepest funding need", w.PeakFunding, units.Money)
	row("supplier", "years until cash stays positive", w.Payback, units.Years)
	row("supplier", "book value left at the end", w.Residual, units.Money)
	row("supplier", "expected credit loss", -w.CreditLoss, units.Money)
	t.Note = "Present values at the start of the first quarter. Systems count for nothing after their term: the book value left at the end is beside the supplier's value, not in it."
	row("customer", "same capacity at the market's price", w.Alternative, units.Money)
	row("customer", "warrants at today's value", w.PVWarrant, units.Money)
	row("customer", "gain over the market", w.CustomerNPV, units.Money)
	return t
}
