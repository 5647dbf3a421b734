package cli

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strings"
	"time"

	"wafer/internal/csl"
	"wafer/internal/diag"
	"wafer/internal/host"
	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/trace"
)

//go:embed demo/*.csl
var demoFiles embed.FS

// DemoCmd runs a sum and a broadcast over a rectangle of cores, by default the
// whole wafer: each core holds a number, and at the end each core holds the sum.
type DemoCmd struct {
	Machine string `help:"Machine to run on." default:"wse3"`
	Width   int    `help:"Columns; 0 for all that the machine gives to programs." default:"0"`
	Height  int    `help:"Rows; 0 for all." default:"0"`
	Threads int    `help:"Threads; results do not depend on it." placeholder:"N"`
	SVG     string `help:"Draw when the sum reached each core." type:"path" placeholder:"FILE"`
	JSON    bool   `help:"Print JSON."`
}

// demoReport is what the demo found.
type demoReport struct {
	Machine  string  `json:"machine"`
	Width    int     `json:"width"`
	Height   int     `json:"height"`
	Cores    int     `json:"cores"`
	Sum      float64 `json:"sum"`
	Expected float64 `json:"expected"`
	Wrong    int     `json:"wrong_cores"`
	First    int64   `json:"first_cycle"` // when the sum was at the first core
	Last     int64   `json:"last_cycle"`  // and at the last one
	Micros   float64 `json:"microseconds"`
	Compile  float64 `json:"compile_seconds"`
	Run      float64 `json:"run_seconds"`
}

// Run compiles, runs, checks and draws.
func (c *DemoCmd) Run(ctx context.Context, io Streams) error {
	m, err := machine.Preset(c.Machine)
	if err != nil {
		return &fault{code: ExitUsage, err: err}
	}
	w, h := m.RectW, m.RectH
	if c.Width > 0 {
		w = min(w, c.Width)
	}
	if c.Height > 0 {
		h = min(h, c.Height)
	}
	if w < 2 || h < 2 {
		return &fault{code: ExitUsage, err: fmt.Errorf("the demo needs at least 2x2 cores, not %dx%d", w, h)}
	}
	begin := time.Now()
	im, err := compileDemo(ctx, m, w, h, io.Err)
	if err != nil {
		return err
	}
	rep := demoReport{Machine: m.Name, Width: w, Height: h, Cores: w * h, Compile: time.Since(begin).Seconds()}
	begin = time.Now()
	d, err := openDevice(deviceOptions{Image: im, Profile: c.Machine, Threads: c.Threads, Err: io.Err})
	if err != nil {
		return err
	}
	clock, err := rep.run(ctx, d)
	if e := d.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	rep.Run = time.Since(begin).Seconds()
	rep.Micros = float64(rep.Last) / float64(m.ClockMHz)
	if c.SVG != "" {
		if err := drawDemo(c.SVG, rep, clock); err != nil {
			return &fault{code: ExitSystem, err: err}
		}
	}
	return rep.print(io.Out, c.JSON, c.SVG)
}

func compileDemo(ctx context.Context, m *machine.Machine, w, h int, errw io.Writer) (*image.Image, error) {
	im, list := csl.Build(ctx, csl.Options{
		File: "demo/layout.csl", Arch: m.Arch, Memcpy: true, OffsetX: 4, OffsetY: 1,
		Params: []csl.Param{{Name: "width", Value: fmt.Sprint(w)}, {Name: "height", Value: fmt.Sprint(h)}},
		ReadFile: func(name string) ([]byte, error) {
			return demoFiles.ReadFile("demo/" + filepath.Base(name))
		},
	})
	if im == nil || list.HasErrors() {
		return nil, &host.Failure{Diags: list.Sorted()}
	}
	return im, diag.Render(errw, list.Sorted(), nil)
}

// run gives core (x, y) the number (x+y)%8, sums, and checks every core. The sums
// of a row stay far below 2^24, so floats hold them exactly.
func (r *demoReport) run(ctx context.Context, d *device) ([]float64, error) {
	d.Host.Run()
	region := host.Region{W: r.Width, H: r.Height, L: 1, Bits: 32}
	values := make([]uint32, r.Cores)
	for i := range values {
		v := float32((i%r.Width + i/r.Width) % 8)
		values[i] = math.Float32bits(v)
		r.Expected += float64(v)
	}
	id := func(name string) int {
		n, err := d.ID(name)
		if err != nil {
			return -1 // the copy will say so
		}
		return n
	}
	call := d.Call(ctx)
	if err := call(d.CopyIn(id("value"), values, region)); err != nil {
		return nil, err
	}
	if err := call(d.Launch("main", nil)); err != nil {
		return nil, err
	}
	if err := call(d.CopyOut(values, id("total"), region)); err != nil {
		return nil, err
	}
	region.L, region.Bits = 3, 16
	clock := make([]uint32, 3*r.Cores)
	if err := call(d.CopyOut(clock, id("clock"), region)); err != nil {
		return nil, err
	}
	r.Sum = float64(math.Float32frombits(values[0]))
	when := make([]float64, r.Cores)
	r.First = math.MaxInt64
	for i, v := range values {
		if float64(math.Float32frombits(v)) != r.Expected {
			r.Wrong++
		}
		t := int64(clock[3*i]) | int64(clock[3*i+1])<<16 | int64(clock[3*i+2])<<32
		when[i] = float64(t)
		r.First, r.Last = min(r.First, t), max(r.Last, t)
	}
	return when, d.Stop(ctx)
}

func drawDemo(path string, r demoReport, when []float64) error {
	return toFile(path, func(w io.Writer) error {
		return trace.HeatMap{
			Title: fmt.Sprintf("When the sum of %d cores reached each of them", r.Cores),
			Unit:  "cycles", W: r.Width, H: r.Height, Values: when,
		}.Write(w)
	})
}

func (r *demoReport) print(w io.Writer, asJSON bool, svg string) error {
	var err error
	if asJSON {
		err = json.NewEncoder(w).Encode(r)
	} else {
		var b strings.Builder
		fmt.Fprintf(&b, "%s: %d x %d = %d cores summed one number each and sent the sum back to all\n", r.Machine, r.Width, r.Height, r.Cores)
		fmt.Fprintf(&b, "sum       %.0f (expected %.0f), %d cores with another value\n", r.Sum, r.Expected, r.Wrong)
		fmt.Fprintf(&b, "cycles    %d until the last core has it, %.1f microseconds at the machine's clock\n", r.Last, r.Micros)
		fmt.Fprintf(&b, "this host %.1f s to compile, %.1f s to run\n", r.Compile, r.Run)
		if svg != "" {
			fmt.Fprintf(&b, "drawing   %s\n", svg)
		}
		_, err = io.WriteString(w, b.String())
	}
	if err == nil && r.Wrong > 0 {
		err = &fault{code: ExitProgram, err: fmt.Errorf("%d cores have a wrong sum", r.Wrong)}
	}
	return err
}
