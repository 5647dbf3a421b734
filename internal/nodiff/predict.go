package nodiff

import "iter"

// Predict computes what every core holds and prints in the end, without compiler
// and simulator: a tree walk with the reference arithmetic. It is nil for a
// program that runs long.
func (p *Program) Predict() []*state {
	links := map[sent][]Value{}
	var out []*state
	var runs []func() (struct{}, bool)
	for _, c := range p.cores {
		s := &state{vars: map[*variable][]Value{}, left: evalSteps, links: links, core: c}
		out = append(out, s)
		next, stop := iter.Pull(c.script(s))
		defer stop()
		runs = append(runs, next)
	}
	// Each round lets every core go on to the next message that has not been sent.
	// Messages have an order, so there are no more rounds than that; a core that
	// ran long has sent nothing more and stops the others.
	for range len(p.messages)*len(p.cores) + 2 {
		for _, next := range runs {
			next()
		}
	}
	for _, s := range out {
		if s.left < 0 || !s.over {
			return nil
		}
	}
	return out
}

// script runs the core; it yields when it waits.
func (c *core) script(s *state) iter.Seq[struct{}] {
	return func(yield func(struct{}) bool) {
		s.wait = func() bool { return yield(struct{}{}) }
		for i, st := range c.steps {
			if c.step(s, i, st) == returns {
				return
			}
		}
		s.over = true
	}
}

func (c *core) step(s *state, i int, st *step) flow {
	if f := st.body.run(s); f == returns {
		return f
	}
	live := st.live()
	for _, t := range live {
		if t.send {
			t.run(s)
		}
	}
	if f := st.after.run(s); f == returns {
		return f
	}
	for _, t := range live {
		if !t.send && t.run(s) == returns {
			return returns
		}
	}
	if st.fans(s, c) == returns {
		return returns
	}
	if d := st.data; d != nil && !d.m.dropped() && d.run(s) == returns {
		return returns
	}
	if i+1 == len(c.steps) {
		s.of(c.vars[1])[0] = 1
	}
	return goOn
}

// fans runs the tasks of a step one after the other; any order gives the same.
func (st *step) fans(s *state, c *core) flow {
	for _, f := range st.fan {
		for range f.runs {
			if f.body.run(s) == returns {
				return returns
			}
			s.of(f.seen)[0]++
		}
	}
	for _, v := range c.vars {
		if v.name == "fans" {
			s.of(v)[0] += Value(len(st.fan))
		}
	}
	return goOn
}

// sent names what a core has sent of a message.
type sent struct {
	m    *message
	from *core
}

// receive waits for the elements of m that reach the core; false when the
// evaluation ends.
func (s *state) receive(m *message) ([]Value, bool) {
	senders := m.ch.line
	if len(senders) == 0 {
		senders = []*core{m.ch.from}
	}
	var all []Value
	for _, c := range senders {
		for s.links[sent{m, c}] == nil {
			if !s.wait() {
				return nil, false
			}
		}
		all = append(all, s.links[sent{m, c}]...)
	}
	f, ok := m.ch.filter[s.core]
	if !ok {
		return all, true
	}
	var out []Value
	for _, i := range f.passes(len(all)) {
		out = append(out, all[i])
	}
	return out, true
}

func (t *transfer) run(s *state) flow {
	if t.dropped() {
		return goOn
	}
	buf := s.of(t.buf)
	op := func(a, b Value) Value { return t.m.typ.arith("+", a, b) }
	if t.send {
		out := make([]Value, t.n)
		for i := range out {
			if out[i] = buf[i]; t.add {
				out[i] = op(buf[i], buf[i])
			}
		}
		s.links[sent{t.m, s.core}] = out
		return goOn
	}
	in, ok := s.receive(t.m)
	if !ok {
		return returns
	}
	on := make([]Value, len(in))
	for i, v := range in {
		if t.add {
			v = op(v, buf[i])
		}
		if on[i] = v; t.out == nil {
			buf[i] = v
		}
	}
	if t.out != nil {
		s.links[sent{t.out, s.core}] = on
	}
	return goOn
}

func (d *dataTask) run(s *state) flow {
	in, ok := s.receive(d.m)
	if !ok {
		return returns
	}
	t := d.m.typ
	for i, v := range in {
		s.of(d.buf)[i] = v
		sum := s.of(d.sum)
		sum[0] = t.arith("+", t.arith("*", sum[0], d.factor()), v)
	}
	s.of(d.count)[0] = Value(len(in))
	return goOn
}
