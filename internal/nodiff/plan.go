package nodiff

import (
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
		if p.Faulty || p.Predict() != nil {
			return p
		}
	}
}

func build(d *dice, seed uint64) *Program {
	p := &Program{Seed: seed, Arch: pick(d, []machine.Arch{machine.WSE2, machine.WSE3})}
	p.Profile = p.Arch.String()
	if p.Arch == machine.WSE3 && d.one(3) {
		p.Profile = "wse3-silicon"
	}
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
			if d.one(5) {
				p.addLine(d)
			} else {
				p.addChannel(d)
			}
		}
	}
	if len(p.channels) > 0 {
		for range d.between(1, 2+2*len(p.channels)) {
			p.addMessage(d)
		}
	}
	for _, c := range p.cores {
		c.finish(d, p, small)
	}
	if p.Faulty = d.one(12); p.Faulty {
		for range d.between(1, 4) {
			pick(d, p.cores).blunder(d)
		}
	}
	return p
}

// blunder lets a core fail somewhere. Which of several fails first, and when, is
// the same in all ways.
func (c *core) blunder(d *dice) {
	b := pick(d, c.steps).body
	m := mistake{pick(d, []string{"@assert(zero != 0);", "zero = 5 / zero;", "zero = 5 % zero;"})}
	b.list = slices.Insert(b.list, d.n(len(b.list)+1), stmt(m))
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
	if d.one(4) {
		ch.once = true
		limit := d.between(2, 9)
		f := filter{init: d.n(limit + 1), max: d.n(limit), limit: limit}
		if d.one(2) {
			f.ranged, f.init = true, d.n(20)
			f.max = f.init + d.n(20)
		}
		ch.filter = map[*core]filter{pick(d, ch.to): f}
	}
	from.out[ch] = freeQueue(from.out)
	for _, to := range ch.to {
		to.in[ch] = freeQueue(to.in)
	}
	p.channels = append(p.channels, ch)
}

// addLine makes a channel on which cores in a row send to the one at its end, one
// after the other: each router first takes from its own core, then, switched, from
// the one behind.
func (p *Program) addLine(d *dice) {
	to := pick(d, p.cores)
	dir := pick(d, []machine.Dir{machine.East, machine.West, machine.North, machine.South})
	dx, dy := dir.Step()
	ch := &channel{to: []*core{to}, tiles: map[int]*tile{}, once: true}
	at := to.y*p.W + to.x
	ch.tiles[at] = &tile{rx: dir, tx: machine.Set(machine.Ramp), at: at}
	for x, y := to.x+dx, to.y+dy; x >= 0 && x < p.W && y >= 0 && y < p.H; x, y = x+dx, y+dy {
		at = y*p.W + x
		c := p.cores[at]
		if !p.room(c.out) || len(ch.line) == 4 {
			break
		}
		ch.line = append(ch.line, c)
		ch.tiles[at] = &tile{rx: machine.Ramp, tx: machine.Set(dir.Opposite()), at: at, after: dir}
	}
	if len(ch.line) == 0 || !p.room(to.in) || !p.color(ch, d) || p.Arch == machine.WSE3 && !switches(ch.color) {
		return
	}
	ch.from = ch.line[0]
	to.in[ch] = freeQueue(to.in)
	for _, c := range ch.line {
		c.out[ch] = freeQueue(c.out)
	}
	p.channels = append(p.channels, ch)
}

// switches says which colours can switch on WSE-3 (SDK documentation).
func switches(c uint8) bool { return c <= 9 || c == 12 || c == 13 || c == 16 || c == 17 || c == 20 }

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
		if dir == machine.Ramp {
			return
		}
		dx, dy = dir.Step()
		x, y, came = x+dx, y+dy, dir.Opposite()
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
