package sema

import (
	"wafer/internal/csl/air"
	"wafer/internal/csl/syntax"
	"wafer/internal/image"
	"wafer/internal/machine"
)

// affine is c + Σ k[i]·var[i].
type affine struct {
	c int64
	k [maxDims]int64
}

// maxDims is the number of dimensions of a mem4d_dsd.
const maxDims = 4

// maxStride bounds strides and offsets, which have 16 bits.
const maxStride = 1 << 15

// affineOf takes an index of a tensor access apart.
func (s *sema) affineOf(e syntax.Expr, vars []string) (a affine, ok bool) {
	switch e := e.(type) {
	case *syntax.Ident:
		for i, v := range vars {
			if v == e.Name {
				a.k[i] = 1
				return a, true
			}
		}
	case *syntax.Binary:
		if mentions(e, vars) {
			return s.affineBinary(e, vars)
		}
	case *syntax.Unary:
		if e.Op == syntax.Neg && mentions(e, vars) {
			x, ok := s.affineOf(e.X, vars)
			return x.times(-1), ok
		}
	case *syntax.Builtin:
		if e.Name == "as" && len(e.Args) == 2 && mentions(e.Args[1], vars) {
			return s.affineOf(e.Args[1], vars)
		}
	}
	if mentions(e, vars) {
		s.errAt(e.Pos(), EAffine, "write a sum of constants times induction variables", "the index is not affine in the induction variables")
		return a, false
	}
	x := s.constOf(e, nil)
	if !x.ok() {
		return a, false
	}
	if !x.T.isIntLike() || x.V.isBig() {
		s.errAt(e.Pos(), EAffine, "", "an index must be an integer, not %s", s.describe(&x))
		return a, false
	}
	a.c = x.V.I
	return a, true
}

func (a affine) times(n int64) affine {
	a.c *= n
	for i := range a.k {
		a.k[i] *= n
	}
	return a
}

func (a affine) plus(b affine) affine {
	a.c += b.c
	for i := range a.k {
		a.k[i] += b.k[i]
	}
	return a
}

func (a affine) isConst() bool { return a.k == [maxDims]int64{} }

func (s *sema) affineBinary(e *syntax.Binary, vars []string) (affine, bool) {
	x, ok1 := s.affineOf(e.X, vars)
	y, ok2 := s.affineOf(e.Y, vars)
	if !ok1 || !ok2 {
		return affine{}, false
	}
	switch {
	case e.Op == syntax.Add:
		return x.plus(y), true
	case e.Op == syntax.Sub:
		return x.plus(y.times(-1)), true
	case e.Op == syntax.Mul && y.isConst():
		return x.times(y.c), true
	case e.Op == syntax.Mul && x.isConst():
		return y.times(x.c), true
	case e.Op == syntax.Shl && y.isConst() && y.c >= 0 && y.c < 16:
		return x.times(1 << y.c), true
	}
	s.errAt(e.Pos(), EAffine, "write a sum of constants times induction variables", "the index is not affine in the induction variables")
	return affine{}, false
}

// mentions reports whether an expression uses an induction variable.
func mentions(e syntax.Expr, vars []string) bool {
	switch e := e.(type) {
	case *syntax.Ident:
		for _, v := range vars {
			if v == e.Name {
				return true
			}
		}
	case *syntax.Binary:
		return mentions(e.X, vars) || mentions(e.Y, vars)
	case *syntax.Unary:
		return mentions(e.X, vars)
	case *syntax.Builtin:
		return mentionsAny(e.Args, vars)
	case *syntax.Call:
		return mentionsAny(e.Args, vars)
	case *syntax.Index:
		return mentions(e.X, vars) || mentionsAny(e.Indices, vars)
	case *syntax.Field:
		return mentions(e.X, vars)
	case *syntax.Deref:
		return mentions(e.X, vars)
	case *syntax.If:
		return mentions(e.Cond, vars) || mentions(e.Then, vars) || mentions(e.Else, vars)
	case *syntax.Comptime:
		return mentions(e.X, vars)
	}
	return false
}

