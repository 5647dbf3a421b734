package wire

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"wafer/internal/diag"
	"wafer/internal/host"
	"wafer/internal/image"
)

// Env is what a session needs from outside: how to get a device, and how to
// compile an SdkLayout program.
type Env struct {
	// Open loads an output directory onto a new device. The closer ends what the
	// host may hold, such as the log file; it may be nil.
	Open func(ctx context.Context, r OpenRequest) (*host.Host, io.Closer, error)
	// Layout compiles a layout described by JSON, with arrays in data.
	Layout  func(ctx context.Context, spec json.RawMessage, data []byte) (result any, err error)
	Version string
}

// OpenRequest says what to load and how.
type OpenRequest struct {
	Dir     string `json:"dir"`
	SimLog  string `json:"sim_log"` // path; empty for none
	Threads int    `json:"threads"`
	Profile string `json:"profile"`
	Resume  string `json:"resume"` // checkpoint to go on from; empty for none
}

// session is the state behind one connection: one host, its open tasks.
type session struct {
	env   Env
	host  *host.Host
	close io.Closer
	tasks map[int]*open
	last  int
}

// open is a task that was given without waiting, with the array it fills.
type open struct {
	task *host.Task
	dst  []uint32
}

// Serve answers requests from r on w until r ends or ctx is done.
func Serve(ctx context.Context, r io.Reader, w io.Writer, env Env) error {
	s := &session{env: env, tasks: map[int]*open{}}
	defer s.shut()
	in, out := bufio.NewReaderSize(r, 1<<16), bufio.NewWriterSize(w, 1<<16)
	for {
		p, err := Read(in)
		if errors.Is(err, io.EOF) && !errors.Is(err, ErrPacket) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := Write(out, s.answer(ctx, p)); err != nil {
			return err
		}
		if err := out.Flush(); err != nil {
			return fmt.Errorf("send packet: %w", err)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
}

func (s *session) shut() {
	if s.close != nil {
		if err := s.close.Close(); err != nil {
			s.close = nil // the log is a by-product: its loss must not fail the session
		}
	}
}

// failure is the head of a response to a request that failed.
type failure struct {
	Error string            `json:"error"`
	Diags []diag.Diagnostic `json:"diagnostics,omitempty"`
}

func (s *session) answer(ctx context.Context, p Packet) Packet {
	head, data, err := s.handle(ctx, p)
	if err != nil {
		f := failure{Error: err.Error()}
		if hf := new(host.Failure); errors.As(err, &hf) {
			f.Diags = hf.Diags
		}
		head, data = f, nil
	}
	if head == nil {
		head = struct{}{}
	}
	text, err := json.Marshal(head)
	if err != nil {
		text = []byte(`{"error":"the answer has no JSON form"}`)
	}
	return Packet{ID: p.ID, Response: true, Head: text, Data: data}
}

// request holds the fields of all requests; each uses a few of them.
type request struct {
	Op       string          `json:"op"`
	Version  int             `json:"version"`
	Name     string          `json:"name"`
	ID       int             `json:"id"`
	Task     int             `json:"task"`
	Nonblock bool            `json:"nonblock"`
	Args     []host.Arg      `json:"args"`
	X        int             `json:"x"`
	Y        int             `json:"y"`
	W        int             `json:"w"`
	H        int             `json:"h"`
	L        int             `json:"l"`
	Bits     int             `json:"bits"`
	Col      bool            `json:"col_major"`
	Spread   string          `json:"spread"`
	StrideX  int             `json:"stride_x"`
	StrideY  int             `json:"stride_y"`
	N        int             `json:"n"`
	Path     string          `json:"path"`
	Spec     json.RawMessage `json:"spec"`
	OpenRequest
}

func (q request) region() host.Region {
	r := host.Region{X: q.X, Y: q.Y, W: q.W, H: q.H, L: q.L, Bits: q.Bits, StrideX: q.StrideX, StrideY: q.StrideY}
	if q.Col {
		r.Order = host.ColMajor
	}
	switch q.Spread {
	case "row":
		r.Spread = host.RowBcast
	case "col":
		r.Spread = host.ColBcast
	case "stride":
		r.Spread = host.Strided
	}
	return r
}

// MaxReply bounds the array of one answer, in elements: a request names a size
// that we must reserve before anything has checked it.
const MaxReply = MaxPacket / 8

//tidy:dispatch
func (s *session) handle(ctx context.Context, p Packet) (head any, data []byte, err error) {
	var q request
	if err := json.Unmarshal(p.Head, &q); err != nil {
		return nil, nil, fmt.Errorf("request %d is not understood: %w", p.ID, err)
	}
	switch q.Op {
	case "hello":
		if q.Version != Version {
			return nil, nil, fmt.Errorf("the cerebras package speaks version %d of the wire form and this wafer %d: install both from the same release", q.Version, Version)
		}
		return map[string]any{"version": Version, "wafer": s.env.Version}, nil, nil
	case "layout":
		if s.env.Layout == nil {
			return nil, nil, errors.New("this program cannot compile layouts")
		}
		head, err := s.env.Layout(ctx, q.Spec, p.Data)
		return head, nil, err
	case "open":
		head, err := s.open(ctx, q.OpenRequest)
		return head, nil, err
	}
	if s.host == nil {
		return nil, nil, fmt.Errorf("%s before open", q.Op)
	}
	switch q.Op {
	case "run":
		s.host.Run()
		return map[string]any{"cycle": s.host.Cycle()}, nil, nil
	case "stop":
		err := s.host.Stop(ctx)
		return map[string]any{"cycle": s.host.Cycle()}, nil, err
	case "id":
		id, err := s.host.ID(q.Name)
		return map[string]any{"id": id}, nil, err
	case "launch":
		t, err := s.host.Launch(q.Name, q.Args)
		return s.finish(ctx, q, t, nil, err)
	case "copy_in":
		t, err := s.host.CopyIn(q.ID, fromBytes(p.Data), q.region())
		return s.finish(ctx, q, t, nil, err)
	case "stream_in":
		t, err := s.host.StreamIn(q.ID, fromBytes(p.Data), q.region())
		return s.finish(ctx, q, t, nil, err)
	case "send":
		t, err := s.host.Send(q.Name, fromBytes(p.Data))
		return s.finish(ctx, q, t, nil, err)
	case "copy_out", "stream_out", "receive":
		return s.output(ctx, q)
	case "wait", "poll":
		return s.wait(ctx, q)
	case "symbol":
		words, err := s.host.ReadSymbol(q.X, q.Y, q.Name)
		return nil, wordBytes(words), err
	case "set_symbol":
		return nil, nil, s.host.WriteSymbol(q.X, q.Y, q.Name, bytesWords(p.Data))
	case "trace":
		values, err := s.host.ReadTrace(q.X, q.Y, q.Name)
		return map[string]any{"values": values}, nil, err
	case "dump":
		return nil, nil, s.host.Dump(q.Path)
	case "save":
		return map[string]any{"cycle": s.host.Cycle()}, nil, s.host.Save(q.Path)
	case "load":
		err := s.host.Load(q.Path)
		return map[string]any{"cycle": s.host.Cycle()}, nil, err
	}
	return nil, nil, fmt.Errorf("unknown request %q", q.Op)
}

func (s *session) open(ctx context.Context, q OpenRequest) (any, error) {
	if s.host != nil {
		return nil, errors.New("open a second time")
	}
	h, c, err := s.env.Open(ctx, q)
	if err != nil {
		return nil, err
	}
	s.host, s.close = h, c
	return describe(h.Image()), nil
}

// describe tells the caller what it needs to know of an image.
func describe(im *image.Image) any {
	type export struct {
		ID      int      `json:"id"`
		Name    string   `json:"name"`
		Kind    string   `json:"kind"`
		Type    string   `json:"type"`
		Args    []string `json:"args"`
		Mutable bool     `json:"mutable"`
	}
	type port struct {
		Name  string `json:"name"`
		X     int    `json:"x"`
		Y     int    `json:"y"`
		Color uint8  `json:"color"`
		Input bool   `json:"input"`
	}
	exports, ports := []export{}, []port{}
	for _, e := range im.Exports {
		exports = append(exports, export{e.ID, e.Name, [...]string{"var", "func", "stream"}[e.Kind], e.Type, e.Args, e.Mutable})
	}
	for _, p := range im.Ports {
		ports = append(ports, port{p.Name, im.Rect.X + p.X, im.Rect.Y + p.Y, p.Color, p.Input})
	}
	return map[string]any{
		"arch": im.Arch.String(), "memcpy": im.Memcpy,
		"x": im.Rect.X, "y": im.Rect.Y, "w": im.Rect.W, "h": im.Rect.H,
		"fabric_w": im.FabricW, "fabric_h": im.FabricH,
		"exports": exports, "ports": ports,
	}
}

// output gives a command that fills an array.
func (s *session) output(ctx context.Context, q request) (any, []byte, error) {
	n, err := q.N, error(nil)
	if q.Op != "receive" {
		n, err = s.host.Elements(q.region())
	}
	if err != nil {
		return nil, nil, err
	}
	if n < 0 || n > MaxReply {
		return nil, nil, fmt.Errorf("%s of %d elements: at most %d go in one command", q.Op, n, MaxReply)
	}
	dst := make([]uint32, n)
	var t *host.Task
	switch q.Op {
	case "copy_out":
		t, err = s.host.CopyOut(dst, q.ID, q.region())
	case "stream_out":
		t, err = s.host.StreamOut(dst, q.ID, q.region())
	default:
		t, err = s.host.Receive(q.Name, dst)
	}
	return s.finish(ctx, q, t, dst, err)
}

// finish waits for a task, or remembers it under a number.
func (s *session) finish(ctx context.Context, q request, t *host.Task, dst []uint32, err error) (any, []byte, error) {
	if err != nil {
		return nil, nil, err
	}
	if q.Nonblock {
		s.last++
		s.tasks[s.last] = &open{t, dst}
		return map[string]any{"task": s.last, "cycle": s.host.Cycle()}, nil, nil
	}
	if err := s.host.Wait(ctx, t); err != nil {
		return nil, nil, err
	}
	return map[string]any{"cycle": s.host.Cycle()}, toBytes(dst), nil
}

// wait answers with the array of a task once it is over; poll does not insist.
func (s *session) wait(ctx context.Context, q request) (any, []byte, error) {
	o := s.tasks[q.Task]
	if o == nil {
		return nil, nil, fmt.Errorf("there is no task %d", q.Task)
	}
	over, err := o.task.Done(), o.task.Err()
	switch {
	case over:
	case q.Op == "wait":
		err = s.host.Wait(ctx, o.task)
		over = true
	default:
		over, err = s.host.Poll(ctx, o.task)
	}
	if err != nil {
		delete(s.tasks, q.Task)
		return nil, nil, err
	}
	if !over {
		return map[string]any{"done": false}, nil, nil
	}
	if o.task.Done() {
		delete(s.tasks, q.Task)
	}
	return map[string]any{"done": true, "cycle": s.host.Cycle()}, toBytes(o.dst), nil
}
