package value

import "math"

// Hurdle is a penny warrant that delivers one share when the running maximum of
// the price reaches Level before Years have passed (economics.md 4.5).
type Hurdle struct {
	Spot     float64 `json:"spot"`
	Level    float64 `json:"level"`
	Rate     float64 `json:"rate"`
	Dividend float64 `json:"dividend"`
	Vol      float64 `json:"vol"`
	Years    float64 `json:"years"`
}

// HurdleValue is the value of the warrant, watched continuously:
//
//	V = S·[ N((-a+νT)/σ√T) + (H/S)^(2ν/σ²)·N((-a-νT)/σ√T) ],  a = ln(H/S), ν = r-q+σ²/2
//
// which is spot × first-passage probability under the share measure. With a
// dividend the holder misses what is paid before the hurdle is met, so the
// one-touch is discounted at q; the same formula holds with a shifted drift.
func HurdleValue(h Hurdle) float64 {
	nu := h.Rate - h.Dividend + 0.5*h.Vol*h.Vol
	return h.Spot * discountedTouch(math.Log(h.Level/h.Spot), nu, h.Vol, h.Years, h.Dividend)
}

// HurdleProb is the chance that the price touches Level before Years when it
// drifts at the risk-free rate. It is far below HurdleValue/Spot: what the
// holder gets is worth most exactly when the hurdle is met.
func HurdleProb(h Hurdle) float64 { return HurdleProbDrift(h, h.Rate-h.Dividend) }

// HurdleProbDrift is the chance of a touch for a price with the expected return
// drift a year: the real-world chance where drift holds a risk premium.
func HurdleProbDrift(h Hurdle, drift float64) float64 {
	return TouchProb(math.Log(h.Level/h.Spot), drift-0.5*h.Vol*h.Vol, h.Vol, h.Years)
}

// DailyHurdle raises the level of h for a price that is looked at perYear times
// a year and not all the time (Broadie, Glasserman, Kou 1997): a discrete
// observer of H sees what a continuous one of H·exp(0.5826·σ·√dt) sees.
func DailyHurdle(h Hurdle, perYear float64) Hurdle {
	if h.Level > h.Spot {
		h.Level *= math.Exp(discreteShift * h.Vol / math.Sqrt(perYear))
	}
	return h
}

// discreteShift is -ζ(1/2)/√(2π), the mean overshoot of a random walk.
const discreteShift = 0.5825971579390106

// TouchProb is the chance that x, starting at 0 with drift nu and volatility
// sigma a year, reaches a within the years. For a at or below 0 it is 1.
func TouchProb(a, nu, sigma, years float64) float64 {
	return discountedTouch(a, nu, sigma, years, 0)
}

// discountedTouch is E[exp(-q·τ); τ ≤ years] for the first passage τ of a
// drifted Brownian motion through a. Discounting is a change of drift from ν to
// √(ν²+2qσ²), so one formula serves both.
func discountedTouch(a, nu, sigma, years, q float64) float64 {
	switch {
	case a <= 0:
		return 1
	case years <= 0:
		return 0
	case sigma <= 0:
		return deterministicTouch(a, nu, years, q)
	}
	s2 := sigma * sigma
	eta := math.Sqrt(nu*nu + 2*q*s2)
	sd := sigma * math.Sqrt(years)
	// exp(...)·N(...) is evaluated as one exponent: for steep drifts the factors
	// overflow and vanish separately although their product is ordinary.
	return expPhi((nu-eta)*a/s2, (-a+eta*years)/sd) + expPhi((nu+eta)*a/s2, (-a-eta*years)/sd)
}

func deterministicTouch(a, nu, years, q float64) float64 {
	if nu <= 0 || a/nu > years {
		return 0
	}
	return math.Exp(-q * a / nu)
}

// expPhi is exp(e)·N(x) without overflow.
func expPhi(e, x float64) float64 {
	if x > -30 {
		if p := Phi(x); p > 0 && e < 700 {
			return math.Exp(e) * p
		}
	}
	return math.Exp(e + logPhiTail(x))
}

// logPhiTail is ln N(x) for very negative x, by the asymptotic series of Mills'
// ratio; at x < -30 four terms are exact to 1e-10.
func logPhiTail(x float64) float64 {
	i2 := 1 / (x * x)
	series := 1 - i2*(1-3*i2*(1-5*i2))
	return -0.5*x*x - math.Log(-x) - 0.5*math.Log(2*math.Pi) + math.Log(series)
}

// BarrierForValue turns HurdleValue round: the level at which the warrant is
// worth v. It answers "how high a hurdle makes this grant cost X?"; ok is false
// outside the reachable range (0, Spot).
func BarrierForValue(h Hurdle, v float64) (level float64, ok bool) {
	if v <= 0 || v >= h.Spot {
		return 0, false
	}
	f := func(a float64) float64 {
		h.Level = h.Spot * math.Exp(a)
		return v - HurdleValue(h)
	}
	hi := 1.0
	for f(hi) < 0 {
		if hi *= 2; hi > 600 {
			return 0, false
		}
	}
	return h.Spot * math.Exp(bisect(f, 0, hi)), true
}
