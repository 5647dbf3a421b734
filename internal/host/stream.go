package host

import (
	"context"
	"fmt"

	"wafer/internal/image"
)

// Launch queues a call of an exported function on every core that has it.
func (h *Host) Launch(name string, args []Arg) (*Task, error) {
	if !h.im.Memcpy {
		return nil, notMemcpy(fmt.Sprintf("launch of %q", name))
	}
	e, err := h.Export(name)
	if err != nil {
		return nil, err
	}
	if e.Kind != image.ExportFunc {
		return nil, fail(CodeNotFunc, "copy it with memcpy_h2d or memcpy_d2h", "launch of %q: it is a variable", name)
	}
	words, err := argWords(e, args, h.im.FP16)
	if err != nil {
		return nil, err
	}
	return h.enqueue(&Task{
		what: fmt.Sprintf("launch of %q", name), kind: launch, name: name, words: words,
		start: func() error { return h.startAll(e, words) },
		done:  func() bool { return h.dev.Pending() == 0 },
	})
}

// startAll starts the function wherever a core exports it.
func (h *Host) startAll(e image.Export, words []uint16) error {
	export, any := h.byName[e.Name], false
	for y := range h.im.Rect.H {
		for x := range h.im.Rect.W {
			p, _ := h.program(x, y)
			if p < 0 {
				continue
			}
			if b, ok := h.binding[p][export]; ok && b.Func >= 0 {
				if err := h.dev.Start(x, y, export, words); err != nil {
					return fmt.Errorf("launch of %q: %w", e.Name, err)
				}
				any = true
			}
		}
	}
	if !any {
		return fail(CodeNotHere, "export it with @export_symbol in the core's program", "no core exports the function %q", e.Name)
	}
	return nil
}

// StreamIn queues wavelets for a memcpy stream: each core of the region receives
// its elements on the colour, in order.
func (h *Host) StreamIn(color int, src []uint32, r Region) (*Task, error) {
	if err := h.streamable(color, true, len(src), r); err != nil {
		return nil, err
	}
	src = append([]uint32(nil), src...) // the caller may change its array after a nonblocking call
	var open []stream
	return h.enqueue(&Task{
		what: fmt.Sprintf("stream to colour %d", color), kind: sending, open: &open,
		start: func() error {
			return r.each(func(x, y, i, j int) error {
				part := make([]uint32, r.L)
				for k := range part {
					part[k] = src[r.at(i, j, k)]
				}
				s := ramp(x, y, color)
				h.push(s, part)
				open = append(open, s)
				return nil
			})
		},
		done: func() bool { return h.entered(&open) },
	})
}

// entered drops the streams that are empty and reports whether all are.
func (h *Host) entered(open *[]stream) bool {
	left := (*open)[:0]
	for _, s := range *open {
		if h.unsent(s) > 0 {
			left = append(left, s)
		}
	}
	*open = left
	return len(left) == 0
}

// StreamOut queues the receipt of wavelets that the region's cores send to the
// host on a colour.
func (h *Host) StreamOut(dst []uint32, color int, r Region) (*Task, error) {
	if err := h.streamable(color, false, len(dst), r); err != nil {
		return nil, err
	}
	type part struct{ x, y, i, j, got int }
	var open []part
	return h.enqueue(&Task{
		what: fmt.Sprintf("stream from colour %d", color), kind: receiving,
		start: func() error {
			return r.each(func(x, y, i, j int) error {
				open = append(open, part{x, y, i, j, 0})
				return nil
			})
		},
		done: func() bool {
			buf := make([]uint32, r.L)
			left := open[:0]
			for _, p := range open {
				n := h.pop(ramp(p.x, p.y, color), buf[:r.L-p.got])
				for k := range n {
					dst[r.at(p.i, p.j, p.got+k)] = buf[k]
				}
				if p.got += n; p.got < r.L {
					left = append(left, p)
				}
			}
			open = left
			return len(open) == 0
		},
	})
}

func (h *Host) streamable(color int, in bool, n int, r Region) error {
	if !h.im.Memcpy {
		return notMemcpy("stream")
	}
	if !h.isStream(color, in) {
		field := "MEMCPYD2H_1"
		if in {
			field = "MEMCPYH2D_1"
		}
		return fail(CodeNoStream, "name it in the layout: @import_module(\"<memcpy/get_params>\", .{ …, ."+field+" = colour })",
			"colour %d is not a stream of the program in this direction", color)
	}
	return h.checkRegion(r, n)
}

// port finds a stream of an SdkLayout program.
func (h *Host) port(name string, input bool) (stream, error) {
	i, ok := h.ports[name]
	if !ok {
		return stream{}, fail(CodeNoStream, "use the name that create_input_stream or create_output_stream returned", "the program has no stream %q", name)
	}
	switch p := h.im.Ports[i]; {
	case p.Input && !input:
		return stream{}, fail(CodeNoStream, "send to it", "%q is an input stream", name)
	case !p.Input && input:
		return stream{}, fail(CodeNoStream, "receive from it", "%q is an output stream", name)
	}
	return stream{port: i}, nil
}

// Send queues wavelets for an input stream of an SdkLayout program.
func (h *Host) Send(port string, src []uint32) (*Task, error) {
	s, err := h.port(port, true)
	if err != nil {
		return nil, err
	}
	src = append([]uint32(nil), src...)
	return h.enqueue(&Task{
		what: fmt.Sprintf("send to %q", port), kind: sending, open: &[]stream{s},
		start: func() error { h.push(s, src); return nil },
		done:  func() bool { return h.unsent(s) == 0 },
	})
}

// Receive queues the receipt of wavelets from an output stream.
func (h *Host) Receive(port string, dst []uint32) (*Task, error) {
	s, err := h.port(port, false)
	if err != nil {
		return nil, err
	}
	got := 0
	return h.enqueue(&Task{
		what: fmt.Sprintf("receive from %q", port), kind: receiving,
		start: func() error { return nil },
		done: func() bool {
			got += h.pop(s, dst[got:])
			return got == len(dst)
		},
	})
}

// Call waits for the task that a command gave: host.Call(ctx)(h.Launch(…)).
func (h *Host) Call(ctx context.Context) func(*Task, error) error {
	return func(t *Task, err error) error {
		if err != nil {
			return err
		}
		return h.Wait(ctx, t)
	}
}
