package nodiff

import "fmt"

// scope is what the generator may use at a place in a program.
type scope struct {
	d      *dice
	names  *int // counter that makes names unique in a core
	vars   []*variable
	ptrs   []point
	funcs  []*function
	inLoop bool
	nest   int
	locked map[*variable]bool // may not be written here
	plain  bool               // no if-expressions: the wanted type would reach their arms
}

func (sc *scope) name(prefix string) string {
	*sc.names++
	return fmt.Sprintf("%s%d", prefix, *sc.names)
}

// inner is the scope of a nested block.
func (sc *scope) inner(loop bool) *scope {
	c := *sc
	c.vars = append([]*variable(nil), sc.vars...)
	c.ptrs = append([]point(nil), sc.ptrs...)
	c.inLoop, c.nest = sc.inLoop || loop, sc.nest+1
	return &c
}

func (sc *scope) plainly() *scope {
	c := *sc
	c.plain = true
	return &c
}

func anyType(d *dice) Type {
	if d.one(2) {
		return pick(d, []Type{I16, U16, F32, F16, I32, U32})
	}
	return Type(1 + d.n(int(numTypes)-1))
}

// leafs are the places that hold a value of type t.
func (sc *scope) leafs(t Type, arrays bool) []*variable {
	var out []*variable
	for _, v := range sc.vars {
		if v.typ == t && (v.n == 0 || arrays) {
			out = append(out, v)
		}
	}
	return out
}

// expr makes an expression of type t that is not known at comptime.
func (sc *scope) expr(t Type, depth int) expr {
	d := sc.d
	if depth <= 0 || d.one(5) {
		return sc.leaf(t, depth)
	}
	if t == Bool {
		return sc.cond(depth)
	}
	if x := sc.special(t, depth); x != nil {
		return x
	}
	a := sc.expr(t, depth-1)
	if t.float() {
		op := pick(d, []string{"+", "-", "*", "/"})
		if op == "/" {
			return division{op, t, a, sc.operand(t, depth-1)}
		}
		return binary{op, t, a, sc.operand(t, depth-1)}
	}
	switch d.n(8) {
	case 0:
		return division{pick(d, []string{"/", "%"}), t, a, sc.expr(t, depth-1)}
	case 1:
		return shifted{pick(d, []string{"<<", ">>"}), t, a, sc.expr(U16, depth-2)}
	}
	return binary{pick(d, []string{"+", "-", "*", "&", "|", "^"}), t, a, sc.operand(t, depth-1)}
}

// special makes the rarer forms, nil most of the time.
func (sc *scope) special(t Type, depth int) expr {
	d := sc.d
	switch d.n(12) {
	case 0:
		if sc.plain {
			return nil
		}
		return choice{sc.cond(depth - 1), sc.expr(t, depth-1), sc.expr(t, depth-1)}
	case 1:
		if from := anyType(d); convertible(t, from) {
			return converted{t, from, sc.plainly().expr(from, depth-1)}
		}
	case 2:
		if t.signed() || t.float() {
			return negated{t, sc.expr(t, depth-1)}
		}
	case 3:
		for from := I8; from < numTypes; from++ {
			if from != t && from.bits() == t.bits() && !from.float() && !t.float() && d.one(2) {
				return sameBits{t, from, sc.expr(from, depth-1)}
			}
		}
	case 4:
		for _, f := range sc.funcs {
			if f.result == t && d.one(2) {
				c := call{f: f}
				for _, p := range f.params {
					c.args = append(c.args, sc.expr(p.typ, depth-2))
				}
				return c
			}
		}
	}
	return nil
}

// operand is the right side of an operator: it may be a literal.
func (sc *scope) operand(t Type, depth int) expr {
	if sc.d.one(3) {
		return lit{t, sc.d.value(t)}
	}
	return sc.expr(t, depth)
}

func (sc *scope) leaf(t Type, depth int) expr {
	d := sc.d
	for _, p := range sc.ptrs {
		if p.v.typ == t && d.one(3) {
			return deref(p)
		}
	}
	list := sc.leafs(t, depth > -2)
	if len(list) == 0 {
		// Every core has a scalar of type u16 and i16, so this ends.
		from := U16
		if t == Bool {
			return relation{"<", U16, sc.leaf(U16, -2), lit{U16, d.value(U16)}}
		}
		return converted{t, from, sc.leaf(from, -2)}
	}
	v := pick(d, list)
	if v.n > 0 {
		return elem{v, sc.expr(U16, min(depth-2, 0)-1)}
	}
	return read{v}
}

func (sc *scope) cond(depth int) expr {
	d := sc.d
	if depth > 1 {
		switch d.n(5) {
		case 0:
			return logic{pick(d, []string{"and", "or"}), sc.cond(depth - 1), sc.cond(depth - 1)}
		case 1:
			return inverted{sc.cond(depth - 1)}
		}
	}
	t := anyType(d)
	return relation{pick(d, []string{"==", "!=", "<", "<=", ">", ">="}), t, sc.expr(t, depth-1), sc.operand(t, depth-1)}
}

// fill puts n statements into b.
func (sc *scope) fill(b *block, n int) {
	for range n {
		b.list = append(b.list, sc.stmts()...)
	}
}

