package report

import (
	"fmt"

	"wafer/internal/deal/bill"
	"wafer/internal/units"
)

// Bills lays monthly bills side by side.
func Bills(m bill.Mix, bills []bill.Bill, prices []bill.Price) Table {
	t := Table{
		ID: "bill", Title: fmt.Sprintf("A month of %s tokens, %g:1 input to output, %s of the input from the cache", units.Group(m.Tokens), m.Ratio, units.Format(m.Hit, units.Ratio)),
		Head: []string{"model", "input $/M", "cached $/M", "output $/M", "input $", "cached $", "output $", "bill $", "blended $/M", "list"},
	}
	for i, b := range bills {
		p := prices[i]
		t.Rows = append(t.Rows, []Cell{
			text(b.Model), exact(p.Input), exact(p.Cached), exact(p.Output), plain(b.Miss, 0), plain(b.Cached, 0), plain(b.Output, 0),
			plain(b.Total, 0), plain(b.PerMillion, 4), textf("%s [%s]", p.AsOf, p.Confidence),
		})
	}
	t.Note = "List prices without volume discounts; sources with --json. The bill compares prices, not quality, and moves strongly with the cache-hit rate."
	return t
}

// exact writes a price with the digits it was listed with.
func exact(v float64) Cell { return Cell{Value: v, Num: true, Text: fmt.Sprintf("%g", v)} }

// BOMs lists what racks cost, line by line.
func BOMs(boms []bill.BOM) Table {
	t := Table{ID: "bom", Title: "Bills of materials", Head: []string{"system", "part", "count", "each", "total", "share", "source"}}
	for _, b := range boms {
		for _, p := range b.Parts {
			t.Rows = append(t.Rows, []Cell{
				text(b.System), text(p.Name), plain(p.Count, 0), num(p.Unit, units.Money), num(p.Total, units.Money), num(p.Total/b.Total, units.Ratio), text(p.Confidence),
			})
		}
		row := []Cell{text(b.System), textf("total: %s", b.View), text(""), text(""), num(b.Total, units.Money), num(1, units.Ratio), text(b.Confidence)}
		t.Rows = append(t.Rows, row)
		t.Rows = append(t.Rows, []Cell{text(b.System), text("memory in it"), text(""), text(""), num(b.Memory(), units.Money), num(b.MemoryShare(), units.Ratio), text("")})
		if perMW, ok := b.PerMW(); ok {
			t.Rows = append(t.Rows, []Cell{text(b.System), textf("a megawatt at %g kW", b.KW), text(""), text(""), num(perMW, units.MoneyPerMW), text(""), text("D")})
		}
	}
	return t
}
