package sema

import (
	"wafer/internal/csl/air"
	"wafer/internal/csl/syntax"
)

// branchVal is what one branch of a run-time choice gives: its statements, then
// its value. A branch that does not reach its end has no value.
type branchVal struct {
	stmts []air.Stmt
	x     Operand
	p     syntax.Pos
}

func (b *branchVal) dead() bool { return b.x.ok() && b.x.T.kind == KNoReturn }

// valueOf emits a branch as an expression.
func (s *sema) valueOf(e syntax.Expr, want *Type) branchVal {
	b := branchVal{x: s.voidOp()}
	if e == nil {
		return b
	}
	b.p = e.Pos()
	s.fr.rtDepth++
	b.stmts = s.collect(func() {
		b.x = s.expr(e, want)
		if s.pending == ctlDead {
			s.pending = ctlNext
			b.x = runOp(s.noreturn, nil)
		}
	})
	s.fr.rtDepth--
	return b
}

func (s *sema) ifExpr(e *syntax.If, want *Type) Operand {
	c := s.coerceBool(e.Cond.Pos(), s.expr(e.Cond, s.boolean))
	if !c.ok() {
		return c
	}
	if c.isConst() {
		b := e.Then
		if c.V.I == 0 {
			b = e.Else
		}
		if b == nil {
			return s.voidOp()
		}
		return s.expr(b, want)
	}
	bs := []branchVal{s.valueOf(e.Then, want), s.valueOf(e.Else, want)}
	res, ok := s.join(e.Pos(), want, bs)
	if !ok {
		return s.badOp()
	}
	if res.M == modeRun && res.X == nil && len(bs[0].stmts)+len(bs[1].stmts) == 0 && bs[0].x.ok() {
		if a, b := s.code(e.Pos(), bs[0].x), s.code(e.Pos(), bs[1].x); a != nil && b != nil && a.R().Regs() == 1 {
			return runOp(res.T, &air.Cond{C: c.X, A: a, B: b})
		}
	}
	res = s.joinStore(e.Pos(), res, bs)
	s.emit(&air.If{Src: s.src(e.Pos()), C: c.X, Then: bs[0].stmts, Else: bs[1].stmts})
	return res
}

// join finds the common type of branches and coerces their values to it. The
// result has no code yet; a void result needs none.
func (s *sema) join(p syntax.Pos, want *Type, bs []branchVal) (Operand, bool) {
	var t *Type
	for i := range bs {
		if !bs[i].x.ok() {
			return s.badOp(), false
		}
		if bs[i].dead() {
			continue
		}
		if t == nil {
			t = bs[i].x.T
			continue
		}
		a := Operand{M: modeRun, T: t}
		if j := s.firstLive(bs); j >= 0 && bs[j].x.T == t {
			a = bs[j].x
		}
		u := s.peer(&a, &bs[i].x)
		if u == nil && (want == nil || want.comptimeOnly()) {
			s.errAt(p, EType, "convert one of them with @as", "the branches have different types, '%s' and '%s'", t, bs[i].x.T)
			return s.badOp(), false
		}
		if u != nil {
			t = u
		}
	}
	if t == nil {
		return runOp(s.noreturn, nil), true
	}
	if want != nil && t != want && want.words >= 0 && (t.comptimeOnly() || t.kind == KTuple || t.isNumeric() || t.kind == KUndefined) {
		t = want
	}
	if t.kind == KVoid {
		return s.voidOp(), true
	}
	if t.comptimeOnly() {
		if same, ok := s.allSame(bs); ok {
			return same, true
		}
		s.errAt(p, ERuntime, "give the values a type of fixed width", "the choice is made at run time, but values of type '%s' exist only at compile time", t)
		return s.badOp(), false
	}
	for i := range bs {
		if !bs[i].dead() {
			if bs[i].x = s.coerce(bs[i].p, bs[i].x, t); !bs[i].x.ok() {
				return s.badOp(), false
			}
		}
	}
	return Operand{M: modeRun, T: t}, true
}

func (s *sema) firstLive(bs []branchVal) int {
	for i := range bs {
		if !bs[i].dead() {
			return i
		}
	}
	return -1
}

// allSame gives the one value that all branches have, if they do.
func (s *sema) allSame(bs []branchVal) (Operand, bool) {
	j := s.firstLive(bs)
	for i := range bs {
		if bs[i].dead() {
			continue
		}
		if !bs[i].x.isConst() || !same(bs[i].x.V, bs[j].x.V) {
			return Operand{}, false
		}
	}
	return bs[j].x, j >= 0
}

