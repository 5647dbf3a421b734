package value

import (
	"math"
	"slices"
	"testing"
)

// The layers of the ziggurat close at the top of the curve and all have the
// area that the table says, tail included.
func TestZigguratCloses(t *testing.T) {
	bell := func(x float64) float64 { return math.Exp(-0.5 * x * x) }
	base := zigEdge*bell(zigEdge) + math.Sqrt(math.Pi/2)*math.Erfc(zigEdge/math.Sqrt2)
	if math.Abs(base-zigArea) > 1e-16 {
		t.Errorf("base layer has area %g, not %g", base, zigArea)
	}
	last := zig.width[zigLayers-1] * 0x1p52
	if top := bell(last) + zigArea/last; math.Abs(top-1) > 1e-9 {
		t.Errorf("the last layer ends at %g, not at the top of the curve", top)
	}
}

// Kolmogorov's distance to the normal distribution, the first moments and the
// weight of the tails, with bounds a right generator fails once in a million.
func TestNormalsAreNormal(t *testing.T) {
	const n = 1 << 20
	s := newStream(7, 0, lanePrice)
	z := make([]float64, n)
	s.normals(z)
	var moments [5]float64
	tails := 0
	for _, v := range z {
		for k, p := 1, v; k < 5; k, p = k+1, p*v {
			moments[k] += p / n
		}
		if math.Abs(v) > zigEdge {
			tails++
		}
	}
	root := math.Sqrt(n)
	for k, want := range []struct{ mean, sd float64 }{1: {0, 1}, 2: {1, math.Sqrt2}, 3: {0, math.Sqrt(15)}, 4: {3, math.Sqrt(96)}} {
		if k > 0 && math.Abs(moments[k]-want.mean) > 5*want.sd/root {
			t.Errorf("moment %d is %g, want %g", k, moments[k], want.mean)
		}
	}
	expect := 2 * n * Phi(-zigEdge)
	if math.Abs(float64(tails)-expect) > 5*math.Sqrt(expect) {
		t.Errorf("%d draws beyond the edge, want about %.0f", tails, expect)
	}
	slices.Sort(z)
	worst := 0.0
	for i, v := range z {
		worst = max(worst, math.Abs(Phi(v)-(float64(i)+0.5)/n))
	}
	if worst > 2.7/root {
		t.Errorf("distance %g to the normal distribution", worst*root)
	}
}

// Neighbouring paths, lanes and seeds must not resemble each other.
func TestStreamsAreApart(t *testing.T) {
	const n = 4096
	base := make([]float64, n)
	s := newStream(1, 1, 0)
	s.normals(base)
	for _, o := range []stream{newStream(1, 2, 0), newStream(1, 1, 1), newStream(2, 1, 0), newStream(1, 0, 0), newStream(0, 1, 0)} {
		z := make([]float64, n)
		o.normals(z)
		dot := 0.0
		for i := range z {
			dot += z[i] * base[i]
		}
		if math.Abs(dot) > 5*math.Sqrt(n) {
			t.Errorf("correlation %g", dot/n)
		}
	}
}

func TestNormalsDoNotDependOnCuts(t *testing.T) {
	whole, cut := make([]float64, 1000), make([]float64, 1000)
	a, b := newStream(3, 5, 0), newStream(3, 5, 0)
	a.normals(whole)
	for i := 0; i < 1000; i += 37 {
		b.normals(cut[i:min(i+37, 1000)])
	}
	if !slices.Equal(whole, cut) {
		t.Error("the stream depends on how it is read")
	}
}
