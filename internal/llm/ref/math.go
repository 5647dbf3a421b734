package ref

import (
	"math"
	"sync"

	"wafer/internal/llm/graph"
)

// dot sums in float64, four terms side by side because one chain of additions
// would wait for itself.
func dot(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float64
	i := 0
	for ; i+4 <= len(a); i += 4 {
		// Exact products, so it does not matter whether the host fuses them.
		p0, p1 := float64(a[i])*float64(b[i]), float64(a[i+1])*float64(b[i+1])
		p2, p3 := float64(a[i+2])*float64(b[i+2]), float64(a[i+3])*float64(b[i+3])
		s0 += p0
		s1 += p1
		s2 += p2
		s3 += p3
	}
	for ; i < len(a); i++ {
		p := float64(a[i]) * float64(b[i])
		s0 += p
	}
	return float32((s0 + s1) + (s2 + s3))
}

// matmul multiplies every vector of x by a matrix of so many rows.
func (n *Net) matmul(w []float32, rows int, x [][]float32) [][]float32 {
	out := make([][]float32, len(x))
	for i := range out {
		out[i] = make([]float32, rows)
	}
	cols := len(x[0])
	// Blocks of rows: each row is read once for all vectors.
	const block = 64
	parallel(n.Workers, (rows+block-1)/block, func(b int) {
		for r := b * block; r < min(rows, (b+1)*block); r++ {
			row := w[r*cols : (r+1)*cols]
			for i := range x {
				out[i][r] = dot(row, x[i])
			}
		}
	})
	return out
}

// parallel calls f(0) to f(n-1) from several goroutines. Calls must not depend
// on each other, so the result is the same for any number of workers.
func parallel(workers, n int, f func(i int)) {
	if workers = min(workers, n); workers <= 1 {
		for i := range n {
			f(i)
		}
		return
	}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				f(i)
			}
		})
	}
	wg.Wait()
}

func (n *Net) norms(x [][]float32, w []float32) [][]float32 {
	out := make([][]float32, len(x))
	for i := range x {
		out[i] = n.norm(x[i], w)
	}
	return out
}

// norm is x / sqrt(mean(x²) + eps) · w.
func (n *Net) norm(x, w []float32) []float32 {
	sum := 0.0
	for _, v := range x {
		square := float64(v) * float64(v)
		sum += square
	}
	scale := 1 / math.Sqrt(float64(sum/float64(len(x)))+float64(n.Model.NormEps))
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(float64(v)*scale) * (w[i] + n.Model.NormOffset)
	}
	return out
}

func softmax(x []float32) {
	most := x[0]
	for _, v := range x {
		most = max(most, v)
	}
	sum := 0.0
	for i, v := range x {
		e := math.Exp(float64(v - most))
		x[i] = float32(e)
		sum += e
	}
	for i, v := range x {
		x[i] = float32(float64(v) / sum)
	}
}

// softcap squeezes values into (-limit, limit); a limit of 0 means none.
func softcap(x []float32, limit float32) {
	if limit == 0 {
		return
	}
	for i, v := range x {
		x[i] = limit * float32(math.Tanh(float64(v/limit)))
	}
}

func activate(a graph.Activation, x float32) float32 {
	v := float64(x)
	if a == graph.SiLU {
		return float32(v / (1 + math.Exp(-v)))
	}
	// The tanh form: 0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))).
	cube := float64(float64(0.044715*v) * float64(v*v))
	inner := float64(math.Sqrt(2/math.Pi) * (v + cube))
	return float32(float64(0.5*v) * (1 + math.Tanh(inner)))
}

// addTo adds b to a; b may be absent.
func addTo(a, b []float32) {
	for i, v := range b {
		a[i] += v
	}
}

// Argmax is the index of the largest value, the first of equal ones.
func Argmax(x []float32) int {
	best := 0
	for i, v := range x {
		if v > x[best] {
			best = i
		}
	}
	return best
}
