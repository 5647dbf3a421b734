package sema

import (
	"fmt"
	"hash/maphash"

	"wafer/internal/csl/syntax"
	"wafer/internal/diag"
	"wafer/internal/image"
	"wafer/internal/machine"
)

// setColorConfig is @set_color_config(x, y, color, .{…}).
func (s *sema) setColorConfig(e *syntax.Builtin) Operand {
	if !s.inLayout(e) || !s.args(e, 4, 4) {
		return s.badOp()
	}
	t, ok := s.coords(e)
	c := s.constOf(e.Args[2], nil)
	if !ok || !c.ok() {
		return s.badOp()
	}
	if c = s.colorOf(e.Args[2].Pos(), c); !c.ok() {
		return c
	}
	v := s.constOf(e.Args[3], nil)
	if !v.ok() {
		return v
	}
	r, ok := s.layoutRoute(e, uint8(c.V.I), v.V)
	if !ok {
		return s.badOp()
	}
	for _, o := range t.routes {
		if s.lay.routes[o].Color == uint8(c.V.I) {
			return s.err(e.Pos(), ERoute, "color %d of this core is configured twice", c.V.I)
		}
	}
	t.routes = append(t.routes, r)
	return s.voidOp()
}

// layoutRoute makes the route of a configuration struct, once for equal structs.
func (s *sema) layoutRoute(e *syntax.Builtin, color uint8, v Value) (int32, bool) {
	l := s.lay
	var h maphash.Hash
	h.SetSeed(l.seed)
	h.WriteByte(color)
	hashValue(&h, v)
	key := h.Sum64()
	for _, m := range l.cfgMemo[key] {
		if m.color == color && same(m.val, v) {
			return m.route, true
		}
	}
	rt, ok := s.route(e, e.Args[3].Pos(), color, constOp(v))
	if !ok {
		return 0, false
	}
	text := routeKey(&rt)
	i, known := l.byRoute[text]
	if !known {
		i = len(l.routes)
		l.routes = append(l.routes, rt)
		l.byRoute[text] = i
	}
	l.cfgMemo[key] = append(l.cfgMemo[key], cfgMemo{color: color, val: share(v), route: int32(i)})
	return int32(i), true
}

func routeKey(r *image.Route) string {
	f := image.Filter{}
	if r.Filter != nil {
		f = *r.Filter
	}
	c := *r
	c.Filter = nil
	return fmt.Sprintf("%v %v %v", c, r.Filter != nil, f)
}

// setLocalColorConfig is @set_local_color_config(color, .{…}).
func (s *sema) setLocalColorConfig(e *syntax.Builtin) Operand {
	if !s.args(e, 2, 2) || !s.atTop(e) {
		return s.badOp()
	}
	c, v := s.constOf(e.Args[0], nil), s.constOf(e.Args[1], nil)
	if isBad(&c, &v) {
		return s.badOp()
	}
	if c = s.colorOf(e.Args[0].Pos(), c); !c.ok() {
		return c
	}
	color := uint8(c.V.I)
	rt, ok := s.route(e, e.Args[1].Pos(), color, v)
	if !ok {
		return s.badOp()
	}
	if first, twice := s.prog.routeAt[color]; twice {
		s.ds.Add(diag.Diagnostic{
			Code: ERoute, Pos: s.place(e.Pos()), Message: fmt.Sprintf("color %d is configured twice", color),
			Notes: []diag.Extra{{Pos: first, Message: "first configuration"}},
		})
		return s.badOp()
	}
	s.prog.routeAt[color] = s.place(e.Pos())
	s.prog.routes = append(s.prog.routes, rt)
	return s.voidOp()
}

// cfg reads one level of a configuration struct.
type cfg struct {
	s    *sema
	p    syntax.Pos
	what string
	x    Operand
	ok   bool
	used map[string]bool
}

