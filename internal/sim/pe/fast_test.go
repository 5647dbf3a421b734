package pe

import (
	"math/rand/v2"
	"slices"
	"testing"

	"wafer/internal/image"
	"wafer/internal/num"
)

// TestKernelsAgreeWithElements runs random operations on random memory both ways:
// element by element and by kernel. Overlaps of operands are common on purpose.
func TestKernelsAgreeWithElements(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	used := 0
	for range 20000 {
		o, mem := randomOp(rng)
		k := &Cluster{FP: num.F16}
		want := &Core{mem: slices.Clone(mem)}
		slow := *o
		k.slow(want, &slow)
		got := &Core{mem: slices.Clone(mem)}
		quick := *o
		if !k.fast(got, &quick) {
			continue
		}
		used++
		if !slices.Equal(got.mem, want.mem) {
			t.Fatalf("%s n=%d dst %+v src %+v differ", opName(o.kind), o.n, o.dst, o.src[:o.nsrc])
		}
		if quick.dst.iter.addr != slow.dst.iter.addr || quick.src[0].iter.addr != slow.src[0].iter.addr && quick.src[0].at == atMem {
			t.Fatalf("%s: addresses after the operation differ", opName(o.kind))
		}
	}
	if used < 5000 {
		t.Errorf("only %d operations took a kernel", used)
	}
}

func randomOp(rng *rand.Rand) (*op, []uint16) {
	mem := make([]uint16, 256)
	for i := range mem {
		mem[i] = uint16(rng.Uint32())
		if rng.IntN(2) == 0 {
			mem[i] = num.F16.FromF64(rng.NormFloat64())
		}
	}
	kind := image.DSDKindOp(1 + rng.IntN(int(image.NumDSDOps)-1))
	info := &image.DSDTable[kind]
	o := &op{kind: kind, nsrc: uint8(info.NSrc), n: uint32(1 + rng.IntN(20))}
	o.dst = randomOperand(rng, info.Dest)
	for i := range info.NSrc {
		o.src[i] = randomOperand(rng, info.Src[i])
		if rng.IntN(4) == 0 {
			o.src[i] = operand{at: atScalar, val: rng.Uint32(), wide: info.Src[i].Words() == 2}
			if !o.src[i].wide {
				o.src[i].val &= 0xffff
			}
		}
	}
	if rng.IntN(4) == 0 { // a sum into one word
		o.dst.iter.stride[0] = 0
		wide := o.src[0].wide
		o.src[0] = o.dst
		o.src[0].wide = wide
	}
	return o, mem
}

func randomOperand(rng *rand.Rand, r image.Rep) operand {
	x := operand{at: atMem, wide: r.Words() == 2, iter: iter{addr: uint16(rng.IntN(100)), dims: 1}}
	x.iter.stride[0] = int16(x.words())
	if rng.IntN(8) == 0 {
		x.iter.stride[0] = int16(rng.IntN(4))
	}
	return x
}

// The box of an operand holds all its addresses, and where its rows are whole no more.
func TestBox(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	exact := 0
	for range 20000 {
		it := iter{addr: 5000, dims: uint8(1 + rng.IntN(4))}
		n := uint32(1)
		for d := range it.dims {
			it.stride[d], it.length[d] = int16(rng.IntN(9)-4), uint16(1+rng.IntN(4))
			n *= uint32(it.length[d])
		}
		whole := rng.IntN(2) == 0
		if !whole {
			n = 1 + uint32(rng.IntN(int(n)))
		}
		lo, hi := it.box(n)
		a, b := it.bounds(n)
		if lo > a || hi < b {
			t.Fatalf("%d elements of %+v lie in %d..%d, not in %d..%d", n, it, a, b, lo, hi)
		}
		if whole && it.dims == 1 || lo == a && hi == b {
			exact++
		}
	}
	if exact < 10000 {
		t.Errorf("only %d boxes are exact", exact)
	}
}
