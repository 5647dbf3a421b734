package report

import (
	"fmt"
	"math"

	"wafer/internal/deal/analysis"
	"wafer/internal/deal/contract"
	"wafer/internal/deal/schedule"
	"wafer/internal/deal/system"
	"wafer/internal/units"
)

func effective(r *analysis.Result) Table {
	w := r.Worth
	dim, per := analysis.PriceDim(r.Deal), "MW-year"
	if dim == units.MoneyPerMW {
		per = "MW sold"
	}
	t := Table{ID: "effective", Title: "Price a " + per + " after equity", Head: []string{"step", "a " + per}}
	if w.PVVolume == 0 || w.PVFees == 0 {
		return t
	}
	row := func(what string, v float64) {
		t.Rows = append(t.Rows, []Cell{text(what), num(v, dim)})
	}
	row("fees and pass-through, discounted over volume discounted", w.Headline)
	row("+ interest the customer waives", w.PVWaived/w.PVVolume)
	row("− warrants at today's value, weighted", -w.PVWarrant/w.PVVolume)
	row("effective price", w.Effective)
	t.Total = true
	t.Note = fmt.Sprintf("Undiscounted and at grant-date value the price is %s.", units.Format(w.EffectiveNom, dim))
	return t
}

func taxes(r *analysis.Result) Table {
	t := Table{ID: "tax", Title: "What the equity takes of the profit", Head: []string{"warrants valued as", "value", "of profit", "of revenue"}, Note: "Profit is before warrants, on the policy life, over the whole deal."}
	for _, x := range r.Taxes {
		if x.Warrants > 0 {
			t.Rows = append(t.Rows, []Cell{text(x.Title), num(x.Warrants, units.Money), num(x.OfGross, units.Ratio), num(x.OfRevenue, units.Ratio)})
		}
	}
	return t
}

// Speeds and utilisations of the break-even table; economics notes 5.4 and 5.6.
var (
	tokenSpeeds  = []float64{100e3, 300e3, 1e6, 3e6}
	utilisations = []float64{0.50, 0.70, 0.85, 1}
)

func breakEven(r *analysis.Result) Table {
	t := Table{ID: "break_even", Title: "Break-even price of a million tokens", Head: []string{"utilisation"}}
	price := r.Worth.Headline
	if price == 0 || math.IsNaN(price) || r.Deal.Price.Basis == "hardware_sale" {
		return t
	}
	speeds := tokenSpeeds
	if sys, ok := system.Find(r.Deal, r.Deal.Capacity.Hardware); ok && sys.Speed.Known {
		speeds = append([]float64{sys.Speed.Base}, speeds...)
	}
	for _, s := range speeds {
		t.Head = append(t.Head, units.Group(s/1e3)+"k tok/s/MW")
	}
	for _, u := range utilisations {
		row := []Cell{num(u, units.Ratio)}
		for _, s := range speeds {
			row = append(row, Cell{Value: schedule.BreakEvenPerMTok(price, s, u), Num: true, Dim: units.MoneyPerMTok, Text: fmt.Sprintf("$%.3f", schedule.BreakEvenPerMTok(price, s, u))})
		}
		t.Rows = append(t.Rows, row)
	}
	t.Note = fmt.Sprintf("At %s: price = fee / (tok/s per MW × 31.536 × utilisation).", units.Format(price, units.MoneyPerMWYr))
	return t
}

func blocks(r *analysis.Result) Table {
	t := Table{ID: "blocks", Title: "Blocks", Head: []string{"block", "shares", "status", "base case", "chance", "grant value", "today a share", "± s.e.", "today", "mean vest, yr"}}
	for i := range r.Equity.Blocks {
		b := &r.Equity.Blocks[i]
		if !b.Given() {
			continue
		}
		row := []Cell{text(b.ID), num(b.Count, units.Shares), text(b.Status), text(dated(b.When)), text("-"), num(b.GrantTotal, units.Money), text("-"), text("-"), text("-"), text("-")}
		if b.GrantTotal == 0 {
			row[5] = text("-")
		}
		if b.Count == 0 {
			row[1] = text("not public")
		}
		if b.Today.Known {
			row[4], row[6], row[7] = num(b.Today.Prob, units.Ratio), num(b.Today.PerShare, units.MoneyPerShare), plain(b.Today.StdErr, 2)
			row[8], row[9] = num(b.Today.Total, units.Money), plain(b.Today.MeanVest, 2)
		}
		t.Rows = append(t.Rows, row)
	}
	t.Note = "Grant value is the accounting value: market conditions inside, performance conditions outside, never re-marked. Today's value has everything inside and is simulated. The two are not mixed."
	return t
}

