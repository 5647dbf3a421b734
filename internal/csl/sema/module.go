package sema

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"wafer/internal/csl/syntax"
	"wafer/internal/diag"
)

// file is a parsed source file, shared by all its instances.
type file struct {
	name  string // path that it was read from
	lib   bool   // one of the <…> libraries, which may use private builtins
	tree  *syntax.File
	index map[string]int // declaration by name
	names []string       // for did-you-mean
	bad   bool
}

// module is one instance of a file: its globals with their own values.
type module struct {
	file    *file
	path    string // prefix of symbol names: "" or "a.b."
	globals []*global
	fns     []*fnVal
	bound   map[string]Value // parameters given by the importer
	cmdline bool             // the layout file: parameters come from the command line
	pos     diag.Pos         // of the import
	id      int
}

// global is a variable, constant or parameter of a module.
type global struct {
	mod   *module
	decl  *syntax.VarDecl
	state evalState
	T     *Type
	val   Value // constant, or initial value of a variable
	mut   bool
	air   int // number in the program, -1 while not used
	name  string
	fixed bool // put into memory by the compiler: no declaration behind it
	align int  // words, as declared or as a FIFO demands
	used  bool
}

type evalState uint8

const (
	unevaluated evalState = iota
	evaluating
	evaluated
	failed
)

// open reads and parses a file once. spec is as written in the program.
func (s *sema) open(p syntax.Pos, spec, from string) *file {
	name, text, lib, ok := s.find(spec, from)
	if !ok {
		s.errAt(p, EImport, s.importCure(spec), "cannot find %q", spec)
		return nil
	}
	if f, ok := s.files[name]; ok {
		return f
	}
	f := &file{name: name, lib: lib, index: map[string]int{}}
	s.files[name] = f
	before := s.ds.Len()
	f.tree = syntax.Parse(name, text, s.ds)
	f.bad = s.ds.Len() > before
	for i, d := range f.tree.Decls {
		n, pos := declName(d)
		if n == "" {
			continue
		}
		if j, dup := f.index[n]; dup {
			_, first := declName(f.tree.Decls[j])
			s.ds.Add(diag.Diagnostic{
				Code: EDuplicate, Pos: f.tree.Place(pos, len(n)), Message: fmt.Sprintf("'%s' is declared twice", n),
				Notes: []diag.Extra{{Pos: f.tree.Place(first, len(n)), Message: "first declaration"}},
				Cure:  "rename one of them",
			})
			continue
		}
		f.index[n] = i
		f.names = append(f.names, n)
	}
	return f
}

func declName(d syntax.Decl) (string, syntax.Pos) {
	switch d := d.(type) {
	case *syntax.VarDecl:
		return d.Name, d.NamePos
	case *syntax.FnDecl:
		return d.Name, d.NamePos
	}
	return "", 0
}

// find looks for a file: <name> in the import paths and then in the library,
// other names relative to the importing file and then in the import paths.
func (s *sema) find(spec, from string) (name string, text []byte, lib, ok bool) {
	read := s.opt.ReadFile
	if strings.HasPrefix(spec, "<") && strings.HasSuffix(spec, ">") {
		inner := strings.TrimSuffix(spec[1:len(spec)-1], ".csl") + ".csl"
		for _, dir := range s.opt.ImportPaths {
			n := filepath.Join(dir, filepath.FromSlash(inner))
			if b, err := read(n); err == nil {
				return n, b, false, true
			}
		}
		// The name that SDK 0.5 to 0.9 used.
		inner = strings.Replace(inner, "memcpy_multi/", "memcpy/", 1)
		if b, ok := s.readLib(inner); ok {
			return "<" + strings.TrimSuffix(inner, ".csl") + ">", b, true, true
		}
		return "", nil, false, false
	}
	if strings.HasPrefix(from, "<") { // a library file importing its neighbour
		n := filepath.ToSlash(filepath.Join(filepath.Dir(strings.Trim(from, "<>")), spec))
		if b, ok := s.readLib(n); ok {
			return "<" + strings.TrimSuffix(n, ".csl") + ">", b, true, true
		}
	}
	cands := []string{spec}
	if !filepath.IsAbs(spec) {
		cands[0] = filepath.Join(filepath.Dir(from), spec)
		for _, dir := range s.opt.ImportPaths {
			cands = append(cands, filepath.Join(dir, spec))
		}
		// SDK 1.0 programs name files from the directory of the layout file.
		cands = append(cands, filepath.Join(filepath.Dir(s.opt.File), spec))
	}
	for _, n := range cands {
		if b, err := read(n); err == nil {
			return n, b, false, true
		}
	}
	return "", nil, false, false
}

