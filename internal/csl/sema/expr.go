package sema

import (
	"math/big"

	"wafer/internal/csl/air"
	"wafer/internal/csl/syntax"
	"wafer/internal/image"
	"wafer/internal/machine"
)

// expr evaluates e. want is the type that the context asks for, nil for none: it
// steers literals and branches; the caller still coerces.
//
//tidy:dispatch
func (s *sema) expr(e syntax.Expr, want *Type) Operand {
	switch e := e.(type) {
	case *syntax.Ident:
		return s.ident(e)
	case *syntax.IntLit:
		return s.intLit(e)
	case *syntax.FloatLit:
		return constOp(floatVal(s.cfloat, e.Value))
	case *syntax.StringLit:
		return constOp(s.strVal(e.Value))
	case *syntax.Unary:
		return s.unary(e, want)
	case *syntax.Binary:
		return s.binary(e)
	case *syntax.AddrOf:
		return s.addrOf(e)
	case *syntax.Deref, *syntax.Field, *syntax.Index:
		s.at = e.Pos()
		return s.load(s.placeOf(e))
	case *syntax.Call:
		return s.call(e)
	case *syntax.Builtin:
		return s.builtin(e, want)
	case *syntax.StructLit:
		return s.structLit(e, want)
	case *syntax.ArrayType, *syntax.PtrType, *syntax.FnType, *syntax.EnumType, *syntax.StructType:
		t := s.typeExpr(e)
		if t == s.bad {
			return s.badOp()
		}
		return constOp(s.typeVal(t))
	case *syntax.If:
		return s.ifExpr(e, want)
	case *syntax.Switch:
		return s.switchExpr(e, want)
	case *syntax.Comptime:
		return s.comptime(e, want)
	case *syntax.Lambda:
		return s.lambda(e)
	case *syntax.Block:
		return s.blockExpr(e, want)
	case *syntax.Asm:
		return s.errCure(e.Pos(), EAsm, "write it in CSL", "inline assembly is not supported: the simulated core has its own instructions")
	}
	return s.badOp()
}

func (s *sema) ident(e *syntax.Ident) Operand {
	if l := s.lookup(e.Name); l != nil {
		return s.loadLocal(l)
	}
	m := s.fr.mod
	if i, ok := m.file.index[e.Name]; ok {
		return s.loadDecl(e.Pos(), m, i)
	}
	return s.builtinName(e)
}

func (s *sema) loadLocal(l *local) Operand {
	switch l.kind {
	case locConst:
		return constOp(l.val)
	case locVar:
		if l.cell != nil {
			return constOp(l.cell.v)
		}
		return constOp(l.val)
	case locOp:
		return *l.op
	case locReg:
		return runOp(l.T, &air.GetLocal{Local: l.idx, Rep: l.T.scalarRep()})
	}
	return s.load(place{k: placeMem, T: l.T, X: &air.LocalAddr{Local: l.idx}})
}

// builtinName resolves the names that the language itself defines.
func (s *sema) builtinName(e *syntax.Ident) Operand {
	switch e.Name {
	case "true":
		return constOp(s.boolVal(true))
	case "false":
		return constOp(s.boolVal(false))
	case "undefined":
		return constOp(Value{T: s.undefined, P: undef{}})
	case "RAMP":
		return constOp(intVal(s.direction, int64(machine.Ramp)))
	case "EAST":
		return constOp(intVal(s.direction, int64(machine.East)))
	case "WEST":
		return constOp(intVal(s.direction, int64(machine.West)))
	case "NORTH":
		return constOp(intVal(s.direction, int64(machine.North)))
	case "SOUTH":
		return constOp(intVal(s.direction, int64(machine.South)))
	}
	if t := s.named(e.Name); t != nil {
		return constOp(s.typeVal(t))
	}
	return s.undeclared(e)
}

func (s *sema) undeclared(e *syntax.Ident) Operand {
	names := []string{"true", "false", "undefined", "EAST", "WEST", "NORTH", "SOUTH", "RAMP"}
	for i := s.fr.base; i < len(s.locs); i++ {
		names = append(names, s.locs[i].name)
	}
	names = append(names, s.fr.mod.file.names...)
	for n := range s.prims {
		names = append(names, n)
	}
	cure := ""
	if n := nearest(e.Name, sorted(names)); n != "" {
		cure = "did you mean '" + n + "'?"
	}
	return s.errCure(e.Pos(), EName, cure, "'%s' is not declared", e.Name)
}

