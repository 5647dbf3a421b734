package cli

import (
	"context"
	"io"
	"testing"

	"wafer/internal/machine"
)

// BenchmarkCompileDemo is the compile time of a layout, per core.
func BenchmarkCompileDemo(b *testing.B) {
	m, err := machine.Preset("wse3")
	if err != nil {
		b.Fatal(err)
	}
	const w, h = 200, 200
	for b.Loop() {
		if _, err := compileDemo(context.Background(), m, w, h, io.Discard); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(w*h), "ns/core")
}
