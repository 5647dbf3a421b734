package kernel

import (
	"unsafe"

	"golang.org/x/sys/cpu"

	"wafer/internal/check"
)

// What the host can do, asked once.
var (
	hasAVX2   = cpu.X86.HasAVX2 && cpu.X86.HasFMA && cpu.X86.HasF16C
	hasAVX512 = hasAVX2 && cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VL
)

// blockWords is how many words of destination one turn of an assembly loop
// writes. A vector that is no multiple of it ends with a padded block.
const blockWords = 16

// block is a block of one operand: spread from a scalar, or padded at the end of
// a vector. 32-bit sources of 16-bit results need twice the words of a block.
type block [blockWords / 2]uint64

func (b *block) words() []uint16 {
	return unsafe.Slice((*uint16)(unsafe.Pointer(b)), 2*blockWords)
}

func (b *block) first() *uint16 { return (*uint16)(unsafe.Pointer(b)) }

// source gives the assembly an operand: where it starts and how many bytes it
// advances a block. A scalar becomes a block of copies that does not advance,
// so one loop serves both.
func source(src []uint16, buf *block, w int, isScalar bool, elems int) (p *uint16, step int) {
	if !isScalar {
		return &src[0], 2 * w * elems
	}
	v := uint64(src[0]) | uint64(src[w-1])<<16
	v |= v << 32
	for i := range buf {
		buf[i] = v
	}
	return buf.first(), 0
}

// pad gives the assembly what is left of a source, readable for a whole block: a
// scalar is spread; a slice of a larger memory is read past its end, harmlessly;
// only at the end of the memory is a copy needed. The copy is slow, since the
// block is loaded right after it was stored in smaller pieces.
func pad(src []uint16, buf *block, w int, isScalar bool, from, need int) *uint16 {
	switch {
	case isScalar:
		p, _ := source(src, buf, w, true, 0)
		return p
	case cap(src)-from >= need:
		return &src[from]
	}
	copy(buf.words(), src[from:])
	return buf.first()
}

// hasAsm tells whether the host has an assembly form of a two-source operation.
// Shifts by lane need AVX-512.
func hasAsm(o op) bool { return hasAVX512 || o < opSll16 || o > opSar16 }

// vector2 runs dst = a op b in assembly. It needs n > 0.
func vector2(o op, wa, wb int, dst, a, b []uint16, as, bs bool) {
	runVector2(hasAVX512, o, wa, wb, dst, a, b, as, bs)
}

// runVector2 does the full blocks and then the rest. Blocks on the stack are
// left to other functions, since clearing them would cost every call 5 ns.
func runVector2(wide bool, o op, wa, wb int, dst, a, b []uint16, as, bs bool) {
	elems := blockWords / wa
	blocks := len(dst) / blockWords
	switch {
	case blocks == 0:
	case as || bs:
		spread2(wide, o, wa, wb, dst, a, b, as, bs)
	default:
		asm2(wide, o, &dst[0], &a[0], &b[0], blocks, 2*wa*elems, 2*wb*elems)
	}
	if len(dst)%blockWords != 0 {
		tail2(wide, o, wa, wb, dst, a, b, as, bs)
	}
}

// spread2 does the full blocks when a source is a scalar.
func spread2(wide bool, o op, wa, wb int, dst, a, b []uint16, as, bs bool) {
	var abuf, bbuf block
	elems := blockWords / wa
	ap, astep := source(a, &abuf, wa, as, elems)
	bp, bstep := source(b, &bbuf, wb, bs, elems)
	asm2(wide, o, &dst[0], ap, bp, len(dst)/blockWords, astep, bstep)
}

// tail2 does what does not fill a block, in a padded one.
func tail2(wide bool, o op, wa, wb int, dst, a, b []uint16, as, bs bool) {
	var abuf, bbuf, out block
	done := len(dst) / blockWords * blockWords
	ap := pad(a, &abuf, wa, as, done, blockWords)
	bp := pad(b, &bbuf, wb, bs, done/wa*wb, blockWords/wa*wb)
	asm2(wide, o, out.first(), ap, bp, 1, 0, 0)
	copy(dst[done:], out.words())
}

// vector3 runs dst = a + b*c in assembly. It needs n > 0.
func vector3(o op, wa, wb int, dst, a, b, c []uint16, as, bs, cs bool) {
	runVector3(hasAVX512, o, wa, wb, dst, a, b, c, as, bs, cs)
}

// runVector3 is runVector2 for three sources.
func runVector3(wide bool, o op, wa, wb int, dst, a, b, c []uint16, as, bs, cs bool) {
	elems := blockWords / wa
	blocks := len(dst) / blockWords
	switch {
	case blocks == 0:
	case as || bs || cs:
		spread3(wide, o, wa, wb, dst, a, b, c, as, bs, cs)
	default:
		asm3(wide, o, &dst[0], &a[0], &b[0], &c[0], blocks, 2*wa*elems, 2*wb*elems, 2*wb*elems)
	}
	if len(dst)%blockWords != 0 {
		tail3(wide, o, wa, wb, dst, a, b, c, as, bs, cs)
	}
}

