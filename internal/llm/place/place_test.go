package place

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"wafer/internal/diag"
	"wafer/internal/llm/graph"
	"wafer/internal/machine"
)

func published(t *testing.T, name string) graph.Model {
	t.Helper()
	m, err := graph.Published(name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Each value of the model has exactly one place in each order, and no two regions
// share a core, in one band and in several.
func TestEverythingHasOnePlace(t *testing.T) {
	m := published(t, "smollm2-135m")
	for _, s := range []Shape{
		{Cols: 12, Table: 40, Rows: 25},
		{Cols: 21, Table: 57, Rows: 32},
		{Cols: 33, Table: 40, Rows: 30, Limit: 100},
		{Cols: 96, Table: 238, Rows: 31, Limit: 755},
	} {
		p, err := New(m, s, 300)
		if err != nil {
			t.Fatal(err)
		}
		for name, o := range map[string]struct {
			order []int
			n     int
		}{
			"stream": {p.StreamOrder(), m.Dim}, "inner": {p.FFNOrder(), m.FFN}, "words": {p.WordOrder(), m.Vocab},
			"query": {p.QueryOrder(), m.QWidth()}, "key": {p.KeyOrder(), m.KVWidth()},
		} {
			seen := make([]int, o.n)
			for _, v := range o.order {
				if v != None {
					seen[v]++
				}
			}
			if slices.Min(seen) != 1 || slices.Max(seen) != 1 {
				t.Errorf("%+v: %s values lie in %d to %d places", s, name, slices.Min(seen), slices.Max(seen))
			}
		}
		used := map[[2]int]bool{}
		for r := range p.Regions() {
			for y := range p.Rows {
				for c := range p.Width(r) {
					x, yy := p.Core(r, c, y)
					if x < 0 || yy < 0 || x >= p.W() || yy >= p.H() || used[[2]int{x, yy}] {
						t.Fatalf("%+v: core (%d,%d) of region %d is outside or taken", s, x, yy, r)
					}
					used[[2]int{x, yy}] = true
				}
			}
		}
		if len(used) != p.Cores() {
			t.Errorf("%+v: %d cores, counted %d", s, len(used), p.Cores())
		}
	}
}

func TestFoldOrder(t *testing.T) {
	for n := range 40 {
		if n == 0 {
			continue
		}
		order, first := FoldOrder(n)
		sorted := slices.Sorted(slices.Values(order))
		if !slices.Equal(sorted, upTo(n, n)) || order[first-1] != n/2 {
			t.Errorf("%d: %v, first part %d", n, order, first)
		}
	}
	// Groups of three on both sides of the middle column 6, and at it.
	p := Plan{Cols: 12, Group: 3}
	for h, want := range [][]int{{0, 1, 2}, {0, 1, 2}, {0, 2, 1}, {2, 1, 0}} {
		if order, _ := p.GroupFold(h); !slices.Equal(order, want) {
			t.Errorf("group %d: %v, want %v", h, order, want)
		}
	}
}

// What is chosen fits, and a larger machine never makes it slower.
func TestChoose(t *testing.T) {
	small, large := machine.Default(machine.WSE2), machine.Default(machine.WSE3)
	for _, name := range []string{"smollm2-135m", "llama-3.2-1b", "llama-3.1-8b", "qwen2.5-0.5b", "qwen3-0.6b", "gemma-2-2b", "gemma-3-270m"} {
		p, err := Choose(published(t, name), large, 512)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Check(large); err != nil || p.Context() < 512 {
			t.Errorf("%s: %v, %d positions", name, err, p.Context())
		}
	}
	if _, err := Choose(published(t, "smollm2-135m"), small, 512); err != nil {
		t.Error(err)
	}
}

// Lots take what memory is left, and change nothing else.
func TestLots(t *testing.T) {
	mach := machine.Default(machine.WSE3)
	p, err := Choose(published(t, "smollm2-135m"), mach, 512)
	if err != nil {
		t.Fatal(err)
	}
	if p.Lot != mostLot {
		t.Errorf("lots of %d where there is room for %d", p.Lot, mostLot)
	}
	one, err := New(p.Model, Shape{Cols: 12, Table: 238, Rows: 24}, 512)
	if err != nil {
		t.Fatal(err)
	}
	for _, spare := range []int{0, 1000, 4000, 100_000} {
		small := *mach
		small.RectW = 1 << 12
		small.Core.SRAMWords = one.LayerWords() + spare
		q := one.WithLot(&small)
		if !q.Fits(&small) || q.Cols != one.Cols || q.Rows != one.Rows || spare == 0 && q.Lot != 1 || spare == 100_000 && q.Lot != mostLot {
			t.Errorf("%d words left: lots of %d in regions of %d × %d", spare, q.Lot, q.Cols, q.Rows)
		}
	}
	// A short prompt leaves most layers of a deep model idle, the more so in large lots.
	for _, tc := range []struct{ layers, tokens, want int }{{5, 1, 1}, {30, 8, 1}, {5, 64, 4}, {30, 64, 2}, {18, 64, 2}, {30, 256, 4}} {
		p.Model.Layers = tc.layers
		if got := p.Each(tc.tokens); got != tc.want {
			t.Errorf("%d layers, %d tokens: lots of %d, want %d", tc.layers, tc.tokens, got, tc.want)
		}
	}
}

func TestRefusals(t *testing.T) {
	mach := machine.Default(machine.WSE3)
	for _, tc := range []struct {
		m       graph.Model
		context int
		want    string
	}{
		{published(t, "llama-3.1-70b"), 512, "needs 4 or more wafers"},
		{published(t, "gemma-2-27b"), 512, "or more wafers"},
		{published(t, "gemma-3-4b"), 1 << 17, "--context of 65536 or less"},
		{graph.Model{Name: "odd", Activation: 7}, 512, "SiLU or the tanh form of GELU"},
	} {
		_, err := Choose(tc.m, mach, tc.context)
		var d diag.Diagnostic
		if !errors.As(err, &d) || !strings.Contains(d.Cure, tc.want) {
			t.Errorf("%s: %v, cure %q", tc.m.Name, err, d.Cure)
		}
	}
	m := published(t, "smollm2-135m")
	for _, s := range []Shape{{}, {Cols: 4, Rows: 4}, {Cols: 3, Rows: 1000}, {Cols: 99, Rows: 4}, {Cols: 12, Table: 40, Rows: 25, Limit: 100}} {
		if _, err := New(m, s, 100); err == nil {
			t.Errorf("%+v was placed", s)
		}
	}
}
