package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"wafer/internal/llm/graph"
	"wafer/internal/llm/shape"
	"wafer/internal/machine"
	"wafer/internal/sim"
	"wafer/internal/units"
)

// largeReport is the --json form for a model that takes large regions.
type largeReport struct {
	Model     string           `json:"model"`
	Machine   string           `json:"machine"`
	Context   int              `json:"context"`
	Position  int              `json:"position"`
	Cols      int              `json:"cols"`
	Rows      int              `json:"rows"`
	ColGroup  int              `json:"column_group"`
	RowGroup  int              `json:"row_group"`
	Layers    int              `json:"layers_of_a_region"`
	Turned    bool             `json:"turned"`
	Tables    int              `json:"regions_of_a_table"`
	Wafers    int              `json:"wafers"`
	SRAM      int              `json:"sram_bytes_most"`
	HalfSums  bool             `json:"half_sums"`
	Layer     int64            `json:"cycles_per_layer"`
	Embedding int64            `json:"cycles_embedding"`
	Head      int64            `json:"cycles_head"`
	Turns     int64            `json:"cycles_turns"`
	Links     int64            `json:"cycles_between_wafers"`
	Cycles    int64            `json:"cycles_per_token"`
	Speed     float64          `json:"simulated_tokens_per_second"`
	Phases    map[string]int64 `json:"phases_of_a_layer"`
	Seconds   float64          `json:"host_seconds"`
	Way       string           `json:"chosen"`
}

// large times a model whose layers take large regions, on as many wafers as it
// needs: one layer, the embedding and the head are simulated core by core.
func (c *ModelTimeCmd) large(ctx context.Context, io Streams, m graph.Model, mach *machine.Machine, way way) error {
	room, err := c.room(m)
	if err != nil {
		return err
	}
	p := way.q
	begin := time.Now()
	line := newProgress(io.Err)
	opt := sim.Options{Workers: c.Threads, Progress: line.report}
	t, err := p.Run(ctx, mach, room-1, opt)
	line.end()
	if err != nil {
		return err
	}
	r := largeReport{
		Model: m.Name, Machine: mach.Name, Context: room, Position: room - 1,
		Cols: p.Cols, Rows: p.Rows, ColGroup: p.ColGroup, RowGroup: p.RowGroup, Layers: p.Layers, Turned: p.Turned, Tables: p.Tables, Wafers: p.Wafers, SRAM: t.SRAM, HalfSums: p.HalfSums,
		Layer: t.PerLayer(), Embedding: t.Embed.Cycles, Head: t.Head.Cycles, Turns: t.Turns, Links: t.Links, Cycles: t.Cycles,
		Speed: float64(mach.ClockMHz) * 1e6 / float64(t.Cycles), Phases: map[string]int64{}, Seconds: time.Since(begin).Seconds(),
		Way: way.why,
	}
	phases := t.Layer.Phases()
	for i, name := range shape.PhaseNames() {
		if i > 0 {
			r.Phases[name] = phases[i]
		}
	}
	if c.JSON {
		return json.NewEncoder(io.Out).Encode(r)
	}
	return r.print(io.Out, p, mach)
}

func (r *largeReport) print(w io.Writer, p shape.Plan, mach *machine.Machine) error {
	var b strings.Builder
	n := func(v int64) string { return units.Group(float64(v)) }
	turned := ""
	if r.Turned {
		turned = ", turned"
	}
	fmt.Fprintf(&b, "%s on %d %s: %d layers, %d in a region of %d × %d cores%s, %d × %d regions a wafer, embedding and head %d each\n",
		r.Model, r.Wafers, mach.Name, p.Model.Layers, r.Layers, r.Cols, r.Rows, turned, p.Across, p.Down, r.Tables)
	fmt.Fprintln(&b, r.Way)
	fmt.Fprintf(&b, "memory of a core of a layer: %.1f KB at most, with %d positions\n", kb(r.SRAM), r.Context)
	fmt.Fprintf(&b, "a layer at position %d: %s cycles on average, one simulated core by core:\n", r.Position, n(r.Layer))
	for _, name := range shape.PhaseNames()[1:] {
		fmt.Fprintf(&b, "  %-12s %8s\n", name, n(r.Phases[name]))
	}
	fmt.Fprintf(&b, "embedding %s, head %s cycles, simulated; turns %s (from distances), between wafers %s (from a published latency)\n",
		n(r.Embedding), n(r.Head), n(r.Turns), n(r.Links))
	fmt.Fprintf(&b, "a token: %s cycles, %s tokens/s at %d MHz for one user; simulated in %.1f s\n",
		n(r.Cycles), units.Group(r.Speed), mach.ClockMHz, r.Seconds)
	_, err := io.WriteString(w, b.String())
	return err
}
