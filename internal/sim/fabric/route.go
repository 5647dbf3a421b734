package fabric

import (
	"wafer/internal/image"
	"wafer/internal/machine"
)

// Bits of a colour's state in one router.
const (
	statePos  = 3
	stateTorn = 4 // suspended by a teardown command
)

// Table is the decoded set-up of a router. Tiles with the same set-up share one;
// a tile that writes its configuration registers gets a copy of its own.
type Table struct {
	Routes [machine.Colors]Entry
	// swap has, for each axis, the colours that take the wavelets arriving under
	// the number that differs in the lowest bit. Source: SDK documentation,
	// advanced features: colour swapping.
	swap [3]uint32
	own  bool
}

// Entry is the set-up of one colour.
type Entry struct {
	Rx, Tx [4]machine.DirSet
	// RxOwn and TxOwn have a bit for each position that gives its own directions.
	// A position that changes only one side keeps the other as it was in the
	// position before: published programs (cholesky) advance twice to change both.
	RxOwn, TxOwn uint8
	Valid        uint8 // bit per position that exists
	Pop          image.PopMode
	Ring         bool
	Many         bool // a position with several inputs: look for clashes
	start        uint8
	SwapX        bool
	SwapY        bool
	Filter       *image.Filter
}

// NewTable decodes a route set.
func NewTable(rs *image.RouteSet) *Table {
	t := decode(rs)
	return &t
}

func decode(rs *image.RouteSet) (t Table) {
	for i := range rs.Routes {
		r := &rs.Routes[i]
		e := Entry{Valid: 1, Pop: r.Pop, Ring: r.Ring, start: r.Current & statePos, SwapX: r.SwapX, SwapY: r.SwapY, Filter: r.Filter}
		for p := range r.Pos {
			if e.Rx[p] = r.Pos[p].Rx; e.Rx[p] != 0 {
				e.RxOwn |= 1 << p
			}
			if e.Tx[p] = r.Pos[p].Tx; e.Tx[p] != 0 {
				e.TxOwn |= 1 << p
			}
			if r.Pos[p].Valid {
				e.Valid |= 1 << p
			}
		}
		if r.Teardown {
			e.start |= stateTorn
		}
		t.Routes[r.Color] = e
		t.refresh(r.Color)
	}
	return t
}

// refresh recomputes what is derived from a colour's entry.
func (t *Table) refresh(c uint8) {
	e := &t.Routes[c]
	e.Many = false
	last := 0 // the valid position before
	for p := range e.Rx {
		if e.RxOwn>>p&1 == 0 {
			e.Rx[p] = e.Rx[last]
		}
		if e.TxOwn>>p&1 == 0 {
			e.Tx[p] = e.Tx[last]
		}
		if e.Valid>>p&1 == 1 {
			last = p
		}
		if e.Rx[p]&(e.Rx[p]-1) != 0 {
			e.Many = true
		}
	}
	for i, on := range [3]bool{e.SwapX, e.SwapY, e.SwapX && e.SwapY} {
		t.swap[i] &^= 1 << c
		if on {
			t.swap[i] |= 1 << c
		}
	}
}

// advance gives the switch position after an ADVANCE command.
func (e *Entry) advance(pos uint8) uint8 {
	for p := pos + 1; p < 4; p++ {
		if e.Valid>>p&1 == 1 {
			return p
		}
	}
	if e.Ring {
		return 0
	}
	return pos
}

// Table gives the set-up of tile t, for reading.
func (g *Grid) Table(t int32) *Table { return g.routers[t].table }

// Position gives the switch position of a colour, Suspended its teardown state.
func (g *Grid) Position(t int32, c uint8) uint8 {
	return g.routers[t].at(c) & statePos
}

// Suspended reports whether a colour is in teardown.
func (g *Grid) Suspended(t int32, c uint8) bool {
	return g.routers[t].at(c)&stateTorn != 0
}

// ownTable makes sure that tile t does not share its table.
func (g *Grid) ownTable(t int32) *Table {
	tab := g.routers[t].table
	if !tab.own {
		cp := *tab
		cp.own = true
		tab = &cp
		g.routers[t].table = tab
	}
	return tab
}

// ReadColor gives the colour register of tile t; see machine.RegColor.
func (g *Grid) ReadColor(t int32, c uint8) uint16 {
	e := &g.routers[t].table.Routes[c]
	v := e.Tx[0].RegBits() | e.Rx[0].RegBits()<<machine.ColorRx | uint16(e.Pop)<<machine.ColorPop
	if e.SwapY {
		v |= machine.ColorSwapNS
	}
	if e.SwapX {
		v |= machine.ColorSwapEW
	}
	if g.Suspended(t, c) {
		v |= machine.ColorTeardown
	}
	return v
}

