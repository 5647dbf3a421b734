package sema

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"slices"

	"wafer/internal/csl/air"
	"wafer/internal/csl/syntax"
	"wafer/internal/diag"
	"wafer/internal/image"
	"wafer/internal/machine"
)

// program is one core program while it is compiled.
type program struct {
	air      *air.Program
	root     *module
	globals  []*global // by number in the program
	encoded  int       // globals whose initial value is done
	pendingM []*module
	pendingF []func()
	insts    map[*fnVal][]*fnRecord
	consts   map[uint64][]*global
	seed     maphash.Seed
	files    map[*file]int
	names    map[string]int
	sharing  map[queueKey]uint8
	shadows  map[dsrKey]*shadow
	fixups   []func() // run when all tasks and queues are known

	tasks    []*taskBind
	byTask   map[*fnVal]*taskBind
	rotate   []rotation
	inQ      [machine.Queues]queueUse
	outQ     [machine.Queues]queueUse
	routes   []image.Route
	routeAt  map[uint8]diag.Pos
	exports  []exported
	teardown map[uint8]*fnVal
	empty    map[uint8]*fnVal
	config   map[uint16]uint16
	fifos    []*fifoInfo
	colors   []uint8 // colours of blocked or unblocked control channels (WSE-2)
	rpc      bool
	ctlTable bool
}

func (s *sema) newProgram(root *module) *program {
	cfg := &image.Program{File: root.file.name, Teardown: map[uint8]int32{}, QueueEmpty: map[uint8]int32{}}
	return &program{
		air: &air.Program{Config: cfg}, root: root, insts: map[*fnVal][]*fnRecord{},
		consts: map[uint64][]*global{}, seed: maphash.MakeSeed(), files: map[*file]int{}, names: map[string]int{},
		byTask: map[*fnVal]*taskBind{}, routeAt: map[uint8]diag.Pos{}, teardown: map[uint8]*fnVal{},
		sharing: map[queueKey]uint8{}, shadows: map[dsrKey]*shadow{}, empty: map[uint8]*fnVal{}, config: map[uint16]uint16{},
	}
}

// compileProgram makes the program of one file with its parameters.
func (s *sema) compileProgram(f *file, bound map[string]Value, at diag.Pos) *program {
	s.fr = nil
	root := s.instantiate(0, f, "", bound)
	root.pos = at
	root.cmdline = f == s.lay.root.file
	prog := s.newProgram(root)
	s.prog = prog
	prog.pendingM = append(prog.pendingM, root)
	prog.drain(s)
	prog.taskQueues(s)
	for _, fix := range prog.fixups {
		fix()
	}
	prog.finish(s)
	prog.drain(s)
	prog.encodeAll(s)
	prog.arrange()
	s.prog = nil
	return prog
}

// drain works until nothing is left: modules, functions, initial values. Each may
// add to the others.
func (p *program) drain(s *sema) {
	for {
		switch {
		case len(p.pendingM) > 0:
			m := p.pendingM[0]
			p.pendingM = p.pendingM[1:]
			s.startModule(m)
		case len(p.pendingF) > 0:
			f := p.pendingF[0]
			p.pendingF = p.pendingF[1:]
			f()
		case p.encoded < len(p.globals):
			p.encoded++ // types of relocations: makes what it points to used
			s.touch(p.globals[p.encoded-1].val)
		default:
			return
		}
	}
}

// startModule evaluates what a module does by being there: its imports, exported
// variables and comptime blocks.
func (s *sema) startModule(m *module) {
	for i, d := range m.file.tree.Decls {
		d, ok := d.(*syntax.VarDecl)
		if !ok || m.file.index[d.Name] != i {
			continue
		}
		if d.Storage == syntax.StorageExport || d.Init != nil && hasImport(d.Init) {
			s.fr = nil
			g := m.global(i)
			if !s.evalTop(g) || d.Storage != syntax.StorageExport {
				continue
			}
			if g.T.words > 0 {
				s.prog.use(s, g)
			}
		}
	}
	for i, d := range m.file.tree.Decls {
		switch d := d.(type) {
		case *syntax.ComptimeDecl:
			s.fr = nil
			s.push(&frame{mod: m, comptime: true, top: true})
			s.block(d.Body)
			s.pop()
		case *syntax.FnDecl:
			if d.Storage == syntax.StorageExport && m.file.index[d.Name] == i {
				s.fr = nil
				s.push(&frame{mod: m, comptime: true})
				s.prog.funcIndex(s, s.function(m, i))
				s.pop()
			}
		}
	}
	s.fr = nil
}

func (s *sema) evalTop(g *global) bool {
	s.push(&frame{mod: g.mod, comptime: true})
	ok := s.eval(g.decl.NamePos, g)
	s.pop()
	return ok
}

// use gives a global its number in the program.
func (p *program) use(s *sema, g *global) int {
	if g.air >= 0 {
		return g.air
	}
	g.air = len(p.globals)
	p.globals = append(p.globals, g)
	ag := &air.Global{
		Name: p.unique(g.name), Type: g.T.str, Words: g.T.words, Align: max(g.align, g.T.align()), Addr: -1,
		Export: g.decl != nil && g.decl.Storage == syntax.StorageExport,
	}
	if g.decl != nil && g.decl.LinkSection != nil {
		s.push(&frame{mod: g.mod, comptime: true})
		if x := s.constOf(g.decl.LinkSection, s.str); x.ok() {
			ag.Section = x.V.str()
		}
		s.pop()
	}
	p.air.Globals = append(p.air.Globals, ag)
	return g.air
}

