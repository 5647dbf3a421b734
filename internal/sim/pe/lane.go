package pe

import (
	"math/bits"

	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/num"
	"wafer/internal/sim/fabric"
)

// Lanes. Most visits find a core whose operations move one plain element a cycle
// and that has nothing else to do. Such a core skips the choice of tasks, and looks
// ahead: what comes down its ramp takes some cycles, so all that it can receive in
// these cycles is in its queues already, and one visit does the work of several.
// What is done, and at which cycle, is what step would do; whatever is not plain is
// left to step.
//
// Nobody can tell that an element was moved early. What is sent carries the cycle
// from which it may leave. What is taken makes room early, so it is not taken where
// the queue could have been full for its router (surely). And who looks at memory
// finds what running ahead allows anyway.

// relane finds out after a change of the operations whether all are plain.
func (k *Cluster) relane(c *Core) {
	c.lane, c.laneIn = c.busy != 0, 0
	for m := c.busy; m != 0; m &= m - 1 {
		o := c.ops[bits.TrailingZeros16(m)]
		c.lane = c.lane && o.plain
		c.laneIn |= o.lanes
	}
	c.spring = c.lane && c.isSpring()
}

// straighten finds out whether an operation with some elements left is plain: one
// element a turn, no options, memory in one dimension that is there to its end.
func (k *Cluster) straighten(c *Core, o *op, left uint32) {
	o.plain = false
	if k.Plainly || o.per != 1 || o.onCtrl != 0 || o.hasIdx || o.endless || o.n < 2 || o.dst.at == atFifo {
		return
	}
	o.lanes, o.in = 0, nil
	for i := range int(o.nsrc) + 1 {
		x := &o.dst
		if i < int(o.nsrc) {
			x = &o.src[i]
		}
		if x.pair || x.index || x.relay || x.control || x.advance || x.at == atFifo || x.at == atIn && o.in != nil {
			return
		}
		switch x.at {
		case atIn:
			o.in, o.lanes = x, o.lanes|1<<x.q
			if c.ramp.In[x.q].Flushing {
				return // the last wavelet starts a task
			}
		case atMem:
			lo, hi := x.iter.bounds(left)
			if x.iter.dims != 1 || lo < 0 || hi+1 >= k.M.Core.SRAMWords || !k.grow(c, hi+2) {
				return
			}
		}
	}
	o.plain = true
}

// stream is step for a core with lanes; false, with nothing done, when the visit
// needs more than that.
func (k *Cluster) stream(c *Core) bool {
	r := c.ramp
	if c.utBlocked != 0 || c.flushing || r.Controls > 0 || r.Filled&^c.laneIn != 0 {
		return false
	}
	switch c.state {
	case mainIdle:
		if c.active&^c.blocked != 0 || len(c.cmds) > 0 && !c.owes {
			return false
		}
	case mainOp:
	default:
		return false
	}
	last, v := k.lookahead(c), k.Now
	at := never
	for {
		o, next, full := k.serve(c, v)
		if o == nil {
			at = next
		} else {
			at = v
		}
		switch {
		case at > last || v > k.Now && full: // who is full may have room by then
		case v > k.Now && !k.surely(c, int(at-1-k.Now)):
		case o == nil:
			v = at
			continue
		case o.done+1 < o.n:
			k.pass(c, o, v)
			v++
			continue
		case v == k.Now:
			return false // the end of an operation is for step
		}
		c.ahead = c.statSince
		for v := k.Now + 1; v <= c.ahead; v++ {
			k.Grid.Arrivals.At(uint32(v)).Put(c.tile, false) // has been looked at
		}
		k.askLane(c, at, full)
		if c.spring {
			k.spring(c)
		}
		return true
	}
}

// askLane asks for the next visit of a core with lanes, which can move at cycle at. full
// tells that an operation waits for room.
func (k *Cluster) askLane(c *Core, at int64, full bool) {
	c.ramp.Roomy, c.ramp.Calm, c.ramp.VisitAt = !full, at < never, uint32(at)
	if at == never {
		// A core is visited when a wavelet is ready, and what came while it was calm has
		// not asked for that.
		for m := c.ramp.Filled; m != 0; m &= m - 1 {
			q := &c.ramp.In[bits.TrailingZeros16(m)]
			if d := int32(q.At(int(q.N)-1).Ready - uint32(k.Now)); d > 0 {
				at = min(at, k.Now+int64(d))
			}
		}
	}
	if at == never && c.ahead > k.Now {
		at = c.ahead // the cycle of the last element is one in which something moves
	}
	if at < never {
		k.wakeAt(c, max(at, k.Now+1))
	}
}

