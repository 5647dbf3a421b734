package pe

import (
	"fmt"
	"sort"

	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/sim/fabric"
)

// Program is a compiled program made ready to run: tables by id instead of
// lists, a cost for each instruction, parsed print texts. All cores that run it
// share it.
type Program struct {
	*image.Program
	cost      []uint16 // cycles of each instruction, branches as not taken
	hot       []hot    // the instructions once more, for sprint
	rows      []rowOp  // the operations once more, for sprint
	local     [machine.MaxTasks]int32
	ctrl      [machine.MaxTasks]int32
	data      [fabric.InQueues]dataTask
	teardown  [machine.Colors]int32
	empty     [2 * machine.Queues]int32
	prints    []format
	initWords int
	tears     bool // a teardown starts a task
}

// dataTask is the task fed by an input queue; fn is -1 if there is none.
type dataTask struct {
	fn int32
	id uint8
}

// newProgram decodes p for a machine. twin has the same code already, or is nil.
func newProgram(p *image.Program, m *tariff, twin *Program) (*Program, error) {
	if twin != nil {
		p = like(p, twin.Program)
	}
	d := &Program{Program: p, initWords: 8}
	for i := range d.local {
		d.local[i], d.ctrl[i] = -1, -1
	}
	for i := range d.data {
		d.data[i].fn = -1
	}
	for i := range d.teardown {
		d.teardown[i] = -1
	}
	for i := range d.empty {
		d.empty[i] = -1
	}
	if err := d.tasks(); err != nil {
		return nil, err
	}
	for _, s := range p.Data {
		if end := int(s.Addr) + len(s.Words); end > m.Core.SRAMWords {
			return nil, fmt.Errorf("program %s: data ends at word %#x, a core has %#x words", p.Name, end, m.Core.SRAMWords)
		} else if end > d.initWords {
			d.initWords = end
		}
	}
	if twin != nil {
		d.cost, d.hot, d.rows = twin.cost, twin.hot, twin.rows
	} else {
		d.cost = make([]uint16, len(p.Code))
		for i := range p.Code {
			d.cost[i] = uint16(cost(m.Machine, p.Code, i))
		}
		d.freeLoops()
		d.hot = heat(m.Machine, p.Code, d.cost)
	}
	if twin == nil || len(p.DSD) > 0 && &p.DSD[0] != &twin.DSD[0] {
		d.rows = rowOps(m, p.DSD)
	}
	for _, s := range p.Strings {
		d.prints = append(d.prints, parseFormat(s))
	}
	return d, nil
}

func (d *Program) tasks() error {
	for _, t := range d.Tasks {
		if t.ID >= machine.MaxTasks || int(t.Func) >= len(d.Funcs) || t.Func < 0 {
			return fmt.Errorf("program %s: task %d with function %d does not exist", d.Name, t.ID, t.Func)
		}
		switch t.Kind {
		case image.TaskLocal:
			d.local[t.ID] = t.Func
		case image.TaskControl:
			d.ctrl[t.ID] = t.Func
		case image.TaskData:
			if t.Queue >= machine.Queues {
				return fmt.Errorf("program %s: data task %d has no input queue", d.Name, t.ID)
			}
			d.data[t.Queue] = dataTask{t.Func, t.ID}
		}
	}
	for c, f := range d.Teardown {
		if c < machine.Colors {
			d.teardown[c] = f
		}
	}
	d.tears = len(d.Teardown) > 0 || d.local[machine.TaskTeardown] >= 0
	for q, f := range d.QueueEmpty {
		if int(q) < len(d.empty) {
			d.empty[q] = f
		}
	}
	return nil
}

// starts reports whether the program does something without being asked.
func (d *Program) starts() bool { return d.Active&^d.Blocked != 0 }

// Place gives "file:line" of an instruction, "" if it is not known.
func (d *Program) Place(pc int32) string {
	i := sort.Search(len(d.Lines), func(i int) bool { return d.Lines[i].PC > pc }) - 1
	if i < 0 || pc < 0 || int(d.Lines[i].File) >= len(d.Files) {
		return ""
	}
	return d.Files[d.Lines[i].File] + ":" + itoa(int(d.Lines[i].Line))
}

// TaskName gives the name of the function that a task id runs.
func (d *Program) TaskName(id int) string {
	for _, t := range d.Tasks {
		if int(t.ID) == id {
			return d.Funcs[t.Func].Name
		}
	}
	return ""
}

