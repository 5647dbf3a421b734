package pe

import (
	"math/bits"

	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/sim/fabric"
)

// Infinite is the length of an operation that only a control wavelet ends.
// Source: comments in the published examples (spmv-hypersparse).
const Infinite = 0x7fff

// place says where an operand's elements are.
type place uint8

const (
	atNone place = iota
	atScalar
	atMem
	atIn
	atOut
	atFifo
)

// operand is one operand of an operation at work.
type operand struct {
	at      place
	wide    bool // 32-bit elements
	ptr     bool // a pointer to a scalar: memory without a length
	pair    bool // two 16-bit elements a wavelet
	index   bool // wavelet_index_offset
	control bool // sends control wavelets
	advance bool // sends ADVANCE after the last wavelet
	relay   bool // control_transform
	length  uint16
	q       uint8 // queue or FIFO
	color   uint8
	dsr     int8 // register to write the address back to, -1 none
	val     uint32
	iter    iter
	word    uint32 // a wavelet that is half consumed or half filled
	half    bool
}

// iter walks memory. Each stride is relative to where the loop inside ended.
type iter struct {
	addr   uint16
	dims   uint8
	stride [4]int16 // in words
	length [4]uint16
	count  [4]uint16
}

// next moves to the following element. The outermost dimension has no end: the
// operation's length decides.
func (it *iter) next() {
	if it.dims <= 1 {
		it.addr += uint16(it.stride[0])
		return
	}
	last := int(it.dims) - 1
	for d := range last {
		if it.count[d]++; it.count[d] < it.length[d] {
			it.addr += uint16(it.stride[d])
			return
		}
		it.count[d] = 0
	}
	it.addr += uint16(it.stride[last])
}

// circular walks a ring of n elements: a row that begins again.
func circular(addr, n uint16, words int16) iter {
	return iter{addr: addr, dims: 2, stride: [4]int16{words, -int16(n-1) * words}, length: [4]uint16{n}}
}

// op is a data operation at work in a microthread or in the main thread.
type op struct {
	kind    image.DSDKindOp
	nsrc    uint8
	slot    uint8
	prio    uint8
	onCtrl  uint8
	async   bool
	endless bool
	tail    bool // data done, the ADVANCE is still to be sent
	hasIdx  bool
	plain   bool   // may be a lane
	lanes   uint16 // input queues it reads, when plain
	index   uint16
	act     int16
	unb     int16
	result  uint16 // register of the bool, main thread only
	per     uint8  // elements a turn
	turn    uint16 // cycles a turn
	carry   uint16
	n, done uint32
	tryAt   uint32 // elements done from which to look for a burst
	readyAt int64
	pc      int32
	in      *operand // the source that is a queue, when plain
	dst     operand
	src     [3]operand
}

// dsr is a data structure register: a descriptor and the options it was loaded with.
type dsr struct {
	set    bool
	d      dsd
	start  uint16 // base at the load: a circular buffer returns to it
	async  bool
	save   bool
	act    int16
	unb    int16
	ut     int8
	onCtrl uint8
	prio   uint8
}

const dsrFiles = 3

// setDSR loads a register, with options or without. It is written in place, field by
// field: this is frequent, and copies of structs that were just made stall.
func (c *Core) setDSR(file, id int, w *[3]uint64, o *image.DSDOptions) {
	if c.dsrs == nil {
		c.dsrs = make([]dsr, dsrFiles*machine.DSRs)
	}
	x := &c.dsrs[file*machine.DSRs+id]
	x.d.Decode(w)
	x.set, x.start = true, x.d.Base
	x.async, x.onCtrl, x.prio = false, 0, 0
	x.save = x.d.Flags&image.FlagSaveAddress != 0
	x.act, x.unb, x.ut = -1, -1, -1
	if o != nil {
		x.async, x.ut, x.onCtrl, x.prio = o.Async, o.UT, o.OnControl, o.Priority
		x.save = x.save || o.SaveAddr
		x.act, x.unb = c.taskOf(o.Activate, o.ActReg), c.taskOf(o.Unblock, o.ActReg)
	}
}

