package sema

import (
	"wafer/internal/csl/air"
	"wafer/internal/csl/syntax"
	"wafer/internal/image"
)

// ctl says how control leaves a statement.
type ctl uint8

const (
	ctlNext     ctl = iota
	ctlBreak        // to the end of s.brk
	ctlContinue     // to the next turn of s.brk
	ctlReturn       // out of a comptime call
	ctlDead         // emitted code does not get past here
	ctlFail         // a mistake at comptime: give the evaluation up
)

// target is what break and continue name: a loop or a labelled block.
type target struct {
	label    string
	loop     bool
	run      bool // a loop of the emitted program
	depth    int  // run-time nesting at its start
	id, next int  // numbers in the emitted function: of it, of one turn
	used     bool // an emitted break goes to id
	usedNext bool // an emitted break goes to next
	isValue  bool
	want     *Type
	vals     []broken // values of breaks
}

// broken is one value that breaks out of a block.
type broken struct {
	x    Operand
	slot *air.Block // where the store of the value goes; nil for the final break
	p    syntax.Pos
}

func (s *sema) newID() int {
	if s.fr.fn == nil {
		return 0
	}
	s.fr.fn.ids++
	return s.fr.fn.ids
}

func (s *sema) enter(t *target) { s.fr.targets = append(s.fr.targets, t) }

func (s *sema) leave() { s.fr.targets = s.fr.targets[:len(s.fr.targets)-1] }

// block runs or emits the statements of a block in a scope of their own.
func (s *sema) block(b *syntax.Block) ctl {
	mark := s.scopeMark()
	c := ctlNext
	for _, st := range b.Stmts {
		if c = s.stmt(st); c != ctlNext {
			break
		}
	}
	s.scopeEnd(mark)
	return c
}

func (s *sema) stmt(st syntax.Stmt) ctl {
	s.at = st.Pos()
	c := s.stmt1(st)
	if s.pending != ctlNext {
		c, s.pending = s.pending, ctlNext
	}
	return c
}

func (s *sema) stmt1(st syntax.Stmt) ctl {
	switch st := st.(type) {
	case *syntax.ExprStmt:
		return s.exprStmt(st.X)
	case *syntax.DeclStmt:
		return s.localDecl(st.Decl)
	case *syntax.Assign:
		return s.assign(st)
	case *syntax.While:
		return s.while(st)
	case *syntax.For:
		return s.forLoop(st)
	case *syntax.Return:
		return s.ret(st)
	case *syntax.Break:
		return s.breakStmt(st)
	case *syntax.Continue:
		return s.continueStmt(st)
	}
	return ctlNext
}

// fail is what a statement with a mistake gives: comptime evaluation stops,
// emitted code goes on to find further mistakes.
func (s *sema) fail() ctl {
	if s.ct() {
		return ctlFail
	}
	return ctlNext
}

func (s *sema) exprStmt(e syntax.Expr) ctl {
	switch e := e.(type) {
	case *syntax.Block:
		return s.blockStmt(e)
	case *syntax.If:
		return s.ifStmt(e)
	case *syntax.Switch:
		return s.switchStmt(e)
	case *syntax.Comptime:
		if b, ok := e.X.(*syntax.Block); ok {
			old := s.fr.comptime
			s.fr.comptime = true
			c := s.blockStmt(b)
			s.fr.comptime = old
			if c == ctlFail && !old {
				return ctlNext
			}
			return c
		}
	}
	x := s.expr(e, nil)
	if !x.ok() {
		return s.fail()
	}
	if x.T == s.noreturn {
		return ctlDead
	}
	s.evalFor(e.Pos(), x)
	return ctlNext
}

// evalFor emits an operand for its effect only.
func (s *sema) evalFor(p syntax.Pos, x Operand) {
	if x.M == modeRun && !pure(x.X) {
		s.emit(&air.Eval{Src: s.src(p), X: x.X})
	}
}

