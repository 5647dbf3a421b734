package num

import "math"

// The truncations below take a float64, which every format fits in exactly.
// Out of range is undefined in the language (facts, E.4); here it saturates,
// and a NaN gives 0. ASSUMED(float-to-int-range)

// TruncI16 converts toward zero to int16.
func TruncI16(x float64) int16 { return int16(trunc(x, math.MinInt16, math.MaxInt16)) }

// TruncU16 converts toward zero to uint16.
func TruncU16(x float64) uint16 { return uint16(trunc(x, 0, math.MaxUint16)) }

// TruncI32 converts toward zero to int32.
func TruncI32(x float64) int32 { return int32(trunc(x, math.MinInt32, math.MaxInt32)) }

// TruncU32 converts toward zero to uint32.
func TruncU32(x float64) uint32 { return uint32(trunc(x, 0, math.MaxUint32)) }

// trunc clamps before it converts: Go leaves the conversion of an out-of-range
// float to the host.
func trunc(x, lo, hi float64) int64 {
	switch {
	case x != x:
		return 0
	case x <= lo:
		return int64(lo)
	case x >= hi:
		return int64(hi)
	}
	return int64(x)
}

// Shifts of the 16-bit integer operations. Counts of 16 and more are undefined
// in the language; the low four bits count. ASSUMED(shift-range)
const shiftMask = 15

// Sll16 shifts left.
func Sll16(a, n uint16) uint16 { return a << (n & shiftMask) }

// Slr16 shifts right, filling with zeros.
func Slr16(a, n uint16) uint16 { return a >> (n & shiftMask) }

// Sar16 shifts right, filling with the sign.
func Sar16(a, n uint16) uint16 { return uint16(int16(a) >> (n & shiftMask)) }

// AddC16 is a + b with the carry out, for sums of several words.
func AddC16(a, b, carry uint16) (sum, out uint16) {
	s := uint32(a) + uint32(b) + uint32(carry&1)
	return uint16(s), uint16(s >> 16)
}
