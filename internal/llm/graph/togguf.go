package graph

import "wafer/internal/llm/gguf"

// GGUFPairs is the metadata from which FromGGUF reads m again, for models that
// Wafer writes itself. Divisors of the rotation go into a tensor: see GGUFRope.
func (m Model) GGUFPairs() []gguf.Pair {
	a := string(m.Family) + "."
	u := func(name string, v int) gguf.Pair { return gguf.Pair{Key: a + name, Value: uint32(v)} }
	f := func(name string, v float64) gguf.Pair { return gguf.Pair{Key: a + name, Value: float32(v)} }
	out := []gguf.Pair{
		{Key: "general.architecture", Value: string(m.Family)},
		{Key: "general.name", Value: m.Name},
		u("context_length", m.Context), u("embedding_length", m.Dim), u("block_count", m.Layers),
		u("feed_forward_length", m.FFN), u("attention.head_count", m.Heads), u("attention.head_count_kv", m.KVHeads),
		u("attention.key_length", m.HeadDim), u("attention.value_length", m.HeadDim),
		u("rope.dimension_count", m.Rope.Dim), u("vocab_size", m.Vocab),
		f("attention.layer_norm_rms_epsilon", float64(m.NormEps)), f("rope.freq_base", m.Rope.Base),
	}
	if m.Rope.Linear > 0 {
		out = append(out, gguf.Pair{Key: a + "rope.scaling.type", Value: "linear"}, f("rope.scaling.factor", m.Rope.Linear))
	}
	if m.Window > 0 {
		out = append(out, u("attention.sliding_window", m.Window))
	}
	if m.AttnCap > 0 {
		out = append(out, f("attn_logit_softcapping", float64(m.AttnCap)))
	}
	if m.LogitCap > 0 {
		out = append(out, f("final_logit_softcapping", float64(m.LogitCap)))
	}
	return out
}

// GGUFRope is the tensor of rotation divisors, if m has any.
func (m Model) GGUFRope() []gguf.Blob {
	if len(m.Rope.Divisors) == 0 {
		return nil
	}
	return []gguf.Blob{gguf.FloatBlob("rope_freqs.weight", []int{len(m.Rope.Divisors)}, m.Rope.Divisors)}
}
