package exec

import (
	"sync"
	"testing"
	"time"

	"wafer/internal/llm/graph"
	"wafer/internal/llm/llmtest"
	"wafer/internal/llm/place"
	"wafer/internal/machine"
)

// stream reads memory that no cache holds with so many goroutines and gives bytes
// a second: the measure for everything that is bound by weights.
func stream(workers int) float64 {
	const words = 32 << 20 // 256 MiB
	data := make([]uint64, words)
	for i := range data {
		data[i] = uint64(i)
	}
	best := 0.0
	for range 5 {
		begin := time.Now()
		var wg sync.WaitGroup
		sums := make([]uint64, 64*workers)
		for w := range workers {
			wg.Go(func() { sums[64*w] = sum(data[words*w/workers : words*(w+1)/workers]) })
		}
		wg.Wait()
		best = max(best, 8*words/time.Since(begin).Seconds())
	}
	return best
}

func sum(d []uint64) uint64 {
	var a, b, c, e, f, g, h, i uint64
	for ; len(d) >= 8; d = d[8:] {
		a, b, c, e, f, g, h, i = a+d[0], b+d[1], c+d[2], e+d[3], f+d[4], g+d[5], h+d[6], i+d[7]
	}
	return a + b + c + e + f + g + h + i
}

// BenchmarkReal is the default way on a real model: tokens a second, and what
// share of the memory's speed its weights are read at, two bytes each.
func BenchmarkReal(b *testing.B) {
	c, err := graph.Open(llmtest.Model(b, llmtest.SmolLM2))
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	p, err := place.Choose(c.Model, machine.Default(machine.WSE3), 512)
	if err != nil {
		b.Fatal(err)
	}
	f, err := NewFast(p, c, 2)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	speed := stream(2)
	b.ResetTimer()
	for i := range b.N {
		if i%256 == 0 {
			f.Reset()
		}
		if _, err := f.Step(b.Context(), i%1000); err != nil {
			b.Fatal(err)
		}
	}
	rate := float64(b.N) / b.Elapsed().Seconds()
	b.ReportMetric(rate, "tokens/s")
	b.ReportMetric(speed/1e9, "GB/s-stream")
	b.ReportMetric(100*rate*2*float64(c.Model.Params())/speed, "%-of-stream")
}
