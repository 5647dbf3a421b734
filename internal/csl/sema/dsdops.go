package sema

import (
	"wafer/internal/csl/air"
	"wafer/internal/csl/syntax"
	"wafer/internal/image"
	"wafer/internal/machine"
)

// fabricSide says what an operand has to do with the fabric.
type fabricSide uint8

const (
	sideNone fabricSide = iota // memory or scalar
	sideIn
	sideOut
	sideAny // a register or FIFO: known on the core only
)

// dsdOp evaluates a data operation builtin.
func (s *sema) dsdOp(e *syntax.Builtin, k image.DSDKindOp) Operand {
	info := image.DSDTable[k]
	if info.Fallback && len(e.Args) == 1 {
		return s.scalarCount(e, k)
	}
	if len(e.Args) != info.NSrc+1 && len(e.Args) != info.NSrc+2 {
		return s.argCount(e, info.NSrc+1, info.NSrc+2)
	}
	if !s.atRun(e) {
		return s.badOp()
	}
	op := &air.DSDOp{Kind: k}
	sides := make([]fabricSide, info.NSrc+1)
	ok := true
	var fine bool
	op.Dest, sides[0], fine = s.destOperand(e, info.Dest)
	ok = ok && fine
	for i := range info.NSrc {
		var src air.Operand
		src, sides[i+1], fine = s.sourceOperand(e, e.Args[i+1], info.Src[i])
		op.Src = append(op.Src, src)
		ok = ok && fine
	}
	op.Opt = air.Options{UT: -1}
	if len(e.Args) == info.NSrc+2 {
		op.Opt, fine = s.options(e, e.Args[info.NSrc+1])
		ok = ok && fine
		s.completeLate(&op.Opt)
	}
	if !ok || !s.checkSides(e, op, sides) {
		return s.badOp()
	}
	running(op)
	return runOp(s.boolean, op)
}

// running makes @fadds(&sum, sum, v) a running sum: where the scalar is the
// variable that the pointer points to, each element is combined with what stands
// there now. Source: facts, pointers to scalars as destinations.
//
// Where the destination is a pointer that only the running program knows, the
// scalar is read from its place for every element: if the pointer leads there the
// sum runs (public programs keep such a pointer in a variable of its own), if not
// the value is the same each time.
func running(op *air.DSDOp) {
	if op.Dest.Mode != image.ModePtr {
		return
	}
	for i, o := range op.Src {
		ld, ok := o.X.(*air.Load)
		if !ok || o.Mode != image.ModeReg || o.Rep != op.Dest.Rep {
			continue
		}
		at := offset(ld.Addr, ld.Off)
		_, known := op.Dest.X.(*air.GlobalAddr)
		_, inMemory := at.(*air.GlobalAddr)
		switch {
		case sameAddr(at, op.Dest.X):
			op.Src[i] = op.Dest
		case !known && inMemory && !op.Opt.Async:
			op.Src[i] = air.Operand{Mode: image.ModePtr, Rep: o.Rep, X: at}
		}
	}
}

func sameAddr(a, b air.Expr) bool {
	switch a := a.(type) {
	case *air.GlobalAddr:
		b, ok := b.(*air.GlobalAddr)
		return ok && *a == *b
	case *air.LocalAddr:
		b, ok := b.(*air.LocalAddr)
		return ok && *a == *b
	}
	return false
}

// completeLate finishes options that wait for all tasks to be bound.
func (s *sema) completeLate(o *air.Options) {
	if late := s.late; late != nil {
		s.prog.fixups = append(s.prog.fixups, func() { late(o) })
		s.late = nil
	}
}

