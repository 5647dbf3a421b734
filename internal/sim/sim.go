// Package sim is the simulated machine: cores, routers, queues and the clock.
//
// In: an image.Image (a compiled program), a machine.Machine (what the hardware
// is and what each action costs) and what the host does. Out: memory, streams,
// cycle counts, faults, and an explanation when nothing can move any more.
// It knows nothing of CSL. All coordinates count from the corner of the
// program rectangle. The same calls in the same order give the same bytes and
// the same cycles, whatever the number of workers and whatever the host.
//
// README.md in this folder has the phases of a cycle and the data layout.
package sim

import (
	"fmt"
	"runtime"
	"slices"

	"wafer/internal/check"
	"wafer/internal/diag"
	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/num"
	"wafer/internal/sim/fabric"
	"wafer/internal/sim/pe"
)

// Options are the settings of a simulation. The zero value works.
type Options struct {
	// Workers is the number of threads that share the rectangle; 0 means as many as
	// the host has and the rectangle pays for. Results do not depend on it, and a
	// team that finds the host busy runs on one thread for a while.
	Workers int
	// MaxCycles stops Run with Limit at this cycle; 0 means never.
	MaxCycles int64
	// Seed other than 0 picks among ready tasks at random instead of by the
	// documented order: a program whose result depends on it has a race.
	Seed uint64
	// StepByStep is the machine without its short cuts: every instruction is executed
	// at its own cycle, every wavelet's route is looked up at every hop, every
	// element goes through arbitration. Results are the same. For tests.
	StepByStep bool
	// Trace receives events in a fixed order, from the goroutine that called Run.
	Trace func(Event)
	// TraceCore selects the cores that are traced; nil means all.
	TraceCore func(x, y int) bool
	// Progress is called about every ProgressCycles cycles (0: every 65,536).
	Progress       func(cycle int64, cores int)
	ProgressCycles int64
	// Checkpoint is called in the middle of Run about every CheckpointCycles cycles
	// (0: every 65,536), between two cycles, so that it may Save.
	Checkpoint       func()
	CheckpointCycles int64
	// MinBurst is the number of elements from which a stream is moved as a whole where it
	// owns its way; 0 means pe.MinBurst. Results do not depend on it. For tests.
	MinBurst int
}

// Event is one thing that happened on a core, for timelines and logs.
type Event = pe.Event

// Stats are the counters of one core.
type Stats = pe.Stats

// Fault is a mistake of the simulated program that the machine noticed.
type Fault struct {
	X, Y    int
	Cycle   int64
	PC      int32 // -1 when no instruction is to blame
	Code    string
	Message string
	Place   string // "file:line" when the program has lines
}

// Error makes a Fault printable and usable where one error is returned.
func (f Fault) Error() string {
	s := fmt.Sprintf("core (%d,%d) at cycle %d: %s [%s]", f.X, f.Y, f.Cycle, f.Message, f.Code)
	if f.Place != "" {
		s += " at " + f.Place
	}
	return s
}

// Print is one OpPrint of a core.
type Print struct {
	X, Y  int
	Cycle int64
	Text  string
}

// Reason says why Run returned.
type Reason uint8

// The reasons. Quiet means that nothing can move and no timer is pending; it is
// a deadlock exactly if something is still owed, see Explain.
const (
	Done Reason = iota
	Quiet
	Faulted
	Limit
	Cancelled
)

// String names the reason.
func (r Reason) String() string {
	return [...]string{"done", "quiet", "fault", "limit", "cancelled"}[r]
}

// Stop is the outcome of Run.
type Stop struct {
	Reason Reason
	Cycle  int64
	Faults []Fault // of this run, in order of cycle, then core
}

// Until says when Run shall return. The zero value runs until Quiet.
type Until struct {
	Launches bool        // until no core owes an OpHostDone
	Cycle    int64       // until this cycle, when > 0
	Cond     func() bool // asked after every cycle; must not change the simulation
}

// Sim is one simulation. It is used from one goroutine at a time.
type Sim struct {
	im     *image.Image
	m      *machine.Machine
	opt    Options
	bands  []band
	now    int64
	ports  []portRef
	faults []Fault
	prints []Print
	team   *team
	pace   pace
	id     *identity // of image and machine, once it is known
	keepAt int64     // cycle of the next call of Options.Checkpoint
}

// band is a share of whole rows: routers and cores.
type band struct {
	net   *fabric.Grid
	cores *pe.Cluster
	y0    int
}

// New loads im on machine m. Cores with initially active tasks start with the
// first cycle of the first Run.
func New(im *image.Image, m *machine.Machine, opt Options) (*Sim, error) {
	if err := valid(im, m); err != nil {
		return nil, err
	}
	s := &Sim{im: im, m: m, opt: opt}
	fp, ok := num.ParseFormat(im.FP16)
	if !ok {
		fp = num.F16
	}
	progs, err := pe.Programs(im.Programs, m)
	if err != nil {
		return nil, err
	}
	s.split(progs, fp)
	s.makePorts()
	return s, nil
}

