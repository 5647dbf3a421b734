package value

import "math"

// Option is a European option in the Black–Scholes world: constant volatility
// and rates, a continuous dividend yield. Years may be 0 (intrinsic value).
type Option struct {
	Spot     float64 `json:"spot"`
	Strike   float64 `json:"strike"`
	Rate     float64 `json:"rate"`     // continuously compounded, a year
	Dividend float64 `json:"dividend"` // yield a year
	Vol      float64 `json:"vol"`      // standard deviation of log returns, a year
	Years    float64 `json:"years"`
}

// Greeks are the sensitivities of a call to its inputs, each a derivative per
// unit: Vega per 1.00 of volatility, Rho per 1.00 of rate, Theta per year.
type Greeks struct {
	Delta float64 `json:"delta"`
	Gamma float64 `json:"gamma"`
	Vega  float64 `json:"vega"`
	Theta float64 `json:"theta"`
	Rho   float64 `json:"rho"`
}

// BlackScholes is the value of a call.
func BlackScholes(o Option) float64 {
	fwd := o.Spot * math.Exp(-o.Dividend*o.Years)
	strike := o.Strike * math.Exp(-o.Rate*o.Years)
	// The degenerate cases are limits of the formula, whose d1 is not finite there.
	if o.Strike <= 0 || o.Spot <= 0 || o.Vol*math.Sqrt(o.Years) <= 0 {
		return max(fwd-strike, 0)
	}
	d1, d2 := o.d()
	return fwd*Phi(d1) - strike*Phi(d2)
}

// BlackScholesPut is the value of a put, by parity with the call.
func BlackScholesPut(o Option) float64 {
	fwd := o.Spot * math.Exp(-o.Dividend*o.Years)
	strike := o.Strike * math.Exp(-o.Rate*o.Years)
	return BlackScholes(o) - fwd + strike
}

// d gives the two arguments of the normal distribution in the formula.
func (o Option) d() (d1, d2 float64) {
	sd := o.Vol * math.Sqrt(o.Years)
	d1 = (math.Log(o.Spot/o.Strike) + (o.Rate-o.Dividend+0.5*o.Vol*o.Vol)*o.Years) / sd
	return d1, d1 - sd
}

// CallGreeks gives the derivatives of BlackScholes. With a strike of zero the
// call is the share less its dividends, and only Delta and Theta remain.
func CallGreeks(o Option) Greeks {
	carry := math.Exp(-o.Dividend * o.Years)
	if o.Strike <= 0 || o.Vol*math.Sqrt(o.Years) <= 0 {
		return Greeks{Delta: carry, Theta: o.Dividend * o.Spot * carry}
	}
	d1, d2 := o.d()
	strike := o.Strike * math.Exp(-o.Rate*o.Years)
	root := math.Sqrt(o.Years)
	return Greeks{
		Delta: carry * Phi(d1),
		Gamma: carry * density(d1) / (o.Spot * o.Vol * root),
		Vega:  o.Spot * carry * density(d1) * root,
		Theta: -o.Spot*carry*density(d1)*o.Vol/(2*root) - o.Rate*strike*Phi(d2) + o.Dividend*o.Spot*carry*Phi(d1),
		Rho:   strike * o.Years * Phi(d2),
	}
}

// maxImpliedVol bounds the search of ImpliedVol: 1,000 % a year.
const maxImpliedVol = 10

// ImpliedVol is the volatility at which the call is worth price; ok is false
// when no volatility gives it (below intrinsic value or above the share).
func ImpliedVol(o Option, price float64) (vol float64, ok bool) {
	at := func(v float64) float64 { o.Vol = v; return BlackScholes(o) - price }
	if at(0) > 0 || at(maxImpliedVol) < 0 {
		return 0, false
	}
	return bisect(at, 0, maxImpliedVol), true
}

// bisect finds the root of a rising f between lo and hi to the last bits. It is
// slow and cannot fail, which is the right trade for a handful of calls.
func bisect(f func(float64) float64, lo, hi float64) float64 {
	for range 200 {
		mid := lo + (hi-lo)/2
		if mid == lo || mid == hi {
			break
		}
		if f(mid) < 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo + (hi-lo)/2
}

// FinnertyDiscount is the discount for lack of marketability of an
// average-strike put (Finnerty 2012), as a fraction of the share price. It
// grows with volatility and the holding period and levels off near 32.3 %.
func FinnertyDiscount(vol, dividend, years float64) float64 {
	v2 := vol * vol * years
	if v2 <= 0 {
		return 0
	}
	w := finnertyVariance(v2)
	return math.Exp(-dividend*years) * (Phi(math.Sqrt(w)/2) - Phi(-math.Sqrt(w)/2))
}

// finnertyVariance is the variance of share over average share. For a small
// v2 the closed form subtracts nearly equal numbers, hence the series.
func finnertyVariance(v2 float64) float64 {
	if v2 < 1e-4 {
		return v2 / 3
	}
	return v2 + math.Log(2*(math.Expm1(v2)-v2)) - 2*math.Log(math.Expm1(v2))
}

// ChaffeDiscount is the older and larger protective-put discount (Chaffe 1993):
// an at-the-money put over the holding period, as a fraction of the share price.
func ChaffeDiscount(vol, rate, dividend, years float64) float64 {
	return BlackScholesPut(Option{Spot: 1, Strike: 1, Rate: rate, Dividend: dividend, Vol: vol, Years: years})
}
