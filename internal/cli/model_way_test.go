package cli

import (
	"testing"

	"wafer/internal/machine"
)

// TestWay checks which kernels time a model: shapes whose layers are large take
// large regions, a model that can run takes the kernels that run it, and a step that
// no kernel has is said.
func TestWay(t *testing.T) {
	mach, err := machine.Preset("wse3")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, kernels string
		large, fails  bool
	}{
		{"llama-3.1-8b", "auto", true, false},
		{"llama-3.1-70b", "auto", true, false},
		{"", "auto", false, false},
		{"", "large", true, false},
		{"llama-3.1-8b", "small", false, false},
		{"gemma-3-270m", "auto", false, false},
		{"qwen3-0.6b", "auto", false, false},
		{"gemma-2-27b", "large", false, true},
	} {
		cmd := ModelTimeCmd{target: target{Model: c.name, Machine: "wse3", Context: 256}, Kernels: c.kernels}
		m, _, err := cmd.shape()
		if err != nil {
			t.Fatal(err)
		}
		w, err := cmd.way(m, mach)
		if c.fails != (err != nil) || !c.fails && c.large != w.large {
			t.Errorf("%q with %s kernels: large %v, error %v", c.name, c.kernels, w.large, err)
		}
	}
}
