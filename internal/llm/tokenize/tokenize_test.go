package tokenize

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"wafer/internal/diag"
)

// scoreVocab is a small SentencePiece vocabulary: bytes, some letters, words.
func scoreVocab() Vocab {
	v := Vocab{Algorithm: Score, BOS: 1, EOS: 2, Unknown: 0, AddBOS: true, SpacePrefix: true}
	add := func(k Kind, score float32, pieces ...string) {
		for _, p := range pieces {
			v.Pieces, v.Kinds, v.Scores = append(v.Pieces, p), append(v.Kinds, k), append(v.Scores, score)
		}
	}
	add(Unknown, 0, "<unk>")
	add(Control, 0, "<s>", "</s>")
	const hex = "0123456789ABCDEF"
	for b := range 256 {
		add(Byte, 0, "<0x"+string(hex[b>>4])+string(hex[b&15])+">")
	}
	add(UserDefined, 0, "<b>", "<br>")
	add(Normal, -100, "a", "b", "c", spaceMark)
	add(Normal, -1, "ab")
	add(Normal, -2, "bc")
	add(Normal, -3, spaceMark+"ab")
	return v
}

// rankVocab has the byte alphabet and a few merges.
func rankVocab() Vocab {
	v := Vocab{Algorithm: Rank, BOS: 0, EOS: 1, Unknown: None, Pre: []string{preGPT2}}
	v.Pieces = []string{"<|begin|>", "<|end|>"}
	v.Kinds = []Kind{Control, Control}
	for b := range 256 {
		v.Pieces = append(v.Pieces, string(byteRune(byte(b))))
	}
	v.Merges = []string{"l o", "Ġ lo", "lo w", "e r", "Ġlo w"}
	v.Pieces = append(v.Pieces, "lo", "Ġlo", "low", "er", "Ġlow", "lower")
	for len(v.Kinds) < len(v.Pieces) {
		v.Kinds = append(v.Kinds, Normal)
	}
	return v
}

func build(t testing.TB, v Vocab) *Tokenizer {
	t.Helper()
	tok, err := New(v, "m.gguf")
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func written(t *Tokenizer, ids []ID) string {
	var out []string
	for _, id := range ids {
		out = append(out, t.Written(id))
	}
	return strings.Join(out, " ")
}

func TestEncodeByHand(t *testing.T) {
	wordFirst := rankVocab()
	wordFirst.WordFirst = true
	for _, c := range []struct {
		name  string
		vocab Vocab
		text  string
		opt   Options
		want  string
	}{
		{"best score first", scoreVocab(), "abc", Options{}, "▁ab c"},
		{"leftmost of equal", scoreVocab(), "cabab", Options{}, "▁ c ab ab"},
		{"bytes for the rest", scoreVocab(), "é", Options{}, "▁ <0xC3> <0xA9>"},
		{"begin token", scoreVocab(), "a", Options{AddSpecial: true}, "<s> ▁ a"},
		{"nothing but begin", scoreVocab(), "", Options{AddSpecial: true}, "<s>"},
		{"control stays text", scoreVocab(), "</s>", Options{}, "▁ <0x3C> <0x2F> <0x73> <0x3E>"},
		{"control parsed", scoreVocab(), "a</s>a", Options{ParseSpecial: true}, "▁ a </s> ▁ a"},
		{"longest user token", scoreVocab(), "<br><b>", Options{}, "<br> <b>"},
		{"ranks", rankVocab(), "lower low", Options{}, "low er Ġlow"},
		{"whole word", wordFirst, "lower", Options{}, "lower"},
		{"contraction", rankVocab(), "lo's", Options{}, "lo ' s"},
		{"control parsed", rankVocab(), "lo<|end|>", Options{ParseSpecial: true}, "lo <|end|>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tok := build(t, c.vocab)
			if got := written(tok, tok.Encode(c.text, c.opt)); got != c.want {
				t.Errorf("%q → %s, want %s", c.text, got, c.want)
			}
		})
	}
}

func TestByteAlphabetIsABijection(t *testing.T) {
	seen := map[rune]bool{}
	for b := range 256 {
		r := byteRune(byte(b))
		back, ok := runeByte(r)
		if seen[r] || !ok || back != byte(b) {
			t.Errorf("byte %#x → %U → %#x, %v", b, r, back, ok)
		}
		seen[r] = true
	}
	// The two anchors that every GPT-2 vocabulary shows.
	if byteRune(' ') != 'Ġ' || byteRune('\n') != 'Ċ' {
		t.Errorf("space is %c, newline %c", byteRune(' '), byteRune('\n'))
	}
}

