package sema

import (
	"wafer/internal/csl/air"
	"wafer/internal/csl/syntax"
	"wafer/internal/image"
)

// assign is LHS = RHS, LHS op= RHS and _ = RHS.
func (s *sema) assign(st *syntax.Assign) ctl {
	if st.LHS == nil {
		x := s.expr(st.RHS, nil)
		if !x.ok() {
			return s.fail()
		}
		s.evalFor(st.Pos(), x)
		return ctlNext
	}
	if l := s.rootLocal(st.LHS); l != nil && l.kind == locVar || s.ct() {
		return s.assignNow(st, l)
	}
	return s.assignCode(st)
}

// rootLocal is the local variable that a place is in, nil if it is in none or
// behind a pointer.
func (s *sema) rootLocal(e syntax.Expr) *local {
	for {
		switch x := e.(type) {
		case *syntax.Ident:
			return s.lookup(x.Name)
		case *syntax.Field:
			e = x.X
		case *syntax.Index:
			e = x.X
		case *syntax.Deref:
			e = x.X
		case *syntax.Builtin:
			if x.Name != "field" || len(x.Args) == 0 {
				return nil
			}
			e = x.Args[0]
		default:
			return nil
		}
	}
}

// assignNow assigns a comptime variable.
func (s *sema) assignNow(st *syntax.Assign, l *local) ctl {
	if l != nil && l.kind == locVar && l.depth != s.fr.rtDepth && !s.ct() {
		s.errAt(st.Pos(), EComptime, "make it a run-time variable",
			"comptime variable '%s' cannot be assigned where the run time decides whether that happens", l.name)
		return s.fail()
	}
	var want *Type
	if t := s.lvalType(st.LHS); t != nil {
		want = t
	}
	x := s.expr(st.RHS, want)
	if !x.ok() {
		return s.fail()
	}
	if !x.isConst() {
		s.errAt(st.RHS.Pos(), EComptime, "", "the value assigned to a comptime variable must be known at compile time")
		return s.fail()
	}
	dst := s.lval(st.LHS)
	if dst == nil {
		return s.fail()
	}
	if st.Op != syntax.OpNone {
		if x = s.binop(st.Pos(), st.Op, constOp(*dst), x); !x.ok() {
			return s.fail()
		}
	}
	// A comptime_struct variable may change its shape, all others keep their type.
	if _, whole := st.LHS.(*syntax.Ident); !whole || l == nil || l.T != s.cstruct || x.T.kind != KTuple {
		if x = s.coerce(st.RHS.Pos(), x, dst.T); !x.ok() {
			return s.fail()
		}
	}
	*dst = share(x.V)
	return ctlNext
}

// lvalType is the type of a simple comptime variable, to steer its new value.
func (s *sema) lvalType(e syntax.Expr) *Type {
	if id, ok := e.(*syntax.Ident); ok {
		if l := s.lookup(id.Name); l != nil && l.kind == locVar {
			return l.T
		}
	}
	return nil
}

// lval finds the storage of a comptime variable or a part of it, ready to be
// written to.
func (s *sema) lval(e syntax.Expr) *Value {
	switch e := e.(type) {
	case *syntax.Ident:
		return s.lvalIdent(e)
	case *syntax.Field:
		return s.lvalField(e.Pos(), s.lval(e.X), e.Name)
	case *syntax.Index:
		return s.lvalIndex(e)
	case *syntax.Deref:
		return s.lvalDeref(e)
	case *syntax.Builtin:
		if e.Name == "field" && len(e.Args) == 2 {
			n := s.constOf(e.Args[1], s.str)
			if !n.ok() {
				return nil
			}
			return s.lvalField(e.Pos(), s.lval(e.Args[0]), n.V.str())
		}
	}
	s.errAt(e.Pos(), EConst, "", "this cannot be assigned")
	return nil
}

