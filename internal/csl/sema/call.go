package sema

import (
	"fmt"

	"wafer/internal/csl/air"
	"wafer/internal/csl/syntax"
	"wafer/internal/image"
)

// signature is what a function takes and gives. A generic one is worked out anew
// for each call.
type signature struct {
	params  []*Type
	ret     *Type
	generic bool
	bad     bool
	busy    bool // being worked out
}

// signatureOf works the signature of f out once.
func (s *sema) signatureOf(f *fnVal) *signature {
	if f.sig != nil {
		if f.sig.busy {
			s.errAt(f.decl.NamePos, ECycle, "", "the type of '%s' depends on itself", f.decl.Name)
			return &signature{bad: true}
		}
		return f.sig
	}
	sig := &signature{busy: true}
	f.sig = sig
	s.push(&frame{mod: f.mod, comptime: true})
	at := s.at
	for _, p := range f.decl.Params {
		if p.Type == nil || p.Comptime {
			sig.generic = true
			break
		}
		t := s.typeOf(p.Type)
		if t == s.bad {
			sig.bad = true
		} else if t.comptimeOnly() && t.kind != KFn {
			sig.generic = true // its value may be used by the types that follow
			break
		}
		sig.params = append(sig.params, t)
	}
	if !sig.generic && !sig.bad {
		sig.ret = s.retType(f)
		sig.bad = sig.ret == s.bad
	}
	sig.busy = false
	s.pop()
	s.at = at
	return sig
}

func (s *sema) retType(f *fnVal) *Type {
	if f.decl.Ret == nil {
		return s.void
	}
	return s.typeOf(f.decl.Ret)
}

// fnOperand is a function as a value.
func (s *sema) fnOperand(f *fnVal) Operand {
	if f.t == nil {
		sig := s.signatureOf(f)
		switch {
		case sig.bad:
			return s.badOp()
		case sig.generic:
			f.t = s.intern("generic fn", func() *Type {
				return &Type{kind: KFn, elem: s.void, str: "fn(…)", words: -1}
			})
		default:
			f.t = s.fn(f.decl.Task, sig.params, sig.ret)
		}
	}
	return constOp(Value{T: f.t, P: f})
}

// fnPointer is &f.
func (s *sema) fnPointer(p syntax.Pos, x Operand) Operand {
	f := x.V.P.(*fnVal)
	if f.decl.Inline || s.signatureOf(f).generic {
		return s.err(p, EAddress, "an inline or generic function has no address")
	}
	return constOp(Value{T: s.ptr(x.T, false, false), P: f})
}

// bound is one argument as the callee sees it.
type bound struct {
	name string
	t    *Type
	x    Operand
	ct   bool // specialise the callee for the value
	pos  syntax.Pos
}

func (s *sema) call(e *syntax.Call) Operand {
	callee := s.load(s.placeOf(e.Fun))
	if !callee.ok() {
		return callee
	}
	s.at = e.Pos()
	if callee.isConst() {
		if f, ok := callee.V.P.(*fnVal); ok {
			return s.callFn(e, f)
		}
	}
	if callee.T.kind == KPtr && callee.T.elem.kind == KFn {
		return s.callPointer(e, callee)
	}
	return s.err(e.Pos(), ECall, "%s cannot be called: it has type '%s'", s.quote(e.Fun), callee.T)
}

func (s *sema) callFn(e *syntax.Call, f *fnVal) Operand {
	d := f.decl
	if d.Task {
		return s.errCure(e.Pos(), ETask, "activate it with @activate, or make it a fn", "task '%s' cannot be called", d.Name)
	}
	if len(e.Args) != len(d.Params) {
		return s.err(e.Pos(), EArgs, "'%s' takes %d arguments, not %d", d.Name, len(d.Params), len(e.Args))
	}
	sig := s.signatureOf(f)
	if sig.bad {
		return s.badOp()
	}
	args := make([]Operand, len(e.Args))
	ok := true
	for i, a := range e.Args {
		var want *Type
		if !sig.generic {
			want = sig.params[i]
		}
		args[i] = s.expr(a, want)
		ok = ok && args[i].ok()
	}
	if !ok {
		return s.badOp()
	}
	if d.Body == nil {
		return s.err(e.Pos(), ECall, "extern function '%s' has no body: other object files cannot be linked", d.Name)
	}
	return s.callWith(e, f, sig, args)
}

