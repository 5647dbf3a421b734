package pe

import (
	"wafer/internal/image"
	"wafer/internal/sim/fabric"
)

// mapping is a @map at work: iterators over its operands. The compiler made the
// loop; here is only what moves data.
type mapping struct {
	d     *image.DSDOp
	ops   []operand
	left  []uint32
	local bool // all operands are in memory
}

func (k *Cluster) mapStart(c *Core, d *image.DSDOp) {
	n := len(c.maps)
	if n < cap(c.maps) {
		c.maps = c.maps[:n+1] // with the slices of the one that was there
	} else {
		c.maps = append(c.maps, mapping{})
	}
	m := &c.maps[n]
	m.d, m.local = d, c.mapsMemory(d)
	m.ops = append(m.ops[:0], make([]operand, len(d.MapOps))...)
	m.left = append(m.left[:0], make([]uint32, len(d.MapOps))...)
	k.scratch = op{act: -1, unb: -1} // takes options of the operands, which do not count
	for i := range d.MapOps {
		s := &d.MapOps[i]
		x := &m.ops[i]
		ut, loads := int8(-1), 0
		if !k.operand(c, &k.scratch, x, s, elementRep(s), &ut, &loads) {
			return
		}
		m.left[i] = uint32(x.length)
		if x.length == Infinite || x.at == atScalar || x.ptr {
			m.left[i] = 1 << 31
		}
		switch x.at {
		case atIn:
			if !k.bindOperand(c, x) {
				return
			}
		case atOut:
			if !k.outColor(c, x) {
				return
			}
		}
	}
}

// elementRep is the element type of a map operand: given by its Rep where that
// is a scalar, else 16 bits.
func elementRep(s *image.Operand) image.Rep {
	if s.Rep == image.DSD1 || s.Rep == image.DSD4 || s.Rep == image.Void {
		return image.U16
	}
	return s.Rep
}

// mapFetch executes OpMapFetch; false means it waits for a wavelet.
func (k *Cluster) mapFetch(c *Core, in *instr) bool {
	m := &c.maps[len(c.maps)-1]
	r := c.regs[c.base:]
	for i := range m.ops {
		if m.left[i] == 0 {
			k.mapEnd(c)
			r[in.A] = 1
			return true
		}
	}
	n := len(m.ops)
	if m.d.MapOut {
		n--
	}
	for i := range n {
		if x := &m.ops[i]; x.at == atIn && !x.half && c.ramp.In[x.q].Visible(uint32(k.Now)) == nil {
			c.stall = stall{on: true, queue: int8(x.q)}
			return false
		}
	}
	for i := range n {
		x := &m.ops[i]
		var v uint32
		switch x.at {
		case atIn:
			v, _ = k.receive(c, x)
		case atMem:
			if !k.touchMap(c, x) {
				return false
			}
			v = c.element(x)
		default:
			v = x.val
		}
		m.left[i]--
		rep := elementRep(&m.d.MapOps[i])
		r[int(in.D)+i] = normal(rep, uint64(v))
	}
	r[in.A] = 0
	return true
}

// mapsNear reports whether the next elements of the innermost @map are in memory that
// is there, so that fetching them neither waits nor faults.
func (c *Core) mapsNear() bool {
	m := &c.maps[len(c.maps)-1]
	if !m.local {
		return false
	}
	for i := range m.ops {
		if x := &m.ops[i]; x.at == atMem && int(x.iter.addr)+int(x.words()) > len(c.mem) {
			return false
		}
	}
	return true
}

// mapStore executes OpMapStore; false means it waits for room.
func (k *Cluster) mapStore(c *Core, v uint64) bool {
	m := &c.maps[len(c.maps)-1]
	x := &m.ops[len(m.ops)-1]
	switch x.at {
	case atOut:
		if c.ramp.Out[x.q].Full() {
			c.stall = stall{on: true, queue: int8(x.q), out: true}
			return false
		}
		w := uint32(v)
		if !x.wide {
			w &= 0xffff
		}
		k.Grid.Send(c.tile, c.ramp, int(x.q), fabric.Item{Data: w, Color: x.color, Ctrl: x.control}, uint32(k.Now))
	case atMem:
		if !k.touchMap(c, x) {
			return false
		}
		c.put(x, uint32(v))
	}
	m.left[len(m.left)-1]--
	return true
}

// mapEnd takes the iterators from the stack and writes addresses back.
func (k *Cluster) mapEnd(c *Core) {
	m := &c.maps[len(c.maps)-1]
	for i := range m.ops {
		if x := &m.ops[i]; x.dsr >= 0 && x.at == atMem {
			c.dsrs[x.dsr].d.Base = x.iter.addr
		}
	}
	c.maps = c.maps[:len(c.maps)-1]
}

// unstalled reports whether what the main thread waited for is there.
func (k *Cluster) unstalled(c *Core) bool {
	if !c.stall.on {
		return true
	}
	if k.stallTime(c) <= k.Now {
		c.stall.on = false
		return true
	}
	return false
}

// stallTime is when a stalled @map can go on.
func (k *Cluster) stallTime(c *Core) int64 {
	if c.stall.out {
		if c.ramp.Out[c.stall.queue].Full() {
			return never
		}
		return k.Now
	}
	it := c.ramp.In[c.stall.queue].Head()
	if it == nil || it.Ctrl {
		return never
	}
	return k.Now + int64(int32(it.Ready-uint32(k.Now)))
}

// touchMap makes the word of a memory operand's next element accessible.
func (k *Cluster) touchMap(c *Core, x *operand) bool { return k.words(c, x.iter.addr, int(x.words())) }
