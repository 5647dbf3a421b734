package exec

import (
	"runtime"
	"sync/atomic"

	"wafer/internal/kernel"
)

// team is a fixed number of goroutines that share ranges of independent work. The
// result never depends on their number. A step has hundreds of such shares, many
// of them shorter than it takes to wake a thread, so who waits spins for a while.
type team struct {
	helpers []*helper
	turn    int64 // counts the calls of run
}

// helper is where the caller and one goroutine meet. What stands before start is
// written by the caller before it stores start. The two words that threads look at
// in turn have cache lines of their own.
type helper struct {
	f      func(lo, hi int)
	lo, hi int
	bell   chan struct{}
	_      [64]byte
	start  atomic.Int64 // turn to take part in; -1 to end
	asleep atomic.Bool  // waits at bell
	_      [48]byte
	done   atomic.Int64
	_      [56]byte
}

const (
	spins      = 4000 // looks before a waiting helper sleeps: some 50 µs
	yieldEvery = 512  // looks between offers of the processor to others
)

// newTeam starts workers beside the calling goroutine.
func newTeam(workers int) *team {
	t := new(team)
	for range workers - 1 {
		h := &helper{bell: make(chan struct{}, 1)}
		t.helpers = append(t.helpers, h)
		go h.work()
	}
	return t
}

func (h *helper) work() {
	for last := int64(0); ; {
		turn := h.next(last)
		if turn < 0 {
			return
		}
		h.f(h.lo, h.hi)
		last = turn
		h.done.Store(turn)
	}
}

// next waits for another turn than last.
func (h *helper) next(last int64) int64 {
	for {
		for i := range spins {
			if turn := h.start.Load(); turn != last {
				return turn
			}
			relax(i)
		}
		// The order of store and load here and in call makes sure that one of the two
		// sees the other.
		h.asleep.Store(true)
		if h.start.Load() == last {
			<-h.bell
		}
		h.asleep.Store(false)
	}
}

// call lets the helper see a turn.
func (h *helper) call(turn int64) {
	h.start.Store(turn)
	if h.asleep.Load() {
		select {
		case h.bell <- struct{}{}:
		default: // it has been rung already
		}
	}
}

// relax passes the time until look i+1.
func relax(i int) {
	if i%yieldEvery == yieldEvery-1 {
		runtime.Gosched()
		return
	}
	kernel.Pause()
}

// run calls f for parts of 0 … n-1 and returns when all are done.
func (t *team) run(n int, f func(lo, hi int)) {
	t.turn++
	parts := min(len(t.helpers)+1, n)
	for i := 1; i < parts; i++ {
		h := t.helpers[i-1]
		h.f, h.lo, h.hi = f, n*i/parts, n*(i+1)/parts
		h.call(t.turn)
	}
	if n > 0 {
		f(0, n/parts)
	}
	for i := 1; i < parts; i++ {
		for look := 0; t.helpers[i-1].done.Load() != t.turn; look++ {
			relax(look)
		}
	}
}

// stop ends the goroutines.
func (t *team) stop() {
	for _, h := range t.helpers {
		h.call(-1)
	}
	t.helpers = nil
}
