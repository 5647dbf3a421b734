package kernel

import (
	"wafer/internal/check"
	"wafer/internal/num"
)

// The formats bf16 and cb16 are chosen by hardly any program; they take num's
// arithmetic element by element.

func binaryFormat(f num.Format, o op, dst, a, b []uint16) {
	var buf [2][2]uint16
	x, y := scalarOrSlice(dst, a, 1, 1, &buf[0]), scalarOrSlice(dst, b, 1, 1, &buf[1])
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
	var buf [3][2]uint16
	x, y, z := scalarOrSlice(dst, a, 1, 1, &buf[0]), scalarOrSlice(dst, b, 1, 1, &buf[1]), scalarOrSlice(dst, c, 1, 1, &buf[2])
	for i := range dst {
		dst[i] = f.FMA(y.words[i*y.step], z.words[i*z.step], x.words[i*x.step])
	}
}

func addHSFormat(f num.Format, dst, a, b []uint16) {
	var buf [2][2]uint16
	x, y := scalarOrSlice(dst, a, 2, 2, &buf[0]), scalarOrSlice(dst, b, 2, 1, &buf[1])
	for i := range len(dst) / 2 {
		store32(dst, 2*i, num.AddHS(f, load32(x.words, i*x.step), y.words[i*y.step]))
	}
}

func fmaHSFormat(f num.Format, dst, a, b, c []uint16) {
	var buf [3][2]uint16
	x, y, z := scalarOrSlice(dst, a, 2, 2, &buf[0]), scalarOrSlice(dst, b, 2, 1, &buf[1]), scalarOrSlice(dst, c, 2, 1, &buf[2])
	for i := range len(dst) / 2 {
		store32(dst, 2*i, num.FMAHS(f, y.words[i*y.step], z.words[i*z.step], load32(x.words, i*x.step)))
	}
}

// scalarOrSlice is scalar and operand in one. buf is the caller's, so that it
// can stay on the stack.
func scalarOrSlice(dst, src []uint16, wd, w int, buf *[2]uint16) strided {
	n := len(dst) / wd
	if n == 0 {
		return strided{src, w}
	}
	return operand(src, buf[:], w, scalar(dst, src, n, w))
}