func (s *sema) cfgOf(p syntax.Pos, what string, x Operand) *cfg {
	c := &cfg{s: s, p: p, what: what, x: x, ok: true, used: map[string]bool{}}
	if x.T != s.void && (!x.isConst() || !x.T.isStruct() || x.T.names == nil && len(x.T.fields) > 0) {
		s.errAt(p, ERoute, "write .{ .name = value }", "%s must be a struct with named fields, not %s", what, s.describe(&x))
		c.ok = false
		c.x = s.voidOp()
	}
	return c
}

func (c *cfg) get(name string) (Operand, bool) {
	c.used[name] = true
	i, ok := c.x.T.names[name]
	if !ok {
		return Operand{}, false
	}
	return c.s.part(c.x, i), true
}

func (c *cfg) fail(cure, format string, args ...any) {
	c.s.errAt(c.p, ERoute, cure, format, args...)
	c.ok = false
}

func (c *cfg) flag(name string) bool {
	x, ok := c.get(name)
	if !ok {
		return false
	}
	if x.T.kind != KBool {
		c.fail("", "'%s' must be a bool, not %s", name, c.s.describe(&x))
		return false
	}
	return x.V.I != 0
}

func (c *cfg) number(name string, hi int64) uint16 {
	x, ok := c.get(name)
	if !ok {
		return 0
	}
	if !x.T.isIntLike() || x.V.isBig() || x.V.I < 0 || x.V.I > hi {
		c.fail("", "'%s' must be a number from 0 to %d, not %s", name, hi, c.s.describe(&x))
		return 0
	}
	return uint16(x.V.I)
}

// done reports fields that nothing read.
func (c *cfg) done() bool {
	if !c.ok || c.x.T == c.s.void {
		return c.ok
	}
	for _, f := range c.x.T.fields {
		if c.used[f.name] {
			continue
		}
		var known []string
		for n := range c.used {
			known = append(known, n)
		}
		cure := ""
		if n := nearest(f.name, sorted(known)); n != "" {
			cure = "did you mean '" + n + "'?"
		}
		c.fail(cure, "%s has no field '%s'", c.what, f.name)
	}
	return c.ok
}

// route turns a configuration struct into a route.
func (s *sema) route(e *syntax.Builtin, p syntax.Pos, color uint8, x Operand) (image.Route, bool) {
	r := image.Route{Color: color}
	c := s.cfgOf(p, "a color configuration", x)
	routes, ok := c.get("routes")
	if !ok {
		c.fail("add .routes = .{ .rx = …, .tx = … }", "a color configuration needs routes")
		return r, false
	}
	r.Pos[0].Valid = true
	c.ok = s.routePart(p, routes, &r) && c.ok
	if sw, ok := c.get("switches"); ok {
		c.ok = s.switches(p, color, sw, &r) && c.ok
	}
	if f, ok := c.get("filter"); ok {
		c.ok = s.filter(p, f, &r) && c.ok
	}
	r.Teardown = c.flag("teardown")
	return r, c.done()
}

// Bits of a route given as one number, SDK 2.10: outputs in bits 0-4, inputs in
// bits 5-9, as the constants of <directions>.
const (
	routeBits = 5
	maxRoute  = 1<<(2*routeBits) - 1
)

// bitDirs is the direction of each of the five bits.
func bitDirs() [routeBits]machine.Dir {
	return [routeBits]machine.Dir{machine.West, machine.East, machine.South, machine.North, machine.Ramp}
}

// fromBits splits a number into inputs and outputs.
func dirsFromBits(v int64) (rx, tx machine.DirSet) {
	for i, d := range bitDirs() {
		if v>>i&1 == 1 {
			tx |= 1 << d
		}
		if v>>(i+routeBits)&1 == 1 {
			rx |= 1 << d
		}
	}
	return rx, tx
}

