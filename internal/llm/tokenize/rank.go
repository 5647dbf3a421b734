package tokenize

import (
	"strings"
	"unicode/utf8"
)

// pair is two neighbouring pieces that a merge joins.
type pair struct{ left, right string }

// encodeRank cuts text into words, writes their bytes in the byte alphabet and
// joins them by the rank of their pair.
func (t *Tokenizer) encodeRank(out []ID, text string) []ID {
	for _, word := range cutWords(t.cut, text) {
		w := toAlphabet(word)
		if id, ok := t.ids[w]; ok && t.v.WordFirst {
			out = append(out, id)
			continue
		}
		joined := joinAll(w, func(s string, split int) (float64, bool) {
			r, ok := t.ranks[pair{s[:split], s[split:]}]
			return float64(r), ok
		})
		for _, p := range joined {
			out = t.lookupRank(out, p)
		}
	}
	return out
}

// lookupRank appends a piece; a merge can make one that the vocabulary lacks,
// and then its characters stand for themselves.
func (t *Tokenizer) lookupRank(out []ID, piece string) []ID {
	if id, ok := t.ids[piece]; ok {
		return append(out, id)
	}
	for _, r := range piece {
		if id, ok := t.ids[string(r)]; ok {
			out = append(out, id)
		} else if t.v.Unknown != None {
			out = append(out, t.v.Unknown)
		}
	}
	return out
}

// The byte alphabet of GPT-2: printable Latin-1 bytes stand for themselves and
// the other 68 for the characters from U+0100 on, in order, so that every piece
// is printable text without spaces.
func byteRune(b byte) rune {
	switch {
	case b >= '!' && b <= '~', b >= 0xa1 && b <= 0xac, b >= 0xae:
		return rune(b)
	case b <= ' ':
		return 0x100 + rune(b)
	case b <= 0xa0: // 0x7f to 0xa0
		return 0x100 + 33 + rune(b-0x7f)
	}
	return 0x100 + 67 // 0xad, the soft hyphen
}

// runeByte is the inverse; ok is false for a character outside the alphabet.
func runeByte(r rune) (b byte, ok bool) {
	switch {
	case r < 0x100:
		return byte(r), byteRune(byte(r)) == r
	case r <= 0x120:
		return byte(r - 0x100), true
	case r <= 0x142:
		return byte(r - 0x121 + 0x7f), true
	case r == 0x143:
		return 0xad, true
	}
	return 0, false
}

func toAlphabet(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		b.WriteRune(byteRune(c))
	}
	return b.String()
}

// fromAlphabet gives the bytes of a piece. A character outside the alphabet is
// kept as it is: added tokens are written in plain text.
func fromAlphabet(s string) []byte {
	var out []byte
	for _, r := range s {
		if b, ok := runeByte(r); ok {
			out = append(out, b)
		} else {
			out = utf8.AppendRune(out, r)
		}
	}
	return out
}
