package validate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// plainWave is the same equation written down directly, in 64 bits. Weights come
// from the definition: a second derivative of eighth order along each axis.
func plainWave(v wave, start func(t, x, y, z int) float32, pulse []float32) []float64 {
	second := []float64{-205. / 72, 8. / 5, -1. / 5, 8. / 315, -1. / 560}
	at := func(x, y, z int) int { return (y*v.w+x)*v.cells + z }
	older, newer := make([]float64, v.w*v.h*v.cells), make([]float64, v.w*v.h*v.cells)
	each := func(f func(x, y, z int)) {
		for y := range v.h {
			for x := range v.w {
				for z := range v.cells {
					f(x, y, z)
				}
			}
		}
	}
	each(func(x, y, z int) {
		older[at(x, y, z)], newer[at(x, y, z)] = float64(start(0, x, y, z)), float64(start(1, x, y, z))
	})
	get := func(x, y, z int) float64 {
		if x < 0 || y < 0 || z < 0 || x >= v.w || y >= v.h || z >= v.cells {
			return 0
		}
		return newer[at(x, y, z)]
	}
	for step := range v.steps {
		next := make([]float64, len(newer))
		each(func(x, y, z int) {
			var dx, dy, dz float64
			for k := -4; k <= 4; k++ {
				c := second[max(k, -k)]
				dx += c * get(x+k, y, z)
				dy += c * get(x, y+k, z)
				dz += c * get(x, y, z+k)
			}
			next[at(x, y, z)] = 2*get(x, y, z) - older[at(x, y, z)] + 0.10*dx + 0.08*dy + 0.06*dz
		})
		next[at(v.source[0], v.source[1], v.source[2])] += float64(pulse[step])
		older, newer = newer, next
	}
	return newer
}

func checkWave(t *testing.T, v wave) *waveOutcome {
	t.Helper()
	rnd := rand.New(rand.NewPCG(uint64(v.w), uint64(v.cells)))
	values := make([]float32, 2*v.w*v.h*v.cells)
	for i := range values {
		values[i] = float32(rnd.NormFloat64())
	}
	start := func(t, x, y, z int) float32 { return values[((t*v.h+y)*v.w+x)*v.cells+z] }
	pulse := []float32{3, -2, 1, 5, -4, 2}
	out, err := v.run(t.Context(), start, pulse)
	if err != nil {
		t.Fatal(err)
	}
	want := plainWave(v, start, pulse)
	worst, largest := 0.0, 0.0
	for i, w := range want {
		largest = max(largest, math.Abs(w))
		worst = max(worst, math.Abs(float64(out.newest[i])-w))
	}
	if worst > 2e-6*largest {
		t.Errorf("%+v: off by %g of the largest value", v, worst/largest)
	}
	return out
}

// TestWave: every cell, on lines shorter and longer than the pattern, with columns
// of whole and of broken blocks.
func TestWave(t *testing.T) {
	for _, fused := range []bool{false, true} {
		for _, v := range []wave{
			{w: 1, h: 1, cells: 9, block: 9, steps: 2},
			{w: 3, h: 2, cells: 7, block: 4, steps: 3, source: [3]int{2, 1, 3}},
			{w: 5, h: 4, cells: 8, block: 8, steps: 2, source: [3]int{4, 0, 7}},
			{w: 13, h: 6, cells: 20, block: 7, steps: 3, source: [3]int{6, 3, 0}},
			{w: 10, h: 11, cells: 40, block: 20, steps: 6, source: [3]int{9, 9, 39}},
		} {
			v.profile, v.fused = "wse2", fused
			if fused {
				v.block = v.cells
			}
			t.Run(fmt.Sprintf("%dx%dx%d/%d/%v", v.w, v.h, v.cells, v.block, fused), func(t *testing.T) {
				out := checkWave(t, v)
				if v.steps > 1 {
					t.Logf("%.1f cycles a cell and step in the middle", v.perStep(out.stamps)/float64(v.cells))
				}
			})
		}
	}
}

// TestWaveWidth: the width of the grid does not matter, which is what lets a few
// cores stand for a wafer; and adding products as they arrive pays.
func TestWaveWidth(t *testing.T) {
	step := func(side int, fused bool) float64 {
		v := wave{profile: "wse2-silicon", w: side, h: side, cells: 60, block: 60, steps: 5, fused: fused}
		out, err := measure(t.Context(), v.program())
		if err != nil {
			t.Fatal(err)
		}
		return v.perStep(out.stamps)
	}
	small := step(10, false)
	for _, side := range []int{15, 24} {
		if got := step(side, false); math.Abs(got/small-1) > 0.03 {
			t.Errorf("%g cycles a step on %d×%[2]d cores, %g on 10×10", got, side, small)
		} else {
			t.Logf("%g cycles a step on %d×%[2]d cores, %g on 10×10", got, side, small)
		}
	}
	if got := step(10, true); got > 0.9*small {
		t.Errorf("%g cycles a step where products are added as they arrive, %g where they are kept", got, small)
	}
}

// BenchmarkWave gives the cycles of a cell by the published plan and by a better
// one, at the published length of columns.
func BenchmarkWave(b *testing.B) {
	for _, v := range []wave{
		{block: 334},
		{block: 1000, fused: true},
	} {
		v.profile, v.w, v.h, v.cells, v.steps = "wse2-silicon", 10, 10, 1000, 3
		b.Run(map[bool]string{false: "published", true: "fused"}[v.fused], func(b *testing.B) {
			for b.Loop() {
				out, err := measure(b.Context(), v.program())
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(v.perStep(out.stamps)/float64(v.cells), "cycles/cell")
			}
		})
	}
}
