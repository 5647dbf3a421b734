package analysis

import (
	"context"
	"fmt"

	"wafer/internal/deal/contract"
	"wafer/internal/deal/equity"
	"wafer/internal/deal/schedule"
)

// Bump is one change and what it does to the value of all blocks given.
type Bump struct {
	Title  string
	Value  float64 // of all blocks given, today
	Change float64
	Prob   []float64 // chance of each block given
}

// bump is a change to a clone of the deal; it says whether it applies.
type bump struct {
	title string
	do    func(*contract.Deal) bool
}

// bumps are the sensitivities an option desk quotes, and delay, which it does not.
func bumps() []bump {
	scale := func(f *contract.Figure, k float64) bool {
		f.Base *= k
		return f.Known
	}
	shift := func(f *contract.Figure, v float64) bool {
		f.Base += v
		return f.Known
	}
	late := func(years float64) func(*contract.Deal) bool {
		return func(d *contract.Deal) bool {
			for i := range d.Capacity.Tranches {
				f := &d.Capacity.Tranches[i].Delay
				f.Known = true
				f.Base, f.Low, f.High = f.Base+years, f.Low+years, f.High+years
			}
			return len(d.Capacity.Tranches) > 0
		}
	}
	return []bump{
		{"share price +10 %", func(d *contract.Deal) bool { return scale(&d.Issuer.Spot, 1.1) }},
		{"share price −10 %", func(d *contract.Deal) bool { return scale(&d.Issuer.Spot, 0.9) }},
		{"share price −50 %", func(d *contract.Deal) bool { return scale(&d.Issuer.Spot, 0.5) }},
		{"volatility +10 points", func(d *contract.Deal) bool { return shift(&d.Issuer.Vol, 0.1) }},
		{"volatility −10 points", func(d *contract.Deal) bool { return shift(&d.Issuer.Vol, -0.1) }},
		{"rate +1 point", func(d *contract.Deal) bool { return shift(&d.Issuer.Rate, 0.01) }},
		{"all tranches half a year later", late(0.5)},
		{"all tranches two years later", late(2)},
		{"options on capacity not exercised", func(d *contract.Deal) bool {
			any := false
			for i := range d.Capacity.Options {
				any = any || d.Capacity.Options[i].Exercise != "never"
				d.Capacity.Options[i].Exercise = "never"
			}
			return any
		}},
	}
}

// WarrantSensitivity revalues the blocks under each bump with the same random
// numbers, so that differences are of the bump and not of the draw.
func WarrantSensitivity(ctx context.Context, base *Result) ([]Bump, error) {
	i := base.Deal.Issuer
	if i == nil || !i.Spot.Known || !i.Vol.Known || len(base.Equity.Blocks) == 0 {
		return nil, nil
	}
	value := func(d *contract.Deal) (Bump, error) {
		e, err := equity.Build(ctx, d, schedule.Build(d), equity.Options{Paths: min(tornadoPaths, base.Equity.Paths), Seed: base.Options.Seed, Workers: base.Options.Workers})
		if err != nil {
			return Bump{}, err
		}
		out := Bump{Value: e.Total(func(b *equity.Block) float64 { return b.Today.Total })}
		for k := range e.Blocks {
			if e.Blocks[k].Given() {
				out.Prob = append(out.Prob, e.Blocks[k].Today.Prob)
			}
		}
		return out, nil
	}
	first, err := value(base.Deal)
	if err != nil {
		return nil, fmt.Errorf("sensitivity: %w", err)
	}
	first.Title = "base"
	out := []Bump{first}
	for _, c := range bumps() {
		d := contract.Clone(base.Deal)
		if !c.do(d) {
			continue
		}
		b, err := value(d)
		if err != nil {
			return nil, fmt.Errorf("sensitivity to %s: %w", c.title, err)
		}
		b.Title, b.Change = c.title, b.Value-first.Value
		out = append(out, b)
	}
	return out, nil
}
