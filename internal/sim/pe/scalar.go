package pe

import (
	"math"
	"math/bits"

	"wafer/internal/image"
	"wafer/internal/num"
)

// Registers hold values normal for their representation (see image.Rep): signed
// integers carry copies of the sign, all else zeros.

// normal brings the low bits of v to the normal form of r.
func normal(r image.Rep, v uint64) uint64 {
	switch r {
	case image.B1:
		return v & 1
	case image.I8:
		return uint64(int64(int8(v)))
	case image.U8:
		return v & 0xff
	case image.I16:
		return uint64(int64(int16(v)))
	case image.U16, image.F16, image.BF16, image.CB16:
		return v & 0xffff
	case image.I32:
		return uint64(int64(int32(v)))
	case image.U32, image.F32:
		return v & 0xffffffff
	}
	return v
}

// width is the number of bits of an integer representation.
func width(r image.Rep) uint {
	switch r {
	case image.B1:
		return 1
	case image.I8, image.U8:
		return 8
	}
	return uint(16 * r.Words())
}

// binary computes a op b; ok is false for a division by zero.
func (k *Cluster) binary(op image.Op, r image.Rep, a, b uint64) (v uint64, ok bool) {
	switch {
	case r == image.F32:
		return uint64(binary32(op, uint32(a), uint32(b))), true
	case r.Float():
		return uint64(binary16(k.format(r), op, uint16(a), uint16(b))), true
	}
	return integer(op, r, a, b)
}

//tidy:dispatch
func integer(op image.Op, r image.Rep, a, b uint64) (v uint64, ok bool) {
	signed := r.Signed()
	switch op {
	case image.OpAdd:
		v = a + b
	case image.OpSub:
		v = a - b
	case image.OpMul:
		v = a * b
	case image.OpDiv, image.OpMod:
		if b == 0 {
			return 0, false
		}
		v = divide(op, signed, a, b)
	case image.OpAnd:
		v = a & b
	case image.OpOr:
		v = a | b
	case image.OpXor:
		v = a ^ b
	case image.OpShl:
		v = a << (b & uint64(width(r)-1))
	case image.OpShr:
		n := b & uint64(width(r)-1)
		if v = a >> n; signed {
			v = uint64(int64(a) >> n)
		}
	case image.OpMin, image.OpMax:
		less := a < b
		if signed {
			less = int64(a) < int64(b)
		}
		if v = b; less == (op == image.OpMin) {
			v = a
		}
	}
	return normal(r, v), true
}

func divide(op image.Op, signed bool, a, b uint64) uint64 {
	switch {
	case signed && int64(b) == -1: // the one quotient that overflows
		if op == image.OpMod {
			return 0
		}
		return -a
	case signed && op == image.OpDiv:
		return uint64(int64(a) / int64(b))
	case signed:
		return uint64(int64(a) % int64(b))
	case op == image.OpDiv:
		return a / b
	}
	return a % b
}

func binary32(op image.Op, a, b uint32) uint32 {
	switch op {
	case image.OpAdd:
		return num.Add32(a, b)
	case image.OpSub:
		return num.Sub32(a, b)
	case image.OpMul:
		return num.Mul32(a, b)
	case image.OpDiv:
		return num.Div32(a, b)
	case image.OpMin:
		return num.Min32(a, b)
	case image.OpMax:
		return num.Max32(a, b)
	case image.OpMod:
		// math.Mod is exact; a float64 quotient of two float32 never rounds here.
		x, y := float64(math.Float32frombits(a)), float64(math.Float32frombits(b))
		return math.Float32bits(float32(math.Mod(x, y)))
	}
	return 0
}

func binary16(f num.Format, op image.Op, a, b uint16) uint16 {
	switch op {
	case image.OpAdd:
		return f.Add(a, b)
	case image.OpSub:
		return f.Sub(a, b)
	case image.OpMul:
		return f.Mul(a, b)
	case image.OpDiv:
		return f.Div(a, b)
	case image.OpMin:
		return f.Min(a, b)
	case image.OpMax:
		return f.Max(a, b)
	case image.OpMod:
		return f.FromF64(math.Mod(f.ToF64(a), f.ToF64(b)))
	}
	return 0
}

// unary computes op a.
func (k *Cluster) unary(op image.Op, r image.Rep, a uint64) uint64 {
	if r.Float() {
		return k.unaryFloat(op, r, a)
	}
	w := width(r)
	low := a
	if w < 64 {
		low = a & (1<<w - 1)
	}
	switch op {
	case image.OpNeg:
		return normal(r, -a)
	case image.OpNot:
		return normal(r, ^a)
	case image.OpAbs:
		if int64(a) < 0 && r.Signed() {
			return normal(r, -a)
		}
		return a
	case image.OpClz:
		return uint64(bits.LeadingZeros64(low)) - uint64(64-w)
	case image.OpCtz:
		return min(uint64(bits.TrailingZeros64(low)), uint64(w))
	case image.OpPopcnt:
		return uint64(bits.OnesCount64(low))
	}
	return a
}

