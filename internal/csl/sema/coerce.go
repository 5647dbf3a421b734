package sema

import (
	"math"

	"wafer/internal/csl/air"
	"wafer/internal/csl/syntax"
	"wafer/internal/diag"
	"wafer/internal/image"
)

// coerce converts x to t by the implicit rules of both dialects, or reports why
// not.
func (s *sema) coerce(p syntax.Pos, x Operand, t *Type) Operand {
	if x.T == t || x.M == modeBad {
		return x
	}
	if t == s.bad {
		return s.badOp()
	}
	if y, ok := s.tryCoerce(x, t); ok {
		return y
	}
	s.cannotCoerce(p, x, t)
	return s.badOp()
}

func (s *sema) cannotCoerce(p syntax.Pos, x Operand, t *Type) {
	switch {
	case x.isConst() && x.T.isIntLike() && t.kind == KInt:
		lo, hi := t.intRange()
		if t.bits == 64 {
			s.errAt(p, EFit, "", "%s does not fit into '%s'", s.show(x.V), t)
			return
		}
		s.errAt(p, EFit, "", "%s does not fit into '%s', whose values go from %d to %d", s.show(x.V), t, lo, hi)
		return
	case x.T.kind == KTuple && (t.kind == KStruct || t.kind == KTuple):
		s.structMismatch(p, x, t)
		return
	}
	s.errAt(p, EType, s.coerceCure(x.T, t), "expected type '%s', found %s", t, s.describe(&x))
}

func (s *sema) coerceCure(from, to *Type) string {
	switch {
	case from.kind == KComptimeInt && to.isFloatLike():
		return "write it with a decimal point, or convert it with @as(" + to.str + ", …)"
	case (from.isNumeric() || from.kind == KBool || from.kind == KEnum) && (to.isNumeric() || to.kind == KBool || to.kind == KEnum):
		return "convert it with @as(" + to.str + ", …)"
	case from.kind == KPtr && to.kind == KPtr && from.elem == to.elem && !from.isMut:
		return "the variable it points to is const; make it var"
	case from.kind == KPtr && to.kind == KPtr:
		return "convert it with @ptrcast(" + to.str + ", …)"
	case from.isIntLike() && to.isHandle():
		return handleCure(to)
	case from.kind == KArray && to.kind == KPtr:
		return "take its address with &"
	}
	return ""
}

func handleCure(t *Type) string {
	switch t.kind {
	case KColor:
		return "make a color with @get_color(…)"
	case KInputQueue, KOutputQueue, KDataTaskID, KLocalTaskID, KControlTaskID, KUtID:
		return "make it with @get_" + t.str + "(…)"
	}
	return ""
}

// structMismatch says what is wrong with a struct literal.
func (s *sema) structMismatch(p syntax.Pos, x Operand, t *Type) {
	if len(x.T.fields) != len(t.fields) {
		s.errAt(p, ELiteral, "", "'%s' has %d fields, but %d are given", t, len(t.fields), len(x.T.fields))
		return
	}
	for i, f := range x.T.fields {
		j, ok := t.names[f.name]
		if t.names == nil && x.T.names == nil {
			j, ok = i, true
		}
		if !ok {
			s.noField(p, t, f.name)
			return
		}
		y := s.part(x, i)
		if _, ok := s.tryCoerce(y, t.fields[j].t); !ok {
			s.errAt(p, EType, s.coerceCure(y.T, t.fields[j].t), "field '%s' has type '%s' but is given %s", f.name, t.fields[j].t, s.describe(&y))
			return
		}
	}
}

// part is member i of an anonymous struct operand.
func (s *sema) part(x Operand, i int) Operand {
	switch {
	case x.M == modeParts:
		return x.Parts[i]
	case x.isConst() && x.V.isUndef():
		return constOp(Value{T: x.T.fields[i].t, P: undef{}})
	case x.isConst():
		return constOp(x.V.P.(*structVal).vals[i])
	}
	f := x.T.fields[i]
	return s.load(place{k: placeMem, T: f.t, X: x.X, off: x.Off + f.off})
}