// joinStore makes each branch store its value to one new local and gives the
// operand that reads it.
func (s *sema) joinStore(p syntax.Pos, res Operand, bs []branchVal) Operand {
	if res.M != modeRun || res.T.kind == KNoReturn {
		for i := range bs {
			if bs[i].x.M == modeRun && bs[i].x.T.kind == KVoid {
				bs[i].stmts = append(bs[i].stmts, s.collect(func() { s.evalFor(p, bs[i].x) })...)
			}
		}
		return res
	}
	t := res.T
	pl := s.newTemp(t)
	for i := range bs {
		if !bs[i].dead() {
			bs[i].stmts = append(bs[i].stmts, s.collect(func() { s.storeTo(p, pl, bs[i].x) })...)
		}
	}
	return s.load(pl)
}

// newTemp is a fresh local for a value of type t.
func (s *sema) newTemp(t *Type) place {
	fn := s.fr.fn
	if t.isAggregate() {
		return place{k: placeMem, T: t, X: &air.LocalAddr{Local: fn.newMem("", t)}, local: true}
	}
	return place{k: placeReg, T: t, idx: fn.newLocal("", t.scalarRep())}
}

// blockExpr is a block where a value is wanted.
func (s *sema) blockExpr(b *syntax.Block, want *Type) Operand {
	if b.Label == "" {
		c := s.block(b)
		if c != ctlNext {
			s.pending = c
			if c == ctlFail {
				return s.badOp()
			}
			return runOp(s.noreturn, nil)
		}
		return s.voidOp()
	}
	t := &target{label: b.Label, depth: s.fr.rtDepth, id: s.newID(), isValue: true, want: want}
	return s.valueBlock(b.Pos(), t, func() ctl { return s.block(b) })
}

// valueBlock runs or emits a body that breaks to t with values, and gives the
// value of the whole.
func (s *sema) valueBlock(p syntax.Pos, t *target, body func() ctl) Operand {
	s.checkLabel(p, t.label)
	s.enter(t)
	var c ctl
	var stmts []air.Stmt
	if s.ct() {
		c = body()
	} else {
		stmts = s.collect(func() { c = body() })
	}
	s.leave()
	final := c == ctlBreak && s.brk == t
	if s.ct() {
		switch {
		case final:
			return t.vals[len(t.vals)-1].x
		case c == ctlNext:
			return s.voidOp()
		}
		s.pending = c
		return s.badOp()
	}
	res := s.blockResult(p, t, c, final)
	// The final value is computed in the block, but it may be used after it: its
	// code is evaluated there only if nothing jumps over it.
	if t.used {
		s.emit(&air.Block{Src: s.src(p), ID: t.id, Body: append(stmts, s.last...)})
	} else {
		*s.fr.fn.out = append(append(*s.fr.fn.out, stmts...), s.last...)
	}
	s.last = nil
	return res
}

// blockResult joins the values of all breaks to t. Statements that must follow the
// body are left in s.last.
func (s *sema) blockResult(p syntax.Pos, t *target, c ctl, final bool) Operand {
	s.last = nil
	if !final && (c == ctlBreak || c == ctlContinue || c == ctlReturn || c == ctlFail) {
		s.pending = c
		return runOp(s.noreturn, nil)
	}
	if c == ctlNext { // the end is reached: void
		for _, v := range t.vals {
			if v.x.ok() && v.x.T.kind != KVoid {
				if t.label == "" {
					return s.err(p, EReturn, "the function does not return a value on every path")
				}
				return s.errCure(v.p, EType, "break with a value on every path", "expected 'void', found %s: control may reach the end of the block without a break", s.describe(&v.x))
			}
		}
		return s.voidOp()
	}
	if len(t.vals) == 0 {
		s.pending = ctlDead
		return runOp(s.noreturn, nil)
	}
	if len(t.vals) == 1 && (final || t.vals[0].x.isConst()) {
		return t.vals[0].x
	}
	bs := make([]branchVal, len(t.vals))
	for i, v := range t.vals {
		bs[i] = branchVal{x: v.x, p: v.p}
	}
	res, ok := s.join(p, t.want, bs)
	if !ok {
		return s.badOp()
	}
	res = s.joinStore(p, res, bs)
	for i, v := range t.vals {
		if v.slot != nil {
			v.slot.Body = bs[i].stmts
		} else {
			s.last = bs[i].stmts
		}
	}
	return res
}

