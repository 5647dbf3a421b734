package exec

import "math"

// The elementary functions of the kernels (kernels/csl/vector.csl), rounding for
// rounding.

// exp2 is 2^x for x up to 126; what is below -125 counts as -125.
func exp2(x float32) float32 {
	x = max(x, -125)
	n := int32(x+127.5) - 127
	x -= float32(n)
	p := float32(0.009570102207362652*x) + 0.05591785907745361
	p = float32(p*x) + 0.240247443318367
	p = float32(p*x) + 0.6931217908859253
	p = float32(p*x) + 0.9999992847442627
	return math.Float32frombits(math.Float32bits(p) + uint32(n)<<23)
}

// inverse is 1 / x for positive x below 2^125.
func inverse(x float32) float32 {
	b := math.Float32bits(x)
	y := math.Float32frombits(b&0xffff | (0x7ef3-b>>16)<<16)
	for range 3 {
		y *= 2 - float32(x*y)
	}
	return y
}

// inverseRoot is 1 / sqrt(x) for positive x.
func inverseRoot(x float32) float32 {
	b, half := math.Float32bits(x), x*0.5
	y := math.Float32frombits(b&0xffff | (0x5f37-b>>17)<<16)
	for range 3 {
		y *= 1.5 - float32(float32(y*y)*half)
	}
	return y
}

// minusLog2E is log2(e), negative, as an f32.
const minusLog2E float32 = -1.4426950408889634

// sigmoid is 1 / (1 + e^-z), for z down to -86, below which it is as good as zero.
func sigmoid(z float32) float32 { return inverse(exp2(max(z, -86)*minusLog2E) + 1) }

// silu is g / (1 + e^-g).
func silu(g float32) float32 { return g * sigmoid(g) }

// The factors of gelu, as in layer.csl.
const (
	gelu1 float32 = 1.5957691216057308
	gelu3 float32 = 0.0713548162726009
)

// gelu is the tanh form of GELU.
func gelu(g float32) float32 {
	z := float32(float32(g*g)*gelu3) + gelu1
	return g * sigmoid(z*g)
}

// invsqrt rounds twice, as the kernels do.
func invsqrt(x float32) float32 { return 1 / float32(math.Sqrt(float64(x))) }
