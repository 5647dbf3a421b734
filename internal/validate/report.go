package validate

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
)

// Print writes a table: with all every row, else what is off and a line for each group.
func Print(w io.Writer, rs []Result, all bool) error {
	width := 0
	for _, r := range rs {
		width = max(width, len(r.ID))
	}
	var b strings.Builder
	shown, why := 0, ""
	for _, r := range rs {
		if !all && r.Verdict == Pass && !special(r.Row) {
			continue
		}
		if shown++; shown == 1 {
			fmt.Fprintf(&b, "%-*s %10s %10s %9s %12s  %-8s%-13s%-11s%s\n", width, "row", "published", "ours", "error", "allowed", "verdict", "machine", "source", "kind")
		}
		printRow(&b, r, width)
		// Rows of a kind lie together and have the same reason: once will do.
		if r.Why != why && r.Verdict != Pass {
			fmt.Fprintf(&b, "%*s   %s\n", width, "", r.Why)
			why = r.Why
		}
	}
	if shown > 0 {
		b.WriteByte('\n')
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	return printGroups(w, rs)
}

// special rows are shown even where they pass: there are few of their kind.
func special(r Row) bool { return r.Kind != Measured || !strings.HasPrefix(r.Group, "collectives") }

func printRow(w io.Writer, r Result, width int) {
	ours, off := "–", "–"
	if r.Reason == "" {
		ours, off = number(r.Ours), fmt.Sprintf("%+.1f %%", 100*r.Error)
	}
	allowed := fmt.Sprintf("%g %%", 100*r.Tolerance)
	if r.Slack > 0 {
		allowed += fmt.Sprintf(" or %g", r.Slack)
	}
	fmt.Fprintf(w, "%-*s %10s %10s %9s %12s  %-8s%-13s%-11s%s\n", width, r.ID, number(r.Published), ours, off, allowed, r.Verdict, r.Profile, r.Source, r.Kind)
	if r.Reason != "" && r.Verdict != Skipped {
		fmt.Fprintf(w, "%*s   %s\n", width, "", strings.ReplaceAll(r.Reason, "\n", "\n    "))
	}
}

// number prints small figures with a digit more than cycles need.
func number(v float64) string {
	switch {
	case v == math.Trunc(v) && math.Abs(v) < 1e15:
		return fmt.Sprintf("%.0f", v)
	case math.Abs(v) < 10:
		return fmt.Sprintf("%.3f", v)
	case math.Abs(v) < 1000:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

type tally struct {
	rows, pass, fail, miss, skipped int
	worst                           float64
}

func printGroups(w io.Writer, rs []Result) error {
	var names []string
	by := map[string]*tally{}
	for _, r := range rs {
		t := by[r.Group]
		if t == nil {
			t = new(tally)
			by[r.Group] = t
			names = append(names, r.Group)
		}
		t.add(r)
	}
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tw, "group\trows\tpass\tfail\tmiss\tskipped\tmedian error\tworst")
	for _, n := range names {
		t := by[n]
		fmt.Fprintf(tw, "%s\t%d\t%d\t%d\t%d\t%d\t%.1f %%\t%.1f %%\n", n, t.rows, t.pass, t.fail, t.miss, t.skipped, 100*median(rs, n), 100*t.worst)
	}
	return tw.Flush()
}

func (t *tally) add(r Result) {
	t.rows++
	switch r.Verdict {
	case Pass:
		t.pass++
	case Fail:
		t.fail++
	case Miss:
		t.miss++
	case Skipped:
		t.skipped++
	}
	if r.Reason == "" {
		t.worst = max(t.worst, math.Abs(r.Error))
	}
}

func median(rs []Result, group string) float64 {
	var errs []float64
	for _, r := range rs {
		if r.Group == group && r.Reason == "" {
			errs = append(errs, math.Abs(r.Error))
		}
	}
	if len(errs) == 0 {
		return 0
	}
	slices.Sort(errs)
	return errs[len(errs)/2]
}

// record is a result as JSON.
type record struct {
	ID         string   `json:"id"`
	Group      string   `json:"group"`
	What       string   `json:"what"`
	Machine    string   `json:"machine"`
	Kind       Kind     `json:"kind"`
	Source     string   `json:"source"`
	URL        string   `json:"url"`
	Conditions string   `json:"conditions,omitempty"`
	Why        string   `json:"why,omitempty"`
	Unit       string   `json:"unit"`
	Published  float64  `json:"published"`
	Ours       *float64 `json:"ours"`
	Error      *float64 `json:"error"`
	Tolerance  float64  `json:"tolerance"`
	Slack      float64  `json:"slack,omitempty"`
	Required   bool     `json:"required"`
	Verdict    Verdict  `json:"verdict"`
	Reason     string   `json:"reason,omitempty"`
}

// PrintJSON writes all rows as one array, whatever all says.
func PrintJSON(w io.Writer, rs []Result, _ bool) error {
	out := make([]record, len(rs))
	for i := range rs {
		r := &rs[i]
		out[i] = record{
			ID: r.ID, Group: r.Group, What: r.What, Machine: r.Profile, Kind: r.Kind, Source: r.Source, URL: source(r.Source).URL,
			Conditions: r.Conditions, Why: r.Why, Unit: r.Unit, Published: r.Published, Tolerance: r.Tolerance, Slack: r.Slack,
			Required: r.Required, Verdict: r.Verdict, Reason: r.Reason,
		}
		if r.Reason == "" {
			out[i].Ours, out[i].Error = &r.Ours, &r.Error
		}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(out)
}
