package fabric

import (
	"math/bits"

	"wafer/internal/image"
	"wafer/internal/machine"
)

// NoColor marks a queue that is bound to no colour.
const NoColor = 31

// Entry of a queue between a core and its router.
type Item struct {
	Data  uint32
	Ready uint32 // cycle from which it may be taken, low 32 bits
	Color uint8
	Ctrl  bool
}

// Queue is an input or output queue: a ring that grows to its capacity at first
// use and never again.
type Queue struct {
	items []Item
	head  uint8
	N     uint8
	cap   uint8 // wavelets it takes, in flight on the ramp included
	Depth uint8 // words of the queue proper
	Color uint8
	Last  uint8 // colour of what was sent last
	Used  bool
	// Control: every wavelet sent is a control wavelet.
	Control  bool
	Flushing bool
	Priority uint8
}

// Ramp is the core's side of its router: queues, their colours, and filters.
type Ramp struct {
	// Calm says that the core will look at its queues at cycle VisitAt and need not be
	// woken for what is ready then or later; Roomy, that it does not wait for room.
	Calm, Roomy bool
	VisitAt     uint32
	// Streamed: the host lets words in, which are ready sooner than those of a router.
	Streamed bool
	// Controls counts the control wavelets in the input queues.
	Controls int32
	// Filled has a bit for each input queue with wavelets.
	Filled uint16
	filled uint8 // the same of the output queues
	rr     uint8 // output queue served last
	// InOf gives the input queue bound to a colour, None if there is none.
	InOf    [machine.Colors + 1]int8
	In      [InQueues]Queue
	Out     [machine.Queues]Queue
	filters []filterState
	host    []HostBuf
}

// InQueues counts the input queues with those that have no number. On WSE-2 a
// control wavelet reaches its task also on a colour that no queue was given to
// (spmv-hypersparse sends itself such); it goes through one of these.
const InQueues = machine.Queues + 4

// HostBuf holds what a core sent to the host on one colour.
type HostBuf struct {
	Color uint8
	Words []uint32
	Taken int
}

// HostBufWords bounds what a core can send to the host before the host takes it.
const HostBufWords = 1 << 24

// Init makes r the ramp of a core. in and out are its queue set-up.
func (r *Ramp) Init(m *machine.Machine, tab *Table, in, out *[machine.Queues]image.Queue) {
	for c := range r.InOf {
		r.InOf[c] = None
	}
	for q := machine.Queues; q < InQueues; q++ {
		r.In[q] = Queue{Depth: 2, cap: uint8(2 + m.Net.RampDown), Color: NoColor}
	}
	for q := range machine.Queues {
		// A queue must be able to run at one wavelet a cycle however shallow it
		// is, so what is on its way down the ramp does not count against its depth.
		// ASSUMED(ramp-buffer)
		r.In[q] = Queue{Depth: uint8(m.Core.InDepth[q]), cap: uint8(m.Core.InDepth[q] + m.Net.RampDown), Color: NoColor}
		r.Out[q] = Queue{Depth: uint8(m.Core.OutDepth[q]), cap: uint8(m.Core.OutDepth[q]), Color: NoColor}
		if in != nil && in[q].Used {
			r.Bind(q, in[q].Color)
			r.In[q].Priority = in[q].Priority
		}
		if out != nil && out[q].Used {
			r.Out[q].Used, r.Out[q].Color = true, out[q].Color
			r.Out[q].Control, r.Out[q].Priority = out[q].Control, out[q].Priority
		}
	}
	for c := range tab.Routes {
		if f := tab.Routes[c].Filter; f != nil {
			r.filters = append(r.filters, newFilterState(uint8(c), f))
		}
	}
}

// Bind makes input queue q receive colour c.
func (r *Ramp) Bind(q int, c uint8) {
	if old := r.In[q].Color; old < machine.Colors && r.InOf[old] == int8(q) {
		r.InOf[old] = None
	}
	r.In[q].Used, r.In[q].Color = true, c
	if c < machine.Colors {
		r.InOf[c] = int8(q)
	}
}

// Rebind is Bind for a colour that may have wavelets in a queue without a number:
// they move along.
func (r *Ramp) Rebind(q int, c uint8) {
	old := int8(None)
	if c < machine.Colors {
		old = r.InOf[c]
	}
	r.Bind(q, c)
	if old < machine.Queues {
		return
	}
	for from := &r.In[old]; from.N > 0 && !r.In[q].Full(); from.Drop() {
		r.In[q].Push(*from.Head())
		r.Filled |= 1 << q
	}
	r.Filled &^= 1 << old
	r.In[old].Used, r.In[old].Color = false, NoColor
}

// adopt gives a queue without a number to a colour that has none. None if all are
// taken.
func (r *Ramp) adopt(c uint8) int8 {
	for q := machine.Queues; q < InQueues; q++ {
		if r.In[q].Color == NoColor {
			r.Bind(q, c)
			return int8(q)
		}
	}
	return None
}

// Full reports whether the queue takes no further wavelet.
func (q *Queue) Full() bool { return q.N >= q.cap }

// Room is the number of wavelets it still takes.
func (q *Queue) Room() int { return int(q.cap - q.N) }

// Push appends a wavelet.
func (q *Queue) Push(it Item) {
	if q.items == nil {
		q.items = make([]Item, q.cap)
	}
	k := int(q.head) + int(q.N)
	if k >= len(q.items) {
		k -= len(q.items)
	}
	q.items[k] = it
	q.N++
}

