package validate

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"
)

// dft is the plain transform of a line, in 64 bits.
func dft(line []complex128) []complex128 {
	n := len(line)
	if n == 1 {
		return line
	}
	var even, odd []complex128
	for i := 0; i < n; i += 2 {
		even, odd = append(even, line[i]), append(odd, line[i+1])
	}
	even, odd = dft(even), dft(odd)
	out := make([]complex128, n)
	for k := range n / 2 {
		t := cmplx.Rect(1, -2*math.Pi*float64(k)/float64(n)) * odd[k]
		out[k], out[k+n/2] = even[k]+t, even[k]-t
	}
	return out
}

// dft3 transforms a cube, element (x, y, z) at (x n + y) n + z, along z, x and y.
func dft3(cube []complex128, n int) {
	for _, stride := range [3]int{1, n * n, n} {
		for i := range cube {
			if i/stride%n != 0 {
				continue
			}
			line := make([]complex128, n)
			for k := range line {
				line[k] = cube[i+k*stride]
			}
			for k, v := range dft(line) {
				cube[i+k*stride] = v
			}
		}
	}
}

// checkFFT runs a transform of random numbers and compares every coefficient with
// the plain one; it gives the worst difference over the size of the largest.
func checkFFT(tb testing.TB, n, half int) (*fftOutcome, float64) {
	tb.Helper()
	rnd := rand.New(rand.NewPCG(uint64(n), 3))
	cube := make([]complex128, n*n*n)
	for i := range cube {
		cube[i] = complex(float64(float32(rnd.NormFloat64())), float64(float32(rnd.NormFloat64())))
	}
	at := func(x, y, z int) int { return (x*n+y)*n + z }
	f, err := newFFT(tb.Context(), "wse2", n, half, 1, func(x, y, z int) complex128 { return cube[at(x, y, z)] })
	if err != nil {
		tb.Fatal(err)
	}
	out, err := f.run(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	dft3(cube, n)
	worst, largest := 0.0, 0.0
	for kx := range n {
		for kz := range n {
			got := out.spectra[2*n*(kx*n+kz):] // core (kz, kx) has the line along y
			for ky := range n {
				want := cube[at(kx, ky, kz)]
				largest = max(largest, cmplx.Abs(want))
				worst = max(worst, cmplx.Abs(complex(float64(got[2*ky]), float64(got[2*ky+1]))-want))
			}
		}
	}
	return out, worst / largest
}

func TestFFT(t *testing.T) {
	for _, n := range []int{2, 4, 8, 16} {
		for _, half := range []int{n / 2, n} {
			out, worst := checkFFT(t, n, half)
			t.Logf("%d³ with lines of %d: %d cycles, steps %v, %d hops, off by %.1e", n, half, out.cycles, out.steps, out.hops, worst)
			if worst > 1e-6 {
				t.Errorf("%d³ with lines of %d: off by %g of the largest coefficient", n, half, worst)
			}
			if want := fftHops(n, half); out.hops != want {
				t.Errorf("%d³ with lines of %d: %d hops, by the closed form %d", n, half, out.hops, want)
			}
		}
	}
}

// TestFFTAlone: what is added up from one row is what the whole takes.
func TestFFTAlone(t *testing.T) {
	for _, n := range []int{8, 32} {
		out, _ := checkFFT(t, n, n/2)
		got, err := fftAlone(t.Context(), "wse2", n, n/2)
		if err != nil {
			t.Fatal(err)
		}
		if off := got/float64(out.cycles) - 1; math.Abs(off) > 0.02 {
			t.Errorf("%d³: %g cycles from a row, %d on all cores (%+.1f %%)", n, got, out.cycles, 100*off)
		} else {
			t.Logf("%d³: %g cycles from a row, %d on all cores", n, got, out.cycles)
		}
	}
}
