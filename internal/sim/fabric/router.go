package fabric

import "wafer/internal/machine"

const stateStride = machine.Colors

// Begin starts a cycle: what was set for the next cycle is now due.
func (g *Grid) Begin() {
	g.cur, g.next = g.next, g.cur
	g.next.Reset()
	g.out, g.outNext = g.outNext, g.out
	g.outNext.Reset()
}

// StepRouters moves wavelets between routers and into input queues.
func (g *Grid) StepRouters(cycle int64) {
	now := uint32(cycle)
	rest := g.Net.LinkPeriod > 0 && cycle%int64(g.Net.LinkPeriod) == int64(g.Net.LinkPeriod)-1
	g.cur.Each(func(t int32) { g.step(t, now, rest) })
}

// StepOut moves wavelets from output queues to routers.
func (g *Grid) StepOut(cycle int64) {
	g.out.Each(func(t int32) { g.stepOut(t, uint32(cycle)) })
}

// outcome of an attempt to move the head of a channel.
type outcome uint8

const (
	blocked outcome = iota // until something else changes
	busy                   // a port was taken in this cycle: try again
	moved
)

// step gives every channel of router t one chance, starting behind the one that
// was served last, so that colours share a link in turn.
func (g *Grid) step(t int32, now uint32, rest bool) {
	used := machine.DirSet(0) // ports that sent in this cycle
	if rest {
		used = machine.Set(machine.East, machine.West, machine.North, machine.South)
	}
	keep := false
	start := g.rr[t]
	for pass := range 2 {
		for i := g.first[t]; i != None; {
			ch := &g.chans[i]
			next := ch.next
			// The first pass takes the channels behind start, the second the rest.
			if k := ch.key(); (k > start) == (pass == 0) && ch.n > 0 {
				switch g.advance(t, i, &used, now) {
				case moved:
					g.rr[t] = k
					keep = true
				case busy:
					keep = true
				}
			}
			i = next
		}
	}
	if keep && g.occ[t] > 0 {
		g.next.Set(t)
	}
}

// advance tries to move the head of channel i of router t.
func (g *Grid) advance(t, i int32, used *machine.DirSet, now uint32) outcome {
	ch := &g.chans[i]
	if int32(now-ch.ready[ch.head]) < 0 {
		return busy // still on the link
	}
	c, d := ch.color, ch.dir
	s := g.state[int(t)*stateStride+int(c)]
	if s&stateTorn != 0 {
		return blocked
	}
	e := &g.tables[t].Routes[c]
	pos := s & statePos
	tx := e.Tx[pos]
	if !e.Rx[pos].Has(d) || tx == 0 {
		return blocked
	}
	if e.Many && g.clash(t, i, e.Rx[pos], now) {
		return blocked
	}
	w := Word{ch.data[ch.head], ch.ctrl>>ch.head&1 == 1}
	if w.Ctrl && w.Data&noCore != 0 {
		tx &^= machine.Set(machine.Ramp)
	}
	if tx&*used != 0 {
		return busy
	}
	if !g.roomAll(t, c, tx, w, now) {
		return blocked
	}
	*used |= tx
	g.forward(t, i, c, tx, w, now)
	return moved
}

// roomAll reports whether all outputs can accept: a multicast moves as a whole.
func (g *Grid) roomAll(t int32, c uint8, tx machine.DirSet, w Word, now uint32) bool {
	for d := machine.East; d < machine.Dirs; d++ {
		if tx.Has(d) && !g.roomOut(t, c, d, now) {
			return false
		}
	}
	return !tx.Has(machine.Ramp) || g.roomIn(t, c, w)
}

func (g *Grid) roomOut(t int32, c uint8, d machine.Dir, now uint32) bool {
	if g.ported.Has(t) && g.port(t, d, c, false) != nil {
		return true
	}
	if n := g.neighbour(t, d); n != None {
		return g.canPush(n, d.Opposite(), c, now)
	}
	if b := g.border(t, d); b != nil {
		return b.room(t%int32(g.W), c)
	}
	return true // leaves the rectangle, see lose
}