func mentionsAny(es []syntax.Expr, vars []string) bool {
	for _, e := range es {
		if mentions(e, vars) {
			return true
		}
	}
	return false
}

// lambda evaluates a tensor access to the struct that it stands for: base
// address, offset, strides and extents, innermost dimension first. The stride of
// an outer dimension is counted from where the inner ones ended.
func (s *sema) lambda(e *syntax.Lambda) Operand {
	n := len(e.Vars)
	if n > maxDims || n != len(e.Extents) {
		return s.err(e.Pos(), EAffine, "a tensor access has one to %d variables and as many extents", maxDims)
	}
	ext := make([]int64, n)
	for i, x := range e.Extents {
		v, ok := s.intOf(x, "the extent", 0, 1<<16-1)
		if !ok {
			return s.badOp()
		}
		ext[i] = v
	}
	base, indices := splitAccess(e.Body)
	if base == nil {
		return s.err(e.Body.Pos(), EAffine, "after -> an array access is needed")
	}
	addr, t := s.accessBase(base)
	if !addr.ok() {
		return addr
	}
	a, ok := s.flatten(e, t, indices)
	if !ok {
		return s.badOp()
	}
	return s.access(e, addr, a, ext)
}

// splitAccess takes A[i][j, k] apart into A and its indices.
func splitAccess(e syntax.Expr) (base syntax.Expr, indices []syntax.Expr) {
	for {
		ix, ok := e.(*syntax.Index)
		if !ok {
			if indices == nil {
				return nil, nil
			}
			return e, indices
		}
		indices = append(append([]syntax.Expr(nil), ix.Indices...), indices...)
		e = ix.X
	}
}

// accessBase gives the address of a tensor and its type, or the element type of a
// pointer to many.
func (s *sema) accessBase(e syntax.Expr) (Operand, *Type) {
	pl := s.placeOf(e)
	if pl.k == placeBad {
		return s.badOp(), nil
	}
	if pl.T.kind == KPtr {
		x := s.load(pl)
		if !x.ok() {
			return x, nil
		}
		t := x.T.elem
		if x.T.many {
			t = s.array([]int{0}, t)
		}
		if t.kind == KArray {
			return x, t
		}
		pl.T = t
	}
	if pl.T.kind != KArray {
		return s.err(e.Pos(), EAffine, "a tensor access needs an array or a pointer to one, not '%s'", pl.T), nil
	}
	x := s.addressOf(e.Pos(), pl)
	return x, pl.T
}

// addressOf is the address of a place as an operand.
func (s *sema) addressOf(p syntax.Pos, pl place) Operand {
	t := s.ptr(pl.T, false, pl.mut)
	if pl.ptr != nil {
		if pl.T.words < 0 {
			return s.err(p, ERuntime, "'%s' has no memory on the core", pl.T)
		}
		return constOp(Value{T: t, P: pl.ptr})
	}
	if s.ct() || s.prog == nil {
		return s.err(p, EComptime, "the address is not known at compile time")
	}
	pl = s.inMemory(p, pl)
	if pl.k == placeBad {
		return s.badOp()
	}
	if pl.ptr != nil {
		return constOp(Value{T: t, P: pl.ptr})
	}
	return runOp(t, s.addr(pl))
}

// flatten turns the indices of an array into one affine form in elements.
func (s *sema) flatten(e *syntax.Lambda, t *Type, indices []syntax.Expr) (affine, bool) {
	var sum affine
	dims := allDims(t)
	if len(dims) != len(indices) {
		s.errAt(e.Body.Pos(), EIndex, "", "'%s' needs %d indices, not %d", t, len(dims), len(indices))
		return sum, false
	}
	for i, ix := range indices {
		a, ok := s.affineOf(ix, e.Vars)
		if !ok {
			return sum, false
		}
		sum = sum.times(int64(dims[i])).plus(a)
	}
	return sum, true
}

func allDims(t *Type) []int {
	var dims []int
	for t.kind == KArray {
		dims = append(dims, t.dims...)
		t = t.elem
	}
	return dims
}

var accessNames = []string{"base_address", "offset", "stride", "extent"}

