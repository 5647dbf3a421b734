package template

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokKind uint8

const (
	tokEOF   tokKind = iota
	tokText          // text between tags
	tokOpen          // {{
	tokClose         // }}
	tokBegin         // {%
	tokEnd           // %}
	tokName
	tokString
	tokInt
	tokFloat
	tokOp
)

// token is a piece of source; line counts from 1.
type token struct {
	kind tokKind
	text string
	line int
}

func (t token) String() string {
	switch t.kind {
	case tokEOF:
		return "the end of the template"
	case tokText:
		return "text"
	}
	return fmt.Sprintf("%q", t.text)
}

type lexer struct {
	src       string
	at        int
	line      int
	lineStart bool // nothing stands before the next text on its line
	toks      []token
}

// lex cuts a whole template. Newlines are normalised first and one newline at
// the very end is dropped, as Jinja does.
func lex(src string) []token {
	src = strings.ReplaceAll(src, "\r\n", "\n")
	src = strings.TrimSuffix(src, "\n")
	l := &lexer{src: src, line: 1, lineStart: true}
	for l.at < len(l.src) {
		l.text()
	}
	return append(l.toks, token{tokEOF, "", l.line})
}

func (l *lexer) add(k tokKind, s string) { l.toks = append(l.toks, token{k, s, l.line}) }

// skip moves on by n bytes and counts lines.
func (l *lexer) skip(n int) {
	l.line += strings.Count(l.src[l.at:l.at+n], "\n")
	l.at += n
}

// text takes what stands before the next tag, and the tag.
func (l *lexer) text() {
	rest := l.src[l.at:]
	n := nextTag(rest)
	text := rest[:n]
	tag := rest[n:]
	switch {
	case len(tag) > 2 && tag[2] == '-':
		text = strings.TrimRight(text, " \t\n\r\v\f")
	case len(tag) > 2 && tag[2] != '+' && (tag[1] == '%' || tag[1] == '#'):
		text = l.lstrip(text)
	}
	if text != "" {
		l.add(tokText, text)
	}
	l.skip(n)
	if tag == "" {
		return
	}
	switch tag[1] {
	case '#':
		end := strings.Index(tag[2:], "#}") + 2
		if end < 2 {
			fail(codeSyntax, l.line, "", "a comment is not closed with #}")
		}
		minus := end > 2 && tag[end-1] == '-'
		l.skip(end + 2)
		l.after(minus, true)
	case '{':
		l.tag(tokOpen, tokClose, "{{", "}}")
	default:
		if !l.raw() {
			l.tag(tokBegin, tokEnd, "{%", "%}")
		}
	}
}

func nextTag(s string) int {
	for i := 0; i+1 < len(s); i++ {
		if s[i] == '{' && (s[i+1] == '{' || s[i+1] == '%' || s[i+1] == '#') {
			return i
		}
	}
	return len(s)
}

// lstrip drops the blanks before a block tag that is first on its line.
func (l *lexer) lstrip(text string) string {
	nl := strings.LastIndexByte(text, '\n') + 1
	if (nl > 0 || l.lineStart) && strings.Trim(text[nl:], " \t") == "" {
		return text[:nl]
	}
	return text
}

// after applies whitespace control behind a tag.
func (l *lexer) after(minus, block bool) {
	rest := l.src[l.at:]
	n := 0
	if minus {
		n = len(rest) - len(strings.TrimLeft(rest, " \t\n\r\v\f"))
	} else if block && strings.HasPrefix(rest, "\n") {
		n = 1
	}
	l.lineStart = n > 0 && rest[n-1] == '\n'
	l.skip(n)
}

// raw takes {% raw %}…{% endraw %} as text; false if the tag is another.
func (l *lexer) raw() bool {
	open, ok := rawTag(l.src[l.at:], "raw")
	if !ok {
		return false
	}
	l.skip(open)
	l.after(l.src[l.at-3] == '-', true)
	for i := l.at; i < len(l.src); i++ {
		if n, ok := rawTag(l.src[i:], "endraw"); ok {
			text := l.src[l.at:i]
			if l.src[i+2] == '-' {
				text = strings.TrimRight(text, " \t\n\r\v\f")
			}
			l.add(tokText, text)
			l.skip(i - l.at + n)
			l.after(l.src[l.at-3] == '-', true)
			return true
		}
	}
	fail(codeSyntax, l.line, "", "a raw block is not closed with {%% endraw %%}")
	return true
}

