package syntax

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"wafer/internal/diag"
)

// Kind is a kind of token. Keywords and punctuation have one kind each.
type Kind uint8

// Token kinds without a fixed spelling.
const (
	EOF Kind = iota
	Name
	BuiltinName
	Int
	Float
	Char
	String
	fixedKinds
)

// Punctuation and keywords; spellings below in the same order.
const (
	LParen Kind = iota + fixedKinds
	RParen
	LBrace
	RBrace
	LBrack
	RBrack
	Comma
	Semi
	Colon
	Dot
	DotStar
	DotBrace
	Arrow  // =>
	RArrow // ->
	Assign_
	Plus
	Minus
	Star
	Slash
	Percent
	Amp
	Pipe
	Caret
	Tilde
	Bang
	ShlTok
	ShrTok
	EqEq
	BangEq
	Less
	LessEq
	Greater
	GreaterEq
	PlusEq
	MinusEq
	StarEq
	SlashEq
	PercentEq
	AmpEq
	PipeEq
	CaretEq
	ShlEq
	ShrEq
	KwAlign
	KwAnd
	KwAnytype
	KwAsm
	KwBreak
	KwComptime
	KwConst
	KwContinue
	KwElse
	KwEnum
	KwExport
	KwExtern
	KwFn
	KwFor
	KwIf
	KwInline
	KwLayout
	KwLinkname
	KwLinksection
	KwOr
	KwPacked
	KwParam
	KwReturn
	KwStruct
	KwSwitch
	KwTask
	KwUnion
	KwVar
	KwVolatile
	KwWhile
	numKinds
)

var spelling = [numKinds - fixedKinds]string{
	"(", ")", "{", "}", "[", "]", ",", ";", ":", ".", ".*", ".{", "=>", "->", "=",
	"+", "-", "*", "/", "%", "&", "|", "^", "~", "!", "<<", ">>", "==", "!=", "<",
	"<=", ">", ">=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=",
	"align", "and", "anytype", "asm", "break", "comptime", "const", "continue",
	"else", "enum", "export", "extern", "fn", "for", "if", "inline", "layout",
	"linkname", "linksection", "or", "packed", "param", "return", "struct",
	"switch", "task", "union", "var", "volatile", "while",
}

// String gives the spelling in quotes, or the name of a kind without one.
func (k Kind) String() string {
	if k < fixedKinds {
		return [...]string{
			"end of file", "name", "builtin", "integer", "number", "character", "string",
		}[k]
	}
	return "'" + spelling[k-fixedKinds] + "'"
}

var keywords, puncts = buildTables()

// buildTables derives both look-up tables from the one list of spellings.
func buildTables() (kw, pu map[string]Kind) {
	kw, pu = map[string]Kind{}, map[string]Kind{}
	for i, s := range spelling {
		k := fixedKinds + Kind(i)
		if k >= KwAlign {
			kw[s] = k
		} else {
			pu[s] = k
		}
	}
	return kw, pu
}

// token is one token; text is its spelling, or the value of a String.
type token struct {
	kind Kind
	pos  Pos
	end  Pos
	text string
}

// MaxFile bounds a source file; no CSL file comes near it.
const MaxFile = 64 << 20

type lexer struct {
	file  *File
	src   []byte
	at    int
	diags *diag.List
	// badLine has the lines with a mistake, for the parser to be quiet about.
	badLine map[int]bool
}

func newFile(name string, text []byte) *File {
	f := &File{Name: name, Text: text, lines: []int32{0}}
	for i, c := range text {
		if c == '\n' {
			f.lines = append(f.lines, int32(i+1))
		}
	}
	return f
}

// tokens reads the whole file; the last token is EOF.
func (l *lexer) tokens() []token {
	out := make([]token, 0, len(l.src)/4+1)
	for {
		l.skipSpace()
		t := l.next()
		if t.kind == numKinds { // not a token; already reported
			continue
		}
		t.end = Pos(l.at)
		out = append(out, t)
		if t.kind == EOF {
			return out
		}
	}
}

func (l *lexer) skipSpace() {
	for l.at < len(l.src) {
		switch c := l.src[l.at]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			l.at++
		case c == '/' && l.peek(1) == '/':
			for l.at < len(l.src) && l.src[l.at] != '\n' {
				l.at++
			}
		default:
			return
		}
	}
}

func (l *lexer) peek(n int) byte {
	if l.at+n < len(l.src) {
		return l.src[l.at+n]
	}
	return 0
}

func (l *lexer) next() token {
	start := l.at
	if start >= len(l.src) {
		return token{kind: EOF, pos: Pos(start)}
	}
	c := l.src[start]
	switch {
	case isLetter(c):
		l.word()
		text := string(l.src[start:l.at])
		if k, ok := keywords[text]; ok {
			return token{kind: k, pos: Pos(start), text: text}
		}
		return token{kind: Name, pos: Pos(start), text: text}
	case c == '@' && isLetter(l.peek(1)):
		l.at++
		l.word()
		return token{kind: BuiltinName, pos: Pos(start), text: string(l.src[start+1 : l.at])}
	case isDigit(c):
		return l.number()
	case c == '"':
		return l.stringLit()
	case c == '\'':
		return l.charLit()
	}
	return l.punct()
}