func (s *sema) switchStmt(e *syntax.Switch) ctl {
	x := s.expr(e.Subject, nil)
	if !x.ok() {
		return s.fail()
	}
	vals, ok := s.caseValues(e, &x)
	if !ok {
		return s.fail()
	}
	if x.isConst() {
		if i := chosen(e, vals, x.V); i >= 0 {
			return s.branch(e.Cases[i].Body)
		}
		return ctlNext
	}
	sw := &air.Switch{Src: s.src(e.Pos()), X: x.X}
	all := ctlDead
	for i, cs := range e.Cases {
		stmts, c := s.emitBranch(cs.Body)
		if c == ctlNext {
			all = ctlNext
		}
		addCase(sw, vals[i], cs, stmts)
	}
	s.emit(sw)
	return all
}

func addCase(sw *air.Switch, vals []Value, cs syntax.Case, stmts []air.Stmt) {
	if cs.Values == nil {
		sw.Default = stmts
		return
	}
	c := air.Case{Body: stmts}
	for _, v := range vals {
		c.Values = append(c.Values, uint64(v.I))
	}
	sw.Cases = append(sw.Cases, c)
}

// chosen is the case for a known value, -1 for none.
func chosen(e *syntax.Switch, vals [][]Value, v Value) int {
	other := -1
	for i, cs := range e.Cases {
		if cs.Values == nil {
			other = i
		}
		for _, w := range vals[i] {
			if same(v, w) {
				return i
			}
		}
	}
	return other
}

func (s *sema) switchExpr(e *syntax.Switch, want *Type) Operand {
	x := s.expr(e.Subject, nil)
	if !x.ok() {
		return x
	}
	vals, ok := s.caseValues(e, &x)
	if !ok {
		return s.badOp()
	}
	if x.isConst() {
		if i := chosen(e, vals, x.V); i >= 0 {
			return s.expr(e.Cases[i].Body, want)
		}
		return s.voidOp()
	}
	bs := make([]branchVal, len(e.Cases))
	for i, cs := range e.Cases {
		bs[i] = s.valueOf(cs.Body, want)
	}
	res, ok := s.join(e.Pos(), want, bs)
	if !ok {
		return s.badOp()
	}
	res = s.joinStore(e.Pos(), res, bs)
	sw := &air.Switch{Src: s.src(e.Pos()), X: x.X}
	for i, cs := range e.Cases {
		addCase(sw, vals[i], cs, bs[i].stmts)
	}
	s.emit(sw)
	return res
}

// caseValues evaluates the values of all cases and checks that they are unique
// and, without an else, complete.
func (s *sema) caseValues(e *syntax.Switch, x *Operand) ([][]Value, bool) {
	t := x.T
	if t.kind == KComptimeInt {
		s.errAt(e.Subject.Pos(), ESwitch, "give it a width with @as", "switch needs an integer of fixed width or an enum, not 'comptime_int'")
		return nil, false
	}
	if t.kind != KInt && t.kind != KEnum && t.kind != KBool && t.kind != KDirection && !t.isHandle() {
		s.errAt(e.Subject.Pos(), ESwitch, "", "switch needs an integer or an enum, not '%s'", t)
		return nil, false
	}
	out := make([][]Value, len(e.Cases))
	seen := map[int64]bool{}
	hasElse := false
	for i, cs := range e.Cases {
		if cs.Values == nil {
			if hasElse {
				s.errAt(cs.Pos, ESwitch, "", "the switch has two else cases")
				return nil, false
			}
			hasElse = true
		}
		for _, ve := range cs.Values {
			v := s.constOf(ve, t)
			if !v.ok() {
				return nil, false
			}
			if seen[v.V.I] {
				s.errAt(ve.Pos(), ESwitch, "", "the value %s is in the switch twice", s.show(v.V))
				return nil, false
			}
			seen[v.V.I] = true
			out[i] = append(out[i], v.V)
		}
	}
	if hasElse || s.complete(t, seen) {
		return out, true
	}
	s.errAt(e.Pos(), ESwitch, "add an else case", "the switch does not cover all values of '%s'%s", t, s.missing(t, seen))
	return nil, false
}

func (s *sema) complete(t *Type, seen map[int64]bool) bool {
	switch t.kind {
	case KEnum:
		for _, v := range t.vals {
			if !seen[v] {
				return false
			}
		}
		return true
	case KBool:
		return len(seen) == 2
	case KInt:
		return t.bits < 31 && len(seen) == 1<<t.bits
	case KDirection:
		return len(seen) == 5
	}
	return false
}

func (s *sema) missing(t *Type, seen map[int64]bool) string {
	if t.kind != KEnum {
		return ""
	}
	for i, v := range t.vals {
		if !seen[v] {
			return ": '" + t.fields[i].name + "' is missing"
		}
	}
	return ""
}
