package sema

import (
	"wafer/internal/csl/air"
	"wafer/internal/csl/syntax"
	"wafer/internal/image"
)

// placeKind says where a place is.
type placeKind uint8

const (
	placeBad  placeKind = iota
	placeVal            // a value without an address
	placeReg            // a register local
	placeMem            // memory at X + off
	placeBits           // bits of an integer in another place: field of a packed struct
)

// place is something that can be read, and perhaps assigned or pointed to.
type place struct {
	k     placeKind
	T     *Type
	mut   bool
	idx   int      // placeReg
	X     air.Expr // placeMem
	off   int
	op    Operand // placeVal
	outer *place  // placeBits
	shift int
	ptr   *ptrVal // comptime-known address, if it is one
	local bool    // in the stack frame of the function
}

func (s *sema) badPlace() place { return place{k: placeBad, T: s.bad} }

// globalPlace is a global in memory. Its number in the program is taken when
// code for it is made.
func (s *sema) globalPlace(g *global) place {
	return place{k: placeMem, T: g.T, mut: g.mut, ptr: &ptrVal{g: g}}
}

// addr gives the address of a memory place as code.
func (s *sema) addr(p place) air.Expr {
	if p.ptr != nil {
		return s.ptrExpr(p.ptr)
	}
	if p.off == 0 {
		return p.X
	}
	return offset(p.X, p.off)
}

// offset adds words to an address, keeping constant addresses constant.
func offset(x air.Expr, words int) air.Expr {
	if words == 0 {
		return x
	}
	switch x := x.(type) {
	case *air.GlobalAddr:
		return &air.GlobalAddr{Global: x.Global, Off: x.Off + words}
	case *air.LocalAddr:
		return &air.LocalAddr{Local: x.Local, Off: x.Off + words}
	case *air.Const:
		return &air.Const{Rep: image.U16, Bits: uint64(uint16(int(x.Bits) + words))}
	}
	return &air.Bin{Op: image.OpAdd, Rep: image.U16, X: x, Y: constU16(words)}
}

func constU16(n int) *air.Const { return &air.Const{Rep: image.U16, Bits: uint64(uint16(n))} }

// base splits a memory place into an address and an offset for Load and Store.
func (s *sema) base(p place) (air.Expr, int) {
	if p.ptr != nil {
		if p.ptr.g != nil {
			return &air.GlobalAddr{Global: s.prog.use(s, p.ptr.g), Off: p.ptr.off}, 0
		}
		return constU16(p.ptr.off), 0
	}
	return p.X, p.off
}

// load reads a place.
func (s *sema) load(p place) Operand {
	switch p.k {
	case placeVal:
		return p.op
	case placeReg:
		return runOp(p.T, &air.GetLocal{Local: p.idx, Rep: p.T.scalarRep()})
	case placeMem:
		x, off := s.base(p)
		if p.T.isAggregate() {
			return memOp(p.T, x, off)
		}
		if p.T.scalarRep() == image.Void {
			return s.voidOp()
		}
		return runOp(p.T, &air.Load{Rep: p.T.scalarRep(), Addr: x, Off: off})
	case placeBits:
		return s.loadBits(p)
	}
	return s.badOp()
}

// placeOf evaluates e as a place. Expressions that are none give placeVal.
func (s *sema) placeOf(e syntax.Expr) place {
	switch e := e.(type) {
	case *syntax.Ident:
		return s.identPlace(e)
	case *syntax.Field:
		return s.fieldPlace(e)
	case *syntax.Index:
		return s.indexPlace(e)
	case *syntax.Deref:
		x := s.expr(e.X, nil)
		return s.derefPlace(e.Pos(), x)
	case *syntax.Builtin:
		if e.Name == "field" && len(e.Args) == 2 {
			if n := s.constOf(e.Args[1], s.str); n.ok() {
				return s.memberPlace(e.Pos(), s.placeOf(e.Args[0]), n.V.str())
			}
			return s.badPlace()
		}
	}
	return s.valPlace(s.expr(e, nil))
}

// valPlace wraps an operand. An aggregate in memory stays a place in memory.
func (s *sema) valPlace(x Operand) place {
	switch x.M {
	case modeBad:
		return s.badPlace()
	case modeMem:
		return place{k: placeMem, T: x.T, X: x.X, off: x.Off}
	}
	return place{k: placeVal, T: x.T, op: x}
}

func (s *sema) identPlace(e *syntax.Ident) place {
	if l := s.lookup(e.Name); l != nil {
		switch l.kind {
		case locReg:
			return place{k: placeReg, T: l.T, mut: l.mut, idx: l.idx}
		case locMem:
			return place{k: placeMem, T: l.T, mut: l.mut, X: &air.LocalAddr{Local: l.idx}, local: true}
		case locVar:
			if l.cell != nil {
				return place{k: placeVal, T: l.T, op: constOp(l.cell.v), ptr: &ptrVal{cell: l.cell}, mut: true}
			}
		}
		return s.valPlace(s.loadLocal(l))
	}
	m := s.fr.mod
	if i, ok := m.file.index[e.Name]; ok {
		return s.declPlace(e.Pos(), m, i)
	}
	return s.valPlace(s.expr(e, nil))
}

