package nodiff

import (
	"flag"
	"testing"

	"wafer/internal/sim"
	"wafer/internal/sim/simtest"
)

// -programs 10000 is the long form.
var programs = flag.Int("programs", 300, "number of random programs")

// TestNoDiff runs random programs step by step, running ahead, and with two and
// three workers.
func TestNoDiff(t *testing.T) {
	same(t, Script, []sim.Options{{}, {Workers: 2}, {Workers: 3, StepByStep: true}})
}

// TestStreams does the same with long streams, which move in bursts, also short ones.
func TestStreams(t *testing.T) {
	n := same(t, Streams, []sim.Options{{Workers: 1}, {Workers: 1, MinBurst: 1}, {Workers: 2, MinBurst: 5}, {Workers: 1, MinBurst: 1 << 30}})
	if n < *programs {
		t.Errorf("%d programs had %d bursts", *programs, n)
	}
}

// same runs random programs step by step and in other ways. It counts bursts.
func same(t *testing.T, script func(seed uint64) string, ways []sim.Options) (bursts int) {
	for seed := range uint64(*programs) {
		text := script(seed)
		want, err := simtest.Run(text, sim.Options{StepByStep: true})
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
		for _, opt := range ways {
			m, err := simtest.Run(text, opt)
			if err != nil {
				t.Fatalf("seed %d, %+v: %v\n%s", seed, opt, err, text)
			}
			compare(t, seed, opt, m, want)
			if t.Failed() {
				t.Fatal(text)
			}
			bursts += m.Bursts()
		}
	}
	return bursts
}

func compare(t *testing.T, seed uint64, opt sim.Options, got, want *sim.Sim) {
	t.Helper()
	if got.Cycle() != want.Cycle() {
		t.Errorf("seed %d, %+v: %d cycles, step by step %d", seed, opt, got.Cycle(), want.Cycle())
	}
	if got.Hash() != want.Hash() {
		t.Errorf("seed %d, %+v: state %x, step by step %x", seed, opt, got.Hash(), want.Hash())
	}
	for y := range want.Height() {
		for x := range want.Width() {
			if a, b := got.Stats(x, y), want.Stats(x, y); a != b {
				t.Errorf("seed %d, %+v: core (%d,%d) counts %+v, step by step %+v", seed, opt, x, y, a, b)
			}
		}
	}
}
