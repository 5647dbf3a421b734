package pe

import (
	"math/bits"
	"slices"

	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/sim/fabric"
	"wafer/internal/sim/state"
)

// What a checkpoint holds of cores; package state says how. What a program is comes
// from the image, lanes and counts of a band follow from the cores. A core's own
// words come in the order of Core's fields.

// Limits of what a checkpoint can hold of one core.
const (
	maxCommands = 1 << 20
	maxArgs     = 1 << 16
	maxText     = 1 << 20
	maxTimers   = 1 << 16
	maxMaps     = MaxCalls + 1
)

// Keeper visits the cores of a band one by one, in ascending order.
type Keeper struct {
	k      *Cluster
	timers []timer // by tile, then time
	ramps  map[rampKey]*fabric.Ramp
}

type rampKey struct {
	prog *Program
	tab  *fabric.Table
}

// Keep prepares a visit. now is the cycle that has ended.
func (k *Cluster) Keep(now int64) *Keeper {
	k.Now = now
	return &Keeper{k: k, timers: k.timers.list(now), ramps: map[rampKey]*fabric.Ramp{}}
}

// list gives the timers that have not ended, without repetitions.
func (w *timers) list(now int64) []timer {
	ts := slices.Clone(w.far)
	for i := range w.ring {
		at := now + 1 + (int64(i)-now-1)&(ringSlots-1)
		for _, t := range w.ring[i] {
			ts = append(ts, timer{at, t})
		}
	}
	slices.SortFunc(ts, func(a, b timer) int {
		if a.tile != b.tile {
			return int(a.tile) - int(b.tile)
		}
		return int(min(1, max(-1, a.at-b.at)))
	})
	return slices.Compact(ts)
}

// Touched reports whether there is anything about the core of tile t to keep.
func (s *Keeper) Touched(t int32) bool {
	return s.k.cores[t] != nil || s.k.next.Has(t) || len(s.timers) > 0 && s.timers[0].tile == t
}

// Visit writes or reads the core of tile t and its ramp. A cluster that reads is a
// new one.
func (s *Keeper) Visit(c *state.Coder, t int32) {
	k := s.k
	due := k.next.Has(t)
	c.Bool(&due)
	k.next.Put(t, due)
	s.visitTimers(c, t)
	r := k.Grid.Ramps[t]
	has := r != nil
	if c.Bool(&has); !has {
		if k.cores[t] != nil && c.Reading() {
			c.Fail("the core of tile %d begins by itself and is missing", t)
		}
		return
	}
	if r == nil {
		r = k.newRamp(t)
		k.Grid.Ramps[t] = r
	}
	r.Visit(c, s.base(t))
	if core := k.cores[t]; core != nil {
		k.visitCore(c, core)
	}
}

func (s *Keeper) visitTimers(c *state.Coder, t int32) {
	n := 0
	for n < len(s.timers) && s.timers[n].tile == t {
		n++
	}
	n = c.Len(n, maxTimers)
	for i := 0; i < n && c.OK(); i++ {
		at := s.k.Now
		if !c.Reading() {
			at = s.timers[i].at
		}
		c.Time(&at)
		if !c.Reading() {
			continue
		}
		if at <= s.k.Now {
			c.Fail("a timer of cycle %d at cycle %d", at, s.k.Now)
			return
		}
		s.k.timers.add(s.k.Now, at, t)
	}
	if !c.Reading() {
		s.timers = s.timers[n:]
	}
}

// base gives the ramp of tile t as it was when it was made.
func (s *Keeper) base(t int32) *fabric.Ramp {
	key := rampKey{s.k.Program(t), s.k.Grid.Table(t)}
	r := s.ramps[key]
	if r == nil {
		var in, out *[machine.Queues]image.Queue
		if p := key.prog; p != nil {
			in, out = &p.In, &p.Out
		}
		r = new(fabric.Ramp)
		r.Init(s.k.M, key.tab, in, out)
		if len(s.ramps) < maxBases {
			s.ramps[key] = r
		}
	}
	return r
}

// maxBases bounds the ramps that are kept for comparing: programs and routes are
// often shared, and where they are not a ramp is quickly made again.
const maxBases = 1024

