package sema

import (
	"cmp"
	"math"
	"math/big"
	"slices"

	"wafer/internal/csl/air"
	"wafer/internal/csl/syntax"
	"wafer/internal/image"
	"wafer/internal/num"
)

func sorted(xs []string) []string {
	slices.Sort(xs)
	return xs
}

func bigFromFloat(f float64) *big.Int {
	b, _ := new(big.Float).SetFloat64(f).Int(nil)
	return b
}

// numberBig is an integer, bool or enum as an exact float.
func (v Value) numberBig(s *sema) *big.Float {
	return new(big.Float).SetPrec(200).SetInt(v.intBig(s))
}

func (v Value) intBig(*sema) *big.Int {
	if b, ok := v.P.(*big.Int); ok {
		return b
	}
	t := v.T
	if t.kind == KEnum {
		t = t.elem
	}
	if t.kind == KInt && !t.signed && v.I < 0 {
		return new(big.Int).SetUint64(uint64(v.I))
	}
	return big.NewInt(v.I)
}

// wrap brings an integer-like value to the integer type t modulo its width.
func (s *sema) wrap(v Value, t *Type) Value {
	if t.kind == KComptimeInt {
		return s.bigVal(v.intBig(s))
	}
	i := v.I
	if b, ok := v.P.(*big.Int); ok {
		i = int64(new(big.Int).And(b, new(big.Int).SetUint64(math.MaxUint64)).Uint64())
	}
	return intVal(t, wrapBits(i, t))
}

// ASSUMED(comptime-wrap): comptime arithmetic of fixed width wraps. wrapBits keeps the low bits of i as type t holds them.
func wrapBits(i int64, t *Type) int64 {
	if t.bits >= 64 {
		return i
	}
	if t.bits == 0 {
		return 0
	}
	sh := uint(64 - t.bits)
	if t.signed {
		return i << sh >> sh
	}
	return int64(uint64(i) << sh >> sh)
}

func (s *sema) unary(e *syntax.Unary, want *Type) Operand {
	s.at = e.Pos()
	x := s.expr(e.X, want)
	if !x.ok() {
		return x
	}
	switch e.Op {
	case syntax.Not:
		if x = s.coerceBool(e.X.Pos(), x); !x.ok() {
			return x
		}
		if x.isConst() {
			return constOp(s.boolVal(x.V.I == 0))
		}
		return runOp(s.boolean, &air.Un{Op: image.OpNot, Rep: image.B1, X: x.X})
	case syntax.Neg:
		return s.negate(e.Pos(), x)
	}
	return s.bitNot(e.Pos(), x)
}

func (s *sema) coerceBool(p syntax.Pos, x Operand) Operand {
	if x.ok() && x.T.kind != KBool {
		return s.errCure(p, EType, "compare it: x != 0", "expected 'bool', found %s", s.describe(&x))
	}
	return x
}

func (s *sema) negate(p syntax.Pos, x Operand) Operand {
	t := x.T
	if !t.isNumeric() {
		return s.err(p, EOperator, "'-' does not apply to '%s'", t)
	}
	if !x.isConst() {
		return s.narrow(runOp(t, &air.Un{Op: image.OpNeg, Rep: t.rep, X: x.X}))
	}
	if s.undefinedOperand(p, x) {
		return s.badOp()
	}
	switch t.kind {
	case KComptimeInt:
		return constOp(s.bigVal(new(big.Int).Neg(x.V.big())))
	case KInt:
		return constOp(intVal(t, wrapBits(-x.V.I, t)))
	case KFloat:
		switch t.rep {
		case image.F32:
			return constOp(Value{T: t, I: int64(num.Neg32(uint32(x.V.I)))})
		default:
			return constOp(Value{T: t, I: int64(formatOf(t).Neg(uint16(x.V.I)))})
		}
	}
	return constOp(floatVal(t, -x.V.float()))
}

func (s *sema) undefinedOperand(p syntax.Pos, x Operand) bool {
	if x.isConst() && x.V.isUndef() {
		s.errAt(p, EUndefined, "give it a value first", "the value used here is undefined")
		return true
	}
	return false
}

func (s *sema) bitNot(p syntax.Pos, x Operand) Operand {
	if x.T.kind != KInt {
		return s.err(p, EOperator, "'~' needs an integer of fixed width, not '%s'", x.T)
	}
	if x.isConst() {
		return constOp(intVal(x.T, wrapBits(^x.V.I, x.T)))
	}
	return s.narrow(runOp(x.T, &air.Un{Op: image.OpNot, Rep: x.T.rep, X: x.X}))
}

