package pe

import (
	"math/bits"

	"wafer/internal/image"
	"wafer/internal/num"
	"wafer/internal/sim/fabric"
)

// Lanes. Most visits find a core with one operation at work and nothing else to
// do, moving one plain element a cycle. Such an operation is the core's lane: a
// visit to it skips arbitration and the choice of a task and looks at few words of
// the core. What it does, and when it asks to be visited again, is what step would
// do; whatever is not plain is left to step.

// relane finds out after a change of the operations whether there is a lane.
func (k *Cluster) relane(c *Core) {
	c.lane = nil
	if c.busy == 0 || c.busy&(c.busy-1) != 0 {
		return
	}
	if o := c.ops[bits.TrailingZeros16(c.busy)]; o.plain {
		c.lane = o
	}
}

// straighten finds out whether an operation that was just claimed is plain: one element
// a turn, no options, memory in one dimension that is there to its end.
func (k *Cluster) straighten(c *Core, o *op) {
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
		case atMem:
			lo, hi := x.iter.bounds(o.n)
			if x.iter.dims != 1 || lo < 0 || hi+1 >= k.M.Core.SRAMWords || !k.grow(c, hi+2) {
				return
			}
		}
	}
	o.plain = true
}

// stream is step for a core with a lane; false, with nothing done, when the visit
// needs more than that.
func (k *Cluster) stream(c *Core) bool {
	o, r := c.lane, c.ramp
	if o.readyAt > k.Now || c.utBlocked != 0 || c.flushing || r.Controls > 0 || r.Filled&^o.lanes != 0 {
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
	at := k.laneTime(c, o)
	if at <= k.Now {
		if o.done+1 >= o.n {
			return false // the end is for step
		}
		k.pass(c, o)
		if o.slot != mainSlot {
			c.served = o.slot
		}
		o.readyAt = k.Now + int64(o.turn)
		at = k.laneTime(c, o)
	}
	c.statState = statWaiting
	if at <= k.Now+1 {
		c.statState = statDSD
	}
	if c.state == mainIdle && o.in != nil {
		// An idle core looks at what comes down its ramp when it arrives.
		if it := r.In[o.in.q].Head(); it != nil && int32(uint32(k.Now)-it.Ready) < 0 {
			at = min(at, k.Now+int64(int32(it.Ready-uint32(k.Now))))
		}
	}
	if at < never {
		k.wakeAt(c, max(at, k.Now+1))
	}
	return true
}

// laneTime is when for a lane.
func (k *Cluster) laneTime(c *Core, o *op) int64 {
	at := o.readyAt
	if o.in != nil {
		it := c.ramp.In[o.in.q].Head()
		if it == nil {
			return never
		}
		at = max(at, k.Now+int64(int32(it.Ready-uint32(k.Now))))
	}
	if o.dst.at == atOut && c.ramp.Out[o.dst.q].Full() {
		return never
	}
	return at
}

// pass performs one element of a lane, as one does.
func (k *Cluster) pass(c *Core, o *op) {
	var v [3]uint32
	for i := range o.nsrc {
		switch x := &o.src[i]; x.at {
		case atIn:
			v[i] = c.ramp.In[x.q].Head().Data
			if !x.wide {
				v[i] &= 0xffff
			}
			k.take(c, int(x.q))
		case atMem:
			a := x.iter.addr
			x.iter.addr += uint16(x.iter.stride[0])
			if v[i] = uint32(c.mem[a]); x.wide {
				v[i] = c.load32(a)
			}
		default:
			v[i] = x.val
		}
	}
	r := v[0]
	switch o.kind {
	case image.DMov16, image.DMov32, image.DFmovh, image.DFmovs:
	case image.DFadds:
		r = num.Add32(v[0], v[1])
	default:
		r = k.compute(o.kind, v[0], v[1], v[2], &o.carry)
	}
	o.done++
	switch x := &o.dst; x.at {
	case atOut:
		k.Grid.Send(c.tile, c.ramp, int(x.q), fabric.Item{Data: r, Color: x.color}, uint32(k.Now))
	case atMem:
		a := x.iter.addr
		x.iter.addr += uint16(x.iter.stride[0])
		if c.mem[a] = uint16(r); x.wide {
			c.mem[int(a)+1] = uint16(r >> 16)
		}
	}
}
