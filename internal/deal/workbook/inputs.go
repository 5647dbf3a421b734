package workbook

import (
	"fmt"

	"wafer/internal/deal/contract"
	"wafer/internal/deal/equity"
	"wafer/internal/deal/schedule"
)

const inputs = "Inputs"

// inputSheet lists every figure with its source, and the derived constants that
// formulas use. A cell with a figure is an input: change it and the deal follows.
func (w *Book) inputSheet() {
	w.sheet(inputs)
	for i, h := range []string{"name", "value", "unit", "low", "high", "ground", "note"} {
		w.put(inputs, fmt.Sprintf("%c1", 'A'+i), h, w.styles.head)
	}
	row := 2
	for _, f := range contract.Figures(w.r.Deal) {
		if f.Known {
			w.figure(row, f)
			row++
		}
	}
	w.keep(w.file.SetColWidth(inputs, "A", "A", 44))
	w.keep(w.file.SetColWidth(inputs, "B", "E", 18))
	w.keep(w.file.SetColWidth(inputs, "F", "G", 60))
	row = w.constants(row + 1)
	w.cohorts(row + 1)
}

func (w *Book) figure(row int, f *contract.Figure) {
	w.put(inputs, fmt.Sprintf("A%d", row), f.Path, 0)
	w.put(inputs, fmt.Sprintf("B%d", row), f.Base, w.styles.input)
	w.put(inputs, fmt.Sprintf("C%d", row), f.Unit.String(), 0)
	if f.Spread() {
		w.put(inputs, fmt.Sprintf("D%d", row), f.Low, 0)
		w.put(inputs, fmt.Sprintf("E%d", row), f.High, 0)
	}
	w.put(inputs, fmt.Sprintf("F%d", row), f.Cite(), 0)
	w.put(inputs, fmt.Sprintf("G%d", row), f.Note, 0)
	w.inputs[f.Path] = fmt.Sprintf("%s!$B$%d", inputs, row)
}

// in gives the cell of a figure, or its default as a number.
func (w *Book) in(path string, def float64) string {
	if cell, ok := w.inputs[path]; ok {
		return cell
	}
	return fmt.Sprintf("%v", def)
}

// constants are words and dates turned into numbers.
func (w *Book) constants(row int) int {
	d := w.r.Deal
	asu := map[string]float64{"on": 1, "off": 0}
	policy, ok := asu[d.Policy.ASU]
	if !ok {
		policy = 2
	}
	forfeit := 0.0
	if d.Policy.Forfeit == "as_they_occur" {
		forfeit = 1
	}
	gross, net := schedule.PassRates(d)
	onBooks := 0.0
	if d.Issuer != nil && d.Issuer.Delivering {
		onBooks = 1
	}
	for _, c := range []struct {
		name  string
		value float64
		words string
	}{
		{"as_of", equity.AsOf(d), "years since 2000, end of the as-of day"},
		{"asu_2025_04", policy, "1 on, 0 off, 2 by fiscal year"},
		{"asu_from", contract.Date{Year: 2027, Month: 1, Day: 1}.Time(), "first day of a fiscal year after 15 Dec 2026"},
		{"as_they_occur", forfeit, "1: forfeitures as they occur, before ASU 2025-04"},
		{"paid_share", schedule.PaidShare(d), "availability × max(utilisation, take-or-pay)"},
		{"pass_gross", gross, "pass-through a MW-year booked gross"},
		{"pass_net", net, "pass-through a MW-year booked net"},
		{"fee_factor", feeFactor(d), "turns the fee into dollars a MW-year"},
		{"on_issuer_books", onBooks, "1: the supplier is the issuer"},
	} {
		w.put(inputs, fmt.Sprintf("A%d", row), c.name, 0)
		w.put(inputs, fmt.Sprintf("B%d", row), c.value, w.styles.input)
		w.put(inputs, fmt.Sprintf("F%d", row), c.words, 0)
		w.inputs["const."+c.name] = fmt.Sprintf("%s!$B$%d", inputs, row)
		row++
	}
	return row
}

