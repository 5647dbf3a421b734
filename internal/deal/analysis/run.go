// Package analysis asks questions of a computed deal: what is it worth under which
// name, what moves it, what would have to be true.
//
// In: a checked deal. Out: a Result with the books and named outputs, multiples and
// their reverse, share tables, tornado, two-way tables, Monte Carlo fan, and the
// comparison of several deals.
package analysis

import (
	"context"
	"fmt"
	"math"

	"wafer/internal/deal/book"
	"wafer/internal/deal/contract"
	"wafer/internal/deal/equity"
	"wafer/internal/deal/file"
	"wafer/internal/deal/schedule"
)

// Options say how to run.
type Options struct {
	Paths    int    // of the warrant simulation; 0 means equity.DefaultPaths
	FanPaths int    // of the Monte Carlo fan; 0 means DefaultFan
	Seed     uint64 // of both
	Workers  int
	Scenario string   // id of a scenario of the deal
	Set      []string // path=value
}

// Result is one computed deal.
type Result struct {
	Deal     *contract.Deal
	Scenario string
	Schedule *schedule.Schedule
	Equity   *equity.Equity
	Book     *book.Book
	Worth    book.Worth
	RPO      book.Waterfall
	Taxes    []book.Tax
	Shares   []ShareRow
	Multiple []Multiple
	Outputs  []Output
	Options  Options
}

// Run computes a deal.
func Run(ctx context.Context, d *contract.Deal, o Options) (*Result, error) {
	d, err := variant(d, o)
	if err != nil {
		return nil, err
	}
	s := schedule.Build(d)
	e, err := equity.Build(ctx, d, s, equity.Options{Paths: o.Paths, Seed: o.Seed, Workers: o.Workers})
	if err != nil {
		return nil, err
	}
	return finish(d, s, e, o), nil
}

func finish(d *contract.Deal, s *schedule.Schedule, e *equity.Equity, o Options) *Result {
	b := book.Build(d, s, e)
	r := &Result{Deal: d, Scenario: o.Scenario, Schedule: s, Equity: e, Book: b, Worth: b.Worth(), RPO: b.RPO(e.AsOf), Taxes: b.Taxes(), Options: o}
	r.Shares = shareTable(r)
	r.Multiple = multiples(r)
	r.Outputs = outputs(r)
	return r
}

// variant applies a scenario and single settings to a copy of d.
func variant(d *contract.Deal, o Options) (*contract.Deal, error) {
	if o.Scenario == "" && len(o.Set) == 0 {
		return d, nil
	}
	out := contract.Clone(d)
	if o.Scenario != "" {
		s, err := scenario(d, o.Scenario)
		if err != nil {
			return nil, err
		}
		for _, set := range s.Set {
			if dg := file.Set(out, set); dg != nil {
				return nil, dg
			}
		}
	}
	for _, text := range o.Set {
		path, val, ok := cut(text)
		if !ok {
			return nil, fmt.Errorf("--set %q: write path=value, such as price.fee=$12M/MW-yr", text)
		}
		if dg := file.Set(out, contract.Setting{Path: path, Value: val}); dg != nil {
			return nil, fmt.Errorf("--set %q: %s (%s)", text, dg.Message, dg.Cure)
		}
	}
	return out, nil
}

func cut(s string) (a, b string, ok bool) {
	for i := range s {
		if s[i] == '=' {
			return s[:i], s[i+1:], true
		}
	}
	return s, "", false
}

func scenario(d *contract.Deal, id string) (contract.Scenario, error) {
	var known []string
	for _, s := range d.Scenarios {
		if s.ID == id {
			return s, nil
		}
		known = append(known, s.ID)
	}
	return contract.Scenario{}, fmt.Errorf("the deal %s has no scenario %q; it has %v", d.ID, id, known)
}

// again computes a variant without a new simulation: values a share are taken from
// base, which is right for everything that does not touch the issuer's price.
func again(base *Result, d *contract.Deal) *Result {
	s := schedule.Build(d)
	e, err := equity.Build(context.Background(), d, s, equity.Options{Skip: true})
	if err != nil {
		return base // cannot happen: nothing is simulated
	}
	for i := range e.Blocks {
		old := &base.Equity.Blocks[i]
		k := &e.Blocks[i]
		k.GrantPrice, k.GrantHow, k.GrantTotal = old.GrantPrice, old.GrantHow, old.GrantPrice*k.Count
		k.Today = old.Today
		if old.Count > 0 {
			k.Today.Total = old.Today.Total * k.Count / old.Count
		}
	}
	b := book.Build(d, s, e)
	return &Result{Deal: d, Schedule: s, Equity: e, Book: b, Worth: b.Worth()}
}

// nan marks what a deal does not say enough for.
var nan = math.NaN()
