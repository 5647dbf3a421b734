package tokenize

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// hfFile holds the fields of a tokenizer.json that decide what tokens a text has.
type hfFile struct {
	Added []struct {
		ID      int    `json:"id"`
		Content string `json:"content"`
		Special bool   `json:"special"`
	} `json:"added_tokens"`
	Normalizer *hfStep `json:"normalizer"`
	Pre        *hfStep `json:"pre_tokenizer"`
	Post       *hfStep `json:"post_processor"`
	Model      struct {
		Type         string            `json:"type"`
		Vocab        map[string]int    `json:"vocab"`
		Merges       []json.RawMessage `json:"merges"`
		ByteFallback bool              `json:"byte_fallback"`
		IgnoreMerges bool              `json:"ignore_merges"`
		Unknown      string            `json:"unk_token"`
	} `json:"model"`
}

// hfStep is one step of a normalizer, pre-tokenizer or post-processor; the
// fields of all kinds together.
type hfStep struct {
	Type           string   `json:"type"`
	Normalizers    []hfStep `json:"normalizers"`
	Pretokenizers  []hfStep `json:"pretokenizers"`
	Processors     []hfStep `json:"processors"`
	Prepend        string   `json:"prepend"`
	PrependScheme  string   `json:"prepend_scheme"`
	AddPrefixSpace bool     `json:"add_prefix_space"`
	UseRegex       *bool    `json:"use_regex"`
	Individual     bool     `json:"individual_digits"`
	Behavior       string   `json:"behavior"`
	Invert         bool     `json:"invert"`
	Content        string   `json:"content"`
	Pattern        struct {
		Regex  string
		String string
	} `json:"pattern"`
	Single []struct {
		SpecialToken *struct {
			ID string `json:"id"`
		}
		Sequence *struct{}
	} `json:"single"`
}

// hfConfig holds the fields of a tokenizer_config.json that matter.
type hfConfig struct {
	BOS    json.RawMessage `json:"bos_token"`
	EOS    json.RawMessage `json:"eos_token"`
	AddBOS *bool           `json:"add_bos_token"`
	AddEOS *bool           `json:"add_eos_token"`
}

// FromHF builds a tokenizer from the texts of a tokenizer.json and, if there is
// one, a tokenizer_config.json; file is for messages.
func FromHF(tokenizer, config []byte, file string) (*Tokenizer, error) {
	var h hfFile
	if err := json.Unmarshal(tokenizer, &h); err != nil {
		return nil, mistake(file, codeVocab, "download the file again", "tokenizer.json cannot be read: %v", err)
	}
	var c hfConfig
	if len(config) > 0 {
		if err := json.Unmarshal(config, &c); err != nil {
			return nil, mistake(file, codeVocab, "download the file again", "tokenizer_config.json cannot be read: %v", err)
		}
	}
	if h.Model.Type != "BPE" && h.Model.Type != "" {
		return nil, mistake(file, codeModel, "models with BPE tokenizers are read", "the algorithm %q is not known", h.Model.Type)
	}
	v := Vocab{BOS: None, EOS: None, Unknown: None, WordFirst: h.Model.IgnoreMerges}
	if err := h.pieces(&v, file); err != nil {
		return nil, err
	}
	if err := h.steps(&v, file); err != nil {
		return nil, err
	}
	v.BOS, v.EOS = v.find(tokenText(c.BOS)), v.find(tokenText(c.EOS))
	h.wrap(&v)
	for _, s := range []struct {
		from *bool
		to   *bool
	}{{c.AddBOS, &v.AddBOS}, {c.AddEOS, &v.AddEOS}} {
		if s.from != nil {
			*s.to = *s.from
		}
	}
	v.Unknown = v.find(h.Model.Unknown)
	v.End = endTokens(&v)
	return New(v, file)
}

// tokenText reads "text" or {"content": "text"}.
func tokenText(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var o struct {
		Content string `json:"content"`
	}
	_ = json.Unmarshal(raw, &o) // null and anything else mean that there is none
	return o.Content
}

func (v *Vocab) find(piece string) ID {
	if piece == "" {
		return None
	}
	return ID(slices.Index(v.Pieces, piece))
}

