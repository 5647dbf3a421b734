package simtest

import (
	"fmt"
	"strings"

	"wafer/internal/image"
)

// form says which fields an instruction's operands go to, in order: D, A, B for
// registers, I for a number or label, F for a function.
type form struct {
	op   image.Op
	args string
}

// forms lists the instructions by name.
func forms() map[string]form {
	return map[string]form{
		"nop": {image.OpNop, ""}, "mov": {image.OpMov, "DA"}, "load": {image.OpLoad, "DAI"}, "store": {image.OpStore, "DAI"},
		"loadg": {image.OpLoadG, "DI"}, "storeg": {image.OpStoreG, "DI"}, "frame": {image.OpFrame, "DI"}, "copy": {image.OpCopy, "DAI"},
		"add": {image.OpAdd, "DAB"}, "sub": {image.OpSub, "DAB"}, "mul": {image.OpMul, "DAB"}, "div": {image.OpDiv, "DAB"},
		"mod": {image.OpMod, "DAB"}, "and": {image.OpAnd, "DAB"}, "or": {image.OpOr, "DAB"}, "xor": {image.OpXor, "DAB"},
		"shl": {image.OpShl, "DAB"}, "shr": {image.OpShr, "DAB"}, "neg": {image.OpNeg, "DA"}, "not": {image.OpNot, "DA"},
		"addi": {image.OpAddI, "DAI"}, "fma": {image.OpFMA, "DAB"}, "min": {image.OpMin, "DAB"}, "max": {image.OpMax, "DAB"},
		"abs": {image.OpAbs, "DA"}, "clz": {image.OpClz, "DA"}, "ctz": {image.OpCtz, "DA"}, "popcnt": {image.OpPopcnt, "DA"},
		"eq": {image.OpEq, "DAB"}, "ne": {image.OpNe, "DAB"}, "lt": {image.OpLt, "DAB"}, "le": {image.OpLe, "DAB"},
		"sqrt": {image.OpSqrt, "DA"}, "bits": {image.OpBits, "DA"}, "jump": {image.OpJump, "I"}, "if": {image.OpIf, "AI"},
		"ifnot": {image.OpIfNot, "AI"}, "ifeq": {image.OpIfEq, "ABI"}, "ifne": {image.OpIfNe, "ABI"}, "iflt": {image.OpIfLt, "ABI"},
		"ifle": {image.OpIfLe, "ABI"}, "call": {image.OpCall, "DF"}, "callreg": {image.OpCallReg, "DA"}, "ret": {image.OpRet, ""},
		"activate": {image.OpActivate, "I"}, "block": {image.OpBlock, "I"}, "unblock": {image.OpUnblock, "I"},
		"dsdlen": {image.OpDSDLen, "DAB"}, "dsdbase": {image.OpDSDBase, "DAB"}, "dsdstride": {image.OpDSDStride, "DAB"}, "dsdadd": {image.OpDSDAdd, "DAB"},
		"time": {image.OpTime, "A"}, "timer": {image.OpTimer, "I"}, "random": {image.OpRandom, "DI"}, "prng": {image.OpPRNG, "AI"}, "getconf": {image.OpGetConf, "DA"},
		"setconf": {image.OpSetConf, "AB"}, "pe": {image.OpPE, "DI"}, "flush": {image.OpFlush, "I"}, "done": {image.OpHostDone, ""},
		"trap": {image.OpTrap, "I"}, "print": {image.OpPrint, "AI"}, "mapfetch": {image.OpMapFetch, "DA"}, "mapstore": {image.OpMapStore, "A"},
		"fifolen": {image.OpFifoSet, "ABI"},
	}
}

