package kernel

import "wafer/internal/num"

// A builtin whose destination and first source are one pointer folds a vector
// into a scalar, rounding at every step, in order (facts, E.3: "a sequential
// sum"). The order is the definition: sums are not made from lanes.

// FoldFaddh is acc + a[0] + a[1] + … on 16-bit floats.
func FoldFaddh(f num.Format, acc uint16, a []uint16) uint16 {
	if f != num.F16 {
		for _, x := range a {
			acc = f.Add(acc, x)
		}
		return acc
	}
	for _, x := range a {
		acc = HalfAdd(acc, x)
	}
	return acc
}

// FoldFmaxh is the largest of acc and all elements of a.
func FoldFmaxh(f num.Format, acc uint16, a []uint16) uint16 {
	for _, x := range a {
		acc = f.Max(acc, x)
	}
	return acc
}

// FoldFmach is acc + b[0]*c[0] + b[1]*c[1] + …, one rounding a step.
func FoldFmach(f num.Format, acc uint16, b, c []uint16) uint16 {
	if f != num.F16 {
		for i, x := range b {
			acc = f.FMA(x, c[i], acc)
		}
		return acc
	}
	for i, x := range b {
		acc = HalfFMA(x, c[i], acc)
	}
	return acc
}

// FoldFadds is acc + a[0] + a[1] + … on binary32.
func FoldFadds(acc uint32, a []uint16) uint32 {
	s := asFloat(acc)
	for i := 0; i < len(a); i += 2 {
		s += loadF(a, i)
	}
	return asBits(s)
}

// FoldFmaxs is the largest of acc and all elements of a.
func FoldFmaxs(acc uint32, a []uint16) uint32 {
	for i := 0; i < len(a); i += 2 {
		acc = num.Max32(acc, load32(a, i))
	}
	return acc
}

// FoldFmacs is acc + b[0]*c[0] + … on binary32, one rounding a step.
func FoldFmacs(acc uint32, b, c []uint16) uint32 {
	if hasAVX2 && len(b) == len(c) && len(b) >= 2*minVector {
		return foldFmaS(acc, b, c)
	}
	for i := 0; i < len(b); i += 2 {
		acc = num.FMA32(load32(b, i), load32(c, i), acc)
	}
	return acc
}

// FoldFaddhs adds 16-bit floats to a binary32 accumulator.
func FoldFaddhs(f num.Format, acc uint32, a []uint16) uint32 {
	if f != num.F16 {
		for _, x := range a {
			acc = num.AddHS(f, acc, x)
		}
		return acc
	}
	s := asFloat(acc)
	for _, x := range a {
		s += HalfToSingle(x)
	}
	return asBits(s)
}

// FoldFmachs adds products of 16-bit floats to a binary32 accumulator. The
// product is exact, so product and sum rounded in turn are one rounding.
func FoldFmachs(f num.Format, acc uint32, b, c []uint16) uint32 {
	if f != num.F16 {
		for i, x := range b {
			acc = num.FMAHS(f, x, c[i], acc)
		}
		return acc
	}
	s := asFloat(acc)
	for i, x := range b {
		s += float32(HalfToSingle(x) * HalfToSingle(c[i]))
	}
	return asBits(s)
}
