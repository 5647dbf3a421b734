package report

import (
	"io"

	"wafer/internal/deal/workbook"
)

// XLSX writes the workbook with live formulas. What needed many runs goes in as
// plain numbers on sheets of its own.
func (r *Report) XLSX(w io.Writer) error {
	var rows, checks [][]any
	for _, t := range r.Quarter {
		switch t.Group {
		case groupSpread:
			rows = append(rows, sheetRows(t)...)
		case groupCompare, groupChecks:
			checks = append(checks, sheetRows(t)...)
		}
	}
	var plain []workbook.Plain
	if len(rows) > 0 {
		plain = append(plain, workbook.Plain{Name: "Sensitivity", Rows: rows})
	}
	if len(checks) > 0 {
		plain = append(plain, workbook.Plain{Name: "Checks", Rows: checks})
	}
	var notes [][]any
	for _, s := range r.Result.Deal.Open {
		notes = append(notes, []any{"not known", s})
	}
	for _, s := range r.Result.Deal.Sources {
		notes = append(notes, []any{"source " + s.ID + " [" + s.Mark + "]", s.Title, s.URL})
	}
	plain = append(plain, workbook.Plain{Name: "Sources", Rows: notes})
	b, err := workbook.Make(r.Result, r.Stamp.Line(), plain)
	if err != nil {
		return err
	}
	return b.Write(w)
}

// sheetRows is a table with its title and an empty row behind it.
func sheetRows(t Table) [][]any {
	out := [][]any{{t.Title}}
	head := []any{}
	for _, h := range t.Head {
		head = append(head, h)
	}
	out = append(out, head)
	for _, r := range t.Rows {
		var row []any
		for _, c := range r {
			if c.Num {
				row = append(row, c.Value)
			} else {
				row = append(row, c.Text)
			}
		}
		out = append(out, row)
	}
	return append(out, []any{t.Note}, nil)
}
