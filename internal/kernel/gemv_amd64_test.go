package kernel

// foldForms are the forms of FoldBlock that this host can run.
func foldForms() map[string]func(*[BlockLanes]float32, []uint16, []float32, Folded) {
	out := map[string]func(*[BlockLanes]float32, []uint16, []float32, Folded){"chosen": FoldBlock}
	if hasAVX2 {
		out["AVX2"] = func(sum *[BlockLanes]float32, w []uint16, x []float32, s Folded) {
			foldBlockAVX2(&sum[0], &w[0], &x[0], s.Groups, s.K, 2*s.WStep, 4*s.XStep)
		}
	}
	if hasAVX512 {
		out["AVX-512"] = func(sum *[BlockLanes]float32, w []uint16, x []float32, s Folded) {
			foldBlockAVX512(&sum[0], &w[0], &x[0], s.Groups, s.K, 2*s.WStep, 4*s.XStep)
		}
	}
	return out
}
