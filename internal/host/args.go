package host

import (
	"fmt"
	"math"

	"wafer/internal/image"
	"wafer/internal/num"
)

// Arg is a launch argument as the caller gave it. Type is the CSL name of a typed
// value ("i16", "f32", …), or "int" or "float" for a plain number of the caller's
// language, which takes the type of the parameter if it fits.
type Arg struct {
	Type string  `json:"t"`
	Int  int64   `json:"i,omitempty"`
	F    float64 `json:"f,omitempty"`
}

// argWords checks args against the parameters of an exported function and gives
// their words, low word first.
func argWords(e image.Export, args []Arg, fp16 string) ([]uint16, error) {
	if len(args) != len(e.Args) {
		return nil, fail(CodeArgs, "", "%q takes %d arguments and got %d", e.Name, len(e.Args), len(args))
	}
	var out []uint16
	for i, a := range args {
		v, err := register(a, e.Args[i], fp16)
		if err != nil {
			return nil, fail(CodeArgs, "pass a number of that type, e.g. numpy."+numpyName(e.Args[i]),
				"argument %d of %q is %s: %s", i+1, e.Name, e.Args[i], err)
		}
		for k := range typeWords(e.Args[i]) {
			out = append(out, uint16(v>>(16*k)))
		}
	}
	return out, nil
}

// typeWords is the size of a number in memory; smaller types take a whole word.
func typeWords(t string) int {
	switch t {
	case "i32", "u32", "f32":
		return 2
	case "i64", "u64":
		return 4
	}
	return 1
}

func register(a Arg, want, fp16 string) (uint64, error) {
	if lo, hi, ok := intRange(want); ok {
		if a.Type != "int" && a.Type != want {
			return 0, fmt.Errorf("got %s", a.Type)
		}
		if a.Int < lo || a.Int > hi {
			return 0, fmt.Errorf("%d does not fit", a.Int)
		}
		return uint64(a.Int), nil
	}
	v := a.F
	if a.Type == "int" {
		v = float64(a.Int)
	}
	switch {
	case a.Type != "int" && a.Type != "float" && a.Type != want:
		return 0, fmt.Errorf("got %s", a.Type)
	case want == "f32":
		return uint64(math.Float32bits(float32(v))), nil
	}
	if want == "fp16" {
		want = fp16
	}
	if f, ok := num.ParseFormat(want); ok {
		return uint64(f.FromF64(v)), nil
	}
	return 0, fmt.Errorf("this type cannot be passed from the host")
}

// intRange gives the bounds of the integer types that a launch can carry.
func intRange(t string) (lo, hi int64, ok bool) {
	switch t {
	case "bool":
		return 0, 1, true
	case "i8":
		return math.MinInt8, math.MaxInt8, true
	case "u8":
		return 0, math.MaxUint8, true
	case "i16":
		return math.MinInt16, math.MaxInt16, true
	case "u16":
		return 0, math.MaxUint16, true
	case "i32":
		return math.MinInt32, math.MaxInt32, true
	case "u32":
		return 0, math.MaxUint32, true
	case "i64":
		return math.MinInt64, math.MaxInt64, true
	case "u64":
		return math.MinInt64, math.MaxInt64, true // carried as the same 64 bits
	}
	return 0, 0, false
}

func numpyName(t string) string {
	switch t[0] {
	case 'i':
		return "int" + t[1:]
	case 'u':
		return "uint" + t[1:]
	case 'f':
		return "float" + t[1:]
	}
	return t
}
