package validate

import (
	"context"
	"fmt"
	"math"
)

// collective is a pattern on a row of p cores with b words each.
type collective struct {
	name, file string
	model      func(p, b float64) float64
	tolerance  float64
	sum        bool // result must be the sum over the row, else the root's word
}

// What a collective has to meet: 5 % of the published formula, 10 % for broadcast,
// which its authors too met worst. Clocks show whole cycles, so one more is allowed.
const (
	collectiveShare = 0.05
	broadcastShare  = 0.10
	clockSlack      = 1
)

// ringWords is the one length for which a ring is compared, on up to ringCores
// cores: with shorter parts its steps are nothing but set-up.
const (
	ringWords = 4096
	ringCores = 64
)

func collectives() []collective {
	return []collective{
		{"broadcast", "broadcast.csl", func(p, b float64) float64 { return broadcastModel(p, 1, b) }, broadcastShare, false},
		{"chain", "chain.csl", chainModel, collectiveShare, true},
		{"star", "star.csl", starModel, collectiveShare, true},
		{"tree", "tree.csl", treeModel, collectiveShare, true},
		// The model of two phases is our reading of the paper's formula.
		{"two-phase", "two_phase.csl", twoPhaseModel, collectiveShare, true},
		{"ring", "ring.csl", ringModel, collectiveShare, true},
	}
}

func collectiveRows() []Row {
	var rows []Row
	for _, c := range collectives() {
		for _, p := range []int{4, 8, 16, 32, 64, 128, 256, 512} {
			for _, b := range []int{1, 16, 64, 256, 1024, 4096} {
				if c.name != "ring" || b == ringWords && p <= ringCores {
					rows = append(rows, c.row(p, b))
				}
			}
		}
	}
	return rows
}

const ownStart = "all cores start in the same cycle; stamps and set-up of one operation taken off"

// Why rows do not meet the formula. Each was found in the trace of the row's
// operations, and the cycles it names add up to the difference.
const (
	whyScalar = "2 cycles: 1 for the first hop, which the formulas of chain and broadcast count, 1 since the root adds to its sum in every second cycle only: the last word, which arrives right behind the one before, cannot be added at once. Of so few cores neither can be spared"
	whyTree   = "the formula counts contention (512) or distance (512). Core 128 takes 7 vectors, a word a cycle, the first one after 7 cycles; its last word then has 128 hops and 5 cycles to go: 587 at least, for 580 that are allowed"
	whyPhases = "the formula counts contention (512) or distance (518). The second core of the chain gets no word before its group's first after 42 cycles, takes two vectors, a word a cycle, and six more groups lie behind it, 8 hops and 5 cycles each: 632 at least for equal groups"
	whyAhead  = "faster than the formula: the eastern group's sum is on its way while the next core still takes its own group's, and the formula counts that way in full"
	whyRing   = "the formula lets a core receive a word and send another in one cycle; its authors did not measure it. Here a core executes an element a cycle: p - 1 parts are added, one is sent as it is, p are stored, so 2 p parts (8192 cycles) at least where the formula counts 2 (p - 1). The rest is the first sum's way around, 8 cycles a core, and some 15 from each part to the next"
)

// beyond gives the rows that do not meet the formula, with the reason. They are not
// required; a row that meets it again must be taken off.
func beyond() map[string]string {
	return map[string]string{
		"row/star/p4/b1": whyScalar, "row/star/p8/b1": whyScalar, "row/star/p16/b1": whyScalar, "row/star/p32/b1": whyScalar,
		"row/tree/p256/b64":      whyTree,
		"row/two-phase/p4/b16":   whyAhead,
		"row/two-phase/p64/b16":  whyAhead,
		"row/two-phase/p64/b256": whyPhases,
	}
}

func (c collective) row(p, b int) Row {
	r := Row{
		ID: fmt.Sprintf("row/%s/p%d/b%d", c.name, p, b), Group: "collectives on a row: " + c.name,
		What: fmt.Sprintf("%s, %d cores, %d words", c.name, p, b), Profile: "wse2", Source: "HPDC24",
		Kind: Measured, Published: c.model(float64(p), float64(b)), Unit: "cycles",
		Tolerance: c.tolerance, Slack: clockSlack, Effort: Normal, Conditions: ownStart,
	}
	r.Why = beyond()[r.ID]
	r.Required = r.Why == ""
	if c.name == "ring" {
		r.Kind, r.Required, r.Why = Plausibility, false, whyRing
	}
	switch work := p * b; {
	case work <= 4096:
		r.Effort = Quick
	case work > 1<<17:
		r.Effort = Full
	}
	r.measure = func(ctx context.Context, bn *bench) (float64, error) { return c.measure(ctx, bn, r.Profile, p, b) }
	return r
}

func (c collective) measure(ctx context.Context, bn *bench, profile string, p, b int) (float64, error) {
	out, err := bn.run(ctx, c.program(profile, p, b))
	if err != nil {
		return 0, err
	}
	first, step := 7, 1
	if c.sum {
		first, step = sumOf(p, 1)
	}
	if err := ramp(out.result, first, step); err != nil {
		return 0, fmt.Errorf("%s of %d cores: %w", c.name, p, err)
	}
	over, err := stampCost(ctx, bn, profile)
	return float64(out.span - over), err
}

// sumOf gives the sum over w×h cores of what core (x, y) starts with: x + 1 and up. It
// is exact in f32 at every size that the rows have.
func sumOf(w, h int) (first, step int) { return h * w * (w + 1) / 2, w * h }

// ramp checks that words are first, first + step, first + 2 step, ...
func ramp(words []float32, first, step int) error {
	for i, v := range words {
		if want := float32(first + i*step); v != want {
			return fmt.Errorf("word %d is %g, not %g", i, v, want)
		}
	}
	return nil
}

func (c collective) program(profile string, p, b int) program {
	params := fmt.Sprintf("width:%d,words:%d", p, b)
	switch c.name {
	case "broadcast":
		params += ",height:1"
	case "two-phase":
		params += fmt.Sprintf(",group:%d", int(math.Sqrt(float64(p)))) // as the published scripts
	}
	file := c.file
	if c.name == "star" && b == 1 {
		file = "star_word.csl"
	}
	return program{file: file, profile: profile, w: p, h: 1, results: b, params: params, prepare: b}
}

// stampCost is what the stamps and the set-up of one operation add to a span: one
// word over one hop, less what the model says of it. The models count from the
// departure of the first word to the arrival of the last one. All programs, this one
// too, have their descriptors in registers before the first stamp.
func stampCost(ctx context.Context, b *bench, profile string) (int64, error) {
	m, err := preset(profile)
	if err != nil {
		return 0, err
	}
	out, err := b.run(ctx, program{
		file: "broadcast.csl", profile: profile, w: 2, h: 1, results: 1, params: "width:2,words:1,height:1",
	})
	if err != nil {
		return 0, err
	}
	return out.span - int64(1+m.Net.Hop+depth), nil
}
