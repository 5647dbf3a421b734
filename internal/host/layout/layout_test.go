package layout

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wafer/internal/diag"
	"wafer/internal/image"
	"wafer/internal/machine"
)

func region(name string, x, y, w, h int) Region {
	return Region{Name: name, File: "/src/" + name + ".csl", X: x, Y: y, W: w, H: h}
}

var (
	fromRamp = []Position{{Rx: []string{"RAMP"}}}
	toRamp   = []Position{{Tx: []string{"RAMP"}}}
)

// pair is two regions with n cores along the edges that are connected.
func pair(a, b Region, from, to string) *Spec {
	return &Spec{
		Arch: "wse3", Regions: []Region{a, b},
		Colors: []Color{{"a_tx", -1}, {"b_rx", -1}},
		Ports: []Port{
			{Name: "tx", Region: 0, Color: 0, Edge: from, Positions: fromRamp, Size: 4},
			{Name: "rx", Region: 1, Color: 1, Edge: to, Positions: toRamp, Size: 4, Input: true},
		},
		Connections: [][2]int{{0, 1}},
	}
}

// follow walks the routes of a class from a core until a core takes the wavelet.
func follow(g *grid, class, x, y int) (int, int, error) {
	for range g.w*g.h + 1 {
		r := g.at(x, y).route(class)
		if r == nil {
			return x, y, fmt.Errorf("core (%d,%d) does not route class %d", x, y, class)
		}
		tx := r.positions[0].Tx
		if tx == machine.Set(machine.Ramp) {
			return x, y, nil
		}
		for d := machine.East; d < machine.Dirs; d++ {
			if tx != machine.Set(d) {
				continue
			}
			dx, dy := d.Step()
			x, y = x+dx, y+dy
			if g.index(x, y) < 0 {
				return x, y, errors.New("the path leaves the grid")
			}
			if next := g.at(x, y).route(class); next == nil || !next.positions[0].Rx.Has(d.Opposite()) {
				return x, y, fmt.Errorf("core (%d,%d) does not listen to %s", x, y, d.Opposite())
			}
			break
		}
	}
	return x, y, errors.New("the path does not end")
}

func TestEveryPathLeadsToItsCore(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	edges := []string{"TOP", "BOTTOM", "LEFT", "RIGHT"}
	done := 0
	for range 400 {
		n := 1 + r.IntN(3)
		mk := func(name, edge string, x, y int) Region {
			if edge == "TOP" || edge == "BOTTOM" {
				return region(name, x, y, n, 1+r.IntN(2))
			}
			return region(name, x, y, 1+r.IntN(2), n)
		}
		from, to := edges[r.IntN(4)], edges[r.IntN(4)]
		s := pair(mk("a", from, 1+r.IntN(8), 1+r.IntN(8)), mk("b", to, 1+r.IntN(8), 1+r.IntN(8)), from, to)
		if s.check() != nil {
			continue // the regions overlap
		}
		g, c, err := arrange(s)
		if err != nil {
			continue // several lanes in the wrong order cannot always be untangled
		}
		done++
		tx, rx := lanes(s, 0), lanes(s, 1)
		for i := range tx {
			x, y, err := follow(g, c.of(0), tx[i].x, tx[i].y)
			if err != nil || x != rx[i].x || y != rx[i].y {
				t.Fatalf("%+v: lane %d ends at (%d,%d): %v", s.Regions, i, x, y, err)
			}
		}
	}
	if done < 150 {
		t.Errorf("only %d layouts were routed", done)
	}
}

func TestColorsThatMeetDiffer(t *testing.T) {
	// Two senders whose paths cross the same cores on the way to one receiver.
	s := pair(region("a", 1, 1, 1, 1), region("b", 6, 1, 1, 1), "RIGHT", "LEFT")
	s.Regions = append(s.Regions, region("c", 1, 3, 1, 1))
	s.Colors = append(s.Colors, Color{"c_tx", -1}, Color{"rx2", -1}, Color{"apart", -1})
	s.Ports = append(s.Ports,
		Port{Name: "tx2", Region: 2, Color: 2, Edge: "TOP", Positions: fromRamp, Size: 4},
		Port{Name: "rx2", Region: 1, Color: 3, Edge: "LEFT", Positions: toRamp, Size: 4, Input: true})
	s.Connections = append(s.Connections, [2]int{2, 3})
	g, c, err := arrange(s)
	if err != nil {
		t.Fatal(err)
	}
	value, err := g.number(s, c, machine.WSE3)
	if err != nil {
		t.Fatal(err)
	}
	if value[0] != value[1] || value[2] != value[3] || value[0] == value[2] {
		t.Errorf("colours %v", value)
	}
	for i := range g.cells {
		seen := map[int]bool{}
		for _, r := range g.cells[i].routes {
			if seen[value[r.color]] {
				t.Errorf("core %d has colour %d twice", i, value[r.color])
			}
			seen[value[r.color]] = true
		}
	}
}

