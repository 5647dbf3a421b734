// Package air is the typed form of a CSL program between sema and lower: a tree
// in which every name is a small integer, every type is a machine
// representation, every comptime decision is taken.
//
// In: what sema found out about one distinct core program. Out: what lower needs
// to lay out memory and emit instructions. Aggregates (arrays, structs) live in
// memory and are handled by address; scalars and descriptors are values.
package air

import "wafer/internal/image"

// Program is one core program. Config already holds everything that needs no
// code: tasks, queues, FIFOs, start state; function numbers in it index Funcs,
// and global numbers stand where lower puts addresses (see the fields).
type Program struct {
	Globals []*Global
	// Order lists the globals as they follow each other in memory; nil for the
	// order of Globals. Programs that run over the end of an array rely on it.
	Order []int
	Funcs []*Func
	// Config.Fifos[i].Addr and Config.Exports[i].Addr hold global numbers.
	Config *image.Program
	// DSRs holds descriptors loaded before the program starts.
	DSRs []DSRInit
}

// DSRInit is a descriptor constant for a register.
type DSRInit struct {
	File image.DSRFile
	ID   uint8
	DSD  *ConstDSD
	Opt  Options
}

// Global is a variable in a core's memory. Only used globals are listed.
type Global struct {
	Name    string // unique in the program: module path and name
	Type    string // CSL type, for symbols
	Words   int
	Align   int      // in words, at least 1
	Init    []uint16 // nil for zeros, else Words long
	Relocs  []Reloc
	Addr    int // fixed word address, -1 for none
	Export  bool
	Section string
}

// Reloc adds an address to the word at Off of a global's initial value.
type Reloc struct {
	Off    int
	Global int // -1: Func
	Func   int
	Addend int // words
}

// Func is a function. Parameters are the first locals.
type Func struct {
	Name   string
	Params int
	Locals []Local
	Ret    image.Rep // Void for none; aggregates go through a pointer parameter
	Body   []Stmt
	Task   bool
}

// Local is a local variable. One with Words > 0 lives in the stack frame and is
// used through LocalAddr; all others live in registers.
type Local struct {
	Name  string
	Rep   image.Rep
	Words int
	Align int
}

// Src is a place in the source: an index into Config.Files and a line.
type Src struct{ File, Line int32 }

// Expr is an expression; R gives the representation of its value.
type Expr interface{ R() image.Rep }

// Stmt is a statement.
type Stmt interface{ Where() Src }

// Bin operators reuse the machine's: OpAdd … OpShr, OpMin, OpMax, OpEq … OpLe.

// Expressions.
type (
	// Const is a scalar; Bits as a register holds it (image.Rep).
	Const struct {
		Rep  image.Rep
		Bits uint64
	}
	// ConstDSD is a descriptor known at compile time but for the address of a
	// global (-1 for none), which is added to its base with Off words.
	ConstDSD struct {
		DSD    image.DSD
		Global int
		Off    int
	}
	// GlobalAddr is the address of a global plus Off words.
	GlobalAddr struct{ Global, Off int }
	// LocalAddr is the address of a local that lives in memory.
	LocalAddr struct{ Local, Off int }
	// FuncAddr is a function number as a value (function pointers).
	FuncAddr struct{ Func int }
	// GetLocal reads a register local.
	GetLocal struct {
		Local int
		Rep   image.Rep
	}
	// Load reads memory at Addr + Off words.
	Load struct {
		Rep  image.Rep
		Addr Expr
		Off  int
	}
	// Bin is X Op Y in representation Rep; comparisons give B1.
	Bin struct {
		Op   image.Op
		Rep  image.Rep
		X, Y Expr
	}
	// Un is Op X: OpNeg, OpNot, OpAbs, OpSqrt, OpClz, OpCtz, OpPopcnt.
	Un struct {
		Op  image.Op
		Rep image.Rep
		X   Expr
	}
	// Conv converts the number X; Bits reinterprets it.
	Conv struct {
		To, From image.Rep
		Bits     bool
		X        Expr
	}
	// Logic is X and Y, or X or Y, with short circuit.
	Logic struct {
		Or   bool
		X, Y Expr
	}
	// Cond is if C then A else B as a value.
	Cond struct {
		C, A, B Expr
	}
	// Seq runs statements and then has the value of X.
	Seq struct {
		Stmts []Stmt
		X     Expr
	}
	// Call calls Funcs[Func], or the function number in Callee if Func is -1.
	Call struct {
		Func   int
		Callee Expr
		Args   []Expr
		Ret    image.Rep
	}
	// SetDSD changes a descriptor: Op is OpDSDLen, OpDSDBase, OpDSDStride or
	// OpDSDAdd (Y words); Rep is DSD1 or DSD4.
	SetDSD struct {
		Op   image.Op
		Rep  image.Rep
		X, Y Expr
	}
	// DSDOp is a data operation; its value is the builtin's bool.
	DSDOp struct {
		Kind image.DSDKindOp
		Dest Operand
		Src  []Operand
		Opt  Options
	}
	// LoadDSR loads descriptor X into a register.
	LoadDSR struct {
		File image.DSRFile
		ID   uint8
		X    Expr
		Opt  Options
	}
	// Map is @map: Func for each element of the operands; with Out the last
	// operand takes the result. Elem gives each operand's element.
	Map struct {
		Func int
		Ops  []Operand
		Elem []image.Rep
		Out  bool
		Opt  Options
	}
	// Intrinsic is any other machine operation: Op with up to two register
	// arguments and an immediate; Rep is that of the result.
	Intrinsic struct {
		Op   image.Op
		Rep  image.Rep
		Args []Expr
		Imm  int64
		Text string // OpTrap, OpPrint
	}
)

