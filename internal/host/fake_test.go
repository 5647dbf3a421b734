package host

import (
	"context"

	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/sim"
)

// fake is a device whose program is a Go function: what a cycle does is step's
// business, so a test can play any program without a compiler.
type fake struct {
	w, h    int
	mem     [][]uint16
	now     int64
	pending int
	in, out map[stream][]uint32
	started []start
	step    func(f *fake) (moved bool)
	prints  []sim.Print
}

type start struct {
	x, y int
	fn   int
	args []uint16
}

func newFake(w, h int, step func(f *fake) bool) *fake {
	f := &fake{w: w, h: h, in: map[stream][]uint32{}, out: map[stream][]uint32{}, step: step}
	for range w * h {
		f.mem = append(f.mem, make([]uint16, machine.SRAMWords))
	}
	return f
}

func (f *fake) Start(x, y, fn int, args []uint16) error {
	f.started = append(f.started, start{x, y, fn, args})
	f.pending++
	return nil
}
func (f *fake) Pending() int { return f.pending }
func (f *fake) Read(x, y int, addr uint16, dst []uint16) error {
	copy(dst, f.mem[y*f.w+x][addr:])
	return nil
}

func (f *fake) Write(x, y int, addr uint16, src []uint16) error {
	copy(f.mem[y*f.w+x][addr:], src)
	return nil
}

func (f *fake) push(s stream, w []uint32) { f.in[s] = append(f.in[s], w...) }
func (f *fake) pop(s stream, dst []uint32) int {
	n := copy(dst, f.out[s])
	f.out[s] = f.out[s][n:]
	return n
}
func (f *fake) Push(x, y int, c uint8, w []uint32)      { f.push(ramp(x, y, int(c)), w) }
func (f *fake) Unsent(x, y int, c uint8) int            { return len(f.in[ramp(x, y, int(c))]) }
func (f *fake) Pop(x, y int, c uint8, dst []uint32) int { return f.pop(ramp(x, y, int(c)), dst) }
func (f *fake) PushPort(i int, w []uint32)              { f.push(stream{port: i}, w) }
func (f *fake) PortUnsent(i int) int                    { return len(f.in[stream{port: i}]) }
func (f *fake) PopPort(i int, dst []uint32) int         { return f.pop(stream{port: i}, dst) }

func (f *fake) Run(_ context.Context, u sim.Until) sim.Stop {
	for {
		switch {
		case u.Launches && f.pending == 0, u.Cycle > 0 && f.now >= u.Cycle, u.Cond != nil && u.Cond():
			return sim.Stop{Reason: sim.Done, Cycle: f.now}
		}
		f.now++
		if f.step == nil || !f.step(f) {
			return sim.Stop{Reason: sim.Quiet, Cycle: f.now}
		}
	}
}

func (f *fake) Explain() sim.Stall { return sim.Stall{Hints: []string{"core (0,0) waits"}} }

func (f *fake) Prints() []sim.Print {
	return f.prints
}
func (f *fake) Cycle() int64 { return f.now }

// take removes the first wavelet of an inbound stream.
func (f *fake) take(s stream) (uint32, bool) {
	q := f.in[s]
	if len(q) == 0 {
		return 0, false
	}
	f.in[s] = q[1:]
	return q[0], true
}

const (
	ptrA    = 10  // the pointer variable of the export "A"
	dataA   = 100 // where it points
	valueAt = 50  // the variable of the export "n", no pointer
)

// testImage is a rectangle of one program that exports A, n, frozen and compute.
func testImage(w, h int) *image.Image {
	im := &image.Image{
		Arch: machine.WSE3, FabricW: w + 7, FabricH: h + 2, Rect: image.Rect{X: 4, Y: 1, W: w, H: h},
		Memcpy: true, H2D: []uint8{2, 3}, D2H: []uint8{4},
		Exports: []image.Export{
			{ID: 0, Name: "A", Kind: image.ExportVar, Type: "[*]f32", Mutable: true},
			{ID: 1, Name: "compute", Kind: image.ExportFunc, Type: "fn(i16, f32)void", Args: []string{"i16", "f32"}},
			{ID: 2, Name: "n", Kind: image.ExportVar, Type: "u16", Mutable: true},
			{ID: 3, Name: "frozen", Kind: image.ExportVar, Type: "[*]f32"},
			{ID: 4, Name: "go", Kind: image.ExportFunc, Type: "fn()void"},
		},
		Programs: []*image.Program{{
			Name: "0_0", File: "pe.csl", Code: []image.Instr{{Op: image.OpRet}},
			Funcs: []image.Func{{Name: "compute", Regs: 2, Args: 2}, {Name: "go"}},
			Exports: []image.Binding{
				{Export: 0, Func: -1, Addr: ptrA},
				{Export: 1, Func: 0},
				{Export: 2, Func: -1, Addr: valueAt},
				{Export: 3, Func: -1, Addr: ptrA},
				{Export: 4, Func: 1},
			},
			Symbols: []image.Symbol{{Name: "buf", Addr: dataA, Words: 4, Type: "[4]u16"}},
		}},
		RouteSets: []image.RouteSet{{}},
		Tiles:     make([]image.Tile, w*h),
		Ports: []image.Port{
			{Name: "in1", Color: 5, Edge: machine.West, Input: true},
			{Name: "in2", Color: 6, Edge: machine.West, Input: true},
			{Name: "out", Color: 7, Edge: machine.East},
		},
	}
	return im
}

func newHost(w, h int, step func(f *fake) bool) (*Host, *fake) {
	f := newFake(w, h, step)
	for i := range f.mem {
		f.mem[i][ptrA] = dataA
	}
	host := New(testImage(w, h), f, Options{})
	host.Run()
	return host, f
}
