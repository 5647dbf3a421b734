package pe

import (
	"math/bits"

	"wafer/internal/machine"
	"wafer/internal/sim/fabric"
)

// maxFree bounds the instructions without cost that run in one cycle. They stand in
// a row, since a jump costs, so the length of the program bounds them too.
const maxFree = 1 << 20

// never is a time that does not come: only an event can help.
const never = int64(1) << 62

// step is one cycle of one core:
//
//  1. control wavelets that nobody can use are dropped;
//  2. one thread gets the issue slot: the main thread or a microthread;
//  3. an idle main thread picks a task;
//  4. the core says when it wants to be visited again.
//
// A visit at which nothing can happen changes nothing, so it does not matter
// how often a core is visited.
func (k *Cluster) step(c *Core) {
	if c.dead {
		k.lateFault(c)
		return
	}
	if c.away {
		return
	}
	k.account(c)
	c.ramp.Calm, c.ramp.Roomy = false, false
	if k.Now <= c.ahead {
		k.early(c)
		return
	}
	if c.lane && k.stream(c) {
		return
	}
	if c.state == mainHold && k.Now >= c.ready {
		c.state = mainRun
	}
	if c.busy == 0 && c.state == mainRun && !c.stall.on && c.ramp.Controls == 0 && !c.flushing {
		k.scalar(c)
		return
	}
	if c.flushing {
		k.outFlushes(c)
	}
	if c.ramp.Controls > 0 {
		k.dropControls(c)
	}
	if slot := k.arbitrate(c); slot == mainSlot {
		k.mainTurn(c)
	} else if slot >= 0 {
		c.served = uint8(slot)
		if c.state == mainHold && k.Now >= c.holdFrom {
			c.ready++ // the datapath was lent
		}
		k.turn(c, c.ops[slot])
	}
	if c.dead {
		return
	}
	if c.state == mainIdle {
		k.pick(c)
	}
	if !c.dead {
		k.again(c)
	}
}

// early is step for a core that has done this cycle already.
func (k *Cluster) early(c *Core) {
	if !c.lane { // it ran ahead before a checkpoint, and now goes step by step
		k.wakeAt(c, c.ahead+1)
		return
	}
	o, at, full := k.serve(c, c.ahead+1)
	if o != nil {
		at = c.ahead + 1
	}
	k.askLane(c, at, full)
}

// scalar is step for a core that only has its main thread to think of.
func (k *Cluster) scalar(c *Core) {
	if k.Now >= c.ready {
		// After instructions without cost the next one still has this cycle.
		if !k.leap(c) || c.ready <= k.Now {
			k.mainTurn(c)
		}
		if !c.dead {
			k.ahead(c)
		}
		if c.dead {
			k.lateFault(c)
			return
		}
	}
	if c.state == mainRun && c.busy == 0 && !c.stall.on {
		c.statState = statScalar
		k.wakeAt(c, max(c.ready, k.Now+1))
		return
	}
	if c.state == mainIdle {
		k.pick(c)
	}
	if !c.dead {
		k.again(c)
	}
}

// lateFault reports a fault that was met ahead of time when its cycle has come.
func (k *Cluster) lateFault(c *Core) {
	switch {
	case c.fault == nil:
	case k.Now >= c.fault.Cycle:
		k.Faults = append(k.Faults, *c.fault)
		c.fault = nil
	default:
		k.wakeAt(c, c.fault.Cycle)
	}
}

// dropControls removes control wavelets at the heads of queues that name no task
// and that no operation waits for.
func (k *Cluster) dropControls(c *Core) {
	for q := range c.ramp.In {
		for {
			it := c.ramp.In[q].Visible(uint32(k.Now))
			if it == nil || !it.Ctrl {
				break
			}
			id := it.Data >> 16 & fabric.EntryBits
			if c.prog.ctrl[id] >= 0 || c.prog.local[id] >= 0 || k.wantsControl(c, q) || id == 0 && c.rotation(q) >= 0 {
				break
			}
			k.take(c, q)
		}
	}
}

