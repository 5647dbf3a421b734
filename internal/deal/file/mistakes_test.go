package file

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wafer/internal/deal/contract"
	"wafer/internal/diag"
)

var update = flag.Bool("update", false, "rewrite testdata/mistakes.golden")

// mistake breaks the sound deal in one place.
type mistake struct{ name, from, to string }

// mistakes are what people do to deal files. The golden file holds, for each, the
// place, the reason and the cure that they are shown.
var mistakes = []mistake{
	{"not YAML", "id: base", "id: [base"},
	{"tab for indentation", "  source: paper\n  committed", "\tsource: paper\n  committed"},
	{"an anchor", "committed: 500 MW critical-IT", "committed: &all 500 MW critical-IT"},
	{"a key twice", "id: base\n", "id: base\nid: again\n"},
	{"misspelt key", "in_service: 2026-07-01", "in_servce: 2026-07-01"},
	{"key of another section", "binding: full", "strike: $1/share\nbinding: full"},
	{"missing title", "title: A sound deal that the tests break\n", ""},
	{"missing in_service", "      in_service: 2027-07-01\n", ""},
	{"missing lender", "      lender: buyer\n", ""},
	{"wrong format", "wafer-deal/1", "wafer-deal/9"},
	{"id with capitals", "id: base", "id: My Deal"},
	{"misspelt word of a list", "binding: full", "binding: fulll"},
	{"word not in the list", "binding: full", "binding: maybe"},
	{"unknown role", "roles: [supplier, issuer, borrower]", "roles: [supplier, banker]"},
	{"bad confidence mark", "mark: C", "mark: E"},
	{"bad date", "in_service: 2026-07-01", "in_service: July 2026"},
	{"impossible date", "in_service: 2026-07-01", "in_service: 2026-13-01"},
	{"list where a value belongs", "id: base", "id: [a, b]"},
	{"value where a section belongs", "extension: {to: 5 yr, holder: buyer}", "extension: 5 yr"},
	{"value where a list belongs", "roles: [customer, lender, holder]", "roles: customer"},
	{"no value", "fee: $12M/MW-yr", "fee:"},
	{"empty text", "title: a higher fee", `title: ""`},
	{"unquoted comma in braces", "shares_basic: 1,000 shares basic", "shares_basic: {value: 1,000 shares basic}"},
	{"megawatts without kind", "mw: 250 MW critical-IT\n      in_service: 2026", "mw: 250 MW\n      in_service: 2026"},
	{"wrong kind word", "mw: 250 MW critical-IT\n      in_service: 2026", "mw: 250 MW dense\n      in_service: 2026"},
	{"kinds mixed in one deal", "mw: 250 MW critical-IT\n      in_service: 2027", "mw: 250 MW facility\n      in_service: 2027"},
	{"unit spelt wrong", "ramp: 1 yr", "ramp: 1 Yr"},
	{"unknown unit", "ramp: 1 yr", "ramp: 1 fortnight"},
	{"wrong dimension", "fee: $12M/MW-yr", "fee: 12 MW critical-IT"},
	{"money for years", "term: 3 yr\n      delay", "term: $3\n      delay"},
	{"currency behind", "principal: $1B", "principal: 1B$"},
	{"per what", "fee: $12M/MW-yr", "fee: $12M/parsec"},
	{"European decimal comma", "strike: $0.01/share", "strike: $0,01/share"},
	{"words for a number", "spot: $40/share", "spot: about forty dollars"},
	{"rate without its time", "rate: 6%/yr", "rate: 6%"},
	{"share count without its kind", "shares_basic: 1,000 shares basic", "shares_basic: 1,000 shares"},
	{"diluted for basic", "shares_basic: 1,000 shares basic", "shares_basic: 1,000 shares diluted"},
	{"no source and no assumption", "  source: paper\n  capex", "  capex"},
	{"unknown source", "  source: paper\n  capex", "  source: papre\n  capex"},
	{"sourced and assumed", "fee: $12M/MW-yr", "fee: {value: $12M/MW-yr, source: paper, assumed: by me}"},
	{"withheld and given", "fee: $12M/MW-yr", "fee: {value: $12M/MW-yr, undisclosed: not public}"},
	{"figure without value", "fee: $12M/MW-yr", "fee: {source: paper}"},
	{"value and range", "fee: $12M/MW-yr", "fee: {value: $12M/MW-yr, range: [$10M/MW-yr, $14M/MW-yr]}"},
	{"range of one", "range: [0 yr, 0 yr, 0.5 yr]", "range: [0 yr]"},
	{"range that falls", "range: [0 yr, 0 yr, 0.5 yr]", "range: [1 yr, 0 yr, 0.5 yr]"},
	{"range of two units", "range: [0 yr, 0 yr, 0.5 yr]", "range: [0 yr, $1]"},
	{"unknown distribution", "range: [0 yr, 0 yr, 0.5 yr]", "range: [0 yr, 1 yr], dist: gauss"},
	{"normal with a range", "range: [0 yr, 0 yr, 0.5 yr]", "range: [0 yr, 1 yr], dist: normal"},
	{"normal without deviation", "fee: $12M/MW-yr", "fee: {value: $12M/MW-yr, dist: normal}"},
	{"deviation in another unit", "fee: $12M/MW-yr", "fee: {value: $12M/MW-yr, dist: normal, sd: 2 yr}"},
	{"negative deviation", "fee: $12M/MW-yr", "fee: {value: $12M/MW-yr, dist: lognormal, sd: -20%}"},
	{"tranches do not add up", "committed: 500 MW critical-IT", "committed: 750 MW critical-IT"},
	{"blocks do not add up", "count: 300 shares", "count: 350 shares"},
	{"two tranches of one name", "id: t2", "id: t1"},
	{"two blocks of one name", "id: b2", "id: b1"},
	{"ramp longer than term", "ramp: 1 yr", "ramp: 4 yr"},
	{"extension that does not extend", "to: 5 yr, holder: buyer", "to: 2 yr, holder: buyer"},
	{"zero term", "term: 3 yr\n      delay", "term: 0 yr\n      delay"},
	{"negative fee", "fee: $12M/MW-yr", "fee: -$12M/MW-yr"},
	{"PUE below one", "pue: 1.2", "pue: 0.8"},
	{"correlation beyond one", "delivery_correlation: 0.3", "delivery_correlation: 1.3"},
	{"unknown party", "holder: buyer\n    count", "holder: buyr\n    count"},
	{"holder of own equity", "holder: buyer\n    count", "holder: maker\n    count"},
	{"unknown tranche of a loan", "repay_after_tranche: t1", "repay_after_tranche: t9"},
	{"loan without a start of repayment", "      repay_after_tranche: t1\n", ""},
	{"unknown system", "  pue: 1.2\n", "  pue: 1.2\n  hardware: cs3\n"},
	{"unknown loan in a condition", "loan_funded: {loan: wc}", "loan_funded: {loan: wcc}"},
	{"unknown block in a condition", "loan_funded: {loan: wc}", "block: {ref: b9}"},
	{"conditions in a circle", "vest: {loan_funded: {loan: wc}}", "vest: {block: {ref: b1}}"},
	{"two keys in a condition", "vest: {loan_funded: {loan: wc}}", "vest: {loan_funded: {loan: wc}, date: {on: 2027-01-01}}"},
	{"join of one", "            - price: {at_least: $50/share, test: vwap, window: 30 days}\n", ""},
	{"average without window", "test: vwap, window: 30 days", "test: vwap"},
	{"pro rata without range", "        from: 0 MW critical-IT\n", ""},
	{"empty pro-rata range", "to: 500 MW critical-IT", "to: 0 MW critical-IT"},
	{"pro rata without megawatts", "vest: {loan_funded: {loan: wc}}", "vest: {loan_funded: {loan: wc}}\n        rule: pro_rata\n        from: 0 MW critical-IT\n        to: 9 MW critical-IT"},
	{"warrant without strike", "    strike: $0.01/share\n", ""},
	{"expires before it is issued", "expiry: 2035-12-24", "expiry: 2024-12-24"},
	{"option without its rule's figure", "exercise: never", "exercise: probability"},
	{"option that starts too late", "exercise: never", "exercise: never, in_service: 2031-06-01"},
	{"fee of another basis", "basis: mw_year", "basis: hardware_sale"},
	{"fee without basis", "  basis: mw_year\n", ""},
	{"basis that needs hardware", "basis: mw_year\n  fee: $12M/MW-yr", "basis: gpu_hour\n  fee: $2/GPU-h"},
	{"direction against the equity", "direction: supplier_gives_equity", "direction: none"},
	{"purchase without equity", "direction: supplier_gives_equity", "direction: supplier_buys_equity"},
	{"choice that the update removes", "asu_2025_04: on", "asu_2025_04: on\n  forfeitures: as_they_occur"},
	{"scenario with a wrong path", "price.fee: $13M", "price.feee: $13M"},
	{"scenario with a wrong unit", "price.fee: $13M/MW-yr", "price.fee: 13%"},
	{"scenario that sets a section", "price.fee: $13M/MW-yr", "price: 13"},
	{"a second document", "policy:", "---\npolicy:"},
}