func TestStreamHoldsBackHalfCharacters(t *testing.T) {
	tok := build(t, scoreVocab())
	s := tok.Stream(true)
	var got []string
	for _, id := range tok.Encode("é😀", Options{}) {
		got = append(got, s.Add(id))
	}
	if d := cmp.Diff([]string{"", "", "é", "", "", "", "😀"}, got); d != "" {
		t.Error(d)
	}
	s.Add(tok.bytes[0xC3])
	if got := s.Flush(); got != "\uFFFD" {
		t.Errorf("flush gave %q", got)
	}
	// A byte that cannot start a character must not hold the rest back.
	if got := s.Add(tok.bytes[0xFF]) + s.Add(tok.bytes['x']); got != "\uFFFDx" {
		t.Errorf("broken byte gave %q", got)
	}
}

func TestContinuationKeepsItsSpace(t *testing.T) {
	tok := build(t, scoreVocab())
	ids := tok.Encode("ab", Options{})
	if got := tok.Decode(ids); got != "ab" {
		t.Errorf("whole text %q", got)
	}
	if got := tok.Stream(false).Add(ids[0]); got != " ab" {
		t.Errorf("continuation %q", got)
	}
}

func TestBadVocabularies(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*Vocab)
		code diag.Code
	}{
		{"empty", func(v *Vocab) { v.Pieces = nil }, "M1101"},
		{"kinds", func(v *Vocab) { v.Kinds = v.Kinds[1:] }, "M1101"},
		{"scores", func(v *Vocab) { v.Scores = nil }, "M1101"},
		{"merge", func(v *Vocab) { v.Merges = []string{"ab"} }, "M1101"},
		{"no merges", func(v *Vocab) { v.Algorithm = Rank }, "M1101"},
		{"pattern", func(v *Vocab) { v.Pre = []string{"("} }, "M1102"},
		{"special", func(v *Vocab) { v.EOS = 100000 }, "M1104"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := scoreVocab()
			c.edit(&v)
			_, err := New(v, "m.gguf")
			var d diag.Diagnostic
			if !errors.As(err, &d) || d.Code != c.code {
				t.Errorf("got %v, want %s", err, c.code)
			}
		})
	}
}

func TestDisarm(t *testing.T) {
	tok := build(t, scoreVocab())
	for _, s := range []string{"a</s>a", "<</s>", "</s></s>", "<\uFDD0/s>", "<b>"} {
		armed := tok.Encode("</s>"+tok.Disarm(s), Options{ParseSpecial: true})
		for i, id := range armed {
			if (tok.Kind(id) == Control) != (i == 0) {
				t.Errorf("%q: token %d is %s", s, i, tok.Written(id))
			}
		}
		if got, want := tok.Decode(armed[1:]), Rearm(s); strings.TrimPrefix(got, " ") != want {
			t.Errorf("%q came back as %q", want, got)
		}
	}
}

func TestIsEnd(t *testing.T) {
	v := scoreVocab()
	v.End = []ID{1}
	tok := build(t, v)
	if !tok.IsEnd(2) || !tok.IsEnd(1) || tok.IsEnd(3) || tok.IsEnd(None) {
		t.Error("wrong end tokens")
	}
}

// Nothing is lost: every text comes back, whatever it holds.
func FuzzRoundTrip(f *testing.F) {
	score, rank := build(f, scoreVocab()), build(f, rankVocab())
	for _, s := range []string{"", "a b", "  lower\n\n", "é\u0301😀", "<s></s>", "<|end|>", "\xff\x80"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want := Rearm(strings.ToValidUTF8(s, "\uFFFD"))
		for _, tok := range []*Tokenizer{score, rank} {
			got := tok.Decode(tok.Encode(s, Options{AddSpecial: true}))
			// A space mark in the text reads as a space: SentencePiece's own choice.
			if tok == score {
				want := strings.ReplaceAll(want, spaceMark, " ")
				if got != want && !strings.HasPrefix(want, " ") {
					t.Fatalf("score: %q came back as %q", want, got)
				}
				continue
			}
			if got != want {
				t.Fatalf("rank: %q came back as %q", want, got)
			}
		}
		if !utf8.ValidString(want) {
			t.Fatal("not UTF-8")
		}
	})
}
