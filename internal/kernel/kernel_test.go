package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"wafer/internal/num"
)

// form is one operation as the tests see it: the exported function, how many
// words an element of destination and of each source has, and what num says.
type form struct {
	name  string
	wd    int
	ws    []int
	run   func(dst []uint16, src [][]uint16)
	model func(x []uint32) uint32
}

func half(x uint32) uint16 { return uint16(x) }

// forms lists every elementwise operation that has an assembly form, in f16.
func forms() []form {
	bin16 := func(name string, f func(dst, a, b []uint16), m func(a, b uint16) uint16) form {
		return form{
			name, 1,
			[]int{1, 1},
			func(dst []uint16, s [][]uint16) { f(dst, s[0], s[1]) },
			func(x []uint32) uint32 { return uint32(m(half(x[0]), half(x[1]))) },
		}
	}
	halfOp := func(name string, f func(g num.Format, dst, a, b []uint16), m func(a, b uint16) uint16) form {
		return bin16(name, func(dst, a, b []uint16) { f(num.F16, dst, a, b) }, m)
	}
	bin32 := func(name string, f func(dst, a, b []uint16), m func(a, b uint32) uint32) form {
		return form{
			name, 2,
			[]int{2, 2},
			func(dst []uint16, s [][]uint16) { f(dst, s[0], s[1]) },
			func(x []uint32) uint32 { return m(x[0], x[1]) },
		}
	}
	un := func(name string, wd, ws int, f func(dst, a []uint16), m func(x uint32) uint32) form {
		return form{
			name, wd,
			[]int{ws},
			func(dst []uint16, s [][]uint16) { f(dst, s[0]) },
			func(x []uint32) uint32 { return m(x[0]) },
		}
	}
	return []form{
		halfOp("faddh", Faddh, num.F16.Add),
		halfOp("fsubh", Fsubh, num.F16.Sub),
		halfOp("fmulh", Fmulh, num.F16.Mul),
		halfOp("fmaxh", Fmaxh, num.F16.Max),
		bin32("fadds", Fadds, num.Add32),
		bin32("fsubs", Fsubs, num.Sub32),
		bin32("fmuls", Fmuls, num.Mul32),
		bin32("fmaxs", Fmaxs, num.Max32),
		bin16("add16", Add16, func(a, b uint16) uint16 { return a + b }),
		bin16("sub16", Sub16, func(a, b uint16) uint16 { return a - b }),
		bin16("and16", And16, func(a, b uint16) uint16 { return a & b }),
		bin16("or16", Or16, func(a, b uint16) uint16 { return a | b }),
		bin16("xor16", Xor16, func(a, b uint16) uint16 { return a ^ b }),
		bin16("sll16", Sll16, num.Sll16),
		bin16("slr16", Slr16, num.Slr16),
		bin16("sar16", Sar16, num.Sar16),
		{
			"faddhs", 2,
			[]int{2, 1},
			func(dst []uint16, s [][]uint16) { Faddhs(num.F16, dst, s[0], s[1]) },
			func(x []uint32) uint32 { return num.AddHS(num.F16, x[0], half(x[1])) },
		},
		{
			"fmach", 1,
			[]int{1, 1, 1},
			func(dst []uint16, s [][]uint16) { Fmach(num.F16, dst, s[0], s[1], s[2]) },
			func(x []uint32) uint32 { return uint32(num.F16.FMA(half(x[1]), half(x[2]), half(x[0]))) },
		},
		{
			"fmacs", 2,
			[]int{2, 2, 2},
			func(dst []uint16, s [][]uint16) { Fmacs(dst, s[0], s[1], s[2]) },
			func(x []uint32) uint32 { return num.FMA32(x[1], x[2], x[0]) },
		},
		{
			"fmachs", 2,
			[]int{2, 1, 1},
			func(dst []uint16, s [][]uint16) { Fmachs(num.F16, dst, s[0], s[1], s[2]) },
			func(x []uint32) uint32 { return num.FMAHS(num.F16, half(x[1]), half(x[2]), x[0]) },
		},
		un("fh2s", 2, 1, func(d, a []uint16) { Fh2s(num.F16, d, a) }, func(x uint32) uint32 { return num.F16.ToF32Bits(half(x)) }),
		un("fs2h", 1, 2, func(d, a []uint16) { Fs2h(num.F16, d, a) }, func(x uint32) uint32 { return uint32(num.F16.FromF32Bits(x)) }),
		un("fnegh", 1, 1, Fnegh, func(x uint32) uint32 { return uint32(num.F16.Neg(half(x))) }),
		un("fabsh", 1, 1, Fabsh, func(x uint32) uint32 { return uint32(num.F16.Abs(half(x))) }),
		un("fnegs", 2, 2, Fnegs, num.Neg32),
		un("fabss", 2, 2, Fabss, num.Abs32),
		un("mov16", 1, 1, Mov16, func(x uint32) uint32 { return x }),
		un("mov32", 2, 2, Mov32, func(x uint32) uint32 { return x }),
	}
}