// valid checks what the packages below rely on.
func valid(im *image.Image, m *machine.Machine) error {
	if im.Arch != m.Arch {
		return diag.Diagnostic{
			Code: "S0001", Message: fmt.Sprintf("the program is compiled for %s and the machine %s is a %s", im.Arch, m.Name, m.Arch),
			Cure: "choose a machine of the same architecture, or compile with --arch=" + m.Arch.String(),
		}
	}
	if im.Rect.W <= 0 || im.Rect.H <= 0 || len(im.Tiles) != im.Rect.W*im.Rect.H {
		return diag.Diagnostic{Code: "S0002", Message: fmt.Sprintf("a rectangle of %d×%d cores with %d tiles", im.Rect.W, im.Rect.H, len(im.Tiles))}
	}
	if im.Rect.W > m.RectW || im.Rect.H > m.RectH {
		return diag.Diagnostic{
			Code: "S0003", Message: fmt.Sprintf("the program takes %d×%d cores, machine %s has %d×%d", im.Rect.W, im.Rect.H, m.Name, m.RectW, m.RectH),
			Cure: "make the rectangle smaller or choose a larger machine",
		}
	}
	for i, t := range im.Tiles {
		if int(t.Program) >= len(im.Programs) || t.Routes < 0 || int(t.Routes) >= len(im.RouteSets) {
			return diag.Diagnostic{Code: "S0004", Message: fmt.Sprintf("tile %d names program %d and routes %d, which do not exist", i, t.Program, t.Routes)}
		}
	}
	return nil
}

// split cuts the rectangle into one band of rows for each worker.
func (s *Sim) split(progs []*pe.Program, fp num.Format) {
	w, h := s.im.Rect.W, s.im.Rect.H
	n := max(1, min(s.opt.workers(w*h), h))
	tabs := fabric.TablesOf(s.im)
	for i := range s.im.RouteSets {
		for _, r := range s.im.RouteSets[i].Routes {
			if r.SwapX || r.SwapY {
				n = 1 // a swap can split a wavelet at a border, see fabric.Border
			}
		}
	}
	cuts := s.cuts(n)
	for i := range n {
		y0, y1 := cuts[i], cuts[i+1]
		tables := make([]*fabric.Table, (y1-y0)*w)
		of := make([]int32, (y1-y0)*w)
		for t := range tables {
			tile := &s.im.Tiles[y0*w+t]
			tables[t], of[t] = tabs[tile.Routes], tile.Program
		}
		g := fabric.New(w, y1-y0, y0, s.m, tables)
		g.SetHost(s.im.D2H)
		k := pe.New(g, s.m, w, h, fp, progs, of)
		k.Trace, k.Traced, k.Seed = s.opt.Trace != nil, s.opt.TraceCore, s.opt.Seed
		g.Plainly, k.Plainly = s.opt.StepByStep, s.opt.StepByStep
		s.bands = append(s.bands, band{g, k, y0})
	}
	for i := 1; i < n; i++ {
		fabric.Join(s.bands[i-1].net, s.bands[i].net)
	}
}

// cuts gives the first row of each band, and the height: bands have about equal
// work, for which the number of their programs has to stand, and a row at least.
func (s *Sim) cuts(n int) []int {
	w, h := s.im.Rect.W, s.im.Rect.H
	const program = 1 << 20 // weight of a core with a program against one without
	below := make([]int, h+1)
	for y := range h {
		below[y+1] = below[y] + w
		for _, t := range s.im.Tiles[y*w : (y+1)*w] {
			if t.Program >= 0 {
				below[y+1] += program
			}
		}
	}
	cuts := make([]int, n+1)
	for i := 1; i < n; i++ {
		y, _ := slices.BinarySearch(below, below[h]*i/n)
		cuts[i] = min(max(y, cuts[i-1]+1), h-n+i)
	}
	cuts[n] = h
	return cuts
}

// coresPerWorker is the size of a share from which a thread pays.
const coresPerWorker = 512

func (o *Options) workers(cores int) int {
	if o.Workers > 0 {
		return o.Workers
	}
	return max(1, min(runtime.NumCPU(), cores/coresPerWorker))
}

// at finds the band and the tile of a core.
func (s *Sim) at(x, y int) (*band, int32) {
	check.That(x >= 0 && x < s.im.Rect.W && y >= 0 && y < s.im.Rect.H, "core (%d,%d) outside the rectangle", x, y)
	b := &s.bands[0]
	for i := range s.bands {
		if s.bands[i].y0 > y {
			break
		}
		b = &s.bands[i]
	}
	return b, int32((y-b.y0)*s.im.Rect.W + x)
}

// Cycle is the number of cycles that have passed.
func (s *Sim) Cycle() int64 { return s.now }

// Faults gives all faults so far, by cycle, then core.
func (s *Sim) Faults() []Fault { return s.faults }

// Prints gives all prints so far, by cycle, then core.
func (s *Sim) Prints() []Print { return s.prints }

// Width and Height are the size of the program rectangle.
func (s *Sim) Width() int { return s.im.Rect.W }

// Height is the number of rows.
func (s *Sim) Height() int { return s.im.Rect.H }