// instruction assembles one line inside a function.
func (a *asm) instruction(f []string) error {
	if l, ok := strings.CutSuffix(f[0], ":"); ok {
		a.labels[l] = int32(len(a.prog.Code))
		return nil
	}
	name, r, _ := strings.Cut(f[0], ".")
	switch name {
	case "const":
		return a.constant(r, f[1:])
	case "mem", "mem4", "fabin", "fabout":
		return a.descriptor(name, f[1:])
	case "dsd":
		return a.dsd(r, f[1:])
	case "loaddsr":
		return a.loadDSR(f[1:])
	case "map":
		return a.mapStart(f[1:])
	case "conv":
		return a.conv(r, f[1:])
	}
	fm, ok := forms()[name]
	if !ok {
		return fmt.Errorf("no instruction %s", name)
	}
	in := image.Instr{Op: fm.op}
	if r != "" {
		var err error
		if in.R, err = rep(r); err != nil {
			return err
		}
	}
	if len(f)-1 < len(fm.args) && !strings.HasSuffix(fm.args, "I") || len(f)-1 > len(fm.args) {
		return fmt.Errorf("%s takes operands %s", name, fm.args)
	}
	for i, x := range f[1:] {
		switch fm.args[i] {
		case 'D':
			in.D = reg(x)
		case 'A':
			in.A = reg(x)
		case 'B':
			in.B = reg(x)
		case 'I':
			if x[0] >= '0' && x[0] <= '9' || x[0] == '-' {
				in.Imm = int64(atoi(x))
			} else {
				a.fixes = append(a.fixes, fix{pc: len(a.prog.Code), name: x, line: a.line})
			}
		case 'F':
			a.fixes = append(a.fixes, fix{pc: len(a.prog.Code), name: x, fn: true, line: a.line})
		}
	}
	a.emit(in)
	return nil
}

func (a *asm) emit(in image.Instr) {
	a.prog.Lines = append(a.prog.Lines, image.Line{PC: int32(len(a.prog.Code)), Line: int32(a.line)})
	if a.prog.Files == nil {
		a.prog.Files = []string{a.prog.Name}
	}
	a.prog.Code = append(a.prog.Code, in)
}

func reg(s string) uint16 { return uint16(atoi(strings.TrimPrefix(s, "r"))) }

func (a *asm) constant(r string, f []string) error {
	rp, err := rep(r)
	if err != nil {
		return err
	}
	a.emit(image.Instr{Op: image.OpConst, R: rp, D: reg(f[0]), Imm: int64(bitsOf(r, f[1]))})
	return nil
}

func (a *asm) conv(r string, f []string) error {
	to, err := rep(r)
	if err != nil {
		return err
	}
	from, err := rep(f[2])
	a.emit(image.Instr{Op: image.OpConv, R: to, D: reg(f[0]), A: reg(f[1]), Imm: int64(from)})
	return err
}

// mem rD ADDR LEN [STRIDE] · mem4 rD ADDR LEN:STRIDE … · fabin rD Q LEN [opts] · fabout likewise
func (a *asm) descriptor(kind string, f []string) error {
	d := image.DSD{Dims: 1, Color: image.NoColor}
	opts := f[3:]
	switch kind {
	case "mem":
		d.Kind, d.Base, d.Length[0], d.Stride[0] = image.Mem1D, uint16(atoi(f[1])), uint16(atoi(f[2])), 1
		if len(f) > 3 && f[3] != "indexed" && f[3] != "save" {
			d.Stride[0] = int16(atoi(f[3]))
			opts = f[4:]
		}
	case "mem4":
		d.Kind, d.Base, d.Dims = image.Mem4D, uint16(atoi(f[1])), uint8(len(f)-2)
		for i, x := range f[2:] {
			l, s, _ := strings.Cut(x, ":")
			d.Length[i], d.Stride[i] = uint16(atoi(l)), int16(atoi(s))
		}
		opts = nil
	case "fabin", "fabout":
		d.Kind, d.Queue, d.Length[0] = image.FabIn, uint8(atoi(f[1])), uint16(atoi(f[2]))
		if kind == "fabout" {
			d.Kind = image.FabOut
		}
	}
	for _, o := range opts {
		k, v, _ := strings.Cut(o, "=")
		switch k {
		case "color":
			d.Color = uint8(atoi(v))
		case "indexed":
			d.Flags |= image.FlagIndexed
		case "control":
			d.Flags |= image.FlagControl
		case "advance":
			d.Flags |= image.FlagAdvanceSwitch
		case "simd32":
			d.Flags |= image.FlagSIMD32
		case "simd64":
			d.Flags |= image.FlagSIMD64
		case "save":
			d.Flags |= image.FlagSaveAddress
		case "high":
			d.Flags |= image.FlagPriorityHigh
		default:
			return fmt.Errorf("unknown option %s", o)
		}
	}
	w := d.Encode()
	n, r := 1, image.DSD1
	if d.Kind == image.Mem4D {
		n, r = 3, image.DSD4
	}
	for i := range n {
		a.emit(image.Instr{Op: image.OpConst, R: r, D: reg(f[0]) + uint16(i), Imm: int64(w[i])})
	}
	return nil
}

