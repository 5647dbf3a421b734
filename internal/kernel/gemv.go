package kernel

// BlockLanes is the number of outputs that one block of a folded product has.
const BlockLanes = 64

// Folded is the shape of a matrix product that is summed in groups, as cores in a
// line do it: each group sums its own products from zero, in order, and the
// groups' sums are added up in order.
//
// The inputs of group g are x[g*XStep+i], its weights of input i for output o of
// the block w[g*WStep + i*BlockLanes + o].
type Folded struct {
	Groups int // how many
	K      int // inputs of a group
	WStep  int // weights from group to group
	XStep  int // inputs from group to group
}

// FoldBlock adds the product of one block of outputs to sum. Weights are f16,
// inputs are binary32 that hold f16 values, so that products are exact.
//
// The definition is foldBlock. Results that are not numbers may differ from it in
// their payload.
func FoldBlock(sum *[BlockLanes]float32, w []uint16, x []float32, s Folded) {
	if s.Groups == 0 || s.K == 0 {
		return
	}
	// The bounds that the assembly relies on.
	_ = w[(s.Groups-1)*s.WStep+s.K*BlockLanes-1]
	_ = x[(s.Groups-1)*s.XStep+s.K-1]
	if !foldBlockAsm(sum, w, x, s) {
		foldBlock(sum, w, x, s)
	}
}

// foldBlock is the definition of FoldBlock, and what hosts without assembly run.
func foldBlock(sum *[BlockLanes]float32, w []uint16, x []float32, s Folded) {
	for g := range s.Groups {
		var acc [BlockLanes]float32
		for i := range s.K {
			v := x[g*s.XStep+i]
			row := w[g*s.WStep+i*BlockLanes:][:BlockLanes]
			for o, h := range row {
				acc[o] += float32(HalfToSingle(h) * v)
			}
		}
		for o, a := range acc {
			sum[o] += a
		}
	}
}

// RoundHalf rounds every number to f16 and back.
func RoundHalf(x []float32) {
	done := 0
	if hasAVX2 {
		done = len(x) &^ 7
		if done > 0 {
			roundHalfAVX2(&x[0], done/8)
		}
	}
	for i, v := range x[done:] {
		x[done+i] = HalfToSingle(SingleToHalf(v))
	}
}