// access builds the struct of a tensor access.
func (s *sema) access(e *syntax.Lambda, addr Operand, a affine, ext []int64) Operand {
	n := len(ext)
	strides, extents := make([]Operand, n), make([]Operand, n)
	types := make([]*Type, n)
	uts := make([]*Type, n)
	back := int64(0) // how far the inner dimensions have gone
	for i := range n {
		j := n - 1 - i // innermost variable is the last
		st := a.k[j] - back
		back += a.k[j] * max(ext[j]-1, 0)
		if st < -maxStride || st >= maxStride {
			return s.err(e.Pos(), EFit, "a stride of %d does not fit into 16 bits", st)
		}
		strides[i], types[i] = constOp(intVal(s.i16, st)), s.i16
		extents[i], uts[i] = constOp(intVal(s.u16, ext[j])), s.u16
	}
	if a.c < -maxStride || a.c >= 2*maxStride {
		return s.err(e.Pos(), EFit, "an offset of %d does not fit into 16 bits", a.c)
	}
	off := constOp(intVal(s.cint, a.c))
	st, ex := s.gather(s.tuple(nil, types), strides), s.gather(s.tuple(nil, uts), extents)
	t := s.tuple(accessNames, []*Type{addr.T, s.cint, st.T, ex.T})
	return s.gather(t, []Operand{addr, off, st, ex})
}

// props are the fields of @get_dsd, by name.
type props struct {
	e    *syntax.Builtin
	vals map[string]Operand
	used map[string]bool
}

func (p *props) get(name string) (Operand, bool) {
	x, ok := p.vals[name]
	p.used[name] = true
	return x, ok
}

// structFields evaluates a configuration struct to its fields.
func (s *sema) structFields(e syntax.Expr) (map[string]Operand, bool) {
	x := s.expr(e, nil)
	if !x.ok() {
		return nil, false
	}
	out := map[string]Operand{}
	if x.T == s.void {
		return out, true
	}
	if x.T.kind != KTuple && x.T.kind != KStruct || x.T.names == nil && len(x.T.fields) > 0 {
		s.errAt(e.Pos(), EType, "write .{ .name = value }", "expected a struct with named fields, found %s", s.describe(&x))
		return nil, false
	}
	for i, f := range x.T.fields {
		out[f.name] = s.part(x, i)
	}
	return out, true
}

// getDSD is @get_dsd(T, .{…}).
func (s *sema) getDSD(e *syntax.Builtin) Operand {
	if !s.args(e, 2, 2) {
		return s.badOp()
	}
	t := s.typeOf(e.Args[0])
	if t == s.bad {
		return s.badOp()
	}
	if !t.isDSD() {
		return s.err(e.Args[0].Pos(), EDSD, "@get_dsd makes mem1d_dsd, mem4d_dsd, circbuf_dsd, fabin_dsd and fabout_dsd, not '%s'", t)
	}
	vals, ok := s.structFields(e.Args[1])
	if !ok {
		return s.badOp()
	}
	p := &props{e: e, vals: vals, used: map[string]bool{}}
	var x Operand
	if t.kind == KFabIn || t.kind == KFabOut {
		x = s.fabricDSD(p, t)
	} else {
		x = s.memoryDSD(p, t)
	}
	if x.ok() && !s.unusedProps(p, t) {
		return s.badOp()
	}
	return x
}

func (s *sema) unusedProps(p *props, t *Type) bool {
	var known []string
	for n := range p.used {
		known = append(known, n)
	}
	ok := true
	for _, n := range sortedKeys(p.vals) {
		if p.used[n] {
			continue
		}
		cure := ""
		if m := nearest(n, sorted(known)); m != "" {
			cure = "did you mean '" + m + "'?"
		}
		s.errAt(p.e.Pos(), EDSD, cure, "a %s has no property '%s'", t, n)
		ok = false
	}
	return ok
}

func sortedKeys(m map[string]Operand) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	return sorted(out)
}

