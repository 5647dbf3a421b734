// Package fabric moves wavelets: routers, links, ramps and queues.
//
// In: route tables, wavelets put into output queues, streams from the host. Out:
// wavelets in input queues, wavelets for the host, a bit for each core that has
// something new to look at. A Grid is a band of whole rows; bands exchange what
// crosses their border only between cycles, so that their order does not matter.
//
// State lies in flat arrays indexed by tile (y*W + x within the band). A router
// costs nothing while it holds no wavelet: Step visits the routers whose bit is
// set. A router whose wavelets are all blocked clears its bit; whoever removes
// the obstacle sets it again. So "no bit is set" means "nothing can move".
//
// Nothing here reads what another part wrote in the same cycle: a wavelet is
// visible from its stamp on, and room is visible one cycle after it was made.
package fabric

import (
	"wafer/internal/check"
	"wafer/internal/image"
	"wafer/internal/machine"
)

// Slots is the number of wavelets a channel can hold.
const Slots = machine.MaxBuffer

// None marks the end of a list and an absent queue.
const None = -1

// channel is the buffer of one input port and colour of one router: a ring of
// four wavelets. It keeps where they go, so that a wavelet on a plain route is
// moved by looking at two channels and one router: three cache lines.
type channel struct {
	data    [Slots]uint32
	ready   [Slots]uint32 // cycle from which the wavelet may move, low 32 bits
	lastPop uint32
	tile    int32
	from    int32 // tile behind the port, None beyond the band
	to      int32 // by way: channel of the next router or number of a port, or None
	head, n uint8
	ctrl    uint8 // bit per slot: control wavelet
	key     uint8 // colour, then port: the order of service
	place   uint8 // among the channels of its router
	way     way
	out     machine.DirSet // outputs, when way is known
}

// way says how the wavelets of a channel leave the router.
type way uint8

const (
	wayUnknown way = iota
	wayShut        // nowhere, until forget
	wayGeneral     // look at everything each time
	wayLink        // to one router or the core or both
	wayPort        // out of the rectangle to the host
	wayLent        // see Flow
)

func (c *channel) color() uint8     { return c.key >> 3 }
func (c *channel) dir() machine.Dir { return machine.Dir(c.key & 7) }

// router is the state of one router: one cache line.
type router struct {
	table *Table
	full  places               // channels that hold wavelets and are not known to be shut
	load  [machine.Dirs]uint32 // wavelets sent through each port
	// Its channels lie side by side, ascending by key: the number of the first, how
	// many they are, and how many there is room for.
	first   int32
	n, room uint8
	turn    uint8 // how many of them come up to the one that was served last
	held    uint8 // how many hold wavelets
	// sides has a bit for each port with a neighbour in the band, and bit Ramp
	// if a port to the host is here.
	sides machine.DirSet
	lent  machine.DirSet            // outputs of channels that are lent, see Flow
	pos   [machine.Colors / 4]uint8 // switch positions, two bits a colour
	torn  [machine.Colors / 8]uint8 // colours suspended by a teardown
}

// Torn is a teardown command that reached a router.
type Torn struct {
	Tile  int32
	Color uint8
}

// Clash is two wavelets of one colour that reached a router in one cycle from
// two ports that are both open, which the architecture forbids.
type Clash struct {
	Tile  int32
	Color uint8
	A, B  machine.Dir
}

// Port is a stream between the host and a side of a router.
type Port struct {
	Tile  int32
	Dir   machine.Dir
	Color uint8
	Input bool
	Words []Word // waiting to enter, or arrived
	Taken int    // of Words, already gone

	before int32 // another port of the same tile and side, None
	lent   bool  // see Flow
	TryAt  int   // of Taken, from which a cluster looks whether its stream owns its way
}

// Word is a wavelet's content.
type Word struct {
	Data uint32
	Ctrl bool
}

// Lost counts wavelets that left the rectangle where nothing takes them.
type Lost struct {
	Tile  int32
	Dir   machine.Dir
	Color uint8
	Count int64
}

