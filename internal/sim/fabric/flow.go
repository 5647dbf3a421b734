package fabric

import (
	"math/bits"

	"wafer/internal/machine"
)

// A Flow is a stream that owns its way: from an output queue or a port of the host through
// routers to the input queues of cores or to a port. When every stage of it moves one
// wavelet in every cycle, and nobody else can come in between, nothing about it changes
// but the words, and many cycles of it are one copy of words. While a cluster moves it
// so, its queue and channels are lent: nobody looks at them, and a wavelet that comes
// to one of its routers from elsewhere is noted in Grid.Disturbed.
type Flow struct {
	// Taps are the input queues that get its wavelets.
	Taps  []Tap
	tile  int32
	port  int32 // that it comes from, None for a queue
	queue uint8
	color uint8
	lent  bool // the queue or the port
	links []link
	words []uint32
}

// Tap is an input queue at a link of a flow.
type Tap struct {
	Tile  int32
	Queue int8
	link  int
}

// link is a channel of a flow, in the order of its way. While it is lent its number
// may change.
type link struct {
	tile int32
	to   int32 // of the channel before it was lent
	off  int32 // wavelets of the flow that are ahead of those in it
	key  uint8
	way  way
	out  machine.DirSet
}

// reset makes f a flow without links, with the memory that it has.
func (f *Flow) reset(t, port int32, q, c uint8) {
	*f = Flow{tile: t, port: port, queue: q, color: c, Taps: f.Taps[:0], links: f.links[:0]}
}

// Lend follows the stream that leaves output queue q of tile t with colour c, and lends
// its way to burst id, if every stage moves one wavelet in each cycle after now. early
// is the number of cycles for which the core has sent already. Whether the taps take
// the wavelets is for the caller to find out, by Sinks, and whether others use the
// routers, by Alone. Also where it is false the flow has to be given back.
func (g *Grid) Lend(f *Flow, t int32, q, c uint8, now uint32, early int, id int32) bool {
	f.reset(t, None, q, c)
	r := g.Ramps[t]
	oq := &r.Out[q]
	n := int(oq.N)
	if r.filled != 1<<q || n <= early || n-early >= int(oq.cap) || c >= machine.Colors || g.hostOut>>c&1 == 1 {
		return false
	}
	for k := range n {
		if it := oq.At(k); it.Ctrl || it.Color != c || int32(now+1+uint32(k)-it.Ready) < 0 {
			return false
		}
	}
	r.filled, f.lent = 0, true
	return g.follow(f, machine.Ramp, now, uint32(g.Net.RampUp), id)
}

// LendPort does the same for what comes in by a port. n is how many wavelets may.
func (g *Grid) LendPort(f *Flow, port int32, now uint32, id int32) (n int, ok bool) {
	p := &g.ports[port]
	f.reset(p.Tile, port, 0, p.Color)
	for _, w := range p.Words[p.Taken:] {
		if w.Ctrl {
			break
		}
		n++
	}
	p.lent, f.lent = true, true
	return n, g.follow(f, p.Dir, now, g.hop, id)
}

// follow lends the channels of a flow that enters its first router by port d.
func (g *Grid) follow(f *Flow, d machine.Dir, now, delay uint32, id int32) bool {
	if g.Net.LinkPeriod > 0 || g.routers[f.tile].table.swap[axis(d)] != 0 {
		return false
	}
	for i := g.find(f.tile, d, f.color); i != None; delay = g.hop {
		ch := &g.chans[i]
		if !g.steady(ch, now, delay) {
			return false
		}
		if ch.out.Has(machine.Ramp) {
			r := g.Ramps[ch.tile]
			if r == nil || r.InOf[f.color] == None {
				return false
			}
			f.Taps = append(f.Taps, Tap{ch.tile, r.InOf[f.color], len(f.links)})
		}
		last := ch.way == wayPort || ch.to == None
		i = ch.to
		g.lend(f, ch, id)
		if last {
			return true
		}
	}
	return false
}

