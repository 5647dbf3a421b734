// Package expr is the small language in which a claim is put as a formula over
// model outputs: arithmetic with units, comparisons, and, or, not, a few
// functions. In: the text of a formula and a way to look names up. Out: a value
// with its unit, the arithmetic written out, or an *Error with the place of the
// mistake in the text.
//
//	formula  = or
//	or       = and { "or" and }
//	and      = not { "and" not }
//	not      = [ "not" ] compare
//	compare  = sum [ ("<" | "<=" | ">" | ">=" | "==" | "!=") sum ]
//	sum      = product { ("+" | "-") product }
//	product  = sign { ("*" | "/") sign }
//	sign     = [ "-" ] power
//	power    = primary [ "^" sign ]
//	primary  = literal | text | name | unit | name "(" formula { "," formula } ")" | "(" formula ")"
//
// A literal may carry a unit (750 MW, $27B, 12%); a unit alone is one of it, so
// 12 M$ / MW / yr is a price a megawatt-year.
package expr

import (
	"fmt"

	"wafer/internal/diag"
)

// Error is a mistake in a formula: Off and Len say where, in bytes of its text.
type Error struct {
	Code    diag.Code
	Off     int
	Len     int
	Message string
	Cure    string
}

func (e *Error) Error() string { return e.Message }

// The codes of mistakes in formulas and quantities. docs/deal-claims.md has an
// example of each.
const (
	CodeSyntax  diag.Code = "E0620" // the formula cannot be read
	CodeName    diag.Code = "E0621" // unknown name or function
	CodeUnits   diag.Code = "E0622" // units do not fit
	CodeKind    diag.Code = "E0623" // a number where yes/no, text or a date is needed, or the reverse
	CodeDomain  diag.Code = "E0624" // no finite result: division by zero, root of a negative number
	CodeArgs    diag.Code = "E0625" // wrong number of arguments
	CodeTooLong diag.Code = "E0626" // beyond MaxLen or MaxDepth
)

// Limits of a formula.
const (
	MaxLen   = 2000
	MaxDepth = 50
)

// nodeKind is the kind of a syntax tree node.
type nodeKind uint8

const (
	nLiteral nodeKind = iota
	nName
	nUnary
	nBinary
	nCall
)

// node is one node. text is the operator, name or literal as written.
type node struct {
	kind  nodeKind
	text  string
	value Value // of a literal
	off   int
	len   int
	args  []*node
}

// Expr is a parsed formula.
type Expr struct {
	src  string
	root *node
}

// String is the formula as it was written.
func (e *Expr) String() string { return e.src }

// Parse reads a formula. Names are not checked here: Eval knows them.
func Parse(src string) (*Expr, *Error) {
	if len(src) > MaxLen {
		return nil, &Error{Code: CodeTooLong, Off: MaxLen, Message: fmt.Sprintf("the formula has %d bytes, the limit is %d", len(src), MaxLen), Cure: "name its parts as constants with a formula of their own"}
	}
	p := &parser{src: src, tokens: lex(src)}
	root := p.or(0)
	if p.err == nil && p.peek().kind != tEOF {
		p.unexpected("an operator or the end of the formula")
	}
	if p.err != nil {
		return nil, p.err
	}
	return &Expr{src, root}, nil
}

type parser struct {
	src    string
	tokens []token
	at     int
	err    *Error
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != tEOF {
		p.at++
	}
	return t
}

// fail keeps the first mistake; the rest would only follow from it.
func (p *parser) fail(t token, code diag.Code, cure, format string, args ...any) *node {
	if p.err == nil {
		p.err = &Error{Code: code, Off: t.off, Len: t.len, Message: fmt.Sprintf(format, args...), Cure: cure}
	}
	return &node{off: t.off, len: t.len}
}

func (p *parser) unexpected(want string) *node {
	t := p.peek()
	switch {
	case t.kind == tEOF && t.off == 0:
		return p.fail(t, CodeSyntax, "write a formula such as `fees.total / mw.total`", "the formula is empty")
	case t.kind == tEOF:
		return p.fail(t, CodeSyntax, "", "the formula ends where %s is needed", want)
	case t.kind == tBad && t.text != "":
		return p.fail(t, CodeSyntax, "close the quote", "%s", t.text)
	}
	cure := ""
	switch p.src[t.off : t.off+t.len] {
	case "=":
		cure = "write == to compare"
	case "&":
		cure = "write `and`"
	case "|":
		cure = "write `or`"
	case "!":
		cure = "write `not`"
	case "×":
		cure = "write * to multiply"
	case "÷":
		cure = "write / to divide"
	}
	return p.fail(t, CodeSyntax, cure, "%q stands where %s is needed", p.src[t.off:t.off+t.len], want)
}

// isOp reports whether the next token is one of the operators or words.
func (p *parser) isOp(ops ...string) bool {
	t := p.peek()
	if p.err != nil || t.kind != tOp && t.kind != tName {
		return false
	}
	for _, o := range ops {
		if t.text == o {
			return true
		}
	}
	return false
}

