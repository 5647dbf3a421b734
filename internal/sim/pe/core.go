package pe

import (
	"fmt"
	"strconv"

	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/sim/fabric"
)

// mainState is what the main thread does.
type mainState uint8

const (
	mainIdle mainState = iota
	mainRun            // has an instruction to issue at ready
	mainHold           // a memory operation keeps the datapath from holdFrom to ready
	mainOp             // a synchronous operation in slot mainSlot
)

// mainSlot is the place of the main thread among the microthreads.
const mainSlot = machine.Microthreads

// Limits of a core, each with its fault.
const (
	MaxCalls = 256
	MaxRegs  = 1 << 14
)

// Core is one core. Everything that a never-touched core needs is elsewhere, so
// this may be roomy.
type Core struct {
	// What every visit looks at comes first, in the order of use: with many cores
	// it is the number of cache lines that costs.
	tile      int32
	pc        int32
	state     mainState
	statState uint8
	dead      bool  // faulted, or halted by a trap
	away      bool  // in a burst: not to be visited
	flushing  bool  // an output queue is being flushed
	stall     stall // what a @map in the main thread waits for
	owes      bool
	utBlocked uint8
	mainPrio  uint8  // as in machine.RegMainPriority
	served    uint8  // microthread served last
	busy      uint16 // bit per slot with an operation
	statSince int64
	ready     int64
	holdFrom  int64
	timer     int64 // last timer asked for
	// ahead is the last cycle that a visit has done already, see lane.go.
	ahead    int64
	dsdUntil int64 // end of the cycles that the last element takes
	lane     bool  // all operations at work are plain
	spring   bool  // they are one, which sends from memory
	laneIn   uint16
	ramp     *fabric.Ramp

	ran     uint64 // task ids that have run, for explanations
	active  uint64
	blocked uint64
	cmds    []Command
	prog    *Program
	mem     []uint16 // grows to the highest word touched

	stats  Stats
	base   int32
	fn     int32
	regs   []uint64
	frames []frame
	ops    [machine.Microthreads + 1]*op

	x, y     int
	fault    *Fault // met while running ahead and not reported yet
	lastEnd  int64
	task     int16 // running task, -1 a host command
	sp       uint16
	lastTask uint8
	prng     uint8 // the active generator

	high     uint64 // task priority bits
	excMask  uint16
	ctrlMask uint16
	pending  uint32 // colours in teardown whose command has arrived
	tornNew  uint32 // of these, handler not run yet
	flushed  uint16 // queues whose flush has ended: in 0–7, out 8–15
	flushNew uint16

	fifos []fifo
	// rotated counts the starts of data tasks that rotate.
	rotated [image.MaxRotations]uint16
	dsrs    []dsr
	maps    []mapping
	conf    []confReg
	rnd     []uint32 // states of the generators, none before the first use
	spare   []*op

	frozen bool // cycle counter stopped
	tscOff int64
	tscAt  int64
}

// body is a core with its ramp: together, because they are visited together.
type body struct {
	core Core
	ramp fabric.Ramp
}

// frame is a caller's state.
type frame struct {
	pc, fn, base int32
	d            uint16
	sp           uint16
}

// stall is what the main thread waits for without having an operation.
type stall struct {
	on    bool
	queue int8
	out   bool
}

// Command is a launch by the host.
type Command struct {
	Func int32
	Args []uint16
	Due  int64
}

// Stats counts the cycles of a core by what it did, and its work.
type Stats struct {
	Scalar, DSD, Waiting, Idle int64
	Instructions, Operations   int64
	Elements, Tasks            int64
}

const (
	statIdle = iota
	statScalar
	statDSD
	statWaiting
)