// wantsControl reports whether an operation on queue q ends with a control wavelet.
func (k *Cluster) wantsControl(c *Core, q int) bool {
	for m := c.busy; m != 0; m &= m - 1 {
		o := c.ops[bits.TrailingZeros16(m)]
		for i := range o.nsrc {
			if o.src[i].at == atIn && int(o.src[i].q) == q && (o.onCtrl != 0 || o.src[i].relay) {
				return true
			}
		}
	}
	return false
}

// Levels of threads for the issue slot. Microthreads are low, medium or high; the
// main thread lies between them as RegMainPriority says.
const (
	levelLow    = 2
	levelMain   = 3 // MEDIUM_LOW, the default
	levelMedium = 4
)

func (o *op) level() uint8 {
	if o.prio <= 1 {
		return levelLow
	}
	return levelMedium + 2*(o.prio-2)
}

// arbitrate gives the slot of the thread that may issue in this cycle, -1 for
// none: the highest level, among equals in turn.
func (k *Cluster) arbitrate(c *Core) int {
	best, level := -1, uint8(0)
	if k.mainWants(c) {
		best, level = mainSlot, levelMain+c.mainPrio
	}
	uts := c.busy &^ (1<<mainSlot | uint16(c.utBlocked))
	if uts == 0 {
		return best
	}
	for i := range machine.Microthreads {
		s := (int(c.served) + 1 + i) % machine.Microthreads
		if uts>>s&1 == 0 {
			continue
		}
		o := c.ops[s]
		lv := o.level()
		if lv < level || lv == level && (best != mainSlot || k.Now&1 == 0) {
			continue
		}
		if k.when(c, o) <= k.Now {
			best, level = s, lv
		}
	}
	return best
}

// mainWants reports whether the main thread wants the issue slot.
func (k *Cluster) mainWants(c *Core) bool {
	switch c.state {
	case mainRun:
		return k.Now >= c.ready && k.unstalled(c)
	case mainHold:
		return k.Now >= c.holdFrom
	case mainOp:
		return k.when(c, c.ops[mainSlot]) <= k.Now
	}
	return false
}

func (k *Cluster) mainTurn(c *Core) {
	switch c.state {
	case mainRun:
		// Instructions that cost nothing share the cycle of the next one.
		for range maxFree {
			k.exec(c)
			if c.dead || c.state != mainRun || c.ready > k.Now || c.stall.on {
				return
			}
		}
	case mainOp:
		k.turn(c, c.ops[mainSlot])
	}
}

// again asks for the next visit.
func (k *Cluster) again(c *Core) {
	at := never
	switch c.state {
	case mainRun:
		if at = c.ready; c.stall.on && k.Now+1 >= c.ready {
			at = k.stallTime(c)
		}
	case mainHold:
		at = c.ready
	case mainOp:
		at = k.when(c, c.ops[mainSlot])
	case mainIdle:
		at = k.idleTime(c)
	}
	for m := c.busy &^ (1<<mainSlot | uint16(c.utBlocked)); m != 0; m &= m - 1 {
		o := c.ops[bits.TrailingZeros16(m)]
		if c.state == mainHold && k.Now+1 >= c.holdFrom && o.level() < levelMain+c.mainPrio {
			continue // the datapath is not lent to lower levels
		}
		at = min(at, k.when(c, o))
	}
	c.statState = c.statKind()
	if at < never {
		k.wakeAt(c, max(at, k.Now+1))
	}
}

// idleTime is when an idle core may find a task: when a wavelet on its way down
// the ramp arrives, or a command is due.
func (k *Cluster) idleTime(c *Core) int64 {
	at := never
	now := uint32(k.Now)
	for m := c.ramp.Filled; m != 0; m &= m - 1 {
		if it := c.ramp.In[bits.TrailingZeros16(m)].Head(); int32(now-it.Ready) < 0 {
			at = min(at, k.Now+int64(int32(it.Ready-now)))
		}
	}
	if len(c.cmds) > 0 && !c.owes {
		at = min(at, max(c.cmds[0].Due, k.Now+1))
	}
	if c.active&^c.blocked != 0 && k.anyTask(c) {
		at = k.Now + 1
	}
	return at
}

