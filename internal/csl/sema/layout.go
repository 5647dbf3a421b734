package sema

import (
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"wafer/internal/check"
	"wafer/internal/csl/syntax"
	"wafer/internal/diag"
	"wafer/internal/image"
	"wafer/internal/machine"
)

// layout collects what the layout block says.
type layout struct {
	root    *module
	w, h    int
	set     bool
	tiles   []tile
	plans   []*tilePlan // distinct (file, parameters)
	byHash  map[uint64][]int
	seed    maphash.Seed
	routes  []image.Route // distinct
	byRoute map[string]int
	cfgMemo map[uint64][]cfgMemo
	exports []*exportName
	byName  map[string]*exportName
	h2d     []uint8
	d2h     []uint8
}

// tile is one core of the rectangle.
type tile struct {
	plan   int32 // 1 + index of its plan; 0: none
	routes []int32
}

// tilePlan is a file with parameters that some cores run.
type tilePlan struct {
	file  *file
	val   Value // the struct of parameters
	bound map[string]Value
	pos   diag.Pos
}

// cfgMemo remembers the route made of a configuration struct.
type cfgMemo struct {
	color uint8
	val   Value
	route int32
}

// exportName is a name made known to the host by @export_name.
type exportName struct {
	name string
	t    *Type
	mut  bool
	pos  diag.Pos
	idx  int
	used bool
}

func (s *sema) readLib(name string) ([]byte, bool) {
	if s.opt.Lib == nil || !fs.ValidPath(name) {
		return nil, false
	}
	b, err := fs.ReadFile(s.opt.Lib, name)
	return b, err == nil
}

// compile runs the layout and then compiles each distinct program.
func (s *sema) compile() *Result {
	if s.opt.ReadFile == nil {
		check.Never("%v", errNoReader)
	}
	lay := &layout{
		byHash: map[uint64][]int{}, seed: maphash.MakeSeed(), byRoute: map[string]int{},
		cfgMemo: map[uint64][]cfgMemo{}, byName: map[string]*exportName{},
	}
	s.lay = lay
	f := s.openRoot()
	if f == nil || s.ds.HasErrors() {
		return nil
	}
	lay.root = s.instantiate(0, f, "", nil)
	lay.root.cmdline = true
	s.checkCommandLine(f)
	if !s.runLayout(f) || s.ds.HasErrors() {
		return nil
	}
	s.checkTiles(f)
	return s.programs()
}

func (s *sema) openRoot() *file {
	text, err := s.opt.ReadFile(s.opt.File)
	if err != nil {
		s.ds.Add(diag.Diagnostic{Code: EImport, Pos: diag.Pos{File: s.opt.File}, Message: "cannot read the layout file: " + err.Error()})
		return nil
	}
	old := s.opt.ReadFile
	s.opt.ReadFile = func(name string) ([]byte, error) {
		if name == s.opt.File {
			return text, nil
		}
		return old(name)
	}
	f := &file{name: s.opt.File}
	s.push(&frame{mod: &module{file: f}})
	f.tree = syntax.Parse(s.opt.File, nil, &diag.List{})
	f = s.open(0, s.opt.File, "")
	s.pop()
	return f
}

func (s *sema) runLayout(f *file) bool {
	var blocks []*syntax.LayoutDecl
	for _, d := range f.tree.Decls {
		if d, ok := d.(*syntax.LayoutDecl); ok {
			blocks = append(blocks, d)
		}
	}
	if len(blocks) != 1 {
		s.ds.Add(diag.Diagnostic{
			Code: ELayout, Pos: diag.Pos{File: f.name},
			Message: fmt.Sprintf("the program needs one layout block and has %d", len(blocks)),
			Cure:    "compile the file that holds the layout block",
		})
		return false
	}
	s.push(&frame{mod: s.lay.root, comptime: true, lay: true})
	s.block(blocks[0].Body)
	s.pop()
	return true
}

