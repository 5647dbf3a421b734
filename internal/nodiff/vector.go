package nodiff

import (
	"fmt"
	"strings"

	"wafer/internal/num"
)

// view is a descriptor of elements of an array: at offset, then extents and
// strides, the outermost first. One dimension is a mem1d_dsd, more are a mem4d_dsd.
type view struct {
	name   string
	arr    *variable
	offset int
	extent []int
	stride []int
}

func (v *view) size() int {
	n := 1
	for _, e := range v.extent {
		n *= e
	}
	return n
}

// index gives the place of element i.
func (v *view) index(i int) int {
	at := v.offset
	for d := len(v.extent) - 1; d >= 0; d-- {
		at += i % v.extent[d] * v.stride[d]
		i /= v.extent[d]
	}
	return at
}

func (v *view) write(p *printer) {
	kind, vars := "mem1d_dsd", []string{"i", "j", "k", "l"}[:len(v.extent)]
	if len(vars) > 1 {
		kind = "mem4d_dsd"
	}
	var ext, sum []string
	for i, n := range v.extent {
		ext = append(ext, fmt.Sprint(n))
		sum = append(sum, fmt.Sprintf("%d * %s", v.stride[i], vars[i]))
	}
	p.line("const %s = @get_dsd(%s, .{ .tensor_access = |%s|{%s} -> %s[%s + %d] });", v.name, kind,
		strings.Join(vars, ", "), strings.Join(ext, ", "), v.arr.name, strings.Join(sum, " + "), v.offset)
}

// vectorOp is a builtin on descriptors.
type vectorOp struct {
	name string
	dest Type
	src  []Type
	eval func(x []Value) Value
}

func on16(f func(a, b uint16) uint16) func([]Value) Value {
	return func(x []Value) Value { return Value(f(uint16(x[0]), uint16(x[1]))) }
}

func on32(f func(a, b uint32) uint32) func([]Value) Value {
	return func(x []Value) Value { return Value(f(uint32(x[0]), uint32(x[1]))) }
}

func same(x []Value) Value { return x[0] }

// vectorOps are the operations that programs use.
func vectorOps() []vectorOp {
	h, s, u, i := F16, F32, U16, I16
	return []vectorOp{
		{"mov16", u, []Type{u}, same},
		{"mov32", U32, []Type{U32}, same},
		{"fmovh", h, []Type{h}, same},
		{"fmovs", s, []Type{s}, same},
		{"add16", u, []Type{u, u}, on16(func(a, b uint16) uint16 { return a + b })},
		{"sub16", u, []Type{u, u}, on16(func(a, b uint16) uint16 { return a - b })},
		{"and16", u, []Type{u, u}, on16(func(a, b uint16) uint16 { return a & b })},
		{"or16", u, []Type{u, u}, on16(func(a, b uint16) uint16 { return a | b })},
		{"xor16", u, []Type{u, u}, on16(func(a, b uint16) uint16 { return a ^ b })},
		{"add16", i, []Type{i, i}, func(x []Value) Value { return I16.norm(x[0] + x[1]) }},
		{"faddh", h, []Type{h, h}, on16(half.Add)},
		{"fsubh", h, []Type{h, h}, on16(half.Sub)},
		{"fmulh", h, []Type{h, h}, on16(half.Mul)},
		{"fmaxh", h, []Type{h, h}, on16(half.Max)},
		{"fadds", s, []Type{s, s}, on32(num.Add32)},
		{"fsubs", s, []Type{s, s}, on32(num.Sub32)},
		{"fmuls", s, []Type{s, s}, on32(num.Mul32)},
		{"fmaxs", s, []Type{s, s}, on32(num.Max32)},
		{"faddhs", s, []Type{s, h}, func(x []Value) Value { return Value(num.AddHS(half, uint32(x[0]), uint16(x[1]))) }},
		{"fnegh", h, []Type{h}, func(x []Value) Value { return x[0] ^ 1<<15 }},
		{"fnegs", s, []Type{s}, func(x []Value) Value { return x[0] ^ 1<<31 }},
		{"fabsh", h, []Type{h}, func(x []Value) Value { return x[0] &^ (1 << 15) }},
		{"fabss", s, []Type{s}, func(x []Value) Value { return x[0] &^ (1 << 31) }},
		{"fh2s", s, []Type{h}, func(x []Value) Value { return convert(F32, F16, x[0]) }},
		{"fs2h", h, []Type{s}, func(x []Value) Value { return convert(F16, F32, x[0]) }},
		{"fmach", h, []Type{h, h, h}, func(x []Value) Value {
			return Value(half.FMA(uint16(x[1]), uint16(x[2]), uint16(x[0])))
		}},
		{"fmacs", s, []Type{s, s, s}, func(x []Value) Value {
			return Value(num.FMA32(uint32(x[1]), uint32(x[2]), uint32(x[0])))
		}},
	}
}

// source is a descriptor or a scalar.
type source struct {
	v *view
	e expr
}