// anyTask reports whether an activated task has code.
func (k *Cluster) anyTask(c *Core) bool {
	for m := c.active &^ c.blocked; m != 0; m &= m - 1 {
		id := bits.TrailingZeros64(m)
		if c.prog.local[id] >= 0 || id == machine.TaskTeardown && k.handler(c) >= 0 {
			return true
		}
	}
	return false
}

// when gives the earliest cycle at which an operation can proceed: now or before
// if it can, never if only an event can help.
func (k *Cluster) when(c *Core, o *op) int64 {
	at := o.readyAt
	if o.tail {
		if c.ramp.Out[o.dst.q].Full() {
			return never
		}
		return at
	}
	if o.done == o.n && !o.endless {
		return at // only to end
	}
	for i := range o.nsrc {
		at = max(at, k.whenSource(c, o, &o.src[i]))
	}
	switch o.dst.at {
	case atOut:
		if c.ramp.Out[o.dst.q].Full() {
			return never
		}
	case atFifo:
		if !c.fifoRoom(&o.dst) && c.fifoWaits(o, &o.dst) {
			return never
		}
	}
	return at
}

func (k *Cluster) whenSource(c *Core, o *op, x *operand) int64 {
	switch x.at {
	case atIn:
		if x.half {
			return 0
		}
		it := c.ramp.In[x.q].Head()
		if it == nil || it.Ctrl && o.onCtrl == 0 && !x.relay {
			return never
		}
		return k.Now + int64(int32(it.Ready-uint32(k.Now)))
	case atFifo:
		if !c.fifoData(x) && c.fifoWaits(o, x) {
			return never
		}
	}
	return 0
}

// turn lets an operation proceed by as many elements as a turn has.
func (k *Cluster) turn(c *Core, o *op) {
	if o.tail {
		k.sendAdvance(c, o)
		k.finish(c, o, true)
		return
	}
	c.dsdUntil = k.Now + int64(o.turn)
	moved := uint8(0)
	for moved < o.per && (o.done < o.n || o.endless) {
		if moved > 0 && k.when(c, o) > k.Now {
			break
		}
		if k.endsByControl(c, o) {
			return
		}
		if len(c.fifos) > 0 {
			if act, stuck := k.fifoStuck(c, o); stuck {
				k.endEarly(c, o, act)
				return
			}
		}
		k.one(c, o)
		if c.dead {
			return
		}
		moved++
	}
	if o.done == o.n && !o.endless {
		if o.dst.at == atOut && o.dst.advance {
			o.tail, o.readyAt = true, k.Now+1
			return
		}
		k.finish(c, o, true)
		return
	}
	o.readyAt = k.Now + int64(o.turn)
}

// one performs one element.
func (k *Cluster) one(c *Core, o *op) {
	var v [3]uint32
	idx, hasIdx := o.index, o.hasIdx
	for i := range o.nsrc {
		x := &o.src[i]
		switch x.at {
		case atIn:
			var w uint32
			v[i], w = k.receive(c, x)
			if !o.hasIdx {
				idx, hasIdx = uint16(w>>16), true
			}
		case atFifo:
			v[i] = c.fifoPop(k, x)
		case atMem:
			if !k.touch(c, o, x, idx) {
				return
			}
			v[i] = c.indexed(o, x, idx)
		default:
			v[i] = x.val
		}
	}
	r := k.compute(o.kind, v[0], v[1], v[2], &o.carry)
	o.done++
	x := &o.dst
	switch x.at {
	case atOut:
		k.send(c, o, x, r, idx, hasIdx)
	case atFifo:
		c.fifoPush(k, x, r)
	case atMem:
		if k.touch(c, o, x, idx) {
			if x.ptr && o.done == 1 { // see endEarly
				x.val = c.peek(x)
			}
			c.putIndexed(o, x, r, idx)
		}
	}
}

// touch makes the word of a memory operand's next element accessible.
func (k *Cluster) touch(c *Core, o *op, x *operand, idx uint16) bool {
	a := x.iter.addr
	if x.index && !o.hasIdx {
		a += idx
	}
	n := 1
	if x.wide {
		n = 2
	}
	return k.words(c, a, n)
}

