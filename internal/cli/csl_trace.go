package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/sim"
	"wafer/internal/trace"
)

// looks says what to draw of a run. Host programs get the same by environment
// variables, since they have no command line of ours.
type looks struct {
	Trace       string `help:"Write a timeline for ui.perfetto.dev to this file." type:"path" placeholder:"FILE" env:"WAFER_TRACE"`
	TraceCores  string `help:"Only these cores of the timeline." placeholder:"X,Y,W,H" env:"WAFER_TRACE_CORES"`
	TraceCycles string `help:"Only this range of cycles of the timeline." placeholder:"FROM:TO" env:"WAFER_TRACE_CYCLES"`
	Heat        string `help:"Draw how busy each core was." type:"path" placeholder:"FILE" env:"WAFER_HEAT"`
	LinkHeat    string `help:"Draw how many wavelets each router sent." type:"path" placeholder:"FILE" env:"WAFER_LINK_HEAT"`
}

// looksFromEnv reads the variables that the flags name.
func looksFromEnv() looks {
	return looks{
		Trace: os.Getenv("WAFER_TRACE"), TraceCores: os.Getenv("WAFER_TRACE_CORES"), TraceCycles: os.Getenv("WAFER_TRACE_CYCLES"),
		Heat: os.Getenv("WAFER_HEAT"), LinkHeat: os.Getenv("WAFER_LINK_HEAT"),
	}
}

// timeline writes what happens on cores while it happens.
type timeline struct {
	file *os.File
	w    *trace.Writer
	im   *image.Image
	rect trace.Rect
	open map[lane]started // what has begun on each row of each core
}

type lane struct{ x, y, slot int32 }

type started struct {
	name string
	at   int64
}

// The rows of a core: its tasks, its microthreads 0 to 7, the main thread's
// operations.
const (
	laneTasks = 0
	laneSlot  = 1
	laneMain  = laneSlot + 8
)

func newTimeline(l looks, im *image.Image) (*timeline, error) {
	opt := trace.Options{}
	t := &timeline{im: im, open: map[lane]started{}}
	if l.TraceCores != "" {
		if _, err := fmt.Sscanf(l.TraceCores, "%d,%d,%d,%d", &t.rect.X, &t.rect.Y, &t.rect.W, &t.rect.H); err != nil {
			return nil, &fault{code: ExitUsage, err: fmt.Errorf("%q is not X,Y,W,H", l.TraceCores)}
		}
		opt.Cores = []trace.Rect{t.rect}
	}
	if l.TraceCycles != "" {
		from, to, ok := strings.Cut(l.TraceCycles, ":")
		var err1, err2 error
		if opt.From, err1 = strconv.ParseUint("0"+from, 10, 64); to != "" {
			opt.To, err2 = strconv.ParseUint(to, 10, 64)
		}
		if !ok || err1 != nil || err2 != nil {
			return nil, &fault{code: ExitUsage, err: fmt.Errorf("%q is not FROM:TO", l.TraceCycles)}
		}
	}
	var err error
	if t.file, err = os.Create(l.Trace); err != nil {
		return nil, fmt.Errorf("write timeline: %w", err)
	}
	t.w = trace.NewWriter(t.file, opt)
	return t, nil
}

// wants keeps the simulator from preparing events of other cores.
func (t *timeline) wants(x, y int) bool {
	r := t.rect
	return x >= r.X && y >= r.Y && (r.W == 0 || x < r.X+r.W) && (r.H == 0 || y < r.Y+r.H)
}

// event pairs beginnings with ends: a viewer wants things that have a length.
func (t *timeline) event(e sim.Event) {
	c := trace.Core{X: int(e.X), Y: int(e.Y)}
	at := uint64(max(0, e.Cycle))
	switch e.Kind {
	case sim.EventTask:
		t.begin(e, laneTasks, t.taskName(e))
	case sim.EventTaskEnd:
		t.end(e, c, laneTasks, "task")
	case sim.EventOp:
		t.begin(e, laneSlot+e.ID, opName(e.Arg))
	case sim.EventOpEnd:
		t.end(e, c, laneSlot+e.ID, "operation")
	case sim.EventMem:
		t.w.Lane(c, laneMain, "main thread")
		t.w.Complete(c, laneMain, opName(e.Arg), "memory", at, at+uint64(max(0, e.ID)))
	case sim.EventPrint:
		t.w.Instant(c, laneTasks, "print", "print", at, trace.Text("text", e.Text))
	case sim.EventFault:
		t.w.Instant(c, laneTasks, "fault", "fault", at, trace.Text("text", e.Text))
	}
}

func (t *timeline) begin(e sim.Event, row int32, name string) {
	t.open[lane{e.X, e.Y, row}] = started{name, e.Cycle}
}

func (t *timeline) end(e sim.Event, c trace.Core, row int32, category string) {
	k := lane{e.X, e.Y, row}
	s, ok := t.open[k]
	if !ok {
		return // it began before the trace did
	}
	delete(t.open, k)
	label := "tasks"
	if row == laneMain {
		label = "main thread"
	} else if row > laneTasks {
		label = fmt.Sprintf("microthread %d", row-laneSlot)
	}
	t.w.Lane(c, int(row), label)
	t.w.Complete(c, int(row), s.name, category, uint64(s.at), uint64(e.Cycle))
}

func (t *timeline) taskName(e sim.Event) string {
	i := t.im.Tile(int(e.X), int(e.Y)).Program
	if i < 0 || e.Arg < 0 || int(e.Arg) >= len(t.im.Programs[i].Funcs) {
		return fmt.Sprintf("task %d", e.ID)
	}
	return t.im.Programs[i].Funcs[e.Arg].Name
}

func opName(kind int32) string {
	if kind > 0 && kind < int32(image.NumDSDOps) {
		return "@" + image.DSDTable[kind].Name
	}
	return "@map"
}

func (t *timeline) close() error {
	return errors.Join(t.w.Close(), t.file.Close())
}

// drawHeat writes the pictures that l asks for.
func drawHeat(l looks, d *device) error {
	im := d.Image()
	picture := func(path, title, unit string, value func(x, y int) float64) error {
		if path == "" {
			return nil
		}
		v := make([]float64, 0, im.Rect.W*im.Rect.H)
		for y := range im.Rect.H {
			for x := range im.Rect.W {
				v = append(v, value(x, y))
			}
		}
		return toFile(path, func(w io.Writer) error {
			return trace.HeatMap{Title: title, Unit: unit, W: im.Rect.W, H: im.Rect.H, Values: v}.Write(w)
		})
	}
	return errors.Join(
		picture(l.Heat, "Time at work", "%", func(x, y int) float64 {
			s := d.sim.Stats(x, y)
			return 100 * float64(s.Scalar+s.DSD) / float64(max(1, d.Cycle()))
		}),
		picture(l.LinkHeat, "Wavelets sent to neighbours", "wavelets", func(x, y int) float64 {
			n := uint64(0)
			for dir, k := range d.sim.LinkLoad(x, y) {
				if machine.Dir(dir) != machine.Ramp {
					n += k
				}
			}
			return float64(n)
		}),
	)
}
