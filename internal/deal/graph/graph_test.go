package graph

import (
	"context"
	"encoding/xml"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"wafer/internal/deal/analysis"
	"wafer/internal/deal/library"
)

func all(t *testing.T) Graph {
	t.Helper()
	var rs []*analysis.Result
	for _, d := range library.All() {
		r, err := analysis.Run(context.Background(), d, analysis.Options{Paths: 200})
		if err != nil {
			t.Fatal(err)
		}
		rs = append(rs, r)
	}
	return Build(rs)
}

func TestWhoIsBoundToWhom(t *testing.T) {
	g := all(t)
	has := func(from, to string, k Kind, amount float64) {
		t.Helper()
		for _, e := range Merge(g.Edges) {
			if e.From == from && e.To == to && e.Kind == k && e.Firm {
				if math.Abs(e.Amount-amount) > 1e-3*math.Max(amount, 1) {
					t.Errorf("%s → %s %s is %v, want %v", from, to, k, e.Amount, amount)
				}
				return
			}
		}
		t.Errorf("there is no %s from %s to %s", k, from, to)
	}
	has("openai", "cerebras", Fees, 27.6e9)
	has("openai", "cerebras", LoanMoney, 1e9)
	has("cerebras", "openai", Capacity, 750)
	has("amazon", "openai", Purchase, 50e9)
	has("openai", "oracle", Fees, 300e9)
	has("google", "fluidstack", Guarantee, 3.2e9)
	// Equity flows both ways: the finding that the direction must be a field.
	has("coreweave", "openai", Given, 350e6)
	has("nvidia", "openai", Purchase, 30e9) // the letter of intent binds nobody and is apart
}

func TestMoneyComesBack(t *testing.T) {
	g := all(t)
	var found []string
	for _, c := range g.Circles {
		found = append(found, strings.Join(c.Path, " "))
	}
	for _, want := range []string{"amazon openai", "amazon anthropic", "anthropic google"} {
		if !slices.Contains(found, want) {
			t.Errorf("the circle %q is missing from %q", want, found)
		}
	}
	for _, c := range g.Circles {
		for _, w := range c.Words {
			if strings.Contains(w, "step1") {
				t.Errorf("a letter of intent is on a circle: %s", w)
			}
		}
	}
}

func TestConcentration(t *testing.T) {
	for _, d := range all(t).Depends {
		if d.Company == "oracle" && (d.Share != 1 || d.Largest != "openai" || d.HHI != 1) {
			t.Errorf("oracle: %+v", d)
		}
		if d.HHI < d.Share*d.Share-1e-12 || d.HHI > d.Share+1e-12 {
			t.Errorf("%s: HHI %v does not fit the largest share %v", d.Company, d.HHI, d.Share)
		}
	}
}

func TestDrawingIsWellFormed(t *testing.T) {
	svg := SVG(all(t), "who & whom")
	dec := xml.NewDecoder(strings.NewReader(svg))
	texts := 0
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := tok.(xml.StartElement); ok && s.Name.Local == "text" {
			texts++
		}
	}
	if texts < 20 {
		t.Errorf("only %d texts in the drawing", texts)
	}
	if svg != SVG(all(t), "who & whom") {
		t.Error("two drawings of the same deals differ")
	}
}
