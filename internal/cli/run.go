package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"wafer/internal/diag"
	"wafer/internal/llm/bundle"
	"wafer/internal/llm/embedded"
	"wafer/internal/llm/exec"
	"wafer/internal/llm/place"
	"wafer/internal/llm/sample"
	"wafer/internal/llm/tokenize"
	"wafer/internal/machine"
	"wafer/internal/sim"
)

// RunCmd runs a language model: the text first, then what the machine did for it.
type RunCmd struct {
	Model       string  `help:"Model file or directory, or the name of a model that was pulled; the built-in one if not given." placeholder:"PATH|NAME"`
	Prompt      string  `help:"How the text begins." placeholder:"TEXT"`
	Tokens      int     `help:"Tokens to generate at most." default:"200"`
	Context     int     `help:"Positions to make room for on the wafer; 0 for what the model and --tokens ask for." placeholder:"N"`
	Machine     string  `help:"Machine: wse2, wse3, wse3-silicon or a YAML file." default:"wse3"`
	Temperature float64 `help:"0 takes the best token each time." default:"0.7"`
	TopP        float64 `help:"Choose among the best tokens that together have this probability." default:"0.9"`
	Seed        uint64  `help:"Seed of the choice; the same seed gives the same text." default:"1"`
	Exact       bool    `help:"Simulate every core, task and wavelet of every token."`
	Threads     int     `help:"Threads; results do not depend on it." placeholder:"N"`
	Trace       string  `help:"Write a timeline of the last step for ui.perfetto.dev." type:"path" placeholder:"FILE"`
	Heatmap     string  `help:"Draw how busy each core was in the last step." type:"path" placeholder:"FILE.svg"`
	JSON        bool    `help:"Print JSON instead of text."`
}

// defaultContext is what the wafer has room for when nobody asks for more; models
// trained for a hundred thousand positions would not fit with all of them.
const defaultContext = 512

// The mistakes of a run.
const (
	codePrompt diag.Code = "C2001" // the prompt and the tokens exceed the context
	codeTokens diag.Code = "C2002" // a number of tokens that makes no sense
)

// session is a run and what it needs.
type session struct {
	cmd     *RunCmd
	io      Streams
	bundle  *bundle.Bundle
	machine *machine.Machine
	plan    place.Plan
	ids     []tokenize.ID // of the prompt
	sampler *sample.Sampler
	timing  *exec.Timing
	engine  exec.Engine
	begin   time.Time
	out     runSummary
}

// Run generates.
func (c *RunCmd) Run(ctx context.Context, io Streams) error {
	s := &session{cmd: c, io: io, begin: time.Now()}
	if err := s.open(); err != nil {
		return err
	}
	defer s.bundle.Close()
	if err := s.prepare(ctx); err != nil {
		return err
	}
	defer s.engine.Close()
	err := s.generate(ctx)
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	if e := s.finish(ctx); err == nil {
		err = e
	}
	return err
}

// open reads and checks everything that was asked for.
func (s *session) open() error {
	c := s.cmd
	var err error
	if s.sampler, err = sample.New(sample.Params{Temperature: c.Temperature, TopP: c.TopP, Seed: c.Seed}); err != nil {
		return err
	}
	if s.machine, err = openMachine(c.Machine); err != nil {
		return err
	}
	if s.bundle, err = openModel(c.Model); err != nil {
		return err
	}
	if err = s.room(); err != nil {
		return errors.Join(err, s.bundle.Close())
	}
	return nil
}

// room tokenizes the prompt and places the model with enough positions.
func (s *session) room() error {
	c, m := s.cmd, s.bundle.Weights.Model
	if c.Prompt == "" {
		c.Prompt = embedded.DefaultPrompt
	}
	s.ids = s.bundle.Tokenizer.Encode(c.Prompt, tokenize.Options{AddSpecial: true})
	if c.Tokens < 1 || c.Context < 0 {
		return diag.Diagnostic{Code: codeTokens, Message: fmt.Sprintf("--tokens %d and --context %d make no text", c.Tokens, c.Context), Cure: "give positive numbers"}
	}
	room := c.Context
	if room == 0 {
		room = max(min(m.Context, defaultContext), min(m.Context, len(s.ids)+c.Tokens))
	}
	if room > m.Context {
		return diag.Diagnostic{Code: codePrompt, Message: fmt.Sprintf("%s was trained for %d positions, and --context asks for %d", m.Name, m.Context, room), Cure: "ask for a shorter context"}
	}
	if len(s.ids)+1 > room {
		return diag.Diagnostic{Code: codePrompt, Message: fmt.Sprintf("the prompt has %d tokens and there are %d positions", len(s.ids), room), Cure: "shorten the prompt, or raise --context as far as the model allows"}
	}
	var err error
	s.plan, err = place.Choose(m, s.machine, room)
	return err
}

