// Package exec runs a placed model: tokens in, logits and cycles out.
//
// Exact simulates every core, task and wavelet of every token: the CSL kernels
// are compiled for the placement, the weights are copied into the cores, and each
// step is one launch on all of them.
package exec

import (
	"context"
	"fmt"
	"io/fs"
	"math"
	"strconv"
	"strings"

	"wafer/internal/csl"
	"wafer/internal/diag"
	"wafer/internal/host"
	"wafer/internal/image"
	"wafer/internal/llm/graph"
	"wafer/internal/llm/kernels"
	"wafer/internal/llm/place"
	"wafer/internal/machine"
	"wafer/internal/sim"
)

// Exact is a model on a simulated wafer.
type Exact struct {
	Plan  place.Plan
	Image *image.Image
	Sim   *sim.Sim
	host  *host.Host
	pos   int
}

// Engine runs a model token by token; Exact and Fast are the two.
type Engine interface {
	// Step feeds one token and gives the logits for the next.
	Step(ctx context.Context, token int) (Step, error)
	// Prompt feeds several, one behind the other, and gives the logits behind the
	// last. They are the same as those of so many steps; the time is shorter.
	Prompt(ctx context.Context, tokens []int) (Step, error)
	Reset()
	Close() error
}

// Step is what one token gave and cost.
type Step struct {
	Pos    int
	Logits []float32
	Cycles int64
	Phases [NumPhases]int64 // where the cycles went; zero where it was not measured
}

// Compile compiles the kernels for a plan.
// With profile, cores note the clock at the end of each phase.
func Compile(ctx context.Context, p place.Plan, arch machine.Arch, profile bool) (*image.Image, error) {
	im, ds := csl.Build(ctx, csl.Options{
		File: kernels.Layout,
		ReadFile: func(name string) ([]byte, error) {
			return fs.ReadFile(kernels.FS, strings.TrimPrefix(name, "./"))
		},
		Arch: arch, Memcpy: true, Params: append(Params(p), csl.Param{Name: "profile", Value: strconv.FormatBool(profile)}),
	})
	if im == nil {
		return nil, firstError(ds)
	}
	return im, nil
}

func firstError(ds *diag.List) error {
	for _, d := range ds.Sorted() {
		if d.Severity == diag.Error {
			return d
		}
	}
	return fmt.Errorf("the kernels did not compile")
}

// Params are the parameters of the layout for a plan.
func Params(p place.Plan) []csl.Param {
	m := p.Model
	num := func(name string, v int) csl.Param { return csl.Param{Name: name, Value: strconv.Itoa(v)} }
	real := func(name string, v float32) csl.Param {
		return csl.Param{Name: name, Value: strconv.FormatFloat(float64(v), 'e', -1, 32)}
	}
	is := func(name string, v bool) csl.Param { return csl.Param{Name: name, Value: strconv.FormatBool(v)} }
	every := m.WindowEvery
	if !p.Windowed() {
		every = 0
	}
	return []csl.Param{
		num("cols", p.Cols), num("table_cols", p.Table), num("rows", p.Rows), num("limit", p.Limit), num("width", p.W()), num("bands", p.Bands()), num("group", p.Group), num("layers", m.Layers),
		num("dim", m.Dim), num("in", p.In), num("q_heads", p.QHeads), num("hd", p.HD), num("ffn", p.FFN),
		num("slots", p.Slots), num("lot", p.Lot), num("words", p.Words), num("prompt_room", place.PromptRoom),
		real("eps", m.NormEps), real("score_factor", scoreFactor(m)), real("factor", m.EmbedScale),
		is("qkv_bias", m.QKVBias), is("head_norm", m.QKNorm), num("head_dim", m.HeadDim), is("post_norm", m.PostNorm), is("gelu", m.Activation == graph.GELUTanh),
		real("squeeze", squeeze(m)), real("logit_cap", m.LogitCap), num("window", p.Window(0)), num("window_every", every), is("long_tokens", p.LongTokens()),
	}
}

// scoreFactor turns differences of scores into exponents of 2. Capped scores come
// as sigmoids: c tanh(s / c) = 2 c sigmoid(2 s / c) - c.
func scoreFactor(m graph.Model) float32 {
	if m.AttnCap != 0 {
		return float32(2 * float64(m.AttnCap) * math.Log2E)
	}
	return float32(float64(m.AttnScale) * math.Log2E)
}

// squeeze is the factor on q·k whose sigmoid a capped score is; 0 means no cap.
func squeeze(m graph.Model) float32 {
	if m.AttnCap == 0 {
		return 0
	}
	return float32(2 * float64(m.AttnScale) / float64(m.AttnCap))
}

// NewExact compiles the kernels, makes the wafer and copies the weights to it.
func NewExact(ctx context.Context, p place.Plan, w place.Weights, m *machine.Machine, opt sim.Options) (*Exact, error) {
	e, err := newBare(ctx, p, m, opt, false)
	if err != nil {
		return nil, err
	}
	err = p.Blocks(w, func(b place.Block) error { return e.host.WriteSymbol(b.X, b.Y, b.Name, b.Words) })
	if err != nil {
		return nil, err
	}
	return e, nil
}

func newBare(ctx context.Context, p place.Plan, m *machine.Machine, opt sim.Options, profile bool) (*Exact, error) {
	im, err := Compile(ctx, p, m.Arch, profile)
	if err != nil {
		return nil, err
	}
	return Bare(p, im, m, opt)
}

