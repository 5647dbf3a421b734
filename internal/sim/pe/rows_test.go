package pe

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/num"
	"wafer/internal/sim/fabric"
)

// TestRows runs random operations on rows both ways: as sprint does and as memoryDSD,
// which defines the result. Overlaps, zero lengths, rows beyond the memory that is
// there, strides and options are common on purpose.
func TestRows(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	taken := 0
	for _, name := range machine.Names() {
		m, err := machine.Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		for range 8000 {
			if tryRow(t, m, rnd) {
				taken++
			}
		}
	}
	if taken < 5000 {
		t.Errorf("only %d operations were taken for such on rows", taken)
	}
}

func tryRow(t *testing.T, m *machine.Machine, rnd *rand.Rand) bool {
	t.Helper()
	kind := image.DSDKindOp(1 + rnd.IntN(int(image.NumDSDOps)-1))
	info := &image.DSDTable[kind]
	d := image.DSDOp{Kind: kind, NSrc: uint8(info.NSrc), Opt: image.DSDOptions{Activate: -1, Unblock: -1, UT: -1}}
	if rnd.IntN(16) == 0 {
		d.Opt.Activate = 9
	}
	d.Dest = rowOperandOf(rnd, image.DSRDest, 0)
	for i := range info.NSrc {
		d.Src[i] = rowOperandOf(rnd, []image.DSRFile{image.DSRSrc0, image.DSRSrc1, image.DSRSrc1}[i], i+1)
		if rnd.IntN(4) == 0 {
			d.Src[i] = image.Operand{Mode: image.ModeReg, Reg: uint16(6 + i), Rep: info.Src[i]}
		}
	}
	code := []instr{{Op: image.OpDSD, D: 10, Imm: 0}, {Op: image.OpTrap}}
	p, err := newProgram(&image.Program{Name: "p", Code: code, DSD: []image.DSDOp{d}, Funcs: []image.Func{{Regs: 12}}}, newTariff(m), nil)
	if err != nil {
		t.Fatal(err)
	}
	var regs [12]uint64
	dsrs := make([]dsr, dsrFiles*machine.DSRs)
	for i := range regs {
		regs[i] = randomRow(rnd)
		if i >= 6 {
			regs[i] = rnd.Uint64() & 0xffffffff
		}
	}
	for i := range dsrs {
		x := dsr{set: rnd.IntN(20) > 0, d: image.DecodeDSD([3]uint64{randomRow(rnd)}), save: rnd.IntN(2) == 0, act: -1, unb: -1, ut: -1}
		if rnd.IntN(20) == 0 {
			x.async = true
		}
		dsrs[i] = x
	}
	mem := make([]uint16, 256)
	for i := range mem {
		if mem[i] = uint16(rnd.Uint32()); rnd.IntN(2) == 0 {
			mem[i] = num.F16.FromF64(rnd.NormFloat64())
		}
	}
	var ks [2]*Cluster
	for i := range ks {
		g := fabric.New(1, 1, 0, m, []*fabric.Table{fabric.NewTable(&image.RouteSet{})})
		k := New(g, m, 1, 1, num.F16, []*Program{p}, []int32{0})
		c := k.Core(0)
		c.regs, c.mem, c.dsrs = slices.Clone(regs[:]), slices.Clone(mem), slices.Clone(dsrs)
		c.state, c.ready, c.statSince, k.Now = mainRun, 100, 90, 100
		k.Ahead = Ahead{On: true, Horizon: 1 << 40}
		ks[i] = k
	}
	a, b := ks[0].cores[0], ks[1].cores[0]
	if !ks[1].sprint(b, 4000) {
		return false
	}
	if !ks[0].aheadDSD(a, 100) {
		t.Fatalf("%+v: not on memory", d)
	}
	ks[0].advance(a, 4000) // to its end
	if !slices.Equal(a.regs, b.regs) || !slices.Equal(a.mem, b.mem) || !reflect.DeepEqual(a.dsrs, b.dsrs) || a.dead != b.dead ||
		a.pc != b.pc || a.ready != b.ready || a.stats != b.stats || a.statSince != b.statSince {
		t.Fatalf("%s %+v\nmemoryDSD %x ready %d %+v since %d\nrow       %x ready %d %+v since %d", opName(kind), d, a.regs, a.ready, a.stats, a.statSince, b.regs, b.ready, b.stats, b.statSince)
	}
	return true
}

func rowOperandOf(rnd *rand.Rand, file image.DSRFile, reg int) image.Operand {
	if rnd.IntN(2) == 0 {
		return image.Operand{Mode: image.ModeDSD, Rep: image.DSD1, Reg: uint16(reg)}
	}
	return image.Operand{Mode: image.ModeDSR, File: file, Num: uint8(rnd.IntN(3))}
}

// randomRow gives the word of a descriptor, mostly of a row.
func randomRow(rnd *rand.Rand) uint64 {
	n, stride := uint64(rnd.IntN(20)), uint64(1)
	if rnd.IntN(12) == 0 {
		stride = uint64(rnd.IntN(4))
	}
	if rnd.IntN(20) == 0 {
		n = 300
	}
	return uint64(image.Mem1D)<<48 | stride<<32 | n<<16 | uint64(rnd.IntN(100))
}