func (s *sema) importCure(spec string) string {
	if strings.HasPrefix(spec, "<") {
		return "check the library's name; directories of your own libraries are given with --import-path"
	}
	return "paths are relative to the importing file; further directories are given with --import-path"
}

// instantiate makes an instance of f. The caller queues it where its comptime
// blocks must run.
func (s *sema) instantiate(p syntax.Pos, f *file, path string, bound map[string]Value) *module {
	if s.modules++; s.modules > maxInstances {
		s.errAt(p, ELimit, "", "more than %d module instances", maxInstances)
		panic(stop{})
	}
	n := len(f.tree.Decls)
	m := &module{file: f, path: path, bound: bound, globals: make([]*global, n), fns: make([]*fnVal, n), id: s.modules}
	if s.fr != nil {
		m.pos = s.place(p)
	}
	return m
}

// global gives the global of m declared at index i, not yet evaluated.
func (m *module) global(i int) *global {
	if g := m.globals[i]; g != nil {
		return g
	}
	d := m.file.tree.Decls[i].(*syntax.VarDecl)
	g := &global{mod: m, decl: d, mut: d.Kind == syntax.KindVar, air: -1, name: m.path + d.Name}
	m.globals[i] = g
	return g
}

// function gives the function of m declared at index i.
func (s *sema) function(m *module, i int) *fnVal {
	if f := m.fns[i]; f != nil {
		return f
	}
	f := &fnVal{mod: m, decl: m.file.tree.Decls[i].(*syntax.FnDecl)}
	m.fns[i] = f
	return f
}

// eval gives a global its type and value. It reports a use within its own
// initialiser, directly or through others.
func (s *sema) eval(p syntax.Pos, g *global) bool {
	switch g.state {
	case evaluated:
		return true
	case failed:
		return false
	case evaluating:
		if g.T != nil { // the type is known and only the address is wanted
			return true
		}
		s.errAt(p, ECycle, "break the cycle: give one of the variables an explicit type or value",
			"'%s' depends on itself", g.decl.Name)
		return false
	}
	g.state = evaluating
	if s.depth++; s.depth > s.opt.DepthLimit {
		s.errAt(p, EDepth, "raise --comptime-func-depth-limit", "evaluation nested deeper than %d", s.opt.DepthLimit)
		panic(stop{})
	}
	s.push(&frame{mod: g.mod, comptime: true, global: g, lay: s.fr != nil && s.fr.lay})
	at := s.at
	ok := s.evalDecl(g)
	s.at = at
	s.pop()
	s.depth--
	g.state = evaluated
	if !ok {
		g.state = failed
		g.T = s.bad
	}
	return ok
}

func (s *sema) evalDecl(g *global) bool {
	d := g.decl
	s.at = d.NamePos
	if d.Align != nil {
		g.align = s.alignment(d.Align)
	}
	if d.LinkName != nil {
		if x := s.constOf(d.LinkName, s.str); x.ok() {
			g.name = x.V.str()
		}
	}
	if d.Type != nil {
		t := s.typeOf(d.Type)
		if t == s.bad {
			return false
		}
		g.T = t
	}
	if d.Kind == syntax.KindParam {
		return s.evalParam(g)
	}
	if d.Init == nil {
		return s.evalNoInit(g)
	}
	x := s.expr(d.Init, g.T)
	return s.finish(g, x, d.Init.Pos())
}

