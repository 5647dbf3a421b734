package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"wafer/internal/host"
)

// CSLRunCmd runs a compiled program without a host program.
type CSLRunCmd struct {
	Dir     string   `arg:"" help:"Output directory of cslc."`
	Launch  []string `help:"Call an exported function, with its arguments: NAME or NAME:1,2.5. May be repeated." placeholder:"NAME" sep:"none"`
	Read    []string `help:"Print a symbol of a core afterwards: X,Y,NAME. May be repeated." placeholder:"X,Y,NAME" sep:"none"`
	Profile string   `help:"Machine description to run on." placeholder:"NAME" enum:"wse2,wse2-silicon,wse3,wse3-silicon," default:""`
	Cycles  int64    `help:"Stop with an error at this cycle." placeholder:"N"`
	Threads int      `help:"Threads; results do not depend on it." placeholder:"N"`
	Keep    keeping  `embed:""`
	Resume  string   `help:"Go on from a checkpoint of this program: first what was open in it, then --launch." type:"path" placeholder:"FILE"`
	SimLog  string   `help:"Write a log in the form of sim.log." type:"path" placeholder:"FILE"`
	JSON    bool     `help:"Print JSON."`
	Looks   looks    `embed:""`
}

// runReport is the --json form.
type runReport struct {
	Cycles  int64               `json:"cycles"`
	Symbols map[string][]uint16 `json:"symbols"`
	Prints  []printed           `json:"prints"`
}

type printed struct {
	Cycle int64  `json:"cycle"`
	X     int    `json:"x"`
	Y     int    `json:"y"`
	Text  string `json:"text"`
}

// Run runs.
func (c *CSLRunCmd) Run(ctx context.Context, io Streams) error {
	if c.Keep.CheckpointEvery < 0 || c.Keep.CheckpointEvery > 0 && c.Keep.Checkpoint == "" {
		return &fault{code: ExitUsage, err: errors.New("--checkpoint-every: give a number of cycles, and the file with --checkpoint FILE")}
	}
	d, err := openDevice(deviceOptions{
		Dir: c.Dir, Profile: c.Profile, Threads: c.Threads, MaxCycles: c.Cycles, SimLog: c.SimLog, Looks: c.Looks, Err: io.Err,
		Keep: c.Keep, Resume: c.Resume,
	})
	if hf := new(host.Failure); errors.As(err, &hf) {
		return err
	} else if err != nil {
		return &fault{code: ExitSystem, err: err}
	}
	err = c.drive(ctx, d)
	rep := runReport{Cycles: d.Cycle(), Symbols: map[string][]uint16{}, Prints: []printed{}}
	for _, p := range d.sim.Prints() {
		rep.Prints = append(rep.Prints, printed{p.Cycle, p.X, p.Y, p.Text})
	}
	if err == nil {
		err = c.read(d, &rep)
	}
	if e := d.keep.end(err); err == nil {
		err = e
	}
	if e := d.Close(); err == nil {
		err = e
	}
	if c.JSON {
		if e := json.NewEncoder(io.Out).Encode(rep); err == nil {
			err = e
		}
		return err
	}
	for _, p := range rep.Prints {
		fmt.Fprintf(io.Out, "@%d PE(%d,%d): %s\n", p.Cycle, p.X, p.Y, p.Text)
	}
	for _, r := range c.Read {
		if w, ok := rep.Symbols[r]; ok {
			fmt.Fprintf(io.Out, "%s = %v\n", r, w)
		}
	}
	if err == nil {
		fmt.Fprintf(io.Out, "%d cycles\n", rep.Cycles)
	}
	return err
}

func (c *CSLRunCmd) drive(ctx context.Context, d *device) error {
	d.Host.Run()
	// All of them first, so that a checkpoint knows what is still to be called.
	for _, l := range c.Launch {
		name, args, err := launchArgs(l)
		if err != nil {
			return &fault{code: ExitUsage, err: err}
		}
		if _, err := d.Launch(name, args); err != nil {
			return err
		}
	}
	return d.Stop(ctx)
}

// launchArgs reads NAME or NAME:1,2.5.
func launchArgs(s string) (string, []host.Arg, error) {
	name, list, has := strings.Cut(s, ":")
	if !has || list == "" {
		return name, nil, nil
	}
	var out []host.Arg
	for _, v := range strings.Split(list, ",") {
		if n, err := strconv.ParseInt(v, 0, 64); err == nil {
			out = append(out, host.Arg{Type: "int", Int: n})
			continue
		}
		f, err := strconv.ParseFloat(v, 64)
		if err != nil {
			return "", nil, fmt.Errorf("--launch %s: %q is not a number", s, v)
		}
		out = append(out, host.Arg{Type: "float", F: f})
	}
	return name, out, nil
}

func (c *CSLRunCmd) read(d *device, rep *runReport) error {
	for _, r := range c.Read {
		part := strings.SplitN(r, ",", 3)
		if len(part) != 3 {
			return &fault{code: ExitUsage, err: fmt.Errorf("--read %s: write X,Y,NAME", r)}
		}
		x, err1 := strconv.Atoi(part[0])
		y, err2 := strconv.Atoi(part[1])
		if err1 != nil || err2 != nil {
			return &fault{code: ExitUsage, err: fmt.Errorf("--read %s: write X,Y,NAME", r)}
		}
		words, err := d.ReadSymbol(x, y, part[2])
		if err != nil {
			return err
		}
		rep.Symbols[r] = words
	}
	return nil
}
