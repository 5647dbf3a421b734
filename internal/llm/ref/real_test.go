package ref_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wafer/internal/llm/gguf"
	"wafer/internal/llm/graph"
	"wafer/internal/llm/llmtest"
	"wafer/internal/llm/ref"
	"wafer/internal/llm/tokenize"
)

func load(t *testing.T, name string) (*ref.Net, *tokenize.Tokenizer) {
	t.Helper()
	f, err := gguf.Open(llmtest.Model(t, name))
	if err != nil {
		t.Fatal(err)
	}
	c, err := graph.FromFile(f)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	tok, err := tokenize.FromGGUF(f)
	if err != nil {
		t.Fatal(err)
	}
	n, err := ref.Load(c, 2)
	if err != nil {
		t.Fatal(err)
	}
	return n, tok
}

// The story that llama2.c and llama.cpp both tell, to be read by a person.
const story = "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. " +
	"One day, she saw a big, red ball. She wanted to play with it, but it was too high.\n" +
	"Lily's mom said, \"Lily, let's go to the park.\" Lily was sad"

func TestStoriesSpeaks(t *testing.T) {
	n, tok := load(t, llmtest.Stories)
	for _, prompt := range []string{"", "Once upon a time"} {
		ids := tok.Encode(prompt, tokenize.Options{AddSpecial: true})
		got := tok.Decode(append(ids, greedy(t, n, ids, 100)...))
		if !strings.HasPrefix(got, story) {
			t.Errorf("from %q:\n%s\nwant\n%s", prompt, got, story)
		}
	}
}

func greedy(t *testing.T, n *ref.Net, ids []tokenize.ID, count int) []tokenize.ID {
	t.Helper()
	s := n.New()
	next, err := n.Last(s, ids)
	var out []tokenize.ID
	for range count {
		if err != nil {
			t.Fatal(err)
		}
		id := tokenize.ID(ref.Argmax(next))
		out = append(out, id)
		next, err = n.Last(s, []tokenize.ID{id})
	}
	return out
}

// F32 weights on both sides: the same tokens, and logits that differ by no more
// than llama.cpp loses by keeping keys and values as f16 (2^-11 of each value;
// 0.0011 measured).
func TestStoriesLogits(t *testing.T) {
	n, _ := load(t, llmtest.Stories)
	for _, r := range llmtest.Records(t, llmtest.Stories) {
		if d := cmp.Diff(r.Greedy, greedy(t, n, r.IDs, len(r.Greedy))); d != "" {
			t.Errorf("greedy from %v (-llama.cpp +ours):\n%s", r.IDs, d)
		}
		agree, worst := compare(r, forward(t, n, r.IDs))
		if agree != len(r.IDs) || worst > 5e-3 {
			t.Errorf("%d of %d positions agree, worst logit is off by %.2g", agree, len(r.IDs), worst)
		}
	}
}

func forward(t *testing.T, n *ref.Net, ids []tokenize.ID) [][]float32 {
	t.Helper()
	logits, err := n.Forward(n.New(), ids)
	if err != nil {
		t.Fatal(err)
	}
	return logits
}

// compare counts the positions with the same best token and gives the largest
// difference of its logit.
func compare(r llmtest.Record, logits [][]float32) (agree int, worst float64) {
	for i, l := range logits {
		if tokenize.ID(ref.Argmax(l)) == r.Argmax[i] {
			agree++
		}
		worst = max(worst, math.Abs(float64(l[r.Argmax[i]])-r.Logit[i]))
	}
	return agree, worst
}
