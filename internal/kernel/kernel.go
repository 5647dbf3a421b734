// Package kernel does the vector operations of the simulated core on the host,
// as fast as the host can, with exactly the results of package num.
//
// In: slices of 16-bit words, the memory of a simulated core. A 16-bit element
// is one word, a 32-bit element is two, low word first. Out: the destination
// slice, overwritten. Functions carry the names of the language's builtins
// (Faddh for @faddh), operands in the builtins' order, destination first.
//
// What a result is, is defined by the loops in generic.go:
//
//   - Elements are done in order of rising index, one after the other. When the
//     destination overlaps a source, later elements see earlier results.
//   - A source of exactly one element is a scalar: it is read once, before the
//     first element, and used for all.
//   - The destination decides the length; a source that is not a scalar must
//     have the same number of elements.
//
// On amd64 with AVX2, FMA and F16C the same is done in assembly, chosen once
// when the program starts. Where the assembly would read a source element
// before an earlier result has reached it (the destination starts inside the
// source), the loop of generic.go is taken instead. Assembly is never preempted,
// which is harmless: a core has 24,576 words.
package kernel

import (
	"unsafe"

	"wafer/internal/check"
	"wafer/internal/num"
)

// op names an elementwise operation with up to three sources.
type op uint8

const (
	opAddH op = iota
	opSubH
	opMulH
	opMaxH
	opAddS
	opSubS
	opMulS
	opMaxS
	opAdd16
	opSub16
	opAnd16
	opOr16
	opXor16
	opSll16
	opSlr16
	opSar16
	opAddHS // f32 + f16
	opFmaH
	opFmaS
	opFmaHS // f32 + f16*f16
	opH2S
	opS2H
)

// Faddh is dst = a + b on 16-bit floats.
func Faddh(f num.Format, dst, a, b []uint16) { halves(f, opAddH, dst, a, b) }

// Fsubh is dst = a - b on 16-bit floats.
func Fsubh(f num.Format, dst, a, b []uint16) { halves(f, opSubH, dst, a, b) }

// Fmulh is dst = a * b on 16-bit floats.
func Fmulh(f num.Format, dst, a, b []uint16) { halves(f, opMulH, dst, a, b) }

// Fmaxh is dst = max(a, b) on 16-bit floats, as num.Format.Max.
func Fmaxh(f num.Format, dst, a, b []uint16) { halves(f, opMaxH, dst, a, b) }

// Fadds is dst = a + b on binary32.
func Fadds(dst, a, b []uint16) { binary(opAddS, 2, 2, dst, a, b) }

// Fsubs is dst = a - b on binary32.
func Fsubs(dst, a, b []uint16) { binary(opSubS, 2, 2, dst, a, b) }

// Fmuls is dst = a * b on binary32.
func Fmuls(dst, a, b []uint16) { binary(opMulS, 2, 2, dst, a, b) }

// Fmaxs is dst = max(a, b) on binary32, as num.Max32.
func Fmaxs(dst, a, b []uint16) { binary(opMaxS, 2, 2, dst, a, b) }

// Faddhs is dst = a + b with a binary32 sum and 16-bit b.
func Faddhs(f num.Format, dst, a, b []uint16) {
	if f != num.F16 {
		addHSFormat(f, dst, a, b)
		return
	}
	binary(opAddHS, 2, 1, dst, a, b)
}

// Fmach is dst = a + b*c on 16-bit floats with one rounding.
func Fmach(f num.Format, dst, a, b, c []uint16) {
	if f != num.F16 {
		fmaFormat(f, dst, a, b, c)
		return
	}
	ternary(opFmaH, 1, 1, dst, a, b, c)
}

// Fmacs is dst = a + b*c on binary32 with one rounding.
func Fmacs(dst, a, b, c []uint16) { ternary(opFmaS, 2, 2, dst, a, b, c) }

// Fmachs is dst = a + b*c with a binary32 sum and 16-bit factors, one rounding.
func Fmachs(f num.Format, dst, a, b, c []uint16) {
	if f != num.F16 {
		fmaHSFormat(f, dst, a, b, c)
		return
	}
	ternary(opFmaHS, 2, 1, dst, a, b, c)
}

// halves sends F16 to the fast path and the rarer formats to num.
func halves(f num.Format, o op, dst, a, b []uint16) {
	if f != num.F16 {
		binaryFormat(f, o, dst, a, b)
		return
	}
	binary(o, 1, 1, dst, a, b)
}

// minVector is the number of elements from which the assembly pays; below it
// its fixed cost is more than the loop's.
const minVector = 4

// binary runs an operation whose destination and first source have wa words an
// element and whose second source has wb.
func binary(o op, wa, wb int, dst, a, b []uint16) {
	n := len(dst) / wa
	if n == 0 {
		return
	}
	as, bs := scalar(dst, a, n, wa), scalar(dst, b, n, wb)
	if hasAVX2 && n >= minVector && safe(dst, a, wa, wa, as) && safe(dst, b, wa, wb, bs) && hasAsm(o) {
		vector2(o, wa, wb, dst, a, b, as, bs)
		return
	}
	var buf [4]uint16
	generic2(o, wa, wb, dst, operand(a, buf[0:2], wa, as), operand(b, buf[2:4], wb, bs))
}

// ternary is binary with a third source, which is like the second.
func ternary(o op, wa, wb int, dst, a, b, c []uint16) {
	n := len(dst) / wa
	if n == 0 {
		return
	}
	as, bs, cs := scalar(dst, a, n, wa), scalar(dst, b, n, wb), scalar(dst, c, n, wb)
	if hasAVX2 && n >= minVector && safe(dst, a, wa, wa, as) && safe(dst, b, wa, wb, bs) && safe(dst, c, wa, wb, cs) {
		vector3(o, wa, wb, dst, a, b, c, as, bs, cs)
		return
	}
	var buf [6]uint16
	generic3(o, dst, operand(a, buf[0:2], wa, as), operand(b, buf[2:4], wb, bs), operand(c, buf[4:6], wb, cs))
}

// scalar tells whether src is one element for n > 1 results, and insists that
// otherwise it has n elements of w words.
func scalar(dst, src []uint16, n, w int) bool {
	if len(src) == n*w {
		return false
	}
	if len(src) != w {
		check.Never("kernel: source of %d words for %d elements (destination %d words)", len(src), n, len(dst))
	}
	return true
}

// strided is a source of a loop: element i begins at word i*step.
type strided struct {
	words []uint16
	step  int
}

// operand makes a strided source; a scalar is copied away first, so that a
// destination written over it does not change it.
func operand(src, buf []uint16, w int, isScalar bool) strided {
	if isScalar {
		copy(buf, src)
		return strided{buf[:w], 0}
	}
	return strided{src, w}
}

// safe tells whether whole blocks of src may be read before blocks of dst are
// written. Same width: yes unless dst starts inside src. Different widths, and
// scalars, which the assembly reads a second time for the tail: only when they
// are apart.
func safe(dst, src []uint16, wd, ws int, isScalar bool) bool {
	d, s := address(dst), address(src)
	if d+2*uintptr(len(dst)) <= s || s+2*uintptr(len(src)) <= d {
		return true
	}
	return !isScalar && wd == ws && d <= s
}

func address(w []uint16) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(w))) }
