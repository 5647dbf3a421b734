package profile

import (
	"cmp"
	"fmt"
	"slices"

	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/sim"
)

// Segment is a part of the critical path on one core.
type Segment struct {
	X    int    `json:"x"`
	Y    int    `json:"y"`
	From int64  `json:"from"`
	To   int64  `json:"to"`
	Kind string `json:"kind"` // see the kinds
	What string `json:"what"`
}

// Kinds of segments.
const (
	KindScalar = "scalar" // instructions of a task
	KindOp     = "operation"
	KindFabric = "fabric" // wavelets on their way
	KindStart  = "start"  // from an activation or the end of a task to the next task
)

// maxPath bounds the walk; programs run for longer than anyone reads.
const maxPath = 100_000

type place struct{ x, y int32 }

type spot struct {
	place
	color uint8
}

// span is a task or an operation, from its begin to its end.
type span struct {
	from, to int64
	name     string
	in, out  uint8
	task     int32
	kind     image.TaskKind
}

// timeline has what one core did, each list by the time of its end.
type timeline struct {
	tasks, ops []span
	open       map[int32]sim.Event
}

const taskSlot = -1

// timelines pairs begins and ends.
func timelines(im *image.Image, events []sim.Event) map[place]*timeline {
	out := map[place]*timeline{}
	for _, e := range events {
		at := place{e.X, e.Y}
		l := out[at]
		if l == nil {
			l = &timeline{open: map[int32]sim.Event{}}
			out[at] = l
		}
		switch e.Kind {
		case sim.EventTask:
			l.open[taskSlot] = e
		case sim.EventOp:
			l.open[e.ID] = e
		case sim.EventTaskEnd:
			if b, ok := l.open[taskSlot]; ok {
				l.tasks = append(l.tasks, taskSpan(im, b, e))
			}
		case sim.EventOpEnd:
			if b, ok := l.open[e.ID]; ok {
				name := "@" + image.DSDTable[b.Arg].Name
				l.ops = append(l.ops, span{from: b.Cycle, to: e.Cycle, name: name, in: b.In, out: b.Out})
			}
		}
	}
	for _, l := range out {
		byEnd := func(a, b span) int { return cmp.Compare(a.to, b.to) }
		slices.SortStableFunc(l.tasks, byEnd)
		slices.SortStableFunc(l.ops, byEnd)
	}
	return out
}

// taskSpan names a task by its function and finds the colour that starts it.
func taskSpan(im *image.Image, b, e sim.Event) span {
	s := span{from: b.Cycle, to: e.Cycle, name: fmt.Sprintf("task %d", b.ID), in: image.NoColor, task: b.ID}
	tile := im.Tile(int(b.X), int(b.Y))
	if tile.Program < 0 {
		return s
	}
	p := im.Programs[tile.Program]
	if b.Arg >= 0 && int(b.Arg) < len(p.Funcs) {
		s.name = p.Funcs[b.Arg].Name
	}
	for _, t := range p.Tasks {
		if int32(t.ID) == b.ID && t.Func == b.Arg && t.Kind != image.TaskLocal {
			s.kind = t.Kind
			if int(t.Queue) < len(p.In) {
				s.in = p.In[t.Queue].Color
			}
		}
	}
	return s
}

// last gives the latest span that ended by t and after after; nil for none.
func last(list []span, t, after int64) *span {
	i, _ := slices.BinarySearchFunc(list, t+1, func(s span, t int64) int { return cmp.Compare(s.to, t) })
	if i == 0 || list[i-1].to <= after {
		return nil
	}
	return &list[i-1]
}

// pather walks back from the last event. At each point it asks what the core was
// doing just before, and what that had been waiting for.
type pather struct {
	im      *image.Image
	lines   map[place]*timeline
	sources map[spot][]place
	out     []Segment
	at      place
	t       int64
}

func (p *pather) path() []Segment {
	if !p.begin() {
		return nil
	}
	for range maxPath {
		if !p.step() {
			break
		}
	}
	slices.Reverse(p.out)
	return p.out
}

// begin finds the core that did something last; the first in reading order counts.
func (p *pather) begin() bool {
	found := false
	for at, l := range p.lines {
		for _, s := range []*span{last(l.tasks, 1<<62, -1), last(l.ops, 1<<62, -1)} {
			if s == nil {
				continue
			}
			earlier := at.y < p.at.y || at.y == p.at.y && at.x < p.at.x
			if !found || s.to > p.t || s.to == p.t && earlier {
				p.at, p.t, found = at, s.to, true
			}
		}
	}
	return found
}

func (p *pather) add(from int64, kind, what string) {
	if from < p.t {
		p.out = append(p.out, Segment{int(p.at.x), int(p.at.y), from, p.t, kind, what})
	}
	p.t = from
}

