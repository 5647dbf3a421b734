package validate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"wafer/internal/csl"
	"wafer/internal/host"
	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/sim"
)

// waferRun is one program of a checkout of WaferLLM, run as its launch scripts do
// but for the weights, which stay zero (time does not depend on them), and for the
// number of repeats.
type waferRun struct {
	dir     string // of the program, below the checkout
	profile string
	launch  string // the function that repeats the program
	p       int    // cores along each side
	params  []csl.Param
	warm    int
	repeats int
	workers int
	// compiled, if any, is called between compiling and simulating.
	compiled func()
}

// waferShape is a configuration file of the decode programs.
type waferShape struct {
	P        int `json:"P"`
	Groups   int `json:"group_num"`
	Batch    int `json:"bsz"`
	Dim      int `json:"dim"`
	Heads    int `json:"n_heads"`
	KVHeads  int `json:"n_kv_heads"`
	HeadDim  int `json:"head_dim"`
	Sequence int `json:"seq_len"`
	FFN      int `json:"ffn_dim"`
}

// waferOutcome is what the launch scripts print: cycles of one repeat.
type waferOutcome struct {
	Max  float64 // (latest end − earliest start) / repeats
	Mean float64 // over the cores, of (end − start) / repeats
}

// decodeRun reads a configuration of the decode program for a profile. That of the
// WSE-3 takes the numbers of repeats the other way round.
func decodeRun(root, profile, config string) (waferRun, error) {
	dir := "Decode/WSE-2"
	if profile != "wse2" {
		dir = "Decode/WSE-3"
	}
	text, err := os.ReadFile(filepath.Join(root, dir, "model_config", config+".json"))
	if err != nil {
		return waferRun{}, fmt.Errorf("read a configuration of WaferLLM: %w", err)
	}
	var s waferShape
	if err := json.Unmarshal(text, &s); err != nil {
		return waferRun{}, fmt.Errorf("%s: %w", config, err)
	}
	if s.P < 1 || s.Groups < 1 || s.Heads < 1 || s.KVHeads < 1 {
		return waferRun{}, fmt.Errorf("%s: sizes must be positive", config)
	}
	r := waferRun{dir: dir, profile: profile, launch: "decode_host", p: s.P, repeats: 1}
	r.params = waferParams("P", s.P, "bsz", s.Batch, "dim_p_pe", s.Dim/s.P, "pes_p_head", s.P/s.Heads,
		"pes_p_kv_head", s.P/s.KVHeads, "head_dim_p_pe", s.HeadDim/s.P, "seq_len_p_pe", s.Sequence/s.P,
		"ffn_dim_p_pe", s.FFN/s.P, "pe_num_p_group", s.P/s.Groups,
		"root_1st_phase", firstRoot(s.P, s.Groups), "root_2nd_phase", secondRoot(s.P, s.Groups))
	return r, nil
}

// gemvRun is the product of a vector and an n × n matrix.
func gemvRun(p, n, groups int) waferRun {
	r := waferRun{dir: "MeshGEMV/WSE-2", profile: "wse2", launch: "meshgemv_host", p: p, warm: 1, repeats: 1}
	r.params = waferParams("P", p, "Mt", n/p, "Nt", n/p, "pe_num_group", p/groups,
		"root_1st_phase", firstRoot(p, groups), "root_2nd_phase", secondRoot(p, groups))
	return r
}

// The cores where the two phases of a sum end, as the run scripts compute them.
func firstRoot(p, groups int) int  { return p / groups / 2 }
func secondRoot(p, groups int) int { return groups/2*(p/groups) + firstRoot(p, groups) }

func waferParams(pairs ...any) []csl.Param {
	var out []csl.Param
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, csl.Param{Name: pairs[i].(string), Value: strconv.Itoa(pairs[i+1].(int))})
	}
	return out
}

// measure compiles the program and runs it.
func (r waferRun) measure(ctx context.Context, root string) (waferOutcome, error) {
	m, err := machine.Preset(r.profile)
	if err != nil {
		return waferOutcome{}, err
	}
	im, err := r.compile(ctx, root, m.Arch)
	if err != nil {
		return waferOutcome{}, err
	}
	s, err := sim.New(im, m, sim.Options{Workers: r.workers})
	if err != nil {
		return waferOutcome{}, err
	}
	if r.compiled != nil {
		r.compiled()
	}
	h := host.New(im, s, host.Options{})
	h.Run()
	counts := []host.Arg{{Type: "i16", Int: int64(r.warm)}, {Type: "i16", Int: int64(r.repeats)}}
	if r.profile != "wse2" {
		slices.Reverse(counts)
	}
	for _, call := range []struct {
		name string
		args []host.Arg
	}{
		{"init_task", nil},
		{r.launch, counts},
	} {
		task, err := h.Launch(call.name, call.args)
		if err != nil {
			return waferOutcome{}, err
		}
		if err := h.Wait(ctx, task); err != nil {
			return waferOutcome{}, err
		}
	}
	return r.read(ctx, h)
}

func (r waferRun) compile(ctx context.Context, root string, arch machine.Arch) (*image.Image, error) {
	file := filepath.Join(root, r.dir, "src", "layout.csl")
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is no checkout of WaferLLM: it has no %s/src/layout.csl", root, r.dir)
	}
	im, list := csl.Build(ctx, csl.Options{
		File: file, Arch: arch, Memcpy: true, OffsetX: 4, OffsetY: 1, Channels: 1, Params: r.params,
	})
	if im == nil || list.HasErrors() {
		return nil, &host.Failure{Diags: list.Sorted()}
	}
	return im, nil
}

