package claims

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wafer/internal/deal/claims/expr"
	"wafer/internal/diag"
)

// stated is the verdict column of economics.md, section 1, claim by claim: the
// word there, and the answer it stands for. Six entries are not one of the
// legend's words and are read as follows: "half the story" and "material
// omissions" are LOOSE; "INCONSISTENT" is WRONG, qualified; "OK but STALE" is
// STALE; "plausible, n/c" is N/C, qualified; D6's "plausible at long context
// only" names the definition under which it is true, which is LOOSE.
var stated = []struct{ id, words, answer string }{
	{"H1", "OK", "OK"},
	{"H2", "OK", "OK"},
	{"H3", "OK", "OK"},
	{"H4", "LOOSE", "LOOSE"},
	{"H5", "LOOSE", "LOOSE"},
	{"H6", "OK", "OK"},
	{"H7", "LOOSE", "LOOSE"},
	{"H8", "LOOSE", "LOOSE"},
	{"H9", "half the story", "LOOSE"},
	{"F1", "OK", "OK"},
	{"F2", "WRONG as a single customer", "WRONG"},
	{"F3", "OK as operating loss", "OK"},
	{"F4", "WRONG as net loss", "WRONG"},
	{"F5", "WRONG", "WRONG"},
	{"F6", "OK", "OK"},
	{"F7", "OK but STALE on the publication date", "STALE"},
	{"F8", "LOOSE", "LOOSE"},
	{"F9", "OK", "OK"},
	{"F10", "OK at the time", "OK"},
	{"F11", "WRONG unless 2027-28E", "WRONG"},
	{"F12", "INCONSISTENT", "WRONG inconsistent"},
	{"F13", "plausible, n/c exactly", "N/C plausible"},
	{"C1", "OK for delivery", "OK"},
	{"C2", "OK", "OK"},
	{"C3", "LOOSE on timing", "LOOSE"},
	{"C4", "OK-ish", "OK"},
	{"C5", "OK", "OK"},
	{"C6", "OK", "OK"},
	{"C7", "OK arithmetic", "OK"},
	{"C8", "LOOSE", "LOOSE"},
	{"C9", "OK", "OK"},
	{"C10", "material omissions", "LOOSE"},
	{"C11", "WRONG in general", "WRONG"},
	{"C12", "LOOSE", "LOOSE"},
	{"C13", "STALE", "STALE"},
	{"D1", "OK as buyer's cost", "OK"},
	{"D2", "OK", "OK"},
	{"D3", "LOOSE", "LOOSE"},
	{"D4", "OK", "OK"},
	{"D5", "OK", "OK"},
	{"D6", "plausible at long context only; n/c elsewhere", "LOOSE"},
	{"D7", "OK given D6", "OK"},
	{"D8", "OK, reconstructed", "OK"},
	{"D9", "OK within ~10%", "OK"},
	{"D10", "OK", "OK"},
	{"D11", "LOOSE", "LOOSE"},
	{"D12", "INCONSISTENT", "WRONG inconsistent"},
	{"D13", "OK as trend", "OK"},
	{"M1", "no number", "N/C"},
	{"B1", "plausible; n/c to the dollar", "N/C plausible"},
}

func builtinAnswers(t *testing.T, o Options) map[string]Answer {
	t.Helper()
	list, ds := Check(Builtin(), nil, o)
	if len(ds) != 0 {
		var b strings.Builder
		_ = diag.Render(&b, ds, Source)
		t.Fatal(b.String())
	}
	out := map[string]Answer{}
	for _, a := range list {
		out[a.ID] = a
	}
	return out
}

func TestFiftyVerdicts(t *testing.T) {
	answers := builtinAnswers(t, Options{})
	if len(answers) != 50 || len(stated) != 50 {
		t.Fatalf("%d answers, %d stated", len(answers), len(stated))
	}
	for i, s := range stated {
		a := answers[s.id]
		got := strings.TrimSpace(string(a.Verdict) + " " + a.Qualifier)
		if got != s.answer {
			t.Errorf("%s: %s, stated %q (%s): %s", s.id, got, s.words, s.answer, a.Because)
		}
		if id := Builtin().Claims[i].ID; id != s.id {
			t.Errorf("claim %d is %s, not %s", i, id, s.id)
		}
		if a.Because == "" || a.Source == "" || a.Quote == "" {
			t.Errorf("%s has no reason, source or quote", s.id)
		}
		if a.Verdict == Loose && a.Fits == "" {
			t.Errorf("%s is loose without the definition that fits", s.id)
		}
	}
}