func (p *program) unique(name string) string {
	n := p.names[name]
	p.names[name]++
	if n == 0 {
		return name
	}
	return fmt.Sprintf("%s#%d", name, n)
}

// constant puts a comptime value into memory, once for equal values.
func (p *program) constant(s *sema, v Value) *global {
	var h maphash.Hash
	h.SetSeed(p.seed)
	hashValue(&h, v)
	key := h.Sum64()
	for _, g := range p.consts[key] {
		if same(g.val, v) {
			return g
		}
	}
	g := &global{mod: p.root, T: v.T, val: share(v), state: evaluated, air: -1, name: "$const", fixed: true}
	g.decl = &syntax.VarDecl{Name: "constant"}
	p.consts[key] = append(p.consts[key], g)
	return g
}

func (p *program) fileIndex(f *file) int {
	i, ok := p.files[f]
	if !ok {
		i = len(p.air.Config.Files)
		p.files[f] = i
		p.air.Config.Files = append(p.air.Config.Files, f.name)
	}
	return i
}

// touch marks what an initial value points to as used.
func (s *sema) touch(v Value) {
	switch q := v.P.(type) {
	case *arrayVal:
		if v.T.elem.kind != KPtr && !v.T.elem.isAggregate() && !v.T.elem.isDSD() {
			return
		}
		for i := range q.n {
			s.touch(q.at(i))
			if q.elems == nil {
				return
			}
		}
	case *structVal:
		for _, e := range q.vals {
			s.touch(e)
		}
	case *ptrVal:
		if q.g != nil {
			s.prog.use(s, q.g)
		}
	case *dsdVal:
		if q.g != nil {
			s.prog.use(s, q.g)
		}
	case *fnVal:
		if v.T.kind == KPtr {
			s.prog.funcIndex(s, q)
		}
	}
}

// arrange puts scalars and descriptors into memory first, then arrays in the order
// of their declarations, module by module, then constants: published programs run
// over the ends of arrays, into the next array and not into a descriptor.
// ASSUMED(memory-order)
func (p *program) arrange() {
	order := make([]int, len(p.globals))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		g, h := p.globals[a], p.globals[b]
		if g.fixed != h.fixed {
			return map[bool]int{false: -1, true: 1}[g.fixed]
		}
		if g.fixed {
			return cmp.Compare(a, b)
		}
		if a, b := g.T.isAggregate(), h.T.isAggregate(); a != b {
			return map[bool]int{false: -1, true: 1}[a]
		}
		return cmp.Or(cmp.Compare(g.mod.id, h.mod.id), cmp.Compare(g.decl.Pos(), h.decl.Pos()))
	})
	p.air.Order = order
}

// encodeAll writes the initial values of all globals.
func (p *program) encodeAll(s *sema) {
	for i, g := range p.globals {
		ag := p.air.Globals[i]
		if g.decl.Storage == syntax.StorageExtern || isZero(g.val) {
			continue
		}
		ag.Init = make([]uint16, ag.Words)
		s.encode(ag, 0, g.val)
		if len(ag.Relocs) == 0 && !slices.ContainsFunc(ag.Init, func(w uint16) bool { return w != 0 }) {
			ag.Init = nil
		}
	}
}

func isZero(v Value) bool {
	if a, ok := v.P.(*arrayVal); ok && a.elems == nil {
		return isZero(a.fill)
	}
	return v.isUndef() && !v.T.isDSD() || v.P == nil && v.I == 0
}

// encode writes v at word off of a global.
func (s *sema) encode(ag *air.Global, off int, v Value) {
	if v.isUndef() {
		if v.T.isDSD() {
			putDSD(ag, off, v.T, image.DSD{Kind: dsdKind(v.T), Dims: 1, Color: image.NoColor})
		}
		return
	}
	switch q := v.P.(type) {
	case *arrayVal:
		w := v.T.elem.words
		for i := range q.n {
			s.encode(ag, off+i*w, q.at(i))
		}
		return
	case *structVal:
		switch {
		case v.T.packed:
			putBits(ag, off, s.packBits(v), v.T.words)
		case v.T.kind == KUnion:
			s.encode(ag, off, q.vals[q.active])
		default:
			for i, f := range v.T.fields {
				s.encode(ag, off+f.off, q.vals[i])
			}
		}
		return
	case *ptrVal:
		if q.g == nil {
			ag.Init[off] = uint16(q.off)
			return
		}
		ag.Relocs = append(ag.Relocs, air.Reloc{Off: off, Global: s.prog.use(s, q.g), Addend: q.off})
		return
	case *fnVal:
		ag.Relocs = append(ag.Relocs, air.Reloc{Off: off, Global: -1, Func: s.prog.funcIndex(s, q)})
		return
	case *dsdVal:
		d := q.dsd
		if q.g != nil {
			d.Base = 0
			ag.Relocs = append(ag.Relocs, air.Reloc{Off: off, Global: s.prog.use(s, q.g), Addend: q.off})
		}
		putDSD(ag, off, v.T, s.prog.queued(s, q, d))
		return
	}
	putBits(ag, off, uint64(v.I), v.T.words)
}

// putBits writes little-endian words.
func putBits(ag *air.Global, off int, bits uint64, words int) {
	for i := range words {
		ag.Init[off+i] = uint16(bits >> (16 * i))
	}
}

func putDSD(ag *air.Global, off int, t *Type, d image.DSD) {
	w := d.Encode()
	for i := range t.words / 4 {
		putBits(ag, off+4*i, w[i], 4)
	}
}
