package pe

import (
	"math/rand/v2"
	"slices"
	"testing"

	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/num"
	"wafer/internal/sim/fabric"
)

// TestSprint runs every instruction that sprint knows, in every representation and
// on random values, by sprint and by exec.
func TestSprint(t *testing.T) {
	m := machine.Default(machine.WSE3)
	rnd := rand.New(rand.NewPCG(1, 2))
	known := 0
	for op := range image.OpHostDone {
		for rep := range image.Rep(image.NumReps) {
			in := instr{Op: op, R: rep, D: 1, A: 2, B: 3, Imm: 5}
			if op == image.OpConv || op == image.OpBits {
				in.Imm = int64(image.U32)
			}
			if op == image.OpCall {
				in.Imm = 1
			}
			if op == image.OpLoadDSR {
				in.Imm = -1
			}
			if hotCode(&in) == hotNone || op == image.OpDSD { // see TestRows
				continue
			}
			known++
			for range 50 {
				trySprint(t, m, in, rnd)
			}
		}
	}
	if known < 100 {
		t.Errorf("sprint knows %d instructions, too few for this test to mean anything", known)
	}
}

func trySprint(t *testing.T, m *machine.Machine, in instr, rnd *rand.Rand) {
	t.Helper()
	code := []instr{in}
	for range 8 {
		code = append(code, instr{Op: image.OpTrap})
	}
	p, err := newProgram(&image.Program{Name: "p", Code: code, Strings: []string{""}, Funcs: []image.Func{{Regs: 4}, {PC: 5, Regs: 6, Args: 2, Rets: 1, Words: 3}}}, newTariff(m), nil)
	if err != nil {
		t.Fatal(err)
	}
	tab := fabric.NewTable(&image.RouteSet{})
	var regs [12]uint64
	for i := range regs {
		v := rnd.Uint64()
		if rnd.IntN(3) == 0 {
			v = uint64(rnd.IntN(3)) - 1
		}
		if regs[i] = v; in.R >= image.B1 && in.R <= image.F32 {
			regs[i] = normal(in.R, v)
		}
	}
	if in.Op == image.OpLoad || in.Op == image.OpStore {
		regs[2] %= 64
	}
	if rnd.IntN(3) == 0 {
		regs[3] = regs[2]
	}
	var ks [2]*Cluster
	for i := range ks {
		g := fabric.New(1, 1, 0, m, []*fabric.Table{tab})
		k := New(g, m, 1, 1, num.F16, []*Program{p}, []int32{0})
		c := k.Core(0)
		c.regs = slices.Clone(regs[:])
		c.mem = make([]uint16, 128)
		for j := range c.mem {
			c.mem[j] = uint16(j * 40503)
		}
		c.state, c.ready, k.Now = mainRun, 100, 100
		if in.Op == image.OpMapFetch {
			c.maps = []mapping{{
				d: &image.DSDOp{MapOps: []image.Operand{{Mode: image.ModeDSD, Rep: image.U16}}}, local: true,
				ops: []operand{{at: atMem, dsr: -1, iter: iter{addr: uint16(regs[3] % 100), dims: 1, stride: [4]int16{3}}}}, left: []uint32{uint32(regs[4] % 2)},
			}}
		}
		if in.Op == image.OpRet {
			c.fn, c.base, c.frames = 1, 4, []frame{{pc: 3, d: 2, sp: 7}}
		}
		ks[i] = k
	}
	a, b := ks[0].cores[0], ks[1].cores[0]
	ks[0].exec(a)
	if !ks[1].sprint(b, 100) {
		t.Fatalf("%+v: sprint does not know it after all", in)
	}
	if !slices.Equal(a.regs, b.regs) || !slices.Equal(a.mem, b.mem) || !slices.Equal(a.dsrs, b.dsrs) || a.pc != b.pc || a.fn != b.fn || a.base != b.base || a.sp != b.sp || len(a.frames) != len(b.frames) || a.ready != b.ready || a.stats.Instructions != b.stats.Instructions {
		t.Fatalf("%+v with %x:\nexec   %x pc %d ready %d\nsprint %x pc %d ready %d", in, regs, a.regs, a.pc, a.ready, b.regs, b.pc, b.ready)
	}
}
