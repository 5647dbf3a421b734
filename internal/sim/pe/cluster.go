// Package pe simulates cores: memory, tasks, instructions and data operations.
//
// In: programs (image.Program), wavelets in the input queues of a fabric.Grid,
// commands of the host. Out: memory, wavelets in output queues, faults, prints,
// events. A Cluster is the cores of one band of rows, beside the Grid of the same
// band. A core that is not touched does not exist; a core that can do nothing is
// not visited. What a core does depends on its own state and its queues alone, so
// the order of visits within a cycle does not matter.
package pe

import (
	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/num"
	"wafer/internal/sim/fabric"
)

// Cluster is the cores of one band.
type Cluster struct {
	Grid *fabric.Grid
	M    *machine.Machine
	// W, H is the program rectangle.
	W, H   int
	FP     num.Format
	Now    int64
	tariff *tariff
	progs  []*Program
	of     []int32 // program of each tile, -1 for none
	cores  []*Core

	cur, next fabric.Bits
	due       []int32
	timers    timers

	Faults []Fault
	Prints []Print
	Events []Event
	Trace  bool
	Traced func(x, y int) bool
	// Owed counts the cores that have commands and have not finished them.
	Owed int
	Seed uint64
	// Ahead is set for each Run.
	Ahead Ahead
	// Plainly leaves out the lanes, for comparing.
	Plainly bool
	late    bool // a core is running ahead
	scratch op   // where operations are decoded: near, and the same for all cores
	// Live counts the cores that exist.
	Live int

	// Bursts counts the bursts that have ended, for tests.
	Bursts  int
	springs []*Core // of this cycle
	bursts  []*burst
	spare   []int32 // bursts that are not on
	ends    timers  // a heap of their last cycles
	// What a member of a burst takes and sends, as wavelets and as words of memory.
	taken, made []uint32
	row16       []uint16
}

// Fault is a mistake of a program that the machine noticed; the core stops.
type Fault struct {
	Tile    int32
	X, Y    int
	Cycle   int64
	PC      int32
	Code    string
	Message string
	Place   string
}

// Print is the text of one OpPrint.
type Print struct {
	X, Y  int
	Cycle int64
	Text  string
}

// New makes the cores of a band. of gives the program of each tile.
func New(g *fabric.Grid, m *machine.Machine, w, h int, fp num.Format, progs []*Program, of []int32) *Cluster {
	n := g.Tiles()
	k := &Cluster{
		Grid: g, M: m, W: w, H: h, FP: fp, tariff: newTariff(m), progs: progs, of: of,
		cores: make([]*Core, n), cur: fabric.NewBits(n), next: fabric.NewBits(n),
	}
	g.NewRamp = k.newRamp
	for t, p := range of {
		if p >= 0 && progs[p].starts() {
			k.Core(int32(t))
			k.next.Set(int32(t))
		}
	}
	return k
}

// Program gives the program of tile t, nil for a core that has only a router.
func (k *Cluster) Program(t int32) *Program {
	if p := k.of[t]; p >= 0 {
		return k.progs[p]
	}
	return nil
}

func (k *Cluster) newRamp(t int32) *fabric.Ramp {
	if k.Program(t) == nil {
		r := new(fabric.Ramp)
		r.Init(k.M, k.Grid.Table(t), nil, nil)
		return r
	}
	return k.Core(t).ramp
}

// Has reports whether the core of tile t exists: whether anything touched it.
func (k *Cluster) Has(t int32) bool { return k.cores[t] != nil }

// Core gives the core of tile t, making it at the first touch. The tile has a
// program.
func (k *Cluster) Core(t int32) *Core {
	if c := k.cores[t]; c != nil {
		return c
	}
	c := newCore(k, t)
	k.cores[t] = c
	k.Grid.Ramps[t] = c.ramp
	k.Live++
	return c
}

// Step runs one cycle of all cores that may do something.
func (k *Cluster) Step(now int64) {
	k.Now = now
	k.cur, k.next = k.next, k.cur
	k.next.Reset()
	for _, t := range k.timers.due(now) {
		k.cur.Set(t)
	}
	for _, w := range k.Grid.Torn {
		k.torn(w.Tile, w.Color)
	}
	k.Grid.Torn = k.Grid.Torn[:0]
	for _, cl := range k.Grid.Clashes {
		k.clash(cl)
	}
	k.Grid.Clashes = k.Grid.Clashes[:0]
	k.cur.Take(&k.Grid.Wake)
	k.cur.Take(k.Grid.Arrivals.At(uint32(now)))
	k.visits()
}

