package host

import (
	"context"
	"fmt"
	"strings"

	"wafer/internal/diag"
	"wafer/internal/image"
	"wafer/internal/sim"
)

// Options are the settings of a Host. The zero value works.
type Options struct {
	// Log receives the lines of sim.log; nil for none.
	Log *SimLog
	// SettleCycles bounds how long a copy waits for a busy program to come to
	// rest; 0 means DefaultSettle.
	SettleCycles int64
	// OnBreak is called when the device stopped before its time, because of the
	// caller's context or its own limit of cycles, while commands are still open: the
	// last chance to Save.
	OnBreak func()
}

// DefaultSettle is how long a copy waits for a program that never rests, such as
// one with a polling task. Programs of the public examples rest within 20,000.
const DefaultSettle = 1 << 20

// Host drives one device that has one image loaded.
type Host struct {
	im      *image.Image
	dev     Device
	opt     Options
	byName  map[string]int            // index into im.Exports
	binding []map[int]image.Binding   // for each program: export -> binding
	ports   map[string]int            // ports by name
	queue   []*Task                   // commands not yet done, in order
	running bool                      // Run was called
	printed int                       // prints that the log has
	stopped bool                      // Stop was called
	due     int64                     // cycle at which the present run of the device ends, see run
	symbols []map[string]image.Symbol // for each program, lazily
}

// New prepares a host for a device that was made from im.
func New(im *image.Image, dev Device, opt Options) *Host {
	if opt.SettleCycles == 0 {
		opt.SettleCycles = DefaultSettle
	}
	h := &Host{
		im: im, dev: dev, opt: opt,
		byName: map[string]int{}, ports: map[string]int{},
		binding: make([]map[int]image.Binding, len(im.Programs)),
		symbols: make([]map[string]image.Symbol, len(im.Programs)),
	}
	for i, e := range im.Exports {
		h.byName[e.Name] = i
	}
	for i, p := range im.Programs {
		h.binding[i] = map[int]image.Binding{}
		for _, b := range p.Exports {
			h.binding[i][b.Export] = b
		}
	}
	for i := range im.Ports {
		h.ports[im.Ports[i].Name] = i
	}
	return h
}

// Image gives the image that the host works on.
func (h *Host) Image() *image.Image { return h.im }

// Cycle gives the device's clock.
func (h *Host) Cycle() int64 { return h.dev.Cycle() }

// Export finds an exported name.
func (h *Host) Export(name string) (image.Export, error) {
	i, ok := h.byName[name]
	if !ok {
		names := make([]string, len(h.im.Exports))
		for j, e := range h.im.Exports {
			names[j] = e.Name
		}
		cure := "export it: @export_symbol in the core's program and @export_name in the layout"
		if near := diag.Nearest(name, names); near != "" {
			cure = fmt.Sprintf("did you mean %q?", near)
		} else if len(names) > 0 {
			cure = "the program exports " + strings.Join(names, ", ")
		}
		return image.Export{}, fail(CodeNoSymbol, cure, "the program exports nothing named %q", name)
	}
	return h.im.Exports[i], nil
}

// ID gives the number by which copies name a symbol.
func (h *Host) ID(name string) (int, error) {
	e, err := h.Export(name)
	return e.ID, err
}

// Run lets the program start: tasks that are active from the beginning may go.
// Time moves only when a later call waits for the device.
func (h *Host) Run() { h.running = true }

// Stop waits for all commands and closes the host for new ones. Memory can still
// be read with ReadSymbol and ReadTrace.
func (h *Host) Stop(ctx context.Context) error {
	if h.stopped {
		return nil
	}
	err := h.drain(ctx)
	if err == nil && h.running {
		err = h.settle(ctx)
	}
	h.stopped = true
	h.collectPrints()
	if h.opt.Log != nil {
		h.opt.Log.finish(h.dev.Cycle(), len(h.im.Tiles))
	}
	return err
}

// settle lets the device run until nothing moves, or for SettleCycles.
func (h *Host) settle(ctx context.Context) error {
	stop := h.run(ctx, sim.Until{Cycle: h.dev.Cycle() + h.opt.SettleCycles})
	h.collectPrints()
	return h.judge(ctx, stop)
}

// judge turns the outcomes that end a program into errors.
func (h *Host) judge(ctx context.Context, stop sim.Stop) error {
	switch stop.Reason {
	case sim.Faulted:
		ds := make([]diag.Diagnostic, 0, len(stop.Faults))
		for _, f := range stop.Faults {
			ds = append(ds, faultDiag(f))
		}
		return &Failure{ds}
	case sim.Limit:
		return fail(CodeLimit, "raise the limit, or look with `wafer csl profile` at what the cores do",
			"the program was still running at the limit of %d cycles", stop.Cycle)
	case sim.Cancelled:
		return context.Cause(ctx)
	}
	return nil
}

func faultDiag(f sim.Fault) diag.Diagnostic {
	d := diag.Diagnostic{Code: CodeFault, Message: f.Error()}
	if file, line, ok := strings.Cut(f.Place, ":"); ok {
		d.Pos.File = file
		if _, err := fmt.Sscanf(line, "%d", &d.Pos.Line); err != nil {
			d.Pos.Line = 0
		}
	}
	return d
}

func (h *Host) collectPrints() {
	if h.opt.Log == nil {
		return
	}
	all := h.dev.Prints()
	for _, p := range all[h.printed:] {
		h.opt.Log.print(p)
	}
	h.printed = len(all)
}

// program gives the program of a core, nil for a core that has only a router.
func (h *Host) program(x, y int) (int, *image.Program) {
	i := h.im.Tile(x, y).Program
	if i < 0 {
		return -1, nil
	}
	return int(i), h.im.Programs[i]
}

// isStream says whether the image gave the colour to the host.
func (h *Host) isStream(c int, in bool) bool {
	list := h.im.D2H
	if in {
		list = h.im.H2D
	}
	for _, k := range list {
		if int(k) == c {
			return true
		}
	}
	return false
}
