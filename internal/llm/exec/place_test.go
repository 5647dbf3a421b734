package exec

import (
	"testing"

	"wafer/internal/llm/graph"
	"wafer/internal/llm/place"
	"wafer/internal/machine"
)

// The placement's count of memory is that of the compiler, on the safe side and
// not far from it.
func TestMemoryIsCounted(t *testing.T) {
	wholeOnly(t)
	c, _ := ours(t)
	smol, err := graph.Published("smollm2-135m")
	if err != nil {
		t.Fatal(err)
	}
	smol.Layers = 1
	one := func(name string, window int) graph.Model {
		m, err := graph.Published(name)
		if err != nil {
			t.Fatal(err)
		}
		m.Layers, m.Window = 1, min(m.Window, window)
		m.Vocab = 6000 // narrow tables compile sooner
		return m
	}
	for _, tc := range []struct {
		m       graph.Model
		s       place.Shape
		context int
	}{
		{c.Model, place.Shape{Cols: 16, Rows: 16}, 512},
		{c.Model, place.Shape{Cols: 16, Table: 1024, Rows: 16, Lot: 4}, 512},
		{c.Model, place.Shape{Cols: 8, Table: 20, Rows: 32, Lot: 2}, 2048},
		{smol, place.Shape{Cols: 12, Table: 70, Rows: 24}, 512},
		{smol, place.Shape{Cols: 48, Table: 60, Rows: 36, Lot: 3}, 4096},
		{one("qwen2.5-0.5b", 0), place.Shape{Cols: 16, Table: 8, Rows: 64}, 512},
		{one("qwen3-0.6b", 0), place.Shape{Cols: 64, Table: 8, Rows: 64, Lot: 4}, 512},
		{one("gemma-2-2b", 256), place.Shape{Cols: 64, Table: 8, Rows: 144, Lot: 2}, 1024},
		{one("gemma-3-270m", 64), place.Shape{Cols: 32, Table: 8, Rows: 40, Lot: 4}, 1024},
		{one("gemma-3-270m", 512), place.Shape{Cols: 64, Table: 8, Rows: 32}, 512},
	} {
		p, err := place.New(tc.m, tc.s, tc.context)
		if err != nil {
			t.Fatal(err)
		}
		im, err := Compile(t.Context(), p, machine.WSE3, false)
		if err != nil {
			t.Fatal(err)
		}
		// Of a region's programs, the largest.
		words := func(region int) (most int) {
			for y := range p.Rows {
				for c := range p.Width(region) {
					x, y := p.Core(region, c, y)
					most = max(most, Memory(im.Programs[im.Tile(x, y).Program])/2)
				}
			}
			return most
		}
		check := func(what string, got, count int) {
			if count < got || count > got+got/20+400 {
				t.Errorf("%s %+v: a core of the %s takes %d words, counted %d", tc.m.Name, tc.s, what, got, count)
			}
		}
		check("layer", words(1), p.LayerWords())
		check("tables", max(words(0), words(p.Regions()-1)), p.TableWords())
	}
}
