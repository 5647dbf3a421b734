package report

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"wafer/internal/deal/analysis"
	"wafer/internal/deal/claims"
	"wafer/internal/deal/contract"
	"wafer/internal/diag"
	"wafer/internal/units"
)

// claimUnits writes a dimension in the units of claims files.
var claimUnits = map[units.Dim]string{
	units.Money: "USD", units.MoneyPerMWYr: "USD/MW-yr", units.MoneyPerMW: "USD/MW", units.MoneyPerShare: "USD/share",
	units.Power: "MW", units.Shares: "share", units.Years: "yr",
}

// ClaimOutputs hands a deal's outputs to the claims engine.
func ClaimOutputs(r *analysis.Result) map[string]claims.Output {
	out := map[string]claims.Output{}
	for _, o := range r.Outputs {
		if !math.IsNaN(o.Value) && !math.IsInf(o.Value, 0) {
			out[o.Name] = claims.Output{Value: o.Value, Unit: claimUnits[o.Dim], Source: "computed from deal " + r.Deal.ID}
		}
	}
	return out
}

// Answers is the verdicts on one page.
func Answers(title string, as []claims.Answer) Table {
	t := Table{ID: "claims", Title: title, Head: []string{"claim", "verdict", "what was said", "said", "why"}}
	counts := map[claims.Verdict]int{}
	for _, a := range as {
		verdict := string(a.Verdict)
		if a.Qualifier != "" {
			verdict += ", " + a.Qualifier
		}
		counts[a.Verdict]++
		t.Rows = append(t.Rows, []Cell{text(a.ID), text(verdict), text(a.Quote), text(a.Says), text(a.Because)})
	}
	var parts []string
	for _, v := range []claims.Verdict{claims.OK, claims.Loose, claims.Wrong, claims.Stale, claims.NotCheckable} {
		if counts[v] > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", v, counts[v]))
		}
	}
	t.Note = fmt.Sprintf("%d claims: %s. Arithmetic, readings and sources with --long or --json.", len(as), strings.Join(parts, ", "))
	return t
}

// LongAnswers writes each claim with its arithmetic, the reading that fits and the
// figures it rests on.
func LongAnswers(as []claims.Answer) string {
	var b strings.Builder
	for _, a := range as {
		verdict := string(a.Verdict)
		if a.Qualifier != "" {
			verdict += " (" + a.Qualifier + ")"
		}
		fmt.Fprintf(&b, "%s  %s  %s\n", a.ID, verdict, a.Quote)
		for _, l := range wrap(a.Because, 96) {
			fmt.Fprintf(&b, "    %s\n", l)
		}
		if a.Plain != nil {
			reading(&b, *a.Plain)
		}
		for _, r := range a.Readings {
			reading(&b, r)
		}
		if a.Fits != "" {
			fmt.Fprintf(&b, "    true as: %s\n", a.Fits)
		}
		if a.Solve != "" {
			fmt.Fprintf(&b, "    %s\n", a.Solve)
		}
		for _, u := range a.Used {
			fmt.Fprintf(&b, "    %s = %s  [%s] %s %s\n", u.Name, u.Value, u.Confidence, u.AsOf, u.Source)
		}
		if a.Note != "" {
			for _, l := range wrap(a.Note, 96) {
				fmt.Fprintf(&b, "    %s\n", l)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func reading(b *strings.Builder, r claims.ReadingResult) {
	mark := "✗"
	if r.Match {
		mark = "✓"
	}
	result := r.Result
	switch {
	case r.Missing != "":
		result = "needs " + r.Missing + " (run with --deal)"
	case r.Refused != "":
		result = "refused: " + r.Refused
	}
	fmt.Fprintf(b, "    %s %s: %s = %s\n", mark, r.As, r.Arithmetic, result)
}

// DealClaims checks the claims that a deal file makes about itself. A formula that
// cannot be computed is a mistake of the deal file, at its claim.
func DealClaims(r *analysis.Result) (Table, []diag.Diagnostic) {
	d := r.Deal
	if len(d.Claims) == 0 {
		return Table{}, nil
	}
	outputs := ClaimOutputs(r)
	f, ds := claims.Parse("claims of "+d.ID, []byte(claimsText(d, outputs)))
	answers, more := claims.Check(f, outputs, claims.Options{})
	var out []diag.Diagnostic
	for _, x := range append(ds, more...) {
		if x.Severity != diag.Error {
			continue
		}
		out = append(out, diag.Diagnostic{Code: "E0540", Pos: d.Claims[0].Pos, Message: "a claim cannot be computed: " + x.Message, Cure: x.Cure})
	}
	t := Answers("Claims of the deal file", answers)
	t.ID = "deal_claims"
	return t, out
}

// claimsText writes the claims of a deal as a claims file, with every output that
// the deal has as a need.
func claimsText(d *contract.Deal, outputs map[string]claims.Output) string {
	var b strings.Builder
	date := d.AsOf
	date.Month, date.Day = max(date.Month, 1), max(date.Day, 1)
	fmt.Fprintf(&b, "format: %s\ntitle: %q\ndate: %s\nneeds:\n", claims.Format, d.Title, date)
	for _, name := range slices.Sorted(maps.Keys(outputs)) {
		unit := outputs[name].Unit
		if unit == "" {
			unit = "1"
		}
		fmt.Fprintf(&b, "  %s: %q\n", name, unit)
	}
	b.WriteString("claims:\n")
	for _, c := range d.Claims {
		fmt.Fprintf(&b, "  - {id: %q, quote: %q, says: %q, tolerance: %q, reads: %q, source: %q}\n",
			c.ID, c.Quote, said(c.Said), fmt.Sprint(c.Tolerance.Or(0.05)), c.Formula, "deal file "+d.ID+", "+c.Said.Cite())
	}
	return b.String()
}

// said writes a figure in the units of claims files.
func said(f contract.Figure) string {
	switch u := claimUnits[f.Unit.Dim]; {
	case strings.HasPrefix(u, "USD"):
		return "$" + strconv.FormatFloat(f.Base, 'f', -1, 64) + strings.TrimPrefix(u, "USD")
	case u != "":
		return strconv.FormatFloat(f.Base, 'f', -1, 64) + " " + u
	}
	return strconv.FormatFloat(f.Base, 'f', -1, 64)
}
