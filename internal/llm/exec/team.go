package exec

import "wafer/internal/meet"

// team is a fixed number of goroutines that share ranges of independent work. The
// result never depends on their number. A step has hundreds of such shares, many
// of them shorter than it takes to wake a thread.
type team struct {
	helpers []*helper
	turn    int64 // counts the calls of run
}

// helper is one goroutine and what it shall do in its turn.
type helper struct {
	meet.Post
	f      func(lo, hi int)
	lo, hi int
}

// newTeam starts workers beside the calling goroutine.
func newTeam(workers int) *team {
	t := new(team)
	for range workers - 1 {
		h := new(helper)
		h.Init()
		t.helpers = append(t.helpers, h)
		go h.work()
	}
	return t
}

func (h *helper) work() {
	for last := int64(0); ; h.Done(last) {
		if last = h.Next(last); last < 0 {
			return
		}
		h.f(h.lo, h.hi)
	}
}

// run calls f for parts of 0 … n-1 and returns when all are done.
func (t *team) run(n int, f func(lo, hi int)) {
	t.turn++
	parts := min(len(t.helpers)+1, n)
	for i := 1; i < parts; i++ {
		h := t.helpers[i-1]
		h.f, h.lo, h.hi = f, n*i/parts, n*(i+1)/parts
		h.Call(t.turn)
	}
	if n > 0 {
		f(0, n/parts)
	}
	for i := 1; i < parts; i++ {
		t.helpers[i-1].Await(t.turn)
	}
}

// stop ends the goroutines.
func (t *team) stop() {
	for _, h := range t.helpers {
		h.Call(-1)
	}
	t.helpers = nil
}