// checkCommandLine reports --params and --colors that the layout file does not
// have, and checks those that nothing reads.
func (s *sema) checkCommandLine(f *file) {
	for _, p := range slices.Concat(s.opt.Params, s.opt.Colors) {
		i, ok := f.index[p.Name]
		if ok {
			if d, ok := f.tree.Decls[i].(*syntax.VarDecl); ok && d.Kind == syntax.KindParam {
				continue
			}
		}
		var names []string
		for _, d := range f.tree.Decls {
			if d, ok := d.(*syntax.VarDecl); ok && d.Kind == syntax.KindParam {
				names = append(names, d.Name)
			}
		}
		cure := ""
		if n := nearest(p.Name, names); n != "" {
			cure = "did you mean '" + n + "'?"
		}
		s.ds.Add(diag.Diagnostic{
			Code: ECmdParam, Pos: diag.Pos{File: f.name}, Cure: cure,
			Message: fmt.Sprintf("the layout file has no parameter '%s', which the command line sets", p.Name),
		})
	}
}

// fromCommandLine gives the value of a parameter set by --params or --colors;
// the last one wins.
func (s *sema) fromCommandLine(name string, t *Type) (Operand, bool) {
	for _, p := range slices.Backward(s.opt.Colors) {
		if p.Name == name {
			n, err := strconv.Atoi(p.Value)
			if err != nil || n < 0 || n >= machine.Colors {
				return s.err(s.at, ECmdParam, "--colors=%s:%s: a color is a number from 0 to %d", name, p.Value, machine.Colors-1), true
			}
			return constOp(intVal(s.color, int64(n))), true
		}
	}
	for _, p := range slices.Backward(s.opt.Params) {
		if p.Name == name {
			return s.parseParam(p, t), true
		}
	}
	return Operand{}, false
}

func (s *sema) parseParam(p Param, t *Type) Operand {
	text := strings.TrimSpace(p.Value)
	bad := func(what string) Operand {
		return s.err(s.at, ECmdParam, "--params=%s:%s: the parameter needs %s", p.Name, p.Value, what)
	}
	switch {
	case t != nil && t.kind == KString:
		return constOp(s.strVal(p.Value))
	case t != nil && t.kind == KBool:
		switch text {
		case "true", "1":
			return constOp(s.boolVal(true))
		case "false", "0":
			return constOp(s.boolVal(false))
		}
		return bad("true or false")
	case t != nil && t.isFloatLike():
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return bad("a number")
		}
		return constOp(floatVal(s.cfloat, f))
	}
	if n, err := strconv.ParseInt(text, 0, 64); err == nil {
		if t != nil && t.kind == KColor && n >= 0 && n < machine.Colors {
			return constOp(intVal(s.color, n))
		}
		return constOp(intVal(s.cint, n))
	}
	if t != nil {
		return bad("a value of type '" + t.str + "'")
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		return constOp(floatVal(s.cfloat, f))
	}
	if text == "true" || text == "false" {
		return constOp(s.boolVal(text == "true"))
	}
	return constOp(s.strVal(p.Value))
}

// inLayout reports a builtin used outside a layout block.
func (s *sema) inLayout(e *syntax.Builtin) bool {
	if s.fr.lay && s.prog == nil {
		s.effects++
		return true
	}
	s.errAt(e.Pos(), EPlace, "move it to the layout block", "@%s is possible in a layout block only", e.Name)
	return false
}

func (s *sema) setRectangle(e *syntax.Builtin) Operand {
	if !s.inLayout(e) || !s.args(e, 2, 2) {
		return s.badOp()
	}
	if s.lay.set {
		return s.err(e.Pos(), ERect, "the rectangle is set twice")
	}
	w, ok1 := s.intOf(e.Args[0], "the width of the rectangle", 1, maxFabric)
	h, ok2 := s.intOf(e.Args[1], "the height of the rectangle", 1, maxFabric)
	if !ok1 || !ok2 {
		return s.badOp()
	}
	l := s.lay
	l.w, l.h, l.set = int(w), int(h), true
	l.tiles = make([]tile, l.w*l.h)
	s.checkFabric(e)
	return s.voidOp()
}

