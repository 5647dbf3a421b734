package layout

import (
	"cmp"
	"slices"

	"wafer/internal/image"
	"wafer/internal/machine"
)

// cell is one core of the layout while it is being put together. A class is a set
// of colours that connections make one; before connections it is one colour.
type cell struct {
	region int // -1: only a router
	params []setting
	routes []route // ascending by color
	extra  []int   // colours that the core knows by parameter only
}

// setting is the value of a parameter on one core.
type setting struct {
	name  string
	color bool
	value int64 // number, or index of a colour
}

// route is a colour's switch positions on one core.
type route struct {
	color     int
	positions []image.Position
}

// grid is the rectangle that holds all regions and the paths between them.
type grid struct {
	w, h  int
	cells []cell
}

func (g *grid) at(x, y int) *cell { return &g.cells[y*g.w+x] }

// margin is the room for paths around the regions.
const margin = 2

// newGrid gives every core what its region says. Ports are painted last: they
// say how a colour enters or leaves, whatever was painted there before.
func newGrid(s *Spec) (*grid, error) {
	g := &grid{w: 1, h: 1}
	for _, r := range s.Regions {
		g.w, g.h = max(g.w, r.X+r.W), max(g.h, r.Y+r.H)
	}
	if len(s.Connections) > 0 {
		g.w, g.h = g.w+margin, g.h+margin
	}
	g.cells = make([]cell, g.w*g.h)
	for i := range g.cells {
		g.cells[i].region = -1
	}
	for i, r := range s.Regions {
		g.fill(i, r)
	}
	for _, r := range s.Regions {
		for _, p := range r.Paints {
			pos, err := positions(p.Positions, 0, false)
			if err != nil {
				return nil, err
			}
			g.each(r, p.Rect, func(c *cell) { c.paint(p.Color, pos) })
		}
	}
	for _, p := range s.Ports {
		d, _ := edgeDir(p.Edge)
		pos, err := positions(p.Positions, d, p.Input)
		if err != nil {
			return nil, err
		}
		r := s.Regions[p.Region]
		g.each(r, edgeRect(r, d), func(c *cell) { c.paint(p.Color, pos) })
	}
	return g, nil
}

func (g *grid) fill(i int, r Region) {
	g.each(r, Rect{0, 0, r.W, r.H}, func(c *cell) { c.region = i })
	for _, p := range r.Params {
		v := setting{name: p.Name}
		if p.Color != nil {
			v.color, v.value = true, int64(*p.Color)
		} else {
			v.value = *p.Int
		}
		g.each(r, p.Rect, func(c *cell) { c.set(v) })
	}
}

func (g *grid) each(r Region, q Rect, visit func(*cell)) {
	for y := range q[3] {
		for x := range q[2] {
			visit(g.at(r.X+q[0]+x, r.Y+q[1]+y))
		}
	}
}

func (c *cell) set(v setting) {
	for i := range c.params {
		if c.params[i].name == v.name {
			c.params[i] = v
			return
		}
	}
	c.params = append(c.params, v)
}

func (c *cell) paint(color int, pos []image.Position) {
	i, found := slices.BinarySearchFunc(c.routes, color, func(r route, k int) int { return cmp.Compare(r.color, k) })
	if found {
		c.routes[i].positions = pos
		return
	}
	c.routes = slices.Insert(c.routes, i, route{color, pos})
}

// route finds the positions of a colour, nil where it is not painted.
func (c *cell) route(color int) *route {
	for i := range c.routes {
		if c.routes[i].color == color {
			return &c.routes[i]
		}
	}
	return nil
}

// edgeRect is the row or column of cores along an edge.
func edgeRect(r Region, d machine.Dir) Rect {
	switch d {
	case machine.North:
		return Rect{0, 0, r.W, 1}
	case machine.South:
		return Rect{0, r.H - 1, r.W, 1}
	case machine.West:
		return Rect{0, 0, 1, r.H}
	}
	return Rect{r.W - 1, 0, 1, r.H}
}

// positions reads switch positions. At a port the side that the port is on
// stands for what a position leaves open: a port's positions name only what
// happens within the region.
func positions(ps []Position, edge machine.Dir, input bool) ([]image.Position, error) {
	if len(ps) > 4 {
		return nil, mistake(CodeSpec, "", "a colour has at most 4 switch positions, not %d", len(ps))
	}
	out := make([]image.Position, len(ps))
	for i, p := range ps {
		rx, err := dirs(p.Rx)
		if err != nil {
			return nil, err
		}
		tx, err := dirs(p.Tx)
		if err != nil {
			return nil, err
		}
		if edge != machine.Ramp && input && rx == 0 {
			rx = machine.Set(edge)
		}
		if edge != machine.Ramp && !input && tx == 0 {
			tx = machine.Set(edge)
		}
		out[i] = image.Position{Rx: rx, Tx: tx, Valid: true}
	}
	return out, nil
}

func dirs(names []string) (machine.DirSet, error) {
	var s machine.DirSet
	for _, n := range names {
		d, ok := dirNamed(n)
		if !ok {
			return 0, mistake(CodeSpec, "", "there is no direction %q", n)
		}
		s |= machine.Set(d)
	}
	return s, nil
}

func dirNamed(name string) (machine.Dir, bool) {
	for d := range machine.Dir(machine.Dirs) {
		if d.String() == name {
			return d, true
		}
	}
	return 0, false
}