// Loaded ends reading.
func (k *Cluster) Loaded() {
	k.Owed, k.Faults = 0, nil
	for _, c := range k.cores {
		if c != nil && (c.owes || len(c.cmds) > 0) {
			k.Owed++
		}
	}
}

func (k *Cluster) visitCore(c *state.Coder, x *Core) {
	p := x.prog
	state.Between(c, &x.pc, -1, len(p.Code)+1)
	state.Below(c, &x.state, int(mainOp)+1)
	state.Below(c, &x.statState, statWaiting+1)
	c.Bool(&x.dead, &x.flushing)
	x.stall.visit(c)
	c.Bool(&x.owes)
	state.Num(c, &x.utBlocked)
	state.Below(c, &x.mainPrio, 4)
	state.Below(c, &x.served, machine.Microthreads)
	state.Below(c, &x.busy, 1<<(mainSlot+1))
	c.Time(&x.statSince, &x.ready, &x.holdFrom, &x.timer, &x.ahead, &x.dsdUntil)
	state.Num(c, &x.ran, &x.active, &x.blocked)
	state.Slice(c, &x.cmds, maxCommands, func(m *Command) { m.visit(c, p) })
	k.visitMemory(c, x)
	x.stats.visit(c)
	k.visitCalls(c, x)
	for m := x.busy; m != 0 && c.OK(); m &= m - 1 {
		s := bits.TrailingZeros16(m)
		if c.Reading() {
			x.ops[s] = new(op)
		}
		x.ops[s].visit(c, x, s)
	}
	x.visitFault(c)
	c.Time(&x.lastEnd)
	state.Between(c, &x.task, -1, machine.MaxTasks)
	state.Num(c, &x.sp)
	state.Num(c, &x.lastTask)
	state.Below(c, &x.prng, machine.PRNGs)
	state.Num(c, &x.high)
	state.Num(c, &x.excMask, &x.ctrlMask, &x.flushed, &x.flushNew)
	state.Num(c, &x.pending, &x.tornNew)
	for i := range x.fifos {
		x.fifos[i].visit(c, &p.Fifos[i])
	}
	for i := range p.Rotate {
		state.Num(c, &x.rotated[i])
	}
	x.visitDSRs(c)
	state.Slice(c, &x.maps, maxMaps, func(m *mapping) { m.visit(c, x) })
	state.Slice(c, &x.conf, 1<<16, func(r *confReg) { state.Num(c, &r.addr, &r.val) })
	state.Slice(c, &x.rnd, machine.PRNGs, func(v *uint32) { state.Num(c, v) })
	c.Bool(&x.frozen)
	c.Time(&x.tscOff)
	state.Num(c, &x.tscAt)
	if c.Reading() && c.OK() {
		k.restart(c, x)
	}
}

// restart checks a core that was read as a whole and finds its lane.
func (k *Cluster) restart(c *state.Coder, x *Core) {
	switch {
	case x.state == mainOp && x.ops[mainSlot] == nil:
		c.Fail("core (%d,%d) waits for an operation that it does not have", x.x, x.y)
		return
	case x.state == mainRun && (x.pc < 0 || int(x.pc) >= len(x.prog.Code)):
		c.Fail("core (%d,%d) runs at instruction %d of %d", x.x, x.y, x.pc, len(x.prog.Code))
		return
	case len(x.rnd) != 0 && len(x.rnd) != machine.PRNGs:
		c.Fail("core (%d,%d) has %d random states", x.x, x.y, len(x.rnd))
		return
	}
	for m := x.busy; m != 0; m &= m - 1 {
		if o := x.ops[bits.TrailingZeros16(m)]; x.dsrs == nil && (o.dst.dsr >= 0 || slices.ContainsFunc(o.src[:o.nsrc], func(y operand) bool { return y.dsr >= 0 })) {
			c.Fail("core (%d,%d) has an operation on registers that were never loaded", x.x, x.y)
			return
		}
		// What is left of an operation may be plain although it began otherwise. If it
		// began so it still is: the core may be ahead.
		if o := x.ops[bits.TrailingZeros16(m)]; o.done < o.n {
			k.straighten(x, o, o.n-o.done)
		}
	}
	k.relane(x)
}

func (s *stall) visit(c *state.Coder) {
	c.Bool(&s.on, &s.out)
	n := fabric.InQueues
	if s.out {
		n = machine.Queues
	}
	state.Below(c, &s.queue, n)
}

