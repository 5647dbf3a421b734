package report

import (
	"fmt"
	"math"
	"strings"

	"wafer/internal/deal/analysis"
	"wafer/internal/deal/schedule"
	"wafer/internal/units"
)

// maxBars is how many rows of a tornado are worth showing.
const maxBars = 12

func tornado(bars []analysis.Bar) Table {
	t := Table{ID: "tornado", Title: "What moves the supplier's value after warrants (5th and 95th percentile of each figure)", Head: []string{"figure", "low", "high", "value at low", "value at high", "swing"}}
	for i, b := range bars {
		if i == maxBars {
			break
		}
		t.Rows = append(t.Rows, []Cell{text(b.Path), text(b.LowIn), text(b.HighIn), num(b.Low, units.Money), num(b.High, units.Money), num(b.Swing(), units.Money)})
	}
	return t
}

func fan(f *analysis.Fan, dim units.Dim) Table {
	if f == nil || len(f.NPV) == 0 {
		return Table{}
	}
	t := Table{ID: "fan", Title: fmt.Sprintf("All %d uncertain figures drawn %s times", f.Figures, units.Group(float64(f.Paths))), Head: []string{"what"}}
	for _, l := range f.Levels {
		t.Head = append(t.Head, fmt.Sprintf("p%g", l*100))
	}
	row := func(what string, v []float64, d units.Dim) {
		cells := []Cell{text(what)}
		for _, x := range v {
			cells = append(cells, num(x, d))
		}
		t.Rows = append(t.Rows, cells)
	}
	row("supplier's value after warrants", f.NPV, units.Money)
	if len(f.PerShare) > 0 && !math.IsNaN(f.PerShare[0]) {
		row("the same a diluted share", f.PerShare, units.MoneyPerShare)
	}
	row("price after equity", f.Effective, dim)
	full := []Cell{text("last committed megawatt in service")}
	for _, x := range f.FullBy {
		full = append(full, text(dated(x)))
	}
	if f.FullBy[0] > 0 {
		t.Rows = append(t.Rows, full)
	}
	t.Note = fmt.Sprintf("The supplier's value is negative in %s of the draws. Figures are drawn independently; warrant values a share are those of the base case.", units.Format(f.Loss, units.Ratio))
	return t
}

func grid(g analysis.Grid) Table {
	t := Table{ID: "grid_" + g.Metric.ID, Title: fmt.Sprintf("%s: %s down, %s across", g.Title, g.RowTitle, g.ColTitle), Head: append([]string{""}, g.ColText...)}
	for i, line := range g.Cells {
		row := []Cell{text(g.RowText[i])}
		for _, v := range line {
			row = append(row, num(v, units.Money))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func reported(r *analysis.Result) Table {
	t := Table{ID: "reported", Title: "Published figures beside the model's", Head: []string{"figure", "published", "model", "difference", "source"}}
	for _, p := range r.Deal.Reported {
		v, ok := r.Get(p.Output)
		if !ok {
			continue
		}
		t.Rows = append(t.Rows, []Cell{text(p.Title), num(p.Value.Base, p.Value.Unit.Dim), num(v, p.Value.Unit.Dim), num(v/p.Value.Base-1, units.Ratio), text(p.Value.Cite())})
	}
	return t
}

// Compare lays deals side by side on the measures of their size and price.
func Compare(rs []*analysis.Result) Table {
	t := Table{ID: "compare", Title: "Deals side by side", Head: []string{"deal", "date", "binding", "MW IT", "years", "fees", "$M/MW-yr", "capex $M/MW", "equity", "equity a $", "equity $M/MW", "direction"}}
	for _, r := range rs {
		d := r.Deal
		mw := 0.0
		for _, c := range r.Schedule.Cohorts {
			mw += schedule.IT(d, c.MW, r.Schedule.MWKind)
		}
		fees := schedule.Sum(r.Schedule.Fees) + schedule.Sum(r.Schedule.Pass)
		mwy := schedule.IT(d, schedule.Sum(r.Schedule.MWYears), r.Schedule.MWKind)
		eq := EquityValue(r)
		capex := math.NaN()
		if d.Cost != nil && d.Cost.Capex.Known {
			capex = d.Cost.Capex.Base / 1e6
		}
		row := []Cell{text(d.ID), text(d.Announced.String()), text(d.Binding), blank(mw, 0), blank(mwy/mw, 1)}
		row = append(row, moneyOr(fees), blank(fees/mwy/1e6, 1), blank(capex, 1), moneyOr(eq), ratioOr(eq/fees), blank(eq/mw/1e6, 2), text(strings.ReplaceAll(d.Direction, "_", " ")))
		if d.Price.Basis == "hardware_sale" {
			row[6] = text("-") // a sale of machines is not a rent of capacity
		}
		t.Rows = append(t.Rows, row)
	}
	t.Note = "Megawatts are those of the base case, options that it exercises included. Equity is today's simulated value of what is given, or what is paid for shares; where neither can be computed, a dash. Fees of deals without a public price are the announced total."
	return t
}

// EquityValue is what the equity of a deal is worth: given shares today (at grant
// where today is not known), bought shares at their price.
func EquityValue(r *analysis.Result) float64 {
	sum := 0.0
	for i := range r.Equity.Blocks {
		b := &r.Equity.Blocks[i]
		switch {
		case !b.Given():
			sum += b.Amount
		case b.Today.Known:
			sum += b.Today.Total
		default:
			sum += math.Max(b.GrantTotal, 0)
		}
	}
	return sum
}

func blank(v float64, digits int) Cell {
	if math.IsNaN(v) || math.IsInf(v, 0) || v == 0 {
		return text("-")
	}
	return plain(v, digits)
}

func moneyOr(v float64) Cell {
	if v == 0 || math.IsNaN(v) {
		return text("-")
	}
	return num(v, units.Money)
}

func ratioOr(v float64) Cell {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return text("-")
	}
	return num(v, units.Ratio)
}