// flag reads a boolean property.
func (s *sema) flag(p *props, name string) bool {
	x, ok := p.get(name)
	if !ok {
		return false
	}
	if !x.isConst() || x.T.kind != KBool {
		s.errAt(p.e.Pos(), EDSD, "", "property '%s' must be a comptime-known bool, not %s", name, s.describe(&x))
		return false
	}
	return x.V.I != 0
}

// choice reads a property of the form .{ .name = true }.
func (s *sema) choice(pos syntax.Pos, x Operand, what string) string {
	if x.ok() && x.isConst() && (x.T.kind == KTuple || x.T.kind == KStruct) && x.T.names != nil {
		sv := x.V.P.(*structVal)
		for i, f := range x.T.fields {
			if f.t.kind == KBool && sv.vals[i].I != 0 {
				return f.name
			}
		}
	}
	s.errAt(pos, EDSD, "", "%s must be written as .{ .choice = true }", what)
	return ""
}

// simdFlags maps the SIMD modes. Only the width in the fabric matters here.
func (s *sema) simdFlags(p *props) image.DSDFlags {
	x, ok := p.get("simd_mode")
	if !ok {
		return 0
	}
	switch n := s.choice(p.e.Pos(), x, "simd_mode"); n {
	case "simd_32", "simd_32_or_64":
		return image.FlagSIMD32
	case "simd_64", "simd_max":
		return image.FlagSIMD64
	case "simd_off", "":
		return 0
	default:
		s.errAt(p.e.Pos(), EDSD, "modes are simd_off, simd_32, simd_64, simd_32_or_64 and simd_max", "there is no SIMD mode '%s'", n)
	}
	return 0
}

func (s *sema) priorityFlags(pos syntax.Pos, x Operand) image.DSDFlags {
	switch n := s.choice(pos, x, "priority"); n {
	case "high":
		return image.FlagPriorityHigh
	case "medium":
		return image.FlagPriorityMedium
	case "low":
		return image.FlagPriorityLow
	case "":
	default:
		s.errAt(pos, EOption, "priorities are high, medium and low", "there is no priority '%s'", n)
	}
	return 0
}

// memoryDSD makes a memory descriptor: what is known becomes a constant, the rest
// is set on the core.
func (s *sema) memoryDSD(p *props, t *Type) Operand {
	if !s.spread(p) {
		return s.badOp()
	}
	base, ok := p.get("base_address")
	if !ok {
		return s.errCure(p.e.Pos(), EDSD, "give base_address or tensor_access", "a %s needs an address", t)
	}
	if base.T.kind != KPtr {
		return s.errCure(p.e.Pos(), EDSD, "take the address with &", "base_address must be a pointer, not %s", s.describe(&base))
	}
	q := &dsdVal{dsd: image.DSD{Kind: dsdKind(t), Dims: 1, Color: image.NoColor, Stride: [4]int16{1, 1, 1, 1}}, elem: leaf(base.T.elem)}
	q.elem = elemOf(base.T)
	if s.flag(p, "wavelet_index_offset") {
		q.dsd.Flags |= image.FlagIndexed
	}
	q.dsd.Flags |= s.simdFlags(p)
	run := &runFields{}
	if t.kind == KCircBuf {
		if !s.wraparound(p, base, q) || !s.extents(p, t, q, run) || !s.baseAddr(p, base, q, run) {
			return s.badOp()
		}
		if run.base != nil || run.length != nil {
			return s.err(p.e.Pos(), EComptime, "the address and the extent of a circbuf_dsd must be known at compile time")
		}
		return constOp(Value{T: t, P: q})
	}
	if !s.extents(p, t, q, run) || !s.strides(p, t, q, run) || !s.baseAddr(p, base, q, run) {
		return s.badOp()
	}
	return s.withRunFields(p.e.Pos(), t, q, run)
}