// model computes what an operation must give, one element after the other on
// the memory itself, so that overlaps behave as defined.
func (f form) model1(mem []uint16, dst, n int, src []int, scalars []bool) {
	get := func(at, w int) uint32 {
		if w == 2 {
			return load32(mem, at)
		}
		return uint32(mem[at])
	}
	x := make([]uint32, len(src))
	for k, at := range src {
		x[k] = get(at, f.ws[k])
	}
	for i := range n {
		for k, at := range src {
			if !scalars[k] {
				x[k] = get(at+i*f.ws[k], f.ws[k])
			}
		}
		if y := f.model(x); f.wd == 2 {
			store32(mem, dst+2*i, y)
		} else {
			mem[dst+i] = uint16(y)
		}
	}
}

// apply runs the exported function on places in a memory.
func (f form) apply(mem []uint16, dst, n int, src []int, scalars []bool) {
	s := make([][]uint16, len(src))
	for k, at := range src {
		length := n
		if scalars[k] {
			length = 1
		}
		s[k] = mem[at : at+length*f.ws[k]]
		if n%2 == 0 { // as at the end of the memory: nothing may be read beyond
			s[k] = s[k][:len(s[k]):len(s[k])]
		}
	}
	f.run(mem[dst:dst+n*f.wd], s)
}

// fill puts a mixture of boundary and random values into a memory, as 16-bit
// and as 32-bit patterns.
func fill(mem []uint16, rng *rand.Rand) {
	e := edges()
	for i := 0; i+1 < len(mem); i += 2 {
		switch rng.IntN(5) {
		case 0:
			mem[i], mem[i+1] = e[rng.IntN(len(e))], e[rng.IntN(len(e))]
		case 1:
			store32(mem, i, num.F16.ToF32Bits(uint16(rng.Uint32())))
		case 2: // binary32 near one another: cancellation
			store32(mem, i, 0x3f800000+rng.Uint32()&0x800fffff)
		case 3: // binary32 specials and denormals
			store32(mem, i, []uint32{0, 1 << 31, 1, 0x007fffff, 0x7f7fffff, 0x7f800000, 0xff800000, 0x7fc00001, 0xff800001}[rng.IntN(9)])
		default:
			store32(mem, i, rng.Uint32())
		}
	}
}

// TestAgainstNum runs every operation with lengths 0 to 100 at all alignments,
// with vector and scalar sources, apart and overlapping.
func TestAgainstNum(t *testing.T) {
	for _, f := range forms() {
		t.Run(f.name, func(t *testing.T) {
			rng := seeded(3)
			mem, want := make([]uint16, 1024), make([]uint16, 1024)
			for n := range 101 {
				for range 24 {
					fill(mem, rng)
					dst, src, scalars := places(f, n, rng)
					copy(want, mem)
					f.model1(want, dst, n, src, scalars)
					f.apply(mem, dst, n, src, scalars)
					for i := range mem {
						if mem[i] != want[i] {
							t.Fatalf("n=%d dst=%d src=%v scalars=%v: word %d is %04x, want %04x", n, dst, src, scalars, i, mem[i], want[i])
						}
					}
				}
			}
		})
	}
}

