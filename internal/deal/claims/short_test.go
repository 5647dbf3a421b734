package claims

import (
	"fmt"
	"testing"
	"time"

	"wafer/internal/diag"
)

func TestShortClaims(t *testing.T) {
	at := func(line int) diag.Pos { return diag.Pos{File: "deal.yaml", Line: line, Col: 5} }
	f, ds := FromShort("a deal", time.Date(2026, 5, 14, 0, 0, 0, 0, time.UTC), []Short{
		{"a", "about $9B a year", "fees.total / 3 yr", Output{9, "B$/yr", "press"}, 0.05, at(10)},
		{"b", "off by a third", "fees.total", Output{20, "B$", "press"}, 0.05, at(20)},
		{"c", "no formula", "1 +", Output{20, "B$", "press"}, 0.05, at(30)},
		{"d", "no unit", "1", Output{20, "parsecs", "press"}, 0.05, at(40)},
		{"e", "unknown", "fees.totl", Output{20, "B$", "press"}, 0.05, at(50)},
	})
	got := ""
	for _, d := range ds {
		got += fmt.Sprintf("%s %s; ", d.Pos, d.Code)
	}
	answers, ds := Check(f, map[string]Output{"fees.total": {27.6, "B$", "run"}}, Options{})
	for _, a := range answers {
		got += a.ID + " " + string(a.Verdict) + "; "
	}
	for _, d := range ds {
		got += fmt.Sprintf("%s %s %s", d.Pos, d.Code, d.Cure)
	}
	if want := "deal.yaml:30:5 E0620; deal.yaml:40:5 E0606; a OK; b WRONG; deal.yaml:50 E0621 did you mean fees.total?"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