// loadDSR executes OpLoadDSR.
func (k *Cluster) loadDSR(c *Core, in *instr) {
	file, id := int(in.B>>8), int(in.B&31)
	if file >= dsrFiles || id >= machine.DSRs {
		k.fault(c, "S0111", "data structure register %d of file %s does not exist", id, fileName(image.DSRFile(file)))
		return
	}
	var o *image.DSDOptions
	if in.Imm >= 0 {
		o = &c.prog.DSD[in.Imm].Opt
	}
	w := c.dsdAt(in.A, in.R)
	c.setDSR(file, id, &w, o)
}

// taskOf resolves a completion action: -2 means the id is in a register.
func (c *Core) taskOf(id int16, reg uint16) int16 {
	if id == -2 {
		return int16(*c.reg(reg))
	}
	return id
}

// dsdAt reads a descriptor from registers. Only a mem4d one has three.
func (c *Core) dsdAt(r uint16, rep image.Rep) [3]uint64 {
	w := [3]uint64{*c.reg(r)}
	if rep == image.DSD4 || image.DSDKind(w[0]>>48&7) == image.Mem4D {
		w[1], w[2] = *c.reg(r + 1), *c.reg(r + 2)
	}
	return w
}

// keep moves an operation that will take time from the cluster's place for it to
// one of the core.
func (c *Core) keep(o *op) *op {
	p := new(op)
	if n := len(c.spare); n > 0 {
		p = c.spare[n-1]
		c.spare = c.spare[:n-1]
	}
	*p = *o
	return p
}

// decode resolves OpDSD: its operands, options and length. What it gives is valid
// until the next call; nil after a fault. ut is the microthread asked for, loads the
// number of registers that have to be loaded.
func (k *Cluster) decode(c *Core, in *instr) (o *op, ut int8, loads int) {
	d := &c.prog.DSD[in.Imm]
	info := &image.DSDTable[d.Kind]
	o = &k.scratch
	*o = op{}
	o.kind, o.nsrc, o.pc, o.result = d.Kind, d.NSrc, c.pc, in.D
	o.act, o.unb = c.taskOf(d.Opt.Activate, d.Opt.ActReg), c.taskOf(d.Opt.Unblock, d.Opt.ActReg)
	o.async, o.onCtrl, o.prio = d.Opt.Async, d.Opt.OnControl, d.Opt.Priority
	if o.hasIdx = d.Opt.Index; o.hasIdx {
		o.index = uint16(*c.reg(d.Opt.IndexReg))
	}
	ut = d.Opt.UT
	if !k.operand(c, o, &o.dst, &d.Dest, info.Dest, &ut, &loads) {
		return nil, 0, 0
	}
	for i := range d.NSrc {
		if !k.operand(c, o, &o.src[i], &d.Src[i], info.Src[i], &ut, &loads) {
			return nil, 0, 0
		}
	}
	o.measure()
	return o, ut, loads
}

// memoryDSD executes OpDSD if it is synchronous and touches nothing but memory. If
// it is not, nothing is done and the result is false.
func (k *Cluster) memoryDSD(c *Core, in *instr) bool {
	d := &c.prog.DSD[in.Imm]
	if d.Opt.Async {
		return false
	}
	o, _, _ := k.decode(c, in)
	if o == nil {
		return true
	}
	if o.async || !o.onlyMemory() {
		return false
	}
	c.stats.Operations++
	k.memoryOp(c, o, d)
	return true
}

// startDSD executes OpDSD: it begins the operation, and completes it at once when
// it is synchronous and touches nothing but memory. It returns the cycles until
// the main thread may issue again; a synchronous operation holds it longer.
func (k *Cluster) startDSD(c *Core, in *instr) int64 {
	d := &c.prog.DSD[in.Imm]
	o, ut, loads := k.decode(c, in)
	if o == nil {
		return 0
	}
	c.stats.Operations++
	if !o.async && o.onlyMemory() {
		return k.memoryOp(c, o, d)
	}
	o = c.keep(o)
	setup := int64(loads * k.M.Costs.LoadDSR)
	k.tariff.pace(o)
	o.readyAt = k.Now + setup + int64(k.M.Costs.FabricStart)
	if !o.async {
		o.slot = mainSlot
		c.state, c.ready = mainOp, o.readyAt
		k.claim(c, o)
		return 0
	}
	o.slot = uint8(k.microthread(c, o, ut))
	if !k.claim(c, o) {
		return 0
	}
	*c.reg(in.D) = 1
	return setup + int64(k.M.Costs.Async)
}

