package place

import (
	"fmt"
	"slices"

	"wafer/internal/diag"
	"wafer/internal/llm/graph"
	"wafer/internal/machine"
)

// CodeTooLarge is a model that does not fit one row of regions of the machine.
const CodeTooLarge diag.Code = "P1003"

// slack is how many percent more cycles a placement may take than the fastest if
// it needs fewer cores: the last cycles are dear.
const slack = 10

// Choose finds the placement for a context: of those with about the fewest
// estimated cycles a token, the one with the fewest cores. Lots of a prompt take what
// memory is left then.
func Choose(m graph.Model, mach *machine.Machine, context int) (Plan, error) {
	all := Candidates(m, mach, context)
	if len(all) > 0 {
		limit := all[0].Estimate(mach) * (100 + slack) / 100
		best := all[0]
		for _, p := range all {
			if p.Estimate(mach) <= limit && p.Cores() < best.Cores() {
				best = p
			}
		}
		return best.WithLot(mach), nil
	}
	if _, err := New(m, Shape{Cols: m.KVHeads, Rows: 1}, context); err != nil {
		return Plan{}, err // the kernels cannot run it at all
	}
	return Plan{}, tooLarge(m, mach, context)
}

// Candidates lists the placements that fit, fastest first, by estimate.
func Candidates(m graph.Model, mach *machine.Machine, context int) []Plan {
	var all []Plan
	for g := 1; g <= m.HeadDim/2; g++ {
		if ceil(m.HeadDim/2, ceil(m.HeadDim/2, g)) != g {
			continue // the same slices with fewer columns
		}
		for in := 1; in <= m.Dim; in++ {
			rows := ceil(m.Dim, in)
			if rows > mach.RectH || ceil(m.Dim, rows) != in {
				continue
			}
			if p, ok := widen(m, mach, Shape{Cols: g * m.KVHeads, Rows: rows, Limit: bandLimit(mach)}, context); ok {
				all = append(all, p)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Plan) int { return int(a.Estimate(mach) - b.Estimate(mach)) })
	return all
}

// widen gives the tables the width that costs least.
func widen(m graph.Model, mach *machine.Machine, s Shape, context int) (Plan, bool) {
	var best Plan
	for words := m.Vocab; words > 0; words = words * 3 / 4 {
		s.Table = ceil(m.Vocab, words)
		p, err := New(m, s, context)
		if err != nil {
			continue
		}
		if p.Fits(mach) && (best.Rows == 0 || p.Estimate(mach) < best.Estimate(mach)) {
			best = p
		}
	}
	return best, best.Rows > 0
}

// Check says what of a plan does not fit the machine.
func (p Plan) Check(m *machine.Machine) error {
	d := diag.Diagnostic{Code: CodeTooLarge, Pos: diag.Pos{File: p.Model.Name}, Cure: "choose another shape, or let the placement choose it"}
	words, limit := max(p.LayerWords(), p.TableWords()), m.Core.SRAMWords
	switch {
	case p.W() > m.RectW || p.H() > m.RectH:
		d.Message = fmt.Sprintf("the placement takes %d × %d cores and a %s has %d × %d", p.W(), p.H(), m.Name, m.RectW, m.RectH)
	case words > limit:
		d.Message = fmt.Sprintf("a core would need %d bytes of its %d", 2*words, 2*limit)
	default:
		return nil
	}
	return d
}

// bandLimit is the width of a band: WSE-2 has too few queues for turns.
func bandLimit(mach *machine.Machine) int {
	if mach.Arch == machine.WSE2 {
		return 0
	}
	return mach.RectW
}

// tooLarge says how much is missing.
func tooLarge(m graph.Model, mach *machine.Machine, context int) error {
	// Two bytes a weight, two of a key and four of a value.
	words := m.Params() + int64(context)*m.KVPerToken()*3/2
	if m.TiedHead {
		words += int64(m.Vocab) * int64(m.Dim) // the head holds a copy
	}
	cores := ceil(int(words), mach.Core.SRAMWords-layerOverhead)
	wafers := ceil(cores, mach.RectW*mach.RectH)
	d := diag.Diagnostic{
		Code: CodeTooLarge, Pos: diag.Pos{File: m.Name},
		Message: fmt.Sprintf("the model does not fit one %s: weights and the cache for %d positions take %d MB, at least %d cores of %d",
			mach.Name, context, 2*words>>20, cores, mach.RectW*mach.RectH),
		Cure: fmt.Sprintf("it needs %d or more wafers; shorten --context, choose a larger machine or a smaller model", wafers),
	}
	if wafers <= 1 {
		d.Message = fmt.Sprintf("no arrangement of the model fits the %d × %d cores of a %s with %d positions", mach.RectW, mach.RectH, mach.Name, context)
		d.Cure = "shorten --context, or choose a smaller model"
	}
	return d
}

// Estimate is about how many cycles a token takes in the middle of the context.
//
// It knows the costs of operations on memory from the machine and those of sums
// along a line from a fit to simulated ones (16 to 32 cores, 1 to 64 words).
func (p Plan) Estimate(m *machine.Machine) int64 {
	e := estimate{m}
	q, slots := p.QHeads*p.HD, (p.Slots+1)/2
	qkv := q + 2*p.HD
	layer := 2*(250+e.column(p.Rows, 1)+3*p.In) +
		e.gemv(p.In, qkv) + e.column(p.Rows, qkv) +
		e.gemv(q, p.In) + 2*e.line(p.Cols, p.In) +
		e.gemv(p.In, 2*p.FFN) + e.column(p.Rows, 2*p.FFN) +
		e.gemv(p.FFN, p.In) + e.line(p.Cols, p.In) +
		e.vector(12, (q+p.HD)/2) + 25*p.HD + 60 +
		p.QHeads*e.apart(p.HD, slots) + e.line(p.Group, p.QHeads*slots) +
		e.column(p.Rows, p.QHeads) + e.vector(22, p.QHeads*slots)/2 + 120*p.QHeads +
		ceil(slots, chunk)*(60+chunk*q*3/2) + e.column(p.Rows, q+p.QHeads) +
		e.vector(36, p.FFN)/2 + 2*p.Cols + 60
	layer += p.extraCycles(e)
	table := 100 + e.line(p.Table, p.In) + 250 + e.column(p.Rows, 1) + e.gemv(p.In, p.Words) + e.column(p.Rows, p.Words)/2
	turn := 3*p.Rows + e.line(p.Cols, p.In)
	// The fit is of kernels that took more scalar instructions. The others have made all
	// of it faster by a sixth, within 5 % for the models that are timed.
	return int64(p.Model.Layers*layer+table+(p.Bands()-1)*turn) * 5 / 6
}

// extraCycles is what a layer takes for steps that not all families have.
func (p Plan) extraCycles(e estimate) int {
	m, q, n := p.Model, p.QHeads*p.HD, 0
	if m.QKVBias {
		n += e.vector(1, q+2*p.HD)
	}
	if m.QKNorm {
		heads := p.QHeads + 1
		n += e.vector(5, q+p.HD) + e.vector(22, heads) + e.line(p.Group, heads)
	}
	if m.PostNorm {
		n += 2 * (250 + e.column(p.Rows, 1) + 3*p.In)
	}
	if m.AttnCap != 0 {
		n += e.vector(30, p.QHeads*(p.Slots+1)/2)
	}
	if m.Activation == graph.GELUTanh {
		n += e.vector(3, p.FFN)
	}
	return n
}

type estimate struct{ m *machine.Machine }

// gemv is k multiply-adds of n numbers with descriptors in registers, apart the
// same in a loop that sets them up.
func (e estimate) gemv(k, n int) int { return 40 + k*(e.m.DSD.Setup.FMA16+4+ceil(3*n, 8)) }

func (e estimate) apart(k, n int) int { return k * (e.m.DSD.Setup.FMA16 + 13 + ceil(3*n, 8)) }

// column is a sum along so many cores, from both ends to the middle, and the way
// back; line is one way.
func (e estimate) column(cores, n int) int { return 110 + 5*cores + 2*n }

func (e estimate) line(cores, n int) int { return 60 + 3*cores + n }

// vector is so many operations on n numbers.
func (e estimate) vector(ops, n int) int { return ops * (e.m.DSD.Setup.Binary + 1 + n) }