// finish stores the value of an initialiser.
func (s *sema) finish(g *global, x Operand, p syntax.Pos) bool {
	if g.T != nil {
		x = s.coerce(p, x, g.T)
	}
	if !x.ok() {
		return false
	}
	if !x.isConst() {
		s.errAt(p, EComptime, "globals are initialised at compile time", "the initial value of '%s' is not known at compile time", g.decl.Name)
		return false
	}
	if g.T == nil || g.T == s.cstruct {
		g.T = x.T
	}
	if x.V.isUndef() && x.T == s.undefined {
		s.errAt(p, EUndefined, "write the type: var x: T = undefined", "'%s' has no type", g.decl.Name)
		return false
	}
	if g.mut && g.T.comptimeOnly() && !s.fr.lay {
		s.errAt(p, ERuntime, "make it const, or give it a type of fixed width such as i16 or f32",
			"variable '%s' has type '%s', whose values exist only at compile time", g.decl.Name, g.T)
		return false
	}
	g.val = share(x.V)
	if g.mut && s.prog != nil {
		s.checkHalf(g.decl, g.T)
	}
	return true
}

func (s *sema) evalNoInit(g *global) bool {
	d := g.decl
	switch {
	case d.Kind == syntax.KindConst:
		s.errAt(d.NamePos, EParam, "write const "+d.Name+" = …;", "constant '%s' has no value", d.Name)
		return false
	case g.T == nil:
		s.errAt(d.NamePos, EUndefined, "write var "+d.Name+": T;", "'%s' has neither type nor value", d.Name)
		return false
	case g.T.words < 0 && !s.fr.lay:
		s.errAt(d.NamePos, ERuntime, "use a type of fixed width", "variable '%s' has type '%s', whose values exist only at compile time", d.Name, g.T)
		return false
	}
	g.val = s.zero(g.T)
	return true
}

// evalParam takes the value given by the importer, the command line, or the default.
func (s *sema) evalParam(g *global) bool {
	d := g.decl
	if v, ok := g.mod.bound[d.Name]; ok {
		return s.finish(g, s.coerceParam(d, constOp(v), g.T), d.NamePos)
	}
	if g.mod.cmdline {
		if x, ok := s.fromCommandLine(d.Name, g.T); ok {
			return s.finish(g, x, d.NamePos)
		}
	}
	if d.Init != nil {
		return s.finish(g, s.expr(d.Init, g.T), d.Init.Pos())
	}
	cure := "pass it where the file is imported or placed: .{ ." + d.Name + " = … }, or give it a default"
	if g.mod.cmdline {
		cure = "pass it with --params=" + d.Name + ":VALUE, or give it a default"
	}
	notes := []diag.Extra(nil)
	if g.mod.pos.Line > 0 {
		notes = append(notes, diag.Extra{Pos: g.mod.pos, Message: "the file is used here"})
	}
	s.ds.Add(diag.Diagnostic{
		Code: EParam, Pos: s.place(d.NamePos), Message: fmt.Sprintf("parameter '%s' has no value", d.Name), Cure: cure, Notes: notes,
	})
	return false
}

// coerceParam explains a parameter of the wrong type at its declaration, with a
// note where it was given.
func (s *sema) coerceParam(d *syntax.VarDecl, x Operand, t *Type) Operand {
	if t == nil {
		return x
	}
	y, ok := s.tryCoerce(x, t)
	if ok {
		return y
	}
	g := s.fr.global
	var notes []diag.Extra
	if g.mod.pos.Line > 0 {
		notes = append(notes, diag.Extra{Pos: g.mod.pos, Message: "the file is used here"})
	}
	s.ds.Add(diag.Diagnostic{
		Code: EType, Pos: s.place(d.NamePos), Notes: notes,
		Message: fmt.Sprintf("parameter '%s' has type '%s' but is given %s", d.Name, t, s.describe(&x)),
	})
	return s.badOp()
}

// importModule evaluates @import_module.
func (s *sema) importModule(e *syntax.Builtin) Operand {
	s.effects++
	if len(e.Args) < 1 || len(e.Args) > 2 {
		return s.argCount(e, 1, 2)
	}
	x := s.constOf(e.Args[0], s.str)
	if !x.ok() {
		return x
	}
	var bound map[string]Value
	if len(e.Args) == 2 {
		var ok bool
		if bound, ok = s.bindings(e.Args[1]); !ok {
			return s.badOp()
		}
	}
	f := s.open(e.Args[0].Pos(), x.V.str(), s.fr.mod.file.name)
	if f == nil || f.bad {
		return s.badOp()
	}
	s.checkBindings(e.Args[0].Pos(), f, bound)
	m := s.instantiate(e.Pos(), f, s.instancePath(), bound)
	if s.prog != nil {
		s.prog.pendingM = append(s.prog.pendingM, m)
	}
	return constOp(Value{T: s.module, P: m})
}