// wraparound is the number of elements after which a circular buffer begins again;
// that of the array where base_address points to one.
func (s *sema) wraparound(p *props, base Operand, q *dsdVal) bool {
	size := int64(0)
	if e := base.T.elem; e.kind == KArray && q.elem.words > 0 {
		size = int64(e.words / q.elem.words)
	}
	n := size
	if x, ok := p.get("wraparound"); ok {
		if x = s.coerce(p.e.Pos(), x, s.u16); !x.ok() {
			return false
		}
		if !x.isConst() {
			s.errAt(p.e.Pos(), EComptime, "", "the wraparound must be known at compile time")
			return false
		}
		n = x.V.I
	}
	switch {
	case n == 0:
		s.errAt(p.e.Pos(), EDSD, "add .wraparound = n", "a circbuf_dsd needs its wraparound: base_address does not point to an array")
		return false
	case size > 0 && n > size, n > machine.SRAMWords:
		s.errAt(p.e.Pos(), EDSD, "", "the wraparound is %d, but the buffer has %d elements", n, size)
		return false
	}
	q.dsd.Stride[0] = int16(n)
	return true
}

// elemOf is the element type that a pointer's target is made of.
func elemOf(t *Type) *Type {
	e := t.elem
	for e.kind == KArray {
		e = e.elem
	}
	return e
}

// runFields are the properties of a descriptor that only the core knows.
type runFields struct{ base, length, stride air.Expr }

// spread replaces tensor_access by the properties that it stands for.
func (s *sema) spread(p *props) bool {
	x, ok := p.get("tensor_access")
	if !ok {
		return true
	}
	if x.T.kind != KTuple || x.T.names == nil {
		s.errAt(p.e.Pos(), EDSD, "write |i|{N} -> A[i]", "tensor_access must be a tensor access, not %s", s.describe(&x))
		return false
	}
	for i, f := range x.T.fields {
		if _, twice := p.vals[f.name]; twice {
			s.errAt(p.e.Pos(), EDSD, "", "'%s' is given twice: by tensor_access and on its own", f.name)
			return false
		}
		p.vals[f.name] = s.part(x, i)
	}
	return true
}

// dimList gives a property that is a number or a tuple of numbers.
func (s *sema) dimList(p *props, x Operand, name string) ([]Operand, bool) {
	if x.T.kind == KArray && x.isConst() {
		a := x.V.P.(*arrayVal)
		out := make([]Operand, 0, maxDims)
		for i := range min(a.n, maxDims+1) {
			out = append(out, constOp(a.at(i)))
		}
		return out, s.dimCount(p, name, len(out))
	}
	if x.T.kind != KTuple {
		return []Operand{x}, true
	}
	out := make([]Operand, len(x.T.fields))
	for i := range out {
		out[i] = s.part(x, i)
	}
	return out, s.dimCount(p, name, len(out))
}

func (s *sema) dimCount(p *props, name string, n int) bool {
	if n == 0 || n > maxDims {
		s.errAt(p.e.Pos(), EDSD, "", "'%s' has %d dimensions; one to %d are possible", name, n, maxDims)
		return false
	}
	return true
}

func (s *sema) extents(p *props, t *Type, q *dsdVal, run *runFields) bool {
	x, ok := p.get("extent")
	if !ok {
		s.errAt(p.e.Pos(), EDSD, "add .extent = N", "a %s needs an extent", t)
		return false
	}
	dims, ok := s.dimList(p, x, "extent")
	if !ok {
		return false
	}
	if t.kind != KMem4D && len(dims) > 1 {
		s.errAt(p.e.Pos(), EDSD, "use mem4d_dsd", "a %s has one dimension, not %d", t, len(dims))
		return false
	}
	q.dsd.Dims = uint8(len(dims))
	for i, d := range dims {
		d = s.coerce(p.e.Pos(), d, s.u16)
		switch {
		case !d.ok():
			return false
		case d.isConst():
			q.dsd.Length[i] = uint16(d.V.I)
		case i == 0 && t.kind != KMem4D:
			run.length = d.X
		default:
			s.errAt(p.e.Pos(), EComptime, "", "the extents of a mem4d_dsd must be known at compile time")
			return false
		}
	}
	return true
}

