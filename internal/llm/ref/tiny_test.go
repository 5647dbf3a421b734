package ref_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wafer/internal/diag"
	"wafer/internal/llm/graph"
	"wafer/internal/llm/llmtest"
	"wafer/internal/llm/ref"
	"wafer/internal/llm/tokenize"
)

// TestWriteTiny writes the tiny models for an independent engine, when
// WAFER_WRITE_TINY names a directory: that is how testdata/tiny-*.json is made.
func TestWriteTiny(t *testing.T) {
	dir := os.Getenv("WAFER_WRITE_TINY")
	if dir == "" {
		t.Skip("set WAFER_WRITE_TINY to a directory to write the tiny models")
	}
	for _, f := range graph.Families() {
		if err := os.WriteFile(filepath.Join(dir, "tiny-"+string(f)+".gguf"), llmtest.TinyGGUF(t, f), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func tinyNet(t *testing.T, f graph.Family, workers int) *ref.Net {
	t.Helper()
	c, _ := llmtest.Tiny(t, f)
	n, err := ref.Load(c, workers)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Every family against llama.cpp on the same random weights, in 60 positions:
// beyond the windows, with every scaling and cap in use.
func TestFamiliesAgainstLlamaCpp(t *testing.T) {
	for _, f := range graph.Families() {
		t.Run(string(f), func(t *testing.T) {
			n := tinyNet(t, f, 1)
			for _, r := range llmtest.Records(t, "tiny-"+string(f)) {
				if len(r.IDs) < 60 {
					t.Fatalf("only %d positions recorded", len(r.IDs))
				}
				agree, worst := compare(r, forward(t, n, r.IDs))
				t.Logf("%d of %d agree, best logit within %.2g", agree, len(r.IDs), worst)
				if agree != len(r.IDs) || worst > 5e-3 {
					t.Errorf("%d of %d positions agree, best logit off by %.3g", agree, len(r.IDs), worst)
				}
			}
		})
	}
}

// Token by token, in one go and with any number of workers: the same bits.
func TestOneAnswer(t *testing.T) {
	ids := []tokenize.ID{1, 300, 5, 77, 2, 300, 300, 9, 12, 101, 259, 3}
	for _, f := range graph.Families() {
		want := forward(t, tinyNet(t, f, 1), ids)
		for _, workers := range []int{2, 7} {
			if d := cmp.Diff(want, forward(t, tinyNet(t, f, workers), ids)); d != "" {
				t.Fatalf("%s with %d workers: %s", f, workers, d)
			}
		}
		n := tinyNet(t, f, 1)
		s := n.New()
		for i, id := range ids {
			got, err := n.Last(s, []tokenize.ID{id})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want[i], got); d != "" {
				t.Fatalf("%s token %d alone: %s", f, i, d)
			}
		}
		if s.Len() != len(ids) {
			t.Errorf("sequence has %d tokens", s.Len())
		}
	}
}

func TestBadInputIsTold(t *testing.T) {
	n := tinyNet(t, graph.Llama, 1)
	for _, ids := range [][]tokenize.ID{nil, {-1}, {320}, make([]tokenize.ID, 129)} {
		_, err := n.Forward(n.New(), ids)
		var d diag.Diagnostic
		if !errors.As(err, &d) || d.Cure == "" {
			t.Errorf("%d tokens: %v", len(ids), err)
		}
	}
}
