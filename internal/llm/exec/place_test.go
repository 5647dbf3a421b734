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
	c, _ := ours(t)
	smol, err := graph.Published("smollm2-135m")
	if err != nil {
		t.Fatal(err)
	}
	smol.Layers = 1
	for _, tc := range []struct {
		m       graph.Model
		s       place.Shape
		context int
	}{
		{c.Model, place.Shape{Cols: 16, Rows: 16}, 512},
		{c.Model, place.Shape{Cols: 8, Table: 20, Rows: 32}, 2048},
		{smol, place.Shape{Cols: 12, Table: 70, Rows: 24}, 512},
		{smol, place.Shape{Cols: 48, Table: 60, Rows: 36}, 4096},
	} {
		p, err := place.New(tc.m, tc.s, tc.context)
		if err != nil {
			t.Fatal(err)
		}
		im, err := Compile(t.Context(), p, machine.WSE3, false)
		if err != nil {
			t.Fatal(err)
		}
		check := func(what string, region, count int) {
			x, y := p.Core(region, 0, p.Rows/2)
			got := Memory(im.Programs[im.Tile(x, y).Program]) / 2
			if count < got || count > got+got/20+400 {
				t.Errorf("%s %+v: a core of the %s takes %d words, counted %d", tc.m.Name, tc.s, what, got, count)
			}
		}
		check("layer", 1, p.LayerWords())
		check("head", p.Regions()-1, p.TableWords())
	}
}
