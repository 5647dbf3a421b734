package value

import (
	"context"
	"fmt"
	"math"
)

// Sensitivity is the change of a Model's value with one input, by a central
// difference of two runs on the same random numbers. Derivative is per unit of
// the input; Low and High are the values at Base-Bump and Base+Bump.
type Sensitivity struct {
	Input      string  `json:"input"`
	Base       float64 `json:"base"`
	Bump       float64 `json:"bump"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	Derivative float64 `json:"derivative"`
	StdErr     float64 `json:"std_err"`
}

// bumpable is an input that Sensitivities moves. size gives the bump for a base
// value: large enough that hurdle indicators flip on many paths, small enough
// that curvature does not matter beside the noise.
type bumpable struct {
	name string
	get  func(*Model) *float64
	size func(base float64) float64
	when func(*Model) bool
}

func bumpables() []bumpable {
	share := func(f float64) func(float64) float64 {
		return func(base float64) float64 { return f * math.Abs(base) }
	}
	flat := func(f float64) func(float64) float64 {
		return func(float64) float64 { return f }
	}
	always := func(*Model) bool { return true }
	delivers := func(m *Model) bool { return len(m.Quantities) > 0 }
	risky := func(m *Model) bool { return len(m.Quantities) > 0 && m.Clock.Vol > 0 }
	return []bumpable{
		{"price.spot", func(m *Model) *float64 { return &m.Price.Spot }, share(0.02), always},
		{"price.vol", func(m *Model) *float64 { return &m.Price.Vol }, flat(0.01), func(m *Model) bool { return m.Price.Vol > 0.01 }},
		{"price.rate", func(m *Model) *float64 { return &m.Price.Rate }, flat(0.005), always},
		{"clock.pace", func(m *Model) *float64 { return &m.Clock.Pace }, flat(0.05), delivers},
		{"clock.vol", func(m *Model) *float64 { return &m.Clock.Vol }, share(0.1), risky},
		{"clock.corr", func(m *Model) *float64 { return &m.Clock.Corr }, flat(0.05), func(m *Model) bool { return risky(m) && math.Abs(m.Clock.Corr) <= 0.95 }},
	}
}

// Sensitivities runs m twice an input and reports the inputs that matter to it.
// The two runs share their random numbers path by path, so their difference is
// far less noisy than either; its error comes from the differences of batches.
func Sensitivities(ctx context.Context, m Model, o Options) ([]Sensitivity, error) {
	if m.Clock.Pace == 0 {
		m.Clock.Pace = 1 // the default, written out so that it can be moved
	}
	if err := m.Validate(); err != nil {
		return nil, fmt.Errorf("valuation model: %w", err)
	}
	var out []Sensitivity
	for _, b := range bumpables() {
		if !b.when(&m) {
			continue
		}
		s, err := bump(ctx, m, o, b)
		if err != nil {
			return nil, fmt.Errorf("sensitivity to %s: %w", b.name, err)
		}
		out = append(out, s)
	}
	return out, nil
}

func bump(ctx context.Context, m Model, o Options, b bumpable) (Sensitivity, error) {
	base := *b.get(&m)
	h := b.size(base)
	s := Sensitivity{Input: b.name, Base: base, Bump: h}
	*b.get(&m) = base - h
	low, err := Simulate(ctx, m, o)
	if err != nil {
		return s, err
	}
	*b.get(&m) = base + h
	high, err := Simulate(ctx, m, o)
	if err != nil {
		return s, err
	}
	s.Low, s.High = low.Value, high.Value
	s.Derivative = (high.Value - low.Value) / (2 * h)
	s.StdErr = pairedError(low, high) / (2 * h)
	return s, nil
}

// pairedError is the standard error of high.Value - low.Value. All batches but
// the last have the same size, and a short last one is left out.
func pairedError(low, high Result) float64 {
	n := len(low.batchValue)
	if pairs := low.Paths / 2; n > 2 && pairs%batchSize(pairs) != 0 {
		n--
	}
	if n < 2 {
		return 0
	}
	mean, sum := 0.0, 0.0
	for i := range n {
		mean += (high.batchValue[i] - low.batchValue[i]) / float64(n)
	}
	for i := range n {
		d := high.batchValue[i] - low.batchValue[i] - mean
		sum += d * d
	}
	return math.Sqrt(sum / float64(n) / float64(n-1))
}

// Valuation is both answers about a Model: what it is worth, and what the
// chances are under the risk-neutral and under the real-world measure.
type Valuation struct {
	Share       Result `json:"share"`
	RiskNeutral Result `json:"risk_neutral"`
	RealWorld   Result `json:"real_world"`
}

// Evaluate runs m under the three measures with the same random numbers. With no
// risk premium the last two are the same and the work is done once.
func Evaluate(ctx context.Context, m Model, o Options) (Valuation, error) {
	var v Valuation
	for _, run := range []struct {
		measure Measure
		out     *Result
	}{{ShareMeasure, &v.Share}, {RiskNeutral, &v.RiskNeutral}, {RealWorld, &v.RealWorld}} {
		if run.measure == RealWorld && m.Price.Premium == 0 {
			v.RealWorld = v.RiskNeutral
			v.RealWorld.Measure = RealWorld.String()
			break
		}
		o.Measure = run.measure
		r, err := Simulate(ctx, m, o)
		if err != nil {
			return v, err
		}
		*run.out = r
	}
	return v, nil
}