// checkSides holds the rules that concern several operands.
func (s *sema) checkSides(e *syntax.Builtin, op *air.DSDOp, sides []fabricSide) bool {
	ins, fabric, vectors := 0, 0, 0
	for i, sd := range sides {
		if sd == sideIn {
			ins++
		}
		if sd != sideNone {
			fabric++
		}
		o := op.Dest
		if i > 0 {
			o = op.Src[i-1]
		}
		if o.Mode != image.ModeReg && o.Mode != image.ModePtr {
			vectors++
		}
	}
	switch {
	case op.Opt.Async && fabric == 0:
		s.errAt(e.Pos(), EOption, "remove .async", "an operation on memory alone cannot be asynchronous")
		return false
	case ins > 1 && s.opt.Arch == machine.WSE3:
		s.errAt(e.Pos(), EDSDOp, "receive one of them into memory first", "an operation can have one fabric input on wse3, not %d", ins)
		return false
	case len(op.Src) > 1 && op.Src[0].Mode == image.ModeFifo:
		s.errAt(e.Args[1].Pos(), EDSDOp, "make it the second source", "a FIFO cannot be the first of several sources")
		return false
	}
	return true
}

// scalarCount is @clz(x), @ctz(x) and @popcnt(x) on a number.
func (s *sema) scalarCount(e *syntax.Builtin, k image.DSDKindOp) Operand {
	x := s.expr(e.Args[0], s.u16)
	if !x.ok() {
		return x
	}
	if x.T.kind == KComptimeInt {
		x = s.coerce(e.Args[0].Pos(), x, s.u16)
	}
	if !x.ok() || x.T.kind != KInt {
		return s.err(e.Pos(), EType, "@%s needs an integer of fixed width", e.Name)
	}
	if x.isConst() {
		return constOp(intVal(x.T, countBits(k, uint64(x.V.I), x.T.bits)))
	}
	op := map[image.DSDKindOp]image.Op{image.DClz: image.OpClz, image.DCtz: image.OpCtz, image.DPopcnt: image.OpPopcnt}[k]
	return runOp(x.T, &air.Un{Op: op, Rep: x.T.rep, X: x.X})
}

func countBits(k image.DSDKindOp, v uint64, width int) int64 {
	n := int64(0)
	for i := range width {
		bit := v >> i & 1
		switch k {
		case image.DPopcnt:
			n += int64(bit)
		case image.DCtz:
			if bit == 1 {
				return int64(i)
			}
		case image.DClz:
			if v>>(width-1-i)&1 == 1 {
				return int64(i)
			}
		}
	}
	if k == image.DPopcnt {
		return n
	}
	return int64(width)
}

// vector makes a descriptor, register or FIFO operand; found is false for others.
func (s *sema) vector(p syntax.Pos, x Operand) (o air.Operand, side fabricSide, found bool) {
	switch {
	case x.T.isDSD():
		if x.T.kind == KCircBuf {
			s.errAt(p, EDSDOp, "load it with @load_to_dsr_xdsr", "a circular buffer must be loaded into registers first")
			return o, sideNone, true
		}
		side = sideNone
		switch x.T.kind {
		case KFabIn:
			side = sideIn
		case KFabOut:
			side = sideOut
		}
		return air.Operand{Mode: image.ModeDSD, Rep: x.T.rep, X: s.code(p, x)}, side, true
	case x.T.isDSR():
		return air.Operand{Mode: image.ModeDSR, Rep: image.DSD1, File: dsrFile(x.T), Num: uint8(x.V.I)}, sideAny, true
	case x.T.kind == KFifo:
		return air.Operand{Mode: image.ModeFifo, Rep: image.DSD1, Num: uint8(x.V.P.(*fifoVal).id)}, sideAny, true
	}
	return o, sideNone, false
}

func dsrFile(t *Type) image.DSRFile {
	switch t.kind {
	case KDSRSrc0:
		return image.DSRSrc0
	case KDSRSrc1, KDSRFifoSrc1:
		return image.DSRSrc1
	}
	return image.DSRDest
}

