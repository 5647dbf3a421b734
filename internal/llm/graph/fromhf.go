package graph

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"wafer/internal/llm/safetensors"
)

// maxConfig bounds config.json; real ones have a few kilobytes.
const maxConfig = 4 << 20

// hfConfig holds the fields of config.json that describe the families we know.
// Pointers tell "absent" from zero where the two differ.
type hfConfig struct {
	ModelType      string    `json:"model_type"`
	Vocab          int       `json:"vocab_size"`
	Context        int       `json:"max_position_embeddings"`
	Dim            int       `json:"hidden_size"`
	Layers         int       `json:"num_hidden_layers"`
	Heads          int       `json:"num_attention_heads"`
	KVHeads        int       `json:"num_key_value_heads"`
	HeadDim        int       `json:"head_dim"`
	FFN            int       `json:"intermediate_size"`
	Eps            float64   `json:"rms_norm_eps"`
	Theta          float64   `json:"rope_theta"`
	LocalTheta     float64   `json:"rope_local_base_freq"`
	Tied           *bool     `json:"tie_word_embeddings"`
	AttnBias       bool      `json:"attention_bias"`
	MLPBias        bool      `json:"mlp_bias"`
	Window         int       `json:"sliding_window"`
	UseWindow      *bool     `json:"use_sliding_window"`
	Every          int       `json:"sliding_window_pattern"`
	LayerTypes     []string  `json:"layer_types"`
	AttnCap        float64   `json:"attn_logit_softcapping"`
	LogitCap       float64   `json:"final_logit_softcapping"`
	QueryScalar    float64   `json:"query_pre_attn_scalar"`
	Scaling        *hfRope   `json:"rope_scaling"`
	Text           *hfConfig `json:"text_config"`
	Quantization   any       `json:"quantization_config"`
	Experts        int       `json:"num_local_experts"`
	PartialRotary  float64   `json:"partial_rotary_factor"`
	Act            string    `json:"hidden_act"`
	Activation     string    `json:"hidden_activation"`
	RopeParameters *struct {
		hfRope
		Full    *hfRope `json:"full_attention"` // newer files of families with two rotations
		Sliding *hfRope `json:"sliding_attention"`
	} `json:"rope_parameters"`
}

type hfRope struct {
	Theta   float64 `json:"rope_theta"`
	Type    string  `json:"rope_type"`
	OldType string  `json:"type"`
	Factor  float64 `json:"factor"`
	Low     float64 `json:"low_freq_factor"`
	High    float64 `json:"high_freq_factor"`
	Context float64 `json:"original_max_position_embeddings"`
}

// FromHF reads the description of a model from the text of a config.json.
func FromHF(raw []byte, file string) (Model, error) {
	var c hfConfig
	if err := json.Unmarshal(raw, &c); err != nil {
		return Model{}, mistake(file, codeKey, "download the file again", "config.json cannot be read: %v", err)
	}
	if c.Text != nil { // the language half of a model that also sees
		kind := c.Text.ModelType
		c = *c.Text
		c.ModelType = strings.TrimSuffix(kind, "_text")
	}
	family := Family(strings.TrimSuffix(c.ModelType, "_text"))
	if family == "mistral" {
		family = Llama // the same arithmetic
	}
	if !slices.Contains(Families(), family) {
		return Model{}, unknownFamily(file, c.ModelType)
	}
	if err := c.refuse(file); err != nil {
		return Model{}, err
	}
	m := Model{
		Family: family, Vocab: c.Vocab, Context: c.Context, Dim: c.Dim, Layers: c.Layers,
		Heads: c.Heads, KVHeads: c.KVHeads, HeadDim: c.HeadDim, FFN: c.FFN, NormEps: float32(c.Eps),
		AttnCap: float32(c.AttnCap), LogitCap: float32(c.LogitCap),
		Rope: Rope{Base: c.Theta, Layout: Halves},
	}
	m.habits()
	if c.Tied != nil {
		m.TiedHead = *c.Tied
	}
	if m.Activation == GELUTanh {
		m.NormOffset = 1 // Gemma's files store w and its norms multiply by 1 + w
	}
	if err := c.window(&m, file); err != nil {
		return Model{}, err
	}
	for _, act := range []string{c.Act, c.Activation} {
		if act != "" && !slices.Contains(m.activationNames(), act) {
			return Model{}, mistake(file, codeFeature, "", "the activation %q is not the one of the family %s", act, family)
		}
	}
	if c.QueryScalar > 0 {
		m.AttnScale = rsqrt(c.QueryScalar)
	}
	if err := c.rope(&m, file); err != nil {
		return Model{}, err
	}
	m.derive()
	return m, m.Validate(file)
}

