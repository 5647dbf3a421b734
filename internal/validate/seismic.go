package validate

import (
	"context"
	"fmt"
	"math"

	"wafer/internal/host"
)

// wave is a run of the acoustic wave equation (csl/seismic.csl).
type wave struct {
	profile string
	w, h    int // cores
	cells   int // of a column
	block   int // cells sent at a time
	steps   int
	fused   bool
	source  [3]int // core and cell
}

// waveReach is how far a cell sees in each direction.
const waveReach = 4

// waveOutcome is what a run gave.
type waveOutcome struct {
	stamps [][]int64 // of each core: its start, and the end of each step
	newest []float32 // the field after the last step, row by row, columns along z
}

// span is the words of a column with zeros at both ends; whole blocks are sent.
func (v wave) span() int { return (v.cells+v.block-1)/v.block*v.block + 2*waveReach }

func (v wave) program() program {
	return program{
		file: "seismic.csl", profile: v.profile, w: v.w, h: v.h, stamps: v.steps + 1,
		params: fmt.Sprintf("width:%d,height:%d,cells:%d,block:%d,steps:%d,source_x:%d,source_y:%d,source_z:%d,fused:%v",
			v.w, v.h, v.cells, v.block, v.steps, v.source[0], v.source[1], v.source[2], v.fused),
	}
}

// run lets the field develop. start gives it at the two times before, the older
// one first; pulse is what the source adds after each step.
func (v wave) run(ctx context.Context, start func(t, x, y, z int) float32, pulse []float32) (*waveOutcome, error) {
	p := v.program()
	h, _, err := p.start(ctx)
	if err != nil {
		return nil, err
	}
	all := host.Region{W: v.w, H: v.h, L: 2 * v.span(), Bits: 32}
	if err := copyIn(ctx, h, "field", v.layOut(start), all); err != nil {
		return nil, err
	}
	var samples []uint32
	for range v.w * v.h {
		for i := range v.steps {
			samples = append(samples, math.Float32bits(pulse[i]))
		}
	}
	if err := copyIn(ctx, h, "source", samples, host.Region{W: v.w, H: v.h, L: v.steps, Bits: 32}); err != nil {
		return nil, err
	}
	if _, err := p.launch(ctx, h); err != nil {
		return nil, err
	}
	o := &outcome{}
	if err := o.read(ctx, h, p); err != nil {
		return nil, err
	}
	words, err := copyOut(ctx, h, "field", all)
	if err != nil {
		return nil, err
	}
	return &waveOutcome{stamps: o.stamps, newest: v.pick(words)}, nil
}

func (v wave) layOut(start func(t, x, y, z int) float32) []uint32 {
	words := make([]uint32, 0, 2*v.span()*v.w*v.h)
	for y := range v.h {
		for x := range v.w {
			for t := range 2 {
				column := make([]uint32, v.span())
				for z := range v.cells {
					column[waveReach+z] = math.Float32bits(start(t, x, y, z))
				}
				words = append(words, column...)
			}
		}
	}
	return words
}

// pick takes the time that the last step has written.
func (v wave) pick(words []uint32) []float32 {
	var out []float32
	for core := range v.w * v.h {
		at := (2*core+(v.steps+1)%2)*v.span() + waveReach
		for _, w := range words[at : at+v.cells] {
			out = append(out, math.Float32frombits(w))
		}
	}
	return out
}

// perStep is the cycles of a step of the core in the middle, without the first
// step, which all cores begin in the same cycle.
func (v wave) perStep(stamps [][]int64) float64 {
	s := stamps[v.h/2*v.w+v.w/2]
	return float64(s[v.steps]-s[1]) / float64(v.steps-1)
}

// waveClock is what turns published seconds into cycles.
const waveClock = 850e6

// waveFlops is the operations of a cell as they are counted there: a product and
// a sum for each of 25 points, and the difference to the step before.
const waveFlops = 51