func sound(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/base.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestSoundDeal(t *testing.T) {
	_, list := Parse("base.yaml", []byte(sound(t)))
	if list.Len() > 0 {
		t.Errorf("%v", list.Sorted())
	}
}

// TestMistakes compares place, text and cure of every mistake with the golden file.
func TestMistakes(t *testing.T) {
	base := sound(t)
	var out strings.Builder
	for _, m := range mistakes {
		if strings.Count(base, m.from) < 1 {
			t.Fatalf("%s: the sound deal has no %q", m.name, m.from)
		}
		text := strings.Replace(base, m.from, m.to, 1)
		_, list := Parse("deal.yaml", []byte(text))
		if !list.HasErrors() {
			t.Errorf("%s is not noticed", m.name)
		}
		fmt.Fprintf(&out, "-- %s --\n", m.name)
		for _, d := range list.Sorted() {
			if d.Pos.Line == 0 || d.Pos.Col == 0 || d.Cure == "" {
				t.Errorf("%s: %v has no place or no cure", m.name, d)
			}
		}
		if err := diag.Render(&out, list.Sorted(), func(string) ([]byte, bool) { return []byte(text), true }); err != nil {
			t.Fatal(err)
		}
		out.WriteString("\n")
	}
	const golden = "testdata/mistakes.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), out.String()); d != "" {
		t.Errorf("mistakes are shown differently (-want +got), -update if that is meant:\n%s", d)
	}
}

