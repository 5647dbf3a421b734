// Package image is the waist of Wafer: a compiled program for a whole wafer.
//
// Compilers write an Image, hosts load it, simulators run it. Compilers know
// nothing of simulators and simulators know nothing of CSL: all they share is
// here. An Image is immutable after it was built and safe to share.
//
// Memory is addressed in 16-bit words, as the machine does it: a core has
// machine.SRAMWords of them; a 32-bit value is two words, low word first.
package image

import "wafer/internal/machine"

// Image is a compiled program: which code each core of the rectangle runs, how
// each router is set up, and what the host may call and copy.
type Image struct {
	Arch machine.Arch
	// FP16 is the 16-bit float format of untyped "fp16" data, as cslc --fp16-format.
	FP16 string
	// Fabric is the size of the simulated fabric; Rect the program rectangle in it.
	FabricW, FabricH int
	Rect             Rect
	Programs         []*Program // the distinct programs
	RouteSets        []RouteSet // the distinct router set-ups
	// Tiles has one entry for each core of Rect, row by row.
	Tiles   []Tile
	Exports []Export          // what the host sees, by name
	Params  map[string]string // cslc --params as given, for out.json
	Colors  map[string]string // named colours, for out.json
	// Memcpy says that the program was compiled with --memcpy: the host talks to
	// it by launch and copy. H2D and D2H are the colours of its streams.
	Memcpy   bool
	H2D, D2H []uint8
	Ports    []Port // SdkLayout streams
}

// Rect is a rectangle of cores; X, Y its north-west corner.
type Rect struct{ X, Y, W, H int }

// Tile is one core: indices into Image.Programs and Image.RouteSets.
// Program is -1 for a core that has only a router.
type Tile struct {
	Program int32
	Routes  int32
}

// Tile gives the tile at x, y counted from the rectangle's corner.
func (im *Image) Tile(x, y int) *Tile { return &im.Tiles[y*im.Rect.W+x] }

// Port is a stream between the host and a router port at the edge of a region.
type Port struct {
	Name  string
	X, Y  int         // core, counted from the rectangle's corner
	Color uint8       // on this core's router
	Edge  machine.Dir // side at which wavelets enter (input) or leave (output)
	Input bool        // host to device
}

// RouteSet is the set-up of one router: a Route for each colour in use.
type RouteSet struct {
	Routes []Route // ascending by Color
}

// Route is the set-up of one colour in one router.
type Route struct {
	Color uint8
	// Pos holds the switch positions. Pos[0] is the initial route. In Pos[1..3]
	// an empty Rx or Tx means "as in the position before"; Valid marks those that
	// exist.
	Pos     [4]Position
	Pop     PopMode
	Ring    bool // after the last valid position comes position 0
	Current uint8
	SwapX   bool // colour swap for wavelets that cross east-west (WSE-2)
	SwapY   bool
	// Teardown marks a colour that starts in teardown: suspended until exited.
	Teardown bool
	Filter   *Filter // on what enters the ramp, nil for none
}

// Position is where a colour's wavelets come from and go to.
type Position struct {
	Rx, Tx machine.DirSet
	Valid  bool
}

// PopMode says when a router removes the first command of a control wavelet.
type PopMode uint8

// The pop modes of the SDK's switch configuration.
const (
	NoPop PopMode = iota
	AlwaysPop
	PopOnAdvance
	PopOnAdvanceNop
)

// FilterKind names the three filters of the SDK documentation.
type FilterKind uint8

// Counter drops wavelets by counting; Range by the index in the upper 16 bits.
const (
	FilterCounter FilterKind = iota
	FilterSparse
	FilterRange
)

// Filter decides which wavelets of a colour enter the core.
type Filter struct {
	Kind                  FilterKind
	CountData, CountCtrl  bool
	OnlyCtrl              bool // counter: pass nothing but control wavelets that come at Max
	Init, Max, Lim1, Lim2 uint16
	MinIdx, MaxIdx        uint16
}

// Export is something the host can name: a variable or a function.
type Export struct {
	ID      int
	Name    string
	Kind    ExportKind
	Type    string   // CSL type of the variable, e.g. "[*]f32"
	Args    []string // CSL types of a function's arguments
	Mutable bool
}

// ExportKind tells variables from functions, and from streams of SdkLayout.
type ExportKind uint8

// Kinds of exports, as in the host's symbol table.
const (
	ExportVar ExportKind = iota
	ExportFunc
	ExportStream
)

