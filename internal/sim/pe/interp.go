package pe

import (
	"math"

	"wafer/internal/image"
	"wafer/internal/machine"
)

// exec issues the instruction at pc of the main thread at cycle k.Now and sets
// the cycle at which the next one may issue. Its effects happen now.
//
//tidy:dispatch
func (k *Cluster) exec(c *Core) {
	in := &c.prog.Code[c.pc]
	r := c.regs[c.base:]
	next := c.pc + 1
	cycles := int64(c.prog.cost[c.pc])
	switch in.Op {
	case image.OpNop:
	case image.OpConst:
		r[in.D] = uint64(in.Imm)
	case image.OpMov:
		for i := range uint16(max(1, in.R.Regs())) {
			r[in.D+i] = r[in.A+i]
		}
	case image.OpLoad:
		k.load(c, uint16(r[in.A])+uint16(in.Imm), in)
	case image.OpStore:
		k.store(c, uint16(r[in.A])+uint16(in.Imm), in)
	case image.OpLoadG:
		k.load(c, uint16(in.Imm), in)
	case image.OpStoreG:
		k.store(c, uint16(in.Imm), in)
	case image.OpFrame:
		r[in.D] = uint64(c.sp + uint16(in.Imm))
	case image.OpCopy:
		k.copyWords(c, uint16(r[in.D]), uint16(r[in.A]), int(in.Imm))
	case image.OpAdd, image.OpSub, image.OpMul, image.OpDiv, image.OpMod, image.OpAnd, image.OpOr, image.OpXor,
		image.OpShl, image.OpShr, image.OpMin, image.OpMax:
		v, ok := k.binary(in.Op, in.R, r[in.A], r[in.B])
		if !ok {
			k.fault(c, "S0103", "integer division by zero")
			return
		}
		r[in.D] = v
		k.except(c, in, v)
	case image.OpAddI:
		r[in.D] = normal(in.R, r[in.A]+uint64(in.Imm))
	case image.OpFMA:
		r[in.D] = k.fma(in.R, r[in.A], r[in.B], r[in.D])
		k.except(c, in, r[in.D])
	case image.OpNeg, image.OpNot, image.OpAbs, image.OpClz, image.OpCtz, image.OpPopcnt, image.OpSqrt:
		r[in.D] = k.unary(in.Op, in.R, r[in.A])
	case image.OpEq, image.OpNe, image.OpLt, image.OpLe:
		r[in.D] = sticky(boolBits(k.holds(in.Op, in.R, r[in.A], r[in.B])))
	case image.OpConv:
		r[in.D] = k.convert(image.Rep(in.Imm), in.R, r[in.A])
	case image.OpBits:
		r[in.D] = normal(in.R, r[in.A])
	case image.OpJump:
		next = int32(in.Imm)
	case image.OpIf, image.OpIfNot:
		if (r[in.A]&1 == 1) == (in.Op == image.OpIf) {
			next, cycles = int32(in.Imm), int64(k.M.Costs.BranchTaken)
		}
	case image.OpIfEq, image.OpIfNe, image.OpIfLt, image.OpIfLe:
		if k.holds(in.Op-image.OpIfEq+image.OpEq, in.R, r[in.A], r[in.B]) {
			next, cycles = int32(in.Imm), int64(k.M.Costs.Compare+k.M.Costs.BranchTaken)
		}
	case image.OpCall, image.OpCallReg:
		fn := int32(in.Imm)
		if in.Op == image.OpCallReg {
			fn = int32(uint16(r[in.A]))
		}
		if !k.call(c, fn, in.D) {
			return
		}
		next = c.prog.Funcs[fn].PC
	case image.OpRet:
		if len(c.frames) == 0 {
			k.endTask(c)
			return
		}
		next = k.ret(c)
	case image.OpActivate, image.OpBlock, image.OpUnblock:
		id := in.Imm
		if id < 0 {
			id = int64(r[in.A])
		}
		k.taskBit(c, in.Op, int(id))
	case image.OpDSD:
		cycles = k.startDSD(c, in)
		if c.dead {
			return
		}
	case image.OpLoadDSR:
		k.loadDSR(c, in)
	case image.OpDSDLen:
		r[in.D] = r[in.A]&^0xffff0000 | uint64(uint16(r[in.B]))<<16
		k.copyTail(r, in)
	case image.OpDSDBase:
		r[in.D] = r[in.A]&^0xffff | uint64(uint16(r[in.B]))
		k.copyTail(r, in)
	case image.OpDSDStride:
		r[in.D] = r[in.A]&^0xffff00000000 | uint64(uint16(r[in.B]))<<32
		k.copyTail(r, in)
	case image.OpDSDAdd:
		r[in.D] = r[in.A]&^0xffff | uint64(uint16(r[in.A])+uint16(r[in.B]))
		k.copyTail(r, in)
	case image.OpMapStart:
		k.mapStart(c, &c.prog.DSD[in.Imm])
	case image.OpMapFetch:
		if !k.mapFetch(c, in) {
			return // waits; the instruction is issued again
		}
	case image.OpMapStore:
		if !k.mapStore(c, r[in.A]) {
			return
		}
	case image.OpTime:
		k.time(c, uint16(r[in.A]))
	case image.OpTimer:
		k.timerSwitch(c, in.Imm != 0)
	case image.OpRandom:
		r[in.D] = uint64(c.random())
	case image.OpPRNG:
		c.generator(in.Imm != 0, uint32(r[in.A]))
	case image.OpGetConf:
		r[in.D] = uint64(k.getConf(c, confAddr(in, r)))
	case image.OpSetConf:
		k.setConf(c, confAddr(in, r), uint16(r[in.B]))
	case image.OpPE:
		r[in.D] = uint64([4]int{c.x, c.y, k.W, k.H}[in.Imm&3])
	case image.OpFlush:
		k.flush(c, int(in.Imm)&15)
	case image.OpFifoSet:
		k.fifoSet(c, int(in.Imm&255), uint16(in.Imm>>8), uint16(r[in.A]))
	case image.OpHostDone:
		k.hostDone(c)
	case image.OpPrint:
		k.print(c, in)
	case image.OpTrap:
		k.fault(c, "S0104", "%s", k.text(c, c.prog.prints[in.Imm], in.A))
		return
	default:
		k.fault(c, "S0105", "instruction %d does not exist", in.Op)
	}
	if c.dead {
		return
	}
	c.pc = next
	c.stats.Instructions++
	if c.state == mainRun {
		c.ready = k.Now + cycles
	}
}

