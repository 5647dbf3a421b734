package value

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"
)

// BenchmarkAverageHurdle is the figure the engine must reach: 400,000 paths of
// 1,260 steps with a 30-day average hurdle in at most 5 s on two cores. With a
// python that has numpy (PYTHON, else python3) it runs the vectorised version
// before and after on as many processes and reports the ratio, so that a busy
// machine slows both.
func BenchmarkAverageHurdle(b *testing.B) {
	for _, workers := range []int{1, 2} {
		b.Run("workers="+strconv.Itoa(workers), func(b *testing.B) { benchAverage(b, workers) })
	}
}

const benchPaths = 400_000

func benchAverage(b *testing.B, workers int) {
	before, haveNumpy := numpyRun(b, workers)
	m := amdModel(0.55, PriceAverage(600, 30))
	var r Result
	start := time.Now()
	b.ResetTimer()
	for range b.N {
		var err error
		if r, err = Simulate(context.Background(), m, Options{Paths: benchPaths, Workers: workers}); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	seconds := time.Since(start).Seconds() / float64(b.N)
	b.ReportMetric(seconds*1e9/(benchPaths*1260), "ns/step")
	b.ReportMetric(r.StdErr, "std-err")
	if after, ok := numpyRun(b, workers); ok && haveNumpy {
		b.ReportMetric((before.Seconds+after.Seconds)/2/seconds, "x-numpy-time")
		b.ReportMetric((before.Seconds+after.Seconds)/2, "numpy-s")
		// Time to the same standard error goes with the square of its ratio.
		k := before.StdErr / r.StdErr
		b.ReportMetric((before.Seconds+after.Seconds)/2/seconds*k*k, "x-numpy-equal-error")
	}
}

type numpyResult struct {
	Value   float64 `json:"value"`
	StdErr  float64 `json:"std_err"`
	Seconds float64 `json:"seconds"`
}

func numpyRun(tb testing.TB, procs int) (numpyResult, bool) {
	python := os.Getenv("PYTHON")
	if python == "" {
		python = "python3"
	}
	out, err := exec.Command(python, "testdata/average_hurdle.py", strconv.Itoa(benchPaths), strconv.Itoa(procs)).Output()
	var r numpyResult
	if err != nil || json.Unmarshal(out, &r) != nil {
		tb.Logf("no numpy to compare with: %v", err)
		return r, false
	}
	return r, true
}

// BenchmarkRichModel is a deal with every kind of condition, dilution feedback
// and delivery risk: seven blocks, 20,000 paths of five years.
func BenchmarkRichModel(b *testing.B) {
	m := richModel()
	for range b.N {
		if _, err := Simulate(context.Background(), m, Options{Paths: 20_000}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)*1e9/(20_000*1260), "ns/step")
}
