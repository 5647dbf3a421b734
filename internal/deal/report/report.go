package report

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"wafer/internal/deal/analysis"
	"wafer/internal/deal/book"
	"wafer/internal/deal/contract"
)

// Report is everything about one deal, ready to be written.
type Report struct {
	Stamp   Stamp
	Result  *analysis.Result
	Tables  []Table // by year
	Quarter []Table // the same by quarter
	Fan     *analysis.Fan
	Bars    []analysis.Bar
	Grids   []analysis.Grid
}

// Extras are the analyses that need more runs than one.
type Extras struct {
	Fan    *analysis.Fan
	Bars   []analysis.Bar
	Grids  []analysis.Grid
	Bumps  []analysis.Bump
	Others []*analysis.Result // to compare with
	Times  float64            // for the reverse question; 0 means 15
	Tables []Table            // of other packages, such as checked claims
}

// New lays out a report.
func New(r *analysis.Result, source []byte, x Extras) *Report {
	rep := &Report{Stamp: NewStamp(r, source), Result: r, Fan: x.Fan, Bars: x.Bars, Grids: x.Grids}
	rep.Tables = tables(r, x, true)
	rep.Quarter = tables(r, x, false)
	return rep
}

// Text writes the tables for a terminal.
func (r *Report) Text(w io.Writer, quarters bool) error {
	var b strings.Builder
	d := r.Result.Deal
	fmt.Fprintf(&b, "%s\n", d.Title)
	if d.Summary != "" {
		for _, l := range wrap(d.Summary, 100) {
			fmt.Fprintf(&b, "  %s\n", l)
		}
	}
	fmt.Fprintf(&b, "  as of %s, binding: %s, %s\n\n", d.AsOf, d.Binding, strings.ReplaceAll(d.Direction, "_", " "))
	list := r.Tables
	if quarters {
		list = r.Quarter
	}
	group := ""
	for _, t := range list {
		if t.Group != group {
			group = t.Group
			fmt.Fprintf(&b, "── %s %s\n", group, strings.Repeat("─", max(80-len(group), 3)))
		}
		t.Text(&b)
	}
	r.words(&b)
	fmt.Fprintf(&b, "%s\n", r.Stamp.Line())
	_, err := io.WriteString(w, b.String())
	return err
}

// words lists what the model could not know or had to assume.
func (r *Report) words(b *strings.Builder) {
	list := func(title string, items []string) {
		if len(items) == 0 {
			return
		}
		fmt.Fprintf(b, "%s\n", title)
		for _, s := range items {
			for i, l := range wrap(s, 98) {
				mark := "  "
				if i == 0 {
					mark = "• "
				}
				fmt.Fprintf(b, "  %s%s\n", mark, l)
			}
		}
		b.WriteString("\n")
	}
	list("Not computed", r.missing())
	list("Not known", r.Result.Deal.Open)
	list("Assumed", Assumptions(r.Result.Deal))
}

// missing lists what could not be computed, and why.
func (r *Report) missing() []string {
	return slices.Concat(r.Result.Schedule.Why, r.Result.Equity.Notes)
}

// Assumptions lists the figures that nobody published, with their reasons. Figures
// that share a reason share a line.
func Assumptions(d *contract.Deal) []string {
	var order []string
	by := map[string][]string{}
	for _, f := range contract.Figures(d) {
		if f.Assumed == "" || !f.Known {
			continue
		}
		if by[f.Assumed] == nil {
			order = append(order, f.Assumed)
		}
		by[f.Assumed] = append(by[f.Assumed], f.Path+" = "+f.String())
	}
	var out []string
	for _, reason := range order {
		out = append(out, strings.Join(by[reason], ", ")+": "+reason)
	}
	return out
}

// jsonReport is the shape of --json.
type jsonReport struct {
	Stamp   Stamp         `json:"stamp"`
	Deal    jsonDeal      `json:"deal"`
	Outputs []jsonOutput  `json:"outputs"`
	Tables  []jsonTable   `json:"tables"`
	Journal []book.Ledger `json:"journals"`
	Assumed []string      `json:"assumed"`
	Open    []string      `json:"open"`
	Missing []string      `json:"not_computed"`
}

type jsonDeal struct {
	ID        string `json:"id"`
	Title     string `json:"title"`
	AsOf      string `json:"as_of"`
	Binding   string `json:"binding"`
	Direction string `json:"direction"`
}

type jsonOutput struct {
	Name  string   `json:"name"`
	Title string   `json:"title"`
	Value *float64 `json:"value"`
	Unit  string   `json:"unit"`
	How   string   `json:"how,omitempty"`
}

type jsonTable struct {
	ID    string   `json:"id"`
	Title string   `json:"title"`
	Head  []string `json:"head"`
	Rows  [][]Cell `json:"rows"`
	Note  string   `json:"note,omitempty"`
}

// JSON writes outputs by name and the quarterly tables.
func (r *Report) JSON(w io.Writer) error {
	d := r.Result.Deal
	out := jsonReport{
		Stamp: r.Stamp, Deal: jsonDeal{d.ID, d.Title, d.AsOf.String(), d.Binding, d.Direction},
		Journal: []book.Ledger{r.Result.Book.Supplier(), r.Result.Book.Customer()},
		Assumed: Assumptions(d), Open: d.Open, Missing: r.missing(),
	}
	for _, o := range r.Result.Outputs {
		j := jsonOutput{Name: o.Name, Title: o.Title, Unit: o.Dim.Symbol(), How: o.How}
		if v := o.Value; !math.IsNaN(v) && !math.IsInf(v, 0) {
			j.Value = &v
		}
		out.Outputs = append(out.Outputs, j)
	}
	for _, t := range r.Quarter {
		out.Tables = append(out.Tables, jsonTable{t.ID, t.Title, t.Head, t.Rows, t.Note})
	}
	return WriteJSON(w, out)
}

// WriteJSON writes v indented, as every verb with --json does.
func WriteJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// CSV writes every quarterly table as rows: table, row number, column, value.
// This long form survives any number of tables in one file.
func (r *Report) CSV(w io.Writer) error {
	c := csv.NewWriter(w)
	rows := [][]string{{"table", "row", "column", "value"}}
	rows = append(rows, []string{"stamp", "inputs", "sha256", r.Stamp.Hash})
	for _, o := range r.Result.Outputs {
		rows = append(rows, []string{"outputs", o.Name, o.Dim.Symbol(), full(o.Value)})
	}
	for _, t := range r.Quarter {
		for _, cells := range t.Rows {
			for i := 1; i < len(cells); i++ {
				v := cells[i].Text
				if cells[i].Num {
					v = full(cells[i].Value)
				}
				rows = append(rows, []string{t.ID, cells[0].Text, t.Head[i], v})
			}
		}
	}
	return c.WriteAll(rows)
}

// full writes a number so that it reads back the same.
func full(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// CSV writes one table with its head.
func (t Table) CSV(w io.Writer) error {
	rows := [][]string{t.Head}
	for _, cells := range t.Rows {
		var row []string
		for _, c := range cells {
			if c.Num {
				row = append(row, full(c.Value))
			} else {
				row = append(row, c.Text)
			}
		}
		rows = append(rows, row)
	}
	return csv.NewWriter(w).WriteAll(rows)
}
