package sema

import (
	"wafer/internal/csl/air"
	"wafer/internal/csl/syntax"
	"wafer/internal/image"
	"wafer/internal/machine"
)

// fifoInfo is an allocated FIFO. The tasks may be bound later than the FIFO is
// allocated.
type fifoInfo struct {
	g         *global
	words     int
	push, pop air.Expr
	empty     image.FifoAction
	full      image.FifoAction
}

// Limits of FIFOs. A FIFO takes one register pair of its own.
const (
	maxFifos  = machine.DSRs
	fifoAlign = 8 // words; facts: <tile_config> FIFO_MIN_ALIGNMENT is 16 bytes
)

// allocateFifo is @allocate_fifo(buf[, .{…}]).
func (s *sema) allocateFifo(e *syntax.Builtin) Operand {
	s.effects++
	if !s.args(e, 1, 2) {
		return s.badOp()
	}
	if s.prog == nil || s.fr.global == nil || s.fr.up == nil {
		return s.errCure(e.Pos(), EFifo, "write const f = @allocate_fifo(buf); at top level", "a FIFO is allocated in the initial value of a global constant")
	}
	pl := s.placeOf(e.Args[0])
	if pl.k == placeBad {
		return s.badOp()
	}
	if pl.T.kind == KPtr && pl.T.elem.kind == KArray {
		pl = s.derefPlace(e.Args[0].Pos(), s.load(pl))
	}
	if pl.ptr == nil || pl.ptr.g == nil || pl.T.kind != KArray {
		return s.errCure(e.Args[0].Pos(), EFifo, "pass a global array", "the buffer of a FIFO must be a global array, not '%s'", pl.T)
	}
	g := pl.ptr.g
	if !g.mut {
		return s.errCure(e.Args[0].Pos(), EFifo, "declare it with var", "the buffer of a FIFO must be a variable")
	}
	if t := pl.T.elem; !t.isNumeric() || t.bits != 16 && t.bits != 32 {
		return s.err(e.Args[0].Pos(), EFifo, "the elements of a FIFO must be 16- or 32-bit numbers, not '%s'", t)
	}
	if g.align > 0 && g.align < fifoAlign {
		return s.err(e.Args[0].Pos(), EFifo, "the buffer of a FIFO must be aligned to %d bytes", 2*fifoAlign)
	}
	p := s.prog
	if len(p.fifos) == maxFifos {
		return s.err(e.Pos(), ELimit, "a core has at most %d FIFOs", maxFifos)
	}
	g.align = max(g.align, fifoAlign)
	info := &fifoInfo{g: g, words: pl.T.words}
	if len(e.Args) == 2 && !s.fifoOptions(e, info) {
		return s.badOp()
	}
	p.fifos = append(p.fifos, info)
	p.use(s, g)
	p.air.Globals[g.air].Align = g.align
	return constOp(Value{T: s.fifo, P: &fifoVal{id: len(p.fifos) - 1}})
}

func (s *sema) fifoOptions(e *syntax.Builtin, info *fifoInfo) bool {
	vals, ok := s.structFields(e.Args[1])
	if !ok {
		return false
	}
	for _, name := range sortedKeys(vals) {
		p := e.Args[1].Pos()
		switch name {
		case "activate_push":
			info.push = s.taskExpr(p, vals[name])
			ok = ok && info.push != nil
		case "activate_pop":
			info.pop = s.taskExpr(p, vals[name])
			ok = ok && info.pop != nil
		case "priority", "simd_mode":
			// They change the speed only.
		case "empty_action", "full_action":
			act, known := s.fifoAction(p, name, vals[name])
			if ok = ok && known; name == "empty_action" {
				info.empty = act
			} else {
				info.full = act
			}
		default:
			s.errAt(p, EFifo, "options are activate_push, activate_pop, priority, empty_action and full_action", "a FIFO has no option '%s'", name)
			ok = false
		}
	}
	return ok
}

// fifoAction is an empty_action or full_action. WSE-2 lacks some of them.
func (s *sema) fifoAction(p syntax.Pos, name string, x Operand) (image.FifoAction, bool) {
	choice := s.choice(p, x, name)
	act, ok := map[string]image.FifoAction{
		"test_or_suspend": image.FifoTestOrSuspend, "terminate": image.FifoTerminate,
		"suspend": image.FifoSuspend, "fault": image.FifoFault,
	}[choice]
	switch {
	case choice == "":
		return 0, false
	case !ok:
		s.errAt(p, EFifo, "actions are test_or_suspend, terminate, suspend and fault", "there is no FIFO action '%s'", choice)
		return 0, false
	case s.opt.Arch == machine.WSE2 && (name == "full_action" || act >= image.FifoSuspend):
		s.errAt(p, EArch, "on wse2 only the empty_action test_or_suspend or terminate can be chosen", "%s '%s' is not available on wse2", name, choice)
		return 0, false
	}
	return act, true
}

// fifo writes the FIFO's entry when all tasks are bound.
func (i *fifoInfo) image() image.Fifo {
	id := func(x air.Expr) int8 {
		if c, ok := x.(*air.Const); ok {
			return int8(c.Bits)
		}
		return -1
	}
	return image.Fifo{Addr: uint16(i.g.air), Words: uint16(i.words), ActivatePush: id(i.push), ActivatePop: id(i.pop), Empty: i.empty, Full: i.full}
}

// setFifoLength is @set_fifo_read_length and @set_fifo_write_length.
func (s *sema) setFifoLength(e *syntax.Builtin) Operand {
	if !s.args(e, 2, 2) || !s.atRun(e) {
		return s.badOp()
	}
	f := s.known(e.Args[0], nil)
	n := s.coerce(e.Args[1].Pos(), s.expr(e.Args[1], s.u16), s.u16)
	if isBad(&f, &n) {
		return s.badOp()
	}
	v, ok := f.V.P.(*fifoVal)
	if !ok {
		return s.err(e.Args[0].Pos(), EType, "expected a FIFO, found %s", s.describe(&f))
	}
	// The side stands above the number: see lower.
	side := int64(0)
	if e.Name == "set_fifo_write_length" {
		side = 1
	}
	return s.intrinsic(e, image.OpFifoSet, s.void, int64(v.id)|side<<8, s.code(e.Pos(), n))
}