func boolBits(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// copyTail copies the further registers of a mem4d descriptor.
func (k *Cluster) copyTail(r []uint64, in *instr) {
	if in.R == image.DSD4 {
		r[in.D+1], r[in.D+2] = r[in.A+1], r[in.A+2]
	}
}

func (k *Cluster) holds(op image.Op, rep image.Rep, a, b uint64) bool {
	eq, lt, le := k.compare(rep, a, b)
	switch op {
	case image.OpEq:
		return eq
	case image.OpNe:
		return !eq
	case image.OpLt:
		return lt
	}
	return le
}

// confAddr is the register number of OpGetConf and OpSetConf: in register A, or
// imm where that is given.
func confAddr(in *instr, r []uint64) uint16 {
	if in.Imm != 0 {
		return uint16(in.Imm)
	}
	return uint16(r[in.A])
}

// load and store reach configuration registers too: programs cast integers to
// pointers.
func (k *Cluster) load(c *Core, a uint16, in *instr) {
	r := c.regs[int(c.base)+int(in.D):]
	if a >= machine.ConfigBase {
		r[0] = normal(in.R, uint64(k.getConf(c, a)))
		return
	}
	n := in.R.Words()
	if !k.words(c, a, n) {
		return
	}
	if in.R == image.DSD4 {
		for i := range 3 {
			r[i] = c.load64(a + uint16(4*i))
		}
		return
	}
	switch n {
	case 1:
		r[0] = normal(in.R, uint64(c.mem[a]))
	case 2:
		r[0] = normal(in.R, uint64(c.load32(a)))
	default:
		r[0] = c.load64(a)
	}
}

func (c *Core) load64(a uint16) uint64 {
	return uint64(c.load32(a)) | uint64(c.load32(a+2))<<32
}

func (k *Cluster) store(c *Core, a uint16, in *instr) {
	r := c.regs[int(c.base)+int(in.D):]
	if a >= machine.ConfigBase {
		k.setConf(c, a, uint16(r[0]))
		return
	}
	n := in.R.Words()
	if !k.words(c, a, n) {
		return
	}
	for i := range n {
		c.mem[int(a)+i] = uint16(r[i/4] >> (16 * (i % 4)))
	}
}

func (k *Cluster) copyWords(c *Core, d, s uint16, n int) {
	if k.words(c, d, n) && k.words(c, s, n) {
		copy(c.mem[d:int(d)+n], c.mem[s:int(s)+n])
	}
}

// enter makes a frame for fn with its registers behind those in use.
func (k *Cluster) enter(c *Core, fn, base int32) bool {
	if fn < 0 || int(fn) >= len(c.prog.Funcs) {
		k.fault(c, "S0106", "call of function %d, the program has %d", fn, len(c.prog.Funcs))
		return false
	}
	f := &c.prog.Funcs[fn]
	need := int(base) + f.Regs + 8 // results may take more registers than the frame
	if need > MaxRegs || len(c.frames) > MaxCalls {
		k.fault(c, "S0107", "calls nested deeper than %d; the machine has no room for such recursion", MaxCalls)
		return false
	}
	if len(c.regs) < need {
		c.regs = append(c.regs, make([]uint64, need-len(c.regs))...)
	}
	c.fn, c.base = fn, base
	return true
}

// fits reports whether a call of fn finds registers and stack.
func (k *Cluster) fits(c *Core, fn int32) bool {
	from, to := &c.prog.Funcs[c.fn], &c.prog.Funcs[fn]
	return int(c.base)+from.Regs+to.Regs+8 <= MaxRegs && len(c.frames) < MaxCalls && int(c.sp)+from.Words+to.Words <= k.M.Core.SRAMWords
}

func (k *Cluster) call(c *Core, fn int32, d uint16) bool {
	old := frame{pc: c.pc + 1, fn: c.fn, base: c.base, d: d, sp: c.sp}
	from := &c.prog.Funcs[c.fn]
	if !k.enter(c, fn, c.base+int32(from.Regs)) {
		return false
	}
	to := &c.prog.Funcs[fn]
	copy(c.regs[c.base:], c.regs[int(old.base)+int(d):int(old.base)+int(d)+to.Args])
	c.frames = append(c.frames, old)
	c.sp += uint16(from.Words)
	if int(c.sp)+to.Words > k.M.Core.SRAMWords {
		k.fault(c, "S0108", "the stack of %s does not fit into memory", to.Name)
		return false
	}
	return true
}

func (k *Cluster) ret(c *Core) int32 {
	f := c.frames[len(c.frames)-1]
	c.frames = c.frames[:len(c.frames)-1]
	n := c.prog.Funcs[c.fn].Rets
	copy(c.regs[int(f.base)+int(f.d):int(f.base)+int(f.d)+n], c.regs[c.base:int(c.base)+n])
	c.fn, c.base, c.sp = f.fn, f.base, f.sp
	return f.pc
}

// taskBit changes the state of a task, or of a microthread: id 64 and on.
func (k *Cluster) taskBit(c *Core, op image.Op, id int) {
	if id >= machine.MaxTasks {
		bit := uint8(1) << (id & 7)
		if c.utBlocked &^= bit; op == image.OpBlock {
			c.utBlocked |= bit
		}
		return
	}
	bit := uint64(1) << id
	switch op {
	case image.OpActivate:
		c.active |= bit
	case image.OpBlock:
		c.blocked |= bit
	case image.OpUnblock:
		c.blocked &^= bit
	}
}

func (k *Cluster) print(c *Core, in *instr) {
	k.Prints = append(k.Prints, Print{c.x, c.y, k.Now, k.text(c, c.prog.prints[in.Imm], in.A)})
}

// counter is the value of the cycle counter.
func (k *Cluster) counter(c *Core) uint64 {
	if c.frozen {
		return uint64(c.tscAt)
	}
	return uint64(k.Now - c.tscOff)
}

func (k *Cluster) time(c *Core, a uint16) {
	if k.words(c, a, 3) {
		t := k.counter(c)
		for i := range 3 {
			c.mem[int(a)+i] = uint16(t >> (16 * i))
		}
	}
}

// timerSwitch stops the counter or lets it go on from where it stands.
func (k *Cluster) timerSwitch(c *Core, on bool) {
	switch {
	case !on && !c.frozen:
		c.tscAt, c.frozen = int64(k.counter(c)), true
	case on && c.frozen:
		c.tscOff, c.frozen = k.Now-c.tscAt, false
	}
}

// prngSeed is the state of every generator at the start.
const prngSeed = 0xdeadbeef

// generator chooses the active generator, or gives it a new state.
func (c *Core) generator(seed bool, v uint32) {
	if !seed {
		c.prng = uint8(v % machine.PRNGs)
		return
	}
	c.rnd = c.generators()
	c.rnd[c.prng] = v
}

// generators gives the states, made at the first use.
func (c *Core) generators() []uint32 {
	for len(c.rnd) < machine.PRNGs {
		c.rnd = append(c.rnd, prngSeed)
	}
	return c.rnd
}

// random gives the next number of the active generator: a shift register over
// x^23 + x^18 + 1 that starts at 0xdeadbeef and advances by 128 steps after every
// use (SDK documentation of @random16). Which 16 bits are the number is not
// published. ASSUMED(prng-bits)
func (c *Core) random() uint16 {
	const steps = 128
	s := c.generators()[c.prng]
	v := uint16(s)
	for range steps {
		s = s<<1 | (s>>22^s>>17)&1
	}
	c.rnd[c.prng] = s
	return v
}

// except stops a core at a floating-point result whose exception the program has
// unmasked. By default all are masked. Underflow and inexact are not watched.
func (k *Cluster) except(c *Core, in *instr, v uint64) {
	if c.excMask == 0 || !in.R.Float() {
		return
	}
	x := k.toFloat(in.R, v)
	div := in.Op == image.OpDiv && math.IsInf(x, 0)
	switch {
	case c.excMask&machine.ExceptionInvalid != 0 && x != x:
		k.fault(c, "S0119", "invalid floating-point operation, an exception that the program unmasked")
	case c.excMask&machine.ExceptionDivByZero != 0 && div:
		k.fault(c, "S0119", "floating-point division by zero, an exception that the program unmasked")
	case c.excMask&machine.ExceptionOverflow != 0 && math.IsInf(x, 0) && !div:
		k.fault(c, "S0119", "floating-point overflow, an exception that the program unmasked")
	}
}
