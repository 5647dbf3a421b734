package nodiff

import (
	"fmt"
	"slices"
)

// addMessage appends a message to all cores that take part.
func (p *Program) addMessage(d *dice) {
	m := &message{order: len(p.messages), ch: pick(d, p.channels), n: d.between(1, maxElements)}
	m.typ = pick(d, []Type{U16, I16, F16, U32, F32})
	if m.order > 0 && d.one(3) { // several messages at once between the same cores
		m.ch = p.messages[m.order-1].ch
	}
	if m.ch.indexed() {
		m.typ = U32
	}
	if !p.free(m) {
		return
	}
	if d.one(5) && !m.ch.once {
		m.ctl, m.typ, m.n = 40+m.order, U16, d.between(1, 12)
	}
	on := p.onward(m, d)
	p.join(m, on, d)
	if on != nil {
		p.join(on, nil, d)
	}
}

// free says whether the cores can take part in one more message.
func (p *Program) free(m *message) bool {
	if m.ch.once && slices.ContainsFunc(p.messages, func(o *message) bool { return o.ch == m.ch }) {
		return false
	}
	for _, c := range m.ch.all() {
		if len(c.steps) >= maxSteps || c.tasked(m.ch) || m.count(c) == 0 {
			return false
		}
	}
	return true
}

// all are the cores at the ends of a channel, senders first.
func (ch *channel) all() []*core {
	if len(ch.line) > 0 {
		return slices.Concat(ch.line, ch.to)
	}
	return append([]*core{ch.from}, ch.to...)
}

// onward makes a message that a taker of m sends on while it takes m. Nobody may
// take part in both but that core: m can only end if on proceeds.
func (p *Program) onward(m *message, d *dice) *message {
	if !d.one(2) || m.ch.once || m.ctl != 0 {
		return nil
	}
	for _, ch := range p.channels {
		on := &message{order: m.order + 1, ch: ch, n: m.n, typ: m.typ}
		if ch.once || !slices.Contains(m.ch.to, ch.from) || !p.free(on) {
			continue
		}
		clash := false
		for _, c := range ch.to {
			clash = clash || slices.Contains(m.ch.all(), c)
		}
		if !clash {
			m.next = on
			return on
		}
	}
	return nil
}

// join lets the cores take part in m. The source of on takes m and sends on at once.
func (p *Program) join(m, on *message, d *dice) {
	p.messages = append(p.messages, m)
	isOn := m.order > 0 && p.messages[m.order-1].next == m
	senders := max(1, len(m.ch.line))
	for i, c := range m.ch.all() {
		switch {
		case i < senders && isOn: // sends while it takes the message before
		case i >= senders && on != nil && c == on.ch.from:
			c.transfer(m, false, on, d)
		case i >= senders && m.ctl != 0:
			c.addData(m)
		case i >= senders && c.viaTask(m, d):
		default:
			c.transfer(m, i < senders, nil, d)
		}
	}
}

// transfer adds one side of a message to the last step of a core, in the
// foreground or in the background.
func (c *core) transfer(m *message, send bool, on *message, d *dice) {
	t := &transfer{m: m, send: send, sync: d.one(2), ut: -1, queue: c.in[m.ch], n: m.count(c), out: on}
	if send {
		t.queue = c.out[m.ch]
	}
	t.buf = &variable{name: fmt.Sprintf("m%d", m.order), typ: m.typ, n: roundUp(t.n), fixed: true}
	if m.typ.float() || m.typ == U16 || m.typ == I16 {
		t.add = d.one(3)
	}
	if m.ctl != 0 {
		t.add, t.sync = false, true
	}
	if d.one(3) {
		t.prio = pick(d, []string{"high", "medium", "low"})
	}
	for i := range t.buf.n {
		v := d.value(m.typ)
		if m.ch.indexed() {
			v = v&0xffff | Value(i)<<16
		}
		t.buf.init = append(t.buf.init, v)
	}
	c.vars = append(c.vars, t.buf)
	if on != nil { // it has two queues: alone, to keep apart what is legal
		t.outQueue = c.out[on.ch]
		if len(c.last().async) > 0 {
			c.newStep()
		}
		if t.queue != t.outQueue && d.one(2) {
			t.fifo, t.sync, t.add = d.between(2, 8), false, false
		}
	}
	if c.last().uses(t) {
		c.newStep()
	}
	if t.fifo == 0 && d.one(2) {
		t.ut = c.last().thread(d)
	}
	c.place(t, d)
}

// thread is a microthread for one more operation of a step, for machines where a
// program chooses it.
func (s *step) thread(d *dice) int {
	free := []int{0, 1, 2, 3, 4, 5, 6, 7}
	for _, o := range s.async {
		own := o.ut
		if own < 0 {
			own = o.queue
		}
		free = slices.DeleteFunc(free, func(n int) bool { return n == own || n == o.outQueue && o.out != nil })
	}
	return pick(d, free)
}

func (c *core) place(t *transfer, d *dice) {
	last := c.last()
	switch {
	case t.sync && len(last.async) > 0: // while the others are on their way
		last.after.list = append(last.after.list, t)
		c.newStep()
	case t.sync:
		last.body.list = append(last.body.list, t)
		if d.one(3) {
			c.newStep()
		}
	default:
		last.async = append(last.async, t)
		if len(last.async) == 2 || t.out != nil || d.one(2) {
			c.newStep()
		}
	}
}

func (c *core) last() *step { return c.steps[len(c.steps)-1] }

// uses says whether a background operation of the step has t's queue or microthread
// already: two operations at a time on either are not legal.
func (s *step) uses(t *transfer) bool {
	for _, o := range s.async {
		if (o.queue == t.queue || o.ut == t.queue) && (o.send == t.send || !t.sync) {
			return true
		}
	}
	return false
}

// tasked says whether a data task takes what comes along ch.
func (c *core) tasked(ch *channel) bool {
	for _, t := range c.data {
		if t.m.ch == ch {
			return true
		}
	}
	return false
}

func roundUp(n int) int {
	k := 1
	for k < n {
		k *= 2
	}
	return k
}

func (c *core) newStep() {
	c.steps = append(c.steps, &step{body: &block{}, after: &block{}})
}

// viaTask lets a data task take the message, if the channel carries no other.
func (c *core) viaTask(m *message, d *dice) bool {
	for _, t := range c.transfers() {
		if t.m.ch == m.ch {
			return false
		}
	}
	return d.one(3) && c.addData(m)
}

// addData lets a task take the message, one wavelet at a time.
func (c *core) addData(m *message) bool {
	name := fmt.Sprintf("m%d", m.order)
	t := &dataTask{m: m, name: name + "_task", n: m.count(c)}
	t.buf = &variable{name: name, typ: m.typ, n: roundUp(t.n), fixed: true}
	t.sum = &variable{name: name + "_sum", typ: m.typ, fixed: true}
	t.count = &variable{name: name + "_count", typ: U16, fixed: true}
	c.vars = append(c.vars, t.buf, t.sum, t.count)
	if len(c.steps[len(c.steps)-1].async) > 0 {
		c.newStep()
	}
	c.steps[len(c.steps)-1].data = t
	c.newStep()
	t.next = len(c.steps) - 1
	c.data = append(c.data, t)
	return true
}