// tryCoerce converts x to t if the implicit rules allow it.
func (s *sema) tryCoerce(x Operand, t *Type) (Operand, bool) {
	if x.T == t || x.M == modeBad {
		return x, true
	}
	switch {
	case x.T == s.undefined:
		return constOp(Value{T: t, P: undef{}}), t.kind != KVoid
	case t == s.cstruct:
		return x, x.T.kind == KTuple || x.T == s.void || x.T.kind == KStruct
	case x.T.kind == KTuple && (t.kind == KStruct || t.kind == KTuple || t.kind == KArray):
		return s.coerceTuple(x, t)
	case x.T.kind == KTuple && t.kind == KUnion:
		return s.coerceUnion(x, t)
	case x.T.kind == KPtr && t.kind == KPtr:
		return s.retype(x, t), ptrCoerces(x.T, t)
	case x.T.kind == KFn && t.kind == KPtr && t.elem == x.T && !t.isMut:
		return s.retype(x, t), true
	case x.T.kind == KArray && t.kind == KArray && x.isConst():
		return s.coerceArray(x, t)
	case x.T.kind == KFn && t.kind == KFn:
		return x, sameSignature(x.T, t)
	case x.T.kind == KDSRFifoDest && t.kind == KDSRDest, x.T.kind == KDSRFifoSrc1 && t.kind == KDSRSrc1:
		return s.retype(x, t), true
	}
	if x.isConst() && !x.V.isUndef() {
		if v, ok := s.coerceNumber(x.V, t); ok {
			return constOp(v), true
		}
		return x, false
	}
	if x.M == modeRun && widens(x.T, t) {
		return s.convert(x, t), true
	}
	return x, false
}

// retype gives x another type of the same representation.
func (s *sema) retype(x Operand, t *Type) Operand {
	x.T = t
	if x.isConst() {
		x.V.T = t
	}
	return x
}

func sameSignature(a, b *Type) bool {
	if a.task != b.task || a.elem != b.elem || len(a.fields) != len(b.fields) {
		return false
	}
	for i := range a.fields {
		if a.fields[i].t != b.fields[i].t {
			return false
		}
	}
	return true
}

// ptrCoerces: const may be added, an array pointer becomes a pointer to many, a
// pointer to one an array of one, and any pointer opaque.
func ptrCoerces(from, to *Type) bool {
	if to.isMut && !from.isMut {
		return false
	}
	switch {
	case from.many == to.many && from.elem == to.elem:
		return true
	case !to.many && to.elem.kind == KOpaque:
		return true
	case !from.many && from.elem.kind == KArray && to.many:
		// The documentation asks for rank one; published programs pass matrices.
		return leaf(from.elem) == to.elem || from.elem.elem == to.elem
	case !from.many && !to.many && to.elem.kind == KArray:
		return to.elem.count() == 1 && len(to.elem.dims) == 1 && to.elem.elem == from.elem
	}
	return false
}

// widens reports whether every value of from is one of to.
func widens(from, to *Type) bool {
	switch {
	case from.kind == KInt && to.kind == KInt:
		if from.signed == to.signed {
			return from.bits <= to.bits
		}
		return !from.signed && from.bits < to.bits
	case from.kind == KFloat && to.kind == KFloat:
		return from.bits == 16 && to.bits == 32
	}
	return false
}

// fits reports whether an integer value is one of t.
func fits(v Value, t *Type) bool {
	if t.kind == KComptimeInt {
		return true
	}
	if v.isBig() {
		return t.bits == 64 && !t.signed && v.big().IsUint64()
	}
	if t.bits == 64 {
		return t.signed || v.I >= 0
	}
	lo, hi := t.intRange()
	return v.I >= lo && v.I <= hi
}

// coerceNumber converts a comptime-known number where no information is lost.
func (s *sema) coerceNumber(v Value, t *Type) (Value, bool) {
	switch {
	case v.T.isIntLike() && t.isIntLike():
		if !fits(v, t) {
			return v, false
		}
		if t.kind == KComptimeInt {
			return s.bigVal(v.big()), true
		}
		if v.P != nil {
			return intVal(t, int64(v.big().Uint64())), true
		}
		return intVal(t, v.I), true
	case v.T.kind == KComptimeFloat && t.kind == KFloat:
		return floatVal(t, v.float()), true
	case v.T.kind == KFloat && t.kind == KComptimeFloat:
		return floatVal(t, v.float()), true
	case widens(v.T, t):
		return floatVal(t, v.float()), true
	}
	return v, false
}

