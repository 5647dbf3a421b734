package sim_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"wafer/internal/sim"
	"wafer/internal/sim/simtest"
)

// oneByOne is a MinBurst with which no stream moves in bursts.
const oneByOne = 1 << 30

// BenchmarkHops moves wavelets eastward through every router of a square, one by one:
// the cost of one hop when all links are busy.
func BenchmarkHops(b *testing.B) { hops(b, oneByOne) }

// BenchmarkHopsInBursts is the same as it is run: each row owns its way.
func BenchmarkHopsInBursts(b *testing.B) { hops(b, 0) }

func hops(b *testing.B, minBurst int) {
	for _, n := range []int{64, 256} {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("%dx%d/workers=%d", n, n, workers), func(b *testing.B) {
				text := fmt.Sprintf("machine wse2\ngrid %d %d\nroute * * color 3 rx w tx e\n", n, n)
				for y := range n {
					text += fmt.Sprintf("port 0 %d 3 w in\nport %d %d 3 e out\n", y, n-1, y)
				}
				m := load(b, text, sim.Options{Workers: workers, MinBurst: minBurst})
				words := make([]uint32, 1<<12)
				mt := newMeter()
				for b.Loop() {
					for y := range n {
						m.PushPort(2*y, words)
					}
					m.Run(context.Background(), sim.Until{})
				}
				mt.report(b, float64(m.Hops()), "hop")
			})
		}
	}
}

// BenchmarkScalar runs a loop of scalar instructions on one core and on many.
func BenchmarkScalar(b *testing.B) {
	for _, n := range []int{1, 64} {
		b.Run(fmt.Sprintf("cores=%d", n*n), func(b *testing.B) {
			m := load(b, fmt.Sprintf(`machine wse3
grid %d %[1]d
program p
  export main
  func main
    const.u16 r1 1000
    const.u16 r2 0
  loop:
    ifle.u16 r1 r2 out
    addi.u16 r2 r2 1
    add.u16 r3 r3 r2
    xor.u16 r4 r3 r2
    jump loop
  out:
    done
    ret
end
place * * p
`, n), sim.Options{})
			mt := newMeter()
			for b.Loop() {
				for y := range n {
					for x := range n {
						if err := m.Start(x, y, 0, nil); err != nil {
							b.Fatal(err)
						}
					}
				}
				m.Run(context.Background(), sim.Until{Launches: true})
			}
			var k int64
			for y := range n {
				for x := range n {
					k += m.Stats(x, y).Instructions
				}
			}
			mt.report(b, float64(k), "instr")
		})
	}
}

// BenchmarkWafer floods a word over the whole WSE-3 rectangle.
func BenchmarkWafer(b *testing.B) {
	const w, h = 755, 1170
	text := fmt.Sprintf(`machine wse3
grid %d %d
route 0 0 color 3 rx r tx es
route 1-%d 0 color 3 rx w tx ers
route * 1-%d color 3 rx n tx sr
program root
  out 2 color 3
  export send
  func send
    const.u16 r0 7
    fabout r2 2 1
    dsd.mov16 r3 @r2 r0 async
    done
    ret
end
program leaf
  in 2 color 3
  task data 2 got 2
  func got u16
    storeg.u16 r0 0x100
    ret
end
place * * leaf
place 0 0 root
`, w, h, w-1, h-1)
	for b.Loop() {
		m := load(b, text, sim.Options{})
		if err := m.Start(0, 0, 0, nil); err != nil {
			b.Fatal(err)
		}
		t := time.Now()
		stop := m.Run(context.Background(), sim.Until{})
		b.ReportMetric(time.Since(t).Seconds(), "s/run")
		var ms runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&ms)
		b.ReportMetric(float64(ms.HeapAlloc)/w/h, "B/core")
		b.ReportMetric(float64(stop.Cycle), "cycles")
		runtime.KeepAlive(m)
	}
}

func load(b *testing.B, text string, opt sim.Options) *sim.Sim {
	b.Helper()
	m, err := simtest.Run(text, opt)
	if err != nil {
		b.Fatal(err)
	}
	return m
}

// BenchmarkStream lets every core send 256 words to its eastern neighbour and add
// what it receives: cores, ramps and links all busy.
func BenchmarkStream(b *testing.B) {
	const n, words = 64, 256
	text := fmt.Sprintf("machine wse3\ngrid %d %[1]d\n", n)
	for x := range n { // colours take turns from link to link
		text += fmt.Sprintf("route %d * color %d rx r tx e\nroute %[1]d * color %[3]d rx w tx r\n", x, x%2, 1-x%2)
	}
	for odd := range 2 {
		text += fmt.Sprintf(`program p%d
  in 2 color %d
  out 3 color %d
  export main
  func main
    mem r1 0x100 %[4]d
    fabin r2 2 %[4]d
    dsd.fadds r3 @r1 @r1 @r2 async
    fabout r4 3 %[4]d
    dsd.fmovs r3 @r4 @r1 async
    done
    ret
end
`, odd, 1-odd, odd, words)
	}
	// The first column would wait for ever; it gets its words from the edge.
	for y := range n {
		text += fmt.Sprintf("port 0 %d 1 w in\n", y)
	}
	for x := range n {
		text += fmt.Sprintf("place %d * p%d\n", x, x%2)
	}
	m := load(b, text, sim.Options{})
	mt := newMeter()
	for b.Loop() {
		for y := range n {
			for x := range n {
				if err := m.Start(x, y, x%2, nil); err != nil {
					b.Fatal(err)
				}
			}
			m.PushPort(y, make([]uint32, words))
		}
		if stop := m.Run(context.Background(), sim.Until{}); stop.Reason != sim.Quiet {
			b.Fatal(stop)
		}
	}
	var k int64
	for y := range n {
		for x := range n {
			k += m.Stats(x, y).Elements
		}
	}
	mt.report(b, float64(k), "elem")
}

