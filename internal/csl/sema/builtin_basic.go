package sema

import (
	"fmt"
	"slices"
	"strings"

	"wafer/internal/csl/air"
	"wafer/internal/csl/syntax"
	"wafer/internal/image"
	"wafer/internal/machine"
)

// as is @as(T, x): numbers, bools and enums to one another.
func (s *sema) as(e *syntax.Builtin) Operand {
	if !s.args(e, 2, 2) {
		return s.badOp()
	}
	t := s.typeOf(e.Args[0])
	if t == s.bad {
		return s.badOp()
	}
	x := s.expr(e.Args[1], t)
	if !x.ok() || x.T == t {
		return x
	}
	num := func(t *Type) bool { return t.isNumeric() || t.kind == KBool || t.kind == KEnum }
	if !num(t) || !num(x.T) || t.kind == KEnum && x.T.kind == KEnum {
		if y, ok := s.tryCoerce(x, t); ok {
			return y
		}
		return s.errCure(e.Pos(), EType, s.asCure(x.T, t), "@as cannot convert %s to '%s'", s.describe(&x), t)
	}
	if x.isConst() {
		if s.undefinedOperand(e.Pos(), x) {
			return s.badOp()
		}
		return s.castNumber(e.Args[1].Pos(), x.V, t)
	}
	if t.comptimeOnly() {
		return s.err(e.Pos(), EComptime, "a run-time value cannot become '%s'", t)
	}
	return s.castCode(x, t)
}

func (s *sema) asCure(from, to *Type) string {
	switch {
	case from.isHandle() && to.isNumeric():
		return "use @get_int"
	case from.kind == KPtr && to.kind == KPtr:
		return "use @ptrcast"
	case from.kind == KPtr || to.kind == KPtr:
		return "use @bitcast"
	case to.isHandle():
		return handleCure(to)
	}
	return ""
}

func (s *sema) castCode(x Operand, t *Type) Operand {
	from := x.T.scalarRep()
	switch {
	case t.kind == KBool:
		return runOp(t, &air.Bin{Op: image.OpNe, Rep: from, X: x.X, Y: &air.Const{Rep: from}})
	case t.kind == KEnum:
		y := s.convert(x, t.elem)
		return runOp(t, y.X)
	}
	return s.convert(x, t)
}

// bitcast is @bitcast(T, x).
func (s *sema) bitcast(e *syntax.Builtin) Operand {
	if !s.args(e, 2, 2) {
		return s.badOp()
	}
	t := s.typeOf(e.Args[0])
	if t == s.bad {
		return s.badOp()
	}
	x := s.expr(e.Args[1], nil)
	if !x.ok() {
		return x
	}
	if x.T.kind == KComptimeInt && t.bitSize() > 0 {
		x = s.coerce(e.Args[1].Pos(), x, s.intType(x.V.I < 0, t.bitSize()))
		if !x.ok() {
			return x
		}
	}
	n, m := x.T.bitSize(), t.bitSize()
	if n < 0 || m < 0 {
		return s.err(e.Pos(), EType, "@bitcast cannot turn '%s' into '%s'", x.T, t)
	}
	if n != m {
		return s.errCure(e.Pos(), EType, "convert the width with @as first", "@bitcast needs equal widths: '%s' has %d bits and '%s' %d", x.T, n, t, m)
	}
	if x.T == t {
		return x
	}
	if x.isConst() {
		if s.undefinedOperand(e.Pos(), x) {
			return s.badOp()
		}
		p, isPtr := x.V.P.(*ptrVal)
		if !isPtr || p.g == nil {
			return constOp(s.unpackBits(t, s.packBits(x.V)))
		}
		if t.kind == KPtr {
			return s.retype(x, t)
		}
		if s.ct() {
			return s.err(e.Pos(), EComptime, "the address of '%s' is not known at compile time", p.g.decl.Name)
		}
	}
	c := s.code(e.Pos(), x)
	if c == nil {
		return s.badOp()
	}
	return runOp(t, reinterpret(c, x.T.scalarRep(), t.scalarRep()))
}