// The figures that the arithmetic column of economics.md section 1 gives.
func TestArithmeticOfClaims(t *testing.T) {
	answers := builtinAnswers(t, Options{})
	for id, want := range map[string][]string{
		"H1": {"0.4976 ft2"}, "H2": {"19.23x"}, "H5": {"6.944x", "27.78x", "55.56x"}, "H8": {"75x"},
		"F8": {"$34.4B", "$48.8B"}, "F11": {"94.12x", "54.24x", "18.05x"},
		"C2": {"$9.2B/yr"}, "C3": {"$5.588B"}, "C5": {"0.025"}, "C6": {"10.97%"}, "C7": {"$5.184B"},
		"C8": {"27.43%", "15.43%", "51.84%"}, "C12": {"2.733x"}, "D6": {"3.704x"},
		"D8": {"$520.77"}, "D9": {"$10,568", "$10,734", "$9,900"}, "M1": {"2.083"},
	} {
		a := answers[id]
		var got []string
		if a.Plain != nil {
			got = append(got, a.Plain.Result)
		}
		for _, r := range a.Readings {
			got = append(got, r.Result)
		}
		all := strings.Join(got, " ")
		for _, w := range want {
			if !strings.Contains(all, w) {
				t.Errorf("%s: %q is not in %q", id, w, all)
			}
		}
	}
	for id, want := range map[string]string{
		"F11": "$3.2B", "C4": "37.04%", "D8": "89.37%", "D11": "25.64%",
	} {
		if !strings.Contains(answers[id].Solve, want) {
			t.Errorf("%s: solved %q, want %s", id, answers[id].Solve, want)
		}
	}
}

// The same claims on other dates: staleness is a matter of time.
func TestVerdictsOnOtherDates(t *testing.T) {
	day := func(s string) Options {
		d, _ := time.Parse(time.DateOnly, s)
		return Options{AsOf: d}
	}
	for _, c := range []struct {
		on, id string
		want   Verdict
	}{
		{"2026-05-12", "F7", OK},
		{"2026-05-13", "F7", Stale},
		{"2026-05-02", "F7", Wrong}, // not yet
		{"2026-07-01", "F10", Stale},
		{"2026-02-20", "C13", OK},
		{"2026-03-01", "C13", Stale},
	} {
		if a := builtinAnswers(t, day(c.on))[c.id]; a.Verdict != c.want {
			t.Errorf("%s on %s: %s, want %s: %s", c.id, c.on, a.Verdict, c.want, a.Because)
		}
	}
}

// With a model run at hand its readings are computed and the verdicts stay.
func TestVerdictsWithAModel(t *testing.T) {
	out := map[string]Output{
		"capacity.committed": {750, "MW", "run"}, "fees.best_year": {9.2, "B$", "run"},
		"fees.with_pass_through": {27.6, "B$", "run"}, "warrants.grant_value": {2.74, "B$", "run"}, "gross.core": {8, "B$", "run"},
	}
	answers, ds := Check(Builtin(), out, Options{})
	if len(ds) > 0 || len(answers) != 50 {
		t.Fatal(len(answers), ds)
	}
	computed := 0
	for i, a := range answers {
		if got := strings.TrimSpace(string(a.Verdict) + " " + a.Qualifier); got != stated[i].answer {
			t.Errorf("%s: %s, stated %s", a.ID, got, stated[i].answer)
		}
		for _, r := range a.Readings {
			if strings.Contains(r.As, "the model") && r.Missing == "" && r.Result != "" {
				computed++
			}
		}
	}
	if computed != 4 {
		t.Errorf("%d readings of the model, want 4", computed)
	}
}