// read takes the stamps of all cores: three words of 32 bits with start and end,
// two with the reference, 48 bits each.
func (r waferRun) read(ctx context.Context, h *host.Host) (waferOutcome, error) {
	name := "time_memcpy"
	if r.profile != "wse2" {
		name = "timer_buf"
	}
	times, err := copyOut(ctx, h, name, host.Region{W: r.p, H: r.p, L: 3, Bits: 32})
	if err != nil {
		return waferOutcome{}, err
	}
	refs, err := copyOut(ctx, h, "time_ref", host.Region{W: r.p, H: r.p, L: 2, Bits: 32})
	if err != nil {
		return waferOutcome{}, err
	}
	var first, last, sum int64
	for i := range r.p * r.p {
		t, f := times[3*i:], refs[2*i:]
		start := int64(t[0]) | int64(t[1]&0xffff)<<32
		end := int64(t[1]>>16) | int64(t[2])<<16
		ref := int64(f[0]) | int64(f[1]&0xffff)<<32 - int64(i%r.p+i/r.p)
		sum += end - start
		if i == 0 {
			first, last = start-ref, end-ref
		}
		first, last = min(first, start-ref), max(last, end-ref)
	}
	n := float64(r.repeats)
	return waferOutcome{Max: float64(last-first) / n, Mean: float64(sum) / float64(r.p*r.p) / n}, nil
}

// waferFigure is a published figure that a program of WaferLLM is run for.
type waferFigure struct {
	id, what  string
	published float64
	effort    Effort
	note      string
	run       func() (waferRun, error)
}

// waferFigures lists them. A run takes minutes: 176,400 cores and more.
func waferFigures(root string) []waferFigure {
	var out []waferFigure
	for _, d := range []struct {
		config    string
		p         int
		published float64
		effort    Effort
	}{
		// 1.1e9 / (tokens a second × layers) of table 4: 32 layers.
		{"llama8B_4k_1_420", 420, 12732, Normal},
		{"llama8B_4k_1_540", 540, 13742, Full},
		{"llama8B_4k_1_660", 660, 15323, Full},
	} {
		out = append(out, waferFigure{
			id: fmt.Sprintf("waferllm/decode-8b/p%d", d.p), what: fmt.Sprintf("decode, one layer of the 8B, %d² cores", d.p),
			published: d.published, effort: d.effort,
			run: func() (waferRun, error) { return decodeRun(root, "wse2", d.config) },
		})
	}
	for _, g := range []struct {
		n         int
		published float64
	}{{16384, 1320}, {32768, 2233}} { // table 6: 1.2 and 2.03 µs
		out = append(out, waferFigure{
			id: fmt.Sprintf("waferllm/gemv/n%d", g.n), what: fmt.Sprintf("MeshGEMV, %d × %d", g.n, g.n),
			published: g.published, effort: Full, note: "; 512² cores, the paper does not say how many it used",
			run: func() (waferRun, error) { return gemvRun(512, g.n, 32), nil },
		})
	}
	return out
}

// waferMemo is a run of such a program, for all rows that look at it.
type waferMemo struct {
	once sync.Once
	out  waferOutcome
	err  error
}

// outcome runs the program, once.
func (f waferFigure) outcome(ctx context.Context, b *bench, root string) (waferOutcome, error) {
	b.mu.Lock()
	m := b.wafers[f.id]
	if m == nil {
		m = &waferMemo{}
		b.wafers[f.id] = m
	}
	b.mu.Unlock()
	m.once.Do(func() {
		var r waferRun
		if r, m.err = f.run(); m.err == nil {
			m.out, m.err = r.measure(ctx, root)
		}
	})
	return m.out, m.err
}

// waferRows are the figures of WaferLLM that its own programs are run for, if
// there is a checkout.
func waferRows(root string) []Row {
	if root == "" {
		return nil
	}
	figures := waferFigures(root)
	var rows []Row
	for _, f := range figures {
		r := waferRow(Row{
			ID: f.id, What: f.what, Published: f.published, Unit: "cycles", Tolerance: 0.20, Effort: f.effort,
			Conditions: "mean over the cores of end − start of one repeat; the paper's (latest end − earliest start) / 100 repeats comes to the same; its 1.1 GHz" + f.note,
			measure: func(ctx context.Context, b *bench) (float64, error) {
				out, err := f.outcome(ctx, b, root)
				return out.Mean, err
			},
		})
		span := r
		span.ID, span.Required, span.Kind = r.ID+"/span", false, Plausibility
		span.Conditions = "latest end − earliest start of one repeat: the skew at the ends, that the paper divides by 100, is all in it" + f.note
		span.measure = func(ctx context.Context, b *bench) (float64, error) {
			out, err := f.outcome(ctx, b, root)
			return out.Max, err
		}
		rows = append(rows, r, span)
	}
	// More cores make decode slower, as the sums get longer.
	few := figures[0]
	for _, many := range figures[1:3] {
		rows = append(rows, waferRow(Row{
			ID: many.id + "/over-p420", What: many.what + " beside 420²", Published: many.published / few.published,
			Unit: "times the cycles of 420² cores", Tolerance: 0.10, Effort: Full,
			measure: func(ctx context.Context, b *bench) (float64, error) {
				low, err := few.outcome(ctx, b, root)
				if err != nil {
					return 0, err
				}
				high, err := many.outcome(ctx, b, root)
				return high.Mean / low.Mean, err
			},
		}))
	}
	return rows
}

func waferRow(r Row) Row {
	r.Group, r.Profile, r.Source, r.Kind, r.Required = "WaferLLM's own programs", "wse2", "WLLM", Measured, true
	return r
}