func (s *sema) destOperand(e *syntax.Builtin, rep image.Rep) (air.Operand, fabricSide, bool) {
	p := e.Args[0].Pos()
	x := s.expr(e.Args[0], nil)
	if !x.ok() {
		return air.Operand{}, 0, false
	}
	if o, side, found := s.vector(p, x); found {
		switch {
		case side == sideIn:
			s.errAt(p, EDSDOp, "", "a fabin_dsd cannot be a destination")
		case x.T.kind == KDSRSrc1 || x.T.kind == KDSRFifoSrc1:
			s.errAt(p, EDSDOp, "use a dsr_dest or dsr_src0", "a '%s' cannot be a destination", x.T)
		default:
			return o, side, o.Mode != image.ModeNone
		}
		return o, side, false
	}
	if x.T.kind == KPtr {
		o, ok := s.pointerOperand(p, x, rep, true)
		return o, sideNone, ok
	}
	s.errAt(p, EDSDOp, "pass a descriptor, a register or the address of a variable", "%s cannot be a destination", s.describe(&x))
	return air.Operand{}, 0, false
}

func (s *sema) pointerOperand(p syntax.Pos, x Operand, rep image.Rep, write bool) (air.Operand, bool) {
	t := elemOf(x.T)
	if t.words != rep.Words() || t.scalarRep().Float() != rep.Float() {
		s.errAt(p, EDSDOp, "", "the operation needs a pointer to '%s', not '%s'", s.repName(rep), x.T)
		return air.Operand{}, false
	}
	if write && !x.T.isMut {
		s.errAt(p, EConst, "", "the destination is constant")
		return air.Operand{}, false
	}
	c := s.code(p, x)
	return air.Operand{Mode: image.ModePtr, Rep: s.opRep(rep), X: c}, c != nil
}

// opRep is a table's representation, with f16 as the program's 16-bit format.
func (s *sema) opRep(r image.Rep) image.Rep {
	if r == image.F16 {
		return s.fp16.rep
	}
	return r
}

func (s *sema) repName(r image.Rep) string {
	if r == image.F16 {
		return s.fp16.str
	}
	return r.String()
}

func (s *sema) sourceOperand(e *syntax.Builtin, a syntax.Expr, rep image.Rep) (air.Operand, fabricSide, bool) {
	p := a.Pos()
	x := s.expr(a, s.typeOfRep(rep))
	if !x.ok() {
		return air.Operand{}, 0, false
	}
	if o, side, found := s.vector(p, x); found {
		switch {
		case side == sideOut:
			s.errAt(p, EDSDOp, "", "a fabout_dsd cannot be a source")
		case x.T.kind == KDSRDest || x.T.kind == KDSRFifoDest:
			s.errAt(p, EDSDOp, "use a dsr_src0 or dsr_src1", "a '%s' cannot be a source", x.T)
		default:
			return o, side, o.Mode != image.ModeNone
		}
		return o, side, false
	}
	if x.T.kind == KPtr {
		o, ok := s.pointerOperand(p, x, rep, false)
		return o, sideNone, ok
	}
	if x = s.scalarSource(p, x, rep); !x.ok() {
		return air.Operand{}, 0, false
	}
	c := s.code(p, x)
	return air.Operand{Mode: image.ModeReg, Rep: s.opRep(rep), X: c}, sideNone, c != nil
}

func (s *sema) typeOfRep(r image.Rep) *Type {
	switch r {
	case image.U16:
		return s.u16
	case image.I16:
		return s.i16
	case image.U32:
		return s.u32
	case image.F32:
		return s.f32
	}
	return s.fp16
}

// scalarSource brings a number to the representation of a source. Integer
// operations take signed and unsigned numbers of their width.
func (s *sema) scalarSource(p syntax.Pos, x Operand, rep image.Rep) Operand {
	t := s.typeOfRep(rep)
	other := map[image.Rep]*Type{image.U16: s.i16, image.I16: s.u16, image.U32: s.i32}[rep]
	if other != nil && x.T != t {
		if x.T == other || x.isConst() && x.T.isIntLike() && !fits(x.V, t) {
			if x = s.coerce(p, x, other); !x.ok() {
				return x
			}
			if x.isConst() {
				return constOp(s.wrap(x.V, t))
			}
			return runOp(t, reinterpret(x.X, other.rep, t.rep))
		}
	}
	return s.coerce(p, x, t)
}

