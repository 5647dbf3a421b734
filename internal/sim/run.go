package sim

import (
	"cmp"
	"context"
	"slices"

	"wafer/internal/sim/pe"
)

// checkEvery is how often, in cycles, Run looks at its context and hands out
// events. A power of two.
const checkEvery = 1024

// DefaultProgress is Options.ProgressCycles when that is 0.
const DefaultProgress = 65536

// Run lets the machine work until one of the conditions holds, or it faults, or
// nothing can move, or ctx ends. See the README for the phases of a cycle.
func (s *Sim) Run(ctx context.Context, until Until) Stop {
	first := len(s.faults)
	reason := s.loop(ctx, until)
	for i := range s.bands {
		s.bands[i].cores.Return(s.now, true)
		s.bands[i].cores.Now = s.now
	}
	s.collect()
	return Stop{Reason: reason, Cycle: s.now, Faults: s.faults[first:]}
}

func (s *Sim) loop(ctx context.Context, until Until) Reason {
	every := s.opt.ProgressCycles
	if every <= 0 {
		every = DefaultProgress
	}
	limit := until.Cycle
	if s.opt.MaxCycles > 0 && (limit <= 0 || s.opt.MaxCycles < limit) {
		limit = s.opt.MaxCycles
	}
	s.setAhead(&until, limit)
	if len(s.bands) > 1 {
		s.team = &team{bands: s.bands, pace: &s.pace}
		defer func() { s.team.stop(); s.team = nil }()
	}
	for n := int64(1); ; n++ {
		switch {
		case until.Launches && s.Pending() == 0:
			return Done
		case until.Cond != nil && until.Cond():
			return Done
		case limit > 0 && s.now >= limit:
			if limit == until.Cycle {
				return Done
			}
			return Limit
		}
		if !s.skip(limit) {
			return Quiet
		}
		if limit > 0 && s.now >= limit {
			continue
		}
		s.cycle()
		if s.faulted() {
			return Faulted
		}
		if n%checkEvery == 0 {
			if ctx.Err() != nil {
				return Cancelled
			}
			s.collect()
		}
		if s.opt.Checkpoint != nil {
			s.keep()
		}
		if s.opt.Progress != nil && n%every == 0 {
			s.opt.Progress(s.now, s.Live())
		}
	}
}

// setAhead tells the cores how far they may run ahead: not at all when somebody
// looks at every cycle, and never beyond the cycle at which Run must return.
func (s *Sim) setAhead(until *Until, limit int64) {
	a := pe.Ahead{On: !s.opt.StepByStep && until.Cond == nil && s.opt.Trace == nil, Horizon: 1 << 62, OnlyOwed: until.Launches}
	if limit > 0 {
		a.Horizon = limit
	}
	if a.On {
		a.Burst = uint32(cmp.Or(s.opt.MinBurst, pe.MinBurst))
	}
	for i := range s.bands {
		s.bands[i].cores.Ahead = a
	}
}

// skip jumps over cycles in which nothing can happen; false if nothing ever will.
func (s *Sim) skip(limit int64) bool {
	next := int64(0)
	for i := range s.bands {
		b := &s.bands[i]
		if b.cores.Busy() || b.net.Busy() {
			return true
		}
		if t := b.cores.NextTimer(s.now); t > 0 && (next == 0 || t < next) {
			next = t
		}
	}
	if next == 0 {
		return false
	}
	if limit > 0 && next > limit {
		next = limit + 1
	}
	s.now = next - 1
	for i := range s.bands {
		s.bands[i].net.Jump(s.now)
	}
	return true
}

// cycle runs one cycle in all bands, then carries over what crossed borders.
func (s *Sim) cycle() {
	s.now++
	if s.team != nil {
		s.team.run(s.now)
	} else {
		for i := range s.bands {
			s.bands[i].cycle(s.now)
		}
	}
	for i := range s.bands {
		g := s.bands[i].net
		if g.Up != nil {
			g.Up.Exchange()
		}
		if g.Down != nil {
			g.Down.Exchange()
		}
	}
}

// cycle is the table of phases; the README gives the reason for the order.
func (b *band) cycle(now int64) {
	b.cores.Return(now-1, false)
	b.net.Begin(now)
	b.net.StepHost(now)
	b.net.StepRouters(now)
	b.cores.Step(now)
	b.net.StepOut(now)
	b.cores.FindBursts(now)
}

func (s *Sim) faulted() bool {
	for i := range s.bands {
		if len(s.bands[i].cores.Faults) > 0 {
			return true
		}
	}
	return false
}

// collect moves faults, prints and events of the bands to the host's side, in an
// order that does not depend on the number of bands: by cycle, then core.
func (s *Sim) collect() {
	f0, p0 := len(s.faults), len(s.prints)
	var events []Event
	for i := range s.bands {
		k := s.bands[i].cores
		for _, f := range k.Faults {
			s.faults = append(s.faults, Fault{X: f.X, Y: f.Y, Cycle: f.Cycle, PC: f.PC, Code: f.Code, Message: f.Message, Place: f.Place})
		}
		for _, p := range k.Prints {
			s.prints = append(s.prints, Print(p))
		}
		events = append(events, k.Events...)
		k.Faults, k.Prints, k.Events = k.Faults[:0], k.Prints[:0], k.Events[:0]
	}
	slices.SortStableFunc(s.faults[f0:], func(a, b Fault) int { return cmp.Compare(a.Cycle, b.Cycle) })
	slices.SortStableFunc(s.prints[p0:], func(a, b Print) int { return cmp.Compare(a.Cycle, b.Cycle) })
	if s.opt.Trace != nil {
		slices.SortStableFunc(events, func(a, b Event) int { return cmp.Compare(a.Cycle, b.Cycle) })
		for _, e := range events {
			s.opt.Trace(e)
		}
	}
}
