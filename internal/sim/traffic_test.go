package sim_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"wafer/internal/machine"
	"wafer/internal/sim"
)

// BenchmarkPipe sends 128 words through each row of 64×64 routers, from edge to
// edge: the pipe that is measured of other simulators.
func BenchmarkPipe(b *testing.B) {
	const n, words = 64, 128
	text := fmt.Sprintf("machine wse2\ngrid %d %[1]d\nroute * * color 3 rx w tx e\n", n)
	for y := range n {
		text += fmt.Sprintf("port 0 %d 3 w in\nport %d %d 3 e out\n", y, n-1, y)
	}
	m := load(b, text, sim.Options{})
	buf := make([]uint32, words)
	mt := newMeter()
	for b.Loop() {
		for y := range n {
			m.PushPort(2*y, buf)
		}
		m.Run(context.Background(), sim.Until{})
		for y := range n {
			if got := m.PopPort(2*y+1, buf); got != words {
				b.Fatalf("row %d gave %d words", y, got)
			}
		}
	}
	mt.report(b, float64(m.Hops()), "hop")
}

// flows makes random traffic as a wafer can carry it: fixed routes between random
// pairs of cores, east or west first, then north or south, each with a colour that
// is free all the way.
type flows struct {
	n        int
	used     [][machine.Colors]bool
	from, to []int       // colour of the flow that starts or ends at a core, -1
	export   map[int]int // index of main by colour of the sender
	text     strings.Builder
	hops     int
}

func (f *flows) path(src, dst int) (tiles []int) {
	x, y, dx, dy := src%f.n, src/f.n, dst%f.n, dst/f.n
	for tiles = append(tiles, src); x != dx || y != dy; tiles = append(tiles, y*f.n+x) {
		switch {
		case x < dx:
			x++
		case x > dx:
			x--
		case y < dy:
			y++
		default:
			y--
		}
	}
	return tiles
}

// add lays a flow if a colour is free for it.
func (f *flows) add(src, dst int) bool {
	path := f.path(src, dst)
colours:
	for c := range machine.Colors {
		for _, t := range path {
			if f.used[t][c] {
				continue colours
			}
		}
		rx := "r"
		for i, t := range path {
			f.used[t][c] = true
			tx, back := "r", ""
			if i+1 < len(path) {
				switch path[i+1] - t {
				case 1:
					tx, back = "e", "w"
				case -1:
					tx, back = "w", "e"
				case f.n:
					tx, back = "s", "n"
				default:
					tx, back = "n", "s"
				}
			}
			fmt.Fprintf(&f.text, "route %d %d color %d rx %s tx %s\n", t%f.n, t/f.n, c, rx, tx)
			rx = back
		}
		f.from[src], f.to[dst] = c, c
		f.hops += len(path) - 1
		return true
	}
	return false
}

// BenchmarkRandom runs 6,919 cycles of random traffic on 64×64 cores, at about 82
// wavelets a cycle: 0.02 for each core.
func BenchmarkRandom(b *testing.B) {
	const n, flowCount, cycles = 64, 1024, 6919
	rnd := rand.New(rand.NewPCG(1, 1))
	f := &flows{n: n, used: make([][machine.Colors]bool, n*n), from: make([]int, n*n), to: make([]int, n*n), export: map[int]int{}}
	for i := range f.from {
		f.from[i], f.to[i] = -1, -1
	}
	fmt.Fprintf(&f.text, "machine wse3\ngrid %d %[1]d\n", n)
	laid := 0
	for range 100 * flowCount {
		src, dst := rnd.IntN(n*n), rnd.IntN(n*n)
		if (src/n+src)%2 == 0 && (dst/n+dst)%2 == 1 && f.from[src] < 0 && f.to[dst] < 0 && f.add(src, dst) {
			if laid++; laid == flowCount {
				break
			}
		}
	}
	f.programs()
	m := load(b, f.text.String(), sim.Options{})
	mt := newMeter()
	for b.Loop() {
		for t, c := range f.from {
			if c >= 0 {
				if err := m.Start(t%n, t/n, f.export[c], nil); err != nil {
					b.Fatal(err)
				}
			}
		}
		m.Run(context.Background(), sim.Until{Cycle: m.Cycle() + cycles})
	}
	b.ReportMetric(float64(laid), "flows")
	b.ReportMetric(float64(m.Hops())/float64(m.Cycle()), "hops/cycle")
	mt.report(b, float64(m.Hops()), "hop")
}

// programs places senders of four words at a time, with random pauses, and cores
// that swallow what comes. No core does both: a sender has no time for tasks.
func (f *flows) programs() {
	made := map[[2]int]bool{}
	for t := range f.from {
		k := [2]int{f.from[t], f.to[t]}
		if k == [2]int{-1, -1} {
			continue
		}
		name := strings.ReplaceAll(fmt.Sprintf("p%d_%d", k[0], k[1]), "-1", "x")
		if !made[k] {
			made[k] = true
			f.program(name, k[0], k[1])
		}
		fmt.Fprintf(&f.text, "place %d %d %s\n", t%f.n, t/f.n, name)
	}
}

func (f *flows) program(name string, send, recv int) {
	fmt.Fprintf(&f.text, "program %s\n", name)
	if recv >= 0 {
		fmt.Fprintf(&f.text, " in 2 color %d\n task data 2 got 2\n", recv)
	}
	if send >= 0 {
		f.export[send] = len(f.export)
		fmt.Fprintf(&f.text, " out 3 color %d\n export main\n", send)
	}
	if recv >= 0 {
		f.text.WriteString(" func got u16\n  ret\n")
	}
	if send >= 0 {
		f.text.WriteString(` func main
  mem r1 0x100 4
  fabout r2 3 4
 again:
  dsd.mov16 r3 @r2 @r1
  random r7
  const.u16 r8 7
  and.u16 r7 r7 r8
  const.u16 r4 0
 pause:
  addi.u16 r4 r4 1
  ifle.u16 r4 r7 pause
  jump again
  ret
`)
	}
	f.text.WriteString("end\n")
}
