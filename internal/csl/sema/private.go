package sema

import (
	"fmt"
	"slices"
	"strings"

	"wafer/internal/csl/air"
	"wafer/internal/csl/syntax"
	"wafer/internal/image"
)

// Private builtins of the libraries: what the machine does that the language has
// no words for.

func (s *sema) waferDone(e *syntax.Builtin) Operand {
	if !s.args(e, 0, 0) || !s.atRun(e) {
		return s.badOp()
	}
	return s.intrinsic(e, image.OpHostDone, s.void, 0)
}

func (s *sema) waferTime(e *syntax.Builtin) Operand {
	if !s.args(e, 1, 1) || !s.atRun(e) {
		return s.badOp()
	}
	x := s.expr(e.Args[0], nil)
	if !x.ok() {
		return x
	}
	if x.T.kind != KPtr {
		return s.err(e.Args[0].Pos(), EType, "expected a pointer, found %s", s.describe(&x))
	}
	return s.intrinsic(e, image.OpTime, s.void, 0, s.code(e.Pos(), x))
}

func (s *sema) waferTimer(e *syntax.Builtin) Operand {
	if !s.args(e, 1, 1) || !s.atRun(e) {
		return s.badOp()
	}
	x := s.known(e.Args[0], s.boolean)
	if !x.ok() {
		return x
	}
	return s.intrinsic(e, image.OpTimer, s.void, x.V.I)
}

func (s *sema) waferPE(e *syntax.Builtin) Operand {
	if !s.args(e, 1, 1) || !s.atRun(e) {
		return s.badOp()
	}
	n, ok := s.intOf(e.Args[0], "the kind", 0, 3)
	if !ok {
		return s.badOp()
	}
	return s.intrinsic(e, image.OpPE, s.u16, n)
}

// waferSqrt is the correctly rounded root of a float.
func (s *sema) waferSqrt(e *syntax.Builtin) Operand {
	if !s.args(e, 1, 1) {
		return s.badOp()
	}
	x := s.expr(e.Args[0], nil)
	if !x.ok() {
		return x
	}
	if x.T.kind != KFloat {
		return s.err(e.Args[0].Pos(), EType, "expected a float, found %s", s.describe(&x))
	}
	if x.isConst() {
		return constOp(rootOf(x.V))
	}
	return runOp(x.T, &air.Intrinsic{Op: image.OpSqrt, Rep: x.T.rep, Args: []air.Expr{x.X}})
}

// waferFMA is a*b + c with one rounding.
func (s *sema) waferFMA(e *syntax.Builtin) Operand {
	if !s.args(e, 3, 3) {
		return s.badOp()
	}
	var xs [3]Operand
	var t *Type
	for i := range xs {
		if xs[i] = s.expr(e.Args[i], t); !xs[i].ok() {
			return xs[i]
		}
		if xs[i].T.kind == KFloat {
			t = xs[i].T
		}
	}
	if t == nil {
		return s.err(e.Pos(), EType, "@wafer_fma needs floats of fixed width")
	}
	all := true
	for i := range xs {
		if xs[i] = s.coerce(e.Args[i].Pos(), xs[i], t); !xs[i].ok() {
			return xs[i]
		}
		all = all && xs[i].isConst()
	}
	if all {
		return constOp(fmaOf(xs[0].V, xs[1].V, xs[2].V))
	}
	args := make([]air.Expr, 3)
	for i := range xs {
		args[i] = s.code(e.Pos(), xs[i])
	}
	return runOp(t, &air.Intrinsic{Op: image.OpFMA, Rep: t.rep, Args: args})
}

// waferHostColor makes a colour a stream between host and cores: direction 0 to
// the device, 1 to the host.
func (s *sema) waferHostColor(e *syntax.Builtin) Operand {
	s.effects++
	if !s.args(e, 2, 2) {
		return s.badOp()
	}
	c := s.constOf(e.Args[0], s.color)
	n, ok := s.intOf(e.Args[1], "the direction", 0, 1)
	if !ok || !c.ok() {
		return s.badOp()
	}
	list := &s.lay.h2d
	if n == 1 {
		list = &s.lay.d2h
	}
	if !slices.Contains(*list, uint8(c.V.I)) {
		*list = append(*list, uint8(c.V.I))
		slices.Sort(*list)
	}
	return s.voidOp()
}