func (s *sema) callWith(e *syntax.Call, f *fnVal, sig *signature, args []Operand) Operand {
	if !sig.generic && s.ct() {
		bs := make([]bound, len(args))
		for i := range args {
			p := f.decl.Params[i]
			x := s.coerce(e.Args[i].Pos(), args[i], sig.params[i])
			if !x.ok() {
				return x
			}
			bs[i] = bound{name: p.Name, t: sig.params[i], x: x, pos: p.Pos}
		}
		return s.callNow(e.Pos(), f, bs, sig.ret)
	}
	bs, ret, ok := s.bindArgs(e, f, sig, args)
	switch {
	case !ok:
		return s.badOp()
	case s.ct():
		return s.callNow(e.Pos(), f, bs, ret)
	case f.decl.Inline:
		return s.callInline(e.Pos(), f, bs, ret)
	case ret.comptimeOnly():
		old := s.fr.comptime
		s.fr.comptime = true
		x := s.callNow(e.Pos(), f, bs, ret)
		s.fr.comptime = old
		return x
	}
	return s.callCode(e.Pos(), f, bs, ret)
}

// bindArgs gives every parameter its type and coerced argument. Types of later
// parameters and of the result may name earlier parameters.
func (s *sema) bindArgs(e *syntax.Call, f *fnVal, sig *signature, args []Operand) ([]bound, *Type, bool) {
	bs := make([]bound, len(args))
	up := s.fr
	s.push(&frame{mod: f.mod, comptime: true, callAt: e.Pos(), why: "called here"})
	defer s.pop()
	for i, p := range f.decl.Params {
		b := bound{name: p.Name, x: args[i], pos: p.Pos, ct: p.Comptime}
		switch {
		case !sig.generic:
			b.t = sig.params[i]
		case p.Type == nil:
			b.t = args[i].T
			b.ct = b.ct || b.t.comptimeOnly() || b.t.kind == KTuple
		default:
			if b.t = s.typeOf(p.Type); b.t == s.bad {
				return nil, nil, false
			}
		}
		b.ct = b.ct || b.t.comptimeOnly()
		s.fr, up = up, s.fr // the mistake is at the call
		b.x = s.coerce(e.Args[i].Pos(), b.x, b.t)
		if b.x.ok() && b.ct && !b.x.isConst() && !(p.Type == nil && !p.Comptime && b.t.kind == KTuple) {
			b.x = s.err(e.Args[i].Pos(), EComptime, "argument '%s' must be known at compile time", p.Name)
		}
		s.fr, up = up, s.fr
		if !b.x.ok() {
			return nil, nil, false
		}
		if b.t == s.cstruct {
			b.t = b.x.T
		}
		bs[i] = b
		if b.x.isConst() && (b.ct || up.comptime || f.decl.Inline) {
			s.bindConst(p.Name, p.Pos, b.x)
		} else {
			s.declare(local{name: p.Name, kind: locOp, T: b.t, op: &Operand{M: modeRun, T: b.t}, pos: p.Pos})
		}
	}
	ret := sig.ret
	if sig.generic {
		ret = s.retType(f)
	}
	return bs, ret, ret != s.bad
}

