package report

import (
	"wafer/internal/deal/analysis"
	"wafer/internal/deal/book"
	"wafer/internal/units"
)

// bothBooks lays the two journals side by side: what each account moves by over
// the whole deal, exact to the cent. Debits are positive.
func bothBooks(r *analysis.Result) []Table {
	var out []Table
	for _, l := range []book.Ledger{r.Book.Supplier(), r.Book.Customer()} {
		t := Table{ID: "ledger_" + l.Party, Title: "Accounts of " + l.Party + " over the deal", Head: []string{"account", "debit $", "credit $"}}
		for _, p := range l.Balances() {
			v, _ := p.Amount.Float64()
			row := []Cell{text(p.Account), text(""), text("")}
			amount := Cell{Value: v, Num: true, Dim: units.Money, Text: groupDecimal(p.Amount.Abs().StringFixed(2))}
			switch {
			case p.Amount.IsPositive():
				row[1] = amount
			case p.Amount.IsNegative():
				amount.Value = -v
				row[2] = amount
			default:
				continue
			}
			t.Rows = append(t.Rows, row)
		}
		t.Note = "Both journals balance in every entry; single entries with --json."
		out = append(out, t)
	}
	return out
}

// groupDecimal sets commas into a plain decimal.
func groupDecimal(s string) string {
	whole, frac := s, ""
	for i := range s {
		if s[i] == '.' {
			whole, frac = s[:i], s[i:]
		}
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return whole + frac
}

// perShare is the deal's earnings a share, basic and diluted (ASC 260).
func perShare(r *analysis.Result, ps []period) Table {
	i := r.Deal.Issuer
	if i == nil || !i.Basic.Known || !i.Delivering || r.Deal.Cost == nil {
		return Table{}
	}
	t := Table{
		ID: "eps", Title: "The deal's earnings a share", Head: []string{"period", "income $M", "vested warrants", "basic shares", "basic $", "diluted shares", "diluted $"},
		Note: "Income is the deal's gross profit less tax. Penny warrants count as basic from vesting (ASC 260-10-45-13); options by the treasury stock method at today's price; nothing dilutes a loss. Blocks that wait for more megawatts or a higher price are not issuable at the period's end and stay out (ASC 260-10-45-48).",
	}
	tsm := analysis.TreasuryStock(i, i.Spot.Or(0))
	for _, p := range ps {
		vested := 0.0
		for k := range r.Equity.Blocks {
			if b := &r.Equity.Blocks[k]; b.Given() {
				vested += p.end(b.Calendar)
			}
		}
		income := p.sum(r.Book.EBIT) - p.sum(r.Book.Cash.Tax)
		e := analysis.PerShare(income, i.Basic.Base, vested, 0, tsm)
		t.Rows = append(t.Rows, []Cell{
			text(p.label), millions(income), plain(vested, 0), plain(e.BasicShares, 0), plain(e.Basic, 3), plain(e.DilutedShares, 0), plain(e.Diluted, 3),
		})
	}
	return t
}

// sensitivity is what bumps do to the value of the warrants.
func sensitivity(bs []analysis.Bump) Table {
	t := Table{ID: "warrant_sensitivity", Title: "What moves the value of the warrants today", Head: []string{"change", "value", "difference", "in %"}, Note: "Same random numbers in every row."}
	for i, b := range bs {
		row := []Cell{text(b.Title), num(b.Value, units.Money), text("-"), text("-")}
		if i > 0 {
			row[2], row[3] = num(b.Change, units.Money), num(b.Change/bs[0].Value, units.Ratio)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
