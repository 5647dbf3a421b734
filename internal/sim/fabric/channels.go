package fabric

import "wafer/internal/machine"

// places is a set of channels of one router, by their place among them.
type places [2]uint64

func (p *places) add(i uint8)    { p[i>>6&1] |= 1 << (i & 63) }
func (p *places) remove(i uint8) { p[i>>6&1] &^= 1 << (i & 63) }

// Channels are served from turn on round to it. Up to 64 of them are one part, which
// begins at turn; more are four: those from turn on in the first and in the second
// word, then those before it.
func parts(n uint8) int {
	if n <= 64 {
		return 1
	}
	return 4
}

// part gives the i-th: its word, and the members of it by their distance from start,
// round in the word.
func part(n, turn uint8, i int) (w, start uint8, of uint64) {
	if n <= 64 {
		return 0, turn & 63, ^uint64(0) // turn 64 is after the last
	}
	w = uint8(i & 1)
	start = w * 64
	of = ^uint64(0) << (max(turn, start) - start)
	if i >= 2 {
		of = ^of
	}
	return w, start, of
}

// insert makes place i a new one, which is not a member.
func (p *places) insert(i uint8) {
	if i >= 64 {
		p[1] = spread(p[1], i-64)
		return
	}
	p[1] = p[1]<<1 | p[0]>>63
	p[0] = spread(p[0], i)
}

func spread(w uint64, i uint8) uint64 {
	low := uint64(1)<<i - 1
	return w&low | w&^low<<1
}

// channels gives the numbers of the channels of router t: from, and behind the last.
func (g *Grid) channels(t int32) (first, end int32) {
	r := &g.routers[t]
	return r.first, r.first + int32(r.n)
}

// search gives the number of the channel of router t with a key, or where it would lie.
func (g *Grid) search(t int32, key uint8) (i int32, found bool) {
	first, end := g.channels(t)
	for i = first; i < end; i++ {
		if k := g.keys[i]; k >= key {
			return i, k == key
		}
	}
	return i, false
}

// find gives the channel of port d and colour c, None if there is none yet.
func (g *Grid) find(t int32, d machine.Dir, c uint8) int32 {
	if i, ok := g.search(t, c<<3|uint8(d)); ok {
		return i
	}
	return None
}

// open gives the channel of port d and colour c, making it if needed.
func (g *Grid) open(t int32, d machine.Dir, c uint8) int32 {
	key := c<<3 | uint8(d)
	i, ok := g.search(t, key)
	if ok {
		return i
	}
	r := &g.routers[t]
	p := uint8(i - r.first)
	if r.n == r.room {
		g.enlarge(r)
	}
	r.n++
	first, end := g.channels(t)
	i = first + int32(p)
	copy(g.chans[i+1:end], g.chans[i:end])
	copy(g.keys[i+1:end], g.keys[i:end])
	from := int32(None)
	if d != machine.Ramp {
		from = g.neighbour(t, d)
	}
	g.chans[i], g.keys[i] = channel{key: key, place: p, tile: t, from: from}, key
	for j := i + 1; j < end; j++ {
		g.chans[j].place++
	}
	r.full.insert(p)
	// Before the first service turn is 0, and key 0 counts as served.
	if p < r.turn || key == 0 {
		r.turn++
	}
	g.forgetAround(t)
	return i
}

// enlarge moves the channels of a router to the end of the array, where there is room
// for twice as many.
func (g *Grid) enlarge(r *router) {
	first, n := int32(len(g.chans)), int32(r.n)
	r.room = max(1, 2*r.n)
	more := int(r.room)
	g.chans = append(g.chans, g.chans[r.first:r.first+n]...)
	g.chans = append(g.chans, make([]channel, more-int(n))...)
	g.keys = append(g.keys, g.keys[r.first:r.first+n]...)
	g.keys = append(g.keys, make([]uint8, more-int(n))...)
	r.first = first
}

// settleFrom is the number of channels from which their order matters.
const settleFrom = 1024

// settle puts the channels into the order in which routers are visited, so that
// a cycle reads memory from front to back, and leaves no gaps. Called whenever their
// number has doubled, so its cost does not count.
func (g *Grid) settle() {
	chans := make([]channel, 0, len(g.chans))
	keys := make([]uint8, 0, len(g.chans))
	moved := make([]int32, len(g.chans)) // by old number: the new one
	for t := range g.routers {
		r := &g.routers[t]
		first, end := g.channels(int32(t))
		r.first, r.room = int32(len(chans)), r.n
		for i := first; i < end; i++ {
			moved[i] = int32(len(chans))
			chans, keys = append(chans, g.chans[i]), append(keys, g.keys[i])
		}
	}
	for i := range chans {
		if ch := &chans[i]; ch.way == wayLink && ch.to != None {
			ch.to = moved[ch.to]
		}
	}
	g.chans, g.keys, g.settled = chans, keys, len(chans)
}
