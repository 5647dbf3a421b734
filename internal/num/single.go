package num

import "math"

// NaN32 is the canonical quiet NaN of binary32, Inf32 its +infinity.
const (
	NaN32 uint32 = 0x7fc00000
	Inf32 uint32 = 0x7f800000
)

const (
	signBit32 = 0x80000000
	absMask32 = 0x7fffffff
)

// IsNaN32 tells whether x is any NaN.
func IsNaN32(x uint32) bool { return x&absMask32 > Inf32 }

func f32(x uint32) float32 { return math.Float32frombits(x) }

// bits32 gives the bit pattern, with NaNs made canonical.
func bits32(x float32) uint32 {
	if x != x {
		return NaN32
	}
	return math.Float32bits(x)
}

// Add32 is a + b.
func Add32(a, b uint32) uint32 { return bits32(f32(a) + f32(b)) }

// Sub32 is a - b.
func Sub32(a, b uint32) uint32 { return bits32(f32(a) - f32(b)) }

// Mul32 is a * b.
func Mul32(a, b uint32) uint32 { return bits32(f32(a) * f32(b)) }

// Div32 is a / b.
func Div32(a, b uint32) uint32 { return bits32(f32(a) / f32(b)) }

// Sqrt32 is the square root. The float64 root is rounded first, harmlessly:
// 53 ≥ 2·24 + 2.
func Sqrt32(a uint32) uint32 { return bits32(float32(math.Sqrt(float64(f32(a))))) }

// FMA32 is a*b + c with one rounding, as the machine's fmacs. math.FMA in
// float64 would round twice; the sum rounded to odd does not.
func FMA32(a, b, c uint32) uint32 {
	p := float64(float64(f32(a)) * float64(f32(b))) // exact; the conversion forbids fusing
	return bits32(float32(addOdd(p, float64(f32(c)))))
}

// Neg32 flips the sign bit, of NaNs too.
func Neg32(a uint32) uint32 { return a ^ signBit32 }

// Abs32 clears the sign bit, of NaNs too.
func Abs32(a uint32) uint32 { return a & absMask32 }

func key32(x uint32) int32 { return int32(x) ^ int32(uint32(int32(x)>>31)&absMask32) }

// Max32 is the larger operand, with the rules of Format.Max.
func Max32(a, b uint32) uint32 { return pick32(a, b, key32(a) > key32(b)) }

// Min32 is the smaller operand, with the rules of Format.Max.
func Min32(a, b uint32) uint32 { return pick32(a, b, key32(a) < key32(b)) }

func pick32(a, b uint32, first bool) uint32 {
	na, nb := IsNaN32(a), IsNaN32(b)
	switch {
	case na && nb:
		return NaN32
	case na:
		return b
	case nb || first:
		return a
	}
	return b
}

// Less32 is a < b; false when either is a NaN.
func Less32(a, b uint32) bool { return f32(a) < f32(b) }

// LessEq32 is a <= b; false when either is a NaN.
func LessEq32(a, b uint32) bool { return f32(a) <= f32(b) }

// Equal32 is a == b: the zeros are equal, a NaN equals nothing.
func Equal32(a, b uint32) bool { return f32(a) == f32(b) }

// Scale32 is x * 2^n with one rounding (the builtin fscales).
func Scale32(x uint32, n int16) uint32 { return bits32(float32(scale64(float64(f32(x)), n))) }

// Norm32 is the significand with its sign (the builtin fnorms); see Format.Norm.
func Norm32(x uint32) uint32 { return bits32(float32(norm64(float64(f32(x))))) }

// F32ToI16 truncates toward zero and saturates.
func F32ToI16(x uint32) int16 { return TruncI16(float64(f32(x))) }

// F32ToU16 truncates toward zero and saturates.
func F32ToU16(x uint32) uint16 { return TruncU16(float64(f32(x))) }

// F32ToI32 truncates toward zero and saturates.
func F32ToI32(x uint32) int32 { return TruncI32(float64(f32(x))) }

// F32ToU32 truncates toward zero and saturates.
func F32ToU32(x uint32) uint32 { return TruncU32(float64(f32(x))) }

// F32FromInt rounds an integer of at most 53 bits once.
func F32FromInt(i int64) uint32 { return bits32(float32(float64(i))) }

// AddHS is the mixed sum of faddhs: a binary32 plus a 16-bit float, in binary32.
func AddHS(f Format, a uint32, h uint16) uint32 { return Add32(a, f.ToF32Bits(h)) }

// FMAHS is the mixed product-sum of fmachs: a + x*y with 16-bit factors and a
// binary32 sum, one rounding.
func FMAHS(f Format, x, y uint16, a uint32) uint32 {
	return FMA32(f.ToF32Bits(x), f.ToF32Bits(y), a)
}
