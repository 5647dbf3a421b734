package embedded_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wafer/internal/llm/bundle"
	"wafer/internal/llm/embedded"
	"wafer/internal/llm/gguf"
	"wafer/internal/llm/ref"
	"wafer/internal/llm/tokenize"
)

// greedy is what llama.cpp wrote for the default prompt: made by
// tools/train/llamacpp.mjs from the very file that is embedded.
type greedy struct {
	Start []tokenize.ID `json:"start"`
	Made  []tokenize.ID `json:"made"`
	Text  string        `json:"text"`
}

// The embedded file must mean the same to our reader, tokenizer and forward pass as to an independent engine.
func TestSameStoryAsLlamaCpp(t *testing.T) {
	raw, err := os.ReadFile("testdata/greedy.json")
	if err != nil {
		t.Fatal(err)
	}
	var want greedy
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	f, err := gguf.Read(strings.NewReader(embedded.Text()), int64(len(embedded.Text())), "model.gguf")
	if err != nil {
		t.Fatal(err)
	}
	b, err := bundle.FromGGUF(f)
	if err != nil {
		t.Fatal(err)
	}
	start := b.Tokenizer.Encode(embedded.DefaultPrompt, tokenize.Options{AddSpecial: true})
	if d := cmp.Diff(want.Start, start); d != "" {
		t.Fatalf("tokens of the prompt (-llama.cpp +ours):\n%s", d)
	}
	net, err := ref.Load(b.Weights, 2)
	if err != nil {
		t.Fatal(err)
	}
	made := write(t, net, start, len(want.Made))
	if d := cmp.Diff(want.Made, made); d != "" {
		t.Errorf("greedy tokens (-llama.cpp +ours):\n%s", d)
	}
	text := b.Tokenizer.Decode(append(start, made...))
	if got := strings.TrimSpace(text); got != strings.TrimSpace(want.Text) {
		t.Errorf("text\n%q\nwant\n%q", got, want.Text)
	}
}

func write(t *testing.T, net *ref.Net, start []tokenize.ID, number int) []tokenize.ID {
	t.Helper()
	state, next := net.New(), start
	var made []tokenize.ID
	for range number {
		logits, err := net.Last(state, next)
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, tokenize.ID(ref.Argmax(logits)))
		next = made[len(made)-1:]
	}
	return made
}
