package sema

import (
	"wafer/internal/csl/air"
	"wafer/internal/csl/syntax"
	"wafer/internal/image"
)

func (s *sema) while(st *syntax.While) ctl {
	if s.ct() || st.Inline {
		return s.whileNow(st)
	}
	return s.whileCode(st)
}

// whileNow runs a loop at compile time, or unrolls an inline one.
func (s *sema) whileNow(st *syntax.While) ctl {
	t := &target{label: st.Label, loop: true, depth: s.fr.rtDepth, id: s.newID()}
	return s.inTarget(st.Pos(), t, func() ctl {
		for n := 1; ; n++ {
			s.loopTurn(st.Pos(), n)
			c := s.coerceBool(st.Cond.Pos(), s.expr(st.Cond, s.boolean))
			if !c.ok() {
				return ctlFail
			}
			if !c.isConst() {
				s.errAt(st.Cond.Pos(), EComptime, "remove 'inline', or use comptime variables", "the condition of an inline loop must be known at compile time")
				return ctlFail
			}
			if c.V.I == 0 {
				return ctlNext
			}
			if c := s.turn(st.Pos(), t, func() ctl { return s.block(st.Body) }); c != ctlNext {
				return c
			}
			if st.Post != nil {
				if c := s.stmt(st.Post); c != ctlNext {
					return c
				}
			}
		}
	})
}

// turn runs or emits one turn of an unrolled loop. ctlNext means: go on.
func (s *sema) turn(p syntax.Pos, t *target, body func() ctl) ctl {
	var c ctl
	if s.ct() {
		c = body()
	} else {
		t.next, t.usedNext = s.newID(), false
		stmts := s.collect(func() { c = body() })
		if t.usedNext {
			s.emit(&air.Block{Src: s.src(p), ID: t.next, Body: stmts})
		} else {
			*s.fr.fn.out = append(*s.fr.fn.out, stmts...)
		}
		if c == ctlDead && t.usedNext {
			return ctlNext
		}
	}
	if c == ctlContinue && s.brk == t {
		return ctlNext
	}
	return c
}

func (s *sema) whileCode(st *syntax.While) ctl {
	s.checkLabel(st.Pos(), st.Label)
	t := &target{label: st.Label, loop: true, run: true, depth: s.fr.rtDepth + 1, id: s.newID()}
	w := &air.While{Src: s.src(st.Pos()), ID: t.id}
	s.fr.rtDepth++
	defer func() { s.fr.rtDepth-- }()
	var c Operand
	pre := s.collect(func() { c = s.coerceBool(st.Cond.Pos(), s.expr(st.Cond, s.boolean)) })
	if !c.ok() {
		c = constOp(s.boolVal(true)) // go on and check the body
	}
	forever := false
	if c.isConst() {
		if c.V.I == 0 {
			return ctlNext
		}
		forever = true
	}
	s.enter(t)
	w.Body = s.collect(func() { s.block(st.Body) })
	s.leave()
	if st.Post != nil {
		w.Post = s.collect(func() { s.stmt(st.Post) })
	}
	switch {
	case forever:
	case len(pre) == 0:
		w.C = c.X
	default: // the condition needs statements: test inside the loop
		test := &air.If{Src: w.Src, C: c.X, Else: []air.Stmt{&air.Break{Src: w.Src, ID: t.id}}}
		w.Body = append(append(pre, test), w.Body...)
	}
	s.emit(w)
	if forever && !t.used {
		return ctlDead
	}
	return ctlNext
}

func (s *sema) forLoop(st *syntax.For) ctl {
	over := s.placeOf(st.Over)
	if over.k == placeBad {
		return s.fail()
	}
	if over.T.kind == KPtr && !over.T.many && over.T.elem.kind == KArray {
		if over = s.derefPlace(st.Over.Pos(), s.load(over)); over.k == placeBad {
			return s.fail()
		}
	}
	tuple := over.T.kind == KTuple && over.T.names == nil
	if tuple && !s.ct() && !st.Inline {
		s.errAt(st.Over.Pos(), EType, "write inline for", "the elements of a tuple have types of their own: only an inline loop can go over them")
		return s.fail()
	}
	if over.T.kind != KRange && over.T.kind != KArray && !tuple {
		s.errAt(st.Over.Pos(), EType, "use @range(T, n) to count", "for needs an array or a range, not %s", over.T)
		return s.fail()
	}
	if s.ct() || st.Inline {
		return s.forNow(st, over)
	}
	if over.T.kind == KRange {
		return s.forRange(st, s.load(over))
	}
	return s.forArray(st, over)
}

// idxVal is the value of the index variable of a loop at compile time.
func (s *sema) idxVal(i int64) Value {
	if i > 0xffff {
		return intVal(s.cint, i)
	}
	return intVal(s.u16, i)
}

