package value

import "math"

// Result is what a run found under its measure.
type Result struct {
	Measure string        `json:"measure"`
	Paths   int           `json:"paths"`
	Steps   int           `json:"steps"`
	Blocks  []BlockResult `json:"blocks"`
	// Value is the sum over blocks in dollars, with its own standard error: the
	// blocks are not independent.
	Value  float64 `json:"value"`
	StdErr float64 `json:"std_err"`

	batchValue []float64 // of each batch, for paired differences between runs
}

// BlockResult is one block's share of a Result. PerShare and StdErr are dollars
// of today a warrant share; under RealWorld they are 0.
type BlockResult struct {
	Name       string  `json:"name"`
	Shares     float64 `json:"shares"`
	PerShare   float64 `json:"per_share"`
	StdErr     float64 `json:"std_err"`
	Value      float64 `json:"value"` // PerShare × Shares
	Prob       float64 `json:"prob"`  // of vesting, under the measure
	ProbStdErr float64 `json:"prob_std_err"`
	// ProbAtMost is given when no path vests: the chance is then below it with
	// 95 % confidence (the rule of three), although estimate and error are 0.
	ProbAtMost float64 `json:"prob_at_most,omitempty"`
	// MeanVestYears is the mean time of vesting of the paths that vest.
	MeanVestYears float64 `json:"mean_vest_years"`
	// Calendar[i] is the chance of vesting in quarter i from the start; Calendar[0]
	// is vesting at once.
	Calendar []float64 `json:"calendar"`
	// Gain is how many times more plain paths would be needed for StdErr.
	Gain float64 `json:"gain"`
}

// sums gathers one block's paths. y is the payoff, v the vesting, c the control;
// products are of pair means, because the two paths of a pair are not
// independent; y1 squares single paths, to know what plain sampling would give.
type sums struct {
	y, v, c            float64
	yy, vv, cc, yc, vc float64
	y1                 float64
	years              float64
	halfY, halfV       float64 // first path of the pair being summed
	halfC              float64
}

func (s *sums) add(k int, y, v, c float64) {
	s.y1 += y * y
	if k == 0 {
		s.halfY, s.halfV, s.halfC = y, v, c
		return
	}
	y, v, c = 0.5*(y+s.halfY), 0.5*(v+s.halfV), 0.5*(c+s.halfC)
	s.y += y
	s.v += v
	s.c += c
	s.yy += y * y
	s.vv += v * v
	s.cc += c * c
	s.yc += y * c
	s.vc += v * c
}

func (s *sums) merge(o *sums) {
	s.y += o.y
	s.v += o.v
	s.c += o.c
	s.yy += o.yy
	s.vv += o.vv
	s.cc += o.cc
	s.yc += o.yc
	s.vc += o.vc
	s.y1 += o.y1
	s.years += o.years
}

// tally is one batch.
type tally struct {
	pairs    int
	quarters int
	blocks   []sums
	calendar []int32 // quarters for each block
}

func newTally(p *plan, pairs int) tally {
	q := p.quarter(int32(p.n)) + 1
	return tally{pairs: pairs, quarters: q, blocks: make([]sums, len(p.blocks)), calendar: make([]int32, q*len(p.blocks))}
}

// estimate is a mean with its standard error after the control is taken out.
type estimate struct{ mean, stdErr, beta float64 }

// regress takes from the mean of y what the control's known error explains:
// mean - β·(c̄ - E c), with the β that leaves the least variance.
func regress(n, y, yy, c, cc, yc, expect float64, use bool) estimate {
	my, mc := y/n, c/n
	vy := max(yy/n-my*my, 0)
	vc := max(cc/n-mc*mc, 0)
	cov := yc/n - my*mc
	// Rounding leaves a tiny variance on constants; such a control says nothing.
	if !use || vc < 1e-14 || n < 8 {
		return estimate{my, math.Sqrt(vy / n), 0}
	}
	beta := cov / vc
	left := max(vy-beta*cov, 0)
	return estimate{my - beta*(mc-expect), math.Sqrt(left / n), beta}
}

func (p *plan) summarise(batches []tally, pairs int, o Options) Result {
	r := Result{
		Measure: p.measure.String(), Paths: 2 * pairs, Steps: p.n,
		batchValue: make([]float64, len(batches)),
	}
	for b := range p.blocks {
		r.Blocks = append(r.Blocks, p.summariseBlock(b, batches, float64(pairs), o, r.batchValue))
		r.Value += r.Blocks[b].Value
	}
	r.StdErr = batchError(r.batchValue, batches)
	if len(p.blocks) == 1 {
		// One block needs no detour over batches, whose number may be small.
		r.StdErr = r.Blocks[0].StdErr * r.Blocks[0].Shares
	}
	return r
}

func (p *plan) summariseBlock(b int, batches []tally, n float64, o Options, batchValue []float64) BlockResult {
	var s sums
	quarters := batches[0].quarters
	counts := make([]int64, quarters)
	for i := range batches {
		s.merge(&batches[i].blocks[b])
		for q := range quarters {
			counts[q] += int64(batches[i].calendar[b*quarters+q])
		}
	}
	c := p.blocks[b].control
	use := c.on && !o.Plain
	val := regress(n, s.y, s.yy, s.c, s.cc, s.yc, c.expect, use)
	prob := regress(n, s.v, s.vv, s.c, s.cc, s.vc, c.expect, use)
	shares := p.blocks[b].Shares
	for i := range batches {
		t := &batches[i]
		m := float64(t.pairs)
		batchValue[i] += shares * (t.blocks[b].y/m - val.beta*(t.blocks[b].c/m-c.expect))
	}
	out := BlockResult{
		Name: p.blocks[b].Name, Shares: shares,
		PerShare: val.mean, StdErr: val.stdErr, Value: val.mean * shares,
		Prob: min(max(prob.mean, 0), 1), ProbStdErr: prob.stdErr,
		Calendar: make([]float64, quarters),
	}
	for q, k := range counts {
		out.Calendar[q] = float64(k) / (2 * n)
	}
	if s.v > 0 {
		out.MeanVestYears = s.years / (2 * s.v)
	} else {
		out.ProbAtMost = 3 / (2 * n)
	}
	if plain := s.y1/(2*n) - (s.y/n)*(s.y/n); val.stdErr > 0 && plain > 0 {
		out.Gain = plain / (2 * n) / (val.stdErr * val.stdErr)
	}
	return out
}

// batchError is the standard error of the mean over batches, weighted by size:
// only the last batch can be smaller.
func batchError(v []float64, batches []tally) float64 {
	if len(v) < 2 {
		return 0
	}
	w, mean := 0.0, 0.0
	for i := range v {
		w += float64(batches[i].pairs)
		mean += v[i] * float64(batches[i].pairs)
	}
	mean /= w
	sum := 0.0
	for i := range v {
		f := float64(batches[i].pairs) / w
		sum += f * f * (v[i] - mean) * (v[i] - mean)
	}
	k := float64(len(v))
	return math.Sqrt(sum * k / (k - 1))
}
