package image

// Instr is one instruction of a core. Registers are numbered from the start of
// the running function's frame; every frame has its own. R is the representation
// the instruction works in. Sixteen bytes, no pointers: code is shared by all
// cores that run it.
type Instr struct {
	Op      Op
	R       Rep
	D, A, B uint16
	Imm     int64
}

// Op is what an instruction does.
type Op uint8

// The instruction set. d, a, b are registers; imm is the immediate. An operation
// works in representation R and leaves a value normal for R (see Rep).
const (
	OpNop Op = iota
	// Data.
	OpConst  // d = imm (bits)
	OpMov    // d = a
	OpLoad   // d = memory[a + imm], R.Words() words
	OpStore  // memory[a + imm] = d
	OpLoadG  // d = memory[imm]
	OpStoreG // memory[imm] = d
	OpFrame  // d = address of word imm of the function's stack frame
	OpCopy   // copy imm words from memory[a] to memory[d]; may overlap
	// Integer and float arithmetic: d = a op b.
	OpAdd
	OpSub
	OpMul
	OpDiv // integers truncate toward zero; by zero traps
	OpMod // sign of a
	OpAnd
	OpOr
	OpXor
	OpShl  // amount in b, taken modulo the width
	OpShr  // arithmetic for signed
	OpNeg  // d = -a
	OpNot  // bitwise; logical for B1
	OpAddI // d = a + imm
	OpFMA  // d = a*b + d, one rounding; floats
	OpMin
	OpMax
	OpAbs
	OpClz
	OpCtz
	OpPopcnt
	// Comparison: d = a op b as B1; operands in R.
	OpEq
	OpNe
	OpLt
	OpLe
	// Conversion: from representation imm to R.
	OpConv // numeric conversion: truncation, extension, rounding
	OpBits // same bits in another representation of the same size
	OpSqrt // correctly rounded; library code may use it where the documentation promises the exact root
	// Control. Targets are absolute PCs.
	OpJump  // to imm
	OpIf    // to imm if a is true
	OpIfNot // to imm if a is false
	OpIfEq  // to imm if a == b; then Lt, Le, Ne
	OpIfNe
	OpIfLt
	OpIfLe
	OpCall    // function imm; arguments in registers d, d+1, …; results there too
	OpCallReg // function number in register a; rest as OpCall
	OpRet     // results are in registers 0, 1, …
	// Tasks. The task id is imm, or register a where imm is -1.
	OpActivate
	OpBlock
	OpUnblock
	// Descriptors.
	OpDSD       // run Program.DSD[imm]; d receives the bool result
	OpLoadDSR   // load the descriptor in register a to register B&31 of file B>>8; imm indexes Program.DSD for the options, -1 for none
	OpDSDLen    // d = descriptor a with length b
	OpDSDBase   // d = descriptor a with base address b
	OpDSDStride // d = descriptor a with stride b
	OpDSDAdd    // d = descriptor a with base moved by b words
	// A @map is a loop in code. OpMapStart pushes iterators over Program.DSD[imm].MapOps
	// on the core's map stack. OpMapFetch loads the next element of each input into
	// registers d, d+1, … (waiting like a DSD operation where an input is a queue) and
	// sets register a to true and pops the iterators when an operand is exhausted.
	// OpMapStore writes register a to the output operand.
	OpMapStart
	OpMapFetch
	OpMapStore
	// Machine.
	OpTime    // store the 48-bit cycle counter to memory[a..a+2]
	OpTimer   // imm 1 enables, 0 disables the counter
	OpRandom  // d = next 16 random bits of the active generator
	OpPRNG    // make generator a the active one (imm 0), or seed the active one with a (imm 1)
	OpGetConf // d = configuration register a (or imm)
	OpSetConf // configuration register a = b
	OpPE      // d = x (imm 0), y (imm 1), width (2), height (3) of this core in the program rectangle
	OpFlush   // begin to flush output queue imm
	OpFifoSet // set the length of FIFO imm&255 to register a: the read length, or the write length if imm>>8 is 1
	// Host and debugging; they cost no more than a call would.
	OpHostDone // the core has finished the host's command (unblock_cmd_stream)
	OpPrint    // print Program.Strings[imm] through the simulator; "{u16}" in it stands for the next of the registers a, a+1, … in that representation, "{{" for a brace
	OpTrap     // stop the core with Program.Strings[imm]
	NumOps
)

// DSDKindOp is a data operation on descriptors, named as the CSL builtin.
type DSDKindOp uint8

// DSDOp is the operand table of one OpDSD, OpMapStart or OpLoadDSR.
type DSDOp struct {
	Kind DSDKindOp
	// Dest, then the sources in the builtin's order.
	Dest Operand
	Src  [3]Operand
	NSrc uint8
	Opt  DSDOptions
	// Map: the function to call for each element, its operands in order. The last
	// operand is the output if MapOut is set.
	MapFunc int32
	MapOps  []Operand
	MapOut  bool
}

// OperandMode says where an operand comes from.
type OperandMode uint8

// Operand modes.
const (
	ModeNone OperandMode = iota
	ModeReg              // the scalar in Reg
	ModePtr              // memory at the address in Reg, stride 0
	ModeDSD              // the descriptor in Reg (Reg..Reg+2 for DSD4)
	ModeDSR              // DSR Num of file File
	ModeFifo             // FIFO Num
)

// Operand is one operand of a DSDOp.
type Operand struct {
	Mode OperandMode
	Rep  Rep // of the scalar; DSD1 or DSD4 for descriptors; element type for ModePtr
	File DSRFile
	Num  uint8
	Reg  uint16
}

// DSDOptions are the settings of an operation: how it runs, what it starts.
type DSDOptions struct {
	Async     bool
	Activate  int16 // task id, -1 none, -2 in register ActReg
	Unblock   int16
	ActReg    uint16
	UT        int8 // microthread id, -1: that of the queue
	Priority  uint8
	OnControl uint8 // 0 none, else as the compiler numbers the actions
	Index     bool  // register IndexReg goes to the upper half of every wavelet sent
	IndexReg  uint16
	SaveAddr  bool // OpLoadDSR
	Single    bool // OpLoadDSR: single_step
}