// places draws where operands lie: apart, in place, or overlapping a little.
func places(f form, n int, rng *rand.Rand) (dst int, src []int, scalars []bool) {
	dst = 300 + rng.IntN(40)
	for k := range f.ws {
		at := []int{20, 560, 780}[k%3] + rng.IntN(30)
		switch rng.IntN(4) {
		case 0:
			at = dst
		case 1:
			at = dst + rng.IntN(80) - 40
		}
		src = append(src, at)
		scalars = append(scalars, n > 1 && rng.IntN(3) == 0)
	}
	return dst, src, scalars
}

// TestAllHalves runs every f16 through the unary conversions and, beside many
// partners, through the binary operations.
func TestAllHalves(t *testing.T) {
	all := make([]uint16, 1<<16)
	for i := range all {
		all[i] = uint16(i)
	}
	rng := seeded(4)
	for _, f := range forms() {
		if f.ws[0] != 1 || f.wd != 1 && len(f.ws) > 1 {
			continue
		}
		for range 12 {
			x := []uint16{edges()[rng.IntN(len(edges()))], uint16(rng.Uint32())}
			src := [][]uint16{all, x[:1], x[1:]}[:len(f.ws)]
			dst := make([]uint16, len(all)*f.wd)
			f.run(dst, src)
			for i := range all {
				want := f.model([]uint32{uint32(i), uint32(x[0]), uint32(x[1])}[:len(f.ws)])
				got := uint32(dst[i*f.wd])
				if f.wd == 2 {
					got = load32(dst, 2*i)
				}
				if got != want {
					t.Fatalf("%s %04x %04x: %x, want %x", f.name, i, x, got, want)
				}
			}
		}
	}
}

// TestRoundingToHalf takes fs2h over every boundary of f16.
func TestRoundingToHalf(t *testing.T) {
	var in []uint16
	halfBoundaries(func(x float32) {
		b := math.Float32bits(x)
		in = append(in, uint16(b), uint16(b>>16))
	})
	out := make([]uint16, len(in)/2)
	Fs2h(num.F16, out, in)
	for i := range out {
		if want := num.F16.FromF32Bits(load32(in, 2*i)); out[i] != want {
			t.Fatalf("%08x: %04x, want %04x", load32(in, 2*i), out[i], want)
		}
	}
}

// TestFmachRoundsOnce is the proof by trial that rounding to odd in binary32
// gives the fused result, on operands chosen to show double rounding.
func TestFmachRoundsOnce(t *testing.T) {
	var a, b, c []uint16
	fmaTriples(700_000, func(x, y, z uint16) { a, b, c = append(a, z), append(b, x), append(c, y) })
	dst := make([]uint16, len(a))
	Fmach(num.F16, dst, a, b, c)
	twice := 0
	for i := range dst {
		want := num.F16.FMA(b[i], c[i], a[i])
		if dst[i] != want {
			t.Fatalf("%04x + %04x * %04x: %04x, want %04x", a[i], b[i], c[i], dst[i], want)
		}
		if SingleToHalf(asFloat(num.FMA32(num.F16.ToF32Bits(b[i]), num.F16.ToF32Bits(c[i]), num.F16.ToF32Bits(a[i])))) != want {
			twice++
		}
	}
	if twice == 0 {
		t.Fatal("no operand shows double rounding; the test has lost its sense")
	}
	t.Logf("%d of %d would be wrong rounded twice", twice, len(dst))
}

