package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"

	"wafer/internal/deal/chart"
	"wafer/internal/deal/contract"
	"wafer/internal/units"
)

//go:embed page.html
var pageText string

// page is what the template sees.
type page struct {
	Deal      *contract.Deal
	Stamp     Stamp
	StampLine string
	Scenario  string
	Direction string
	Tiles     []tile
	Sections  []section
	Missing   []string
	Open      []string
	Assumed   []string
	Sources   []contract.Source
}

type tile struct{ Title, Value, Note string }

type section struct {
	ID, Title string
	Charts    []figure
	Tables    []htmlTable
	Detail    []htmlTable // by quarter, folded away
}

type figure struct {
	Title string
	SVG   template.HTML
}

type htmlTable struct {
	Table
	Right []bool
}

// HTML writes one page that needs no network: styles, charts and tables are in it.
func (r *Report) HTML(w io.Writer) error {
	t, err := template.New("page").Parse(pageText)
	if err != nil {
		return fmt.Errorf("report page: %w", err)
	}
	d := r.Result.Deal
	p := page{
		Deal: d, Stamp: r.Stamp, StampLine: r.Stamp.Line(), Scenario: r.scenarioTitle(),
		Direction: strings.ReplaceAll(d.Direction, "_", " "), Tiles: r.tiles(), Sections: r.sections(),
		Missing: r.missing(), Open: d.Open, Assumed: Assumptions(d), Sources: d.Sources,
	}
	if err := t.Execute(w, p); err != nil {
		return fmt.Errorf("write the report page: %w", err)
	}
	return nil
}

func (r *Report) scenarioTitle() string {
	for _, s := range r.Result.Deal.Scenarios {
		if s.ID == r.Result.Scenario {
			return s.Title
		}
	}
	return ""
}

// tiles are the numbers that a reader looks for first.
func (r *Report) tiles() []tile {
	var out []tile
	for _, k := range []struct{ output, title, note string }{
		{"capacity.committed", "Committed", "critical IT where the source says so"},
		{"fees.with_pass_through", "Contract", "fees with pass-through"},
		{"price.headline", "Price", "as billed, discounted"},
		{"price.effective", "After equity", "the same less warrants and waived interest"},
		{"warrants.today", "Warrants", "today, weighted by probability"},
		{"worth.supplier_npv", "Supplier", "present value after warrants"},
		{"worth.customer_npv", "Customer", "gain over the market's price"},
		{"rpo.share_24m", "Within 24 months", "of the backlog"},
	} {
		for _, o := range r.Result.Outputs {
			if o.Name == k.output && !math.IsNaN(o.Value) && o.Value != 0 {
				out = append(out, tile{k.title, units.Format(o.Value, o.Dim), k.note})
			}
		}
	}
	return out
}

func (r *Report) sections() []section {
	charts := r.charts()
	var out []section
	at := map[string]int{}
	place := func(list []Table, detail bool) {
		for _, t := range list {
			i, ok := at[t.Group]
			if !ok {
				if detail {
					continue
				}
				i = len(out)
				at[t.Group] = i
				out = append(out, section{ID: strings.ToLower(strings.NewReplacer(" ", "-", "'", "").Replace(t.Group)), Title: t.Group, Charts: charts[t.Group]})
			}
			_, right := t.layout()
			if detail {
				if strings.Contains(firstCell(t), "Q") { // only tables with a row a quarter differ
					out[i].Detail = append(out[i].Detail, htmlTable{t, right})
				}
				continue
			}
			out[i].Tables = append(out[i].Tables, htmlTable{t, right})
		}
	}
	place(r.Tables, false)
	place(r.Quarter, true)
	return out
}

func firstCell(t Table) string {
	if len(t.Rows) > 0 && t.Head[0] == "period" {
		return t.Rows[0][0].Text
	}
	return ""
}

