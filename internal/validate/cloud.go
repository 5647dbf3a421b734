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
	row := Row{Group: "speeds of the service", Profile: "wse3", Source: "CLOUD", Kind: Reserved, Unit: "tokens/s"}
	small, middle, large := row, row, row
	small.ID, small.What, small.Published = "cloud/llama-3.1-8b", "llama-3.1-8b, one user, August 2024", 1800
	small.Kind, small.Tolerance, small.Effort = Plausibility, 0.30, Full
	small.Conditions = "ours at position 2,047 on one wafer, our kernels with 32-bit sums: a region of layers, embedding and head simulated core by core, ways from distances"
	small.measure = func(ctx context.Context, _ *bench) (float64, error) { return speed(ctx, "llama-3.1-8b") }
	middle.ID, middle.What, middle.Published = "cloud/llama-3.1-70b", "llama-3.1-70b, one user, August 2024", 450
	middle.Conditions = "simulating a region and the head takes more than 10 GB and most of an hour: wafer model time llama-3.1-70b --kernels large"
	large.ID, large.What, large.Published = "cloud/llama-3.1-405b", "llama-3.1-405b, one user, November 2024", 969
	large.Conditions = "with speculation, and how much of it is not public"
	return []Row{small, middle, large}
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
