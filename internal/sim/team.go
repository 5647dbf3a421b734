package sim

import (
	"runtime"
	"sync/atomic"
	"time"

	"wafer/internal/kernel"
)

// A team runs the bands on threads of their own, one cycle at a time. Who waits
// spins, since a cycle is shorter than the time it takes to wake a thread; but not
// for long, since the host may have given the processor to somebody else. When
// waiting costs more than the second thread gains, the team rests for a while and
// the caller runs all bands. None of this can be seen in the results.
type team struct {
	bands []band
	posts []post // one for each worker, nil before the first cycle that is shared
	*pace
}

// pace is what the caller, who runs the first band, has measured. It outlives the
// team: a host that looks after its streams calls Run often.
type pace struct {
	worked, waited time.Duration
	cycles         int // of the present measurement
	rest           int // cycles for which the caller runs alone
	penance        int // the last rest
}

// post is where the caller and one worker meet. Each word has a cache line of its
// own, for they are written by different threads.
type post struct {
	start atomic.Int64 // cycle to run; -1 to end
	_     [56]byte
	done  atomic.Int64 // last cycle that was run
	_     [56]byte
	sleep atomic.Bool // the worker waits at bell
	bell  chan struct{}
	_     [40]byte
}

const (
	spins       = 4000 // looks before a waiting worker sleeps: some 50 µs
	yieldEvery  = 512  // looks between offers of the processor to others
	shareFrom   = 4    // cores and routers to visit from which a cycle is shared
	wakeFrom    = 16   // the same where a worker has gone to sleep
	sampleEvery = 16   // of the cycles one is timed
	judgeAfter  = 1024 // cycles of a measurement
	firstRest   = 4096 // cycles
	longestRest = 1 << 20
)

// hire starts a worker for every band but the first, which the caller runs.
func (t *team) hire() {
	t.posts = make([]post, len(t.bands)-1)
	for i := range t.posts {
		p := &t.posts[i]
		p.bell = make(chan struct{}, 1)
		go p.work(&t.bands[i+1])
	}
}

// work is a worker's life.
func (p *post) work(b *band) {
	for last := int64(0); ; {
		now := p.next(last)
		if now < 0 {
			p.done.Store(now)
			return
		}
		b.cycle(now)
		last = now
		p.done.Store(now)
	}
}

// next waits until there is another cycle than last to run.
func (p *post) next(last int64) int64 {
	for {
		for i := range spins {
			if now := p.start.Load(); now != last {
				return now
			}
			relax(i)
		}
		// The order of store and load here and in call makes sure that one of the
		// two sees the other.
		p.sleep.Store(true)
		if p.start.Load() == last {
			<-p.bell
		}
		p.sleep.Store(false)
	}
}

// call lets the worker run a cycle.
func (p *post) call(now int64) {
	p.start.Store(now)
	if p.sleep.Load() {
		select {
		case p.bell <- struct{}{}:
		default: // it has been rung already
		}
	}
}

// run lets all bands run one cycle. Now and then it takes the time, to see whether
// workers pay; what a cycle does is the same in any case.
//
//tidy:clock
func (t *team) run(now int64) {
	if t.rest > 0 || !t.pays(now) {
		t.rest = max(0, t.rest-1)
		for i := range t.bands {
			t.bands[i].cycle(now)
		}
		return
	}
	if t.posts == nil {
		t.hire()
	}
	timed := t.cycles%sampleEvery == 0
	var begin, middle time.Time
	if timed {
		begin = time.Now()
	}
	for i := range t.posts {
		t.posts[i].call(now)
	}
	t.bands[0].cycle(now)
	if timed {
		middle = time.Now()
	}
	for i := range t.posts {
		t.posts[i].await(now)
	}
	if timed {
		t.worked += middle.Sub(begin)
		t.waited += time.Since(middle)
	}
	if t.cycles++; t.cycles >= judgeAfter {
		t.judge()
	}
}

// pays reports whether a cycle has enough to do in more than one band.
func (t *team) pays(now int64) bool {
	busy := 0
	for i := range t.bands {
		enough := shareFrom
		if i > 0 && t.posts != nil && t.posts[i-1].sleep.Load() {
			enough = wakeFrom
		}
		if t.bands[i].due(now, enough) {
			busy++
		}
	}
	return busy > 1
}

// due reports whether a band has so many cores and routers to visit.
func (b *band) due(now int64, enough int) bool {
	n := b.net.Due(enough)
	return n >= enough || n+b.cores.Due(now, enough-n) >= enough
}

// await returns when the worker has run cycle now.
func (p *post) await(now int64) {
	for i := 0; p.done.Load() != now; i++ {
		relax(i)
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

// judge compares what the caller worked and waited. Alone it would work for all
// bands and never wait.
func (t *team) judge() {
	if t.waited > t.worked*time.Duration(len(t.posts)) {
		t.penance = max(firstRest, min(2*t.penance, longestRest))
		t.rest = t.penance
	} else {
		t.penance = 0
	}
	t.worked, t.waited, t.cycles = 0, 0, 0
}

func (t *team) stop() {
	for i := range t.posts {
		t.posts[i].call(-1)
	}
	for i := range t.posts {
		t.posts[i].await(-1)
	}
}
