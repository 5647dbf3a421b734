package schedule

import (
	"math"
	"testing"

	"wafer/internal/deal/contract"
	"wafer/internal/deal/library"
)

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if math.Abs(got-want) > tol {
		t.Errorf("%s = %v, want %v ± %v", what, got, want, tol)
	}
}

// 750 MW for a year at $12M a MW-year is $9,000M, in a leap year too.
func TestAYearIsAYear(t *testing.T) {
	c := Cohort{Start: contract.Date{Year: 2028, Month: 1, Day: 1}.Time(), MW: 750, Term: 3}
	sum := 0.0
	for q := range 4 {
		t0 := c.Start + float64(q)/4
		sum += c.MWYears(t0, t0+0.25, c.Term) * 12
	}
	near(t, "one year", sum, 9000, 1e-9)
	near(t, "all three", c.MWYears(0, 100, c.Term), 2250, 1e-9)
}

func TestRampIsExactWithinAQuarter(t *testing.T) {
	c := Cohort{Start: 26.1, Ramp: 0.7, MW: 100, Term: 2}
	fine := 0.0
	const n = 200000
	for i := range n { // midpoint rule against the closed form
		fine += c.InService(26+3.0*(float64(i)+0.5)/n) * 3.0 / n
	}
	near(t, "closed form", c.MWYears(26, 29, c.Term), fine, 1e-4)
}

func TestCerebrasSchedule(t *testing.T) {
	d, err := library.Load("cerebras-openai")
	if err != nil {
		t.Fatal(err)
	}
	s := Build(d)
	near(t, "fees", Sum(s.Fees)/1e9, 24.6, 1e-3)
	near(t, "with pass-through", Sum(s.Fees)/1e9+Sum(s.Pass)/1e9, 27.6, 1e-3)
	asOf := contract.Date{Year: 2026, Month: 7, Day: 1}.Time()
	near(t, "share within 24 months", s.Between(s.Fees, asOf, asOf+2)/Sum(s.Fees), 0.22, 0.005)
	near(t, "all delivered", contractYear(s.WhenDelivered(750, "")), 2029.5, 1e-6)
	near(t, "first third", contractYear(s.WhenDelivered(250, "")), 2027.5, 1e-6)
	if s.Quarters[len(s.Quarters)-1].Label != "2032Q2" {
		t.Errorf("the last quarter is %s: money should land until mid-2032", s.Quarters[len(s.Quarters)-1].Label)
	}
}

func contractYear(t float64) float64 { return t + 2000 }

// Section 5.6: at $12M a MW-year, 100k, 1M and 3M tok/s/MW break even at these prices.
func TestBreakEven(t *testing.T) {
	for speed, want := range map[float64]float64{100e3: 3.81, 1e6: 0.38, 3e6: 0.127} {
		near(t, "break-even", BreakEvenPerMTok(12e6, speed, 1), want, 0.005)
	}
}
