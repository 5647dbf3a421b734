package pe

import (
	"math/bits"

	"wafer/internal/sim/fabric"
)

// Bursts. A long stream soon comes to a state in which every stage of it, from the
// memory of the core that sends, over routers and cores that add what they have, to the
// memory of those that receive, moves one word in every cycle. Then what the stream does
// until one of its operations is about to end is known, unless somebody else comes in
// between; and that can only be a wavelet that reaches one of its routers, since its
// cores do nothing but wait for the stream. So nobody looks at such a stream: what
// happened meanwhile is made up for when its time is over, when a wavelet came to one of
// its routers, or when somebody looks at the machine. It is a matter of copying words,
// and exact.
type burst struct {
	on      bool
	port    int32 // that it comes from, None where it comes from a core
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
	o := c.only()
	if k.Ahead.Burst > 0 && o.n-o.done >= k.Ahead.Burst && o.done >= o.tryAt {
		k.springs = append(k.springs, c)
	}
}

// only gives the operation of a core that has one.
func (c *Core) only() *op { return c.ops[bits.TrailingZeros16(c.busy)] }

// isSpring reports whether all that a core with lanes does is to send from its memory.
func (c *Core) isSpring() bool {
	if c.busy&(c.busy-1) != 0 {
		return false
	}
	o := c.only()
	return o.in == nil && o.dst.at == atOut && o.turn == 1
}

// FindBursts ends cycle now: it looks where nobody need look from the next one on. Where
// a stream does not own its way, or not yet, it is looked at again when it has sent
// twice as much.
func (k *Cluster) FindBursts(now int64) {
	k.Now = now
	for _, c := range k.springs {
		if c.away || !c.lane || !c.spring {
			continue
		}
		o := c.only()
		o.tryAt = 2*o.done + 4
		k.findBurst(c, fabric.None)
	}
	k.springs = k.springs[:0]
	if k.Ahead.Burst == 0 {
		return
	}
	for _, i := range k.Grid.InPorts {
		p := k.Grid.PortAt(int(i))
		if len(p.Words)-p.Taken >= int(k.Ahead.Burst) && p.Taken >= p.TryAt {
			p.TryAt = 2*p.Taken + 4
			k.findBurst(nil, i)
		}
	}
}

// findBurst looks at the stream that begins at a core or a port.
func (k *Cluster) findBurst(c *Core, port int32) {
	if len(k.spare) == 0 {
		k.spare = append(k.spare, int32(len(k.bursts)))
		k.bursts = append(k.bursts, new(burst))
	}
	id := k.spare[len(k.spare)-1]
	b := k.bursts[id]
	b.port, b.from, b.till = port, k.Now, k.Ahead.Horizon-int64(k.M.Net.RampDown)
	b.members, b.flows = b.members[:0], b.flows[:0]
	if k.lendFirst(b, c, id) && k.follow(b, id) && b.till-b.from >= int64(k.Ahead.Burst) {
		b.on = true
		k.spare = k.spare[:len(k.spare)-1]
		k.ends.push(timer{b.till, id})
		return
	}
	for i := range b.members {
		b.members[i].c.away = false
	}
	for i := range b.flows {
		k.Grid.GiveBack(&b.flows[i], uint32(k.Now), true)
	}
}

func (k *Cluster) lendFirst(b *burst, c *Core, id int32) bool {
	if c != nil {
		return k.join(b, c, -1, -1)
	}
	n, ok := k.Grid.LendPort(b.flow(), b.port, uint32(k.Now), id)
	b.till = min(b.till, b.from+int64(n))
	return ok && k.joinTaps(b)
}

// flow makes a new flow, with the memory of an old one.
func (b *burst) flow() *fabric.Flow {
	n := len(b.flows)
	if n == cap(b.flows) {
		b.flows = append(b.flows, fabric.Flow{})
	}
	b.flows = b.flows[:n+1]
	return &b.flows[n]
}