func TestLimits(t *testing.T) {
	deep := "format: wafer-deal/1\nequity:\n  - id: w\n    blocks:\n      - id: b\n        vest: " + strings.Repeat("{and: [", 60) + strings.Repeat("]}", 60) + "\n"
	for name, text := range map[string]string{
		"deep": deep, "large": strings.Repeat("# filler\n", MaxBytes/8), "long": "parties: [" + strings.Repeat("{id: a},", MaxItems+1) + "]",
	} {
		_, list := Parse(name, []byte(text))
		found := false
		for _, d := range list.Sorted() {
			found = found || d.Code == "E0502"
		}
		if !found {
			t.Errorf("%s: no limit is named in %v", name, list.Sorted())
		}
	}
}

// A scenario or --set must never reach the deal it was made from.
func TestCloneIsDeep(t *testing.T) {
	d, _ := Parse("base.yaml", []byte(sound(t)))
	c := contract.Clone(d)
	if dg := Set(c, contract.Setting{Path: "equity.warrant.blocks.b1.count", Value: "7 shares"}); dg != nil {
		t.Fatal(dg)
	}
	if d.Equity[0].Blocks[0].Count.Base != 100 || c.Equity[0].Blocks[0].Count.Base != 7 {
		t.Error("the clone shares a block with its origin")
	}
}

func FuzzParse(f *testing.F) {
	base, err := os.ReadFile("testdata/base.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(base)
	for _, s := range []string{"", "- 1", "a: &x [*x]", "format: wafer-deal/1\nequity: [{blocks: [{vest: {and: []}}]}]", "? a\n: b", "a: !!int x", "{a: 1, a: 2}", "scenarios: [{set: {a: 1}}]"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		d, list := Parse("fuzz.yaml", text)
		if d == nil && !list.HasErrors() {
			t.Error("no deal and no mistake")
		}
	})
}

// Every code is in the manual, and every code of the manual is shown by a mistake
// of the golden file or by a limit.
func TestCodesAreDocumented(t *testing.T) {
	manual, err := os.ReadFile("../../../docs/deal.md")
	if err != nil {
		t.Fatal(err)
	}
	golden, err := os.ReadFile("testdata/mistakes.golden")
	if err != nil {
		t.Fatal(err)
	}
	code := regexp.MustCompile(`E05\d\d`)
	shown := map[string]bool{"E0502": true, "E0540": true} // TestLimits; report of a computed deal
	for _, c := range code.FindAllString(string(golden), -1) {
		shown[c] = true
	}
	listed := map[string]bool{}
	for _, c := range code.FindAllString(string(manual), -1) {
		listed[c] = true
		if !shown[c] {
			t.Errorf("no mistake shows %s of docs/deal.md", c)
		}
	}
	for c := range shown {
		if !listed[c] {
			t.Errorf("%s is not in docs/deal.md", c)
		}
	}
}