// step goes one span back; false at the beginning.
func (p *pather) step() bool {
	l := p.lines[p.at]
	if task := covering(l.tasks, p.t); task != nil {
		if op := last(l.ops, p.t, task.from); op != nil && op.from < p.t {
			p.add(op.to, KindScalar, task.name)
			return p.operation(op)
		}
		p.add(task.from, KindScalar, task.name)
		return p.trigger(task)
	}
	return p.before(p.t)
}

// covering gives the task that ran just before t.
func covering(tasks []span, t int64) *span {
	i, _ := slices.BinarySearchFunc(tasks, t, func(s span, t int64) int { return cmp.Compare(s.to, t) })
	if i < len(tasks) && tasks[i].from < t {
		return &tasks[i]
	}
	return nil
}

// before continues with whatever ended last on this core by t.
func (p *pather) before(t int64) bool {
	l := p.lines[p.at]
	task, op := last(l.tasks, t, -1), last(l.ops, t, -1)
	switch {
	case op != nil && op.from < p.t && (task == nil || op.to >= task.to):
		p.add(op.to, KindStart, "after "+op.name)
		return p.operation(op)
	case task != nil && task.from < p.t:
		p.add(task.to, KindStart, "after "+task.name)
		return true
	}
	return false
}

// operation explains an operation that ended at p.t: it took its time, or its
// last wavelet came late.
func (p *pather) operation(op *span) bool {
	if from, end := p.sender(op.in, op.to); end > op.from {
		p.add(end, KindFabric, fmt.Sprintf("color %d from (%d,%d)", op.in, from.x, from.y))
		p.at = from
		return p.senderOp(op.in)
	}
	p.add(op.from, KindOp, op.name)
	return true
}

// senderOp continues with the operation that sent what was waited for.
func (p *pather) senderOp(color uint8) bool {
	ops := p.lines[p.at].ops
	for i := len(ops) - 1; i >= 0; i-- {
		if ops[i].to == p.t && ops[i].out == color {
			return p.operation(&ops[i])
		}
	}
	return p.before(p.t)
}

// trigger explains why a task started at p.t.
func (p *pather) trigger(task *span) bool {
	from, end := p.sender(task.in, task.from)
	l := p.lines[p.at]
	prev, op := last(l.tasks, task.from, -1), last(l.ops, task.from, -1)
	local := int64(-1)
	if prev != nil {
		local = prev.to
	}
	if op != nil {
		local = max(local, op.to)
	}
	if end > local {
		p.add(end, KindFabric, fmt.Sprintf("color %d from (%d,%d)", task.in, from.x, from.y))
		p.at = from
		return p.senderOp(task.in)
	}
	return p.before(task.from)
}

// sender finds who sent last on a colour that reaches this core, and when it was
// done, by t; the end is -1 if nobody did.
func (p *pather) sender(color uint8, t int64) (from place, end int64) {
	end = -1
	if color >= machine.Colors {
		return from, end
	}
	for _, s := range p.upstream(spot{p.at, color}) {
		l := p.lines[s]
		if l == nil || s == p.at {
			continue
		}
		for i := len(l.ops) - 1; i >= 0; i-- {
			if o := l.ops[i]; o.out == color && o.to < t {
				if o.to > end {
					from, end = s, o.to
				}
				break
			}
		}
	}
	return from, end
}

// upstream lists the cores from which the routes of a colour lead to a core, in
// the order in which they are met.
func (p *pather) upstream(to spot) []place {
	if out, ok := p.sources[to]; ok {
		return out
	}
	seen := map[place]bool{to.place: true}
	queue, out := []place{to.place}, []place{}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		rx := p.rx(at, to.color)
		if rx.Has(machine.Ramp) {
			out = append(out, at)
		}
		for d := machine.East; d < machine.Dirs; d++ {
			if n := neighbour(at, d); rx.Has(d) && !seen[n] && p.inside(n) {
				seen[n] = true
				queue = append(queue, n)
			}
		}
	}
	p.sources[to] = out
	return out
}

// rx gives where a router takes a colour from, in any switch position.
func (p *pather) rx(at place, color uint8) machine.DirSet {
	var s machine.DirSet
	for _, r := range p.im.RouteSets[p.im.Tile(int(at.x), int(at.y)).Routes].Routes {
		if r.Color == color {
			for i, pos := range r.Pos {
				if i == 0 || pos.Valid {
					s |= pos.Rx
				}
			}
		}
	}
	return s
}

func (p *pather) inside(a place) bool {
	return a.x >= 0 && a.y >= 0 && int(a.x) < p.im.Rect.W && int(a.y) < p.im.Rect.H
}

func neighbour(a place, d machine.Dir) place {
	dx, dy := d.Step()
	return place{a.x + int32(dx), a.y + int32(dy)}
}
