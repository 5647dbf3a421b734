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
// step: others have begun with it, so nobody waits for data.
func (v wave) perStep(out *waveOutcome) float64 {
	s := out.stamps[v.h/2*v.w+v.w/2]
	return float64(s[v.steps]-s[1]) / float64(v.steps-1)
}
