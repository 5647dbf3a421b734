package claims

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"wafer/internal/diag"
)

// head and tail make a whole file of the piece under test.
const head = "format: wafer-claims/1\ndate: 2026-05-14\n"

const aConstant = head + "constants:\n  a.b: {value: 750 MW, source: x, as_of: 2026-05, confidence: A}\n"

// claimWith gives a file with one claim, whose first line is 6.
func claimWith(lines ...string) string {
	return aConstant + "claims:\n  - id: X1\n    quote: q\n    source: s\n    " + strings.Join(lines, "\n    ") + "\n"
}

// fileMistakes are wrong files with the place, code and words of what must be
// said about them.
var fileMistakes = map[string]struct {
	src  string
	want string // line:col code text
	cure string
}{
	"long line":         {head + "# " + strings.Repeat("x", 4000), "3:0 E0610 the line has more than 4000 bytes", "break it"},
	"brackets":          {head + "claims: " + strings.Repeat("[", 101), "3:0 E0610 the file is nested deeper than 100", ""},
	"dashes":            {head + "\n" + strings.Repeat("- ", 101), "4:0 E0610 the file is nested deeper than 100", ""},
	"empty":             {"", "0:0 E0601 the file is empty", "format: wafer-claims/1"},
	"not yaml":          {head + "a: [1\n", "3:4 E0601 this is not YAML: sequence end token", ""},
	"tab":               {head + "claims:\n\t- id: a\n", "4:1 E0601 this is not YAML", ""},
	"two documents":     {head + "---\n" + head, "4:1 E0601 the file holds a second document", "a file of its own"},
	"a list":            {"- a\n- b\n", "1:3 E0602 a claims file must be a mapping, not a list", "key: value"},
	"a word":            {"hello\n", "1:1 E0602 a claims file must be a mapping, not a single value", ""},
	"claims no list":    {head + "claims: 5\n", "3:1 E0602 claims must be a list, not a single value", "- "},
	"claims empty":      {head + "claims:\n", "3:1 E0602 claims must be a list, not nothing", ""},
	"claim is a word":   {head + "claims:\n  - hello\n", "4:5 E0602 a claim must be a mapping", ""},
	"value is a list":   {head + "constants:\n  a: {value: [1], source: x, as_of: 2026-05, confidence: A}\n", "4:15 E0602 value must be one value, not a list", ""},
	"alias":             {head + "constants:\n  a: &k {value: 1, source: x, as_of: 2026-05, confidence: A}\n", "4:6 E0602 constant a must be a mapping, not an anchor", ""},
	"tag":               {head + "title: !!str x\n", "3:8 E0602 title must be one value, not a tagged value", ""},
	"unknown field":     {head + "titl: x\n", "3:1 E0603 a claims file has no field titl", "did you mean title?"},
	"unknown field far": {claimWith("verdict: OK"), "9:5 E0603 a claim has no field verdict", "fields are as, confidence"},
	"no format":         {"date: 2026-05-14\n", "1:1 E0604 a claims file has no format", "add a line `format: …`"},
	"no date":           {"format: wafer-claims/1\n", "1:1 E0604 a claims file has no date", ""},
	"no source":         {head + "constants:\n  a: {value: 1, as_of: 2026-05, confidence: A}\n", "4:3 E0604 constant a has no source", ""},
	"no as_of":          {head + "constants:\n  a: {value: 1, source: x, confidence: A}\n", "4:3 E0604 constant a has no as_of", ""},
	"no value":          {head + "constants:\n  a: {source: x, as_of: 2026-05, confidence: A}\n", "4:3 E0604 constant a needs exactly one of value, series and formula, and has 0", "give it one of"},
	"two values":        {head + "constants:\n  a: {value: 1, formula: \"2\", source: x, as_of: 2026-05, confidence: A}\n", "4:3 E0604 constant a needs exactly one of value, series and formula, and has 2", ""},
	"empty quote":       {head + "claims:\n  - {id: a, quote: , source: x}\n", "4:13 E0604 quote is empty", ""},
	"no id":             {head + "claims:\n  - {quote: a, source: x}\n", "4:6 E0604 a claim has no id", ""},
	"reading no as":     {claimWith("says: 1", "readings:", "  - reads: \"2\""), "11:9 E0604 a reading has no as", ""},
	"constant twice":    {aConstant + "  a.b: {value: 1, source: x, as_of: 2026-05, confidence: A}\n", "5:3 E0601 this is not YAML: mapping key \"a.b\" already defined", ""},
	"claim twice":       {head + "claims:\n  - {id: a, quote: q, source: x}\n  - {id: a, quote: q, source: x}\n", "5:6 E0605 claim a is given twice", "rename or remove"},
	"bad value":         {head + "constants:\n  a: {value: many, source: x, as_of: 2026-05, confidence: A}\n", "4:14 E0606 \"many\" is not a quantity", "a text in quotes"},
	"bad unit":          {head + "constants:\n  a: {value: 5 parsecs, source: x, as_of: 2026-05, confidence: A}\n", "4:14 E0606 unknown unit \"parsecs\"", ""},
	"bad quoted number": {head + "constants:\n  a: {value: \"5 parsecs\", source: x, as_of: 2026-05, confidence: A}\n", "4:15 E0606 unknown unit \"parsecs\"", ""},
	"bad tolerance":     {claimWith("says: 1", "tolerance: $5"), "10:16 E0606 tolerance \"$5\" is not a share", "use `within`"},
	"bad within":        {claimWith("says: 1", "within: some"), "10:13 E0606 within \"some\" is not an amount", ""},
	"bad need":          {head + "needs: {x.y: parsecs}\n", "3:14 E0606 unknown unit \"parsecs\"", ""},
	"bad date":          {"format: wafer-claims/1\ndate: 14 May 2026\n", "2:7 E0607 \"14 May 2026\" is not a date", "2026-05-14"},
	"series out of order": {
		head + "constants:\n  a:\n    series:\n      - {from: 2026-05-02, value: 1}\n      - {from: 2026-05-01, value: 2}\n    source: x\n    as_of: 2026-05\n    confidence: A\n",
		"7:10 E0607 the point from 2026-05-01 does not come after", "in order of date",
	},
	"confidence":             {head + "constants:\n  a: {value: 1, source: x, as_of: 2026-05, confidence: high}\n", "4:56 E0608 confidence \"high\" is not one of", "D derived"},
	"constant name":          {head + "constants:\n  A-b: {value: 1, source: x, as_of: 2026-05, confidence: A}\n", "4:3 E0608 \"A-b\" cannot be the name of a constant", "lower-case words"},
	"reserved name":          {head + "constants:\n  said: {value: 1, source: x, as_of: 2026-05, confidence: A}\n", "4:3 E0608 \"said\" cannot be the name", ""},
	"relation word":          {claimWith("says: 1", "relation: roughly"), "10:5 E0608 \"roughly\" is not a relation", "about, at least"},
	"format":                 {"format: wafer-claims/9\ndate: 2026-05-14\n", "1:9 E0609 format \"wafer-claims/9\" is not known", ""},
	"too many readings":      {claimWith("says: 1", "readings: ["+strings.Repeat("{as: x, reads: \"1\"},", 21)+"]"), "10:5 E0610 the claim has 21 readings, the limit is 20", ""},
	"relation misfit":        {claimWith("says: true", "relation: at least"), "10:5 E0612 relation \"at least\" does not fit", "leave it out"},
	"range upside down":      {claimWith("says: [5, 3]"), "6:5 E0612 the range that claim X1 says is not one", "lower end first"},
	"three values":           {claimWith("says: [1, 2, 3]"), "9:5 E0612 says has 3 values", ""},
	"within of another unit": {claimWith("says: 5 MW", "within: $1"), "10:13 E0612 within \"$1\" is not of the unit", ""},
	"formula syntax":         {claimWith("says: 1", "reads: 1 +* 2"), "10:15 E0620 \"*\" stands where a number", ""},
	"formula quoted":         {claimWith("says: 1", "reads: \"1 +* 2\""), "10:16 E0620 \"*\" stands where", ""},
	// From here on the mistakes show when the claims are checked.
	"unknown name":        {claimWith("says: 1", "reads: a.c / 1 MW"), "10:12 E0621 unknown name a.c", "did you mean a.b?"},
	"units":               {claimWith("says: 1", "reads: 1 + a.b"), "10:14 E0622 \"+\" does not fit a plain number with MW", ""},
	"kind":                {claimWith("says: 1", "reads: not a.b"), "10:12 E0623 not needs a yes/no", ""},
	"division by zero":    {claimWith("says: 1", "reads: 1 / (a.b - a.b)"), "10:14 E0624 division by zero", ""},
	"arguments":           {claimWith("says: 1", "reads: abs()"), "10:12 E0625 abs has 0 arguments", ""},
	"says another unit":   {claimWith("says: $5", "reads: a.b"), "10:12 E0612 claim X1: the formula gives MW, the claim says $", ""},
	"says another kind":   {claimWith("says: \"five\"", "reads: a.b"), "10:12 E0612 claim X1: the formula gives MW, the claim says a text", ""},
	"given no yes/no":     {claimWith("says: 1", "readings:", "  - {as: x, reads: \"1\", given: \"2\"}"), "11:37 E0612 claim X1: given must be yes/no", ""},
	"plausible no yes/no": {claimWith("says: 1", "plausible: 2 + 2"), "10:16 E0612 claim X1: plausible must be yes/no", ""},
	"solve nothing":       {claimWith("says: 1", "reads: \"1\"", "solve: nobody"), "6:5 E0613 claim X1 cannot be solved for \"nobody\"", ""},
	"solve unused":        {claimWith("says: 1", "reads: \"1\"", "solve: a.b"), "6:5 E0613 no formula of claim X1 uses a.b", ""},
	"cycle": {
		head + "constants:\n  a: {formula: b, source: x, confidence: D}\n  b: {formula: a, source: x, confidence: D}\nclaims:\n  - {id: X, quote: q, source: s, says: 1, reads: a}\n",
		"4:3 E0611 constant a needs itself: a → b → a", "give one of them a value",
	},
	"constant in another unit": {
		head + "constants:\n  a: {formula: 1 MW, unit: $, source: x, confidence: D}\nclaims:\n  - {id: X, quote: q, source: s, says: 1, reads: a}\n",
		"4:3 E0622 constant a is declared in $, its formula gives MW", "",
	},
	"mistake in a constant": {
		head + "constants:\n  a: {formula: 1 + zz, source: x, confidence: D}\nclaims:\n  - {id: X, quote: q, source: s, says: 1, reads: a}\n",
		"4:20 E0621 unknown name zz", "",
	},
}

