package graph

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wafer/internal/diag"
	"wafer/internal/llm/gguf"
)

// Parameter counts as the authors state them: papers (Llama 2 table 1, Llama 3
// table 3, Qwen2 table 1, Gemma 2 table 2 with embeddings) and model cards.
func TestPublishedTotals(t *testing.T) {
	for name, billions := range map[string]float64{
		"llama-2-7b": 6.738, "llama-2-13b": 13.016, "llama-2-70b": 68.977, "llama-3.1-8b": 8.030,
		"llama-3.1-70b": 70.554, "llama-3.1-405b": 405.853, "llama-3.2-1b": 1.236, "llama-3.2-3b": 3.213,
		"tinyllama-1.1b": 1.100, "codellama-34b": 33.744, "mistral-7b-v0.3": 7.248,
		"smollm2-135m": 0.1345, "smollm2-360m": 0.3618, "smollm2-1.7b": 1.711,
		"qwen2-7b": 7.616, "qwen2-72b": 72.706, "qwen2.5-0.5b": 0.494, "qwen2.5-1.5b": 1.544, "qwen2.5-3b": 3.086,
		"qwen2.5-14b": 14.770, "qwen2.5-32b": 32.764, "qwen3-0.6b": 0.596, "qwen3-1.7b": 1.721, "qwen3-4b": 4.022,
		"qwen3-8b": 8.191, "qwen3-14b": 14.768, "qwen3-32b": 32.762,
		"gemma-2-2b": 2.614, "gemma-2-9b": 9.242, "gemma-2-27b": 27.227, "gemma-3-270m": 0.268, "gemma-3-1b": 1.000,
	} {
		m, err := Published(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := float64(m.Params()) / 1e9; math.Abs(got/billions-1) > 0.001 {
			t.Errorf("%s has %.4f billion weights, published %.3f", name, got, billions)
		}
	}
}

func TestPublishedAreValid(t *testing.T) {
	for _, name := range PublishedNames() {
		m, err := Published(name)
		if err == nil {
			err = m.Validate(name)
		}
		if err != nil {
			t.Error(err)
		}
	}
	_, err := Published("llama-3.1-8")
	wantDiag(t, err, codeName, "llama-3.1-8", "llama-3.1-8b")
}

func wantDiag(t *testing.T, err error, code diag.Code, text, cure string) {
	t.Helper()
	var d diag.Diagnostic
	if !errors.As(err, &d) || d.Code != code || !strings.Contains(d.Message, text) || !strings.Contains(d.Cure, cure) {
		t.Errorf("got %v, want %s with %q and cure %q", err, code, text, cure)
	}
}

func TestWindows(t *testing.T) {
	m, _ := Published("gemma-3-1b")
	var got []int
	for l := range 7 {
		got = append(got, m.LayerWindow(l))
	}
	if d := cmp.Diff([]int{512, 512, 512, 512, 512, 0, 512}, got); d != "" {
		t.Error(d)
	}
	if m.LayerRope(0).Base != 1e4 || m.LayerRope(5).Base != 1e6 {
		t.Error("local and global layers turn at the wrong rate")
	}
	m, _ = Published("gemma-2-2b")
	if m.LayerWindow(0) != 4096 || m.LayerWindow(1) != 0 {
		t.Error("Gemma 2 alternates, local first")
	}
}

// The three ranges of the llama3 rule, at wavelengths where the answer is known.
func TestLongRope(t *testing.T) {
	s := Long{Factor: 8, Low: 1, High: 4, Context: 8192}
	turns := func(n float64) float64 { return n * 2 * math.Pi / 8192 } // n turns in the old context
	for in, want := range map[float64]float64{turns(5): 1, turns(0.5): 1. / 8, turns(2.5): 0.5/8 + 0.5} {
		if got := s.apply(in) / in; math.Abs(got-want) > 1e-12 {
			t.Errorf("frequency %v is multiplied by %v, want %v", in, got, want)
		}
	}
}

// config.json texts with the fields that the published files have.
func TestFromHF(t *testing.T) {
	for name, raw := range map[string]string{
		"llama-3.1-8b": `{"model_type":"llama","vocab_size":128256,"max_position_embeddings":131072,"hidden_size":4096,"num_hidden_layers":32,"num_attention_heads":32,"num_key_value_heads":8,"intermediate_size":14336,"rms_norm_eps":1e-05,"rope_theta":500000.0,"tie_word_embeddings":false,"attention_bias":false,"rope_scaling":{"factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":8192,"rope_type":"llama3"}}`,
		"qwen2-72b":    `{"model_type":"qwen2","vocab_size":152064,"max_position_embeddings":131072,"hidden_size":8192,"num_hidden_layers":80,"num_attention_heads":64,"num_key_value_heads":8,"intermediate_size":29568,"rms_norm_eps":1e-06,"rope_theta":1000000.0,"tie_word_embeddings":false,"use_sliding_window":false,"sliding_window":131072}`,
		"qwen3-0.6b":   `{"model_type":"qwen3","vocab_size":151936,"max_position_embeddings":40960,"hidden_size":1024,"num_hidden_layers":28,"num_attention_heads":16,"num_key_value_heads":8,"head_dim":128,"intermediate_size":3072,"rms_norm_eps":1e-06,"rope_theta":1000000,"tie_word_embeddings":true,"use_sliding_window":false}`,
		"gemma-2-2b":   `{"model_type":"gemma2","vocab_size":256000,"max_position_embeddings":8192,"hidden_size":2304,"num_hidden_layers":26,"num_attention_heads":8,"num_key_value_heads":4,"head_dim":256,"intermediate_size":9216,"rms_norm_eps":1e-06,"rope_theta":10000.0,"query_pre_attn_scalar":256,"sliding_window":4096,"attn_logit_softcapping":50.0,"final_logit_softcapping":30.0}`,
		"gemma-3-4b":   `{"model_type":"gemma3","text_config":{"model_type":"gemma3_text","vocab_size":262208,"max_position_embeddings":131072,"hidden_size":2560,"num_hidden_layers":34,"num_attention_heads":8,"num_key_value_heads":4,"head_dim":256,"intermediate_size":10240,"rms_norm_eps":1e-06,"rope_theta":1000000.0,"rope_local_base_freq":10000.0,"query_pre_attn_scalar":256,"sliding_window":1024,"sliding_window_pattern":6,"rope_scaling":{"factor":8.0,"rope_type":"linear"}}}`,
		"gemma-3-12b":  `{"model_type":"gemma3_text","vocab_size":262208,"max_position_embeddings":131072,"hidden_size":3840,"num_hidden_layers":48,"num_attention_heads":16,"num_key_value_heads":8,"head_dim":256,"intermediate_size":15360,"rms_norm_eps":1e-06,"query_pre_attn_scalar":256,"sliding_window":1024,"hidden_activation":"gelu_pytorch_tanh","layer_types":[` + strings.Repeat(strings.Repeat(`"sliding_attention",`, 5)+`"full_attention",`, 7) + strings.Repeat(`"sliding_attention",`, 5) + `"full_attention"],"rope_parameters":{"full_attention":{"rope_type":"linear","factor":8.0,"rope_theta":1000000.0},"sliding_attention":{"rope_type":"default","rope_theta":10000.0}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			got, err := FromHF([]byte(raw), "config.json")
			if err != nil {
				t.Fatal(err)
			}
			want, _ := Published(name)
			got.Name = want.Name
			got.NormOffset = 0 // a property of the file, not of the shape
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("-published +config.json:\n%s", d)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	const base = `"vocab_size":10,"max_position_embeddings":10,"hidden_size":8,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":8,"rms_norm_eps":1e-5`
	for _, c := range []struct {
		name, raw string
		code      diag.Code
		text      string
	}{
		{"no JSON", `{`, codeKey, "cannot be read"},
		{"family", `{"model_type":"lama"}`, codeFamily, `"lama"`},
		{"missing", `{"model_type":"llama"}`, codeKey, "vocabulary is 0"},
		{"quantised", `{"model_type":"llama","quantization_config":{}}`, codeFeature, "quantised"},
		{"yarn", `{"model_type":"llama",` + base + `,"rope_scaling":{"type":"yarn"}}`, codeFeature, "yarn"},
		{"heads", `{"model_type":"llama",` + base + `,"num_key_value_heads":3}`, codeKey, "evenly"},
		{"experts", `{"model_type":"llama",` + base + `,"num_local_experts":8}`, codeFeature, "8 experts"},
		{"activation", `{"model_type":"llama",` + base + `,"hidden_act":"relu"}`, codeFeature, "relu"},
		{"partial window", `{"model_type":"qwen2",` + base + `,"use_sliding_window":true,"sliding_window":4}`, codeFeature, "use_sliding_window"},
		{"layer order", `{"model_type":"gemma2",` + base + `,"sliding_window":4,"layer_types":["sliding_attention","full_attention","full_attention"]}`, codeFeature, "layer 2"},
		{"huge", `{"model_type":"llama",` + strings.Replace(base, `"hidden_size":8`, `"hidden_size":99999999`, 1) + `}`, codeKey, "99999999"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := FromHF([]byte(c.raw), "config.json")
			wantDiag(t, err, c.code, c.text, "")
		})
	}
}

func writeGGUF(t *testing.T, pairs []gguf.Pair, blobs ...gguf.Blob) error {
	t.Helper()
	var b bytes.Buffer
	if err := gguf.Write(&b, pairs, blobs); err != nil {
		t.Fatal(err)
	}
	f, err := gguf.Read(bytes.NewReader(b.Bytes()), int64(b.Len()), "m.gguf")
	if err != nil {
		t.Fatal(err)
	}
	_, err = FromFile(f)
	return err
}

func TestGGUFRefusals(t *testing.T) {
	m := Model{Family: Llama, Vocab: 4, Context: 8, Dim: 4, Layers: 1, Heads: 2, KVHeads: 1, HeadDim: 2, FFN: 4, NormEps: 1e-5, Rope: Rope{Base: 1e4, Dim: 2}}
	arch := func(v string) []gguf.Pair { return []gguf.Pair{{Key: "general.architecture", Value: v}} }
	embed := gguf.FloatBlob("token_embd.weight", []int{4, 4}, make([]float32, 16))
	wantDiag(t, writeGGUF(t, nil), codeKey, "general.architecture", "")
	wantDiag(t, writeGGUF(t, arch("gemma4")), codeFamily, `"gemma4"`, "nearest known family: gemma")
	wantDiag(t, writeGGUF(t, arch("llama")), codeKey, "llama.context_length is missing", "")
	wantDiag(t, writeGGUF(t, m.GGUFPairs(), embed), codeTensor, "10 tensors are missing: blk.0.attn_norm.weight", "")
	wide := gguf.FloatBlob("blk.0.attn_k.weight", []int{4, 4}, make([]float32, 16))
	wantDiag(t, writeGGUF(t, m.GGUFPairs(), embed, wide), codeTensor, `"blk.0.attn_k.weight" (key) is 4 × 4 and the description of the model asks for 2 × 4`, "")
	wantDiag(t, writeGGUF(t, append(m.GGUFPairs(), gguf.Pair{Key: "llama.expert_count", Value: uint32(8)}), embed), codeFeature, "8 experts", "")
	wantDiag(t, writeGGUF(t, append(m.GGUFPairs(), gguf.Pair{Key: "llama.rope.scaling.type", Value: "yarn"}), embed), codeFeature, "yarn", "")
	m.Layers = -1
	wantDiag(t, writeGGUF(t, m.GGUFPairs(), embed), codeKey, "llama.block_count is 4294967295", "")
}

func TestPatternOfGGUF(t *testing.T) {
	pattern := func(v any) (Model, error) {
		m := Model{Family: Gemma3, Vocab: 4, Context: 8, Dim: 4, Layers: 4, Heads: 2, KVHeads: 1, HeadDim: 2, FFN: 4, NormEps: 1e-5, Window: 4, Rope: Rope{Base: 1e4, Dim: 2}}
		var b bytes.Buffer
		pairs := append(m.GGUFPairs(), gguf.Pair{Key: "gemma3.attention.sliding_window_pattern", Value: v})
		if err := gguf.Write(&b, pairs, []gguf.Blob{gguf.FloatBlob("token_embd.weight", []int{4, 4}, make([]float32, 16))}); err != nil {
			t.Fatal(err)
		}
		f, err := gguf.Read(bytes.NewReader(b.Bytes()), int64(b.Len()), "m.gguf")
		if err != nil {
			t.Fatal(err)
		}
		return FromGGUF(f)
	}
	for _, v := range []any{uint32(2), []int32{1, 0, 1, 0}} {
		if m, err := pattern(v); err != nil || m.WindowEvery != 2 {
			t.Errorf("%v: every %d, %v", v, m.WindowEvery, err)
		}
	}
	_, err := pattern([]int32{1, 0, 0, 1})
	wantDiag(t, err, codeFeature, "layer 2", "regular order")
	_, err = pattern([]int32{1})
	wantDiag(t, err, codeKey, "1 entries for 4 layers", "")
}

func TestOpenRefusals(t *testing.T) {
	dir := t.TempDir()
	_, err := Open(filepath.Join(dir, "absent.gguf"))
	wantDiag(t, err, codeFile, "no such file", "wafer model pull")
	_, err = Open(dir)
	wantDiag(t, err, codeFile, "no readable config.json", "GGUF")
	if err := os.WriteFile(filepath.Join(dir, "x.gguf"), []byte("PK"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = Open(filepath.Join(dir, "x.gguf"))
	wantDiag(t, err, "M1001", "2 bytes", "")
}

func FuzzFromHF(f *testing.F) {
	f.Add([]byte(`{"model_type":"gemma2","vocab_size":10,"max_position_embeddings":10,"hidden_size":8,"num_hidden_layers":3,"num_attention_heads":2,"num_key_value_heads":1,"intermediate_size":8,"rms_norm_eps":1e-5,"sliding_window":4,"layer_types":["sliding_attention","full_attention"],"rope_scaling":{"type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":8}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := FromHF(raw, "config.json")
		var d diag.Diagnostic
		if err != nil {
			if !errors.As(err, &d) {
				t.Fatalf("not a diagnostic: %v", err)
			}
			return
		}
		if m.Layers < 1000 && m.Params() < 1 {
			t.Fatalf("an accepted model has %d weights", m.Params())
		}
		for l := range min(m.Layers, 100) {
			m.LayerRope(l).Frequencies()
		}
	})
}
