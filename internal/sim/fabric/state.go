package fabric

import (
	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/sim/state"
)

// What a checkpoint holds of routers, ramps, streams and ports; package state says
// how. It is written by tile of the whole rectangle, so that it does not matter into
// how many bands that is cut. What follows from other things is not in it: ways and
// counts of channels, the neighbours of a tile, what has crossed a border.

// Touched reports whether there is anything about tile t to keep.
func (g *Grid) Touched(t int32) bool {
	r := &g.routers[t]
	if g.Ramps[t] != nil || r.n > 0 || r.table.own || r.load != [machine.Dirs]uint32{} || g.outNext.Has(t) || g.Wake.Has(t) {
		return true // arrivals are at ramps
	}
	for c := range uint8(machine.Colors) {
		if r.at(c) != r.table.Routes[c].start {
			return true
		}
	}
	return false
}

// Visit writes or reads the router of tile t. A grid that reads is a new one.
func (g *Grid) Visit(c *state.Coder, t int32) {
	r := &g.routers[t]
	g.outNext.visit(c, t)
	g.Wake.visit(c, t)
	for _, ring := range [...]Ring{g.due, g.Arrivals} {
		for i := range ring {
			ring[i].visit(c, t)
		}
	}
	state.Num(c, &r.load[0], &r.load[1], &r.load[2], &r.load[3], &r.load[4])
	c.Raw(r.pos[:])
	c.Raw(r.torn[:])
	own := r.table.own
	if c.Bool(&own); own {
		tab := g.ownTable(t)
		for i := range tab.Routes {
			tab.Routes[i].visit(c)
		}
		for i := range tab.swap {
			state.Num(c, &tab.swap[i])
		}
	}
	g.visitChannels(c, t)
	state.Below(c, &r.turn, int(r.n)+1)
}

// visit moves one member; a summary without members must not stay behind.
func (b *Bits) visit(c *state.Coder, t int32) {
	on := b.Has(t)
	c.Bool(&on)
	b.Put(t, on)
}

// Put adds t or takes it out.
func (b *Bits) Put(t int32, on bool) {
	if on {
		b.Set(t)
		return
	}
	i := t >> 6
	if b.words[i] &^= 1 << (t & 63); b.words[i] == 0 {
		b.sum[i>>6] &^= 1 << (i & 63)
	}
}

func (e *Entry) visit(c *state.Coder) {
	for p := range e.Rx {
		state.Below(c, &e.Rx[p], 1<<machine.Dirs)
		state.Below(c, &e.Tx[p], 1<<machine.Dirs)
	}
	state.Num(c, &e.RxOwn, &e.TxOwn, &e.Valid)
	state.Below(c, &e.Pop, int(image.PopOnAdvanceNop)+1)
	c.Bool(&e.Ring, &e.Many, &e.SwapX, &e.SwapY)
	state.Below(c, &e.start, statePos|stateTorn+1)
}

// visitChannels moves the channels of a router in the order of service.
func (g *Grid) visitChannels(c *state.Coder, t int32) {
	n, last := c.Len(int(g.routers[t].n), machine.Colors*machine.Dirs), -1
	for i := range n {
		at := g.routers[t].first + int32(i)
		var key uint8
		if !c.Reading() {
			key = g.chans[at].key
		}
		state.Num(c, &key)
		if !c.OK() {
			return
		}
		if c.Reading() {
			if int(key) <= last || key>>3 >= machine.Colors || key&7 >= machine.Dirs {
				c.Fail("channel %d behind channel %d", key, last)
				return
			}
			last = int(key)
			at = g.open(t, machine.Dir(key&7), key>>3)
		}
		ch := &g.chans[at]
		if ch.visit(c); ch.n > 0 {
			g.routers[t].full.add(ch.place)
			g.routers[t].held++
		}
	}
}

// visit moves the wavelets of a channel. Where in the ring they lie cannot be seen,
// so reading puts them at its beginning.
func (ch *channel) visit(c *state.Coder) {
	state.Below(c, &ch.n, Slots+1)
	c.Stamp(&ch.lastPop)
	for k := range ch.n {
		j := (ch.head + k) % Slots
		ctrl := ch.ctrl>>j&1 == 1
		state.Num(c, &ch.data[j])
		c.Stamp(&ch.ready[j])
		if c.Bool(&ctrl); ctrl {
			ch.ctrl |= 1 << j
		}
	}
}

// Loaded ends reading: what follows from the channels is made. settle would put
// them into the order in which they are now.
func (g *Grid) Loaded(cycle int64) {
	g.Jump(cycle)
	g.settled = len(g.chans)
	for _, b := range []*Border{g.Up, g.Down} {
		if b == nil {
			continue
		}
		for x := range int32(b.w) {
			for i, end := b.to.channels(b.edge + x); i < end; i++ {
				if ch := &b.to.chans[i]; ch.dir() == b.dir {
					b.flying[x*32+int32(ch.color())] = ch.n
				}
			}
		}
	}
}

