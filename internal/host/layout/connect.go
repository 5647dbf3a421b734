package layout

import (
	"container/heap"

	"wafer/internal/image"
	"wafer/internal/machine"
)

// Paths run through routers: each core on the way passes the colour from one side
// to another. A colour has one route on a core, so two paths of one class never
// share a core; paths of different classes may, colours permitting.

// classes joins the colours at the two ends of each connection.
type classes []int

func newClasses(s *Spec) classes {
	c := make(classes, len(s.Colors))
	for i := range c {
		c[i] = i
	}
	for _, k := range s.Connections {
		a, b := c.of(s.Ports[k[0]].Color), c.of(s.Ports[k[1]].Color)
		// The smaller number leads, so that the result depends on nothing else.
		c[max(a, b)] = min(a, b)
	}
	return c
}

func (c classes) of(color int) int {
	for c[color] != color {
		color = c[color]
	}
	return color
}

// merge renames all colours of the grid to their classes.
func (g *grid) merge(c classes) error {
	for i := range g.cells {
		cl := &g.cells[i]
		routes := cl.routes
		cl.routes = nil
		for _, r := range routes {
			k := c.of(r.color)
			if cl.route(k) != nil {
				return mistake(CodePorts, "give the two colours separate connections",
					"core (%d,%d) has routes for two colours that connections make one", i%g.w, i/g.w)
			}
			cl.paint(k, r.positions)
		}
		for j := range cl.params {
			if p := &cl.params[j]; p.color {
				p.value = int64(c.of(int(p.value)))
				cl.extra = append(cl.extra, int(p.value))
			}
		}
	}
	return nil
}

// lane is one core of a port: its place and the first core outside.
type lane struct {
	x, y   int
	ox, oy int
	d      machine.Dir
}

func lanes(s *Spec, port int) []lane {
	p := s.Ports[port]
	r := s.Regions[p.Region]
	d, _ := edgeDir(p.Edge)
	q := edgeRect(r, d)
	dx, dy := step(d)
	var out []lane
	for y := range q[3] {
		for x := range q[2] {
			l := lane{x: r.X + q[0] + x, y: r.Y + q[1] + y, d: d}
			l.ox, l.oy = l.x+dx, l.y+dy
			out = append(out, l)
		}
	}
	return out
}

// step is the move towards a neighbour; y grows to the south.
func step(d machine.Dir) (dx, dy int) {
	switch d {
	case machine.East:
		return 1, 0
	case machine.West:
		return -1, 0
	case machine.North:
		return 0, -1
	case machine.South:
		return 0, 1
	}
	return 0, 0
}

// connect finds a path for every connection, in the order in which they were made.
func (g *grid) connect(s *Spec, c classes) error {
	taken := map[int]bool{}
	for _, k := range s.Connections {
		tx, rx := lanes(s, k[0]), lanes(s, k[1])
		from, to := s.Ports[k[0]], s.Ports[k[1]]
		if len(tx) != len(rx) {
			return mistake(CodePorts, "give both regions the same extent along the edge",
				"port %q has %d cores and port %q has %d", from.Name, len(tx), to.Name, len(rx))
		}
		if taken[k[0]] || taken[k[1]] {
			return mistake(CodePorts, "connect a region that copies the data between them", "port %q or %q is connected twice", from.Name, to.Name)
		}
		taken[k[0]], taken[k[1]] = true, true
		for i := range tx {
			if err := g.path(tx[i], rx[i], c.of(from.Color)); err != nil {
				return mistake(CodePath, "move the regions apart, or further from the north and west border of the wafer",
					"there is no free way from core (%d,%d) of port %q to core (%d,%d) of port %q",
					tx[i].x, tx[i].y, from.Name, rx[i].x, rx[i].y, to.Name)
			}
		}
	}
	return nil
}

// The price of a step: cores of a region are crossed only when going around is
// much longer, since their colours are scarce.
const (
	stepFree   = 1
	stepRegion = 8
)

// path routes one lane by the cheapest way, ties to the lower cell number.
func (g *grid) path(from, to lane, class int) error {
	if from.ox == to.x && from.oy == to.y && to.d == from.d.Opposite() {
		return nil // the two cores are neighbours
	}
	start, goal := g.index(from.ox, from.oy), g.index(to.ox, to.oy)
	if start < 0 || goal < 0 || !g.free(start, class) || !g.free(goal, class) {
		return errNoPath
	}
	prev := g.search(start, goal, class)
	if prev == nil {
		return errNoPath
	}
	// Walk back from the goal and paint; the first core takes from the sender's
	// side, the last one gives to the receiver's.
	out := to.d.Opposite()
	for at := goal; ; {
		in := from.d.Opposite()
		if at != start {
			in = prev[at]
		}
		g.cells[at].paint(class, []image.Position{{Rx: machine.Set(in), Tx: machine.Set(out), Valid: true}})
		if at == start {
			return nil
		}
		dx, dy := step(in)
		at, out = at+dx+dy*g.w, in.Opposite()
	}
}

func (g *grid) index(x, y int) int {
	if x < 0 || y < 0 || x >= g.w || y >= g.h {
		return -1
	}
	return y*g.w + x
}

func (g *grid) free(at, class int) bool { return g.cells[at].route(class) == nil }

// search is Dijkstra's algorithm; it gives for each core reached the side from
// which the cheapest way comes, or nil if the goal is out of reach.
func (g *grid) search(start, goal, class int) map[int]machine.Dir {
	prev := map[int]machine.Dir{}
	best := map[int]int{start: 0}
	q := &frontier{{0, start}}
	for q.Len() > 0 {
		e := heap.Pop(q).(entry)
		if e.at == goal {
			return prev
		}
		if e.cost > best[e.at] {
			continue
		}
		for d := machine.East; d < machine.Dirs; d++ {
			dx, dy := step(d)
			n := g.index(e.at%g.w+dx, e.at/g.w+dy)
			if n < 0 || !g.free(n, class) {
				continue
			}
			cost := e.cost + stepFree
			if g.cells[n].region >= 0 {
				cost = e.cost + stepRegion
			}
			if b, seen := best[n]; !seen || cost < b {
				best[n], prev[n] = cost, d.Opposite()
				heap.Push(q, entry{cost, n})
			}
		}
	}
	return nil
}

type entry struct{ cost, at int }

type frontier []entry

func (f frontier) Len() int { return len(f) }
func (f frontier) Less(i, j int) bool {
	return f[i].cost < f[j].cost || f[i].cost == f[j].cost && f[i].at < f[j].at
}
func (f frontier) Swap(i, j int) { f[i], f[j] = f[j], f[i] }
func (f *frontier) Push(x any)   { *f = append(*f, x.(entry)) }
func (f *frontier) Pop() any {
	old := *f
	e := old[len(old)-1]
	*f = old[:len(old)-1]
	return e
}