func (s *sema) lvalIdent(e *syntax.Ident) *Value {
	l := s.lookup(e.Name)
	if l == nil {
		if _, ok := s.fr.mod.file.index[e.Name]; ok {
			s.errAt(e.Pos(), EConst, "return the value instead", "global '%s' cannot be assigned at compile time", e.Name)
		} else {
			s.undeclared(e)
		}
		return nil
	}
	if l.kind != locVar {
		s.errAt(e.Pos(), EConst, "declare it with var", "'%s' cannot be assigned: it is constant here", e.Name)
		return nil
	}
	v := &l.val
	if l.cell != nil {
		v = &l.cell.v
	}
	*v = unshare(*v)
	return v
}

// known gives an undefined aggregate the shape that its parts can be put into.
func (s *sema) shaped(v *Value) {
	if !v.isUndef() {
		return
	}
	t := v.T
	switch t.kind {
	case KArray:
		*v = Value{T: t, P: &arrayVal{n: t.count(), fill: Value{T: t.elem, P: undef{}}}}
	case KStruct, KTuple, KUnion:
		vals := make([]Value, len(t.fields))
		for i, f := range t.fields {
			vals[i] = Value{T: f.t, P: undef{}}
		}
		*v = Value{T: t, P: &structVal{vals: vals}}
	}
}

func (s *sema) lvalField(p syntax.Pos, v *Value, name string) *Value {
	if v == nil {
		return nil
	}
	if !v.T.isStruct() {
		s.errAt(p, EField, "", "type '%s' has no fields", v.T)
		return nil
	}
	s.shaped(v)
	i, ok := v.T.names[name]
	if !ok {
		s.noField(p, v.T, name)
		return nil
	}
	sv := v.P.(*structVal)
	if v.T.kind == KUnion && sv.active != i {
		s.errAt(p, EUnion, "assign a new value to the whole union", "variant '%s' of the union is not active", name)
		return nil
	}
	sv.vals[i] = unshare(sv.vals[i])
	return &sv.vals[i]
}

func (s *sema) lvalIndex(e *syntax.Index) *Value {
	idx := make([]Operand, len(e.Indices))
	for i, a := range e.Indices {
		if idx[i] = s.constOf(a, nil); !idx[i].ok() {
			return nil
		}
	}
	v := s.lval(e.X)
	for len(idx) > 0 && v != nil {
		s.shaped(v)
		switch v.T.kind {
		case KArray:
			n := len(v.T.dims)
			if len(idx) < n {
				s.errAt(e.Pos(), EIndex, "", "'%s' needs %d indices, not %d", v.T, n, len(idx))
				return nil
			}
			at, _, ok := s.flat(e, v.T, idx[:n])
			if !ok {
				return nil
			}
			elems := v.P.(*arrayVal).open()
			elems[at] = unshare(elems[at])
			v, idx = &elems[at], idx[n:]
		case KTuple:
			if !s.indexInt(e.Pos(), &idx[0]) {
				return nil
			}
			sv := v.P.(*structVal)
			i := idx[0].V.I
			if i < 0 || i >= int64(len(sv.vals)) {
				s.errAt(e.Pos(), EBounds, "", "index %d is out of bounds: the tuple has %d elements", i, len(sv.vals))
				return nil
			}
			v, idx = &sv.vals[i], idx[1:]
		case KPtr:
			v = s.throughPointer(e.Pos(), *v)
		default:
			s.errAt(e.Pos(), EIndex, "", "type '%s' cannot be indexed", v.T)
			return nil
		}
	}
	return v
}

func (s *sema) lvalDeref(e *syntax.Deref) *Value {
	x := s.constOf(e.X, nil)
	if !x.ok() {
		return nil
	}
	if x.T.kind != KPtr {
		s.errAt(e.Pos(), EDeref, "", "'%s' is not a pointer", x.T)
		return nil
	}
	return s.throughPointer(e.Pos(), x.V)
}