func (s *sema) intLit(e *syntax.IntLit) Operand {
	if e.Fits {
		return constOp(intVal(s.cint, e.Small))
	}
	b, ok := new(big.Int).SetString(e.Text, 0)
	if !ok {
		return s.err(e.Pos(), EFit, "'%s' is not a number", e.Text)
	}
	return constOp(s.bigVal(b))
}

// constOf evaluates e now and coerces it to t (nil: as it is). A value that is
// not known at compile time is a mistake.
func (s *sema) constOf(e syntax.Expr, t *Type) Operand {
	old := s.fr.comptime
	s.fr.comptime = true
	x := s.expr(e, t)
	s.fr.comptime = old
	if !x.ok() {
		return x
	}
	if !x.isConst() {
		return s.err(e.Pos(), EComptime, "this must be known at compile time")
	}
	if t != nil {
		return s.coerce(e.Pos(), x, t)
	}
	return x
}

// known evaluates e in the frame as it is and asks for a comptime-known value:
// calls in it are not run at compile time unless they must be.
func (s *sema) known(e syntax.Expr, t *Type) Operand {
	x := s.expr(e, t)
	if !x.ok() {
		return x
	}
	if !x.isConst() {
		return s.err(e.Pos(), EComptime, "this must be known at compile time")
	}
	if t != nil {
		return s.coerce(e.Pos(), x, t)
	}
	return x
}

// intOf evaluates a comptime integer within lo..hi.
func (s *sema) intOf(e syntax.Expr, what string, lo, hi int64) (int64, bool) {
	x := s.constOf(e, nil)
	if !x.ok() {
		return 0, false
	}
	if !x.T.isIntLike() {
		s.errAt(e.Pos(), EType, "", "%s must be an integer, not %s", what, s.describe(&x))
		return 0, false
	}
	if x.V.isBig() || x.V.I < lo || x.V.I > hi {
		s.errAt(e.Pos(), EFit, "", "%s is %s; it must be from %d to %d", what, s.show(x.V), lo, hi)
		return 0, false
	}
	return x.V.I, true
}

// comptime evaluates comptime X.
func (s *sema) comptime(e *syntax.Comptime, want *Type) Operand {
	old := s.fr.comptime
	s.fr.comptime = true
	x := s.expr(e.X, want)
	s.fr.comptime = old
	if x.ok() && !x.isConst() {
		return s.err(e.Pos(), EComptime, "the expression after 'comptime' is not known at compile time")
	}
	return x
}

// addrOf is &X.
func (s *sema) addrOf(e *syntax.AddrOf) Operand {
	if x, ok := s.addrOfLocalVar(e.X); ok {
		return x
	}
	pl := s.placeOf(e.X)
	if pl.k == placeBad {
		return s.badOp()
	}
	if pl.k == placeVal && pl.op.isConst() && pl.T.kind == KFn {
		return s.fnPointer(e.Pos(), pl.op)
	}
	if pl.k == placeBits {
		return s.err(e.Pos(), EAddress, "a field of a packed struct has no address of its own")
	}
	t := s.ptr(pl.T, false, pl.mut)
	if pl.ptr != nil {
		if pl.T.words < 0 {
			return s.err(e.Pos(), ERuntime, "'%s' has no memory: its type '%s' exists only at compile time", s.text(e.X), pl.T)
		}
		if pl.ptr.g != nil {
			pl.ptr.g.used = true
		}
		return constOp(Value{T: t, P: pl.ptr})
	}
	if pl.k != placeMem {
		if s.ct() {
			return s.errCure(e.Pos(), EAddress, "store it in a variable first", "only variables have an address")
		}
		if _, ident := e.X.(*syntax.Ident); !ident || pl.k != placeVal || pl.T.comptimeOnly() {
			return s.errCure(e.Pos(), EAddress, "store it in a variable first", "only variables have an address")
		}
		// A local constant: give it memory.
		if pl.op.isConst() {
			g := s.prog.constant(s, pl.op.V)
			return constOp(Value{T: t, P: &ptrVal{g: g}})
		}
		i := s.fr.fn.newMem("", pl.T)
		pl = s.intoMem(e.Pos(), i, pl.T, pl.op)
	}
	return runOp(t, s.addr(pl))
}

