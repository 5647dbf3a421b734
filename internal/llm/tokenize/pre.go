package tokenize

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dlclark/regexp2"
)

// splitter cuts text into its matches and what lies between them. The published
// expressions use look-ahead, which the standard library does not have.
type splitter = *regexp2.Regexp

// The word-cutting expressions, as the models' own tokenizer.json files give
// them. Several in a row are applied one after the other to every piece.
const (
	preGPT2 = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`

	preLlama3 = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}` + preTail
	preQwen2  = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}` + preTail
	preTail   = `| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`

	upper      = `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`
	lower      = `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`
	preCased   = `[^\r\n\p{L}\p{N}]?` + upper + `*` + lower + `+`
	preCapital = `[^\r\n\p{L}\p{N}]?` + upper + `+` + lower + `*`
	preSlash   = `| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	suffix     = `(?i:'s|'t|'re|'ve|'m|'ll|'d)?`
	preO200k   = preCased + suffix + `|` + preCapital + suffix + `|\p{N}{1,3}` + preSlash
	preTekken  = preCased + `|` + preCapital + `|\p{N}` + preSlash

	preDeepSeek = "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+" +
		`|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
)

// preset is what a GGUF file means by a name in tokenizer.ggml.pre.
type preset struct {
	names     string // separated by blanks
	pre       []string
	wordFirst bool
	addBOS    bool // when the file does not say
}

func presets() []preset {
	return []preset{
		{"gpt-2 phi-2 mpt olmo roberta-bpe jais trillion", []string{preGPT2}, false, false},
		{"llama3 llama-v3 llama-bpe falcon3 falcon-h1 lfm2 pixtral-llama3", []string{preLlama3}, true, true},
		{"dbrx smaug-bpe glm4 chatglm-bpe", []string{preLlama3}, false, false},
		{"qwen2 deepseek-r1-qwen stablelm2 kormo hunyuan", []string{preQwen2}, false, false},
		{"smollm starcoder refact command-r codeshell minerva-7b", []string{`\p{N}`, preGPT2}, false, false},
		{"deepseek-v3 hunyuan-dense joyai-llm", []string{`\p{N}{1,3}`, `[一-龥぀-ゟ゠-ヿ]+`, preDeepSeek}, false, false},
		{"gpt-4o llama4 o200k kanana2", []string{preO200k}, false, false},
		{"tekken", []string{preTekken}, true, true},
		{"default", []string{`[\p{P}\$\+<=>\^~\|]+`, preGPT2, `\p{N}+`, `[0-9][0-9][0-9]`}, false, false},
	}
}

func presetNamed(name string) (preset, bool) {
	for _, p := range presets() {
		if slices.Contains(strings.Fields(p.names), name) {
			return p, true
		}
	}
	return preset{}, false
}

func presetNames() []string {
	var all []string
	for _, p := range presets() {
		all = append(all, strings.Fields(p.names)...)
	}
	slices.Sort(all)
	return all
}

func compile(patterns []string) ([]splitter, error) {
	var out []splitter
	for _, p := range patterns {
		re, err := regexp2.Compile(p, regexp2.None)
		if err != nil {
			return nil, fmt.Errorf("compile the word expression %q: %w", p, err)
		}
		out = append(out, re)
	}
	return out, nil
}

// cutWords applies the expressions in turn.
func cutWords(cuts []splitter, text string) []string {
	words := []string{text}
	for _, re := range cuts {
		var next []string
		for _, w := range words {
			next = cutOne(re, next, w)
		}
		words = next
	}
	return words
}

func cutOne(re splitter, out []string, text string) []string {
	rs := []rune(text)
	end := 0
	// Without a time limit set, matching cannot fail; if it ever does, the rest
	// stays one word, which loses no text.
	m, err := re.FindRunesMatch(rs)
	for err == nil && m != nil {
		if m.Index > end {
			out = append(out, string(rs[end:m.Index]))
		}
		if m.Length > 0 {
			out = append(out, m.String())
		}
		end = m.Index + m.Length
		m, err = re.FindNextMatch(m)
	}
	if end < len(rs) {
		out = append(out, string(rs[end:]))
	}
	return out
}
