package machine

// Machine is a complete description of an engine: its grid, one core, one
// router, and what every action costs. It is immutable once loaded.
type Machine struct {
	// Name is the profile; Base the profile that a custom one started from.
	Name string `yaml:"name"`
	Base string `yaml:"base"`
	Arch Arch   `yaml:"arch"`
	// FabricW and FabricH are what cslc calls fabric-dims on the whole engine;
	// RectW and RectH the largest program rectangle.
	FabricW int `yaml:"fabric_w"`
	FabricH int `yaml:"fabric_h"`
	RectW   int `yaml:"rect_w"`
	RectH   int `yaml:"rect_h"`
	// ClockMHz only turns cycles into seconds. Nothing in a simulation uses it.
	ClockMHz int     `yaml:"clock_mhz"`
	Core     Core    `yaml:"core"`
	Net      Network `yaml:"net"`
	Costs    Costs   `yaml:"costs"`
	DSD      DSD     `yaml:"dsd"`
}

// Core is what one core has.
type Core struct {
	SRAMWords int         `yaml:"sram_words"`
	InDepth   [Queues]int `yaml:"in_depth"`  // words of each input queue
	OutDepth  [Queues]int `yaml:"out_depth"` // 0: the queue does not exist
	Filters   int         `yaml:"filters"`
}

// Network is the timing of routers and links, in cycles.
type Network struct {
	Hop      int `yaml:"hop"`       // router to router
	RampUp   int `yaml:"ramp_up"`   // output queue to router
	RampDown int `yaml:"ramp_down"` // router to input queue
	Buffer   int `yaml:"buffer"`    // wavelets a router holds for each input and colour
	// Of LinkPeriod cycles a link between routers rests one; 0 means it never rests.
	LinkPeriod int `yaml:"link_period"`
}

// Costs are the cycles that the main thread of a core spends on an instruction,
// from its issue to the issue of the next one.
type Costs struct {
	Scalar         int `yaml:"scalar"`           // one 16-bit or f32 machine instruction
	WideWords      int `yaml:"wide_words"`       // factor for each further word of an integer
	Mul32          int `yaml:"mul32"`            // 32-bit integer product
	Div            int `yaml:"div"`              // integer division, by software
	FDiv           int `yaml:"fdiv"`             // floating-point division, by software
	Sqrt           int `yaml:"sqrt"`             // square root, by software
	FPDependent    int `yaml:"fp_dependent"`     // added when the next instruction needs the result
	BranchTaken    int `yaml:"branch_taken"`     // conditional or not
	BranchNotTaken int `yaml:"branch_not_taken"` //
	Compare        int `yaml:"compare"`          // of a fused compare and branch, taken or not: the comparison until the branch may use it
	Call           int `yaml:"call"`
	Return         int `yaml:"return"`
	TaskWake       int `yaml:"task_wake"`   // activation on an idle core to first instruction
	TaskSwitch     int `yaml:"task_switch"` // end of a task to first instruction of the next
	Time           int `yaml:"time"`        // reading the cycle counter
	Config         int `yaml:"config"`      // access to a configuration register
	LoadDSR        int `yaml:"load_dsr"`    // one register load before a data operation
	FabricStart    int `yaml:"fabric_start"`
	Async          int `yaml:"async"` // launching a microthread, without its register loads
}

// DSD is the timing of data operations: cycles = setup + elements / rate.
type DSD struct {
	Setup Setup `yaml:"setup"`
	// ReadBits is what the memory gives the operands of one operation per cycle.
	ReadBits int `yaml:"read_bits"`
	// Width is elements per cycle at best, by builtin name; 1 where not listed.
	Width map[string]int `yaml:"width"`
	// RateMilli replaces the rate of an operation on memory: thousandths of an
	// element per cycle, by builtin name.
	RateMilli map[string]int `yaml:"rate_milli"`
	// ReduceMilli is the rate of a sum into one word.
	ReduceMilli int `yaml:"reduce_milli"`
	// StrideRule is "none", "doc" (the SDK appendix) or "linear": as doc, and in
	// addition a stride of s elements divides the width by s, as was measured.
	StrideRule string `yaml:"stride_rule"`
	// Banks doubles the time of two sources in conflicting banks.
	Banks bool `yaml:"banks"`
}

// Setup is the fixed part of a synchronous operation on memory, by its form.
type Setup struct {
	Move   int `yaml:"move"`   // one memory source
	Fill   int `yaml:"fill"`   // one scalar source
	Scale  int `yaml:"scale"`  // a memory source and a scalar
	Binary int `yaml:"binary"` // two memory sources
	FMA16  int `yaml:"fma16"`
	FMA32  int `yaml:"fma32"`
	Reduce int `yaml:"reduce"` // into one word
	// Loaded bounds it from above for an operation whose operands all lie in
	// registers already; 0 sets no bound.
	Loaded int `yaml:"loaded"`
}

// Switchable reports whether a colour has switch positions on this generation.
// Source: SDK documentation, tile_config.switch_config.
func (a Arch) Switchable(color int) bool {
	const wse3 = 0x3ff | 1<<12 | 1<<13 | 1<<16 | 1<<17 | 1<<20 | 1<<21
	return a == WSE2 || wse3>>color&1 == 1
}