// callNow runs a function at compile time.
func (s *sema) callNow(p syntax.Pos, f *fnVal, bs []bound, ret *Type) Operand {
	for i := range bs {
		if !bs[i].x.isConst() {
			return s.err(p, EComptime, "argument '%s' of '%s' is not known at compile time", bs[i].name, f.decl.Name)
		}
	}
	s.tick(p)
	slot := s.memoSlot(f, bs)
	if slot != nil && slot.holds(bs) {
		return constOp(slot.result)
	}
	effects, messages := s.effects, s.ds.Len()
	if s.depth++; s.depth > s.opt.DepthLimit {
		s.errAt(p, EDepth, "raise --comptime-func-depth-limit, or end the recursion", "comptime calls nested deeper than %d", s.opt.DepthLimit)
		panic(stop{})
	}
	fr := &frame{mod: f.mod, comptime: true, ret: ret, callAt: p, why: "called here", lay: s.fr.lay, top: s.fr.top}
	s.push(fr)
	for i := range bs {
		s.bindConst(bs[i].name, bs[i].pos, bs[i].x)
	}
	c := s.block(f.decl.Body)
	s.pop()
	s.depth--
	switch {
	case c == ctlFail:
		return s.badOp()
	case c == ctlReturn:
		if slot != nil && s.effects == effects && s.ds.Len() == messages && fr.result.isConst() {
			slot.fill(bs, fr.result.V)
		}
		return fr.result
	case ret.kind == KVoid:
		return s.voidOp()
	}
	s.errAt(p, EReturn, "", "'%s' ends without returning a value of type '%s'", f.decl.Name, ret)
	return s.badOp()
}

// callInline expands an inline function where it is called.
func (s *sema) callInline(p syntax.Pos, f *fnVal, bs []bound, ret *Type) Operand {
	if s.depth++; s.depth > s.opt.DepthLimit {
		s.errAt(p, EDepth, "an inline function cannot call itself without end", "inline calls nested deeper than %d", s.opt.DepthLimit)
		panic(stop{})
	}
	for i := range bs {
		bs[i].x = s.fixed(p, bs[i].x)
	}
	t := &target{depth: s.fr.rtDepth, id: s.newID(), isValue: true, want: ret}
	s.fr.fn.addTaken(f.decl)
	s.push(&frame{mod: f.mod, fn: s.fr.fn, ret: ret, rtDepth: s.fr.rtDepth, inlineTo: t, callAt: p, why: "inlined here"})
	for i := range bs {
		s.bindConst(bs[i].name, bs[i].pos, bs[i].x)
	}
	x := s.valueBlock(p, t, func() ctl { return s.block(f.decl.Body) })
	if x.ok() && x.T.kind != KNoReturn {
		if x.T.kind == KVoid && ret.kind != KVoid {
			x = s.err(f.decl.NamePos, EReturn, "'%s' ends without returning a value of type '%s'", f.decl.Name, ret)
		} else {
			x = s.coerce(p, x, ret)
		}
	}
	s.pop()
	s.depth--
	return x
}

// fixed evaluates an argument once, before the body that it is inlined into.
func (s *sema) fixed(p syntax.Pos, x Operand) Operand {
	if x.M == modeMem {
		pl := s.once(p, place{k: placeMem, T: x.T, X: x.X, off: x.Off})
		x.X, x.Off = pl.X, pl.off
		return x
	}
	return s.temp(p, x)
}

// callCode emits a call.
func (s *sema) callCode(p syntax.Pos, f *fnVal, bs []bound, ret *Type) Operand {
	if ret.words < 0 && ret.kind != KVoid {
		return s.err(p, ERuntime, "'%s' returns '%s', which has no memory on the core", f.decl.Name, ret)
	}
	s.at = p
	idx := s.prog.instance(s, f, bs, ret)
	var args []air.Expr
	for i := range bs {
		if bs[i].ct && bs[i].x.isConst() {
			continue
		}
		var ok bool
		if args, ok = s.passArg(p, args, bs[i].x, bs[i].t); !ok {
			return s.badOp()
		}
	}
	return s.finishCall(p, &air.Call{Func: idx, Args: args}, ret)
}

// passArg appends an argument: scalars by value, aggregates by address, the
// members of an anonymous struct one by one.
func (s *sema) passArg(p syntax.Pos, args []air.Expr, x Operand, t *Type) ([]air.Expr, bool) {
	if x.M == modeParts && t.kind == KTuple {
		for i := range x.Parts {
			if x.Parts[i].isConst() {
				continue
			}
			var ok bool
			if args, ok = s.passArg(p, args, x.Parts[i], x.Parts[i].T); !ok {
				return args, false
			}
		}
		return args, true
	}
	if x.M == modeParts && !t.packed {
		pl := s.newTemp(t)
		s.storeTo(p, pl, x)
		return append(args, s.addr(pl)), true
	}
	if t.kind == KVoid {
		return args, true
	}
	c := s.code(p, x)
	return append(args, c), c != nil
}

