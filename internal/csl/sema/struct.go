package sema

import (
	"wafer/internal/csl/air"
	"wafer/internal/csl/syntax"
	"wafer/internal/image"
)

// structLit evaluates T{…} and .{…}.
func (s *sema) structLit(e *syntax.StructLit, want *Type) Operand {
	if e.Type == nil {
		x := s.anonymous(e, want)
		if x.ok() && want != nil && (want.kind == KStruct || want.kind == KUnion || want.kind == KArray) {
			return s.coerce(e.Pos(), x, want)
		}
		return x
	}
	t := s.typeOf(e.Type)
	switch {
	case t == s.bad:
		return s.badOp()
	case t.kind == KArray:
		return s.arrayLit(e, t)
	case t.kind == KStruct || t.kind == KUnion:
		x := s.anonymous(e, t)
		if !x.ok() {
			return x
		}
		return s.coerce(e.Pos(), x, t)
	case t == s.void && len(e.Values) == 0:
		return s.voidOp()
	}
	return s.err(e.Pos(), ELiteral, "type '%s' has no literal with braces", t)
}

// anonymous evaluates the fields of a literal as an anonymous struct. Layouts make
// one or more for each core, so the usual case, all fields known, is short.
func (s *sema) anonymous(e *syntax.StructLit, want *Type) Operand {
	vals := make([]Value, len(e.Values))
	for i, v := range e.Values {
		x := s.expr(v, fieldWant(want, e, i))
		switch {
		case !x.ok():
			return x
		case x.T == s.undefined && fieldWant(want, e, i) == nil:
			return s.err(v.Pos(), EUndefined, "a field that is undefined needs a type")
		case !x.isConst():
			return s.anonymousParts(e, want, vals[:i], x)
		}
		vals[i] = share(x.V)
	}
	t := s.literalType(e, func(i int) *Type { return vals[i].T })
	if t == nil {
		return s.badOp()
	}
	return constOp(Value{T: t, P: &structVal{vals: vals}})
}

// anonymousParts goes on from the first field that is not known.
func (s *sema) anonymousParts(e *syntax.StructLit, want *Type, known []Value, x Operand) Operand {
	parts := make([]Operand, len(e.Values))
	for i, v := range known {
		parts[i] = constOp(v)
	}
	parts[len(known)] = x
	for i := len(known) + 1; i < len(parts); i++ {
		parts[i] = s.expr(e.Values[i], fieldWant(want, e, i))
		if !parts[i].ok() {
			return parts[i]
		}
	}
	t := s.literalType(e, func(i int) *Type { return parts[i].T })
	if t == nil {
		return s.badOp()
	}
	return Operand{M: modeParts, T: t, Parts: parts}
}

// literalType is the type of an anonymous literal: mostly that of the last time.
func (s *sema) literalType(e *syntax.StructLit, at func(int) *Type) *Type {
	if t := s.literals[e]; t != nil {
		same := true
		for i := range t.fields {
			same = same && t.fields[i].t == at(i)
		}
		if same {
			return t
		}
	}
	for i, n := range e.Names {
		for j := range i {
			if e.Names[j] == n {
				s.errAt(e.NameAt[i], EDuplicate, "", "field '%s' is given twice", n)
				return nil
			}
		}
	}
	types := make([]*Type, len(e.Values))
	for i := range types {
		types[i] = at(i)
	}
	t := s.tuple(e.Names, types)
	s.literals[e] = t
	return t
}

func fieldWant(t *Type, e *syntax.StructLit, i int) *Type {
	if t == nil {
		return nil
	}
	switch {
	case t.kind == KArray:
		return t.elem
	case !t.isStruct():
		return nil
	case e.Names == nil:
		if i < len(t.fields) && t.names == nil {
			return t.fields[i].t
		}
		return nil
	}
	if j, ok := t.names[e.Names[i]]; ok {
		return t.fields[j].t
	}
	return nil
}

