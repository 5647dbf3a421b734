package exec

import (
	"math"
	"testing"
)

func TestExp2(t *testing.T) {
	for x := float32(-124.9); x < 126; x += 0.0137 {
		want := math.Exp2(float64(x))
		if got := float64(exp2(x)); math.Abs(got/want-1) > 4e-6 {
			t.Fatalf("2^%g = %g, want %g", x, got, want)
		}
	}
	if exp2(-1000) > 1e-37 {
		t.Error("far below the range")
	}
}

func TestInverse(t *testing.T) {
	for x := float32(1e-6); x < 1e37; x *= 1.0137 {
		if got := float64(inverse(x)) * float64(x); math.Abs(got-1) > 3e-7 {
			t.Fatalf("1/%g is off by %g", x, got-1)
		}
	}
}

func TestInverseRoot(t *testing.T) {
	for x := float32(1e-20); x < 1e37; x *= 1.0137 {
		if got := float64(inverseRoot(x)) * math.Sqrt(float64(x)); math.Abs(got-1) > 3e-7 {
			t.Fatalf("1/sqrt(%g) is off by %g", x, got-1)
		}
	}
}

func TestGelu(t *testing.T) {
	for x := -100.0; x < 100; x += 0.037 {
		want := 0.5 * x * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
		if got := float64(gelu(float32(x))); math.Abs(got-want) > 1e-5*math.Abs(want)+1e-6 {
			t.Fatalf("gelu(%g) = %g, want %g", x, got, want)
		}
	}
}

func TestSilu(t *testing.T) {
	for x := -100.0; x < 100; x += 0.037 {
		want := x / (1 + math.Exp(-x))
		if got := float64(silu(float32(x))); math.Abs(got-want) > 1e-5*math.Abs(want)+1e-30 {
			t.Fatalf("silu(%g) = %g, want %g", x, got, want)
		}
	}
}
