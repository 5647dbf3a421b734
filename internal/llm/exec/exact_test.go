package exec

import (
	"testing"

	"wafer/internal/llm/graph"
	"wafer/internal/llm/llmtest"
	"wafer/internal/llm/place"
	"wafer/internal/machine"
	"wafer/internal/sim"
)

// TestExactIsFast runs a small model on the simulated wafer and beside it the
// fast engine: every logit has the same bits.
func TestExactIsFast(t *testing.T) {
	c, _ := llmtest.Tiny(t, graph.Llama)
	p, err := place.New(c.Model, place.Shape{Cols: 4, Table: 7, Rows: 5}, 32)
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewExact(t.Context(), p, c, machine.Default(machine.WSE3), sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f := fast(t, c, 4, 5, 32, 1)
	for i := range 20 {
		id := (7*i + 3) % 320
		want, err := e.Step(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		got, err := f.Step(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		for j, v := range want.Logits {
			if got.Logits[j] != v {
				t.Fatalf("position %d, logit %d: %g exactly, %g fast", i, j, v, got.Logits[j])
			}
		}
	}
}

// Two layers with zero weights tell how long all layers take with real ones.
func TestMeasureIsExact(t *testing.T) {
	c, _ := llmtest.Tiny(t, graph.Llama) // three layers
	p, err := place.New(c.Model, place.Shape{Cols: 4, Table: 3, Rows: 5}, 60)
	if err != nil {
		t.Fatal(err)
	}
	m := machine.Default(machine.WSE3)
	timing, err := Measure(t.Context(), p, m, Slots(p, 8), sim.Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewExact(t.Context(), p, c, m, sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, pt := range timing.Points {
		e.pos = pt.Slot * p.Rows
		s, err := e.Step(t.Context(), 5)
		if err != nil {
			t.Fatal(err)
		}
		if s.Cycles != pt.Cycles {
			t.Errorf("slot %d: %d cycles, measured %d", pt.Slot, s.Cycles, pt.Cycles)
		}
	}
	e.pos = 17
	s, err := e.Step(t.Context(), 5)
	if err != nil {
		t.Fatal(err)
	}
	got, phases := timing.At(p.Rows, 17)
	if d := float64(got)/float64(s.Cycles) - 1; d < -0.02 || d > 0.02 {
		t.Errorf("position 17: %d cycles, %d between measurements", s.Cycles, got)
	}
	var sum int64
	for _, v := range phases {
		sum += v
	}
	if sum != got {
		t.Errorf("phases sum to %d of %d", sum, got)
	}
}
