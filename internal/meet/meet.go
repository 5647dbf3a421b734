// Package meet lets a caller and one worker thread meet many thousand times a
// second. In: turns, numbers that the caller chooses, each other than the last. Out:
// the knowledge that the worker has seen a turn, and that it has done it.
//
// Who waits spins, since what is shared is often shorter than the time it takes to
// wake a thread; but not for long, since the host may have given the processor to
// somebody else.
package meet

import (
	"runtime"
	"sync/atomic"

	"wafer/internal/kernel"
)

// Post is where a caller and one worker meet. What the caller writes before Call the
// worker sees after Next; what the worker writes before Done the caller sees after
// Await. The words that they look at by turns have cache lines of their own.
type Post struct {
	bell   chan struct{}
	_      [56]byte
	turn   atomic.Int64 // last one called
	asleep atomic.Bool  // the worker waits at bell
	_      [52]byte
	done   atomic.Int64
	_      [56]byte
}

const (
	looks      = 4000 // before a waiting worker sleeps: some 50 µs
	yieldEvery = 512  // looks between offers of the processor to others
)

// Init prepares a post, before the worker starts. The first turn is not 0.
func (p *Post) Init() { p.bell = make(chan struct{}, 1) }

// Call lets the worker see a turn.
func (p *Post) Call(turn int64) {
	p.turn.Store(turn)
	if p.asleep.Load() {
		select {
		case p.bell <- struct{}{}:
		default: // it has been rung already
		}
	}
}

// Next waits, as the worker, for another turn than last.
func (p *Post) Next(last int64) int64 {
	for {
		for i := range looks {
			if turn := p.turn.Load(); turn != last {
				return turn
			}
			relax(i)
		}
		// The order of store and load here and in Call makes sure that one of the two
		// sees the other.
		p.asleep.Store(true)
		if p.turn.Load() == last {
			<-p.bell
		}
		p.asleep.Store(false)
	}
}

// Done says, as the worker, that a turn has been done.
func (p *Post) Done(turn int64) { p.done.Store(turn) }

// Await waits until the worker has done a turn.
func (p *Post) Await(turn int64) {
	for i := 0; p.done.Load() != turn; i++ {
		relax(i)
	}
}

// Asleep reports whether the worker has gone to sleep, so that the next Call costs
// the waking of a thread.
func (p *Post) Asleep() bool { return p.asleep.Load() }

// relax passes the time until look i+1.
func relax(i int) {
	if i%yieldEvery == yieldEvery-1 {
		runtime.Gosched()
		return
	}
	kernel.Pause()
}
