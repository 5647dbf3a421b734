package nodiff

import (
	"fmt"
	"math/rand/v2"
)

// Limits of a generated program of streams.
const (
	maxLine   = 9
	maxLines  = 4
	maxStream = 200
	maxPushed = 60
)

// role is what a core does about the stream of its row.
type role int

const (
	passes role = iota // its router alone takes part
	taps               // takes a copy and lets the stream pass
	relays             // adds its own and sends on
	sinks
)

// Streams gives a script in which long streams run along rows, through routers and cores
// that take a copy or add what they have, and are crossed and met by others: along
// columns, and from the host on the same links.
func Streams(seed uint64) string {
	g := &gen{Rand: rand.New(rand.NewPCG(seed, 11)), links: map[[3]int]link{}}
	g.w, g.h = 2+g.IntN(maxLine-1), 1+g.IntN(maxLines)
	g.line("machine %s", []string{"wse2", "wse3", "wse3", "wse3-silicon"}[g.IntN(4)])
	g.line("grid %d %d", g.w, g.h)
	columns := make([]int, g.w) // words of the stream down each column
	for x := range columns {
		if g.h > 1 && g.IntN(3) == 0 {
			columns[x] = 1 + g.IntN(maxStream/2)
			g.line("route %d 0 color 4 rx r tx s\nroute %[1]d %d color 4 rx n tx r", x, g.h-1)
			for y := 1; y < g.h-1; y++ {
				g.line("route %d %d color 4 rx n tx s", x, y)
			}
		}
	}
	ports := 0
	for y := range g.h {
		g.row(y, columns)
		if g.IntN(2) == 0 {
			g.line("route * %d color 6 rx w tx e\nport 0 %[1]d 6 w in\nport %d %[1]d 6 e out", y, g.w-1)
			ports++
		}
	}
	for x := range g.w {
		if g.IntN(4) == 0 {
			g.line("route %d * color 7 rx n tx s\nport %[1]d 0 7 n in\nport %[1]d %d 7 s out", x, g.h-1)
			ports++
		}
	}
	for y := range g.h {
		for x := range g.w {
			g.line("start %d %d main%d_%d %d", x, y, x, y, g.IntN(1<<16))
		}
	}
	for cut := range 3 {
		for i := range ports {
			if g.IntN(2) == 0 {
				g.line("pushport %d u32 %s", 2*i, g.numbers(1+g.IntN(maxPushed)))
			}
			if g.IntN(4) == 0 {
				g.line("pushcontrol %d u32 1", 2*i)
			}
		}
		g.line("run %d", 1+cut*150+g.IntN(150))
	}
	if seed%3 != 0 {
		g.line("run\nexpect stop quiet")
	}
	return g.out.String()
}

// row makes the stream of row y: its routes and the programs of its cores.
func (g *gen) row(y int, columns []int) {
	n, wide := 2+g.IntN(maxStream), g.IntN(3) > 0
	color := 0
	for x := range g.w {
		is := role(g.IntN(3))
		if x == g.w-1 {
			is = sinks
		}
		switch {
		case x == 0:
			g.line("route 0 %d color 0 rx r tx e", y)
		case is == passes:
			g.line("route %d %d color %d rx w tx e", x, y, color)
		case is == taps:
			g.line("route %d %d color %d rx w tx er", x, y, color)
		default:
			g.line("route %d %d color %d rx w tx r", x, y, color)
			if is == relays {
				g.line("route %d %d color %d rx r tx e", x, y, 1-color)
			}
		}
		g.streamer(x, y, is, color, n, wide, columns[x])
		if x > 0 && is == relays {
			color = 1 - color
		}
	}
}

// streamer writes the program of a core and places it.
func (g *gen) streamer(x, y int, is role, color, n int, wide bool, column int) {
	g.line("program p%d_%d", x, y)
	receives := x > 0 && is != passes
	sends := x == 0 || is == relays
	if receives {
		g.line(" in 2 color %d", color)
	}
	if sends {
		g.line(" out 3 color %d", (color+boolInt(x > 0))&1)
	}
	top, bottom := column > 0 && y == 0, column > 0 && y == g.h-1
	if top {
		g.line(" out 5 color 4")
	}
	if bottom {
		g.line(" in 4 color 4")
	}
	g.line(" data 0x100 u16 %s", g.numbers(64))
	g.line(" task local 9 after\n task local 10 after\n export main%d_%d", x, y)
	g.line(" func main%d_%d u16", x, y)
	g.delay()
	first := g.IntN(2) == 0
	if first {
		g.column(top, bottom, column)
	}
	g.block()
	g.stream(receives, sends, n, wide)
	if !first {
		g.column(top, bottom, column)
	}
	g.block()
	g.line("  ret\n func after")
	g.block()
	g.line("  ret\nend\nplace %d %d p%[1]d_%[2]d", x, y)
}

// delay lets some cores begin much later than others.
func (g *gen) delay() {
	if g.IntN(3) == 0 {
		g.line("  mem r1 0x100 %d\n  dsd.add16 r3 @r1 @r1 @r1", 1+g.IntN(300))
	}
}

// stream starts the operation of a core on its row's stream.
func (g *gen) stream(receives, sends bool, n int, wide bool) {
	mov, add := "mov16", "add16"
	if wide {
		mov, add = "mov32", "fadds"
	}
	how := ""
	if g.IntN(3) > 0 || !sends {
		how = fmt.Sprintf(" async ut=%d activate=%d", g.IntN(2), 9+g.IntN(2))
	}
	g.line("  mem r1 0x200 %d", n)
	if receives {
		g.line("  fabin r2 2 %d", n)
	}
	if sends {
		g.line("  fabout r9 3 %d", n)
	}
	switch {
	case receives && sends:
		g.line("  dsd.%s r3 @r9 @r1 @r2%s", add, how)
	case sends:
		g.line("  dsd.%s r3 @r9 @r1%s", mov, how)
	case receives && g.IntN(2) == 0:
		g.line("  dsd.%s r3 @r1 @r1 @r2%s", add, how)
	case receives:
		g.line("  dsd.%s r3 @r1 @r2%s", mov, how)
	}
}

func (g *gen) column(top, bottom bool, n int) {
	if top {
		g.line("  mem r1 0x500 %d\n  fabout r2 5 %[1]d\n  dsd.mov32 r3 @r2 @r1 async ut=5 activate=10", n)
	}
	if bottom {
		g.line("  mem r1 0x600 %d\n  fabin r2 4 %[1]d\n  dsd.mov32 r3 @r1 @r2 async ut=4 activate=9", n)
	}
}