func rawTag(s, word string) (int, bool) {
	if !strings.HasPrefix(s, "{%") {
		return 0, false
	}
	end := strings.Index(s[2:], "%}") + 2
	if end < 2 || strings.TrimSpace(strings.Trim(s[2:end], "-+")) != word {
		return 0, false
	}
	return end + 2, true
}

// tag cuts the inside of a tag into tokens.
func (l *lexer) tag(open, closing tokKind, from, to string) {
	l.add(open, from)
	l.skip(2)
	if c := l.src[l.at:]; c != "" && (c[0] == '-' || c[0] == '+') {
		l.skip(1)
	}
	depth := 0 // of braces, so that a dict may end in }}
	for l.at < len(l.src) {
		rest := l.src[l.at:]
		if depth == 0 {
			minus := strings.HasPrefix(rest, "-"+to)
			if minus || strings.HasPrefix(rest, "+"+to) {
				l.skip(1)
				rest = rest[1:]
			}
			if strings.HasPrefix(rest, to) {
				l.add(closing, to)
				plus := l.src[l.at-1] == '+'
				l.skip(2)
				l.after(minus, closing == tokEnd && !plus)
				return
			}
		}
		t := l.one(rest)
		if t == "{" {
			depth++
		} else if t == "}" {
			depth--
		}
	}
	fail(codeSyntax, l.line, "", "a tag is not closed with %s", to)
}

// one takes one token inside a tag and gives its text if it is an operator.
func (l *lexer) one(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	switch {
	case unicode.IsSpace(r):
		l.skip(n)
		return ""
	case r == '\'' || r == '"':
		l.str(s)
		return ""
	case r >= '0' && r <= '9':
		l.number(s)
		return ""
	case r == '_' || unicode.IsLetter(r):
		end := strings.IndexFunc(s, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if end < 0 {
			end = len(s)
		}
		l.add(tokName, s[:end])
		l.skip(end)
		return ""
	}
	for _, op := range []string{"**", "//", "==", "!=", "<=", ">="} {
		if strings.HasPrefix(s, op) {
			l.add(tokOp, op)
			l.skip(2)
			return op
		}
	}
	if !strings.ContainsRune("+-*/%~|.,:()[]{}<>=", r) {
		fail(codeSyntax, l.line, "", "the character %q has no meaning in a tag", r)
	}
	l.add(tokOp, s[:1])
	l.skip(1)
	return s[:1]
}

// numberForm is Jinja's: digits with underscores, a fraction, an exponent.
var numberForm = regexp.MustCompile(`^\d+(_\d+)*(\.\d+(_\d+)*)?([eE][+-]?\d+)?`)

func (l *lexer) number(s string) {
	n := numberForm.FindString(s)
	kind := tokInt
	if strings.ContainsAny(n, ".eE") {
		kind = tokFloat
	}
	l.add(kind, strings.ReplaceAll(n, "_", ""))
	l.skip(len(n))
}

func (l *lexer) str(s string) {
	var b strings.Builder
	for i := 1; i < len(s); {
		switch c := s[i]; {
		case c == s[0]:
			l.add(tokString, b.String())
			l.skip(i + 1)
			return
		case c != '\\' || i+1 == len(s):
			b.WriteByte(c)
			i++
		default:
			i += escape(&b, s[i:])
		}
	}
	fail(codeSyntax, l.line, "", "a string is not closed")
}

// escape writes the meaning of a backslash sequence and gives its length. An
// unknown one stays as it is, as in Python.
func escape(b *strings.Builder, s string) int {
	const from, to = "ntrfvab0\\'\"", "\n\t\r\f\v\a\b\x00\\'\""
	if i := strings.IndexByte(from, s[1]); i >= 0 {
		b.WriteByte(to[i])
		return 2
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[s[1]]
	if digits > 0 && len(s) >= 2+digits {
		if v, err := strconv.ParseUint(s[2:2+digits], 16, 32); err == nil {
			b.WriteRune(rune(v))
			return 2 + digits
		}
	}
	if s[1] != '\n' { // a backslash at the end of a line joins it with the next
		b.WriteString(s[:2])
	}
	return 2
}
