// Package report turns a computed deal into what people use: aligned tables, JSON,
// CSV, a workbook with live formulas, one HTML page.
//
// In: an analysis.Result, and what was asked of it. Out: bytes on a writer, each
// stamped with a hash of the inputs, so that two reports can be told apart and one
// can be made again.
package report

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"wafer/internal/units"
)

// Table is rows under a heading. All renderers take it.
type Table struct {
	ID    string
	Group string
	Title string
	Note  string
	Head  []string
	Rows  [][]Cell
	Total bool // the last row is a sum
}

// Cell is a text or a number with its dimension.
type Cell struct {
	Text  string
	Value float64
	Num   bool
	Dim   units.Dim
}

func text(s string) Cell { return Cell{Text: s} }

func textf(format string, args ...any) Cell { return Cell{Text: fmt.Sprintf(format, args...)} }

// num is a number written in its dimension; what is not known becomes a dash.
func num(v float64, d units.Dim) Cell {
	c := Cell{Value: v, Num: true, Dim: d, Text: units.Format(v, d)}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		c.Num, c.Text = false, "-"
	}
	return c
}

// millions is money in a column headed $M.
func millions(v float64) Cell {
	return Cell{Value: v, Num: true, Dim: units.Money, Text: fixed(v/1e6, 1)}
}

// plain is a bare number with so many decimals.
func plain(v float64, digits int) Cell {
	return Cell{Value: v, Num: true, Text: fixed(v, digits)}
}

func fixed(v float64, digits int) string {
	s := fmt.Sprintf("%.*f", digits, v)
	if strings.Trim(s, "-0.") == "" {
		return strings.TrimPrefix(s, "-")
	}
	whole, frac, has := strings.Cut(s, ".")
	neg := strings.HasPrefix(whole, "-")
	whole = strings.TrimPrefix(whole, "-")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if has {
		whole += "." + frac
	}
	if neg {
		return "-" + whole
	}
	return whole
}

// MarshalJSON writes a number as a number, so that programs need not parse text.
func (c Cell) MarshalJSON() ([]byte, error) {
	if c.Num {
		return json.Marshal(c.Value)
	}
	return json.Marshal(c.Text)
}

// maxCell cuts prose in terminal tables, maxLast in their last column; the other
// forms carry it in full.
const (
	maxCell = 72
	maxLast = 110
)

// Text writes the table with aligned columns: numbers to the right.
func (t Table) Text(b *strings.Builder) {
	fmt.Fprintf(b, "%s\n", t.Title)
	widths, right := t.layout()
	writeRow := func(cells []string) {
		var line strings.Builder
		for i, c := range cells {
			pad := strings.Repeat(" ", max(widths[i]-utf8.RuneCountInString(c), 0))
			if i > 0 {
				line.WriteString("  ")
			}
			if right[i] {
				line.WriteString(pad + c)
			} else {
				line.WriteString(c + pad)
			}
		}
		b.WriteString("  " + strings.TrimRight(line.String(), " ") + "\n")
	}
	writeRow(t.Head)
	rule := make([]string, len(widths))
	for i, w := range widths {
		rule[i] = strings.Repeat("─", w)
	}
	writeRow(rule)
	for i, r := range t.Rows {
		if t.Total && i == len(t.Rows)-1 {
			writeRow(rule)
		}
		writeRow(texts(r))
	}
	if t.Note != "" {
		for _, l := range wrap(t.Note, 100) {
			fmt.Fprintf(b, "  %s\n", l)
		}
	}
	b.WriteString("\n")
}

func texts(r []Cell) []string {
	out := make([]string, len(r))
	for i, c := range r {
		out[i] = c.Text
		most := maxCell
		if i == len(r)-1 {
			most = maxLast
		}
		if utf8.RuneCountInString(out[i]) > most {
			out[i] = string([]rune(out[i])[:most-1]) + "…"
		}
	}
	return out
}

// layout gives column widths, and which columns hold numbers.
func (t Table) layout() ([]int, []bool) {
	widths, right := make([]int, len(t.Head)), make([]bool, len(t.Head))
	for i, h := range t.Head {
		widths[i] = utf8.RuneCountInString(h)
	}
	for _, r := range t.Rows {
		for i, s := range texts(r) {
			widths[i] = max(widths[i], utf8.RuneCountInString(s))
			right[i] = right[i] || r[i].Num
		}
	}
	return widths, right
}

func wrap(s string, width int) []string {
	var out []string
	line := ""
	for _, w := range strings.Fields(s) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(w) > width {
			out = append(out, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += w
	}
	return append(out, line)
}
