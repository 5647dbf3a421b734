package nodiff

// vectors makes operations on memory.
type vectors struct {
	sc     *scope
	arrays map[Type][]*variable
	views  *[]*view
	fifos  *[]fifo
}

// fifo is a FIFO with its buffer.
type fifo struct {
	name string
	typ  Type
	n    int
}

// minArray is the size of arrays that descriptors describe: large enough for
// every view that is made, and a power of two for scalar code.
const minArray = 64

// view makes a view of n elements of an array of type t.
func (g *vectors) view(t Type, n int) *view {
	d := g.sc.d
	v := &view{name: g.sc.name("q"), arr: pick(d, g.arrays[t])}
	v.extent, v.stride = []int{n}, []int{1}
	switch {
	case n%6 == 0 && d.one(2):
		v.extent = []int{n / 6, 2, 3}
		v.stride = []int{d.n(7), d.n(7), d.n(4)}
	case n%4 == 0 && d.one(3):
		v.extent = []int{n / 4, 4}
		v.stride = []int{d.n(9), d.n(6)}
	case d.one(3):
		v.stride[0] = d.between(-2, 3)
	}
	low, high := 0, 0
	for i, e := range v.extent {
		if s := (e - 1) * v.stride[i]; s < 0 {
			low += s
		} else {
			high += s
		}
	}
	if high-low >= minArray {
		v.extent, v.stride, low, high = []int{n}, []int{1}, 0, n-1
	}
	v.offset = -low + d.n(minArray-(high-low))
	*g.views = append(*g.views, v)
	return v
}

// flat makes a contiguous view.
func (g *vectors) flat(t Type, n int) *view {
	v := &view{name: g.sc.name("q"), arr: pick(g.sc.d, g.arrays[t]), extent: []int{n}, stride: []int{1}}
	v.offset = g.sc.d.n(minArray - n + 1)
	*g.views = append(*g.views, v)
	return v
}

// clashes says whether dest and src share elements other than at the same index.
// The order of reads and writes within an operation is then not defined.
func clashes(dest, src *view, n int) bool {
	if dest.arr != src.arr {
		return false
	}
	at := map[int]int{}
	for i := range n {
		at[dest.index(i)] = i
	}
	for i := range n {
		if j, ok := at[src.index(i)]; ok && j != i {
			return true
		}
	}
	return false
}

// repeats says whether a view visits an element twice.
func repeats(v *view, n int) bool {
	seen := map[int]bool{}
	for i := range n {
		if seen[v.index(i)] {
			return true
		}
		seen[v.index(i)] = true
	}
	return false
}

// length chooses the number of elements of an operation.
func (g *vectors) length() int {
	return pick(g.sc.d, []int{1, 2, 3, 4, 5, 6, 8, 12, 16, 17, 24, 30})
}

// stmts makes one vector statement.
func (g *vectors) stmts() []stmt {
	d := g.sc.d
	switch d.n(8) {
	case 0:
		if x := g.mapped(); x != nil {
			return x
		}
	case 1:
		return g.queued()
	case 2:
		return g.repeated()
	}
	x := vector{op: pick(d, vectorOps()), n: g.length()}
	if d.one(4) {
		x.n = 1 << d.n(5)
		x.count = g.sc.expr(U16, 1)
	}
	types := x.op.src
	if len(types) == 2 && types[0] == x.op.dest && types[0] != I16 && d.one(4) {
		if list := g.scalars(x.op.dest); len(list) > 0 {
			x.acc, types = pick(d, list), types[1:]
		}
	}
	for i, t := range types {
		if x.scalarAt(i, types, d) {
			x.src = append(x.src, source{e: g.sc.plainly().expr(t, 2)})
			continue
		}
		x.src = append(x.src, source{v: g.source(t, x)})
	}
	if x.acc == nil {
		x.dest = g.dest(x)
	} else if x.src[0].v == nil {
		return nil // a sum over nothing has no length
	}
	return []stmt{x}
}

