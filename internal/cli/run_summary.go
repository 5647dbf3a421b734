package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"wafer/internal/llm/exec"
	"wafer/internal/units"
)

// runSummary is what a run found, and its --json form.
type runSummary struct {
	Model        string             `json:"model"`
	Machine      string             `json:"machine"`
	Text         string             `json:"text"`
	Stop         string             `json:"stop"` // end, tokens, context, interrupted
	PromptTokens int                `json:"prompt_tokens"`
	Tokens       int                `json:"tokens"`
	TokensPerSec float64            `json:"simulated_tokens_per_second"`
	FirstToken   float64            `json:"simulated_seconds_to_first_token"`
	PromptCycles int64              `json:"prompt_cycles"`
	Cycles       int64              `json:"cycles"`
	PerToken     int64              `json:"cycles_per_token"`
	Phases       map[string]int64   `json:"cycles_per_token_by_phase"`
	Shares       map[string]float64 `json:"shares"`
	Joules       float64            `json:"joules_per_token"`
	SRAM         exec.Spread        `json:"sram_bytes_per_core"`
	Cores        int                `json:"cores"`
	Plan         runPlan            `json:"plan"`
	Host         runHost            `json:"host"`

	started time.Time
	phases  [exec.NumPhases]int64
	made    int64 // cycles of the steps that made a token
}

type runPlan struct {
	Layers  int `json:"layers"`
	Columns int `json:"columns"`
	Rows    int `json:"rows"`
	Table   int `json:"table_columns"`
	Width   int `json:"width"`
	Height  int `json:"height"`
	Context int `json:"context"`
}

type runHost struct {
	Engine       string  `json:"engine"`
	FirstToken   float64 `json:"seconds_to_first_token"`
	TokensPerSec float64 `json:"tokens_per_second"`
}

// systemWatts is what a system with one wafer draws at most: 23 kW, the published
// peak of both generations. ASSUMED(power-share): a core in use draws its share of
// it, whatever it does, and what is not in use is charged to others.
const systemWatts = 23_000

func (r *runSummary) begin(s *session) {
	p := s.plan
	r.Model, r.Machine, r.PromptTokens, r.Stop = p.Model.Name, s.machine.Name, len(s.ids), "interrupted"
	r.Plan = runPlan{p.Model.Layers, p.Cols, p.Rows, p.Table, p.W(), p.H(), p.Context()}
	r.Host.Engine = "fast"
	if s.cmd.Exact {
		r.Host.Engine = "exact"
	}
	r.started = time.Now()
}

// prompt books the prompt, whose last step gives a token: as for what a token takes,
// it counts as if it had come alone.
func (r *runSummary) prompt(s *session, step exec.Step) {
	r.Cycles, r.PromptCycles = step.Cycles, step.Cycles
	cycles, phases := s.timing.At(s.plan.Rows, step.Pos)
	r.token(cycles, phases)
}

// count books a step.
func (r *runSummary) count(s *session, step exec.Step) {
	if s.cmd.Exact { // the exact engine counts cycles; where they go was measured
		total, phases := s.timing.At(s.plan.Rows, step.Pos)
		for i := range phases {
			step.Phases[i] = phases[i] * step.Cycles / total
		}
	}
	r.Cycles += step.Cycles
	r.token(step.Cycles, step.Phases)
}

// token adds a token to what the averages are of.
func (r *runSummary) token(cycles int64, phases [exec.NumPhases]int64) {
	r.Tokens++
	r.made += cycles
	for i, v := range phases {
		r.phases[i] += v
	}
}

// first notes when the first token was there.
func (r *runSummary) first(s *session) {
	if r.Host.FirstToken == 0 {
		r.Host.FirstToken = time.Since(s.begin).Seconds()
		r.FirstToken = float64(r.Cycles) / r.clock(s)
	}
}

func (r *runSummary) clock(s *session) float64 { return float64(s.machine.ClockMHz) * 1e6 }

