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

var names = []string{"start", "norm_1_sum", "norm_1", "qkv", "qkv_sum", "rotate", "scores", "scores_sum", "top", "top_sum", "softmax", "mix", "mix_sum", "finish", "out", "out_sum", "norm_2_sum", "norm_2", "up", "up_sum", "swiglu", "down", "down_sum", "hand_over"}

// TestLayer prints the phases of regions given in SHAPES, cols×rows/row_group.
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
	if os.Getenv("MINI") != "" { // the same cores, fewer of them
		model.Dim, model.FFN, model.Heads, model.KVHeads, model.HeadDim = 32*36, 112*32, 16, 4, 64
		positions = 16 * 32
	}
	prof := os.Getenv("PROFILE")
	if prof == "" {
		prof = "wse3"
	}
	m, err := machine.Preset(prof)
	if err != nil {
		t.Fatal(err)
	}
	for s := range strings.SplitSeq(shapes, ",") {
		var c, r, g int
		fmt.Sscanf(s, "%dx%d/%d", &c, &r, &g)
		begin := time.Now()
		reg, why := NewRegion(model, c, r, g, positions)
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
		t.Logf("%s %s in %d q %d hd %d ffn %d slots %d: %d programs, %d cycles; compile %.1f s, all %.1f s", prof, s, reg.In, reg.QHeads, reg.HD, reg.FFN, reg.Slots, len(im.Programs), l.Cycles, comp.Seconds(), time.Since(begin).Seconds())
		prev := int64(0)
		line := ""
		for i, v := range l.Marks {
			if i >= len(names) {
				break
			}
			if v != 0 {
				line += fmt.Sprintf("%s %d  ", names[i], v-prev)
				prev = v
			}
		}
		t.Log(line)
	}
}