// Bare makes the wafer with all weights zero: enough to look at time.
func Bare(p place.Plan, im *image.Image, m *machine.Machine, opt sim.Options) (*Exact, error) {
	s, err := sim.New(im, m, opt)
	if err != nil {
		return nil, err
	}
	e := &Exact{Plan: p, Image: im, Sim: s, host: host.New(im, s, host.Options{})}
	e.host.Run()
	return e, nil
}

// Host gives the host that drives the wafer.
func (e *Exact) Host() *host.Host { return e.host }

// Seek makes the next step that of a position, whatever was computed before.
func (e *Exact) Seek(pos int) { e.pos = pos }

// Step feeds one token and gives the logits for the next.
func (e *Exact) Step(ctx context.Context, token int) (Step, error) {
	if err := ready(ctx, e.Plan, e.pos, token); err != nil {
		return Step{}, err
	}
	kind := "u16"
	if e.Plan.LongTokens() {
		kind = "u32"
	}
	return e.launch(ctx, "step", 1, []host.Arg{{Type: kind, Int: int64(token)}, word(e.pos)})
}

func word(v int) host.Arg { return host.Arg{Type: "u16", Int: int64(v)} }

// launch runs a function that takes n tokens from the position on, and gives the
// logits behind them.
func (e *Exact) launch(ctx context.Context, name string, n int, args []host.Arg) (Step, error) {
	start := e.host.Cycle()
	task, err := e.host.Launch(name, args)
	if err != nil {
		return Step{}, err
	}
	if err := e.host.Wait(ctx, task); err != nil {
		return Step{}, err
	}
	e.pos += n
	s := Step{Pos: e.pos - 1, Cycles: e.host.Cycle() - start}
	if s.Logits, err = e.logits(); err == nil {
		err = finite(e.Plan.Model.Name, s.Pos, s.Logits)
	}
	return s, err
}

// codeRange is a model whose values leave the range of the wafer's numbers.
const codeRange diag.Code = "P1004"

// finite says so if the logits are no numbers. One value that is none reaches all
// of them, by the last norm.
func finite(model string, pos int, logits []float32) error {
	if l := logits[0]; l == l {
		return nil
	}
	return diag.Diagnostic{
		Code: codeRange, Pos: diag.Pos{File: model},
		Message: fmt.Sprintf("at position %d a value of the model is beyond the range of 16-bit floats, 65,504, and the logits are no numbers", pos),
		Cure:    "the kernels round inputs of products to 16-bit floats; choose a model that was trained or published in f16",
	}
}

// Prompt feeds the tokens of a prompt: they follow each other through the layers as
// closely as the layers let them, several at a time if the prompt is long enough.
// Writing them to the embedding's cores takes no simulated time, as no copy does.
func (e *Exact) Prompt(ctx context.Context, tokens []int) (Step, error) {
	var out Step
	for len(tokens) > 0 {
		n := min(len(tokens), place.PromptRoom)
		s, err := e.feed(ctx, tokens[:n], e.Plan.Each(n))
		if err != nil {
			return Step{}, err
		}
		s.Cycles += out.Cycles
		out, tokens = s, tokens[n:]
	}
	return out, nil
}

// feed feeds tokens that one launch takes, in lots of so many.
func (e *Exact) feed(ctx context.Context, tokens []int, each int) (Step, error) {
	if len(tokens) == 1 {
		return e.Step(ctx, tokens[0])
	}
	for i, t := range tokens {
		if err := ready(ctx, e.Plan, e.pos+i, t); err != nil {
			return Step{}, err
		}
	}
	if err := e.write(tokens); err != nil {
		return Step{}, err
	}
	n := len(tokens)
	return e.launch(ctx, "prompt", n, []host.Arg{word(n), word(e.pos), word(each)})
}

// write gives the tokens to all cores of the embedding.
func (e *Exact) write(tokens []int) error {
	var words []uint16
	for _, t := range tokens {
		if words = append(words, uint16(t)); e.Plan.LongTokens() {
			words = append(words, uint16(t>>16))
		}
	}
	for y := range e.Plan.Rows {
		for c := range e.Plan.Width(0) {
			x, y := e.Plan.Core(0, c, y)
			if err := e.host.WriteSymbol(x, y, "tokens", words); err != nil {
				return err
			}
		}
	}
	return nil
}

// Reset starts a new sequence: position 0 also resets the angles and the cache.
func (e *Exact) Reset() { e.pos = 0 }

// Close has nothing to do; it makes the engines alike.
func (e *Exact) Close() error { return nil }

// work sums the cycles at work over all cores, weighted by region.
func (e *Exact) work(times func(region int) int64) int64 {
	var n int64
	for r := range e.Plan.Regions() {
		for y := range e.Plan.Rows {
			for c := range e.Plan.Width(r) {
				s := e.Sim.Stats(e.Plan.Core(r, c, y))
				n += times(r) * (s.Scalar + s.DSD)
			}
		}
	}
	return n
}

// logits reads them from the middle row of the head's region.
func (e *Exact) logits() ([]float32, error) {
	var out []float32
	for c := range e.Plan.Table {
		x, y := e.Plan.Core(e.Plan.Regions()-1, c, e.Plan.Rows/2)
		words, err := e.host.ReadSymbol(x, y, "logits")
		if err != nil {
			return nil, err
		}
		for i := 0; i < len(words); i += 2 {
			out = append(out, math.Float32frombits(uint32(words[i])|uint32(words[i+1])<<16))
		}
	}
	return out[:e.Plan.Model.Vocab], nil
}

var _ place.Weights = (*graph.Checkpoint)(nil)