func (s *sema) strides(p *props, t *Type, q *dsdVal, run *runFields) bool {
	x, ok := p.get("stride")
	if !ok {
		return true
	}
	dims, ok := s.dimList(p, x, "stride")
	if !ok {
		return false
	}
	if len(dims) != int(q.dsd.Dims) {
		s.errAt(p.e.Pos(), EDSD, "", "%d strides are given for %d extents", len(dims), q.dsd.Dims)
		return false
	}
	for i, d := range dims {
		d = s.coerce(p.e.Pos(), d, s.i16)
		switch {
		case !d.ok():
			return false
		case d.isConst():
			q.dsd.Stride[i] = int16(d.V.I)
		case i == 0 && t.kind != KMem4D:
			run.stride = d.X
		default:
			s.errAt(p.e.Pos(), EComptime, "", "the strides of a mem4d_dsd must be known at compile time")
			return false
		}
	}
	return true
}

// baseAddr adds offset elements to the base address.
func (s *sema) baseAddr(p *props, base Operand, q *dsdVal, run *runFields) bool {
	w := max(q.elem.words, 1)
	off := constOp(intVal(s.cint, 0))
	if x, ok := p.get("offset"); ok {
		off = x
		if !off.T.isIntLike() {
			s.errAt(p.e.Pos(), EDSD, "", "offset must be an integer, not %s", s.describe(&off))
			return false
		}
	}
	if base.isConst() && off.isConst() {
		ptr, ok := base.V.P.(*ptrVal)
		if !ok {
			s.errAt(p.e.Pos(), EUndefined, "", "base_address is undefined")
			return false
		}
		if ptr.cell != nil {
			ptr = &ptrVal{g: s.prog.constant(s, ptr.cell.v), off: ptr.off}
		}
		q.g, q.off = ptr.g, ptr.off+int(off.V.I)*w
		if q.g == nil {
			q.dsd.Base, q.off = uint16(q.off), 0
		}
		return true
	}
	if s.ct() {
		s.errAt(p.e.Pos(), EComptime, "", "the address is not known at compile time")
		return false
	}
	b := s.code(p.e.Pos(), base)
	if b == nil {
		return false
	}
	if off.isConst() {
		run.base = offset(b, int(off.V.I)*w)
	} else {
		run.base = addU16(b, scale(s.toU16(off), w))
	}
	return true
}

// withRunFields gives the descriptor as a constant, or as code that completes it.
func (s *sema) withRunFields(p syntax.Pos, t *Type, q *dsdVal, run *runFields) Operand {
	x := constOp(Value{T: t, P: q})
	if run.base == nil && run.length == nil && run.stride == nil {
		return x
	}
	if s.ct() {
		return s.err(p, EComptime, "the descriptor is not known at compile time")
	}
	c := s.code(p, x)
	set := func(op image.Op, y air.Expr) {
		if y != nil && c != nil {
			c = &air.SetDSD{Op: op, Rep: t.rep, X: c, Y: y}
		}
	}
	set(image.OpDSDBase, run.base)
	set(image.OpDSDLen, run.length)
	set(image.OpDSDStride, run.stride)
	return runOp(t, c)
}

// fabricDSD makes a descriptor of wavelets.
func (s *sema) fabricDSD(p *props, t *Type) Operand {
	q := &dsdVal{dsd: image.DSD{Kind: dsdKind(t), Dims: 1, Color: image.NoColor}}
	run := &runFields{}
	if !s.extents(p, t, q, run) {
		return s.badOp()
	}
	if x, ok := p.get("fabric_color"); ok {
		x = s.colorOf(p.e.Pos(), x)
		if !x.ok() {
			return x
		}
		q.dsd.Color = uint8(x.V.I)
	}
	if !s.queueOf(p, t, q) {
		return s.badOp()
	}
	for name, f := range map[string]image.DSDFlags{
		"control": image.FlagControl, "advance_switch": image.FlagAdvanceSwitch, "wavelet_index_offset": image.FlagIndexed,
	} {
		if t.kind == KFabOut && s.flag(p, name) {
			q.dsd.Flags |= f
		}
	}
	if s.flag(p, "control_transform") {
		q.dsd.Flags |= image.FlagTransform
	}
	q.dsd.Flags |= s.simdFlags(p)
	if x, ok := p.get("priority"); ok {
		q.dsd.Flags |= s.priorityFlags(p.e.Pos(), x)
	}
	if t.kind == KFabOut {
		if _, ok := p.get("zero"); ok {
			s.warn(p.e.Pos(), WResource, "the property 'zero' is accepted and has no effect in the simulated machine")
		}
	}
	s.noteFabric(p.e.Pos(), q)
	return s.withRunFields(p.e.Pos(), t, q, run)
}