// vector is one operation on memory: n elements from each source to dest, or to
// the scalar acc, which is then also the first source.
type vector struct {
	op    vectorOp
	dest  *view
	acc   *variable
	src   []source
	n     int
	count expr // u16, nil: all. else the length is (count & (n-1)) + 1, n a power of two
}

func (x vector) operand(v *view) string {
	if x.count != nil {
		return fmt.Sprintf("@set_dsd_length(%s, (%s & %d) + 1)", v.name, x.count.text(), x.n-1)
	}
	return v.name
}

func (x vector) write(p *printer) {
	var args []string
	if x.acc != nil {
		args = append(args, "&"+x.acc.name, x.acc.name)
	} else {
		args = append(args, x.operand(x.dest))
	}
	for _, s := range x.src {
		if s.v != nil {
			args = append(args, x.operand(s.v))
		} else {
			args = append(args, s.e.text())
		}
	}
	p.line("@%s(%s);", x.op.name, strings.Join(args, ", "))
}

func (x vector) length(s *state) int {
	if x.count == nil {
		return x.n
	}
	return int(x.count.eval(s))&(x.n-1) + 1
}

func (x vector) run(s *state) flow {
	n := x.length(s)
	s.left -= n / 8
	scalars := make([]Value, len(x.src))
	for j, a := range x.src {
		if a.v == nil {
			scalars[j] = a.e.eval(s)
		}
	}
	args := make([]Value, 0, 3)
	for i := range n {
		args = args[:0]
		if x.acc != nil {
			args = append(args, s.of(x.acc)[0])
		}
		for j, a := range x.src {
			if a.v == nil {
				args = append(args, scalars[j])
			} else {
				args = append(args, s.of(a.v.arr)[a.v.index(i)])
			}
		}
		v := x.op.eval(args)
		if x.acc != nil {
			s.of(x.acc)[0] = v
		} else {
			s.of(x.dest.arr)[x.dest.index(i)] = v
		}
	}
	return goOn
}

// mapped is @map(f, sources…, dest).
type mapped struct {
	f    *function
	src  []source
	dest *view
}

func (x mapped) write(p *printer) {
	args := []string{x.f.name}
	for _, s := range x.src {
		if s.v != nil {
			args = append(args, s.v.name)
		} else {
			args = append(args, s.e.text())
		}
	}
	p.line("@map(%s, %s);", strings.Join(args, ", "), x.dest.name)
}

func (x mapped) run(s *state) flow {
	var scalars [4]Value
	for j, a := range x.src {
		if a.v == nil {
			scalars[j] = a.e.eval(s)
		}
	}
	for i := range x.dest.size() {
		if !s.tick() {
			return returns
		}
		var args []Value
		for j, a := range x.src {
			if a.v == nil {
				args = append(args, scalars[j])
			} else {
				args = append(args, s.of(a.v.arr)[a.v.index(i)])
			}
		}
		s.of(x.dest.arr)[x.dest.index(i)] = x.f.run(s, args)
	}
	return goOn
}

// queued is @mov(fifo, from); @mov(to, fifo): through a FIFO that holds it all.
type queued struct {
	fifo     string
	mov      string
	from, to *view
}

func (x queued) write(p *printer) {
	p.line("@%s(%s, %s);", x.mov, x.fifo, x.from.name)
	p.line("@%s(%s, %s);", x.mov, x.to.name, x.fifo)
}

func (x queued) run(s *state) flow {
	var buf []Value
	for i := range x.from.size() {
		buf = append(buf, s.of(x.from.arr)[x.from.index(i)])
	}
	for i, v := range buf {
		s.of(x.to.arr)[x.to.index(i)] = v
	}
	return goOn
}

// repeated is operations through registers that keep their address: two parts of a
// source one after the other into the same destination.
type repeated struct {
	op   vectorOp
	dest *view // n elements
	src  *view // 2n elements in one dimension; its length is set to n
	n    int
	reg  int
}

func (x repeated) write(p *printer) {
	p.line("@load_to_dsr(@get_dsr(dsr_src1, %d), @set_dsd_length(%s, %d), .{ .save_address = true });", x.reg, x.src.name, x.n)
	p.line("@load_to_dsr(@get_dsr(dsr_dest, %d), %s);", x.reg, x.dest.name)
	p.line("@load_to_dsr(@get_dsr(dsr_src0, %d), %s);", x.reg, x.dest.name)
	for range 2 {
		p.line("@%s(@get_dsr(dsr_dest, %d), @get_dsr(dsr_src0, %d), @get_dsr(dsr_src1, %d));", x.op.name, x.reg, x.reg, x.reg)
	}
}

func (x repeated) run(s *state) flow {
	for i := range 2 * x.n {
		d := &s.of(x.dest.arr)[x.dest.index(i%x.n)]
		*d = x.op.eval([]Value{*d, s.of(x.src.arr)[x.src.index(i)]})
	}
	return goOn
}
