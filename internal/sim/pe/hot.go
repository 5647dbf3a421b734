package pe

import (
	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/num"
)

// hot is an instruction decoded for sprint: operation and representation are one
// code, costs and widths are looked up. 24 bytes, so that loops stay in the
// host's first-level cache.
type hot struct {
	op      hotOp
	shift   uint8 // 64 less the width: to bring a sum back to normal form
	cost    uint16
	taken   uint16 // cost of a branch that is taken
	d, a, b uint16
	imm     int64
}

// hotOp is an operation with its representation. U stands for zeros above the
// width, S for copies of the sign.
type hotOp uint8

const (
	hotNone hotOp = iota // left to exec
	hotConst
	hotMov
	hotNormU // conversions between integers
	hotNormS
	hotFrame
	hotAddU
	hotAddS
	hotSubU
	hotSubS
	hotMulU
	hotMulS
	hotAnd
	hotOr
	hotXor
	hotAddIU
	hotAddIS
	hotShlU
	hotShlS
	hotShrU
	hotShrS
	hotAddF
	hotSubF
	hotMulF
	hotFMA
	hotEq
	hotNe
	hotLtU
	hotLtS
	hotLeU
	hotLeS
	hotJump
	hotIf
	hotIfNot
	hotIfEq
	hotIfNe
	hotIfLtU
	hotIfLtS
	hotIfLeU
	hotIfLeS
	hotLoadU // one word
	hotLoadS
	hotLoad2U // two words
	hotLoad2S
	hotStore
	hotStore2
	hotLoadGU
	hotLoadGS
	hotLoadG2U
	hotLoadG2S
	hotStoreG
	hotStoreG2
	hotDSDBase
	hotDSDAdd
	hotDSDLen
	hotCall
	hotRet
	hotMapFetch
	hotRows
	hotLoadDSR
)

// heat decodes the instructions of a program for sprint.
func heat(m *machine.Machine, code []instr, cost []uint16) []hot {
	hs := make([]hot, len(code))
	for i := range code {
		in := &code[i]
		h := &hs[i]
		h.d, h.a, h.b, h.imm = in.D, in.A, in.B, in.Imm
		h.cost, h.taken = cost[i], uint16(m.Costs.BranchTaken)
		if in.Op >= image.OpIfEq && in.Op <= image.OpIfLe {
			h.taken += uint16(m.Costs.Compare)
		}
		if w := width(in.R); w > 0 && w <= 64 {
			h.shift = uint8(64 - w)
		}
		h.op = hotCode(in)
	}
	return hs
}

// hotCode gives the code of an instruction, hotNone if sprint does not know it.
//
//tidy:dispatch
func hotCode(in *instr) hotOp {
	integer := in.R >= image.B1 && in.R <= image.U64
	switch in.Op {
	case image.OpConst:
		return hotConst
	case image.OpMov:
		if in.R.Regs() <= 1 {
			return hotMov
		}
	case image.OpFrame:
		return hotFrame
	case image.OpJump:
		return hotJump
	case image.OpCall:
		return hotCall
	case image.OpRet:
		return hotRet
	case image.OpMapFetch:
		return hotMapFetch
	case image.OpDSD:
		return hotRows
	case image.OpLoadDSR:
		if in.B>>8 < dsrFiles && in.B&31 < machine.DSRs {
			return hotLoadDSR
		}
	case image.OpIf:
		return hotIf
	case image.OpIfNot:
		return hotIfNot
	case image.OpLoad, image.OpStore, image.OpLoadG, image.OpStoreG:
		return hotMemory(in)
	case image.OpConv:
		from := image.Rep(in.Imm)
		if integer && in.R != image.B1 && from >= image.B1 && from <= image.U64 {
			return signed(in.R, hotNormU)
		}
	case image.OpBits:
		if integer {
			return signed(in.R, hotNormU)
		}
	case image.OpDSDBase, image.OpDSDAdd, image.OpDSDLen:
		if in.R != image.DSD4 {
			return map[image.Op]hotOp{image.OpDSDBase: hotDSDBase, image.OpDSDAdd: hotDSDAdd, image.OpDSDLen: hotDSDLen}[in.Op]
		}
	}
	if in.R == image.F32 {
		return map[image.Op]hotOp{image.OpAdd: hotAddF, image.OpSub: hotSubF, image.OpMul: hotMulF, image.OpFMA: hotFMA}[in.Op]
	}
	if !integer {
		return hotNone
	}
	switch in.Op {
	case image.OpAnd, image.OpOr, image.OpXor:
		return hotAnd + hotOp(in.Op-image.OpAnd)
	case image.OpAdd, image.OpSub, image.OpMul:
		return signed(in.R, hotAddU+2*hotOp(in.Op-image.OpAdd))
	case image.OpAddI:
		return signed(in.R, hotAddIU)
	case image.OpShl, image.OpShr:
		return signed(in.R, hotShlU+2*hotOp(in.Op-image.OpShl))
	case image.OpEq, image.OpNe:
		return hotEq + hotOp(in.Op-image.OpEq)
	case image.OpLt, image.OpLe:
		return signed(in.R, hotLtU+2*hotOp(in.Op-image.OpLt))
	case image.OpIfEq, image.OpIfNe:
		return hotIfEq + hotOp(in.Op-image.OpIfEq)
	case image.OpIfLt, image.OpIfLe:
		return signed(in.R, hotIfLtU+2*hotOp(in.Op-image.OpIfLt))
	}
	return hotNone
}

