// Package validate compares the simulated machine with cycle figures that others
// have published.
//
// In: tables of published figures with their sources, and CSL programs of our own
// (csl/). Out: for every figure what the simulated machine gives, the error, and
// whether it is within the tolerance. Where sources disagree both are rows.
//
// A measured row is what its program takes on the simulated machine at the size
// the source names; an extrapolated one is a line through smaller sizes; a
// plausibility row compares kinds of programs, not the same program.
package validate

import (
	"context"
	"math"
	"regexp"
	"sync"

	"wafer/internal/machine"
)

// Kind says what stands behind a row's figure of ours.
type Kind string

// The kinds of rows. A reserved row names a published figure for which there is
// no program here; it is never measured.
const (
	Measured     Kind = "measured"
	Extrapolated Kind = "extrapolated"
	Plausibility Kind = "plausibility"
	Reserved     Kind = "reserved"
)

// Effort says in which runs a row takes part.
type Effort uint8

// Quick rows take part in every run, full rows only where asked.
const (
	Quick Effort = iota
	Normal
	Full
)

// Row is one published figure.
type Row struct {
	ID         string
	Group      string
	What       string
	Profile    string
	Source     string // key of Sources
	Kind       Kind
	Published  float64
	Unit       string
	Tolerance  float64 // share of the published figure
	Slack      float64 // absolute, for figures of few cycles
	Required   bool
	Conditions string // what must be known to compare
	Why        string // what makes the difference, for rows known to be outside
	Effort     Effort
	measure    func(ctx context.Context, b *bench) (float64, error)
}

// Verdict is the judgement on a row.
type Verdict string

// The verdicts. A miss is a row outside its tolerance that is not required.
const (
	Pass    Verdict = "pass"
	Fail    Verdict = "FAIL"
	Miss    Verdict = "miss"
	Skipped Verdict = "skipped"
)

// Result is a row with our figure.
type Result struct {
	Row
	Ours    float64
	Error   float64 // share of the published figure, signed
	Verdict Verdict
	Reason  string // why there is no figure
}

// Options choose rows. The zero value runs everything but the largest.
type Options struct {
	Filter   *regexp.Regexp // on ID
	Quick    bool
	Full     bool
	WaferLLM string // folder with the public WaferLLM programs, to run them too
	Workers  int    // rows at a time; 0 means one
	Progress func(done, all int, id string)
}

// Run measures the chosen rows, in the order of the tables.
func Run(ctx context.Context, opt Options) ([]Result, error) {
	rows := choose(append(All(), waferRows(opt.WaferLLM)...), opt)
	out := make([]Result, len(rows))
	b := newBench()
	next := make(chan int)
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for range max(1, opt.Workers) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range next {
				out[i] = judge(ctx, b, rows[i])
				mu.Lock()
				if done++; opt.Progress != nil {
					opt.Progress(done, len(rows), rows[i].ID)
				}
				mu.Unlock()
			}
		}()
	}
	for i := range rows {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	wg.Wait()
	return out, ctx.Err()
}

func choose(rows []Row, opt Options) []Row {
	most := Normal
	switch {
	case opt.Full:
		most = Full
	case opt.Quick:
		most = Quick
	}
	var out []Row
	for _, r := range rows {
		if r.Effort <= most && (opt.Filter == nil || opt.Filter.MatchString(r.ID)) {
			out = append(out, r)
		}
	}
	return out
}

func judge(ctx context.Context, b *bench, r Row) Result {
	res := Result{Row: r, Verdict: Skipped}
	if r.measure == nil {
		res.Reason = "no program for it here: " + r.Conditions
		return res
	}
	var err error
	if res.Ours, err = r.measure(ctx, b); err != nil {
		res.Verdict, res.Reason = Fail, err.Error()
		if !r.Required {
			res.Verdict = Miss
		}
		return res
	}
	res.Error = res.Ours/r.Published - 1
	switch off := math.Abs(res.Ours - r.Published); {
	case off <= r.Tolerance*r.Published+1e-9, off <= r.Slack:
		res.Verdict = Pass
	case r.Required:
		res.Verdict = Fail
	default:
		res.Verdict = Miss
	}
	return res
}

// Failed counts the required rows that failed.
func Failed(rs []Result) int {
	n := 0
	for _, r := range rs {
		if r.Verdict == Fail {
			n++
		}
	}
	return n
}

func preset(name string) (*machine.Machine, error) { return machine.Preset(name) }