// scalarAt chooses whether source i is a scalar; the third factor of a multiply-add
// always is, its first two are not.
func (x vector) scalarAt(i int, types []Type, d *dice) bool {
	switch {
	case len(x.op.src) == 3:
		return i == 2
	case x.acc != nil:
		return false
	}
	return i == len(types)-1 && d.one(3)
}

func (g *vectors) source(t Type, x vector) *view {
	if x.count != nil { // a length can be set on one dimension only
		return g.flat(t, x.n)
	}
	return g.view(t, x.n)
}

// dest makes a destination that no source shares out of order. Overlap is avoided,
// since the machine does not promise an order within an operation.
func (g *vectors) dest(x vector) *view {
	made := len(*g.views)
	for range 20 {
		*g.views = (*g.views)[:made]
		v := g.source(x.op.dest, x)
		ok := !repeats(v, x.n)
		for _, s := range x.src {
			ok = ok && (s.v == nil || !clashes(v, s.v, x.n))
		}
		if ok {
			return v
		}
	}
	v := &view{name: g.sc.name("q"), arr: g.fresh(x.op.dest), extent: []int{x.n}, stride: []int{1}}
	*g.views = append((*g.views)[:made], v)
	return v
}

// fresh is an array that only this operation uses.
func (g *vectors) fresh(t Type) *variable {
	v := &variable{name: g.sc.name("w"), typ: t, n: minArray}
	g.arrays[Bool] = append(g.arrays[Bool], v) // declared with the others, never chosen
	return v
}

func (g *vectors) scalars(t Type) []*variable {
	var out []*variable
	for _, v := range g.sc.targets() {
		if v.typ == t && v.n == 0 {
			out = append(out, v)
		}
	}
	return out
}

// mapped calls a function whose parameters and result have types of descriptors.
func (g *vectors) mapped() []stmt {
	d := g.sc.d
	var fit []*function
	for _, f := range g.sc.funcs {
		ok := g.arrays[f.result] != nil && f.result != Bool
		for _, p := range f.params {
			ok = ok && g.arrays[p.typ] != nil && p.typ != Bool
		}
		if ok {
			fit = append(fit, f)
		}
	}
	if len(fit) == 0 {
		return nil
	}
	x := mapped{f: pick(d, fit)}
	n := d.between(1, 8)
	probe := vector{op: vectorOp{dest: x.f.result}, n: n}
	for i, p := range x.f.params {
		if i > 0 && d.one(3) {
			x.src = append(x.src, source{e: g.sc.plainly().expr(p.typ, 1)})
			continue
		}
		x.src = append(x.src, source{v: g.view(p.typ, n)})
	}
	probe.src = x.src
	x.dest = g.dest(probe)
	return []stmt{x}
}

func (g *vectors) queued() []stmt {
	d := g.sc.d
	if len(*g.fifos) > 1 {
		return nil
	}
	t := pick(d, []Type{U16, F16, U32, F32})
	n := g.length()
	f := fifo{g.sc.name("o"), t, n + d.n(5)}
	*g.fifos = append(*g.fifos, f)
	x := queued{fifo: f.name, mov: movOf(t), from: g.view(t, n), to: g.view(t, n)}
	if repeats(x.to, n) {
		return nil
	}
	return []stmt{x}
}

func (g *vectors) repeated() []stmt {
	d := g.sc.d
	var fit []vectorOp
	for _, op := range vectorOps() {
		if len(op.src) == 2 && op.src[0] == op.dest && op.src[1] == op.dest {
			fit = append(fit, op)
		}
	}
	op := pick(d, fit)
	x := repeated{op: op, n: d.between(1, 16), reg: d.n(8)}
	x.src, x.dest = g.flat(op.dest, 2*x.n), g.flat(op.dest, x.n)
	if x.src.arr == x.dest.arr {
		return nil
	}
	return []stmt{x}
}

func movOf(t Type) string {
	switch t {
	case F16:
		return "fmovh"
	case F32:
		return "fmovs"
	case U32, I32:
		return "mov32"
	}
	return "mov16"
}
