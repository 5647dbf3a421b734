package shape

import (
	"strings"
	"testing"

	"wafer/internal/llm/graph"
	"wafer/internal/machine"
	"wafer/internal/sim"
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
		for _, p := range Candidates(model, m, 2048, false, mostCores)[:6] {
			t.Logf("%s: %v turned %v across %d down %d tables %d wafers %d turns %d estimate %d", name, p.Form, p.Turned, p.Across, p.Down, p.Tables, p.Wafers, p.Turns, p.Estimate)
		}
		if p.Wafers > wafers {
			t.Errorf("%s takes %d wafers, not %d", name, p.Wafers, wafers)
		}
	}
}

// TestChooseFails checks what is said where nothing fits, and that a model whose
// layers need more cores than we like to simulate is placed all the same.
func TestChooseFails(t *testing.T) {
	m, err := machine.Preset("wse3")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name      string
		positions int
		want      string
	}{
		{"llama-3.1-405b", 2048, ""},
		{"llama-2-7b", 100000000, "holds a layer"},
		{"gemma-2-2b", 2048, "lack a step"},
	} {
		model, err := graph.Published(c.name)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Choose(model, m, c.positions, false)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, %d positions: %v", c.name, c.positions, err)
		}
	}
}

// TestEstimate compares estimates of layers with simulations. The search goes by the
// former, so they must put regions into about the same order.
func TestEstimate(t *testing.T) {
	model := graph.Model{Name: "part", Dim: 1024, FFN: 3584, Heads: 8, KVHeads: 2, HeadDim: 128, Layers: 1, NormEps: 1e-5}
	for _, c := range []struct {
		mach string
		form Form
		half bool
	}{
		{"wse3", Form{Cols: 64, Rows: 36, ColGroup: 8, RowGroup: 9, Layers: 1}, false},
		{"wse3", Form{Cols: 64, Rows: 36, ColGroup: 8, RowGroup: 9, Layers: 1}, true},
		{"wse3", Form{Cols: 32, Rows: 66, ColGroup: 8, RowGroup: 9, Layers: 1}, false},
		{"wse3", Form{Cols: 128, Rows: 20, ColGroup: 8, RowGroup: 5, Layers: 1}, false},
		{"wse2", Form{Cols: 64, Rows: 36, ColGroup: 8, RowGroup: 9, Layers: 1}, true},
	} {
		mach, err := machine.Preset(c.mach)
		if err != nil {
			t.Fatal(err)
		}
		r, why := NewRegion(model, c.form, 512)
		if why != "" {
			t.Fatal(why)
		}
		r.HalfSums = c.half
		im, err := r.Compile(t.Context(), mach.Arch)
		if err != nil {
			t.Fatal(err)
		}
		s, err := r.Measure(t.Context(), im, mach, 511, sim.Options{})
		if err != nil {
			t.Fatal(err)
		}
		now := [2]int64{r.layerEstimate(mach), s.Inner()}
		t.Logf("%s %v half %v: estimated %d, simulated %d", c.mach, c.form, c.half, now[0], now[1])
		if d := now[0] - now[1]; d < -now[1]/8 || d > now[1]/8 {
			t.Errorf("%s %v: estimated %d, simulated %d", c.mach, c.form, now[0], now[1])
		}
	}
}