func (s *sema) binary(e *syntax.Binary) Operand {
	if e.Op == syntax.LogAnd || e.Op == syntax.LogOr {
		return s.logic(e)
	}
	x := s.expr(e.X, nil)
	y := s.expr(e.Y, nil)
	if isBad(&x, &y) {
		return s.badOp()
	}
	s.at = e.Pos()
	return s.binop(e.Pos(), e.Op, x, y)
}

// logic is x and y, x or y. A known left side that decides leaves the right side
// unchecked.
func (s *sema) logic(e *syntax.Binary) Operand {
	x := s.coerceBool(e.X.Pos(), s.expr(e.X, s.boolean))
	if !x.ok() {
		return x
	}
	or := e.Op == syntax.LogOr
	if x.isConst() {
		if (x.V.I != 0) == or {
			return x
		}
		return s.coerceBool(e.Y.Pos(), s.expr(e.Y, s.boolean))
	}
	var y Operand
	s.fr.rtDepth++
	stmts := s.collect(func() { y = s.coerceBool(e.Y.Pos(), s.expr(e.Y, s.boolean)) })
	s.fr.rtDepth--
	if !y.ok() {
		return y
	}
	yx := s.code(e.Y.Pos(), y)
	if len(stmts) > 0 {
		yx = &air.Seq{Stmts: stmts, X: yx}
	}
	return runOp(s.boolean, &air.Logic{Or: or, X: x.X, Y: yx})
}

// binop applies an operator to two operands. It is also what x op= y does.
func (s *sema) binop(p syntax.Pos, op syntax.Op, x, y Operand) Operand {
	if s.undefinedOperand(p, x) || s.undefinedOperand(p, y) {
		return s.badOp()
	}
	if op == syntax.Shl || op == syntax.Shr {
		return s.shift(p, op, x, y)
	}
	if op >= syntax.Eq && op <= syntax.Ge && !x.T.isNumeric() {
		return s.compareOther(p, op, x, y)
	}
	if !x.T.isNumeric() || !y.T.isNumeric() {
		return s.errCure(p, EOperator, s.operatorCure(x.T, y.T), "'%s' does not apply to '%s' and '%s'", op, x.T, y.T)
	}
	t := s.peer(&x, &y)
	if t == nil {
		return s.errCure(p, EOperator, "convert one of them with @as", "'%s' needs two operands of one type, not '%s' and '%s'", op, x.T, y.T)
	}
	x, y = s.coerce(p, x, t), s.coerce(p, y, t)
	if isBad(&x, &y) {
		return s.badOp()
	}
	if t.isFloatLike() && (op == syntax.Mod || op >= syntax.And && op <= syntax.Xor) {
		return s.err(p, EOperator, "'%s' does not apply to floating-point values", op)
	}
	if x.isConst() && y.isConst() {
		return s.foldNumbers(p, op, t, x.V, y.V)
	}
	return s.emitBin(p, op, t, x, y)
}

func (s *sema) operatorCure(a, b *Type) string {
	for _, t := range []*Type{a, b} {
		if t.isHandle() || t.kind == KEnum {
			return "take its number with @get_int(…)"
		}
		if t.kind == KBool {
			return "use 'and', 'or' and '!' with bools"
		}
	}
	return ""
}

func (s *sema) emitBin(p syntax.Pos, op syntax.Op, t *Type, x, y Operand) Operand {
	if y.isConst() && (op == syntax.Div || op == syntax.Mod) && t.kind == KInt && y.V.I == 0 {
		return s.err(p, EDivide, "division by zero")
	}
	a, b := s.code(p, x), s.code(p, y)
	if a == nil || b == nil {
		return s.badOp()
	}
	rep := t.scalarRep()
	switch op {
	case syntax.Gt:
		return runOp(s.boolean, &air.Bin{Op: image.OpLt, Rep: rep, X: b, Y: a})
	case syntax.Ge:
		return runOp(s.boolean, &air.Bin{Op: image.OpLe, Rep: rep, X: b, Y: a})
	case syntax.Eq, syntax.Ne, syntax.Lt, syntax.Le:
		return runOp(s.boolean, &air.Bin{Op: machineOp(op), Rep: rep, X: a, Y: b})
	}
	return s.narrow(runOp(t, &air.Bin{Op: machineOp(op), Rep: rep, X: a, Y: b}))
}

