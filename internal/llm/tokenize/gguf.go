package tokenize

import (
	"math"
	"strings"

	"wafer/internal/diag"
	"wafer/internal/llm/gguf"
)

// FromGGUF builds the tokenizer that a GGUF file describes.
func FromGGUF(f *gguf.File) (*Tokenizer, error) {
	v := Vocab{BOS: None, EOS: None, Unknown: None}
	v.Pieces, _ = f.Strings("tokenizer.ggml.tokens")
	v.Scores, _ = f.Floats32("tokenizer.ggml.scores")
	v.Merges, _ = f.Strings("tokenizer.ggml.merges")
	if kinds, ok := f.Ints("tokenizer.ggml.token_type"); ok {
		v.Kinds = make([]Kind, len(kinds))
		for i, k := range kinds {
			v.Kinds[i] = Kind(max(0, min(k, int64(Byte))))
		}
	}
	if err := algorithm(f, &v); err != nil {
		return nil, err
	}
	v.BOS = special(f, "bos", v.BOS)
	v.EOS = special(f, "eos", v.EOS)
	v.Unknown = special(f, "unknown", v.Unknown)
	v.End = endTokens(&v, special(f, "eot", None), special(f, "eom", None))
	setBool(f, "tokenizer.ggml.add_bos_token", &v.AddBOS)
	setBool(f, "tokenizer.ggml.add_eos_token", &v.AddEOS)
	setBool(f, "tokenizer.ggml.add_space_prefix", &v.SpacePrefix)
	return New(v, f.Name)
}

// algorithm sets what follows from the names in the file, with the defaults
// that hold when the file is silent about the rest.
func algorithm(f *gguf.File, v *Vocab) error {
	model, ok := f.Str("tokenizer.ggml.model")
	switch {
	case !ok:
		return mistake(f.Name, codeModel, "use a model file that carries its tokenizer", "tokenizer.ggml.model is missing")
	case model == "llama":
		v.Algorithm, v.AddBOS, v.SpacePrefix = Score, true, true
		v.BOS, v.EOS, v.Unknown = 1, 2, 0
		return nil
	case model != "gpt2":
		return mistake(f.Name, codeModel, "models with the tokenizers llama (SentencePiece BPE) and gpt2 (byte-level BPE) are read", "the algorithm %q is not known", model)
	}
	name, ok := f.Str("tokenizer.ggml.pre")
	if !ok {
		name = "default"
	}
	p, ok := presetNamed(name)
	if !ok {
		cure := "the rules that are known: " + strings.Join(presetNames(), ", ")
		if near := diag.Nearest(name, presetNames()); near != "" {
			cure = "nearest known rule: " + near + "; " + cure
		}
		return mistake(f.Name, codePre, cure, "the word-cutting rule %q is not known, and another rule would give other tokens", name)
	}
	v.Algorithm, v.Pre, v.WordFirst, v.AddBOS = Rank, p.pre, p.wordFirst, p.addBOS
	return nil
}

// special reads a token id; the file writes 2^32-1 for "none".
func special(f *gguf.File, name string, otherwise ID) ID {
	id, ok := f.Uint("tokenizer.ggml." + name + "_token_id")
	switch {
	case !ok && int(otherwise) < tokenCount(f):
		return otherwise
	case !ok || id >= math.MaxInt32:
		return None
	}
	return ID(id)
}

func tokenCount(f *gguf.File) int {
	v, _ := f.Value("tokenizer.ggml.tokens")
	return v.Len()
}

func setBool(f *gguf.File, key string, p *bool) {
	if v, ok := f.Bool(key); ok {
		*p = v
	}
}

// endNames are control tokens that end a turn in some family, whatever the file
// names as its end token.
func endNames() []string {
	return []string{"<|eot_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>", "<|endoftext|>", "<|eom_id|>", "<｜end▁of▁sentence｜>", "</s>"}
}

func endTokens(v *Vocab, given ...ID) []ID {
	var out []ID
	for _, id := range given {
		if id != None {
			out = append(out, id)
		}
	}
	for _, name := range endNames() {
		for i, p := range v.Pieces {
			if p == name && i < len(v.Kinds) && v.Kinds[i] == Control && ID(i) != v.EOS {
				out = append(out, ID(i))
			}
		}
	}
	return out
}