func purchases(r *analysis.Result) Table {
	t := Table{ID: "purchases", Title: "Shares that are paid for", Head: []string{"block", "buyer", "issuer", "amount", "status", "base case"}}
	for i := range r.Equity.Blocks {
		b := &r.Equity.Blocks[i]
		if b.Given() {
			continue
		}
		amount := num(b.Amount, units.Money)
		if b.Amount == 0 {
			amount = text(b.Equity.Percent.String())
		}
		t.Rows = append(t.Rows, []Cell{text(b.ID), text(b.Equity.Holder), text(b.Equity.Issuer), amount, text(b.Status), text(dated(b.When))})
	}
	return t
}

func dated(t float64) string {
	if math.IsInf(t, 0) {
		return "-"
	}
	return contract.DateOf(t).String()
}

func vestCalendar(r *analysis.Result, ps []period) Table {
	var cols []column
	for i := range r.Equity.Blocks {
		b := &r.Equity.Blocks[i]
		if b.Given() {
			cols = append(cols, column{b.ID, b.Calendar, func(p period, row []float64) Cell { return plain(p.end(row), 0) }})
		}
	}
	return byPeriod("vesting", "Vest calendar, base case, shares vested so far", "", ps, cols, false)
}

func shares(r *analysis.Result) Table {
	t := Table{ID: "shares", Title: "Shares by how they are counted", Head: []string{"count", "issued", "options and rest", "warrants", "total", "holder's part", "value today"}}
	for _, s := range r.Shares {
		t.Rows = append(t.Rows, []Cell{text(s.Title), num(s.Basic, units.Shares), num(s.Options, units.Shares), num(s.Warrants, units.Shares), num(s.Total, units.Shares), num(s.Holder, units.Ratio), num(s.Value, units.Money)})
	}
	v, ok := r.Get("worth.per_share")
	w, _ := r.Get("worth.share_without")
	if ok && !math.IsNaN(w) {
		t.Note = fmt.Sprintf("A diluted share holds %s of this deal; at today's price it would be %s without it.", units.Format(v, units.MoneyPerShare), units.Format(w, units.MoneyPerShare))
	}
	return t
}

func multiples(r *analysis.Result) Table {
	t := Table{ID: "multiples", Title: "Value over revenue, both named", Head: []string{"value"}}
	if len(r.Multiple) == 0 {
		return t
	}
	revs := r.Deal.Issuer.Revenues
	for _, v := range revs {
		t.Head = append(t.Head, "/ "+v.Title)
	}
	for i := 0; i < len(r.Multiple); i += len(revs) {
		row := []Cell{textf("%s (%s)", r.Multiple[i].ValueTitle, units.MoneyText(r.Multiple[i].Numerator))}
		for j := range revs {
			row = append(row, Cell{Value: r.Multiple[i+j].Times, Num: true, Text: fixed(r.Multiple[i+j].Times, 1) + "×"})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func reverse(r *analysis.Result, times float64) Table {
	if times == 0 {
		times = 15
	}
	t := Table{ID: "reverse", Title: fmt.Sprintf("What revenue makes %g× true?", times), Head: []string{"value", "amount", "revenue needed"}}
	for _, n := range analysis.Reverse(r, times) {
		t.Rows = append(t.Rows, []Cell{text(n.Title), num(n.Amount, units.Money), num(n.Revenue, units.Money)})
	}
	return t
}
