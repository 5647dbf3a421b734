package image

// DSDKind says what a data structure descriptor describes.
type DSDKind uint8

// The kinds. A zero word is no descriptor at all.
const (
	NoDSD DSDKind = iota
	Mem1D
	Mem4D
	FabIn
	FabOut
	FifoDSD
	CircBuf
)

// DSD is a data structure descriptor, decoded. Base and Length are the fields
// that CSL programs change at run time, so their place in word 0 is fixed.
//
//	word 0: base 0–15 (or queue 0–2, colour 3–7), length 16–31, stride 32–47, kind 48–50, flags 51–63
//	word 1: lengths of dimensions 1..3 (outer ones) in 16–63, dims 0–2 (mem4d only)
//	word 2: strides of dimensions 1..3 in 16–63 (mem4d only)
//
// Base counts words. Length counts elements and Stride element steps: the
// operation that uses the descriptor knows the width of an element. A circular
// buffer steps by one element and has the number of its elements in Stride[0].
type DSD struct {
	Kind   DSDKind
	Base   uint16 // address; FIFO number for FifoDSD
	Length [4]uint16
	Stride [4]int16
	Dims   uint8 // 1 unless Mem4D
	Queue  uint8
	Color  uint8 // 31: none given, the queue's colour decides
	Flags  DSDFlags
}

// DSDFlags are the options of a descriptor.
type DSDFlags uint16

// Flag bits. The two priority bits hold 0 (not given), 1 low, 2 medium, 3 high.
const (
	FlagControl       DSDFlags = 1 << iota // fabout: control wavelets
	FlagAdvanceSwitch                      // fabout: an ADVANCE after the last wavelet
	FlagIndexed                            // wavelet_index_offset
	FlagSIMD64                             // two 32-bit or four 16-bit elements a wavelet pair
	FlagSIMD32                             // two 16-bit elements a wavelet
	FlagSaveAddress                        // DSR: keep the address after an operation
	FlagSingleStep                         // DSR: @map takes one element a call
	FlagPriorityLow
	FlagPriorityMedium
	FlagTransform    // control_transform: the index tells control wavelets from data
	FlagPriorityHigh = FlagPriorityLow | FlagPriorityMedium
)

// NoColor marks a fabric descriptor without a colour of its own.
const NoColor = 31

// Encode packs d. Only word 0 is meaningful for all kinds but Mem4D.
func (d DSD) Encode() [3]uint64 {
	var w [3]uint64
	base := uint64(d.Base)
	if d.Kind == FabIn || d.Kind == FabOut {
		base = uint64(d.Queue&7) | uint64(d.Color&31)<<3
	}
	w[0] = base | uint64(d.Length[0])<<16 | uint64(uint16(d.Stride[0]))<<32 |
		uint64(d.Kind&7)<<48 | uint64(d.Flags)<<51
	if d.Kind == Mem4D {
		w[1] = uint64(d.Dims & 7)
		for i := 1; i < 4; i++ {
			w[1] |= uint64(d.Length[i]) << (16 * i)
			w[2] |= uint64(uint16(d.Stride[i])) << (16 * i)
		}
	}
	return w
}

// DecodeDSD unpacks what Encode packed.
func DecodeDSD(w [3]uint64) (d DSD) {
	d.Decode(&w)
	return d
}

// Decode is DecodeDSD in place.
func (d *DSD) Decode(w *[3]uint64) {
	*d = DSD{}
	d.Kind, d.Flags, d.Dims, d.Color = DSDKind(w[0]>>48&7), DSDFlags(w[0]>>51), 1, NoColor
	d.Length[0] = uint16(w[0] >> 16)
	d.Stride[0] = int16(w[0] >> 32)
	if d.Kind == FabIn || d.Kind == FabOut {
		d.Queue, d.Color = uint8(w[0]&7), uint8(w[0]>>3&31)
		return
	}
	d.Base = uint16(w[0])
	if d.Kind == Mem4D {
		d.Dims = uint8(w[1] & 7)
		for i := 1; i < 4; i++ {
			d.Length[i] = uint16(w[1] >> (16 * i))
			d.Stride[i] = int16(w[2] >> (16 * i))
		}
	}
}
