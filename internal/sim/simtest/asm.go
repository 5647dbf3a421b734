// Package simtest is a small language for tests of the machine: it assembles
// images by hand, runs them, and checks what they did. One script runs on every
// engine. README.md describes the language.
//
// In: the text of a script. Out: an image.Image and the steps to take with it.
package simtest

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"wafer/internal/check"
	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/num"
)

// Script is an assembled script.
type Script struct {
	Image   *image.Image
	Machine *machine.Machine
	Steps   []Step
}

// Step is a command of the second half of a script.
type Step struct {
	Line int
	Args []string
}

// asm is the state of the assembler.
type asm struct {
	s      *Script
	im     *image.Image
	prog   *image.Program
	byName map[string]int32
	routes map[[2]int]*image.RouteSet
	funcs  map[string]int32
	labels map[string]int32
	fixes  []fix
	line   int
	inFunc bool
}

// fix is an immediate that names a label or a function defined later.
type fix struct {
	pc   int
	name string
	fn   bool
	line int
}

// Assemble reads a script.
func Assemble(text string) (*Script, error) {
	a := &asm{s: &Script{Machine: machine.Default(machine.WSE3)}, im: &image.Image{FP16: "f16"}, byName: map[string]int32{}, routes: map[[2]int]*image.RouteSet{}}
	a.s.Image = a.im
	for i, l := range strings.Split(text, "\n") {
		a.line = i + 1
		if at := strings.IndexByte(l, ';'); at >= 0 {
			l = l[:at]
		}
		f := strings.Fields(l)
		if len(f) == 0 {
			continue
		}
		if err := a.statement(f); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	a.finish()
	return a.s, nil
}

func (a *asm) statement(f []string) error {
	if a.prog != nil {
		return a.programLine(f)
	}
	switch f[0] {
	case "machine":
		m, err := machine.Preset(f[1])
		if err != nil {
			return err
		}
		a.s.Machine = m
	case "fp16":
		a.im.FP16 = f[1]
	case "grid":
		w, h := atoi(f[1]), atoi(f[2])
		a.im.Rect = image.Rect{W: w, H: h}
		a.im.Tiles = make([]image.Tile, w*h)
		for i := range a.im.Tiles {
			a.im.Tiles[i].Program = -1
		}
	case "h2d":
		a.im.H2D = append(a.im.H2D, uint8(atoi(f[1])))
	case "d2h":
		a.im.D2H = append(a.im.D2H, uint8(atoi(f[1])))
	case "port":
		a.im.Ports = append(a.im.Ports, image.Port{X: atoi(f[1]), Y: atoi(f[2]), Color: uint8(atoi(f[3])), Edge: dir(f[4]), Input: f[5] == "in"})
	case "route":
		return a.route(f[1:])
	case "program":
		a.prog = &image.Program{Name: f[1], File: f[1], StackAt: 0x1000}
		a.funcs = map[string]int32{}
		a.fixes = nil
	case "place":
		for _, x := range span(f[1], a.im.Rect.W) {
			for _, y := range span(f[2], a.im.Rect.H) {
				p, ok := a.byName[f[3]]
				if !ok {
					return fmt.Errorf("no program %s", f[3])
				}
				a.im.Tile(x, y).Program = p
			}
		}
	default:
		a.s.Steps = append(a.s.Steps, Step{a.line, f})
	}
	return nil
}

// route X Y color C rx D,D tx D,D [pos1 rx=D tx=D] [ring] [pop=M] [cur=N] …
func (a *asm) route(f []string) error {
	r := image.Route{Color: uint8(atoi(f[3]))}
	r.Pos[0] = image.Position{Rx: dirs(f[5]), Tx: dirs(f[7]), Valid: true}
	for _, o := range f[8:] {
		k, v, _ := strings.Cut(o, "=")
		switch k {
		case "pos1", "pos2", "pos3":
			p := &r.Pos[k[3]-'0']
			side, d, _ := strings.Cut(v, ":")
			if p.Valid = true; side == "rx" {
				p.Rx = dirs(d)
			} else {
				p.Tx = dirs(d)
			}
		case "ring":
			r.Ring = true
		case "cur":
			r.Current = uint8(atoi(v))
		case "teardown":
			r.Teardown = true
		case "swapx":
			r.SwapX = true
		case "swapy":
			r.SwapY = true
		case "pop":
			r.Pop = map[string]image.PopMode{"no": image.NoPop, "always": image.AlwaysPop, "advance": image.PopOnAdvance, "nop": image.PopOnAdvanceNop}[v]
		case "range":
			n := ints(v)
			r.Filter = &image.Filter{Kind: image.FilterRange, MinIdx: uint16(n[0]), MaxIdx: uint16(n[1])}
		case "counter": // init,max,limit1
			n := ints(v)
			r.Filter = &image.Filter{Kind: image.FilterCounter, CountData: true, Init: uint16(n[0]), Max: uint16(n[1]), Lim1: uint16(n[2])}
		case "sparse": // init,max,limit1,limit2
			n := ints(v)
			r.Filter = &image.Filter{Kind: image.FilterSparse, CountData: true, Init: uint16(n[0]), Max: uint16(n[1]), Lim1: uint16(n[2]), Lim2: uint16(n[3])}
		case "onlyctrl": // after counter
			r.Filter.OnlyCtrl, r.Filter.CountCtrl = true, true
		default:
			return fmt.Errorf("unknown route option %s", o)
		}
	}
	for _, x := range span(f[0], a.im.Rect.W) {
		for _, y := range span(f[1], a.im.Rect.H) {
			rs := a.routes[[2]int{x, y}]
			if rs == nil {
				rs = new(image.RouteSet)
				a.routes[[2]int{x, y}] = rs
			}
			rs.Routes = append(rs.Routes, r)
			slices.SortFunc(rs.Routes, func(a, b image.Route) int { return int(a.Color) - int(b.Color) })
		}
	}
	return nil
}

// finish gives every tile a route set; equal ones are not merged.
func (a *asm) finish() {
	a.im.Arch = a.s.Machine.Arch
	a.im.FabricW, a.im.FabricH = a.im.Rect.W, a.im.Rect.H
	a.im.RouteSets = []image.RouteSet{{}}
	for y := range a.im.Rect.H {
		for x := range a.im.Rect.W {
			if rs := a.routes[[2]int{x, y}]; rs != nil {
				a.im.Tile(x, y).Routes = int32(len(a.im.RouteSets))
				a.im.RouteSets = append(a.im.RouteSets, *rs)
			}
		}
	}
}

func (a *asm) programLine(f []string) error {
	p := a.prog
	switch f[0] {
	case "end":
		return a.endProgram()
	case "in", "out":
		q := image.Queue{Used: true, Color: uint8(atoi(f[3]))}
		for _, o := range f[4:] {
			q.Control = q.Control || o == "control"
		}
		if f[0] == "in" {
			p.In[atoi(f[1])] = q
		} else {
			p.Out[atoi(f[1])] = q
		}
	case "data":
		p.Data = append(p.Data, image.Segment{Addr: uint16(atoi(f[1])), Words: words(f[2], f[3:])})
		slices.SortFunc(p.Data, func(a, b image.Segment) int { return int(a.Addr) - int(b.Addr) })
	case "fifo":
		fi := image.Fifo{Addr: uint16(atoi(f[1])), Words: uint16(atoi(f[2])), ActivatePush: -1, ActivatePop: -1}
		for _, o := range f[3:] {
			act := map[string]image.FifoAction{"terminate": image.FifoTerminate, "suspend": image.FifoSuspend, "fault": image.FifoFault}
			switch k, v, _ := strings.Cut(o, "="); k {
			case "push":
				fi.ActivatePush = int8(atoi(v))
			case "pop":
				fi.ActivatePop = int8(atoi(v))
			case "empty":
				fi.Empty = act[v]
			case "full":
				fi.Full = act[v]
			}
		}
		p.Fifos = append(p.Fifos, fi)
	case "task": // task local|data|control ID func [queue]
		t := image.Task{ID: uint8(atoi(f[2])), Queue: 255, Kind: map[string]image.TaskKind{"local": image.TaskLocal, "data": image.TaskData, "control": image.TaskControl}[f[1]]}
		t.Func = a.fn(f[3])
		if len(f) > 4 {
			t.Queue = uint8(atoi(f[4]))
		}
		p.Tasks = append(p.Tasks, t)
	case "rotate": // rotate QUEUE func LIMIT INIT
		p.Rotate = append(p.Rotate, image.Rotation{Queue: uint8(atoi(f[1])), Func: a.fn(f[2]), Limit: uint16(atoi(f[3])), Init: uint16(atoi(f[4]))})
	case "active":
		p.Active |= 1 << atoi(f[1])
	case "blocked":
		p.Blocked |= 1 << atoi(f[1])
	case "teardown":
		if p.Teardown == nil {
			p.Teardown = map[uint8]int32{}
		}
		p.Teardown[uint8(atoi(f[1]))] = a.fn(f[2])
	case "empty":
		if p.QueueEmpty == nil {
			p.QueueEmpty = map[uint8]int32{}
		}
		p.QueueEmpty[uint8(atoi(f[1]))] = a.fn(f[2])
	case "text":
		t, err := strconv.Unquote(strings.Join(f[1:], " "))
		if err != nil {
			return err
		}
		p.Strings = append(p.Strings, t)
	case "export":
		a.im.Exports = append(a.im.Exports, image.Export{ID: len(a.im.Exports), Name: f[1], Kind: image.ExportFunc})
		p.Exports = append(p.Exports, image.Binding{Export: len(a.im.Exports) - 1, Func: a.fn(f[1])})
	case "func":
		return a.startFunc(f[1:])
	default:
		return a.instruction(f)
	}
	return nil
}

// fn gives the number of a function, which may be defined later.
func (a *asm) fn(name string) int32 {
	if i, ok := a.funcs[name]; ok {
		return i
	}
	i := int32(len(a.prog.Funcs))
	a.funcs[name] = i
	a.prog.Funcs = append(a.prog.Funcs, image.Func{Name: name, PC: -1})
	return i
}

// func NAME [arg representations …] [rets=N]
func (a *asm) startFunc(f []string) error {
	a.endFunc()
	fn := &a.prog.Funcs[a.fn(f[0])]
	fn.PC, fn.Regs = int32(len(a.prog.Code)), 16
	for _, o := range f[1:] {
		if v, ok := strings.CutPrefix(o, "rets="); ok {
			fn.Rets = atoi(v)
			continue
		}
		r, err := rep(o)
		if err != nil {
			return err
		}
		fn.ArgReps = append(fn.ArgReps, r)
		fn.Args += r.Regs()
	}
	a.labels = map[string]int32{}
	a.inFunc = true
	return nil
}

func (a *asm) endFunc() {
	if !a.inFunc {
		return
	}
	a.inFunc = false
	rest := a.fixes[:0]
	for _, x := range a.fixes {
		if pc, ok := a.labels[x.name]; ok && !x.fn {
			a.prog.Code[x.pc].Imm = int64(pc)
			continue
		}
		rest = append(rest, x)
	}
	a.fixes = rest
}

func (a *asm) endProgram() error {
	a.endFunc()
	for _, x := range a.fixes {
		i, ok := a.funcs[x.name]
		if !ok || !x.fn {
			return fmt.Errorf("%s of line %d is not defined", x.name, x.line)
		}
		a.prog.Code[x.pc].Imm = int64(i)
	}
	for _, f := range a.prog.Funcs {
		if f.PC < 0 {
			return fmt.Errorf("function %s is not defined", f.Name)
		}
	}
	a.byName[a.prog.Name] = int32(len(a.im.Programs))
	a.im.Programs = append(a.im.Programs, a.prog)
	a.prog = nil
	return nil
}

func rep(s string) (image.Rep, error) {
	for r := image.Void; r < image.NumReps; r++ {
		if r.String() == s {
			return r, nil
		}
	}
	return 0, fmt.Errorf("no representation %s", s)
}

func atoi(s string) int {
	n, err := strconv.ParseInt(s, 0, 64)
	check.That(err == nil, "simtest: %q is not a number", s)
	return int(n)
}

func ints(s string) (ns []int) {
	for _, p := range strings.Split(s, ",") {
		ns = append(ns, atoi(p))
	}
	return ns
}

// span reads "*", "3" or "1-4".
func span(s string, n int) (is []int) {
	lo, hi := 0, n-1
	if s != "*" {
		a, b, two := strings.Cut(s, "-")
		if lo, hi = atoi(a), atoi(a); two {
			hi = atoi(b)
		}
	}
	for i := lo; i <= hi; i++ {
		is = append(is, i)
	}
	return is
}

func dir(s string) machine.Dir { return machine.Dir(strings.Index("rewns", s)) }

func dirs(s string) (set machine.DirSet) {
	for _, c := range s {
		if c != '-' {
			set |= machine.Set(dir(string(c)))
		}
	}
	return set
}

// words encodes values as memory holds them.
func words(typ string, vs []string) (ws []uint16) {
	for _, v := range vs {
		b := bitsOf(typ, v)
		ws = append(ws, uint16(b))
		if typ == "f32" || typ == "u32" || typ == "i32" {
			ws = append(ws, uint16(b>>16))
		}
	}
	return ws
}

func bitsOf(typ, v string) uint64 {
	switch typ {
	case "f32", "f16":
		x, err := strconv.ParseFloat(v, 64)
		check.That(err == nil, "simtest: %q is not a number", v)
		if typ == "f32" {
			return uint64(math.Float32bits(float32(x)))
		}
		return uint64(num.F16.FromF64(x))
	}
	return uint64(atoi(v))
}
