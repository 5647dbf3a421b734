package analysis

import (
	"math"

	"wafer/internal/deal/contract"
	"wafer/internal/deal/equity"
)

// ShareRow is one way to count shares, and the holder's part of it.
type ShareRow struct {
	ID, Title string
	Basic     float64 // issued and outstanding
	Options   float64 // treasury stock method, or gross in the last row
	Warrants  float64
	Total     float64
	Holder    float64 // warrants over total
	Value     float64 // total at today's price
	How       string
}

// shareTable counts on four bases: issued, vested, probable, everything.
func shareTable(r *Result) []ShareRow {
	i := r.Deal.Issuer
	if i == nil || !i.Basic.Known {
		return nil
	}
	count := func(f func(*equity.Block) float64) float64 { return r.Equity.Total(f) }
	threshold := r.Deal.Policy.Threshold.Or(0.75)
	vested := count(func(b *equity.Block) float64 { return b.VestedNow })
	probable := count(func(b *equity.Block) float64 {
		if b.Likely >= threshold {
			return b.Count
		}
		return b.VestedNow
	})
	all := count(func(b *equity.Block) float64 { return b.Count })
	tsm := TreasuryStock(i, i.Spot.Or(0))
	rows := []ShareRow{
		{ID: "issued", Title: "issued and outstanding", Basic: i.Basic.Base, How: "ASC 260-10-45-10; vested penny warrants not yet added"},
		{ID: "vested", Title: "with vested warrants", Basic: i.Basic.Base, Options: tsm, Warrants: vested, How: "penny warrants count as issued from vesting, ASC 260-10-45-13; options by the treasury stock method"},
		{ID: "probable", Title: "with probable warrants", Basic: i.Basic.Base, Options: tsm, Warrants: probable, How: "blocks whose performance conditions are probable"},
		{ID: "all", Title: "with all warrants", Basic: i.Basic.Base, Options: tsm, Warrants: all, How: "every block, the option's too"},
	}
	if i.Diluted.Known {
		rows = append(rows, ShareRow{
			ID: "published", Title: "fully diluted, as published", Basic: i.Basic.Base, Warrants: all,
			Options: i.Diluted.Base - i.Basic.Base - all, How: "published total; what is neither issued nor warrants is the rest",
		})
	}
	for k := range rows {
		x := &rows[k]
		x.Total = x.Basic + x.Options + x.Warrants
		if x.Total > 0 {
			x.Holder = x.Warrants / x.Total
		}
		x.Value = x.Total * i.Spot.Or(nan)
	}
	return rows
}

// TreasuryStock gives the shares that options add at a price: those exercised less
// those bought back with the proceeds (ASC 260-10-45-23). Out of the money adds none.
func TreasuryStock(i *contract.Issuer, price float64) float64 {
	sum := 0.0
	for _, o := range i.Options {
		if price > 0 {
			sum += o.Count.Base * math.Max(1-o.Strike.Base/price, 0)
		}
	}
	return sum
}

// EPS is a loss or profit a share, basic and diluted.
type EPS struct{ Basic, Diluted, BasicShares, DilutedShares float64 }

// PerShare divides a period's income. Contingently issuable shares enter the
// diluted count only if their condition would be met at the end of the period
// (ASC 260-10-45-48), and nothing dilutes a loss.
func PerShare(income, basic, vestedPenny, contingentMet, tsm float64) EPS {
	e := EPS{BasicShares: basic + vestedPenny}
	e.DilutedShares = e.BasicShares
	if income > 0 {
		e.DilutedShares += contingentMet + tsm
	}
	e.Basic, e.Diluted = income/e.BasicShares, income/e.DilutedShares
	return e
}

// Multiple is value over revenue with both of them named.
type Multiple struct {
	Value, Revenue   string // ids
	ValueTitle       string
	RevenueTitle     string
	Numerator, Denom float64
	Times            float64
}

// namedValue is a numerator.
type namedValue struct {
	id, title string
	amount    float64
}

// values lists the numerators: basic and diluted equity and enterprise value at
// every price worth a column.
func values(r *Result) []namedValue {
	i := r.Deal.Issuer
	if i == nil || !i.Basic.Known {
		return nil
	}
	marks := append([]contract.PriceMark{}, i.Marks...)
	if i.Spot.Known {
		marks = append(marks, contract.PriceMark{ID: "today", Title: "today's price", Price: i.Spot})
	}
	var out []namedValue
	for _, m := range marks {
		p := m.Price.Base
		out = append(out, namedValue{"basic_" + m.ID, "basic equity at " + m.Title, i.Basic.Base * p})
		if i.Diluted.Known {
			out = append(out, namedValue{"diluted_" + m.ID, "fully diluted equity at " + m.Title, i.Diluted.Base * p})
			if i.NetCash.Known {
				out = append(out, namedValue{"ev_" + m.ID, "enterprise value, diluted, at " + m.Title, i.Diluted.Base*p - i.NetCash.Base})
			}
		}
	}
	return out
}

func multiples(r *Result) []Multiple {
	var out []Multiple
	if r.Deal.Issuer == nil {
		return nil
	}
	for _, v := range values(r) {
		for _, rev := range r.Deal.Issuer.Revenues {
			out = append(out, Multiple{v.id, rev.ID, v.title, rev.Title, v.amount, rev.Amount.Base, v.amount / rev.Amount.Base})
		}
	}
	return out
}

// Needed is the answer of the reverse question.
type Needed struct {
	Value   string
	Title   string
	Amount  float64
	Revenue float64 // that makes the multiple true
	Times   float64
}

// Reverse asks what revenue would make a multiple true, for every numerator.
func Reverse(r *Result, times float64) []Needed {
	var out []Needed
	for _, v := range values(r) {
		out = append(out, Needed{v.id, v.title, v.amount, v.amount / times, times})
	}
	return out
}