// operand resolves an operand of an instruction. Options that came with a
// register count before those of the instruction, in the order destination,
// first source, second source (SDK documentation, microthread ids).
func (k *Cluster) operand(c *Core, o *op, x *operand, s *image.Operand, rep image.Rep, ut *int8, loads *int) bool {
	x.dsr, x.color, x.wide = -1, fabric.NoColor, rep.Words() == 2
	switch s.Mode {
	case image.ModeNone:
	case image.ModeReg:
		x.at, x.val = atScalar, uint32(*c.reg(s.Reg))
		if !x.wide {
			x.val &= 0xffff
		}
	case image.ModePtr:
		x.at, x.ptr, x.iter = atMem, true, iter{addr: uint16(*c.reg(s.Reg)), dims: 1}
	case image.ModeDSD:
		*loads++
		// The commonest descriptor by far: memory in one dimension, no options.
		if w := *c.reg(s.Reg); w>>48 == uint64(image.Mem1D) {
			x.at, x.length = atMem, uint16(w>>16)
			x.iter.addr, x.iter.dims, x.iter.stride[0] = uint16(w), 1, int16(w>>32)
			if x.wide {
				x.iter.stride[0] *= 2
			}
			return true
		}
		d := image.DecodeDSD(c.dsdAt(s.Reg, s.Rep))
		o.fromDSD(x, &d)
		if d.Kind == image.FifoDSD {
			return k.fromFifo(c, o, x, int(d.Base))
		}
	case image.ModeDSR:
		return k.fromDSR(c, o, x, s, ut)
	case image.ModeFifo:
		return k.fromFifo(c, o, x, int(s.Num))
	}
	return true
}

func (k *Cluster) fromDSR(c *Core, o *op, x *operand, s *image.Operand, ut *int8) bool {
	i := int(s.File)*machine.DSRs + int(s.Num)
	if c.dsrs == nil || i >= len(c.dsrs) || !c.dsrs[i].set {
		k.fault(c, "S0112", "data structure register %d of file %s was never loaded", s.Num, fileName(s.File))
		return false
	}
	r := &c.dsrs[i]
	o.fromDSD(x, &r.d)
	if r.d.Kind == image.FifoDSD && !k.fromFifo(c, o, x, int(r.d.Base)) {
		return false
	}
	if r.save {
		x.dsr = int8(i)
	}
	if r.d.Kind == image.CircBuf {
		x.iter.count[0] = (r.d.Base - r.start) / x.words()
	}
	o.async = o.async || r.async
	if r.async && r.ut >= 0 && (*ut < 0 || x == &o.dst) {
		*ut = r.ut
	}
	if o.act < 0 && o.unb < 0 {
		o.act, o.unb = r.act, r.unb
	}
	if o.onCtrl == 0 {
		o.onCtrl = r.onCtrl
	}
	if o.prio == 0 {
		o.prio = r.prio
	}
	return true
}

func fileName(f image.DSRFile) string {
	if f >= dsrFiles {
		return "number " + itoa(int(f))
	}
	return [...]string{"dest", "src0", "src1"}[f]
}

