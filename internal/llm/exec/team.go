package exec

import "sync"

// team is a fixed number of goroutines that share ranges of independent work. The
// result never depends on their number.
type team struct {
	jobs []chan func()
	wg   sync.WaitGroup
}

// newTeam starts workers beside the calling goroutine.
func newTeam(workers int) *team {
	t := new(team)
	for range workers - 1 {
		ch := make(chan func())
		t.jobs = append(t.jobs, ch)
		go func() {
			for f := range ch {
				f()
				t.wg.Done()
			}
		}()
	}
	return t
}

// run calls f for parts of 0 … n-1 and returns when all are done.
func (t *team) run(n int, f func(lo, hi int)) {
	parts := min(len(t.jobs)+1, n)
	for i := 1; i < parts; i++ {
		t.wg.Add(1)
		t.jobs[i-1] <- func() { f(n*i/parts, n*(i+1)/parts) }
	}
	if n > 0 {
		f(0, n/parts)
	}
	t.wg.Wait()
}

// stop ends the goroutines.
func (t *team) stop() {
	for _, ch := range t.jobs {
		close(ch)
	}
	t.jobs = nil
}
