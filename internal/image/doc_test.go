package image

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDSDSurvivesEncoding(t *testing.T) {
	for _, d := range []DSD{
		{Kind: Mem1D, Base: 0x5fff, Length: [4]uint16{65535}, Stride: [4]int16{-128}, Dims: 1, Color: NoColor, Flags: FlagIndexed},
		{Kind: Mem4D, Base: 7, Length: [4]uint16{1, 2, 3, 4}, Stride: [4]int16{1, -2, 300, -4}, Dims: 4, Color: NoColor},
		{Kind: FabIn, Length: [4]uint16{9}, Dims: 1, Queue: 7, Color: 23},
		{Kind: FabOut, Length: [4]uint16{9}, Dims: 1, Queue: 2, Color: NoColor, Flags: FlagControl | FlagAdvanceSwitch | FlagPriorityHigh},
	} {
		if diff := cmp.Diff(d, DecodeDSD(d.Encode())); diff != "" {
			t.Errorf("%+v: %s", d, diff)
		}
	}
}

func TestEveryRepAndOperationHasItsRow(t *testing.T) {
	for r := Void; r < NumReps; r++ {
		if r.String() == "" || (r != Void && r.Words() == 0) {
			t.Errorf("Rep %d lacks a row", r)
		}
	}
	for k := DNone + 1; k < NumDSDOps; k++ {
		if i := DSDTable[k]; i.Name == "" || i.NSrc == 0 || i.Dest == Void {
			t.Errorf("operation %d lacks a row", k)
		}
	}
}
