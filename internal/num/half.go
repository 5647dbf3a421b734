package num

import "math"

// Add is a + b.
func (f Format) Add(a, b uint16) uint16 { return f.FromF64(addOdd(f.ToF64(a), f.ToF64(b))) }

// Sub is a - b.
func (f Format) Sub(a, b uint16) uint16 { return f.FromF64(addOdd(f.ToF64(a), -f.ToF64(b))) }

// Mul is a * b. The product is a float64 exactly, so there is one rounding.
func (f Format) Mul(a, b uint16) uint16 { return f.FromF64(f.ToF64(a) * f.ToF64(b)) }

// Div is a / b. The float64 quotient is rounded first, but a quotient of two
// p-bit numbers never lies so near a tie that this matters when 53 ≥ 2p + 2.
func (f Format) Div(a, b uint16) uint16 { return f.FromF64(f.ToF64(a) / f.ToF64(b)) }

// FMA is a*b + c with one rounding, as the machine's fmach does (facts: 0 ulp
// against an exact model).
func (f Format) FMA(a, b, c uint16) uint16 {
	p := float64(f.ToF64(a) * f.ToF64(b)) // exact; the conversion forbids fusing
	return f.FromF64(addOdd(p, f.ToF64(c)))
}

// Sqrt is the square root; innocuous double rounding as in Div.
func (f Format) Sqrt(a uint16) uint16 { return f.FromF64(math.Sqrt(f.ToF64(a))) }

// Neg flips the sign bit, of NaNs too.
func (f Format) Neg(a uint16) uint16 { return a ^ signBit }

// Abs clears the sign bit, of NaNs too.
func (f Format) Abs(a uint16) uint16 { return a & absMask }

// key orders finite values and infinities as integers, with -0 below +0.
func key16(h uint16) int16 {
	return int16(h) ^ int16(uint16(int16(h)>>15)&absMask)
}

// Max is the larger operand. One NaN is ignored, two give the canonical NaN;
// +0 is larger than -0. ASSUMED(fmax-nan): IEEE 754-2008 maxNum.
func (f Format) Max(a, b uint16) uint16 { return f.pick(a, b, key16(a) > key16(b)) }

// Min is the smaller operand, with the rules of Max.
func (f Format) Min(a, b uint16) uint16 { return f.pick(a, b, key16(a) < key16(b)) }

// pick chooses a or b, but never a NaN while there is a number.
func (f Format) pick(a, b uint16, first bool) uint16 {
	na, nb := f.IsNaN(a), f.IsNaN(b)
	switch {
	case na && nb:
		return f.NaN()
	case na:
		return b
	case nb || first:
		return a
	}
	return b
}

// Less is a < b; false when either is a NaN.
func (f Format) Less(a, b uint16) bool { return f.ToF64(a) < f.ToF64(b) }

// LessEq is a <= b; false when either is a NaN.
func (f Format) LessEq(a, b uint16) bool { return f.ToF64(a) <= f.ToF64(b) }

// Equal is a == b: the zeros are equal, a NaN equals nothing.
func (f Format) Equal(a, b uint16) bool { return f.ToF64(a) == f.ToF64(b) }

// ToI16 truncates toward zero and saturates; see TruncI16.
func (f Format) ToI16(h uint16) int16 { return TruncI16(f.ToF64(h)) }

// ToU16 truncates toward zero and saturates.
func (f Format) ToU16(h uint16) uint16 { return TruncU16(f.ToF64(h)) }

// ToI32 truncates toward zero and saturates.
func (f Format) ToI32(h uint16) int32 { return TruncI32(f.ToF64(h)) }

// ToU32 truncates toward zero and saturates.
func (f Format) ToU32(h uint16) uint32 { return TruncU32(f.ToF64(h)) }

// FromInt rounds an integer of at most 53 bits once.
func (f Format) FromInt(i int64) uint16 { return f.FromF64(float64(i)) }

// Scale is h * 2^n with one rounding (the builtin fscaleh).
func (f Format) Scale(h uint16, n int16) uint16 { return f.FromF64(scale64(f.ToF64(h), n)) }

// Norm is the significand of h with its sign, 1 ≤ |Norm| < 2 (the builtin
// fnormh). Zeros and infinities stay. ASSUMED(fnorm-range): no public text
// says whether the range starts at 1 or at 1/2.
func (f Format) Norm(h uint16) uint16 { return f.FromF64(norm64(f.ToF64(h))) }

// maxScale bounds the exponent of Scale: beyond it every result of every
// format has over- or underflowed already, and the float64 has not yet.
const maxScale = 400

func scale64(x float64, n int16) float64 {
	return math.Ldexp(x, min(max(int(n), -maxScale), maxScale))
}

func norm64(x float64) float64 {
	if x == 0 || x != x || math.IsInf(x, 0) {
		return x
	}
	fr, _ := math.Frexp(x)
	return fr * 2
}
