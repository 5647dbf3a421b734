package shape

import (
	"testing"

	"wafer/internal/llm/graph"
	"wafer/internal/machine"
)

// TestWords compares the estimate of memory with what the compiler lays out: the
// search must not choose what does not fit, nor leave much unused.
func TestWords(t *testing.T) {
	model, err := graph.Published("llama-3.1-8b")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ cols, rows, dim, ffn, context, layers int }{
		{32, 36, 1152, 3584, 512, 1},
		{32, 36, 1152, 1792, 256, 2},
		{32, 48, 1152, 3200, 1024, 1},
		{64, 52, 1040, 4096, 512, 3},
	} {
		for _, half := range []bool{false, true} {
			m := model
			m.Dim, m.FFN, m.Heads, m.KVHeads, m.HeadDim, m.Vocab = c.dim, c.ffn, 16, 4, 64, 4000
			r, why := NewRegion(m, Form{Cols: c.cols, Rows: c.rows, ColGroup: c.cols / 4, RowGroup: 10, Layers: c.layers}, c.context)
			if why != "" {
				t.Fatal(why)
			}
			r.HalfSums = half
			compare(t, "layer", r, r.words())
			h := r.table(HeadRegion, 1)
			compare(t, "head", h, h.tableWords())
		}
	}
}

func compare(t *testing.T, what string, r Region, estimate int) {
	t.Helper()
	im, err := r.Compile(t.Context(), machine.WSE3)
	if err != nil {
		t.Fatal(err)
	}
	got := mostMemory(im) / 2
	t.Logf("%s of %d × %d: %d words, estimated %d", what, r.Cols, r.Rows, got, estimate)
	if estimate < got || estimate > got+1200 {
		t.Errorf("%s of %d × %d takes %d words, estimated %d", what, r.Cols, r.Rows, got, estimate)
	}
}