// joinTaps makes the cores that the last flow comes to members.
func (k *Cluster) joinTaps(b *burst) bool {
	last := len(b.flows) - 1
	for tap := range b.flows[last].Taps {
		if c := k.cores[b.flows[last].Taps[tap].Tile]; c == nil || !k.join(b, c, last, tap) {
			return false
		}
	}
	return true
}

// follow finds the other members of a burst.
func (k *Cluster) follow(b *burst, id int32) bool {
	for i := 0; i < len(b.members); i++ {
		m := &b.members[i]
		o := m.c.only()
		if o.dst.at != atOut {
			continue
		}
		m.out = len(b.flows)
		if !k.Grid.Lend(b.flow(), m.c.tile, o.dst.q, o.dst.color, uint32(k.Now), m.early, id) || !k.joinTaps(b) {
			return false
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
	o := c.only()
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

// Return makes up for bursts that are over at the end of cycle now or were disturbed, or
// for all.
func (k *Cluster) Return(now int64, all bool) {
	for _, t := range k.Grid.Disturbed {
		if id := k.Grid.LentTo(t); id != fabric.None {
			k.endBurst(id, now)
		}
	}
	k.Grid.Disturbed = k.Grid.Disturbed[:0]
	for {
		end, id := k.firstEnd()
		if id < 0 || now < end && !all {
			return
		}
		k.endBurst(id, now)
	}
}

// firstEnd gives the burst that ends first and its last cycle, or -1. Of those that have
// ended already others may be on the list, and new ones may have their numbers.
func (k *Cluster) firstEnd() (end int64, id int32) {
	for len(k.ends.far) > 0 {
		t := k.ends.far[0]
		if b := k.bursts[t.tile]; b.on && b.till == t.at {
			return t.at, t.tile
		}
		k.ends.pop()
	}
	return 0, -1
}

// endBurst makes up for what a burst did up to the end of cycle now.
func (k *Cluster) endBurst(id int32, now int64) {
	b := k.bursts[id]
	b.on = false
	k.spare = append(k.spare, id)
	k.Bursts++
	k.Now = now
	if n := int(now - b.from); n > 0 {
		if b.port != fabric.None {
			k.Grid.CarryPort(&b.flows[0], n, uint32(b.from))
			p := k.Grid.PortAt(int(b.port))
			p.TryAt = p.Taken + MinBurst
		}
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
	o := c.only()
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

// elements does n elements of a plain operation, as pass does. in are the words that it
// takes; what it sends is appended to out.
func (k *Cluster) elements(c *Core, o *op, n int, in, out []uint32) []uint32 {
	row := k.row16[:0]
	if o.in != nil {
		row = narrow(row, in, o.in.wide)
	}
	taken := len(row)
	if o.dst.at == atOut {
		row = append(row, make([]uint16, n*int(o.dst.words()))...)
	}
	k.row16 = row
	if k.onRows(c, o, uint32(n), row[:taken], row[taken:]) {
		return widen(out, row[taken:], o.dst.wide)
	}
	for j := range n {
		var e [3]uint32
		for i := range o.nsrc {
			if x := &o.src[i]; x.at != atIn {
				e[i] = c.element(x)
			} else if e[i] = in[j]; !x.wide {
				e[i] &= 0xffff
			}
		}
		r := k.compute(o.kind, e[0], e[1], e[2], &o.carry)
		if o.dst.at == atOut {
			out = append(out, r)
		}
		c.put(&o.dst, r)
	}
	return out
}

// narrow appends wavelets as words of memory, widen does the reverse.
func narrow(to []uint16, from []uint32, wide bool) []uint16 {
	for _, w := range from {
		if to = append(to, uint16(w)); wide {
			to = append(to, uint16(w>>16))
		}
	}
	return to
}

func widen(to []uint32, from []uint16, wide bool) []uint32 {
	if !wide {
		for _, w := range from {
			to = append(to, uint32(w))
		}
		return to
	}
	for i := 0; i < len(from); i += 2 {
		to = append(to, uint32(from[i])|uint32(from[i+1])<<16)
	}
	return to
}