func (s *sema) coerceArray(x Operand, t *Type) (Operand, bool) {
	if x.T.count() != t.count() || len(x.T.dims) != len(t.dims) {
		return x, false
	}
	for i := range t.dims {
		if t.dims[i] != x.T.dims[i] {
			return x, false
		}
	}
	if x.V.isUndef() {
		return s.retype(x, t), true
	}
	a := x.V.P.(*arrayVal)
	out := &arrayVal{n: a.n}
	if a.elems == nil {
		y, ok := s.tryCoerce(constOp(a.fill), t.elem)
		out.fill = y.V
		return constOp(Value{T: t, P: out}), ok
	}
	out.elems = make([]Value, a.n)
	for i, e := range a.elems {
		y, ok := s.tryCoerce(constOp(e), t.elem)
		if !ok {
			return x, false
		}
		out.elems[i] = y.V
	}
	return constOp(Value{T: t, P: out}), true
}

// coerceTuple converts an anonymous struct to a struct, tuple or array type.
func (s *sema) coerceTuple(x Operand, t *Type) (Operand, bool) {
	if t.kind == KArray {
		return s.tupleToArray(x, t)
	}
	if len(x.T.fields) > len(t.fields) || (x.T.names == nil) != (t.names == nil) && len(x.T.fields) > 0 {
		return x, false
	}
	parts := make([]Operand, len(t.fields))
	given := make([]bool, len(t.fields))
	for i, f := range x.T.fields {
		j := i
		if t.names != nil {
			k, ok := t.names[f.name]
			if !ok {
				return x, false
			}
			j = k
		}
		y, ok := s.tryCoerce(s.part(x, i), t.fields[j].t)
		if !ok {
			return x, false
		}
		parts[j], given[j] = y, true
	}
	for j := range given {
		if given[j] {
			continue
		}
		if !t.fields[j].has {
			return x, false
		}
		parts[j] = constOp(t.fields[j].init)
	}
	return s.gather(t, parts), true
}

func (s *sema) tupleToArray(x Operand, t *Type) (Operand, bool) {
	if x.T.names != nil || len(x.T.fields) != t.count() || len(t.dims) != 1 {
		return x, false
	}
	parts := make([]Operand, len(x.T.fields))
	for i := range parts {
		y, ok := s.tryCoerce(s.part(x, i), t.elem)
		if !ok {
			return x, false
		}
		parts[i] = y
	}
	return s.gather(t, parts), true
}

func (s *sema) coerceUnion(x Operand, t *Type) (Operand, bool) {
	if len(x.T.fields) != 1 || x.T.names == nil {
		return x, false
	}
	j, ok := t.names[x.T.fields[0].name]
	if !ok {
		return x, false
	}
	y, ok := s.tryCoerce(s.part(x, 0), t.fields[j].t)
	if !ok {
		return x, false
	}
	return s.makeUnion(t, j, y), true
}

// gather makes an aggregate operand of its parts: a constant if all are.
func (s *sema) gather(t *Type, parts []Operand) Operand {
	vals := make([]Value, len(parts))
	for i := range parts {
		if parts[i].M == modeBad {
			return s.badOp()
		}
		if !parts[i].isConst() {
			return Operand{M: modeParts, T: t, Parts: parts}
		}
		vals[i] = share(parts[i].V)
	}
	if t.kind == KArray {
		return constOp(Value{T: t, P: &arrayVal{n: len(vals), elems: vals}})
	}
	return constOp(Value{T: t, P: &structVal{vals: vals}})
}

// convert makes the numeric conversion of a run-time scalar to t.
func (s *sema) convert(x Operand, t *Type) Operand {
	from, to := x.T.scalarRep(), t.scalarRep()
	if from == to {
		return s.narrow(runOp(t, x.X))
	}
	return s.narrow(runOp(t, &air.Conv{To: to, From: from, X: x.X}))
}

// narrow cuts a run-time integer to the width of its type where the machine has
// no representation of that width.
func (s *sema) narrow(x Operand) Operand {
	t := x.T
	if t.kind != KInt || t.bits == 8 || t.bits == 16 || t.bits == 32 || t.bits == 64 {
		return x
	}
	width := t.rep.Words() * 16
	if !t.signed {
		mask := uint64(1)<<t.bits - 1
		return runOp(t, &air.Bin{Op: image.OpAnd, Rep: t.rep, X: x.X, Y: &air.Const{Rep: t.rep, Bits: mask}})
	}
	n := &air.Const{Rep: t.rep, Bits: uint64(width - t.bits)}
	up := &air.Bin{Op: image.OpShl, Rep: t.rep, X: x.X, Y: n}
	return runOp(t, &air.Bin{Op: image.OpShr, Rep: t.rep, X: up, Y: n})
}

