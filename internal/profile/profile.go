// Package profile says where the cycles of a run went.
//
// In: an image, the events of a run of it, and the simulator's counters. Out: a
// Report with cycles by state, the busiest cores and links, the functions that
// took longest, and the critical path: the chain of work and waiting that ends
// with the last thing that happened.
package profile

import (
	"cmp"
	"slices"

	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/sim"
)

// Source is what a Report is made of; *sim.Sim has these methods.
type Source interface {
	Cycle() int64
	Stats(x, y int) sim.Stats
	LinkLoad(x, y int) [machine.Dirs]uint64
}

// Report is a profile.
type Report struct {
	Cycles    int64     `json:"cycles"`
	Cores     int       `json:"cores"` // that did anything
	Total     States    `json:"total"`
	Busiest   []Core    `json:"busiest"`
	Waiting   []Core    `json:"waiting"`
	Links     []Link    `json:"links"`
	Functions []Func    `json:"functions"`
	Path      []Segment `json:"critical_path"`
	// PathBy sums the critical path by kind.
	PathBy map[string]int64 `json:"critical_path_cycles"`
}

// States are cycles of cores by what they did.
type States struct {
	Scalar  int64 `json:"scalar"`
	DSD     int64 `json:"dsd"`
	Waiting int64 `json:"waiting"` // an operation waits for a queue
	Idle    int64 `json:"idle"`
}

// Core is one core's cycles.
type Core struct {
	X int `json:"x"`
	Y int `json:"y"`
	States
}

// Link is the wavelets that a router sent through one port.
type Link struct {
	X        int     `json:"x"`
	Y        int     `json:"y"`
	Port     string  `json:"port"`
	Wavelets uint64  `json:"wavelets"`
	Load     float64 `json:"load"` // share of the cycles
}

// Func is the time that a task or launched function took over all cores.
type Func struct {
	Name   string `json:"name"`
	Runs   int    `json:"runs"`
	Cycles int64  `json:"cycles"`
}

// New makes the report; top bounds its lists.
func New(im *image.Image, src Source, events []sim.Event, top int) Report {
	r := Report{Cycles: src.Cycle()}
	r.count(im, src, top)
	lines := timelines(im, events)
	r.Functions = functions(lines, top)
	p := pather{im: im, lines: lines, sources: map[spot][]place{}}
	r.Path = p.path()
	r.PathBy = map[string]int64{}
	for _, s := range r.Path {
		r.PathBy[s.Kind] += s.To - s.From
	}
	return r
}

func (r *Report) count(im *image.Image, src Source, top int) {
	var cores []Core
	for y := range im.Rect.H {
		for x := range im.Rect.W {
			s := src.Stats(x, y)
			if s.Scalar+s.DSD+s.Waiting > 0 {
				c := Core{X: x, Y: y, States: States{s.Scalar, s.DSD, s.Waiting, s.Idle}}
				cores = append(cores, c)
				r.Total.add(c.States)
			}
			r.links(x, y, src.LinkLoad(x, y))
		}
	}
	r.Cores = len(cores)
	r.Busiest = most(cores, top, func(c Core) int64 { return c.Scalar + c.DSD })
	r.Waiting = most(cores, top, func(c Core) int64 { return c.States.Waiting })
	slices.SortStableFunc(r.Links, func(a, b Link) int { return cmp.Compare(b.Wavelets, a.Wavelets) })
	r.Links = r.Links[:min(top, len(r.Links))]
}

func (s *States) add(t States) {
	s.Scalar += t.Scalar
	s.DSD += t.DSD
	s.Waiting += t.Waiting
	s.Idle += t.Idle
}

func (r *Report) links(x, y int, load [machine.Dirs]uint64) {
	for d, n := range load {
		if n > 0 && machine.Dir(d) != machine.Ramp {
			r.Links = append(r.Links, Link{x, y, machine.Dir(d).String(), n, float64(n) / float64(max(1, r.Cycles))})
		}
	}
}

// most gives the top cores by a figure that is not zero, in order.
func most(cores []Core, top int, by func(Core) int64) []Core {
	out := slices.DeleteFunc(slices.Clone(cores), func(c Core) bool { return by(c) == 0 })
	slices.SortStableFunc(out, func(a, b Core) int { return cmp.Compare(by(b), by(a)) })
	return out[:min(top, len(out))]
}

func functions(lines map[place]*timeline, top int) []Func {
	sum := map[string]*Func{}
	for _, l := range lines {
		for _, s := range l.tasks {
			f := sum[s.name]
			if f == nil {
				f = &Func{Name: s.name}
				sum[s.name] = f
			}
			f.Runs++
			f.Cycles += s.to - s.from
		}
	}
	out := make([]Func, 0, len(sum))
	for _, f := range sum {
		out = append(out, *f)
	}
	slices.SortFunc(out, func(a, b Func) int { return cmp.Or(cmp.Compare(b.Cycles, a.Cycles), cmp.Compare(a.Name, b.Name)) })
	return out[:min(top, len(out))]
}