// pure reports code without an effect.
func pure(e air.Expr) bool {
	switch e := e.(type) {
	case *air.Const, *air.ConstDSD, *air.GlobalAddr, *air.LocalAddr, *air.FuncAddr, *air.GetLocal:
		return true
	case *air.Load:
		return pure(e.Addr)
	case *air.Bin:
		return pure(e.X) && pure(e.Y)
	case *air.Un:
		return pure(e.X)
	case *air.Conv:
		return pure(e.X)
	case *air.SetDSD:
		return pure(e.X) && pure(e.Y)
	}
	return false
}

func (s *sema) blockStmt(b *syntax.Block) ctl {
	if b.Label == "" {
		return s.block(b)
	}
	t := &target{label: b.Label, depth: s.fr.rtDepth, id: s.newID()}
	return s.inTarget(b.Pos(), t, func() ctl { return s.block(b) })
}

// inTarget runs body as what breaks to t leave.
func (s *sema) inTarget(p syntax.Pos, t *target, body func() ctl) ctl {
	s.checkLabel(p, t.label)
	s.enter(t)
	var c ctl
	if s.ct() {
		c = body()
		s.leave()
	} else {
		stmts := s.collect(func() { c = body() })
		s.leave()
		if t.used {
			s.emit(&air.Block{Src: s.src(p), ID: t.id, Body: stmts})
		} else {
			*s.fr.fn.out = append(*s.fr.fn.out, stmts...)
		}
	}
	if c == ctlBreak && s.brk == t || c == ctlDead && t.used {
		return ctlNext
	}
	return c
}

func (s *sema) checkLabel(p syntax.Pos, label string) {
	if label == "" {
		return
	}
	for _, t := range s.fr.targets {
		if t.label == label {
			s.errAt(p, ELabel, "choose another name", "label '%s' is already in use around this", label)
		}
	}
}

// branch runs or emits one branch of an if or switch.
func (s *sema) branch(e syntax.Expr) ctl {
	if e == nil {
		return ctlNext
	}
	return s.exprStmt(e)
}

// emitBranch emits a branch that may or may not run.
func (s *sema) emitBranch(e syntax.Expr) (stmts []air.Stmt, c ctl) {
	s.fr.rtDepth++
	stmts = s.collect(func() { c = s.branch(e) })
	s.fr.rtDepth--
	return stmts, c
}

func (s *sema) ifStmt(e *syntax.If) ctl {
	c := s.coerceBool(e.Cond.Pos(), s.expr(e.Cond, s.boolean))
	if !c.ok() {
		return s.fail()
	}
	if c.isConst() {
		if c.V.isUndef() {
			s.err(e.Cond.Pos(), EUndefined, "the condition is undefined")
			return s.fail()
		}
		if c.V.I != 0 {
			return s.branch(e.Then)
		}
		return s.branch(e.Else)
	}
	then, c1 := s.emitBranch(e.Then)
	els, c2 := s.emitBranch(e.Else)
	if len(then)+len(els) > 0 || !pure(c.X) {
		s.emit(&air.If{Src: s.src(e.Pos()), C: c.X, Then: then, Else: els})
	}
	return both(c1, c2)
}

// both joins two run-time branches.
func both(a, b ctl) ctl {
	if a != ctlNext && b != ctlNext {
		return ctlDead
	}
	return ctlNext
}

func (s *sema) ret(st *syntax.Return) ctl {
	f := s.fr
	if f.inlineTo != nil {
		return s.breakTo(st.Pos(), f.inlineTo, st.X)
	}
	if f.ret == nil {
		s.errAt(st.Pos(), EReturn, "", "return outside a function")
		return s.fail()
	}
	x := s.voidOp()
	if st.X != nil {
		x = s.expr(st.X, f.ret)
	}
	if st.X == nil && f.ret.kind != KVoid {
		s.errAt(st.Pos(), EReturn, "", "the function must return a value of type '%s'", f.ret)
		if s.ct() {
			return ctlFail
		}
		return ctlDead
	}
	p := st.Pos()
	if st.X != nil {
		p = st.X.Pos()
	}
	x = s.coerce(p, x, f.ret)
	if f.fn == nil {
		if !x.ok() {
			return ctlFail
		}
		f.result = x
		return ctlReturn
	}
	if s.ct() {
		s.errAt(st.Pos(), EPlace, "", "a comptime block cannot return from a function of the core")
		return ctlFail
	}
	if x.ok() {
		s.emitReturn(st.Pos(), x)
	}
	return ctlDead
}

