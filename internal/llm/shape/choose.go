package shape

import (
	"fmt"
	"slices"

	"wafer/internal/diag"
	"wafer/internal/llm/graph"
	"wafer/internal/machine"
)

// codeNoRegion is a model whose layers fit no region of the machine.
const codeNoRegion diag.Code = "P1010"

// codeLacks is a model with a step that the kernels do not have.
const codeLacks diag.Code = "P1011"

// lacks names a step that the kernels do not have.
func lacks(m graph.Model) string {
	switch {
	case m.QKNorm:
		return "norms of queries and keys"
	case m.PostNorm:
		return "norms of what a block adds"
	case m.AttnCap != 0 || m.LogitCap != 0:
		return "caps of scores or logits"
	case m.Window != 0:
		return "attention to the last positions only"
	case m.Activation != graph.SiLU:
		return "an activation other than SiLU"
	}
	return ""
}

// Plan is how a model lies on wafers: regions of one size in rows that are walked
// like a field is ploughed, the embedding first, then the layers, then the head.
type Plan struct {
	Region         // of a layer
	Across   int   // regions side by side on a wafer
	Down     int   // rows of regions on a wafer
	Tables   int   // regions that the embedding takes, and the head again
	Wafers   int   //
	Turns    int   // hand-overs from one row of regions to the next
	Estimate int64 // cycles a token, roughly
}

// Choose finds the plan with the fewest wafers, and among those the one with the
// fewest estimated cycles a token.
func Choose(m graph.Model, mach *machine.Machine, positions int, halfSums bool) (Plan, error) {
	if lack := lacks(m); lack != "" {
		return Plan{}, diag.Diagnostic{
			Code: codeLacks, Pos: diag.Pos{File: m.Name},
			Message: "the kernels of large regions lack a step of the model: " + lack,
			Cure:    "choose a model of the llama, mistral or qwen2 families, or --kernels small if it fits",
		}
	}
	all := Candidates(m, mach, positions, halfSums)
	if len(all) == 0 {
		return Plan{}, diag.Diagnostic{
			Code: codeNoRegion, Pos: diag.Pos{File: m.Name},
			Message: fmt.Sprintf("no region of the %d × %d cores of a %s holds a layer and %d positions", mach.RectW, mach.RectH, mach.Name, positions),
			Cure:    "shorten --context, or choose a model with more than one key head and smaller layers",
		}
	}
	return all[0], nil
}

// Candidates lists the plans that fit, best first.
func Candidates(m graph.Model, mach *machine.Machine, positions int, halfSums bool) []Plan {
	var all []Plan
	for g := 2; g <= m.HeadDim/2; g++ {
		cols := g * m.KVHeads
		if ceil(m.HeadDim/2, ceil(m.HeadDim/2, g)) != g && cols < mach.RectW/2 {
			// More columns than pairs need still shorten the feed-forward block.
			if g%2 == 1 {
				continue
			}
		}
		for down := 1; down <= 32 && cols <= mach.RectW; down++ {
			if p, ok := newPlan(m, mach, cols, mach.RectH/down, positions, halfSums); ok {
				all = append(all, p)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Plan) int {
		if a.Wafers != b.Wafers {
			return a.Wafers - b.Wafers
		}
		return int(a.Estimate - b.Estimate)
	})
	return all
}

func newPlan(m graph.Model, mach *machine.Machine, cols, rows, positions int, halfSums bool) (Plan, bool) {
	var best Plan
	for g := 4; g <= 24; g++ {
		r, why := NewRegion(m, cols, rows, g, positions)
		if why != "" || r.words() > mach.Core.SRAMWords {
			continue
		}
		r.HalfSums = halfSums
		p := Plan{Region: r, Across: mach.RectW / cols, Down: mach.RectH / rows}
		for p.Tables = 1; p.table(HeadRegion, p.Tables).tableWords() > mach.Core.SRAMWords; p.Tables++ {
		}
		p.lay(m.Layers)
		p.Estimate = p.estimate(mach)
		if p.Tables <= p.Across && (best.Cols == 0 || p.Estimate < best.Estimate) {
			best = p
		}
	}
	return best, best.Cols > 0
}

// lay counts wafers and turns. A table's regions lie side by side.
func (p *Plan) lay(layers int) {
	regions := layers + 2*p.Tables
	p.Wafers = ceil(regions, p.Across*p.Down)
	p.Turns = ceil(regions, p.Across) - p.Wafers
}

// words is about what a core of a layer needs, in 16-bit words; the compiler has
// the last word.
func (r Region) words() int {
	q := r.QHeads * r.HD
	qkv := q + 2*r.HD
	weights := r.In*qkv + q*r.In + 3*r.In*r.FFN
	cache := 2*r.HD*r.Slots + 3*r.Slots
	attention := q*r.Slots + 3*r.QHeads*r.Slots
	vectors := 3 * max(r.QHeads*r.Slots, r.FFN)
	state := 14*r.In + 2*max(qkv, 2*r.FFN) + 4*(q+r.HD) + 8*q + 4*r.FFN
	if r.HalfSums {
		state += max(qkv, 2*r.FFN, r.In)
	}
	const code, overhead = 8, 2900 // words a written-out row; runtime, the rest of the code, stack
	return weights + cache + attention + vectors + state + code*(2*r.In+q+r.FFN) + overhead
}

func (r Region) tableWords() int {
	const code, overhead = 8, 2150
	return r.Words*r.In + 3*r.Words + 11*r.In + code*r.In + overhead
}

// estimate knows the costs of operations from the machine and those of sums from
// their distances. It only ranks: what is printed is simulated.
func (p Plan) estimate(m *machine.Machine) int64 {
	r, hop := p.Region, m.Net.Hop
	q := r.QHeads * r.HD
	relay := m.Net.RampUp + m.Net.RampDown + 2 + hop
	line := func(n, g, words int) int {
		k := ceil(n, g)
		return 60 + relay*g + k/2*(hop*g+relay) + hop*n/2 + 4*words
	}
	gemv := func(rows, width int) int {
		per := 3 * width * 1000 / 8
		if r.HalfSums {
			per = width * 1000 / 4
		}
		return rows*9 + rows*per/1000 + 30
	}
	v, h := func(words int) int { return line(r.Rows, r.RowGroup, words) }, func(words int) int { return line(r.Cols, r.ColGroup, words) }
	layer := gemv(r.In, q+2*r.HD) + gemv(q, r.In) + gemv(r.In, 2*r.FFN) + gemv(r.FFN, r.In) +
		v(q+2*r.HD) + v(r.QHeads) + v(q) + v(2*r.FFN) + h(r.In) + h(r.In) + relay*r.ColGroup + 4*r.QHeads*r.Slots +
		3*hop*r.Cols/2 + 2*r.In + // hand-over
		1200 + 2*q*r.Slots + 6*r.QHeads*r.Slots + 400 + 6*r.FFN + 6*r.In
	return int64(p.Model.Layers*layer + p.Turns*p.TurnCycles(m) + (p.Wafers-1)*waferHop)
}

// waferHop stands for the way from wafer to wafer in the estimate only.
const waferHop = 5000

// TurnCycles is how much longer than the way to the neighbour on the right the way
// to the region below is, at most: each row's slice goes down in a column of its
// own, so that no link carries two.
func (p Plan) TurnCycles(m *machine.Machine) int {
	aside := max(p.centre(), p.Cols-p.centre())
	return max(0, m.Net.Hop*(2*min(aside, p.Rows)+p.Rows-p.Cols))
}