// arrayLit is [N]T{ a, b, … }. A multi-dimensional array lists its elements row
// by row.
func (s *sema) arrayLit(e *syntax.StructLit, t *Type) Operand {
	if e.Names != nil {
		return s.err(e.Pos(), ELiteral, "an array literal has no field names")
	}
	if len(e.Values) != t.count() {
		return s.err(e.Pos(), ELiteral, "'%s' has %d elements, but %d are given", t, t.count(), len(e.Values))
	}
	parts := make([]Operand, len(e.Values))
	ok := true
	for i, v := range e.Values {
		parts[i] = s.coerce(v.Pos(), s.expr(v, t.elem), t.elem)
		ok = ok && parts[i].ok()
	}
	if !ok {
		return s.badOp()
	}
	return s.gather(t, parts)
}

func (s *sema) makeUnion(t *Type, i int, x Operand) Operand {
	if x.isConst() {
		vals := make([]Value, len(t.fields))
		vals[i] = share(x.V)
		return constOp(Value{T: t, P: &structVal{vals: vals, active: i}})
	}
	parts := make([]Operand, len(t.fields))
	parts[i] = x
	return Operand{M: modeParts, T: t, Parts: parts, Off: i}
}

// variant reads field i of a comptime struct; of a union only the active one,
// but for packed unions, whose bits are seen through another variant.
func (s *sema) variant(p syntax.Pos, t *Type, sv *structVal, i int) Operand {
	if t.kind != KUnion || sv.active == i {
		return constOp(sv.vals[i])
	}
	if t.packed {
		bits := s.packBits(Value{T: t, P: sv})
		return constOp(s.unpackBits(t.fields[i].t, bits))
	}
	return s.err(p, EUnion, "variant '%s' of the union is not active: '%s' is", t.fields[i].name, t.fields[sv.active].name)
}

// packBits is the value of anything with a bit size as those bits.
func (s *sema) packBits(v Value) uint64 {
	t := v.T
	sv, ok := v.P.(*structVal)
	if !ok {
		if p, ok := v.P.(*ptrVal); ok {
			return uint64(uint16(p.off))
		}
		n := t.bitSize()
		if n >= 64 || n < 0 {
			return uint64(v.I)
		}
		return uint64(v.I) & (1<<n - 1)
	}
	if t.kind == KUnion {
		return s.packBits(sv.vals[sv.active])
	}
	var bits uint64
	for i, f := range t.fields {
		bits |= s.packBits(sv.vals[i]) << f.off
	}
	return bits
}

// unpackBits reads bits as a value of type t.
func (s *sema) unpackBits(t *Type, bits uint64) Value {
	if n := t.bitSize(); n < 64 && n >= 0 {
		bits &= 1<<n - 1
	}
	switch t.kind {
	case KStruct:
		vals := make([]Value, len(t.fields))
		for i, f := range t.fields {
			vals[i] = s.unpackBits(f.t, bits>>f.off)
		}
		return Value{T: t, P: &structVal{vals: vals}}
	case KUnion:
		vals := make([]Value, len(t.fields))
		vals[0] = s.unpackBits(t.fields[0].t, bits)
		return Value{T: t, P: &structVal{vals: vals}}
	case KInt:
		return intVal(t, wrapBits(int64(bits), t))
	case KEnum:
		return intVal(t, wrapBits(int64(bits), t.elem))
	case KPtr:
		return Value{T: t, P: &ptrVal{off: int(bits)}}
	}
	return Value{T: t, I: int64(bits)}
}

// loadBits reads a field of a packed struct on the core.
func (s *sema) loadBits(p place) Operand {
	outer := s.load(*p.outer)
	if outer.isConst() {
		return constOp(s.unpackBits(p.T, s.packBits(outer.V)>>p.shift))
	}
	rep := p.outer.T.rep
	var x air.Expr = outer.X
	if p.shift > 0 {
		x = &air.Bin{Op: image.OpShr, Rep: rep, X: x, Y: &air.Const{Rep: rep, Bits: uint64(p.shift)}}
	}
	return s.fromBits(p.T, x, rep)
}