func reinterpret(x air.Expr, from, to image.Rep) air.Expr {
	if from == to {
		return x
	}
	return &air.Conv{To: to, From: from, Bits: true, X: x}
}

func (s *sema) ptrcast(e *syntax.Builtin) Operand {
	if !s.args(e, 2, 2) {
		return s.badOp()
	}
	t := s.typeOf(e.Args[0])
	x := s.expr(e.Args[1], nil)
	if t == s.bad || !x.ok() {
		return s.badOp()
	}
	if t.kind != KPtr || x.T.kind != KPtr {
		return s.errCure(e.Pos(), EType, "integers become pointers with @bitcast", "@ptrcast needs pointers, not '%s' and '%s'", t, x.T)
	}
	return s.retype(x, t)
}

func (s *sema) typeOfExpr(e *syntax.Builtin) Operand {
	if !s.args(e, 1, 1) {
		return s.badOp()
	}
	var x Operand
	if s.ct() || s.fr.fn == nil {
		x = s.typeAtComptime(e.Args[0])
	} else {
		locals := len(s.fr.fn.air.Locals)
		s.collect(func() { x = s.expr(e.Args[0], nil) })
		_ = locals // locals made here stay unused; that costs a register number, no memory
	}
	if !x.ok() {
		return x
	}
	return constOp(s.typeVal(x.T))
}

// typeAtComptime finds the type of an expression where its value may not be known:
// a variable of the core has a type at compile time too.
func (s *sema) typeAtComptime(e syntax.Expr) Operand {
	switch e.(type) {
	case *syntax.Ident, *syntax.Field, *syntax.Index, *syntax.Deref:
		pl := s.placeOf(e)
		if pl.k == placeBad {
			return s.badOp()
		}
		return Operand{M: modeRun, T: pl.T}
	}
	return s.expr(e, nil)
}

func (s *sema) isSameType(e *syntax.Builtin) Operand {
	if !s.args(e, 2, 2) {
		return s.badOp()
	}
	a, b := s.typeOf(e.Args[0]), s.typeOf(e.Args[1])
	if a == s.bad || b == s.bad {
		return s.badOp()
	}
	return constOp(s.boolVal(a == b))
}

func (s *sema) isArch(e *syntax.Builtin) Operand {
	if !s.args(e, 1, 1) {
		return s.badOp()
	}
	x := s.constOf(e.Args[0], s.str)
	if !x.ok() {
		return x
	}
	switch x.V.str() {
	case "wse2", "wse3":
		return constOp(s.boolVal(x.V.str() == s.opt.Arch.String()))
	}
	s.warn(e.Pos(), WBinding, "there is no architecture %q: known are \"wse2\" and \"wse3\"", x.V.str())
	return constOp(s.boolVal(false))
}

func (s *sema) isComptime(e *syntax.Builtin) Operand {
	if !s.args(e, 0, 0) {
		return s.badOp()
	}
	return constOp(s.boolVal(s.ct()))
}

func (s *sema) fp16Type(e *syntax.Builtin) Operand {
	if !s.args(e, 0, 0) {
		return s.badOp()
	}
	return constOp(s.typeVal(s.fp16))
}

func (s *sema) zeros(e *syntax.Builtin) Operand {
	if !s.args(e, 1, 1) {
		return s.badOp()
	}
	t := s.typeOf(e.Args[0])
	if t == s.bad {
		return s.badOp()
	}
	if !t.isNumeric() && t.kind != KBool && (t.kind != KArray || !leaf(t).isNumeric() && leaf(t).kind != KBool) {
		return s.err(e.Pos(), EShape, "@zeros needs a numeric array type, not '%s'", t)
	}
	return constOp(s.zero(t))
}

func leaf(t *Type) *Type {
	for t.kind == KArray {
		t = t.elem
	}
	return t
}

