package kernel

import (
	"math"

	"wafer/internal/num"
)

// Fnegh flips the sign of 16-bit floats, whatever the format.
func Fnegh(dst, a []uint16) { binary(opXor16, 1, 1, dst, a, []uint16{0x8000}) }

// Fabsh clears the sign of 16-bit floats, whatever the format.
func Fabsh(dst, a []uint16) { binary(opAnd16, 1, 1, dst, a, []uint16{0x7fff}) }

// Fnegs flips the sign of binary32.
func Fnegs(dst, a []uint16) { pairs(opXor16, dst, a, 0, 0x8000) }

// Fabss clears the sign of binary32.
func Fabss(dst, a []uint16) { pairs(opAnd16, dst, a, 0xffff, 0x7fff) }

// pairs combines every 32-bit element with one constant, word by word.
func pairs(o op, dst, a []uint16, lo, hi uint16) {
	n := len(dst) / 2
	if n == 0 {
		return
	}
	isScalar := scalar(dst, a, n, 2)
	if hasAVX2 && n >= minVector && safe(dst, a, 2, 2, isScalar) {
		vector2(o, 2, 2, dst, a, []uint16{lo, hi}, isScalar, true)
		return
	}
	var buf [2]uint16
	x := operand(a, buf[:], 2, isScalar)
	for i, j := 0, 0; i < len(dst); i, j = i+2, j+x.step {
		if o == opXor16 {
			dst[i], dst[i+1] = x.words[j]^lo, x.words[j+1]^hi
		} else {
			dst[i], dst[i+1] = x.words[j]&lo, x.words[j+1]&hi
		}
	}
}

// Mov16 copies 16-bit elements in order; Fmovh is the same operation.
func Mov16(dst, a []uint16) { move(dst, a, 1) }

// Mov32 copies 32-bit elements in order; Fmovs is the same operation.
func Mov32(dst, a []uint16) { move(dst, a, 2) }

func move(dst, a []uint16, w int) {
	n := len(dst) / w
	switch {
	case n == 0:
	case scalar(dst, a, n, w):
		lo, hi := a[0], a[w-1]
		for i := 0; i < len(dst); i += w {
			dst[i], dst[i+w-1] = lo, hi
		}
	case safe(dst, a, w, w, false):
		copy(dst, a)
	default: // in order: a destination inside the source repeats its start
		for i := 0; i < len(dst); i += w {
			dst[i], dst[i+w-1] = a[i], a[i+w-1]
		}
	}
}

// Fh2s widens 16-bit floats to binary32.
func Fh2s(f num.Format, dst, a []uint16) {
	n := len(dst) / 2
	if n == 0 {
		return
	}
	isScalar := scalar(dst, a, n, 1)
	if f == num.F16 && hasAVX2 && n >= minVector && safe(dst, a, 2, 1, isScalar) {
		convertVector(opH2S, 2, 1, dst, a, isScalar)
		return
	}
	var buf [2]uint16
	x := operand(a, buf[:], 1, isScalar)
	if f == num.F16 {
		genericH2S(dst, x)
		return
	}
	for i := range n {
		store32(dst, 2*i, f.ToF32Bits(x.words[i*x.step]))
	}
}

// Fs2h rounds binary32 to 16-bit floats.
func Fs2h(f num.Format, dst, a []uint16) {
	n := len(dst)
	if n == 0 {
		return
	}
	isScalar := scalar(dst, a, n, 2)
	if f == num.F16 && hasAVX2 && n >= minVector && safe(dst, a, 1, 2, isScalar) {
		convertVector(opS2H, 1, 2, dst, a, isScalar)
		return
	}
	var buf [2]uint16
	x := operand(a, buf[:], 2, isScalar)
	if f == num.F16 {
		genericS2H(dst, x)
		return
	}
	for i := range n {
		dst[i] = f.FromF32Bits(load32(x.words, i*x.step))
	}
}

// Fscaleh is dst = a * 2^n on 16-bit floats, one rounding.
func Fscaleh(f num.Format, dst, a []uint16, n int16) {
	var buf [2]uint16
	x := scalarOrSlice(dst, a, 1, 1, &buf)
	if f != num.F16 {
		for i := range dst {
			dst[i] = f.Scale(x.words[i*x.step], n)
		}
		return
	}
	// Beyond ±64 every f16 is zero or infinite; within it the binary32
	// product is exact.
	s := math.Float32frombits(uint32(127+min(max(int32(n), -64), 64)) << 23)
	for i := range dst {
		dst[i] = SingleToHalf(HalfToSingle(x.words[i*x.step]) * s)
	}
}

// Fscales is dst = a * 2^n on binary32, one rounding.
func Fscales(dst, a []uint16, n int16) {
	var buf [2]uint16
	x := scalarOrSlice(dst, a, 2, 2, &buf)
	for i := range len(dst) / 2 {
		store32(dst, 2*i, num.Scale32(load32(x.words, i*x.step), n))
	}
}

// Fnormh is the significand of 16-bit floats, as num.Format.Norm.
func Fnormh(f num.Format, dst, a []uint16) {
	var buf [2]uint16
	x := scalarOrSlice(dst, a, 1, 1, &buf)
	for i := range dst {
		dst[i] = f.Norm(x.words[i*x.step])
	}
}

// Fnorms is the significand of binary32, as num.Norm32.
func Fnorms(dst, a []uint16) {
	var buf [2]uint16
	x := scalarOrSlice(dst, a, 2, 2, &buf)
	for i := range len(dst) / 2 {
		store32(dst, 2*i, num.Norm32(load32(x.words, i*x.step)))
	}
}
