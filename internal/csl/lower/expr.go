package lower

import (
	"wafer/internal/check"
	"wafer/internal/csl/air"
	"wafer/internal/image"
)

func r(reg int) uint16 { return uint16(reg) }

// effect evaluates e and forgets its value.
func (c *fn) effect(e air.Expr) {
	mark := c.top
	c.value(e)
	c.top = mark
}

// value evaluates e to some register: a local's own where that is enough.
func (c *fn) value(e air.Expr) int {
	switch e := e.(type) {
	case *air.GetLocal:
		return c.reg[e.Local]
	case *air.Const:
		return c.constant(e.Rep, e.Bits)
	case *air.Call:
		return c.call(e)
	}
	d := c.take(max(1, e.R().Regs()))
	c.into(e, d)
	return d
}

func (c *fn) constant(rep image.Rep, bits uint64) int {
	d := c.take(1)
	c.emit(image.Instr{Op: image.OpConst, R: rep, D: r(d), Imm: int64(bits)})
	return d
}

// into evaluates e to register d. Operands are read before d is written, so d
// may be a local that e uses.
//
//tidy:dispatch
func (c *fn) into(e air.Expr, d int) {
	mark := c.top
	defer func() { c.top = mark }()
	switch e := e.(type) {
	case *air.Const:
		c.emit(image.Instr{Op: image.OpConst, R: e.Rep, D: r(d), Imm: int64(e.Bits)})
	case *air.ConstDSD:
		c.constDSD(e, d)
	case *air.GlobalAddr:
		c.emit(image.Instr{Op: image.OpConst, R: image.U16, D: r(d), Imm: int64(c.addr[e.Global] + e.Off)})
	case *air.LocalAddr:
		c.emit(image.Instr{Op: image.OpFrame, R: image.U16, D: r(d), Imm: int64(c.frame[e.Local] + e.Off)})
	case *air.FuncAddr:
		c.emit(image.Instr{Op: image.OpConst, R: image.U16, D: r(d), Imm: int64(e.Func)})
	case *air.GetLocal:
		c.move(e.Rep, d, c.reg[e.Local])
	case *air.Load:
		c.load(e, d)
	case *air.Bin:
		c.bin(e, d)
	case *air.Un:
		c.emit(image.Instr{Op: e.Op, R: e.Rep, D: r(d), A: r(c.value(e.X))})
	case *air.Conv:
		op := image.OpConv
		if e.Bits {
			op = image.OpBits
		}
		c.emit(image.Instr{Op: op, R: e.To, D: r(d), A: r(c.value(e.X)), Imm: int64(e.From)})
	case *air.Logic:
		c.logic(e, d)
	case *air.Cond:
		c.cond(e, d)
	case *air.Seq:
		c.stmts(e.Stmts)
		c.into(e.X, d)
	case *air.Call:
		if res := c.call(e); e.Ret != image.Void {
			c.move(e.Ret, d, res)
		}
	case *air.SetDSD:
		c.setDSD(e, d)
	case *air.DSDOp:
		c.dsdOp(e, d)
	case *air.LoadDSR:
		c.loadDSR(e)
	case *air.Map:
		c.mapOp(e)
	case *air.Intrinsic:
		c.intrinsic(e, d)
	default:
		check.Never("expression %T", e)
	}
}

// move copies a value of representation rep, which may take several registers.
func (c *fn) move(rep image.Rep, d, a int) {
	if d == a {
		return
	}
	for i := range rep.Regs() {
		c.emit(image.Instr{Op: image.OpMov, R: rep, D: r(d + i), A: r(a + i)})
	}
}

func (c *fn) constDSD(e *air.ConstDSD, d int) {
	w := c.dsd(e)
	for i := range e.R().Regs() {
		c.emit(image.Instr{Op: image.OpConst, R: e.R(), D: r(d + i), Imm: int64(w[i])})
	}
}

// address splits an address into a register and a constant offset.
func (c *fn) address(e air.Expr) (reg, off int) {
	if b, ok := e.(*air.Bin); ok && b.Op == image.OpAdd && b.Rep == image.U16 {
		if k, ok := b.Y.(*air.Const); ok {
			return c.value(b.X), int(int16(k.Bits))
		}
		if g, ok := b.X.(*air.GlobalAddr); ok {
			return c.value(b.Y), c.addr[g.Global] + g.Off
		}
		if g, ok := b.Y.(*air.GlobalAddr); ok {
			return c.value(b.X), c.addr[g.Global] + g.Off
		}
	}
	return c.value(e), 0
}