// steady reports whether a channel, into which wavelets come in every cycle, lets one go
// in every cycle: each is ready when it is its turn, and there is room for the next.
// delay is how long they are under way to it.
func (g *Grid) steady(ch *channel, now, delay uint32) bool {
	if ch.way != wayLink && ch.way != wayPort || ch.ctrl != 0 || uint32(ch.n) < max(1, delay) || ch.n >= g.buffer || g.routers[ch.tile].lent&ch.out != 0 {
		return false
	}
	for k := range ch.n {
		if int32(now+1+uint32(k)-ch.ready[(ch.head+k)%Slots]) < 0 {
			return false
		}
	}
	return true
}

func (g *Grid) lend(f *Flow, ch *channel, id int32) {
	f.links = append(f.links, link{tile: ch.tile, key: ch.key, out: ch.out, way: ch.way, to: ch.to})
	r := &g.routers[ch.tile]
	r.full.remove(ch.place)
	r.lent |= ch.out
	ch.way, ch.to = wayLent, id
}

// Sinks reports whether an input queue lets one wavelet in and one out in every cycle
// after now, when its core takes the first of them in the cycle early+1 after now.
func (g *Grid) Sinks(r *Ramp, q int8, now uint32, early int) bool {
	iq := &r.In[q]
	n := int(iq.N)
	if n+early < g.Net.RampDown || n+early >= int(iq.cap) || r.Streamed {
		return false
	}
	for k := range n {
		if it := iq.At(k); it.Ctrl || int32(now+uint32(early+1+k)-it.Ready) < 0 {
			return false
		}
	}
	return true
}

// Alone reports whether nothing but what is lent can move in the routers of a flow.
func (g *Grid) Alone(f *Flow) bool {
	for i := range f.links {
		if g.routers[f.links[i].tile].full != (places{}) {
			return false
		}
	}
	return true
}

// LentTo gives the burst to which channels of a router are lent, None if there is none.
// There is one at most: what is lent to another would not leave it alone.
func (g *Grid) LentTo(t int32) int32 {
	for i, end := g.channels(t); i < end; i++ {
		if ch := &g.chans[i]; ch.way == wayLent {
			return ch.to
		}
	}
	return None
}

// GiveBack ends the lending of a flow. now is the cycle that has ended; same tells that
// it was lent in this one.
func (g *Grid) GiveBack(f *Flow, now uint32, same bool) {
	for i := range f.links {
		l := &f.links[i]
		ch, r := g.of(l), &g.routers[l.tile]
		r.lent &^= l.out
		r.full.add(ch.place)
		if same {
			ch.way, ch.to = l.way, l.to
			continue
		}
		ch.way = wayUnknown
		g.next.Set(l.tile)
		for k := range ch.n {
			if at := ch.ready[(ch.head+k)%Slots]; int32(at-now) > 1 {
				g.due.At(at).Set(l.tile)
			}
		}
	}
	if f.words != nil { // they are as many as the stream is long, so few keep them
		g.spare = append(g.spare, f.words)
		f.words = nil
	}
	switch {
	case !f.lent:
	case f.port != None:
		g.ports[f.port].lent = false
	default:
		g.Ramps[f.tile].filled = 1 << f.queue
		g.outNext.Set(f.tile)
	}
}

// Carry moves a flow on by as many cycles after now as there are words, which are what
// its core sends in them, from cycle early+1 after now on.
func (g *Grid) Carry(f *Flow, words []uint32, now uint32, early int) {
	g.gather(f)
	off := len(f.words)
	r := g.Ramps[f.tile]
	oq := &r.Out[f.queue]
	for k := range int(oq.N) {
		f.words = append(f.words, oq.At(k).Data)
	}
	f.words = append(f.words, words...)
	oq.fill(f.words[off:], Item{Color: f.color, Ready: now + 1 + uint32(early)}, len(words))
	r.rr = f.queue
	g.carry(f, now, uint32(g.Net.RampUp), len(words))
}

