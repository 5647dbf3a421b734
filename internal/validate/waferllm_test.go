package validate

import (
	"context"
	"fmt"
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
	if g := os.Getenv("WAFERLLM_GEMV"); g != "" {
		gemv(t, root, g)
		return
	}
	for name := range strings.SplitSeq(configs, ",") {
		begin := time.Now()
		profile := "wse2"
		if os.Getenv("WAFERLLM_WSE3") != "" {
			profile = "wse3"
		}
		r, err := decodeRun(root, profile, name)
		if err != nil {
			t.Fatal(err)
		}
		r.workers = 2
		r.compiled = func() { t.Logf("%s: compiled after %.1f s", name, time.Since(begin).Seconds()) }
		out, err := r.measure(context.Background(), root)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: max %.0f mean %.0f cycles a layer, %.1f s", name, out.Max, out.Mean, time.Since(begin).Seconds())
	}
}

// gemv runs products of matrices given as cores a side/size/groups.
func gemv(t *testing.T, root, list string) {
	t.Helper()
	for one := range strings.SplitSeq(list, ",") {
		var p, n, g int
		if _, err := fmt.Sscanf(one, "%d/%d/%d", &p, &n, &g); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		r := gemvRun(p, n, g)
		r.workers = 2
		out, err := r.measure(t.Context(), root)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("gemv %s: max %.0f mean %.0f cycles, %.1f s", one, out.Max, out.Mean, time.Since(begin).Seconds())
	}
}

func TestWaferRows(t *testing.T) {
	if rows := waferRows(""); rows != nil {
		t.Errorf("%d rows without a checkout", len(rows))
	}
	dir := t.TempDir()
	for _, r := range waferRows(dir) {
		if _, err := r.measure(t.Context(), newBench()); err == nil {
			t.Errorf("%s: measured from an empty folder", r.ID)
		}
	}
}
