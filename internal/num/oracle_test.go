package num

import (
	"math"
	"math/big"
	"math/rand/v2"
)

// The oracle: exact arithmetic on big.Float and one rounding written in another
// way than the package's own (by scaling to an integer, not by shifting bits).

// exactPrec holds any a*b + c of binary32 values without rounding:
// exponents from -298 to 256, so 600 bits are plenty.
const exactPrec = 640

// shape is a binary floating format as IEEE 754 describes it.
type shape struct{ man, bias, bits int }

func shapeOf(f Format) shape {
	l := f.layout()
	return shape{int(l.man), l.bias, 16}
}

var single = shape{23, 127, 32}

// roundBig rounds an exact value to nearest even and gives the bit pattern.
// negZero says which zero an exact zero becomes.
func (s shape) roundBig(x *big.Float, negZero bool) uint32 {
	sign := uint32(0)
	if x.Signbit() && x.Sign() != 0 || x.Sign() == 0 && negZero {
		sign = 1 << (s.bits - 1)
	}
	if x.Sign() == 0 {
		return sign
	}
	exp := x.MantExp(nil) - 1 // |x| = 1.f * 2^exp
	exp = max(exp, 1-s.bias)
	// Units of the last place: an integer plus a fraction.
	units := new(big.Float).SetPrec(exactPrec).SetMantExp(new(big.Float).SetPrec(exactPrec).Abs(x), s.man-exp)
	n, _ := units.Int(nil)
	frac := new(big.Float).SetPrec(exactPrec).Sub(units, new(big.Float).SetPrec(exactPrec).SetInt(n))
	switch c := frac.Cmp(big.NewFloat(0.5)); {
	case c > 0, c == 0 && n.Bit(0) == 1:
		n.Add(n, big.NewInt(1))
	}
	v := n.Uint64()
	if v>>(s.man+1) != 0 { // carried into the next binade
		v >>= 1
		exp++
	}
	if v>>s.man == 0 {
		return sign | uint32(v) // denormal
	}
	field := uint64(exp + s.bias)
	if field >= s.maxField() {
		return sign | uint32(s.maxField()<<s.man)
	}
	return sign | uint32(field<<s.man|v&(1<<s.man-1))
}

func (s shape) maxField() uint64 { return 1<<(s.bits-1-s.man) - 1 }

func exact(x float64) *big.Float { return new(big.Float).SetPrec(exactPrec).SetFloat64(x) }

// fmaBig is a*b + c rounded once by the oracle; nan is the canonical NaN.
func (s shape) fmaBig(a, b, c float64, nan uint32) uint32 {
	// Infinities and NaNs follow float64; only finite values need exactness.
	r := a*b + c
	if math.IsNaN(a) || math.IsNaN(b) || math.IsNaN(c) || math.IsInf(a, 0) || math.IsInf(b, 0) || math.IsInf(c, 0) {
		return s.special(r, nan)
	}
	p := new(big.Float).SetPrec(exactPrec).Mul(exact(a), exact(b))
	sum := new(big.Float).SetPrec(exactPrec).Add(p, exact(c))
	return s.roundBig(sum, p.Signbit() && math.Signbit(c))
}

// special encodes a NaN or an infinity.
func (s shape) special(r float64, nan uint32) uint32 {
	switch {
	case math.IsNaN(r):
		return nan
	case math.IsInf(r, 0):
		v := uint32(s.maxField() << s.man)
		if r < 0 {
			v |= 1 << (s.bits - 1)
		}
		return v
	}
	panic("BUG: finite value in special")
}

// edges16 lists patterns near every boundary of a format.
func edges16(f Format) []uint16 {
	man := f.layout().man
	one := uint16(f.layout().bias) << man
	var out []uint16
	for _, base := range []uint16{0, 1 << man, 2 << man, one - 1<<man, one, one + 1<<man, one + uint16(man)<<man, f.Inf()} {
		for d := range uint16(5) {
			out = append(out, (base+d-2)&absMask, ((base+d-2)&absMask)|signBit)
		}
	}
	return append(out, f.NaN(), f.Inf()|1, 0x7fff, 0xffff)
}

// seeded gives the same sequence in every run.
func seeded(n uint64) *rand.Rand { return rand.New(rand.NewPCG(n, 2024)) }