// Due counts the cores to visit in cycle now, about: some may be counted twice, and
// no more than a few beyond enough.
func (k *Cluster) Due(now int64, enough int) int {
	n := len(k.timers.ring[now%ringSlots])
	for _, b := range []*fabric.Bits{&k.next, &k.Grid.Wake, k.Grid.Arrivals.At(uint32(now))} {
		if n < enough {
			n += b.Count(enough - n)
		}
	}
	return n
}

// Busy reports whether a core may do something in the next cycle.
func (k *Cluster) Busy() bool { return k.next.Any() || k.Grid.Awaited() }

// NextTimer gives the next cycle after now at which a timer or a burst has ended, or 0.
func (k *Cluster) NextTimer(now int64) int64 {
	at := k.timers.next(now)
	if end, id := k.firstEnd(); id >= 0 && (at == 0 || end < at) {
		at = end + 1
	}
	return at
}

// wakeAt lets core c be visited at cycle t, which lies ahead.
func (k *Cluster) wakeAt(c *Core, t int64) {
	if t <= k.Now+1 {
		k.next.Set(c.tile)
		return
	}
	if c.timer == t {
		return // already asked for
	}
	c.timer = t
	k.timers.add(k.Now, t, c.tile)
}

// torn tells a core that one of its colours was torn down.
func (k *Cluster) torn(t int32, color uint8) {
	if k.Program(t) == nil {
		return
	}
	c := k.Core(t)
	c.pending |= 1 << color
	c.tornNew |= 1 << color
	c.active |= 1 << machine.TaskTeardown
	k.cur.Set(t)
}

func (k *Cluster) clash(cl fabric.Clash) {
	x, y := k.xy(cl.Tile)
	f := Fault{
		Tile: cl.Tile, X: x, Y: y, Cycle: k.Now, PC: -1, Code: "S0101",
		Message: "two wavelets of color " + itoa(int(cl.Color)) + " arrived from " + cl.A.String() + " and " + cl.B.String() +
			" on the same cycle; a color has one active input at a time",
	}
	k.Faults = append(k.Faults, f)
	if c := k.cores[cl.Tile]; c != nil {
		c.dead = true
	}
}

func (k *Cluster) xy(t int32) (x, y int) {
	return int(t) % k.Grid.W, int(t)/k.Grid.W + k.Grid.Y0
}

// timers are the cycles at which cores want to be visited: a ring of lists for
// the near future and a heap for what lies beyond.
type timers struct {
	ring [ringSlots][]int32
	n    int
	far  []timer
	out  []int32
}

const ringSlots = 1024

type timer struct {
	at   int64
	tile int32
}

func (w *timers) add(now, at int64, tile int32) {
	if at-now < ringSlots {
		w.ring[at%ringSlots] = append(w.ring[at%ringSlots], tile)
		w.n++
		return
	}
	w.push(timer{at, tile})
}

// due gives the tiles whose time has come. Every cycle that has one is asked for.
func (w *timers) due(now int64) []int32 {
	for len(w.far) > 0 && w.far[0].at-now < ringSlots {
		t := w.pop()
		w.ring[t.at%ringSlots] = append(w.ring[t.at%ringSlots], t.tile)
		w.n++
	}
	s := &w.ring[now%ringSlots]
	if len(*s) == 0 {
		return nil
	}
	w.out = append(w.out[:0], *s...)
	w.n -= len(*s)
	*s = (*s)[:0]
	return w.out
}

func (w *timers) next(now int64) int64 {
	if w.n > 0 {
		for t := now + 1; t <= now+ringSlots; t++ {
			if len(w.ring[t%ringSlots]) > 0 {
				return t
			}
		}
	}
	if len(w.far) > 0 {
		return w.far[0].at
	}
	return 0
}

func (w *timers) push(t timer) {
	w.far = append(w.far, t)
	i := len(w.far) - 1
	for i > 0 && w.far[i].at < w.far[(i-1)/2].at {
		w.far[i], w.far[(i-1)/2] = w.far[(i-1)/2], w.far[i]
		i = (i - 1) / 2
	}
}

func (w *timers) pop() timer {
	top := w.far[0]
	last := len(w.far) - 1
	w.far[0] = w.far[last]
	w.far = w.far[:last]
	for i := 0; ; {
		s := 2*i + 1
		if s >= last {
			return top
		}
		if s+1 < last && w.far[s+1].at < w.far[s].at {
			s++
		}
		if w.far[i].at <= w.far[s].at {
			return top
		}
		w.far[i], w.far[s] = w.far[s], w.far[i]
		i = s
	}
}

// Image kinds that this package needs by short names.
type (
	dsd   = image.DSD
	instr = image.Instr
)