// taskExpr is a task option: a task id, a color or queue, or a task by name.
func (s *sema) taskExpr(p syntax.Pos, x Operand) air.Expr {
	if x.isConst() && x.T.kind == KFn {
		f := x.V.P.(*fnVal)
		c := &air.Const{Rep: image.U16}
		prog, up, at := s.prog, s.fr, s.at
		prog.fixups = append(prog.fixups, func() {
			b := prog.byTask[f]
			if b == nil {
				s.fr, s.at = up, at
				s.errAt(p, EBind, "bind it with @bind_local_task", "'%s' is not bound to a task id", f.decl.Name)
				s.fr = nil
				return
			}
			c.Bits = uint64(b.id)
		})
		return c
	}
	switch x.T.kind {
	case KLocalTaskID, KDataTaskID, KColor, KInputQueue, KControlTaskID:
		return s.code(p, x)
	case KUtID:
		return offset(s.code(p, x), machine.MaxTasks)
	}
	s.errAt(p, EOption, "pass a local_task_id or the name of a task", "expected a task, found %s", s.describe(&x))
	return nil
}

// options evaluates the last argument of a data operation or @load_to_dsr.
func (s *sema) options(e *syntax.Builtin, a syntax.Expr) (air.Options, bool) {
	o := air.Options{UT: -1}
	s.late = nil
	vals, ok := s.structFields(a)
	if !ok {
		return o, false
	}
	for _, name := range sortedKeys(vals) {
		x := vals[name]
		ok = s.option(a.Pos(), &o, name, x) && ok
	}
	if o.Activate != nil && o.Unblock != nil {
		s.errAt(a.Pos(), EOption, "", "an operation can activate or unblock a task, not both")
		return o, false
	}
	return o, ok
}

//tidy:dispatch
func (s *sema) option(p syntax.Pos, o *air.Options, name string, x Operand) bool {
	switch name {
	case "async", "save_address", "single_step":
		if !x.isConst() || x.T.kind != KBool {
			s.errAt(p, EOption, "", "option '%s' must be a comptime-known bool, not %s", name, s.describe(&x))
			return false
		}
		switch name {
		case "async":
			o.Async = x.V.I != 0
		case "save_address":
			o.SaveAddr = x.V.I != 0
		default:
			o.Single = x.V.I != 0
		}
	case "activate":
		o.Activate = s.taskExpr(p, x)
		return o.Activate != nil
	case "unblock":
		o.Unblock = s.taskExpr(p, x)
		return o.Unblock != nil
	case "priority":
		f := s.priorityFlags(p, x)
		o.Priority = uint8(f / image.FlagPriorityLow)
		return f != 0
	case "index":
		if x = s.coerce(p, x, s.u16); !x.ok() {
			return false
		}
		o.Index = s.code(p, x)
	case "ut_id":
		if s.opt.Arch == machine.WSE2 {
			s.errAt(p, EArch, "the queue decides the microthread on wse2", "option 'ut_id' is not available on wse2")
			return false
		}
		if x.isConst() && x.T.isIntLike() {
			x = constOp(intVal(s.utID, x.V.I))
		}
		if !x.isConst() || x.T != s.utID || x.V.I < 0 || x.V.I >= machine.Microthreads {
			s.errAt(p, EOption, "make it with @get_ut_id(…)", "option 'ut_id' must be a comptime-known ut_id, not %s", s.describe(&x))
			return false
		}
		o.UT = int8(x.V.I)
	case "on_control":
		return s.onControl(p, o, x)
	default:
		s.errAt(p, EOption, "options are async, activate, unblock, priority, index, ut_id and on_control", "there is no option '%s'", name)
		return false
	}
	return true
}

