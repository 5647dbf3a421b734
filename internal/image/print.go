package image

import (
	"fmt"
	"strings"
)

// mnemonics has a row for each operation: its name, and which fields it uses in
// the order of a listing. Letters: d a b registers, i immediate, t jump target,
// f function, m address, s text.
var mnemonics = [NumOps][2]string{
	OpNop: {"nop", ""}, OpConst: {"const", "di"}, OpMov: {"mov", "da"},
	OpLoad: {"load", "dai"}, OpStore: {"store", "dai"}, OpLoadG: {"load", "dm"}, OpStoreG: {"store", "dm"},
	OpFrame: {"frame", "di"}, OpCopy: {"copy", "dai"},
	OpAdd: {"add", "dab"}, OpSub: {"sub", "dab"}, OpMul: {"mul", "dab"}, OpDiv: {"div", "dab"},
	OpMod: {"mod", "dab"}, OpAnd: {"and", "dab"}, OpOr: {"or", "dab"}, OpXor: {"xor", "dab"},
	OpShl: {"shl", "dab"}, OpShr: {"shr", "dab"}, OpNeg: {"neg", "da"}, OpNot: {"not", "da"},
	OpAddI: {"add", "dai"}, OpFMA: {"fma", "dab"}, OpMin: {"min", "dab"}, OpMax: {"max", "dab"},
	OpAbs: {"abs", "da"}, OpClz: {"clz", "da"}, OpCtz: {"ctz", "da"}, OpPopcnt: {"popcnt", "da"},
	OpEq: {"eq", "dab"}, OpNe: {"ne", "dab"}, OpLt: {"lt", "dab"}, OpLe: {"le", "dab"},
	OpConv: {"conv", "da"}, OpBits: {"bits", "da"}, OpSqrt: {"sqrt", "da"},
	OpJump: {"jump", "t"}, OpIf: {"if", "at"}, OpIfNot: {"ifnot", "at"},
	OpIfEq: {"ifeq", "abt"}, OpIfNe: {"ifne", "abt"}, OpIfLt: {"iflt", "abt"}, OpIfLe: {"ifle", "abt"},
	OpCall: {"call", "fd"}, OpCallReg: {"callreg", "ad"}, OpRet: {"ret", ""},
	OpActivate: {"activate", "ia"}, OpBlock: {"block", "ia"}, OpUnblock: {"unblock", "ia"},
	OpDSD: {"dsd", "di"}, OpLoadDSR: {"loaddsr", "abi"}, OpDSDLen: {"dsdlen", "dab"},
	OpDSDBase: {"dsdbase", "dab"}, OpDSDStride: {"dsdstride", "dab"}, OpDSDAdd: {"dsdadd", "dab"},
	OpMapStart: {"mapstart", "i"}, OpMapFetch: {"mapfetch", "dai"}, OpMapStore: {"mapstore", "ai"},
	OpTime: {"time", "a"}, OpTimer: {"timer", "i"}, OpRandom: {"random", "d"}, OpPRNG: {"prng", "ai"},
	OpGetConf: {"getconf", "dai"}, OpSetConf: {"setconf", "abi"}, OpPE: {"pe", "di"}, OpFlush: {"flush", "i"},
	OpFifoSet: {"fifoset", "ai"}, OpHostDone: {"hostdone", ""}, OpPrint: {"print", "abs"}, OpTrap: {"trap", "s"},
}

// String gives the operation's name in listings.
func (o Op) String() string {
	if o < NumOps {
		return mnemonics[o][0]
	}
	return fmt.Sprintf("op%d", uint8(o))
}

// Listing writes the instruction at pc the way a person reads it: the operation
// with its representation, its registers, and names instead of numbers.
func (p *Program) Listing(pc int) string {
	in := p.Code[pc]
	head := in.Op.String()
	if in.R != Void {
		head += "." + in.R.String()
	}
	var fields []string
	if in.Op < NumOps {
		for _, f := range mnemonics[in.Op][1] {
			fields = append(fields, p.field(in, f))
		}
	}
	text := fmt.Sprintf("%-12s %s", head, strings.Join(fields, ", "))
	if in.Op == OpDSD && in.Imm >= 0 && int(in.Imm) < len(p.DSD) {
		text += "  ; @" + DSDTable[p.DSD[in.Imm].Kind].Name
	}
	return strings.TrimRight(text, " ")
}

func (p *Program) field(in Instr, f rune) string {
	switch f {
	case 'd':
		return fmt.Sprintf("r%d", in.D)
	case 'a':
		return fmt.Sprintf("r%d", in.A)
	case 'b':
		return fmt.Sprintf("r%d", in.B)
	case 't':
		return fmt.Sprintf("-> %d", in.Imm)
	case 'm':
		return p.symbolAt(int(in.Imm))
	case 'f':
		if in.Imm >= 0 && int(in.Imm) < len(p.Funcs) {
			return p.Funcs[in.Imm].Name
		}
	case 's':
		if in.Imm >= 0 && int(in.Imm) < len(p.Strings) {
			return fmt.Sprintf("%q", p.Strings[in.Imm])
		}
	}
	return fmt.Sprintf("%d", in.Imm)
}

// symbolAt names the word at addr by the variable that holds it.
func (p *Program) symbolAt(addr int) string {
	for _, s := range p.Symbols {
		if off := addr - int(s.Addr); off >= 0 && off < s.Words {
			if off == 0 {
				return s.Name
			}
			return fmt.Sprintf("%s+%d", s.Name, off)
		}
	}
	return fmt.Sprintf("[%#x]", addr)
}
