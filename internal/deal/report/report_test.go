package report

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"wafer/internal/deal/analysis"
	"wafer/internal/deal/contract"
	"wafer/internal/deal/library"
)

func load(t *testing.T, name string) *contract.Deal {
	t.Helper()
	d, err := library.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return contract.Clone(d)
}

func report(t *testing.T, d *contract.Deal) *Report {
	t.Helper()
	r, err := analysis.Run(context.Background(), d, analysis.Options{Paths: 200})
	if err != nil {
		t.Fatal(err)
	}
	return New(r, nil, Extras{})
}

// A deal of which little is known still gets every kind of report: what cannot be
// computed is left out and named, nothing fails.
func TestLittleIsEnough(t *testing.T) {
	cuts := map[string]func(*contract.Deal){
		"all":          func(*contract.Deal) {},
		"no issuer":    func(d *contract.Deal) { d.Issuer = nil },
		"no spot":      func(d *contract.Deal) { d.Issuer.Spot = contract.Figure{} },
		"no cost":      func(d *contract.Deal) { d.Cost = nil },
		"no customer":  func(d *contract.Deal) { d.Customer = nil },
		"no equity":    func(d *contract.Deal) { d.Equity = nil },
		"no price":     func(d *contract.Deal) { d.Price = contract.Price{} },
		"no capacity":  func(d *contract.Deal) { d.Capacity = contract.Capacity{}; d.Finance.Loans = nil },
		"no headline":  func(d *contract.Deal) { d.Headline = contract.Headline{} },
		"nothing":      func(d *contract.Deal) { *d = contract.Deal{ID: "x", Title: "x"} },
		"no lives":     func(d *contract.Deal) { d.Cost.Lives = nil },
		"no as-of":     func(d *contract.Deal) { d.AsOf = contract.Date{} },
		"no loan":      func(d *contract.Deal) { d.Finance.Loans = nil },
		"loan in cash": func(d *contract.Deal) { d.Finance.Loans[0].RepayIn = "cash" },
	}
	for name, cut := range cuts {
		t.Run(name, func(t *testing.T) {
			d := load(t, "cerebras-openai")
			cut(d)
			rep := report(t, d)
			for kind, write := range map[string]func(io.Writer) error{
				"text": func(w io.Writer) error { return rep.Text(w, true) }, "json": rep.JSON, "csv": rep.CSV, "html": rep.HTML, "xlsx": rep.XLSX,
			} {
				var b bytes.Buffer
				if err := write(&b); err != nil {
					t.Errorf("%s: %v", kind, err)
				}
				if kind != "xlsx" && (strings.Contains(b.String(), "NaN") || strings.Contains(b.String(), "+Inf")) {
					t.Errorf("%s holds something that is no number", kind)
				}
			}
		})
	}
}

// The library's deals all make a whole report.
func TestEveryDealReports(t *testing.T) {
	for _, name := range library.Names() {
		rep := report(t, load(t, name))
		for _, write := range []func(io.Writer) error{rep.JSON, rep.HTML, rep.XLSX} {
			if err := write(io.Discard); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// Yearly tables are the quarterly ones added up.
func TestYearsAddUp(t *testing.T) {
	rep := report(t, load(t, "cerebras-openai"))
	total := func(list []Table) (float64, int) {
		for _, tb := range list {
			if tb.ID == "income" {
				last := tb.Rows[len(tb.Rows)-1]
				return last[1].Value, len(tb.Rows)
			}
		}
		return 0, 0
	}
	y, ny := total(rep.Tables)
	q, nq := total(rep.Quarter)
	if y != q || ny != 8 || nq != 27 {
		t.Errorf("years %v in %d rows, quarters %v in %d rows", y, ny, q, nq)
	}
}

// A formula that nobody can compute is a mistake at its claim.
func TestBadClaimOfADeal(t *testing.T) {
	d := load(t, "cerebras-openai")
	d.Claims[0].Formula = "fees.totl * 2"
	r, err := analysis.Run(context.Background(), d, analysis.Options{Paths: 200})
	if err != nil {
		t.Fatal(err)
	}
	_, ds := DealClaims(r)
	if len(ds) == 0 || ds[0].Code != "E0540" || ds[0].Pos.Line == 0 || !strings.Contains(ds[0].Message, "fees.totl") {
		t.Errorf("%v", ds)
	}
}

func TestJournalsInJSON(t *testing.T) {
	rep := report(t, load(t, "cerebras-openai"))
	var b bytes.Buffer
	if err := rep.JSON(&b); err != nil {
		t.Fatal(err)
	}
	var v struct {
		Journals []struct {
			Party   string
			Entries []struct{ Lines []struct{ Amount string } }
		}
	}
	if err := json.Unmarshal(b.Bytes(), &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Journals) != 2 || v.Journals[0].Party != "Cerebras Systems" || len(v.Journals[0].Entries) < 100 {
		t.Errorf("%.300s", fmt.Sprint(v))
	}
}

func TestTableAligns(t *testing.T) {
	var b strings.Builder
	Table{Title: "t", Head: []string{"who", "n"}, Rows: [][]Cell{{text("ä"), plain(1234.5, 1)}, {text("long"), plain(-2, 1)}}, Total: true}.Text(&b)
	want := "t\n  who         n\n  ────  ───────\n  ä     1,234.5\n  ────  ───────\n  long     -2.0\n\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}