// fromBits cuts a field out of an unsigned integer and gives it its type.
func (s *sema) fromBits(t *Type, x air.Expr, rep image.Rep) Operand {
	n := t.bitSize()
	if n < rep.Words()*16 {
		x = &air.Bin{Op: image.OpAnd, Rep: rep, X: x, Y: &air.Const{Rep: rep, Bits: 1<<n - 1}}
	}
	to := t.scalarRep()
	if to == image.B1 {
		return runOp(t, &air.Bin{Op: image.OpNe, Rep: rep, X: x, Y: &air.Const{Rep: rep}})
	}
	mid := intRep(false, max(n, to.Words()*16))
	if to == image.U8 || to == image.I8 {
		mid = image.U8
	}
	if mid != rep {
		x = &air.Conv{To: mid, From: rep, X: x}
	}
	if to != mid {
		x = &air.Conv{To: to, From: mid, Bits: true, X: x}
	}
	if t.kind == KInt && t.signed {
		return s.narrow(runOp(t, x))
	}
	return runOp(t, x)
}

// toBits widens a run-time value of type t to rep as plain bits.
func (s *sema) toBits(t *Type, x air.Expr, rep image.Rep) air.Expr {
	from := t.scalarRep()
	n := t.bitSize()
	if from == image.B1 {
		return &air.Conv{To: rep, From: image.B1, X: x}
	}
	mid := intRep(false, from.Words()*16)
	if from == image.U8 || from == image.I8 {
		mid = image.U8
	}
	if mid != from {
		x = &air.Conv{To: mid, From: from, Bits: true, X: x}
	}
	if mid != rep {
		x = &air.Conv{To: rep, From: mid, X: x}
	}
	if n < rep.Words()*16 && t.kind == KInt && t.signed {
		x = &air.Bin{Op: image.OpAnd, Rep: rep, X: x, Y: &air.Const{Rep: rep, Bits: 1<<n - 1}}
	}
	return x
}

// packedCode builds the integer of a packed struct with run-time fields.
func (s *sema) packedCode(p syntax.Pos, x Operand) air.Expr {
	rep := x.T.rep
	if x.T.kind == KUnion {
		y := x.Parts[x.Off]
		return s.toBits(y.T, s.code(p, y), rep)
	}
	var out air.Expr
	for i, f := range x.T.fields {
		c := s.code(p, x.Parts[i])
		if c == nil {
			return nil
		}
		c = s.toBits(f.t, c, rep)
		if f.off > 0 {
			c = &air.Bin{Op: image.OpShl, Rep: rep, X: c, Y: &air.Const{Rep: rep, Bits: uint64(f.off)}}
		}
		if out == nil {
			out = c
			continue
		}
		out = &air.Bin{Op: image.OpOr, Rep: rep, X: out, Y: c}
	}
	return out
}

// storeBits writes a field of a packed struct on the core.
func (s *sema) storeBits(p syntax.Pos, pl place, x Operand) {
	c := s.code(p, x)
	if c == nil {
		return
	}
	rep := pl.outer.T.rep
	outer := s.once(p, *pl.outer)
	old := s.load(outer)
	ox := s.code(p, old)
	n := pl.T.bitSize()
	mask := uint64(1)<<n - 1
	if n >= 64 {
		mask = ^uint64(0)
	}
	full := ^uint64(0)
	if w := rep.Words() * 16; w < 64 {
		full = 1<<w - 1
	}
	c = s.toBits(pl.T, c, rep)
	if pl.shift > 0 {
		c = &air.Bin{Op: image.OpShl, Rep: rep, X: c, Y: &air.Const{Rep: rep, Bits: uint64(pl.shift)}}
	}
	keep := &air.Bin{Op: image.OpAnd, Rep: rep, X: ox, Y: &air.Const{Rep: rep, Bits: full &^ (mask << pl.shift)}}
	all := runOp(pl.outer.T, &air.Bin{Op: image.OpOr, Rep: rep, X: keep, Y: c})
	s.storeTo(p, outer, all)
}