// addrOfLocalVar gives a comptime variable a cell of its own.
func (s *sema) addrOfLocalVar(e syntax.Expr) (Operand, bool) {
	id, ok := e.(*syntax.Ident)
	if !ok {
		return Operand{}, false
	}
	l := s.lookup(id.Name)
	if l == nil || l.kind != locVar {
		return Operand{}, false
	}
	if l.cell == nil {
		l.cell = &cell{v: l.val}
	}
	return constOp(Value{T: s.ptr(l.T, false, true), P: &ptrVal{cell: l.cell}}), true
}

func (s *sema) intoMem(p syntax.Pos, i int, t *Type, x Operand) place {
	pl := place{k: placeMem, T: t, X: &air.LocalAddr{Local: i}, local: true}
	s.storeTo(p, pl, x)
	return pl
}

// code turns an operand into an expression for the core; nil after an error.
func (s *sema) code(p syntax.Pos, x Operand) air.Expr {
	switch x.M {
	case modeRun:
		return x.X
	case modeMem:
		return offset(x.X, x.Off)
	case modeConst:
		return s.constCode(p, x.V)
	case modeParts:
		if x.T.packed {
			return s.packedCode(p, x)
		}
		s.errAt(p, ERuntime, "give it a named struct type", "a struct with run-time fields cannot be used here")
	}
	return nil
}

// constCode is the code for a comptime value.
func (s *sema) constCode(p syntax.Pos, v Value) air.Expr {
	if s.prog == nil {
		s.errAt(p, EPlace, "", "run-time code is not possible in a layout")
		return nil
	}
	t := v.T
	if t.kind == KFn {
		s.errAt(p, ERuntime, "take its address", "a function is known at compile time only")
		return nil
	}
	if t.comptimeOnly() && t.kind != KFifo {
		s.errAt(p, ERuntime, "give it a type of fixed width, for example with @as", "values of type '%s' exist only at compile time", t)
		return nil
	}
	if t.isAggregate() {
		return &air.GlobalAddr{Global: s.prog.use(s, s.prog.constant(s, v))}
	}
	rep := t.scalarRep()
	if v.isUndef() {
		if t.isDSD() {
			return &air.ConstDSD{DSD: image.DSD{Kind: dsdKind(t), Dims: 1, Color: image.NoColor}, Global: -1}
		}
		return &air.Const{Rep: rep}
	}
	switch q := v.P.(type) {
	case *ptrVal:
		return s.ptrExpr(q)
	case *dsdVal:
		return s.dsdCode(q)
	case *fnVal:
		return &air.FuncAddr{Func: s.prog.funcIndex(s, q)}
	case *structVal:
		return &air.Const{Rep: rep, Bits: s.packBits(v)}
	}
	if rep == image.Void {
		return nil
	}
	return &air.Const{Rep: rep, Bits: uint64(v.I)}
}

// ptrExpr is a comptime-known address as code.
func (s *sema) ptrExpr(q *ptrVal) air.Expr {
	if q.g != nil {
		return &air.GlobalAddr{Global: s.prog.use(s, q.g), Off: q.off}
	}
	if q.cell != nil {
		g := s.prog.constant(s, q.cell.v)
		return &air.GlobalAddr{Global: s.prog.use(s, g), Off: q.off}
	}
	return constU16(q.off)
}

// text is the source of a short expression, for messages.
func (s *sema) text(e syntax.Expr) string {
	switch e := e.(type) {
	case *syntax.Ident:
		return e.Name
	case *syntax.Field:
		return s.text(e.X) + "." + e.Name
	}
	return "this"
}

// describe names an operand in a message: its type, and its value if short.
func (s *sema) describe(x *Operand) string {
	if x.isConst() {
		v := s.show(x.V)
		if x.T.kind != KVoid && len(v) <= 24 && v != x.T.str {
			return v + " of type '" + x.T.str + "'"
		}
	}
	return "a value of type '" + x.T.str + "'"
}
