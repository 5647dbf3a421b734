package layout

import (
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
	dx, dy := d.Step()
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
		if i := g.paths(tx, rx, c.of(from.Color)); i >= 0 {
			return mistake(CodePath, "move the regions apart, or further from the north and west border of the wafer",
				"there is no free way from core (%d,%d) of port %q to core (%d,%d) of port %q",
				tx[i].x, tx[i].y, from.Name, rx[i].x, rx[i].y, to.Name)
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

// paths routes all lanes of a connection; it gives the lane that found no way, or
// -1. One lane takes the cheapest way. Several lanes are found together as a flow
// (flow.go): taken one by one, the first would often stand in the others' way.
func (g *grid) paths(tx, rx []lane, class int) int {
	var starts, goals, open []int
	for i := range tx {
		if tx[i].ox == rx[i].x && tx[i].oy == rx[i].y && rx[i].d == tx[i].d.Opposite() {
			continue // the two cores are neighbours
		}
		start, goal := g.index(tx[i].ox, tx[i].oy), g.index(rx[i].ox, rx[i].oy)
		if start < 0 || goal < 0 || !g.free(start, class) || !g.free(goal, class) {
			return i
		}
		starts, goals, open = append(starts, start), append(goals, goal), append(open, i)
	}
	ways, bad := g.flow(starts, goals, class)
	if bad >= 0 {
		return open[bad]
	}
	for k, way := range ways {
		g.draw(way, tx[open[k]].d.Opposite(), rx[open[k]].d.Opposite(), class)
	}
	return -1
}

// draw paints a way: the first core takes from the sender's side, the last one
// gives to the receiver's.
func (g *grid) draw(way []int, in, out machine.Dir, class int) {
	for k, at := range way {
		rx, tx := in, out
		if k > 0 {
			rx = g.towards(at, way[k-1])
		}
		if k+1 < len(way) {
			tx = g.towards(at, way[k+1])
		}
		g.cells[at].paint(class, []image.Position{{Rx: machine.Set(rx), Tx: machine.Set(tx), Valid: true}})
	}
}

// towards is the side of a core that its neighbour is on.
func (g *grid) towards(at, neighbour int) machine.Dir {
	for d := machine.East; d < machine.Dirs; d++ {
		if dx, dy := d.Step(); at+dx+dy*g.w == neighbour {
			return d
		}
	}
	return machine.Ramp
}

// neighbours gives the cores around one, by side.
func (g *grid) neighbours(at int) (out []int) {
	for d := machine.East; d < machine.Dirs; d++ {
		dx, dy := d.Step()
		if n := g.index(at%g.w+dx, at/g.w+dy); n >= 0 {
			out = append(out, n)
		}
	}
	return out
}

// price is what it costs a way to pass a core.
func (g *grid) price(at int) int {
	if g.cells[at].region >= 0 {
		return stepRegion
	}
	return stepFree
}

func (g *grid) index(x, y int) int {
	if x < 0 || y < 0 || x >= g.w || y >= g.h {
		return -1
	}
	return y*g.w + x
}

func (g *grid) free(at, class int) bool { return g.cells[at].route(class) == nil }