func (s *sema) constants(e *syntax.Builtin) Operand {
	if !s.args(e, 2, 2) {
		return s.badOp()
	}
	t := s.typeOf(e.Args[0])
	if t == s.bad {
		return s.badOp()
	}
	if t.kind != KArray {
		return s.err(e.Args[0].Pos(), EShape, "@constants needs an array type, not '%s'", t)
	}
	x := s.coerce(e.Args[1].Pos(), s.expr(e.Args[1], t.elem), t.elem)
	if !x.ok() {
		return x
	}
	if x.isConst() {
		return constOp(Value{T: t, P: &arrayVal{n: t.count(), fill: share(x.V)}})
	}
	x = s.temp(e.Pos(), x)
	parts := make([]Operand, t.count())
	for i := range parts {
		parts[i] = x
	}
	return Operand{M: modeParts, T: t, Parts: parts}
}

// rangeExpr is @range(T, stop), @range(T, start, stop) or with a step.
func (s *sema) rangeExpr(e *syntax.Builtin) Operand {
	if !s.args(e, 2, 4) {
		return s.badOp()
	}
	t := s.typeOf(e.Args[0])
	if t == s.bad {
		return s.badOp()
	}
	if !t.isIntLike() {
		return s.err(e.Args[0].Pos(), EShape, "@range needs an integer type, not '%s'", t)
	}
	parts := []Operand{constOp(intVal(t, 0)), {}, constOp(intVal(t, 1))}
	at := 1
	if len(e.Args) > 2 {
		at = 0
	}
	for _, a := range e.Args[1:] {
		parts[at] = s.coerce(a.Pos(), s.expr(a, t), t)
		if !parts[at].ok() {
			return s.badOp()
		}
		at++
	}
	if st := parts[2]; st.isConst() && !st.V.isBig() && st.V.I == 0 {
		return s.err(e.Args[3].Pos(), EShape, "the step of a range must not be zero")
	}
	return s.gather(s.rangeOf(t), parts)
}

func (s *sema) rangePart(e *syntax.Builtin) Operand {
	if !s.args(e, 1, 1) {
		return s.badOp()
	}
	x := s.expr(e.Args[0], nil)
	if !x.ok() {
		return x
	}
	if x.T.kind != KRange {
		return s.err(e.Pos(), EType, "@%s needs a range, not '%s'", e.Name, x.T)
	}
	start, stop, step := s.rangeParts(x)
	switch e.Name {
	case "range_start":
		return start
	case "range_stop":
		return stop
	}
	return step
}

func (s *sema) strcat(e *syntax.Builtin) Operand {
	var b strings.Builder
	for _, a := range e.Args {
		x := s.constOf(a, s.str)
		if !x.ok() {
			return x
		}
		b.WriteString(x.V.str())
		if b.Len() > maxArray {
			return s.err(e.Pos(), ELimit, "the string is longer than %d bytes", maxArray)
		}
	}
	return constOp(s.strVal(b.String()))
}

func (s *sema) strlen(e *syntax.Builtin) Operand {
	if !s.args(e, 1, 1) {
		return s.badOp()
	}
	x := s.constOf(e.Args[0], s.str)
	if !x.ok() {
		return x
	}
	return constOp(intVal(s.cint, int64(len(x.V.str()))))
}

func (s *sema) getArray(e *syntax.Builtin) Operand {
	if !s.args(e, 1, 1) {
		return s.badOp()
	}
	x := s.constOf(e.Args[0], s.str)
	if !x.ok() {
		return x
	}
	text := x.V.str()
	vals := make([]Value, len(text))
	for i := range len(text) {
		vals[i] = intVal(s.u8, int64(text[i]))
	}
	return constOp(Value{T: s.array([]int{len(text)}, s.u8), P: &arrayVal{n: len(vals), elems: vals}})
}

func (s *sema) stringFromByte(e *syntax.Builtin) Operand {
	if !s.args(e, 1, 1) {
		return s.badOp()
	}
	n, ok := s.intOf(e.Args[0], "the byte", 0, 255)
	if !ok {
		return s.badOp()
	}
	return constOp(s.strVal(string([]byte{byte(n)})))
}

func (s *sema) field(e *syntax.Builtin) Operand {
	if !s.args(e, 2, 2) {
		return s.badOp()
	}
	return s.load(s.placeOf(e))
}