func TestTheLayoutIsOrdinaryCSL(t *testing.T) {
	s := pair(region("a", 0, 0, 1, 1), region("b", 1, 0, 1, 1), "RIGHT", "LEFT")
	n := int64(5)
	k := 0
	s.Regions[0].Params = []Param{{Rect{0, 0, 1, 1}, "size", &n, nil}, {Rect{0, 0, 1, 1}, "tx", nil, &k}}
	s.Ports[0].Positions = append(fromRamp, Position{Rx: []string{"WEST"}})
	g, c, err := arrange(s)
	if err != nil {
		t.Fatal(err)
	}
	value, err := g.number(s, c, machine.WSE3)
	if err != nil {
		t.Fatal(err)
	}
	want := `// Written by SdkLayout.compile: colours and paths are chosen, nothing else is added.
layout {
  @set_rectangle(4, 3);
  @set_tile_code(0, 0, "/src/a.csl", .{ .size = 5, .tx = @get_color(0) });
  @set_color_config(0, 0, @get_color(0), .{ .routes = .{ .rx = .{ RAMP }, .tx = .{ EAST } }, .switches = .{ .pos1 = .{ .rx = WEST }, .pop_mode = .{ .pop_on_advance = true } } });
  @set_tile_code(1, 0, "/src/b.csl", .{ });
  @set_color_config(1, 0, @get_color(0), .{ .routes = .{ .rx = .{ WEST }, .tx = .{ RAMP } } });
}
`
	if diff := cmp.Diff(want, g.emit(s, value, nil)); diff != "" {
		t.Error(diff)
	}
}

