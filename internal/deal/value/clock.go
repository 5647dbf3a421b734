package value

import "math"

// Clock is the progress of a building programme, in years of planned work done:
//
//	X_t = Pace·t + Vol·B_t
//
// A site planned for year u is ready when X first reaches u. With Pace 1 it is
// ready on time on average, with standard deviation Vol·√u; 0.9 slips by a
// ninth. The clock never runs back: only the first passage counts.
//
// Corr is the correlation of B with the share price. Premium prices the shared
// part of the risk: see drift.
type Clock struct {
	Pace float64 `json:"pace"` // 0 means 1: on plan
	Vol  float64 `json:"vol"`  // years of work per square root of a year
	Corr float64 `json:"corr"` // with the log share price
}

// Measure says under which probabilities a path is drawn.
type Measure uint8

// The three measures. ShareMeasure values (the share is the unit of account),
// RiskNeutral values with a discounted payoff, RealWorld gives probabilities
// that a person would bet on.
const (
	ShareMeasure Measure = iota
	RiskNeutral
	RealWorld
)

// String names the measure in reports.
func (m Measure) String() string {
	return [...]string{"share", "risk-neutral", "real-world"}[m]
}

// drifts gives the drift of the log price and of the clock under a measure.
// Delivery risk of its own carries no premium; the part it shares with the
// price carries the price's, so going from the real world to the risk-neutral
// one moves B by -Corr·Premium/σ, and to the share measure by a further Corr·σ.
func (p Price) drifts(c Clock, m Measure) (logPrice, clock float64) {
	logPrice = p.Rate + p.Premium - p.Dividend - 0.5*p.Vol*p.Vol
	clock = c.pace()
	if m == RealWorld {
		return logPrice, clock
	}
	logPrice -= p.Premium
	if p.Vol > 0 {
		clock -= c.Vol * c.Corr * p.Premium / p.Vol
	}
	if m == ShareMeasure {
		logPrice += p.Vol * p.Vol
		clock += c.Vol * c.Corr * p.Vol
	}
	return logPrice, clock
}

func (c Clock) pace() float64 {
	if c.Pace == 0 {
		return 1
	}
	return c.Pace
}

// DeliveredBy is the chance that work planned for year `planned` is done by year
// `years` under measure m: an inverse Gaussian distribution function.
func DeliveredBy(p Price, c Clock, m Measure, planned, years float64) float64 {
	_, drift := p.drifts(c, m)
	return TouchProb(planned, drift, c.Vol, years)
}

// DeliveryWarrant is the value of one penny-warrant share that vests when work
// planned for year `planned` is done by year `years`, whatever the share price:
// spot × probability under the share measure. Dividends before vesting are lost.
func DeliveryWarrant(p Price, c Clock, planned, years float64) float64 {
	_, drift := p.drifts(c, ShareMeasure)
	return p.Spot * discountedTouch(planned, drift, c.Vol, years, p.Dividend)
}

// ClockVolFor gives the clock volatility at which work planned for year
// `planned` has a delay of standard deviation sd: the way people state it.
func ClockVolFor(sd, planned, pace float64) float64 {
	if pace == 0 {
		pace = 1
	}
	// The inverse Gaussian first passage has variance planned·Vol²/Pace³.
	return sd * math.Sqrt(pace*pace*pace/planned)
}