// colorOf checks a known colour; older programs give its number.
func (s *sema) colorOf(p syntax.Pos, x Operand) Operand {
	if !x.isConst() {
		return s.err(p, EComptime, "the color must be known at compile time")
	}
	if x.T == s.color {
		return x
	}
	if x.T.isIntLike() && !x.V.isBig() && x.V.I >= 0 && x.V.I < machine.Colors {
		return constOp(intVal(s.color, x.V.I))
	}
	return s.errCure(p, EType, "make a color with @get_color(…)", "expected a color, found %s", s.describe(&x))
}

// queueOf reads the queue of a fabric descriptor. On WSE-2 it may be left to the
// compiler.
func (s *sema) queueOf(p *props, t *Type, q *dsdVal) bool {
	name, qt, other := "input_queue", s.inQ, "output_queue"
	if t.kind == KFabOut {
		name, qt, other = other, s.outQ, name
	}
	if _, wrong := p.vals[other]; wrong {
		s.errAt(p.e.Pos(), EDSD, "use "+name, "a %s has no %s", t, other)
		return false
	}
	x, ok := p.get(name)
	if !ok {
		if s.opt.Arch != machine.WSE2 {
			s.errAt(p.e.Pos(), EDSD, "add ."+name+" = @get_"+name+"(…)", "a %s needs a queue on %s", t, s.opt.Arch)
			return false
		}
		if q.dsd.Color == image.NoColor {
			s.errAt(p.e.Pos(), EDSD, "add .fabric_color or ."+name, "a %s needs a color or a queue", t)
			return false
		}
		q.auto = true
		return true
	}
	if x.isConst() && x.T.isIntLike() && !x.V.isBig() && x.V.I >= 0 && x.V.I < machine.Queues {
		x = constOp(intVal(qt, x.V.I)) // older programs give its number
	}
	if x.T != qt || !x.isConst() {
		s.errAt(p.e.Pos(), EDSD, "make it with @get_"+name+"(…)", "%s must be a comptime-known %s, not %s", name, qt, s.describe(&x))
		return false
	}
	q.dsd.Queue = uint8(x.V.I)
	return true
}

// dsdCode is a descriptor constant as code.
func (s *sema) dsdCode(q *dsdVal) air.Expr {
	c := &air.ConstDSD{DSD: q.dsd, Global: -1, Off: q.off}
	if q.g != nil {
		c.Global = s.prog.use(s, q.g)
		c.DSD.Base = 0
	}
	if q.auto {
		p := s.prog
		p.fixups = append(p.fixups, func() { c.DSD = p.queued(s, q, c.DSD) })
	}
	return c
}

// dsdArg evaluates a descriptor argument.
func (s *sema) dsdArg(e *syntax.Builtin, i int, kinds ...Kind) Operand {
	x := s.expr(e.Args[i], nil)
	if !x.ok() {
		return x
	}
	for _, k := range kinds {
		if x.T.kind == k {
			if x.isConst() && x.V.isUndef() {
				return s.err(e.Args[i].Pos(), EUndefined, "the descriptor is undefined")
			}
			return x
		}
	}
	return s.err(e.Args[i].Pos(), EDSD, "@%s cannot change a value of type '%s'", e.Name, x.T)
}

