package template

import (
	"slices"
	"strings"
)

// control is how a statement ends.
type control uint8

const (
	goOn control = iota
	breakLoop
	nextTurn
)

// stmt runs a statement; expr computes a value.
type (
	stmt func(e *env) control
	expr func(e *env) any
)

func exec(e *env, body []stmt) control {
	for _, s := range body {
		if c := s(e); c != goOn {
			return c
		}
	}
	return goOn
}

type parser struct {
	toks  []token
	at    int
	depth int
	loops int // open for blocks
}

func (p *parser) peek() token { return p.toks[p.at] }

func (p *parser) next() token {
	t := p.toks[p.at]
	if t.kind != tokEOF {
		p.at++
	}
	return t
}

// is reports whether the next token is this operator or word.
func (p *parser) is(text string) bool {
	t := p.peek()
	return (t.kind == tokOp || t.kind == tokName) && t.text == text
}

func (p *parser) take(text string) bool {
	if p.is(text) {
		p.at++
		return true
	}
	return false
}

func (p *parser) want(text string) {
	if !p.take(text) {
		fail(codeSyntax, p.peek().line, "", "%q is expected and %s stands here", text, p.peek())
	}
}

func (p *parser) wantKind(k tokKind, what string) token {
	t := p.next()
	if t.kind != k {
		fail(codeSyntax, t.line, "", "%s is expected and %s stands here", what, t)
	}
	return t
}

// nest guards the recursion of the parser.
func (p *parser) nest() func() {
	if p.depth++; p.depth > maxDepth {
		fail(codeLimit, p.peek().line, "", "the template nests deeper than %d", maxDepth)
	}
	return func() { p.depth-- }
}

// block parses up to a tag that starts with one of the words, or to the end; the
// {% is consumed, the word is not.
func (p *parser) block(until ...string) []stmt {
	defer p.nest()()
	var out []stmt
	for {
		switch t := p.next(); t.kind {
		case tokText:
			out = append(out, func(e *env) control { e.write(t.text, t.line); return goOn })
		case tokOpen:
			v := p.tuple()
			p.wantKind(tokClose, "}}")
			out = append(out, func(e *env) control { e.write(str(v(e)), t.line); return goOn })
		case tokBegin:
			if p.peek().kind == tokName && slices.Contains(until, p.peek().text) {
				return out
			}
			out = append(out, p.statement())
		case tokEOF:
			if len(until) > 0 {
				fail(codeSyntax, t.line, "", "the template ends and {%% %s %%} is missing", until[len(until)-1])
			}
			return out
		default:
			fail(codeSyntax, t.line, "", "%s has no meaning here", t)
		}
	}
}

// end takes the closing word of a block and its %}.
func (p *parser) end(word string) {
	p.want(word)
	p.close()
}

func (p *parser) close() { p.wantKind(tokEnd, "%}") }

func (p *parser) statement() stmt {
	t := p.wantKind(tokName, "a statement")
	switch t.text {
	case "if":
		return p.ifStmt()
	case "for":
		return p.forStmt(t.line)
	case "set":
		return p.set()
	case "macro":
		return p.macro()
	case "filter":
		return p.filterBlock()
	case "generation": // marks what the model writes, for training only
		p.close()
		body := p.block("endgeneration")
		p.end("endgeneration")
		return func(e *env) control { return exec(e, body) }
	case "do":
		v := p.tuple()
		p.close()
		return func(e *env) control { v(e); return goOn }
	case "break", "continue":
		return p.jump(t)
	}
	fail(codeSyntax, t.line, "the statements that are understood: if, for, set, macro, filter, do, break, continue, raw, generation", "the statement %q is not understood", t.text)
	return nil
}

func (p *parser) jump(t token) stmt {
	p.close()
	if p.loops == 0 {
		fail(codeSyntax, t.line, "", "%s stands outside a loop", t.text)
	}
	c := breakLoop
	if t.text == "continue" {
		c = nextTurn
	}
	return func(*env) control { return c }
}

func (p *parser) ifStmt() stmt {
	cond := p.expression()
	p.close()
	then := p.block("elif", "else", "endif")
	var otherwise []stmt
	switch {
	case p.take("elif"):
		otherwise = []stmt{p.ifStmt()}
	case p.take("else"):
		p.close()
		otherwise = p.block("endif")
		p.end("endif")
	default:
		p.end("endif")
	}
	return func(e *env) control {
		if truth(cond(e)) {
			return exec(e, then)
		}
		return exec(e, otherwise)
	}
}

// targets are the names that a for or set gives values to.
func (p *parser) targets() []string {
	paren := p.take("(")
	names := []string{p.wantKind(tokName, "a name").text}
	for p.take(",") {
		names = append(names, p.wantKind(tokName, "a name").text)
	}
	if paren {
		p.want(")")
	}
	return names
}

func assign(e *env, names []string, v any, line int) {
	if len(names) == 1 {
		e.vars[names[0]] = v
		return
	}
	l := items(v, line)
	if len(l) != len(names) {
		fail(codeValue, line, "", "%d values cannot be given to %d names", len(l), len(names))
	}
	for i, n := range names {
		e.vars[n] = l[i]
	}
}