// left parses a left-associative chain of binary operators.
func (p *parser) left(depth int, operand func(int) *node, ops ...string) *node {
	n := operand(depth)
	for p.isOp(ops...) {
		op := p.next()
		n = &node{kind: nBinary, text: op.text, off: op.off, len: op.len, args: []*node{n, operand(depth)}}
	}
	return n
}

func (p *parser) or(depth int) *node {
	if depth > MaxDepth {
		return p.fail(p.peek(), CodeTooLong, "name its parts as constants with a formula of their own", "the formula is nested deeper than %d", MaxDepth)
	}
	return p.left(depth, p.and, "or")
}

func (p *parser) and(depth int) *node { return p.left(depth, p.not, "and") }

func (p *parser) not(depth int) *node {
	if p.isOp("not") {
		op := p.next()
		return &node{kind: nUnary, text: "not", off: op.off, len: op.len, args: []*node{p.deeper(depth, p.not)}}
	}
	return p.compare(depth)
}

// deeper guards the rules that recurse into themselves without a bracket.
func (p *parser) deeper(depth int, rule func(int) *node) *node {
	if depth > MaxDepth {
		return p.or(depth) // reports the depth
	}
	return rule(depth + 1)
}

func (p *parser) compare(depth int) *node {
	n := p.left2(depth)
	if p.isOp("<", "<=", ">", ">=", "==", "!=") {
		op := p.next()
		n = &node{kind: nBinary, text: op.text, off: op.off, len: op.len, args: []*node{n, p.left2(depth)}}
	}
	return n
}

func (p *parser) left2(depth int) *node { return p.left(depth, p.product, "+", "-") }

func (p *parser) product(depth int) *node { return p.left(depth, p.sign, "*", "/") }

func (p *parser) sign(depth int) *node {
	if p.isOp("-") {
		op := p.next()
		return &node{kind: nUnary, text: "-", off: op.off, len: op.len, args: []*node{p.deeper(depth, p.sign)}}
	}
	return p.power(depth)
}

func (p *parser) power(depth int) *node {
	n := p.primary(depth)
	if p.isOp("^") {
		op := p.next()
		n = &node{kind: nBinary, text: "^", off: op.off, len: op.len, args: []*node{n, p.deeper(depth, p.sign)}}
	}
	return n
}

func (p *parser) primary(depth int) *node {
	t := p.peek()
	if p.err != nil {
		return &node{}
	}
	switch {
	case t.kind == tLiteral:
		return p.literal(p.next())
	case t.kind == tText:
		p.next()
		return &node{kind: nLiteral, text: t.text, value: Value{Kind: Text, Text: t.text}, off: t.off, len: t.len}
	case t.kind == tName && !reserved(t.text):
		p.next()
		if p.isOp("(") {
			return p.call(t, depth)
		}
		return nameOrUnit(t)
	case p.isOp("("):
		p.next()
		n := p.or(depth + 1)
		p.expect(")")
		return n
	}
	return p.unexpected("a number, a name or a bracket")
}

func reserved(s string) bool { return s == "and" || s == "or" || s == "not" }

func (p *parser) expect(op string) {
	if p.err != nil {
		return
	}
	if !p.isOp(op) {
		p.unexpected(fmt.Sprintf("%q", op))
		return
	}
	p.next()
}

func (p *parser) literal(t token) *node {
	q, err := ParseQuantity(t.text)
	if err != nil {
		return p.fail(t, CodeSyntax, "", "%v", err)
	}
	return &node{kind: nLiteral, text: t.text, value: q.Value, off: t.off, len: t.len}
}

// nameOrUnit keeps both possibilities of a bare word such as MW: the name wins
// at evaluation if the model has one.
func nameOrUnit(t token) *node {
	n := &node{kind: nName, text: t.text, off: t.off, len: t.len}
	switch t.text {
	case "true", "false":
		n.kind, n.value = nLiteral, Value{Kind: Bool, Bool: t.text == "true"}
	}
	return n
}

func (p *parser) call(name token, depth int) *node {
	n := &node{kind: nCall, text: name.text, off: name.off, len: name.len}
	p.next() // the bracket
	if p.isOp(")") {
		p.next()
		return n
	}
	for p.err == nil {
		n.args = append(n.args, p.or(depth+1))
		if !p.isOp(",") {
			break
		}
		p.next()
	}
	p.expect(")")
	return n
}

// Names lists the names that a formula looks up, in order of appearance, each
// once. Units that stand alone are among them.
func (e *Expr) Names() []string {
	var out []string
	seen := map[string]bool{}
	var walk func(n *node)
	walk = func(n *node) {
		if n.kind == nName && !seen[n.text] {
			seen[n.text] = true
			out = append(out, n.text)
		}
		for _, a := range n.args {
			walk(a)
		}
	}
	walk(e.root)
	return out
}