func (m *Command) visit(c *state.Coder, p *Program) {
	state.Below(c, &m.Func, len(p.Funcs))
	c.Words(&m.Args, maxArgs)
	c.Time(&m.Due)
}

func (s *Stats) visit(c *state.Coder) {
	state.Num(c, &s.Scalar, &s.DSD, &s.Waiting, &s.Idle, &s.Instructions, &s.Operations, &s.Elements, &s.Tasks)
}

// visitMemory moves the memory that exists; zeros at its end are not written.
func (k *Cluster) visitMemory(c *state.Coder, x *Core) {
	n := len(x.mem)
	state.Between(c, &n, min(x.prog.initWords, k.M.Core.SRAMWords), k.M.Core.SRAMWords+1)
	used := x.mem
	for !c.Reading() && len(used) > 0 && used[len(used)-1] == 0 {
		used = used[:len(used)-1]
	}
	c.Words(&used, n)
	if !c.Reading() || !c.OK() {
		return
	}
	if cap(x.mem) < n {
		x.mem = make([]uint16, n)
	}
	x.mem = x.mem[:n]
	clear(x.mem[copy(x.mem, used):])
}

// visitCalls moves registers and frames.
func (k *Cluster) visitCalls(c *state.Coder, x *Core) {
	n := c.Len(len(x.regs), MaxRegs)
	used := x.regs
	for !c.Reading() && len(used) > 0 && used[len(used)-1] == 0 {
		used = used[:len(used)-1]
	}
	state.Slice(c, &used, n, func(v *uint64) { state.Num(c, v) })
	if c.Reading() {
		x.regs = append(used, make([]uint64, n-min(n, len(used)))...)
	}
	x.visitPlace(c, &x.fn, &x.base)
	state.Slice(c, &x.frames, MaxCalls+1, func(f *frame) {
		state.Below(c, &f.pc, len(x.prog.Code)+1)
		x.visitPlace(c, &f.fn, &f.base)
		state.Num(c, &f.d, &f.sp)
		if c.Reading() && int(f.base)+int(f.d)+maxResults > len(x.regs) {
			c.Fail("core (%d,%d) returns to register %d of %d", x.x, x.y, int(f.base)+int(f.d), len(x.regs))
		}
	})
}

// maxResults is how many registers enter keeps behind a frame, see there.
const maxResults = 8

// visitPlace moves a function and the place of its registers.
func (x *Core) visitPlace(c *state.Coder, fn, base *int32) {
	state.Below(c, fn, max(1, len(x.prog.Funcs)))
	state.Below(c, base, MaxRegs)
	if !c.Reading() || !c.OK() || len(x.regs) == 0 && x.state == mainIdle {
		return
	}
	if int(*fn) >= len(x.prog.Funcs) || int(*base)+x.prog.Funcs[*fn].Regs+maxResults > len(x.regs) {
		c.Fail("core (%d,%d) is in function %d with registers from %d of %d", x.x, x.y, *fn, *base, len(x.regs))
	}
}

func (o *op) visit(c *state.Coder, x *Core, slot int) {
	state.Below(c, &o.kind, int(image.NumDSDOps))
	state.Below(c, &o.nsrc, len(o.src)+1)
	state.Between(c, &o.slot, slot, slot+1)
	state.Below(c, &o.prio, 4)
	state.Num(c, &o.onCtrl, &o.per)
	c.Bool(&o.async, &o.endless, &o.tail, &o.hasIdx)
	state.Num(c, &o.index, &o.result, &o.turn, &o.carry)
	state.Num(c, &o.act, &o.unb)
	state.Num(c, &o.n, &o.done)
	c.Time(&o.readyAt)
	state.Between(c, &o.pc, -1, len(x.prog.Code)+1)
	o.dst.visit(c, x)
	for i := range min(int(o.nsrc), len(o.src)) {
		o.src[i].visit(c, x)
	}
	if c.Reading() && slot == mainSlot && int(x.base)+int(o.result) >= len(x.regs) {
		c.Fail("core (%d,%d) has no register %d for a result", x.x, x.y, o.result)
	}
}

