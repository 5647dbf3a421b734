package fabric

import (
	"math/bits"

	"wafer/internal/machine"
)

// A Flow is a stream that owns its way: from an output queue through routers to the
// input queues of cores or to a port. When every stage of it moves one wavelet in every
// cycle, and nobody else can come in between, nothing about it changes but the words,
// and many cycles of it are one copy of words. While a cluster moves it so, its
// channels are lent: routers do not look at them, and a wavelet that comes to one of
// its routers from elsewhere is noted in Grid.Disturbed.
type Flow struct {
	Tile  int32
	Queue uint8
	Color uint8
	// Taps are the input queues that get its wavelets.
	Taps  []Tap
	links []link // in the order of the way
	words []uint32
	lent  bool // the queue too
}

// Tap is an input queue at a link of a flow.
type Tap struct {
	Tile  int32
	Queue int8
	link  int
}

// link is a channel of a flow. While it is lent its number may change.
type link struct {
	tile int32
	to   int32
	port int32 // the last may lead to the host, None if not
	off  int32 // wavelets of the flow that are ahead of those in it
	key  uint8
	n    uint8 // wavelets in it
	out  machine.DirSet
}

// Lend follows the stream that leaves output queue q of tile t with colour c, and lends its
// channels to burst id, if every stage moves one wavelet in each cycle after now. early is the number of
// cycles for which the core has sent already. Whether the taps take the wavelets is for
// the caller to find out, by Sinks, and at the end whether others use the routers, by Alone.
// When it is false the flow holds what has to be given back.
func (g *Grid) Lend(f *Flow, t int32, q, c uint8, now uint32, early int, id int32) bool {
	*f = Flow{Tile: t, Queue: q, Color: c, Taps: f.Taps[:0], links: f.links[:0], words: f.words[:0]}
	r := g.Ramps[t]
	oq := &r.Out[q]
	n := int(oq.N)
	if g.Net.LinkPeriod > 0 || r.filled != 1<<q || n <= early || n-early >= int(oq.cap) || c >= machine.Colors || g.hostOut>>c&1 == 1 ||
		g.routers[t].table.swap[axis(machine.Ramp)] != 0 {
		return false
	}
	for k := range n {
		if it := oq.At(k); it.Ctrl || it.Color != c || int32(now+1+uint32(k)-it.Ready) < 0 {
			return false
		}
	}
	r.filled, f.lent = 0, true
	delay := uint32(g.Net.RampUp)
	for i := g.find(t, machine.Ramp, c); i != None; delay = g.hop {
		ch := &g.chans[i]
		if !g.steady(ch, now, delay) {
			return false
		}
		to := ch.to
		g.lend(f, ch, id)
		if ch.out.Has(machine.Ramp) {
			k := g.Ramps[ch.tile]
			if k == nil || k.InOf[c] == None {
				return false
			}
			f.Taps = append(f.Taps, Tap{ch.tile, k.InOf[c], len(f.links) - 1})
		}
		if f.links[len(f.links)-1].port != None || to == None {
			return true
		}
		i = to
	}
	return false
}

// steady reports whether a channel, into which wavelets come in every cycle, lets one go in every
// cycle: each is ready when it is its turn, and there is room for the next. delay is how long they are under way to it.
func (g *Grid) steady(ch *channel, now, delay uint32) bool {
	if ch.way != wayLink && ch.way != wayPort || ch.ctrl != 0 || uint32(ch.n) < delay || ch.n >= g.buffer || g.routers[ch.tile].lent&ch.out != 0 {
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
	l := link{tile: ch.tile, key: ch.key, out: ch.out, to: ch.to, port: None, n: ch.n}
	if ch.way == wayPort {
		l.port = ch.to
	}
	f.links = append(f.links, l)
	r := &g.routers[ch.tile]
	r.full.remove(ch.place)
	r.lent |= ch.out
	ch.way, ch.to = wayLent, id
}

// Sinks reports whether an input queue lets one wavelet in and one out in every cycle after now,
// when its core takes the first of them in the cycle early+1 after now.
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

// Bursts lists the bursts to which channels of a router are lent.
func (g *Grid) Bursts(t int32, to []int32) []int32 {
	for i, end := g.channels(t); i < end; i++ {
		if ch := &g.chans[i]; ch.way == wayLent {
			to = append(to, ch.to)
		}
	}
	return to
}

// GiveBack ends the lending of a flow. now is the cycle that has ended; same tells that
// it was lent in this one.
func (g *Grid) GiveBack(f *Flow, now uint32, same bool) {
	for i := range f.links {
		l := &f.links[i]
		ch := &g.chans[g.find(l.tile, machine.Dir(l.key&7), l.key>>3)]
		r := &g.routers[l.tile]
		r.lent &^= l.out
		r.full.add(ch.place)
		switch {
		case !same:
			ch.way = wayUnknown
			g.next.Set(l.tile)
			for k := range ch.n {
				if at := ch.ready[(ch.head+k)%Slots]; int32(at-now) > 1 {
					g.dueAt(at).Set(l.tile)
				}
			}
		case l.port != None:
			ch.way, ch.to = wayPort, l.port
		default:
			ch.way, ch.to = wayLink, l.to
		}
	}
	if f.lent {
		g.Ramps[f.Tile].filled = 1 << f.Queue
		g.outNext.Set(f.Tile)
	}
}

// Carry moves a flow on by as many cycles after now as there are words, which are
// what its core sends in them, from cycle early+1 after now on.
func (g *Grid) Carry(f *Flow, words []uint32, now uint32, early int) {
	n := len(words)
	oq := &g.Ramps[f.Tile].Out[f.Queue]
	f.words = f.words[:0]
	for i := len(f.links) - 1; i >= 0; i-- {
		l := &f.links[i]
		ch := &g.chans[g.find(l.tile, machine.Dir(l.key&7), l.key>>3)]
		l.off = int32(len(f.words))
		for k := range ch.n {
			f.words = append(f.words, ch.data[(ch.head+k)%Slots])
		}
	}
	off := len(f.words)
	for k := range int(oq.N) {
		f.words = append(f.words, oq.At(k).Data)
	}
	f.words = append(f.words, words...)
	g.fill(oq, f.words[off:], Item{Color: f.Color, Ready: now + 1 + uint32(early)}, n)
	g.Ramps[f.Tile].rr = f.Queue
	delay := uint32(g.Net.RampUp)
	for i := range f.links {
		g.carry(&f.links[i], f.words, now, delay, n)
		delay = g.hop
	}
}

// carry moves a channel on by n cycles.
func (g *Grid) carry(l *link, words []uint32, now, delay uint32, n int) {
	ch := &g.chans[g.find(l.tile, machine.Dir(l.key&7), l.key>>3)]
	var data, ready [Slots]uint32
	for k := range int(ch.n) {
		data[k], ready[k] = words[int(l.off)+n+k], now+delay+uint32(n+k-int(ch.n)+1)
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
	if l.port != None {
		p := &g.ports[l.port]
		for _, w := range words[l.off:][:n] {
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
	g.fill(iq, to, Item{Color: f.Color, Ready: now + uint32(g.Net.RampDown)}, n)
	return to[:n]
}

// fill moves a queue on by n wavelets: words begins with those in it. The i-th that
// comes, from 1 on, is ready i cycles after it.Ready.
func (g *Grid) fill(q *Queue, words []uint32, it Item, n int) {
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
