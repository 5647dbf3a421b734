package nodiff

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"wafer/internal/sim"
	"wafer/internal/sim/simtest"
)

// TestCheckpoints cuts random programs at random cycles. Each is saved there, loaded
// with another number of workers and in another way of running, and must end as if
// nobody had cut it. Saving twice, from any number of workers, gives the same bytes.
func TestCheckpoints(t *testing.T) {
	for seed := range uint64(*programs / 2) {
		text := Script(seed)
		want, err := simtest.Run(text, sim.Options{})
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
		rng := rand.New(rand.NewPCG(seed, 11))
		cut := 1 + rng.Int64N(max(1, want.Cycle()))
		for i, opt := range []sim.Options{{Workers: 1}, {Workers: 2}, {Workers: 3, StepByStep: true}} {
			after := sim.Options{Workers: 1 + rng.IntN(7), StepByStep: rng.IntN(2) == 0}
			got, err := simtest.RunCut(text, opt, after, cut)
			if err != nil {
				t.Fatalf("seed %d, cut at %d, %+v, then %+v: %v\n%s", seed, cut, opt, after, err, text)
			}
			compare(t, seed, after, got, want)
			if t.Failed() {
				t.Fatalf("seed %d, cut at %d, %+v, then %+v, try %d\n%s", seed, cut, opt, after, i, text)
			}
		}
	}
}

// TestCheckpointsAhead cuts a program at every cycle. In it cores are ahead of the clock
// when little of their operations is left, and when what goes on is step by step.
func TestCheckpointsAhead(t *testing.T) {
	const seed = 789
	text := Script(seed)
	want, err := simtest.Run(text, sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for cut := int64(1); cut < want.Cycle(); cut++ {
		for _, after := range []sim.Options{{Workers: 1}, {Workers: 1, StepByStep: true}} {
			got, err := simtest.RunCut(text, sim.Options{Workers: 1}, after, cut)
			if err != nil {
				t.Fatalf("cut at %d: %v", cut, err)
			}
			if compare(t, seed, after, got, want); t.Failed() {
				t.Fatalf("cut at %d", cut)
			}
		}
	}
}

// TestCheckpointBytes holds the bytes of a checkpoint against those of one that was
// made after it was loaded, with another number of workers.
func TestCheckpointBytes(t *testing.T) {
	for seed := range uint64(*programs / 3) {
		text := strings.TrimSuffix(Script(seed), "run\nexpect stop quiet\n") // in the middle
		s, err := simtest.Assemble(text)
		if err != nil {
			t.Fatal(err)
		}
		m, err := simtest.Run(text, sim.Options{Workers: int(seed % 3)})
		if err != nil {
			t.Fatal(err)
		}
		var first bytes.Buffer
		if err := m.Save(&first, []byte("note")); err != nil {
			t.Fatal(err)
		}
		n, note, err := sim.Load(bytes.NewReader(first.Bytes()), s.Image, s.Machine, sim.Options{Workers: 1 + int(seed%7)})
		if err != nil || string(note) != "note" {
			t.Fatalf("seed %d: note %q, %v", seed, note, err)
		}
		var second bytes.Buffer
		if err := n.Save(&second, note); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Fatalf("seed %d: %d bytes, after loading %d others", seed, first.Len(), second.Len())
		}
		if m.Hash() != n.Hash() {
			t.Fatalf("seed %d: another state after loading", seed)
		}
	}
}