// Operand is an operand of a data operation. For ModeReg, ModePtr and ModeDSD X
// is the value; Rep the scalar's, the element's or the descriptor's.
type Operand struct {
	Mode image.OperandMode
	Rep  image.Rep
	X    Expr
	File image.DSRFile
	Num  uint8
}

// Options are the settings of a data operation. Task ids are expressions of
// representation U16, nil for none; Index nil for none.
type Options struct {
	Async, Single, SaveAddr bool
	Activate, Unblock       Expr
	UT                      int8 // -1: that of the queue
	Priority                uint8
	OnControl               uint8
	Index                   Expr
}

// R methods.
func (e *Const) R() image.Rep      { return e.Rep }
func (e *GlobalAddr) R() image.Rep { return image.U16 }
func (e *LocalAddr) R() image.Rep  { return image.U16 }
func (e *FuncAddr) R() image.Rep   { return image.U16 }
func (e *GetLocal) R() image.Rep   { return e.Rep }
func (e *Load) R() image.Rep       { return e.Rep }
func (e *Un) R() image.Rep         { return e.Rep }
func (e *Conv) R() image.Rep       { return e.To }
func (e *Logic) R() image.Rep      { return image.B1 }
func (e *Cond) R() image.Rep       { return e.A.R() }
func (e *Seq) R() image.Rep        { return e.X.R() }
func (e *Call) R() image.Rep       { return e.Ret }
func (e *SetDSD) R() image.Rep     { return e.Rep }
func (e *DSDOp) R() image.Rep      { return image.B1 }
func (e *LoadDSR) R() image.Rep    { return image.Void }
func (e *Map) R() image.Rep        { return image.B1 }
func (e *Intrinsic) R() image.Rep  { return e.Rep }

// R is DSD4 for a mem4d descriptor, else DSD1.
func (e *ConstDSD) R() image.Rep {
	if e.DSD.Kind == image.Mem4D {
		return image.DSD4
	}
	return image.DSD1
}

// R of a comparison is B1.
func (e *Bin) R() image.Rep {
	if e.Op >= image.OpEq && e.Op <= image.OpLe {
		return image.B1
	}
	return e.Rep
}

// Where gives the source place; statements embed Src.
func (s Src) Where() Src { return s }

// Statements. ID numbers loops and blocks within a function, so that Break and
// Continue can name them.
type (
	// SetLocal assigns a register local.
	SetLocal struct {
		Src
		Local int
		X     Expr
	}
	// Store writes X to memory at Addr + Off words.
	Store struct {
		Src
		Rep  image.Rep
		Addr Expr
		Off  int
		X    Expr
	}
	// Copy copies Words words; the regions may overlap.
	Copy struct {
		Src
		Dst, From Expr
		Words     int
	}
	// Eval evaluates X for its effect.
	Eval struct {
		Src
		X Expr
	}
	// If runs Then or Else.
	If struct {
		Src
		C          Expr
		Then, Else []Stmt
	}
	// While runs Body as long as C (nil: forever), Post after each turn.
	While struct {
		Src
		ID   int
		C    Expr
		Body []Stmt
		Post []Stmt
	}
	// Block can be left by Break.
	Block struct {
		Src
		ID   int
		Body []Stmt
	}
	// Switch runs the case whose values hold X, else Default.
	Switch struct {
		Src
		X       Expr
		Cases   []Case
		Default []Stmt
	}
	// Break leaves a While or Block.
	Break struct {
		Src
		ID int
	}
	// Continue goes to the next turn of a While.
	Continue struct {
		Src
		ID int
	}
	// Return leaves the function; X nil for none.
	Return struct {
		Src
		X Expr
	}
)

// Case is one branch of a Switch; Values as registers hold them.
type Case struct {
	Values []uint64
	Body   []Stmt
}
