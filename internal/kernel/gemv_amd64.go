package kernel

// Declarations of gemv_amd64.s. Steps are in bytes.

//go:noescape
func foldBlockAVX512(sum *float32, w *uint16, x *float32, groups, k, wstep, xstep int)

//go:noescape
func foldBlockAVX2(sum *float32, w *uint16, x *float32, groups, k, wstep, xstep int)

// roundHalfAVX2 rounds blocks of eight, at least one.
//
//go:noescape
func roundHalfAVX2(x *float32, blocks int)

func foldBlockAsm(sum *[BlockLanes]float32, w []uint16, x []float32, s Folded) bool {
	switch {
	case hasAVX512:
		foldBlockAVX512(&sum[0], &w[0], &x[0], s.Groups, s.K, 2*s.WStep, 4*s.XStep)
	case hasAVX2:
		foldBlockAVX2(&sum[0], &w[0], &x[0], s.Groups, s.K, 2*s.WStep, 4*s.XStep)
	default:
		return false
	}
	return true
}
