package expr

import (
	"strings"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tEOF tokenKind = iota
	tLiteral
	tName
	tText
	tOp
	tBad
)

// token is a word of a formula. text holds a literal without its quotes, a name
// or an operator.
type token struct {
	kind tokenKind
	text string
	off  int
	len  int
}

// operators, longest first.
var operators = []string{"<=", ">=", "==", "!=", "+", "-", "*", "/", "^", "(", ")", ",", "<", ">"}

// lex cuts a formula into tokens; the last is tEOF. What it does not know
// becomes tBad and is reported by the parser, in its place.
func lex(src string) []token {
	var out []token
	for i := 0; i < len(src); {
		c := src[i]
		if c == ' ' || c == '\t' || c == '\n' || c == '\r' {
			i++
			continue
		}
		t := lexOne(src, i)
		out = append(out, t)
		i += t.len
	}
	return append(out, token{kind: tEOF, off: len(src)})
}

func lexOne(src string, i int) token {
	c := src[i]
	switch {
	case isDigit(c) || (c == '$' || c == '.') && i+1 < len(src) && isDigit(src[i+1]):
		n := literalLen(src[i:])
		return token{tLiteral, src[i : i+n], i, n}
	case isNameStart(c):
		n := nameLen(src[i:])
		return token{tName, src[i : i+n], i, n}
	case c == '"' || c == '\'':
		if n := strings.IndexByte(src[i+1:], c); n >= 0 {
			return token{tText, src[i+1 : i+1+n], i, n + 2}
		}
		return token{tBad, "text without closing quote", i, len(src) - i}
	}
	for _, op := range operators {
		if strings.HasPrefix(src[i:], op) {
			return token{tOp, op, i, len(op)}
		}
	}
	_, n := utf8.DecodeRuneInString(src[i:])
	return token{tBad, "", i, n}
}

// literalLen covers a number with its magnitude and one unit word: "5M",
// "750 MW[it]", "$27B", "12%", or a date. Products and quotients of units are
// ordinary arithmetic in a formula: 12 M$ / MW / yr.
func literalLen(s string) int {
	if len(s) >= 10 && (len(s) == 10 || !isWordByte(s[10])) {
		if _, ok := ParseDate(s[:10]); ok {
			return 10
		}
	}
	i := 0
	money := s[0] == '$'
	if money {
		i = 1
	}
	if s[i] == '.' {
		i++
		for i < len(s) && isDigit(s[i]) {
			i++
		}
	} else {
		i += len(numberPrefix(formulaNumber(s[i:])))
	}
	_, rest := magnitude(s[i:])
	i = len(s) - len(rest)
	if money {
		return i
	}
	j := i
	for j < len(s) && s[j] == ' ' {
		j++
	}
	if n := unitWordLen(s[j:]); n > 0 {
		return j + n
	}
	return i
}

// formulaNumber cuts a number at a comma: in a formula a comma separates
// arguments, so thousands are written without.
func formulaNumber(s string) string {
	if i := strings.IndexByte(s, ','); i >= 0 {
		return s[:i]
	}
	return s
}

// unitWordLen is the length of a unit word with kind and power at the start of
// s, or 0 if the word there is no unit (then it is a name or an operator word).
func unitWordLen(s string) int {
	n := 0
	for n < len(s) && isWordByte(s[n]) {
		n++
	}
	if n == 0 {
		return 0
	}
	if _, ok := lookupUnit(s[:n]); !ok {
		return 0
	}
	if n < len(s) && (s[n] == '.' || s[n] == '(') {
		return 0 // a dotted name or a function that begins like a unit
	}
	if n < len(s) && s[n] == '[' {
		if k := strings.IndexByte(s[n:], ']'); k > 0 {
			n += k + 1
		}
	}
	return n
}

func isNameStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}

// nameLen covers a dotted name; a unit with a kind in brackets counts as one.
func nameLen(s string) int {
	n := 0
	for n < len(s) && (isNameStart(s[n]) || isDigit(s[n]) || s[n] == '.' && n+1 < len(s) && isNameByte(s[n+1])) {
		n++
	}
	if n < len(s) && s[n] == '$' { // M$, B$
		n++
	}
	if n < len(s) && s[n] == '[' {
		if k := strings.IndexByte(s[n:], ']'); k > 0 {
			n += k + 1
		}
	}
	return n
}

func isNameByte(c byte) bool { return isNameStart(c) || isDigit(c) }
