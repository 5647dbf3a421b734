package ref_test

import (
	"encoding/binary"
	"math"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wafer/internal/llm/graph"
	"wafer/internal/llm/llmtest"
)

// llama2c reads the checkpoint format of llama2.c: seven numbers, then one block
// of float32 for each kind of tensor, all layers in a row.
func llama2c(t *testing.T, path string) (head [7]int32, take func(n int) []float32) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range head {
		head[i] = int32(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	at := 28
	return head, func(n int) []float32 {
		out := make([]float32, n)
		for i := range out {
			out[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[at:]))
			at += 4
		}
		return out
	}
}

// The same model was published in two formats by two hands. Every weight must be
// the same under the roles that we give to names, and every number of the shape.
func TestWeightsOfLlama2c(t *testing.T) {
	head, take := llama2c(t, llmtest.Model(t, "stories260K.bin"))
	c, err := graph.Open(llmtest.Model(t, llmtest.Stories))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	m := c.Model
	// The context differs: 512 in llama2.c's file, 128 in the GGUF header.
	if d := cmp.Diff([]int{m.Dim, m.FFN, m.Layers, m.Heads, m.KVHeads, m.Vocab}, []int{int(head[0]), int(head[1]), int(head[2]), int(head[3]), int(head[4]), int(head[5])}); d != "" {
		t.Fatal(d)
	}
	same := func(r graph.Role, layer, n int) {
		t.Helper()
		got, err := c.Floats(r, layer)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(take(n), got); d != "" {
			t.Errorf("%s of layer %d differs", r, layer)
		}
	}
	same(graph.Embed, graph.Whole, m.Vocab*m.Dim)
	for _, x := range []struct {
		role graph.Role
		n    int
	}{
		{graph.AttnNorm, m.Dim},
		{graph.Q, m.QWidth() * m.Dim},
		{graph.K, m.KVWidth() * m.Dim},
		{graph.V, m.KVWidth() * m.Dim},
		{graph.O, m.QWidth() * m.Dim},
		{graph.FFNNorm, m.Dim},
		{graph.Gate, m.FFN * m.Dim},
		{graph.Down, m.FFN * m.Dim},
		{graph.Up, m.FFN * m.Dim},
	} {
		for l := range m.Layers {
			same(x.role, l, x.n)
		}
	}
	same(graph.OutNorm, graph.Whole, m.Dim)
}