// peer finds the common type of two operands, nil if there is none.
func (s *sema) peer(x, y *Operand) *Type {
	a, b := x.T, y.T
	switch {
	case a == b:
		return a
	case a == s.undefined:
		return b
	case b == s.undefined:
		return a
	case a.kind == KComptimeInt && b.kind == KInt, a.kind == KComptimeFloat && b.kind == KFloat:
		return b
	case b.kind == KComptimeInt && a.kind == KInt, b.kind == KComptimeFloat && a.kind == KFloat:
		return a
	case widens(a, b):
		return b
	case widens(b, a):
		return a
	case a.kind == KPtr && b.kind == KPtr:
		return s.peerPtr(a, b)
	}
	// A known value takes the type of its partner if it fits.
	if x.isConst() {
		if _, ok := s.tryCoerce(*x, b); ok {
			return b
		}
	}
	if y.isConst() {
		if _, ok := s.tryCoerce(*y, a); ok {
			return a
		}
	}
	return nil
}

func (s *sema) peerPtr(a, b *Type) *Type {
	for _, t := range []*Type{a, b, s.ptr(a.elem, a.many, false), s.ptr(b.elem, b.many, false)} {
		if ptrCoerces(a, t) && ptrCoerces(b, t) {
			return t
		}
	}
	if a.elem.kind == KArray && b.elem.kind == KArray {
		for _, mut := range []bool{true, false} {
			if t := s.ptr(a.elem.elem, true, mut); ptrCoerces(a, t) && ptrCoerces(b, t) {
				return t
			}
		}
	}
	return nil
}

// zero is the value of a variable without initialiser.
func (s *sema) zero(t *Type) Value {
	switch t.kind {
	case KArray:
		return Value{T: t, P: &arrayVal{n: t.count(), fill: s.zero(t.elem)}}
	case KStruct, KTuple, KUnion:
		vals := make([]Value, len(t.fields))
		for i, f := range t.fields {
			vals[i] = s.zero(f.t)
		}
		return Value{T: t, P: &structVal{vals: vals}}
	case KPtr:
		return Value{T: t, P: undef{}}
	}
	if t.isDSD() || t.comptimeOnly() && !t.isNumeric() {
		return Value{T: t, P: undef{}}
	}
	if t.kind == KComptimeFloat {
		return floatVal(t, 0)
	}
	return Value{T: t}
}

// castNumber is @as at compile time: numbers, bools and enums to one another.
func (s *sema) castNumber(p syntax.Pos, v Value, t *Type) Operand {
	from := v.T
	switch {
	case t.kind == KBool:
		return constOp(s.boolVal(truth(v)))
	case t.isFloatLike() && from.isFloatLike():
		return constOp(floatVal(t, v.float()))
	case t.isFloatLike():
		f, _ := v.numberBig(s).Float64()
		if t.rep == image.F32 { // one rounding from the integer, not two
			f32, _ := v.numberBig(s).SetPrec(200).Float32()
			f = float64(f32)
		}
		return constOp(floatVal(t, f))
	case t.kind == KEnum:
		return s.toEnum(p, v, t)
	case from.isFloatLike():
		return s.floatToInt(p, v, t)
	}
	return constOp(s.wrap(v, t))
}

func truth(v Value) bool {
	if v.T.isFloatLike() {
		return v.float() != 0
	}
	return v.P != nil || v.I != 0
}

func (s *sema) floatToInt(p syntax.Pos, v Value, t *Type) Operand {
	f := math.Trunc(v.float())
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return s.err(p, EFit, "%s has no integer value", s.show(v))
	}
	b := bigFromFloat(f)
	iv := s.bigVal(b)
	if t.kind == KInt && !fits(iv, t) {
		return s.err(p, EFit, "%s does not fit into '%s'", s.show(v), t)
	}
	r, _ := s.coerceNumber(iv, t)
	return constOp(r)
}

func (s *sema) toEnum(p syntax.Pos, v Value, t *Type) Operand {
	for i, n := range t.vals {
		if !v.isBig() && n == v.I {
			return constOp(intVal(t, t.vals[i]))
		}
	}
	s.ds.Add(diag.Diagnostic{Code: EEnum, Pos: s.place(p), Message: "'" + t.str + "' has no element with the value " + s.show(v)})
	return s.badOp()
}
