// Package tokenize turns text into token ids and back.
//
// In: a vocabulary from a model's own file (GGUF metadata or tokenizer.json)
// and UTF-8 text. Out: ids, or text again, also piecewise while it is made.
//
// Two algorithms cover the models that are read. "Score" is what SentencePiece
// calls BPE: characters are joined, best score of the joined piece first. "Rank"
// is byte-level BPE: a regular expression cuts words, bytes are joined, lowest
// rank of the pair first. Both run in four steps: cut out special tokens, cut
// words (rank only), join, and look ids up with a fallback to single bytes.
package tokenize

import (
	"slices"
	"strings"
)

// ID is a token number, an index into the vocabulary.
type ID int32

// None marks a special token that a model does not have.
const None ID = -1

// Kind says what a vocabulary entry stands for, numbered as in GGUF.
type Kind uint8

// The kinds of token.
const (
	Undefined   Kind = iota
	Normal           // a piece of text
	Unknown          // stands for what has no piece
	Control          // steers the model and is never text
	UserDefined      // text that is always one token
	Unused           // never produced
	Byte             // one raw byte, written <0x0A>
)

// Algorithm selects how pieces are joined.
type Algorithm uint8

// The algorithms.
const (
	Score Algorithm = iota // SentencePiece BPE
	Rank                   // byte-level BPE
)

// Vocab is everything a tokenizer needs. It is not changed after New.
type Vocab struct {
	Algorithm Algorithm
	Pieces    []string
	Kinds     []Kind    // one a piece; nil means all normal
	Scores    []float32 // Score only
	Merges    []string  // Rank, or Score without scores: "left right", best first
	Pre       []string  // Rank only: regular expressions that cut words, in turn
	WordFirst bool      // Rank only: a word that is a piece is taken whole

	BOS, EOS, Unknown ID
	End               []ID // tokens that end a turn, beside EOS
	AddBOS, AddEOS    bool
	SpacePrefix       bool // Score only: text starts as if after a space
}

// Tokenizer encodes and decodes. It is immutable and safe for concurrent use.
type Tokenizer struct {
	v       Vocab
	ids     map[string]ID // pieces that joining may produce
	special specials
	ranks   map[pair]int32
	cut     []splitter
	bytes   [256]ID // the token of a single byte, or None
}

// Options say how text is to be read.
type Options struct {
	// AddSpecial puts the model's begin and end tokens around the text, if the
	// model wants them.
	AddSpecial bool
	// ParseSpecial reads control tokens written in the text, as chat templates
	// do. Leave it off for text from users, who could otherwise forge turns.
	ParseSpecial bool
}

// Size is the number of tokens.
func (t *Tokenizer) Size() int { return len(t.v.Pieces) }

// BOS is the begin token or None.
func (t *Tokenizer) BOS() ID { return t.v.BOS }

// EOS is the end token or None.
func (t *Tokenizer) EOS() ID { return t.v.EOS }

// IsEnd reports whether a model that produces id has finished.
func (t *Tokenizer) IsEnd(id ID) bool {
	return id != None && (id == t.v.EOS || slices.Contains(t.v.End, id))
}

// Kind of a token; Undefined for an id outside the vocabulary.
func (t *Tokenizer) Kind(id ID) Kind {
	switch {
	case id < 0 || int(id) >= len(t.v.Pieces):
		return Undefined
	case t.v.Kinds == nil:
		return Normal
	}
	return t.v.Kinds[id]
}

// Lookup finds the token that is written exactly so in the vocabulary.
func (t *Tokenizer) Lookup(piece string) (ID, bool) {
	if id, ok := t.ids[piece]; ok {
		return id, true
	}
	id, ok := t.special.ids[piece]
	return id, ok
}

// Written gives a token as the vocabulary writes it, for listings.
func (t *Tokenizer) Written(id ID) string {
	if t.Kind(id) == Undefined {
		return ""
	}
	return t.v.Pieces[id]
}

// Encode gives the tokens of text. Bytes that are not UTF-8 become U+FFFD, and
// the noncharacter U+FDD0 is dropped: see Disarm.
func (t *Tokenizer) Encode(text string, o Options) []ID {
	var out []ID
	if o.AddSpecial && t.v.AddBOS && t.v.BOS != None {
		out = append(out, t.v.BOS)
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	afterSpecial := true // so the very first piece gets its space prefix
	t.special.cut(text, o.ParseSpecial, func(plain string, id ID) {
		if id != None {
			out = append(out, id)
			afterSpecial = true
			return
		}
		if plain = Rearm(plain); t.v.Algorithm == Rank {
			out = t.encodeRank(out, plain)
		} else {
			out = t.encodeScore(out, plain, afterSpecial)
		}
		afterSpecial = false
	})
	if o.AddSpecial && t.v.AddEOS && t.v.EOS != None {
		out = append(out, t.v.EOS)
	}
	return out
}