func (s *sema) hasField(e *syntax.Builtin) Operand {
	if !s.args(e, 2, 2) {
		return s.badOp()
	}
	n := s.constOf(e.Args[1], s.str)
	var x Operand
	if s.fr.fn != nil && !s.ct() {
		s.collect(func() { x = s.expr(e.Args[0], nil) })
	} else {
		x = s.typeAtComptime(e.Args[0])
		if x.ok() && x.T.kind == KModule {
			x = s.expr(e.Args[0], nil)
		}
	}
	if !x.ok() || !n.ok() {
		return s.badOp()
	}
	if m, ok := x.V.P.(*module); ok && x.isConst() {
		_, has := m.file.index[n.V.str()]
		return constOp(s.boolVal(has))
	}
	_, has := x.T.names[n.V.str()]
	return constOp(s.boolVal(has && x.T.isStruct()))
}

func (s *sema) arrayArg(e *syntax.Builtin) *Type {
	if !s.args(e, 1, 1) {
		return nil
	}
	t := s.typeOf(e.Args[0])
	if t == s.bad {
		return nil
	}
	if t.kind != KArray {
		s.errAt(e.Pos(), EShape, "", "@%s needs an array type, not '%s'", e.Name, t)
		return nil
	}
	return t
}

func (s *sema) elementType(e *syntax.Builtin) Operand {
	if t := s.arrayArg(e); t != nil {
		return constOp(s.typeVal(t.elem))
	}
	return s.badOp()
}

func (s *sema) elementCount(e *syntax.Builtin) Operand {
	if t := s.arrayArg(e); t != nil {
		return constOp(intVal(s.u32, int64(t.count())))
	}
	return s.badOp()
}

func (s *sema) rank(e *syntax.Builtin) Operand {
	if t := s.arrayArg(e); t != nil {
		return constOp(intVal(s.u16, int64(len(t.dims))))
	}
	return s.badOp()
}

func (s *sema) dimensions(e *syntax.Builtin) Operand {
	t := s.arrayArg(e)
	if t == nil {
		return s.badOp()
	}
	vals := make([]Value, len(t.dims))
	for i, d := range t.dims {
		vals[i] = intVal(s.u32, int64(d))
	}
	return constOp(Value{T: s.array([]int{len(vals)}, s.u32), P: &arrayVal{n: len(vals), elems: vals}})
}

func (s *sema) getInt(e *syntax.Builtin) Operand {
	if !s.args(e, 1, 1) {
		return s.badOp()
	}
	x := s.expr(e.Args[0], nil)
	if !x.ok() {
		return x
	}
	t := x.T
	switch {
	case t.isIntLike():
		return x
	case t.kind == KEnum:
		t = t.elem
	case t.isHandle() && t.kind != KDirection:
		t = s.u16
	default:
		return s.err(e.Pos(), EType, "'%s' has no underlying integer", t)
	}
	return s.retype(x, t)
}

func (s *sema) assert(e *syntax.Builtin) Operand {
	if s.ct() {
		return s.comptimeAssert(e)
	}
	if !s.args(e, 1, 2) {
		return s.badOp()
	}
	x := s.coerceBool(e.Args[0].Pos(), s.expr(e.Args[0], s.boolean))
	if !x.ok() || x.isConst() && x.V.I != 0 {
		return x
	}
	line, _ := s.fr.mod.file.tree.LineCol(e.Pos())
	trap := &air.Eval{Src: s.src(e.Pos()), X: &air.Intrinsic{
		Op: image.OpTrap, Text: fmt.Sprintf("assertion failed at %s:%d", s.fr.mod.file.name, line),
	}}
	if x.isConst() {
		s.emit(trap)
	} else {
		s.emit(&air.If{Src: trap.Src, C: x.X, Else: []air.Stmt{trap}})
	}
	return s.voidOp()
}

