package graph

import "fmt"

// Role says what a tensor is for.
type Role uint8

// The roles. Matrices have one row per output.
const (
	Embed Role = iota
	OutNorm
	Head
	AttnNorm
	Q
	K
	V
	O
	QBias
	KBias
	VBias
	QNorm
	KNorm
	PostAttnNorm
	FFNNorm
	Gate
	Up
	Down
	PostFFNNorm
	roles // how many there are
)

// roleNames are for people; the files' own names are in names.go.
func roleNames() [roles]string {
	return [roles]string{
		"embedding", "output norm", "head", "attention norm", "query", "key", "value",
		"attention output", "query bias", "key bias", "value bias", "query norm", "key norm",
		"norm after attention", "feed-forward norm", "gate", "up", "down", "norm after feed-forward",
	}
}

// String names the role for a person.
func (r Role) String() string {
	if r >= roles {
		return fmt.Sprintf("role %d", uint8(r))
	}
	return roleNames()[r]
}

// Whole is the layer of tensors that belong to no layer.
const Whole = -1

// Tensor is one weight of a model: Rows outputs by Cols inputs. Vectors have one
// row.
type Tensor struct {
	Role  Role
	Layer int // Whole for embedding, output norm and head
	Rows  int
	Cols  int
}

// Tensors lists every weight in the order in which a forward pass uses them.
func (m Model) Tensors() []Tensor {
	out := []Tensor{{Embed, Whole, m.Vocab, m.Dim}}
	for l := range m.Layers {
		out = m.layer(out, l)
	}
	out = append(out, Tensor{OutNorm, Whole, 1, m.Dim})
	if !m.TiedHead {
		out = append(out, Tensor{Head, Whole, m.Vocab, m.Dim})
	}
	return out
}

func (m Model) layer(out []Tensor, l int) []Tensor {
	q, kv := m.QWidth(), m.KVWidth()
	add := func(is bool, r Role, rows, cols int) {
		if is {
			out = append(out, Tensor{r, l, rows, cols})
		}
	}
	add(true, AttnNorm, 1, m.Dim)
	add(true, Q, q, m.Dim)
	add(true, K, kv, m.Dim)
	add(true, V, kv, m.Dim)
	add(m.QKVBias, QBias, 1, q)
	add(m.QKVBias, KBias, 1, kv)
	add(m.QKVBias, VBias, 1, kv)
	add(m.QKNorm, QNorm, 1, m.HeadDim)
	add(m.QKNorm, KNorm, 1, m.HeadDim)
	add(true, O, m.Dim, q)
	add(m.PostNorm, PostAttnNorm, 1, m.Dim)
	add(true, FFNNorm, 1, m.Dim)
	add(true, Gate, m.FFN, m.Dim)
	add(true, Up, m.FFN, m.Dim)
	add(true, Down, m.Dim, m.FFN)
	add(m.PostNorm, PostFFNNorm, 1, m.Dim)
	return out
}

// GGUFName is what GGUF files call a tensor.
func GGUFName(r Role, layer int) string {
	names := [roles]string{
		"token_embd.weight", "output_norm.weight", "output.weight", "attn_norm.weight", "attn_q.weight",
		"attn_k.weight", "attn_v.weight", "attn_output.weight", "attn_q.bias", "attn_k.bias", "attn_v.bias",
		"attn_q_norm.weight", "attn_k_norm.weight", "post_attention_norm.weight", "ffn_norm.weight",
		"ffn_gate.weight", "ffn_up.weight", "ffn_down.weight", "post_ffw_norm.weight",
	}
	if layer == Whole {
		return names[r]
	}
	return fmt.Sprintf("blk.%d.%s", layer, names[r])
}

// HFName is what safetensors files call a tensor. Families with norms after the
// blocks use "post_attention_layernorm" for one of those and have another name
// for the norm before the feed-forward block.
func HFName(m Model, r Role, layer int) string {
	names := [roles]string{
		"model.embed_tokens.weight", "model.norm.weight", "lm_head.weight", "input_layernorm.weight", "self_attn.q_proj.weight",
		"self_attn.k_proj.weight", "self_attn.v_proj.weight", "self_attn.o_proj.weight", "self_attn.q_proj.bias", "self_attn.k_proj.bias", "self_attn.v_proj.bias",
		"self_attn.q_norm.weight", "self_attn.k_norm.weight", "post_attention_layernorm.weight", "post_attention_layernorm.weight",
		"mlp.gate_proj.weight", "mlp.up_proj.weight", "mlp.down_proj.weight", "post_feedforward_layernorm.weight",
	}
	if m.PostNorm {
		names[FFNNorm] = "pre_feedforward_layernorm.weight"
	}
	if layer == Whole {
		return names[r]
	}
	return fmt.Sprintf("model.layers.%d.%s", layer, names[r])
}
