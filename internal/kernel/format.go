package kernel

import (
	"wafer/internal/check"
	"wafer/internal/num"
)

// The formats bf16 and cb16 are chosen by hardly any program; they take num's
// arithmetic element by element.

func binaryFormat(f num.Format, o op, dst, a, b []uint16) {
	x, y := scalarOrSlice(dst, a, 1, 1), scalarOrSlice(dst, b, 1, 1)
	switch o {
	case opAddH:
		map16(dst, x, y, f.Add)
	case opSubH:
		map16(dst, x, y, f.Sub)
	case opMulH:
		map16(dst, x, y, f.Mul)
	case opMaxH:
		map16(dst, x, y, f.Max)
	default:
		check.Never("kernel: operation %d is not of 16-bit floats", o)
	}
}

func fmaFormat(f num.Format, dst, a, b, c []uint16) {
	x, y, z := scalarOrSlice(dst, a, 1, 1), scalarOrSlice(dst, b, 1, 1), scalarOrSlice(dst, c, 1, 1)
	for i := range dst {
		dst[i] = f.FMA(y.words[i*y.step], z.words[i*z.step], x.words[i*x.step])
	}
}

func addHSFormat(f num.Format, dst, a, b []uint16) {
	x, y := scalarOrSlice(dst, a, 2, 2), scalarOrSlice(dst, b, 2, 1)
	for i := range len(dst) / 2 {
		store32(dst, 2*i, num.AddHS(f, load32(x.words, i*x.step), y.words[i*y.step]))
	}
}

func fmaHSFormat(f num.Format, dst, a, b, c []uint16) {
	x, y, z := scalarOrSlice(dst, a, 2, 2), scalarOrSlice(dst, b, 2, 1), scalarOrSlice(dst, c, 2, 1)
	for i := range len(dst) / 2 {
		store32(dst, 2*i, num.FMAHS(f, y.words[i*y.step], z.words[i*z.step], load32(x.words, i*x.step)))
	}
}

// scalarOrSlice is operand for the slow paths, where an allocation is no matter.
func scalarOrSlice(dst, src []uint16, wd, w int) strided {
	n := len(dst) / wd
	if n == 0 {
		return strided{src, w}
	}
	return operand(src, make([]uint16, 2), w, scalar(dst, src, n, w))
}