// Each mistake is found at its place, with its reason and cure.
func TestMistakesInFiles(t *testing.T) {
	for name, c := range fileMistakes {
		ds := allDiagnostics(c.src)
		if len(ds) == 0 {
			t.Errorf("%s: accepted", name)
			continue
		}
		d := ds[0]
		got := fmt.Sprintf("%d:%d %s %s", d.Pos.Line, d.Pos.Col, d.Code, d.Message)
		if !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s\n   want %s", name, got, c.want)
		}
		if !strings.Contains(d.Cure, c.cure) {
			t.Errorf("%s: cure %q, want %q", name, d.Cure, c.cure)
		}
	}
}

func allDiagnostics(src string) []diag.Diagnostic {
	f, ds := Parse("claims.yaml", []byte(src))
	if len(ds) > 0 {
		return ds
	}
	_, ds = Check(f, nil, Options{})
	return ds
}

// A mistake in one claim costs only that claim its answer.
func TestOtherClaimsAreStillAnswered(t *testing.T) {
	src := claimWith("says: 1", "reads: nobody") + "  - {id: X2, quote: q, source: s, says: 750 MW, reads: a.b}\n"
	f, ds := Parse("c.yaml", []byte(src))
	if len(ds) > 0 {
		t.Fatal(ds)
	}
	answers, ds := Check(f, nil, Options{})
	if len(ds) != 1 || len(answers) != 1 || answers[0].ID != "X2" || answers[0].Verdict != OK {
		t.Errorf("%v %v", answers, ds)
	}
}

