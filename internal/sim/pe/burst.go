package pe

import (
	"math/bits"

	"wafer/internal/image"
	"wafer/internal/num"
	"wafer/internal/sim/fabric"
)

// Bursts. A long stream soon comes to a state in which every stage of it, from the
// memory of the core that sends, over routers and cores that add what they have, to
// the memory of those that receive, moves one word in every cycle. Then what the stream does until
// one of its operations is about to end is known, unless somebody else comes in between; and that can
// only be a wavelet that reaches one of its routers, since its cores do nothing but
// wait for the stream. So nobody looks at such a stream: what happened meanwhile is made up
// for when its time is over, when a wavelet came to one of its routers, or when somebody looks at
// the machine. It is a matter of copying words, and exact.
type burst struct {
	on      bool
	from    int64 // the cycle after which nobody looks any more
	till    int64 // the last cycle that it may go on for
	members []member
	flows   []fabric.Flow
}

// member is a core of a burst. Those that send come before those that receive from them.
type member struct {
	c     *Core
	early int // cycles for which the core has done its work already
	flow  int // that it takes from, -1 for none
	tap   int // which of its taps the core is
	out   int // flow that it sends to, -1 for none
}

// MinBurst is the number of elements from which looking for a burst pays.
const MinBurst = 32

// spring notes a core at which a burst may begin: all it does is to send from its memory.
func (k *Cluster) spring(c *Core) {
	o := c.ops[bits.TrailingZeros16(c.busy)]
	if k.Ahead.Burst > 0 && o.n-o.done >= k.Ahead.Burst && o.done >= o.tryAt {
		k.springs = append(k.springs, c)
	}
}

// isSpring reports whether all that a core with lanes does is to send from its memory.
func (c *Core) isSpring() bool {
	if c.busy&(c.busy-1) != 0 {
		return false
	}
	o := c.ops[bits.TrailingZeros16(c.busy)]
	return o.in == nil && o.dst.at == atOut && o.turn == 1
}

// FindBursts ends cycle now: it looks where nobody need look from the next one on.
func (k *Cluster) FindBursts(now int64) {
	if len(k.springs) == 0 {
		return
	}
	k.Now = now
	for _, c := range k.springs {
		if c.away || !c.lane || !c.spring {
			continue
		}
		o := c.ops[bits.TrailingZeros16(c.busy)]
		o.tryAt = 2*o.done + 4 // where it is not, later
		k.findBurst(c)
	}
	k.springs = k.springs[:0]
}

func (k *Cluster) findBurst(c *Core) {
	id := 0
	for id < len(k.bursts) && k.bursts[id].on {
		id++
	}
	if id == len(k.bursts) {
		k.bursts = append(k.bursts, new(burst))
	}
	b := k.bursts[id]
	b.from, b.till = k.Now, k.Ahead.Horizon-int64(k.M.Net.RampDown)
	b.members, b.flows = b.members[:0], b.flows[:0]
	if k.join(b, c, -1, -1) && k.follow(b, int32(id)) && b.till-b.from >= int64(k.Ahead.Burst) {
		b.on = true
		k.burstEnd = min(k.burstEnd, b.till)
		k.away++
		return
	}
	for i := range b.members {
		b.members[i].c.away = false
	}
	for i := range b.flows {
		k.Grid.GiveBack(&b.flows[i], uint32(k.Now), true)
	}
}

// follow finds the other members of a burst.
func (k *Cluster) follow(b *burst, id int32) bool {
	for i := 0; i < len(b.members); i++ {
		m := &b.members[i]
		o := m.c.ops[bits.TrailingZeros16(m.c.busy)]
		if o.dst.at != atOut {
			continue
		}
		m.out = len(b.flows)
		if m.out == cap(b.flows) {
			b.flows = append(b.flows, fabric.Flow{})
		} else {
			b.flows = b.flows[:m.out+1] // with its memory
		}
		f := &b.flows[m.out]
		if !k.Grid.Lend(f, m.c.tile, o.dst.q, o.dst.color, uint32(k.Now), m.early, id) {
			return false
		}
		for tap := range f.Taps {
			if c := k.cores[f.Taps[tap].Tile]; c == nil || !k.join(b, c, len(b.flows)-1, tap) {
				return false
			}
		}
	}
	for i := range b.flows {
		if !k.Grid.Alone(&b.flows[i]) {
			return false
		}
	}
	return true
}