// BenchmarkSparse has a whole WSE-3 of which 1,000 cores exchange words: 500 a cycle
// once all have started, which takes a thousand cycles. In bursts, and one by one.
func BenchmarkSparse(b *testing.B) {
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) { exchange(b, workers, 0) })
	}
	b.Run("OneByOne", func(b *testing.B) { exchange(b, 2, oneByOne) })
}

// sendAndAdd has a program that sends words and one that adds what comes.
func sendAndAdd(words int) string {
	return fmt.Sprintf(`program send
  out 3 color 2
  export main
  func main
    mem r1 0x100 %[1]d
    fabout r4 3 %[1]d
    dsd.fmovs r3 @r4 @r1 async
    done
    ret
end
program recv
  in 2 color 2
  export other
  func other
    mem r1 0x100 %[1]d
    fabin r2 2 %[1]d
    dsd.fadds r3 @r1 @r1 @r2 async
    done
    ret
end
`, words)
}

func exchange(b *testing.B, workers, minBurst int) {
	m := load(b, `machine wse3
grid 755 1170
route 0 0-499 color 2 rx r tx e
route 1 0-499 color 2 rx w tx r
`+sendAndAdd(10000)+`place 0 0-499 send
place 1 0-499 recv
`, sim.Options{Workers: workers, MinBurst: minBurst})
	mt := newMeter()
	var cycles int64
	for b.Loop() {
		from := m.Cycle()
		for y := range 500 {
			for x := range 2 {
				if err := m.Start(x, y, x, nil); err != nil {
					b.Fatal(err)
				}
			}
		}
		m.Run(context.Background(), sim.Until{})
		cycles += m.Cycle() - from
	}
	b.ReportMetric(500*10000*float64(b.N)/float64(cycles), "words/cycle")
	mt.report(b, float64(cycles), "cycle")
}

// BenchmarkNeighbours has 100×100 cores of which every second sends 1,000 words to its
// neighbour: many streams at once. In bursts, and one by one.
func BenchmarkNeighbours(b *testing.B) {
	b.Run("Bursts", func(b *testing.B) { neighbours(b, 0) })
	b.Run("OneByOne", func(b *testing.B) { neighbours(b, oneByOne) })
}

func neighbours(b *testing.B, minBurst int) {
	const n, words = 100, 1000
	text := fmt.Sprintf("machine wse3\ngrid %d %[1]d\n", n) + sendAndAdd(words)
	for x := 0; x < n; x += 2 {
		text += fmt.Sprintf("route %d * color 2 rx r tx e\nroute %[2]d * color 2 rx w tx r\nplace %[1]d * send\nplace %[2]d * recv\n", x, x+1)
	}
	m := load(b, text, sim.Options{MinBurst: minBurst})
	mt := newMeter()
	for b.Loop() {
		for y := range n {
			for x := range n {
				if err := m.Start(x, y, x%2, nil); err != nil {
					b.Fatal(err)
				}
			}
		}
		m.Run(context.Background(), sim.Until{})
	}
	mt.report(b, float64(b.N)*n*n/2*words, "word")
}

// BenchmarkSparseRows has a whole WSE-3 of which two rows carry a stream: 1,510
// routers move a wavelet in every cycle.
func BenchmarkSparseRows(b *testing.B) {
	m := load(b, `machine wse3
grid 755 1170
route * 300 color 3 rx w tx e
route * 700 color 3 rx w tx e
port 0 300 3 w in
port 754 300 3 e out
port 0 700 3 w in
port 754 700 3 e out
`, sim.Options{})
	sparse(b, m, func() {
		m.PushPort(0, make([]uint32, 20_000))
		m.PushPort(2, make([]uint32, 20_000))
	})
}

// BenchmarkSparseCores has a whole WSE-3 of which 1,000 cores compute.
func BenchmarkSparseCores(b *testing.B) {
	m := load(b, `machine wse3
grid 755 1170
program p
  export main
  func main
    const.u16 r1 1000
    const.u16 r2 0
  loop:
    ifle.u16 r1 r2 out
    addi.u16 r2 r2 1
    mem r4 0x100 16
    dsd.fadds r3 @r4 @r4 @r4
    jump loop
  out:
    done
    ret
end
place 0 0-999 p
`, sim.Options{})
	sparse(b, m, func() {
		for y := range 1000 {
			if err := m.Start(0, y, 0, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// sparse counts the cycles of runs that give begins.
func sparse(b *testing.B, m *sim.Sim, give func()) {
	mt := newMeter()
	from := m.Cycle()
	for b.Loop() {
		give()
		m.Run(context.Background(), sim.Until{})
	}
	mt.report(b, float64(m.Cycle()-from), "cycle")
}