// dsd.NAME rD dest src… [async] [activate=N] [unblock=N] [ut=N] [index=rN] [oncontrol=N] [priority=N]
func (a *asm) dsd(name string, f []string) error {
	op := image.DSDOp{Opt: image.DSDOptions{Activate: -1, Unblock: -1, UT: -1}}
	for k := image.DNone + 1; k < image.NumDSDOps; k++ {
		if image.DSDTable[k].Name == name {
			op.Kind = k
		}
	}
	if op.Kind == image.DNone {
		return fmt.Errorf("no operation %s", name)
	}
	n := image.DSDTable[op.Kind].NSrc
	op.NSrc = uint8(n)
	op.Dest = operand(f[1])
	for i := range n {
		op.Src[i] = operand(f[2+i])
	}
	if err := options(&op.Opt, f[2+n:]); err != nil {
		return err
	}
	a.emit(image.Instr{Op: image.OpDSD, D: reg(f[0]), Imm: int64(len(a.prog.DSD))})
	a.prog.DSD = append(a.prog.DSD, op)
	return nil
}

func options(o *image.DSDOptions, f []string) error {
	for _, x := range f {
		k, v, _ := strings.Cut(x, "=")
		switch k {
		case "async":
			o.Async = true
		case "save":
			o.SaveAddr = true
		case "activate":
			o.Activate = int16(atoi(v))
		case "unblock":
			o.Unblock = int16(atoi(v))
		case "ut":
			o.UT = int8(atoi(v))
		case "priority":
			o.Priority = uint8(atoi(v))
		case "oncontrol":
			o.OnControl = uint8(atoi(v))
		case "index":
			o.Index, o.IndexReg = true, reg(v)
		default:
			return fmt.Errorf("unknown option %s", x)
		}
	}
	return nil
}

// operand reads rN (scalar), *rN (pointer), @rN (descriptor), @@rN (mem4d),
// dest:N, src0:N, src1:N (registers), fifo:N.
func operand(s string) image.Operand {
	switch {
	case strings.HasPrefix(s, "@@"):
		return image.Operand{Mode: image.ModeDSD, Rep: image.DSD4, Reg: reg(s[2:])}
	case strings.HasPrefix(s, "@"):
		return image.Operand{Mode: image.ModeDSD, Rep: image.DSD1, Reg: reg(s[1:])}
	case strings.HasPrefix(s, "*"):
		return image.Operand{Mode: image.ModePtr, Reg: reg(s[1:])}
	}
	k, v, ok := strings.Cut(s, ":")
	if !ok {
		return image.Operand{Mode: image.ModeReg, Reg: reg(s)}
	}
	if k == "fifo" {
		return image.Operand{Mode: image.ModeFifo, Num: uint8(atoi(v))}
	}
	return image.Operand{Mode: image.ModeDSR, File: file(k), Num: uint8(atoi(v))}
}

func file(s string) image.DSRFile {
	return map[string]image.DSRFile{"dest": image.DSRDest, "src0": image.DSRSrc0, "src1": image.DSRSrc1}[s]
}

// loaddsr dest:N rA [options]
func (a *asm) loadDSR(f []string) error {
	o := operand(f[0])
	op := image.DSDOp{Opt: image.DSDOptions{Activate: -1, Unblock: -1, UT: -1}}
	if err := options(&op.Opt, f[2:]); err != nil {
		return err
	}
	a.emit(image.Instr{Op: image.OpLoadDSR, A: reg(f[1]), B: uint16(o.File)<<8 | uint16(o.Num), Imm: int64(len(a.prog.DSD))})
	a.prog.DSD = append(a.prog.DSD, op)
	return nil
}

// map in… > out
func (a *asm) mapStart(f []string) error {
	var op image.DSDOp
	for _, x := range f {
		if x == ">" {
			op.MapOut = true
			continue
		}
		op.MapOps = append(op.MapOps, operand(x))
	}
	a.emit(image.Instr{Op: image.OpMapStart, Imm: int64(len(a.prog.DSD))})
	a.prog.DSD = append(a.prog.DSD, op)
	return nil
}
