package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wafer/internal/llm/graph"
	"wafer/internal/llm/llmtest"
)

// Families from a file, the default way and --exact: the same text, and the cycles
// that were measured are those that the simulation of every token takes. Two families
// have most of what Llama has not; the others are for the long suite.
func TestRunFamilies(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir()) // timings are remembered
	families := []graph.Family{graph.Qwen2, graph.Gemma3}
	if llmtest.Long() {
		families = graph.Families()
	}
	for _, f := range families {
		t.Run(string(f), func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "tiny.gguf")
			if err := os.WriteFile(file, llmtest.TinyGGUF(t, f), 0o644); err != nil {
				t.Fatal(err)
			}
			fast, exact := runTiny(t, file, "wse3", false), runTiny(t, file, "wse3", true)
			if fast.Text != exact.Text || fast.Tokens != exact.Tokens || fast.Tokens == 0 {
				t.Errorf("%d tokens, %q; exactly %d, %q", fast.Tokens, fast.Text, exact.Tokens, exact.Text)
			}
			if d := float64(fast.Cycles)/float64(exact.Cycles) - 1; d < -0.02 || d > 0.02 {
				t.Errorf("%d cycles, exactly %d", fast.Cycles, exact.Cycles)
			}
			if llmtest.Long() {
				if old := runTiny(t, file, "wse2", true); old.Text == "" || old.Tokens != fast.Tokens {
					t.Errorf("%d tokens on a wse2, %q", old.Tokens, old.Text)
				}
			}
			var out bytes.Buffer
			show := ModelShowCmd{target: target{Model: file, Machine: "wse3"}}
			if err := show.Run(Streams{Out: &out}); err != nil || !strings.Contains(out.String(), string(f)+" family") {
				t.Errorf("%v\n%s", err, out.String())
			}
		})
	}
}

func runTiny(t *testing.T, file, machine string, exact bool) runSummary {
	t.Helper()
	var out, errs bytes.Buffer
	c := RunCmd{Model: file, Prompt: "ab", Tokens: 10, Machine: machine, Temperature: 0.7, TopP: 0.9, Seed: 1, JSON: true, Exact: exact}
	if err := c.Run(t.Context(), Streams{Out: &out, Err: &errs}); err != nil {
		t.Fatal(err, errs.String())
	}
	var r runSummary
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	return r
}
