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
	p, err := place.New(c.Model, 4, 5, 32)
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
