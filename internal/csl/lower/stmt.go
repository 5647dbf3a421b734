package lower

import (
	"wafer/internal/check"
	"wafer/internal/csl/air"
	"wafer/internal/image"
)

func (c *fn) stmts(list []air.Stmt) {
	for _, s := range list {
		mark := c.top
		c.note(s.Where())
		c.stmt(s)
		c.top = mark
	}
}

//tidy:dispatch
func (c *fn) stmt(s air.Stmt) {
	switch s := s.(type) {
	case *air.SetLocal:
		c.into(s.X, c.reg[s.Local])
	case *air.Store:
		c.store(s)
	case *air.Copy:
		d := c.value(s.Dst)
		a := c.value(s.From)
		c.emit(image.Instr{Op: image.OpCopy, D: r(d), A: r(a), Imm: int64(s.Words)})
	case *air.Eval:
		c.effect(s.X)
	case *air.If:
		c.ifStmt(s)
	case *air.While:
		c.while(s)
	case *air.Block:
		lb := &label{}
		c.labels[s.ID] = lb
		c.stmts(s.Body)
		c.patchAll(lb.breaks)
	case *air.Switch:
		c.switchStmt(s)
	case *air.Break:
		lb := c.labels[s.ID]
		lb.breaks = append(lb.breaks, c.jump())
	case *air.Continue:
		lb := c.labels[s.ID]
		lb.continues = append(lb.continues, c.jump())
	case *air.Return:
		if s.X != nil {
			c.into(s.X, 0)
		}
		c.emit(image.Instr{Op: image.OpRet})
	default:
		check.Never("statement %T", s)
	}
}

func (c *fn) store(s *air.Store) {
	if g, ok := s.Addr.(*air.GlobalAddr); ok {
		x := c.value(s.X)
		c.emit(image.Instr{Op: image.OpStoreG, R: s.Rep, D: r(x), Imm: int64(c.addr[g.Global] + g.Off + s.Off)})
		return
	}
	a, off := c.address(s.Addr)
	x := c.value(s.X)
	c.emit(image.Instr{Op: image.OpStore, R: s.Rep, D: r(x), A: r(a), Imm: int64(off + s.Off)})
}

func (c *fn) ifStmt(s *air.If) {
	if k, ok := s.C.(*air.Const); ok {
		if k.Bits != 0 {
			c.stmts(s.Then)
		} else {
			c.stmts(s.Else)
		}
		return
	}
	toElse := c.branch(s.C, false)
	c.stmts(s.Then)
	if len(s.Else) == 0 {
		c.patchAll(toElse)
		return
	}
	end := c.jump()
	c.patchAll(toElse)
	c.stmts(s.Else)
	c.patch(end)
}

// while puts the condition at the end, so that each turn takes one branch.
func (c *fn) while(s *air.While) {
	lb := &label{}
	c.labels[s.ID] = lb
	var leave []int
	if s.C != nil {
		leave = c.branch(s.C, false)
	}
	top := c.pc()
	c.stmts(s.Body)
	c.patchAll(lb.continues)
	c.stmts(s.Post)
	c.note(s.Src)
	if s.C == nil {
		c.emit(image.Instr{Op: image.OpJump, Imm: top})
	} else {
		mark := c.top
		c.patchTo(c.branch(s.C, true), top)
		c.top = mark
	}
	c.patchAll(leave)
	c.patchAll(lb.breaks)
}

func (c *fn) switchStmt(s *air.Switch) {
	x := c.value(s.X)
	rep := s.X.R()
	targets := make([][]int, len(s.Cases))
	for i, k := range s.Cases {
		for _, v := range k.Values {
			mark := c.top
			b := c.constant(rep, v)
			targets[i] = append(targets[i], c.emit(image.Instr{Op: image.OpIfEq, R: rep, A: r(x), B: r(b), Imm: -1}))
			c.top = mark
		}
	}
	c.stmts(s.Default)
	ends := []int{c.jump()}
	for i, k := range s.Cases {
		c.patchAll(targets[i])
		c.stmts(k.Body)
		if i < len(s.Cases)-1 {
			ends = append(ends, c.jump())
		}
	}
	c.patchAll(ends)
}

// branch emits jumps that are taken when e has the value on; the code falls
// through otherwise. The jumps are returned to be patched.
//
//tidy:dispatch
func (c *fn) branch(e air.Expr, on bool) []int {
	mark := c.top
	defer func() { c.top = mark }()
	switch e := e.(type) {
	case *air.Const:
		if (e.Bits != 0) == on {
			return []int{c.jump()}
		}
		return nil
	case *air.Un:
		if e.Op == image.OpNot && e.Rep == image.B1 {
			return c.branch(e.X, !on)
		}
	case *air.Logic:
		return c.branchLogic(e, on)
	case *air.Bin:
		if op, swap, ok := compareBranch(e, on); ok {
			a, b := c.operands(e)
			if swap {
				a, b = b, a
			}
			return []int{c.emit(image.Instr{Op: op, R: e.Rep, A: r(a), B: r(b), Imm: -1})}
		}
	}
	op := image.OpIf
	if !on {
		op = image.OpIfNot
	}
	return []int{c.emit(image.Instr{Op: op, R: image.B1, A: r(c.value(e)), Imm: -1})}
}

func (c *fn) branchLogic(e *air.Logic, on bool) []int {
	if e.Or == on { // either side alone decides
		return append(c.branch(e.X, on), c.branch(e.Y, on)...)
	}
	skip := c.branch(e.X, !on)
	out := c.branch(e.Y, on)
	c.patchAll(skip)
	return out
}

// compareBranch picks the fused compare and branch for e == on. A float
// comparison is never inverted: with a NaN both a<b and b<=a are false.
func compareBranch(e *air.Bin, on bool) (op image.Op, swap, ok bool) {
	switch e.Op {
	case image.OpEq:
		if on {
			return image.OpIfEq, false, true
		}
		return image.OpIfNe, false, true
	case image.OpNe:
		if on {
			return image.OpIfNe, false, true
		}
		return image.OpIfEq, false, true
	case image.OpLt:
		if on {
			return image.OpIfLt, false, true
		}
		return image.OpIfLe, true, !e.Rep.Float()
	case image.OpLe:
		if on {
			return image.OpIfLe, false, true
		}
		return image.OpIfLt, true, !e.Rep.Float()
	}
	return 0, false, false
}