// charts draws what is worth looking at, by group.
func (r *Report) charts() map[string][]figure {
	out := map[string][]figure{}
	add := func(group, title, svg string) {
		// The drawing is made by package chart, which escapes every text.
		out[group] = append(out[group], figure{title, template.HTML(svg)}) //nolint:gosec
	}
	res := r.Result
	s, b := res.Schedule, res.Book
	if len(s.Quarters) == 0 {
		return out
	}
	var labels []string
	for _, q := range s.Quarters {
		labels = append(labels, q.Label[2:])
	}
	if len(s.Cohorts) > 0 {
		var mw []chart.Series
		for _, c := range s.Cohorts {
			row := make([]float64, len(s.Quarters))
			for i, q := range s.Quarters {
				row[i] = c.InService(q.T1)
			}
			mw = append(mw, chart.Series{Name: c.ID, Values: row})
		}
		add(groupCapacity, "Megawatts in service at quarter's end", chart.Area(chart.Frame{Title: "capacity", Unit: "MW", Labels: labels}, mw))
	}
	years := periods(s, true)
	yearly := func(row []float64) []float64 {
		var v []float64
		for _, p := range years {
			v = append(v, p.sum(row)/1e9)
		}
		return v
	}
	var ylabels []string
	for _, p := range years {
		ylabels = append(ylabels, p.label)
	}
	if nonZero(b.Fees) {
		bars := []chart.Series{{Name: "fees", Values: yearly(b.Fees)}}
		for _, x := range []struct {
			name string
			row  []float64
		}{{"pass-through", b.Pass}, {"warrants", scaled(b.Contra, -1)}} {
			if nonZero(x.row) {
				bars = append(bars, chart.Series{Name: x.name, Values: yearly(x.row)})
			}
		}
		add(groupIncome, "Revenue by year, GAAP", chart.Stacked(chart.Frame{Title: "revenue", Unit: "$B", Labels: ylabels, Digits: 1}, bars, []chart.Series{{Name: "GAAP revenue", Values: yearly(b.GAAP)}}))
	}
	if res.Deal.Cost != nil && nonZero(b.Cash.Free) {
		sum := make([]float64, len(years))
		for i, p := range years {
			sum[i] = p.end(b.Cash.Sum) / 1e9
		}
		bars := []chart.Series{{Name: "collected", Values: yearly(b.Cash.Collected)}}
		for _, x := range []struct {
			name string
			row  []float64
		}{{"loan", add2(b.Cash.LoanIn, b.Cash.LoanOut)}, {"capex", scaled(b.Cash.Capex, -1)}, {"cost and tax", scaled(add2(b.Cash.Opex, scaled(b.Cash.Tax, -1)), -1)}, {"shares bought", scaled(b.Cash.EquityBought, -1)}} {
			if nonZero(x.row) {
				bars = append(bars, chart.Series{Name: x.name, Values: yearly(x.row)})
			}
		}
		add(groupCash, "Cash by year and cumulative", chart.Stacked(chart.Frame{Title: "cash", Unit: "$B", Labels: ylabels, Digits: 1}, bars, []chart.Series{{Name: "cumulative", Values: sum}}))
	}
	r.equityCharts(add, labels)
	return out
}

// add2 is inflow less outflow.
func add2(in, outflow []float64) []float64 { return add(in, scaled(outflow, -1)) }

func (r *Report) equityCharts(add func(group, title, svg string), labels []string) {
	res := r.Result
	w := res.Worth
	if w.PVWarrant > 0 && w.PVVolume > 0 {
		k := 1e6 * w.PVVolume
		per := "$M a MW-year"
		if res.Deal.Price.Basis == "hardware_sale" {
			per = "$M a MW sold"
		}
		add(groupPrice, "From the billed price to the price after equity", chart.Waterfall(chart.Frame{Title: "effective price", Unit: per, Digits: 1}, []chart.Step{
			{Name: "billed", Value: w.PVFees / k, Total: true},
			{Name: "waived interest", Value: w.PVWaived / k},
			{Name: "warrants", Value: -w.PVWarrant / k},
			{Name: "effective", Value: w.Effective / 1e6, Total: true},
		}))
	}
	var vest []chart.Series
	for i := range res.Equity.Blocks {
		b := &res.Equity.Blocks[i]
		if b.Given() && nonZero(b.Calendar) {
			vest = append(vest, chart.Series{Name: b.ID, Values: scaled(b.Calendar, 1e-6)})
		}
	}
	if len(vest) > 0 {
		add(groupWarrants, "Shares vested, base case", chart.Area(chart.Frame{Title: "vesting", Unit: "M shares", Labels: labels}, vest))
	}
	if len(r.Bars) > 0 {
		var bars []chart.Bar
		for i, b := range r.Bars {
			if i == maxBars {
				break
			}
			bars = append(bars, chart.Bar{Label: b.Title, Low: b.Low / 1e9, High: b.High / 1e9, LowText: shortUnit(b.LowIn), HighText: shortUnit(b.HighIn)})
		}
		add(groupSpread, "What moves the supplier's value after warrants", chart.Tornado("tornado", "$B", r.Bars[0].Base/1e9, bars, 1))
	}
	if r.Fan != nil && len(r.Fan.Core) == len(labels) {
		rows := make([][]float64, len(labels))
		for i := range rows {
			rows[i] = scaled(r.Fan.Core[i], 1e-9)
		}
		add(groupSpread, "Core revenue by quarter when every uncertain figure is drawn", chart.Fan(chart.Frame{Title: "fan", Unit: "$B", Labels: labels, Digits: 1}, r.Fan.Levels, rows))
	}
}

// shortUnit drops what a bar's label already says.
func shortUnit(s string) string {
	s, _, _ = strings.Cut(s, "/")
	return s
}
