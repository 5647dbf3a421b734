package kernel

import (
	"math"
	"math/rand/v2"
	"testing"

	"wafer/internal/num"
)

func seeded(n uint64) *rand.Rand { return rand.New(rand.NewPCG(n, 7)) }

func TestHalfToSingleAllValues(t *testing.T) {
	for i := range 1 << 16 {
		h := uint16(i)
		if got, want := math.Float32bits(HalfToSingle(h)), num.F16.ToF32Bits(h); got != want {
			t.Fatalf("%04x: %08x, want %08x", h, got, want)
		}
	}
}

// halfBoundaries calls f with every f16, every tie between neighbours and the
// binary32 values beside both: where rounding can go wrong.
func halfBoundaries(f func(x float32)) {
	for i := range uint16(0x7c01) {
		lo := float64(num.F16.ToF32(i))
		hi := float64(num.F16.ToF32(i + 1))
		if i >= 0x7bff {
			lo, hi = math.Min(lo, 65504), 65536
		}
		for _, x := range []float64{lo, lo + (hi-lo)/2} {
			for d := range uint32(5) {
				b := math.Float32bits(float32(x)) + d - 2
				f(math.Float32frombits(b))
				f(math.Float32frombits(b ^ 1<<31))
			}
		}
	}
	for _, b := range []uint32{nan32, nan32 | 1, 0xffffffff, 0x7f800001, 0x7f800000, 0xff800000, 1, 0x80000001} {
		f(math.Float32frombits(b))
	}
}

func TestSingleToHalf(t *testing.T) {
	check := func(x float32) {
		if got, want := SingleToHalf(x), num.F16.FromF32(x); got != want {
			t.Fatalf("%g (%08x): %04x, want %04x", x, math.Float32bits(x), got, want)
		}
	}
	halfBoundaries(check)
	rng := seeded(1)
	for range 1_000_000 {
		check(math.Float32frombits(rng.Uint32()))
	}
}

// edges are f16 patterns near every boundary of the format.
func edges() []uint16 {
	var out []uint16
	for _, base := range []uint16{0, 1 << 10, 2 << 10, 0x3800, 0x3c00, 0x4000, 0x6400, 0x7c00, 0x7e00} {
		for d := range uint16(5) {
			out = append(out, base+d-2, (base+d-2)^0x8000)
		}
	}
	return out
}

// fmaTriples calls f with operands that meet ties, cancellation and denormals.
func fmaTriples(n int, f func(a, b, c uint16)) {
	e := edges()
	for i, a := range e {
		for j, b := range e {
			for k := (i + j) % 3; k < len(e); k += 3 {
				f(a, b, e[k])
			}
		}
	}
	rng := seeded(9)
	for range n {
		a, b := uint16(rng.Uint32()), uint16(rng.Uint32())
		p := num.F16.Mul(a, b)
		f(a, b, uint16(rng.Uint32()))
		f(a, b, p^0x8000^uint16(rng.Uint32()&7))
		// Addends 2^±12 away put the product's tail on a tie of the sum.
		f(a, b, num.F16.Scale(p, int16(rng.IntN(26)-13))^uint16(rng.Uint32()&0x8003))
	}
}

func TestHalfArithmetic(t *testing.T) {
	fmaTriples(300_000, func(a, b, c uint16) {
		if got, want := HalfFMA(a, b, c), num.F16.FMA(a, b, c); got != want {
			t.Fatalf("fma %04x %04x %04x: %04x, want %04x", a, b, c, got, want)
		}
		if HalfAdd(a, c) != num.F16.Add(a, c) || HalfSub(a, c) != num.F16.Sub(a, c) || HalfMul(a, b) != num.F16.Mul(a, b) {
			t.Fatalf("add, sub or mul of %04x %04x %04x", a, b, c)
		}
	})
}

func BenchmarkHalfFMA(b *testing.B) {
	x := uint16(0x3c01)
	for range b.N {
		x = HalfFMA(x, 0x3bff, 0x0001)
	}
	sink = x
}

func BenchmarkNumFMA(b *testing.B) {
	x := uint16(0x3c01)
	for range b.N {
		x = num.F16.FMA(x, 0x3bff, 0x0001)
	}
	sink = x
}

var sink uint16
