package simtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"wafer/internal/sim"
)

// Run assembles a script and takes its steps with opt. The error names the line
// of the step that was not as expected.
func Run(text string, opt sim.Options) (*sim.Sim, error) {
	s, err := Assemble(text)
	if err != nil {
		return nil, err
	}
	m, err := sim.New(s.Image, s.Machine, opt)
	if err != nil {
		return nil, err
	}
	r := &runner{sc: s, m: m}
	return r.m, r.steps()
}

// RunCut is Run with a checkpoint at the first cycle from cut on that a run comes to:
// a new simulation with the options after is loaded from it and goes on.
func RunCut(text string, opt, after sim.Options, cut int64) (*sim.Sim, error) {
	s, err := Assemble(text)
	if err != nil {
		return nil, err
	}
	r := &runner{sc: s, after: &after}
	var saved error
	opt.CheckpointCycles = cut
	err = r.watched(opt, func(m *sim.Sim) {
		if r.file.Len() == 0 {
			saved = m.Save(&r.file, nil)
		}
	})
	return r.m, errors.Join(saved, err)
}

// RunWatched is Run with a function that looks on where opt.Checkpoint would be called,
// and at the end.
func RunWatched(text string, opt sim.Options, watch func(*sim.Sim)) error {
	s, err := Assemble(text)
	if err != nil {
		return err
	}
	r := &runner{sc: s}
	if err := r.watched(opt, watch); err != nil {
		return err
	}
	watch(r.m)
	return nil
}

func (r *runner) watched(opt sim.Options, watch func(*sim.Sim)) (err error) {
	opt.Checkpoint = func() { watch(r.m) }
	if r.m, err = sim.New(r.sc.Image, r.sc.Machine, opt); err != nil {
		return err
	}
	return r.steps()
}

type runner struct {
	sc    *Script
	m     *sim.Sim
	stop  sim.Stop
	after *sim.Options // for going on behind file, once that is written
	file  bytes.Buffer
}

func (r *runner) steps() error {
	for _, st := range r.sc.Steps {
		if err := r.step(st.Args); err != nil {
			return fmt.Errorf("line %d: %s: %w", st.Line, strings.Join(st.Args, " "), err)
		}
	}
	return nil
}

// run lets the machine work, and once more from a checkpoint that it wrote.
func (r *runner) run(u sim.Until) error {
	r.stop = r.m.Run(context.Background(), u)
	if r.after == nil || r.file.Len() == 0 {
		return nil
	}
	m, _, err := sim.Load(&r.file, r.sc.Image, r.sc.Machine, *r.after)
	if err != nil {
		return err
	}
	r.m, r.after = m, nil
	r.stop = m.Run(context.Background(), u)
	return nil
}

func (r *runner) step(f []string) error {
	switch f[0] {
	case "start": // start X Y NAME [words …]
		ws := words("u16", f[4:])
		for _, x := range span(f[1], r.sc.Image.Rect.W) {
			for _, y := range span(f[2], r.sc.Image.Rect.H) {
				if err := r.m.Start(x, y, sim.ExportNamed(r.sc.Image, f[3]), ws); err != nil {
					return err
				}
			}
		}
	case "push": // push X Y COLOR TYPE values …
		r.m.Push(atoi(f[1]), atoi(f[2]), uint8(atoi(f[3])), values(f[4], f[5:]))
	case "pushport":
		r.m.PushPort(atoi(f[1]), values(f[2], f[3:]))
	case "pushcontrol":
		r.m.PortPushControl(atoi(f[1]), values(f[2], f[3:]), true)
	case "run": // run [launches] [N]
		u := sim.Until{}
		for _, o := range f[1:] {
			if u.Launches = u.Launches || o == "launches"; o != "launches" {
				u.Cycle = int64(atoi(o))
			}
		}
		return r.run(u)
	case "write":
		return r.m.Write(atoi(f[1]), atoi(f[2]), uint16(atoi(f[3])), words(f[4], f[5:]))
	case "expect":
		return r.expect(f[1:])
	default:
		return fmt.Errorf("unknown step")
	}
	return nil
}

func values(typ string, f []string) (vs []uint32) {
	for _, v := range f {
		vs = append(vs, uint32(bitsOf(typ, v)))
	}
	return vs
}

func (r *runner) expect(f []string) error {
	var got, want string
	switch f[0] {
	case "stop":
		got, want = r.stop.Reason.String(), f[1]
		if got != want && len(r.stop.Faults) > 0 {
			got += ": " + r.stop.Faults[0].Error()
		} else if got != want {
			got += "\n" + r.m.Explain().String()
		}
	case "cycle":
		got, want = fmt.Sprint(r.m.Cycle()), f[1]
	case "fault":
		if want = f[1]; len(r.stop.Faults) > 0 {
			got = r.stop.Faults[0].Code
			if t := strings.Join(f[2:], " "); !strings.Contains(r.stop.Faults[0].Error(), t) {
				got, want = r.stop.Faults[0].Error(), t
			}
		}
	case "mem": // mem X Y ADDR TYPE values …
		ws := words(f[4], f[5:])
		have := make([]uint16, len(ws))
		for _, x := range span(f[1], r.sc.Image.Rect.W) {
			for _, y := range span(f[2], r.sc.Image.Rect.H) {
				if err := r.m.Read(x, y, uint16(atoi(f[3])), have); err != nil {
					return err
				}
				if got, want = fmt.Sprint(have), fmt.Sprint(ws); got != want {
					return fmt.Errorf("core (%d,%d) has %s, want %s", x, y, got, want)
				}
			}
		}
	case "pop", "popport":
		got, want = r.popped(f)
	case "print":
		want = strings.Join(f[1:], " ")
		for _, p := range r.m.Prints() {
			got += p.Text
		}
	case "explain":
		if want = strings.Join(f[1:], " "); strings.Contains(r.m.Explain().String(), want) {
			return nil
		}
		got = r.m.Explain().String()
	default:
		return fmt.Errorf("unknown expectation")
	}
	if got != want {
		return fmt.Errorf("got %s, want %s", got, want)
	}
	return nil
}

// pop X Y COLOR TYPE values … · popport N TYPE values …
func (r *runner) popped(f []string) (got, want string) {
	buf := make([]uint32, 4096)
	if f[0] == "popport" {
		n := r.m.PopPort(atoi(f[1]), buf)
		return fmt.Sprint(buf[:n]), fmt.Sprint(values(f[2], f[3:]))
	}
	n := r.m.Pop(atoi(f[1]), atoi(f[2]), uint8(atoi(f[3])), buf)
	return fmt.Sprint(buf[:n]), fmt.Sprint(values(f[4], f[5:]))
}