// Codes of on_control in image.DSDOptions, as the simulator reads them: terminate,
// terminate and activate a task, terminate and unblock one.
const (
	onControlEnd      = 1
	onControlActivate = 2
	onControlUnblock  = 2 + machine.MaxTasks
)

func (s *sema) onControl(p syntax.Pos, o *air.Options, x Operand) bool {
	if x.T.kind != KTuple || x.T.names == nil || len(x.T.fields) != 1 {
		s.errAt(p, EOption, "write .on_control = .{ .terminate = true }", "on_control needs one action")
		return false
	}
	v := s.part(x, 0)
	switch n := x.T.fields[0].name; n {
	case "terminate":
		if v.isConst() && v.V.I != 0 {
			o.OnControl = onControlEnd
		}
		return true
	case "activate", "unblock":
		c, ok := s.taskExpr(p, v).(*air.Const)
		if !ok {
			s.errAt(p, EOption, "", "the task of on_control must be known at compile time")
			return false
		}
		base := uint8(onControlActivate)
		if n == "unblock" {
			base = onControlUnblock
		}
		// The id may be known only when all tasks are bound.
		s.late = func(o *air.Options) { o.OnControl = base + uint8(c.Bits) }
		s.late(o)
		return true
	default:
		s.errAt(p, EOption, "actions are terminate, activate and unblock", "there is no action '%s' on control wavelets", n)
	}
	return false
}

// mapOp is @map(f, in…[, out]).
func (s *sema) mapOp(e *syntax.Builtin) Operand {
	if !s.args(e, 2, 16) || !s.atRun(e) {
		return s.badOp()
	}
	fx := s.expr(e.Args[0], nil)
	if !fx.ok() {
		return fx
	}
	f, ok := fx.V.P.(*fnVal)
	if !ok || f.decl.Task {
		return s.err(e.Args[0].Pos(), EType, "the first argument of @map must be a function, not %s", s.describe(&fx))
	}
	xs := make([]Operand, len(e.Args)-1)
	for i, a := range e.Args[1:] {
		if xs[i] = s.expr(a, nil); !xs[i].ok() {
			return xs[i]
		}
	}
	bs, ret, ok := s.mapArgs(e, f, xs)
	if !ok {
		return s.badOp()
	}
	m := &air.Map{Out: ret.kind != KVoid, Opt: air.Options{UT: -1}}
	vectors := 0
	for i := range xs {
		t := ret
		if i < len(bs) {
			t = bs[i].t
		}
		o, isVec, ok := s.mapOperand(e, e.Args[i+1], xs[i], t, i == len(bs))
		if !ok {
			return s.badOp()
		}
		if isVec {
			vectors++
		}
		m.Ops = append(m.Ops, o)
		m.Elem = append(m.Elem, t.scalarRep())
	}
	if vectors == 0 {
		return s.err(e.Pos(), EDSDOp, "@map needs a descriptor or register among its arguments")
	}
	m.Func = s.prog.instance(s, f, bs, ret)
	s.emit(&air.Eval{Src: s.src(e.Pos()), X: m})
	return s.voidOp()
}

// mapArgs gives the callback's parameters their types. Elements of descriptors
// have the type of the memory, so that generic callbacks work on them too.
func (s *sema) mapArgs(e *syntax.Builtin, f *fnVal, xs []Operand) ([]bound, *Type, bool) {
	sig := s.signatureOf(f)
	if sig.bad {
		return nil, nil, false
	}
	n := len(f.decl.Params)
	if len(xs) < n || len(xs) > n+1 {
		s.errAt(e.Pos(), EArgs, "", "'%s' takes %d arguments, but @map has %d operands", f.decl.Name, n, len(xs))
		return nil, nil, false
	}
	args := make([]Operand, n)
	for i := range args {
		args[i] = xs[i]
		if t := s.elementOf(xs[i]); t != nil {
			args[i] = Operand{M: modeRun, T: t}
			if !sig.generic {
				args[i].T = sig.params[i]
			}
		}
	}
	call := &syntax.Call{At: e.At, Args: e.Args[1 : n+1]}
	bs, ret, ok := s.bindArgs(call, f, sig, args)
	if !ok {
		return nil, nil, false
	}
	if (ret.kind != KVoid) != (len(xs) == n+1) {
		if ret.kind == KVoid {
			s.errAt(e.Pos(), EArgs, "", "'%s' returns nothing, so @map has no output", f.decl.Name)
		} else {
			s.errAt(e.Pos(), EArgs, "add an output operand", "'%s' returns a value, so @map needs an output", f.decl.Name)
		}
		return nil, nil, false
	}
	return bs, ret, true
}

