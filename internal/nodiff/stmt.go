package nodiff

import (
	"fmt"
	"strings"
)

// state is what one core of the evaluator holds.
type state struct {
	vars   map[*variable][]Value
	prints []string
	over   bool             // came to its end
	left   int              // statements that may still run; a program that needs more is dropped
	links  map[sent][]Value // of all cores
	core   *core
	wait   func() bool // lets other cores go on; false at the end
}

// flow says how a statement ended.
type flow uint8

const (
	goOn flow = iota
	breaks
	continues
	returns
)

// tick counts a statement; false when the program runs longer than wanted.
func (s *state) tick() bool {
	s.left--
	return s.left >= 0
}

// of is the storage of v, made from its first values when it is first used.
func (s *state) of(v *variable) []Value {
	x, ok := s.vars[v]
	if !ok {
		x = make([]Value, max(1, v.n))
		copy(x, v.init)
		s.vars[v] = x
	}
	return x
}

// printer writes source text.
type printer struct {
	strings.Builder
	depth int
}

func (p *printer) line(format string, args ...any) {
	p.WriteString(strings.Repeat("  ", p.depth))
	fmt.Fprintf(p, format, args...)
	p.WriteByte('\n')
}

// stmt is a statement: it can be written and it can be executed.
type stmt interface {
	write(p *printer)
	run(s *state) flow
}

// block is a list of statements. Blocks are pointers, so that the minimiser can
// drop statements in place.
type block struct{ list []stmt }

func (b *block) write(p *printer) {
	p.depth++
	for _, s := range b.list {
		s.write(p)
	}
	p.depth--
}

func (b *block) run(s *state) flow {
	for _, x := range b.list {
		if !s.tick() {
			return returns
		}
		if f := x.run(s); f != goOn {
			return f
		}
	}
	return goOn
}

// assign is v = e, v[at] = e or p.* = e, with an operator or without.
type assign struct {
	v     *variable
	at    expr   // u16, nil for a scalar
	p     string // pointer, "" if direct
	op    string // "", "+", "-", "*", "&", "|", "^"
	value expr
}

// declare is a local variable.
type declare struct {
	v     *variable
	value expr
}

// point is const p = &v.
type point struct {
	p string
	v *variable
}

type branch struct {
	cond      expr
	then, els *block
}

// choose is a switch.
type choose struct {
	t     Type
	on    expr
	keys  [][]Value
	arms  []*block
	other *block
}

// loop runs body for k = 0 … n-1, as while or as for over a range.
type loop struct {
	k     *variable
	n     int
	while bool
	body  *block
}

// each is for (arr) |v, k|.
type each struct {
	arr, v, k *variable
	body      *block
}

// leave is if (cond) break; or continue.
type leave struct {
	cond expr
	how  flow
}

type printed struct {
	label string
	v     *variable // u16
}

// mistake is something that stops the core.
type mistake struct{ text string }

func (m mistake) write(p *printer) { p.line("%s", m.text) }
func (m mistake) run(*state) flow  { return returns }

// function has parameters and a result; writes of functions are to locals only.
type function struct {
	name   string
	params []*variable
	result Type
	body   *block
	value  expr
	inline bool
}

func (a assign) place() string {
	switch {
	case a.p != "":
		return a.p + ".*"
	case a.at != nil:
		return a.v.element(a.at)
	}
	return a.v.name
}

func (a assign) write(p *printer) { p.line("%s %s= %s;", a.place(), a.op, a.value.text()) }

func (a assign) run(s *state) flow {
	i := 0
	if a.at != nil {
		i = int(a.at.eval(s)) & (a.v.n - 1)
	}
	v := a.value.eval(s)
	x := s.of(a.v)
	if a.op != "" {
		v = a.v.typ.arith(a.op, x[i], v)
	}
	x[i] = v
	return goOn
}

func (d declare) write(p *printer) {
	p.line("var %s: %s = %s;", d.v.name, d.v.typ, d.value.text())
}