// Margins that --memcpy needs around the rectangle for the host's data paths.
// Source: facts/csl.md B.2.
const (
	memcpyWidth   = 7
	memcpyHeight  = 2
	memcpyOffsetX = 4
	memcpyOffsetY = 1
)

func (s *sema) checkFabric(e *syntax.Builtin) {
	l, o := s.lay, &s.opt
	needW, needH := l.w+o.OffsetX, l.h+o.OffsetY
	if o.Memcpy {
		needW, needH = l.w+memcpyWidth+o.WestBuf+o.EastBuf, l.h+memcpyHeight
		if x := memcpyOffsetX + o.WestBuf; o.FabricW > 0 && (o.OffsetX < x || o.OffsetY < memcpyOffsetY) {
			s.errAt(e.Pos(), ERect, fmt.Sprintf("pass --fabric-offsets=%d,%d", x, memcpyOffsetY),
				"--memcpy needs --fabric-offsets of at least %d,%d", x, memcpyOffsetY)
		}
	}
	if o.FabricW > 0 && (o.FabricW < needW || o.FabricH < needH) {
		s.errAt(e.Pos(), ERect, fmt.Sprintf("pass --fabric-dims=%d,%d or more", needW, needH),
			"a fabric of %d x %d is too small for a rectangle of %d x %d", o.FabricW, o.FabricH, l.w, l.h)
	}
}

// coords evaluates the coordinates of a tile.
func (s *sema) coords(e *syntax.Builtin) (*tile, bool) {
	if !s.lay.set {
		s.errAt(e.Pos(), ERect, "call @set_rectangle first", "@%s comes before @set_rectangle", e.Name)
		return nil, false
	}
	x, ok1 := s.intOf(e.Args[0], "the x coordinate", -maxFabric, maxFabric)
	y, ok2 := s.intOf(e.Args[1], "the y coordinate", -maxFabric, maxFabric)
	if !ok1 || !ok2 {
		return nil, false
	}
	if x < 0 || y < 0 || int(x) >= s.lay.w || int(y) >= s.lay.h {
		s.errAt(e.Args[0].Pos(), ETile, "", "core (%d, %d) is outside the rectangle of %d x %d", x, y, s.lay.w, s.lay.h)
		return nil, false
	}
	return &s.lay.tiles[int(y)*s.lay.w+int(x)], true
}

func (s *sema) setTileCode(e *syntax.Builtin) Operand {
	if !s.inLayout(e) || !s.args(e, 2, 4) {
		return s.badOp()
	}
	t, ok := s.coords(e)
	if !ok {
		return s.badOp()
	}
	f := s.lay.root.file
	if len(e.Args) > 2 {
		n := s.constOf(e.Args[2], s.str)
		if !n.ok() {
			return n
		}
		if f = s.openTile(e.Args[2].Pos(), n.V.str()); f == nil {
			return s.badOp()
		}
	}
	val := s.voidOp()
	if len(e.Args) > 3 {
		if val = s.constOf(e.Args[3], nil); !val.ok() {
			return val
		}
		if val.T.kind != KTuple && val.T.kind != KStruct && val.T != s.void || val.T.names == nil && len(val.T.fields) > 0 {
			return s.errCure(e.Args[3].Pos(), EType, "write .{ .name = value }", "parameters must be a struct with field names, not %s", s.describe(&val))
		}
	}
	if t.plan != 0 {
		return s.err(e.Pos(), ETile, "this core has its code already")
	}
	t.plan = s.plan(e, f, val.V) + 1
	return s.voidOp()
}

// openTile is open with a memory for the last name: layouts ask for the same few
// files for every core.
func (s *sema) openTile(p syntax.Pos, spec string) *file {
	from := s.fr.mod.file.name
	if s.memoSpec == spec && s.memoFrom == from {
		return s.memoFile
	}
	f := s.open(p, spec, from)
	if f == nil || f.bad {
		return nil
	}
	s.memoSpec, s.memoFrom, s.memoFile = spec, from, f
	return f
}

