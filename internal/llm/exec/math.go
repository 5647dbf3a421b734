package exec

import "math"

// exp is what the kernels' exp_f32 computes (internal/csl/lib/math.csl), rounding
// for rounding.
func exp(x float32) float32 {
	switch {
	case x > 88.72284:
		return float32(math.Inf(1))
	case x < -103.97208:
		return 0
	case x != x:
		return x
	}
	const (
		log2e   float32 = 1.4426950408889634
		ln2High float32 = 0.693359375
		ln2Low  float32 = -2.12194440054690583e-4
	)
	n := floor(float32(x*log2e) + 0.5)
	r := (x - float32(n*ln2High)) - float32(n*ln2Low)
	p := float32(1.9841269841e-4)
	p = float32(p*r) + 1.3888888889e-3
	p = float32(p*r) + 8.3333333333e-3
	p = float32(p*r) + 4.1666666667e-2
	p = float32(p*r) + 1.6666666667e-1
	p = float32(p*r) + 0.5
	p = float32(p*r) + 1
	p = float32(p*r) + 1
	first := int(n) / 2
	return p * powerOfTwo(first) * powerOfTwo(int(n)-first)
}

func powerOfTwo(n int) float32 { return math.Float32frombits(uint32(n+127) << 23) }

// floor is exact for what exp needs, |x| < 2^23.
func floor(x float32) float32 {
	t := float32(int32(x))
	if t > x {
		t--
	}
	return t
}

// invsqrt rounds twice, as the kernels do.
func invsqrt(x float32) float32 { return 1 / float32(math.Sqrt(float64(x))) }
