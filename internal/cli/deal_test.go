package cli

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// deal runs `wafer deal …` in this process.
func deal(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var root struct {
		Deal DealCmd `cmd:""`
	}
	var out, errs bytes.Buffer
	p, err := kong.New(&root, kong.Writers(&out, &errs), kong.Exit(func(int) {}), kong.BindTo(context.Background(), (*context.Context)(nil)))
	if err != nil {
		t.Fatal(err)
	}
	k, err := p.Parse(append([]string{"deal"}, args...))
	if err != nil {
		return out.String(), errs.String(), err
	}
	err = k.Run()
	return out.String(), errs.String(), err
}

func TestDealRunPrintsEveryGroup(t *testing.T) {
	out, errs, err := deal(t, "run", "cerebras-openai", "--paths", "4000", "--fan", "64", "--no-compare")
	if err != nil {
		t.Fatal(err, errs)
	}
	for _, group := range []string{"Summary", "Capacity", "Income", "Backlog", "Cash", "Price after equity", "Warrants", "Shares", "Multiples", "Sensitivity", "Both sides' books", "Checks"} {
		if !strings.Contains(out, "── "+group) {
			t.Errorf("the group %q is missing", group)
		}
	}
}

func must(t *testing.T, args ...string) string {
	t.Helper()
	out, errs, err := deal(t, args...)
	if err != nil {
		t.Fatalf("deal %v: %v\n%s", args, err, errs)
	}
	return out
}

// Every verb answers, and says what it is about.
func TestDealVerbs(t *testing.T) {
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"list"}, []string{"cerebras-openai", "amd-meta", "google-terawulf", "supplier buys equity"}},
		{[]string{"show", "cerebras-openai"}, []string{"33,445,026", "s1 [B]", "the earlier of", "not public"}},
		{[]string{"show", "oracle-openai", "--yaml"}, []string{"format: wafer-deal/1"}},
		{[]string{"check", "amd-openai"}, []string{"amd-openai: sound"}},
		{[]string{"claims"}, []string{"50 claims: OK 25", "C11", "WRONG"}},
		{[]string{"claims", "--id", "F11", "--long"}, []string{"94.12", "$3.2B"}},
		{[]string{"bill"}, []string{"521", "182", "10,568", "10,734"}},
		{[]string{"bill", "--ratio", "20", "--hit", "0.9"}, []string{"860", "291", "20,952", "23,333"}},
		{[]string{"bom"}, []string{"25.65%", "$2.002M"}},
		{[]string{"graph", "--paths", "500"}, []string{"amazon → openai → amazon", "HHI"}},
		{[]string{"compare", "cerebras-openai", "oracle-openai", "--paths", "500"}, []string{"12.3", "13.3"}},
		{[]string{"schema"}, []string{"$defs", "mw_delivered"}},
	} {
		out := must(t, c.args...)
		for _, w := range c.want {
			if !strings.Contains(out, w) {
				t.Errorf("deal %v does not say %q:\n%.2000s", c.args, w, out)
			}
		}
	}
}

// --json of every verb is JSON, --csv is CSV.
func TestDealMachineReadable(t *testing.T) {
	quick := []string{"--paths", "500"}
	for _, args := range [][]string{
		{"list"},
		{"show", "cerebras-openai"},
		{"claims"},
		{"bill"},
		{"bom"},
		append([]string{"graph"}, quick...), append([]string{"compare", "oracle-openai"}, quick...),
		append([]string{"run", "cerebras-openai", "--fan", "0", "--no-compare"}, quick...),
	} {
		var v any
		if err := json.Unmarshal([]byte(must(t, append(args, "--json")...)), &v); err != nil {
			t.Errorf("deal %v --json: %v", args, err)
		}
		if args[0] == "show" {
			continue
		}
		rows, err := csv.NewReader(strings.NewReader(must(t, append(args, "--csv")...))).ReadAll()
		if err != nil || len(rows) < 2 {
			t.Errorf("deal %v --csv: %d rows, %v", args, len(rows), err)
		}
	}
}

// Same inputs, same bytes and same stamp; another seed, another stamp.
func TestDealRunIsReproducible(t *testing.T) {
	args := []string{"run", "amd-openai", "--paths", "500", "--fan", "32", "--no-compare", "--json"}
	a, b := must(t, args...), must(t, append(args, "--workers", "1")...)
	if a != b {
		t.Error("the number of workers shows in the output")
	}
	stamp := regexp.MustCompile(`"inputs_sha256": "([0-9a-f]{64})"`)
	c := must(t, append(args, "--seed", "2")...)
	if x, y := stamp.FindString(a), stamp.FindString(c); x == "" || x == y {
		t.Errorf("stamps %q and %q", x, y)
	}
}

func TestDealReports(t *testing.T) {
	dir := t.TempDir()
	page, book, drawing := filepath.Join(dir, "r.html"), filepath.Join(dir, "r.xlsx"), filepath.Join(dir, "g.svg")
	must(t, "run", "cerebras-openai", "--paths", "500", "--fan", "32", "--no-compare", "--html", page, "--xlsx", book)
	must(t, "graph", "--paths", "500", "--svg", drawing)
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	// Self-contained: nothing is fetched. Links to sources are the only addresses.
	for _, bad := range []string{"<script", "<link", "src=", "@import", "url("} {
		if bytes.Contains(text, []byte(bad)) {
			t.Errorf("the page holds %q and would use the network", bad)
		}
	}
	if n := bytes.Count(text, []byte("<svg")); n < 6 {
		t.Errorf("only %d charts", n)
	}
	for _, f := range []string{book, drawing} {
		if st, err := os.Stat(f); err != nil || st.Size() < 5000 {
			t.Errorf("%s: %v", f, err)
		}
	}
}

func TestDealMistakesAreExplained(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	if err := os.WriteFile(bad, []byte("format: wafer-deal/1\nid: x\nbindng: full\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, errs, err := deal(t, "run", bad)
	if err == nil || !strings.Contains(errs, "bad.yaml:3:1: error[E0504]") || !strings.Contains(errs, "did you mean binding?") {
		t.Errorf("%v\n%s", err, errs)
	}
	for _, c := range []struct{ args, want string }{
		{"run cerebras-openia", "did you mean cerebras-openai?"},
		{"run cerebras-openai --scenario lat", "has no scenario \"lat\""},
		{"run cerebras-openai --set price.fee=3", "counted in money per MW-year"},
		{"run cerebras-openai --set price.fe", "write path=value"},
		{"claims nofile.yaml", "there is no claims file"},
		{"claims --id Z9", "there is no claim"},
		{"bill --model gpt-2", "there is no price list"},
		{"bill --hit 2", "cache-hit rate"},
		{"bom abacus", "no bill of materials"},
	} {
		_, _, err := deal(t, strings.Fields(c.args)...)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("deal %s: %v, want %q", c.args, err, c.want)
		}
	}
}