// plan finds the program for a file and parameters, or notes a new one.
func (s *sema) plan(e *syntax.Builtin, f *file, v Value) int32 {
	l := s.lay
	var h maphash.Hash
	h.SetSeed(l.seed)
	h.WriteString(f.name)
	hashValue(&h, v)
	key := h.Sum64()
	for _, i := range l.byHash[key] {
		if p := l.plans[i]; p.file == f && same(p.val, v) {
			return int32(i)
		}
	}
	if len(l.plans) >= maxPrograms {
		s.errAt(e.Pos(), ELimit, "", "more than %d distinct programs", maxPrograms)
		panic(stop{})
	}
	bound := map[string]Value{}
	if sv, ok := v.P.(*structVal); ok {
		for i, fd := range v.T.fields {
			bound[fd.name] = share(sv.vals[i])
		}
	}
	if len(e.Args) > 3 {
		s.checkBindings(e.Args[3].Pos(), f, bound)
	}
	l.plans = append(l.plans, &tilePlan{file: f, val: share(v), bound: bound, pos: s.place(e.Pos())})
	i := len(l.plans) - 1
	l.byHash[key] = append(l.byHash[key], i)
	return int32(i)
}

func (s *sema) exportName(e *syntax.Builtin) Operand {
	if !s.inLayout(e) || !s.args(e, 2, 3) {
		return s.badOp()
	}
	n := s.constOf(e.Args[0], s.str)
	t := s.typeOf(e.Args[1])
	if !n.ok() || t == s.bad {
		return s.badOp()
	}
	x := &exportName{name: n.V.str(), t: t, pos: s.place(e.Pos()), idx: len(s.lay.exports)}
	if len(e.Args) == 3 {
		m := s.constOf(e.Args[2], s.boolean)
		if !m.ok() {
			return m
		}
		x.mut = m.V.I != 0
	} else if t.kind != KFn {
		return s.errCure(e.Pos(), EExport, "add true or false as third argument", "whether '%s' can be changed by the host must be said", x.name)
	}
	if t.isAggregate() || t.kind == KEnum || t.comptimeOnly() && t.kind != KFn {
		return s.errCure(e.Args[1].Pos(), EExport, "export a pointer: [*]T", "a name of type '%s' cannot be exported", t)
	}
	if old := s.lay.byName[x.name]; old != nil {
		s.ds.Add(diag.Diagnostic{
			Code: EExport, Pos: s.place(e.Pos()), Message: fmt.Sprintf("the name '%s' is exported twice", x.name),
			Notes: []diag.Extra{{Pos: old.pos, Message: "first export"}},
		})
		return s.badOp()
	}
	s.lay.byName[x.name] = x
	s.lay.exports = append(s.lay.exports, x)
	return s.voidOp()
}

// checkTiles reports cores of the rectangle without code.
func (s *sema) checkTiles(f *file) {
	l := s.lay
	if !l.set {
		s.ds.Add(diag.Diagnostic{
			Code: ERect, Pos: diag.Pos{File: f.name}, Message: "the layout block does not set the rectangle",
			Cure: "call @set_rectangle(width, height) first",
		})
		return
	}
	if s.opt.BareTiles {
		return
	}
	missing, first := 0, 0
	for i := len(l.tiles) - 1; i >= 0; i-- {
		if l.tiles[i].plan == 0 {
			missing++
			first = i
		}
	}
	if missing > 0 {
		s.ds.Add(diag.Diagnostic{
			Code: ETile, Pos: diag.Pos{File: f.name},
			Message: fmt.Sprintf("%d cores of the rectangle have no code, the first is (%d, %d)", missing, first%l.w, first/l.w),
			Cure:    "call @set_tile_code for each core",
		})
	}
}

