package exec

import (
	"context"
	"fmt"
	"slices"

	"wafer/internal/image"
	"wafer/internal/llm/place"
	"wafer/internal/machine"
	"wafer/internal/sim"
)

// Measure simulates steps of a placement and gives their timing. Slots lists where:
// 0 and a few others up to the last. progress, if any, is told how far it is.
func Measure(ctx context.Context, p place.Plan, m *machine.Machine, slots []int, opt sim.Options, progress func(done, total int)) (*Timing, error) {
	key, err := TimingKey(p, m)
	if err != nil {
		return nil, err
	}
	wide := *m // one layer with its tables must fit side by side
	wide.RectW = max(m.RectW, 2*p.Table+2*p.Cols)
	t := &Timing{Key: key, Machine: m.Name, Model: p.Model.Name, Cols: p.Cols, Table: p.Table, Rows: p.Rows, Cores: p.Cores()}
	g := &gauge{full: p, m: &wide, opt: opt}
	if err := g.prepare(ctx, t); err != nil {
		return nil, err
	}
	for i, s := range slots {
		if progress != nil {
			progress(i, len(slots))
		}
		pt, err := g.point(ctx, s)
		if err != nil {
			return nil, err
		}
		t.Points = append(t.Points, pt)
	}
	last := t.Points[len(t.Points)-1]
	t.Working = int(1000 * g.busy / int64(t.Cores) / last.Cycles)
	return t, nil
}

// Slots gives where a placement is measured: the ends of the chunks in which
// positions are weighed, and no more than some.
func Slots(p place.Plan, most int) []int {
	const chunk = 8 // as in layer.csl
	var all []int
	for s := 0; s < p.Slots; s += chunk {
		all = append(all, s, min(s+chunk, p.Slots)-1)
	}
	all = slices.Compact(all)
	if len(all) <= most {
		return all
	}
	var out []int
	for i := range most {
		out = append(out, all[i*(len(all)-1)/max(1, most-1)])
	}
	return slices.Compact(out)
}

// gauge holds the simulations that a measurement takes: one and two layers, and
// two layers with a turn between them, two layers whose cores note the clock.
type gauge struct {
	full          place.Plan
	m             *machine.Machine
	opt           sim.Options
	one, two, log *Exact
	turn          *Exact // nil: one band
	busy          int64  // cycles at work of all cores of the full placement in the last step
}

func (g *gauge) prepare(ctx context.Context, t *Timing) error {
	make := func(e **Exact, layers, limit int, profile bool) error {
		p, err := g.full.WithLayers(min(layers, g.full.Model.Layers), limit)
		if err == nil {
			*e, err = newBare(ctx, p, g.m, g.opt, profile)
		}
		return err
	}
	err := make(&g.one, 1, 0, false)
	if err == nil {
		err = make(&g.two, 2, 0, false)
	}
	if err == nil {
		err = make(&g.log, 2, 0, true)
	}
	if err == nil && g.full.Bands() > 1 {
		err = make(&g.turn, 2, g.full.Table+g.full.Cols, false)
	}
	if err == nil {
		t.SRAM = g.sram()
	}
	return err
}

// times says for how many regions of the full placement one of the small stands.
func (g *gauge) times(region int) int64 {
	if region == g.two.Plan.Model.Layers {
		return int64(g.full.Model.Layers - g.two.Plan.Model.Layers + 1)
	}
	return 1
}

// sram gives the memory of the cores of the full placement, from the programs of
// the small one: what its layers take, the others take too.
func (g *gauge) sram() Spread {
	im, p := g.two.Image, g.two.Plan
	var words []int
	for r := range p.Regions() {
		for y := range p.Rows {
			for c := range p.Width(r) {
				x, y := p.Core(r, c, y)
				w := Memory(im.Programs[im.Tile(x, y).Program])
				for range g.times(r) {
					words = append(words, w)
				}
			}
		}
	}
	slices.Sort(words)
	return Spread{Least: words[0], Median: words[len(words)/2], Most: words[len(words)-1]}
}

// Memory is what a program takes of a core's memory, in bytes, as the compiler
// counts it: data, code at one 32-bit word an instruction (ASSUMED(code-size)),
// the least stack, and the runtime that copies and launches need.
func Memory(p *image.Program) int {
	const stack, runtime = 64, 2040
	return 2*(int(p.StackAt)+stack+runtime) + 4*len(p.Code)
}

// point measures one step.
func (g *gauge) point(ctx context.Context, slot int) (Point, error) {
	pos := slot * g.full.Rows
	var cycles [4]int64
	var start int64
	before := g.two.work(g.times)
	for i, e := range []*Exact{g.one, g.two, g.turn, g.log} {
		if e == nil {
			continue
		}
		e.pos = pos
		start = e.host.Cycle()
		s, err := e.Step(ctx, 0)
		if err != nil {
			return Point{}, fmt.Errorf("measure a step at position %d: %w", pos, err)
		}
		cycles[i] = s.Cycles
	}
	g.busy = g.two.work(g.times) - before
	pt := Point{Slot: slot, Cycles: cycles[0]}
	more := int64(g.full.Model.Layers - 1)
	pt.Cycles += more * (cycles[1] - cycles[0])
	phases, err := g.phases(start)
	if err != nil {
		return pt, err
	}
	pt.Phases = fit(phases, pt.Cycles)
	if g.turn != nil {
		turns := int64(g.full.Bands()-1) * (cycles[2] - cycles[1])
		pt.Cycles += turns
		pt.Phases[PhaseHandOver] += turns
	}
	return pt, nil
}

// fit scales phases so that they sum to total: the stamps take time themselves.
func fit(phases [NumPhases]int64, total int64) [NumPhases]int64 {
	var sum int64
	for _, v := range phases {
		sum += v
	}
	if sum == 0 {
		return phases
	}
	rest := total
	largest := 0
	for i, v := range phases {
		phases[i] = v * total / sum
		rest -= phases[i]
		if phases[i] > phases[largest] {
			largest = i
		}
	}
	phases[largest] += rest
	return phases
}

// marks are the phases that end at the clock readings of a layer, in the order of
// kernels/csl/clock.csl. The first ends when the stream has arrived.
var marks = [...]Phase{
	PhaseHandOver,
	PhaseReduce, PhaseNorm, PhaseGEMV, PhaseReduce, PhaseAttention, // norm, qkv, rotation
	PhaseAttention, PhaseAttention, PhaseAttention, PhaseAttention, PhaseAttention, PhaseAttention, PhaseAttention, PhaseAttention,
	PhaseGEMV, PhaseReduce, // output
	PhaseReduce, PhaseNorm, PhaseGEMV, PhaseReduce, PhaseActivation, PhaseGEMV, PhaseReduce, PhaseHandOver,
}

// phases reads the clocks of the middle cores of the layers, where sums end. The last layer stands for all but the first.
func (g *gauge) phases(start int64) ([NumPhases]int64, error) {
	var out [NumPhases]int64
	p := g.log.Plan
	end := start
	for l := range p.Model.Layers {
		x, y := p.Centre(l + 1)
		words, err := g.log.host.ReadSymbol(x, y, "marks")
		if err != nil {
			return out, err
		}
		times := g.times(l + 1)
		for i, ph := range marks {
			at := int64(words[3*i]) | int64(words[3*i+1])<<16 | int64(words[3*i+2])<<32
			if l == 0 && i == 0 {
				ph = PhaseEmbedding
			}
			out[ph] += times * (at - end)
			end = at
		}
	}
	out[PhaseHead] = g.log.host.Cycle() - end
	return out, nil
}
