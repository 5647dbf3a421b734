package sema

import (
	"fmt"

	"wafer/internal/csl/air"
	"wafer/internal/csl/syntax"
	"wafer/internal/image"
)

// @set_dsr_base_addr of SDK 0.x changes the address in a register. The machine
// cannot read registers back, so a program that uses it gets a shadow of the
// register in memory: loads write to it too, and a change of the address reads it,
// changes it and loads the register again.

// shadow is a register's copy in memory. It costs nothing until it is used.
type shadow struct {
	g    *global
	used bool
	init Value // descriptor loaded before the start
	opt  air.Options
}

// dsrKey names a register.
type dsrKey struct {
	file image.DSRFile
	id   uint8
}

func (p *program) shadow(r Operand) *shadow {
	k := dsrKey{dsrFile(r.T), uint8(r.V.I)}
	if p.shadows[k] == nil {
		p.shadows[k] = &shadow{opt: air.Options{UT: -1}}
	}
	return p.shadows[k]
}

// shadowLoad writes a descriptor to the shadow as well, if there will be one.
func (s *sema) shadowLoad(e *syntax.Builtin, r, x Operand, load *air.LoadDSR) {
	if x.T.kind != KMem1D {
		return
	}
	sh := s.prog.shadow(r)
	src := s.src(e.Pos())
	hold := &air.Block{Src: src, ID: s.newID()}
	s.emit(hold)
	sh.opt = load.Opt
	p := s.prog
	p.fixups = append(p.fixups, func() {
		if sh.used {
			hold.Body = []air.Stmt{&air.Store{Src: src, Rep: image.DSD1, Addr: &air.GlobalAddr{Global: sh.g.air}, X: load.X}}
		}
	})
}

// setDSRBase is @set_dsr_base_addr(dsr, A).
func (s *sema) setDSRBase(e *syntax.Builtin) Operand {
	if !s.args(e, 2, 2) || !s.atRun(e) {
		return s.badOp()
	}
	r := s.constOf(e.Args[0], nil)
	if !r.ok() {
		return r
	}
	if !r.T.isDSR() {
		return s.errCure(e.Args[0].Pos(), EType, "make it with @get_dsr(…)", "the first argument must be a register, not %s", s.describe(&r))
	}
	a := s.baseArg(e.Args[1])
	if !a.ok() {
		return a
	}
	sh := s.prog.shadow(r)
	g := s.shadowGlobal(sh, r)
	src := s.src(e.Pos())
	now := func() air.Expr { return &air.Load{Rep: image.DSD1, Addr: &air.GlobalAddr{Global: g}} }
	y := s.code(e.Pos(), a)
	if y == nil {
		return s.badOp()
	}
	moved := &air.SetDSD{Op: image.OpDSDBase, Rep: image.DSD1, X: now(), Y: y}
	s.emit(&air.Store{Src: src, Rep: image.DSD1, Addr: &air.GlobalAddr{Global: g}, X: moved})
	load := &air.LoadDSR{File: dsrFile(r.T), ID: uint8(r.V.I), X: now(), Opt: sh.opt}
	s.emit(&air.Eval{Src: src, X: load})
	s.prog.fixups = append(s.prog.fixups, func() { load.Opt = sh.opt })
	return s.voidOp()
}

// baseArg is an address: an array, or a pointer.
func (s *sema) baseArg(e syntax.Expr) Operand {
	pl := s.placeOf(e)
	if pl.k == placeBad {
		return s.badOp()
	}
	a := Operand{}
	if pl.T.kind == KArray {
		a = s.addressOf(e.Pos(), pl)
	} else {
		a = s.load(pl)
	}
	if a.ok() && a.T.kind != KPtr {
		return s.errCure(e.Pos(), EDSD, "pass an array or its address", "the base address must be a tensor or a pointer, not %s", s.describe(&a))
	}
	return a
}

// shadowGlobal gives the number of the shadow's variable.
func (s *sema) shadowGlobal(sh *shadow, r Operand) int {
	if sh.g == nil {
		sh.used = true
		sh.g = &global{
			mod: s.prog.root, T: s.mem1d, val: s.zero(s.mem1d), state: evaluated, mut: true, air: -1, fixed: true,
			name: fmt.Sprintf("$%s.%d", r.T, r.V.I), decl: &syntax.VarDecl{Name: "register"},
		}
		g := sh.g
		s.prog.fixups = append(s.prog.fixups, func() {
			if sh.init.T == s.mem1d {
				g.val = sh.init
			}
		})
	}
	return s.prog.use(s, sh.g)
}