// finishCall gives the call its result: a value, or memory for an aggregate.
func (s *sema) finishCall(p syntax.Pos, c *air.Call, ret *Type) Operand {
	if !ret.isAggregate() {
		c.Ret = ret.scalarRep()
		if ret.kind == KVoid {
			// Called now: what follows in the expression may depend on it.
			s.emit(&air.Eval{Src: s.src(p), X: c})
			return s.voidOp()
		}
		return runOp(ret, c)
	}
	pl := s.newTemp(ret)
	c.Args = append([]air.Expr{s.addr(pl)}, c.Args...)
	c.Ret = image.Void
	s.emit(&air.Eval{Src: s.src(p), X: c})
	return s.load(pl)
}

// callPointer calls through a function pointer.
func (s *sema) callPointer(e *syntax.Call, callee Operand) Operand {
	ft := callee.T.elem
	if callee.isConst() {
		if f, ok := callee.V.P.(*fnVal); ok {
			return s.callFn(e, f)
		}
	}
	if s.ct() {
		return s.err(e.Pos(), EComptime, "the function called here is not known at compile time")
	}
	if len(e.Args) != len(ft.fields) {
		return s.err(e.Pos(), EArgs, "'%s' takes %d arguments, not %d", ft, len(ft.fields), len(e.Args))
	}
	cx := s.temp(e.Pos(), callee)
	if cx.isConst() {
		return s.err(e.Pos(), EUndefined, "the function pointer is undefined")
	}
	var args []air.Expr
	for i, a := range e.Args {
		t := ft.fields[i].t
		x := s.coerce(a.Pos(), s.expr(a, t), t)
		if !x.ok() {
			return x
		}
		var ok bool
		if args, ok = s.passArg(a.Pos(), args, x, t); !ok {
			return s.badOp()
		}
	}
	return s.finishCall(e.Pos(), &air.Call{Func: -1, Callee: cx.X, Args: args}, ft.elem)
}

// fnRecord is an emitted instance of a function: what it was specialised for.
type fnRecord struct {
	types []*Type
	vals  []Value // of comptime parameters; the zero Value otherwise
	parts [][]Operand
	idx   int
}

// instance finds or queues the copy of f for these arguments.
func (p *program) instance(s *sema, f *fnVal, bs []bound, ret *Type) int {
	rec := &fnRecord{types: make([]*Type, len(bs)), vals: make([]Value, len(bs)), parts: make([][]Operand, len(bs))}
	for i := range bs {
		rec.types[i] = bs[i].t
		if bs[i].ct && bs[i].x.isConst() {
			rec.vals[i] = bs[i].x.V
		}
		if bs[i].x.M == modeParts && bs[i].t.kind == KTuple {
			rec.parts[i] = bs[i].x.Parts
		}
	}
	for _, old := range p.insts[f] {
		if old.matches(rec) {
			return old.idx
		}
	}
	if len(p.air.Funcs) >= maxInstances {
		s.errAt(s.at, ELimit, "", "more than %d functions in one program", maxInstances)
		panic(stop{})
	}
	name := f.mod.path + f.decl.Name
	if n := len(p.insts[f]); n > 0 {
		name = fmt.Sprintf("%s.%d", name, n)
	}
	af := &air.Func{Name: name, Task: f.decl.Task, Ret: ret.scalarRep()}
	rec.idx = len(p.air.Funcs)
	p.air.Funcs = append(p.air.Funcs, af)
	p.insts[f] = append(p.insts[f], rec)
	caller := s.fr
	at := s.at
	p.pendingF = append(p.pendingF, func() { s.emitFunc(f, rec, af, ret, caller, at) })
	return rec.idx
}

