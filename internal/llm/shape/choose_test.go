package shape

import (
	"testing"

	"wafer/internal/llm/graph"
	"wafer/internal/machine"
)

// TestChoose checks how many wafers published models need at most: 8B and 13B one
// (the vendor serves the 8B from one wafer, WaferLLM runs the 13B on one), 70B six
// (the vendor says four at least; here all regions of a wafer have one size).
func TestChoose(t *testing.T) {
	m, err := machine.Preset("wse3")
	if err != nil {
		t.Fatal(err)
	}
	for name, wafers := range map[string]int{"llama-3.1-8b": 1, "llama-2-13b": 1, "llama-3.1-70b": 6, "qwen2-72b": 6} {
		model, err := graph.Published(name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := Choose(model, m, 2048, false)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range Candidates(model, m, 2048, false)[:6] {
			t.Logf("%s: %v turned %v across %d down %d tables %d wafers %d turns %d estimate %d", name, p.Form, p.Turned, p.Across, p.Down, p.Tables, p.Wafers, p.Turns, p.Estimate)
		}
		if p.Wafers > wafers {
			t.Errorf("%s takes %d wafers, not %d", name, p.Wafers, wafers)
		}
	}
}
