package cli

import (
	"fmt"

	"wafer/internal/llm/graph"
	"wafer/internal/llm/place"
	"wafer/internal/llm/pull"
	"wafer/internal/llm/shape"
	"wafer/internal/machine"
	"wafer/internal/units"
)

// way is which kernels time a model: those that run models, or those of large
// regions, which know shapes only.
type way struct {
	large bool
	p     place.Plan
	q     shape.Plan
	why   string // for people
}

// way chooses. A model with weights, at hand or to be pulled, is timed with the kernels
// that run it, so that what is printed is what a run takes; so is a shape given by
// hand. Of a shape without weights both ways estimate the cycles of a token, and the
// fewer win.
func (c *ModelTimeCmd) way(m graph.Model, mach *machine.Machine) (way, error) {
	if c.Kernels == "small" || c.Kernels == "auto" && (c.Cols != 0 || c.runs()) {
		p, err := c.plan(m, mach)
		return way{p: p, why: "kernels: those that run models"}, err
	}
	room, err := c.room(m)
	if err != nil {
		return way{}, err
	}
	q, err := shape.Choose(m, mach, room, c.HalfSums)
	if c.Kernels == "large" {
		return way{large: true, q: q, why: "kernels: large regions, as asked for"}, err
	}
	p, small := c.plan(m, mach)
	return compare(p, small, q, err, mach)
}

// runs reports whether the model has weights.
func (t *target) runs() bool {
	_, unknown := graph.Published(t.Model)
	_, none := pull.Find(t.Model)
	return unknown != nil || none == nil
}

// compare takes the way with the fewer estimated cycles, or the one there is.
func compare(p place.Plan, small error, q shape.Plan, large error, mach *machine.Machine) (way, error) {
	w := way{p: p, q: q}
	switch {
	case large != nil && small != nil:
		return w, large
	case large != nil:
		w.why = "kernels: those that run models; large regions cannot take it"
	case small != nil:
		w.large, w.why = true, "kernels: large regions; those that run models cannot take it"
	default:
		e, name := p.Estimate(mach), "those that run models"
		if w.large = q.Estimate < e; w.large {
			name = "large regions"
		}
		n := func(v int64) string { return units.Group(float64(v)) }
		w.why = fmt.Sprintf("kernels: %s; estimated cycles a token: large regions %s, those that run models %s", name, n(q.Estimate), n(e))
	}
	return w, nil
}