func TestNoAllocation(t *testing.T) {
	mem := make([]uint16, 512)
	var one [2]uint16
	for _, n := range []int{2, 64, 100} {
		got := testing.AllocsPerRun(10, func() {
			Faddh(num.F16, mem[:n], mem[200:200+n], mem[300:300+n])
			Fmach(num.F16, mem[:n], mem[200:200+n], mem[300:300+n], one[:1])
			Fmacs(mem[:n], mem[200:200+n], mem[300:300+n], one[:2])
			Fnegh(mem[:n], mem[200:200+n])
			Fnegs(mem[:n], mem[200:200+n])
			Fs2h(num.F16, mem[:n/2], mem[200:200+n])
			Mov16(mem[:n], one[:1])
			Fscaleh(num.F16, mem[:n], mem[200:200+n], 2)
			Fscales(mem[:n], one[:2], 2)
			Faddh(num.BF16, mem[:n], mem[200:200+n], one[:1])
			Fmach(num.CB16, mem[:n], mem[200:200+n], mem[300:300+n], one[:1])
			AddC16(mem[:n], mem[200:200+n], one[:1])
			Fh2xp16(num.F16, mem[:n], mem[200:200+n])
			Popcnt(mem[:n], one[:1])
		})
		if got != 0 {
			t.Errorf("n=%d: %g allocations", n, got)
		}
	}
}

func TestLengthMismatchIsABug(t *testing.T) {
	defer func() {
		if r := recover(); r == nil {
			t.Error("no panic")
		}
	}()
	Faddh(num.F16, make([]uint16, 8), make([]uint16, 7), make([]uint16, 8))
}

func TestFormats(t *testing.T) {
	rng := seeded(6)
	for _, f := range []num.Format{num.BF16, num.CB16} {
		mem := make([]uint16, 400)
		fill(mem, rng)
		a, b, c, w := mem[:50], mem[50:100], mem[100:150], mem[200:300]
		d, e := make([]uint16, 50), make([]uint16, 100)
		check := func(name string, m func(i int) uint16) {
			t.Helper()
			for i := range d {
				if d[i] != m(i) {
					t.Fatalf("%v %s element %d: %04x, want %04x", f, name, i, d[i], m(i))
				}
			}
		}
		Faddh(f, d, a, b)
		check("add", func(i int) uint16 { return f.Add(a[i], b[i]) })
		Fsubh(f, d, a[:1], b)
		check("sub", func(i int) uint16 { return f.Sub(a[0], b[i]) })
		Fmulh(f, d, a, b)
		check("mul", func(i int) uint16 { return f.Mul(a[i], b[i]) })
		Fmaxh(f, d, a, b)
		check("max", func(i int) uint16 { return f.Max(a[i], b[i]) })
		Fmach(f, d, a, b, c)
		check("fma", func(i int) uint16 { return f.FMA(b[i], c[i], a[i]) })
		Fs2h(f, d, w)
		check("s2h", func(i int) uint16 { return f.FromF32Bits(load32(w, 2*i)) })
		Fscaleh(f, d, a, -3)
		check("scale", func(i int) uint16 { return f.Scale(a[i], -3) })
		Fnormh(f, d, a)
		check("norm", func(i int) uint16 { return f.Norm(a[i]) })
		Faddhs(f, e, w, b)
		Fh2s(f, d[:0], nil)
		for i := range b {
			if load32(e, 2*i) != num.AddHS(f, load32(w, 2*i), b[i]) {
				t.Fatalf("%v addhs", f)
			}
		}
		Fmachs(f, e, w, b, c)
		for i := range b {
			if load32(e, 2*i) != num.FMAHS(f, b[i], c[i], load32(w, 2*i)) {
				t.Fatalf("%v machs", f)
			}
		}
		Fh2s(f, e, a)
		for i := range a {
			if load32(e, 2*i) != f.ToF32Bits(a[i]) {
				t.Fatalf("%v h2s", f)
			}
		}
	}
}

