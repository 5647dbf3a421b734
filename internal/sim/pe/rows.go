package pe

import (
	"wafer/internal/image"
	"wafer/internal/machine"
)

// Operations on rows. The commonest operands are rows of memory, whose elements lie
// side by side, and numbers. Then all but the length and the addresses of a
// synchronous operation is known beforehand, its cost too, and sprint executes it
// like an instruction. memoryDSD defines the result; what is not like that is left
// to it.
type rowOp struct {
	known bool // may be an operation on rows
	banks bool // sources may meet in a bank of memory
	kind  image.DSDKindOp
	n     uint8 // operands
	setup int64 // cycles
	rate  int64 // thousandths of an element a cycle
	of    [4]rowOperand
}

// rowOperand is the destination, which comes first, or a source.
type rowOperand struct {
	mode  image.OperandMode
	words uint8  // of an element
	reg   uint16 // register, or number of a data structure register
}

// rowOps decodes the operations of a program.
func rowOps(m *tariff, ds []image.DSDOp) []rowOp {
	rs := make([]rowOp, len(ds))
	for i := range ds {
		rs[i] = rowOpOf(m, &ds[i])
	}
	return rs
}

func rowOpOf(m *tariff, d *image.DSDOp) (r rowOp) {
	info := &image.DSDTable[d.Kind]
	if d.Opt.Async || d.Opt.Index || d.Opt.Activate != -1 || d.Opt.Unblock != -1 {
		return r
	}
	// The operation as memoryDSD would meet it, for its cost. Sources lie in different
	// banks, and nowhere near the destination.
	o := op{kind: d.Kind, nsrc: d.NSrc, dst: operand{iter: iter{addr: 64}}}
	r.kind, r.n = d.Kind, d.NSrc+1
	for i := range int(r.n) {
		s, x, rep := &d.Dest, &o.dst, info.Dest
		if i > 0 {
			s, x, rep = &d.Src[i-1], &o.src[i-1], info.Src[i-1]
			x.iter.addr = uint16(i)
		}
		y := rowOperand{mode: s.Mode, words: uint8(rep.Words()), reg: s.Reg}
		if s.Mode == image.ModeDSR {
			y.reg = uint16(s.File)*machine.DSRs + uint16(s.Num)
		}
		switch {
		case s.Mode == image.ModeDSD || s.Mode == image.ModeDSR:
			x.at, x.iter.dims, x.iter.stride[0] = atMem, 1, int16(y.words)
		case s.Mode == image.ModeReg && i > 0:
			x.at = atScalar
		default:
			return rowOp{}
		}
		x.wide = y.words == 2
		r.of[i] = y
	}
	vectors, bits, _ := o.vectors()
	_, r.setup = m.memoryCost(&o, d)
	r.rate = m.rate(&o, vectors, bits, false)
	r.banks = m.DSD.Banks && vectors >= 2
	r.known = true
	return r
}

// rowWord is the upper half of the first word of a descriptor of a row: memory in one
// dimension, no options, stride 1.
const rowWord = uint64(image.Mem1D)<<16 | 1

// row executes an operation if all its operands are rows of memory that is there, or
// numbers, and if it takes no more than left cycles. It gives its cycles, 0 with nothing
// done if it is not so. r are the registers of the function.
func (k *Cluster) row(c *Core, o *rowOp, r []uint64, left int64) (cycles int64) {
	if !o.known {
		return 0
	}
	var at [4]int
	length := [2]int{} // of the destination; of the first source that has one
	for i := range o.n {
		x := &o.of[i]
		var w uint64
		switch x.mode {
		case image.ModeReg:
			continue
		case image.ModeDSD:
			w = r[x.reg]
		default:
			w = c.rowIn(int(x.reg))
		}
		if w>>32 != rowWord {
			return 0
		}
		at[i] = int(uint16(w))
		if l := &length[min(i, 1)]; *l == 0 {
			*l = int(uint16(w >> 16))
		}
	}
	n := length[1]
	if n == 0 {
		n = length[0]
	}
	if n == 0 || n == Infinite {
		return 0
	}
	if cycles = o.cycles(n, &at); cycles > left {
		return 0
	}
	var v [4][]uint16
	var number [4][2]uint16
	for i := range o.n {
		x := &o.of[i]
		if x.mode == image.ModeReg {
			number[i] = [2]uint16{uint16(r[x.reg]), uint16(r[x.reg] >> 16)}
			v[i] = number[i][:x.words]
			continue
		}
		end := at[i] + n*int(x.words)
		if end > len(c.mem) {
			return 0
		}
		v[i] = c.mem[at[i]:end]
	}
	if !k.vector(o.kind, v[0], v[1], v[2], v[3]) {
		return 0
	}
	c.stats.Operations++
	c.stats.Elements += int64(n)
	for i := range o.n {
		if x := &o.of[i]; x.mode == image.ModeDSR && c.dsrs[x.reg].save {
			c.dsrs[x.reg].d.Base = uint16(at[i] + n*int(x.words))
		}
	}
	return cycles
}

// rowIn gives the descriptor in a data structure register, 0 if it is not that of a row
// or came with options that matter.
func (c *Core) rowIn(i int) uint64 {
	if i >= len(c.dsrs) {
		return 0
	}
	x := &c.dsrs[i]
	d := &x.d
	if !x.set || x.async || x.act >= 0 || x.unb >= 0 || d.Kind != image.Mem1D || d.Flags&^image.FlagSaveAddress != 0 {
		return 0
	}
	return uint64(image.Mem1D)<<48 | uint64(uint16(d.Stride[0]))<<32 | uint64(d.Length[0])<<16 | uint64(d.Base)
}

// cycles is memoryCost for n elements at these addresses.
func (o *rowOp) cycles(n int, at *[4]int) int64 {
	rate := o.rate
	if o.banks {
		if s, k := o.sources(at); banksMeet(s[:k]) {
			rate = max(1, rate/2)
		}
	}
	return o.setup + ceilDiv(int64(n)*1000, rate)
}

// sources gives the addresses of the sources that are rows.
func (o *rowOp) sources(at *[4]int) (rows [3]int, n int) {
	for i := 1; i < int(o.n); i++ {
		if o.of[i].mode != image.ModeReg {
			rows[n] = at[i]
			n++
		}
	}
	return rows, n
}
