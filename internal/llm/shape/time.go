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
	Layer  Step // of a region that goes through one layer
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

// regions counts the regions of layers.
func (p Plan) regions() int { return ceil(p.Model.Layers, p.Layers) }

// once is the region of layers going through one of them.
func (p Plan) once() Region {
	r := p.Region
	r.Run = 1
	return r
}

// Inner is what a layer takes whose stream comes from the one before in its region
// and stays there.
func (s Step) Inner() int64 { return s.Marks[len(s.Marks)-1] - s.Marks[0] }

// PerLayer is what a layer takes on average.
func (t *Timing) PerLayer() int64 {
	n := int64(t.Plan.Model.Layers)
	k := int64(t.Plan.regions())
	return (k*t.Layer.Cycles + (n-k)*t.Layer.Inner()) / n
}

// Run simulates a layer, the embedding and the head of a plan at a position and
// adds up a token: every layer takes what the one takes.
func (p Plan) Run(ctx context.Context, m *machine.Machine, pos int, opt sim.Options) (*Timing, error) {
	t := &Timing{Plan: p, Pos: pos}
	for _, one := range []struct {
		r  Region
		to *Step
	}{
		{p.once(), &t.Layer},
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
	t.Cycles = int64(p.Model.Layers)*t.PerLayer() + t.Embed.Cycles + t.Head.Cycles + t.Turns + t.Links
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

// PhaseNames are the phases of a layer in order; see csl/clock.csl.
func PhaseNames() []string {
	return []string{
		"before", "QKV", "QKV sum", "rotation", "scores", "scores sum", "softmax", "values", "values sum",
		"division", "output", "output sum", "up", "up sum", "SwiGLU", "down", "down sum",
	}
}

// Phases gives the cycles of the phases of a layer, the last of its region; the
// first is what came before it, what is missing to Cycles the way to the next.
func (s Step) Phases() []int64 {
	out := make([]int64, len(s.Marks))
	last := int64(0)
	for i, v := range s.Marks {
		out[i], last = v-last, v
	}
	return out
}