// TestSmallOperations checks what has no assembly against num and the host.
func TestSmallOperations(t *testing.T) {
	all := make([]uint16, 1<<16)
	for i := range all {
		all[i] = uint16(i)
	}
	d, e := make([]uint16, len(all)), make([]uint16, 2*len(all))
	for _, n := range []int16{-200, -20, -1, 0, 5, 40, 200} {
		Fscaleh(num.F16, d, all, n)
		for i := range all {
			if want := num.F16.Scale(all[i], n); d[i] != want {
				t.Fatalf("scale %04x by %d: %04x, want %04x", i, n, d[i], want)
			}
		}
	}
	for name, c := range map[string]struct {
		run   func()
		model func(x uint16) uint16
	}{
		"fh2xp16": {func() { Fh2xp16(num.F16, d, all) }, func(x uint16) uint16 { return uint16(num.F16.ToI16(x)) }},
		"xp162fh": {func() { Xp162fh(num.F16, d, all) }, func(x uint16) uint16 { return num.F16.FromInt(int64(int16(x))) }},
		"fnormh":  {func() { Fnormh(num.F16, d, all) }, num.F16.Norm},
		"popcnt": {func() { Popcnt(d, all) }, func(x uint16) uint16 {
			var n uint16
			for ; x != 0; x &= x - 1 {
				n++
			}
			return n
		}},
		"clz": {func() { Clz(d, all) }, func(x uint16) uint16 {
			n := uint16(16)
			for ; x != 0; x >>= 1 {
				n--
			}
			return n
		}},
		"ctz": {func() { Ctz(d, all) }, func(x uint16) uint16 {
			for i := range uint16(16) {
				if x>>i&1 == 1 {
					return i
				}
			}
			return 16
		}},
	} {
		c.run()
		for i := range all {
			if d[i] != c.model(all[i]) {
				t.Fatalf("%s %04x: %04x", name, i, d[i])
			}
		}
	}
	Xp162fs(e, all)
	for i := range all {
		if asFloat(load32(e, 2*i)) != float32(int16(i)) {
			t.Fatalf("xp162fs %04x", i)
		}
	}
	Fs2xp16(d, e)
	for i := range all {
		if d[i] != uint16(i) {
			t.Fatalf("fs2xp16 %04x: %04x", i, d[i])
		}
	}
	sum := make([]uint16, 3)
	if c := AddC16(sum, []uint16{0xffff, 0xffff, 0xffff}, []uint16{1, 0, 0}); c != 1 || sum[0]|sum[1]|sum[2] != 0 {
		t.Errorf("addc16: %v %d", sum, c)
	}
	two := []uint16{0, 0x4140} // 12.0
	if Fnorms(two, two); load32(two, 0) != math.Float32bits(1.5) {
		t.Error("fnorms")
	}
	if Fscales(two, two, 3); load32(two, 0) != math.Float32bits(12) {
		t.Error("fscales")
	}
}

func TestFolds(t *testing.T) {
	rng := seeded(8)
	for n := range 40 {
		mem := make([]uint16, 400)
		fill(mem, rng)
		a, b := mem[:n], mem[100:100+n]
		w, x := mem[200:200+2*n], mem[300:300+2*n]
		for _, f := range []num.Format{num.F16, num.BF16} {
			var add, mac, hi uint16
			var adds, macs, his, addhs, machs uint32
			for i := range n {
				add, mac, hi = f.Add(add, a[i]), f.FMA(a[i], b[i], mac), f.Max(hi, a[i])
				adds, his = num.Add32(adds, load32(w, 2*i)), num.Max32(his, load32(w, 2*i))
				macs = num.FMA32(load32(w, 2*i), load32(x, 2*i), macs)
				addhs, machs = num.AddHS(f, addhs, a[i]), num.FMAHS(f, a[i], b[i], machs)
			}
			got := fmt.Sprint(FoldFaddh(f, 0, a), FoldFmach(f, 0, a, b), FoldFmaxh(f, 0, a), FoldFadds(0, w), FoldFmaxs(0, w),
				FoldFmacs(0, w, x), FoldFaddhs(f, 0, a), FoldFmachs(f, 0, a, b))
			if want := fmt.Sprint(add, mac, hi, adds, his, macs, addhs, machs); got != want {
				t.Fatalf("%v n=%d: %s, want %s", f, n, got, want)
			}
		}
	}
}
