package units

import (
	"errors"
	"math"
	"testing"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]Quantity{
		"750 MW critical-IT":    {750, Unit{Power, CriticalIT}},
		"6 GW nameplate":        {6000, Unit{Power, Nameplate}},
		"27 kW facility":        {0.027, Unit{Power, Facility}},
		"$12.27M/MW-yr":         {12.27e6, Unit{MoneyPerMWYr, Plain}},
		"$25.4B":                {25.4e9, Unit{Money, Plain}},
		"-$350M":                {-350e6, Unit{Money, Plain}},
		"$0.00001/share":        {0.00001, Unit{MoneyPerShare, Plain}},
		"33,445,026 shares":     {33445026, Unit{Shares, Plain}},
		"305M shares diluted":   {305e6, Unit{Shares, Diluted}},
		"55%":                   {0.55, Unit{Ratio, Plain}},
		"6%/yr":                 {0.06, Unit{Rate, Plain}},
		"18 months":             {1.5, Unit{Years, Plain}},
		"125 PFLOPS sparse-8:1": {125e15, Unit{Compute, Sparse8}},
		"$5/M tokens input":     {5, Unit{MoneyPerMTok, Input}},
		"$450k/system":          {450e3, Unit{MoneyPerSys, Plain}},
		"1e6 tok/s/MW":          {1e6, Unit{TokPerSecPerMW, Plain}},
		"0.3":                   {0.3, Unit{None, Plain}},
	} {
		got, err := Parse(text)
		if err != nil || got.Unit != want.Unit || math.Abs(got.Value-want.Value) > 1e-12*math.Abs(want.Value) {
			t.Errorf("Parse(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, reason := range map[string]string{
		"1,5 MW critical-IT": `the commas in "1,5" do not group thousands`,
		"750 mw critical-IT": `"mw" in "750 mw critical-IT" is not spelt as the unit is`,
		"750 MW dense":       `"dense" is no kind of power`,
		"about 750 MW":       `"about 750 MW" does not start with a number`,
		"12 M$/MW-yr":        `the currency stands behind the number in "12 M$/MW-yr"`,
		"$5/lightyear":       `money per "lightyear" is not known`,
		"3 yr critical-IT":   `"critical-IT" follows the unit in "3 yr critical-IT", but years has no kinds`,
		"1.2.3":              `"1.2.3" is not a number`,
	} {
		_, err := Parse(text)
		var e *Error
		if !errors.As(err, &e) || e.Reason != reason || e.Cure == "" {
			t.Errorf("Parse(%q): %v, want %q with a cure", text, err, reason)
		}
	}
}

func TestFormat(t *testing.T) {
	for _, c := range []struct {
		v    float64
		d    Dim
		want string
	}{
		{27.6e9, Money, "$27.6B"},
		{-145.9e6, Money, "-$145.9M"},
		{0.00001, MoneyPerShare, "$1e-05/share"},
		{82.02, MoneyPerShare, "$82.02/share"},
		{12266666.7, MoneyPerMWYr, "$12.27M/MW-yr"},
		{33445026, Shares, "33,445,026"},
		{0.10966, Ratio, "10.97%"},
		{750, Power, "750 MW"},
		{450e3, MoneyPerSys, "$450k/system"},
		{9.2e3, Money, "$9,200.00"},
	} {
		if got := Format(c.v, c.d); got != c.want {
			t.Errorf("Format(%v, %v) = %q, want %q", c.v, c.d, got, c.want)
		}
	}
}

// The article's "28 times a B200" compares 8:1 sparse with 2:1 sparse figures.
func TestSparsityRatios(t *testing.T) {
	wse := SparseFLOPS{125e15, Sparse8}
	b200 := SparseFLOPS{4.5e15, Sparse2}
	if r := wse.Value / b200.Value; math.Abs(r-27.8) > 0.05 {
		t.Errorf("sparse ratio %v", r)
	}
	if r := float64(wse.Dense() / b200.Dense()); math.Abs(r-6.94) > 0.05 {
		t.Errorf("dense ratio %v", r)
	}
	if got := CriticalITMW(100).Facility(1.2).IT(1.2); math.Abs(float64(got)-100) > 1e-12 {
		t.Errorf("PUE there and back: %v", got)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"750 MW critical-IT", "$12.3M/MW-yr", "1,000", "$", "5/M tokens", "-$1e9/share"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := Parse(s)
		if err == nil && (math.IsNaN(q.Value) || math.IsInf(q.Value, 0)) {
			t.Errorf("%q parsed to %v", s, q.Value)
		}
	})
}