// elementOf is the type of an operand's elements, nil for scalars. Where it is not
// known it is f32.
func (s *sema) elementOf(x Operand) *Type {
	if !x.T.isDSD() && !x.T.isDSR() {
		return nil
	}
	if x.isConst() {
		if q, ok := x.V.P.(*dsdVal); ok && q.elem != nil {
			return q.elem
		}
	}
	return s.f32
}

func (s *sema) mapOperand(e *syntax.Builtin, a syntax.Expr, x Operand, t *Type, out bool) (air.Operand, bool, bool) {
	p := a.Pos()
	if x.T.kind == KFifo {
		s.errAt(p, EDSDOp, "", "a FIFO cannot be an operand of @map")
		return air.Operand{}, false, false
	}
	if o, side, found := s.vector(p, x); found {
		if out && side == sideIn || !out && side == sideOut {
			s.errAt(p, EDSDOp, "", "a '%s' cannot stand here", x.T)
			return o, true, false
		}
		return o, true, o.Mode != image.ModeNone
	}
	if out {
		if x.T.kind != KPtr {
			s.errAt(p, EDSDOp, "pass a descriptor or the address of a variable", "%s cannot be the output", s.describe(&x))
			return air.Operand{}, false, false
		}
		if !x.T.isMut {
			s.errAt(p, EConst, "", "the output is constant")
			return air.Operand{}, false, false
		}
		c := s.code(p, x)
		return air.Operand{Mode: image.ModePtr, Rep: t.scalarRep(), X: c}, false, c != nil
	}
	x = s.coerce(p, x, t)
	if !x.ok() {
		return air.Operand{}, false, false
	}
	c := s.code(p, x)
	return air.Operand{Mode: image.ModeReg, Rep: t.scalarRep(), X: c}, false, c != nil
}

// dfilt is accepted for its type errors and reported: the machine has no such mode.
func (s *sema) dfilt(e *syntax.Builtin) Operand {
	return s.errCure(e.Pos(), EBuiltin, "receive and drop the wavelets with a data task", "@dfilt is not available in the simulated machine")
}

// getDSR is @get_dsr(T, id).
func (s *sema) getDSR(e *syntax.Builtin) Operand {
	if !s.args(e, 2, 2) {
		return s.badOp()
	}
	t := s.typeOf(e.Args[0])
	if t == s.bad {
		return s.badOp()
	}
	if !t.isDSR() {
		return s.err(e.Args[0].Pos(), EType, "@get_dsr needs a register type such as dsr_dest, not '%s'", t)
	}
	x := s.constOf(e.Args[1], nil)
	if !x.ok() {
		return x
	}
	if x.T.isDSR() {
		return constOp(intVal(t, x.V.I))
	}
	if !x.T.isIntLike() || x.V.isBig() || x.V.I < 0 || x.V.I >= machine.DSRs {
		return s.err(e.Args[1].Pos(), EID, "%s is no register: they go from 0 to %d", s.show(x.V), machine.DSRs-1)
	}
	return constOp(intVal(t, x.V.I))
}

// getSR is @get_xdsr(id) and @get_sr(id).
func (s *sema) getSR(e *syntax.Builtin) Operand {
	if !s.args(e, 1, 1) {
		return s.badOp()
	}
	n, ok := s.intOf(e.Args[0], "the register", 0, machine.DSRs-1)
	if !ok {
		return s.badOp()
	}
	t := s.sr
	if e.Name == "get_xdsr" {
		t = s.xdsr
	}
	return constOp(intVal(t, n))
}

