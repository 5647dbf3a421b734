package value

import (
	"fmt"
	"math"
	"testing"
)

func amd(vol, level float64) Hurdle {
	return Hurdle{Spot: 164.67, Level: level, Rate: 0.037, Vol: vol, Years: 5}
}

// The golden table of economics.md 4.5, to the printed digits.
func TestHurdleTable(t *testing.T) {
	levels := []float64{200, 300, 400, 500, 600}
	table := map[float64][]string{
		0.45: {"154.17", "125.55", "101.87", "83.24", "68.66"},
		0.55: {"157.22", "136.85", "119.25", "104.55", "92.31"},
		0.65: {"159.31", "144.61", "131.58", "120.31", "110.56"},
	}
	for vol, row := range table {
		for i, want := range row {
			if got := fmt.Sprintf("%.2f", HurdleValue(amd(vol, levels[i]))); got != want {
				t.Errorf("vol %g level %g: %s, want %s", vol, levels[i], got, want)
			}
		}
	}
}

func TestHurdleGoldens(t *testing.T) {
	h := amd(0.55, 600)
	for name, c := range map[string]struct {
		got  float64
		form string
		want string
	}{
		"risk-neutral touch": {100 * HurdleProb(h), "%.1f", "17.0"},
		"daily touch value":  {HurdleValue(DailyHurdle(h, 252)), "%.2f", "90.96"},
		"daily touch prob":   {100 * HurdleProb(DailyHurdle(h, 252)), "%.1f", "16.4"}, // simulated 16.5 in 4.5
	} {
		if got := fmt.Sprintf(c.form, c.got); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// A hurdle is only a delay: with time the value goes to the share, and with no
// time left to nothing.
func TestHurdleLimits(t *testing.T) {
	h := amd(0.55, 600)
	h.Years = 1e6
	if v := HurdleValue(h); math.Abs(v-h.Spot) > 1e-6 {
		t.Errorf("for ever: %g, want %g", v, h.Spot)
	}
	h.Years = 0
	if v := HurdleValue(h); v != 0 {
		t.Errorf("no time: %g", v)
	}
	h.Level = 100
	if v := HurdleValue(h); v != h.Spot {
		t.Errorf("hurdle already met: %g", v)
	}
	// Extreme inputs stay finite and between 0 and the share.
	for _, vol := range []float64{0, 1e-4, 1e-3, 0.01, 3, 10} {
		for _, level := range []float64{165, 1000, 1e9} {
			for _, q := range []float64{0, 0.03, 0.3} {
				h := Hurdle{Spot: 164.67, Level: level, Rate: 0.037, Dividend: q, Vol: vol, Years: 5}
				if v := HurdleValue(h); !(v >= 0 && v <= h.Spot*(1+1e-12)) {
					t.Errorf("vol %g level %g q %g: %g", vol, level, q, v)
				}
			}
		}
	}
	// Without noise the price reaches 165 by its drift alone.
	if v := HurdleValue(Hurdle{Spot: 164.67, Level: 165, Rate: 0.037, Vol: 0, Years: 5}); v != 164.67 {
		t.Errorf("no noise: %g", v)
	}
}

func TestBarrierForValue(t *testing.T) {
	h := amd(0.55, 600)
	level, ok := BarrierForValue(h, HurdleValue(h))
	if !ok || math.Abs(level-600) > 1e-6 {
		t.Errorf("level %g %v, want 600", level, ok)
	}
	if _, ok := BarrierForValue(h, h.Spot); ok {
		t.Error("a warrant worth the share has no hurdle above it")
	}
}

// Hull's textbook example: S 42, K 40, r 10 %, vol 20 %, half a year gives a
// call of 4.76 and a put of 0.81.
func TestBlackScholesTextbook(t *testing.T) {
	o := Option{Spot: 42, Strike: 40, Rate: 0.1, Vol: 0.2, Years: 0.5}
	if c, p := BlackScholes(o), BlackScholesPut(o); fmt.Sprintf("%.2f %.2f", c, p) != "4.76 0.81" {
		t.Errorf("call %g put %g", c, p)
	}
	vol, ok := ImpliedVol(o, BlackScholes(o))
	if !ok || math.Abs(vol-0.2) > 1e-9 {
		t.Errorf("implied volatility %g %v", vol, ok)
	}
	if _, ok := ImpliedVol(o, 43); ok {
		t.Error("no volatility makes a call worth more than the share")
	}
	if v := BlackScholes(Option{Spot: 42, Dividend: 0.02, Rate: 0.1, Vol: 0.2, Years: 5}); v != 42*math.Exp(-0.1) {
		t.Errorf("no strike: %g", v)
	}
}

func TestGreeksAreDerivatives(t *testing.T) {
	o := Option{Spot: 42, Strike: 45, Rate: 0.05, Dividend: 0.01, Vol: 0.3, Years: 2}
	g := CallGreeks(o)
	slope := func(move func(*Option, float64), h float64) float64 {
		up, down := o, o
		move(&up, h)
		move(&down, -h)
		return (BlackScholes(up) - BlackScholes(down)) / (2 * h)
	}
	spot := func(p *Option, h float64) { p.Spot += h }
	up, down := o, o
	up.Spot += 1e-3
	down.Spot -= 1e-3
	for name, c := range map[string][2]float64{
		"delta": {g.Delta, slope(spot, 1e-4)},
		"gamma": {g.Gamma, (CallGreeks(up).Delta - CallGreeks(down).Delta) / 2e-3},
		"vega":  {g.Vega, slope(func(p *Option, h float64) { p.Vol += h }, 1e-5)},
		"rho":   {g.Rho, slope(func(p *Option, h float64) { p.Rate += h }, 1e-5)},
		"theta": {g.Theta, -slope(func(p *Option, h float64) { p.Years += h }, 1e-5)},
	} {
		if math.Abs(c[0]-c[1]) > 1e-5*(1+math.Abs(c[1])) {
			t.Errorf("%s %g, difference quotient %g", name, c[0], c[1])
		}
	}
}

// Finnerty's discount levels off at N(√ln2/2)-N(-√ln2/2) = 32.3 %, and grows.
func TestMarketabilityDiscounts(t *testing.T) {
	limit := Phi(math.Sqrt(math.Ln2)/2) - Phi(-math.Sqrt(math.Ln2)/2)
	if got := FinnertyDiscount(3, 0, 10); math.Abs(got-limit) > 1e-6 || fmt.Sprintf("%.1f", 100*got) != "32.3" {
		t.Errorf("limit %g, want %g", got, limit)
	}
	last := 0.0
	for _, years := range []float64{1e-6, 1e-4, 3e-4, 0.01, 0.25, 0.5, 1, 2, 5} {
		d := FinnertyDiscount(0.55, 0, years)
		if d <= last {
			t.Errorf("%g years: %g is not above %g", years, d, last)
		}
		last = d
	}
	if c := ChaffeDiscount(0.55, 0.037, 0, 1); !(c > FinnertyDiscount(0.55, 0, 1)) {
		t.Errorf("protective put %g", c)
	}
}

// The calibration of economics.md 4.6, to the printed digits.
func TestCalibration(t *testing.T) {
	c, err := Calibrate(Margins{
		Revenue: 9.2e9, MW: 750, ShortLife: 3, Short: 0.338, LongLife: 6, Long: 0.554, Policy: 0.511,
	})
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%.2f %.1f %.2f %.2f %.2f", c.Capex/1e9, c.CapexPerMW/1e6, c.Cash/1e9, c.CashPerMW/1e6, c.PolicyLife)
	if want := "11.92 15.9 2.12 2.82 5.00"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if _, err := Calibrate(Margins{Revenue: 9.2e9, MW: 750, ShortLife: 6, LongLife: 3}); err == nil {
		t.Error("swapped lives were accepted")
	}
	if _, err := Calibrate(Margins{Revenue: 9.2e9, MW: 750, ShortLife: 3, Short: 0.5, LongLife: 6, Long: 0.4}); err == nil {
		t.Error("falling margins were accepted")
	}
}

// The delay of a delivery clock has the mean and spread it was asked to have.
func TestClockVolForDelay(t *testing.T) {
	planned, sd := 2.0, 0.5
	c := Clock{Vol: ClockVolFor(sd, planned, 1)}
	p := Price{Spot: 1}
	mean, square := 0.0, 0.0
	const dt = 0.001
	for x := dt; x < 60; x += dt {
		w := DeliveredBy(p, c, RealWorld, planned, x+dt/2) - DeliveredBy(p, c, RealWorld, planned, x-dt/2)
		mean += w * x
		square += w * x * x
	}
	if got := math.Sqrt(square - mean*mean); math.Abs(mean-planned) > 1e-3 || math.Abs(got-sd) > 1e-3 {
		t.Errorf("mean %g sd %g, want %g and %g", mean, got, planned, sd)
	}
}
