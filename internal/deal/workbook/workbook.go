// Package workbook writes a computed deal as a spreadsheet whose numbers are live
// formulas: change an input and the deal recalculates, without this program.
//
// In: an analysis.Result. Out: a workbook, and for every formula cell the value
// that this program computed, so that a recalculation can be compared with it. Only
// what was simulated (values a share, probabilities) and dates stand as numbers;
// their cells say so.
//
// Sheets: Summary (every output by name), Inputs (every figure with its source),
// Blocks (warrants), Quarters (the books), Shares, Multiples, and what was computed
// by many runs as plain numbers.
package workbook

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/xuri/excelize/v2"

	"wafer/internal/deal/analysis"
)

// Check is one formula cell with the value that it must give.
type Check struct {
	Sheet, Cell string
	Name        string // of the column or output
	Formula     string
	Want        float64
	Scale       float64 // largest value of its column: cancellation is measured against it
}

// Plain is a sheet of finished rows.
type Plain struct {
	Name string
	Rows [][]any
}

// Book is a workbook being made.
type Book struct {
	file   *excelize.File
	Checks []Check
	r      *analysis.Result
	inputs map[string]string // path of a figure → absolute cell
	q      *grid             // quarters
	b      *grid             // blocks
	styles styles
	err    error
}

// Make lays out the workbook.
func Make(r *analysis.Result, stamp string, plain []Plain) (*Book, error) {
	w := &Book{file: excelize.NewFile(), r: r, inputs: map[string]string{}}
	w.styles = newStyles(w)
	w.sheet("Summary")
	w.inputSheet()
	w.blockSheet()
	w.quarterSheet()
	w.finishBlocks()
	w.shareSheet()
	w.summarySheet(stamp)
	for _, p := range plain {
		w.plainSheet(p)
	}
	on := true
	w.keep(w.file.SetCalcProps(&excelize.CalcPropsOptions{FullCalcOnLoad: &on}))
	w.keep(w.file.DeleteSheet("Sheet1"))
	w.file.SetActiveSheet(0)
	if w.err != nil {
		return nil, fmt.Errorf("lay out the workbook: %w", w.err)
	}
	return w, nil
}

// Write gives the bytes of the workbook.
func (w *Book) Write(out io.Writer) error {
	if err := w.file.Write(out); err != nil {
		return fmt.Errorf("write the workbook: %w", err)
	}
	return w.file.Close()
}

func (w *Book) keep(err error) {
	if w.err == nil && err != nil {
		w.err = err
	}
}

func (w *Book) sheet(name string) {
	_, err := w.file.NewSheet(name)
	w.keep(err)
}

// styles are the number formats and the colours that tell inputs from formulas:
// blue for what may be changed, black for what is computed, as modellers do.
type styles struct{ head, input, sim, formula, title, percent int }

func newStyles(w *Book) styles {
	make := func(color, format string, bold bool) int {
		s := &excelize.Style{Font: &excelize.Font{Color: color, Bold: bold}}
		if format != "" {
			s.CustomNumFmt = &format
		}
		id, err := w.file.NewStyle(s)
		w.keep(err)
		return id
	}
	return styles{
		head: make("444444", "", true), input: make("0000C0", "#,##0.######", false), sim: make("7A3E9D", "#,##0.######", false),
		formula: make("000000", "#,##0.00", false), title: make("000000", "", true), percent: make("000000", "0.00%", false),
	}
}

// put writes a value.
func (w *Book) put(sheet, cell string, v any, style int) {
	if f, ok := v.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
		v = never(f)
	}
	w.keep(w.file.SetCellValue(sheet, cell, v))
	if style != 0 {
		w.keep(w.file.SetCellStyle(sheet, cell, cell, style))
	}
}

// farAway stands for "never" in date arithmetic: later than any term.
const farAway = 1e6

func never(f float64) any {
	switch {
	case math.IsInf(f, 1):
		return farAway
	case math.IsInf(f, -1):
		return -farAway
	}
	return "n/a"
}

// maxFormula is Excel's limit; a longer formula would be refused on opening.
const maxFormula = 8192

// calc writes a formula with the value it must give. The value is stored too, for
// viewers that do not calculate.
func (w *Book) calc(sheet, cell, name, formula string, want float64) {
	if len(formula) > maxFormula {
		w.put(sheet, cell, want, w.styles.sim) // more tranches than a formula can hold
		return
	}
	if math.IsNaN(want) || math.IsInf(want, 0) {
		w.keep(w.file.SetCellFormula(sheet, cell, formula))
		return
	}
	w.keep(w.file.SetCellFormula(sheet, cell, formula))
	w.keep(w.file.SetCellStyle(sheet, cell, cell, w.styles.formula))
	w.Checks = append(w.Checks, Check{Sheet: sheet, Cell: cell, Name: name, Formula: formula, Want: want, Scale: math.Abs(want)})
}

// grid is a sheet of named columns; row i of the data is row first+i.
type grid struct {
	w     *Book
	name  string
	first int
	n     int
	cols  []string
}

func (g *grid) col(name string) string {
	for i, c := range g.cols {
		if c == name {
			s, err := excelize.ColumnNumberToName(i + 1)
			g.w.keep(err)
			return s
		}
	}
	g.w.keep(fmt.Errorf("there is no column %q on sheet %s", name, g.name))
	return "A"
}

// ref is a cell of the same sheet.
func (g *grid) ref(name string, i int) string { return fmt.Sprintf("%s%d", g.col(name), g.first+i) }

// rng is a whole column, to be used from any sheet.
func (g *grid) rng(name string) string {
	c := g.col(name)
	return fmt.Sprintf("%s!$%s$%d:$%s$%d", g.name, c, g.first, c, g.first+g.n-1)
}

// at is one cell, to be used from any sheet.
func (g *grid) at(name string, i int) string {
	return fmt.Sprintf("%s!$%s$%d", g.name, g.col(name), g.first+i)
}

// add opens a column and fills it by a formula a row.
func (g *grid) add(name string, want []float64, formula func(i int) string) {
	g.open(name)
	scale := 0.0
	for _, v := range want {
		scale = math.Max(scale, math.Abs(v))
	}
	for i := range g.n {
		before := len(g.w.Checks)
		g.w.calc(g.name, g.ref(name, i), name, formula(i), want[i])
		if len(g.w.Checks) > before {
			g.w.Checks[before].Scale = scale
		}
	}
}

// open adds a column with its heading.
func (g *grid) open(name string) {
	g.cols = append(g.cols, name)
	c := g.col(name)
	g.w.put(g.name, fmt.Sprintf("%s%d", c, g.first-1), name, g.w.styles.head)
	g.w.keep(g.w.file.SetColWidth(g.name, c, c, 16))
}

// fill adds a column of values.
func (g *grid) fill(name string, style int, value func(i int) any) {
	g.open(name)
	for i := range g.n {
		g.w.put(g.name, g.ref(name, i), value(i), style)
	}
}

// plainSheet writes finished rows.
func (w *Book) plainSheet(p Plain) {
	w.sheet(p.Name)
	for i, row := range p.Rows {
		for j, v := range row {
			cell, err := excelize.CoordinatesToCellName(j+1, i+1)
			w.keep(err)
			w.put(p.Name, cell, v, 0)
		}
	}
	w.keep(w.file.SetColWidth(p.Name, "A", "A", 48))
	w.keep(w.file.SetColWidth(p.Name, "B", "H", 20))
}

// sub replaces $name by values in a formula, which keeps long ones readable.
func sub(formula string, pairs ...string) string {
	return strings.NewReplacer(pairs...).Replace(formula)
}
