//go:build !amd64

package kernel

func foldForms() map[string]func(*[BlockLanes]float32, []uint16, []float32, Folded) {
	return map[string]func(*[BlockLanes]float32, []uint16, []float32, Folded){"chosen": FoldBlock}
}