// join makes a core a member if it does one plain operation, an element in every
// cycle, and nothing else can happen to it.
func (k *Cluster) join(b *burst, c *Core, flow, tap int) bool {
	r := c.ramp
	if c.away || c.dead || !c.lane || c.busy&(c.busy-1) != 0 || c.utBlocked != 0 || c.flushing || r.Controls > 0 || r.Filled&^c.laneIn != 0 {
		return false
	}
	if c.state != mainOp && (c.state != mainIdle || c.active&^c.blocked != 0 || len(c.cmds) > 0 && !c.owes) {
		return false
	}
	m := member{c, int(max(0, c.ahead-k.Now)), flow, tap, -1}
	o := c.ops[bits.TrailingZeros16(c.busy)]
	if o.turn != 1 || o.readyAt > k.Now+int64(m.early)+1 || (o.in != nil) != (flow >= 0) {
		return false
	}
	if flow >= 0 {
		if q := b.flows[flow].Taps[tap].Queue; int8(o.in.q) != q || !k.Grid.Sinks(r, q, uint32(k.Now), m.early) {
			return false
		}
	}
	b.till = min(b.till, b.from+int64(o.n-o.done)-1)
	c.away = true
	b.members = append(b.members, m)
	return true
}

// Return makes up for bursts that are over at the end of cycle now or were disturbed, or for all.
func (k *Cluster) Return(now int64, all bool) {
	if k.away == 0 {
		k.Grid.Disturbed = k.Grid.Disturbed[:0]
		return
	}
	if len(k.Grid.Disturbed) == 0 && now < k.burstEnd && !all {
		return
	}
	k.Now = now
	var ids []int32
	for _, t := range k.Grid.Disturbed {
		ids = k.Grid.Bursts(t, ids)
	}
	k.Grid.Disturbed = k.Grid.Disturbed[:0]
	for _, id := range ids {
		if b := k.bursts[id]; b.on {
			k.endBurst(b, now)
		}
	}
	k.burstEnd = never
	for _, b := range k.bursts {
		switch {
		case !b.on:
		case all || now >= b.till:
			k.endBurst(b, now)
		default:
			k.burstEnd = min(k.burstEnd, b.till)
		}
	}
}

// endBurst makes up for what a burst did up to the end of cycle now.
func (k *Cluster) endBurst(b *burst, now int64) {
	b.on = false
	k.away--
	if n := int(now - b.from); n > 0 {
		for i := range b.members {
			k.catchUp(b, &b.members[i], n)
		}
	}
	for i := range b.flows {
		k.Grid.GiveBack(&b.flows[i], uint32(now), false)
	}
	for i := range b.members {
		c := b.members[i].c
		c.away, c.ramp.Calm, c.ramp.Roomy = false, false, false
		k.next.Set(c.tile)
	}
}

// catchUp lets a member do n elements.
func (k *Cluster) catchUp(b *burst, m *member, n int) {
	c := m.c
	o := c.ops[bits.TrailingZeros16(c.busy)]
	k.taken = k.taken[:0]
	if m.flow >= 0 {
		k.taken = k.Grid.Take(&b.flows[m.flow], m.tap, uint32(b.from), n, k.taken)
	}
	k.made = k.elements(c, o, n, k.taken, k.made[:0])
	if m.out >= 0 {
		k.Grid.Carry(&b.flows[m.out], k.made, uint32(b.from), m.early)
	}
	first := b.from + int64(m.early) + 1
	last := first + int64(n) - 1
	c.book(first)
	c.statState = statWaiting
	c.stats.DSD += last - first
	c.statSince, c.dsdUntil = last, last+1
	if m.early > 0 {
		c.ahead = last
	}
	o.done += uint32(n)
	o.readyAt = last + 1
	o.tryAt = o.done + MinBurst
	if o.slot != mainSlot {
		c.served = o.slot
	}
}

// elements does n elements of a plain operation, as pass does. in are the words that it takes, and
// what it sends is appended to out.
func (k *Cluster) elements(c *Core, o *op, n int, in, out []uint32) []uint32 {
	for j := range n {
		var e [3]uint32
		for i := range o.nsrc {
			switch x := &o.src[i]; x.at {
			case atIn:
				if e[i] = in[j]; !x.wide {
					e[i] &= 0xffff
				}
			case atMem:
				e[i] = c.element(x)
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
		switch o.dst.at {
		case atOut:
			out = append(out, r)
		case atMem:
			c.put(&o.dst, r)
		}
	}
	return out
}
