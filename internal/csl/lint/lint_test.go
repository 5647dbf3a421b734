package lint

import (
	"strings"
	"testing"

	"wafer/internal/diag"
	"wafer/internal/image"
	"wafer/internal/machine"
)

const (
	r = 1 << machine.Ramp
	e = 1 << machine.East
	w = 1 << machine.West
)

// row makes a row of cores with the given routes, one list a core.
func row(arch machine.Arch, cores ...[]image.Route) *image.Image {
	im := &image.Image{Arch: arch, Memcpy: true, Rect: image.Rect{W: len(cores), H: 1}}
	for i, routes := range cores {
		im.RouteSets = append(im.RouteSets, image.RouteSet{Routes: routes})
		im.Tiles = append(im.Tiles, image.Tile{Program: -1, Routes: int32(i)})
	}
	return im
}

func route(c uint8, rx, tx machine.DirSet) image.Route {
	return image.Route{Color: c, Pos: [4]image.Position{{Rx: rx, Tx: tx, Valid: true}}}
}

func switched(c uint8, rx, tx, next machine.DirSet) image.Route {
	a := route(c, rx, tx)
	a.Pos[1] = image.Position{Rx: next, Tx: tx, Valid: true}
	return a
}

func swap(a image.Route) image.Route {
	a.SwapX = true
	return a
}

func TestRoutes(t *testing.T) {
	for _, c := range []struct {
		name string
		im   *image.Image
		want string
	}{
		{"sound", row(machine.WSE3, []image.Route{route(1, r, e)}, []image.Route{route(1, w, r)}), ""},
		{
			"no taker", row(machine.WSE3, []image.Route{route(1, r, e)}, nil),
			"W3001 core (0,0): color 1 goes EAST, but core (1,0) does not take it from WEST",
		},
		{
			"taker elsewhere", row(machine.WSE3, []image.Route{route(1, r, e)}, []image.Route{route(1, r, r)}),
			"W3001 core (0,0): color 1 goes EAST, but core (1,0) does not take it from WEST",
		},
		{
			"no sender", row(machine.WSE3, nil, []image.Route{route(4, w, r)}),
			"W3002 core (1,0): color 4 is expected from WEST, but nothing sends it there",
		},
		{
			"counted", row(machine.WSE3, nil, []image.Route{route(4, w, r)}, nil, []image.Route{route(4, w, r)}),
			"W3002 core (1,0): color 4 is expected from WEST, but nothing sends it there (and the same on 1 more cores)",
		},
		{
			"two sources", row(machine.WSE3, []image.Route{route(1, r, e)}, []image.Route{route(1, r|w, r)}),
			"W3003 core (1,0): color 1 is taken from RAMP and WEST at once, and WSE-3 takes one side at a time",
		},
		{"two sources, WSE-2", row(machine.WSE2, []image.Route{route(1, r, e)}, []image.Route{route(1, r|w, r)}), ""},
		{"reserved", row(machine.WSE2, []image.Route{route(21, r, r)}), "W3004 core (0,0): color 21 is routed, but --memcpy needs it for the host"},
		{"switch", row(machine.WSE3, []image.Route{switched(10, r, r, w)}), "W3007 core (0,0): color 10 has switch positions, but cannot switch on WSE-3"},
		{"second position takes it", row(machine.WSE3, []image.Route{route(1, r, e)}, []image.Route{switched(1, r, r, w)}), ""},
		{"edges are free", row(machine.WSE3, []image.Route{route(1, w, e)}, []image.Route{route(1, w, e)}), ""},
		{"swap", row(machine.WSE2, []image.Route{swap(route(2, r, e))}, []image.Route{route(3, w, r)}), ""},
	} {
		var ds diag.List
		Image(c.im, "layout.csl", &ds)
		if got := lines(&ds); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestQueues(t *testing.T) {
	use := func(kind image.DSDKind, q, c uint8) *image.Program {
		d := image.DSD{Kind: kind, Queue: q, Color: c}
		return &image.Program{
			Code:  []image.Instr{{Op: image.OpRet}, {Op: image.OpConst, R: image.DSD1, Imm: int64(d.Encode()[0])}},
			Files: []string{"pe.csl"}, Lines: []image.Line{{PC: 0, Line: 7}, {PC: 1, Line: 9}},
		}
	}
	im := row(machine.WSE3, nil)
	bare := use(image.FabIn, 2, image.NoColor)
	other := use(image.FabOut, 3, 5)
	other.Out[3] = image.Queue{Used: true, Color: 6}
	im.Programs = []*image.Program{bare, bare, other}
	var ds diag.List
	Image(im, "layout.csl", &ds)
	want := "W3005 input queue 2 is used but never initialized, so nothing can pass it on WSE-3\n" +
		"W3006 a descriptor names color 5, but output queue 3 has color 6, and on WSE-3 the queue decides"
	if got := lines(&ds); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if p := ds.Sorted()[0].Pos; p.File != "pe.csl" || p.Line != 9 {
		t.Errorf("place %v, want pe.csl:9", p)
	}
}

func lines(ds *diag.List) string {
	var out []string
	for _, d := range ds.Sorted() {
		out = append(out, string(d.Code)+" "+d.Message)
	}
	return strings.Join(out, "\n")
}
