package pe

import "wafer/internal/image"

// fifo is the state of a ring in memory.
type fifo struct {
	read, n           uint16 // words
	readLen, writeLen uint16 // elements, 0 not set
	hitEmpty, hitFull bool   // an operation had to wait since
}

func (x *operand) words() uint16 {
	if x.wide {
		return 2
	}
	return 1
}

func (c *Core) fifoData(x *operand) bool { return c.fifos[x.q].n >= x.words() }

func (c *Core) fifoRoom(x *operand) bool {
	return c.prog.Fifos[x.q].Words-c.fifos[x.q].n >= x.words()
}

// fifoPop takes an element. If an earlier push found no room, its task is told.
func (c *Core) fifoPop(k *Cluster, x *operand) uint32 {
	f, s := &c.prog.Fifos[x.q], &c.fifos[x.q]
	if !k.words(c, f.Addr, int(f.Words)) {
		return 0
	}
	var v uint32
	for i := range x.words() {
		v |= uint32(c.mem[f.Addr+s.read]) << (16 * i)
		s.read = (s.read + 1) % f.Words
	}
	s.n -= x.words()
	if s.hitFull {
		s.hitFull = false
		if f.ActivatePop >= 0 {
			k.taskBit(c, image.OpActivate, int(f.ActivatePop))
		}
	}
	return v
}

// fifoPush appends an element. If an earlier pop found nothing, its task is told.
func (c *Core) fifoPush(k *Cluster, x *operand, v uint32) {
	f, s := &c.prog.Fifos[x.q], &c.fifos[x.q]
	if !k.words(c, f.Addr, int(f.Words)) {
		return
	}
	for i := range x.words() {
		c.mem[f.Addr+(s.read+s.n)%f.Words] = uint16(v >> (16 * i))
		s.n++
	}
	if s.hitEmpty {
		s.hitEmpty = false
		if f.ActivatePush >= 0 {
			k.taskBit(c, image.OpActivate, int(f.ActivatePush))
		}
	}
}

// fifoWaits reports whether an operation waits for data or room, and notes that it
// must be told; otherwise it ends there, see fifoStuck.
func (c *Core) fifoWaits(o *op, x *operand) bool {
	f, s := &c.prog.Fifos[x.q], &c.fifos[x.q]
	act := f.Empty
	if x == &o.dst {
		act = f.Full
	}
	if act != image.FifoSuspend && (act != image.FifoTestOrSuspend || !o.async) {
		return false
	}
	if x == &o.dst {
		s.hitFull = true
	} else {
		s.hitEmpty = true
	}
	return true
}

// fifoStuck reports whether a FIFO keeps an operation from its next element, and
// notes the event; the action is that of the first such FIFO.
func (k *Cluster) fifoStuck(c *Core, o *op) (act image.FifoAction, stuck bool) {
	if o.dst.at == atFifo && !c.fifoRoom(&o.dst) {
		c.fifos[o.dst.q].hitFull, stuck = true, true
		act = c.prog.Fifos[o.dst.q].Full
	}
	for i := range o.nsrc {
		if x := &o.src[i]; x.at == atFifo && !c.fifoData(x) {
			c.fifos[x.q].hitEmpty, stuck = true, true
			act = c.prog.Fifos[x.q].Empty
		}
	}
	return act, stuck
}

// endEarly ends an operation on an empty or full FIFO: the result is false unless
// the FIFO's action is to terminate, and the FIFO's length is what remains. A scalar
// that was the destination keeps its value (SDK documentation, FIFOs).
func (k *Cluster) endEarly(c *Core, o *op, act image.FifoAction) {
	if act == image.FifoFault {
		k.fault(c, "S0120", "%s meets an empty or full FIFO whose action is to fault", opName(o.kind))
		return
	}
	if x := &o.dst; x.ptr && o.done > 0 {
		c.put(x, x.val)
	}
	left := uint16(o.n - o.done)
	for i := range o.nsrc {
		if x := &o.src[i]; x.at == atFifo && x.length != 0 {
			c.fifos[x.q].readLen = left
		}
	}
	if o.dst.at == atFifo && o.dst.length != 0 {
		c.fifos[o.dst.q].writeLen = left
	}
	k.finish(c, o, act == image.FifoTerminate)
}

// fifoSet executes OpFifoSet.
func (k *Cluster) fifoSet(c *Core, i int, side uint16, n uint16) {
	if i >= len(c.fifos) {
		k.fault(c, "S0118", "FIFO %d does not exist", i)
		return
	}
	if side == 0 {
		c.fifos[i].readLen = n
	} else {
		c.fifos[i].writeLen = n
	}
}
