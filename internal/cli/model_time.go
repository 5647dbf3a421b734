package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"wafer/internal/llm/exec"
	"wafer/internal/llm/graph"
	"wafer/internal/llm/place"
	"wafer/internal/machine"
	"wafer/internal/sim"
	"wafer/internal/units"
)

// ModelTimeCmd simulates steps of a placement. Weights are not needed: how long a
// step takes depends on shapes only.
type ModelTimeCmd struct {
	target
	Points  int  `help:"Positions to simulate, spread over the context." default:"2"`
	Threads int  `help:"Threads; results do not depend on it." placeholder:"N"`
	JSON    bool `help:"Print JSON."`
	// Kernels chooses between the kernels that run models and those of large regions.
	Kernels  string `help:"Kernels: small (those that run models), large (large regions, shapes only) or auto, the fewer estimated cycles." enum:"auto,small,large" default:"auto"`
	HalfSums bool   `help:"With large regions: add products within a core in 16-bit floats."`
}

// timeReport is the --json form.
type timeReport struct {
	*exec.Timing
	Layers  int     `json:"layers"`
	Context int     `json:"context"`
	Speed   float64 `json:"simulated_tokens_per_second"` // in the middle of the context
	Layer   int64   `json:"cycles_per_layer"`
	Seconds float64 `json:"host_seconds"`
	Way     string  `json:"chosen"`
}

// Run measures and prints.
func (c *ModelTimeCmd) Run(ctx context.Context, io Streams) error {
	m, mach, err := c.shape()
	if err != nil {
		return err
	}
	way, err := c.way(m, mach)
	if err != nil {
		return err
	}
	if way.large {
		return c.large(ctx, io, m, mach, way)
	}
	return c.small(ctx, io, m, mach, way)
}

// small times the kernels that run models.
func (c *ModelTimeCmd) small(ctx context.Context, io Streams, m graph.Model, mach *machine.Machine, way way) error {
	p := way.p
	begin := time.Now()
	line := newProgress(io.Err)
	opt := sim.Options{Workers: c.Threads, Progress: line.report}
	t, err := exec.Measure(ctx, p, mach, exec.Slots(p, max(1, c.Points)), opt, false)
	line.end()
	if err != nil {
		return err
	}
	cycles, phases := t.At(p.Rows, p.Context()/2)
	r := timeReport{
		Timing: t, Layers: m.Layers, Context: p.Context(), Speed: float64(mach.ClockMHz) * 1e6 / float64(cycles),
		Layer:   (cycles - phases[exec.PhaseEmbedding] - phases[exec.PhaseHead]) / int64(m.Layers),
		Seconds: time.Since(begin).Seconds(), Way: way.why,
	}
	if c.JSON {
		return json.NewEncoder(io.Out).Encode(r)
	}
	return r.print(io.Out, p, mach, phases)
}

func (r *timeReport) print(w io.Writer, p place.Plan, mach *machine.Machine, phases [exec.NumPhases]int64) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s on a %s: %d layers of %d × %d cores, tables of %d × %d, %s cores\n",
		r.Model, mach.Name, r.Layers, p.Cols, p.Rows, p.Table, p.Rows, units.Group(float64(r.Cores)))
	fmt.Fprintln(&b, r.Way)
	fmt.Fprintf(&b, "%10s %14s %12s\n", "position", "cycles a token", "tokens/s")
	for _, pt := range r.Points {
		fmt.Fprintf(&b, "%10d %14s %12s\n", pt.Slot*p.Rows, units.Group(float64(pt.Cycles)), units.Group(float64(mach.ClockMHz)*1e6/float64(pt.Cycles)))
	}
	fmt.Fprintf(&b, "in the middle of %d positions: %s tokens/s, %s cycles a layer\n", r.Context, units.Group(r.Speed), units.Group(float64(r.Layer)))
	for i, v := range phases {
		fmt.Fprintf(&b, "  %-12s %12s cycles\n", exec.Phase(i), units.Group(float64(v)))
	}
	fmt.Fprintf(&b, "memory of a core: %.1f to %.1f KB; simulated in %.1f s\n", kb(r.SRAM.Least), kb(r.SRAM.Most), r.Seconds)
	_, err := io.WriteString(w, b.String())
	return err
}