func (s *sema) routePart(p syntax.Pos, x Operand, r *image.Route) bool {
	if x.T.isIntLike() {
		if x.V.isBig() || x.V.I < 0 || x.V.I > maxRoute {
			s.errAt(p, ERoute, "combine the constants of <directions>", "%s is no set of routes", s.show(x.V))
			return false
		}
		r.Pos[0].Rx, r.Pos[0].Tx = dirsFromBits(x.V.I)
		return true
	}
	c := s.cfgOf(p, "routes", x)
	for _, side := range []struct {
		name string
		set  *machine.DirSet
	}{{"rx", &r.Pos[0].Rx}, {"tx", &r.Pos[0].Tx}} {
		if v, ok := c.get(side.name); ok {
			*side.set = s.dirSet(c, side.name, v)
		}
	}
	r.SwapX, r.SwapY = c.flag("color_swap_x"), c.flag("color_swap_y")
	if (r.SwapX || r.SwapY) && s.opt.Arch == machine.WSE3 {
		c.fail("use two colors and a relay", "color swap is not available on wse3")
	}
	if pm, ok := c.get("pop_mode"); ok { // older place of the field
		r.Pop = s.popMode(c, pm)
	}
	return c.done()
}

// dirSet reads a direction, a tuple or array of directions, or a bit set.
func (s *sema) dirSet(c *cfg, name string, x Operand) machine.DirSet {
	switch {
	case x.T == s.direction:
		return 1 << x.V.I
	case x.T == s.void:
		return 0
	case x.T.isIntLike() && !x.V.isBig() && x.V.I >= 0 && x.V.I <= maxRoute:
		rx, tx := dirsFromBits(x.V.I)
		return rx | tx
	case x.T.kind == KTuple && x.T.names == nil || x.T.kind == KArray && x.isConst():
		return s.dirList(c, name, x)
	}
	c.fail("write .{ EAST, RAMP }", "'%s' must be one or several directions, not %s", name, s.describe(&x))
	return 0
}

func (s *sema) dirList(c *cfg, name string, x Operand) machine.DirSet {
	var elems []Value
	if a, ok := x.V.P.(*arrayVal); ok {
		for i := range a.n {
			elems = append(elems, a.at(i))
		}
	} else if sv, ok := x.V.P.(*structVal); ok {
		elems = sv.vals
	}
	var set machine.DirSet
	for _, v := range elems {
		if v.T != s.direction || v.isUndef() {
			c.fail("directions are NORTH, SOUTH, EAST, WEST and RAMP", "'%s' holds a value of type '%s', not a direction", name, v.T)
			return 0
		}
		if set.Has(machine.Dir(v.I)) {
			c.fail("", "'%s' names %s twice", name, dirName(v.I))
		}
		set |= 1 << v.I
	}
	return set
}

func (s *sema) popMode(c *cfg, x Operand) image.PopMode {
	switch n := s.choice(c.p, x, "pop_mode"); n {
	case "no_pop":
		return image.NoPop
	case "always_pop":
		return image.AlwaysPop
	case "pop_on_advance":
		return image.PopOnAdvance
	case "pop_on_advance_nop":
		return image.PopOnAdvanceNop
	case "":
		// A struct of several flags none of which is set means no_pop.
		if x.T.isStruct() {
			return image.NoPop
		}
		c.ok = false
	default:
		c.fail("modes are no_pop, always_pop, pop_on_advance and pop_on_advance_nop", "there is no pop mode '%s'", n)
	}
	return image.NoPop
}

// switchColors3 are the colours that can switch on WSE-3.
// Source: SDK documentation of @set_color_config.
const switchColors3 uint32 = 1<<10 - 1 | 1<<12 | 1<<13 | 1<<16 | 1<<17 | 1<<20 | 1<<21

