package image

// The data operations, by builtin name. Order is fixed: images are stored.
const (
	DNone DSDKindOp = iota
	DMov16
	DMov32
	DFmovh
	DFmovs
	DAdd16
	DAddc16
	DSub16
	DAnd16
	DOr16
	DXor16
	DSar16
	DSll16
	DSlr16
	DFaddh
	DFadds
	DFaddhs
	DFsubh
	DFsubs
	DFmulh
	DFmuls
	DFmach
	DFmacs
	DFmachs
	DFmaxh
	DFmaxs
	DFnegh
	DFnegs
	DFabsh
	DFabss
	DFnormh
	DFnorms
	DFscaleh
	DFscales
	DFh2s
	DFs2h
	DFh2xp16
	DFs2xp16
	DXp162fh
	DXp162fs
	DClz
	DCtz
	DPopcnt
	NumDSDOps
)

// DSDInfo says what a data operation takes and gives.
type DSDInfo struct {
	Name     string // builtin without the @
	NSrc     int    // number of sources
	Dest     Rep    // element of the destination; 16- or 32-bit
	Src      [3]Rep // elements of the sources; also the type of a scalar source
	Fallback bool   // scalar-only builtin: no descriptor form
}

// DSDTable describes every data operation. 16-bit floats stand as F16; a program
// compiled for another 16-bit format computes in that one (Image.FP16).
// Source: SDK documentation, builtins for DSD operations.
var DSDTable = [NumDSDOps]DSDInfo{
	DMov16:   {"mov16", 1, U16, [3]Rep{U16}, false},
	DMov32:   {"mov32", 1, U32, [3]Rep{U32}, false},
	DFmovh:   {"fmovh", 1, F16, [3]Rep{F16}, false},
	DFmovs:   {"fmovs", 1, F32, [3]Rep{F32}, false},
	DAdd16:   {"add16", 2, U16, [3]Rep{U16, U16}, false},
	DAddc16:  {"addc16", 2, U16, [3]Rep{U16, U16}, false},
	DSub16:   {"sub16", 2, U16, [3]Rep{U16, U16}, false},
	DAnd16:   {"and16", 2, U16, [3]Rep{U16, U16}, false},
	DOr16:    {"or16", 2, U16, [3]Rep{U16, U16}, false},
	DXor16:   {"xor16", 2, U16, [3]Rep{U16, U16}, false},
	DSar16:   {"sar16", 2, I16, [3]Rep{I16, U16}, false},
	DSll16:   {"sll16", 2, U16, [3]Rep{U16, U16}, false},
	DSlr16:   {"slr16", 2, U16, [3]Rep{U16, U16}, false},
	DFaddh:   {"faddh", 2, F16, [3]Rep{F16, F16}, false},
	DFadds:   {"fadds", 2, F32, [3]Rep{F32, F32}, false},
	DFaddhs:  {"faddhs", 2, F32, [3]Rep{F32, F16}, false},
	DFsubh:   {"fsubh", 2, F16, [3]Rep{F16, F16}, false},
	DFsubs:   {"fsubs", 2, F32, [3]Rep{F32, F32}, false},
	DFmulh:   {"fmulh", 2, F16, [3]Rep{F16, F16}, false},
	DFmuls:   {"fmuls", 2, F32, [3]Rep{F32, F32}, false},
	DFmach:   {"fmach", 3, F16, [3]Rep{F16, F16, F16}, false},
	DFmacs:   {"fmacs", 3, F32, [3]Rep{F32, F32, F32}, false},
	DFmachs:  {"fmachs", 3, F32, [3]Rep{F32, F16, F16}, false},
	DFmaxh:   {"fmaxh", 2, F16, [3]Rep{F16, F16}, false},
	DFmaxs:   {"fmaxs", 2, F32, [3]Rep{F32, F32}, false},
	DFnegh:   {"fnegh", 1, F16, [3]Rep{F16}, false},
	DFnegs:   {"fnegs", 1, F32, [3]Rep{F32}, false},
	DFabsh:   {"fabsh", 1, F16, [3]Rep{F16}, false},
	DFabss:   {"fabss", 1, F32, [3]Rep{F32}, false},
	DFnormh:  {"fnormh", 1, F16, [3]Rep{F16}, false},
	DFnorms:  {"fnorms", 1, F32, [3]Rep{F32}, false},
	DFscaleh: {"fscaleh", 2, F16, [3]Rep{F16, I16}, false},
	DFscales: {"fscales", 2, F32, [3]Rep{F32, I16}, false},
	DFh2s:    {"fh2s", 1, F32, [3]Rep{F16}, false},
	DFs2h:    {"fs2h", 1, F16, [3]Rep{F32}, false},
	DFh2xp16: {"fh2xp16", 1, I16, [3]Rep{F16}, false},
	DFs2xp16: {"fs2xp16", 1, I16, [3]Rep{F32}, false},
	DXp162fh: {"xp162fh", 1, F16, [3]Rep{I16}, false},
	DXp162fs: {"xp162fs", 1, F32, [3]Rep{I16}, false},
	DClz:     {"clz", 1, U16, [3]Rep{U16}, true},
	DCtz:     {"ctz", 1, U16, [3]Rep{U16}, true},
	DPopcnt:  {"popcnt", 1, U16, [3]Rep{U16}, true},
}