// programs compiles what the layout asked for and puts the result together.
func (s *sema) programs() *Result {
	l, o := s.lay, &s.opt
	if !l.set {
		return nil
	}
	im := &image.Image{
		Arch: o.Arch, FP16: s.fp16.str, FabricW: o.FabricW, FabricH: o.FabricH,
		Rect: image.Rect{X: o.OffsetX, Y: o.OffsetY, W: l.w, H: l.h}, Memcpy: o.Memcpy,
		Params: map[string]string{}, Colors: map[string]string{},
	}
	if im.FabricW == 0 {
		im.FabricW, im.FabricH = l.w+o.OffsetX, l.h+o.OffsetY
		if o.Memcpy {
			im.Rect.X, im.Rect.Y = max(o.OffsetX, memcpyOffsetX), max(o.OffsetY, memcpyOffsetY)
			im.FabricW, im.FabricH = l.w+memcpyWidth, l.h+memcpyHeight
		}
	}
	for _, p := range o.Params {
		im.Params[p.Name] = p.Value
	}
	for _, p := range o.Colors {
		im.Colors[p.Name] = p.Value
	}
	res := &Result{Image: im, Sources: map[string][]byte{}}
	progs := make([]*program, len(l.plans))
	errs := 0
	for i, p := range l.plans {
		progs[i] = s.compileProgram(p.file, p.bound, p.pos)
		progs[i].air.Config.Name = fmt.Sprintf("%d_0", i)
		res.Programs = append(res.Programs, progs[i].air)
		// Hundreds of programs of one file repeat its mistakes: stop at some point.
		if s.ds.HasErrors() {
			if errs++; errs >= maxBadPrograms {
				break
			}
		}
	}
	for _, f := range s.files {
		res.Sources[f.name] = f.tree.Text
	}
	if s.ds.HasErrors() {
		return nil
	}
	s.fillImage(im, progs)
	return res
}

// maxBadPrograms is how many programs with mistakes are looked at.
const maxBadPrograms = 3

func (s *sema) fillImage(im *image.Image, progs []*program) {
	l := s.lay
	im.H2D, im.D2H = l.h2d, l.d2h
	for i, x := range l.exports {
		e := image.Export{ID: i, Name: x.name, Type: x.t.str, Mutable: x.mut}
		if x.t.kind == KFn {
			e.Kind, e.Type = image.ExportFunc, x.t.elem.str
			for _, p := range x.t.fields {
				e.Args = append(e.Args, p.t.str)
			}
		}
		im.Exports = append(im.Exports, e)
	}
	im.Tiles = make([]image.Tile, len(l.tiles))
	sets := map[string]int32{}
	for i := range l.tiles {
		t := &l.tiles[i]
		im.Tiles[i] = image.Tile{Program: t.plan - 1, Routes: s.routeSet(im, sets, t, progs)}
	}
}

// routeSet interns the routes of one core: those of the layout and those that
// its program sets itself.
func (s *sema) routeSet(im *image.Image, sets map[string]int32, t *tile, progs []*program) int32 {
	var key []byte
	slices.Sort(t.routes)
	for _, r := range t.routes {
		key = binary.LittleEndian.AppendUint32(key, uint32(r))
	}
	var own []image.Route
	if t.plan > 0 && len(progs[t.plan-1].routes) > 0 {
		own = progs[t.plan-1].routes
		key = append(binary.LittleEndian.AppendUint32(key, uint32(t.plan)), 'p')
	}
	if i, ok := sets[string(key)]; ok {
		return i
	}
	var rs image.RouteSet
	for _, r := range t.routes {
		rs.Routes = append(rs.Routes, s.lay.routes[r])
	}
	for _, r := range own {
		for _, o := range rs.Routes {
			if o.Color == r.Color {
				p := progs[t.plan-1]
				s.ds.Add(diag.Diagnostic{
					Code: ERoute, Pos: p.routeAt[r.Color],
					Message: fmt.Sprintf("color %d is configured both by the layout and by the program of the core", r.Color),
				})
			}
		}
		rs.Routes = append(rs.Routes, r)
	}
	slices.SortFunc(rs.Routes, func(a, b image.Route) int { return int(a.Color) - int(b.Color) })
	i := int32(len(im.RouteSets))
	im.RouteSets = append(im.RouteSets, rs)
	sets[string(key)] = i
	return i
}
