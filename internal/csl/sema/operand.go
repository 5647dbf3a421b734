package sema

import (
	"wafer/internal/csl/air"
	"wafer/internal/csl/syntax"
	"wafer/internal/image"
)

// mode says what an Operand is.
type mode uint8

const (
	modeBad   mode = iota // a mistake was reported; swallow it
	modeConst             // comptime value V
	modeRun               // value of the scalar or descriptor expression X
	modeMem               // aggregate in memory at X + Off
	modeParts             // anonymous struct, array literal or range with run-time parts
)

// Operand is what an expression evaluates to.
type Operand struct {
	M   mode
	T   *Type
	V   Value
	X   air.Expr
	Off int
	// Parts are the members for modeParts.
	Parts []Operand
	// G is the global that a constant was read from, so that its address or a
	// run-time index into it needs no second copy.
	G *global
}

func (x *Operand) ok() bool      { return x.M != modeBad }
func (x *Operand) isConst() bool { return x.M == modeConst }

func constOp(v Value) Operand { return Operand{M: modeConst, T: v.T, V: v} }

func (s *sema) voidOp() Operand { return constOp(s.voidVal()) }

func (s *sema) badOp() Operand { return Operand{T: s.bad} }

func runOp(t *Type, x air.Expr) Operand { return Operand{M: modeRun, T: t, X: x} }

func memOp(t *Type, x air.Expr, off int) Operand { return Operand{M: modeMem, T: t, X: x, Off: off} }

// localKind says how a local name is held.
type localKind uint8

const (
	locConst localKind = iota // comptime value val
	locVar                    // comptime variable val, or cell if its address was taken
	locOp                     // some operand that is not a constant
	locReg                    // run-time variable in air local idx
	locMem                    // run-time variable in memory, air local idx
)

// local is a name in a function body. Names are found by walking back from the
// newest: bodies have few names, and nothing is allocated for a scope.
type local struct {
	name  string
	kind  localKind
	mut   bool
	T     *Type
	val   Value
	cell  *cell
	op    *Operand
	idx   int
	depth int // run-time nesting where it was declared
	pos   syntax.Pos
}

// frame is a function body, comptime block or initialiser under evaluation.
type frame struct {
	up       *frame
	mod      *module
	fn       *instance // run-time function being emitted; nil otherwise
	why      string    // for the notes of a diagnostic
	callAt   syntax.Pos
	base     int // first local
	comptime bool
	top      bool // top-level comptime block: configuration builtins are allowed
	lay      bool // layout block, or called from one
	rtDepth  int  // nesting in run-time branches and loops
	targets  []*target
	ret      *Type
	result   Operand // of a comptime call
	inlineTo *target // where return goes in the body of an inline function
	global   *global // whose initialiser this is
}

// push enters a frame; pop leaves it and forgets its locals.
func (s *sema) push(f *frame) {
	f.up = s.fr
	f.base = len(s.locs)
	s.fr = f
}

func (s *sema) pop() {
	clear(s.locs[s.fr.base:])
	s.locs = s.locs[:s.fr.base]
	s.fr = s.fr.up
}

// scopeMark and scopeEnd bound the names of a block.
func (s *sema) scopeMark() int { return len(s.locs) }

func (s *sema) scopeEnd(mark int) { s.locs = s.locs[:mark] }

func (s *sema) lookup(name string) *local {
	for i := len(s.locs) - 1; i >= s.fr.base; i-- {
		if s.locs[i].name == name {
			return &s.locs[i]
		}
	}
	return nil
}

func (s *sema) declare(l local) {
	s.locs = append(s.locs, l)
}

// bindConst declares a name for an operand that does not change.
func (s *sema) bindConst(name string, pos syntax.Pos, x Operand) {
	if x.isConst() {
		s.declare(local{name: name, kind: locConst, T: x.T, val: share(x.V), pos: pos})
		return
	}
	op := x
	s.declare(local{name: name, kind: locOp, T: x.T, op: &op, pos: pos})
}

// instance is a run-time function being emitted.
type instance struct {
	air    *air.Func
	idx    int
	out    *[]air.Stmt // where statements go now
	ids    int         // of loops and blocks
	ret    *Type
	retPtr int // local holding the address of an aggregate result, -1 for none
	taken  map[string]bool
}

// emit appends a statement to the function being emitted.
func (s *sema) emit(st air.Stmt) {
	o := s.fr.fn.out
	*o = append(*o, st)
}

// collect runs f and gives the statements it emitted.
func (s *sema) collect(f func()) []air.Stmt {
	fn := s.fr.fn
	old := fn.out
	var list []air.Stmt
	fn.out = &list
	f()
	fn.out = old
	return list
}

func (s *sema) src(p syntax.Pos) air.Src {
	line, _ := s.fr.mod.file.tree.LineCol(p)
	return air.Src{File: int32(s.prog.fileIndex(s.fr.mod.file)), Line: int32(line)}
}

func (fn *instance) newLocal(name string, rep image.Rep) int {
	fn.air.Locals = append(fn.air.Locals, air.Local{Name: name, Rep: rep})
	return len(fn.air.Locals) - 1
}

func (fn *instance) newMem(name string, t *Type) int {
	fn.air.Locals = append(fn.air.Locals, air.Local{Name: name, Words: t.words, Align: t.align()})
	return len(fn.air.Locals) - 1
}

// ct reports that evaluation happens now and not on the core.
func (s *sema) ct() bool { return s.fr.comptime }

// isBad reports whether any operand is poisoned.
func isBad(xs ...*Operand) bool {
	for _, x := range xs {
		if x.M == modeBad {
			return true
		}
	}
	return false
}

// temp stores a run-time scalar in a fresh register local, so that it is
// evaluated once and at this point.
func (s *sema) temp(p syntax.Pos, x Operand) Operand {
	switch x.M {
	case modeRun:
		if _, ok := x.X.(*air.Const); ok {
			return x
		}
		rep := x.T.scalarRep()
		if rep == image.Void {
			s.emit(&air.Eval{Src: s.src(p), X: x.X})
			return s.voidOp()
		}
		i := s.fr.fn.newLocal("", rep)
		s.emit(&air.SetLocal{Src: s.src(p), Local: i, X: x.X})
		return runOp(x.T, &air.GetLocal{Local: i, Rep: rep})
	case modeParts:
		parts := make([]Operand, len(x.Parts))
		for i := range x.Parts {
			parts[i] = s.temp(p, x.Parts[i])
		}
		x.Parts = parts
	}
	return x
}
