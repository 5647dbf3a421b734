package validate

import (
	"context"
	"fmt"
	"math"
	"math/bits"
	"strings"

	"wafer/internal/host"
	"wafer/internal/sim"
)

// fftOutcome is a run of the three-dimensional transform (csl/fft.csl).
type fftOutcome struct {
	cycles  int64     // latest end − earliest start
	steps   [5]int64  // of a core on average: transform, exchange, transform, exchange, transform
	hops    int64     // wavelets moved from router to router
	spectra []float32 // what each core holds at the end, row by row: n complex numbers
}

// fftProgram is the transform of n³ numbers, n a power of two. half is n / 2 or n:
// lines of cores exchange in two halves and across the middle, or as a whole.
func fftProgram(profile string, n, half int) program {
	return program{
		file: "fft.csl", profile: profile, w: n, h: n,
		params: fmt.Sprintf("n:%d,rows:%[1]d,even:%[2]v,half:%[3]d", n, bits.TrailingZeros(uint(n))%2 == 0, half),
	}
}

// fftBench is a transform that has been compiled and has its data.
type fftBench struct {
	p program
	h *host.Host
	s *sim.Sim
}

// newFFT loads the transform. value gives the number at (x, y, z): core (x, y) has
// the pencil along z.
func newFFT(ctx context.Context, profile string, n, half, workers int, value func(x, y, z int) complex128) (*fftBench, error) {
	if n < 2 || n&(n-1) != 0 {
		return nil, fmt.Errorf("a transform of %d³ numbers: the size must be a power of two", n)
	}
	f := &fftBench{p: fftProgram(profile, n, half)}
	f.p.workers = workers
	var err error
	if f.h, f.s, err = f.p.start(ctx); err != nil {
		return nil, err
	}
	var data, factor []uint32
	for y := range n {
		for x := range n {
			for z := range n {
				v := value(x, y, z)
				data = append(data, math.Float32bits(float32(real(v))), math.Float32bits(float32(imag(v))))
			}
			for k := range n / 2 {
				sin, cos := math.Sincos(-2 * math.Pi * float64(k) / float64(n))
				factor = append(factor, math.Float32bits(float32(cos)), math.Float32bits(float32(sin)))
			}
		}
	}
	if err := copyIn(ctx, f.h, "x", data, host.Region{W: n, H: n, L: 2 * n, Bits: 32}); err != nil {
		return nil, err
	}
	return f, copyIn(ctx, f.h, "factor", factor, host.Region{W: n, H: n, L: n, Bits: 32})
}

// run transforms, once: the routers do not go back to where they were.
func (f *fftBench) run(ctx context.Context) (*fftOutcome, error) {
	before := f.s.Hops()
	if _, err := f.p.launch(ctx, f.h); err != nil {
		return nil, err
	}
	n := f.p.w
	out, o := &fftOutcome{hops: f.s.Hops() - before}, &outcome{}
	if err := o.read(ctx, f.h, f.p); err != nil {
		return nil, err
	}
	out.cycles = o.span
	return out, out.read(ctx, f.h, n, o.stamps)
}

func (out *fftOutcome) read(ctx context.Context, h *host.Host, n int, stamps [][]int64) error {
	words, err := copyOut(ctx, h, "between", host.Region{W: n, H: n, L: 12, Bits: 16})
	if err != nil {
		return err
	}
	for core, s := range stamps {
		last := s[0]
		for i := range out.steps {
			at := s[1]
			if i < 4 {
				at = stamp48(words[12*core+3*i:])
			}
			out.steps[i] += at - last
			last = at
		}
	}
	for i := range out.steps {
		out.steps[i] /= int64(n * n)
	}
	name := "y"
	if bits.TrailingZeros(uint(n))%2 == 0 {
		name = "x"
	}
	if words, err = copyOut(ctx, h, name, host.Region{W: n, H: n, L: 2 * n, Bits: 32}); err != nil {
		return err
	}
	for _, w := range words {
		out.spectra = append(out.spectra, math.Float32frombits(w))
	}
	return nil
}

// fftAlone gives the cycles of the transform of n³ numbers from those of a single
// row of cores: rows do not touch each other, columns do what rows do, and all cores
// start alike. It is three transforms of a pencil and two exchanges, each from the
// first core's start to the last one's end.
func fftAlone(ctx context.Context, profile string, n, half int) (float64, error) {
	p := fftProgram(profile, n, half)
	p.h, p.params = 1, strings.Replace(p.params, fmt.Sprintf("rows:%d", n), "rows:1", 1)
	h, _, err := p.start(ctx)
	if err != nil {
		return 0, err
	}
	if _, err := p.launch(ctx, h); err != nil {
		return 0, err
	}
	o := &outcome{}
	if err := o.read(ctx, h, p); err != nil {
		return 0, err
	}
	words, err := copyOut(ctx, h, "between", host.Region{W: n, H: 1, L: 12, Bits: 16})
	if err != nil {
		return 0, err
	}
	var transform, first, last int64
	for core, s := range o.stamps {
		at := func(i int) int64 { return stamp48(words[12*core+3*i:]) }
		transform = max(transform, at(0)-s[0])
		if core == 0 {
			first, last = at(0), at(1)
		}
		first, last = min(first, at(0)), max(last, at(1))
	}
	return float64(3*transform + 2*(last-first)), nil
}

// stamp48 is a reading of the cycle counter, low word first.
func stamp48(w []uint32) int64 { return int64(w[0]) | int64(w[1])<<16 | int64(w[2])<<32 }

// fftHops is how often a wavelet moves between routers in the two exchanges: two
// words from everybody to everybody in each line, and the control wavelets that
// end the phases, one for each destination of each colour.
func fftHops(n, half int) int64 {
	size, part := int64(n), int64(half)
	words := 2 * size * (size*size - 1) / 3 // Σ |i − j| = n (n² − 1) / 3
	words += size * (part - 1)              // 1 + 2 + … + half−1, both ways, n / half times
	if half < n {
		words += 2*part*part + part*(part-1) // half + … + n−1, both ways
	}
	return 2 * size * words
}

// testSignal is what is transformed where only the time matters.
func testSignal(x, y, z int) complex128 { return complex(float64((x+y*z)%7), float64(x%3)) }
