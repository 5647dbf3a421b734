package fabric

import (
	"fmt"

	"wafer/internal/machine"
)

// Held is a group of wavelets that wait in one buffer of a router.
type Held struct {
	Color uint8
	From  machine.Dir
	Count int
	Why   string
	// Root marks a reason that does not lie with the next router.
	Root bool
}

// RouteNow gives the active directions of a colour.
func (g *Grid) RouteNow(t int32, c uint8) (rx, tx machine.DirSet) {
	e := &g.routers[t].table.Routes[c]
	p := g.Position(t, c)
	return e.Rx[p], e.Tx[p]
}

// Holds lists the wavelets that wait in router t and why.
func (g *Grid) Holds(t int32) (hs []Held) {
	for i, end := g.channels(t); i < end; i++ {
		ch := &g.chans[i]
		if ch.n == 0 {
			continue
		}
		h := Held{Color: ch.color(), From: ch.dir(), Count: int(ch.n)}
		h.Why = g.WhyStuck(t, ch.dir(), ch.color())
		if h.Root = h.Why != ""; !h.Root {
			h.Why = "the next router takes no more"
		}
		hs = append(hs, h)
	}
	return hs
}

// WhyStuck says what keeps wavelets of a colour that entered router t by port
// from here; empty if the obstacle lies further on.
func (g *Grid) WhyStuck(t int32, from machine.Dir, c uint8) string {
	rx, tx := g.RouteNow(t, c)
	switch {
	case rx == 0 && tx == 0:
		return fmt.Sprintf("color %d has no route here", c)
	case g.Suspended(t, c):
		return fmt.Sprintf("color %d is in teardown; tile_config.teardown.exit ends it", c)
	case !rx.Has(from):
		return fmt.Sprintf("switch position %d of color %d does not receive from %s", g.Position(t, c), c, from)
	case tx == 0:
		return fmt.Sprintf("color %d is sent nowhere", c)
	case !tx.Has(machine.Ramp):
		return ""
	}
	r := g.Ramps[t]
	switch {
	case r == nil || r.InOf[c] == None:
		return fmt.Sprintf("no input queue of the core is bound to color %d", c)
	case r.In[r.InOf[c]].Full():
		return fmt.Sprintf("input queue %d of the core is full and nobody takes its wavelets", r.InOf[c])
	}
	return ""
}

// OnRamp reports whether wavelets of colour c that came from the core itself wait
// in router t.
func (g *Grid) OnRamp(t int32, c uint8) bool {
	for i, end := g.channels(t); i < end; i++ {
		if ch := &g.chans[i]; ch.dir() == machine.Ramp && ch.color() == c && ch.n > 0 {
			return true
		}
	}
	return false
}
