package nodiff

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"wafer/internal/llm/exec"
	"wafer/internal/llm/graph"
	"wafer/internal/llm/llmtest"
	"wafer/internal/llm/place"
	"wafer/internal/machine"
	"wafer/internal/sim"
)

// TestModelKernels runs tokens of a small language model: the same logits, cycles,
// memory and state in all ways. With a step of many thousand cycles and a few
// hundred cores it goes where generated programs do not.
func TestModelKernels(t *testing.T) {
	model, _ := llmtest.Tiny(t, graph.Llama)
	p, err := place.New(model.Model, place.Shape{Cols: 4, Table: 7, Rows: 5}, 8)
	if err != nil {
		t.Fatal(err)
	}
	var first []any
	for _, opt := range []sim.Options{{StepByStep: true}, {}, {Workers: 2}, {Workers: 7}} {
		e, err := exec.NewExact(t.Context(), p, model, machine.Default(machine.WSE3), opt)
		if err != nil {
			t.Fatal(err)
		}
		var got []any
		for token := range 3 {
			step, err := e.Step(t.Context(), 5*token+2)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, step, e.Sim.Cycle(), e.Sim.Hash())
		}
		if first == nil {
			first = got
		}
		if diff := cmp.Diff(first, got); diff != "" {
			t.Errorf("%+v: %s", opt, diff)
		}
	}
}