// No constant of the library may be there for nothing, or without its origin.
func TestLibraryIsTidy(t *testing.T) {
	f := Builtin()
	used := map[string]bool{}
	answers, _ := Check(f, nil, Options{})
	for _, a := range answers {
		for _, u := range a.Used {
			used[u.Name] = true
			if u.Source == "" || u.Confidence == "" {
				t.Errorf("%s: %s has no source or confidence", a.ID, u.Name)
			}
		}
	}
	for _, c := range f.Constants {
		if !used[c.Name] {
			t.Errorf("constant %s is not used", c.Name)
		}
	}
}

// The golden arithmetic at the end of section 7 of economics.md, to the printed
// digits, computed by the formula language on the library's constants.
func TestGoldenArithmetic(t *testing.T) {
	f := Builtin()
	s := newScope(f, nil, &f.Claims[0], f.Date)
	for _, c := range []struct{ formula, unit, form, want string }{
		{"750 MW * 12 M$ / MW / yr", "M$/yr", "%.0f", "9000"},
		{"27.6 B$ - 24.6 B$", "B$", "%.1f", "3.0"},
		{"mra.block1 + mra.block2 + mra.block3", "shares", "%.0f", "33445026"},
		{"mra.warrants * $82.02 / 1 share", "B$", "%.3f", "2.743"},
		{"mra.warrants * $155 / 1 share", "B$", "%.3f", "5.184"},
		{"mra.warrants * $185 / 1 share", "B$", "%.3f", "6.187"},
		{"mra.warrants * $311.07 / 1 share", "B$", "%.3f", "10.404"},
		{"mra.warrants / bare(cerebras.shares_diluted)", "%", "%.2f", "10.97"},
		{"$48B / $0.510B", "", "%.1f", "94.1"},
		{"$48B / 15", "B$", "%.1f", "3.2"},
		{"rubin.memory / rubin.rack", "%", "%.2f", "25.65"},
		{"gb300.memory", "k$", "%.0f", "374"},
		{"1 / (0.75 GW / 30 GW)", "", "%.0f", "40"},
		{"22% * $25.4B", "B$", "%.1f", "5.6"},
		{"wse3.transistors / b200.transistors", "", "%.1f", "19.2"},
		{"bare(wse3.fp16_sparse) / bare(b200.fp16_sparse)", "", "%.1f", "27.8"},
		{"wse3.fp16_dense / b200.fp16_dense", "", "%.1f", "6.9"},
		{"$350M / ($40 / 1 share)", "Mshares", "%.2f", "8.75"},
		{"28.4M shares * (1 - 4.97 / 185)", "Mshares", "%.1f", "27.6"},
		{"mra.block1 * mra.grant_price", "M$", "%.1f", "365.8"},
		{"mra.block2 * mra.grant_price", "M$", "%.1f", "457.2"},
		{"mra.block3_committed", "Mshares", "%.2f", "8.78"},
		{"(0.554 - 0.338) * 9.2 B$ / (1/3 - 1/6)", "B$", "%.2f", "11.92"},
		{"hurdle($164.67/1 share, $600/1 share, 3.7%, 55%, 5 yr)", "$/share", "%.2f", "92.31"},
		{"call($42/1 share, $40/1 share, 10%, 20%, 6 months)", "$/share", "%.2f", "4.76"},
		{"bill($5/1 Mtoken, $0.5/1 Mtoken, $30/1 Mtoken, 10B tokens, 20, 90%)", "$", "%.0f", "23333"},
	} {
		e, perr := expr.Parse(c.formula)
		if perr != nil {
			t.Errorf("%s: %v", c.formula, perr)
			continue
		}
		v, err := e.Eval(s.env())
		u, uerr := expr.ParseUnit(c.unit)
		if err != nil || uerr != nil {
			t.Errorf("%s: %v %v", c.formula, err, uerr)
			continue
		}
		if !v.Unit.Same(u) {
			t.Errorf("%s is in %s, not %s", c.formula, v.Unit, c.unit)
		}
		if got := fmt.Sprintf(c.form, v.In(u)); got != c.want {
			t.Errorf("%s = %s, want %s", c.formula, got, c.want)
		}
	}
}