// setDSDBase is @set_dsd_base_addr(dsd, A), @set_dsd_base_addr(dsd, &A) or with a pointer.
func (s *sema) setDSDBase(e *syntax.Builtin) Operand {
	if !s.args(e, 2, 2) {
		return s.badOp()
	}
	x := s.dsdArg(e, 0, KMem1D, KMem4D, KCircBuf)
	if !x.ok() {
		return x
	}
	a := s.baseArg(e.Args[1])
	if !a.ok() {
		return a
	}
	if x.isConst() && a.isConst() {
		ptr, ok := a.V.P.(*ptrVal)
		if !ok {
			return s.err(e.Args[1].Pos(), EUndefined, "the pointer is undefined")
		}
		q := *x.V.P.(*dsdVal)
		q.g, q.off, q.elem = ptr.g, ptr.off, elemOf(a.T)
		if q.g == nil {
			q.dsd.Base, q.off = uint16(ptr.off), 0
		}
		return constOp(Value{T: x.T, P: &q})
	}
	return s.changeDSD(e, image.OpDSDBase, x, s.code(e.Pos(), a))
}

func (s *sema) changeDSD(e *syntax.Builtin, op image.Op, x Operand, y air.Expr) Operand {
	if s.ct() {
		return s.err(e.Pos(), EComptime, "the descriptor is not known at compile time")
	}
	c := s.code(e.Pos(), x)
	if c == nil || y == nil {
		return s.badOp()
	}
	return runOp(x.T, &air.SetDSD{Op: op, Rep: x.T.rep, X: c, Y: y})
}

func (s *sema) setDSDLength(e *syntax.Builtin) Operand {
	if !s.args(e, 2, 2) {
		return s.badOp()
	}
	x := s.dsdArg(e, 0, KMem1D, KFabIn, KFabOut, KCircBuf, KMem4D)
	n := s.coerce(e.Args[1].Pos(), s.expr(e.Args[1], s.u16), s.u16)
	if isBad(&x, &n) {
		return s.badOp()
	}
	if x.isConst() && n.isConst() {
		q := *x.V.P.(*dsdVal)
		q.dsd.Length[0] = uint16(n.V.I)
		return constOp(Value{T: x.T, P: &q})
	}
	return s.changeDSD(e, image.OpDSDLen, x, s.code(e.Pos(), n))
}

func (s *sema) setDSDStride(e *syntax.Builtin) Operand {
	if !s.args(e, 2, 2) {
		return s.badOp()
	}
	x := s.dsdArg(e, 0, KMem1D)
	n := s.coerce(e.Args[1].Pos(), s.expr(e.Args[1], s.i16), s.i16)
	if isBad(&x, &n) {
		return s.badOp()
	}
	if x.isConst() && n.isConst() {
		q := *x.V.P.(*dsdVal)
		q.dsd.Stride[0] = int16(n.V.I)
		return constOp(Value{T: x.T, P: &q})
	}
	return s.changeDSD(e, image.OpDSDStride, x, s.code(e.Pos(), n))
}

// incrementDSD is @increment_dsd_offset(dsd, n, T): n elements of type T on.
func (s *sema) incrementDSD(e *syntax.Builtin) Operand {
	if !s.args(e, 3, 3) {
		return s.badOp()
	}
	x := s.dsdArg(e, 0, KMem1D, KMem4D)
	t := s.typeOf(e.Args[2])
	n := s.expr(e.Args[1], s.i16)
	if isBad(&x, &n) || t == s.bad {
		return s.badOp()
	}
	if t.words <= 0 || t.isAggregate() {
		return s.err(e.Args[2].Pos(), EDSD, "the element type must be a 16- or 32-bit number, not '%s'", t)
	}
	if n.T != s.u16 { // accepted: the bits are the same
		if n = s.coerce(e.Args[1].Pos(), n, s.i16); !n.ok() {
			return n
		}
	}
	if x.isConst() && n.isConst() {
		q := *x.V.P.(*dsdVal)
		if q.g == nil {
			q.dsd.Base += uint16(int(n.V.I) * t.words)
		} else {
			q.off += int(n.V.I) * t.words
		}
		return constOp(Value{T: x.T, P: &q})
	}
	if n.isConst() {
		return s.changeDSD(e, image.OpDSDAdd, x, constU16(int(n.V.I)*t.words))
	}
	return s.changeDSD(e, image.OpDSDAdd, x, scale(s.toU16(n), t.words))
}