// Grid is a band of rows of routers with their ramps.
type Grid struct {
	W, H int
	Y0   int // first row, counted from the rectangle's corner
	Net  machine.Network
	Arch machine.Arch
	// Plainly looks up the way of every wavelet, for comparing.
	Plainly bool

	routers []router
	chans   []channel
	keys    []uint8             // of the same numbers
	settled int                 // channels that lie in the order of tiles
	step1   [machine.Dirs]int32 // difference of tile numbers behind each port
	hop     uint32
	buffer  uint8

	// due has a bit for each router to visit; next is the set of the next cycle.
	due     Ring
	next    *Bits
	out     Bits // tiles whose output queues may have something to send
	outNext Bits

	// Ramps is nil for a core that nothing has touched yet; NewRamp makes one.
	Ramps   []*Ramp
	NewRamp func(tile int32) *Ramp
	// Wake has a bit for each core that must be visited in this cycle or, where they
	// have had their turn, in the next.
	Wake Bits
	// Arrivals has a bit for each core that must look at its queues, at the cycle at which
	// what came down its ramp is ready. Who has looked empties the set.
	Arrivals Ring

	Torn    []Torn
	Clashes []Clash
	Lost    []Lost
	// Disturbed lists routers with lent channels to which a wavelet came.
	Disturbed []int32
	spare     [][]uint32 // memory for Flow.words

	hostOut uint32 // colours that leave for the host from the ramp
	ports   []Port
	portAt  map[int32]int32 // tile*Dirs + port: the last of its ports, see Port.before
	InPorts []int32         // the numbers of those through which the host sends
	streams []*stream
	taken   bool // a core took a wavelet since the streams were last looked at

	Up, Down *Border // nil at the edge of the rectangle

	// Hops counts wavelets moved from router to router.
	Hops int64
}

// New gives a band of rows Y0..Y0+h-1. tables has one entry a tile.
func New(w, h, y0 int, m *machine.Machine, tables []*Table) *Grid {
	n := w * h
	g := &Grid{
		W: w, H: h, Y0: y0, Net: m.Net, Arch: m.Arch,
		routers: make([]router, n),
		step1:   [machine.Dirs]int32{0, 1, -1, int32(-w), int32(w)},
		hop:     uint32(m.Net.Hop), buffer: uint8(m.Net.Buffer),
		out: NewBits(n), outNext: NewBits(n),
		Ramps: make([]*Ramp, n), Wake: NewBits(n), portAt: map[int32]int32{},
	}
	g.Arrivals = newRing(m.Net.RampDown, n)
	g.due = newRing(max(m.Net.Hop, m.Net.RampUp), n)
	g.Jump(0)
	for t, tab := range tables {
		r := &g.routers[t]
		r.table = tab
		r.sides = g.sidesOf(t%w, t/w)
		for c := range tab.Routes {
			r.set(uint8(c), tab.Routes[c].start)
		}
	}
	return g
}

// Jump makes a cycle the present one. Unless it is the next, no router may be due.
func (g *Grid) Jump(cycle int64) { g.next = g.due.At(uint32(cycle) + 1) }

// at gives the switch position and stateTorn of a colour.
func (r *router) at(c uint8) uint8 {
	return r.pos[c>>2]>>(c&3*2)&statePos | r.torn[c>>3]>>(c&7)&1*stateTorn
}

func (r *router) set(c, s uint8) {
	p, t := &r.pos[c>>2], &r.torn[c>>3]
	*p = *p&^(statePos<<(c&3*2)) | s&statePos<<(c&3*2)
	if *t &^= 1 << (c & 7); s&stateTorn != 0 {
		*t |= 1 << (c & 7)
	}
}

// sidesOf gives the ports of a tile that lead to another tile of the band.
func (g *Grid) sidesOf(x, y int) (s machine.DirSet) {
	if x < g.W-1 {
		s |= machine.Set(machine.East)
	}
	if x > 0 {
		s |= machine.Set(machine.West)
	}
	if y > 0 {
		s |= machine.Set(machine.North)
	}
	if y < g.H-1 {
		s |= machine.Set(machine.South)
	}
	return s
}

// Tiles is the number of tiles of the band.
func (g *Grid) Tiles() int { return g.W * g.H }

// SetHost names the colours that go to the host.
func (g *Grid) SetHost(d2h []uint8) {
	for _, c := range d2h {
		g.hostOut |= 1 << c
	}
}

// Busy reports whether anything may move in the next cycle.
func (g *Grid) Busy() bool {
	if g.outNext.Any() || g.due.Any() {
		return true
	}
	for _, s := range g.streams {
		if s.taken < len(s.words) && (!s.stuck || g.taken) {
			return true
		}
	}
	for _, i := range g.InPorts {
		if p := &g.ports[i]; !p.lent && p.Taken < len(p.Words) && g.canPush(p.Tile, p.Dir, p.Color, 0) {
			return true
		}
	}
	return false
}