// Visit writes or reads a ramp. base is how the ramp was when it was made: queues
// that are still like that take no room.
func (r *Ramp) Visit(c *state.Coder, base *Ramp) {
	if c.Reading() {
		filters := append([]filterState(nil), base.filters...)
		*r = *base
		r.filters = filters
	}
	state.Num(c, &r.Controls)
	state.Num(c, &r.Filled)
	state.Num(c, &r.filled)
	c.Bool(&r.Calm, &r.Roomy, &r.Streamed)
	c.Stamp(&r.VisitAt)
	state.Below(c, &r.rr, machine.Queues)
	same := r.InOf == base.InOf
	if c.Bool(&same); !same {
		for i := range r.InOf {
			state.Between(c, &r.InOf[i], None, InQueues)
		}
	}
	visitQueues(c, r.In[:], base.In[:])
	visitQueues(c, r.Out[:], base.Out[:])
	for i := range r.filters {
		r.filters[i].visit(c)
	}
	state.Slice(c, &r.host, machine.Colors, func(b *HostBuf) { b.visit(c) })
	if c.Reading() {
		r.check(c)
	}
}

// check looks at what the rest of the package relies on.
func (r *Ramp) check(c *state.Coder) {
	for q := range r.In {
		if r.Filled>>q&1 == 1 && r.In[q].N == 0 {
			c.Fail("input queue %d is noted as filled and is empty", q)
		}
	}
	for q := range r.Out {
		for k := range int(r.Out[q].N) {
			if r.Out[q].At(k).Color >= machine.Colors {
				c.Fail("a wavelet of color %d in an output queue", r.Out[q].At(k).Color)
			}
		}
	}
}

func visitQueues(c *state.Coder, qs, base []Queue) {
	var changed uint16
	for q := range qs {
		if !qs[q].like(&base[q]) {
			changed |= 1 << q
		}
	}
	state.Num(c, &changed)
	for q := range qs {
		if changed>>q&1 == 1 {
			qs[q].visit(c)
		}
	}
}

// like reports whether a queue is as empty and as bound as another.
func (q *Queue) like(o *Queue) bool {
	return q.N == 0 && o.N == 0 && q.Color == o.Color && q.Last == o.Last && q.Used == o.Used &&
		q.Control == o.Control && q.Flushing == o.Flushing && q.Priority == o.Priority
}

func (q *Queue) visit(c *state.Coder) {
	state.Below(c, &q.Color, NoColor+1)
	state.Below(c, &q.Last, NoColor+1)
	c.Bool(&q.Used, &q.Control, &q.Flushing)
	state.Num(c, &q.Priority)
	n := c.Len(int(q.N), int(q.cap))
	for k := range n {
		if c.Reading() {
			q.Push(Item{})
		}
		it := q.At(k)
		state.Num(c, &it.Data)
		c.Stamp(&it.Ready)
		state.Below(c, &it.Color, NoColor+1)
		c.Bool(&it.Ctrl)
	}
}

func (f *filterState) visit(c *state.Coder) {
	state.Num(c, &f.Max, &f.Lim1, &f.Lim2, &f.MinIdx, &f.MaxIdx, &f.count)
	c.Bool(&f.off)
}

func (b *HostBuf) visit(c *state.Coder) {
	state.Below(c, &b.Color, machine.Colors)
	words := b.Words[b.Taken:]
	c.Longs(&words, HostBufWords)
	if c.Reading() {
		b.Words = words
	}
}

// MaxStreamWords bounds what a stream or port that is read can hold.
const MaxStreamWords = 1 << 30

// Visit writes or reads what is in a port.
func (p *Port) Visit(c *state.Coder) {
	words := p.Words[p.Taken:]
	state.Slice(c, &words, MaxStreamWords, func(w *Word) {
		state.Num(c, &w.Data)
		c.Bool(&w.Ctrl)
	})
	if c.Reading() {
		p.Words, p.Taken = words, 0
	}
}

// Streams lists the streams that still hold words, by tile, then colour.
func (g *Grid) Streams() (ss []*stream) {
	for _, s := range g.streams {
		if s.taken < len(s.words) {
			ss = append(ss, s)
		}
	}
	return ss
}

// VisitStream writes s, or reads a stream, which is then one of g's. where finds the
// band of a tile of the rectangle and its number there.
func VisitStream(c *state.Coder, g *Grid, s *stream, where func(tile int) (*Grid, int32)) {
	if s == nil {
		s = &stream{}
	}
	words, tile := s.words[s.taken:], int64(s.tile)
	if !c.Reading() {
		tile += int64(g.Y0 * g.W)
	}
	state.Num(c, &tile)
	state.Below(c, &s.color, machine.Colors)
	c.Bool(&s.stuck)
	c.Longs(&words, MaxStreamWords)
	if !c.Reading() || !c.OK() {
		return
	}
	g, t := where(int(tile))
	if g == nil {
		c.Fail("a stream into tile %d", tile)
		return
	}
	g.StreamIn(t, s.color, words)
	g.streamOf(t, s.color).stuck = s.stuck
}

// Visit writes or reads a count of lost wavelets; tile is that of the rectangle.
func (l *Lost) Visit(c *state.Coder, tile *int64) {
	state.Num(c, tile)
	state.Below(c, &l.Dir, machine.Dirs)
	state.Below(c, &l.Color, machine.Colors)
	state.Num(c, &l.Count)
}

// Tried reports whether streams that found no room have been tried again since a
// core took a wavelet; SetTried brings that back.
func (g *Grid) Tried() bool { return !g.taken || len(g.Streams()) == 0 }

// SetTried is the inverse of Tried.
func (g *Grid) SetTried(tried bool) { g.taken = !tried }