// WriteColor sets the colour register. Positions that stood for "as position 0"
// follow it.
func (g *Grid) WriteColor(t int32, c uint8, v uint16) {
	tab := g.ownTable(t)
	e := &tab.Routes[c]
	e.Tx[0], e.Rx[0] = machine.DirsOfBits(v), machine.DirsOfBits(v>>machine.ColorRx)
	e.Valid |= 1
	e.Pop = image.PopMode(v >> machine.ColorPop & 3)
	e.SwapX, e.SwapY = v&machine.ColorSwapEW != 0, v&machine.ColorSwapNS != 0
	tab.refresh(c)
	r := &g.routers[t]
	s := r.at(c) &^ stateTorn
	if v&machine.ColorTeardown != 0 {
		s |= stateTorn
	}
	r.set(c, s)
	g.forgetAround(t)
	g.Touch(t)
}

// ReadSwitch gives the switch register of a colour; see machine.RegSwitch.
func (g *Grid) ReadSwitch(t int32, c uint8) uint16 {
	e := &g.routers[t].table.Routes[c]
	v := uint16(g.Position(t, c)) << machine.SwitchCurrent
	if e.Ring {
		v |= machine.SwitchRing
	}
	for p := 1; p < 4; p++ {
		v |= e.nibble(p) << (4 * (p - 1))
	}
	return v
}

// nibble encodes position p: its direction and whether that is an input.
func (e *Entry) nibble(p int) uint16 {
	var side uint16
	dirs := e.Tx[p]
	if e.RxOwn>>p&1 == 1 {
		side, dirs = machine.SwitchInput, e.Rx[p]
	}
	if e.Valid>>p&1 == 0 {
		// The side of an invalid position is kept: programs rely on it when they
		// make the position valid again by writing the direction alone.
		return machine.SwitchInvalid | side
	}
	return dirs.RegDir() | side
}

// ReadSwitchTx gives the second switch register; see machine.RegSwitchTx.
func (g *Grid) ReadSwitchTx(t int32, c uint8) uint16 {
	e := &g.routers[t].table.Routes[c]
	var v uint16
	for p := 1; p < 4; p++ {
		n := uint16(machine.SwitchInvalid)
		if e.RxOwn&e.TxOwn>>p&1 == 1 {
			n = e.Tx[p].RegDir()
		}
		v |= n << (4 * (p - 1))
	}
	return v
}

// WriteSwitch sets the switch register. A position whose bits do not change
// keeps what it had: routes may say more than the register can.
func (g *Grid) WriteSwitch(t int32, c uint8, v uint16) {
	old := g.ReadSwitch(t, c)
	tab := g.ownTable(t)
	e := &tab.Routes[c]
	for p := 1; p < 4; p++ {
		n := v >> (4 * (p - 1)) & 15
		if n == old>>(4*(p-1))&15 {
			continue
		}
		dirs, ok := machine.DirsOfReg(n)
		e.Valid &^= 1 << p
		e.RxOwn &^= 1 << p
		e.TxOwn &^= 1 << p
		if n&machine.SwitchInput != 0 {
			e.RxOwn |= 1 << p
			e.Rx[p] = dirs
		} else {
			e.TxOwn |= 1 << p
			e.Tx[p] = dirs
		}
		if ok {
			e.Valid |= 1 << p
		}
	}
	e.Ring = v&machine.SwitchRing != 0
	tab.refresh(c)
	r := &g.routers[t]
	r.set(c, r.at(c)&^statePos|uint8(v>>machine.SwitchCurrent&3))
	g.forget(t, c)
	g.Touch(t)
}

// WriteSwitchTx sets the second switch register.
func (g *Grid) WriteSwitchTx(t int32, c uint8, v uint16) {
	old := g.ReadSwitchTx(t, c)
	tab := g.ownTable(t)
	e := &tab.Routes[c]
	for p := 1; p < 4; p++ {
		n := v >> (4 * (p - 1)) & 7
		if n == old>>(4*(p-1))&7 {
			continue
		}
		e.TxOwn &^= 1 << p
		if dirs, ok := machine.DirsOfReg(n); ok {
			e.Tx[p] = dirs
			e.TxOwn |= 1 << p
			e.Valid |= 1 << p
		}
	}
	tab.refresh(c)
	g.forget(t, c)
	g.Touch(t)
}
