package machine

// The configuration registers of a core and its router, as word addresses beyond
// the SRAM. Programs reach them by @get_config, @set_config and by integers cast
// to pointers; a pointer made that way holds the byte address, twice the word
// address, and the simulated core takes both.
//
// The places and bits of the colour and switch registers are those that comments
// in the published examples name (csl-examples, spmv-hypersparse). All others
// are our own choice: the vendor has not published them, and programs reach them
// only through <tile_config>. ASSUMED(config-map)
const (
	// ConfigBase is the first word address that is a register and not memory.
	ConfigBase = 0x7000
	// ConfigBytes is the first byte address of the registers as a pointer.
	ConfigBytes = 2 * ConfigBase

	// RegFilter + 8*color is the block of the filter of a colour: <tile_config>
	// and @get_filter_id name a filter by the number of its colour.
	RegFilter = 0x7d00

	// RegTeardownPending: colours 0–15 whose teardown command has arrived and that
	// have not exited; the next word has colours 16–23. Writing a bit as 0 clears it.
	RegTeardownPending = 0x7f00
	// RegTaskPriority..+3: one bit a task id, 1 high. Word k has ids 16k to 16k+15.
	RegTaskPriority = 0x7f04
	// RegMainPriority: 0 MEDIUM_LOW, 1 MEDIUM, 2 MEDIUM_HIGH, 3 HIGH.
	RegMainPriority = 0x7f08
	// RegExceptions: the exception mask, see Exception*.
	RegExceptions = 0x7f09
	// RegFlush: bits 0–7 input queues, 8–15 output queues whose flush has ended.
	// Any write clears the bits that are 0 in the value.
	RegFlush = 0x7f0a
	// RegInStatus, RegOutStatus: bit q queue q empty, bit 8+q full. Read only.
	RegInStatus  = 0x7f0b
	RegOutStatus = 0x7f0c
	// RegControlMask: the mask of control_transform.
	RegControlMask = 0x7f0d
	// RegInQueue + q, RegOutQueue + q: bits 0–4 the colour of a queue, 31 none;
	// bit 15 set while the queue is in use.
	RegInQueue  = 0x7f10
	RegOutQueue = 0x7f18

	// RegColor + color: bits 0–4 tx west, east, south, north, ramp at position 0;
	// 5–9 rx likewise; 10 swap north-south inputs; 11 swap east-west inputs;
	// 12–13 pop mode; 14 teardown in progress.
	RegColor = 0x7f20
	// RegSwitch + color: 0–2 direction of position 1, 3 its side (1 input,
	// 0 output); 4–7 position 2; 8–11 position 3; 12 ring mode; 13–14 current
	// position. Directions: 0 west, 1 east, 2 south, 3 north, 4 ramp, 5 invalid.
	RegSwitch = 0x7f40
	// RegSwitchTx + color (WSE-3): 0–2 tx direction of position 1 where its side in
	// RegSwitch is input; 4–6 position 2; 8–10 position 3; 5 means as position 0.
	RegSwitchTx = 0x7f60

	// RegTime..+2: the cycle counter, low word first. Writing any resets it.
	RegTime = 0x7f80
)

// ReservedConfig reports a register that the compiler sets up and that a program
// may touch at run time only: routing, switches, filters and input queues (SDK
// documentation of @get_config).
func ReservedConfig(addr uint16) bool {
	in := func(from, n uint16) bool { return addr >= from && addr-from < n }
	return in(RegFilter, FilterRegs*Colors) || in(RegColor, Colors) || in(RegSwitch, Colors) ||
		in(RegSwitchTx, Colors) || in(RegInQueue, Queues)
}

// ConfigDefault gives the value that a register has before anything is written;
// ok is false where the machine's state decides.
func ConfigDefault(addr uint16) (v uint16, ok bool) {
	switch {
	case addr >= RegTaskPriority && addr <= RegMainPriority, addr == RegExceptions, addr == RegControlMask:
		return 0, true
	}
	return 0, false
}

// Registers of a filter's block.
const (
	FilterLimit1  = 0 // also "active limit"
	FilterMax     = 1
	FilterCounter = 2
	FilterLimit2  = 3
	FilterMin     = 4
	FilterMaxIdx  = 5
	FilterState   = 6 // 0 pass, 1 drop: whether the next wavelet counted is dropped
	FilterRegs    = 8
)

// Bits of RegColor.
const (
	ColorRx       = 5
	ColorSwapNS   = 1 << 10
	ColorSwapEW   = 1 << 11
	ColorPop      = 12
	ColorTeardown = 1 << 14
)

// Bits of RegSwitch.
const (
	SwitchInput   = 8 // in the nibble of a position
	SwitchRing    = 1 << 12
	SwitchCurrent = 13
	SwitchInvalid = 5
)

// Exceptions that RegExceptions can unmask: a set bit stops the core.
const (
	ExceptionInvalid = 1 << iota
	ExceptionDivByZero
	ExceptionOverflow
	ExceptionUnderflow
	ExceptionInexact
	ExceptionSoftware
	ExceptionPerf0
	ExceptionPerf1
)

// regDirs are the ports in the order of the register bits.
var regDirs = [Dirs]Dir{West, East, South, North, Ramp}

// RegBits packs a set of ports as the colour register has it.
func (s DirSet) RegBits() uint16 {
	var v uint16
	for i, d := range regDirs {
		if s.Has(d) {
			v |= 1 << i
		}
	}
	return v
}

// DirsOfBits is the inverse of RegBits.
func DirsOfBits(v uint16) DirSet {
	var s DirSet
	for i, d := range regDirs {
		if v>>i&1 == 1 {
			s |= 1 << d
		}
	}
	return s
}

// RegDir numbers a port as the switch register does; a set of none is invalid
// and of a set of several the first in register order stands.
func (s DirSet) RegDir() uint16 {
	for i, d := range regDirs {
		if s.Has(d) {
			return uint16(i)
		}
	}
	return SwitchInvalid
}

// DirsOfReg is the inverse of RegDir; ok is false for an invalid position.
func DirsOfReg(v uint16) (s DirSet, ok bool) {
	if v &= 7; v < Dirs {
		return Set(regDirs[v]), true
	}
	return 0, false
}
