package gguf

import (
	"fmt"
	"strings"
)

// Type is the storage format of a tensor, numbered as in the file.
type Type uint32

// The tensor types that are read.
const (
	F32    Type = 0
	F16    Type = 1
	Q4_0   Type = 2
	Q4_1   Type = 3
	Q5_0   Type = 6
	Q5_1   Type = 7
	Q8_0   Type = 8
	Q2_K   Type = 10
	Q3_K   Type = 11
	Q4_K   Type = 12
	Q5_K   Type = 13
	Q6_K   Type = 14
	IQ4_NL Type = 20
	IQ4_XS Type = 23
	I8     Type = 24
	I16    Type = 25
	I32    Type = 26
	I64    Type = 27
	F64    Type = 28
	BF16   Type = 30
	MXFP4  Type = 39
)

// format says how a type is stored: so many values in so many bytes, and the
// function that turns one block into floats.
type format struct {
	t      Type
	name   string
	values int
	bytes  int
	decode func(dst []float32, block []byte)
}

// formats lists every type that is read. It is a function so that nothing can
// change the table.
func formats() []format {
	return []format{
		{F32, "F32", 1, 4, decodeF32},
		{F16, "F16", 1, 2, decodeF16},
		{Q4_0, "Q4_0", 32, 18, decodeQ4x0},
		{Q4_1, "Q4_1", 32, 20, decodeQ4x1},
		{Q5_0, "Q5_0", 32, 22, decodeQ5x0},
		{Q5_1, "Q5_1", 32, 24, decodeQ5x1},
		{Q8_0, "Q8_0", 32, 34, decodeQ8x0},
		{Q2_K, "Q2_K", 256, 84, decodeQ2K},
		{Q3_K, "Q3_K", 256, 110, decodeQ3K},
		{Q4_K, "Q4_K", 256, 144, decodeQ4K},
		{Q5_K, "Q5_K", 256, 176, decodeQ5K},
		{Q6_K, "Q6_K", 256, 210, decodeQ6K},
		{IQ4_NL, "IQ4_NL", 32, 18, decodeIQ4NL},
		{IQ4_XS, "IQ4_XS", 256, 136, decodeIQ4XS},
		{I8, "I8", 1, 1, decodeI8},
		{I16, "I16", 1, 2, decodeI16},
		{I32, "I32", 1, 4, decodeI32},
		{I64, "I64", 1, 8, decodeI64},
		{F64, "F64", 1, 8, decodeF64},
		{BF16, "BF16", 1, 2, decodeBF16},
		{MXFP4, "MXFP4", 32, 17, decodeMXFP4},
	}
}

func formatOf(t Type) (format, bool) {
	for _, f := range formats() {
		if f.t == t {
			return f, true
		}
	}
	return format{}, false
}

// Block gives how many values are stored together and in how many bytes; zeros
// for a type that is not read.
func (t Type) Block() (values, bytes int) {
	f, _ := formatOf(t)
	return f.values, f.bytes
}

// Bytes is the storage of n values, n a multiple of the block.
func (t Type) Bytes(n int) int64 {
	f, ok := formatOf(t)
	if !ok {
		return 0
	}
	return int64(n/f.values) * int64(f.bytes)
}

// String gives the usual name, as in file names.
func (t Type) String() string {
	if f, ok := formatOf(t); ok {
		return f.name
	}
	return fmt.Sprintf("number %d", uint32(t))
}

func readableTypes() string {
	var names []string
	for _, f := range formats() {
		names = append(names, f.name)
	}
	return strings.Join(names, ", ")
}

// Dequantize turns raw tensor data into floats. The product of scale and
// quantum is rounded to float32 before an offset is added, as in the reference
// implementation, so the result is the same on every host.
func Dequantize(dst []float32, t Type, raw []byte) error {
	f, ok := formatOf(t)
	if !ok {
		return fmt.Errorf("dequantize: type %s is not read", t)
	}
	blocks := len(dst) / f.values
	if blocks*f.values != len(dst) || blocks*f.bytes != len(raw) {
		return fmt.Errorf("dequantize %s: %d values do not match %d bytes", t, len(dst), len(raw))
	}
	if f.values == 1 {
		// Plain types decode whole slices at once: one call a value would cost
		// more than the conversion.
		f.decode(dst, raw)
		return nil
	}
	for i := range blocks {
		f.decode(dst[i*f.values:(i+1)*f.values], raw[i*f.bytes:(i+1)*f.bytes])
	}
	return nil
}