func (s *sema) emitReturn(p syntax.Pos, x Operand) {
	fn := s.fr.fn
	if fn.retPtr >= 0 {
		s.storeTo(p, place{k: placeMem, T: fn.ret, X: &air.GetLocal{Local: fn.retPtr, Rep: image.U16}}, x)
		s.emit(&air.Return{Src: s.src(p)})
		return
	}
	r := &air.Return{Src: s.src(p)}
	if x.T.kind != KVoid {
		if r.X = s.code(p, x); r.X == nil {
			return
		}
	} else {
		s.evalFor(p, x)
	}
	s.emit(r)
}

// findTarget finds what a break or continue names: the label, or the nearest loop.
func (s *sema) findTarget(p syntax.Pos, label, what string) *target {
	for i := len(s.fr.targets) - 1; i >= 0; i-- {
		t := s.fr.targets[i]
		if label == "" && t.loop || label != "" && t.label == label {
			return t
		}
	}
	if label != "" {
		s.errAt(p, ELabel, "", "no block or loop around this has the label '%s'", label)
	} else {
		s.errAt(p, ELabel, "", "%s outside a loop", what)
	}
	return nil
}

func (s *sema) breakStmt(st *syntax.Break) ctl {
	t := s.findTarget(st.Pos(), st.Label, "break")
	if t == nil {
		return s.fail()
	}
	return s.breakTo(st.Pos(), t, st.X)
}

// breakTo leaves t, with the value of e if t is a block with a value.
func (s *sema) breakTo(p syntax.Pos, t *target, e syntax.Expr) ctl {
	final := t.depth == s.fr.rtDepth && !t.run && !t.usedNext && s.straight(t)
	if e != nil || t.isValue {
		x := s.voidOp()
		if e != nil {
			if x = s.expr(e, t.want); !x.ok() {
				t.vals = append(t.vals, broken{x: x, p: p})
				if s.ct() {
					return ctlFail
				}
				return ctlDead
			}
		}
		if !t.isValue && x.T.kind != KVoid {
			s.errAt(p, EType, "", "what this leaves has no value: expected 'void', found %s", s.describe(&x))
			return s.fail()
		}
		if t.isValue {
			b := broken{x: x, p: p}
			if !final && !s.ct() {
				if x.M == modeRun {
					b.x = s.temp(p, x)
				}
				b.slot = &air.Block{Src: s.src(p), ID: s.newID()}
				s.emit(b.slot)
			}
			t.vals = append(t.vals, b)
		}
	}
	if s.ct() || final {
		s.brk = t
		return ctlBreak
	}
	t.used = true
	s.emit(&air.Break{Src: s.src(p), ID: t.id})
	return ctlDead
}

func (s *sema) continueStmt(st *syntax.Continue) ctl {
	t := s.findTarget(st.Pos(), st.Label, "continue")
	if t == nil {
		return s.fail()
	}
	if !t.loop {
		s.errAt(st.Pos(), ELabel, "", "continue needs a loop, and '%s' is a block", st.Label)
		return s.fail()
	}
	if t.run {
		s.emit(&air.Continue{Src: s.src(st.Pos()), ID: t.id})
		return ctlDead
	}
	if s.ct() || t.depth == s.fr.rtDepth && s.straight(t) {
		s.brk = t
		return ctlContinue
	}
	t.usedNext = true
	s.emit(&air.Break{Src: s.src(st.Pos()), ID: t.next})
	return ctlDead
}