func (k *Cluster) unaryFloat(op image.Op, r image.Rep, a uint64) uint64 {
	if r == image.F32 {
		switch op {
		case image.OpNeg:
			return uint64(num.Neg32(uint32(a)))
		case image.OpAbs:
			return uint64(num.Abs32(uint32(a)))
		case image.OpSqrt:
			return uint64(num.Sqrt32(uint32(a)))
		}
		return a
	}
	f := k.format(r)
	switch op {
	case image.OpNeg:
		return uint64(f.Neg(uint16(a)))
	case image.OpAbs:
		return uint64(f.Abs(uint16(a)))
	case image.OpSqrt:
		return uint64(f.Sqrt(uint16(a)))
	}
	return a
}

// compare gives a == b, a < b and a <= b.
func (k *Cluster) compare(r image.Rep, a, b uint64) (eq, lt, le bool) {
	switch {
	case r == image.F32:
		x, y := uint32(a), uint32(b)
		return num.Equal32(x, y), num.Less32(x, y), num.LessEq32(x, y)
	case r.Float():
		f, x, y := k.format(r), uint16(a), uint16(b)
		return f.Equal(x, y), f.Less(x, y), f.LessEq(x, y)
	case r.Signed():
		return a == b, int64(a) < int64(b), int64(a) <= int64(b)
	}
	return a == b, a < b, a <= b
}

// convert turns a value of representation from into one of to.
func (k *Cluster) convert(from, to image.Rep, v uint64) uint64 {
	switch {
	case from.Float() && to.Float():
		return k.fromFloat(to, k.toFloat(from, v))
	case from.Float():
		return floatToInt(to, k.toFloat(from, v))
	case to.Float():
		return k.intToFloat(from, to, v)
	case to == image.B1:
		if v != 0 {
			return 1
		}
		return 0
	}
	return normal(to, v)
}

// toFloat is exact.
func (k *Cluster) toFloat(r image.Rep, v uint64) float64 {
	if r == image.F32 {
		return float64(math.Float32frombits(uint32(v)))
	}
	return k.format(r).ToF64(uint16(v))
}

func (k *Cluster) fromFloat(r image.Rep, x float64) uint64 {
	if r != image.F32 {
		return uint64(k.format(r).FromF64(x))
	}
	if x != x {
		return uint64(num.NaN32)
	}
	return uint64(math.Float32bits(float32(x)))
}

// intToFloat rounds once, also for 64-bit integers: Go converts an integer to
// float64 first for some types, so those beyond 53 bits are rounded to odd.
func (k *Cluster) intToFloat(from, to image.Rep, v uint64) uint64 {
	if !from.Signed() {
		if v>>53 != 0 {
			v = v>>11<<11 | sticky(v&(1<<11-1))<<11
		}
		return k.fromFloat(to, float64(v))
	}
	m, neg := v, int64(v) < 0
	if neg {
		m = -v
	}
	if m>>53 != 0 {
		m = m>>11<<11 | sticky(m&(1<<11-1))<<11
	}
	if x := float64(m); neg {
		return k.fromFloat(to, -x)
	} else {
		return k.fromFloat(to, x)
	}
}

func sticky(v uint64) uint64 {
	if v != 0 {
		return 1
	}
	return 0
}

// floatToInt truncates toward zero and saturates; a NaN gives 0. To bool it asks
// whether the value is other than zero (documentation of @as).
func floatToInt(to image.Rep, x float64) uint64 {
	switch to {
	case image.B1:
		if x != 0 {
			return 1
		}
		return 0
	case image.I8:
		return uint64(int64(max(-128, min(127, int32(num.TruncI16(x))))))
	case image.U8:
		return uint64(min(255, num.TruncU16(x)))
	case image.I16:
		return uint64(int64(num.TruncI16(x)))
	case image.U16:
		return uint64(num.TruncU16(x))
	case image.I32:
		return uint64(int64(num.TruncI32(x)))
	case image.U32:
		return uint64(num.TruncU32(x))
	}
	return trunc64(to, x)
}

func trunc64(to image.Rep, x float64) uint64 {
	switch {
	case x != x:
		return 0
	case to == image.U64 && x >= 1<<64:
		return math.MaxUint64
	case to == image.U64:
		return uint64(max(x, 0))
	case x >= 1<<63:
		return math.MaxInt64
	case x < -(1 << 63):
		return 1 << 63
	}
	return uint64(int64(x))
}
