package report

import (
	"fmt"
	"strings"

	"wafer/internal/deal/contract"
	"wafer/internal/units"
)

// List is the library on one page.
func List(deals []*contract.Deal) Table {
	t := Table{ID: "deals", Title: "Built-in deals", Head: []string{"name", "announced", "status", "binding", "capacity", "headline", "equity", "direction"}}
	for _, d := range deals {
		mw := "-"
		if len(d.Capacity.Tranches) > 0 {
			sum := d.Capacity.Tranches[0].MW
			sum.Base = 0
			for _, tr := range d.Capacity.Tranches {
				sum.Base += tr.MW.Base
			}
			mw = sum.String()
			for _, o := range d.Capacity.Options {
				mw += " + " + units.Group(o.MW.Base)
			}
		}
		t.Rows = append(t.Rows, []Cell{
			text(d.ID), text(d.Announced.String()), text(d.Status), text(d.Binding), text(mw), text(d.Headline.Total.String()),
			text(instruments(d)), text(strings.ReplaceAll(d.Direction, "_", " ")),
		})
	}
	return t
}

func instruments(d *contract.Deal) string {
	var out []string
	for _, e := range d.Equity {
		words := strings.ReplaceAll(e.Instrument, "_", " ")
		switch {
		case e.Count.Known:
			words += " " + e.Count.String()
		case e.Amount.Known:
			words += " " + e.Amount.String()
		case e.Percent.Known:
			words += " " + e.Percent.String()
		}
		out = append(out, words)
	}
	if len(out) == 0 {
		return "-"
	}
	return strings.Join(out, ", ")
}

// Records gives a table's rows as key-value pairs, for JSON.
func (t Table) Records() []map[string]Cell {
	out := []map[string]Cell{}
	for _, r := range t.Rows {
		m := map[string]Cell{}
		for i, c := range r {
			m[t.Head[i]] = c
		}
		out = append(out, m)
	}
	return out
}

// Show writes the terms of a deal, each with its source or its reason.
func Show(d *contract.Deal) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", d.Title)
	for _, l := range wrap(d.Summary, 100) {
		fmt.Fprintf(&b, "  %s\n", l)
	}
	fmt.Fprintf(&b, "  announced %s, signed %s, binding: %s, %s, %s\n\n", orDash(d.Announced.String()), orDash(d.Signed.String()), d.Binding, strings.ReplaceAll(d.Direction, "_", " "), d.Status)
	terms := Table{Title: "Terms", Head: []string{"figure", "value", "spread", "ground"}}
	for _, f := range contract.Figures(d) {
		if strings.HasPrefix(f.Path, "reported.") {
			continue
		}
		terms.Rows = append(terms.Rows, []Cell{text(f.Path), text(f.String()), text(spreadText(*f)), text(f.Cite())})
	}
	terms.Text(&b)
	for _, e := range d.Equity {
		for i := range e.Blocks {
			fmt.Fprintf(&b, "block %s vests when %s\n", e.Blocks[i].ID, Words(&e.Blocks[i].Vest))
		}
	}
	b.WriteString("\nSources\n")
	for _, s := range d.Sources {
		fmt.Fprintf(&b, "  %s [%s] %s %s %s\n", s.ID, s.Mark, s.AsOf, s.Title, s.URL)
	}
	if len(d.Open) > 0 {
		b.WriteString("\nNot known\n")
		for _, o := range d.Open {
			fmt.Fprintf(&b, "  • %s\n", o)
		}
	}
	return b.String()
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func spreadText(f contract.Figure) string {
	if !f.Spread() {
		return ""
	}
	lo, hi := f, f
	lo.Base, hi.Base = f.Low, f.High
	return fmt.Sprintf("%s: %s … %s", f.Dist, lo.String(), hi.String())
}

// Words writes a condition as a sentence.
func Words(c *contract.Condition) string {
	join := func(kids []contract.Condition, by string) string {
		var out []string
		for i := range kids {
			out = append(out, Words(&kids[i]))
		}
		return "(" + strings.Join(out, by) + ")"
	}
	switch {
	case c.And != nil:
		return join(c.And, " and ")
	case c.Or != nil:
		return join(c.Or, " or ")
	case c.EarlierOf != nil:
		return "the earlier of " + join(c.EarlierOf, ", ")
	case c.MWDeliv != nil:
		return "delivered capacity reaches " + c.MWDeliv.AtLeast.String() + metWords(c.MWDeliv.Met)
	case c.MWBought != nil:
		return "purchased capacity reaches " + c.MWBought.AtLeast.String() + metWords(c.MWBought.Met)
	case c.Fees != nil:
		return "fees paid reach " + c.Fees.AtLeast.String() + metWords(c.Fees.Met)
	case c.Price != nil:
		return "the share reaches " + c.Price.AtLeast.String() + windowWords(c.Price.Test, c.Price.Window) + metWords(c.Price.Met)
	case c.Cap != nil:
		return "the " + c.Cap.Basis + " market cap reaches " + c.Cap.AtLeast.String() + windowWords(c.Cap.Test, c.Cap.Window) + metWords(c.Cap.Met)
	case c.Loan != nil:
		return "the loan " + c.Loan.Ref + " is funded" + metWords(c.Loan.Met)
	case c.Date != nil:
		return "the date " + c.Date.On.String() + " comes"
	case c.Block != nil:
		return "block " + c.Block.Ref + " has vested"
	case c.IPO != nil:
		return "the public offering closes" + metWords(c.IPO.Met)
	case c.Technical != nil:
		return "a milestone is met: " + c.Technical.Words + metWords(c.Technical.Met)
	case c.Control != nil:
		return "control changes" + metWords(c.Control.Met)
	}
	return "nothing"
}

func windowWords(test string, w contract.Figure) string {
	if w.Known {
		return fmt.Sprintf(" (%s over %s)", test, w.String())
	}
	if test != "" {
		return " (" + test + ")"
	}
	return ""
}

func metWords(d contract.Date) string {
	if !d.Known() {
		return ""
	}
	return " [met " + d.String() + "]"
}

// showDeal is the JSON of a deal: every figure under its path.
type showDeal struct {
	ID      string                     `json:"id"`
	Title   string                     `json:"title"`
	Figures map[string]contract.Figure `json:"figures"`
	Vests   map[string]string          `json:"blocks"`
	Sources []contract.Source          `json:"sources"`
	Open    []string                   `json:"open"`
}

// ShowJSON gives the terms of a deal for --json.
func ShowJSON(d *contract.Deal) any {
	out := showDeal{ID: d.ID, Title: d.Title, Figures: map[string]contract.Figure{}, Vests: map[string]string{}, Sources: d.Sources, Open: d.Open}
	for _, f := range contract.Figures(d) {
		out.Figures[f.Path] = *f
	}
	for _, e := range d.Equity {
		for i := range e.Blocks {
			out.Vests[e.Blocks[i].ID] = Words(&e.Blocks[i].Vest)
		}
	}
	return out
}