// signed gives the S form that follows a U form where r is signed.
func signed(r image.Rep, op hotOp) hotOp {
	if r.Signed() {
		return op + 1
	}
	return op
}

// hotMemory gives the code of a load or store of one or two words. One byte or a
// bool is left to exec: its word may hold more than the value.
func hotMemory(in *instr) hotOp {
	words := hotOp(in.R.Words())
	if words < 1 || words > 2 || in.R == image.B1 || in.R == image.I8 || in.R == image.U8 {
		return hotNone
	}
	switch in.Op {
	case image.OpLoad:
		return signed(in.R, hotLoadU+2*(words-1))
	case image.OpLoadG:
		if in.Imm < 0 || in.Imm >= machine.ConfigBase {
			return hotNone
		}
		return signed(in.R, hotLoadGU+2*(words-1))
	case image.OpStore:
		return hotStore + words - 1
	}
	if in.Imm < 0 || in.Imm >= machine.ConfigBase {
		return hotNone
	}
	return hotStoreG + words - 1
}

// sprint executes instructions of the main thread from its next on, as exec would,
// as long as they are hot, touch memory that is there, and issue by cycle last.
// It reports whether there was one. The core has nothing else to do.
//
//tidy:dispatch
func (k *Cluster) sprint(c *Core, last int64) bool {
	code, r, mem := c.prog.hot, c.regs[c.base:], c.mem
	pc, n, at := c.pc, int64(0), max(k.Now, c.ready)
	issued := at
	floats := c.excMask == 0
run:
	for n < maxAheadSteps && at <= last {
		in := &code[pc]
		cycles, next := int64(in.cost), pc+1
		s := in.shift & 63
		switch in.op {
		case hotConst:
			r[in.d] = uint64(in.imm)
		case hotMov:
			r[in.d] = r[in.a]
		case hotNormU:
			r[in.d] = r[in.a] << s >> s
		case hotNormS:
			r[in.d] = uint64(int64(r[in.a]<<s) >> s)
		case hotFrame:
			r[in.d] = uint64(c.sp + uint16(in.imm))
		case hotAddU:
			r[in.d] = (r[in.a] + r[in.b]) << s >> s
		case hotAddS:
			r[in.d] = uint64(int64((r[in.a]+r[in.b])<<s) >> s)
		case hotSubU:
			r[in.d] = (r[in.a] - r[in.b]) << s >> s
		case hotSubS:
			r[in.d] = uint64(int64((r[in.a]-r[in.b])<<s) >> s)
		case hotMulU:
			r[in.d] = (r[in.a] * r[in.b]) << s >> s
		case hotMulS:
			r[in.d] = uint64(int64((r[in.a]*r[in.b])<<s) >> s)
		case hotAnd:
			r[in.d] = r[in.a] & r[in.b]
		case hotOr:
			r[in.d] = r[in.a] | r[in.b]
		case hotXor:
			r[in.d] = r[in.a] ^ r[in.b]
		case hotAddIU:
			r[in.d] = (r[in.a] + uint64(in.imm)) << s >> s
		case hotAddIS:
			r[in.d] = uint64(int64((r[in.a]+uint64(in.imm))<<s) >> s)
		case hotShlU:
			r[in.d] = r[in.a] << (r[in.b] & uint64(63-s)) << s >> s
		case hotShlS:
			r[in.d] = uint64(int64(r[in.a]<<(r[in.b]&uint64(63-s))<<s) >> s)
		case hotShrU:
			r[in.d] = r[in.a] >> (r[in.b] & uint64(63-s))
		case hotShrS:
			r[in.d] = uint64(int64(r[in.a]) >> (r[in.b] & uint64(63-s)))
		case hotAddF, hotSubF, hotMulF, hotFMA:
			if !floats {
				break run
			}
			r[in.d] = hotFloat(in.op, r[in.a], r[in.b], r[in.d])
		case hotEq:
			r[in.d] = boolBits(r[in.a] == r[in.b])
		case hotNe:
			r[in.d] = boolBits(r[in.a] != r[in.b])
		case hotLtU:
			r[in.d] = boolBits(r[in.a] < r[in.b])
		case hotLtS:
			r[in.d] = boolBits(int64(r[in.a]) < int64(r[in.b]))
		case hotLeU:
			r[in.d] = boolBits(r[in.a] <= r[in.b])
		case hotLeS:
			r[in.d] = boolBits(int64(r[in.a]) <= int64(r[in.b]))
		case hotJump:
			next = int32(in.imm)
		case hotIf:
			if r[in.a]&1 == 1 {
				next, cycles = int32(in.imm), int64(in.taken)
			}
		case hotIfNot:
			if r[in.a]&1 == 0 {
				next, cycles = int32(in.imm), int64(in.taken)
			}
		case hotIfEq:
			if r[in.a] == r[in.b] {
				next, cycles = int32(in.imm), int64(in.taken)
			}
		case hotIfNe:
			if r[in.a] != r[in.b] {
				next, cycles = int32(in.imm), int64(in.taken)
			}
		case hotIfLtU:
			if r[in.a] < r[in.b] {
				next, cycles = int32(in.imm), int64(in.taken)
			}
		case hotIfLtS:
			if int64(r[in.a]) < int64(r[in.b]) {
				next, cycles = int32(in.imm), int64(in.taken)
			}
		case hotIfLeU:
			if r[in.a] <= r[in.b] {
				next, cycles = int32(in.imm), int64(in.taken)
			}
		case hotIfLeS:
			if int64(r[in.a]) <= int64(r[in.b]) {
				next, cycles = int32(in.imm), int64(in.taken)
			}
		case hotLoadU, hotLoadS, hotLoad2U, hotLoad2S, hotStore, hotStore2:
			a := uint16(r[in.a]) + uint16(in.imm)
			if int(a)+2 > len(mem) || a >= machine.ConfigBase {
				break run // exec makes the memory, or reaches a register
			}
			w := mem[a : int(a)+2 : int(a)+2]
			switch in.op {
			case hotLoadU:
				r[in.d] = uint64(w[0])
			case hotLoadS:
				r[in.d] = uint64(int64(int16(w[0])))
			case hotLoad2U:
				r[in.d] = uint64(w[0]) | uint64(w[1])<<16
			case hotLoad2S:
				r[in.d] = uint64(int64(int32(uint32(w[0]) | uint32(w[1])<<16)))
			case hotStore2:
				w[0], w[1] = uint16(r[in.d]), uint16(r[in.d]>>16)
			default:
				w[0] = uint16(r[in.d])
			}
		case hotLoadGU, hotLoadGS, hotLoadG2U, hotLoadG2S, hotStoreG, hotStoreG2:
			a := int(in.imm)
			if a+2 > len(mem) {
				break run
			}
			w := mem[a : a+2 : a+2]
			switch in.op {
			case hotLoadGU:
				r[in.d] = uint64(w[0])
			case hotLoadGS:
				r[in.d] = uint64(int64(int16(w[0])))
			case hotLoadG2U:
				r[in.d] = uint64(w[0]) | uint64(w[1])<<16
			case hotLoadG2S:
				r[in.d] = uint64(int64(int32(uint32(w[0]) | uint32(w[1])<<16)))
			case hotStoreG2:
				w[0], w[1] = uint16(r[in.d]), uint16(r[in.d]>>16)
			default:
				w[0] = uint16(r[in.d])
			}
		case hotCall:
			if !k.fits(c, int32(in.imm)) {
				break run
			}
			c.pc = pc
			k.call(c, int32(in.imm), in.d)
			r, next = c.regs[c.base:], c.prog.Funcs[in.imm].PC
		case hotRet:
			if len(c.frames) == 0 {
				break run // the task ends
			}
			next = k.ret(c)
			r = c.regs[c.base:]
		case hotMapFetch:
			if !c.mapsNear() {
				break run
			}
			k.mapFetch(c, &c.prog.Code[pc])
		case hotRows:
			if cycles = k.row(c, &c.prog.rows[in.imm], r, last-at); cycles == 0 {
				break run
			}
			r[in.d] = 1
			c.statState = statScalar
			c.book(at)
			c.stats.DSD += cycles
			c.statSince = at + cycles
		case hotLoadDSR:
			k.loadDSR(c, &c.prog.Code[pc])
		case hotDSDBase:
			r[in.d] = r[in.a]&^0xffff | uint64(uint16(r[in.b]))
		case hotDSDAdd:
			r[in.d] = r[in.a]&^0xffff | uint64(uint16(r[in.a])+uint16(r[in.b]))
		case hotDSDLen:
			r[in.d] = r[in.a]&^0xffff0000 | uint64(uint16(r[in.b]))<<16
		default:
			break run
		}
		n++
		pc, issued = next, at
		at += cycles
	}
	if n == 0 {
		return false
	}
	c.pc, c.ready, c.statState = pc, at, statScalar
	c.stats.Instructions += n
	k.Now = issued
	k.account(c)
	return true
}

func hotFloat(op hotOp, a, b, d uint64) uint64 {
	x, y := uint32(a), uint32(b)
	switch op {
	case hotAddF:
		return uint64(num.Add32(x, y))
	case hotSubF:
		return uint64(num.Sub32(x, y))
	case hotMulF:
		return uint64(num.Mul32(x, y))
	}
	return uint64(num.FMA32(x, y, uint32(d)))
}