// throughPointer is the storage of a comptime variable whose address is v.
func (s *sema) throughPointer(p syntax.Pos, v Value) *Value {
	q, ok := v.P.(*ptrVal)
	if !ok || q.cell == nil {
		s.errAt(p, EComptime, "", "memory of the core cannot be written at compile time")
		return nil
	}
	dst := &q.cell.v
	*dst = unshare(*dst)
	at := q.off
	for dst.T != v.T.elem && !(v.T.many && at == 0 && dst.T.kind == KArray) {
		s.shaped(dst)
		switch o := dst.P.(type) {
		case *arrayVal:
			w := max(dst.T.elem.words, 1)
			if at/w >= o.n {
				s.errAt(p, EBounds, "", "the pointer is out of bounds")
				return nil
			}
			elems := o.open()
			dst, at = &elems[at/w], at%w
		case *structVal:
			i := fieldAt(dst.T, at)
			if i < 0 {
				return nil
			}
			at -= dst.T.fields[i].off
			dst = &o.vals[i]
		default:
			s.errAt(p, EDeref, "", "the pointer does not point to a '%s'", v.T.elem)
			return nil
		}
		*dst = unshare(*dst)
	}
	return dst
}

// assignCode emits an assignment.
func (s *sema) assignCode(st *syntax.Assign) ctl {
	pl := s.placeOf(st.LHS)
	if pl.k == placeBad {
		s.expr(st.RHS, nil)
		return ctlNext
	}
	if !s.assignable(st.LHS, &pl) {
		return ctlNext
	}
	x := s.expr(st.RHS, pl.T)
	if !x.ok() {
		return ctlNext
	}
	if st.Op != syntax.OpNone {
		pl = s.once(st.Pos(), pl)
		old := s.load(pl)
		if x = s.binop(st.Pos(), st.Op, old, x); !x.ok() {
			return ctlNext
		}
	}
	if x = s.coerce(st.RHS.Pos(), x, pl.T); x.ok() {
		if x.M == modeParts { // p = .{ .x = p.y, .y = p.x } reads all before it writes
			x = s.temp(st.Pos(), x)
		}
		s.storeTo(st.Pos(), pl, x)
	}
	return ctlNext
}

func (s *sema) assignable(e syntax.Expr, pl *place) bool {
	switch {
	case pl.k == placeVal:
		s.errAt(e.Pos(), EConst, "declare it with var", "%s cannot be assigned: it is a constant", s.quote(e))
		return false
	case !pl.mut:
		s.errAt(e.Pos(), EConst, "declare the variable, or the pointer's target, without const",
			"%s cannot be assigned: it is constant", s.quote(e))
		return false
	}
	return true
}

func (s *sema) quote(e syntax.Expr) string {
	if t := s.text(e); t != "this" {
		return "'" + t + "'"
	}
	return "this"
}

// once makes sure that a computed address is computed one time only.
func (s *sema) once(p syntax.Pos, pl place) place {
	if pl.k != placeMem || pl.X == nil {
		return pl
	}
	switch pl.X.(type) {
	case *air.GlobalAddr, *air.LocalAddr, *air.GetLocal, *air.Const:
		return pl
	}
	i := s.fr.fn.newLocal("", image.U16)
	s.emit(&air.SetLocal{Src: s.src(p), Local: i, X: pl.X})
	pl.X = &air.GetLocal{Local: i, Rep: image.U16}
	return pl
}

// inlineStores is how many scalars of a constant are stored one by one; more are
// copied from a constant in memory or stored by a loop.
const inlineStores = 4

// storeTo emits the store of x, which has the place's type, to a place.
func (s *sema) storeTo(p syntax.Pos, pl place, x Operand) {
	if x.isConst() && x.V.isUndef() {
		return
	}
	switch pl.k {
	case placeReg:
		if c := s.code(p, x); c != nil {
			s.emit(&air.SetLocal{Src: s.src(p), Local: pl.idx, X: c})
		}
		return
	case placeBits:
		s.storeBits(p, pl, x)
		return
	}
	if !pl.T.isAggregate() {
		if pl.T.scalarRep() == image.Void {
			return
		}
		if c := s.code(p, x); c != nil {
			a, off := s.base(pl)
			s.emit(&air.Store{Src: s.src(p), Rep: pl.T.scalarRep(), Addr: a, Off: off, X: c})
		}
		return
	}
	switch x.M {
	case modeParts:
		s.storeParts(p, pl, x)
	case modeMem:
		s.emit(&air.Copy{Src: s.src(p), Dst: s.addr(pl), From: offset(x.X, x.Off), Words: pl.T.words})
	case modeConst:
		s.storeConst(p, pl, x)
	}
}

