package kernel

import (
	"fmt"
	"math"
	"testing"

	"wafer/internal/num"
)

// foldCase is a product with random weights.
func foldCase(groups, k int, seed uint64) (w []uint16, x []float32, s Folded) {
	rng := seeded(seed)
	s = Folded{Groups: groups, K: k, WStep: (k + 1) * BlockLanes, XStep: k + 2}
	w, x = make([]uint16, groups*s.WStep), make([]float32, groups*s.XStep)
	for i := range w {
		w[i] = num.F16.FromF32(float32(rng.NormFloat64()))
	}
	for i := range x {
		x[i] = num.F16.ToF32(num.F16.FromF32(float32(rng.NormFloat64())))
	}
	return w, x, s
}

// The definition itself against num, one output.
func TestFoldBlockDefinition(t *testing.T) {
	w, x, s := foldCase(3, 5, 1)
	var got [BlockLanes]float32
	foldBlock(&got, w, x, s)
	const o = 17
	sum := uint32(0)
	for g := range s.Groups {
		own := uint32(0)
		for i := range s.K {
			own = num.FMAHS(num.F16, w[g*s.WStep+i*BlockLanes+o], num.F16.FromF32(x[g*s.XStep+i]), own)
		}
		sum = math.Float32bits(math.Float32frombits(sum) + math.Float32frombits(own))
	}
	if math.Float32bits(got[o]) != sum {
		t.Errorf("%x, want %x", math.Float32bits(got[o]), sum)
	}
}

func TestFoldBlockForms(t *testing.T) {
	for _, groups := range []int{1, 2, 7, 16} {
		for _, k := range []int{1, 2, 3, 4, 9, 64} {
			w, x, s := foldCase(groups, k, uint64(100*groups+k))
			var start, want [BlockLanes]float32
			for i := range start {
				start[i] = float32(i) - 20
			}
			want = start
			foldBlock(&want, w, x, s)
			for name, f := range foldForms() {
				got := start
				f(&got, w, x, s)
				if got != want {
					t.Fatalf("%s: %d groups of %d differ", name, groups, k)
				}
			}
		}
	}
}

func TestRoundHalf(t *testing.T) {
	rng := seeded(3)
	x := make([]float32, 1003)
	want := make([]float32, len(x))
	for i := range x {
		x[i] = math.Float32frombits(rng.Uint32())
		if x[i] != x[i] {
			x[i] = 1
		}
		want[i] = num.F16.ToF32(num.F16.FromF32(x[i]))
	}
	RoundHalf(x)
	for i := range x {
		if x[i] != want[i] {
			t.Fatalf("%d: %g, want %g", i, x[i], want[i])
		}
	}
}

// BenchmarkFoldBlock reports weights read per second, from memory that is larger
// than the caches and from memory that is not.
func BenchmarkFoldBlock(b *testing.B) {
	for _, mib := range []int{1, 256} {
		b.Run(fmt.Sprintf("%dMiB", mib), func(b *testing.B) {
			s := Folded{Groups: 16, K: 64, WStep: 64 * BlockLanes, XStep: 64}
			block := s.Groups * s.WStep
			w := make([]uint16, mib<<19)
			for i := range w {
				w[i] = 0x3c00
			}
			x := make([]float32, s.Groups*s.XStep)
			var sum [BlockLanes]float32
			b.SetBytes(int64(2 * block))
			for i := range b.N {
				at := i * block % len(w)
				FoldBlock(&sum, w[at:at+block], x, s)
			}
		})
	}
}
