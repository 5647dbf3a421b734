package kernel

import (
	"wafer/internal/check"
	"wafer/internal/num"
)

// This file is the definition: what the assembly must equal, bit for bit.

// generic2 runs dst[i] = a[i] op b[i] in order.
//
//tidy:dispatch
func generic2(o op, wa, wb int, dst []uint16, a, b strided) {
	switch o {
	case opAddH:
		map16(dst, a, b, HalfAdd)
	case opSubH:
		map16(dst, a, b, HalfSub)
	case opMulH:
		map16(dst, a, b, HalfMul)
	case opMaxH:
		map16(dst, a, b, num.F16.Max)
	case opAddS:
		for i, j, k := 0, 0, 0; i < len(dst); i, j, k = i+2, j+a.step, k+b.step {
			storeF(dst, i, loadF(a.words, j)+loadF(b.words, k))
		}
	case opSubS:
		for i, j, k := 0, 0, 0; i < len(dst); i, j, k = i+2, j+a.step, k+b.step {
			storeF(dst, i, loadF(a.words, j)-loadF(b.words, k))
		}
	case opMulS:
		for i, j, k := 0, 0, 0; i < len(dst); i, j, k = i+2, j+a.step, k+b.step {
			storeF(dst, i, loadF(a.words, j)*loadF(b.words, k))
		}
	case opMaxS:
		for i, j, k := 0, 0, 0; i < len(dst); i, j, k = i+2, j+a.step, k+b.step {
			store32(dst, i, num.Max32(load32(a.words, j), load32(b.words, k)))
		}
	case opAddHS:
		for i, j, k := 0, 0, 0; i < len(dst); i, j, k = i+2, j+a.step, k+b.step {
			storeF(dst, i, loadF(a.words, j)+HalfToSingle(b.words[k]))
		}
	default:
		genericInt(o, dst, a, b)
	}
}

// genericInt runs the 16-bit integer operations. They wrap.
func genericInt(o op, dst []uint16, a, b strided) {
	switch o {
	case opAdd16:
		map16(dst, a, b, func(x, y uint16) uint16 { return x + y })
	case opSub16:
		map16(dst, a, b, func(x, y uint16) uint16 { return x - y })
	case opAnd16:
		map16(dst, a, b, func(x, y uint16) uint16 { return x & y })
	case opOr16:
		map16(dst, a, b, func(x, y uint16) uint16 { return x | y })
	case opXor16:
		map16(dst, a, b, func(x, y uint16) uint16 { return x ^ y })
	case opSll16:
		map16(dst, a, b, num.Sll16)
	case opSlr16:
		map16(dst, a, b, num.Slr16)
	case opSar16:
		map16(dst, a, b, num.Sar16)
	default:
		check.Never("kernel: operation %d has no loop", o)
	}
}

// map16 applies f to every element. It is small enough to be inlined together
// with a function literal.
func map16(dst []uint16, a, b strided, f func(x, y uint16) uint16) {
	for i, j, k := 0, 0, 0; i < len(dst); i, j, k = i+1, j+a.step, k+b.step {
		dst[i] = f(a.words[j], b.words[k])
	}
}

// generic3 runs dst[i] = a[i] + b[i]*c[i] in order.
func generic3(o op, dst []uint16, a, b, c strided) {
	switch o {
	case opFmaH:
		for i, j, k, l := 0, 0, 0, 0; i < len(dst); i, j, k, l = i+1, j+a.step, k+b.step, l+c.step {
			dst[i] = HalfFMA(b.words[k], c.words[l], a.words[j])
		}
	case opFmaS:
		for i, j, k, l := 0, 0, 0, 0; i < len(dst); i, j, k, l = i+2, j+a.step, k+b.step, l+c.step {
			store32(dst, i, num.FMA32(load32(b.words, k), load32(c.words, l), load32(a.words, j)))
		}
	case opFmaHS:
		for i, j, k, l := 0, 0, 0, 0; i < len(dst); i, j, k, l = i+2, j+a.step, k+b.step, l+c.step {
			// The product of two f16 is a binary32 exactly, so rounding
			// product and sum is one rounding.
			p := float32(HalfToSingle(b.words[k]) * HalfToSingle(c.words[l]))
			storeF(dst, i, loadF(a.words, j)+p)
		}
	default:
		check.Never("kernel: operation %d has no loop", o)
	}
}

// genericH2S runs dst[i] = f32(a[i]).
func genericH2S(dst []uint16, a strided) {
	for i, j := 0, 0; i < len(dst); i, j = i+2, j+a.step {
		storeF(dst, i, HalfToSingle(a.words[j]))
	}
}

// genericS2H runs dst[i] = f16(a[i]).
func genericS2H(dst []uint16, a strided) {
	for i, j := 0, 0; i < len(dst); i, j = i+1, j+a.step {
		dst[i] = SingleToHalf(loadF(a.words, j))
	}
}