func (p *parser) forStmt(line int) stmt {
	names := p.targets()
	p.want("in")
	over := p.orExpr() // not a conditional expression: "if" starts the filter
	var keep expr
	if p.take("if") {
		keep = p.expression()
	}
	p.take("recursive")
	p.close()
	p.loops++
	body := p.block("else", "endfor")
	p.loops--
	var otherwise []stmt
	if p.take("else") {
		p.close()
		otherwise = p.block("endfor")
	}
	p.end("endfor")
	return func(e *env) control {
		list := items(over(e), line)
		if keep != nil {
			list = filterLoop(e, names, list, keep, line)
		}
		if len(list) == 0 {
			return exec(e, otherwise)
		}
		for i, v := range list {
			e.step(line)
			in := e.inner()
			in.vars["loop"] = loopVars(list, i)
			assign(in, names, v, line)
			if exec(in, body) == breakLoop {
				break
			}
		}
		return goOn
	}
}

func filterLoop(e *env, names []string, list []any, keep expr, line int) []any {
	var kept []any
	for _, v := range list {
		e.step(line)
		in := e.inner()
		assign(in, names, v, line)
		if truth(keep(in)) {
			kept = append(kept, v)
		}
	}
	return kept
}

// loopVars is the variable loop of turn i.
func loopVars(list []any, i int) *dict {
	n := len(list)
	d := newDict()
	d.set("index", int64(i+1))
	d.set("index0", int64(i))
	d.set("revindex", int64(n-i))
	d.set("revindex0", int64(n-i-1))
	d.set("first", i == 0)
	d.set("last", i == n-1)
	d.set("length", int64(n))
	if i > 0 {
		d.set("previtem", list[i-1])
	}
	if i < n-1 {
		d.set("nextitem", list[i+1])
	}
	d.set("cycle", function(func(_ *env, c call) any {
		if len(c.args) == 0 {
			fail(codeValue, c.line, "", "cycle needs values")
		}
		return c.args[i%len(c.args)]
	}))
	return d
}

func (p *parser) set() stmt {
	line := p.peek().line
	names := p.targets()
	if len(names) == 1 && p.take(".") { // a field of a namespace
		field := p.wantKind(tokName, "a name").text
		p.want("=")
		v := p.tuple()
		p.close()
		return func(e *env) control {
			ns, ok := e.lookup(names[0]).(*dict)
			if !ok || !ns.namespace {
				fail(codeValue, line, "", "%s is no namespace, so its fields cannot be set", names[0])
			}
			ns.set(field, v(e))
			return goOn
		}
	}
	if p.take("=") {
		v := p.tuple()
		p.close()
		return func(e *env) control { assign(e, names, v(e), line); return goOn }
	}
	p.close()
	body := p.block("endset")
	p.end("endset")
	return func(e *env) control {
		e.vars[names[0]] = capture(e, body)
		return goOn
	}
}

// capture gives the output of statements as a value.
func capture(e *env, body []stmt) string {
	in := e.inner()
	in.out = &strings.Builder{}
	exec(in, body)
	return in.out.String()
}

func (p *parser) filterBlock() stmt {
	v := p.filter(func(e *env) any { return e.lookup(filterInput) })
	line := p.peek().line
	p.close()
	body := p.block("endfilter")
	p.end("endfilter")
	return func(e *env) control {
		// The input goes through a variable of the scope, not of the parser, so
		// that one template can render in several goroutines.
		in := e.inner()
		in.vars[filterInput] = capture(e, body)
		e.write(str(v(in)), line)
		return goOn
	}
}

// filterInput cannot be written in a template.
const filterInput = " filter input"

// macro defines a function of the template.
func (p *parser) macro() stmt {
	name := p.wantKind(tokName, "the name of a macro")
	p.want("(")
	var params []string
	defaults := map[string]expr{}
	for !p.take(")") {
		n := p.wantKind(tokName, "a parameter").text
		params = append(params, n)
		if p.take("=") {
			defaults[n] = p.expression()
		}
		if !p.is(")") {
			p.want(",")
		}
	}
	p.close()
	loops := p.loops
	p.loops = 0
	body := p.block("endmacro")
	p.loops = loops
	p.want("endmacro")
	if p.peek().kind == tokName { // the name may be repeated
		p.next()
	}
	p.close()
	return func(e *env) control {
		e.vars[name.text] = function(func(_ *env, c call) any {
			var out string
			e.deeper(name.line, func() { out = callMacro(e, params, defaults, body, c) })
			return out
		})
		return goOn
	}
}

func callMacro(e *env, params []string, defaults map[string]expr, body []stmt, c call) string {
	in := e.inner()
	for i, n := range params {
		switch v, named := c.named(n); {
		case i < len(c.args):
			in.vars[n] = c.args[i]
		case named:
			in.vars[n] = v
		case defaults[n] != nil:
			in.vars[n] = defaults[n](in)
		default:
			in.vars[n] = undefined{n}
		}
	}
	if len(c.args) > len(params) {
		fail(codeValue, c.line, "", "a macro with %d parameters is called with %d", len(params), len(c.args))
	}
	return capture(in, body)
}