func (r *fnRecord) matches(o *fnRecord) bool {
	for i := range r.types {
		if r.types[i] != o.types[i] || !sameOrNone(r.vals[i], o.vals[i]) || !sameParts(r.parts[i], o.parts[i]) {
			return false
		}
	}
	return true
}

func sameOrNone(a, b Value) bool {
	if a.T == nil || b.T == nil {
		return a.T == b.T
	}
	return same(a, b)
}

// sameParts compares the shape of run-time structs: which members are constants,
// and those constants.
func sameParts(a, b []Operand) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].M != b[i].M || a[i].T != b[i].T || a[i].isConst() && !same(a[i].V, b[i].V) || !sameParts(a[i].Parts, b[i].Parts) {
			return false
		}
	}
	return true
}

// funcIndex is the emitted function for a plain function used as a task, export
// or pointer.
func (p *program) funcIndex(s *sema, f *fnVal) int {
	sig := s.signatureOf(f)
	if sig.bad || sig.generic {
		s.errAt(f.decl.NamePos, ECall, "", "function '%s' is generic and cannot be used here", f.decl.Name)
		return 0
	}
	bs := make([]bound, len(sig.params))
	for i, t := range sig.params {
		bs[i] = bound{name: f.decl.Params[i].Name, t: t, x: Operand{M: modeRun, T: t}}
	}
	return p.instance(s, f, bs, sig.ret)
}

// emitFunc emits the body of one instance.
func (s *sema) emitFunc(f *fnVal, rec *fnRecord, af *air.Func, ret *Type, caller *frame, at syntax.Pos) {
	in := &instance{air: af, idx: rec.idx, ret: ret, retPtr: -1, taken: map[string]bool{}}
	in.addTaken(f.decl)
	in.out = &af.Body
	fr := &frame{mod: f.mod, fn: in, ret: ret}
	if s.signatureOf(f).generic && caller != nil {
		fr.why, fr.callAt = "called here", at
	}
	s.fr = caller
	s.push(fr)
	fr.base = len(s.locs)
	if ret.isAggregate() {
		in.retPtr = in.newLocal("return", image.U16)
	}
	// Parameters first: locals made for them must not come between.
	params := make([]Operand, len(rec.types))
	for i, t := range rec.types {
		params[i] = s.param(f.decl.Params[i].Name, t, rec.vals[i], rec.parts[i])
	}
	af.Params = len(af.Locals)
	for i, t := range rec.types {
		s.bindParam(f.decl.Params[i], t, params[i])
	}
	c := s.block(f.decl.Body)
	if c == ctlNext && ret.kind != KVoid {
		s.errAt(f.decl.End, EReturn, "", "'%s' may end without returning a value of type '%s'", f.decl.Name, ret)
	}
	s.pop()
	s.fr = nil
}

// param makes the locals that receive a parameter.
func (s *sema) param(name string, t *Type, v Value, parts []Operand) Operand {
	fn := s.fr.fn
	switch {
	case v.T != nil:
		return constOp(v)
	case parts != nil:
		out := make([]Operand, len(parts))
		for i := range parts {
			out[i] = parts[i]
			if !parts[i].isConst() {
				out[i] = s.param(name, parts[i].T, Value{}, parts[i].Parts)
			}
		}
		return Operand{M: modeParts, T: t, Parts: out}
	case t.kind == KVoid:
		return s.voidOp()
	case t.isAggregate():
		i := fn.newLocal(name, image.U16)
		return memOp(t, &air.GetLocal{Local: i, Rep: image.U16}, 0)
	}
	i := fn.newLocal(name, t.scalarRep())
	return runOp(t, &air.GetLocal{Local: i, Rep: t.scalarRep()})
}

func (s *sema) bindParam(p syntax.Param, t *Type, x Operand) {
	if x.M == modeRun && s.fr.fn.taken[p.Name] {
		i := s.fr.fn.newMem(p.Name, t)
		s.storeTo(p.Pos, place{k: placeMem, T: t, X: &air.LocalAddr{Local: i}}, x)
		s.declare(local{name: p.Name, kind: locMem, T: t, idx: i, pos: p.Pos})
		return
	}
	s.bindConst(p.Name, p.Pos, x)
}