func TestColorsGoInAsTheFileDeclaresThem(t *testing.T) {
	k := readParams("param a: color;\n  param b : u16 = 3;\n// param c: u16;\nparam d;\nparam e;\nconst x = @get_color( e );\n")
	for name, want := range map[string]bool{"a": false, "b": true, "c": false, "d": false, "e": true} {
		if k.number(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}

func TestMistakesInALayoutHaveCodes(t *testing.T) {
	base := func() *Spec { return pair(region("a", 1, 1, 1, 1), region("b", 4, 1, 1, 1), "RIGHT", "LEFT") }
	for _, c := range []struct {
		name  string
		spoil func(s *Spec)
		want  diag.Code
	}{
		{"place", func(s *Spec) { s.Regions[0].X = -1 }, CodeSpec},
		{"overlap", func(s *Spec) { s.Regions[1].X = 1 }, CodeOverlap},
		{"extent", func(s *Spec) { s.Regions[1].H = 2 }, CodePorts},
		{"direction of a port", func(s *Spec) { s.Connections[0] = [2]int{1, 0} }, CodePorts},
		{"edge", func(s *Spec) { s.Ports[0].Edge = "MIDDLE" }, CodeSpec},
		{"direction", func(s *Spec) { s.Ports[0].Positions = []Position{{Rx: []string{"UP"}}} }, CodeSpec},
		{"border", func(s *Spec) { s.Regions[0].X, s.Ports[0].Edge = 0, "LEFT" }, CodePath},
		{"twice", func(s *Spec) { s.Connections = append(s.Connections, s.Connections[0]) }, CodePorts},
		{"values", func(s *Spec) { s.Colors[0].Value, s.Colors[1].Value = 3, 4 }, CodeColors},
		{"value taken", func(s *Spec) {
			s.Colors = append(s.Colors, Color{"other", 3})
			s.Colors[0].Value = 3
			s.Regions[0].Paints = []Paint{{Rect{0, 0, 1, 1}, 2, fromRamp}}
		}, CodeColors},
		{"rectangle", func(s *Spec) { s.Regions[0].Paints = []Paint{{Rect{0, 0, 2, 1}, 0, fromRamp}} }, CodeSpec},
		{"stream", func(s *Spec) {
			s.Regions[0].H, s.Regions[1].H = 2, 2
			s.Streams = []StreamSpec{{Name: "in", Port: 1, Input: true}}
		}, CodeStream},
	} {
		s := base()
		c.spoil(s)
		err := s.check()
		if err == nil {
			var g *grid
			var cl classes
			if g, cl, err = arrange(s); err == nil {
				var v []int
				if v, err = g.number(s, cl, machine.WSE3); err == nil {
					_, err = ports(s, v, image.Rect{W: g.w, H: g.h})
				}
			}
		}
		e := new(Error)
		if !errors.As(err, &e) || e.Diags[0].Code != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

func TestSymbolDataIsCutIntoBlocks(t *testing.T) {
	im := &image.Image{
		Rect: image.Rect{W: 2, H: 2}, Tiles: make([]image.Tile, 4),
		Programs: []*image.Program{{
			Symbols: []image.Symbol{{Name: "A", Addr: 10, Words: 2}},
			Data:    []image.Segment{{Addr: 8, Words: []uint16{1, 2, 3, 4, 5, 6}}},
		}},
	}
	s := &Spec{Regions: []Region{{W: 2, H: 2, Symbols: []Symbol{{Name: "A", Width: 4, Height: 2, Words: 1}}}}}
	data := make([]byte, 16)
	for i := range 8 {
		data[2*i] = byte(10 + i)
	}
	if err := setSymbols(im, s, data); err != nil {
		t.Fatal(err)
	}
	for core, want := range [][]uint16{{10, 11}, {12, 13}, {14, 15}, {16, 17}} {
		got := []image.Segment{{Addr: 8, Words: []uint16{1, 2}}, {Addr: 10, Words: want}, {Addr: 12, Words: []uint16{5, 6}}}
		if diff := cmp.Diff(got, im.Programs[im.Tiles[core].Program].Data); diff != "" {
			t.Errorf("core %d: %s", core, diff)
		}
	}
	s.Regions[0].Symbols[0].Name = "B"
	if err := setSymbols(im, s, data); err == nil || !strings.Contains(err.Error(), "no symbol") {
		t.Error(err)
	}
}

// FuzzSpec feeds whole layouts: whatever a host program sends gives a layout or
// a mistake with a code.
func FuzzSpec(f *testing.F) {
	s := pair(region("a", 0, 0, 1, 1), region("b", 3, 1, 1, 1), "RIGHT", "LEFT")
	n := int64(5)
	k := 0
	s.Regions[0].Params = []Param{{Rect{0, 0, 1, 1}, "size", &n, nil}, {Rect{0, 0, 1, 1}, "tx", nil, &k}}
	s.Regions[0].Paints = []Paint{{Rect{0, 0, 1, 1}, 1, fromRamp}}
	s.Regions[1].Symbols = []Symbol{{Name: "A", Width: 1, Height: 1, Words: 1}}
	s.Streams = []StreamSpec{{Name: "in", Port: 1, Input: true}, {Name: "at", Port: -1, Color: 1}}
	text, err := json.Marshal(s)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		var s Spec
		if json.Unmarshal(text, &s) != nil {
			return
		}
		if err := s.check(); err != nil {
			return
		}
		for _, r := range s.Regions {
			if r.X > 64 || r.Y > 64 || r.W > 64 || r.H > 64 {
				return // large layouts are slow, not different
			}
		}
		g, c, err := arrange(&s)
		if err != nil {
			return
		}
		v, err := g.number(&s, c, machine.WSE3)
		if err != nil {
			return
		}
		_ = g.emit(&s, v, nil)
		if _, err := ports(&s, v, image.Rect{W: g.w, H: g.h}); err != nil {
			return
		}
		im := &image.Image{Rect: image.Rect{W: g.w, H: g.h}, Tiles: make([]image.Tile, g.w*g.h), Programs: []*image.Program{{}}}
		if err := setSymbols(im, &s, make([]byte, 64)); err != nil {
			return
		}
	})
}