// declPlace is a declaration of a module as a place.
func (s *sema) declPlace(p syntax.Pos, m *module, i int) place {
	if _, ok := m.file.tree.Decls[i].(*syntax.VarDecl); !ok {
		return s.valPlace(s.loadDecl(p, m, i))
	}
	g := m.global(i)
	if !s.eval(p, g) {
		return s.badPlace()
	}
	if g.mut {
		if s.fr.lay {
			return s.valPlace(constOp(g.val))
		}
		return s.globalPlace(g)
	}
	pl := s.valPlace(s.loadGlobal(p, g))
	if g.T.words >= 0 {
		pl.ptr = &ptrVal{g: g}
	}
	return pl
}

func (s *sema) derefPlace(p syntax.Pos, x Operand) place {
	if !x.ok() {
		return s.badPlace()
	}
	t := x.T
	if t.kind != KPtr {
		s.errAt(p, EDeref, "only pointers have a .*", "'%s' is not a pointer", t)
		return s.badPlace()
	}
	if t.many || t.elem.kind == KOpaque {
		s.errAt(p, EDeref, "index it: ptr[0]", "a pointer of type '%s' cannot be dereferenced", t)
		return s.badPlace()
	}
	return s.pointee(x, t.elem)
}

// pointee is what pointer x points to, seen as type t.
func (s *sema) pointee(x Operand, t *Type) place {
	pl := place{k: placeMem, T: t, mut: x.T.isMut}
	if x.isConst() {
		ptr, ok := x.V.P.(*ptrVal)
		if !ok {
			s.errAt(s.at, EUndefined, "", "the pointer is undefined")
			return s.badPlace()
		}
		pl.ptr = ptr
		return s.knownPlace(pl)
	}
	pl.X = x.X
	return pl
}

// knownPlace turns a comptime-known address into a value where its content is
// known: constants, and variables of the comptime evaluation itself.
func (s *sema) knownPlace(pl place) place {
	v, ok := s.peek(pl.ptr, pl.T)
	if !ok {
		return pl
	}
	return place{k: placeVal, T: pl.T, op: constOp(v), ptr: pl.ptr, mut: pl.mut}
}

// peek reads a value of type t through a comptime-known address.
func (s *sema) peek(p *ptrVal, t *Type) (Value, bool) {
	var v Value
	switch {
	case p.cell != nil:
		v = p.cell.v
	case p.g != nil && !p.g.mut && p.g.state == evaluated:
		v = p.g.val
	default:
		return Value{}, false
	}
	at := p.off
	for v.T != t || at != 0 {
		switch q := v.P.(type) {
		case *arrayVal:
			w := v.T.elem.words
			if w <= 0 || at/w >= q.n || at < 0 {
				return Value{}, false
			}
			v, at = q.at(at/w), at%w
		case *structVal:
			i := fieldAt(v.T, at)
			if i < 0 {
				return Value{}, false
			}
			v, at = q.vals[i], at-v.T.fields[i].off
		default:
			return Value{}, false
		}
	}
	return v, true
}

func fieldAt(t *Type, off int) int {
	for i := len(t.fields) - 1; i >= 0; i-- {
		if t.fields[i].off <= off {
			return i
		}
	}
	return -1
}

func (s *sema) fieldPlace(e *syntax.Field) place {
	base := s.placeOf(e.X)
	return s.memberPlace(e.Pos(), base, e.Name)
}

// memberPlace is base.name.
func (s *sema) memberPlace(p syntax.Pos, base place, name string) place {
	if base.k == placeBad {
		return base
	}
	if base.T.kind == KPtr && !base.T.many && base.T.elem.isStruct() {
		base = s.derefPlace(p, s.load(base))
		if base.k == placeBad {
			return base
		}
	}
	if base.k == placeVal && base.op.isConst() {
		switch v := base.op.V.P.(type) {
		case *module:
			i, ok := v.file.index[name]
			if !ok {
				return s.valPlace(s.member(p, v, name))
			}
			return s.declPlace(p, v, i)
		case *Type:
			return s.valPlace(s.typeMember(p, v, name))
		}
	}
	t := base.T
	if !t.isStruct() {
		s.errAt(p, EField, "", "type '%s' has no fields", t)
		return s.badPlace()
	}
	i, ok := t.names[name]
	if !ok {
		s.noField(p, t, name)
		return s.badPlace()
	}
	return s.sub(p, base, i)
}

func (t *Type) isStruct() bool { return t.kind == KStruct || t.kind == KTuple || t.kind == KUnion }

// sub is field i of a struct place.
func (s *sema) sub(p syntax.Pos, base place, i int) place {
	f := base.T.fields[i]
	switch {
	case base.k == placeVal && base.op.M == modeParts:
		return s.valPlace(base.op.Parts[i])
	case base.k == placeVal && base.op.isConst():
		if base.op.V.isUndef() {
			return s.valPlace(constOp(Value{T: f.t, P: undef{}}))
		}
		sv := base.op.V.P.(*structVal)
		pl := s.valPlace(s.variant(p, base.T, sv, i))
		if base.ptr != nil && !base.T.packed && base.T.words >= 0 {
			pl.ptr, pl.mut = &ptrVal{g: base.ptr.g, cell: base.ptr.cell, off: base.ptr.off + f.off}, base.mut
		}
		return pl
	case base.T.packed:
		b := base
		return place{k: placeBits, T: f.t, mut: base.mut, outer: &b, shift: f.off}
	case base.k == placeMem:
		pl := base
		pl.T = f.t
		if pl.ptr != nil {
			pl.ptr = &ptrVal{g: pl.ptr.g, cell: pl.ptr.cell, off: pl.ptr.off + f.off}
		} else {
			pl.off += f.off
		}
		return pl
	}
	return s.badPlace()
}
