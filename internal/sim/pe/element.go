package pe

import (
	"math/bits"

	"wafer/internal/image"
	"wafer/internal/kernel"
	"wafer/internal/num"
)

// compute gives one element of a data operation. 16-bit operands are in the low
// half. Carry goes from element to element of @addc16, from 0. ASSUMED(addc16-carry)
//
//tidy:dispatch
func (k *Cluster) compute(kind image.DSDKindOp, a, b, x uint32, carry *uint16) uint32 {
	f := k.FP
	switch kind {
	case image.DMov16, image.DMov32, image.DFmovh, image.DFmovs:
		return a
	case image.DAdd16:
		return (a + b) & 0xffff
	case image.DAddc16:
		s, out := num.AddC16(uint16(a), uint16(b), *carry)
		*carry = out
		return uint32(s)
	case image.DSub16:
		return (a - b) & 0xffff
	case image.DAnd16:
		return a & b
	case image.DOr16:
		return a | b
	case image.DXor16:
		return a ^ b
	case image.DSar16:
		return uint32(num.Sar16(uint16(a), uint16(b)))
	case image.DSll16:
		return uint32(num.Sll16(uint16(a), uint16(b)))
	case image.DSlr16:
		return uint32(num.Slr16(uint16(a), uint16(b)))
	// The commonest on 16 bits go without the detour over float64 that num takes.
	case image.DFaddh:
		if f == num.F16 {
			return uint32(kernel.HalfAdd(uint16(a), uint16(b)))
		}
		return uint32(f.Add(uint16(a), uint16(b)))
	case image.DFadds:
		return num.Add32(a, b)
	case image.DFaddhs:
		return num.AddHS(f, a, uint16(b))
	case image.DFsubh:
		if f == num.F16 {
			return uint32(kernel.HalfSub(uint16(a), uint16(b)))
		}
		return uint32(f.Sub(uint16(a), uint16(b)))
	case image.DFsubs:
		return num.Sub32(a, b)
	case image.DFmulh:
		if f == num.F16 {
			return uint32(kernel.HalfMul(uint16(a), uint16(b)))
		}
		return uint32(f.Mul(uint16(a), uint16(b)))
	case image.DFmuls:
		return num.Mul32(a, b)
	// Multiply-add: dst = src0 + src1 * src2 (SDK documentation of @fmacs).
	case image.DFmach:
		if f == num.F16 {
			return uint32(kernel.HalfFMA(uint16(b), uint16(x), uint16(a)))
		}
		return uint32(f.FMA(uint16(b), uint16(x), uint16(a)))
	case image.DFmacs:
		return num.FMA32(b, x, a)
	case image.DFmachs:
		return num.FMAHS(f, uint16(b), uint16(x), a)
	case image.DFmaxh:
		return uint32(f.Max(uint16(a), uint16(b)))
	case image.DFmaxs:
		return num.Max32(a, b)
	case image.DFnegh:
		return uint32(f.Neg(uint16(a)))
	case image.DFnegs:
		return num.Neg32(a)
	case image.DFabsh:
		return uint32(f.Abs(uint16(a)))
	case image.DFabss:
		return num.Abs32(a)
	case image.DFnormh:
		return uint32(f.Norm(uint16(a)))
	case image.DFnorms:
		return num.Norm32(a)
	case image.DFscaleh:
		return uint32(f.Scale(uint16(a), int16(b)))
	case image.DFscales:
		return num.Scale32(a, int16(b))
	case image.DFh2s:
		return f.ToF32Bits(uint16(a))
	case image.DFs2h:
		return uint32(f.FromF32Bits(a))
	case image.DFh2xp16:
		return uint32(uint16(f.ToI16(uint16(a))))
	case image.DFs2xp16:
		return uint32(uint16(num.F32ToI16(a)))
	case image.DXp162fh:
		return uint32(f.FromInt(int64(int16(a))))
	case image.DXp162fs:
		return num.F32FromInt(int64(int16(a)))
	case image.DClz:
		return uint32(bits.LeadingZeros16(uint16(a)))
	case image.DCtz:
		return uint32(bits.TrailingZeros16(uint16(a)))
	case image.DPopcnt:
		return uint32(bits.OnesCount16(uint16(a)))
	}
	return 0
}

