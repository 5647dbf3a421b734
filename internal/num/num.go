// Package num is the reference arithmetic of the simulated machine.
//
// In: bit patterns, 16-bit words in one of three floating formats or 32-bit
// words of IEEE binary32. Out: bit patterns, correctly rounded to nearest even,
// the same on every host. Package kernel holds the fast forms and is compared
// bit for bit with this one; when they differ, this one is right.
//
// How every operation is made, so that each is easy to believe:
//
//  1. Every value of every format is a float64 exactly.
//  2. A product of two such values is a float64 exactly (at most 48 bits).
//  3. A sum may not be. It is then rounded to odd: the last bit is set whenever
//     something was cut off, so the second rounding sees on which side of a tie
//     the true value lies. 53 bits are enough, since 53 ≥ 24 + 2.
//  4. One rounding to nearest even brings the float64 to the format.
//
// Rules that hold for every operation that computes:
//   - A result that is not a number is the one canonical quiet NaN: positive,
//     only the top bit of the significand set. Hosts disagree on payloads, and
//     results must not depend on the host. ASSUMED(nan-canonical)
//   - Denormals are kept, as operands and as results. ASSUMED(denormals-kept)
//   - Nothing traps (facts: exceptions of the machine are masked).
//
// Neg, Abs and plain moves only touch bits and so keep a NaN's payload.
package num

import "math"

// Format selects what a 16-bit floating word means. The compiler's option
// --fp16-format chooses one for a whole program.
type Format uint8

// The three 16-bit formats of the machine.
const (
	// F16 is IEEE binary16: 1 sign, 5 exponent, 10 significand bits.
	F16 Format = iota
	// BF16 is the upper half of a binary32: 1-8-7.
	BF16
	// CB16 is the vendor's own 1-6-9 format ("CB16 half-precision", data
	// formats page of docs.cerebras.net). The language reference gives the bits of
	// 6.0, 0b0101100100000000, so the bias is 42. Special values are not published.
	// ASSUMED(cb16-special): infinities, NaNs and denormals as in IEEE formats.
	CB16
	// NumFormats is how many there are.
	NumFormats = 3
)

// layout is what distinguishes one format from another.
type layout struct {
	name string
	man  uint // explicit significand bits
	bias int
}

// layouts is indexed by Format. It is a function so that nobody can change it.
func (f Format) layout() layout {
	switch f {
	case BF16:
		return layout{"bf16", 7, 127}
	case CB16:
		return layout{"cb16", 9, 42}
	}
	return layout{"f16", 10, 15}
}

// String gives the name used by flags and files.
func (f Format) String() string { return f.layout().name }

// ParseFormat is the inverse of String; ok is false for an unknown name.
func ParseFormat(name string) (f Format, ok bool) {
	for f = range Format(NumFormats) {
		if f.String() == name {
			return f, true
		}
	}
	return F16, false
}

const (
	signBit = 0x8000
	absMask = 0x7fff
)

// Inf is the bit pattern of +infinity.
func (f Format) Inf() uint16 { return signBit - 1<<f.layout().man }

// NaN is the canonical quiet NaN.
func (f Format) NaN() uint16 { return f.Inf() | 1<<(f.layout().man-1) }

// IsNaN tells whether h is any NaN.
func (f Format) IsNaN(h uint16) bool { return h&absMask > f.Inf() }

// IsInf tells whether h is an infinity of either sign.
func (f Format) IsInf(h uint16) bool { return h&absMask == f.Inf() }

// MaxFinite is the largest finite value.
func (f Format) MaxFinite() uint16 { return f.Inf() - 1 }

// ToF64 is exact. Every NaN becomes the canonical one.
func (f Format) ToF64(h uint16) float64 {
	l := f.layout()
	sign := uint64(h&signBit) << 48
	exp := int(h&absMask) >> l.man
	frac := uint64(h) & (1<<l.man - 1)
	switch {
	case f.IsNaN(h):
		return math.NaN()
	case f.IsInf(h):
		return math.Float64frombits(sign | 0x7ff<<52)
	case exp == 0:
		// A denormal is frac units of the smallest one; Ldexp is exact here.
		v := math.Ldexp(float64(frac), 1-l.bias-int(l.man))
		return math.Float64frombits(math.Float64bits(v) | sign)
	}
	return math.Float64frombits(sign | uint64(exp-l.bias+1023)<<52 | frac<<(52-l.man))
}

// FromF64 rounds once, to nearest even.
func (f Format) FromF64(x float64) uint16 {
	l := f.layout()
	b := math.Float64bits(x)
	sign := uint16(b>>48) & signBit
	exp := int(b>>52) & 0x7ff
	switch exp {
	case 0x7ff:
		if x != x {
			return f.NaN()
		}
		return sign | f.Inf()
	case 0: // A float64 this small is below half of every smallest denormal.
		return sign
	}
	m := b&(1<<52-1) | 1<<52
	e := exp - 1023
	if minExp := 1 - l.bias; e < minExp {
		// Denormal result: shift further, down to nothing.
		return sign | uint16(shiftEven(m, 52-l.man+uint(min(minExp-e, 64))))
	}
	// The hidden bit of the rounded significand adds one to the exponent
	// field, and so does a carry out of it: hence bias-1 and a plain sum.
	r := uint64(e+l.bias-1)<<l.man + shiftEven(m, 52-l.man)
	return sign | uint16(min(r, uint64(f.Inf())))
}

// shiftEven is m / 2^n rounded to nearest, ties to even. m has 53 bits.
func shiftEven(m uint64, n uint) uint64 {
	if n > 54 {
		return 0
	}
	half := uint64(1) << (n - 1)
	q, rem := m>>n, m&(half<<1-1)
	if rem > half || rem == half && q&1 == 1 {
		q++
	}
	return q
}

// ToF32 is exact: every format is a subset of binary32.
func (f Format) ToF32(h uint16) float32 { return math.Float32frombits(f.ToF32Bits(h)) }

// ToF32Bits is ToF32 as a bit pattern.
func (f Format) ToF32Bits(h uint16) uint32 {
	if f.IsNaN(h) {
		return NaN32
	}
	return math.Float32bits(float32(f.ToF64(h)))
}

// FromF32 rounds once, to nearest even.
func (f Format) FromF32(x float32) uint16 { return f.FromF64(float64(x)) }

// FromF32Bits is FromF32 on a bit pattern.
func (f Format) FromF32Bits(x uint32) uint16 { return f.FromF64(float64(math.Float32frombits(x))) }

// addOdd is x + y rounded to odd; see step 3 of the package comment.
// Knuth's two-sum gives the exact error of the rounded sum.
func addOdd(x, y float64) float64 {
	s := x + y
	t := s - x
	err := (x - (s - t)) + (y - t)
	if err == 0 || err != err || math.IsInf(s, 0) {
		return s
	}
	b := math.Float64bits(s)
	if b&1 == 1 {
		return s
	}
	// The true value lies next to s on the side of err; step onto the odd
	// neighbour there. Magnitude grows when err and s have one sign.
	if (err > 0) == (s > 0) {
		b++
	} else {
		b--
	}
	return math.Float64frombits(b)
}