// lookahead gives the last cycle whose input is known.
func (k *Cluster) lookahead(c *Core) int64 {
	if !k.mayLead(c) || c.ramp.Streamed || c.prog.tears {
		return k.Now
	}
	return min(k.Ahead.Horizon, k.Now+int64(k.M.Net.RampDown))
}

// serve gives the operation that proceeds at cycle v, by the rules of arbitrate, or
// nil and the earliest cycle at which one can. full tells that one waits for room.
func (k *Cluster) serve(c *Core, v int64) (best *op, next int64, full bool) {
	next = never
	level := uint8(0)
	if c.state == mainOp {
		o := c.ops[mainSlot]
		at := c.laneTime(o, v)
		switch {
		case at == never:
			full = full || c.isFull(o)
		case at <= v:
			best, level = o, levelMain+c.mainPrio
		default:
			next = at
		}
	}
	uts := uint8(c.busy)
	for m := bits.RotateLeft8(uts, -int(c.served+1)); m != 0; m &= m - 1 {
		o := c.ops[(c.served+1+uint8(bits.TrailingZeros8(m)))%machine.Microthreads]
		at := c.laneTime(o, v)
		if at > v {
			next = min(next, at)
			full = full || at == never && c.isFull(o)
			continue
		}
		if lv := o.level(); lv > level || lv == level && best != nil && best.slot == mainSlot && v&1 == 1 {
			best, level = o, lv
		}
	}
	return best, next, full
}

// laneTime is when for a plain operation at cycle v.
func (c *Core) laneTime(o *op, v int64) int64 {
	at := o.readyAt
	if o.in != nil {
		it := c.ramp.In[o.in.q].Head()
		if it == nil {
			return never
		}
		at = max(at, v+int64(int32(it.Ready-uint32(v))))
	}
	if c.isFull(o) {
		return never
	}
	return at
}

func (c *Core) isFull(o *op) bool { return o.dst.at == atOut && c.ramp.Out[o.dst.q].Full() }

// surely reports whether the queues of the lanes cannot have been full when their
// router looked at them last, even if one more wavelet came in each of some cycles.
func (k *Cluster) surely(c *Core, cycles int) bool {
	for m := c.laneIn; m != 0; m &= m - 1 {
		if c.ramp.In[bits.TrailingZeros16(m)].Room() <= cycles {
			return false
		}
	}
	return true
}

// pass performs one element of a lane at cycle v, as one does.
func (k *Cluster) pass(c *Core, o *op, v int64) {
	c.book(v)
	c.dsdUntil = v + int64(o.turn)
	c.statState = statWaiting
	var e [3]uint32
	for i := range o.nsrc {
		switch x := &o.src[i]; x.at {
		case atIn:
			e[i] = c.ramp.In[x.q].Head().Data
			if !x.wide {
				e[i] &= 0xffff
			}
			k.Grid.TakeIn(c.tile, c.ramp, int(x.q))
		case atMem:
			a := x.iter.addr
			x.iter.addr += uint16(x.iter.stride[0])
			if e[i] = uint32(c.mem[a]); x.wide {
				e[i] = c.load32(a)
			}
		default:
			e[i] = x.val
		}
	}
	r := e[0]
	switch o.kind {
	case image.DMov16, image.DMov32, image.DFmovh, image.DFmovs:
	case image.DFadds:
		r = num.Add32(e[0], e[1])
	default:
		r = k.compute(o.kind, e[0], e[1], e[2], &o.carry)
	}
	o.done++
	o.readyAt = v + int64(o.turn)
	if o.slot != mainSlot {
		c.served = o.slot
	}
	switch x := &o.dst; x.at {
	case atOut:
		k.Grid.Send(c.tile, c.ramp, int(x.q), fabric.Item{Data: r, Color: x.color}, uint32(v))
	case atMem:
		a := x.iter.addr
		x.iter.addr += uint16(x.iter.stride[0])
		if c.mem[a] = uint16(r); x.wide {
			c.mem[int(a)+1] = uint16(r >> 16)
		}
	}
}
