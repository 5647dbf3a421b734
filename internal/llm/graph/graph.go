// Package graph describes language models: one immutable Model value for the
// shape and the arithmetic of a network, and the list of its named tensors.
//
// In: GGUF metadata, a config.json, or the name of a published model. Out: a
// Model, and a Checkpoint that reads its weights by role and layer whatever the
// file calls them. Everything that runs, places or costs a model reads these
// fields and never asks for the family.
package graph

import "math"

// Family names an architecture, spelt as in GGUF files.
type Family string

// The families that are understood.
const (
	Llama  Family = "llama"
	Qwen2  Family = "qwen2"
	Qwen3  Family = "qwen3"
	Gemma  Family = "gemma"
	Gemma2 Family = "gemma2"
	Gemma3 Family = "gemma3"
)

// Families lists what Open understands.
func Families() []Family { return []Family{Llama, Qwen2, Qwen3, Gemma, Gemma2, Gemma3} }

// Activation is the function between the two halves of the feed-forward block.
type Activation uint8

// The activations.
const (
	SiLU     Activation = iota // x·sigmoid(x): SwiGLU
	GELUTanh                   // the tanh form of GELU: GeGLU
)

// Layout says which two values of a head a rotation turns together.
type Layout uint8

// The layouts. Query and key rows of a Llama model are stored for Adjacent in
// GGUF and for Halves in safetensors; the result is the same.
const (
	Adjacent Layout = iota // values 2i and 2i+1
	Halves                 // values i and i+dim/2
)

// Model is the shape and arithmetic of a decoder-only transformer. A zero value
// in an optional field means that the step does not exist.
type Model struct {
	Name   string `json:"name"`
	Family Family `json:"family"`

	Vocab   int `json:"vocab"`
	Context int `json:"context"` // the longest sequence it was trained for
	Dim     int `json:"dim"`     // width of the residual stream
	Layers  int `json:"layers"`
	Heads   int `json:"heads"`    // query heads
	KVHeads int `json:"kv_heads"` // key and value heads; divides Heads
	HeadDim int `json:"head_dim"`
	FFN     int `json:"ffn"` // inner width of the feed-forward block

	NormEps    float32    `json:"norm_eps"`
	NormOffset float32    `json:"norm_offset,omitempty"` // added to stored norm weights
	Activation Activation `json:"activation,omitempty"`
	Rope       Rope       `json:"rope"`

	QKVBias  bool `json:"qkv_bias,omitempty"`
	QKNorm   bool `json:"qk_norm,omitempty"`   // RMSNorm on each query and key head
	PostNorm bool `json:"post_norm,omitempty"` // RMSNorm on what a block adds
	TiedHead bool `json:"tied_head,omitempty"` // the embedding is the head

	EmbedScale float32 `json:"embed_scale"`         // factor on embeddings
	AttnScale  float32 `json:"attn_scale"`          // factor on q·k
	AttnCap    float32 `json:"attn_cap,omitempty"`  // cap·tanh(x/cap) on scores
	LogitCap   float32 `json:"logit_cap,omitempty"` // the same on logits

	// Window limits attention on all layers but every WindowEvery-th to that
	// many positions, the current one included; those layers use LocalRope.
	Window      int  `json:"window,omitempty"`
	WindowEvery int  `json:"window_every,omitempty"` // 0: every layer has the window
	LocalRope   Rope `json:"local_rope,omitzero"`
}

// LayerWindow is how many positions layer l looks at; 0 means all.
func (m Model) LayerWindow(l int) int {
	if m.Window == 0 || (m.WindowEvery > 0 && (l+1)%m.WindowEvery == 0) {
		return 0
	}
	return m.Window
}

// LayerRope is the rotation that layer l uses.
func (m Model) LayerRope(l int) Rope {
	if m.LayerWindow(l) > 0 && m.LocalRope.Base != 0 {
		return m.LocalRope
	}
	return m.Rope
}

// QWidth is the width of all query heads, KVWidth of all key or value heads.
func (m Model) QWidth() int { return m.Heads * m.HeadDim }

// KVWidth is the width of all key heads, and of all value heads.
func (m Model) KVWidth() int { return m.KVHeads * m.HeadDim }

// Params counts the weights, a tied head once.
func (m Model) Params() int64 {
	var n int64
	for _, t := range m.Tensors() {
		n += int64(t.Rows) * int64(t.Cols)
	}
	return n
}

// KVPerToken counts the numbers that one token adds to the cache of all layers.
func (m Model) KVPerToken() int64 { return 2 * int64(m.KVWidth()) * int64(m.Layers) }

// Rope is a rotary position embedding.
type Rope struct {
	Base   float64 `json:"base"`
	Dim    int     `json:"dim"` // values of a head that are turned
	Layout Layout  `json:"layout,omitempty"`

	// Linear divides every frequency; 0 and 1 mean none.
	Linear float64 `json:"linear,omitempty"`
	// Long stretches low frequencies as Llama 3.1 does; a zero Factor means none.
	Long Long `json:"long,omitzero"`
	// Divisors, if present, divide the frequencies one by one (the tensor
	// rope_freqs.weight of GGUF files, which already contains Long).
	Divisors []float32 `json:"divisors,omitempty"`
}

// Long is the "llama3" scaling rule: wavelengths longer than Context/Low are
// stretched by Factor, those shorter than Context/High stay, and between the two
// the rule changes smoothly.
type Long struct {
	Factor  float64 `json:"factor"`
	Low     float64 `json:"low"`
	High    float64 `json:"high"`
	Context float64 `json:"context"`
}

// Frequencies gives the angle per position of each of the Dim/2 pairs.
func (r Rope) Frequencies() []float64 {
	out := make([]float64, r.Dim/2)
	for i := range out {
		f := math.Pow(r.Base, -2*float64(i)/float64(r.Dim))
		if i < len(r.Divisors) {
			f /= float64(r.Divisors[i])
		} else if r.Long.Factor > 0 {
			f = r.Long.apply(f)
		}
		if r.Linear > 0 {
			f /= r.Linear
		}
		out[i] = f
	}
	return out
}

func (s Long) apply(f float64) float64 {
	waves := s.Context * f / (2 * math.Pi) // wavelengths in the old context
	switch {
	case waves > s.High:
		return f
	case waves < s.Low:
		return f / s.Factor
	}
	keep := (waves - s.Low) / (s.High - s.Low)
	return float64((1-keep)*f/s.Factor) + float64(keep*f)
}
