package image

import "testing"

func TestListingNamesWhatItCan(t *testing.T) {
	p := &Program{
		Code: []Instr{
			{Op: OpLoadG, R: F32, D: 2, Imm: 12},
			{Op: OpIfLt, R: I16, A: 1, B: 3, Imm: 7},
			{Op: OpCall, D: 4, Imm: 0},
			{Op: OpDSD, R: B1, D: 0, Imm: 0},
			{Op: OpStoreG, R: U16, D: 1, Imm: 99},
			{Op: OpRet},
		},
		Funcs:   []Func{{Name: "f"}},
		Symbols: []Symbol{{Name: "x", Addr: 10, Words: 4}},
		DSD:     []DSDOp{{Kind: DFmacs}},
	}
	for pc, want := range []string{
		"load.f32     r2, x+2", "iflt.i16     r1, r3, -> 7", "call         f, r4",
		"dsd.b1       r0, 0  ; @fmacs", "store.u16    r1, [0x63]", "ret",
	} {
		if got := p.Listing(pc); got != want {
			t.Errorf("%d: %q, want %q", pc, got, want)
		}
	}
	for o := range NumOps {
		if o.String() == "" {
			t.Errorf("operation %d has no name", uint8(o))
		}
	}
}