func isLetter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

func (l *lexer) word() {
	for l.at < len(l.src) && (isLetter(l.src[l.at]) || isDigit(l.src[l.at])) {
		l.at++
	}
}

// number reads 12, 0x1f, 0b101, 0o7, 1_000, 1.5, 1e-3, .5 being no number.
func (l *lexer) number() token {
	start := l.at
	kind := Int
	if l.src[start] == '0' && strings.IndexByte("xXbBoO", l.peek(1)) >= 0 {
		l.at += 2
		l.word()
	} else {
		l.digits()
		// "1.." and "1.*" and "1.name" are no fractions.
		if l.peek(0) == '.' && isDigit(l.peek(1)) {
			kind = Float
			l.at++
			l.digits()
		} else if l.peek(0) == '.' && !isLetter(l.peek(1)) && strings.IndexByte(".*{", l.peek(1)) < 0 {
			kind = Float
			l.at++
		}
		if c := l.peek(0) | 0x20; c == 'e' && l.exponentFollows() {
			kind = Float
			l.at += 2
			l.digits()
		}
		l.word() // letters stuck to a number are part of the mistake
	}
	return token{kind: kind, pos: Pos(start), text: string(l.src[start:l.at])}
}

func (l *lexer) exponentFollows() bool {
	c := l.peek(1)
	return isDigit(c) || (c == '+' || c == '-') && isDigit(l.peek(2))
}

func (l *lexer) digits() {
	for isDigit(l.peek(0)) || l.peek(0) == '_' {
		l.at++
	}
}

func (l *lexer) stringLit() token {
	start := l.at
	l.at++
	var b strings.Builder
	for l.at < len(l.src) && l.src[l.at] != '"' && l.src[l.at] != '\n' {
		b.WriteByte(l.char())
	}
	if l.peek(0) != '"' {
		l.fail(start, l.at-start, "E0002", "string is not closed on its line", "end it with '\"'")
	} else {
		l.at++
	}
	return token{kind: String, pos: Pos(start), text: b.String()}
}

func (l *lexer) charLit() token {
	start := l.at
	l.at++
	var r rune
	if l.at < len(l.src) && l.src[l.at] >= utf8.RuneSelf {
		c, n := utf8.DecodeRune(l.src[l.at:])
		r = c
		l.at += n
	} else if l.at < len(l.src) && l.src[l.at] != '\n' && l.src[l.at] != '\'' {
		r = rune(l.char())
	}
	if l.peek(0) != '\'' {
		for l.at < len(l.src) && l.src[l.at] != '\'' && l.src[l.at] != '\n' {
			l.at++
		}
		if l.peek(0) == '\'' {
			l.at++
		}
		l.fail(start, l.at-start, "E0003", "character literal is not closed", "write one character between single quotes")
	} else {
		l.at++
	}
	return token{kind: Char, pos: Pos(start), text: strconv.Itoa(int(r))}
}

// char reads one byte of a string or character, resolving an escape.
func (l *lexer) char() byte {
	c := l.src[l.at]
	l.at++
	if c != '\\' || l.at >= len(l.src) {
		return c
	}
	e := l.src[l.at]
	l.at++
	if i := strings.IndexByte("nrt0\\'\"", e); i >= 0 {
		return "\n\r\t\x00\\'\""[i]
	}
	if e == 'x' && l.at+2 <= len(l.src) {
		if v, err := strconv.ParseUint(string(l.src[l.at:l.at+2]), 16, 8); err == nil {
			l.at += 2
			return byte(v)
		}
	}
	l.fail(l.at-2, 2, "E0004", "unknown escape sequence", `use one of \n \r \t \0 \\ \' \" \xNN`)
	return e
}

// punct takes the longest spelling that fits.
func (l *lexer) punct() token {
	start := l.at
	for n := min(3, len(l.src)-start); n > 0; n-- {
		if k, ok := puncts[string(l.src[start:start+n])]; ok {
			l.at += n
			return token{kind: k, pos: Pos(start), text: spelling[k-fixedKinds]}
		}
	}
	_, n := utf8.DecodeRune(l.src[start:])
	l.at += n
	l.fail(start, n, "E0001", "unexpected character "+strconv.Quote(string(l.src[start:l.at])), "remove it")
	return token{kind: numKinds}
}

func (l *lexer) fail(at, n int, code diag.Code, msg, cure string) {
	pos := l.file.Place(Pos(at), n)
	l.badLine[pos.Line] = true
	l.diags.Add(diag.Diagnostic{Code: code, Pos: pos, Message: msg, Cure: cure})
}