// CarryPort moves a flow that comes from a port on by n cycles after now.
func (g *Grid) CarryPort(f *Flow, n int, now uint32) {
	g.gather(f)
	p := &g.ports[f.port]
	for _, w := range p.Words[p.Taken:][:n] {
		f.words = append(f.words, w.Data)
	}
	p.Taken += n
	g.carry(f, now, g.hop, n)
}

// gather notes the words on the way of a flow, the oldest first.
func (g *Grid) gather(f *Flow) {
	if n := len(g.spare); n > 0 {
		f.words, g.spare = g.spare[n-1][:0], g.spare[:n-1]
	}
	for i := len(f.links) - 1; i >= 0; i-- {
		l := &f.links[i]
		ch := g.of(l)
		l.off = int32(len(f.words))
		for k := range ch.n {
			f.words = append(f.words, ch.data[(ch.head+k)%Slots])
		}
	}
}

// of gives the channel of a link.
func (g *Grid) of(l *link) *channel {
	return &g.chans[g.find(l.tile, machine.Dir(l.key&7), l.key>>3)]
}

func (g *Grid) carry(f *Flow, now, delay uint32, n int) {
	for i := range f.links {
		l := &f.links[i]
		g.pass(l, f.words[l.off:], now, delay, n)
		delay = g.hop
	}
}

// pass moves a channel on by n cycles. words begins with those in it.
func (g *Grid) pass(l *link, words []uint32, now, delay uint32, n int) {
	ch := g.of(l)
	var data, ready [Slots]uint32
	for k := range int(ch.n) {
		data[k], ready[k] = words[n+k], now+delay+uint32(n+k-int(ch.n)+1)
		if n+k < int(ch.n) {
			ready[k] = ch.ready[(int(ch.head)+n+k)%Slots]
		}
	}
	ch.head, ch.data, ch.ready, ch.lastPop = 0, data, ready, now+uint32(n)
	r := &g.routers[l.tile]
	r.turn = g.lastLent(r) + 1
	if l.out.Has(machine.Ramp) {
		r.load[machine.Ramp] += uint32(n)
	}
	if links := l.out &^ machine.Set(machine.Ramp); links != 0 {
		r.load[bits.TrailingZeros8(uint8(links))] += uint32(n)
		g.Hops += int64(n)
	}
	if l.way == wayPort {
		p := &g.ports[l.to]
		for _, w := range words[:n] {
			p.Words = append(p.Words, Word{Data: w})
		}
	}
}

// lastLent gives the place of the lent channel that is served last in every cycle: from the
// first cycle on the order of service begins behind it.
func (g *Grid) lastLent(r *router) uint8 {
	p := r.turn
	for range r.n {
		if p == 0 {
			p = r.n
		}
		if p--; g.chans[r.first+int32(p)].way == wayLent {
			break
		}
	}
	return p
}

// Take gives the n words that the core at a tap takes while a flow is carried by n, and
// fills its queue anew. Call it after Carry.
func (g *Grid) Take(f *Flow, tap int, now uint32, n int, to []uint32) []uint32 {
	x := &f.Taps[tap]
	iq := &g.Ramps[x.Tile].In[x.Queue]
	for k := range int(iq.N) {
		to = append(to, iq.At(k).Data)
	}
	to = append(to, f.words[f.links[x.link].off:][:n]...)
	iq.fill(to, Item{Color: f.color, Ready: now + uint32(g.Net.RampDown)}, n)
	return to[:n]
}

// fill moves a queue on by n wavelets: words begins with those in it. The i-th that
// comes, from 1 on, is ready i cycles after it.Ready.
func (q *Queue) fill(words []uint32, it Item, n int) {
	ready := it.Ready
	for k := range int(q.N) {
		if x := q.At(k); n+k < int(q.N) {
			*x = *q.At(n + k)
		} else {
			it.Data, it.Ready = words[n+k], ready+uint32(n+k-int(q.N)+1)
			*x = it
		}
	}
}