// roomIn reports whether the core takes a wavelet; a filter that drops it does.
func (g *Grid) roomIn(t int32, c uint8, w Word) bool {
	r := g.ramp(t)
	if f := r.filter(c); f != nil && !f.passes(w) {
		return true
	}
	q := r.InOf[c]
	if q == None && w.Ctrl && g.Arch == machine.WSE2 {
		q = r.adopt(c)
	}
	return q != None && !r.In[q].Full()
}

// forward moves a wavelet that may go; then its command, if it has one, acts.
func (g *Grid) forward(t, i int32, c uint8, tx machine.DirSet, w Word, now uint32) {
	g.pop(t, i, now)
	out := w
	if w.Ctrl && g.obey(t, c, w.Data) {
		out.Data = popped(w.Data)
	}
	for d := machine.East; d < machine.Dirs; d++ {
		if !tx.Has(d) {
			continue
		}
		g.load[int(t)*machine.Dirs+int(d)]++
		g.Hops++
		g.emit(t, d, c, out, now)
	}
	if tx.Has(machine.Ramp) {
		g.load[int(t)*machine.Dirs+int(machine.Ramp)]++
		g.deliver(t, c, w, now)
	}
}

// emit sends a wavelet out of port d.
func (g *Grid) emit(t int32, d machine.Dir, c uint8, w Word, now uint32) {
	if g.ported.Has(t) {
		if p := g.port(t, d, c, false); p != nil {
			// The host sees data only: published programs (sdklayout-05) switch
			// routes with control wavelets that run out with the stream.
			if !w.Ctrl {
				p.Words = append(p.Words, w)
			}
			return
		}
	}
	ready := now + uint32(g.Net.Hop)
	if n := g.neighbour(t, d); n != None {
		g.push(n, d.Opposite(), c, w, ready)
		return
	}
	if b := g.border(t, d); b != nil {
		b.send(t%int32(g.W), c, w, ready)
		return
	}
	g.lose(t, d, c)
}

// deliver puts a wavelet into the core's input queue, or drops it in the filter.
func (g *Grid) deliver(t int32, c uint8, w Word, now uint32) {
	r := g.ramp(t)
	if f := r.filter(c); f != nil && !f.judge(w) {
		return
	}
	g.receive(t, r, r.InOf[c], Item{Data: w.Data, Ctrl: w.Ctrl, Color: c, Ready: now + uint32(g.Net.RampDown)})
}

// pop removes the head of channel i and wakes whoever waits for the room.
func (g *Grid) pop(t, i int32, now uint32) {
	ch := &g.chans[i]
	ch.head = (ch.head + 1) % Slots
	ch.n--
	ch.lastPop = now
	g.occ[t]--
	g.next.Set(t)
	if ch.dir == machine.Ramp {
		g.outNext.Set(t)
		return
	}
	if n := g.neighbour(t, ch.dir); n != None {
		g.Touch(n)
		return
	}
	if b := g.border(t, ch.dir); b != nil {
		b.credit(t%int32(g.W), ch.color)
	}
}

// lose counts a wavelet that leaves the rectangle. The routers beyond have no
// program; the wavelet is gone. ASSUMED(edge-sink)
func (g *Grid) lose(t int32, d machine.Dir, c uint8) {
	for i := range g.Lost {
		if l := &g.Lost[i]; l.Tile == t && l.Dir == d && l.Color == c {
			l.Count++
			return
		}
	}
	g.Lost = append(g.Lost, Lost{t, d, c, 1})
}

// clash looks for a second open input of the same colour whose wavelet arrived in
// the same cycle as the head of channel i.
func (g *Grid) clash(t, i int32, rx machine.DirSet, now uint32) bool {
	a := &g.chans[i]
	arrived := a.ready[a.head]
	for j := g.first[t]; j != None; j = g.chans[j].next {
		b := &g.chans[j]
		if j == i || b.color != a.color || b.n == 0 || !rx.Has(b.dir) {
			continue
		}
		for k := uint8(0); k < b.n; k++ {
			if b.ready[(b.head+k)%Slots] == arrived {
				g.Clashes = append(g.Clashes, Clash{t, a.color, min(a.dir, b.dir), max(a.dir, b.dir)})
				return true
			}
		}
	}
	return false
}
