package nodiff

import (
	"fmt"
	"slices"

	"wafer/internal/machine"
)

// Limits of what is generated.
const (
	maxColor    = 20   // colours 21 and up are the host's
	maxQueue    = 5    // queues 2 … maxQueue exist on both machines
	firstQueue  = 2    // queues 0 and 1 are the host's on WSE-3
	maxSteps    = 7    // steps of a core
	maxElements = 40   // of a message
	evalSteps   = 6000 // statements of a core
)

// Generate makes the program of a seed. Programs that would run long are replaced
// by the next of the same seed, so every seed gives one.
func Generate(seed uint64) *Program {
	for try := uint64(0); ; try++ {
		d := &dice{state: seed*1_000_003 + try}
		p := build(d, seed)
		if p.Predict() != nil {
			return p
		}
	}
}

func build(d *dice, seed uint64) *Program {
	p := &Program{Seed: seed, Arch: pick(d, []machine.Arch{machine.WSE2, machine.WSE3})}
	p.Launched = d.one(3)
	switch d.n(10) {
	case 0, 1, 2:
		p.W, p.H = 1, 1
	case 9:
		p.W, p.H = d.between(2, 6), d.between(2, 5)
	default:
		p.W, p.H = d.between(1, 3), d.between(1, 3)
	}
	small := p.W*p.H > 6 // many cores: less in each
	for y := range p.H {
		for x := range p.W {
			p.cores = append(p.cores, newCore(d, p, x, y))
		}
	}
	if p.W*p.H > 1 {
		for range d.between(1, 2+p.W*p.H/2) {
			p.addChannel(d)
		}
	}
	if len(p.channels) > 0 {
		for range d.between(1, 2+len(p.channels)) {
			p.addMessage(d)
		}
	}
	for _, c := range p.cores {
		c.finish(d, p, small)
	}
	return p
}

func newCore(d *dice, p *Program, x, y int) *core {
	c := &core{x: x, y: y, in: map[*channel]int{}, out: map[*channel]int{}, talks: d.one(3)}
	c.id = &variable{name: "id", typ: U16, init: []Value{Value(y*p.W + x)}, fixed: true}
	// Only evaluated programs set it: whoever does not come to its end is found out.
	fin := &variable{name: "finished", typ: U16, fixed: true}
	c.vars = []*variable{c.id, fin}
	c.steps = []*step{{body: &block{}, after: &block{}}}
	return c
}

// addChannel finds a source, takers, a tree and a free colour; it may fail.
func (p *Program) addChannel(d *dice) {
	from := pick(d, p.cores)
	ch := &channel{from: from, tiles: map[int]*tile{}}
	if !p.room(from.out) {
		return
	}
	yFirst := d.one(2)
	for range d.between(1, 3) {
		to := pick(d, p.cores)
		if to == from || slices.Contains(ch.to, to) || !p.room(to.in) {
			continue
		}
		ch.to = append(ch.to, to)
		p.extend(ch, to, yFirst)
	}
	if len(ch.to) == 0 || !p.color(ch, d) {
		return
	}
	from.out[ch] = freeQueue(from.out)
	for _, to := range ch.to {
		to.in[ch] = freeQueue(to.in)
	}
	p.channels = append(p.channels, ch)
}

func (p *Program) room(used map[*channel]int) bool { return len(used) <= maxQueue-firstQueue }

func freeQueue(used map[*channel]int) int {
	q := firstQueue
	for taken(used, q) {
		q++
	}
	return q
}

func taken(used map[*channel]int, q int) bool {
	for _, u := range used {
		if u == q {
			return true
		}
	}
	return false
}

// extend adds the path to a taker. All paths of a tree turn in the same way, so
// they share their beginnings and never meet again.
func (p *Program) extend(ch *channel, to *core, yFirst bool) {
	x, y := ch.from.x, ch.from.y
	came := machine.Ramp
	for {
		at := y*p.W + x
		t := ch.tiles[at]
		if t == nil {
			t = &tile{rx: came, at: at}
			ch.tiles[at] = t
		}
		dir := machine.Ramp
		dx, dy := to.x-x, to.y-y
		switch {
		case dx == 0 && dy == 0:
		case dx != 0 && (dy == 0 || !yFirst):
			dir = machine.East
			if dx < 0 {
				dir = machine.West
			}
		default:
			dir = machine.South
			if dy < 0 {
				dir = machine.North
			}
		}
		t.tx |= machine.Set(dir)
		switch dir {
		case machine.Ramp:
			return
		case machine.East:
			x++
		case machine.West:
			x--
		case machine.South:
			y++
		case machine.North:
			y--
		}
		came = dir.Opposite()
	}
}

// color chooses a colour that none of the channel's routers uses yet.
func (p *Program) color(ch *channel, d *dice) bool {
	first := d.n(maxColor + 1)
	for i := range maxColor + 1 {
		ch.color = uint8((first + i) % (maxColor + 1))
		free := true
		for _, o := range p.channels {
			for at := range o.tiles {
				free = free && (o.color != ch.color || ch.tiles[at] == nil)
			}
		}
		if free {
			return true
		}
	}
	return false
}

// addMessage appends a message to all cores that take part.
func (p *Program) addMessage(d *dice) {
	m := &message{order: len(p.messages), ch: pick(d, p.channels), n: d.between(1, maxElements)}
	m.typ = pick(d, []Type{U16, I16, F16, U32, F32})
	if m.order > 0 && d.one(3) { // several messages at once between the same cores
		m.ch = p.messages[m.order-1].ch
	}
	all := append([]*core{m.ch.from}, m.ch.to...)
	for _, c := range all {
		if len(c.steps) >= maxSteps || c.tasked(m.ch) {
			return
		}
	}
	p.messages = append(p.messages, m)
	for i, c := range all {
		if i > 0 && c.viaTask(m, d) {
			continue
		}
		c.transfer(m, i == 0, d)
	}
}

// transfer adds one side of a message to the last step of a core, in the
// foreground or in the background.
func (c *core) transfer(m *message, send bool, d *dice) {
	t := &transfer{m: m, send: send, sync: d.one(2), ut: -1, queue: c.in[m.ch]}
	if send {
		t.queue = c.out[m.ch]
	}
	t.buf = &variable{name: fmt.Sprintf("m%d", m.order), typ: m.typ, n: roundUp(m.n), fixed: true}
	if m.typ.float() || m.typ == U16 || m.typ == I16 {
		t.add = d.one(3)
	}
	if d.one(3) {
		t.prio = pick(d, []string{"high", "medium", "low"})
	}
	for range t.buf.n {
		t.buf.init = append(t.buf.init, d.value(m.typ))
	}
	c.vars = append(c.vars, t.buf)
	if c.last().uses(t) {
		c.newStep()
	}
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
		if len(last.async) == 2 || d.one(2) {
			c.newStep()
		}
	}
}

func (c *core) last() *step { return c.steps[len(c.steps)-1] }

// uses says whether a background operation of the step has t's queue or microthread
// already: two operations at a time on either are not legal.
func (s *step) uses(t *transfer) bool {
	for _, o := range s.async {
		if o.queue == t.queue && (o.send == t.send || !t.sync) {
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

func (c *core) addData(m *message) bool {
	name := fmt.Sprintf("m%d", m.order)
	t := &dataTask{m: m, name: name + "_task"}
	t.buf = &variable{name: name, typ: m.typ, n: roundUp(m.n), fixed: true}
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