func newCore(k *Cluster, t int32) *Core {
	p := k.Program(t)
	b := new(body)
	c := &b.core
	*c = Core{tile: t, prog: p, task: -1, statSince: k.Now, active: p.Active, blocked: p.Blocked, lastTask: 63, lastEnd: -1 << 32, ahead: -1}
	c.x, c.y = k.xy(t)
	c.ramp = &b.ramp
	c.ramp.Init(k.M, k.Grid.Table(t), &p.In, &p.Out)
	c.mem = make([]uint16, p.initWords)
	for _, s := range p.Data {
		copy(c.mem[s.Addr:], s.Words)
	}
	c.fifos = make([]fifo, len(p.Fifos))
	for i := range p.DSRs {
		d := &p.DSRs[i]
		c.setDSR(int(d.File), int(d.ID), &d.DSD, &d.Opt)
	}
	for i := range p.Rotate {
		c.rotated[i] = p.Rotate[i].Init
	}
	for _, r := range p.Config {
		k.setConf(c, r.Addr, r.Value)
	}
	c.sp = p.StackAt
	return c
}

// reg gives register i of the running frame.
func (c *Core) reg(i uint16) *uint64 { return &c.regs[int(c.base)+int(i)] }

// fault stops the core and records why.
func (k *Cluster) fault(c *Core, code, format string, args ...any) {
	if c.dead {
		return
	}
	c.dead = true
	f := Fault{Tile: c.tile, X: c.x, Y: c.y, Cycle: k.Now, PC: c.pc, Code: code, Message: fmt.Sprintf(format, args...)}
	f.Place = c.prog.Place(c.pc)
	if k.late {
		c.fault = &f // reported at its cycle, see step
		return
	}
	k.Faults = append(k.Faults, f)
}

// grow makes words up to end accessible; false if they are not memory.
func (k *Cluster) grow(c *Core, end int) bool {
	if end <= len(c.mem) {
		return true
	}
	if end > k.M.Core.SRAMWords {
		return false
	}
	// Growing by half keeps the number of copies small and the waste too: a wafer
	// has many cores.
	n := min(max(end, len(c.mem)+len(c.mem)/2), k.M.Core.SRAMWords)
	n = min((n+127)&^127, k.M.Core.SRAMWords)
	mem := make([]uint16, n)
	copy(mem, c.mem)
	c.mem = mem
	return true
}

// words makes memory [addr, addr+n) accessible or faults the core.
func (k *Cluster) words(c *Core, addr uint16, n int) bool {
	if int(addr)+n <= len(c.mem) || k.grow(c, int(addr)+n) {
		return true
	}
	k.fault(c, "S0102", "access to word %#x, but a core has %#x words of memory", int(addr)+n-1, k.M.Core.SRAMWords)
	return false
}

func (c *Core) load16(a uint16) uint32 { return uint32(c.mem[a]) }

func (c *Core) load32(a uint16) uint32 {
	return uint32(c.mem[a]) | uint32(c.mem[int(a)+1])<<16
}

// Mem reads memory for the host.
func (k *Cluster) Read(t int32, addr int, dst []uint16) bool {
	if addr+len(dst) > k.M.Core.SRAMWords {
		return false
	}
	clear(dst)
	if c := k.cores[t]; c != nil {
		if addr < len(c.mem) {
			copy(dst, c.mem[addr:])
		}
		return true
	}
	if p := k.Program(t); p != nil {
		for _, s := range p.Data {
			copyOverlap(dst, addr, s.Words, int(s.Addr))
		}
	}
	return true
}

// copyOverlap copies the part of src, which lies at srcAt, that dst at dstAt covers.
func copyOverlap(dst []uint16, dstAt int, src []uint16, srcAt int) {
	from, to := max(dstAt, srcAt), min(dstAt+len(dst), srcAt+len(src))
	if from < to {
		copy(dst[from-dstAt:to-dstAt], src[from-srcAt:to-srcAt])
	}
}

// Write sets memory for the host.
func (k *Cluster) Write(t int32, addr int, src []uint16) bool {
	if k.Program(t) == nil || addr+len(src) > k.M.Core.SRAMWords {
		return false
	}
	c := k.Core(t)
	if !k.grow(c, addr+len(src)) {
		return false
	}
	copy(c.mem[addr:], src)
	return true
}

// Start gives a core a command of the host.
func (k *Cluster) Start(t int32, cmd Command) {
	c := k.Core(t)
	c.cmds = append(c.cmds, cmd)
	if !c.owes && len(c.cmds) == 1 {
		k.Owed++
	}
	k.wakeAt(c, max(cmd.Due, k.Now+1))
}

func itoa(n int) string { return strconv.Itoa(n) }