func feeFactor(d *contract.Deal) float64 {
	if d.Price.Basis == "" || d.Price.Basis == "total" || d.Price.Basis == "hardware_sale" {
		return 1
	}
	f, _, err := schedule.PerMWYear(d)
	if err != nil {
		return 0
	}
	return f
}

// cohorts gives start, ramp, megawatts, term and service credit of each tranche.
// Start and term are formulas over the figures where the tranche has them.
func (w *Book) cohorts(row int) {
	for i, h := range []string{"tranche", "start", "ramp", "MW", "term", "1 − credit"} {
		w.put(inputs, fmt.Sprintf("%c%d", 'A'+i, row), h, w.styles.head)
	}
	for _, c := range w.r.Schedule.Cohorts {
		row++
		prefix := "capacity.tranches." + c.ID
		if c.Option {
			prefix = "capacity.options." + c.ID
		}
		delay := w.in(prefix+".delay", 0)
		base := c.Start
		for _, t := range w.r.Deal.Capacity.Tranches {
			if t.ID == c.ID {
				base = t.InService.Time()
			}
		}
		w.put(inputs, fmt.Sprintf("A%d", row), c.ID, 0)
		w.calc(inputs, fmt.Sprintf("B%d", row), "start", fmt.Sprintf("%v+%s", base, delay), c.Start)
		w.calc(inputs, fmt.Sprintf("C%d", row), "ramp", "0+"+w.in(prefix+".ramp", 0), c.Ramp)
		if mw := w.in(prefix+".mw", c.MW); c.Option {
			w.put(inputs, fmt.Sprintf("D%d", row), c.MW, w.styles.input) // weighted by the chance of exercise
		} else {
			w.calc(inputs, fmt.Sprintf("D%d", row), "MW", "0+"+mw, c.MW)
		}
		w.calc(inputs, fmt.Sprintf("E%d", row), "term", "0+"+w.in(prefix+".term", c.Term), c.Term)
		w.calc(inputs, fmt.Sprintf("F%d", row), "credit", "1-"+w.in(prefix+".service_credits", 0), 1-w.credit(c.ID))
		for i, k := range []string{"start", "ramp", "mw", "term", "credit"} {
			w.inputs["cohort."+c.ID+"."+k] = fmt.Sprintf("%s!$%c$%d", inputs, 'B'+i, row)
		}
	}
}

func (w *Book) credit(id string) float64 {
	for _, t := range w.r.Deal.Capacity.Tranches {
		if t.ID == id {
			return t.ServiceCredits.Or(0)
		}
	}
	return 0
}

func (w *Book) cohort(id, what string) string { return w.inputs["cohort."+id+"."+what] }

// risen is the formula of the integral of a ramp up to t.
func (w *Book) risen(id, t string) string {
	return sub("IF(T<=S,0,IF(T-S<R,(T-S)^2/(2*R),T-S-R/2))", "T", "("+t+")", "S", w.cohort(id, "start"), "R", w.cohort(id, "ramp"))
}

// rise is the formula of the share of a ramp that is done at t.
func (w *Book) rise(id, t string) string {
	return sub("IF(R<=0,IF(T>=S,1,0),MIN(MAX((T-S)/R,0),1))", "MIN", "MIN", "MAX", "MAX", "T", "("+t+")", "S", w.cohort(id, "start"), "R", w.cohort(id, "ramp"))
}

// mwYears is the formula of the megawatt-years between t0 and t1 younger than life.
func (w *Book) mwYears(id, t0, t1, life string) string {
	return fmt.Sprintf("%s*((%s-%s)-(%s-%s))", w.cohort(id, "mw"), w.risen(id, t1), w.risen(id, t0), w.risen(id, t1+"-"+life), w.risen(id, t0+"-"+life))
}

// sum joins a formula of every cohort.
func (w *Book) sum(f func(c schedule.Cohort) string) string {
	out := ""
	for _, c := range w.r.Schedule.Cohorts {
		if out != "" {
			out += "+"
		}
		out += f(c)
	}
	if out == "" {
		return "0"
	}
	return out
}