func (s *sema) switches(p syntax.Pos, color uint8, x Operand, r *image.Route) bool {
	c := s.cfgOf(p, "switches", x)
	any := false
	for i, name := range []string{"pos1", "pos2", "pos3"} {
		if v, ok := c.get(name); ok {
			c.ok = s.switchPos(p, name, v, &r.Pos[i+1]) && c.ok
			any = any || r.Pos[i+1].Valid
		}
	}
	if any && s.opt.Arch == machine.WSE3 && switchColors3>>color&1 == 0 {
		c.fail("use one of 0-9, 12, 13, 16, 17, 20, 21", "color %d cannot switch on wse3", color)
	}
	if pm, ok := c.get("pop_mode"); ok {
		r.Pop = s.popMode(c, pm)
	}
	r.Ring = c.flag("ring_mode")
	r.Current = uint8(c.number("current_switch_pos", 3))
	return c.done()
}

func (s *sema) switchPos(p syntax.Pos, name string, x Operand, out *image.Position) bool {
	if x.T.isIntLike() {
		if x.V.isBig() || x.V.I < 0 || x.V.I > maxRoute {
			s.errAt(p, ERoute, "", "%s is no set of routes", s.show(x.V))
			return false
		}
		out.Rx, out.Tx = dirsFromBits(x.V.I)
		out.Valid = x.V.I != 0
		return true
	}
	c := s.cfgOf(p, name, x)
	rx, hasRx := c.get("rx")
	if hasRx {
		out.Rx = s.dirSet(c, "rx", rx)
	}
	tx, hasTx := c.get("tx")
	if hasTx {
		out.Tx = s.dirSet(c, "tx", tx)
	}
	invalid := c.flag("invalid")
	switch {
	case hasRx && hasTx || invalid && (hasRx || hasTx):
		c.fail("the other side stays as the position before has it; use a further position to change it too", "%s changes one thing: rx or tx, or it is invalid", name)
	case out.Rx&(out.Rx-1) != 0:
		c.fail("name one direction", "%s receives from one direction, not from several", name)
	}
	out.Valid = !invalid && (out.Rx != 0 || out.Tx != 0)
	return c.done()
}

func (s *sema) filter(p syntax.Pos, x Operand, r *image.Route) bool {
	if x.T == s.void {
		return true
	}
	c := s.cfgOf(p, "a filter", x)
	if !c.ok {
		return false
	}
	f := &image.Filter{}
	k, ok := c.get("kind")
	if !ok {
		c.fail("add .kind = .{ .counter = true }", "a filter needs a kind")
		return false
	}
	switch n := s.choice(p, k, "kind"); n {
	case "counter":
		f.Kind = image.FilterCounter
	case "sparse_counter":
		f.Kind = image.FilterSparse
	case "range":
		f.Kind = image.FilterRange
	default:
		c.fail("kinds are counter, sparse_counter and range", "there is no filter kind '%s'", n)
	}
	f.CountData, f.CountCtrl = c.flag("count_data"), c.flag("count_control")
	f.Init, f.Max = c.number("init_counter", 0xffff), c.number("max_counter", 0xffff)
	f.Lim1, f.Lim2 = c.number("limit1", 0xffff), c.number("limit2", 0xffff)
	f.MinIdx, f.MaxIdx = c.number("min_idx", 0xffff), c.number("max_idx", 0xffff)
	if f.OnlyCtrl = c.flag("filter_control"); f.OnlyCtrl && f.Kind != image.FilterCounter {
		c.fail("use .kind = .{ .counter = true }", "'filter_control' belongs to counter filters")
	}
	c.get("fast_mode") // undocumented; it changes no result
	r.Filter = f
	return c.done()
}

// getFilterID is @get_filter_id(color): filters have the number of their colour.
func (s *sema) getFilterID(e *syntax.Builtin) Operand {
	if !s.args(e, 1, 1) {
		return s.badOp()
	}
	c := s.constOf(e.Args[0], nil)
	if !c.ok() {
		return c
	}
	if c = s.colorOf(e.Args[0].Pos(), c); !c.ok() {
		return c
	}
	return constOp(intVal(s.u16, c.V.I))
}