func (d declare) run(s *state) flow {
	s.of(d.v)[0] = d.value.eval(s)
	return goOn
}

func (x point) write(p *printer) { p.line("const %s = &%s;", x.p, x.v.name) }
func (x point) run(*state) flow  { return goOn }

func (b branch) write(p *printer) {
	p.line("if (%s) {", b.cond.text())
	b.then.write(p)
	if b.els != nil {
		p.line("} else {")
		b.els.write(p)
	}
	p.line("}")
}

func (b branch) run(s *state) flow {
	if b.cond.eval(s) != 0 {
		return b.then.run(s)
	}
	if b.els != nil {
		return b.els.run(s)
	}
	return goOn
}

func (c choose) write(p *printer) {
	p.line("switch (%s) {", c.on.text())
	p.depth++
	for i, keys := range c.keys {
		var list []string
		for _, k := range keys {
			list = append(list, fmt.Sprint(int64(k)))
		}
		p.line("%s => {", strings.Join(list, ", "))
		c.arms[i].write(p)
		p.line("},")
	}
	p.line("else => {")
	c.other.write(p)
	p.line("}")
	p.depth--
	p.line("}")
}

func (c choose) run(s *state) flow {
	v := c.on.eval(s)
	for i, keys := range c.keys {
		for _, k := range keys {
			if k == v {
				return c.arms[i].run(s)
			}
		}
	}
	return c.other.run(s)
}

// turn runs the body of a loop once; over tells that the loop ends, with flow f.
func (b *block) turn(s *state) (f flow, over bool) {
	switch b.run(s) {
	case breaks:
		return goOn, true
	case returns:
		return returns, true
	}
	return returns, !s.tick()
}

func (l loop) write(p *printer) {
	if l.while {
		p.line("var %s: u16 = 0;", l.k.name)
		p.line("while (%s < %d) : (%s += 1) {", l.k.name, l.n, l.k.name)
	} else {
		p.line("for (@range(u16, %d)) |%s| {", l.n, l.k.name)
	}
	l.body.write(p)
	p.line("}")
}

func (l loop) run(s *state) flow {
	for i := range l.n {
		s.of(l.k)[0] = Value(i)
		if f, over := l.body.turn(s); over {
			return f
		}
	}
	return goOn
}

func (e each) write(p *printer) {
	p.line("for (%s) |%s, %s| {", e.arr.name, e.v.name, e.k.name)
	e.body.write(p)
	p.line("}")
}

func (e each) run(s *state) flow {
	for i := range e.arr.n {
		s.of(e.v)[0], s.of(e.k)[0] = s.of(e.arr)[i], Value(i)
		if f, over := e.body.turn(s); over {
			return f
		}
	}
	return goOn
}

func (l leave) write(p *printer) {
	word := "break"
	if l.how == continues {
		word = "continue"
	}
	p.line("if (%s) %s;", l.cond.text(), word)
}

func (l leave) run(s *state) flow {
	if l.cond.eval(s) != 0 {
		return l.how
	}
	return goOn
}

func (x printed) write(p *printer) {
	p.line("out.print_string(%q);", x.label)
	p.line("out.print_u16_decimal(%s);", x.v.name)
}

func (x printed) run(s *state) flow {
	s.prints = append(s.prints, x.label, fmt.Sprint(uint16(s.of(x.v)[0])))
	return goOn
}

func (f *function) write(p *printer) {
	var list []string
	for _, v := range f.params {
		list = append(list, fmt.Sprintf("%s: %s", v.name, v.typ))
	}
	head := "fn"
	if f.inline {
		head = "inline fn"
	}
	p.line("%s %s(%s) %s {", head, f.name, strings.Join(list, ", "), f.result)
	f.body.write(p)
	p.line("  return %s;", f.value.text())
	p.line("}")
}

func (f *function) run(s *state, args []Value) Value {
	for i, v := range f.params {
		s.of(v)[0] = args[i]
	}
	s.tick()
	f.body.run(s)
	return f.value.eval(s)
}
