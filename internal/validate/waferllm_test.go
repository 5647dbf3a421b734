package validate

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"
)

// TestWaferLLM runs configurations of a checkout named by WAFERLLM, listed in
// WAFERLLM_CONFIGS; it is how figures are looked at by hand.
func TestWaferLLM(t *testing.T) {
	root := os.Getenv("WAFERLLM")
	if root == "" {
		t.Skip("WAFERLLM names no checkout")
	}
	configs := os.Getenv("WAFERLLM_CONFIGS")
	if configs == "" {
		configs = "test"
	}
	for name := range strings.SplitSeq(configs, ",") {
		begin := time.Now()
		r, err := decodeRun(root, name)
		if err != nil {
			t.Fatal(err)
		}
		r.workers = 2
		r.warm = 0
		r.compiled = func() { t.Logf("%s: compiled after %.1f s", name, time.Since(begin).Seconds()) }
		out, err := r.measure(context.Background(), root)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: max %.0f mean %.0f cycles a layer, %.1f s", name, out.Max, out.Mean, time.Since(begin).Seconds())
	}
}
