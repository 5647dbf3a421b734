package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"wafer/internal/profile"
	"wafer/internal/sim"
)

// CSLProfileCmd runs a compiled program and says where its cycles went.
type CSLProfileCmd struct {
	Dir     string   `arg:"" help:"Output directory of cslc."`
	Launch  []string `help:"Call an exported function, with its arguments: NAME or NAME:1,2.5. May be repeated." placeholder:"NAME" sep:"none"`
	Profile string   `help:"Machine description to run on." placeholder:"NAME" enum:"wse2,wse2-silicon,wse3,wse3-silicon," default:""`
	Cycles  int64    `help:"Stop with an error at this cycle." placeholder:"N"`
	Threads int      `help:"Threads; results do not depend on it." placeholder:"N"`
	Top     int      `help:"Length of the lists." default:"8"`
	JSON    bool     `help:"Print JSON, with the whole critical path."`
	Looks   looks    `embed:""`
}

// maxEvents bounds the events kept: about 4 GB of them.
const maxEvents = 50_000_000

// Run runs and reports.
func (c *CSLProfileCmd) Run(ctx context.Context, io Streams) error {
	var events []sim.Event
	dropped := 0
	d, err := openDevice(deviceOptions{
		Dir: c.Dir, Profile: c.Profile, Threads: c.Threads, MaxCycles: c.Cycles, Looks: c.Looks, Err: io.Err,
		Events: func(e sim.Event) {
			if len(events) == maxEvents {
				dropped++
				return
			}
			events = append(events, e)
		},
	})
	if err != nil {
		return &fault{code: ExitSystem, err: err}
	}
	run := CSLRunCmd{Launch: c.Launch}
	err = run.drive(ctx, d)
	rep := profile.New(d.Image(), d.sim, events, c.Top)
	if e := d.Close(); err == nil {
		err = e
	}
	if dropped > 0 {
		fmt.Fprintf(io.Err, "wafer: %d events beyond the first %d were not kept; the critical path covers the beginning\n", dropped, maxEvents)
	}
	if c.JSON {
		if e := json.NewEncoder(io.Out).Encode(rep); err == nil {
			err = e
		}
		return err
	}
	printProfile(io.Out, rep, c.Top)
	return err
}

func printProfile(w io.Writer, r profile.Report, top int) {
	fmt.Fprintf(w, "%d cycles, %d cores at work\n", r.Cycles, r.Cores)
	all := max(1, r.Total.Scalar+r.Total.DSD+r.Total.Waiting+r.Total.Idle)
	percent := func(n int64) float64 { return 100 * float64(n) / float64(all) }
	fmt.Fprintf(w, "cores' time  scalar %.1f %%  descriptors %.1f %%  waiting %.1f %%  idle %.1f %%\n",
		percent(r.Total.Scalar), percent(r.Total.DSD), percent(r.Total.Waiting), percent(r.Total.Idle))
	coreTable(w, "busiest cores", r.Busiest)
	coreTable(w, "cores that waited most", r.Waiting)
	if len(r.Functions) > 0 {
		fmt.Fprintf(w, "\ntasks and functions\n%12s  %8s  name\n", "cycles", "runs")
		for _, f := range r.Functions {
			fmt.Fprintf(w, "%12d  %8d  %s\n", f.Cycles, f.Runs, f.Name)
		}
	}
	if len(r.Links) > 0 {
		fmt.Fprintf(w, "\nbusiest links\n%12s  %6s  from\n", "wavelets", "load")
		for _, l := range r.Links {
			fmt.Fprintf(w, "%12d  %5.1f%%  (%d,%d) %s\n", l.Wavelets, 100*l.Load, l.X, l.Y, l.Port)
		}
	}
	pathTable(w, r, top)
}

func coreTable(w io.Writer, title string, cores []profile.Core) {
	if len(cores) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n%12s  %12s  %12s  %12s  core\n", title, "scalar", "descriptors", "waiting", "idle")
	for _, c := range cores {
		fmt.Fprintf(w, "%12d  %12d  %12d  %12d  (%d,%d)\n", c.Scalar, c.DSD, c.States.Waiting, c.Idle, c.X, c.Y)
	}
}

// pathTable prints what the critical path consists of and its last segments.
func pathTable(w io.Writer, r profile.Report, top int) {
	if len(r.Path) == 0 {
		return
	}
	var parts []string
	for _, k := range []string{profile.KindScalar, profile.KindOp, profile.KindFabric, profile.KindStart} {
		parts = append(parts, fmt.Sprintf("%s %d", k, r.PathBy[k]))
	}
	fmt.Fprintf(w, "\ncritical path: %s cycles in %d segments; the longest\n%10s  %10s  %-10s %-10s what\n",
		strings.Join(parts, ", "), len(r.Path), "from", "cycles", "core", "kind")
	longest := slices.Clone(r.Path)
	slices.SortStableFunc(longest, func(a, b profile.Segment) int { return int((b.To - b.From) - (a.To - a.From)) })
	for _, s := range longest[:min(top, len(longest))] {
		fmt.Fprintf(w, "%10d  %10d  %-10s %-10s %s\n", s.From, s.To-s.From, fmt.Sprintf("(%d,%d)", s.X, s.Y), s.Kind, s.What)
	}
}
