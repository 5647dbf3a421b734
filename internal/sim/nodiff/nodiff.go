// Package nodiff makes random legal programs for comparing engines: in any way of
// running them the same memory, the same cycles and the same counters must come out.
//
// In: a seed. Out: a script of simtest. Every core works on its own memory, then
// exchanges words with its neighbours to the west, east, north and south, in
// random numbers, widths and ways (synchronous or not, one or two halves a
// wavelet), with random work between.
package nodiff

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Limits of a generated program.
const (
	maxSide  = 4
	maxWords = 40
	maxBlock = 8
)

// link is the traffic between two neighbours: n elements of one kind.
type link struct {
	n    int
	wide bool
	simd bool
}

// gen is the state of the generator.
type gen struct {
	*rand.Rand
	w, h  int
	links map[[3]int]link // x, y, side (0 to the east, 1 to the south)
	out   strings.Builder
	label int
}

// Script gives the script of a seed.
func Script(seed uint64) string {
	g := &gen{Rand: rand.New(rand.NewPCG(seed, 7)), links: map[[3]int]link{}}
	g.w, g.h = 1+g.IntN(maxSide), 1+g.IntN(maxSide)
	arch := []string{"wse2", "wse3", "wse3-silicon"}[g.IntN(3)]
	g.line("machine %s", arch)
	g.line("grid %d %d", g.w, g.h)
	for y := range g.h {
		for x := range g.w {
			for side := range 2 {
				wide := g.IntN(2) == 0
				g.links[[3]int{x, y, side}] = link{1 + g.IntN(maxWords), wide, !wide && g.IntN(2) == 0}
			}
			g.routes(x, y)
		}
	}
	for y := range g.h {
		for x := range g.w {
			g.program(x, y)
		}
	}
	for y := range g.h {
		for x := range g.w {
			g.line("place %d %d p%d_%d", x, y, x, y)
			g.line("start %d %d main%d_%d %d", x, y, x, y, g.IntN(1<<16))
		}
	}
	// All stop somewhere in the middle, where nobody may have run too far ahead,
	// and some end there.
	g.line("run %d", 1+g.IntN(400))
	if seed%3 != 0 {
		g.line("run")
		g.line("expect stop quiet")
	}
	return g.out.String()
}

func (g *gen) line(format string, args ...any) {
	fmt.Fprintf(&g.out, format+"\n", args...)
}

// Colours take turns from link to link, so that a core can receive and send.
func east(x int) int  { return x % 2 }
func south(y int) int { return 2 + y%2 }

func (g *gen) routes(x, y int) {
	if x < g.w-1 {
		g.line("route %d %d color %d rx r tx e", x, y, east(x))
	}
	if x > 0 {
		g.line("route %d %d color %d rx w tx r", x, y, east(x-1))
	}
	if y < g.h-1 {
		g.line("route %d %d color %d rx r tx s", x, y, south(y))
	}
	if y > 0 {
		g.line("route %d %d color %d rx n tx r", x, y, south(y-1))
	}
}

func (g *gen) program(x, y int) {
	g.line("program p%d_%d", x, y)
	if x > 0 {
		g.line(" in 2 color %d", east(x-1))
	}
	if y > 0 {
		g.line(" in 4 color %d", south(y-1))
	}
	if x < g.w-1 {
		g.line(" out 3 color %d", east(x))
	}
	if y < g.h-1 {
		g.line(" out 5 color %d", south(y))
	}
	g.line(" data 0x100 u16 %s", g.numbers(64))
	g.line(" task local 9 after\n task local 10 after\n export main%d_%d", x, y)
	g.line(" func main%d_%d u16", x, y)
	g.block()
	for _, i := range g.Perm(4) {
		g.transfer(x, y, i)
		g.block()
	}
	g.line("  ret\n func after")
	g.block()
	g.line("  ret\nend")
}

func (g *gen) numbers(n int) string {
	s := make([]string, n)
	for i := range s {
		s[i] = fmt.Sprint(g.IntN(1 << 16))
	}
	return strings.Join(s, " ")
}

// transfer sends to or receives from one neighbour. Receives are asynchronous, so
// that no order of transfers can block.
func (g *gen) transfer(x, y, which int) {
	var l link
	q, recv, ut := 0, false, 0
	switch {
	case which == 0 && x > 0:
		l, q, recv, ut = g.links[[3]int{x - 1, y, 0}], 2, true, 2
	case which == 1 && y > 0:
		l, q, recv, ut = g.links[[3]int{x, y - 1, 1}], 4, true, 4
	case which == 2 && x < g.w-1:
		l, q, ut = g.links[[3]int{x, y, 0}], 3, 3
	case which == 3 && y < g.h-1:
		l, q, ut = g.links[[3]int{x, y, 1}], 5, 5
	default:
		return
	}
	op, simd := "mov16", ""
	if l.wide {
		op = "mov32"
	}
	if l.simd {
		simd = " simd32"
	}
	done := fmt.Sprintf(" async ut=%d activate=%d", ut, 9+g.IntN(2))
	g.line("  mem r1 %d %d", 0x200+0x80*which, l.n)
	if recv {
		g.line("  fabin r2 %d %d%s", q, l.n, simd)
		if sum := []string{"add16", "fadds"}; g.IntN(2) == 0 {
			g.line("  dsd.%s r3 @r1 @r1 @r2%s", sum[boolInt(l.wide)], done)
			return
		}
		g.line("  dsd.%s r3 @r1 @r2%s", op, done)
		return
	}
	g.line("  fabout r2 %d %d%s", q, l.n, simd)
	g.line("  dsd.%s r3 @r2 @r1%s", op, done)
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// block is random work on registers 4 to 9 and memory 0x100 to 0x1ff.
func (g *gen) block() {
	for range g.IntN(maxBlock) {
		d, a, b := 4+g.IntN(6), 4+g.IntN(6), 4+g.IntN(6)
		switch g.IntN(8) {
		case 0:
			g.line("  const.u16 r%d %d", d, g.IntN(1<<16))
		case 1:
			g.line("  %s.u16 r%d r%d r%d", []string{"add", "sub", "mul", "xor", "shl", "max"}[g.IntN(6)], d, a, b)
		case 2:
			g.line("  storeg.u16 r%d %d", d, 0x100+g.IntN(256))
		case 3:
			g.line("  loadg.u16 r%d %d", d, 0x100+g.IntN(256))
		case 4:
			g.line("  mem r1 %d %d\n  mem r2 %d %[2]d\n  dsd.%[4]s r3 @r1 @r1 @r2", 0x100+g.IntN(60), 1+g.IntN(60), 0x180+g.IntN(60), []string{"add16", "xor16", "faddh", "fmulh"}[g.IntN(4)])
		case 5: // a loop with a known end
			g.label++
			g.line("  const.u16 r10 %d\n  const.u16 r11 0\n L%d:\n  ifle.u16 r10 r11 E%[2]d\n  addi.u16 r11 r11 1\n  add.u16 r%d r%[3]d r11\n  jump L%[2]d\n E%[2]d:", 1+g.IntN(20), g.label, d)
		case 6:
			g.line("  const.u16 r12 %d\n  time r12", 0x1f0)
		case 7:
			g.line("  random r%d 0", d)
		}
	}
}
