package profile

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/sim"
)

// pair is two cores in a row; the first sends to the second on colour 1.
func pair() *image.Image {
	route := func(rx, tx machine.Dir) image.RouteSet {
		return image.RouteSet{Routes: []image.Route{{Color: 1, Pos: [4]image.Position{{Rx: machine.Set(rx), Tx: machine.Set(tx)}}}}}
	}
	p := &image.Program{
		Funcs: []image.Func{{Name: "main"}, {Name: "react"}},
		Tasks: []image.Task{{ID: 2, Kind: image.TaskData, Func: 1, Queue: 2}},
	}
	p.In[2] = image.Queue{Used: true, Color: 1}
	return &image.Image{
		Rect: image.Rect{W: 2, H: 1}, Programs: []*image.Program{p},
		RouteSets: []image.RouteSet{route(machine.Ramp, machine.East), route(machine.West, machine.Ramp)},
		Tiles:     []image.Tile{{Routes: 0}, {Routes: 1}},
	}
}

func task(x int32, fn, id int32, from, to int64) []sim.Event {
	none := uint8(image.NoColor)
	return []sim.Event{
		{Cycle: from, X: x, Kind: sim.EventTask, ID: id, Arg: fn, In: none, Out: none},
		{Cycle: to, X: x, Kind: sim.EventTaskEnd, ID: id, Arg: fn, In: none, Out: none},
	}
}

func op(x int32, in, out uint8, from, to int64) []sim.Event {
	e := sim.Event{Cycle: from, X: x, Kind: sim.EventOp, ID: 3, Arg: int32(image.DMov32), In: in, Out: out}
	f := e
	f.Cycle, f.Kind = to, sim.EventOpEnd
	return []sim.Event{e, f}
}

func join(parts ...[]sim.Event) (out []sim.Event) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

type counters struct{}

func (counters) Cycle() int64 { return 60 }
func (counters) Stats(x, _ int) sim.Stats {
	return sim.Stats{Scalar: int64(10 + x), DSD: 5, Waiting: int64(3 * x), Idle: 40}
}

func (counters) LinkLoad(x, _ int) (l [machine.Dirs]uint64) {
	l[machine.Ramp] = 9
	if x == 0 {
		l[machine.East] = 6
	}
	return l
}

const none = image.NoColor

func TestCriticalPath(t *testing.T) {
	for _, c := range []struct {
		name   string
		events []sim.Event
		want   []Segment
	}{
		{
			"a receive that waited for its sender", join(task(0, 0, -1, 0, 12), op(0, none, 1, 10, 20), op(1, 1, none, 5, 30), task(1, 0, 8, 33, 50)),
			[]Segment{
				{0, 0, 0, 10, KindScalar, "main"},
				{0, 0, 10, 20, KindOp, "@mov32"},
				{1, 0, 20, 30, KindFabric, "color 1 from (0,0)"},
				{1, 0, 30, 33, KindStart, "after @mov32"},
				{1, 0, 33, 50, KindScalar, "main"},
			},
		},
		{
			"a receive of what was there already", join(op(0, none, 1, 1, 2), op(1, 1, none, 10, 30)),
			[]Segment{{1, 0, 10, 30, KindOp, "@mov32"}},
		},
		{
			"a data task that a wavelet started", join(op(0, none, 1, 4, 9), task(1, 1, 2, 15, 25)),
			[]Segment{
				{0, 0, 4, 9, KindOp, "@mov32"},
				{1, 0, 9, 15, KindFabric, "color 1 from (0,0)"},
				{1, 0, 15, 25, KindScalar, "react"},
			},
		},
		{
			"an operation inside a task", join(task(0, 0, -1, 0, 40), op(0, none, 1, 10, 20)),
			[]Segment{
				{0, 0, 0, 10, KindScalar, "main"},
				{0, 0, 10, 20, KindOp, "@mov32"},
				{0, 0, 20, 40, KindScalar, "main"},
			},
		},
		{"nothing", nil, nil},
	} {
		r := New(pair(), counters{}, c.events, 4)
		if diff := cmp.Diff(c.want, r.Path); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestCounts(t *testing.T) {
	r := New(pair(), counters{}, join(task(0, 0, -1, 0, 12), task(1, 0, 8, 33, 50), task(1, 1, 2, 50, 55)), 1)
	want := Report{
		Cycles: 60, Cores: 2, Total: States{21, 10, 3, 80},
		Busiest: []Core{{1, 0, States{11, 5, 3, 40}}}, Waiting: []Core{{1, 0, States{11, 5, 3, 40}}},
		Links:     []Link{{0, 0, "EAST", 6, 0.1}},
		Functions: []Func{{"main", 2, 29}},
	}
	r.Path, r.PathBy = nil, nil
	if diff := cmp.Diff(want, r); diff != "" {
		t.Error(diff)
	}
}
