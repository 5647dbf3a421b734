package shape

import (
	"context"
	"runtime"

	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/sim"
)

// Timing is what a token takes.
type Timing struct {
	Plan   Plan
	Pos    int
	Layer  Step
	Embed  Step
	Head   Step
	Turns  int64 // cycles of all turns, from distances
	Links  int64 // cycles of all ways between wafers, from published latency
	Cycles int64
	SRAM   int // bytes of a core of a layer
}

// WaferMicroseconds is the latency from wafer to wafer through the switched
// network (SemiAnalysis, facts of the CS-3: about 5 µs).
const WaferMicroseconds = 5

// Run simulates a layer, the embedding and the head of a plan at a position and
// adds up a token: every layer takes what the one takes.
func (p Plan) Run(ctx context.Context, m *machine.Machine, pos int, opt sim.Options) (*Timing, error) {
	t := &Timing{Plan: p, Pos: pos}
	for _, one := range []struct {
		r  Region
		to *Step
	}{
		{p.Region, &t.Layer},
		{p.table(EmbedRegion, p.Tables), &t.Embed},
		{p.table(HeadRegion, p.Tables), &t.Head},
	} {
		runtime.GC() // the wafer before takes gigabytes
		im, err := one.r.Compile(ctx, m.Arch)
		if err != nil {
			return nil, err
		}
		if one.r.Kind == LayerRegion {
			t.SRAM = mostMemory(im)
		}
		if *one.to, err = one.r.Measure(ctx, im, m, pos, opt); err != nil {
			return nil, err
		}
	}
	t.Turns = int64(p.Turns * p.TurnCycles(m))
	t.Links = int64((p.Wafers - 1) * WaferMicroseconds * m.ClockMHz)
	t.Cycles = int64(p.Model.Layers)*t.Layer.Cycles + t.Embed.Cycles + t.Head.Cycles + t.Turns + t.Links
	return t, nil
}

// mostMemory is what the largest program takes of a core: the runtime, data, code at one 32-bit
// word an instruction (ASSUMED(code-size)) and the least stack.
func mostMemory(im *image.Image) int {
	const stack, runtime = 64, 4080
	most := 0
	for _, p := range im.Programs {
		most = max(most, runtime+2*(int(p.StackAt)+stack)+4*len(p.Code))
	}
	return most
}

// PhaseNames are the phases of a layer in order; see kernels/csl/clock.csl.
func PhaseNames() []string {
	return []string{
		"stream in", "", "norm 1", "QKV", "QKV sum", "rotation", "scores", "scores sum", "top", "top sum",
		"softmax", "values", "values sum", "division", "output", "output sum", "", "norm 2",
		"up", "up sum", "SwiGLU", "down", "down sum", "hand-over",
	}
}

// Phases gives the cycles of the phases of a layer; what is missing to its Cycles
// is the way to the next.
func (s Step) Phases() []int64 {
	out := make([]int64, len(s.Marks))
	last := int64(0)
	for i, v := range s.Marks {
		if v != 0 {
			out[i], last = v-last, v
		}
	}
	return out
}
