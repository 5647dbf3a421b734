package llmtest

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"wafer/internal/llm/tokenize"
)

// Record is what llama.cpp (npm package node-llama-cpp 3.22.1, CPU) answered for a
// fixed sequence of tokens: after each the best next token and its logit; then what
// greedy decoding added.
type Record struct {
	IDs    []tokenize.ID
	Argmax []tokenize.ID
	Logit  []float64
	Greedy []tokenize.ID
}

// Records reads those of a model from the testdata of package ref, for the packages
// beside it.
func Records(t testing.TB, name string) []Record {
	t.Helper()
	raw, err := os.ReadFile("../ref/testdata/" + strings.TrimSuffix(name, ".gguf") + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var out []Record
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}
