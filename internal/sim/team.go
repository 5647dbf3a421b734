package sim

import (
	"time"

	"wafer/internal/meet"
)

// A team runs the bands on threads of their own, one cycle at a time. When waiting
// costs more than the second thread gains, the team rests for a while and the caller
// runs all bands. None of this can be seen in the results.
type team struct {
	bands []band
	posts []meet.Post // one for each worker, nil before the first cycle that is shared
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

const (
	shareFrom   = 4    // cores and routers to visit from which a cycle is shared
	wakeFrom    = 16   // the same where a worker has gone to sleep
	sampleEvery = 16   // of the cycles one is timed
	judgeAfter  = 1024 // cycles of a measurement
	firstRest   = 4096 // cycles
	longestRest = 1 << 20
)

// hire starts a worker for every band but the first, which the caller runs. Turns
// are cycles; -1 ends a worker.
func (t *team) hire() {
	t.posts = make([]meet.Post, len(t.bands)-1)
	for i := range t.posts {
		t.posts[i].Init()
		go work(&t.posts[i], &t.bands[i+1])
	}
}

// work is a worker's life.
func work(p *meet.Post, b *band) {
	for last := int64(0); last >= 0; p.Done(last) {
		if last = p.Next(last); last >= 0 {
			b.cycle(last)
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
		t.posts[i].Call(now)
	}
	t.bands[0].cycle(now)
	if timed {
		middle = time.Now()
	}
	for i := range t.posts {
		t.posts[i].Await(now)
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
		if i > 0 && t.posts != nil && t.posts[i-1].Asleep() {
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
		t.posts[i].Call(-1)
	}
	for i := range t.posts {
		t.posts[i].Await(-1)
	}
}