// cost gives the cycles of instruction i; a taken branch costs more.
func cost(m *machine.Machine, code []instr, i int) int {
	in, c := &code[i], &m.Costs
	wide := 1 + c.WideWords*(max(1, in.R.Words())-1)
	if in.R.Float() {
		wide = 1
	}
	if in.R >= image.DSD1 && (in.Op == image.OpConst || in.Op == image.OpMov || in.Op == image.OpLoad || in.Op == image.OpLoadG) {
		// The machine loads a descriptor from memory into its register when an
		// operation needs it, and that load is charged there.
		return 0
	}
	n := c.Scalar
	switch in.Op {
	case image.OpNop:
		n = 1
	case image.OpMul:
		switch {
		case in.R.Float() || in.R.Words() == 1:
		case in.R.Words() == 2:
			n = c.Mul32
		default:
			n = 4 * c.Mul32
		}
	case image.OpDiv, image.OpMod:
		n = c.Div * max(1, in.R.Words())
		if in.R.Float() {
			n = c.FDiv
		}
	case image.OpSqrt:
		n = c.Sqrt
	case image.OpJump:
		n = c.BranchTaken
	case image.OpIf, image.OpIfNot:
		n = c.BranchNotTaken
	case image.OpIfEq, image.OpIfNe, image.OpIfLt, image.OpIfLe:
		n = c.Compare + c.BranchNotTaken
	case image.OpCall, image.OpCallReg:
		n = c.Call
	case image.OpRet:
		n = c.Return
	case image.OpCopy:
		n = c.Scalar * max(1, int(in.Imm))
	case image.OpTime:
		n = c.Time
	case image.OpGetConf, image.OpSetConf:
		n = c.Config
	case image.OpLoadDSR:
		n = max(1, c.LoadDSR)
	case image.OpClz, image.OpCtz, image.OpPopcnt, image.OpAdd, image.OpSub, image.OpAnd, image.OpOr, image.OpXor,
		image.OpShl, image.OpShr, image.OpNeg, image.OpNot, image.OpAddI, image.OpMin, image.OpMax, image.OpAbs,
		image.OpLoad, image.OpStore, image.OpLoadG, image.OpStoreG, image.OpConst, image.OpEq, image.OpNe, image.OpLt, image.OpLe:
		n = c.Scalar * wide
	}
	if in.R.Float() && in.Op >= image.OpAdd && in.Op <= image.OpAbs && i+1 < len(code) && reads(&code[i+1], in.D) {
		n += c.FPDependent
	}
	return n
}

// freeLoops takes the cost off the loops of @map. The machine loops without
// branches and the function stands in the loop: 4,096 multiply-adds in tiles of 16
// were measured at 2,840 cycles, 11 a tile, of which the operation takes 10.
func (d *Program) freeLoops() {
	calls := map[int64]int{} // of functions from elsewhere: their return keeps its cost
	for i := range d.Code {
		if in := &d.Code[i]; in.Op == image.OpCall && !d.inMap(i) {
			calls[in.Imm]++
		}
	}
	for i := range d.Code {
		switch in := &d.Code[i]; {
		case in.Op == image.OpIf && i > 0 && d.Code[i-1].Op == image.OpMapFetch:
			d.cost[i] = 0
		case in.Op == image.OpJump && d.Code[in.Imm].Op == image.OpMapFetch:
			d.cost[i] = 0
		case in.Op == image.OpCall && d.inMap(i):
			d.cost[i] = 0
			if calls[in.Imm] == 0 {
				d.freeReturns(int(in.Imm))
			}
		}
	}
}

// inMap reports whether the call at i is that of a @map.
func (d *Program) inMap(i int) bool {
	return i > 1 && d.Code[i-1].Op == image.OpIf && d.Code[i-2].Op == image.OpMapFetch
}

// freeReturns does so for the returns of a function, up to the next one.
func (d *Program) freeReturns(fn int) {
	end := int32(len(d.Code))
	for _, f := range d.Funcs {
		if f.PC > d.Funcs[fn].PC {
			end = min(end, f.PC)
		}
	}
	for i := d.Funcs[fn].PC; i < end; i++ {
		if d.Code[i].Op == image.OpRet {
			d.cost[i] = 0
		}
	}
}

// reads reports whether an instruction uses register r.
func reads(in *instr, r uint16) bool {
	switch in.Op {
	case image.OpStoreG, image.OpFMA:
		return in.D == r || in.Op == image.OpFMA && (in.A == r || in.B == r)
	case image.OpStore:
		return in.D == r || in.A == r
	case image.OpMov, image.OpLoad, image.OpNeg, image.OpNot, image.OpAddI, image.OpAbs, image.OpConv, image.OpBits,
		image.OpSqrt, image.OpIf, image.OpIfNot, image.OpClz, image.OpCtz, image.OpPopcnt:
		return in.A == r
	case image.OpAdd, image.OpSub, image.OpMul, image.OpDiv, image.OpMod, image.OpAnd, image.OpOr, image.OpXor,
		image.OpShl, image.OpShr, image.OpMin, image.OpMax, image.OpEq, image.OpNe, image.OpLt, image.OpLe,
		image.OpIfEq, image.OpIfNe, image.OpIfLt, image.OpIfLe:
		return in.A == r || in.B == r
	}
	return false
}