// indexed reads an element of a memory operand. With wavelet_index_offset and no
// explicit index the upper half of the wavelet is the offset, in words.
func (c *Core) indexed(o *op, x *operand, idx uint16) uint32 {
	if !x.index || o.hasIdx {
		return c.element(x)
	}
	save := x.iter
	x.iter.addr += idx
	v := c.element(x)
	x.iter = save
	x.iter.next()
	return v
}

// peek reads the next element of a memory operand and stays there.
func (c *Core) peek(x *operand) uint32 {
	if x.wide {
		return c.load32(x.iter.addr)
	}
	return c.load16(x.iter.addr)
}

func (c *Core) putIndexed(o *op, x *operand, v uint32, idx uint16) {
	if !x.index || o.hasIdx {
		c.put(x, v)
		return
	}
	save := x.iter
	x.iter.addr += idx
	c.put(x, v)
	x.iter = save
	x.iter.next()
}

// With control_transform the two top bits of the index tell a control wavelet that
// was received as data. Which pattern does is not published.
// ASSUMED(control-transform)
const (
	relayBits    = 3 << 30
	relayControl = 2 << 30
)

// relays reports whether an operation takes the control wavelets of queue q as data.
func (k *Cluster) relays(c *Core, q int) bool {
	for m := c.busy; m != 0; m &= m - 1 {
		o := c.ops[bits.TrailingZeros16(m)]
		for i := range o.nsrc {
			if o.src[i].relay && o.src[i].at == atIn && int(o.src[i].q) == q {
				return true
			}
		}
	}
	return false
}

// receive takes one element from an input queue; w is the whole wavelet.
func (k *Cluster) receive(c *Core, x *operand) (v, w uint32) {
	if x.half {
		x.half = false
		return x.word >> 16, x.word
	}
	it := c.ramp.In[x.q].Head()
	if w = it.Data; x.relay {
		if w &^= relayBits; it.Ctrl {
			w |= relayControl
		}
	}
	k.take(c, int(x.q))
	switch {
	case x.wide:
		return w, w
	case x.pair:
		x.word, x.half = w, true
	}
	return w & 0xffff, w
}

// send puts one element into an output queue.
func (k *Cluster) send(c *Core, o *op, x *operand, v uint32, idx uint16, hasIdx bool) {
	w := v
	switch {
	case x.wide:
	case x.pair:
		if !x.half && o.done < o.n {
			x.word, x.half = v, true
			return
		}
		if x.half {
			w = x.word | v<<16
			x.half = false
		}
	case x.index && hasIdx:
		w |= uint32(idx) << 16
	}
	if x.wide && x.index && hasIdx {
		w = w&0xffff | uint32(idx)<<16
	}
	ctrl := x.control
	if x.relay {
		ctrl, w = ctrl || w&relayBits == relayControl, w&^relayBits
	}
	k.Grid.Send(c.tile, c.ramp, int(x.q), fabric.Item{Data: w, Color: x.color, Ctrl: ctrl}, uint32(k.Now))
}

// sendAdvance lets the own router move to its next position.
func (k *Cluster) sendAdvance(c *Core, o *op) {
	k.Grid.Send(c.tile, c.ramp, int(o.dst.q), fabric.Item{Data: fabric.OwnAdvance, Color: o.dst.color, Ctrl: true}, uint32(k.Now))
}

// endsByControl ends an operation at a control wavelet if it was asked to. The
// wavelet is used up. onCtrl: 1 terminate, 2+id activate, 66+id unblock.
func (k *Cluster) endsByControl(c *Core, o *op) bool {
	if o.onCtrl == 0 {
		return false
	}
	for i := range o.nsrc {
		x := &o.src[i]
		if x.at != atIn || x.half {
			continue
		}
		if it := c.ramp.In[x.q].Visible(uint32(k.Now)); it == nil || !it.Ctrl {
			continue
		}
		k.take(c, int(x.q))
		o.act, o.unb = -1, -1
		switch a := int16(o.onCtrl); {
		case a >= 2+machine.MaxTasks:
			o.unb = a - 2 - machine.MaxTasks
		case a >= 2:
			o.act = a - 2
		}
		k.finish(c, o, true)
		return true
	}
	return false
}
