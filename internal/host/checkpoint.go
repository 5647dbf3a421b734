package host

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"wafer/internal/diag"
	"wafer/internal/intact"
	"wafer/internal/machine"
	"wafer/internal/sim"
)

// Saver is a Device that can be put aside and taken up again, see sim.Sim.
type Saver interface {
	Save(w io.Writer, note []byte) error
	Restore(r io.Reader) (note []byte, err error)
}

// note is what a Host adds to a checkpoint: what the device cannot know. Symbols and
// ports are in the image, wavelets on their way in the device.
type note struct {
	Running bool     `json:"running"`
	Due     int64    `json:"due,omitempty"` // see Host.due
	Tasks   []parked `json:"tasks,omitempty"`
}

// parked is an open command in a checkpoint.
type parked struct {
	What    string   `json:"what"`
	Kind    kind     `json:"kind"`
	Started bool     `json:"started,omitempty"`
	Name    string   `json:"name,omitempty"`
	Words   []uint16 `json:"words,omitempty"`
	Streams [][4]int `json:"streams,omitempty"` // x, y, colour, port
}

// Save writes a checkpoint: a program that loads it goes on from here. It replaces the
// file only when all of it is written. Launches may be open, and streams in that have
// begun; the arrays of other open commands belong to a program that will be gone.
func (h *Host) Save(path string) error {
	dev, ok := h.dev.(Saver)
	if !ok {
		return fail(CodeNoSave, "", "this device cannot be saved")
	}
	n := note{Running: h.running, Due: h.due}
	if h.stopped {
		n.Due = h.dev.Cycle() // it has come to rest already
	}
	for _, t := range h.queue {
		if t.over {
			continue
		}
		p, ok := t.park()
		if !ok {
			return fail(CodeOpen, "wait for it before the state is saved", "the %s is not done, and what it moves cannot be saved", t.what)
		}
		n.Tasks = append(n.Tasks, p)
	}
	text, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	return intact.File(path, func(w io.Writer) error { return dev.Save(w, text) })
}

func (t *Task) park() (p parked, ok bool) {
	p = parked{What: t.what, Kind: t.kind, Started: t.started, Name: t.name, Words: t.words}
	switch {
	case t.kind == launch:
		return p, true
	case t.kind == sending && t.started:
		for _, s := range *t.open {
			p.Streams = append(p.Streams, [4]int{s.x, s.y, int(s.color), s.port})
		}
		return p, true
	}
	return p, false
}

// ReadCheckpoint opens a checkpoint for load and makes what is wrong with it point at
// the file. The note that it gives is for Resume.
func ReadCheckpoint(path string, load func(io.Reader) ([]byte, error)) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read checkpoint: %w", err)
	}
	text, err := load(bufio.NewReaderSize(f, 1<<16))
	err = errors.Join(err, f.Close())
	if d := (diag.Diagnostic{}); errors.As(err, &d) {
		d.Pos.File = path
		return nil, &Failure{[]diag.Diagnostic{d}}
	}
	return text, err
}

// Load puts the device back to where Save was called, by this program or another one.
// Commands must not be open. When it fails nothing has changed.
func (h *Host) Load(path string) error {
	dev, ok := h.dev.(Saver)
	if !ok {
		return fail(CodeNoSave, "", "this device cannot be saved")
	}
	if h.stopped {
		return fail(CodeStopped, "make a new runtime that resumes from the file", "load of %s after stop", path)
	}
	if len(h.queue) > 0 {
		return fail(CodeOpen, "wait for it before another state is loaded", "the %s is not done", h.queue[0].what)
	}
	text, err := ReadCheckpoint(path, dev.Restore)
	if err != nil {
		return err
	}
	h.printed = len(h.dev.Prints()) // the log has them, or that of an earlier run
	return h.Resume(text)
}

// Resume takes up the commands that were open when the device's state was saved. text
// is the note that came with it.
func (h *Host) Resume(text []byte) error {
	var n note
	if len(text) == 0 { // saved without a host
		return nil
	}
	if err := json.Unmarshal(text, &n); err != nil {
		return fail(sim.CodeDamaged, "use an earlier checkpoint", "what the host noted in the checkpoint cannot be read: %v", err)
	}
	var queue []*Task
	for _, p := range n.Tasks {
		t, ok := h.unpark(p)
		if !ok {
			return fail(sim.CodeDamaged, "use an earlier checkpoint", "the checkpoint has an open command that the program does not: %s", p.What)
		}
		queue = append(queue, t)
	}
	h.running, h.due, h.queue = n.Running, n.Due, queue
	return nil
}

// unpark makes the command again that park described.
func (h *Host) unpark(p parked) (*Task, bool) {
	t := &Task{what: p.What, kind: p.Kind, started: p.Started, name: p.Name, words: p.Words}
	switch p.Kind {
	case launch:
		i, ok := h.byName[p.Name]
		if !ok {
			return nil, false
		}
		t.start = func() error { return h.startAll(h.im.Exports[i], t.words) }
		t.done = func() bool { return h.dev.Pending() == 0 }
		return t, true
	case sending:
		open := make([]stream, 0, len(p.Streams))
		for _, s := range p.Streams {
			x, y, color, port := s[0], s[1], s[2], s[3]
			if x < 0 || y < 0 || x >= h.im.Rect.W || y >= h.im.Rect.H || color < 0 || color >= machine.Colors || port < -1 || port >= len(h.im.Ports) {
				return nil, false
			}
			open = append(open, stream{x, y, uint8(color), port})
		}
		t.open = &open
		t.start = func() error { return nil }
		t.done = func() bool { return h.entered(&open) }
		return t, p.Started
	}
	return nil, false
}

// run lets the device run. due is when it is to stop while it does: a run that was
// interrupted goes on to the same cycle later, since how often the host looks is part
// of the cycle counts.
func (h *Host) run(ctx context.Context, u sim.Until) sim.Stop {
	if h.due != 0 {
		if u.Cycle = h.due; u.Cycle <= h.dev.Cycle() {
			h.due = 0
			return sim.Stop{Reason: sim.Done, Cycle: h.dev.Cycle()}
		}
	}
	h.due = u.Cycle
	stop := h.dev.Run(ctx, u)
	if stop.Reason == sim.Done && ctx.Err() != nil {
		stop.Reason = sim.Cancelled // a short run does not ask
	}
	if early := []sim.Reason{sim.Cancelled, sim.Limit}; slices.Contains(early, stop.Reason) && h.opt.OnBreak != nil {
		h.opt.OnBreak()
	}
	h.due = 0
	return stop
}
