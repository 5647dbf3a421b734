package pe

import (
	"wafer/internal/machine"
	"wafer/internal/sim/fabric"
)

// confReg is a configuration register that has no meaning to the simulation:
// it keeps what was written.
type confReg struct{ addr, val uint16 }

// wordAddr brings a register address to words: pointers made from integers hold
// bytes, see machine.ConfigBytes.
func wordAddr(a uint16) uint16 {
	if a >= machine.ConfigBytes {
		return a >> 1
	}
	return a
}

// getConf reads a configuration register.
//
//tidy:dispatch
func (k *Cluster) getConf(c *Core, addr uint16) uint16 {
	a := wordAddr(addr)
	switch {
	case a < uint16(k.M.Core.SRAMWords):
		if k.words(c, a, 1) {
			return c.mem[a]
		}
		return 0
	case in(a, machine.RegColor, machine.Colors):
		return k.Grid.ReadColor(c.tile, uint8(a-machine.RegColor))
	case in(a, machine.RegSwitch, machine.Colors):
		return k.Grid.ReadSwitch(c.tile, uint8(a-machine.RegSwitch))
	case in(a, machine.RegSwitchTx, machine.Colors):
		return k.Grid.ReadSwitchTx(c.tile, uint8(a-machine.RegSwitchTx))
	case in(a, machine.RegFilter, machine.FilterRegs*machine.Colors):
		a -= machine.RegFilter
		return c.ramp.ReadFilter(uint8(a/machine.FilterRegs), a%machine.FilterRegs)
	case in(a, machine.RegTeardownPending, 2):
		return uint16(c.pending >> (16 * (a - machine.RegTeardownPending)))
	case in(a, machine.RegTaskPriority, 4):
		return uint16(c.high >> (16 * (a - machine.RegTaskPriority)))
	case a == machine.RegMainPriority:
		return uint16(c.mainPrio)
	case a == machine.RegExceptions:
		return c.excMask
	case a == machine.RegFlush:
		return c.flushed
	case a == machine.RegInStatus, a == machine.RegOutStatus:
		return k.queueStatus(c, a == machine.RegOutStatus)
	case a == machine.RegControlMask:
		return c.ctrlMask
	case in(a, machine.RegInQueue, machine.Queues):
		q := &c.ramp.In[a-machine.RegInQueue]
		return queueReg(q.Color, q.Used)
	case in(a, machine.RegOutQueue, machine.Queues):
		q := &c.ramp.Out[a-machine.RegOutQueue]
		return queueReg(q.Color, q.Used)
	case in(a, machine.RegTime, 3):
		return uint16(k.counter(c) >> (16 * (a - machine.RegTime)))
	}
	for i := range c.conf {
		if c.conf[i].addr == a {
			return c.conf[i].val
		}
	}
	return 0
}

// setConf writes a configuration register.
//
//tidy:dispatch
func (k *Cluster) setConf(c *Core, addr, v uint16) {
	a := wordAddr(addr)
	switch {
	case a < uint16(k.M.Core.SRAMWords):
		if k.words(c, a, 1) {
			c.mem[a] = v
		}
	case in(a, machine.RegColor, machine.Colors):
		k.writeColor(c, uint8(a-machine.RegColor), v)
	case in(a, machine.RegSwitch, machine.Colors):
		k.Grid.WriteSwitch(c.tile, uint8(a-machine.RegSwitch), v)
	case in(a, machine.RegSwitchTx, machine.Colors):
		k.Grid.WriteSwitchTx(c.tile, uint8(a-machine.RegSwitchTx), v)
	case in(a, machine.RegFilter, machine.FilterRegs*machine.Colors):
		a -= machine.RegFilter
		c.ramp.WriteFilter(uint8(a/machine.FilterRegs), a%machine.FilterRegs, v)
		k.Grid.Touch(c.tile)
	case in(a, machine.RegTeardownPending, 2):
		c.pending &= uint32(v)<<(16*(a-machine.RegTeardownPending)) | 0xffff<<(16*(1-(a-machine.RegTeardownPending)))
	case in(a, machine.RegTaskPriority, 4):
		sh := 16 * (a - machine.RegTaskPriority)
		c.high = c.high&^(0xffff<<sh) | uint64(v)<<sh
	case a == machine.RegMainPriority:
		c.mainPrio = uint8(v & 3)
	case a == machine.RegExceptions:
		c.excMask = v
	case a == machine.RegFlush:
		c.flushed &= v
		c.flushNew &= v
	case a == machine.RegControlMask:
		c.ctrlMask = v & 63
	case in(a, machine.RegInQueue, machine.Queues):
		k.bindIn(c, int(a-machine.RegInQueue), uint8(v&31))
	case in(a, machine.RegOutQueue, machine.Queues):
		k.bindOut(c, int(a-machine.RegOutQueue), uint8(v&31))
	case in(a, machine.RegTime, 3):
		c.tscOff, c.tscAt = k.Now, 0
	default:
		k.keepConf(c, a, v)
	}
}

func in(a, from, n uint16) bool { return a >= from && a-from < n }

func queueReg(color uint8, used bool) uint16 {
	if used {
		return uint16(color) | 1<<15
	}
	return uint16(color)
}

// writeColor also ends a teardown: the program clears the bit of the register.
func (k *Cluster) writeColor(c *Core, color uint8, v uint16) {
	k.Grid.WriteColor(c.tile, color, v)
	if v&machine.ColorTeardown == 0 {
		c.pending &^= 1 << color
		c.tornNew &^= 1 << color
	}
}

// bindIn gives an input queue another colour. What is still in it would be taken
// for wavelets of the new colour, so it must be empty.
func (k *Cluster) bindIn(c *Core, q int, color uint8) {
	iq := &c.ramp.In[q]
	if iq.N > 0 && iq.Color != color {
		k.fault(c, "S0109", "input queue %d is given color %d while it holds %d wavelets of color %d; flush it first", q, color, iq.N, iq.Color)
		return
	}
	c.ramp.Bind(q, color)
	k.Grid.Touch(c.tile)
}

func (k *Cluster) bindOut(c *Core, q int, color uint8) {
	oq := &c.ramp.Out[q]
	if oq.N > 0 && oq.Color != color {
		k.fault(c, "S0110", "output queue %d is given color %d while it holds %d wavelets of color %d; use @queue_flush first", q, color, oq.N, oq.Color)
		return
	}
	oq.Color, oq.Used = color, true
}

func (k *Cluster) queueStatus(c *Core, out bool) uint16 {
	qs := c.ramp.In[:machine.Queues]
	if out {
		qs = c.ramp.Out[:]
	}
	var v uint16
	for q := range qs {
		n := qs[q].Ready(uint32(k.Now))
		if n == 0 && !(out && k.leaving(c, &qs[q])) {
			v |= 1 << q
		}
		if n >= int(qs[q].Depth) && qs[q].Depth > 0 {
			v |= 1 << (8 + q)
		}
	}
	return v
}

// leaving reports whether a wavelet of an output queue is on its way to, or still
// in, the core's own router. A queue is reported empty only after that: programs
// ask in order to change the route without harming what they have sent.
// ASSUMED(out-queue-empty)
func (k *Cluster) leaving(c *Core, q *fabric.Queue) bool {
	return q.N > 0 || k.Grid.OnRamp(c.tile, q.Last)
}

func (k *Cluster) keepConf(c *Core, a, v uint16) {
	for i := range c.conf {
		if c.conf[i].addr == a {
			c.conf[i].val = v
			return
		}
	}
	c.conf = append(c.conf, confReg{a, v})
}
