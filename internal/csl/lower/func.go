package lower

import (
	"wafer/internal/check"
	"wafer/internal/csl/air"
	"wafer/internal/image"
)

// MaxRegs bounds the registers of a frame; no program comes near it.
const MaxRegs = 60000

// fn is the state while one function is emitted.
type fn struct {
	*lowerer
	f      *air.Func
	reg    []int // first register of each register local
	frame  []int // word offset in the frame of each memory local
	top    int   // first free register
	max    int
	labels map[int]*label // by loop or block ID
}

// label collects the jumps out of a loop or block, and to its next turn.
type label struct{ breaks, continues []int }

func (l *lowerer) function(i int, f *air.Func) {
	c := &fn{lowerer: l, f: f, labels: map[int]*label{}}
	for len(l.out.Funcs) <= i {
		l.out.Funcs = append(l.out.Funcs, image.Func{})
	}
	words := c.placeLocals()
	info := image.Func{Name: f.Name, PC: int32(l.pc()), Words: words, Rets: f.Ret.Regs()}
	for _, p := range f.Locals[:f.Params] {
		info.Args += p.Rep.Regs()
		info.ArgReps = append(info.ArgReps, p.Rep)
	}
	c.note(air.Src{File: -1, Line: int32(i)}) // a new function starts a new line entry
	c.stmts(f.Body)
	c.emit(image.Instr{Op: image.OpRet})
	check.That(c.max < MaxRegs, "function %s needs %d registers", f.Name, c.max)
	info.Regs = c.max
	l.out.Funcs[i] = info
}

// placeLocals gives registers to scalars and frame words to the rest.
// Parameters come first, as the calling convention wants them.
func (c *fn) placeLocals() (frameWords int) {
	c.reg = make([]int, len(c.f.Locals))
	c.frame = make([]int, len(c.f.Locals))
	for i, v := range c.f.Locals {
		if v.Words > 0 {
			frameWords = alignUp(frameWords, max(1, v.Align))
			c.frame[i] = frameWords
			frameWords += v.Words
			continue
		}
		c.reg[i] = c.take(v.Rep.Regs())
	}
	return frameWords
}

// take allocates n registers above all others in use.
func (c *fn) take(n int) int {
	r := c.top
	c.top += n
	c.max = max(c.max, c.top)
	return r
}

// note starts a new entry of the line table where the source line changes.
func (c *fn) note(s air.Src) {
	if s.File < 0 {
		c.lastSrc = s
		return
	}
	if s == c.lastSrc {
		return
	}
	c.lastSrc = s
	c.out.Lines = append(c.out.Lines, image.Line{
		PC: int32(c.pc()), File: s.File, Line: s.Line, Func: int32(len(c.out.Funcs) - 1),
	})
}

// jump emits a jump whose target is patched later.
func (c *fn) jump() int { return c.emit(image.Instr{Op: image.OpJump, Imm: -1}) }

func (c *fn) patch(at int) { c.out.Code[at].Imm = c.pc() }

func (c *fn) patchAll(ats []int) {
	for _, at := range ats {
		c.patch(at)
	}
}

func (c *fn) patchTo(ats []int, target int64) {
	for _, at := range ats {
		c.out.Code[at].Imm = target
	}
}
