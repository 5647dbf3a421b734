package gguf

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// The plain types: one value at a time, any number of values a call.

var le = binary.LittleEndian

func decodeF32(dst []float32, b []byte) {
	for i := range dst {
		dst[i] = math.Float32frombits(le.Uint32(b[4*i:]))
	}
}

func decodeF16(dst []float32, b []byte) {
	for i := range dst {
		dst[i] = half(b[2*i:])
	}
}

func decodeBF16(dst []float32, b []byte) {
	for i := range dst {
		dst[i] = math.Float32frombits(uint32(le.Uint16(b[2*i:])) << 16)
	}
}

func decodeF64(dst []float32, b []byte) {
	for i := range dst {
		dst[i] = float32(math.Float64frombits(le.Uint64(b[8*i:])))
	}
}

func decodeI8(dst []float32, b []byte) {
	for i := range dst {
		dst[i] = float32(int8(b[i]))
	}
}

func decodeI16(dst []float32, b []byte) {
	for i := range dst {
		dst[i] = float32(int16(le.Uint16(b[2*i:])))
	}
}

func decodeI32(dst []float32, b []byte) {
	for i := range dst {
		dst[i] = float32(int32(le.Uint32(b[4*i:])))
	}
}

func decodeI64(dst []float32, b []byte) {
	for i := range dst {
		dst[i] = float32(int64(le.Uint64(b[8*i:])))
	}
}

// half widens an IEEE binary16. Every such value is exact in float32.
func half(b []byte) float32 {
	h := uint32(le.Uint16(b))
	sign, exp, frac := h>>15<<31, h>>10&31, h&1023
	switch {
	case exp == 31: // infinity and NaN keep their payload
		return math.Float32frombits(sign | 255<<23 | frac<<13)
	case exp == 0 && frac == 0:
		return math.Float32frombits(sign)
	case exp == 0: // subnormal: shift the leading one into the hidden place
		up := uint32(bits.LeadingZeros32(frac)) - 21
		return math.Float32frombits(sign | (113-up)<<23 | (frac<<up&1023)<<13)
	}
	return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
}