// Forty constants, each twice the one before: the value is there at once, and a
// derived constant can be solved through.
func TestChainsOfConstants(t *testing.T) {
	src := head + "constants:\n  c0: {value: 1, source: x, as_of: 2026-05, confidence: A}\n"
	for i := 1; i <= 40; i++ {
		src += fmt.Sprintf("  c%d: {formula: c%d + c%d, source: x, confidence: D}\n", i, i-1, i-1)
	}
	src += "claims:\n  - {id: X, quote: q, source: s, says: 5497558138880, reads: c40, solve: c0}\n"
	f, ds := Parse("c.yaml", []byte(src))
	if len(ds) > 0 {
		t.Fatal(ds)
	}
	answers, ds := Check(f, nil, Options{})
	if len(ds) > 0 || answers[0].Plain.Result != "1.1e+12" || !strings.Contains(answers[0].Solve, "would have to be 5,") {
		t.Errorf("%+v %v", answers, ds)
	}
}

func TestModelOutputs(t *testing.T) {
	src := head + "needs: {fees.total: $}\nconstants:\n  mw: {value: 700 MW, source: x, as_of: 2026-05, confidence: C}\nclaims:\n" +
		"  - {id: A, quote: q, source: s, says: $9B, reads: fees.total}\n" +
		"  - {id: B, quote: q, source: s, says: 750 MW, reads: mw}\n"
	f, ds := Parse("c.yaml", []byte(src))
	if len(ds) > 0 {
		t.Fatal(ds)
	}
	verdicts := func(out map[string]Output) string {
		answers, ds := Check(f, out, Options{})
		s := ""
		for _, a := range answers {
			s += a.ID + " " + string(a.Verdict) + " "
		}
		for _, d := range ds {
			s += fmt.Sprintf("%s %d:%d", d.Code, d.Pos.Line, d.Pos.Col)
		}
		return strings.TrimSpace(s)
	}
	for _, c := range []struct {
		out  map[string]Output
		want string
	}{
		{nil, "A N/C B WRONG"},
		{map[string]Output{"fees.total": {9.2, "B$", "run"}, "mw": {750, "MW", "run"}}, "A OK B OK"},
		{map[string]Output{"fees.total": {9.2, "MW", "run"}}, "A N/C B WRONG E0622 3:9"},
		{map[string]Output{"fees.total": {9.2, "parsecs", "run"}}, "A N/C B WRONG E0606 0:0"},
	} {
		if got := verdicts(c.out); got != c.want {
			t.Errorf("%v: %s, want %s", c.out, got, c.want)
		}
	}
}