func (s *sema) comptimeAssert(e *syntax.Builtin) Operand {
	if !s.args(e, 1, 2) {
		return s.badOp()
	}
	x := s.constOf(e.Args[0], s.boolean)
	if !x.ok() || x.V.I != 0 {
		if x.ok() {
			return s.voidOp()
		}
		return x
	}
	if len(e.Args) == 2 {
		m := s.constOf(e.Args[1], s.str)
		if !m.ok() {
			return m
		}
		return s.err(e.Pos(), EAssert, "assertion failed: %s", m.V.str())
	}
	return s.err(e.Pos(), EAssert, "assertion failed")
}

func (s *sema) comptimePrint(e *syntax.Builtin) Operand {
	s.effects++
	var parts []string
	for _, a := range e.Args {
		x := s.constOf(a, nil)
		if !x.ok() {
			return x
		}
		parts = append(parts, s.show(x.V))
	}
	if s.opt.Print != nil {
		s.opt.Print(fmt.Sprintf("%s: %s\n", s.place(e.Pos()), strings.Join(parts, ", ")))
	}
	return s.voidOp()
}

func (s *sema) concatStructs(e *syntax.Builtin) Operand {
	if !s.args(e, 2, 2) {
		return s.badOp()
	}
	a, b := s.constOf(e.Args[0], nil), s.constOf(e.Args[1], nil)
	if isBad(&a, &b) {
		return s.badOp()
	}
	for i, x := range []*Operand{&a, &b} {
		if x.T == s.void {
			*x = constOp(Value{T: s.tuple(nil, nil), P: &structVal{}})
		}
		if x.T.kind != KTuple {
			return s.err(e.Args[i].Pos(), EType, "@concat_structs needs anonymous structs, not '%s'", x.T)
		}
	}
	n, m := len(a.T.fields), len(b.T.fields)
	if n > 0 && m > 0 && (a.T.names == nil) != (b.T.names == nil) {
		return s.err(e.Pos(), EType, "a struct with field names and one without cannot be concatenated")
	}
	a = s.yield(a, b.T)
	vals := make([]Value, 0, n+m)
	vals = append(append(vals, a.V.P.(*structVal).vals...), b.V.P.(*structVal).vals...)
	t := s.joined(e, a.T, b.T)
	if t == nil {
		return s.badOp()
	}
	for _, v := range vals {
		share(v)
	}
	return constOp(Value{T: t, P: &structVal{vals: vals}})
}

// yield drops fields of a without a value, {}, that the other struct sets: the
// parameters of <memcpy/get_params> name all options, used or not.
func (s *sema) yield(a Operand, other *Type) Operand {
	drop := func(f field) bool {
		_, twice := other.names[f.name]
		return twice && f.t == s.void
	}
	if !slices.ContainsFunc(a.T.fields, drop) {
		return a
	}
	var names []string
	var types []*Type
	var vals []Value
	for i, f := range a.T.fields {
		if !drop(f) {
			names, types, vals = append(names, f.name), append(types, f.t), append(vals, a.V.P.(*structVal).vals[i])
		}
	}
	return constOp(Value{T: s.tuple(names, types), P: &structVal{vals: vals}})
}

// joined is the type of a concatenation: mostly that of the last time.
func (s *sema) joined(e *syntax.Builtin, a, b *Type) *Type {
	n := len(a.fields)
	if t := s.joins[e]; t != nil && len(t.fields) == n+len(b.fields) {
		same := true
		for i, f := range t.fields {
			g := &a.fields
			k := i
			if i >= n {
				g, k = &b.fields, i-n
			}
			same = same && f.t == (*g)[k].t && f.name == (*g)[k].name
		}
		if same {
			return t
		}
	}
	for _, f := range b.fields {
		if _, twice := a.names[f.name]; twice {
			s.errAt(e.Args[1].Pos(), EDuplicate, "", "both structs have a field '%s'", f.name)
			return nil
		}
	}
	var names []string
	if a.names != nil || b.names != nil {
		names = append(fieldNames(a), fieldNames(b)...)
	}
	types := make([]*Type, 0, n+len(b.fields))
	for _, f := range slices.Concat(a.fields, b.fields) {
		types = append(types, f.t)
	}
	t := s.tuple(names, types)
	s.joins[e] = t
	return t
}

