// Package value puts a price on the equity side of a compute contract: options,
// penny warrants that vest on a share price, a market capitalisation, delivered
// megawatts, paid fees or dates, and any AND/OR tree of those.
//
// In: plain numbers (dollars a share, years, volatility a year) and a Model of
// blocks with condition trees. Out: values, probabilities and vest calendars
// with standard errors, the same to the last bit for a seed whatever the number
// of workers. Nothing here knows of files, money types or contracts.
//
// Two ways to a number, each checking the other:
//
//   - closed forms (blackscholes.go, hurdle.go, clock.go) where they exist;
//   - path Monte Carlo (model.go says what, engine.go how) for the rest.
//
// The one idea worth knowing before reading on: the holder of a penny warrant
// receives a share, so the share itself is the natural unit of account. Under
// the share measure the value is spot × probability of vesting, a number
// between 0 and 1 to estimate instead of a skewed payoff. On the 30-day-average
// hurdle of the AMD warrant this alone cuts the standard error about four times.
package value

import "math"

// Phi is the standard normal distribution function.
func Phi(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }

// density is the standard normal density.
func density(x float64) float64 {
	return math.Exp(-0.5*x*x) / math.Sqrt(2*math.Pi)
}