func spread3(wide bool, o op, wa, wb int, dst, a, b, c []uint16, as, bs, cs bool) {
	var abuf, bbuf, cbuf block
	elems := blockWords / wa
	ap, astep := source(a, &abuf, wa, as, elems)
	bp, bstep := source(b, &bbuf, wb, bs, elems)
	cp, cstep := source(c, &cbuf, wb, cs, elems)
	asm3(wide, o, &dst[0], ap, bp, cp, len(dst)/blockWords, astep, bstep, cstep)
}

func tail3(wide bool, o op, wa, wb int, dst, a, b, c []uint16, as, bs, cs bool) {
	var abuf, bbuf, cbuf, out block
	done := len(dst) / blockWords * blockWords
	ap := pad(a, &abuf, wa, as, done, blockWords)
	bp := pad(b, &bbuf, wb, bs, done/wa*wb, blockWords/wa*wb)
	cp := pad(c, &cbuf, wb, cs, done/wa*wb, blockWords/wa*wb)
	asm3(wide, o, out.first(), ap, bp, cp, 1, 0, 0, 0)
	copy(dst[done:], out.words())
}

// convertVector runs dst = convert(a) in assembly. It needs n > 0.
func convertVector(o op, wd, wa int, dst, a []uint16, isScalar bool) {
	var abuf, out block
	elems := blockWords / wd
	blocks := len(dst) / blockWords
	if blocks > 0 {
		ap, astep := source(a, &abuf, wa, isScalar, elems)
		asm1(o, &dst[0], ap, blocks, astep)
	}
	if done := blocks * blockWords; done < len(dst) {
		asm1(o, out.first(), pad(a, &abuf, wa, isScalar, done/wd*wa, elems*wa), 1, 0)
		copy(dst[done:], out.words())
	}
}

// asm1 is not a function value on purpose: through one, the blocks on the
// stack of the caller would have to move to the heap.
func asm1(o op, dst, a *uint16, blocks, astep int) {
	if o == opS2H {
		s2hAVX2(dst, a, blocks, astep)
		return
	}
	h2sAVX2(dst, a, blocks, astep)
}

// asm2 picks the assembly of an operation.
//
//tidy:dispatch
func asm2(wide bool, o op, dst, a, b *uint16, blocks, astep, bstep int) {
	switch o {
	case opAddH:
		if wide {
			addhAVX512(dst, a, b, blocks, astep, bstep)
			return
		}
		addhAVX2(dst, a, b, blocks, astep, bstep)
	case opSubH:
		if wide {
			subhAVX512(dst, a, b, blocks, astep, bstep)
			return
		}
		subhAVX2(dst, a, b, blocks, astep, bstep)
	case opMulH:
		if wide {
			mulhAVX512(dst, a, b, blocks, astep, bstep)
			return
		}
		mulhAVX2(dst, a, b, blocks, astep, bstep)
	case opMaxH:
		maxhAVX2(dst, a, b, blocks, astep, bstep)
	case opAddS:
		addsAVX2(dst, a, b, blocks, astep, bstep)
	case opSubS:
		subsAVX2(dst, a, b, blocks, astep, bstep)
	case opMulS:
		mulsAVX2(dst, a, b, blocks, astep, bstep)
	case opMaxS:
		maxsAVX2(dst, a, b, blocks, astep, bstep)
	case opAddHS:
		addhsAVX2(dst, a, b, blocks, astep, bstep)
	case opAdd16:
		add16AVX2(dst, a, b, blocks, astep, bstep)
	case opSub16:
		sub16AVX2(dst, a, b, blocks, astep, bstep)
	case opAnd16:
		and16AVX2(dst, a, b, blocks, astep, bstep)
	case opOr16:
		or16AVX2(dst, a, b, blocks, astep, bstep)
	case opXor16:
		xor16AVX2(dst, a, b, blocks, astep, bstep)
	case opSll16:
		sll16AVX512(dst, a, b, blocks, astep, bstep)
	case opSlr16:
		slr16AVX512(dst, a, b, blocks, astep, bstep)
	case opSar16:
		sar16AVX512(dst, a, b, blocks, astep, bstep)
	default:
		check.Never("kernel: operation %d has no assembly", o)
	}
}

// asm3 is asm2 for dst = a + b*c.
func asm3(wide bool, o op, dst, a, b, c *uint16, blocks, astep, bstep, cstep int) {
	switch {
	case o == opFmaH && wide:
		fmahAVX512(dst, a, b, c, blocks, astep, bstep, cstep)
	case o == opFmaH:
		fmahAVX2(dst, a, b, c, blocks, astep, bstep, cstep)
	case o == opFmaS:
		fmasAVX2(dst, a, b, c, blocks, astep, bstep, cstep)
	case o == opFmaHS:
		fmahsAVX2(dst, a, b, c, blocks, astep, bstep, cstep)
	default:
		check.Never("kernel: operation %d has no assembly", o)
	}
}

// foldFmaS folds products in order; b and c have the same, even length.
func foldFmaS(acc uint32, b, c []uint16) uint32 {
	return asBits(asFloat(foldFmaSAVX2(acc, &b[0], &c[0], len(b)/2)))
}