// Head gives the oldest wavelet, nil when there is none.
func (q *Queue) Head() *Item {
	if q.N == 0 {
		return nil
	}
	return &q.items[q.head]
}

// At gives the k-th oldest wavelet.
func (q *Queue) At(k int) *Item {
	k += int(q.head)
	if k >= len(q.items) {
		k -= len(q.items)
	}
	return &q.items[k]
}

// Visible gives the oldest wavelet if it may be taken at cycle now, else nil.
func (q *Queue) Visible(now uint32) *Item {
	if q.N == 0 || int32(now-q.items[q.head].Ready) < 0 {
		return nil
	}
	return &q.items[q.head]
}

// Drop removes the oldest wavelet.
func (q *Queue) Drop() {
	if q.head++; int(q.head) == len(q.items) {
		q.head = 0
	}
	q.N--
}

// Ready counts the wavelets that may be taken at cycle now.
func (q *Queue) Ready(now uint32) int {
	n := 0
	for n < int(q.N) && int32(now-q.At(n).Ready) >= 0 {
		n++
	}
	return n
}

// Awaited reports whether a core must be visited in one of the next cycles.
func (g *Grid) Awaited() bool {
	return g.Arrivals.Any() || g.Wake.Any()
}

// receive puts a wavelet into input queue q and lets the core look at it when it is
// ready.
func (g *Grid) receive(t int32, r *Ramp, q int8, it Item) {
	if it.Ctrl {
		r.Controls++
	}
	r.In[q].Push(it)
	r.Filled |= 1 << q
	if !r.Calm || int32(it.Ready-r.VisitAt) < 0 {
		g.Arrivals.At(it.Ready).Set(t)
	}
}

// ramp gives the ramp of tile t, making it at the first touch.
func (g *Grid) ramp(t int32) *Ramp {
	if r := g.Ramps[t]; r != nil {
		return r
	}
	r := g.NewRamp(t)
	g.Ramps[t] = r
	return r
}

// TakeIn removes the oldest wavelet of input queue q; its router may go on.
func (g *Grid) TakeIn(t int32, r *Ramp, q int) {
	if r.In[q].Head().Ctrl {
		r.Controls--
	}
	if r.In[q].Drop(); r.In[q].N == 0 {
		r.Filled &^= 1 << q
	}
	g.taken = true
	g.Touch(t)
}

// Send appends a wavelet to output queue q at cycle now; there is room.
func (g *Grid) Send(t int32, r *Ramp, q int, it Item, now uint32) {
	it.Ready = now + 1
	r.Out[q].Last = it.Color
	r.Out[q].Push(it)
	r.filled |= 1 << q
	g.outNext.Set(t)
}

// HostBuf gives the buffer of a colour, nil if nothing was ever sent on it.
func (r *Ramp) HostBuf(c uint8) *HostBuf {
	for i := range r.host {
		if r.host[i].Color == c {
			return &r.host[i]
		}
	}
	return nil
}

// stepOut moves at most one wavelet of tile t from its output queues to the
// router or to the host: the ramp takes one wavelet a cycle, queues in turn.
func (g *Grid) stepOut(t int32, now uint32) {
	r := g.Ramps[t]
	keep := false
	// In turn: bit i of due stands for the queue i+1 behind the one served last.
	due := bits.RotateLeft8(r.filled, -int(r.rr+1))
	for ; due != 0; due &= due - 1 {
		q := (r.rr + 1 + uint8(bits.TrailingZeros8(due))) % machine.Queues
		oq := &r.Out[q]
		it := oq.Visible(now)
		if it == nil {
			keep = true
			continue
		}
		if !g.leave(t, r, it, now) {
			continue // woken when the router makes room
		}
		if oq.Drop(); oq.N == 0 {
			r.filled &^= 1 << q
		}
		r.rr = q
		// What goes to the host leaves nothing behind that would make the next cycle come.
		if !r.Roomy || g.hostOut != 0 {
			g.Wake.Set(t)
		}
		keep = true
		break
	}
	if keep {
		g.outNext.Set(t)
	}
}

// leave hands one wavelet to the router or the host.
func (g *Grid) leave(t int32, r *Ramp, it *Item, now uint32) bool {
	if it.Color < machine.Colors && g.hostOut>>it.Color&1 == 1 {
		b := r.HostBuf(it.Color)
		if b == nil {
			r.host = append(r.host, HostBuf{Color: it.Color})
			b = &r.host[len(r.host)-1]
		}
		if len(b.Words)-b.Taken >= HostBufWords {
			return false
		}
		if !it.Ctrl {
			b.Words = append(b.Words, it.Data)
		}
		return true
	}
	ready := now + uint32(g.Net.RampUp)
	if g.routers[t].table.swap[axis(machine.Ramp)] == 0 { // nearly always
		ch := &g.chans[g.open(t, machine.Ramp, it.Color)]
		if !ch.takes(g.buffer, now) {
			return false
		}
		if it.Ctrl {
			ch.ctrl |= 1 << ((ch.head + ch.n) % Slots)
		}
		g.append(ch, it.Data, ready)
		return true
	}
	if !g.canPush(t, machine.Ramp, it.Color, now) {
		return false
	}
	g.push(t, machine.Ramp, it.Color, Word{it.Data, it.Ctrl}, ready)
	return true
}