// instancePath names the module after the constant that it initialises.
func (s *sema) instancePath() string {
	for f := s.fr; f != nil; f = f.up {
		if f.global != nil {
			return f.global.mod.path + f.global.decl.Name + "."
		}
	}
	return s.fr.mod.path
}

// bindings evaluates the struct of parameters of an import or a tile.
func (s *sema) bindings(e syntax.Expr) (map[string]Value, bool) {
	x := s.constOf(e, nil)
	if !x.ok() {
		return nil, false
	}
	sv, ok := x.V.P.(*structVal)
	if !ok && x.T != s.void || ok && x.T.names == nil && len(sv.vals) > 0 {
		s.errAt(e.Pos(), EType, "write .{ .name = value }", "parameters must be a struct with field names, not %s", s.describe(&x))
		return nil, false
	}
	out := map[string]Value{}
	if ok {
		for i, f := range x.T.fields {
			out[f.name] = share(sv.vals[i])
		}
	}
	return out, true
}

// checkBindings warns about parameters that the file does not have: they are
// legal, and usually a slip.
func (s *sema) checkBindings(p syntax.Pos, f *file, bound map[string]Value) {
	if f.lib {
		return // library options differ between versions of the library
	}
	names := make([]string, 0, len(bound))
	for n := range bound {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		if i, ok := f.index[n]; ok {
			if d, ok := f.tree.Decls[i].(*syntax.VarDecl); ok && d.Kind == syntax.KindParam {
				continue
			}
		}
		s.ds.Add(diag.Diagnostic{
			Severity: diag.Warning, Code: WBinding, Pos: s.place(p),
			Message: fmt.Sprintf("%s has no parameter '%s'", filepath.Base(f.name), n),
		})
	}
}

// member evaluates m.name.
func (s *sema) member(p syntax.Pos, m *module, name string) Operand {
	i, ok := m.file.index[name]
	if !ok {
		cure := ""
		if n := nearest(name, m.file.names); n != "" {
			cure = "did you mean '" + n + "'?"
		}
		return s.errCure(p, EField, cure, "module %s has no member '%s'", m.file.name, name)
	}
	return s.loadDecl(p, m, i)
}

// loadDecl gives the value of a module's declaration: a function, a constant, or
// a variable in memory.
func (s *sema) loadDecl(p syntax.Pos, m *module, i int) Operand {
	if _, ok := m.file.tree.Decls[i].(*syntax.FnDecl); ok {
		return s.fnOperand(s.function(m, i))
	}
	g := m.global(i)
	if !s.eval(p, g) {
		return s.badOp()
	}
	return s.loadGlobal(p, g)
}

func (s *sema) loadGlobal(p syntax.Pos, g *global) Operand {
	if !g.mut {
		if g.state == evaluating {
			return s.err(p, ECycle, "'%s' depends on itself", g.decl.Name)
		}
		return Operand{M: modeConst, T: g.val.T, V: g.val, G: g}
	}
	if s.fr.lay {
		return constOp(g.val)
	}
	if s.ct() {
		return s.errCure(p, EComptime, "make it const, or use its address",
			"the value of variable '%s' is not known at compile time", g.decl.Name)
	}
	return s.load(s.globalPlace(g))
}

// hasImport reports whether an initialiser imports a module, so that the import's
// comptime blocks run even if nothing else uses the constant.
func hasImport(e syntax.Expr) bool {
	switch e := e.(type) {
	case *syntax.Builtin:
		return e.Name == "import_module"
	case *syntax.If:
		return hasImport(e.Then) || e.Else != nil && hasImport(e.Else)
	case *syntax.Switch:
		for _, c := range e.Cases {
			if hasImport(c.Body) {
				return true
			}
		}
	case *syntax.Field:
		return hasImport(e.X)
	case *syntax.Comptime:
		return hasImport(e.X)
	case *syntax.Block:
		for _, st := range e.Stmts {
			if b, ok := st.(*syntax.Break); ok && b.X != nil && hasImport(b.X) {
				return true
			}
		}
	}
	return false
}