func (c *hfConfig) refuse(file string) error {
	switch {
	case c.Quantization != nil:
		return mistake(file, codeFeature, "use the unquantised weights, or a GGUF file", "the weights are quantised in a way that is not understood in safetensors files")
	case c.Experts > 0:
		return mistake(file, codeFeature, "use a dense model", "the model is a mixture of %d experts, which is not understood", c.Experts)
	case c.AttnBias:
		return mistake(file, codeFeature, "", "a bias on the attention output (attention_bias) is not understood")
	case c.MLPBias:
		return mistake(file, codeFeature, "", "biases in the feed-forward block are not understood")
	case c.PartialRotary != 0 && c.PartialRotary != 1:
		return mistake(file, codeFeature, "", "a partial_rotary_factor of %v is not understood", c.PartialRotary)
	}
	return nil
}

// activationNames lists the names that config files give to m's activation.
func (m *Model) activationNames() []string {
	if m.Activation == GELUTanh {
		// The first Gemma files say "gelu"; their code computes the tanh form.
		return []string{"gelu_pytorch_tanh", "gelu"}
	}
	return []string{"silu"}
}

// window reads which layers look at how much.
func (c *hfConfig) window(m *Model, file string) error {
	if c.UseWindow == nil || *c.UseWindow {
		m.Window = c.Window
	}
	if c.UseWindow != nil && *c.UseWindow && c.LayerTypes == nil && m.Window > 0 && m.Window < m.Context {
		return mistake(file, codeFeature, "set use_sliding_window to false, as published", "a window on some of the layers (use_sliding_window) is not understood")
	}
	if c.Every > 0 {
		m.WindowEvery = c.Every
	}
	if c.LocalTheta > 0 {
		m.LocalRope.Base = c.LocalTheta
	}
	if m.Window == 0 || c.LayerTypes == nil {
		return nil
	}
	local := make([]bool, len(c.LayerTypes))
	for l, kind := range c.LayerTypes {
		local[l] = kind != "full_attention"
	}
	return m.setPattern(local, file)
}

func (c *hfConfig) rope(m *Model, file string) error {
	s := c.Scaling
	if p := c.RopeParameters; p != nil {
		s = &p.hfRope
		if p.Full != nil {
			s = p.Full
		}
		if p.Sliding != nil && p.Sliding.Theta > 0 {
			m.LocalRope.Base = p.Sliding.Theta
		}
	}
	if s != nil && s.Theta > 0 {
		m.Rope.Base = s.Theta
	}
	if s == nil {
		return nil
	}
	kind := s.Type
	if kind == "" {
		kind = s.OldType
	}
	switch kind {
	case "", "default":
	case "linear":
		m.Rope.Linear = s.Factor
	case "llama3":
		m.Rope.Long = Long{s.Factor, s.Low, s.High, s.Context}
		if !(s.Factor > 0 && s.High > s.Low && s.Context > 0) {
			return mistake(file, codeKey, "", "the llama3 rotation scaling %+v is not possible", m.Rope.Long)
		}
	default:
		return mistake(file, codeFeature, "use a model with linear or llama3 scaling", "the rotation scaling %q is not understood", kind)
	}
	return nil
}

func openHF(path string, isDir bool) (*Checkpoint, error) {
	dir := path
	if !isDir {
		dir = filepath.Dir(path)
	}
	config := filepath.Join(dir, "config.json")
	raw, err := readLimited(config)
	if err != nil {
		return nil, mistake(config, codeFile, "put config.json beside the weights, or use a GGUF file", "the directory has no readable config.json: %v", err)
	}
	m, err := FromHF(raw, config)
	if err != nil {
		return nil, err
	}
	m.Name = filepath.Base(dir)
	weights := dir
	if strings.HasSuffix(path, ".safetensors") {
		weights = path
	}
	s, err := safetensors.Open(weights)
	if err != nil {
		return nil, err
	}
	return finish(&Checkpoint{Model: m, Path: path, source: hfSource{s}})
}

func readLimited(path string) ([]byte, error) {
	h, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	raw, err := io.ReadAll(io.LimitReader(h, maxConfig+1))
	if err == nil && len(raw) > maxConfig {
		return nil, fmt.Errorf("it has more than %d bytes", maxConfig)
	}
	return raw, err
}

type hfSource struct{ s *safetensors.Set }

func (s hfSource) shape(name string) (rows, cols int, format string, ok bool) {
	t, ok := s.s.Tensor(name)
	if !ok || len(t.Shape) == 0 {
		return 0, 0, "", false
	}
	cols = t.Shape[len(t.Shape)-1]
	if cols == 0 {
		return 0, 0, t.Dtype, true
	}
	return t.Elements() / cols, cols, t.Dtype, true
}

func (s hfSource) floats(name string) ([]float32, error) {
	t, _ := s.s.Tensor(name)
	return s.s.Floats(t)
}

func (s hfSource) name(m Model, r Role, layer int) string { return HFName(m, r, layer) }
func (s hfSource) Close() error                           { return s.s.Close() }
