package exec

import (
	"crypto/sha256"
	_ "embed" // for timings.json
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"sort"

	"wafer/internal/llm/kernels"
	"wafer/internal/llm/place"
	"wafer/internal/machine"
)

// Timing says how long the steps of a placement take on a machine, as measured by
// simulating them core by core, and what else was seen in doing so.
//
// How long a step takes depends on shapes and on the position, not on weights or
// tokens: so it is measured once, with all weights zero. Layers are alike, so two
// are simulated and the others counted.
type Timing struct {
	Key     string  `json:"key"` // of what it was measured with, see TimingKey
	Machine string  `json:"machine"`
	Model   string  `json:"model"`
	Cols    int     `json:"cols"`
	Table   int     `json:"table"`
	Rows    int     `json:"rows"`
	Points  []Point `json:"points"` // ascending by Slot
	Cores   int     `json:"cores"`
	SRAM    Spread  `json:"sram_bytes"`
	// Working is the mean share of a step that a core is at work, thousandths.
	Working int `json:"working_milli"`
}

// Spread is the distribution of a number over cores.
type Spread struct {
	Least  int `json:"least"`
	Median int `json:"median"`
	Most   int `json:"most"`
}

// Point is what was measured at the first position of a slot.
type Point struct {
	Slot   int              `json:"slot"`
	Cycles int64            `json:"cycles"`
	Phases [NumPhases]int64 `json:"phases"` // sum to Cycles
	// Interval is how many cycles behind it the next token of a prompt comes out: the
	// time of the slowest region.
	Interval int64 `json:"interval,omitempty"`
	Lots     []Lot `json:"lots,omitempty"` // ascending by Tokens
}

// Lot is what was measured with so many tokens of a prompt at a time.
type Lot struct {
	Tokens   int   `json:"tokens"`
	Cycles   int64 `json:"cycles"`   // of a prompt of one lot
	Interval int64 `json:"interval"` // how many cycles behind it the next lot comes out
}

// Phase is a kind of work on the way of a token through the wafer.
type Phase int

// The phases.
const (
	PhaseGEMV Phase = iota
	PhaseReduce
	PhaseAttention
	PhaseNorm
	PhaseActivation
	PhaseHandOver
	PhaseEmbedding
	PhaseHead
	NumPhases
)

// String names the phase as summaries and JSON do.
func (p Phase) String() string {
	return [...]string{"gemv", "reduce", "attention", "norm", "activation", "hand-over", "embedding", "head"}[p]
}

// At gives the cycles of the step at a position. Between two slots that were
// measured the time grows evenly, which is what the loops over positions do.
func (t *Timing) At(rows, pos int) (cycles int64, phases [NumPhases]int64) {
	p := t.point(pos / rows)
	return p.Cycles, p.Phases
}

// Prompt gives the cycles of a prompt of n tokens from position pos on, as Exact
// feeds it.
func (t *Timing) Prompt(p place.Plan, pos, n int) (cycles int64) {
	for n > 0 {
		now := min(n, place.PromptRoom)
		cycles += t.launch(p, pos, now, p.Each(now))
		pos, n = pos+now, n-now
	}
	return cycles
}

// launch gives the cycles of tokens that one launch takes, in lots of so many. The
// last may be smaller, and then leaves the last region sooner than a whole one.
func (t *Timing) launch(p place.Plan, pos, n, each int) (cycles int64) {
	for n > each {
		lot := t.point(pos / p.Rows).lot(each)
		cycles += lot.Interval
		pos, n = pos+each, n-each
		if n < each {
			cycles += lot.Cycles - lot.Interval
			return cycles + t.point(pos/p.Rows).lot(n).Interval
		}
	}
	return cycles + t.point(pos/p.Rows).lot(n).Cycles
}

// lot gives what was measured for a lot of so many tokens, or what lies between two.
func (p Point) lot(tokens int) Lot {
	a := Lot{Tokens: 1, Cycles: p.Cycles, Interval: p.Interval}
	for _, b := range p.Lots {
		if tokens <= a.Tokens {
			break
		}
		if tokens < b.Tokens {
			mix := between(int64(tokens-a.Tokens), int64(b.Tokens-a.Tokens))
			return Lot{Tokens: tokens, Cycles: mix(a.Cycles, b.Cycles), Interval: mix(a.Interval, b.Interval)}
		}
		a = b
	}
	return a
}

// between gives what lies so far on the way from x to y.
func between(done, whole int64) func(x, y int64) int64 {
	return func(x, y int64) int64 { return x + (y-x)*done/whole }
}

// point gives the measurement of a slot, or what lies between two.
func (t *Timing) point(slot int) Point {
	i := sort.Search(len(t.Points), func(i int) bool { return t.Points[i].Slot >= slot })
	switch {
	case i == len(t.Points):
		i = len(t.Points) - 1
		if i == 0 {
			return t.Points[0]
		}
	case t.Points[i].Slot == slot || i == 0:
		return t.Points[i]
	}
	a, b := &t.Points[i-1], &t.Points[i]
	mix := between(int64(slot-a.Slot), int64(b.Slot-a.Slot))
	out := Point{Slot: slot, Interval: mix(a.Interval, b.Interval)}
	for i, l := range a.Lots {
		m := b.Lots[i]
		out.Lots = append(out.Lots, Lot{Tokens: l.Tokens, Cycles: mix(l.Cycles, m.Cycles), Interval: mix(l.Interval, m.Interval)})
	}
	for p := range out.Phases {
		out.Phases[p] = mix(a.Phases[p], b.Phases[p])
		out.Cycles += out.Phases[p]
	}
	return out
}

// timingVersion is counted up when the form of a Timing or the way of measuring
// changes.
const timingVersion = 3

// TimingKey is a hash of everything of ours that the timing of a placement depends
// on, but for the compiler and the simulator: kernels, parameters, machine.
func TimingKey(p place.Plan, m *machine.Machine) (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, timingVersion, Params(p), p.Regions())
	if err := json.NewEncoder(h).Encode(m); err != nil {
		return "", fmt.Errorf("hash the machine: %w", err)
	}
	err := fs.WalkDir(kernels.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(kernels.FS, name)
		fmt.Fprintln(h, name, len(text))
		h.Write(text)
		return err
	})
	return hex.EncodeToString(h.Sum(nil))[:32], err
}

//go:embed timings.json
var shipped []byte

// Shipped finds a timing among those that come with the program; a test measures
// them again. nil means that there is none.
func Shipped(key string) *Timing {
	var all []*Timing
	if json.Unmarshal(shipped, &all) != nil {
		return nil
	}
	i := slices.IndexFunc(all, func(t *Timing) bool { return t.Key == key })
	if i < 0 {
		return nil
	}
	return all[i]
}
