package pe

import (
	"wafer/internal/image"
	"wafer/internal/kernel"
)

// fast runs an operation on contiguous memory by a kernel; false if there is none
// for it. Kernels do the elements in order and let later ones see earlier
// results, as slow does; what they cannot tell is a scalar in memory that the
// operation itself overwrites, so that case is left to slow.
func (k *Cluster) fast(c *Core, o *op) bool {
	if o.n < 2 || o.dst.at != atMem {
		return false
	}
	if o.dst.iter.dims == 1 && o.dst.iter.stride[0] == 0 {
		return k.fold(c, o)
	}
	return k.onRows(c, o, o.n, nil, nil)
}

// onRows runs n elements of an operation by a kernel. in are the words that come from
// a queue, out is room for those that go to one.
func (k *Cluster) onRows(c *Core, o *op, n uint32, in, out []uint16) bool {
	dst, ok := out, true
	if o.dst.at == atMem {
		if dst, ok = c.span(&o.dst, n); !ok {
			return false
		}
	}
	var src [3][]uint16
	var room [3][2]uint16
	for i := range o.nsrc {
		x := &o.src[i]
		switch {
		case x.at == atIn:
			src[i] = in
		case x.at == atScalar:
			room[i] = [2]uint16{uint16(x.val), uint16(x.val >> 16)}
			src[i] = room[i][:x.words()]
		case x.iter.dims == 1 && x.iter.stride[0] == 0:
			if o.dst.at == atMem && overlap(x.iter.addr, int(x.words()), o.dst.iter.addr, len(dst)) {
				return false
			}
			src[i] = c.mem[x.iter.addr:][:x.words()]
		default:
			if src[i], ok = c.span(x, n); !ok {
				return false
			}
		}
	}
	if !k.vector(o.kind, dst, src[0], src[1], src[2]) {
		return false
	}
	o.passed(n)
	return true
}

// passed moves the addresses of all operands behind n elements.
func (o *op) passed(n uint32) {
	o.dst.iter.addr += uint16(o.dst.iter.stride[0]) * uint16(n)
	for i := range o.nsrc {
		o.src[i].iter.addr += uint16(o.src[i].iter.stride[0]) * uint16(n)
	}
}

// span gives the words of a contiguous operand.
func (c *Core) span(x *operand, n uint32) ([]uint16, bool) {
	w := int(x.words())
	if x.at != atMem || x.iter.dims != 1 || int(x.iter.stride[0]) != w {
		return nil, false
	}
	return c.mem[x.iter.addr:][:int(n)*w], true
}

func overlap(a uint16, n int, b uint16, m int) bool {
	return int(a) < int(b)+m && int(b) < int(a)+n
}

// vector picks the kernel.
//
//tidy:dispatch
func (k *Cluster) vector(kind image.DSDKindOp, dst, a, b, x []uint16) bool {
	f := k.FP
	switch kind {
	case image.DMov16, image.DFmovh:
		kernel.Mov16(dst, a)
	case image.DMov32, image.DFmovs:
		kernel.Mov32(dst, a)
	case image.DAdd16:
		kernel.Add16(dst, a, b)
	case image.DSub16:
		kernel.Sub16(dst, a, b)
	case image.DAnd16:
		kernel.And16(dst, a, b)
	case image.DOr16:
		kernel.Or16(dst, a, b)
	case image.DXor16:
		kernel.Xor16(dst, a, b)
	case image.DFaddh:
		kernel.Faddh(f, dst, a, b)
	case image.DFadds:
		kernel.Fadds(dst, a, b)
	case image.DFaddhs:
		kernel.Faddhs(f, dst, a, b)
	case image.DFsubh:
		kernel.Fsubh(f, dst, a, b)
	case image.DFsubs:
		kernel.Fsubs(dst, a, b)
	case image.DFmulh:
		kernel.Fmulh(f, dst, a, b)
	case image.DFmuls:
		kernel.Fmuls(dst, a, b)
	case image.DFmach:
		kernel.Fmach(f, dst, a, b, x)
	case image.DFmacs:
		kernel.Fmacs(dst, a, b, x)
	case image.DFmachs:
		kernel.Fmachs(f, dst, a, b, x)
	case image.DFmaxh:
		kernel.Fmaxh(f, dst, a, b)
	case image.DFmaxs:
		kernel.Fmaxs(dst, a, b)
	case image.DFnegh:
		return vectorOnly(a, dst, func() { kernel.Fnegh(dst, a) })
	case image.DFnegs:
		return vectorOnly(a, dst, func() { kernel.Fnegs(dst, a) })
	case image.DFabsh:
		return vectorOnly(a, dst, func() { kernel.Fabsh(dst, a) })
	case image.DFabss:
		return vectorOnly(a, dst, func() { kernel.Fabss(dst, a) })
	case image.DFh2s:
		kernel.Fh2s(f, dst, a)
	case image.DFs2h:
		kernel.Fs2h(f, dst, a)
	default:
		return false
	}
	return true
}

// vectorOnly runs a kernel that takes no scalar.
func vectorOnly(a, dst []uint16, f func()) bool {
	if len(a) != len(dst) {
		return false
	}
	f()
	return true
}

// fold runs a sum or maximum into one word. The kernel keeps the running value to
// itself, so no other source may be that word.
func (k *Cluster) fold(c *Core, o *op) bool {
	d := o.dst.iter.addr
	if o.src[0].at != atMem || o.src[0].iter.addr != d || o.src[0].iter.stride != ([4]int16{}) || o.src[0].wide != o.dst.wide {
		return false
	}
	var v [2][]uint16
	for i := range o.nsrc - 1 {
		var ok bool
		if v[i], ok = c.span(&o.src[i+1], o.n); !ok || overlap(o.src[i+1].iter.addr, len(v[i]), d, int(o.dst.words())) {
			return false
		}
	}
	f, acc := k.FP, c.load16(d)
	if o.dst.wide {
		acc = c.load32(d)
	}
	switch o.kind {
	case image.DFaddh:
		acc = uint32(kernel.FoldFaddh(f, uint16(acc), v[0]))
	case image.DFadds:
		acc = kernel.FoldFadds(acc, v[0])
	case image.DFaddhs:
		acc = kernel.FoldFaddhs(f, acc, v[0])
	case image.DFmach:
		acc = uint32(kernel.FoldFmach(f, uint16(acc), v[0], v[1]))
	case image.DFmacs:
		acc = kernel.FoldFmacs(acc, v[0], v[1])
	case image.DFmachs:
		acc = kernel.FoldFmachs(f, acc, v[0], v[1])
	case image.DFmaxh:
		acc = uint32(kernel.FoldFmaxh(f, uint16(acc), v[0]))
	case image.DFmaxs:
		acc = kernel.FoldFmaxs(acc, v[0])
	default:
		return false
	}
	c.mem[d] = uint16(acc)
	if o.dst.wide {
		c.mem[int(d)+1] = uint16(acc >> 16)
	}
	o.passed(o.n)
	return true
}
