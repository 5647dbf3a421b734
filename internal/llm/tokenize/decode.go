package tokenize

import (
	"strings"
	"unicode/utf8"
)

// Bytes gives the raw bytes that a token stands for; control tokens stand for
// none.
func (t *Tokenizer) Bytes(id ID) []byte {
	switch t.Kind(id) {
	case Undefined, Control, Unknown, Unused:
		return nil
	case Byte:
		if b, ok := byteValue(t.v.Pieces[id]); ok {
			return []byte{b}
		}
	case UserDefined:
		if t.v.Algorithm == Rank {
			return []byte(t.v.Pieces[id])
		}
	}
	if t.v.Algorithm == Rank {
		return fromAlphabet(t.v.Pieces[id])
	}
	return []byte(strings.ReplaceAll(t.v.Pieces[id], spaceMark, " "))
}

// byteValue reads "<0x0A>".
func byteValue(piece string) (byte, bool) {
	if len(piece) != 6 || piece[:3] != "<0x" || piece[5] != '>' {
		return 0, false
	}
	hi, lo := hexDigit(piece[3]), hexDigit(piece[4])
	return byte(hi<<4 | lo), hi >= 0 && lo >= 0
}

func hexDigit(c byte) int { return strings.IndexByte("0123456789ABCDEF", c) }

// Decode gives the text of a whole sequence. The space that a SentencePiece
// vocabulary puts before a text is taken away again.
func (t *Tokenizer) Decode(ids []ID) string {
	s := t.Stream(true)
	var b strings.Builder
	for _, id := range ids {
		b.WriteString(s.Add(id))
	}
	b.WriteString(s.Flush())
	return b.String()
}

// Stream decodes token by token. A character whose bytes are spread over several
// tokens comes out with the last of them.
type Stream struct {
	t       *Tokenizer
	pending []byte
	strip   bool // the next text may lose one leading space
}

// Stream starts a decoder; start says that the text begins here and is not the
// continuation of a prompt.
func (t *Tokenizer) Stream(start bool) *Stream {
	return &Stream{t: t, strip: start && t.v.Algorithm == Score && t.v.SpacePrefix}
}

// Add takes a token and gives the text that is complete now.
func (s *Stream) Add(id ID) string {
	b := s.t.Bytes(id)
	if len(b) == 0 {
		return ""
	}
	if s.strip && b[0] == ' ' {
		b = b[1:]
	}
	s.strip = false
	s.pending = append(s.pending, b...)
	return s.take(false)
}

// Flush gives what is left at the end; an incomplete character becomes U+FFFD.
func (s *Stream) Flush() string { return s.take(true) }

// take moves complete characters out of pending. Bytes that can never become a
// character are replaced at once, so a broken sequence holds nothing back.
func (s *Stream) take(all bool) string {
	var out strings.Builder
	p := s.pending
	for len(p) > 0 && (all || utf8.FullRune(p)) {
		r, n := utf8.DecodeRune(p)
		out.WriteRune(r)
		p = p[n:]
	}
	s.pending = append(s.pending[:0], p...)
	return out.String()
}
