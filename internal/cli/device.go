package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"wafer/internal/csl/outdir"
	"wafer/internal/host"
	"wafer/internal/host/wire"
	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/sim"
)

// deviceOptions say how to put a program on a simulated wafer.
type deviceOptions struct {
	Dir       string // output directory; or Image
	Image     *image.Image
	Profile   string // machine description; empty for that of the architecture
	Threads   int
	MaxCycles int64
	SimLog    string // path, empty for none
	Looks     looks
	Err       io.Writer // for the progress line
	Keep      keeping
	Resume    string // checkpoint to go on from, empty for none
	// Events, if set, receives every event of every core, beside a timeline.
	Events func(sim.Event)
}

// device is a program on a simulated wafer with a host, and what must be closed.
type device struct {
	*host.Host
	sim   *sim.Sim
	looks looks
	time  *timeline
	log   *os.File
	lines *host.SimLog
	begin time.Time
	line  *progress
	keep  *keeper
}

// openDevice joins image, machine, simulator and host.
func openDevice(o deviceOptions) (*device, error) {
	im := o.Image
	if im == nil {
		var err error
		if im, err = outdir.Read(o.Dir); err != nil {
			return nil, err
		}
	}
	m := machine.Default(im.Arch)
	if o.Profile != "" {
		var err error
		if m, err = machine.Preset(o.Profile); err != nil {
			return nil, err
		}
	}
	d := &device{begin: time.Now(), line: newProgress(o.Err), looks: o.Looks}
	so := sim.Options{Workers: o.Threads, MaxCycles: o.MaxCycles, Progress: d.line.report}
	var err error
	if o.Looks.Trace != "" {
		if d.time, err = newTimeline(o.Looks, im); err != nil {
			return nil, err
		}
		so.Trace, so.TraceCore = d.time.event, d.time.wants
	}
	if o.Events != nil {
		so.Trace, so.TraceCore = both(so.Trace, o.Events), nil
	}
	var opt host.Options
	d.keep = newKeeper(d, o.Keep, o.Err, &so, &opt)
	note, err := d.load(im, m, so, o.Resume)
	if err != nil {
		return nil, err
	}
	if o.SimLog != "" {
		if d.log, err = os.Create(o.SimLog); err != nil {
			return nil, fmt.Errorf("write sim.log: %w", err)
		}
		d.lines = host.NewSimLog(d.log, im, Version, func() float64 { return time.Since(d.begin).Seconds() })
		opt.Log = d.lines
	}
	d.Host = host.New(im, d.sim, opt)
	return d, d.Resume(note)
}

// load makes the simulation, from a checkpoint if there is one, whose note it gives.
func (d *device) load(im *image.Image, m *machine.Machine, so sim.Options, resume string) (note []byte, err error) {
	if resume == "" {
		d.sim, err = sim.New(im, m, so)
		return nil, err
	}
	return host.ReadCheckpoint(resume, func(r io.Reader) (note []byte, err error) {
		d.sim, note, err = sim.Load(r, im, m, so)
		return note, err
	})
}

// both passes events on to two listeners, the first of which may be absent.
func both(a, b func(sim.Event)) func(sim.Event) {
	if a == nil {
		return b
	}
	return func(e sim.Event) {
		a(e)
		b(e)
	}
}

// Close ends the log and leaves a line of statistics where WAFER_STATS asks.
func (d *device) Close() error {
	d.line.end()
	err := drawHeat(d.looks, d)
	if d.time != nil {
		err = errors.Join(err, d.time.close())
	}
	if d.log != nil {
		err = errors.Join(err, d.lines.Flush(), d.log.Close())
	}
	path := os.Getenv("WAFER_STATS")
	if path == "" {
		return err
	}
	f, e := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if e != nil {
		return errors.Join(err, e)
	}
	e = json.NewEncoder(f).Encode(map[string]any{"cycles": d.Cycle(), "seconds": time.Since(d.begin).Seconds()})
	return errors.Join(err, e, f.Close())
}

// wireEnv serves host programs in other languages.
func wireEnv(errw io.Writer) wire.Env {
	return wire.Env{
		Version: Version,
		Open: func(_ context.Context, r wire.OpenRequest) (*host.Host, io.Closer, error) {
			d, err := openDevice(deviceOptions{Dir: r.Dir, Profile: r.Profile, Threads: r.Threads, SimLog: r.SimLog, Resume: r.Resume, Looks: looksFromEnv(), Err: errw})
			if err != nil {
				return nil, nil, err
			}
			return d.Host, d, nil
		},
		Layout: compileLayout(errw),
	}
}

// progress is a line on a terminal that says how far a long run is.
type progress struct {
	w       io.Writer
	begin   time.Time
	last    time.Time
	cycle   int64
	written bool
}

// The line appears when a run takes longer than progressAfter.
const (
	progressAfter = 2 * time.Second
	progressEvery = 500 * time.Millisecond
)

// newProgress gives a line that stays silent where w is not a terminal.
func newProgress(w io.Writer) *progress {
	if f, ok := w.(*os.File); !ok || !term.IsTerminal(int(f.Fd())) {
		w = nil
	}
	now := time.Now()
	return &progress{w: w, begin: now, last: now}
}

func (p *progress) report(cycle int64, cores int) {
	if p.w == nil {
		return
	}
	now := time.Now()
	if now.Sub(p.begin) < progressAfter || now.Sub(p.last) < progressEvery {
		return
	}
	rate := float64(cycle-p.cycle) / now.Sub(p.last).Seconds()
	fmt.Fprintf(p.w, "\r\033[Kcycle %d, %.0f cycles/s, %d cores awake", cycle, rate, cores)
	p.last, p.cycle, p.written = now, cycle, true
}

func (p *progress) end() {
	if p.w != nil && p.written {
		fmt.Fprint(p.w, "\r\033[K")
	}
}