// prepare finds or measures the timing and starts the engine.
func (s *session) prepare(ctx context.Context) error {
	var err error
	if s.timing, err = s.time(ctx); err != nil {
		return err
	}
	if s.cmd.Exact {
		s.engine, err = exec.NewExact(ctx, s.plan, s.bundle.Weights, s.machine, s.simOptions(nil))
		return err
	}
	f, err := exec.NewFast(s.plan, s.bundle.Weights, s.threads())
	if err != nil {
		return err
	}
	f.Timing = s.timing
	s.engine = f
	return nil
}

func (s *session) threads() int {
	if s.cmd.Threads > 0 {
		return s.cmd.Threads
	}
	return runtime.NumCPU()
}

func (s *session) simOptions(line *progress) sim.Options {
	o := sim.Options{Workers: s.cmd.Threads}
	if line != nil {
		o.Progress = line.report
	}
	return o
}

// measuredSlots is how many steps are simulated for a timing that nobody has
// remembered. The first is enough to begin; the last gives the slope.
const measuredSlots = 2

// time gives the timing of the plan: shipped, remembered, or measured now.
func (s *session) time(ctx context.Context) (*exec.Timing, error) {
	key, err := exec.TimingKey(s.plan, s.machine)
	if err != nil {
		return nil, err
	}
	if t := exec.Shipped(key); t != nil {
		return t, nil
	}
	store, err := exec.UserStore()
	if err != nil {
		store = exec.Store{} // no home, nothing remembered
	}
	if t := store.Load(key); t != nil {
		return t, nil
	}
	line := newProgress(s.io.Err)
	defer line.end()
	t, err := exec.Measure(ctx, s.plan, s.machine, exec.Slots(s.plan, measuredSlots), s.simOptions(line), true)
	if err != nil {
		return nil, err
	}
	if err := store.Save(t); err != nil {
		fmt.Fprintf(s.io.Err, "wafer: %v\n", err) // the run itself is not harmed
	}
	return t, nil
}

// generate feeds the prompt and then each token that it chose.
func (s *session) generate(ctx context.Context) error {
	text := s.bundle.Tokenizer.Stream(true)
	s.write(s.cmd.Prompt)
	for _, id := range s.ids {
		text.Add(id)
	}
	s.out.begin(s)
	prompt := make([]int, len(s.ids))
	for i, id := range s.ids {
		prompt[i] = int(id)
	}
	step, err := s.engine.Prompt(ctx, prompt)
	if err == nil {
		s.out.prompt(s, step)
	}
	for made := 1; err == nil; made++ {
		id := s.sampler.Next(step.Logits)
		s.out.first(s)
		if s.bundle.Tokenizer.IsEnd(id) {
			s.out.Stop = "end"
			break
		}
		s.write(text.Add(id))
		if made >= s.cmd.Tokens {
			s.out.Stop = "tokens"
			break
		}
		if len(s.ids)+made > s.plan.Context() {
			s.out.Stop = "context"
			break
		}
		if step, err = s.engine.Step(ctx, int(id)); err == nil {
			s.out.count(s, step)
		}
	}
	s.write(text.Flush())
	return err
}

// write streams text, or keeps it for the JSON.
func (s *session) write(text string) {
	s.out.Text += text
	if !s.cmd.JSON {
		fmt.Fprint(s.io.Out, text)
	}
}

// finish prints the summary and draws.
func (s *session) finish(ctx context.Context) error {
	s.out.end(s)
	var err error
	if s.cmd.JSON {
		err = s.out.json(s.io.Out)
	} else {
		_, err = io.WriteString(s.io.Out, s.out.text(s))
	}
	if err != nil || ctx.Err() != nil || s.cmd.Trace == "" && s.cmd.Heatmap == "" {
		return err
	}
	return s.look(ctx)
}

// look simulates the last step once more, to draw it.
func (s *session) look(ctx context.Context) error {
	im, err := exec.Compile(ctx, s.plan, s.machine.Arch, false)
	if err != nil {
		return err
	}
	line := newProgress(s.io.Err)
	opt := s.simOptions(line)
	l := looks{Trace: s.cmd.Trace, Heat: s.cmd.Heatmap}
	var t *timeline
	if l.Trace != "" {
		if t, err = newTimeline(l, im); err != nil {
			return err
		}
		opt.Trace = t.event
		// The middle core of each region is where its sums end.
		last := map[[2]int]bool{}
		for r := range s.plan.Regions() {
			x, y := s.plan.Centre(r)
			last[[2]int{x, y}] = true
		}
		opt.TraceCore = func(x, y int) bool { return last[[2]int{x, y}] }
	}
	e, err := exec.Bare(s.plan, im, s.machine, opt)
	if err == nil {
		e.Seek(max(0, s.out.PromptTokens+s.out.Tokens-2))
		_, err = e.Step(ctx, 0)
	}
	line.end()
	if t != nil {
		err = errors.Join(err, t.close())
	}
	if err != nil || l.Heat == "" {
		return err
	}
	return drawHeat(l, &device{Host: e.Host(), sim: e.Sim})
}

// rule is the line between text and summary.
func rule() string { return "\n\n" + strings.Repeat("─", 72) + "\n" }
