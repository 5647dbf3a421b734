package nodiff

import (
	"fmt"
	"slices"

	"wafer/internal/machine"
)

// finish gives a core its variables, functions, task ids and the statements
// between its messages.
func (c *core) finish(d *dice, p *Program, small bool) {
	if len(c.last().async) > 0 { // somebody must wait for them
		c.newStep()
	}
	c.chooseIDs(d, p)
	sc := &scope{d: d, names: &c.names, vars: []*variable{c.id}}
	c.scalars(sc, small)
	for range d.n(4) {
		f := sc.function()
		c.funcs = append(c.funcs, f)
		sc.funcs = append(sc.funcs, f)
	}
	g := &vectors{sc: sc, arrays: map[Type][]*variable{}, views: &c.views, fifos: &c.fifos}
	c.arrays(g)
	for i, s := range c.steps {
		c.body(g, s, small)
		c.fans(sc, s)
		c.joined(sc, i)
	}
	c.vars = append(c.vars, g.arrays[Bool]...)
}

// chooseIDs takes task ids that are no colours of the core: on WSE-2 they share
// their numbers.
func (c *core) chooseIDs(d *dice, p *Program) {
	var free []int
	for id := 8; id <= 26; id++ {
		bad := id >= 21 && id <= 23
		for _, q := range []map[*channel]int{c.in, c.out} {
			for ch := range q {
				bad = bad || p.Arch == machine.WSE2 && int(ch.color) == id
			}
		}
		if !bad {
			free = append(free, id)
		}
	}
	take := func() int {
		i := d.n(len(free))
		id := free[i]
		free = slices.Delete(free, i, i+1)
		return id
	}
	for range c.steps {
		c.ids = append(c.ids, take())
	}
	for i, s := range c.steps {
		if i+1 == len(c.steps) || len(s.async) > 0 || s.data != nil || !d.one(2) {
			continue
		}
		for range min(d.between(1, 4), len(free)) {
			s.fan = append(s.fan, &fan{id: take(), runs: d.between(1, 5), body: &block{}})
		}
		break // one step of a core
	}
}

// fans gives the tasks of a step their variables and statements. They read what
// nobody writes meanwhile, and write to variables of their own.
func (c *core) fans(sc *scope, s *step) {
	if len(s.fan) == 0 {
		return
	}
	c.vars = append(c.vars, &variable{name: "fans", typ: U16, init: []Value{0}, fixed: true})
	own := make([]*variable, 0, 3*len(s.fan))
	for _, f := range s.fan {
		in := sc.inner(false)
		in.nest, in.ptrs, in.locked = 1, nil, map[*variable]bool{}
		for _, v := range in.vars {
			in.locked[v] = true
		}
		f.seen = &variable{name: fmt.Sprintf("seen%d", f.id), typ: U16, fixed: true}
		in.vars = append(in.vars, f.seen)
		own = append(own, f.seen)
		for range 2 {
			v := &variable{name: sc.name("own"), typ: anyType(sc.d)}
			v.init = []Value{sc.d.value(v.typ)}
			in.vars, own = append(in.vars, v), append(own, v)
		}
		in.fill(f.body, sc.d.between(1, 4))
	}
	c.vars = append(c.vars, own...)
	sc.vars = append(sc.vars, own...)
}

func (c *core) scalars(sc *scope, small bool) {
	d := sc.d
	add := func(t Type, n int) {
		v := &variable{name: sc.name("g"), typ: t, n: n}
		for range max(1, n) {
			v.init = append(v.init, d.value(t))
		}
		sc.vars, c.vars = append(sc.vars, v), append(c.vars, v)
	}
	add(U16, 0)
	add(I16, 0)
	add(F32, 0)
	n := 5
	if small {
		n = 2
	}
	for range d.n(n) {
		add(anyType(d), 0)
	}
	for range d.n(3) {
		add(anyType(d), 1<<d.n(4))
	}
	if d.one(3) {
		v := &variable{name: sc.name("y"), typ: anyType(d), n: 32, cols: pick(d, []int{2, 4, 8})}
		sc.vars, c.vars = append(sc.vars, v), append(c.vars, v)
	}
	if d.one(3) {
		c.structure(sc)
	}
}

func (c *core) structure(sc *scope) {
	x := structure{name: sc.name("s")}
	for i := range sc.d.between(1, 4) {
		v := &variable{name: fmt.Sprintf("%s.f%d", x.name, i), typ: anyType(sc.d)}
		v.init = []Value{sc.d.value(v.typ)}
		x.fields, sc.vars = append(x.fields, v), append(sc.vars, v)
	}
	c.structs = append(c.structs, x)
}

// arrays are what descriptors describe.
func (c *core) arrays(g *vectors) {
	d := g.sc.d
	for _, t := range []Type{U16, I16, F16, U32, F32} {
		v := &variable{name: g.sc.name("x"), typ: t, n: minArray}
		if d.one(2) {
			for range minArray {
				v.init = append(v.init, d.value(t))
			}
		}
		g.arrays[t] = append(g.arrays[t], v)
		g.sc.vars, c.vars = append(g.sc.vars, v), append(c.vars, v)
	}
}

// body puts statements around the messages of a step.
func (c *core) body(g *vectors, s *step, small bool) {
	sc := g.sc
	local := *sc
	local.vars = append([]*variable(nil), sc.vars...)
	g.sc = &local
	defer func() { g.sc = sc }()
	sends := s.list()
	var out []stmt
	most := 6
	if small {
		most = 2
	}
	fill := func(n int) {
		for range n {
			out = append(out, c.piece(g)...)
		}
	}
	for _, t := range sends {
		if t.send && !t.m.ch.indexed() && local.d.one(2) {
			out = append(out, c.prepare(g, t))
		}
	}
	old := s.body.list
	fill(local.d.between(1, most))
	for _, x := range old {
		out = append(out, x)
		fill(local.d.n(2))
	}
	s.body.list = out
	out = nil
	if len(s.async) > 0 {
		fill(local.d.n(3))
		s.after.list = append(out, s.after.list...)
	}
}

// list are all transfers of a step.
func (s *step) list() []*transfer {
	one := core{steps: []*step{s}}
	return one.transfers()
}

// piece is a statement of either kind.
func (c *core) piece(g *vectors) []stmt {
	d := g.sc.d
	switch {
	case c.talks && d.one(6):
		for _, v := range g.sc.vars {
			if v.typ == U16 && v.n == 0 && d.one(2) {
				return []stmt{printed{fmt.Sprintf("p%d ", d.n(100)), v}}
			}
		}
	case d.one(2):
		return g.stmts()
	}
	return g.sc.stmts()
}

// prepare fills a buffer before it is sent.
func (c *core) prepare(g *vectors, t *transfer) stmt {
	l := loop{k: &variable{name: g.sc.name("k"), typ: U16, fixed: true}, n: t.n, body: &block{}}
	in := g.sc.inner(true)
	in.vars = append(in.vars, l.k)
	l.body.list = []stmt{assign{v: t.buf, at: read{l.k}, value: in.expr(t.m.typ, 2)}}
	return l
}

// joined makes what arrived in step i readable in later ones.
func (c *core) joined(sc *scope, i int) {
	s := c.steps[i]
	for _, t := range s.list() {
		sc.vars = append(sc.vars, t.buf)
	}
	if s.data != nil {
		sc.vars = append(sc.vars, s.data.buf, s.data.sum)
	}
}
