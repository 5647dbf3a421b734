package tokenize

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// specials finds tokens that are taken whole before anything is joined: user
// defined ones always, control tokens on request.
type specials struct {
	ids     map[string]ID
	control map[string]bool
	lengths [256][]int // by first byte: the lengths that occur, longest first
}

func newSpecials(v *Vocab) specials {
	s := specials{ids: map[string]ID{}, control: map[string]bool{}}
	for i, k := range v.Kinds {
		p := v.Pieces[i]
		if (k != Control && k != UserDefined && k != Unknown) || p == "" {
			continue
		}
		if _, dup := s.ids[p]; dup {
			continue // the first of two equal entries is the one meant
		}
		s.ids[p] = ID(i)
		s.control[p] = k != UserDefined
		l := &s.lengths[p[0]]
		if !slices.Contains(*l, len(p)) {
			*l = append(*l, len(p))
		}
	}
	for i := range s.lengths {
		slices.SortFunc(s.lengths[i], func(a, b int) int { return cmp.Compare(b, a) })
	}
	return s
}

// at gives the longest special token that starts at text[i:].
func (s *specials) at(text string, i int, control bool) (ID, int) {
	for _, n := range s.lengths[text[i]] {
		if i+n > len(text) {
			continue
		}
		p := text[i : i+n]
		if id, ok := s.ids[p]; ok && (control || !s.control[p]) {
			return id, n
		}
	}
	return None, 0
}

// cut calls yield for each run of plain text (id None) and each special token,
// in order; the leftmost, longest special token wins.
func (s *specials) cut(text string, control bool, yield func(plain string, id ID)) {
	start := 0
	for i := 0; i < len(text); {
		id, n := s.at(text, i, control)
		if n == 0 {
			i++
			continue
		}
		if start < i {
			yield(text[start:i], None)
		}
		yield("", id)
		i += n
		start = i
	}
	if start < len(text) {
		yield(text[start:], None)
	}
}

// guard is a Unicode noncharacter, which text for interchange does not hold. It
// breaks up the names of control tokens in text that must not become commands.
const guard = "\uFDD0"

// Disarm breaks up every control token that text spells out, so that Encode with
// ParseSpecial reads it as the letters that it is. A chat template mixes its own
// control tokens with what users and tools wrote; only the latter are disarmed.
func (t *Tokenizer) Disarm(text string) string {
	text = strings.ReplaceAll(text, guard, "")
	var b strings.Builder
	for i := 0; i < len(text); {
		id, n := t.special.at(text, i, true)
		if n == 0 || !t.special.control[t.v.Pieces[id]] {
			b.WriteByte(text[i])
			i++
			continue
		}
		_, first := utf8.DecodeRuneInString(text[i:])
		b.WriteString(text[i:i+first] + guard)
		i += first
	}
	return b.String()
}

// Rearm takes away what Disarm put in, for showing a prompt.
func Rearm(text string) string { return strings.ReplaceAll(text, guard, "") }
