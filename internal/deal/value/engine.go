package value

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

// Options say how to run a Model. The zero value runs DefaultPaths paths under
// the share measure on all processors with seed 0.
type Options struct {
	Paths    int                   `json:"paths"` // rounded up to an even number
	Seed     uint64                `json:"seed"`
	Workers  int                   `json:"workers"` // 0 means one a processor; never changes a result
	Measure  Measure               `json:"measure"`
	Progress func(done, total int) `json:"-"` // called now and then, from any goroutine, with paths
	// Plain switches variance reduction off (no control variate; the pairs stay),
	// for measuring what it is worth.
	Plain bool `json:"plain"`
}

const (
	// DefaultPaths gives about three good digits on a hurdle in under a second.
	DefaultPaths = 100_000
	// MaxPaths bounds a run to minutes.
	MaxPaths = 100_000_000
	// batchTarget is how many batches a run is cut into, if it has the paths: enough
	// for a standard error from their scatter and for many workers.
	batchTarget = 256
	// maxBatchPairs keeps a batch short enough for progress and cancelling.
	maxBatchPairs = 4096
)

// batchSize is the number of pairs that are worked on and summed up together. It
// decides the last bits of a result, so it depends on the paths and never on the
// number of workers.
func batchSize(pairs int) int {
	return min(max((pairs+batchTarget-1)/batchTarget, 1), maxBatchPairs)
}

// Simulate runs m and gives values, probabilities and the vest calendar under
// one measure. It stops early only when ctx ends.
func Simulate(ctx context.Context, m Model, o Options) (Result, error) {
	if err := m.Validate(); err != nil {
		return Result{}, fmt.Errorf("valuation model: %w", err)
	}
	if o.Paths == 0 {
		o.Paths = DefaultPaths
	}
	if o.Paths < 2 || o.Paths > MaxPaths {
		return Result{}, fmt.Errorf("paths %d must be between 2 and %d", o.Paths, MaxPaths)
	}
	if o.Measure > RealWorld {
		return Result{}, fmt.Errorf("unknown measure %d", o.Measure)
	}
	p := newPlan(m, o.Measure)
	pairs := (o.Paths + 1) / 2
	size := batchSize(pairs)
	batches := make([]tally, (pairs+size-1)/size)
	if err := p.runAll(ctx, batches, pairs, o); err != nil {
		return Result{}, err
	}
	return p.summarise(batches, pairs, o), nil
}

// runAll hands batches to workers by a shared counter and lets each write its
// own slot, so that the sums are formed in the same order whoever did the work.
func (p *plan) runAll(ctx context.Context, batches []tally, pairs int, o Options) error {
	workers := o.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	workers = min(workers, len(batches))
	size := batchSize(pairs)
	var next, done atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			s := newScratch(p)
			for ctx.Err() == nil {
				b := int(next.Add(1)) - 1
				if b >= len(batches) {
					return
				}
				lo := b * size
				hi := min(lo+size, pairs)
				batches[b] = p.runBatch(s, o.Seed, lo, hi)
				if n := done.Add(int64(hi - lo)); o.Progress != nil {
					o.Progress(int(2*n), 2*pairs)
				}
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("valuation stopped after %d of %d paths: %w", 2*done.Load(), 2*pairs, err)
	}
	return nil
}

// runBatch runs pairs lo to hi and adds them up.
func (p *plan) runBatch(s *scratch, seed uint64, lo, hi int) tally {
	t := newTally(p, hi-lo)
	for i := lo; i < hi; i++ {
		p.draw(s, seed, uint64(i))
		p.vest(s, &s.pair[0])
		p.tallySide(&t, s, 0)
		p.vest(s, &s.pair[1])
		p.tallySide(&t, s, 1)
	}
	return t
}

func (p *plan) tallySide(t *tally, s *scratch, k int) {
	d := &s.pair[k]
	for b := range p.blocks {
		at := d.vested[b]
		y, v := 0.0, 0.0
		if at != never {
			y, v = p.payoff(d, b, at), 1
			t.blocks[b].years += float64(at) * p.dt
			t.calendar[b*t.quarters+p.quarter(at)]++
		}
		t.blocks[b].add(k, y, v, p.controlOn(s, k, b))
	}
}

// controlOn is the control variate of block b on path k of the pair. Blocks with
// the same control (pro-rata parts, most often) share one evaluation.
func (p *plan) controlOn(s *scratch, k, b int) float64 {
	c := &p.blocks[b].control
	if !c.on {
		return 0
	}
	if b > 0 && p.blocks[b-1].control == *c {
		return s.lastControl
	}
	s.lastControl = bridgeTouch(s.pair[k].x, c.level, p.sd, c.last)
	return s.lastControl
}

// quarter is the bucket of the vest calendar that step t falls into. Bucket 0
// holds vesting at the start; bucket i ends i quarters of a year later.
func (p *plan) quarter(t int32) int {
	spy := int32(p.stepsPerYear())
	return int((4*t + spy - 1) / spy)
}