// waveWhy is where the cycles are that ours does not take. The shares of the
// published 64.7 are from a hardware profile of 600×600×1000 cells.
const waveWhy = "at 1,000 cells ours takes 48 cycles a cell and computes or sends in 44.5: 20 products, 20 sums two a cycle, 8 products with sums, 4 values sent; " +
	"of the published 64.7 a core is busy in 45 (69.6 %), waits for memory in 7.5 (11.6 %) and does neither in 12. " +
	"The rate of f32 sums on hardware is not known: if they lost to banks what those of f16 lose, ours would take 56"

// seismicRows are both tables of the publication: grids of growing width, and
// columns of growing length on the largest. A core in the middle of a few stands
// for one anywhere: the width of the grid changes nothing (TestWaveWidth).
func seismicRows() []Row {
	row := func(id, what string, cells, block int, published float64) Row {
		v := wave{profile: "wse2-silicon", w: 10, h: 10, cells: cells, block: block, steps: 3}
		return Row{
			ID: "app/25-point-stencil/" + id, Group: "programs", What: "wave equation, 25 points, f32, " + what, Profile: v.profile, Source: "SEISMIC",
			Kind: Extrapolated, Published: math.Round(published * waveClock), Unit: "cycles a step", Tolerance: 0.25, Effort: Normal, Why: waveWhy,
			Conditions: fmt.Sprintf("published as time, at 850 MHz; ours is a step of a core in the middle of 10×10, columns of %d cells in blocks of %d; a program of our own, of the published plan", cells, block),
			measure:    v.cyclesOfStep,
		}
	}
	var rows []Row
	for _, c := range []struct {
		cells, block int
		seconds      float64 // of 100,000 steps; table III
	}{{100, 100, 0.8637}, {200, 200, 1.6133}, {300, 300, 2.3716}, {400, 400, 3.1223}, {500, 250, 3.8342}, {700, 350, 5.3143}, {1000, 334, 7.5524}} {
		r := row(fmt.Sprintf("z%d", c.cells), fmt.Sprintf("755×994×%d cells", c.cells), c.cells, c.block, c.seconds/100000)
		if c.cells == 100 {
			r.Effort = Quick
		}
		rows = append(rows, r)
	}
	for _, c := range []struct {
		nx, ny  int
		seconds float64 // of 1,000 steps; table II
	}{{200, 200, 0.0750}, {400, 400, 0.0763}, {600, 600, 0.0761}, {755, 500, 0.0762}, {755, 600, 0.0762}, {755, 900, 0.0762}, {755, 990, 0.0764}, {755, 994, 0.0761}} {
		rows = append(rows, row(fmt.Sprintf("%dx%d", c.nx, c.ny), fmt.Sprintf("%d×%d×1000 cells", c.nx, c.ny), 1000, 334, c.seconds/1000))
	}
	documented := row("z1000/documented", "755×994×1000 cells, documented rates", 1000, 334, 7.5524/100000)
	v := wave{profile: "wse2", w: 10, h: 10, cells: 1000, block: 334, steps: 3}
	documented.Profile, documented.measure = v.profile, v.cyclesOfStep
	return append(rows, documented, flopsRow(rows[len(rows)-1]))
}

// flopsRow is the headline, 503 TFLOPS, from the row of the largest grid.
func flopsRow(largest Row) Row {
	r, step := largest, largest.measure
	r.ID, r.Published, r.Unit = "app/25-point-stencil", 0.788, "floating-point operations a cycle and core"
	r.Conditions = "503 TFLOPS of 755×994 cores at 850 MHz, 51 operations a cell; " + r.Conditions
	r.measure = func(ctx context.Context, b *bench) (float64, error) {
		cycles, err := step(ctx, b)
		return waveFlops * 1000 / cycles, err
	}
	return r
}

func (v wave) cyclesOfStep(ctx context.Context, b *bench) (float64, error) {
	out, err := b.run(ctx, v.program())
	if err != nil {
		return 0, err
	}
	return v.perStep(out.stamps), nil
}
