package sim_test

import (
	"syscall"
	"testing"
	"time"
)

// meter measures work against the host: per second of wall time, per second of
// processor time (a shared host gives only part of the first), and per pass of a
// loop of dependent loads and additions that was timed just before. The last is
// what to compare between hosts and days.
type meter struct {
	passes float64 // of the calibration loop, per second of processor time
	cpu    time.Duration
}

func newMeter() *meter {
	const n = 1 << 24
	from := processorTime()
	sum := calibrate(n)
	m := &meter{passes: n / (processorTime() - from).Seconds()}
	if sum == 0 { // never, but the compiler does not know
		m.passes = 0
	}
	m.cpu = processorTime()
	return m
}

// calibrate walks a ring of 4,096 words: one load in the first-level cache, one
// addition and one branch a pass.
func calibrate(n int) (sum uint32) {
	var ring [4096]uint32
	for i := range ring {
		ring[i] = uint32(i*1365+1) % 4096
	}
	at := uint32(0)
	for range n {
		at = ring[at&4095]
		sum += at
	}
	return sum
}

// report gives work done since the meter was made, in millions of unit.
func (m *meter) report(b *testing.B, work float64, unit string) {
	cpu := (processorTime() - m.cpu).Seconds()
	b.ReportMetric(work/b.Elapsed().Seconds()/1e6, "M"+unit+"/s")
	b.ReportMetric(work/cpu/1e6, "M"+unit+"/cpu-s")
	b.ReportMetric(m.passes*cpu/work, "passes/"+unit)
}

func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
