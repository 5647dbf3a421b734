package pe

import (
	"wafer/internal/image"
	"wafer/internal/machine"
)

// Running ahead. While a core has no operation in a microthread, its main thread
// touches nothing but its own registers and memory until it comes to an
// instruction that reaches outside. Those in between are executed in one visit, at
// their own times, instead of one visit each: their state stays in the host's
// cache. It is exact, because nobody can look:
//
//   - other cores and the fabric never see a core's registers or memory;
//   - the host looks only when Run returns. Horizon bounds the time that may be
//     reached, and when Run waits for launches only a core that still owes one
//     runs ahead, since Run cannot return before it;
//   - a fault met ahead of time is kept until its cycle.
//
// After a fault of one core the others may have come up to maxAhead cycles
// further than it; that is the one thing that can be seen.
const (
	maxAhead      = 4096 // cycles
	maxAheadSteps = 1024 // instructions
)

// Ahead says how far cores may run ahead in this Run.
type Ahead struct {
	On       bool
	Horizon  int64 // last cycle that may be reached
	OnlyOwed bool  // only cores that owe the end of a launch
	// Burst is the number of elements from which streams are moved in bursts, 0 for never.
	Burst uint32
}

// mayLead reports whether a core may run ahead at all.
func (k *Cluster) mayLead(c *Core) bool { return k.Ahead.On && (c.owes || !k.Ahead.OnlyOwed) }

// leap is ahead for a visit whose first instruction is hot already, so that exec
// need not look at it; false, with nothing done, if it is not.
func (k *Cluster) leap(c *Core) bool {
	if !k.mayLead(c) {
		return false
	}
	now := k.Now
	ok := k.sprint(c, min(k.Ahead.Horizon, now+maxAhead))
	k.Now = now
	return ok
}

// ahead executes local instructions of the main thread beyond the present cycle.
func (k *Cluster) ahead(c *Core) {
	if !k.mayLead(c) {
		return
	}
	now := k.Now
	last := min(k.Ahead.Horizon, now+maxAhead)
	k.late = true
	for range maxAheadSteps {
		if c.dead || c.busy != 0 || c.stall.on || c.ready > last || !k.advance(c, last) {
			break
		}
	}
	k.late = false
	k.Now = now
}

// advance takes the main thread a step further, one instruction or many; false if
// that would reach outside.
func (k *Cluster) advance(c *Core, last int64) bool {
	at := max(k.Now, c.ready)
	switch c.state {
	case mainHold: // until the operation has ended
		c.statState = statDSD
		k.Now = at
		k.account(c)
		c.state = mainRun
		return true
	case mainRun:
	default:
		return false
	}
	if c.prog.hot[c.pc].op != hotNone && k.sprint(c, last) {
		return true
	}
	if c.prog.Code[c.pc].Op == image.OpDSD {
		return k.aheadDSD(c, at)
	}
	if !k.isLocal(c) {
		return false
	}
	c.statState = statScalar
	k.Now = at
	k.account(c)
	k.exec(c)
	return true
}

// aheadDSD is exec for an operation at cycle at; false, with nothing done, if it
// reaches outside.
func (k *Cluster) aheadDSD(c *Core, at int64) bool {
	before := k.Now
	k.Now = at
	if !k.memoryDSD(c, &c.prog.Code[c.pc]) {
		k.Now = before
		return false
	}
	// The time up to now is booked late, which memoryDSD does not see.
	c.statState = statScalar
	k.account(c)
	if !c.dead {
		c.pc++
		c.stats.Instructions++
	}
	return true
}

// isLocal reports whether the next instruction touches only registers and memory
// of the core. Operations find that out while they are decoded.
func (k *Cluster) isLocal(c *Core) bool {
	in := &c.prog.Code[c.pc]
	switch in.Op {
	case image.OpLoad, image.OpStore:
		return uint16(*c.reg(in.A))+uint16(in.Imm) < machine.ConfigBase
	case image.OpLoadG, image.OpStoreG:
		return uint16(in.Imm) < machine.ConfigBase
	case image.OpRet:
		return len(c.frames) > 0
	case image.OpMapStart:
		return c.mapsMemory(&c.prog.DSD[in.Imm])
	case image.OpMapFetch, image.OpMapStore:
		return c.maps[len(c.maps)-1].local
	case image.OpGetConf, image.OpSetConf, image.OpFlush, image.OpHostDone, image.OpPrint, image.OpTrap:
		return false
	}
	return true
}

// mapsMemory reports whether the operands of a @map are in memory.
func (c *Core) mapsMemory(d *image.DSDOp) bool {
	for i := range d.MapOps {
		if !c.inMemory(&d.MapOps[i]) {
			return false
		}
	}
	return true
}

func (c *Core) inMemory(x *image.Operand) bool {
	switch x.Mode {
	case image.ModeNone, image.ModeReg, image.ModePtr:
		return true
	case image.ModeDSD:
		return memoryKind(image.DSDKind(*c.reg(x.Reg) >> 48 & 7))
	case image.ModeDSR:
		i := int(x.File)*machine.DSRs + int(x.Num)
		return i < len(c.dsrs) && c.dsrs[i].set && !c.dsrs[i].async && memoryKind(c.dsrs[i].d.Kind)
	}
	return false
}

func memoryKind(d image.DSDKind) bool {
	return d == image.Mem1D || d == image.Mem4D || d == image.CircBuf
}