func (o *op) fromDSD(x *operand, d *dsd) {
	words := int16(1)
	if x.wide {
		words = 2
	}
	x.length = d.Length[0]
	x.index = d.Flags&image.FlagIndexed != 0
	switch d.Kind {
	case image.CircBuf:
		x.at, x.iter = atMem, circular(d.Base, uint16(d.Stride[0]), words)
	case image.Mem1D:
		x.at, x.iter = atMem, iter{addr: d.Base, dims: 1, stride: [4]int16{d.Stride[0] * words}}
	case image.Mem4D:
		x.at, x.iter = atMem, iter{addr: d.Base, dims: max(1, d.Dims), length: d.Length}
		n := uint32(1)
		for i := range x.iter.dims {
			x.iter.stride[i] = d.Stride[i] * words
			n *= uint32(d.Length[i])
		}
		x.length = uint16(min(n, Infinite-1))
	case image.FabIn, image.FabOut:
		x.at, x.q, x.color = atIn, d.Queue, d.Color
		x.pair = !x.wide && d.Flags&(image.FlagSIMD32|image.FlagSIMD64) != 0
		x.relay = d.Flags&image.FlagTransform != 0
		if d.Kind == image.FabOut {
			x.at = atOut
			x.control = d.Flags&image.FlagControl != 0
			x.advance = d.Flags&image.FlagAdvanceSwitch != 0
		}
		if p := uint8(d.Flags / image.FlagPriorityLow & 3); p != 0 {
			o.prio = p
		}
	}
	if x.at == atMem && x.index && o.hasIdx {
		x.iter.addr += o.index
	}
}

func (k *Cluster) fromFifo(c *Core, o *op, x *operand, f int) bool {
	if f >= len(c.fifos) {
		k.fault(c, "S0118", "FIFO %d does not exist", f)
		return false
	}
	x.at, x.q = atFifo, uint8(f)
	if x.length = c.fifos[f].readLen; x == &o.dst {
		x.length = c.fifos[f].writeLen
	}
	return true
}

// measure fixes the length: that of the first source that has one, else of the
// next, else of the destination; with scalars alone 1. Source: comments in the
// published examples (spmv-hypersparse, length of the vector instruction).
func (o *op) measure() {
	vectors := 0
	for i := range int(o.nsrc) + 1 {
		x := &o.dst
		if i < int(o.nsrc) {
			x = &o.src[i]
		}
		if x.ptr || x.at == atScalar || x.at == atNone || x.at == atFifo && x.length == 0 {
			continue // has no length of its own
		}
		vectors++
		if x.length != 0 {
			o.n, o.endless = uint32(x.length), x.length == Infinite
			return
		}
	}
	if vectors == 0 {
		o.n = 1
	}
}

func (o *op) onlyMemory() bool {
	for i := range o.nsrc {
		if o.src[i].at == atIn || o.src[i].at == atFifo {
			return false
		}
	}
	return o.dst.at == atMem || o.dst.at == atNone || o.dst.at == atScalar
}

// microthread chooses the thread of an asynchronous operation: as told, else that
// of the output queue, else of the first input queue, else the lowest free one.
func (k *Cluster) microthread(c *Core, o *op, ut int8) int {
	if ut >= 0 {
		return int(ut & 7)
	}
	if o.dst.at == atOut {
		return int(o.dst.q)
	}
	for i := range o.nsrc {
		if o.src[i].at == atIn {
			return int(o.src[i].q)
		}
	}
	return bits.TrailingZeros16(^c.busy) & 7
}

// claim puts an operation into its slot. Two operations in one microthread, or
// (WSE-2) on one queue, destroy each other on the machine; here it is a fault.
func (k *Cluster) claim(c *Core, o *op) bool {
	if c.busy>>o.slot&1 == 1 {
		p := c.ops[o.slot]
		k.fault(c, "S0113", "microthread %d is still busy with %s%s; wait for its completion before starting another operation on it",
			o.slot, opName(p.kind), at(c.prog.Place(p.pc)))
		return false
	}
	for m := c.busy; m != 0; m &= m - 1 {
		p := c.ops[bits.TrailingZeros16(m)]
		if q, dir, shared := sharedQueue(o, p); shared && (k.M.Arch == machine.WSE2 || dir == "input") {
			k.fault(c, "S0114", "%s queue %d is still in use by %s%s; two operations cannot share a queue",
				dir, q, opName(p.kind), at(c.prog.Place(p.pc)))
			return false
		}
	}
	for i := range o.nsrc {
		x := &o.src[i]
		if x.at != atIn {
			continue
		}
		if !k.bindOperand(c, x) {
			return false
		}
		o.prio = max(o.prio, c.ramp.In[x.q].Priority)
	}
	if x := &o.dst; x.at == atOut {
		if !k.outColor(c, x) {
			return false
		}
		o.prio = max(o.prio, c.ramp.Out[x.q].Priority)
	}
	c.ops[o.slot] = o
	c.busy |= 1 << o.slot
	k.straighten(c, o, o.n)
	k.relane(c)
	k.opEvent(c, EventOp, o)
	return true
}

