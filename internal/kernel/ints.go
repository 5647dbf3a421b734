package kernel

import (
	"math/bits"

	"wafer/internal/num"
)

// Add16 is dst = a + b, wrapping.
func Add16(dst, a, b []uint16) { binary(opAdd16, 1, 1, dst, a, b) }

// Sub16 is dst = a - b, wrapping.
func Sub16(dst, a, b []uint16) { binary(opSub16, 1, 1, dst, a, b) }

// And16 is dst = a & b.
func And16(dst, a, b []uint16) { binary(opAnd16, 1, 1, dst, a, b) }

// Or16 is dst = a | b.
func Or16(dst, a, b []uint16) { binary(opOr16, 1, 1, dst, a, b) }

// Xor16 is dst = a ^ b.
func Xor16(dst, a, b []uint16) { binary(opXor16, 1, 1, dst, a, b) }

// Sll16 is dst = a << b; see num.Sll16 for large counts.
func Sll16(dst, a, b []uint16) { binary(opSll16, 1, 1, dst, a, b) }

// Slr16 is dst = a >> b, filling with zeros.
func Slr16(dst, a, b []uint16) { binary(opSlr16, 1, 1, dst, a, b) }

// Sar16 is dst = a >> b, filling with the sign.
func Sar16(dst, a, b []uint16) { binary(opSar16, 1, 1, dst, a, b) }

// AddC16 is dst = a + b with a carry that runs from each element to the next:
// one long integer, low word first. It returns the last carry.
// ASSUMED(addc16-carry): the first carry is 0.
func AddC16(dst, a, b []uint16) (carry uint16) {
	var buf [2][2]uint16
	x, y := scalarOrSlice(dst, a, 1, 1, &buf[0]), scalarOrSlice(dst, b, 1, 1, &buf[1])
	for i := range dst {
		dst[i], carry = num.AddC16(x.words[i*x.step], y.words[i*y.step], carry)
	}
	return carry
}

// Clz is the number of leading zeros of each word.
func Clz(dst, a []uint16) {
	each(dst, a, func(x uint16) uint16 { return uint16(bits.LeadingZeros16(x)) })
}

// Ctz is the number of trailing zeros of each word, 16 for zero.
func Ctz(dst, a []uint16) {
	each(dst, a, func(x uint16) uint16 { return uint16(bits.TrailingZeros16(x)) })
}

// Popcnt is the number of ones in each word.
func Popcnt(dst, a []uint16) {
	each(dst, a, func(x uint16) uint16 { return uint16(bits.OnesCount16(x)) })
}

// Fh2xp16 truncates 16-bit floats to int16. ASSUMED(xp16-int): the xp16 of the
// builtins' names is a signed 16-bit integer, converted as @as does.
func Fh2xp16(f num.Format, dst, a []uint16) {
	each(dst, a, func(x uint16) uint16 { return uint16(f.ToI16(x)) })
}

// Xp162fh rounds int16 to 16-bit floats.
func Xp162fh(f num.Format, dst, a []uint16) {
	each(dst, a, func(x uint16) uint16 { return f.FromInt(int64(int16(x))) })
}

func each(dst, a []uint16, f func(uint16) uint16) {
	var buf [2]uint16
	x := scalarOrSlice(dst, a, 1, 1, &buf)
	for i := range dst {
		dst[i] = f(x.words[i*x.step])
	}
}

// Fs2xp16 truncates binary32 to int16.
func Fs2xp16(dst, a []uint16) {
	var buf [2]uint16
	x := scalarOrSlice(dst, a, 1, 2, &buf)
	for i := range dst {
		dst[i] = uint16(num.F32ToI16(load32(x.words, i*x.step)))
	}
}

// Xp162fs converts int16 to binary32, exactly.
func Xp162fs(dst, a []uint16) {
	var buf [2]uint16
	x := scalarOrSlice(dst, a, 2, 1, &buf)
	for i := range len(dst) / 2 {
		store32(dst, 2*i, num.F32FromInt(int64(int16(x.words[i*x.step]))))
	}
}
