package sim

import (
	"fmt"
	"strings"

	"wafer/internal/machine"
	"wafer/internal/sim/fabric"
	"wafer/internal/sim/pe"
)

// Limits of an explanation: what is beyond is counted, not shown.
const (
	MaxStallEntries = 10_000
	MaxStallLines   = 40
	MaxTrail        = 10_000
)

// Stall says why nothing moves.
type Stall struct {
	Cycle   int64
	Waits   []Wait   // what cores wait for
	Held    []Held   // where wavelets are
	Lost    []Lost   // wavelets that left the rectangle
	Pending int      // launches that have not ended
	More    int      // entries beyond MaxStallEntries
	Hints   []string // what most likely is wrong, best first
}

// Wait is a core that cannot go on.
type Wait struct {
	X, Y int
	pe.Wait
	Cause string // who should have sent or taken
}

// Held is a group of wavelets that cannot move.
type Held struct {
	X, Y int
	fabric.Held
}

// Lost counts wavelets that left the rectangle at an edge where nothing takes them.
type Lost struct {
	X, Y  int
	Dir   machine.Dir
	Color uint8
	Count int64
}

// Explain says what every core and every wavelet waits for. It is meant for a
// machine at rest; on a running one it shows the moment.
func (s *Sim) Explain() Stall {
	st := Stall{Cycle: s.now, Pending: s.Pending()}
	for i := range s.bands {
		b := &s.bands[i]
		for t := range int32(b.net.Tiles()) {
			x, y := int(t)%s.im.Rect.W, int(t)/s.im.Rect.W+b.y0
			for _, w := range b.cores.Waits(t, s.now) {
				if len(st.Waits) == MaxStallEntries {
					st.More++
					continue
				}
				st.Waits = append(st.Waits, Wait{X: x, Y: y, Wait: w, Cause: s.cause(x, y, &w)})
			}
			for _, h := range b.net.Holds(t) {
				if len(st.Held) == MaxStallEntries {
					st.More++
					continue
				}
				st.Held = append(st.Held, Held{x, y, h})
			}
		}
		for _, l := range b.net.Lost {
			x, y := int(l.Tile)%s.im.Rect.W, int(l.Tile)/s.im.Rect.W+b.y0
			st.Lost = append(st.Lost, Lost{x, y, l.Dir, l.Color, l.Count})
		}
	}
	st.hints()
	return st
}

// cause follows the routes of the colour that a core waits for: back to the core
// that should have sent, or on to where its own wavelets are stuck.
func (s *Sim) cause(x, y int, w *pe.Wait) string {
	switch {
	case w.Color >= machine.Colors:
		return ""
	case w.Out:
		return s.taker(x, y, w.Color)
	case w.Queue >= 0:
		return s.sender(x, y, w.Color)
	}
	return ""
}

// sender walks against the arrows from the ramp of (x, y).
func (s *Sim) sender(x, y int, c uint8) string {
	for _, h := range s.im.H2D {
		if h == c {
			return fmt.Sprintf("the host should have sent on color %d", c)
		}
	}
	x0, y0 := x, y
	into := machine.Ramp
	for range MaxTrail {
		b, t := s.at(x, y)
		rx, tx := b.net.RouteNow(t, c)
		switch {
		case rx == 0:
			return fmt.Sprintf("no route of color %d leads to core (%d,%d): core (%d,%d) has none", c, x0, y0, x, y)
		case !tx.Has(into):
			return fmt.Sprintf("color %d does not leave core (%d,%d) by %s", c, x, y, into)
		case b.net.Suspended(t, c):
			return fmt.Sprintf("color %d is in teardown at core (%d,%d)", c, x, y)
		case rx.Has(machine.Ramp):
			return fmt.Sprintf("core (%d,%d) should have sent on color %d", x, y, c)
		}
		d := first(rx)
		dx, dy := d.Step()
		if into = d.Opposite(); !s.inside(x+dx, y+dy) {
			return fmt.Sprintf("color %d comes over the edge of the rectangle at core (%d,%d) from %s", c, x, y, d)
		}
		x, y = x+dx, y+dy
	}
	return fmt.Sprintf("the route of color %d runs in a circle", c)
}

