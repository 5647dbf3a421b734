package host

import (
	"context"
	"fmt"
	"strings"

	"wafer/internal/diag"
	"wafer/internal/sim"
)

// How commands follow each other (facts from the SDK's documentation of memcpy
// and from public programs):
//
//  1. Commands start in the order of the calls.
//  2. A launch starts when everything before it is done; it is done when every
//     core of the rectangle has told so.
//  3. A copy starts when everything before it is done and the device has come to
//     rest: a stream's last wavelet may still be on its way through the program
//     when the copy is asked for, and the vendor's copy travels behind it.
//  4. A stream starts when no launch or copy before it is open. Streams that are
//     open at the same time run side by side, each in its own order: a program
//     that adds two inputs takes them in turns.
//  5. Where that leaves the device at rest with commands open, the next command
//     starts all the same, if only streams are open or if it is a stream: its data
//     may be what the others wait for. A launch or copy never overtakes a launch.
//  6. A call that sends a stream and waits returns when the last wavelet has
//     entered, or when the device rests: the rest is with the host's buffers.

type kind uint8

const (
	launch kind = iota
	copying
	sending
	receiving
)

// Task is a command given to a Host.
type Task struct {
	what    string // for messages: `launch of "compute"`
	kind    kind
	start   func() error
	done    func() bool // asked after start; moves wavelets for receiving tasks
	started bool
	over    bool
	err     error
	// For a checkpoint: what a launch calls with which words, where a stream goes.
	name  string
	words []uint16
	open  *[]stream
}

// Done reports whether the task is over, without letting time pass.
func (t *Task) Done() bool { return t.over }

// Err gives what went wrong in a task that is over.
func (t *Task) Err() error { return t.err }

// enqueue adds a task behind all others.
func (h *Host) enqueue(t *Task) (*Task, error) {
	if h.stopped {
		return nil, fail(CodeStopped, "make a new runtime for another run", "%s after stop", t.what)
	}
	h.queue = append(h.queue, t)
	return t, nil
}

// Wait lets the device run until the task is over.
func (h *Host) Wait(ctx context.Context, t *Task) error {
	return h.drive(ctx, func(quiet bool) bool {
		return t.over || quiet && t.kind == sending && t.started
	}, t)
}

// Poll lets the device run for a moment and reports whether the task is over.
func (h *Host) Poll(ctx context.Context, t *Task) (bool, error) {
	end := h.dev.Cycle() + pollCycles
	err := h.drive(ctx, func(quiet bool) bool { return t.over || quiet || h.dev.Cycle() >= end }, t)
	return t.over, err
}

// pollCycles is how far one Poll moves the clock: programs that ask in a loop
// must get on.
const pollCycles = 4096

// drain runs until no command is open.
func (h *Host) drain(ctx context.Context) error {
	return h.drive(ctx, func(bool) bool { return len(h.queue) == 0 }, nil)
}

// drive is the host's only loop: start what may start, finish what is done, let
// the device run, until enough says so.
func (h *Host) drive(ctx context.Context, enough func(quiet bool) bool, for_ *Task) error {
	for {
		progress, err := h.advance(ctx)
		if err != nil {
			return err
		}
		if enough(false) {
			return taskErr(for_)
		}
		if progress {
			continue
		}
		if len(h.queue) == 0 {
			return taskErr(for_)
		}
		stop := h.run(ctx, h.until())
		h.collectPrints()
		if err := h.judge(ctx, stop); err != nil {
			h.abandon(err)
			return err
		}
		if stop.Reason != sim.Quiet || h.anyDone() {
			continue
		}
		if enough(true) {
			return taskErr(for_)
		}
		if h.overtake() {
			continue
		}
		err = h.deadlock()
		h.abandon(err)
		return err
	}
}

// until says how long the device may run before somebody looks: to the end of a
// launch, or for a moment where streams are open, since a stream's end is not an
// event of the device. The length of a moment is part of the cycle counts.
func (h *Host) until() sim.Until {
	u := sim.Until{Cycle: h.dev.Cycle() + pollCycles}
	for _, t := range h.queue {
		switch {
		case !t.started:
		case t.kind == launch:
			u.Launches = true
		default:
			u.Cycle = h.dev.Cycle() + streamCycles
		}
	}
	return u
}

// streamCycles is how often the host looks after its streams.
const streamCycles = 256

func taskErr(t *Task) error {
	if t == nil {
		return nil
	}
	return t.err
}

// advance finishes and starts tasks; progress says that something happened.
func (h *Host) advance(ctx context.Context) (progress bool, err error) {
	for _, t := range h.queue {
		if t.started && !t.over && t.done() {
			t.over, progress = true, true
		}
	}
	h.sweep()
	for _, t := range h.queue {
		if t.started {
			continue
		}
		if !h.mayStart(t) {
			break
		}
		if t.kind == copying {
			if err := h.settle(ctx); err != nil {
				h.abandon(err)
				return true, err
			}
		}
		h.begin(t)
		progress = true
		if t.over {
			h.sweep()
			return true, nil // the queue has changed under the loop
		}
	}
	return progress, nil
}

func (h *Host) begin(t *Task) {
	t.started = true
	h.due = 0
	if t.err = t.start(); t.err != nil || t.kind == copying {
		t.over = true
	}
}

// mayStart holds rules 2 to 4 for the first task that has not started.
func (h *Host) mayStart(t *Task) bool {
	for _, o := range h.queue {
		if o == t {
			return true
		}
		streams := (o.kind == sending || o.kind == receiving) && (t.kind == sending || t.kind == receiving)
		if !streams {
			return false
		}
	}
	return true
}

// overtake holds rule 5: at rest, start the next task if it may help.
func (h *Host) overtake() bool {
	for i, t := range h.queue {
		if t.started {
			continue
		}
		for _, o := range h.queue[:i] {
			if o.kind == launch && t.kind != sending && t.kind != receiving {
				return false
			}
		}
		h.begin(t)
		return true
	}
	return false
}

func (h *Host) sweep() {
	open := h.queue[:0]
	for _, t := range h.queue {
		if !t.over {
			open = append(open, t)
		}
	}
	clear(h.queue[len(open):])
	h.queue = open
}

// anyDone asks whether an open task is done now.
func (h *Host) anyDone() bool {
	for _, t := range h.queue {
		if t.started && !t.over && t.done() {
			return true
		}
	}
	return false
}

// abandon ends all tasks with an error: nothing can finish any more.
func (h *Host) abandon(err error) {
	for _, t := range h.queue {
		t.over, t.err = true, err
	}
	h.queue = nil
}

// deadlock explains why the open tasks cannot finish.
func (h *Host) deadlock() error {
	first := h.queue[0]
	d := diag.Diagnostic{
		Code:    CodeDeadlock,
		Message: fmt.Sprintf("at cycle %d nothing can move any more and the %s is not done", h.dev.Cycle(), first.what),
	}
	switch first.kind {
	case launch:
		d.Message += fmt.Sprintf("; %d cores have not called unblock_cmd_stream", h.dev.Pending())
		d.Cure = "see below what each core waits for; every core must call unblock_cmd_stream once a launch"
	case sending:
		d.Cure = "the program takes fewer wavelets than the host sends, or waits for something else first"
	case receiving:
		d.Cure = "the program sends fewer wavelets than the host asks for, or waits for something first"
	}
	why := strings.TrimSpace(h.dev.Explain().String())
	return &Failure{[]diag.Diagnostic{d, {Severity: diag.Note, Code: CodeDeadlock, Message: why}}}
}
