package shape

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"wafer/internal/llm/graph"
	"wafer/internal/machine"
	"wafer/internal/sim"
)

// TestLayer prints the phases of regions given in SHAPES, cols×rows/column group/row group/layers,
// or of that which the estimate finds best.
func TestLayer(t *testing.T) {
	shapes := os.Getenv("SHAPES")
	if shapes == "" {
		t.Skip("SHAPES names no regions")
	}
	model, err := graph.Published("llama-3.1-8b")
	if err != nil {
		t.Fatal(err)
	}
	positions := 2048
	if os.Getenv("MINI") != "" { // what a core of 256 × 151 has, on 64 × 36
		model.Dim, model.FFN, model.Heads, model.KVHeads = 28*36, 56*64, 8, 2
		positions = 16 * 32
	}
	if os.Getenv("WAFERLLM") != "" { // its 8B at 420²: one head, all of Q, K, V and O square
		model.Dim, model.FFN, model.Heads, model.KVHeads, model.HeadDim = 4200, 14700, 1, 1, 4200
		positions = 4200
	}
	prof := os.Getenv("PROFILE")
	if prof == "" {
		prof = "wse3"
	}
	m, err := machine.Preset(prof)
	if err != nil {
		t.Fatal(err)
	}
	if shapes == "best" { // for one layer, on as many cores as WaferLLM gives it
		shapes = best(model, m, positions, os.Getenv("HALF") != "", 420*420)
		t.Log("the fewest estimated cycles: " + shapes)
	}
	for s := range strings.SplitSeq(shapes, ",") {
		var c, r, g int
		cg, lay := 2, 1
		fmt.Sscanf(s, "%dx%d/%d/%d/%d", &c, &r, &cg, &g, &lay)
		begin := time.Now()
		reg, why := NewRegion(model, Form{Cols: c, Rows: r, ColGroup: cg, RowGroup: g, Layers: lay}, positions)
		if why != "" {
			t.Fatal(why)
		}
		if k := os.Getenv("KIND"); k != "" {
			n := 2
			if os.Getenv("MINI") != "" {
				n = 1
				reg.Model.Vocab = 350 * reg.Cols
			}
			reg = reg.table(map[string]Kind{"embed": EmbedRegion, "head": HeadRegion}[k], n)
		}
		reg.HalfSums = os.Getenv("HALF") != ""
		im, err := reg.Compile(context.Background(), m.Arch)
		if err != nil {
			t.Fatal(err)
		}
		comp := time.Since(begin)
		l, err := reg.Measure(context.Background(), im, m, positions-1, sim.Options{Workers: 2})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s %s in %d q %d hd %d ffn %d slots %d: %d programs, %d cycles, %d without the way in and out; compile %.1f s, all %.1f s", prof, s, reg.In, reg.QHeads, reg.HD, reg.FFN, reg.Slots, len(im.Programs), l.Cycles, l.Inner(), comp.Seconds(), time.Since(begin).Seconds())
		line := ""
		for i, v := range l.Phases() {
			if reg.Kind == LayerRegion {
				line += fmt.Sprintf("%s %d  ", PhaseNames()[i], v)
			}
		}
		t.Log(line)
	}
}

// best finds the region for one layer, of at most so many cores, with the fewest
// estimated cycles.
func best(model graph.Model, m *machine.Machine, positions int, half bool, cores int) string {
	out, least := "", int64(1)<<62
	for cols := 10 * model.KVHeads; cols <= m.RectW; cols += max(model.KVHeads, 5) {
		for rows := 10; rows <= m.RectH && cols*rows <= cores; rows += 5 {
			f := Form{cols, rows, bestGroup(m, cols, cols/model.KVHeads), bestGroup(m, rows, rows), 1}
			r, why := NewRegion(model, f, positions)
			r.HalfSums = half
			if why != "" || r.words() > m.Core.SRAMWords {
				continue
			}
			if c := r.layerEstimate(m); c < least {
				out, least = fmt.Sprintf("%dx%d/%d/%d/1", f.Cols, f.Rows, f.ColGroup, f.RowGroup), c
			}
		}
	}
	return out
}
