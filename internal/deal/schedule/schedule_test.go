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

func TestTooLongIsSaid(t *testing.T) {
	d, err := library.Load("oracle-openai")
	if err != nil {
		t.Fatal(err)
	}
	d = contract.Clone(d)
	d.Capacity.Tranches[0].Term.Base = 90
	s := Build(d)
	if len(s.Quarters) != MaxQuarters || len(s.Why) != 1 {
		t.Errorf("%d quarters, %q", len(s.Quarters), s.Why)
	}
}

// Every basis of a price, on 100 MW for one year.
func TestBases(t *testing.T) {
	for _, c := range []struct {
		basis, hardware string
		fee             float64
		want            float64
	}{
		{"mw_year", "", 12e6, 1200e6},
		{"total", "", 5e9, 5e9},
		{"hardware_sale", "", 16e6, 1600e6},
		{"system_month", "cs-3", 50e3, 100 / 0.027 * 50e3 * 12},
		{"gpu_hour", "gb200-nvl72", 3, 100 / 0.120 * 72 * 3 * 8760},
		{"m_tokens", "cs-5", 0.5, 100 * 3e6 * 31.536 * 0.5},
	} {
		d := &contract.Deal{}
		d.Capacity.Hardware = c.hardware
		d.Capacity.Tranches = []contract.Tranche{{ID: "t", MW: known(100), InService: contract.Date{Year: 2027, Month: 2, Day: 10}, Term: known(1)}}
		d.Price = contract.Price{Basis: c.basis, Fee: known(c.fee)}
		s := Build(d)
		near(t, c.basis, Sum(s.Fees), c.want, 1e-9*c.want)
	}
}

func known(v float64) contract.Figure {
	return contract.Figure{Known: true, Base: v, Low: v, High: v}
}

func TestEscalatorStepsAndTakeOrPay(t *testing.T) {
	d := &contract.Deal{}
	d.Capacity.Tranches = []contract.Tranche{
		{ID: "a", MW: known(100), InService: contract.Date{Year: 2027, Month: 1, Day: 1}, Term: known(2)},
		{ID: "b", MW: known(100), InService: contract.Date{Year: 2028, Month: 1, Day: 1}, Term: known(1)},
	}
	d.Price = contract.Price{Basis: "mw_year", Fee: known(10e6), Escalator: known(0.1), Steps: []contract.Step{{From: known(150), Fee: known(8e6)}}}
	d.Capacity.Utilisation, d.Price.TakeOrPay = known(0.5), known(0.8)
	s := Build(d)
	near(t, "first year", Sum(s.Fees[:4]), 100*10e6*0.8, 1)
	near(t, "second year", Sum(s.Fees[4:]), 200*8e6*1.1*0.8, 1)
}