func at(place string) string {
	if place == "" {
		return ""
	}
	return " of " + place
}

func opName(d image.DSDKindOp) string { return "@" + image.DSDTable[d].Name }

func sharedQueue(a, b *op) (q uint8, dir string, shared bool) {
	if a.dst.at == atOut && b.dst.at == atOut && a.dst.q == b.dst.q {
		return a.dst.q, "output", true
	}
	for i := range a.nsrc {
		for j := range b.nsrc {
			if a.src[i].at == atIn && b.src[j].at == atIn && a.src[i].q == b.src[j].q {
				return a.src[i].q, "input", true
			}
		}
	}
	return 0, "", false
}

// bindOperand makes an input queue carry the colour that a descriptor names. On
// WSE-2 the descriptor decides; on WSE-3 the queue was initialised with it.
func (k *Cluster) bindOperand(c *Core, x *operand) bool {
	iq := &c.ramp.In[x.q]
	if x.color != fabric.NoColor && (!iq.Used || iq.Color != x.color) {
		if iq.Used && k.M.Arch == machine.WSE3 {
			return true
		}
		if iq.N > 0 {
			k.fault(c, "S0109", "input queue %d is given color %d while it holds %d wavelets of color %d", x.q, x.color, iq.N, iq.Color)
			return false
		}
		c.ramp.Rebind(int(x.q), x.color)
		k.Grid.Touch(c.tile)
	}
	if !iq.Used {
		k.fault(c, "S0115", "input queue %d was never initialized with a color; use @initialize_queue", x.q)
		return false
	}
	return true
}

// outColor gives an output operand its colour: on WSE-3 that of the queue.
func (k *Cluster) outColor(c *Core, x *operand) bool {
	oq := &c.ramp.Out[x.q]
	if oq.Depth == 0 {
		k.fault(c, "S0116", "output queue %d does not exist on this machine", x.q)
		return false
	}
	if oq.Used && oq.Color != fabric.NoColor && (k.M.Arch == machine.WSE3 || x.color == fabric.NoColor) {
		x.color = oq.Color
	}
	if x.color == fabric.NoColor {
		k.fault(c, "S0117", "output queue %d has no color; use @initialize_queue", x.q)
		return false
	}
	x.control = x.control || oq.Control
	return true
}

// reading reports whether an operation takes the wavelets of input queue q.
func (k *Cluster) reading(c *Core, q int) bool {
	for m := c.busy; m != 0; m &= m - 1 {
		o := c.ops[bits.TrailingZeros16(m)]
		for i := range o.nsrc {
			if o.src[i].at == atIn && int(o.src[i].q) == q {
				return true
			}
		}
	}
	return false
}

// finish ends an operation: addresses are written back, completion acts.
func (k *Cluster) finish(c *Core, o *op, ok bool) {
	c.busy &^= 1 << o.slot
	c.ops[o.slot] = nil
	k.relane(c)
	o.saveAddresses(c)
	k.opEvent(c, EventOpEnd, o)
	c.stats.Elements += int64(o.done)
	if ok {
		k.complete(c, o)
	}
	if o.slot == mainSlot {
		*c.reg(o.result) = boolBits(ok)
		c.state, c.ready = mainRun, k.Now+1
	}
	c.spare = append(c.spare, o)
}

func (k *Cluster) complete(c *Core, o *op) {
	if o.act >= 0 {
		k.taskBit(c, image.OpActivate, int(o.act))
	}
	if o.unb >= 0 {
		k.taskBit(c, image.OpUnblock, int(o.unb))
	}
}

func (o *op) saveAddresses(c *Core) {
	if o.dst.dsr >= 0 && o.dst.at == atMem {
		c.dsrs[o.dst.dsr].d.Base = o.dst.iter.addr
	}
	for i := range o.nsrc {
		if x := &o.src[i]; x.dsr >= 0 && x.at == atMem {
			c.dsrs[x.dsr].d.Base = x.iter.addr
		}
	}
}