func (s *sema) getRectangle(e *syntax.Builtin) Operand {
	if !s.args(e, 0, 0) {
		return s.badOp()
	}
	if !s.lay.set {
		return s.errCure(e.Pos(), ERect, "call @set_rectangle first", "@get_rectangle comes before @set_rectangle")
	}
	pair := func(w, h int) Value {
		return Value{
			T: s.tuple([]string{"width", "height"}, []*Type{s.u16, s.u16}),
			P: &structVal{vals: []Value{intVal(s.u16, int64(w)), intVal(s.u16, int64(h))}},
		}
	}
	fw, fh := s.opt.FabricW, s.opt.FabricH
	if fw == 0 {
		fw, fh = s.lay.w+s.opt.OffsetX, s.lay.h+s.opt.OffsetY
	}
	fab, off := pair(fw, fh), pair(s.opt.OffsetX, s.opt.OffsetY)
	vals := []Value{intVal(s.u16, int64(s.lay.w)), intVal(s.u16, int64(s.lay.h)), fab, off}
	return constOp(Value{
		T: s.tuple([]string{"width", "height", "fabric", "offsets"}, []*Type{s.u16, s.u16, fab.T, off.T}),
		P: &structVal{vals: vals},
	})
}

// intrinsic emits a machine operation with a result of type t, or for its effect.
func (s *sema) intrinsic(e *syntax.Builtin, op image.Op, t *Type, imm int64, args ...air.Expr) Operand {
	x := &air.Intrinsic{Op: op, Rep: t.scalarRep(), Imm: imm, Args: args}
	if t.kind == KVoid {
		s.emit(&air.Eval{Src: s.src(e.Pos()), X: x})
		return s.voidOp()
	}
	return s.temp(e.Pos(), runOp(t, x))
}

func (s *sema) random16(e *syntax.Builtin) Operand {
	if !s.args(e, 0, 0) || !s.atRun(e) {
		return s.badOp()
	}
	return s.intrinsic(e, image.OpRandom, s.u16, 0)
}

// setPRNG is @set_active_prng(id).
func (s *sema) setPRNG(e *syntax.Builtin) Operand { return s.prng(e, s.u16, 0) }

// waferSeed gives the active generator a state, for <random>.
func (s *sema) waferSeed(e *syntax.Builtin) Operand { return s.prng(e, s.u32, 1) }

func (s *sema) prng(e *syntax.Builtin, t *Type, what int64) Operand {
	if !s.args(e, 1, 1) || !s.atRun(e) {
		return s.badOp()
	}
	x := s.coerce(e.Args[0].Pos(), s.expr(e.Args[0], t), t)
	if !x.ok() {
		return x
	}
	return s.intrinsic(e, image.OpPRNG, s.void, what, s.code(e.Pos(), x))
}

func (s *sema) getConfig(e *syntax.Builtin) Operand {
	if !s.args(e, 1, 2) {
		return s.badOp()
	}
	x := s.coerce(e.Args[0].Pos(), s.expr(e.Args[0], s.u16), s.u16)
	if !x.ok() {
		return x
	}
	if s.ct() {
		if !s.atTop(e) {
			return s.badOp()
		}
		a, ok := s.configAddr(e, x)
		if !ok {
			return s.badOp()
		}
		if v, ok := s.prog.config[a]; ok {
			return constOp(intVal(s.u16, int64(v)))
		}
		v, ok := machine.ConfigDefault(a)
		if !ok {
			return s.err(e.Pos(), EComptime, "configuration register %#x has no value at compile time", a)
		}
		return constOp(intVal(s.u16, int64(v)))
	}
	return s.intrinsic(e, image.OpGetConf, s.u16, 0, s.code(e.Pos(), x))
}

func (s *sema) setConfig(e *syntax.Builtin) Operand {
	if !s.args(e, 2, 3) {
		return s.badOp()
	}
	a := s.coerce(e.Args[0].Pos(), s.expr(e.Args[0], s.u16), s.u16)
	v := s.coerce(e.Args[1].Pos(), s.expr(e.Args[1], s.u16), s.u16)
	if isBad(&a, &v) {
		return s.badOp()
	}
	if s.ct() {
		if !s.atTop(e) {
			return s.badOp()
		}
		at, ok := s.configAddr(e, a)
		if !ok {
			return s.badOp()
		}
		s.prog.config[at] = uint16(v.V.I)
		return s.voidOp()
	}
	ax, vx := s.code(e.Pos(), a), s.code(e.Pos(), v)
	return s.intrinsic(e, image.OpSetConf, s.void, 0, ax, vx)
}