// straight reports that control surely gets here from the start of t: no emitted
// jump leaves a block or turn in between for a place before its end.
func (s *sema) straight(t *target) bool {
	for i := len(s.fr.targets) - 1; i >= 0 && s.fr.targets[i] != t; i-- {
		if in := s.fr.targets[i]; in.used || in.usedNext {
			return false
		}
	}
	return true
}

// localDecl declares a local variable or constant.
func (s *sema) localDecl(d *syntax.VarDecl) ctl {
	var t *Type
	if d.Type != nil {
		if t = s.typeOf(d.Type); t == s.bad {
			s.declare(local{name: d.Name, kind: locOp, T: s.bad, op: &Operand{T: s.bad}})
			return s.fail()
		}
	}
	if s.redeclared(d) {
		return s.fail()
	}
	if d.Init == nil {
		return s.declNoInit(d, t)
	}
	old := s.fr.comptime
	if d.Kind == syntax.KindComptimeVar {
		s.fr.comptime = true
	}
	x := s.expr(d.Init, t)
	s.fr.comptime = old
	if t != nil {
		x = s.coerce(d.Init.Pos(), x, t)
	}
	if x.ok() && x.T == s.undefined {
		x = s.errCure(d.NamePos, EUndefined, "write the type: var x: T = undefined", "'%s' has no type", d.Name)
	}
	if !x.ok() {
		s.declare(local{name: d.Name, kind: locOp, T: s.bad, op: &Operand{T: s.bad}})
		return s.fail()
	}
	switch {
	case d.Kind == syntax.KindComptimeVar || d.Kind == syntax.KindVar && s.ct():
		c := s.declComptimeVar(d, x)
		if t == s.cstruct && c == ctlNext {
			s.locs[len(s.locs)-1].T = t
		}
		return c
	case d.Kind == syntax.KindVar:
		return s.declVar(d, x)
	}
	s.declConst(d, x)
	return ctlNext
}

// redeclared reports a name that is already in use in the same function.
func (s *sema) redeclared(d *syntax.VarDecl) bool {
	if l := s.lookup(d.Name); l != nil && l.pos != d.NamePos {
		s.errAt(d.NamePos, EDuplicate, "rename one of them", "'%s' is already declared in this function", d.Name)
		return true
	}
	return false
}

func (s *sema) declComptimeVar(d *syntax.VarDecl, x Operand) ctl {
	if !x.isConst() {
		s.errAt(d.NamePos, EComptime, "", "the value of comptime variable '%s' is not known at compile time", d.Name)
		return s.fail()
	}
	s.declare(local{name: d.Name, kind: locVar, mut: true, T: x.T, val: share(x.V), depth: s.fr.rtDepth, pos: d.NamePos})
	return ctlNext
}

func (s *sema) declNoInit(d *syntax.VarDecl, t *Type) ctl {
	if d.Kind == syntax.KindConst || t == nil {
		s.errAt(d.NamePos, EUndefined, "give it a value", "'%s' has no value", d.Name)
		return s.fail()
	}
	if s.ct() || d.Kind == syntax.KindComptimeVar {
		s.declare(local{name: d.Name, kind: locVar, mut: true, T: t, val: Value{T: t, P: undef{}}, depth: s.fr.rtDepth, pos: d.NamePos})
		return ctlNext
	}
	if t.words < 0 {
		s.comptimeOnlyVar(d, t)
		return ctlNext
	}
	s.newVar(d, t)
	return ctlNext
}

func (s *sema) comptimeOnlyVar(d *syntax.VarDecl, t *Type) {
	s.errAt(d.NamePos, ERuntime, "give it a type of fixed width such as i16 or f32, or make it const or comptime var",
		"variable '%s' has type '%s', whose values exist only at compile time", d.Name, t)
	s.declare(local{name: d.Name, kind: locOp, T: s.bad, op: &Operand{T: s.bad}, pos: d.NamePos})
}

