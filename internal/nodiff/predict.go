package nodiff

import "iter"

// Predict computes what every core holds and prints in the end, without compiler
// and simulator: a tree walk with the reference arithmetic. It is nil for a
// program that runs long.
func (p *Program) Predict() (out []*state) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(tooLong); !ok {
				panic(r)
			}
			out = nil
		}
	}()
	links := map[*message][]Value{}
	var runs []func() (struct{}, bool)
	for _, c := range p.cores {
		s := &state{vars: map[*variable][]Value{}, left: evalSteps, links: links}
		out = append(out, s)
		next, stop := iter.Pull(c.script(s))
		defer stop()
		runs = append(runs, next)
	}
	// Each round lets every core go on to the next message that has not been sent.
	// Messages have an order, so there are no more rounds than that.
	for range len(p.messages)*len(p.cores) + 2 {
		busy := false
		for _, next := range runs {
			if _, more := next(); more {
				busy = true
			}
		}
		if !busy {
			return out
		}
	}
	panic("nodiff: the evaluator stands still")
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
	if d := st.data; d != nil && !d.m.off && d.run(s) == returns {
		return returns
	}
	if i+1 == len(c.steps) {
		s.of(c.vars[1])[0] = 1
	}
	return goOn
}

// receive waits for the elements of m; false when the evaluation ends.
func (s *state) receive(m *message) ([]Value, bool) {
	for {
		if x, ok := s.links[m]; ok {
			return x, true
		}
		if !s.wait() {
			return nil, false
		}
	}
}

func (t *transfer) run(s *state) flow {
	if t.m.off {
		return goOn
	}
	buf := s.of(t.buf)
	op := func(a, b Value) Value { return t.m.typ.arith("+", a, b) }
	if t.send {
		out := make([]Value, t.m.n)
		for i := range out {
			if out[i] = buf[i]; t.add {
				out[i] = op(buf[i], buf[i])
			}
		}
		s.links[t.m] = out
		return goOn
	}
	in, ok := s.receive(t.m)
	if !ok {
		return returns
	}
	for i, v := range in {
		if t.add {
			v = op(v, buf[i])
		}
		buf[i] = v
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