func (y *operand) visit(c *state.Coder, x *Core) {
	state.Below(c, &y.at, int(atFifo)+1)
	c.Bool(&y.wide, &y.ptr, &y.pair, &y.index, &y.control, &y.advance, &y.relay, &y.half)
	state.Num(c, &y.length)
	queues, colors := machine.Queues, fabric.NoColor+1
	switch y.at {
	case atIn:
		queues = fabric.InQueues
	case atOut:
		colors = machine.Colors
	case atFifo:
		queues = len(x.fifos)
	}
	state.Below(c, &y.q, queues)
	state.Below(c, &y.color, colors)
	state.Between(c, &y.dsr, -1, dsrFiles*machine.DSRs)
	state.Num(c, &y.val, &y.word)
	y.iter.visit(c)
}

func (it *iter) visit(c *state.Coder) {
	state.Num(c, &it.addr)
	state.Below(c, &it.dims, len(it.stride)+1)
	for d := range it.dims {
		state.Num(c, &it.stride[d])
		state.Num(c, &it.length[d], &it.count[d])
	}
}

// visitFault moves a fault that was met while running ahead.
func (x *Core) visitFault(c *state.Coder) {
	has := x.fault != nil
	if c.Bool(&has); !has {
		return
	}
	if c.Reading() {
		x.fault = &Fault{Tile: x.tile, X: x.x, Y: x.y}
	}
	c.Time(&x.fault.Cycle)
	state.Num(c, &x.fault.PC)
	c.Text(&x.fault.Code, maxText)
	c.Text(&x.fault.Message, maxText)
	c.Text(&x.fault.Place, maxText)
}

func (f *fifo) visit(c *state.Coder, d *image.Fifo) {
	state.Below(c, &f.read, max(1, int(d.Words)))
	state.Below(c, &f.n, int(d.Words)+1)
	state.Num(c, &f.readLen, &f.writeLen)
	c.Bool(&f.hitEmpty, &f.hitFull)
}

// visitDSRs moves the registers that were loaded.
func (x *Core) visitDSRs(c *state.Coder) {
	var set uint64
	for i := range x.dsrs {
		if x.dsrs[i].set {
			set |= 1 << i
		}
	}
	state.Num(c, &set)
	if c.Reading() {
		if x.dsrs = nil; set != 0 {
			x.dsrs = make([]dsr, dsrFiles*machine.DSRs)
		}
		if set>>(dsrFiles*machine.DSRs) != 0 {
			c.Fail("data structure registers %#x", set)
			return
		}
	}
	for ; set != 0; set &= set - 1 {
		d := &x.dsrs[bits.TrailingZeros64(set)]
		d.set = true
		d.visit(c)
	}
}

// maxKinds is what the three bits of a descriptor's kind can hold.
const maxKinds = 8

func (r *dsr) visit(c *state.Coder) {
	d := &r.d
	state.Below(c, &d.Kind, maxKinds)
	state.Num(c, &d.Base, &r.start)
	for i := range d.Length {
		state.Num(c, &d.Length[i])
		state.Num(c, &d.Stride[i])
	}
	state.Below(c, &d.Dims, len(d.Length)+1)
	state.Below(c, &d.Queue, machine.Queues)
	state.Below(c, &d.Color, fabric.NoColor+1)
	state.Num(c, &d.Flags)
	c.Bool(&r.async, &r.save)
	state.Num(c, &r.act, &r.unb)
	state.Num(c, &r.ut)
	state.Num(c, &r.onCtrl, &r.prio)
}

// visit moves a @map at work. Which it is stands in the program.
func (m *mapping) visit(c *state.Coder, x *Core) {
	i := -1
	for j := range x.prog.DSD {
		if &x.prog.DSD[j] == m.d {
			i = j
		}
	}
	state.Below(c, &i, len(x.prog.DSD))
	if !c.OK() {
		return
	}
	if c.Reading() {
		m.d = &x.prog.DSD[i]
	}
	n := len(m.d.MapOps)
	state.Slice(c, &m.ops, n, func(y *operand) { y.visit(c, x) })
	state.Slice(c, &m.left, n, func(v *uint32) { state.Num(c, v) })
	if len(m.ops) != n || len(m.left) != n {
		c.Fail("a @map of %d operands with %d and %d", n, len(m.ops), len(m.left))
		return
	}
	c.Bool(&m.local)
}