// checkHalf reports variables of a 16-bit format other than that of the program:
// the core computes in one format only.
func (s *sema) checkHalf(d *syntax.VarDecl, t *Type) {
	if e := leaf(t); e.kind == KFloat && e.bits == 16 && e != s.fp16 {
		s.errAt(d.NamePos, ERuntime, "use @fp16(), or compile with --fp16-format="+e.str,
			"variable '%s' has type '%s', but the program computes in '%s'", d.Name, t, s.fp16)
	}
}

// newVar makes a run-time variable: in a register unless it is an aggregate or
// its address is taken.
func (s *sema) newVar(d *syntax.VarDecl, t *Type) place {
	fn := s.fr.fn
	s.checkHalf(d, t)
	if t.isAggregate() || fn.taken[d.Name] {
		i := fn.newMem(d.Name, t)
		if d.Align != nil {
			fn.air.Locals[i].Align = max(fn.air.Locals[i].Align, s.alignment(d.Align))
		}
		s.declare(local{name: d.Name, kind: locMem, mut: true, T: t, idx: i, pos: d.NamePos})
		return place{k: placeMem, T: t, X: &air.LocalAddr{Local: i}, local: true}
	}
	i := fn.newLocal(d.Name, t.scalarRep())
	s.declare(local{name: d.Name, kind: locReg, mut: true, T: t, idx: i, pos: d.NamePos})
	return place{k: placeReg, T: t, idx: i}
}

func (s *sema) declVar(d *syntax.VarDecl, x Operand) ctl {
	if x.T.comptimeOnly() || x.T.words < 0 {
		s.comptimeOnlyVar(d, x.T)
		return ctlNext
	}
	pl := s.newVar(d, x.T)
	s.storeTo(d.NamePos, pl, x)
	return ctlNext
}

// declConst binds a constant: to its value where that is known, else to a copy
// made at this point.
func (s *sema) declConst(d *syntax.VarDecl, x Operand) {
	switch x.M {
	case modeRun:
		if x.T.kind == KVoid {
			s.evalFor(d.NamePos, x)
			x = s.voidOp()
			break
		}
		fn := s.fr.fn
		i := fn.newLocal(d.Name, x.T.scalarRep())
		s.emit(&air.SetLocal{Src: s.src(d.NamePos), Local: i, X: x.X})
		if fn.taken[d.Name] {
			break
		}
		s.declare(local{name: d.Name, kind: locReg, T: x.T, idx: i, pos: d.NamePos})
		return
	case modeMem:
		i := s.fr.fn.newMem(d.Name, x.T)
		s.storeTo(d.NamePos, place{k: placeMem, T: x.T, X: &air.LocalAddr{Local: i}}, x)
		s.declare(local{name: d.Name, kind: locMem, T: x.T, idx: i, pos: d.NamePos})
		return
	case modeParts:
		if x.T.kind == KArray || fn(s).taken[d.Name] && x.T.words >= 0 {
			i := s.fr.fn.newMem(d.Name, x.T)
			s.storeTo(d.NamePos, place{k: placeMem, T: x.T, X: &air.LocalAddr{Local: i}}, x)
			s.declare(local{name: d.Name, kind: locMem, T: x.T, idx: i, pos: d.NamePos})
			return
		}
		x = s.temp(d.NamePos, x)
	}
	if x.M == modeRun { // its address is taken: keep it in memory
		i := s.fr.fn.newMem(d.Name, x.T)
		s.storeTo(d.NamePos, place{k: placeMem, T: x.T, X: &air.LocalAddr{Local: i}}, x)
		s.declare(local{name: d.Name, kind: locMem, T: x.T, idx: i, pos: d.NamePos})
		return
	}
	s.bindConst(d.Name, d.NamePos, x)
}

func fn(s *sema) *instance { return s.fr.fn }
