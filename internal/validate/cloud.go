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
// public: the rows tell whether such speeds are what the machine gives, no more.
func cloudRows() []Row {
	var rows []Row
	for _, c := range []struct {
		model     string
		published float64
	}{
		{"llama-3.1-8b", 1800},
		{"llama-3.1-70b", 450},
	} {
		rows = append(rows, Row{
			ID: "cloud/" + c.model, Group: "speeds of the service", What: c.model + ", one user, August 2024", Profile: "wse3", Source: "CLOUD",
			Kind: Plausibility, Published: c.published, Unit: "tokens/s", Tolerance: 0.30, Effort: Full,
			Conditions: "ours at position 2,047, our kernels with 32-bit sums: one layer, embedding and head simulated core by core, ways from distances",
			measure:    func(ctx context.Context, _ *bench) (float64, error) { return speed(ctx, c.model) },
		})
	}
	rows = append(rows, Row{
		ID: "cloud/llama-3.1-405b", Group: "speeds of the service", What: "llama-3.1-405b, one user, November 2024", Profile: "wse3", Source: "CLOUD",
		Kind: Reserved, Published: 969, Unit: "tokens/s", Conditions: "with speculation, and how much of it is not public",
	})
	return rows
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
