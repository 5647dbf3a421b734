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
	slack      float64 // for sums of few words on few cores
	sum        bool    // result must be the sum over the row, else the root's word
	bounds     func(p, b float64) (through, links float64)
}

// The published measurements' cores start up to 57 cycles apart on a row. The
// set-up of the operations between two rounds, which the models leave out, is
// less than half of that.
const opSlack = 57 / 2

// The star's routers switch once, in the cycle after a core's last word.
const switchSlack = 3

// ringWords is the one length for which a ring is compared, on up to ringCores
// cores: with shorter parts its steps are nothing but set-up.
const (
	ringWords = 4096
	ringCores = 64
)

func collectives() []collective {
	return []collective{
		{"broadcast", "broadcast.csl", func(p, b float64) float64 { return broadcastModel(p, 1, b) }, 0.10, 0, false, nil},
		{"chain", "chain.csl", chainModel, 0.05, 0, true, nil},
		{"star", "star.csl", starModel, 0.05, switchSlack, true, nil},
		{"tree", "tree.csl", treeModel, 0.05, opSlack, true, treeBounds},
		// The model of two phases is our reading of the paper's formula.
		{"two-phase", "two_phase.csl", twoPhaseModel, 0.10, opSlack, true, twoPhaseBounds},
		// The model lets a core send and receive in the same cycle. Here they are two
		// operations, which share the core, and each step starts a task.
		{"ring", "ring.csl", ringModel, 0.10, opSlack, true, nil},
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

func (c collective) row(p, b int) Row {
	r := Row{
		ID: fmt.Sprintf("row/%s/p%d/b%d", c.name, p, b), Group: "collectives on a row: " + c.name,
		What: fmt.Sprintf("%s, %d cores, %d words", c.name, p, b), Profile: "wse2", Source: "HPDC24",
		Kind: Measured, Published: c.model(float64(p), float64(b)), Unit: "cycles",
		Tolerance: c.tolerance, Slack: c.slack, Required: true, Effort: Normal, Conditions: ownStart,
	}
	if c.bounds != nil && crossover(c.bounds(float64(p), float64(b))) {
		r.Tolerance, r.Required = 0.10, c.tolerance < 0.10
		r.Conditions += "; here contention and distance are alike, and the model counts only the larger of them"
	}
	if c.name == "ring" {
		r.Kind, r.Required = Plausibility, false
		r.Conditions = "a formula that its authors did not measure; it lets a core send and receive a word in the same cycle"
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
	want := float32(7)
	if c.sum {
		want = float32(p * (p + 1) / 2)
	}
	for i, v := range out.result {
		if v != want {
			return 0, fmt.Errorf("%s of %d cores: word %d is %g, not %g", c.name, p, i, v, want)
		}
	}
	over, err := stampCost(ctx, bn, profile)
	return float64(out.span - over), err
}

func (c collective) program(profile string, p, b int) program {
	params := fmt.Sprintf("width:%d,words:%d", p, b)
	switch c.name {
	case "broadcast":
		params += ",height:1"
	case "two-phase":
		params += fmt.Sprintf(",group:%d", int(math.Round(math.Sqrt(float64(p)))))
	}
	return program{file: c.file, profile: profile, w: p, h: 1, results: b, params: params, prepare: b}
}

// stampCost is what the stamps and the set-up of one operation add to a span: one
// word over one hop, less what the model says of it. The models count from the
// departure of the first word to the arrival of the last one.
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
