package exec

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wafer/internal/llm/graph"
	"wafer/internal/llm/llmtest"
	"wafer/internal/llm/place"
	"wafer/internal/machine"
	"wafer/internal/sim"
)

// What comes with its timing, so that a first run must not wait for a measurement:
// the embedded model, and those that `wafer model pull` knows, by their shapes.
var shippedModels = []struct{ model, machine string }{
	{"", "wse3"},
	{"", "wse3-silicon"},
	{"", "wse2"},
	{"smollm2-135m", "wse3"},
	{"gemma-3-270m", "wse3"},
}

// The context that `wafer run` has room for by default.
const shippedContext = 512

// TestShippedTimings measures what timings.json says: a new kernel, placement,
// compiler or simulator shows here. WAFER_UPDATE=1 writes the file anew.
func TestShippedTimings(t *testing.T) {
	wholeOnly(t)
	c, _ := ours(t)
	update := os.Getenv("WAFER_UPDATE") == "1"
	var all []*Timing
	for i, s := range shippedModels {
		name := s.machine
		m, err := machine.Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		shape := c.Model
		if s.model != "" {
			name = s.model
			if shape, err = graph.Published(s.model); err != nil {
				t.Fatal(err)
			}
		}
		p, err := place.Choose(shape, m, shippedContext)
		if err != nil {
			t.Fatal(err)
		}
		key, err := TimingKey(p, m)
		if err != nil {
			t.Fatal(err)
		}
		have := Shipped(key)
		if have == nil && !update {
			t.Fatalf("%s: no timing is shipped for the default placement; run WAFER_UPDATE=1 go test -run TestShippedTimings", name)
		}
		slots := Slots(p, 6)
		if s.model != "" {
			slots = Slots(p, 2)
		}
		if !update && !llmtest.Long() {
			// One machine and two slots show a change of anything.
			if i > 0 {
				continue
			}
			slots = []int{slots[0], slots[len(slots)-1]}
		}
		got, err := Measure(t.Context(), p, m, slots, sim.Options{}, true)
		if err != nil {
			t.Fatal(name, err)
		}
		all = append(all, got)
		if update {
			continue
		}
		want := *have
		if !llmtest.Long() {
			want.Points = []Point{have.Points[0], have.Points[len(have.Points)-1]}
		}
		if d := cmp.Diff(want, *got); d != "" {
			t.Errorf("%s: the shipped timing is not what is measured now: %s", name, d)
		}
	}
	if !update {
		return
	}
	text, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("timings.json", append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// The timing of the embedded model says how long prompts take that the wafer simulates.
func TestShippedPrompts(t *testing.T) {
	wholeOnly(t)
	c, _ := ours(t)
	m := machine.Default(machine.WSE3)
	p, err := place.Choose(c.Model, m, shippedContext)
	if err != nil {
		t.Fatal(err)
	}
	key, err := TimingKey(p, m)
	if err != nil {
		t.Fatal(err)
	}
	timing := Shipped(key)
	if timing == nil {
		t.Fatal("no timing is shipped for the default placement")
	}
	e, err := NewExact(t.Context(), p, c, m, sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	lengths := []int{1, 10, 19}
	if llmtest.Long() {
		lengths = append(lengths, 64, 300)
	}
	for _, n := range lengths {
		e.Reset()
		s, err := e.Prompt(t.Context(), make([]int, n))
		if err != nil {
			t.Fatal(err)
		}
		said := timing.Prompt(p, 0, n)
		t.Logf("%d tokens in lots of %d: %d cycles, %d by the timing", n, p.Each(n), s.Cycles, said)
		if said < s.Cycles*99/100 || said > s.Cycles*101/100 {
			t.Errorf("a prompt of %d: %d cycles, %d by the timing", n, s.Cycles, said)
		}
	}
}