func machineOp(op syntax.Op) image.Op {
	switch op {
	case syntax.Add:
		return image.OpAdd
	case syntax.Sub:
		return image.OpSub
	case syntax.Mul:
		return image.OpMul
	case syntax.Div:
		return image.OpDiv
	case syntax.Mod:
		return image.OpMod
	case syntax.And:
		return image.OpAnd
	case syntax.Or:
		return image.OpOr
	case syntax.Xor:
		return image.OpXor
	case syntax.Shl:
		return image.OpShl
	case syntax.Shr:
		return image.OpShr
	case syntax.Eq:
		return image.OpEq
	case syntax.Ne:
		return image.OpNe
	case syntax.Lt:
		return image.OpLt
	case syntax.Le:
		return image.OpLe
	}
	return image.OpNop
}

// foldNumbers computes x op y on values of one numeric type.
func (s *sema) foldNumbers(p syntax.Pos, op syntax.Op, t *Type, x, y Value) Operand {
	if t.isFloatLike() {
		return s.foldFloats(p, op, t, x, y)
	}
	if !x.isBig() && !y.isBig() {
		if v, ok := s.foldSmall(op, t, x.I, y.I); ok {
			return constOp(v)
		}
	}
	a, b := x.big(), y.big()
	if op >= syntax.Eq {
		return constOp(s.boolVal(ordered(op, a.Cmp(b))))
	}
	r := new(big.Int)
	switch op {
	case syntax.Add:
		r.Add(a, b)
	case syntax.Sub:
		r.Sub(a, b)
	case syntax.Mul:
		if a.BitLen()+b.BitLen() > maxBigBits {
			return s.err(p, ELimit, "the number has more than %d bits", maxBigBits)
		}
		r.Mul(a, b)
	case syntax.Div, syntax.Mod:
		if b.Sign() == 0 {
			return s.err(p, EDivide, "division by zero")
		}
		if op == syntax.Div {
			r.Quo(a, b)
		} else {
			r.Rem(a, b)
		}
	case syntax.And:
		r.And(a, b)
	case syntax.Or:
		r.Or(a, b)
	case syntax.Xor:
		r.Xor(a, b)
	}
	return constOp(s.wrap(s.bigVal(r), t))
}

// maxBigBits bounds comptime_int.
const maxBigBits = 1 << 16

// foldSmall computes on int64 where nothing overflows; ok is false otherwise.
func (s *sema) foldSmall(op syntax.Op, t *Type, a, b int64) (Value, bool) {
	if op >= syntax.Eq {
		return s.boolVal(ordered(op, cmp.Compare(a, b))), true
	}
	var r int64
	const half = 1 << 31
	switch op {
	case syntax.Add:
		r = a + b
		if (r > a) != (b > 0) && b != 0 {
			return Value{}, false
		}
	case syntax.Sub:
		r = a - b
		if (r < a) != (b > 0) && b != 0 {
			return Value{}, false
		}
	case syntax.Mul:
		if a >= half || a <= -half || b >= half || b <= -half {
			return Value{}, false
		}
		r = a * b
	case syntax.Div, syntax.Mod:
		if b == 0 || b == -1 {
			return Value{}, false
		}
		if op == syntax.Div {
			r = a / b
		} else {
			r = a % b
		}
	case syntax.And:
		r = a & b
	case syntax.Or:
		r = a | b
	case syntax.Xor:
		r = a ^ b
	}
	if t.kind == KInt {
		r = wrapBits(r, t)
	}
	return intVal(t, r), true
}

func ordered(op syntax.Op, c int) bool {
	switch op {
	case syntax.Eq:
		return c == 0
	case syntax.Ne:
		return c != 0
	case syntax.Lt:
		return c < 0
	case syntax.Le:
		return c <= 0
	case syntax.Gt:
		return c > 0
	}
	return c >= 0
}

func (s *sema) foldFloats(p syntax.Pos, op syntax.Op, t *Type, x, y Value) Operand {
	a, b := x.float(), y.float()
	if op >= syntax.Eq {
		return constOp(s.boolVal(orderedFloat(op, a, b)))
	}
	switch t.rep {
	case image.F32:
		f := map[syntax.Op]func(a, b uint32) uint32{syntax.Add: num.Add32, syntax.Sub: num.Sub32, syntax.Mul: num.Mul32, syntax.Div: num.Div32}[op]
		return constOp(Value{T: t, I: int64(f(uint32(x.I), uint32(y.I)))})
	case image.F16, image.BF16, image.CB16:
		ft := formatOf(t)
		f := map[syntax.Op]func(a, b uint16) uint16{syntax.Add: ft.Add, syntax.Sub: ft.Sub, syntax.Mul: ft.Mul, syntax.Div: ft.Div}[op]
		return constOp(Value{T: t, I: int64(f(uint16(x.I), uint16(y.I)))})
	}
	var r float64
	switch op {
	case syntax.Add:
		r = a + b
	case syntax.Sub:
		r = a - b
	case syntax.Mul:
		r = a * b
	case syntax.Div:
		if b == 0 {
			return s.err(p, EDivide, "division by zero")
		}
		r = a / b
	}
	return constOp(floatVal(t, r))
}

