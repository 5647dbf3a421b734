package sema

import (
	"wafer/internal/csl/air"
	"wafer/internal/csl/syntax"
	"wafer/internal/image"
)

func (s *sema) indexPlace(e *syntax.Index) place {
	base := s.placeOf(e.X)
	if base.k == placeBad {
		return base
	}
	idx := make([]Operand, 0, 4)
	for _, a := range e.Indices {
		x := s.expr(a, nil)
		if !x.ok() {
			return s.badPlace()
		}
		idx = append(idx, x)
	}
	return s.indexWith(e, base, idx)
}

// indexWith applies the indices; arrays of arrays take them one after the other.
func (s *sema) indexWith(e *syntax.Index, base place, idx []Operand) place {
	for len(idx) > 0 && base.k != placeBad {
		n := 1
		switch {
		case base.T.kind == KPtr && base.T.many:
			base = s.indexPointer(e, base, &idx[0])
		case base.T.kind == KPtr && base.T.elem.kind == KArray:
			base = s.derefPlace(e.Pos(), s.load(base))
			n = 0
		case base.T.kind == KTuple:
			base = s.indexTuple(e, base, &idx[0])
		case base.T.kind == KArray:
			n = len(base.T.dims)
			if len(idx) < n {
				s.errAt(e.Pos(), EIndex, "", "'%s' needs %d indices, not %d", base.T, n, len(idx))
				return s.badPlace()
			}
			base = s.indexArray(e, base, idx[:n])
		default:
			s.errAt(e.Pos(), EIndex, "", "type '%s' cannot be indexed", base.T)
			return s.badPlace()
		}
		idx = idx[n:]
	}
	return base
}

// indexInt checks that an index is an integer; enums and handles are not.
func (s *sema) indexInt(p syntax.Pos, x *Operand) bool {
	if x.T.isIntLike() {
		return true
	}
	s.errAt(p, EIndex, "", "an index must be an integer, not '%s'", x.T)
	return false
}

func (s *sema) indexTuple(e *syntax.Index, base place, x *Operand) place {
	if !s.indexInt(e.Pos(), x) {
		return s.badPlace()
	}
	if !x.isConst() {
		s.errAt(e.Pos(), EComptime, "use an array, or a comptime index", "the index of a tuple must be known at compile time")
		return s.badPlace()
	}
	if base.T.names != nil {
		s.errAt(e.Pos(), EIndex, "name the field", "a struct with field names cannot be indexed")
		return s.badPlace()
	}
	if x.V.isBig() || x.V.I < 0 || x.V.I >= int64(len(base.T.fields)) {
		s.errAt(e.Pos(), EBounds, "", "index %s is out of bounds: the tuple has %d elements", s.show(x.V), len(base.T.fields))
		return s.badPlace()
	}
	return s.sub(e.Pos(), base, int(x.V.I))
}

// flat multiplies indices out to the number of an element. known is false if a
// part of it is run-time code, which then is in dyn.
func (s *sema) flat(e *syntax.Index, t *Type, idx []Operand) (at int, dyn air.Expr, ok bool) {
	for i := range idx {
		if !s.indexInt(e.Indices[min(i, len(e.Indices)-1)].Pos(), &idx[i]) {
			return 0, nil, false
		}
		at *= t.dims[i]
		dyn = scale(dyn, t.dims[i])
		if !idx[i].isConst() {
			dyn = addU16(dyn, s.toU16(idx[i]))
			continue
		}
		v := idx[i].V
		if v.isBig() || v.I < 0 || v.I >= int64(t.dims[i]) {
			s.errAt(e.Indices[min(i, len(e.Indices)-1)].Pos(), EBounds, "",
				"index %s is out of bounds: dimension %d of '%s' has %d elements", s.show(v), i, t, t.dims[i])
			return 0, nil, false
		}
		at += int(v.I)
	}
	return at, dyn, true
}

// scale multiplies an address part by a constant.
func scale(x air.Expr, by int) air.Expr {
	switch {
	case x == nil || by == 1:
		return x
	case by > 1 && by&(by-1) == 0:
		n := 0
		for 1<<n < by {
			n++
		}
		return &air.Bin{Op: image.OpShl, Rep: image.U16, X: x, Y: constU16(n)}
	}
	return &air.Bin{Op: image.OpMul, Rep: image.U16, X: x, Y: constU16(by)}
}

func addU16(x, y air.Expr) air.Expr {
	if x == nil {
		return y
	}
	if y == nil {
		return x
	}
	return &air.Bin{Op: image.OpAdd, Rep: image.U16, X: x, Y: y}
}

// toU16 brings a run-time integer to the width of an address.
func (s *sema) toU16(x Operand) air.Expr {
	rep := x.T.scalarRep()
	if rep == image.U16 {
		return x.X
	}
	if rep == image.I16 {
		return &air.Conv{To: image.U16, From: rep, Bits: true, X: x.X}
	}
	return &air.Conv{To: image.U16, From: rep, X: x.X}
}

