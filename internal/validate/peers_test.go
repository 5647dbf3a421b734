package validate

import (
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The benchmarks here are programs that other simulators have published times or
// programs for; docs/performance.md has theirs beside ours. Loading and compiling
// are not timed, as theirs is not.

// clock measures processor time, which a shared host does not stretch as it does
// wall time, and against a loop of dependent loads timed in the same process.
type clock struct {
	passes float64 // of the loop, per second of processor time
	cpu    time.Duration
	wall   time.Time
	used   time.Duration
	passed time.Duration
}

func newClock() *clock {
	const n = 1 << 24
	from := processorTime()
	var ring [4096]uint32
	for i := range ring {
		ring[i] = uint32(i*1365+1) % 4096
	}
	at := uint32(0)
	for range n {
		at = ring[at&4095]
	}
	c := &clock{passes: n / (processorTime() - from).Seconds()}
	if at == 1<<31 { // never, but the compiler does not know
		c.passes = 0
	}
	return c
}

func (c *clock) begin() { c.cpu, c.wall = processorTime(), time.Now() }

func (c *clock) end() {
	c.used += processorTime() - c.cpu
	c.passed += time.Since(c.wall)
}

// report gives figures for one of n runs that moved hops wavelets.
func (c *clock) report(b *testing.B, n int, cycles, hops int64) {
	cpu := c.used.Seconds() / float64(n)
	b.ReportMetric(c.passed.Seconds()/float64(n), "s/run")
	b.ReportMetric(cpu, "cpu-s/run")
	b.ReportMetric(float64(hops)/cpu/1e6, "Mhops/cpu-s")
	b.ReportMetric(c.passes*cpu/float64(hops), "passes/hop")
	b.ReportMetric(float64(cycles), "cycles")
	b.ReportMetric(float64(hops), "hops")
	b.ReportMetric(residentPeak(), "peak-MB")
	b.ReportMetric(0, "ns/op")
}

func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// residentPeak is the most memory the process has had, in megabytes, compiling
// included; 0 where the system does not tell.
func residentPeak() float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "VmHWM:" {
			kb, _ := strconv.ParseFloat(f[1], 64)
			return kb / 1024
		}
	}
	return 0
}

// threads are the numbers of workers that a problem is run with.
var threads = []int{1, 2}

// BenchmarkFFT transforms n³ complex numbers on n × n cores of a WSE-2.
func BenchmarkFFT(b *testing.B) {
	for _, n := range []int{32, 64, 128} {
		for _, half := range []int{n / 2, n} {
			for _, workers := range threads {
				b.Run(fmt.Sprintf("%dx%d/lines=%d/workers=%d", n, n, half, workers), func(b *testing.B) { timeFFT(b, n, half, workers) })
			}
		}
	}
}

func timeFFT(b *testing.B, n, half, workers int) {
	c := newClock()
	var out *fftOutcome
	runs := 0
	for b.Loop() {
		b.StopTimer()
		f, err := newFFT(b.Context(), "wse2", n, half, workers, testSignal)
		if err != nil {
			b.Fatal(err)
		}
		debug.FreeOSMemory()
		b.StartTimer()
		c.begin()
		out, err = f.run(b.Context())
		c.end()
		if err != nil {
			b.Fatal(err)
		}
		runs++
	}
	if out.hops != fftHops(n, half) {
		b.Fatalf("%d hops, by the closed form %d", out.hops, fftHops(n, half))
	}
	c.report(b, runs, out.cycles, out.hops)
}

// BenchmarkSpMV multiplies a Kronecker matrix of 2^16 rows with a vector, a
// message for each of its elements.
func BenchmarkSpMV(b *testing.B) {
	a, x, want := kron16(b)
	for _, c := range []struct{ n, shift int }{{16, 8}, {32, 6}, {64, 4}} {
		plan, err := planSpMV(a, x, c.n, c.shift)
		if err != nil {
			b.Fatal(err)
		}
		for _, workers := range threads {
			b.Run(fmt.Sprintf("%dx%d/workers=%d", c.n, c.n, workers), func(b *testing.B) { timeSpMV(b, plan, workers, want) })
		}
	}
}

func timeSpMV(b *testing.B, plan *spmvPlan, workers int, want []uint32) {
	k := newClock()
	var out *spmvOutcome
	runs := 0
	for b.Loop() {
		b.StopTimer()
		r, err := newSpMV(b.Context(), "wse2", plan, workers)
		if err != nil {
			b.Fatal(err)
		}
		debug.FreeOSMemory()
		b.StartTimer()
		k.begin()
		out, err = r.run(b.Context())
		k.end()
		if err != nil {
			b.Fatal(err)
		}
		runs++
	}
	if !slices.Equal(out.y, want) || out.hops != plan.hops {
		b.Fatalf("the product is wrong, or %d hops are not %d", out.hops, plan.hops)
	}
	k.report(b, runs, out.cycles, out.hops)
	b.ReportMetric(float64(plan.messages), "messages")
}