func orderedFloat(op syntax.Op, a, b float64) bool {
	switch op {
	case syntax.Eq:
		return a == b
	case syntax.Ne:
		return a != b
	case syntax.Lt:
		return a < b
	case syntax.Le:
		return a <= b
	case syntax.Gt:
		return a > b
	}
	return a >= b
}

// shift is x << y and x >> y. The amount may have any integer type.
func (s *sema) shift(p syntax.Pos, op syntax.Op, x, y Operand) Operand {
	if !x.T.isIntLike() || !y.T.isIntLike() {
		return s.err(p, EOperator, "'%s' needs integers, not '%s' and '%s'", op, x.T, y.T)
	}
	if y.isConst() && (y.V.isBig() || y.V.I < 0 || y.V.I > maxBigBits) {
		return s.err(p, EFit, "a shift by %s is not possible", s.show(y.V))
	}
	if x.isConst() && y.isConst() {
		n := uint(y.V.I)
		b := new(big.Int)
		if op == syntax.Shl {
			b.Lsh(x.V.big(), n)
		} else {
			b.Rsh(x.V.big(), n)
		}
		return constOp(s.wrap(s.bigVal(b), x.T))
	}
	if x.T.kind == KComptimeInt {
		if x = s.coerce(p, x, y.T); !x.ok() {
			return x
		}
	}
	t := x.T
	if y.isConst() {
		if y = s.coerce(p, constOp(intVal(s.cint, y.V.I)), s.u16); !y.ok() {
			return y
		}
		y.V = intVal(t, y.V.I)
	}
	a, b := s.code(p, x), s.code(p, y)
	if a == nil || b == nil {
		return s.badOp()
	}
	if r := b.R(); r != t.rep {
		b = &air.Conv{To: t.rep, From: r, X: b}
	}
	return s.narrow(runOp(t, &air.Bin{Op: machineOp(op), Rep: t.rep, X: a, Y: b}))
}

// compareOther compares values that are not numbers.
func (s *sema) compareOther(p syntax.Pos, op syntax.Op, x, y Operand) Operand {
	t := s.peer(&x, &y)
	if t == nil {
		return s.errCure(p, EOperator, s.operatorCure(x.T, y.T), "'%s' and '%s' cannot be compared", x.T, y.T)
	}
	x, y = s.coerce(p, x, t), s.coerce(p, y, t)
	if op != syntax.Eq && op != syntax.Ne {
		return s.err(p, EOperator, "values of type '%s' have no order", t)
	}
	if t.isAggregate() || t.isDSD() {
		return s.err(p, EOperator, "values of type '%s' cannot be compared", t)
	}
	if x.isConst() && y.isConst() {
		return constOp(s.boolVal(same(x.V, y.V) == (op == syntax.Eq)))
	}
	a, b := s.code(p, x), s.code(p, y)
	if a == nil || b == nil {
		return s.badOp()
	}
	return runOp(s.boolean, &air.Bin{Op: machineOp(op), Rep: t.scalarRep(), X: a, Y: b})
}

// rootOf is the correctly rounded square root.
func rootOf(v Value) Value {
	if v.T.rep == image.F32 {
		return Value{T: v.T, I: int64(num.Sqrt32(uint32(v.I)))}
	}
	return Value{T: v.T, I: int64(formatOf(v.T).Sqrt(uint16(v.I)))}
}

// fmaOf is a*b + c with one rounding.
func fmaOf(a, b, c Value) Value {
	if a.T.rep == image.F32 {
		return Value{T: a.T, I: int64(num.FMA32(uint32(a.I), uint32(b.I), uint32(c.I)))}
	}
	return Value{T: a.T, I: int64(formatOf(a.T).FMA(uint16(a.I), uint16(b.I), uint16(c.I)))}
}

// alignment is align(n): bytes, a power of two; given in words.
func (s *sema) alignment(e syntax.Expr) int {
	n, ok := s.intOf(e, "the alignment", 1, 1<<15)
	if !ok {
		return 1
	}
	if n&(n-1) != 0 {
		s.errAt(e.Pos(), EFit, "", "an alignment must be a power of two, not %d", n)
		return 1
	}
	return max(1, int(n)/2)
}