func (c *fn) load(e *air.Load, d int) {
	if g, ok := e.Addr.(*air.GlobalAddr); ok {
		c.emit(image.Instr{Op: image.OpLoadG, R: e.Rep, D: r(d), Imm: int64(c.addr[g.Global] + g.Off + e.Off)})
		return
	}
	a, off := c.address(e.Addr)
	c.emit(image.Instr{Op: image.OpLoad, R: e.Rep, D: r(d), A: r(a), Imm: int64(off + e.Off)})
}

// operands evaluates both sides of e. A left side that is a local's own register
// is copied first if the right side may assign that local.
func (c *fn) operands(e *air.Bin) (a, b int) {
	a = c.value(e.X)
	if _, local := e.X.(*air.GetLocal); local && assigns(e.Y) {
		t := c.take(e.X.R().Regs())
		c.move(e.X.R(), t, a)
		a = t
	}
	return a, c.value(e.Y)
}

// assigns reports whether evaluating e can assign a local of this function.
func assigns(e air.Expr) bool {
	switch e := e.(type) {
	case *air.Seq:
		return true
	case *air.Bin:
		return assigns(e.X) || assigns(e.Y)
	case *air.Un:
		return assigns(e.X)
	case *air.Conv:
		return assigns(e.X)
	case *air.Logic:
		return assigns(e.X) || assigns(e.Y)
	case *air.Cond:
		return assigns(e.C) || assigns(e.A) || assigns(e.B)
	case *air.Load:
		return assigns(e.Addr)
	case *air.Call:
		for _, a := range e.Args {
			if assigns(a) {
				return true
			}
		}
	}
	return false
}

func (c *fn) bin(e *air.Bin, d int) {
	if k, ok := e.Y.(*air.Const); ok && !e.Rep.Float() && (e.Op == image.OpAdd || e.Op == image.OpSub) {
		imm := int64(k.Bits)
		if e.Op == image.OpSub {
			imm = -imm
		}
		c.emit(image.Instr{Op: image.OpAddI, R: e.Rep, D: r(d), A: r(c.value(e.X)), Imm: imm})
		return
	}
	a, b := c.operands(e)
	c.emit(image.Instr{Op: e.Op, R: e.Rep, D: r(d), A: r(a), B: r(b)})
}

// logic evaluates to a temporary: the right side may use the old value of d.
func (c *fn) logic(e *air.Logic, d int) {
	skip := c.branch(e, false)
	c.emit(image.Instr{Op: image.OpConst, R: image.B1, D: r(d), Imm: 1})
	end := c.jump()
	c.patchAll(skip)
	c.emit(image.Instr{Op: image.OpConst, R: image.B1, D: r(d)})
	c.patch(end)
}

func (c *fn) cond(e *air.Cond, d int) {
	skip := c.branch(e.C, false)
	c.into(e.A, d)
	end := c.jump()
	c.patchAll(skip)
	c.into(e.B, d)
	c.patch(end)
}

// call puts arguments into consecutive registers above all in use and returns
// the first of them, where the results are too.
func (c *fn) call(e *air.Call) int {
	callee := -1
	if e.Func < 0 {
		callee = c.value(e.Callee)
	}
	n := 0
	for _, a := range e.Args {
		n += a.R().Regs()
	}
	base := c.take(max(n, e.Ret.Regs(), 1))
	at := base
	for _, a := range e.Args {
		c.into(a, at)
		at += a.R().Regs()
	}
	in := image.Instr{Op: image.OpCall, D: r(base), Imm: int64(e.Func)}
	if callee >= 0 {
		in = image.Instr{Op: image.OpCallReg, D: r(base), A: r(callee)}
	}
	c.emit(in)
	return base
}

// intrinsic maps arguments to registers a and b; OpPrint takes any number.
func (c *fn) intrinsic(e *air.Intrinsic, d int) {
	in := image.Instr{Op: e.Op, R: e.Rep, D: r(d), Imm: e.Imm}
	switch e.Op {
	case image.OpTrap:
		in.Imm = c.text(e.Text)
	case image.OpFifoSet: // sema puts the side above the number of the FIFO
		in.Imm, in.B = e.Imm&0xff, uint16(e.Imm>>8)
	case image.OpPrint:
		in.Imm = c.text(e.Text)
		base := c.take(len(e.Args))
		for i, a := range e.Args {
			c.into(a, base+i)
		}
		in.A, in.B = r(base), uint16(len(e.Args))
		c.emit(in)
		return
	}
	if e.Op == image.OpFMA { // d = a*b + d
		t := c.take(1)
		c.into(e.Args[2], t)
		in.D = r(t)
	}
	if len(e.Args) > 0 {
		in.A = r(c.value(e.Args[0]))
	}
	if len(e.Args) > 1 {
		in.B = r(c.value(e.Args[1]))
	}
	c.emit(in)
	if int(in.D) != d {
		c.move(e.Rep, d, int(in.D))
	}
}
