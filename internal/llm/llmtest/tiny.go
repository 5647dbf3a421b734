package llmtest

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"wafer/internal/llm/gguf"
	"wafer/internal/llm/graph"
	"wafer/internal/llm/tokenize"
)

// TinyShape is a model of a few ten thousand weights that uses everything its
// family can do: shared key heads, scaling, windows, caps, biases, norms.
func TinyShape(family graph.Family) graph.Model {
	m := graph.Model{
		Name: "tiny " + string(family), Family: family,
		Vocab: 320, Context: 128, Dim: 48, Layers: 3, Heads: 4, KVHeads: 2, HeadDim: 16, FFN: 80,
		NormEps: 1e-5, EmbedScale: 1, AttnScale: 0.25, TiedHead: true,
		Rope: graph.Rope{Base: 10000, Dim: 16, Layout: graph.Halves},
	}
	switch family {
	case graph.Llama:
		m.TiedHead = false
		m.Rope.Layout = graph.Adjacent
		m.Rope.Divisors = []float32{1, 1, 1.25, 1.5, 2, 4, 8, 8}
	case graph.Qwen2:
		m.QKVBias = true
		m.Dim, m.Rope.Base = 64, 1e6 // this family has no head width of its own
	case graph.Qwen3:
		m.QKNorm = true
	}
	switch family {
	case graph.Gemma, graph.Gemma2, graph.Gemma3:
		m.Activation, m.EmbedScale = graph.GELUTanh, float32(math.Sqrt(48))
	}
	switch family {
	case graph.Gemma2:
		m.PostNorm, m.Window, m.WindowEvery, m.AttnCap, m.LogitCap = true, 8, 2, 2, 3
	case graph.Gemma3:
		m.Layers, m.PostNorm, m.QKNorm, m.Window, m.WindowEvery = 7, true, true, 8, 6
		m.Rope.Base, m.Rope.Linear = 1e6, 8
		m.LocalRope = graph.Rope{Base: 10000, Dim: 16, Layout: graph.Halves}
	}
	return m
}

// Weights gives the random weights of a tensor of a tiny model: always the same
// for a seed, of the usual size so that activations neither die nor explode.
func Weights(t graph.Tensor, seed uint64) []float32 {
	x := seed*0x9e3779b97f4a7c15 + uint64(t.Role)*1000003 + uint64(t.Layer+1)*7919
	out := make([]float32, t.Rows*t.Cols)
	scale := math.Sqrt(3 / float64(t.Cols))
	for i := range out {
		// splitmix64, whose published constants these are.
		x += 0x9e3779b97f4a7c15
		z := x
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		z ^= z >> 31
		u := float64(z>>11)/(1<<52) - 1 // in [-1, 1)
		if t.Rows == 1 {
			out[i] = float32(1 + float64(0.3*u)) // norms are near 1; biases do no harm
		} else {
			out[i] = float32(u * scale)
		}
	}
	return out
}

// TinyGGUF is the file of a tiny model with a tokenizer of single letters.
func TinyGGUF(t testing.TB, family graph.Family) []byte { return file(t, TinyShape(family)) }

func file(t testing.TB, m graph.Model) []byte {
	t.Helper()
	blobs := m.GGUFRope()
	for _, x := range m.Tensors() {
		dims := []int{x.Cols, x.Rows}
		if x.Rows == 1 {
			dims = dims[:1]
		}
		blobs = append(blobs, gguf.FloatBlob(graph.GGUFName(x.Role, x.Layer), dims, Weights(x, 1)))
	}
	var b bytes.Buffer
	if err := gguf.Write(&b, append(m.GGUFPairs(), tinyTokenizer(m.Vocab)...), blobs); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Tiny opens a tiny model.
func Tiny(t testing.TB, family graph.Family) (*graph.Checkpoint, *tokenize.Tokenizer) {
	t.Helper()
	return Open(t, TinyShape(family))
}

// Open makes a model of a shape with random weights, through a file of it.
func Open(t testing.TB, m graph.Model) (*graph.Checkpoint, *tokenize.Tokenizer) {
	t.Helper()
	b := file(t, m)
	f, err := gguf.Read(bytes.NewReader(b), int64(len(b)), "tiny-"+string(m.Family)+".gguf")
	if err != nil {
		t.Fatal(err)
	}
	c, err := graph.FromFile(f)
	if err != nil {
		t.Fatal(err)
	}
	tok, err := tokenize.FromGGUF(f)
	if err != nil {
		t.Fatal(err)
	}
	return c, tok
}

// tinyTokenizer has every byte, the small letters and fillers.
func tinyTokenizer(n int) []gguf.Pair {
	pieces := []string{"<unk>", "<s>", "</s>"}
	kinds := []int32{int32(tokenize.Unknown), int32(tokenize.Control), int32(tokenize.Control)}
	for b := range 256 {
		pieces, kinds = append(pieces, fmt.Sprintf("<0x%02X>", b)), append(kinds, int32(tokenize.Byte))
	}
	pieces = append(pieces, "▁")
	for c := 'a'; c <= 'z'; c++ {
		pieces = append(pieces, string(c))
	}
	for len(pieces) < n {
		pieces = append(pieces, fmt.Sprintf("▁filler%d", len(pieces)))
	}
	scores := make([]float32, n)
	for i := range scores {
		scores[i] = -float32(i)
		if i >= len(kinds) {
			kinds = append(kinds, int32(tokenize.Normal))
		}
	}
	return []gguf.Pair{
		{Key: "tokenizer.ggml.model", Value: "llama"},
		{Key: "tokenizer.ggml.tokens", Value: pieces},
		{Key: "tokenizer.ggml.scores", Value: scores},
		{Key: "tokenizer.ggml.token_type", Value: kinds},
		{Key: "tokenizer.ggml.bos_token_id", Value: uint32(1)},
		{Key: "tokenizer.ggml.eos_token_id", Value: uint32(2)},
		{Key: "tokenizer.ggml.unknown_token_id", Value: uint32(0)},
	}
}