func (s *sema) forNow(st *syntax.For, over place) ctl {
	t := &target{label: st.Label, loop: true, depth: s.fr.rtDepth, id: s.newID()}
	turn := func(i int64, elem Operand) ctl {
		s.loopTurn(st.Pos(), int(i))
		return s.turn(st.Pos(), t, func() ctl {
			mark := s.scopeMark()
			if st.Elem != "" && st.Elem != "_" {
				s.bindConst(st.Elem, st.ElemPos, elem)
			}
			if st.Idx != "" && st.Idx != "_" {
				s.bindConst(st.Idx, st.IdxPos, constOp(s.idxVal(i)))
			}
			c := s.block(st.Body)
			s.scopeEnd(mark)
			return c
		})
	}
	return s.inTarget(st.Pos(), t, func() ctl {
		if over.T.kind == KArray {
			for i := range over.T.count() {
				e := s.elemPlace(over, i)
				x := s.load(e)
				if s.ct() && !x.isConst() {
					s.errAt(st.Over.Pos(), EComptime, "", "the elements are not known at compile time")
					return ctlFail
				}
				if c := turn(int64(i), x); c != ctlNext {
					return c
				}
			}
			return ctlNext
		}
		if over.T.kind == KTuple {
			for i := range over.T.fields {
				if c := turn(int64(i), s.load(s.sub(st.Over.Pos(), over, i))); c != ctlNext {
					return c
				}
			}
			return ctlNext
		}
		r := over.op
		if !r.isConst() {
			s.errAt(st.Over.Pos(), EComptime, "remove 'inline'", "the range of an inline loop must be known at compile time")
			return ctlFail
		}
		v := r.V.P.(*structVal).vals
		at, stop, step := v[0].I, v[1].I, v[2].I
		for i := int64(0); step > 0 && at < stop || step < 0 && at > stop; i++ {
			if c := turn(i, constOp(intVal(over.T.elem, at))); c != ctlNext {
				return c
			}
			at += step
		}
		return ctlNext
	})
}

// elemPlace is element i of an array, counted through all dimensions.
func (s *sema) elemPlace(over place, i int) place {
	if over.k == placeVal && over.op.isConst() {
		return s.knownElem(over, i)
	}
	if over.k == placeVal {
		return s.valPlace(over.op.Parts[i])
	}
	e := s.shifted(over, i*over.T.elem.words, over.T.elem)
	e.mut = false
	return e
}

// rangeParts gives start, stop and step as operands.
func (s *sema) rangeParts(r Operand) (start, stop, step Operand) {
	if r.isConst() {
		v := r.V.P.(*structVal).vals
		return constOp(v[0]), constOp(v[1]), constOp(v[2])
	}
	return r.Parts[0], r.Parts[1], r.Parts[2]
}

// runInt gives loop counters a machine type: comptime_int counts in i16 or wider.
func (s *sema) runInt(t *Type, xs ...Operand) *Type {
	if t.kind != KComptimeInt {
		return t
	}
	for _, c := range []*Type{s.i16, s.u16, s.i32, s.u32, s.i64} {
		all := true
		for _, x := range xs {
			all = all && x.isConst() && fits(x.V, c)
		}
		if all {
			return c
		}
	}
	return s.i64
}

// forRange emits a counting loop.
func (s *sema) forRange(st *syntax.For, r Operand) ctl {
	start, stop, step := s.rangeParts(r)
	p := st.Pos()
	t := s.runInt(r.T.elem, start, stop, step)
	start, stop, step = s.coerce(p, start, t), s.coerce(p, stop, t), s.coerce(p, step, t)
	if isBad(&start, &stop, &step) {
		return ctlNext
	}
	if !stop.isConst() {
		stop = s.temp(p, stop)
	}
	if !step.isConst() {
		step = s.temp(p, step)
	}
	fn := s.fr.fn
	at := fn.newLocal(st.Elem, t.scalarRep())
	cur := runOp(t, &air.GetLocal{Local: at, Rep: t.scalarRep()})
	s.emit(&air.SetLocal{Src: s.src(p), Local: at, X: s.code(p, start)})
	next := s.binop(p, syntax.Add, cur, step)
	post := []air.Stmt{&air.SetLocal{Src: s.src(p), Local: at, X: s.code(p, next)}}
	elem := local{name: st.Elem, kind: locReg, T: t, idx: at, pos: st.ElemPos}
	cond := s.rangeCond(p, cur, stop, step)
	if s.overflows(t, start, stop, step) {
		// Counting one step past the end would wrap: leave before it.
		last := s.foldLast(start, stop, step)
		test := s.binop(p, syntax.Eq, cur, constOp(intVal(t, last)))
		post = append([]air.Stmt{&air.If{Src: s.src(p), C: s.code(p, test), Then: []air.Stmt{&air.Break{Src: s.src(p), ID: fn.ids + 1}}}}, post...)
		cond = nil
	}
	return s.countedLoop(st, cond, elem, post)
}

