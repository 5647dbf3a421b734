package gguf

import "math"

// The block types of 32 values. A block starts with its scale d as binary16;
// the quanta follow, four bits of value j in the low half of byte j and of
// value j+16 in its high half.

func decodeQ4x0(dst []float32, b []byte) {
	d := half(b)
	for j, q := range b[2:18] {
		dst[j] = d * float32(int(q&15)-8)
		dst[j+16] = d * float32(int(q>>4)-8)
	}
}

func decodeQ4x1(dst []float32, b []byte) {
	d, m := half(b), half(b[2:])
	for j, q := range b[4:20] {
		dst[j] = float32(d*float32(q&15)) + m
		dst[j+16] = float32(d*float32(q>>4)) + m
	}
}

// fifth gives the fifth bit of values j and j+16 in its place, from the 32-bit
// field that Q5_0 and Q5_1 keep apart.
func fifth(high uint32, j int) (lo, hi byte) {
	return byte(high>>j&1) << 4, byte(high>>(j+16)&1) << 4
}

func decodeQ5x0(dst []float32, b []byte) {
	d, high := half(b), le.Uint32(b[2:])
	for j, q := range b[6:22] {
		lo, hi := fifth(high, j)
		dst[j] = d * float32(int(q&15|lo)-16)
		dst[j+16] = d * float32(int(q>>4|hi)-16)
	}
}

func decodeQ5x1(dst []float32, b []byte) {
	d, m, high := half(b), half(b[2:]), le.Uint32(b[4:])
	for j, q := range b[8:24] {
		lo, hi := fifth(high, j)
		dst[j] = float32(d*float32(q&15|lo)) + m
		dst[j+16] = float32(d*float32(q>>4|hi)) + m
	}
}

func decodeQ8x0(dst []float32, b []byte) {
	d := half(b)
	for j, q := range b[2:34] {
		dst[j] = d * float32(int8(q))
	}
}

// iq4 are the sixteen levels of the non-linear four-bit types.
var iq4 = [16]float32{-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113}

func decodeIQ4NL(dst []float32, b []byte) {
	nibbles(dst, half(b), &iq4, b[2:18])
}

// fp4 are the levels of the E2M1 format of the OCP Microscaling specification,
// doubled so that they are whole.
var fp4 = [16]float32{0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12}

// decodeMXFP4: the scale is a power of two, stored as its exponent plus 127; one
// less here, for the doubled levels, which also keeps 2^128 within float32.
func decodeMXFP4(dst []float32, b []byte) {
	nibbles(dst, float32(math.Ldexp(1, int(b[0])-128)), &fp4, b[1:17])
}

func nibbles(dst []float32, d float32, levels *[16]float32, qs []byte) {
	half := len(qs)
	for j, q := range qs {
		dst[j] = d * levels[q&15]
		dst[j+half] = d * levels[q>>4]
	}
}
