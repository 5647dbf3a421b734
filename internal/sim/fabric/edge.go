package fabric

import (
	"slices"

	"wafer/internal/machine"
)

// Border is one side of the line between two bands. During a cycle a band only
// appends here; Exchange carries it over between cycles. A wavelet is visible at
// the earliest one cycle after it was sent and room one cycle after it was made,
// so the result is that of one undivided band. Room is counted by the colour that
// was sent, which holds because programs that swap colours run in one band.
type Border struct {
	w       int
	buffer  int
	flying  []uint8 // x*32 + colour: sent and not yet known to have left the buffer
	sent    []crossing
	credits []crossing // room made for the other side
	to      *Grid
	edge    int32       // tile of x = 0 on the other side
	dir     machine.Dir // port of the other side
}

type crossing struct {
	x     int32
	color uint8
	word  Word
	ready uint32
}

// Join connects two bands, a above b.
func Join(a, b *Grid) {
	a.Down = newBorder(a, b, 0, machine.North)
	b.Up = newBorder(b, a, int32((a.H-1)*a.W), machine.South)
}

func newBorder(from, to *Grid, edge int32, dir machine.Dir) *Border {
	return &Border{w: from.W, buffer: from.Net.Buffer, flying: make([]uint8, from.W*32), to: to, edge: edge, dir: dir}
}

func (b *Border) room(x int32, c uint8) bool {
	return int(b.flying[x*32+int32(c)]) < b.buffer
}

func (b *Border) send(x int32, c uint8, w Word, ready uint32) {
	b.flying[x*32+int32(c)]++
	b.sent = append(b.sent, crossing{x, c, w, ready})
}

func (b *Border) credit(x int32, c uint8) {
	b.credits = append(b.credits, crossing{x: x, color: c})
}

// Exchange carries over what crossed the border in the cycle that ended.
func (b *Border) Exchange() {
	for i := range b.sent {
		s := &b.sent[i]
		b.to.push(b.edge+s.x, b.dir, s.color, s.word, s.ready)
	}
	b.sent = b.sent[:0]
	back := b.to.Up
	if b.dir == machine.South {
		back = b.to.Down
	}
	for i := range b.credits {
		c := &b.credits[i]
		back.flying[c.x*32+int32(c.color)]--
		b.to.Touch(b.edge + c.x)
	}
	b.credits = b.credits[:0]
}

// stream is what the host pushes to one core on one colour.
type stream struct {
	tile  int32
	color uint8
	words []uint32
	taken int
	stuck bool // the core takes nothing now
}

// StreamIn appends words that enter the core of tile t, at most one a cycle.
func (g *Grid) StreamIn(t int32, c uint8, words []uint32) {
	s := g.streamOf(t, c)
	if s == nil {
		s = &stream{tile: t, color: c}
		g.ramp(t).Streamed = true
		at, _ := slices.BinarySearchFunc(g.streams, s, func(a, b *stream) int { return streamKey(a) - streamKey(b) })
		g.streams = slices.Insert(g.streams, at, s)
	}
	if s.taken == len(s.words) {
		s.words, s.taken = s.words[:0], 0
	}
	s.words = append(s.words, words...)
	s.stuck = false
}

func streamKey(s *stream) int { return int(s.tile)<<5 | int(s.color) }

func (g *Grid) streamOf(t int32, c uint8) *stream {
	key := int(t)<<5 | int(c)
	at, ok := slices.BinarySearchFunc(g.streams, key, func(a *stream, k int) int { return streamKey(a) - k })
	if !ok {
		return nil
	}
	return g.streams[at]
}

// StreamLeft counts the words that have not entered the core yet.
func (g *Grid) StreamLeft(t int32, c uint8) int {
	if s := g.streamOf(t, c); s != nil {
		return len(s.words) - s.taken
	}
	return 0
}

// StepHost lets one wavelet of each stream and port enter.
func (g *Grid) StepHost(cycle int64) {
	now := uint32(cycle)
	g.taken = false
	for _, s := range g.streams {
		if s.taken == len(s.words) {
			continue
		}
		r := g.ramp(s.tile)
		q := r.InOf[s.color]
		if s.stuck = q == None || r.In[q].Full(); s.stuck {
			continue
		}
		g.receive(s.tile, r, q, Item{Data: s.words[s.taken], Color: s.color, Ready: now + 1})
		s.taken++
	}
	for _, i := range g.InPorts {
		p := &g.ports[i]
		if !p.lent && p.Taken < len(p.Words) && g.canPush(p.Tile, p.Dir, p.Color, now) {
			g.push(p.Tile, p.Dir, p.Color, p.Words[p.Taken], now+uint32(g.Net.Hop))
			p.Taken++
		}
	}
}

// AddPort declares a port and gives its number within the band.
func (g *Grid) AddPort(t int32, d machine.Dir, c uint8, input bool) int {
	i, key := len(g.ports), t*machine.Dirs+int32(d)
	before, ok := g.portAt[key]
	if !ok {
		before = None
	}
	g.ports = append(g.ports, Port{Tile: t, Dir: d, Color: c, Input: input, before: before})
	g.portAt[key] = int32(i)
	g.routers[t].sides |= machine.Set(machine.Ramp)
	if input {
		g.InPorts = append(g.InPorts, int32(i))
	}
	return i
}

// PortAt gives a port by its number.
func (g *Grid) PortAt(i int) *Port { return &g.ports[i] }

// port gives the way out to the host of a colour at a side of tile t, or nil.
func (g *Grid) port(t int32, d machine.Dir, c uint8) *Port {
	if i := g.portNumber(t, d, c); i != None {
		return &g.ports[i]
	}
	return nil
}

// portNumber gives the first declared of them, or None.
func (g *Grid) portNumber(t int32, d machine.Dir, c uint8) int32 {
	i, ok := g.portAt[t*machine.Dirs+int32(d)]
	if !ok {
		return None
	}
	found := int32(None)
	for ; i != None; i = g.ports[i].before {
		if p := &g.ports[i]; p.Color == c && !p.Input {
			found = i
		}
	}
	return found
}

// LinkLoad gives the wavelets that tile t sent through each port.
func (g *Grid) LinkLoad(t int32) (n [machine.Dirs]uint64) {
	for d := range n {
		n[d] = uint64(g.routers[t].load[d])
	}
	return n
}
