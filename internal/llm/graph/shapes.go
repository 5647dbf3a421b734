package graph

import (
	"slices"
	"strings"

	"wafer/internal/diag"
)

// Published gives the shape of a published model by name, such as
// "llama-3.1-8b": enough to place, time and cost it without weights.
func Published(name string) (Model, error) {
	want := strings.ToLower(strings.TrimSpace(name))
	for _, m := range published() {
		if m.Name == want {
			m.derive()
			return m, nil
		}
	}
	cure := "the published shapes: " + strings.Join(PublishedNames(), ", ")
	if near := diag.Nearest(want, PublishedNames()); near != "" {
		cure = "nearest known name: " + near + "; " + cure
	}
	return Model{}, diag.Diagnostic{Code: codeName, Message: "no published model is called " + name, Cure: cure}
}

// PublishedNames lists what Published knows.
func PublishedNames() []string {
	var out []string
	for _, m := range published() {
		out = append(out, m.Name)
	}
	slices.Sort(out)
	return out
}

// published lists the shapes. Source of every line: the config.json that the
// model's authors publish with the weights; the totals are checked in a test
// against the parameter counts of their papers and model cards.
func published() []Model {
	return slices.Concat(llamas(), qwens(), gemmas())
}

// size is the part of a shape that differs within a family.
type size struct {
	name                                            string
	vocab, context, dim, layers, heads, kv, hd, ffn int
	tied                                            bool
}

func (s size) model(f Family, eps float32, base float64) Model {
	m := Model{
		Name: s.name, Family: f, Vocab: s.vocab, Context: s.context, Dim: s.dim, Layers: s.layers,
		Heads: s.heads, KVHeads: s.kv, HeadDim: s.hd, FFN: s.ffn, TiedHead: s.tied, NormEps: eps,
		Rope: Rope{Base: base, Layout: Halves},
	}
	m.habits()
	m.TiedHead = s.tied
	return m
}

func llamas() []Model {
	var out []Model
	add := func(base float64, long Long, sizes ...size) {
		for _, s := range sizes {
			m := s.model(Llama, 1e-5, base)
			m.Rope.Long = long
			out = append(out, m)
		}
	}
	add(1e4, Long{},
		size{"llama-2-7b", 32000, 4096, 4096, 32, 32, 32, 128, 11008, false},
		size{"llama-2-13b", 32000, 4096, 5120, 40, 40, 40, 128, 13824, false},
		size{"llama-2-70b", 32000, 4096, 8192, 80, 64, 8, 128, 28672, false},
		size{"tinyllama-1.1b", 32000, 2048, 2048, 22, 32, 4, 64, 5632, false})
	add(1e6, Long{},
		size{"codellama-34b", 32000, 16384, 8192, 48, 64, 8, 128, 22016, false},
		size{"mistral-7b-v0.3", 32768, 32768, 4096, 32, 32, 8, 128, 14336, false})
	add(5e5, Long{},
		size{"llama-3-8b", 128256, 8192, 4096, 32, 32, 8, 128, 14336, false},
		size{"llama-3-70b", 128256, 8192, 8192, 80, 64, 8, 128, 28672, false})
	add(5e5, Long{8, 1, 4, 8192},
		size{"llama-3.1-8b", 128256, 131072, 4096, 32, 32, 8, 128, 14336, false},
		size{"llama-3.1-70b", 128256, 131072, 8192, 80, 64, 8, 128, 28672, false},
		size{"llama-3.1-405b", 128256, 131072, 16384, 126, 128, 8, 128, 53248, false},
		size{"llama-3.3-70b", 128256, 131072, 8192, 80, 64, 8, 128, 28672, false})
	add(5e5, Long{32, 1, 4, 8192},
		size{"llama-3.2-1b", 128256, 131072, 2048, 16, 32, 8, 64, 8192, true},
		size{"llama-3.2-3b", 128256, 131072, 3072, 28, 24, 8, 128, 8192, true})
	add(1e5, Long{},
		size{"smollm2-135m", 49152, 8192, 576, 30, 9, 3, 64, 1536, true},
		size{"smollm2-360m", 49152, 8192, 960, 32, 15, 5, 64, 2560, true})
	add(1.3e5, Long{},
		size{"smollm2-1.7b", 49152, 8192, 2048, 24, 32, 32, 64, 8192, true})
	return out
}

func qwens() []Model {
	var out []Model
	for _, s := range []size{
		{"qwen2-7b", 152064, 131072, 3584, 28, 28, 4, 128, 18944, false},
		{"qwen2-72b", 152064, 131072, 8192, 80, 64, 8, 128, 29568, false},
		{"qwen2.5-0.5b", 151936, 32768, 896, 24, 14, 2, 64, 4864, true},
		{"qwen2.5-1.5b", 151936, 131072, 1536, 28, 12, 2, 128, 8960, true},
		{"qwen2.5-3b", 151936, 32768, 2048, 36, 16, 2, 128, 11008, true},
		{"qwen2.5-7b", 152064, 131072, 3584, 28, 28, 4, 128, 18944, false},
		{"qwen2.5-14b", 152064, 131072, 5120, 48, 40, 8, 128, 13824, false},
		{"qwen2.5-32b", 152064, 131072, 5120, 64, 40, 8, 128, 27648, false},
		{"qwen2.5-72b", 152064, 131072, 8192, 80, 64, 8, 128, 29568, false},
	} {
		out = append(out, s.model(Qwen2, 1e-6, 1e6))
	}
	for _, s := range []size{
		{"qwen3-0.6b", 151936, 40960, 1024, 28, 16, 8, 128, 3072, true},
		{"qwen3-1.7b", 151936, 40960, 2048, 28, 16, 8, 128, 6144, true},
		{"qwen3-4b", 151936, 40960, 2560, 36, 32, 8, 128, 9728, true},
		{"qwen3-8b", 151936, 40960, 4096, 36, 32, 8, 128, 12288, false},
		{"qwen3-14b", 151936, 40960, 5120, 40, 40, 8, 128, 17408, false},
		{"qwen3-32b", 151936, 40960, 5120, 64, 64, 8, 128, 25600, false},
	} {
		out = append(out, s.model(Qwen3, 1e-6, 1e6))
	}
	return out
}

func gemmas() []Model {
	var out []Model
	for _, s := range []size{
		{"gemma-2-2b", 256000, 8192, 2304, 26, 8, 4, 256, 9216, true},
		{"gemma-2-9b", 256000, 8192, 3584, 42, 16, 8, 256, 14336, true},
		{"gemma-2-27b", 256000, 8192, 4608, 46, 32, 16, 128, 36864, true},
	} {
		m := s.model(Gemma2, 1e-6, 1e4)
		m.Window, m.AttnCap, m.LogitCap = 4096, 50, 30
		out = append(out, m)
	}
	for _, s := range []size{
		{"gemma-3-270m", 262144, 32768, 640, 18, 4, 1, 256, 2048, true},
		{"gemma-3-1b", 262144, 32768, 1152, 26, 4, 1, 256, 6912, true},
		{"gemma-3-4b", 262208, 131072, 2560, 34, 8, 4, 256, 10240, true},
		{"gemma-3-12b", 262208, 131072, 3840, 48, 16, 8, 256, 15360, true},
		{"gemma-3-27b", 262208, 131072, 5376, 62, 32, 16, 128, 21504, true},
	} {
		m := s.model(Gemma3, 1e-6, 1e6)
		m.Window = 1024
		if s.dim < 2560 {
			m.Window = 512
		} else {
			m.Rope.Linear = 8
		}
		out = append(out, m)
	}
	return out
}
