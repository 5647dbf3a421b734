package ref_test

import (
	"testing"

	"wafer/internal/llm/llmtest"
)

// The long suite (WAFER_LONG_TESTS=1) compares whole real models with llama.cpp.
//
// Each model has two records for the same tokens: first llama.cpp on the
// published file, then llama.cpp on the same weights widened to F32. The two
// differ because llama.cpp also rounds *activations* to 8 bits (Q8_0, Q8_K)
// where a weight is quantised: it agrees with itself on only 97.0 % (SmolLM2)
// and 95.8 % (Gemma 3) of positions. We compute with the weights of the file and
// do not round activations, so F32 is the measure and 99 % must agree; what is
// left is its f16 cache of keys and values (measured: all positions agree, best
// logit within 0.012 and 0.016). The published path is held to what llama.cpp
// reaches against itself. Gemma's text is longer than its window of 512.
func TestRealModelsAgree(t *testing.T) {
	if !llmtest.Long() {
		t.Skip("long suite: set WAFER_LONG_TESTS=1")
	}
	for _, c := range []struct {
		model string
		file  float64 // least share of equal best tokens against the file
	}{
		{llmtest.SmolLM2, 0.96},
		{llmtest.Gemma3, 0.95},
	} {
		t.Run(c.model, func(t *testing.T) {
			n, _ := load(t, c.model)
			r := llmtest.Records(t, c.model)
			ids := r[0].IDs
			logits := forward(t, n, ids)
			for i, limit := range []struct{ share, bound float64 }{{c.file, 1.5}, {0.99, 0.05}} {
				agree, worst := compare(r[i], logits)
				share := float64(agree) / float64(len(ids))
				t.Logf("%s: %d of %d positions agree (%.1f %%), best logit within %.3f", []string{"file", "F32"}[i], agree, len(ids), 100*share, worst)
				if share < limit.share || worst > limit.bound {
					t.Errorf("want %.3f of positions and logits within %.3f", limit.share, limit.bound)
				}
			}
		})
	}
}