// taker walks with the arrows from the ramp of (x, y) to the first full place.
func (s *Sim) taker(x, y int, c uint8) string {
	from := machine.Ramp
	for range MaxTrail {
		b, t := s.at(x, y)
		if why := b.net.WhyStuck(t, from, c); why != "" {
			return fmt.Sprintf("at core (%d,%d): %s", x, y, why)
		}
		_, tx := b.net.RouteNow(t, c)
		d := first(tx &^ machine.Set(machine.Ramp))
		dx, dy := d.Step()
		if tx&^machine.Set(machine.Ramp) == 0 || !s.inside(x+dx, y+dy) {
			return ""
		}
		x, y, from = x+dx, y+dy, d.Opposite()
	}
	return fmt.Sprintf("the route of color %d runs in a circle", c)
}

func first(set machine.DirSet) machine.Dir {
	for d := range machine.Dir(machine.Dirs) {
		if set.Has(d) {
			return d
		}
	}
	return machine.Ramp
}

func (s *Sim) inside(x, y int) bool {
	return x >= 0 && x < s.im.Rect.W && y >= 0 && y < s.im.Rect.H
}

// hints names what most likely is wrong.
func (st *Stall) hints() {
	seen := map[string]bool{}
	add := func(h string) {
		if h != "" && !seen[h] && len(st.Hints) < MaxStallLines {
			seen[h] = true
			st.Hints = append(st.Hints, h)
		}
	}
	for i := range st.Held {
		if h := &st.Held[i]; h.Root {
			add(fmt.Sprintf("core (%d,%d): %d wavelets of color %d from %s cannot move: %s", h.X, h.Y, h.Count, h.Color, h.From, h.Why))
		}
	}
	for i := range st.Waits {
		if w := &st.Waits[i]; w.Cause != "" {
			add(fmt.Sprintf("core (%d,%d): %s; %s", w.X, w.Y, w.What, w.Cause))
		}
	}
	for _, l := range st.Lost {
		add(fmt.Sprintf("%d wavelets of color %d left the rectangle at core (%d,%d) to %s, where nothing takes them", l.Count, l.Color, l.X, l.Y, l.Dir))
	}
	if st.Pending > 0 && len(st.Hints) == 0 {
		add(fmt.Sprintf("%d cores never finished a launch: the function or a task after it must call unblock_cmd_stream", st.Pending))
	}
}

// String gives the explanation as text.
func (st Stall) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "nothing can move after cycle %d", st.Cycle)
	if st.Pending > 0 {
		fmt.Fprintf(&b, "; %d cores have not finished their launch", st.Pending)
	}
	b.WriteString(".\n")
	list(&b, "most likely", st.Hints)
	var lines []string
	for i := range st.Waits {
		w := &st.Waits[i]
		l := fmt.Sprintf("(%d,%d) %s", w.X, w.Y, w.What)
		if w.Place != "" {
			l += " at " + w.Place
		}
		lines = append(lines, l)
	}
	list(&b, "cores that wait", lines)
	lines = lines[:0]
	for i := range st.Held {
		h := &st.Held[i]
		lines = append(lines, fmt.Sprintf("(%d,%d) color %d from %s: %d, %s", h.X, h.Y, h.Color, h.From, h.Count, h.Why))
	}
	list(&b, "wavelets on the way", lines)
	return b.String()
}

func list(b *strings.Builder, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(b, "%s:\n", title)
	for i, l := range lines {
		if i == MaxStallLines {
			fmt.Fprintf(b, "  and %d more\n", len(lines)-i)
			return
		}
		fmt.Fprintf(b, "  %s\n", l)
	}
}
