package tokenize

import (
	"fmt"
	"strings"

	"wafer/internal/diag"
)

// The mistakes a vocabulary can hold.
const (
	codeVocab   diag.Code = "M1101" // lists missing or of different length
	codePre     diag.Code = "M1102" // a word-cutting rule that is not known
	codeModel   diag.Code = "M1103" // a tokenizer algorithm that is not known
	codeSpecial diag.Code = "M1104" // a special token outside the vocabulary
)

// maxVocab is eight times the largest published vocabulary.
const maxVocab = 1 << 21

// mistake is a diagnostic about the tokenizer part of a model file.
func mistake(file string, code diag.Code, cure, format string, args ...any) diag.Diagnostic {
	return diag.Diagnostic{Code: code, Pos: diag.Pos{File: file}, Message: "tokenizer: " + fmt.Sprintf(format, args...), Cure: cure}
}

// New checks a vocabulary and builds its indexes; file is for messages.
func New(v Vocab, file string) (*Tokenizer, error) {
	if err := v.check(file); err != nil {
		return nil, err
	}
	t := &Tokenizer{v: v, special: newSpecials(&v), ids: make(map[string]ID, len(v.Pieces))}
	var err error
	if t.cut, err = compile(v.Pre); err != nil {
		return nil, mistake(file, codePre, "", "%v", err)
	}
	for i := range t.bytes {
		t.bytes[i] = None
	}
	for i, p := range v.Pieces {
		t.index(ID(i), p)
	}
	t.ranks = make(map[pair]int32, len(v.Merges))
	for i, m := range v.Merges {
		// The first character may itself be a space mark, never a space.
		l, r, ok := strings.Cut(m, " ")
		if !ok {
			return nil, mistake(file, codeVocab, "", "merge %d, %q, is not two pieces with a space between", i, m)
		}
		if _, dup := t.ranks[pair{l, r}]; !dup {
			t.ranks[pair{l, r}] = int32(i)
		}
	}
	return t, nil
}

// index enters a piece where joining may find it. Control tokens stay out: a
// user's text must not become one by joining letters.
func (t *Tokenizer) index(id ID, p string) {
	switch t.Kind(id) {
	case Byte:
		if b, ok := byteValue(p); ok && t.bytes[b] == None {
			t.bytes[b] = id
		}
	case Normal, UserDefined, Undefined:
		if _, dup := t.ids[p]; !dup {
			t.ids[p] = id
		}
	}
}

func (v *Vocab) check(file string) error {
	n := len(v.Pieces)
	switch {
	case n == 0:
		return mistake(file, codeVocab, "use a model file that carries its tokenizer", "there is no vocabulary")
	case n > maxVocab:
		return mistake(file, codeVocab, "", "%d tokens are more than the limit of %d", n, maxVocab)
	case v.Kinds != nil && len(v.Kinds) != n:
		return mistake(file, codeVocab, "convert the model again", "%d tokens but %d token types", n, len(v.Kinds))
	case v.Algorithm == Score && len(v.Scores) != n:
		return mistake(file, codeVocab, "convert the model again", "%d tokens but %d scores", n, len(v.Scores))
	case v.Algorithm == Rank && len(v.Merges) == 0:
		return mistake(file, codeVocab, "convert the model again", "a byte-level vocabulary without merges cannot encode text")
	}
	for _, id := range append([]ID{v.BOS, v.EOS, v.Unknown}, v.End...) {
		if id != None && (id < 0 || int(id) >= n) {
			return mistake(file, codeSpecial, "convert the model again", "special token %d is outside the vocabulary of %d tokens", id, n)
		}
	}
	return nil
}
