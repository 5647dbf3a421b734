package value

import "math"

// The scans below look for the first step from 1 to last at which a rule on the
// log process holds. They are the inner loops of a path after its making. Each
// first runs over the steps that cannot matter with one comparison a step.

// firstClose is the first step with x ≥ a.
func firstClose(x []float64, a float64, from, last int) int32 {
	for i := from; i <= last; i++ {
		if x[i] >= a {
			return int32(i)
		}
	}
	return never
}

// firstRun is the step that completes the first run of w closes at or above a.
func firstRun(x []float64, a float64, w, last int) int32 {
	run := 0
	for i := 1; i <= last; i++ {
		if x[i] < a {
			run = 0
			continue
		}
		if run++; run == w {
			return int32(i)
		}
	}
	return never
}

// firstAverage is the first step at which the mean of the last w prices reaches
// exp(a). The window must be full, so it is w at the earliest.
//
// A mean can reach the hurdle only if one of its prices does. So the scan has
// two modes: idle, one comparison a step, and active, with a rolling sum, from a
// close at the hurdle until none is left in the window. Prices are taken
// relative to the hurdle (exp(x-a)), which keeps the sum near w in size.
// price is scratch of the length of x.
func firstAverage(x []float64, a float64, w, last int, price []float64) int32 {
	if w <= 1 {
		return firstClose(x, a, 1, last)
	}
	for i := 1; ; {
		high := firstClose(x, a, i, last)
		if high == never {
			return never
		}
		i = int(high)
		sum := 0.0
		for j := max(i-w+1, 1); j <= i; j++ {
			price[j] = math.Exp(x[j] - a)
			sum += price[j]
		}
		for lastHigh := i; i-lastHigh < w; {
			if i >= w && sum >= float64(w) {
				return int32(i)
			}
			if i++; i > last {
				return never
			}
			if x[i] >= a {
				lastHigh = i
			}
			price[i] = math.Exp(x[i] - a)
			sum += price[i]
			if i > w {
				sum -= price[i-w]
			}
		}
	}
}

// nearGap is how many step deviations below a barrier still matter for touching
// it between two closes: the chance from further away is under exp(-2·4.5²),
// 3e-18.
const nearGap = 4.5

// bridgeTouch is the chance that the process touched a by step last, given its
// closes. Between two closes below a it is exp(-2·d0·d1/σ²dt), from the
// reflection principle for a Brownian bridge. Its mean over paths is the closed
// form TouchProb exactly, for any number of steps: a perfect control variate.
func bridgeTouch(x []float64, a, sd float64, last int) float64 {
	near := a - nearGap*sd
	if x[0] >= a {
		return 1
	}
	i := int32(0)
	if x[0] < near {
		i = firstClose(x, near, 1, last)
	}
	if i == never {
		return 0
	}
	missed := 1.0
	for k := max(int(i), 1); k <= last; k++ {
		if x[k] >= a {
			return 1
		}
		if x[k] >= near || x[k-1] >= near {
			missed *= 1 - math.Exp(-2*(a-x[k-1])*(a-x[k])/(sd*sd))
		}
	}
	return 1 - missed
}

// firstTouch draws the step in which the process first touches a, between closes
// too: the first at which the chance of having missed a falls below u. With one
// u for a path, a higher barrier is never touched before a lower one.
func firstTouch(x []float64, a, sd, u float64, last int) int32 {
	if x[0] >= a {
		return 0
	}
	near := a - nearGap*sd
	missed := 1.0
	for k := 1; k <= last; k++ {
		if x[k] < near && x[k-1] < near {
			continue
		}
		if x[k] >= a {
			return int32(k)
		}
		if sd > 0 {
			missed *= 1 - math.Exp(-2*(a-x[k-1])*(a-x[k])/(sd*sd))
		}
		if missed < u {
			return int32(k)
		}
	}
	return never
}