func (s *sema) rangeCond(p syntax.Pos, cur, stop, step Operand) air.Expr {
	up := func() air.Expr { x := s.binop(p, syntax.Lt, cur, stop); return s.code(p, x) }
	down := func() air.Expr { x := s.binop(p, syntax.Gt, cur, stop); return s.code(p, x) }
	if step.isConst() {
		if step.V.I > 0 {
			return up()
		}
		return down()
	}
	if !step.T.signed {
		return up()
	}
	pos := s.binop(p, syntax.Gt, step, constOp(intVal(step.T, 0)))
	return &air.Cond{C: s.code(p, pos), A: up(), B: down()}
}

// overflows reports a known range whose end lies less than a step from the end of
// the type, and which is not empty.
func (s *sema) overflows(t *Type, start, stop, step Operand) bool {
	if !start.isConst() || !stop.isConst() || !step.isConst() || t.bits >= 64 {
		return false
	}
	a, b, d := start.V.I, stop.V.I, step.V.I
	if d > 0 && a >= b || d < 0 && a <= b {
		return false
	}
	lo, hi := t.intRange()
	end := s.foldLast(start, stop, step) + d
	return end > hi || end < lo
}

func (s *sema) foldLast(start, stop, step Operand) int64 {
	a, b, d := start.V.I, stop.V.I, step.V.I
	if d > 0 {
		return a + (b-1-a)/d*d
	}
	return a + (a-b-1)/-d*d
}

// countedLoop emits the loop around the body with its element and index names.
func (s *sema) countedLoop(st *syntax.For, cond air.Expr, elem local, post []air.Stmt) ctl {
	s.checkLabel(st.Pos(), st.Label)
	fn, src := s.fr.fn, s.src(st.Pos())
	t := &target{label: st.Label, loop: true, run: true, depth: s.fr.rtDepth + 1, id: s.newID()}
	mark := s.scopeMark()
	if st.Elem != "" && st.Elem != "_" {
		s.declare(elem)
	}
	if st.Idx != "" && st.Idx != "_" {
		i := fn.newLocal(st.Idx, image.U16)
		s.emit(&air.SetLocal{Src: src, Local: i, X: constU16(0)})
		post = append(post, &air.SetLocal{Src: src, Local: i, X: offset(&air.GetLocal{Local: i, Rep: image.U16}, 1)})
		s.declare(local{name: st.Idx, kind: locReg, T: s.u16, idx: i, pos: st.IdxPos})
	}
	w := &air.While{Src: src, ID: t.id, C: cond, Post: post}
	s.enter(t)
	s.fr.rtDepth++
	w.Body = s.collect(func() { s.block(st.Body) })
	s.fr.rtDepth--
	s.leave()
	s.scopeEnd(mark)
	s.emit(w)
	return ctlNext
}

// forArray emits a loop over the elements of an array, through its address.
func (s *sema) forArray(st *syntax.For, over place) ctl {
	p := st.Pos()
	over = s.inMemory(p, over)
	if over.k == placeBad {
		return ctlNext
	}
	fn, src := s.fr.fn, s.src(p)
	elem := over.T.elem
	n := over.T.count()
	if n == 0 {
		return ctlNext
	}
	at, end := fn.newLocal("", image.U16), fn.newLocal("", image.U16)
	get := func(i int) air.Expr { return &air.GetLocal{Local: i, Rep: image.U16} }
	s.emit(&air.SetLocal{Src: src, Local: at, X: s.addr(over)})
	s.emit(&air.SetLocal{Src: src, Local: end, X: offset(get(at), n*elem.words)})
	cond := &air.Bin{Op: image.OpNe, Rep: image.U16, X: get(at), Y: get(end)}
	post := []air.Stmt{&air.SetLocal{Src: src, Local: at, X: offset(get(at), elem.words)}}
	x := s.load(place{k: placeMem, T: elem, X: get(at)})
	op := x
	l := local{name: st.Elem, kind: locOp, T: elem, op: &op, pos: st.ElemPos}
	if x.M != modeRun {
		return s.countedLoop(st, cond, l, post)
	}
	// The element is read once, at the start of the turn.
	i := fn.newLocal(st.Elem, elem.scalarRep())
	l = local{name: st.Elem, kind: locReg, T: elem, idx: i, pos: st.ElemPos}
	c := s.countedLoop(st, cond, l, post)
	if list := *fn.out; len(list) > 0 && st.Elem != "" && st.Elem != "_" {
		if w, ok := list[len(list)-1].(*air.While); ok {
			w.Body = append([]air.Stmt{&air.SetLocal{Src: src, Local: i, X: x.X}}, w.Body...)
		}
	}
	return c
}