// fma is the scalar d + a*b with one rounding.
func (k *Cluster) fma(r image.Rep, a, b, d uint64) uint64 {
	if r == image.F32 {
		return uint64(num.FMA32(uint32(a), uint32(b), uint32(d)))
	}
	return uint64(k.format(r).FMA(uint16(a), uint16(b), uint16(d)))
}

// memoryOp runs a synchronous operation on memory to its end and returns its
// cycles. Elements go in order, so a sum into one word is rounded at each step.
func (k *Cluster) memoryOp(c *Core, o *op, d *image.DSDOp) int64 {
	if !k.reach(c, o) {
		return 0
	}
	cycles, setup := k.tariff.memoryCost(o, d)
	if !k.fast(c, o) {
		k.slow(c, o)
	}
	o.done = o.n
	o.saveAddresses(c)
	k.complete(c, o)
	c.stats.Elements += int64(o.n)
	*c.reg(o.result) = 1
	// The datapath is taken after the set-up; microthreads compete for it.
	c.state, c.holdFrom, c.ready = mainHold, k.Now+setup, k.Now+cycles
	k.event(c, EventMem, int(cycles), int32(o.kind))
	return cycles
}

func (k *Cluster) slow(c *Core, o *op) {
	for range o.n {
		var v [3]uint32
		for i := range o.nsrc {
			v[i] = c.element(&o.src[i])
		}
		c.put(&o.dst, k.compute(o.kind, v[0], v[1], v[2], &o.carry))
	}
}

// element reads a memory or scalar operand and moves on.
func (c *Core) element(x *operand) uint32 {
	if x.at != atMem {
		return x.val
	}
	a := x.iter.addr
	x.iter.next()
	if x.wide {
		return c.load32(a)
	}
	return c.load16(a)
}

// put writes a memory operand and moves on.
func (c *Core) put(x *operand, v uint32) {
	if x.at != atMem {
		return
	}
	a := x.iter.addr
	x.iter.next()
	c.mem[a] = uint16(v)
	if x.wide {
		c.mem[int(a)+1] = uint16(v >> 16)
	}
}

// reach makes all memory that an operation touches accessible, or faults.
func (k *Cluster) reach(c *Core, o *op) bool {
	for i := range int(o.nsrc) + 1 {
		x := &o.dst
		if i < int(o.nsrc) {
			x = &o.src[i]
		}
		if x.at != atMem || o.n == 0 {
			continue
		}
		words := int(x.words())
		if lo, hi := x.iter.box(o.n); lo >= 0 && hi+words <= len(c.mem) {
			continue
		}
		lo, hi := x.iter.bounds(o.n)
		if lo < 0 || hi+words > k.M.Core.SRAMWords {
			k.fault(c, "S0102", "%s reaches from word %#x to word %#x, but a core has %#x words of memory",
				opName(o.kind), lo, hi+words-1, k.M.Core.SRAMWords)
			return false
		}
		k.grow(c, hi+words)
	}
	return true
}

// box gives addresses between which n elements lie. Where the outermost dimension ends
// in the middle of the ones inside they may lie closer.
func (it *iter) box(n uint32) (lo, hi int) {
	lo, hi = int(it.addr), int(it.addr)
	left, inside := int(n), 0 // inside: how far the loops inside go
	dims := max(1, int(it.dims))
	for d := range dims {
		count := min(left, int(it.length[d]))
		if d == dims-1 {
			count = left
		}
		if it.count[d] != 0 || count == 0 {
			return -1, -1 // begun, or endless: not worth the thought
		}
		span := (count - 1) * (int(it.stride[d]) + inside)
		lo, hi = lo+min(span, 0), hi+max(span, 0)
		inside += span
		left = (left + count - 1) / count
	}
	return lo, hi
}

// bounds gives the lowest and highest address of n elements.
func (it *iter) bounds(n uint32) (lo, hi int) {
	a := int(it.addr)
	if it.dims <= 1 {
		b := a + int(it.stride[0])*int(n-1)
		return min(a, b), max(a, b)
	}
	lo, hi = a, a
	j := *it
	for range n {
		a = int(j.addr)
		lo, hi = min(lo, a), max(hi, a)
		j.next()
	}
	return lo, hi
}
