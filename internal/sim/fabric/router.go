package fabric

import (
	"math/bits"

	"wafer/internal/machine"
)

// Begin starts a cycle: what was set for it is now due.
func (g *Grid) Begin(cycle int64) {
	if len(g.chans) >= 2*g.settled && len(g.chans) >= settleFrom {
		g.settle()
	}
	g.Jump(cycle)
	g.out, g.outNext = g.outNext, g.out
	g.outNext.Reset()
}

// StepRouters moves wavelets between routers and into input queues.
func (g *Grid) StepRouters(cycle int64) {
	now := uint32(cycle)
	rest := g.Net.LinkPeriod > 0 && cycle%int64(g.Net.LinkPeriod) == int64(g.Net.LinkPeriod)-1
	used := machine.DirSet(0) // ports that may not send in this cycle
	if rest {
		used = machine.Set(machine.East, machine.West, machine.North, machine.South)
	}
	due := g.due.At(now)
	for i, s := range due.sum {
		for ; s != 0; s &= s - 1 {
			j := i<<6 + bits.TrailingZeros64(s)
			for w := due.words[j]; w != 0; w &= w - 1 {
				g.step(int32(j<<6+bits.TrailingZeros64(w)), now, used)
			}
			due.words[j] = 0
		}
		due.sum[i] = 0
	}
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
// was served last, so that colours share a link in turn. used has the ports that
// have sent in this cycle.
func (g *Grid) step(t int32, now uint32, used machine.DirSet) {
	r := &g.routers[t]
	keep := false
	turn := r.turn
	for i := range parts(r.n) {
		w, start, left := part(r.n, turn, i)
		// The mask is looked at anew each time: a command may open further channels.
		for {
			m := bits.RotateLeft64(r.full[w], -int(start)) & left
			if m == 0 {
				break
			}
			left &^= m ^ (m - 1)
			p := w<<6 | (start+uint8(bits.TrailingZeros64(m)))&63
			i := r.first + int32(p)
			ch := &g.chans[i]
			if int32(now-ch.ready[ch.head]) < 0 {
				continue // still on the link
			}
			var o outcome
			if ch.way >= wayLink && ch.ctrl>>ch.head&1 == 0 {
				o = g.straight(r, ch, &used, now)
			} else {
				o = g.advance(t, i, &used, now)
			}
			if o == moved {
				r.turn = p + 1
			}
			keep = keep || o != blocked
		}
	}
	if keep {
		g.next.Set(t)
	}
}

// straight moves the head of a channel whose way is known.
func (g *Grid) straight(r *router, ch *channel, used *machine.DirSet, now uint32) outcome {
	if ch.out&*used != 0 {
		return busy
	}
	if ch.way == wayPort {
		p := &g.ports[ch.to]
		p.Words = append(p.Words, Word{Data: ch.data[ch.head]})
		r.sent(ch.out)
		g.Hops++
		*used |= ch.out
		g.drop(r, ch, now)
		return moved
	}
	var to *channel
	if ch.to != None {
		if to = &g.chans[ch.to]; !to.takes(g.buffer, now) {
			return blocked
		}
	}
	data := ch.data[ch.head]
	if ch.out.Has(machine.Ramp) {
		ramp := g.ramp(ch.tile)
		q := ramp.InOf[ch.color()]
		if q == None || ramp.In[q].Full() {
			return blocked
		}
		r.load[machine.Ramp]++
		g.receive(ch.tile, ramp, q, Item{Data: data, Color: ch.color(), Ready: now + uint32(g.Net.RampDown)})
	}
	*used |= ch.out
	g.drop(r, ch, now)
	if to != nil {
		r.sent(ch.out &^ machine.Set(machine.Ramp))
		g.Hops++
		g.append(to, data, now+g.hop)
	}
	return moved
}

// sent counts a wavelet through the one port in s.
func (r *router) sent(s machine.DirSet) { r.load[bits.TrailingZeros8(uint8(s))]++ }

// drop removes the head of a channel and wakes whoever waits for the room.
func (g *Grid) drop(r *router, ch *channel, now uint32) {
	ch.ctrl &^= 1 << ch.head
	ch.head = (ch.head + 1) % Slots
	if ch.n--; ch.n == 0 {
		r.full.remove(ch.place)
		r.held--
	}
	ch.lastPop = now
	switch {
	case ch.dir() == machine.Ramp:
		g.outNext.Set(ch.tile)
	case ch.from != None:
		g.Touch(ch.from)
	default:
		if b := g.border(ch.tile, ch.dir()); b != nil {
			b.credit(ch.tile%int32(g.W), ch.color())
		}
	}
}

// advance tries to move the head of channel i of router t, looking at everything.
func (g *Grid) advance(t, i int32, used *machine.DirSet, now uint32) outcome {
	ch := &g.chans[i]
	if ch.way == wayUnknown {
		g.resolve(i)
		if ch = &g.chans[i]; ch.way >= wayLink && ch.ctrl>>ch.head&1 == 0 {
			return g.straight(&g.routers[t], ch, used, now)
		}
	}
	if ch.way == wayShut {
		g.routers[t].full.remove(ch.place)
		return blocked
	}
	c, d := ch.color(), ch.dir()
	s := g.routers[t].at(c)
	if s&stateTorn != 0 {
		return blocked
	}
	e := &g.routers[t].table.Routes[c]
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
	if w.Ctrl && w.Data == OwnAdvance && d == machine.Ramp {
		tx = 0
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
	if g.routers[t].sides.Has(machine.Ramp) && g.port(t, d, c) != nil {
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
	r := &g.routers[t]
	g.drop(r, &g.chans[i], now)
	out := w
	if w.Ctrl && g.obey(t, c, w.Data) {
		out.Data = popped(w.Data)
	}
	for d := machine.East; d < machine.Dirs; d++ {
		if !tx.Has(d) {
			continue
		}
		r.load[d]++
		g.Hops++
		g.emit(t, d, c, out, now)
	}
	if tx.Has(machine.Ramp) {
		r.load[machine.Ramp]++
		g.deliver(t, c, w, now)
	}
}

// emit sends a wavelet out of port d.
func (g *Grid) emit(t int32, d machine.Dir, c uint8, w Word, now uint32) {
	if g.routers[t].sides.Has(machine.Ramp) {
		if p := g.port(t, d, c); p != nil {
			// The host sees data only: published programs (sdklayout-05) switch
			// routes with control wavelets that run out with the stream.
			if !w.Ctrl {
				p.Words = append(p.Words, w)
			}
			return
		}
	}
	ready := now + g.hop
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
	for j, end := g.channels(t); j < end; j++ {
		b := &g.chans[j]
		if j == i || b.color() != a.color() || b.n == 0 || !rx.Has(b.dir()) {
			continue
		}
		for k := uint8(0); k < b.n; k++ {
			if b.ready[(b.head+k)%Slots] == arrived {
				g.Clashes = append(g.Clashes, Clash{t, a.color(), min(a.dir(), b.dir()), max(a.dir(), b.dir())})
				return true
			}
		}
	}
	return false
}