// maxPrintArgs bounds the arguments of one print.
const maxPrintArgs = 64

// waferPrint is @wafer_print(fmt, args…).
func (s *sema) waferPrint(e *syntax.Builtin) Operand {
	if !s.args(e, 1, maxPrintArgs) || !s.atRun(e) {
		return s.badOp()
	}
	f := s.known(e.Args[0], s.str)
	if !f.ok() {
		return f
	}
	xs := make([]Operand, len(e.Args)-1)
	for i, a := range e.Args[1:] {
		if xs[i] = s.expr(a, nil); !xs[i].ok() {
			return xs[i]
		}
	}
	return s.print(e, f.V.str(), xs)
}

// waferPrintTuple is @wafer_print_tuple(fmt, .{args…}).
func (s *sema) waferPrintTuple(e *syntax.Builtin) Operand {
	if !s.args(e, 2, 2) || !s.atRun(e) {
		return s.badOp()
	}
	f, x := s.known(e.Args[0], s.str), s.expr(e.Args[1], nil)
	if isBad(&f, &x) {
		return s.badOp()
	}
	if x.T == s.void {
		return s.print(e, f.V.str(), nil)
	}
	if x.T.kind != KTuple {
		return s.errCure(e.Args[1].Pos(), EType, "write .{ a, b }", "the arguments of a format must be a tuple, not %s", s.describe(&x))
	}
	xs := make([]Operand, len(x.T.fields))
	for i := range xs {
		xs[i] = s.part(x, i)
	}
	return s.print(e, f.V.str(), xs)
}

// print translates a format: what is known at compile time becomes text, the
// rest {rep:spec}, as the simulator reads it.
func (s *sema) print(e *syntax.Builtin, format string, xs []Operand) Operand {
	var text strings.Builder
	var args []air.Expr
	for i := 0; i < len(format); i++ {
		ch := format[i]
		if ch == '{' && i+1 < len(format) && format[i+1] != '{' {
			j := strings.IndexByte(format[i:], '}')
			if j < 0 {
				return s.err(e.Pos(), EOption, "the format has a '{' without '}'")
			}
			spec := format[i+1 : i+j]
			i += j
			if len(xs) == 0 {
				return s.err(e.Pos(), EArgs, "the format needs more arguments")
			}
			x := xs[0]
			xs = xs[1:]
			if !s.printArg(e, &text, &args, spec, x) {
				return s.badOp()
			}
			continue
		}
		if (ch == '{' || ch == '}') && i+1 < len(format) && format[i+1] == ch {
			i++
		}
		if ch == '{' {
			text.WriteByte('{')
		}
		text.WriteByte(ch)
	}
	if len(xs) > 0 {
		return s.err(e.Pos(), EArgs, "the format leaves %d arguments over", len(xs))
	}
	s.emit(&air.Eval{Src: s.src(e.Pos()), X: &air.Intrinsic{Op: image.OpPrint, Text: text.String(), Args: args}})
	return s.voidOp()
}

func (s *sema) printArg(e *syntax.Builtin, text *strings.Builder, args *[]air.Expr, spec string, x Operand) bool {
	if x.isConst() && (x.T.comptimeOnly() || spec == "s") {
		text.WriteString(strings.ReplaceAll(s.showAs(x.V, spec), "{", "{{"))
		return true
	}
	c := s.code(e.Pos(), x)
	if c == nil {
		return false
	}
	rep := x.T.scalarRep()
	if x.T.isAggregate() || rep.Regs() != 1 || x.T.isDSD() {
		s.errAt(e.Pos(), EType, "", "a value of type '%s' cannot be printed", x.T)
		return false
	}
	suffix := map[string]string{"x": ":x", "X": ":x", "b": ":b", "c": ":c", "s": ":s"}[spec]
	fmt.Fprintf(text, "{%s%s}", rep, suffix)
	*args = append(*args, c)
	return true
}

func (s *sema) showAs(v Value, spec string) string {
	if v.T.isIntLike() {
		switch spec {
		case "x":
			return fmt.Sprintf("%x", v.big())
		case "X":
			return fmt.Sprintf("%X", v.big())
		case "b":
			return fmt.Sprintf("%b", v.big())
		case "c":
			return string(rune(v.I))
		}
	}
	return s.show(v)
}