// Due counts the routers to visit in the next cycle, as Count does.
func (g *Grid) Due(enough int) int { return g.next.Count(enough) }

// Touch makes router t be visited in the next cycle: something about it changed.
func (g *Grid) Touch(t int32) {
	if g.routers[t].held > 0 {
		g.next.Set(t)
	}
}

// neighbour gives the tile behind port d, None beyond the band.
func (g *Grid) neighbour(t int32, d machine.Dir) int32 {
	if d != machine.Ramp && !g.routers[t].sides.Has(d) {
		return None
	}
	return t + g.step1[d]
}

// border is the way out of the band behind port d, nil at the rectangle's edge.
func (g *Grid) border(t int32, d machine.Dir) *Border {
	switch d {
	case machine.North:
		return g.Up
	case machine.South:
		return g.Down
	}
	return nil
}

// room reports whether port d of tile t can take a wavelet of colour c. A slot
// freed in this very cycle still counts as taken.
func (g *Grid) room(t int32, d machine.Dir, c uint8, now uint32) bool {
	i := g.find(t, d, c)
	if i == None {
		return true
	}
	ch := &g.chans[i]
	return ch.takes(g.buffer, now)
}

// swapped gives the colours under which a wavelet of colour c that enters tile t
// by port d is received. Usually that is c alone; see Table.swap.
func (g *Grid) swapped(t int32, d machine.Dir, c uint8) (a, b uint8) {
	s := &g.routers[t].table.swap[axis(d)]
	if *s == 0 {
		return c, 255
	}
	mine, other := *s>>c&1 == 1, *s>>(c^1)&1 == 1
	switch {
	case other && !mine:
		return c, c ^ 1
	case other:
		return c ^ 1, 255
	}
	return c, 255
}

// canPush reports whether a wavelet may enter tile t by port d.
func (g *Grid) canPush(t int32, d machine.Dir, c uint8, now uint32) bool {
	a, b := g.swapped(t, d, c)
	return g.room(t, d, a, now) && (b == 255 || g.room(t, d, b, now))
}

// push lets a wavelet enter tile t by port d; canPush has been asked.
func (g *Grid) push(t int32, d machine.Dir, c uint8, w Word, ready uint32) {
	a, b := g.swapped(t, d, c)
	g.put(t, d, a, w, ready)
	if b != 255 {
		g.put(t, d, b, w, ready)
	}
}

func (g *Grid) put(t int32, d machine.Dir, c uint8, w Word, ready uint32) {
	ch := &g.chans[g.open(t, d, c)]
	if ch.n >= Slots {
		check.Never("channel of color %d at tile %d overflows", c, t)
	}
	k := (ch.head + ch.n) % Slots
	if w.Ctrl {
		ch.ctrl |= 1 << k
	}
	g.append(ch, w.Data, ready)
}

// takes reports whether a channel has room. A slot freed in this very cycle still
// counts as taken.
func (c *channel) takes(buffer uint8, now uint32) bool {
	n := c.n
	if c.lastPop == now {
		n++
	}
	return n < buffer
}

// append puts a wavelet behind the others; the bit of its slot in ctrl is set by
// the caller, and cleared when it leaves.
func (g *Grid) append(ch *channel, data, ready uint32) {
	k := (ch.head + ch.n) % Slots
	ch.data[k], ch.ready[k] = data, ready
	r := &g.routers[ch.tile]
	if ch.n++; ch.n == 1 {
		r.full.add(ch.place)
		r.held++
	}
	if r.lent != 0 {
		g.Disturbed = append(g.Disturbed, ch.tile)
	}
	g.due.At(ready).Set(ch.tile)
}

// axis numbers the swap masks: 0 east-west, 1 north-south, 2 ramp.
func axis(d machine.Dir) int {
	switch d {
	case machine.East, machine.West:
		return 0
	case machine.North, machine.South:
		return 1
	}
	return 2
}

// TablesOf decodes the route sets of an image. Equal sets share one table, also
// where the image has them twice: a table is a kilobyte.
func TablesOf(im *image.Image) []*Table {
	tabs := make([]*Table, len(im.RouteSets))
	seen := map[Table]*Table{}
	for i := range im.RouteSets {
		t := decode(&im.RouteSets[i])
		p, ok := seen[t]
		if !ok {
			p = new(Table)
			*p = t
			seen[t] = p
		}
		tabs[i] = p
	}
	return tabs
}