// maxNest bounds nested blocks, maxTrips the rounds of a loop.
const (
	maxNest  = 3
	maxTrips = 7
)

// stmts makes a statement, with the declarations that it needs.
func (sc *scope) stmts() []stmt {
	d := sc.d
	if sc.nest < maxNest {
		switch d.n(12) {
		case 0, 1:
			return []stmt{sc.branch()}
		case 2:
			return []stmt{sc.loop()}
		case 3:
			return sc.each()
		case 4:
			return []stmt{sc.choose()}
		}
	}
	switch d.n(9) {
	case 0:
		v := &variable{name: sc.name("v"), typ: anyType(d)}
		x := declare{v, sc.expr(v.typ, 2)}
		sc.vars = append(sc.vars, v)
		return []stmt{x}
	case 1:
		if x := sc.pointer(); x != nil {
			return x
		}
	case 2:
		if sc.inLoop {
			return []stmt{leave{sc.cond(2), pick(d, []flow{breaks, continues})}}
		}
	}
	return sc.assign()
}

func (sc *scope) branch() stmt {
	b := branch{cond: sc.cond(2), then: &block{}}
	sc.inner(false).fill(b.then, sc.d.between(1, 3))
	if sc.d.one(2) {
		b.els = &block{}
		sc.inner(false).fill(b.els, sc.d.between(1, 3))
	}
	return b
}

func (sc *scope) loop() stmt {
	l := loop{k: &variable{name: sc.name("k"), typ: U16, fixed: true}, n: sc.d.between(1, maxTrips), body: &block{}}
	l.while = sc.d.one(2)
	in := sc.inner(true)
	in.vars = append(in.vars, l.k)
	in.fill(l.body, sc.d.between(1, 3))
	return l
}

func (sc *scope) each() []stmt {
	var arrays []*variable
	for _, v := range sc.vars {
		if v.n > 0 && v.n <= 8 {
			arrays = append(arrays, v)
		}
	}
	if len(arrays) == 0 {
		return sc.assign()
	}
	a := pick(sc.d, arrays)
	e := each{arr: a, body: &block{}}
	e.v = &variable{name: sc.name("e"), typ: a.typ, fixed: true}
	e.k = &variable{name: sc.name("k"), typ: U16, fixed: true}
	in := sc.inner(true)
	// The array itself may not change while it is walked.
	in.vars = nil
	for _, v := range sc.vars {
		if v != a {
			in.vars = append(in.vars, v)
		}
	}
	in.vars = append(in.vars, e.v, e.k)
	in.fill(e.body, sc.d.between(1, 2))
	return []stmt{e}
}

func (sc *scope) choose() stmt {
	d := sc.d
	t := pick(d, []Type{I16, U16, I8, U32})
	c := choose{t: t, on: sc.expr(t, 2), other: &block{}}
	if d.one(2) { // few values, so that the arms are reached
		c.on = binary{"&", t, c.on, lit{t, 3}}
	}
	next := Value(0)
	for range d.between(1, 3) {
		keys := []Value{next}
		if d.one(3) {
			next++
			keys = append(keys, next)
		}
		next++
		arm := &block{}
		sc.inner(false).fill(arm, d.between(1, 2))
		c.keys, c.arms = append(c.keys, keys), append(c.arms, arm)
	}
	sc.inner(false).fill(c.other, 1)
	return c
}

func (sc *scope) targets() []*variable {
	var out []*variable
	for _, v := range sc.vars {
		if !v.fixed && !sc.locked[v] {
			out = append(out, v)
		}
	}
	return out
}

func (sc *scope) pointer() []stmt {
	var list []*variable
	for _, v := range sc.targets() {
		if v.n == 0 {
			list = append(list, v)
		}
	}
	if len(list) == 0 {
		return nil
	}
	v := pick(sc.d, list)
	p := point{sc.name("p"), v}
	sc.ptrs = append(sc.ptrs, p)
	return []stmt{p, assign{v: v, p: p.p, value: sc.expr(v.typ, 2)}}
}

func (sc *scope) assign() []stmt {
	d := sc.d
	list := sc.targets()
	if len(list) == 0 {
		return nil
	}
	v := pick(d, list)
	a := assign{v: v, value: sc.expr(v.typ, 3)}
	if v.n > 0 {
		a.at = sc.expr(U16, 1)
	}
	if d.one(3) && v.typ != Bool {
		a.op = pick(d, []string{"+", "-", "*"})
	}
	return []stmt{a}
}

// function makes a function that changes nothing but its own variables.
func (sc *scope) function() *function {
	d := sc.d
	f := &function{name: sc.name("call"), result: anyType(d), body: &block{}, inline: d.one(4)}
	in := sc.inner(false)
	in.vars, in.ptrs, in.nest = nil, nil, 1
	for _, v := range sc.vars {
		if v.fixed {
			in.vars = append(in.vars, v)
		}
	}
	for range d.between(1, 3) {
		p := &variable{name: sc.name("a"), typ: anyType(d), fixed: true}
		f.params, in.vars = append(f.params, p), append(in.vars, p)
	}
	in.fill(f.body, d.between(0, 3))
	f.value = in.expr(f.result, 2)
	return f
}
