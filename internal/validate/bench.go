package validate

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"math"
	"path"
	"sync"

	"wafer/internal/csl"
	"wafer/internal/host"
	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/sim"
)

//go:embed csl/*.csl
var files embed.FS

// program is one of our CSL programs with its parameters. All of them export
// main(at) and the two stamps of every core; at is the cycle, in the low word of
// the counter, in which all cores start.
type program struct {
	file    string // layout in csl/
	profile string
	w, h    int
	params  string // "name:value,name:value"
	results int    // f32 values of "result" to read from core (0,0)
	stamps  int    // stamps a core holds; 0 means two, start and end
	prepare int    // cycles that filling the data takes, about
	workers int    // threads of the simulator; 0 means one
}

// outcome is what a run of a program gave.
type outcome struct {
	span   int64 // max(end) − min(start), the published protocol
	stamps [][]int64
	result []float32
	cycles int64 // of the whole launch
}

// bench runs programs and remembers what they gave: several rows look at one run.
type bench struct {
	mu     sync.Mutex
	runs   map[program]*memo
	wafers map[string]*waferMemo
}

type memo struct {
	once sync.Once
	out  *outcome
	err  error
}

func newBench() *bench { return &bench{runs: map[program]*memo{}, wafers: map[string]*waferMemo{}} }

// run compiles and runs p, once.
func (b *bench) run(ctx context.Context, p program) (*outcome, error) {
	b.mu.Lock()
	m := b.runs[p]
	if m == nil {
		m = &memo{}
		b.runs[p] = m
	}
	b.mu.Unlock()
	m.once.Do(func() {
		if m.out, m.err = measure(ctx, p); m.err != nil {
			m.err = fmt.Errorf("%s with %s on %s: %w", p.file, p.params, p.profile, m.err)
		}
	})
	return m.out, m.err
}

// settle is how many cycles a core gets from its launch to the common start, not
// counting what it needs to fill its data. It must not take longer.
const settle = 600

func measure(ctx context.Context, p program) (*outcome, error) {
	h, _, err := p.start(ctx)
	if err != nil {
		return nil, err
	}
	out := &outcome{}
	if out.cycles, err = p.launch(ctx, h); err != nil {
		return nil, err
	}
	return out, out.read(ctx, h, p)
}

// launch runs main on all cores, and gives the cycles of the whole launch.
func (p program) launch(ctx context.Context, h *host.Host) (int64, error) {
	m, err := machine.Preset(p.profile)
	if err != nil {
		return 0, err
	}
	begin := h.Cycle()
	at := begin + int64(m.Net.Hop*(p.w+p.h)) + settle + int64(p.prepare)
	task, err := h.Launch("main", []host.Arg{{Type: "u16", Int: at & 0xffff}})
	if err != nil {
		return 0, err
	}
	err = h.Wait(ctx, task)
	return h.Cycle() - begin, err
}

// start compiles p and puts it on a machine.
func (p program) start(ctx context.Context) (*host.Host, *sim.Sim, error) {
	m, err := machine.Preset(p.profile)
	if err != nil {
		return nil, nil, err
	}
	im, err := compile(ctx, p, m.Arch)
	if err != nil {
		return nil, nil, err
	}
	s, err := sim.New(im, m, sim.Options{Workers: p.workers})
	if err != nil {
		return nil, nil, err
	}
	h := host.New(im, s, host.Options{})
	h.Run()
	return h, s, nil
}

func compile(ctx context.Context, p program, arch machine.Arch) (*image.Image, error) {
	im, list := csl.Build(ctx, csl.Options{
		File: "csl/" + p.file, Arch: arch, Memcpy: true, OffsetX: 4, OffsetY: 1, Channels: 1, Params: splitList(p.params),
		ReadFile: func(name string) ([]byte, error) { return fs.ReadFile(files, "csl/"+path.Base(name)) },
	})
	if im == nil || list.HasErrors() {
		return nil, &host.Failure{Diags: list.Sorted()}
	}
	return im, nil
}

// read takes the stamps of all cores and the result of core (0,0).
func (o *outcome) read(ctx context.Context, h *host.Host, p program) error {
	n := max(2, p.stamps)
	words, err := copyOut(ctx, h, "stamps", host.Region{W: p.w, H: p.h, L: 3 * n, Bits: 16})
	if err != nil {
		return err
	}
	first, last := int64(math.MaxInt64), int64(0)
	for core := range p.w * p.h {
		one := make([]int64, n)
		for i := range one {
			one[i] = stamp48(words[3*(core*n+i):])
		}
		o.stamps = append(o.stamps, one)
		first, last = min(first, one[0]), max(last, one[n-1])
	}
	o.span = last - first
	if p.results == 0 {
		return nil
	}
	if words, err = copyOut(ctx, h, "result", host.Region{W: 1, H: 1, L: p.results, Bits: 32}); err != nil {
		return err
	}
	for _, w := range words {
		o.result = append(o.result, math.Float32frombits(w))
	}
	return nil
}

func copyOut(ctx context.Context, h *host.Host, name string, r host.Region) ([]uint32, error) {
	id, err := h.ID(name)
	if err != nil {
		return nil, err
	}
	words := make([]uint32, r.W*r.H*r.L)
	task, err := h.CopyOut(words, id, r)
	if err != nil {
		return nil, err
	}
	return words, h.Wait(ctx, task)
}

func copyIn(ctx context.Context, h *host.Host, name string, words []uint32, r host.Region) error {
	id, err := h.ID(name)
	if err != nil {
		return err
	}
	task, err := h.CopyIn(id, words, r)
	if err != nil {
		return err
	}
	return h.Wait(ctx, task)
}
