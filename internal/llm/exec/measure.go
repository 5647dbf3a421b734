package exec

import (
	"context"
	"fmt"
	"slices"

	"wafer/internal/image"
	"wafer/internal/llm/graph"
	"wafer/internal/llm/place"
	"wafer/internal/machine"
	"wafer/internal/sim"
)

// Measure simulates steps of a placement and gives their timing. Slots lists where:
// 0 and a few others up to the last. With prompts, which take most of the time, it
// also measures those; without, the timing has none.
func Measure(ctx context.Context, p place.Plan, m *machine.Machine, slots []int, opt sim.Options, prompts bool) (*Timing, error) {
	key, err := TimingKey(p, m)
	if err != nil {
		return nil, err
	}
	wide := *m // one layer with its tables must fit side by side
	wide.RectW = max(m.RectW, 2*p.Table+2*p.Cols)
	t := &Timing{Key: key, Machine: m.Name, Model: p.Model.Name, Cols: p.Cols, Table: p.Table, Rows: p.Rows, Cores: p.Cores()}
	g := &gauge{full: p, m: &wide, opt: opt, prompts: prompts}
	if err := g.prepare(ctx, t); err != nil {
		return nil, err
	}
	for _, s := range slots {
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
	// Where windows are full, time begins to grow more slowly.
	if w := (p.Window(0) + p.Rows - 1) / p.Rows; p.Windowed() && w < p.Slots && len(out) > 1 {
		out = append(out, w)
		slices.Sort(out)
	}
	return slices.Compact(out)
}

// gauge holds the simulations that a measurement takes. Layers are alike but for
// their windows, so there are one or two kinds of them.
type gauge struct {
	full    place.Plan
	m       *machine.Machine
	opt     sim.Options
	prompts bool // are measured
	kinds   []*kind
	turn    *Exact // two layers with a turn between them; nil: one band
	busy    int64  // cycles at work of all cores of the full placement in the last step
}

// kind is a kind of layer: one and two of it, and two whose cores note the clock.
// The first kind stands for the tables too.
type kind struct {
	layers        int // of this kind in the full placement
	tables        bool
	one, two, log *Exact
}

// kindsOf splits the layers of a placement into those with a window and those
// without; models have only layers of the kind.
func kindsOf(p place.Plan) (models []graph.Model, layers []int) {
	add := func(m graph.Model, n int) {
		if n > 0 {
			models, layers = append(models, m), append(layers, n)
		}
	}
	windowed := 0
	for l := range p.Model.Layers {
		if p.Window(l) > 0 {
			windowed++
		}
	}
	near, far := p.Model, p.Model
	near.WindowEvery, far.Window = 0, 0
	add(near, windowed)
	add(far, p.Model.Layers-windowed)
	return models, layers
}

func (g *gauge) prepare(ctx context.Context, t *Timing) error {
	make := func(e **Exact, m graph.Model, layers, limit int, profile bool) error {
		p := g.full
		p.Model, p.Table = m, min(p.Table, m.Vocab)
		p, err := p.WithLayers(layers, limit)
		if err == nil {
			*e, err = newBare(ctx, p, g.m, g.opt, profile)
		}
		return err
	}
	models, layers := kindsOf(g.full)
	for i, m := range models {
		k := &kind{layers: layers[i], tables: i == 0}
		g.kinds = append(g.kinds, k)
		if !k.tables {
			// Only its second layer counts: what lies before and behind it may be small.
			m.Vocab = 1
		}
		few := min(2, g.full.Model.Layers)
		err := make(&k.one, m, 1, 0, false)
		if err == nil {
			err = make(&k.two, m, few, 0, false)
		}
		if err == nil {
			err = make(&k.log, m, few, 0, true)
		}
		if err != nil {
			return err
		}
	}
	t.SRAM = g.sram()
	if g.full.Bands() == 1 {
		return nil
	}
	return make(&g.turn, models[0], min(2, g.full.Model.Layers), g.full.Table+g.full.Cols, false)
}

// times says for how many regions of the full placement one of the small stands.
func (k *kind) times(region int) int64 {
	last := k.two.Plan.Model.Layers
	switch {
	case k.tables && region == last:
		return int64(k.layers - last + 1)
	case k.tables:
		return 1
	case region == last:
		return int64(k.layers)
	}
	return 0
}

// sram gives the memory of the cores of the full placement, from the programs of
// the small ones: what their layers take, the others take too.
func (g *gauge) sram() Spread {
	var words []int
	for _, k := range g.kinds {
		im, p := k.two.Image, k.two.Plan
		for r := range p.Regions() {
			for y := range p.Rows {
				for c := range p.Width(r) {
					x, y := p.Core(r, c, y)
					w := Memory(im.Programs[im.Tile(x, y).Program])
					for range k.times(r) {
						words = append(words, w)
					}
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

// point measures one step, and lots of a prompt.
func (g *gauge) point(ctx context.Context, slot int) (Point, error) {
	pt := Point{Slot: slot}
	cycles, phases, err := g.steps(ctx, slot)
	if err != nil {
		return pt, err
	}
	pt.Cycles = cycles.full
	pt.Phases = fit(phases, pt.Cycles-cycles.turns)
	pt.Phases[PhaseHandOver] += cycles.turns
	if !g.prompts {
		return pt, nil
	}
	if pt.Interval, err = g.follow(ctx, slot, 1, cycles); err != nil {
		return pt, err
	}
	for _, n := range lotSizes(g.full) {
		lot := Lot{Tokens: n}
		if cycles, err = g.way(ctx, slot, n); err != nil {
			return pt, err
		}
		lot.Cycles = cycles.full
		if lot.Interval, err = g.follow(ctx, slot, n, cycles); err != nil {
			return pt, err
		}
		pt.Lots = append(pt.Lots, lot)
	}
	return pt, nil
}

// lotSizes are the lots that are measured; the time of others lies between.
func lotSizes(p place.Plan) []int {
	var out []int
	for n := 2; n < p.Lot; n *= 2 {
		out = append(out, n)
	}
	if p.Lot > 1 {
		out = append(out, p.Lot)
	}
	return slices.DeleteFunc(out, func(n int) bool { return n > p.Context() })
}

// steps measures one step: its time, and where it went.
func (g *gauge) steps(ctx context.Context, slot int) (t way, phases [NumPhases]int64, err error) {
	g.busy = 0
	before := make([]int64, len(g.kinds))
	for i, k := range g.kinds {
		before[i] = k.two.work(k.times)
	}
	if t, err = g.way(ctx, slot, 1); err != nil {
		return t, phases, err
	}
	for i, k := range g.kinds {
		g.busy += k.two.work(k.times) - before[i]
		start := k.log.host.Cycle()
		if _, err = g.prompt(ctx, k.log, g.start(slot, 1), 1, 1); err == nil {
			err = k.phases(start, &phases)
		}
		if err != nil {
			return t, phases, err
		}
	}
	return t, phases, nil
}

// way is how long a lot takes from the host through all regions and back: in the full
// placement, of that at turns, and in each of the small ones.
type way struct {
	full, turns int64
	two         []int64 // by kind
	turn        int64
}

// way measures it at the first positions of a slot.
func (g *gauge) way(ctx context.Context, slot, lot int) (t way, err error) {
	pos := g.start(slot, lot)
	for i, k := range g.kinds {
		one, err := g.prompt(ctx, k.one, pos, lot, 1)
		if err != nil {
			return t, err
		}
		two, err := g.prompt(ctx, k.two, pos, lot, 1)
		if err != nil {
			return t, err
		}
		more := k.layers
		if i == 0 {
			t.full = one
			more--
		}
		t.full += int64(more) * (two - one)
		t.two = append(t.two, two)
	}
	if g.turn == nil {
		return t, nil
	}
	if t.turn, err = g.prompt(ctx, g.turn, pos, lot, 1); err != nil {
		return t, err
	}
	t.turns = int64(g.full.Bands()-1) * (t.turn - t.two[0])
	t.full += t.turns
	return t, nil
}

// follow simulates a short prompt, its middle lot at the first position of a slot: a
// region that is slower than those before makes the interval longer.
func (g *gauge) follow(ctx context.Context, slot, lot int, alone way) (interval int64, err error) {
	lots := min(3, g.full.Context()/lot)
	if lots < 2 {
		return alone.full, nil
	}
	start := max(0, g.start(slot, lot*lots)-lots/2*lot)
	last := start + (lots-1)*lot
	add := func(e *Exact, alone int64) {
		if err == nil && last/g.full.Rows != slot {
			alone, err = g.prompt(ctx, e, last, lot, 1) // where the last lot of the prompt is
		}
		if err != nil {
			return
		}
		var all int64
		all, err = g.prompt(ctx, e, start, lot, lots)
		interval = max(interval, (all-alone)/int64(lots-1))
	}
	for i, k := range g.kinds {
		add(k.two, alone.two[i])
	}
	if g.turn != nil {
		add(g.turn, alone.turn)
	}
	return interval, err
}

// start is the first position of a slot, or as near to it as there is room for so
// many tokens.
func (g *gauge) start(slot, tokens int) int {
	return max(0, min(slot*g.full.Rows, g.full.Context()-tokens))
}

// prompt simulates so many lots from a position on.
func (g *gauge) prompt(ctx context.Context, e *Exact, pos, lot, lots int) (int64, error) {
	e.pos = pos
	s, err := e.feed(ctx, make([]int, lot*lots), lot)
	if err != nil {
		return 0, fmt.Errorf("measure a prompt of %d at position %d: %w", lot*lots, pos, err)
	}
	return s.Cycles, nil
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

// mark is a clock reading of a layer: its place among the readings, as clock.csl
// has it, and the phase that ends there.
type mark struct {
	at    int
	phase Phase
}

// marks lists the readings of a model's layers in the order of time. The first is
// when the stream has arrived.
func marks(m graph.Model) []mark {
	var out []mark
	add := func(from int, phases ...Phase) {
		for i, p := range phases {
			out = append(out, mark{from + i, p})
		}
	}
	post := func(from int) {
		if m.PostNorm {
			add(from, PhaseReduce, PhaseNorm)
		}
	}
	add(0, PhaseHandOver, PhaseReduce, PhaseNorm, PhaseGEMV, PhaseReduce) // norm, qkv
	if m.QKNorm {
		add(24, PhaseReduce, PhaseNorm)
	}
	add(5, PhaseAttention, PhaseAttention, PhaseAttention, PhaseAttention, PhaseAttention, PhaseAttention, PhaseAttention, PhaseAttention, PhaseAttention)
	add(14, PhaseGEMV, PhaseReduce) // output
	post(26)
	add(16, PhaseReduce, PhaseNorm, PhaseGEMV, PhaseReduce, PhaseActivation, PhaseGEMV, PhaseReduce)
	post(28)
	add(23, PhaseHandOver)
	return out
}

// phases reads the clocks of the middle cores of the layers, where sums end, and
// adds what they say. The last layer stands for all but the first.
func (k *kind) phases(start int64, out *[NumPhases]int64) error {
	p := k.log.Plan
	end := start
	for l := range p.Model.Layers {
		x, y := p.Centre(l + 1)
		words, err := k.log.host.ReadSymbol(x, y, "marks")
		if err != nil {
			return err
		}
		times := k.times(l + 1)
		for i, m := range marks(p.Model) {
			w := words[3*m.at:]
			at, ph := int64(w[0])|int64(w[1])<<16|int64(w[2])<<32, m.phase
			if l == 0 && i == 0 {
				ph = PhaseEmbedding
			}
			out[ph] += times * (at - end)
			end = at
		}
	}
	if k.tables {
		out[PhaseHead] = k.log.host.Cycle() - end
	}
	return nil
}
