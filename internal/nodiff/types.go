package nodiff

import (
	"fmt"
	"math"
	"strconv"

	"wafer/internal/check"
	"wafer/internal/num"
)

// Type is a scalar type of the generated programs.
type Type uint8

// The types. Odd widths live in a word and wrap at their own width.
const (
	Bool Type = iota
	I8
	U8
	I16
	U16
	I32
	U32
	I64
	U64
	U5
	I3
	F16
	F32
	numTypes
)

// half is the format of 16-bit floats in generated programs.
const half = num.F16

func (t Type) String() string {
	return [...]string{"bool", "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "u5", "i3", "f16", "f32"}[t]
}

func (t Type) bits() int {
	return [...]int{1, 8, 8, 16, 16, 32, 32, 64, 64, 5, 3, 16, 32}[t]
}

func (t Type) signed() bool { return t == I8 || t == I16 || t == I32 || t == I64 || t == I3 }
func (t Type) float() bool  { return t == F16 || t == F32 }
func (t Type) integer() bool {
	return t != Bool && !t.float()
}

// words is what a value takes in memory.
func (t Type) words() int { return (t.bits() + 15) / 16 }

// Value is the bits of a value: integers extended to 64 bits by their sign, all
// others with zeros above.
type Value uint64

// norm brings an integer result into its type: it wraps.
func (t Type) norm(v Value) Value {
	if !t.integer() {
		return v
	}
	n := 64 - t.bits()
	if t.signed() {
		return Value(int64(v) << n >> n)
	}
	return v << n >> n
}

// stored is v as it lies in memory, in words, and which bits of them count.
func (t Type) stored(v Value) (words []uint16, mask uint16) {
	for i := range t.words() {
		words = append(words, uint16(v>>(16*i)))
	}
	mask = 0xffff
	if t.bits() < 16 {
		mask = 1<<t.bits() - 1
	}
	words[0] &= mask
	return words, mask
}

// literal is v in CSL.
func (t Type) literal(v Value) string {
	switch {
	case t == Bool:
		return strconv.FormatBool(v != 0)
	case t == F32:
		return fmt.Sprintf("@as(f32, %s)", decimal(float64(math.Float32frombits(uint32(v)))))
	case t == F16:
		return fmt.Sprintf("@as(f16, %s)", decimal(half.ToF64(uint16(v))))
	case t.signed():
		return fmt.Sprintf("@as(%s, %d)", t, int64(v))
	}
	return fmt.Sprintf("@as(%s, %d)", t, uint64(v))
}

// decimal writes a finite number so that CSL reads it as a float.
func decimal(x float64) string {
	s := strconv.FormatFloat(x, 'f', -1, 64)
	for i := range s {
		if s[i] == '.' {
			return s
		}
	}
	return s + ".0"
}

// arith is a op b for + - * / %, both of type t. It is written apart from the
// simulator on purpose; only the reference arithmetic of num is shared.
func (t Type) arith(op string, a, b Value) Value {
	switch {
	case t == F32:
		return Value(f32Op(op, uint32(a), uint32(b)))
	case t == F16:
		return Value(f16Op(op, uint16(a), uint16(b)))
	}
	switch op {
	case "+":
		return t.norm(a + b)
	case "-":
		return t.norm(a - b)
	case "*":
		return t.norm(a * b)
	case "&":
		return a & b
	case "|":
		return a | b
	case "^":
		return t.norm(a ^ b)
	case "/":
		if t.signed() {
			return t.norm(Value(int64(a) / int64(b)))
		}
		return a / b
	case "%":
		if t.signed() {
			return t.norm(Value(int64(a) % int64(b)))
		}
		return a % b
	}
	check.Never("operator %s", op)
	return 0
}

func f32Op(op string, a, b uint32) uint32 {
	switch op {
	case "+":
		return num.Add32(a, b)
	case "-":
		return num.Sub32(a, b)
	case "*":
		return num.Mul32(a, b)
	}
	return num.Div32(a, b)
}

func f16Op(op string, a, b uint16) uint16 {
	switch op {
	case "+":
		return half.Add(a, b)
	case "-":
		return half.Sub(a, b)
	case "*":
		return half.Mul(a, b)
	}
	return half.Div(a, b)
}

// shift is a << n or a >> n with 0 ≤ n < bits.
func (t Type) shift(op string, a Value, n uint) Value {
	switch {
	case op == "<<":
		return t.norm(a << n)
	case t.signed():
		return t.norm(Value(int64(a) >> n))
	}
	return a >> n
}

// compare is a op b.
func (t Type) compare(op string, a, b Value) bool {
	less, eq := t.less(a, b), t.equal(a, b)
	switch op {
	case "==":
		return eq
	case "!=":
		return !eq
	case "<":
		return less
	case "<=":
		return less || eq
	case ">":
		return t.less(b, a)
	}
	return t.less(b, a) || eq
}

func (t Type) less(a, b Value) bool {
	switch {
	case t == F32:
		return math.Float32frombits(uint32(a)) < math.Float32frombits(uint32(b))
	case t == F16:
		return half.ToF64(uint16(a)) < half.ToF64(uint16(b))
	case t.signed():
		return int64(a) < int64(b)
	}
	return a < b
}

func (t Type) equal(a, b Value) bool {
	switch {
	case t == F32:
		return math.Float32frombits(uint32(a)) == math.Float32frombits(uint32(b))
	case t == F16:
		return half.ToF64(uint16(a)) == half.ToF64(uint16(b))
	}
	return a == b
}

// negate is -a.
func (t Type) negate(a Value) Value {
	switch t {
	case F32:
		return a ^ 1<<31
	case F16:
		return a ^ 1<<15
	}
	return t.norm(-a)
}

// convertible says whether @as(to, from) is defined for every value. Floats
// become integers by truncation; what is out of range is limited by num.
func convertible(to, from Type) bool {
	switch {
	case to == from:
		return true
	case to == Bool, from == Bool:
		return false
	case from.float() && to.integer():
		return to == I16 || to == U16 || to == I32 || to == U32
	case to.float() && from.integer():
		return from.bits() <= 32
	}
	return true
}

// convert is @as(to, v).
func convert(to, from Type, v Value) Value {
	switch {
	case to == from:
		return v
	case from.integer() && to.integer():
		return to.norm(v)
	case from.integer() && to == F32:
		return Value(num.F32FromInt(int64(v)))
	case from.integer():
		return Value(half.FromInt(int64(v)))
	case from == F16 && to == F32:
		return Value(half.ToF32Bits(uint16(v)))
	case from == F32 && to == F16:
		return Value(half.FromF32Bits(uint32(v)))
	}
	x := float64(math.Float32frombits(uint32(v)))
	if from == F16 {
		x = half.ToF64(uint16(v))
	}
	switch to {
	case I16:
		return I16.norm(Value(num.TruncI16(x)))
	case U16:
		return Value(num.TruncU16(x))
	case I32:
		return I32.norm(Value(num.TruncI32(x)))
	}
	return Value(num.TruncU32(x))
}