// loadToDSR is @load_to_dsr and its two longer forms; the simulated registers hold
// all of a descriptor, so that the extra registers are only checked.
func (s *sema) loadToDSR(e *syntax.Builtin) Operand {
	at := map[string]int{"load_to_dsr": 1, "load_to_dsr_xdsr": 2, "load_to_dsr_xdsr_sr": 3}[e.Name]
	if !s.args(e, at+1, at+2) {
		return s.badOp()
	}
	r := s.constOf(e.Args[0], nil)
	if !r.ok() {
		return r
	}
	if !r.T.isDSR() {
		return s.errCure(e.Args[0].Pos(), EType, "make it with @get_dsr(…)", "the first argument must be a register, not %s", s.describe(&r))
	}
	for _, a := range e.Args[1:at] {
		if x := s.constOf(a, nil); !x.ok() {
			return x
		}
	}
	x := s.dsdInitial(e.Args[at])
	if !x.ok() {
		return x
	}
	if !x.T.isDSD() {
		return s.err(e.Args[at].Pos(), EType, "a register is loaded with a descriptor, not %s", s.describe(&x))
	}
	if x.T.kind == KFabIn && dsrFile(r.T) == image.DSRDest || x.T.kind == KFabOut && dsrFile(r.T) != image.DSRDest {
		return s.err(e.Args[at].Pos(), EDSDOp, "a %s cannot be loaded into a %s", x.T, r.T)
	}
	opt := air.Options{UT: -1}
	if len(e.Args) == at+2 {
		var ok bool
		if opt, ok = s.options(e, e.Args[at+1]); !ok {
			return s.badOp()
		}
	}
	if !s.ct() {
		c := s.code(e.Pos(), x)
		if c == nil {
			return s.badOp()
		}
		load := &air.LoadDSR{File: dsrFile(r.T), ID: uint8(r.V.I), X: c, Opt: opt}
		s.completeLate(&load.Opt)
		s.emit(&air.Eval{Src: s.src(e.Pos()), X: load})
		s.shadowLoad(e, r, x, load)
		return s.voidOp()
	}
	return s.loadAtStart(e, r, x, opt)
}

// dsdInitial evaluates a descriptor; at compile time a variable stands for its
// initial value.
func (s *sema) dsdInitial(e syntax.Expr) Operand {
	if s.ct() {
		pl := s.placeOf(e)
		if pl.k == placeMem && pl.ptr != nil && pl.ptr.g != nil && pl.ptr.off == 0 && pl.T.isDSD() {
			return constOp(pl.ptr.g.val)
		}
		return s.load(pl)
	}
	return s.expr(e, nil)
}

func (s *sema) loadAtStart(e *syntax.Builtin, r, x Operand, opt air.Options) Operand {
	if !s.atTop(e) {
		return s.badOp()
	}
	q, ok := x.V.P.(*dsdVal)
	if !ok {
		return s.err(e.Pos(), EUndefined, "the descriptor is undefined")
	}
	c := s.dsdCode(q).(*air.ConstDSD)
	if opt.SaveAddr {
		c.DSD.Flags |= image.FlagSaveAddress
	}
	if opt.Single {
		c.DSD.Flags |= image.FlagSingleStep
	}
	sh := s.prog.shadow(r)
	sh.init, sh.opt = x.V, opt
	s.prog.air.DSRs = append(s.prog.air.DSRs, air.DSRInit{File: dsrFile(r.T), ID: uint8(r.V.I), DSD: c, Opt: opt})
	if late := s.late; late != nil {
		p, i := s.prog, len(s.prog.air.DSRs)-1
		p.fixups = append(p.fixups, func() { late(&p.air.DSRs[i].Opt) })
		s.late = nil
	}
	return s.voidOp()
}
