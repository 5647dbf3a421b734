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
	s := r.at(c)
	tx := e.Tx[s&statePos]
	if s&stateTorn != 0 || !e.Rx[s&statePos].Has(ch.dir()) || tx == 0 {
		ch.way = wayShut
		return
	}
	if e.Many {
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
	for i, end := g.channels(t); i < end; i++ {
		if g.chans[i].color() == c {
			g.forgetWay(i)
		}
	}
}

func (g *Grid) forgetWay(i int32) {
	ch := &g.chans[i]
	if ch.way == wayLent {
		return // when it is given back
	}
	if ch.way == wayShut && ch.n > 0 {
		g.routers[ch.tile].full.add(ch.place)
	}
	ch.way = wayUnknown
}

// forgetAround makes the ways of all colours at tile t and its neighbours be
// looked up again: t may swap colours now, or its channels have moved.
func (g *Grid) forgetAround(t int32) {
	for d := range machine.Dir(machine.Dirs) {
		n := g.neighbour(t, d)
		if n == None {
			continue
		}
		for i, end := g.channels(n); i < end; i++ {
			g.forgetWay(i)
		}
	}
}
