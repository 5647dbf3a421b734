package nodiff

import (
	"fmt"
	"math"
)

func f32bits(x float32) uint32 { return math.Float32bits(x) }

// variable is a named place with a type: a scalar (n 0) or an array of n elements,
// n a power of two, so that an index can be masked.
type variable struct {
	name  string
	typ   Type
	n     int
	cols  int // of an array in two dimensions, 0: it has one
	init  []Value
	fixed bool // only read: loop variables, parameters, constants
}

// element is v[at & (n-1)], or the same element of an array in two dimensions.
func (v *variable) element(at expr) string {
	i := at.text()
	if v.cols > 0 {
		return fmt.Sprintf("%s[(%s / %d) & %d, %s & %d]", v.name, i, v.cols, v.n/v.cols-1, i, v.cols-1)
	}
	return fmt.Sprintf("%s[%s & %d]", v.name, i, v.n-1)
}

// expr is an expression of type t.
type expr interface {
	text() string
	eval(s *state) Value
}

type lit struct {
	typ Type
	v   Value
}

type read struct{ v *variable }

// elem is v[at & (n-1)].
type elem struct {
	v  *variable
	at expr // u16
}

// deref is p.*, where p points to v.
type deref struct {
	p string
	v *variable
}

// binary is a op b; operands of type t.
type binary struct {
	op   string
	t    Type
	a, b expr
}

// division is a / (b | 1), so that nobody divides by zero.
type division struct {
	op   string
	t    Type
	a, b expr
}

// shifted is a << (n & mask).
type shifted struct {
	op string
	t  Type
	a  expr
	by expr // u16
}

// relation is a op b as a bool; operands of type t.
type relation struct {
	op   string
	t    Type
	a, b expr
}

type logic struct {
	op   string
	a, b expr
}

type negated struct {
	t Type
	a expr
}

type inverted struct{ a expr }

type converted struct {
	to, from Type
	a        expr
}

// sameBits is @bitcast between types of one size.
type sameBits struct {
	to, from Type
	a        expr
}

type choice struct{ c, a, b expr }

type call struct {
	f    *function
	args []expr
}

func (e lit) text() string   { return e.typ.literal(e.v) }
func (e read) text() string  { return e.v.name }
func (e elem) text() string  { return e.v.element(e.at) }
func (e deref) text() string { return e.p + ".*" }
func (e binary) text() string {
	return "(" + e.a.text() + " " + e.op + " " + e.b.text() + ")"
}

func (e division) text() string {
	if e.t.float() {
		return "(" + e.a.text() + " / " + e.b.text() + ")"
	}
	return "(" + e.a.text() + " " + e.op + " (" + e.b.text() + " | 1))"
}

// mask is the largest 2^k - 1 below the width.
func (e shifted) mask() int {
	m := 1
	for m*2 <= e.t.bits() {
		m *= 2
	}
	return m - 1
}

func (e shifted) text() string {
	return fmt.Sprintf("(%s %s (%s & %d))", e.a.text(), e.op, e.by.text(), e.mask())
}
func (e relation) text() string  { return "(" + e.a.text() + " " + e.op + " " + e.b.text() + ")" }
func (e logic) text() string     { return "(" + e.a.text() + " " + e.op + " " + e.b.text() + ")" }
func (e negated) text() string   { return "(-" + e.a.text() + ")" }
func (e inverted) text() string  { return "(!" + e.a.text() + ")" }
func (e converted) text() string { return fmt.Sprintf("@as(%s, %s)", e.to, e.a.text()) }
func (e sameBits) text() string  { return fmt.Sprintf("@bitcast(%s, %s)", e.to, e.a.text()) }
func (e choice) text() string {
	return "(if (" + e.c.text() + ") " + e.a.text() + " else " + e.b.text() + ")"
}

func (e call) text() string {
	s := e.f.name + "("
	for i, a := range e.args {
		if i > 0 {
			s += ", "
		}
		s += a.text()
	}
	return s + ")"
}

func (e lit) eval(*state) Value     { return e.v }
func (e read) eval(s *state) Value  { return s.of(e.v)[0] }
func (e deref) eval(s *state) Value { return s.of(e.v)[0] }
func (e elem) eval(s *state) Value {
	return s.of(e.v)[int(e.at.eval(s))&(e.v.n-1)]
}
func (e binary) eval(s *state) Value { return e.t.arith(e.op, e.a.eval(s), e.b.eval(s)) }
func (e division) eval(s *state) Value {
	a, b := e.a.eval(s), e.b.eval(s)
	if !e.t.float() {
		b |= 1
	}
	return e.t.arith(e.op, a, b)
}

func (e shifted) eval(s *state) Value {
	return e.t.shift(e.op, e.a.eval(s), uint(e.by.eval(s))&uint(e.mask()))
}

func (e relation) eval(s *state) Value {
	return truth(e.t.compare(e.op, e.a.eval(s), e.b.eval(s)))
}

func (e logic) eval(s *state) Value {
	a := e.a.eval(s) != 0
	if e.op == "and" {
		return truth(a && e.b.eval(s) != 0)
	}
	return truth(a || e.b.eval(s) != 0)
}
func (e negated) eval(s *state) Value   { return e.t.negate(e.a.eval(s)) }
func (e inverted) eval(s *state) Value  { return 1 - e.a.eval(s) }
func (e converted) eval(s *state) Value { return convert(e.to, e.from, e.a.eval(s)) }
func (e sameBits) eval(s *state) Value {
	mask := Value(1)<<e.from.bits() - 1
	return e.to.norm(e.a.eval(s) & mask)
}

func (e choice) eval(s *state) Value {
	if e.c.eval(s) != 0 {
		return e.a.eval(s)
	}
	return e.b.eval(s)
}

func (e call) eval(s *state) Value {
	args := make([]Value, len(e.args))
	for i, a := range e.args {
		args[i] = a.eval(s)
	}
	return e.f.run(s, args)
}

func truth(b bool) Value {
	if b {
		return 1
	}
	return 0
}
