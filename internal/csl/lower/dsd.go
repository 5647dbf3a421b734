package lower

import (
	"wafer/internal/csl/air"
	"wafer/internal/image"
)

func (c *fn) setDSD(e *air.SetDSD, d int) {
	a := c.value(e.X)
	b := c.value(e.Y)
	c.emit(image.Instr{Op: e.Op, R: e.Rep, D: r(d), A: r(a), B: r(b)})
	for i := 1; i < e.Rep.Regs(); i++ {
		c.emit(image.Instr{Op: image.OpMov, R: e.Rep, D: r(d + i), A: r(a + i)})
	}
}

func (c *fn) operand(o air.Operand) image.Operand {
	out := image.Operand{Mode: o.Mode, Rep: o.Rep, File: o.File, Num: o.Num}
	switch o.Mode {
	case image.ModeReg, image.ModePtr, image.ModeDSD:
		out.Reg = r(c.value(o.X))
	}
	return out
}

func (c *fn) options(o air.Options) image.DSDOptions {
	out := image.DSDOptions{
		Async: o.Async, Single: o.Single, SaveAddr: o.SaveAddr, Activate: -1, Unblock: -1,
		UT: o.UT, Priority: o.Priority, OnControl: o.OnControl,
	}
	out.Activate = c.taskOption(o.Activate, &out)
	out.Unblock = c.taskOption(o.Unblock, &out)
	if o.Index != nil {
		out.Index, out.IndexReg = true, r(c.value(o.Index))
	}
	return out
}

// startOptions are options of a load before the program starts: all is known.
func startOptions(o air.Options) image.DSDOptions {
	known := func(e air.Expr) int16 {
		if k, ok := e.(*air.Const); ok {
			return int16(k.Bits)
		}
		return -1
	}
	return image.DSDOptions{
		Async: o.Async, Single: o.Single, SaveAddr: o.SaveAddr, Activate: known(o.Activate), Unblock: known(o.Unblock),
		UT: o.UT, Priority: o.Priority, OnControl: o.OnControl,
	}
}

// taskOption gives a task id: known, none (-1), or in a register (-2). At most
// one of activate and unblock is given, so that one register is enough.
func (c *fn) taskOption(e air.Expr, out *image.DSDOptions) int16 {
	switch e := e.(type) {
	case nil:
		return -1
	case *air.Const:
		return int16(e.Bits)
	}
	out.ActReg = r(c.value(e))
	return -2
}

func (c *fn) addDSD(op image.DSDOp) int64 {
	c.out.DSD = append(c.out.DSD, op)
	return int64(len(c.out.DSD) - 1)
}

func (c *fn) dsdOp(e *air.DSDOp, d int) {
	op := image.DSDOp{Kind: e.Kind, Dest: c.operand(e.Dest), NSrc: uint8(len(e.Src)), MapFunc: -1}
	for i, s := range e.Src {
		op.Src[i] = c.operand(s)
	}
	op.Opt = c.options(e.Opt)
	c.emit(image.Instr{Op: image.OpDSD, R: image.B1, D: r(d), Imm: c.addDSD(op)})
}

func (c *fn) loadDSR(e *air.LoadDSR) {
	a := c.value(e.X)
	op := image.DSDOp{Opt: c.options(e.Opt), MapFunc: -1}
	c.emit(image.Instr{
		Op: image.OpLoadDSR, R: e.X.R(), A: r(a), B: uint16(e.ID) | uint16(e.File)<<8, Imm: c.addDSD(op),
	})
}

// mapOp emits the loop of a @map: fetch, call, store.
func (c *fn) mapOp(e *air.Map) {
	op := image.DSDOp{MapFunc: int32(e.Func), MapOut: e.Out}
	for i, o := range e.Ops {
		m := c.operand(o)
		if o.Mode != image.ModeReg {
			m.Rep = e.Elem[i]
		}
		op.MapOps = append(op.MapOps, m)
	}
	op.Opt = c.options(e.Opt)
	k := c.addDSD(op)
	c.emit(image.Instr{Op: image.OpMapStart, Imm: k})
	done := c.take(1)
	base := c.take(len(e.Ops) + 1)
	top := c.pc()
	c.emit(image.Instr{Op: image.OpMapFetch, D: r(base), A: r(done), Imm: k})
	leave := c.emit(image.Instr{Op: image.OpIf, R: image.B1, A: r(done), Imm: -1})
	c.emit(image.Instr{Op: image.OpCall, D: r(base), Imm: int64(e.Func)})
	if e.Out {
		c.emit(image.Instr{Op: image.OpMapStore, A: r(base), Imm: k})
	}
	c.emit(image.Instr{Op: image.OpJump, Imm: top})
	c.patch(leave)
	if op.Opt.Activate >= 0 {
		c.emit(image.Instr{Op: image.OpActivate, Imm: int64(op.Opt.Activate)})
	}
	if op.Opt.Unblock >= 0 {
		c.emit(image.Instr{Op: image.OpUnblock, Imm: int64(op.Opt.Unblock)})
	}
}
