// Package llmtest helps the tests of the language-model packages: it finds real
// weights where there are any and makes tiny models with random weights where
// there are none.
//
// In: a file name or a family. Out: a path, or the bytes of a GGUF file. It is
// imported by tests only.
package llmtest

import (
	"os"
	"path/filepath"
	"testing"
)

// The real models that tests know, by the file names they are published under.
const (
	Stories = "stories260Ktok512.gguf"
	SmolLM2 = "SmolLM2-135M-Instruct.Q4_1.gguf"
	Gemma3  = "gemma-3-270m-q4_k_m.gguf"
)

// Long reports whether the long suite was asked for, with WAFER_LONG_TESTS=1.
// It runs whole models of some hundred million weights against recorded results
// of llama.cpp and takes minutes.
func Long() bool { return os.Getenv("WAFER_LONG_TESTS") != "" }

// Model gives the path of a test model, or skips the test and says why. It looks
// in the directory WAFER_TEST_MODELS, in ../shared/models beside the repository
// and where `wafer model pull` stores what it fetched.
func Model(t testing.TB, name string) string {
	t.Helper()
	for _, dir := range dirs() {
		p := filepath.Join(dir, name)
		if _, err := os.Stat(p); err == nil {
			return p
		}
		// Pulled models lie in a directory of their own.
		if m, _ := filepath.Glob(filepath.Join(dir, "*", name)); len(m) > 0 {
			return m[0]
		}
	}
	t.Skipf("no %s: set WAFER_TEST_MODELS to a directory that holds it, or run wafer model pull", name)
	return ""
}

func dirs() []string {
	var out []string
	if d := os.Getenv("WAFER_TEST_MODELS"); d != "" {
		out = append(out, d)
	}
	if root, ok := root(); ok {
		out = append(out, filepath.Join(root, "..", "shared", "models"))
	}
	if d, err := os.UserCacheDir(); err == nil {
		out = append(out, filepath.Join(d, "wafer", "models"))
	}
	return out
}

// root finds the directory of go.mod above the package under test.
func root() (string, bool) {
	d, err := os.Getwd()
	for err == nil {
		if _, e := os.Stat(filepath.Join(d, "go.mod")); e == nil {
			return d, true
		}
		up := filepath.Dir(d)
		if up == d {
			break
		}
		d = up
	}
	return "", false
}
