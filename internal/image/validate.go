package image

import (
	"fmt"

	"wafer/internal/machine"
)

// Validate checks that every index of the image points at something, so that
// hosts and simulators need not check again. It does not judge the program.
func (im *Image) Validate() error {
	if im.Arch != machine.WSE2 && im.Arch != machine.WSE3 {
		return fmt.Errorf("unknown architecture %d", im.Arch)
	}
	r := im.Rect
	if r.W < 0 || r.H < 0 || r.X < 0 || r.Y < 0 || r.W > MaxTiles || r.H > MaxTiles || r.W*r.H != len(im.Tiles) {
		return fmt.Errorf("rectangle %dx%d at %d,%d has %d tiles", r.W, r.H, r.X, r.Y, len(im.Tiles))
	}
	if im.FabricW < r.X+r.W || im.FabricH < r.Y+r.H || im.FabricW*im.FabricH > MaxTiles {
		return fmt.Errorf("the rectangle does not lie in the %dx%d fabric", im.FabricW, im.FabricH)
	}
	for i, t := range im.Tiles {
		if t.Program < -1 || int(t.Program) >= len(im.Programs) || t.Routes < -1 || int(t.Routes) >= len(im.RouteSets) {
			return fmt.Errorf("tile %d names program %d and routes %d", i, t.Program, t.Routes)
		}
	}
	for i, p := range im.Programs {
		if p == nil {
			return fmt.Errorf("program %d is missing", i)
		}
		if err := p.validate(len(im.Exports)); err != nil {
			return fmt.Errorf("program %d: %w", i, err)
		}
	}
	for i, s := range im.RouteSets {
		for _, rt := range s.Routes {
			if rt.Color >= 32 || rt.Current >= 4 {
				return fmt.Errorf("routes %d: colour %d at position %d", i, rt.Color, rt.Current)
			}
		}
	}
	return nil
}

func (p *Program) validate(exports int) error {
	if err := p.validateCode(); err != nil {
		return err
	}
	for _, s := range p.Data {
		if int(s.Addr)+len(s.Words) > machine.SRAMWords {
			return fmt.Errorf("data of %d words at %d does not fit", len(s.Words), s.Addr)
		}
	}
	for _, s := range p.Symbols {
		if s.Words < 0 || int(s.Addr)+s.Words > machine.SRAMWords {
			return fmt.Errorf("symbol %s of %d words at %d does not fit", s.Name, s.Words, s.Addr)
		}
	}
	for _, b := range p.Exports {
		if b.Export < 0 || b.Export >= exports || int(b.Func) >= len(p.Funcs) || int(b.Addr) >= machine.SRAMWords {
			return fmt.Errorf("binding %+v points nowhere", b)
		}
	}
	for _, t := range p.Tasks {
		if t.ID >= machine.MaxTasks || t.Func < 0 || int(t.Func) >= len(p.Funcs) {
			return fmt.Errorf("task %d runs function %d", t.ID, t.Func)
		}
	}
	if len(p.Rotate) > MaxRotations {
		return fmt.Errorf("%d rotating tasks, at most %d are possible", len(p.Rotate), MaxRotations)
	}
	for _, r := range p.Rotate {
		if r.Queue >= machine.Queues || r.Func < 0 || int(r.Func) >= len(p.Funcs) {
			return fmt.Errorf("rotating task of queue %d runs function %d", r.Queue, r.Func)
		}
	}
	for _, f := range p.Fifos {
		if int(f.Addr)+int(f.Words) > machine.SRAMWords {
			return fmt.Errorf("FIFO of %d words at %d does not fit", f.Words, f.Addr)
		}
	}
	for _, r := range p.Config {
		if r.Addr < machine.ConfigBase || machine.ReservedConfig(r.Addr) {
			return fmt.Errorf("register %#x cannot be set before the program starts", r.Addr)
		}
	}
	for _, d := range p.DSRs {
		if d.File > DSRSrc1 || d.ID >= 64 {
			return fmt.Errorf("register %d of file %d does not exist", d.ID, d.File)
		}
	}
	return nil
}

func (p *Program) validateCode() error {
	for i, f := range p.Funcs {
		if f.PC < 0 || int(f.PC) >= len(p.Code) || f.Args < 0 || f.Regs < f.Args || f.Regs > 1<<16 || f.Words < 0 {
			return fmt.Errorf("function %d is out of bounds: %+v", i, f)
		}
	}
	for pc, in := range p.Code {
		if in.Op >= NumOps || in.R >= NumReps {
			return fmt.Errorf("instruction %d has operation %d in representation %d", pc, in.Op, in.R)
		}
		switch in.Op {
		case OpJump, OpIf, OpIfNot, OpIfEq, OpIfNe, OpIfLt, OpIfLe:
			if in.Imm < 0 || in.Imm >= int64(len(p.Code)) {
				return fmt.Errorf("instruction %d jumps to %d", pc, in.Imm)
			}
		case OpCall:
			if in.Imm < 0 || in.Imm >= int64(len(p.Funcs)) {
				return fmt.Errorf("instruction %d calls function %d", pc, in.Imm)
			}
		case OpDSD, OpMapStart:
			if in.Imm < 0 || in.Imm >= int64(len(p.DSD)) {
				return fmt.Errorf("instruction %d uses descriptor table %d", pc, in.Imm)
			}
		case OpTrap, OpPrint:
			if in.Imm < 0 || in.Imm >= int64(len(p.Strings)) {
				return fmt.Errorf("instruction %d uses text %d", pc, in.Imm)
			}
		}
	}
	return nil
}
