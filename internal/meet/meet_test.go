package meet

import (
	"runtime"
	"testing"
)

// A worker does every turn once, in order, whether it spins or sleeps in between.
func TestTurns(t *testing.T) {
	var p Post
	p.Init()
	var seen []int64
	go func() {
		for last := int64(0); ; {
			turn := p.Next(last)
			if turn > 0 {
				seen = append(seen, turn)
			}
			last = turn
			p.Done(turn)
			if turn < 0 {
				return
			}
		}
	}()
	const turns = 3000
	for turn := int64(1); turn <= turns; turn++ {
		if turn%1000 == 0 {
			for !p.Asleep() {
				runtime.Gosched()
			}
		}
		p.Call(turn)
		p.Await(turn)
	}
	p.Call(-1)
	p.Await(-1)
	if len(seen) != turns {
		t.Fatalf("%d turns of %d", len(seen), turns)
	}
	for i, turn := range seen {
		if turn != int64(i+1) {
			t.Fatalf("turn %d at place %d", turn, i+1)
		}
	}
}
