package validate

import (
	"context"

	"wafer/internal/llm/graph"
	"wafer/internal/llm/shape"
	"wafer/internal/machine"
	"wafer/internal/sim"
)

// cloudPosition is where in a conversation a token is timed.
const cloudPosition = 2047

// cloudRows are the speeds that the vendor's service reached for one user when it
// opened, without speculation. Its kernels, and how many wafers it takes, are not
// public: a row tells whether such speeds are what the machine gives, no more. What
// serves many users at a time need not be the fastest for one.
func cloudRows() []Row {
	row := Row{Group: "speeds of the service", Profile: "wse3", Source: "CLOUD", Unit: "tokens/s"}
	var rows []Row
	for _, c := range []struct {
		model     string
		published float64
	}{{"llama-3.1-8b", 1800}, {"llama-3.1-70b", 450}} {
		r := row
		r.ID, r.What, r.Published = "cloud/"+c.model, c.model+", one user, August 2024", c.published
		r.Kind, r.Tolerance, r.Effort = Plausibility, 0.30, Full
		r.Conditions = "ours at position 2,047, our kernels with 32-bit sums, the fewest wafers: a region of layers, embedding and head simulated core by core, ways from distances"
		r.measure = func(ctx context.Context, _ *bench) (float64, error) { return speed(ctx, c.model) }
		rows = append(rows, r)
	}
	r := row
	r.ID, r.What, r.Published, r.Kind = "cloud/llama-3.1-405b", "llama-3.1-405b, one user, November 2024", 969, Reserved
	r.Conditions = "with speculation, and how much of it is not public"
	return append(rows, r)
}

// speed is what one user gets of a model, tokens a second.
func speed(ctx context.Context, model string) (float64, error) {
	m, err := graph.Published(model)
	if err != nil {
		return 0, err
	}
	mach, err := machine.Preset("wse3")
	if err != nil {
		return 0, err
	}
	p, err := shape.Choose(m, mach, cloudPosition+1, false)
	if err != nil {
		return 0, err
	}
	t, err := p.Run(ctx, mach, cloudPosition, sim.Options{})
	if err != nil {
		return 0, err
	}
	return float64(mach.ClockMHz) * 1e6 / float64(t.Cycles), nil
}