// end computes what follows from the counts.
func (r *runSummary) end(s *session) {
	r.Cores, r.SRAM = s.timing.Cores, s.timing.SRAM
	r.Phases, r.Shares = map[string]int64{}, map[string]float64{}
	if r.Tokens == 0 {
		return
	}
	r.PerToken = r.made / int64(r.Tokens)
	seconds := float64(r.PerToken) / r.clock(s)
	r.TokensPerSec = 1 / seconds
	r.Joules = seconds * systemWatts * float64(r.Cores) / float64(s.machine.RectW*s.machine.RectH)
	var total, fabric int64
	for i, v := range r.phases {
		p := exec.Phase(i)
		r.Phases[p.String()] = v / int64(r.Tokens)
		total += v
		if p == exec.PhaseReduce || p == exec.PhaseHandOver {
			fabric += v
		}
	}
	if total > 0 {
		r.Shares["fabric"] = float64(fabric) / float64(total)
		r.Shares["compute"] = 1 - r.Shares["fabric"]
	}
	// Over all cores: a layer's cores wait while the token is with the others.
	r.Shares["waiting"] = 1 - float64(s.timing.Working)/1000
	if d := time.Since(r.started).Seconds(); d > 0 {
		r.Host.TokensPerSec = float64(r.Tokens+r.PromptTokens-1) / d
	}
}

func (r *runSummary) json(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// text is the summary for a person.
func (r *runSummary) text(s *session) string {
	var b strings.Builder
	b.WriteString(rule())
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-10s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("model", "%s on a simulated %s", r.Model, r.Machine)
	line("tokens", "%d after a prompt of %d", r.Tokens, r.PromptTokens)
	if r.Tokens == 0 {
		return b.String()
	}
	line("prompt", "%s cycles: first token after %s simulated", units.Group(float64(r.PromptCycles)), seconds(r.FirstToken))
	line("speed", "%s tokens/s simulated, for one user (%s cycles a token at %d MHz)",
		units.Group(r.TokensPerSec), units.Group(float64(r.PerToken)), s.machine.ClockMHz)
	line("cycles", "%s", r.phaseLine())
	line("", "critical path: %.0f %% computing, %.0f %% in sums over the fabric and hand-over", 100*r.Shares["compute"], 100*r.Shares["fabric"])
	line("", "all cores: at work %.1f %% of the time, waiting %.1f %%", 100*(1-r.Shares["waiting"]), 100*r.Shares["waiting"])
	line("energy", "%s a token (assumed: %d kW a wafer, by share of cores)", joules(r.Joules), systemWatts/1000)
	line("wafer", "%s cores, %d × %d: %d layers of %d × %d, embedding and head of %d × %d",
		units.Group(float64(r.Cores)), r.Plan.Width, r.Plan.Height, r.Plan.Layers, r.Plan.Columns, r.Plan.Rows, r.Plan.Table, r.Plan.Rows)
	line("memory", "of 48 KB a core: least %.1f, median %.1f, most %.1f KB; room for %d positions",
		kb(r.SRAM.Least), kb(r.SRAM.Median), kb(r.SRAM.Most), r.Plan.Context)
	digits := 0
	if r.Host.TokensPerSec < 10 {
		digits = 1
	}
	line("this host", "first token after %.2f s, %.*f tokens/s, %s engine", r.Host.FirstToken, digits, r.Host.TokensPerSec, r.Host.Engine)
	return b.String()
}

// phaseLine lists the phases, largest first.
func (r *runSummary) phaseLine() string {
	var parts []string
	left := map[exec.Phase]bool{}
	for i := range exec.NumPhases {
		left[i] = r.phases[i] > 0
	}
	for range exec.NumPhases {
		best := exec.Phase(-1)
		for i := range exec.NumPhases {
			if left[i] && (best < 0 || r.phases[i] > r.phases[best]) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		left[best] = false
		parts = append(parts, fmt.Sprintf("%s %s", best, units.Group(float64(r.phases[best]/int64(r.Tokens)))))
	}
	return strings.Join(parts, ", ")
}

func kb(bytes int) float64 { return float64(bytes) / 1024 }

// seconds writes a short time.
func seconds(v float64) string {
	switch {
	case v < 1e-3:
		return fmt.Sprintf("%.0f µs", v*1e6)
	case v < 1:
		return fmt.Sprintf("%.2f ms", v*1e3)
	}
	return fmt.Sprintf("%.2f s", v)
}

// joules writes a small energy.
func joules(v float64) string {
	switch {
	case v < 1e-3:
		return fmt.Sprintf("%.1f µJ", v*1e6)
	case v < 1:
		return fmt.Sprintf("%.2f mJ", v*1e3)
	}
	return fmt.Sprintf("%.2f J", v)
}