func TestTolerances(t *testing.T) {
	for says, want := range map[string]Verdict{
		"says: 750 MW":                              OK,
		"says: 700 MW":                              OK, // 7 hundred: plus or minus 50
		"says: 760 MW":                              Wrong,
		"says: 760 MW\n    tolerance: 2%":           OK,
		"says: 760 MW\n    within: 9 MW":            Wrong,
		"says: 760 MW\n    within: 10 MW":           OK,
		"says: 750 MW\n    relation: at least":      OK,
		"says: 751 MW\n    relation: at least":      Wrong,
		"says: 749 MW\n    relation: at most":       Wrong,
		"says: 0.75 GW\n    relation: at most":      OK,
		"says: [700 MW, 800 MW]":                    OK,
		"says: [760 MW, 800 MW]":                    Wrong,
		"says: [760 MW, 800 MW]\n    tolerance: 2%": OK,
	} {
		f, ds := Parse("c.yaml", []byte(claimWith(says, "reads: a.b")))
		if len(ds) > 0 {
			t.Fatal(ds)
		}
		answers, ds := Check(f, nil, Options{})
		if len(ds) > 0 || answers[0].Verdict != want {
			t.Errorf("%s: %v %v, want %s", says, answers, ds, want)
		}
	}
}

// Every code of the documentation is raised by the tests above, and the other
// way round; the document's example file parses and gives the answers it shows.
func TestDocumentation(t *testing.T) {
	text, err := os.ReadFile("../../../docs/deal-claims.md")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(text)
	for _, c := range []diag.Code{
		CodeYAML, CodeShape, CodeField, CodeMissing, CodeTwice, CodeQuantity, CodeDate, CodeWord, CodeFormat,
		CodeLimit, CodeCycle, CodeRelation, CodeSolve, "E0620", "E0621", "E0622", "E0623", "E0624", "E0625", "E0626",
	} {
		if !strings.Contains(doc, "| "+string(c)+" |") {
			t.Errorf("%s is not documented", c)
		}
	}
	_, example, ok := strings.Cut(doc, "```yaml\n")
	example, _, closed := strings.Cut(example, "```")
	if !ok || !closed {
		t.Fatal("no example")
	}
	f, ds := Parse("example.yaml", []byte(example))
	if len(ds) > 0 {
		t.Fatal(ds)
	}
	answers, ds := Check(f, nil, Options{})
	if len(ds) > 0 {
		t.Fatal(ds)
	}
	for _, a := range answers {
		if line := fmt.Sprintf("| %s | %s |", a.ID, a.Verdict); !strings.Contains(doc, line) {
			t.Errorf("the document does not say %q", line)
		}
	}
}

// FuzzParse: any bytes give a file or diagnostics with places inside the text,
// and a file without mistakes can be checked.
func FuzzParse(f *testing.F) {
	// Small seeds: the fuzzer's instrumentation makes the YAML parser slow, and
	// large files leave it a few tries a minute.
	for _, m := range fileMistakes {
		if len(m.src) < 400 {
			f.Add([]byte(m.src))
		}
	}
	f.Add([]byte(claimWith("says: 5 MW", "reads: a.b", "readings:", "  - {as: x, reads: a.b * 2, given: said > 1 MW}", "solve: a.b")))
	f.Add([]byte(head + "constants:\n  a:\n    series:\n      - {from: 2026-05, value: 1}\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		file, ds := Parse("f.yaml", src)
		lines := strings.Count(string(src), "\n") + strings.Count(string(src), "\r") + 2
		for _, d := range ds {
			if d.Code == "" || d.Message == "" || d.Pos.Line < 0 || d.Pos.Line > lines {
				t.Errorf("bad diagnostic %+v", d)
			}
		}
		Check(file, map[string]Output{"fees.total": {1, "$", "x"}}, Options{})
	})
}
