package embedded

import (
	"crypto/sha256"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"wafer/internal/llm/gguf"
)

// open reads the embedded file with the project's own reader.
func open(t *testing.T) *gguf.File {
	t.Helper()
	f, err := gguf.Read(strings.NewReader(Text()), int64(len(Text())), "model.gguf")
	if err != nil {
		t.Fatalf("the embedded model does not read: %v", err)
	}
	return f
}

// The file is in every binary: it must stay within its limit, and the card must speak of this very file.
func TestFileIsTheOneOfTheCard(t *testing.T) {
	if n := len(Text()); n > Limit {
		t.Errorf("model.gguf has %d bytes, limit %d", n, Limit)
	}
	card, err := os.ReadFile("MODEL.md")
	if err != nil {
		t.Fatal(err)
	}
	sum := fmt.Sprintf("%x", sha256.Sum256(GGUF()))
	if !strings.Contains(string(card), sum) {
		t.Errorf("MODEL.md does not name the SHA-256 of model.gguf, %s", sum)
	}
}

func TestCopyIsFresh(t *testing.T) {
	GGUF()[0] = 'X'
	if Text()[:4] != "GGUF" {
		t.Error("a caller changed the embedded file")
	}
}

// Shapes that the placement and the kernels are tuned to.
func TestShapes(t *testing.T) {
	f := open(t)
	if arch, _ := f.Str("general.architecture"); arch != "llama" {
		t.Errorf("architecture %q", arch)
	}
	want := map[string]uint64{
		"llama.vocab_size": 2048, "llama.context_length": 512, "llama.embedding_length": 256, "llama.block_count": 5,
		"llama.feed_forward_length": 512, "llama.attention.head_count": 8, "llama.attention.head_count_kv": 4,
		"llama.rope.dimension_count": 32, "tokenizer.ggml.bos_token_id": 1, "tokenizer.ggml.eos_token_id": 2,
	}
	for key, n := range want {
		if got, ok := f.Uint(key); !ok || got != n {
			t.Errorf("%s = %d (present: %v), want %d", key, got, ok, n)
		}
	}
	if words, _ := f.Strings("tokenizer.ggml.tokens"); len(words) != 2048 {
		t.Errorf("%d tokens in the tokenizer", len(words))
	}
}

// A weight that is not a number, or a matrix that stayed zero, would only show as odd text.
func TestWeightsAreSound(t *testing.T) {
	f := open(t)
	if len(f.Tensors) != 2+9*5 {
		t.Errorf("%d tensors", len(f.Tensors))
	}
	for _, tensor := range f.Tensors {
		values, err := f.Floats(tensor)
		if err != nil {
			t.Fatal(err)
		}
		var sum float64
		for _, v := range values {
			sum += math.Abs(float64(v))
		}
		mean := sum / float64(len(values))
		if math.IsNaN(mean) || mean < 1e-3 || mean > 10 {
			t.Errorf("%s: mean size %g", tensor.Name, mean)
		}
	}
}
