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
	e, err := NewExact(t.Context(), p, c, machine.Default(machine.WSE3), sim.Options{}, false)
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

func TestTmp(t *testing.T) {
	c, _ := ours(t)
	for _, sh := range [][2]int{{16, 16}, {8, 32}, {32,32}} {
		p, _ := place.New(c.Model, sh[0], sh[1], 512)
		im, err := Compile(t.Context(), p, machine.WSE3, true)
		if err != nil {
			t.Fatal(err)
		}
		_=im
		e, err := NewExact(t.Context(), p, c, machine.Default(machine.WSE3), sim.Options{}, true)
		if err != nil {
			t.Log(err)
			continue
		}
		e.pos = 300
		s, err := e.Step(t.Context(), 1)
		t.Log(sh, s.Cycles, err)
		x, y := p.Core(2, p.Cols-1, p.Rows-1)
		w, err := e.host.ReadSymbol(x, y, "marks")
		t.Log(err)
		prev := int64(0)
		for i := 0; i < len(w); i += 3 {
			v := int64(w[i]) | int64(w[i+1])<<16 | int64(w[i+2])<<32
			t.Log(i/3, v-prev)
			prev = v
		}
	}
}