// configAddr checks the register that a comptime block reads or sets. Routes,
// filters and queues have statements of their own there.
func (s *sema) configAddr(e *syntax.Builtin, x Operand) (uint16, bool) {
	a := uint16(x.V.I)
	if a >= machine.ConfigBytes {
		a >>= 1
	}
	if a < machine.ConfigBase {
		s.errAt(e.Args[0].Pos(), EComptime, "", "word %#x is memory, not a configuration register", a)
		return 0, false
	}
	if machine.ReservedConfig(a) {
		s.errAt(e.Args[0].Pos(), EPlace, "use @set_color_config or @initialize_queue, or set it in a function that runs first",
			"configuration register %#x is set up by the compiler", a)
		return 0, false
	}
	return a, true
}

func (s *sema) getColor(e *syntax.Builtin) Operand {
	return s.handle(e, s.color, 0, machine.Colors-1)
}

// handle makes a colour, queue or id of a number.
func (s *sema) handle(e *syntax.Builtin, t *Type, lo, hi int64) Operand {
	if !s.args(e, 1, 1) {
		return s.badOp()
	}
	x := s.expr(e.Args[0], nil)
	if !x.ok() {
		return x
	}
	if x.T == t { // already one
		return x
	}
	if !x.T.isIntLike() {
		return s.err(e.Args[0].Pos(), EType, "@%s needs an integer, not '%s'", e.Name, x.T)
	}
	if x.isConst() {
		if x.V.isBig() || x.V.I < lo || x.V.I > hi {
			return s.err(e.Args[0].Pos(), EID, "%s is no %s: on %s they go from %d to %d", s.show(x.V), t, s.opt.Arch, lo, hi)
		}
		return constOp(intVal(t, x.V.I))
	}
	if x = s.coerce(e.Args[0].Pos(), x, s.u16); !x.ok() {
		return x
	}
	return runOp(t, x.X)
}

func (s *sema) getID(e *syntax.Builtin) Operand {
	wse2 := s.opt.Arch == machine.WSE2
	switch e.Name {
	case "get_input_queue":
		return s.handle(e, s.inQ, 0, machine.Queues-1)
	case "get_output_queue":
		hi := int64(machine.Queues - 1)
		if wse2 {
			hi = 5 // facts/csl.md A.7: output queues 6 and 7 are absent
		}
		return s.handle(e, s.outQ, 0, hi)
	case "get_ut_id":
		if wse2 {
			return s.errCure(e.Pos(), EArch, "the queue decides the microthread on wse2", "@get_ut_id is not available on wse2")
		}
		return s.handle(e, s.utID, 0, machine.Microthreads-1)
	case "get_control_task_id":
		return s.handle(e, s.ctlID, 0, machine.MaxTasks-1)
	}
	lo := int64(8)
	if wse2 {
		lo = 0
	}
	return s.handle(e, s.localID, lo, machine.TaskTimer)
}

func (s *sema) getDataTaskID(e *syntax.Builtin) Operand {
	if !s.args(e, 1, 1) {
		return s.badOp()
	}
	x := s.expr(e.Args[0], nil)
	if !x.ok() {
		return x
	}
	need := s.inQ
	if s.opt.Arch == machine.WSE2 {
		need = s.color
	}
	if x.T != need {
		cure := "use the input queue that is bound to the color"
		if need == s.color {
			cure = "use the color; @is_arch(\"wse3\") tells the generations apart"
		}
		return s.errCure(e.Args[0].Pos(), EArch, cure, "on %s a data task id is made from a value of type '%s', not '%s'", s.opt.Arch, need, x.T)
	}
	return s.retype(x, s.dataID)
}
