package fabric

import (
	"math/bits"

	"wafer/internal/machine"
)

// resolve finds out how the wavelets of channel i leave. What is found holds until
// forget: switches, set-up and ports of the tile decide it, and the colour swap of
// the next one. Control wavelets always go the general way.
func (g *Grid) resolve(i int32) {
	ch := &g.chans[i]
	ch.way, ch.out, ch.to = wayGeneral, 0, None
	if g.Plainly {
		return
	}
	r, c := &g.routers[ch.tile], ch.color()
	e := &r.table.Routes[c]
	s := r.state[c]
	tx := e.Tx[s&statePos]
	if s&stateTorn != 0 || e.Many || !e.Rx[s&statePos].Has(ch.dir()) || tx == 0 {
		return
	}
	if tx.Has(machine.Ramp) && e.Filter != nil {
		return
	}
	links := tx &^ machine.Set(machine.Ramp)
	if links&(links-1) != 0 {
		return
	}
	if links == 0 {
		ch.way, ch.out = wayLink, tx
		return
	}
	d := machine.Dir(bits.TrailingZeros8(uint8(links)))
	if r.sides.Has(machine.Ramp) {
		if k := g.portNumber(ch.tile, d, c); k != None {
			if tx == links {
				ch.way, ch.out, ch.to = wayPort, tx, k
			}
			return
		}
	}
	n := g.neighbour(ch.tile, d)
	if n == None || g.routers[n].table.swap[axis(d)] != 0 {
		return
	}
	to := g.open(n, d.Opposite(), c)
	ch = &g.chans[i] // open may have moved the array
	ch.way, ch.out, ch.to = wayLink, tx, to
}

// forget makes the ways of a colour at tile t be looked up again.
func (g *Grid) forget(t int32, c uint8) {
	for i := g.routers[t].first; i != None; i = g.heads[i].next {
		if g.chans[i].color() == c {
			g.chans[i].way = wayUnknown
		}
	}
}

// forgetAround makes the ways of all colours at tile t and its neighbours be
// looked up again: t may swap colours now.
func (g *Grid) forgetAround(t int32) {
	for d := range machine.Dir(machine.Dirs) {
		n := g.neighbour(t, d)
		if n == None {
			continue
		}
		for i := g.routers[n].first; i != None; i = g.heads[i].next {
			g.chans[i].way = wayUnknown
		}
	}
}

// settleFrom is the number of channels from which their order matters.
const settleFrom = 1024

// settle puts the channels into the order in which routers are visited, so that
// a cycle reads memory from front to back. Called whenever their number has
// doubled, so its cost does not count.
func (g *Grid) settle() {
	chans := make([]channel, 0, 2*len(g.chans))
	heads := make([]link, 0, 2*len(g.chans))
	at := make([]int32, len(g.chans))
	for t := range g.routers {
		r := &g.routers[t]
		for i := r.first; i != None; i = g.heads[i].next {
			at[i] = int32(len(chans))
			chans = append(chans, g.chans[i])
			heads = append(heads, g.heads[i])
		}
		if r.first != None {
			r.first = at[r.first]
		}
	}
	for i := range chans {
		ch := &chans[i]
		ch.id = int32(i)
		if l := &heads[i]; l.next != None {
			l.next = at[l.next]
		}
		if ch.way == wayLink && ch.to != None {
			ch.to = at[ch.to]
		}
	}
	g.chans, g.heads, g.settled = chans, heads, len(chans)
}