// Program is the code and the initial state of one kind of core.
type Program struct {
	Name  string // running number among the distinct programs, "N_M"
	File  string // CSL file that it was compiled from
	Code  []Instr
	DSD   []DSDOp // operand tables of the DSD instructions in Code
	Funcs []Func
	Data  []Segment // initialised memory, ascending, not overlapping
	// StackAt is the first word of the stack for locals whose address is taken;
	// words above it up to machine.SRAMWords are free.
	StackAt uint16
	Symbols []Symbol // every global, ascending by address
	// Exports maps Image.Exports[i].ID to a function index or a variable address.
	Exports []Binding
	Tasks   []Task
	Blocked uint64 // task ids that start blocked
	Active  uint64 // task ids that start activated
	In      [machine.Queues]Queue
	Out     [machine.Queues]Queue
	Fifos   []Fifo
	Rotate  []Rotation // at most MaxRotations, of different queues
	// Teardown maps a colour to the function that handles its teardown.
	Teardown map[uint8]int32
	// QueueEmpty maps an output queue to its empty-queue handler.
	QueueEmpty map[uint8]int32
	DSRs       []DSRInit  // descriptors loaded before the program starts
	Config     []ConfInit // registers written before the program starts, ascending
	Files      []string   // source files of Lines
	Lines      []Line     // ascending by PC
	Strings    []string   // texts of OpTrap: assertion messages, print formats
}

// Binding ties an exported name to this program.
type Binding struct {
	Export int   // index into Image.Exports
	Func   int32 // function index, or -1
	Addr   uint16
}

// Segment is a run of initialised memory.
type Segment struct {
	Addr  uint16
	Words []uint16
}

// Symbol is a named piece of memory.
type Symbol struct {
	Name  string
	Type  string // CSL type
	Addr  uint16
	Words int
	// Exported marks `export var`: readable by name through the host's debug interface.
	Exported bool
}

// Func is a function: where its code starts and what its frame holds.
// Arguments arrive in registers 0, 1, …; results leave in registers 0, 1, ….
type Func struct {
	Name    string
	PC      int32
	Args    int   // registers taken by arguments
	Regs    int   // registers of the frame, arguments included
	Words   int   // words of stack for locals whose address is taken
	Rets    int   // registers taken by the result
	ArgReps []Rep // representation of each argument register, for host calls and wavelets
}

// TaskKind says what starts a task.
type TaskKind uint8

// Local tasks are activated by the program, data tasks by a wavelet at the head
// of their queue, control tasks by a control wavelet that names them.
const (
	TaskLocal TaskKind = iota
	TaskData
	TaskControl
)

// Task binds a function to a task id. The argument registers of a data or
// control task are filled from the wavelet in order: a 32-bit argument takes all
// of it, the first 16-bit argument the low half, the second the high half.
type Task struct {
	ID   uint8
	Kind TaskKind
	Func int32
	// Queue is the input queue that feeds a data task; on WSE-2 the queue bound
	// to the colour ID. 255 for tasks of other kinds.
	Queue uint8
}

// Queue is an input or output queue of a core.
type Queue struct {
	Used  bool
	Color uint8
	// Control: an output queue that sends control wavelets.
	Control  bool
	Priority uint8
	Dense    bool
}

// Fifo is a ring in memory that operations use as source or destination.
type Fifo struct {
	Addr         uint16
	Words        uint16 // capacity
	ActivatePush int8   // task activated when data came after it was empty; -1 none
	ActivatePop  int8   // task activated when room came after it was full; -1 none
	// Empty and Full say what an operation does that finds no data, or no room.
	Empty, Full FifoAction
}

// FifoAction is what an operation does that a FIFO keeps from its next element.
type FifoAction uint8

// TestOrSuspend ends a synchronous operation with the result false and lets an
// asynchronous one wait.
const (
	FifoTestOrSuspend FifoAction = iota
	FifoTerminate                // end with the result true
	FifoSuspend                  // wait
	FifoFault                    // stop the core
)

// Rotation is a pair of tasks of one input queue (WSE-3): each start of the queue's
// data task is counted, and the one that finds the count at Limit starts Func
// instead and sets the count to 0. Func is also what control wavelets of the queue
// that name task 0 start.
type Rotation struct {
	Queue       uint8
	Func        int32
	Init, Limit uint16
}

// MaxRotations is the number of rotating pairs that a core has (SDK documentation
// of @bind_rotating_tasks).
const MaxRotations = 2

// DSRFile is one of the three files of data structure registers.
type DSRFile uint8

// The files, by the operand place they serve.
const (
	DSRDest DSRFile = iota
	DSRSrc0
	DSRSrc1
)

// DSRInit is a descriptor that is in a register before the program starts.
type DSRInit struct {
	File DSRFile
	ID   uint8
	DSD  [3]uint64 // encoded as by DSD.Encode
	// Opt are the options of the load; for operations that use the register.
	Opt DSDOptions
}

// ConfInit is a configuration register of the core and its value at the start.
// Registers of the router are not among them: routes and filters set those.
type ConfInit struct{ Addr, Value uint16 }

// Line ties code from PC on to a source line.
type Line struct {
	PC   int32
	File int32 // index into Program.Files
	Line int32
	Func int32
}
