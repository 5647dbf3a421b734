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
	Region         // of layers
	Turned   bool  // its columns lie along the wafer's rows; routers know no difference
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
	all := Candidates(m, mach, positions, halfSums, mostCores)
	if len(all) == 0 { // larger ones take minutes to simulate, but they work
		all = Candidates(m, mach, positions, halfSums, mach.RectW*mach.RectH)
	}
	if len(all) == 0 {
		return Plan{}, diag.Diagnostic{
			Code: codeNoRegion, Pos: diag.Pos{File: m.Name},
			Message: fmt.Sprintf("no region of the %d × %d cores of a %s holds a layer and %d positions", mach.RectW, mach.RectH, mach.Name, positions),
			Cure:    "shorten --context, or choose a model with more than one key head and smaller layers",
		}
	}
	return all[0], nil
}

// Bounds of the search.
const (
	mostDown   = 32      // rows of regions on a wafer
	mostLayers = 16      // of a region
	mostCores  = 1 << 16 // of a region of layers, where the model fits such: a layer is simulated in a minute
	mostGroup  = 24      // cores that sum core by core
)

// Candidates lists the plans that fit with regions of at most so many cores, best
// first.
func Candidates(m graph.Model, mach *machine.Machine, positions int, halfSums bool, limit int) []Plan {
	var all []Plan
	for g := 2; g <= m.HeadDim/2; g++ {
		cols := g * m.KVHeads
		if ceil(m.HeadDim/2, ceil(m.HeadDim/2, g)) != g && g%2 == 1 && cols < mach.RectW/2 {
			continue // more columns than pairs need only shorten the feed-forward block
		}
		for _, turned := range []bool{false, true} {
			w, h := mach.RectW, mach.RectH
			if turned {
				w, h = h, w
			}
			for down := 1; down <= mostDown && cols <= w; down++ {
				if cols*(h/down) > limit {
					continue
				}
				for layers := 1; layers <= min(mostLayers, m.Layers); layers++ {
					p := Plan{Turned: turned, Across: w / cols, Down: h / (h / down)}
					if p, ok := newPlan(p, m, mach, Form{Cols: cols, Rows: h / down, Layers: layers}, positions, halfSums); ok {
						all = append(all, p)
					}
				}
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

// newPlan finds the groups that sum fastest; in nothing else do they matter much.
func newPlan(p Plan, m graph.Model, mach *machine.Machine, f Form, positions int, halfSums bool) (Plan, bool) {
	f.ColGroup, f.RowGroup = bestGroup(mach, f.Cols, f.Cols/m.KVHeads), bestGroup(mach, f.Rows, f.Rows)
	r, why := NewRegion(m, f, positions)
	if why != "" || r.words() > mach.Core.SRAMWords {
		return p, false
	}
	r.HalfSums = halfSums
	p.Region = r
	for p.Tables = 1; p.Tables < p.Across && p.table(HeadRegion, p.Tables).tableWords() > mach.Core.SRAMWords; p.Tables++ {
	}
	if p.table(HeadRegion, p.Tables).tableWords() > mach.Core.SRAMWords {
		return p, false
	}
	p.lay()
	p.Estimate = p.estimate(mach)
	return p, true
}

// bestGroup is the size of groups along a line of n cores for which a sum is there
// first. Where several heads share the line, groups divide a head.
func bestGroup(mach *machine.Machine, n, head int) int {
	best, least := 2, 1<<30
	for g := 2; g <= mostGroup; g++ {
		if head < n && head%g != 0 || !groups(n, g) {
			continue
		}
		if c := reach(mach, n, g); c < least {
			best, least = g, c
		}
	}
	return best
}

// lay counts wafers and turns. A table's regions lie side by side.
func (p *Plan) lay() {
	regions := p.regions() + 2*p.Tables
	p.Wafers = ceil(regions, p.Across*p.Down)
	p.Turns = ceil(regions, p.Across) - p.Wafers
}

// words is about what a core of a layer needs, in 16-bit words; the compiler has
// the last word.
func (r Region) words() int {
	q := r.QHeads * r.HD
	qkv := q + 2*r.HD
	layer := r.In*qkv + q*r.In + 3*r.In*r.FFN + r.HD*(2*r.Slots+1) + qkv
	attention := q*(r.Slots+1) + 3*r.QHeads*(r.Slots+2) + 2*r.Slots
	vectors := 2 * max(r.QHeads*r.Slots, r.FFN)
	state := 7*r.In + 3*(q+r.HD) + 5*q + 3*r.FFN + 4*r.HD
	if r.HalfSums {
		state += max(qkv, 2*r.FFN, r.In)
	} else {
		state += 2 * max(qkv, 2*r.FFN)
	}
	const code, overhead = 8, 3250 // words a written-out row; runtime, the rest of the code, stack
	return r.Layers*layer + attention + vectors + state + code*(2*r.In+q+r.FFN) + overhead
}

func (r Region) tableWords() int {
	const code, overhead = 8, 2150
	return r.Words*r.In + 3*r.Words + 11*r.In + code*r.In + overhead
}

// relay is how long a wavelet takes from core to neighbouring core through both.
func relay(m *machine.Machine) int { return m.Net.RampUp + m.Net.RampDown + m.Net.Hop + 1 }

// reach is how long the first word of a sum takes to the middle of a line.
func reach(m *machine.Machine, n, g int) int {
	return relay(m)*(g-1) + ceil(n, g)/2*(m.Net.Hop*(g-1)+relay(m))
}

// estimate only ranks: what is printed is simulated.
func (p Plan) estimate(m *machine.Machine) int64 {
	t := p.table(HeadRegion, p.Tables)
	c := costs{m, t}
	table := 2*c.along(t.In) + c.down(t.Words) + c.gemv(t.In, t.Words)
	return p.layerEstimate(m)*int64(p.Model.Layers) + int64(table+p.Turns*p.TurnCycles(m)+(p.Wafers-1)*waferHop)
}

// layerEstimate knows the costs of operations from the machine and those of sums from
// their distances; the rest is fitted to simulated layers (TestEstimate).
func (r Region) layerEstimate(m *machine.Machine) int64 {
	c := costs{m, r}
	q, n := r.QHeads*r.HD, r.QHeads*r.Slots
	head := relay(m)*(r.ColGroup-1) + m.Net.Hop*r.Cols/r.Heads + 2*n + 60
	if r.Heads == 1 {
		head = c.along(n)
	}
	wire := 1 // words a number
	if r.HalfSums {
		wire = 2
	}
	return int64(c.gemv(r.In, q+2*r.HD) + c.gemv(q, r.In) + c.gemv(r.In, 2*r.FFN) + c.gemv(r.FFN, r.In) +
		c.down(ceil(q+2*r.HD, wire)) + c.down(q) + c.down(ceil(2*r.FFN, wire)) + 2*c.along(ceil(r.In, wire)) + head +
		c.vector(10, q+2*r.HD) + c.vector(5, q*r.Slots) + c.vector(24, n) + c.vector(28, r.FFN) + 100)
}

// costs are what parts of a layer of a region take.
type costs struct {
	m *machine.Machine
	r Region
}

func (c costs) gemv(rows, width int) int {
	rate := min(c.m.DSD.Width["fmachs"]*1000, c.m.DSD.ReadBits*1000/48)
	if c.r.HalfSums {
		rate = min(c.m.DSD.Width["fmach"], 4) * 1000
	}
	return rows*(7+ceil(width*1000, rate)) + 40
}

// vector is so many operations on n 16-bit numbers, one in three of them slow.
func (c costs) vector(ops, n int) int {
	slow := c.m.DSD.Width["fs2h"]
	return ops*8 + ops*n/6 + ops*n/(3*max(1, slow))
}

// down is a sum along a column and the way back, along that of a row.
func (c costs) down(words int) int {
	return reach(c.m, c.r.Rows, c.r.RowGroup) + c.m.Net.Hop*c.r.Rows/2 + 5*words/2 + 90
}

func (c costs) along(words int) int {
	return reach(c.m, c.r.Cols, c.r.ColGroup) + c.m.Net.Hop*c.r.Cols/2 + 5*words/2 + 90
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
