package graph

import (
	"slices"
	"strings"

	"wafer/internal/llm/gguf"
)

// FromGGUF reads the description of a model from GGUF metadata.
func FromGGUF(f *gguf.File) (Model, error) {
	arch, ok := f.Str("general.architecture")
	if !ok {
		return Model{}, mistake(f.Name, codeKey, "use a file of a language model", "general.architecture is missing")
	}
	m := Model{Family: Family(arch)}
	if !slices.Contains(Families(), m.Family) {
		return Model{}, unknownFamily(f.Name, arch)
	}
	m.Name, _ = f.Str("general.name")
	k := keys{f: f, arch: arch}
	m.Context = k.need("context_length")
	m.Dim = k.need("embedding_length")
	m.Layers = k.need("block_count")
	m.FFN = k.need("feed_forward_length")
	m.Heads = k.need("attention.head_count")
	m.KVHeads = k.maybe("attention.head_count_kv")
	m.HeadDim = k.maybe("attention.key_length")
	m.NormEps = float32(k.float("attention.layer_norm_rms_epsilon"))
	m.Vocab = vocab(f)
	m.habits()
	// GGUF converters store Gemma's norms as 1 + w, so there is nothing to add.
	_, head := f.Tensor(GGUFName(Head, Whole))
	m.TiedHead = !head
	m.Window = k.maybe("attention.sliding_window")
	m.AttnCap = float32(k.float("attn_logit_softcapping"))
	m.LogitCap = float32(k.float("final_logit_softcapping"))
	k.pattern(&m)
	k.rope(&m)
	m.derive()
	k.refuse(&m)
	if k.err != nil {
		return Model{}, k.err
	}
	return m, m.Validate(f.Name)
}

// keys reads numbers under the architecture's prefix; the first mistake sticks.
type keys struct {
	f    *gguf.File
	arch string
	err  error
}

func (k *keys) maybe(name string) int {
	key := k.arch + "." + name
	if v, there := k.f.Value(key); there && v.Type == gguf.TypeArray {
		return k.uniform(key)
	}
	n, ok := k.f.Uint(key)
	if _, there := k.f.Value(key); there && (!ok || n > maxContext) && k.err == nil {
		v, _ := k.f.Value(key)
		k.err = mistake(k.f.Name, codeKey, "check that the file is complete and of a known family", "%s is %s and must be a whole number up to %d", key, v, maxContext)
		return 0
	}
	return int(n)
}

// uniform reads a number that the file gives for each layer. Layers of different
// shape are a feature of families that are not understood yet.
func (k *keys) uniform(key string) int {
	list, ok := k.f.Ints(key)
	for _, v := range list {
		if v != list[0] || v < 0 || v > maxContext {
			ok = false
		}
	}
	if (!ok || len(list) == 0) && k.err == nil {
		v, _ := k.f.Value(key)
		k.err = mistake(k.f.Name, codeFeature, "use a model whose layers are all alike", "%s differs from layer to layer: %s", key, v)
		return 0
	}
	return int(list[0])
}

func (k *keys) need(name string) int {
	if _, there := k.f.Value(k.arch + "." + name); !there && k.err == nil {
		k.err = mistake(k.f.Name, codeKey, "convert the model again with a current converter", "%s.%s is missing", k.arch, name)
	}
	return k.maybe(name)
}

func (k *keys) float(name string) float64 {
	x, _ := k.f.Float(k.arch + "." + name)
	return x
}

// pattern reads which layers have the window: a number n for "every n-th layer
// sees all", or a flag for each layer. Families have a habit when it is absent.
func (k *keys) pattern(m *Model) {
	key := k.arch + ".attention.sliding_window_pattern"
	v, _ := k.f.Value(key)
	if v.Type != gguf.TypeArray {
		if every := k.maybe("attention.sliding_window_pattern"); every > 0 {
			m.WindowEvery = every
		}
		return
	}
	flags, ok := k.f.Ints(key)
	if k.err != nil || m.Window == 0 {
		return
	}
	if !ok || len(flags) != m.Layers {
		k.err = mistake(k.f.Name, codeKey, "convert the model again", "%s has %d entries for %d layers", key, v.Len(), m.Layers)
		return
	}
	local := make([]bool, len(flags))
	for l, x := range flags {
		local[l] = x != 0
	}
	k.err = m.setPattern(local, k.f.Name)
}

func (k *keys) rope(m *Model) {
	m.Rope.Base = k.float("rope.freq_base")
	m.Rope.Dim = k.maybe("rope.dimension_count")
	// Converters permute Llama's query and key rows; the other families keep them.
	m.Rope.Layout = Halves
	if m.Family == Llama {
		m.Rope.Layout = Adjacent
	}
	if base := k.float("rope.freq_base_swa"); base != 0 {
		m.LocalRope.Base = base
	}
	kind, _ := k.f.Str(k.arch + ".rope.scaling.type")
	switch factor := k.float("rope.scaling.factor"); {
	case kind == "linear", kind == "" && factor > 0:
		m.Rope.Linear = factor
	case kind != "" && kind != "none" && k.err == nil:
		k.err = mistake(k.f.Name, codeFeature, "use a model with linear or llama3 scaling", "the rotation scaling %q is not understood", kind)
	}
	t, ok := k.f.Tensor("rope_freqs.weight")
	if !ok || k.err != nil {
		return
	}
	if m.Rope.Divisors, k.err = k.f.Floats(t); k.err == nil && m.Rope.Dim == 0 {
		m.Rope.Dim = 2 * len(m.Rope.Divisors)
	}
}

// refuse names features that would otherwise give wrong answers in silence.
func (k *keys) refuse(m *Model) {
	if k.err != nil {
		return
	}
	if n := k.maybe("expert_count"); n > 0 {
		k.err = mistake(k.f.Name, codeFeature, "use a dense model", "the model is a mixture of %d experts, which is not understood", n)
		return
	}
	if v := k.maybe("attention.value_length"); v != 0 && v != m.HeadDim {
		k.err = mistake(k.f.Name, codeFeature, "", "value heads of width %d beside key heads of width %d are not understood", v, m.HeadDim)
		return
	}
	for _, t := range k.f.Tensors {
		if strings.HasSuffix(t.Name, "attn_output.bias") || strings.HasSuffix(t.Name, "ffn_down.bias") {
			k.err = mistake(k.f.Name, codeFeature, "use another conversion of the model", "tensor %q is a bias that the family %s does not have", t.Name, m.Family)
			return
		}
	}
	_, bias := k.f.Tensor(GGUFName(QBias, 0))
	m.QKVBias = bias
}

// vocab counts tokens by the embedding, which may be padded beyond the list.
func vocab(f *gguf.File) int {
	if t, ok := f.Tensor(GGUFName(Embed, Whole)); ok && len(t.Dims) == 2 {
		return t.Dims[1]
	}
	v, _ := f.Value("tokenizer.ggml.tokens")
	return v.Len()
}