func (s *sema) indexArray(e *syntax.Index, base place, idx []Operand) place {
	t := base.T
	at, dyn, ok := s.flat(e, t, idx)
	if !ok {
		return s.badPlace()
	}
	if base.k == placeVal && dyn == nil && base.op.isConst() {
		return s.knownElem(base, at)
	}
	if base.k == placeVal && base.op.M == modeParts && dyn == nil {
		return s.valPlace(base.op.Parts[at])
	}
	if s.ct() && dyn == nil && base.ptr != nil {
		base.T = t.elem
		base.ptr = &ptrVal{g: base.ptr.g, cell: base.ptr.cell, off: base.ptr.off + at*t.elem.words}
		return base
	}
	base = s.inMemory(e.Pos(), base)
	if base.k == placeBad {
		return base
	}
	w := t.elem.words
	pl := place{k: placeMem, T: t.elem, mut: base.mut, local: base.local}
	if dyn == nil && base.ptr != nil {
		pl.ptr = &ptrVal{g: base.ptr.g, off: base.ptr.off + at*w}
		return pl
	}
	x, off := s.base(base)
	dyn = scale(dyn, w)
	if dyn != nil {
		x = addU16(offset(x, off), dyn)
		off = 0
	}
	pl.X, pl.off = x, off+at*w
	return pl
}

func (s *sema) knownElem(base place, at int) place {
	t := base.T
	if base.op.V.isUndef() {
		return s.valPlace(constOp(Value{T: t.elem, P: undef{}}))
	}
	pl := s.valPlace(constOp(base.op.V.P.(*arrayVal).at(at)))
	if base.ptr != nil && t.words >= 0 {
		pl.ptr, pl.mut = &ptrVal{g: base.ptr.g, cell: base.ptr.cell, off: base.ptr.off + at*t.elem.words}, base.mut
	}
	return pl
}

// inMemory gives a place with an address to an aggregate value.
func (s *sema) inMemory(p syntax.Pos, pl place) place {
	if pl.k == placeMem {
		return pl
	}
	if s.ct() || s.prog == nil {
		s.errAt(p, EComptime, "", "the index is not known at compile time")
		return s.badPlace()
	}
	if pl.ptr != nil && pl.ptr.g != nil {
		return place{k: placeMem, T: pl.T, ptr: pl.ptr}
	}
	if pl.T.comptimeOnly() {
		s.errAt(p, ERuntime, "give the elements a type of fixed width", "values of type '%s' exist only at compile time", pl.T)
		return s.badPlace()
	}
	if pl.op.isConst() {
		return s.globalPlace(s.prog.constant(s, pl.op.V))
	}
	i := s.fr.fn.newMem("", pl.T)
	s.storeTo(p, place{k: placeMem, T: pl.T, X: &air.LocalAddr{Local: i}}, pl.op)
	return place{k: placeMem, T: pl.T, X: &air.LocalAddr{Local: i}, local: true}
}

// indexPointer is ptr[i] for a pointer to many elements.
func (s *sema) indexPointer(e *syntax.Index, base place, x *Operand) place {
	if !s.indexInt(e.Pos(), x) {
		return s.badPlace()
	}
	p := s.load(base)
	t := p.T
	if t.elem.words <= 0 {
		s.errAt(e.Pos(), EIndex, "cast it with @ptrcast", "a pointer to '%s' cannot be indexed", t.elem)
		return s.badPlace()
	}
	if x.isConst() {
		if x.V.isBig() || x.V.I < -(1<<15) || x.V.I >= 1<<16 {
			s.errAt(e.Pos(), EBounds, "", "index %s is out of bounds", s.show(x.V))
			return s.badPlace()
		}
		at := int(x.V.I) * t.elem.words
		if p.isConst() {
			q, ok := p.V.P.(*ptrVal)
			if !ok {
				s.errAt(e.Pos(), EUndefined, "", "the pointer is undefined")
				return s.badPlace()
			}
			return s.knownPlace(place{
				k: placeMem, T: t.elem, mut: t.isMut, ptr: &ptrVal{g: q.g, cell: q.cell, off: q.off + at},
			})
		}
		return place{k: placeMem, T: t.elem, mut: t.isMut, X: p.X, off: at}
	}
	if s.ct() {
		s.errAt(e.Pos(), EComptime, "", "the index is not known at compile time")
		return s.badPlace()
	}
	px := s.code(e.Pos(), p)
	if px == nil {
		return s.badPlace()
	}
	return place{k: placeMem, T: t.elem, mut: t.isMut, X: addU16(px, scale(s.toU16(*x), t.elem.words))}
}

// noField reports an unknown field and the nearest known one.
func (s *sema) noField(p syntax.Pos, t *Type, name string) {
	cure := ""
	if n := nearest(name, fieldNames(t)); n != "" {
		cure = "did you mean '" + n + "'?"
	}
	s.errAt(p, EField, cure, "'%s' has no field '%s'", t, name)
}