// pieces orders the vocabulary by id. An id that no entry uses stays unused.
func (h *hfFile) pieces(v *Vocab, file string) error {
	n := 0
	for _, id := range h.Model.Vocab {
		n = max(n, id+1)
	}
	for _, a := range h.Added {
		n = max(n, a.ID+1)
	}
	if n > maxVocab {
		return mistake(file, codeVocab, "", "%d tokens are more than the limit of %d", n, maxVocab)
	}
	v.Pieces, v.Kinds = make([]string, n), slices.Repeat([]Kind{Unused}, n)
	for p, id := range h.Model.Vocab {
		if id < 0 {
			return mistake(file, codeVocab, "", "token %q has the number %d", p, id)
		}
		v.Pieces[id], v.Kinds[id] = p, Normal
		if _, isByte := byteValue(p); isByte && h.Model.ByteFallback {
			v.Kinds[id] = Byte
		}
	}
	for _, a := range h.Added {
		if a.ID < 0 {
			return mistake(file, codeVocab, "", "token %q has the number %d", a.Content, a.ID)
		}
		v.Pieces[a.ID], v.Kinds[a.ID] = a.Content, UserDefined
		if a.Special {
			v.Kinds[a.ID] = Control
		}
	}
	v.Merges = make([]string, len(h.Model.Merges))
	for i, raw := range h.Model.Merges {
		var pair []string
		if json.Unmarshal(raw, &v.Merges[i]) == nil {
			continue // the older form, "left right"
		}
		if json.Unmarshal(raw, &pair) != nil || len(pair) != 2 {
			return mistake(file, codeVocab, "download the file again", "merge %d is not two pieces", i)
		}
		v.Merges[i] = pair[0] + " " + pair[1]
	}
	return nil
}

// flat lists the steps of a sequence, or the step alone.
func flat(s *hfStep) []hfStep {
	if s == nil {
		return nil
	}
	if s.Type != "Sequence" {
		return []hfStep{*s}
	}
	return slices.Concat(s.Normalizers, s.Pretokenizers, s.Processors)
}

// steps translates normalizer and pre-tokenizer.
func (h *hfFile) steps(v *Vocab, file string) error {
	v.Algorithm = Score
	for _, s := range flat(h.Pre) {
		if s.Type == "ByteLevel" {
			v.Algorithm = Rank
		}
	}
	for _, s := range slices.Concat(flat(h.Normalizer), flat(h.Pre)) {
		pattern, ok := s.translate(v)
		if !ok {
			return mistake(file, codePre, "use the GGUF file of the model", "the step %q with pattern %q and behaviour %q is not understood, and without it the tokens would be others", s.Type, s.Pattern.Regex+s.Pattern.String, s.Behavior)
		}
		if pattern != "" {
			v.Pre = append(v.Pre, pattern)
		}
	}
	if v.Algorithm == Score {
		v.Scores = make([]float32, len(v.Pieces))
		v.Pre = nil // words are not cut where spaces are marked
	}
	return nil
}

// translate gives the expression that a step cuts words with, "" for none.
func (s hfStep) translate(v *Vocab) (pattern string, ok bool) {
	switch s.Type {
	case "Prepend":
		v.SpacePrefix = true
		return "", s.Prepend == spaceMark && v.Algorithm == Score
	case "Replace":
		return "", s.Pattern.String == " " && s.Content == spaceMark && v.Algorithm == Score
	case "Metaspace":
		v.SpacePrefix = s.PrependScheme == "always" || s.PrependScheme == "first" || (s.PrependScheme == "" && s.AddPrefixSpace)
		return "", v.Algorithm == Score
	case "NFC":
		// Text is nearly always composed already; what is not keeps its form.
		return "", true
	case "ByteLevel":
		if s.UseRegex == nil || *s.UseRegex {
			return preGPT2, !s.AddPrefixSpace
		}
		return "", !s.AddPrefixSpace
	case "Digits":
		if s.Individual {
			return `\p{N}`, true
		}
		return `\p{N}+`, true
	case "Split":
		pattern = s.Pattern.Regex
		if pattern == "" {
			pattern = regexp.QuoteMeta(s.Pattern.String)
		}
		// A pattern of the words with "Removed, inverted" means the same as
		// "Isolated" when it matches everything, as the published ones do.
		whole := s.Behavior == "Isolated" || (s.Behavior == "Removed" && s.Invert)
		marks := v.Algorithm == Score && s.Pattern.String != "" && strings.Trim(s.Pattern.String, " "+spaceMark) == ""
		return pattern, whole || marks
	}
	return "", false
}

// wrap reads from the post-processor whether text gets a begin or end token.
func (h *hfFile) wrap(v *Vocab) {
	for _, s := range flat(h.Post) {
		seen := false
		for _, part := range s.Single {
			switch {
			case part.Sequence != nil:
				seen = true
			case part.SpecialToken == nil:
			case !seen:
				v.AddBOS = true
				v.BOS = v.find(part.SpecialToken.ID)
			default:
				v.AddEOS = true
				v.EOS = v.find(part.SpecialToken.ID)
			}
		}
	}
}
