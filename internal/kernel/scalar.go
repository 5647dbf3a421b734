package kernel

import "math"

// One element at a time, in plain Go but without the detour over float64 that
// num takes to be obviously right. The tests compare with num. For IEEE
// binary16, which is what nearly every program uses.

const (
	nan16     = 0x7e00
	nan32     = 0x7fc00000
	inf16     = 0x7c00
	f32of65k  = 0x47800000 // 65536.0
	f32of2m14 = 0x38800000 // 2^-14, the smallest normal f16
	rebias    = (127 - 15) << 23
)

// HalfToSingle is exact; NaNs become canonical.
func HalfToSingle(h uint16) float32 {
	sign, a := uint32(h&0x8000)<<16, uint32(h&0x7fff)
	switch {
	case a < 1<<10: // zero or denormal: a units of 2^-24
		return math.Float32frombits(math.Float32bits(float32(a)*0x1p-24) | sign)
	case a < inf16:
		return math.Float32frombits(sign | (a<<13 + rebias))
	case a == inf16:
		return math.Float32frombits(sign | 0x7f800000)
	}
	return math.Float32frombits(nan32)
}

// SingleToHalf rounds to nearest even; NaNs become canonical.
func SingleToHalf(x float32) uint16 {
	b := math.Float32bits(x)
	sign, a := uint16(b>>16)&0x8000, b&0x7fffffff
	switch {
	case a >= f32of65k:
		if a > 0x7f800000 {
			return nan16
		}
		return sign | inf16
	case a < f32of2m14:
		// Beside 0.5 a binary32 has steps of 2^-24, those of f16 denormals:
		// the addition rounds for us.
		return sign | uint16(math.Float32bits(math.Float32frombits(a)+0.5)-0x3f000000)
	}
	// Half of the last kept place less one, plus the kept bit: ties to even.
	// A carry runs into the exponent and, from 65520 on, into infinity.
	return sign | uint16((a+0xfff+(a>>13&1)-rebias)>>13)
}

// HalfAdd is a + b. Rounding to binary32 first is harmless: 24 ≥ 2·11 + 2.
func HalfAdd(a, b uint16) uint16 { return SingleToHalf(HalfToSingle(a) + HalfToSingle(b)) }

// HalfSub is a - b.
func HalfSub(a, b uint16) uint16 { return SingleToHalf(HalfToSingle(a) - HalfToSingle(b)) }

// HalfMul is a * b; the binary32 product is exact.
func HalfMul(a, b uint16) uint16 { return SingleToHalf(HalfToSingle(a) * HalfToSingle(b)) }

// HalfFMA is a*b + c with one rounding.
//
//  1. p = a*b is exact in binary32: 22 bits, between 2^-48 and 2^32.
//  2. s = p + c is rounded, and err = (p + c) - s is exact (two-sum; nothing
//     here is small enough to underflow).
//  3. If err ≠ 0 and the last bit of s is 0, s steps to its odd neighbour on
//     the side of err. 24 bits rounded to odd are enough for 11: 24 ≥ 11 + 2.
func HalfFMA(a, b, c uint16) uint16 {
	p, z := float32(HalfToSingle(a)*HalfToSingle(b)), HalfToSingle(c)
	s := p + z
	t := s - p
	err := (p - (s - t)) + (z - t)
	// Infinities make err NaN: neither comparison holds and s stays.
	if err < 0 || err > 0 {
		s = towardOdd(s, err)
	}
	return SingleToHalf(s)
}

func towardOdd(s, err float32) float32 {
	b := math.Float32bits(s)
	switch {
	case b&1 == 1:
	case (err > 0) == (s > 0):
		b++
	default:
		b--
	}
	return math.Float32frombits(b)
}

func asFloat(x uint32) float32 { return math.Float32frombits(x) }

// asBits makes NaNs canonical.
func asBits(x float32) uint32 {
	if x != x {
		return nan32
	}
	return math.Float32bits(x)
}

// load32 and store32 are binary32 in the memory of a core: low word first.
func load32(w []uint16, i int) uint32 { return uint32(w[i]) | uint32(w[i+1])<<16 }

func store32(w []uint16, i int, x uint32) { w[i], w[i+1] = uint16(x), uint16(x>>16) }

func loadF(w []uint16, i int) float32 { return math.Float32frombits(load32(w, i)) }

// storeF makes NaNs canonical.
func storeF(w []uint16, i int, x float32) { store32(w, i, asBits(x)) }
