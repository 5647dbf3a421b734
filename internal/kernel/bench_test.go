package kernel

import (
	"fmt"
	"testing"
)

// BenchmarkKernel reports elements per second for each operation and length.
func BenchmarkKernel(b *testing.B) {
	for _, f := range forms() {
		for _, n := range []int{8, 24, 64, 512} {
			b.Run(fmt.Sprintf("%s/%d", f.name, n), func(b *testing.B) {
				dst := make([]uint16, n*f.wd)
				src := make([][]uint16, len(f.ws))
				for k, w := range f.ws {
					src[k] = make([]uint16, n*w, n*w+64)
					for i := range src[k] {
						src[k][i] = 0x3c00 + uint16(i)&63
					}
				}
				for range b.N {
					f.run(dst, src)
				}
				b.ReportMetric(float64(b.N)*float64(n)/b.Elapsed().Seconds(), "elements/s")
			})
		}
	}
}