func (s *sema) storeParts(p syntax.Pos, pl place, x Operand) {
	if x.T.kind == KArray {
		for i := range x.Parts {
			e := s.shifted(pl, i*x.T.elem.words, x.T.elem)
			s.storeTo(p, e, x.Parts[i])
		}
		return
	}
	if x.T.kind == KUnion {
		s.storeTo(p, s.shifted(pl, 0, x.T.fields[x.Off].t), x.Parts[x.Off])
		return
	}
	for i, f := range x.T.fields {
		s.storeTo(p, s.shifted(pl, f.off, f.t), x.Parts[i])
	}
}

// shifted is the place of type t that lies words further on.
func (s *sema) shifted(pl place, words int, t *Type) place {
	if pl.ptr != nil {
		return place{k: placeMem, T: t, mut: pl.mut, ptr: &ptrVal{g: pl.ptr.g, cell: pl.ptr.cell, off: pl.ptr.off + words}}
	}
	return place{k: placeMem, T: t, mut: pl.mut, X: pl.X, off: pl.off + words}
}

func (s *sema) storeConst(p syntax.Pos, pl place, x Operand) {
	switch v := x.V.P.(type) {
	case *arrayVal:
		if v.elems == nil && v.n > inlineStores && !x.T.elem.isAggregate() && !v.fill.isUndef() {
			s.fillLoop(p, pl, v)
			return
		}
		if v.elems == nil && v.fill.isUndef() {
			return
		}
		if v.n <= inlineStores {
			for i := range v.n {
				s.storeTo(p, s.shifted(pl, i*x.T.elem.words, x.T.elem), constOp(v.at(i)))
			}
			return
		}
	case *structVal:
		if x.T.kind == KUnion {
			s.storeTo(p, s.shifted(pl, 0, x.T.fields[v.active].t), constOp(v.vals[v.active]))
			return
		}
		if len(v.vals) <= inlineStores {
			for i, f := range x.T.fields {
				s.storeTo(p, s.shifted(pl, f.off, f.t), constOp(v.vals[i]))
			}
			return
		}
	}
	g := s.prog.constant(s, x.V)
	s.emit(&air.Copy{Src: s.src(p), Dst: s.addr(pl), From: &air.GlobalAddr{Global: s.prog.use(s, g)}, Words: pl.T.words})
}

// fillLoop stores one value to all elements of an array.
func (s *sema) fillLoop(p syntax.Pos, pl place, v *arrayVal) {
	fn, src := s.fr.fn, s.src(p)
	c := s.constCode(p, v.fill)
	if c == nil {
		return
	}
	w := pl.T.elem.words
	at := fn.newLocal("", image.U16)
	end := fn.newLocal("", image.U16)
	get := func(i int) air.Expr { return &air.GetLocal{Local: i, Rep: image.U16} }
	s.emit(&air.SetLocal{Src: src, Local: at, X: s.addr(pl)})
	s.emit(&air.SetLocal{Src: src, Local: end, X: offset(get(at), w*v.n)})
	s.emit(&air.While{
		Src: src, ID: s.newID(),
		C:    &air.Bin{Op: image.OpNe, Rep: image.U16, X: get(at), Y: get(end)},
		Body: []air.Stmt{&air.Store{Src: src, Rep: pl.T.elem.scalarRep(), Addr: get(at), X: c}},
		Post: []air.Stmt{&air.SetLocal{Src: src, Local: at, X: offset(get(at), w)}},
	})
}
