package template

import (
	"math"
	"strconv"
)

// The grammar of expressions, loosest first, as in Jinja: conditional, or, and,
// not, comparison, + −, ~, * / // %, **, sign, then filters and tests.

// tuple is an expression list; more than one makes a list.
func (p *parser) tuple() expr {
	first := p.expression()
	if !p.is(",") {
		return first
	}
	all := []expr{first}
	for p.take(",") {
		if p.peek().kind == tokEnd || p.peek().kind == tokClose || p.is(")") {
			break
		}
		all = append(all, p.expression())
	}
	return listOf(all)
}

func listOf(all []expr) expr {
	return func(e *env) any {
		l := &list{}
		for _, x := range all {
			l.items = append(l.items, x(e))
		}
		return l
	}
}

func (p *parser) expression() expr {
	defer p.nest()()
	v := p.orExpr()
	for p.take("if") {
		cond, then := p.orExpr(), v
		otherwise := func(*env) any { return undefined{"an if without else"} }
		if p.take("else") {
			otherwise = p.expression()
		}
		v = func(e *env) any {
			if truth(cond(e)) {
				return then(e)
			}
			return otherwise(e)
		}
	}
	return v
}

func (p *parser) orExpr() expr {
	v := p.andExpr()
	for p.take("or") {
		a, b := v, p.andExpr()
		v = func(e *env) any {
			if x := a(e); truth(x) {
				return x
			}
			return b(e)
		}
	}
	return v
}

func (p *parser) andExpr() expr {
	v := p.notExpr()
	for p.take("and") {
		a, b := v, p.notExpr()
		v = func(e *env) any {
			if x := a(e); !truth(x) {
				return x
			}
			return b(e)
		}
	}
	return v
}

func (p *parser) notExpr() expr {
	defer p.nest()()
	if p.take("not") {
		v := p.notExpr()
		return func(e *env) any { return !truth(v(e)) }
	}
	return p.comparison()
}

// compareOp takes a comparison operator, or gives "".
func (p *parser) compareOp() string {
	for _, op := range []string{"==", "!=", "<=", ">=", "<", ">", "in"} {
		if p.take(op) {
			return op
		}
	}
	if p.is("not") && p.toks[p.at+1].text == "in" {
		p.at += 2
		return "not in"
	}
	return ""
}

// comparison may be a chain: a < b < c means a < b and b < c.
func (p *parser) comparison() expr {
	first := p.sum()
	type link struct {
		op   string
		v    expr
		line int
	}
	var chain []link
	for {
		line := p.peek().line
		op := p.compareOp()
		if op == "" {
			break
		}
		chain = append(chain, link{op, p.sum(), line})
	}
	if chain == nil {
		return first
	}
	return func(e *env) any {
		a := first(e)
		for _, c := range chain {
			b := c.v(e)
			if !compare(c.op, a, b, c.line) {
				return false
			}
			a = b
		}
		return true
	}
}

// binary parses a left-associative level.
func (p *parser) binary(ops []string, operand func() expr) expr {
	v := operand()
	for {
		t := p.peek()
		found := ""
		for _, op := range ops {
			if t.kind == tokOp && t.text == op {
				found = op
			}
		}
		if found == "" {
			return v
		}
		p.next()
		a, b := v, operand()
		v = func(e *env) any { return arithmetic(found, a(e), b(e), t.line) }
	}
}

func (p *parser) sum() expr     { return p.binary([]string{"+", "-"}, p.concat) }
func (p *parser) concat() expr  { return p.binary([]string{"~"}, p.product) }
func (p *parser) product() expr { return p.binary([]string{"*", "/", "//", "%"}, p.power) }
func (p *parser) power() expr   { return p.binary([]string{"**"}, func() expr { return p.unary(true) }) }

func (p *parser) unary(filters bool) expr {
	defer p.nest()()
	line := p.peek().line
	var v expr
	switch {
	case p.take("-"):
		x := p.unary(false)
		v = func(e *env) any { return arithmetic("-", int64(0), x(e), line) }
	case p.take("+"):
		v = p.unary(false)
	default:
		v = p.primary()
	}
	v = p.postfix(v)
	if filters {
		v = p.filters(v)
	}
	return v
}

func (p *parser) primary() expr {
	t := p.next()
	switch t.kind {
	case tokString:
		s := t.text
		for p.peek().kind == tokString { // neighbours are one string
			s += p.next().text
		}
		return constant(s)
	case tokInt:
		n, err := strconv.ParseInt(t.text, 10, 64)
		if err != nil {
			fail(codeSyntax, t.line, "", "the number %s is too large", t.text)
		}
		return constant(n)
	case tokFloat:
		f, _ := strconv.ParseFloat(t.text, 64)
		return constant(f)
	case tokName:
		return name(t.text)
	}
	switch {
	case t.kind == tokOp && t.text == "(":
		return p.paren()
	case t.kind == tokOp && t.text == "[":
		return listOf(p.list("]"))
	case t.kind == tokOp && t.text == "{":
		return p.dict()
	}
	fail(codeSyntax, t.line, "", "a value is expected and %s stands here", t)
	return nil
}

func constant(v any) expr { return func(*env) any { return v } }

func name(s string) expr {
	switch s {
	case "true", "True":
		return constant(true)
	case "false", "False":
		return constant(false)
	case "none", "None":
		return constant(nil)
	}
	return func(e *env) any { return e.lookup(s) }
}

func (p *parser) paren() expr {
	if p.take(")") {
		return listOf(nil)
	}
	v := p.tuple()
	p.want(")")
	return v
}

func (p *parser) list(closing string) []expr {
	var all []expr
	for !p.take(closing) {
		all = append(all, p.expression())
		if !p.is(closing) {
			p.want(",")
		}
	}
	return all
}

func (p *parser) dict() expr {
	var keys, values []expr
	line := p.peek().line
	for !p.take("}") {
		keys = append(keys, p.expression())
		p.want(":")
		values = append(values, p.expression())
		if !p.is("}") {
			p.want(",")
		}
	}
	return func(e *env) any {
		d := newDict()
		for i := range keys {
			d.set(hashable(keys[i](e), line), values[i](e))
		}
		return d
	}
}

// postfix parses .name, [index], [from:to:step] and (arguments).
func (p *parser) postfix(v expr) expr {
	for {
		line := p.peek().line
		base := v
		switch {
		case p.take("."):
			t := p.next()
			if t.kind == tokInt {
				i, _ := strconv.ParseInt(t.text, 10, 64)
				v = func(e *env) any { return index(base(e), i, line) }
				continue
			}
			if t.kind != tokName {
				fail(codeSyntax, t.line, "", "a name is expected after the point and %s stands here", t)
			}
			v = func(e *env) any { return attribute(base(e), t.text, line) }
		case p.take("["):
			v = p.subscript(base, line)
		case p.take("("):
			args := p.arguments()
			v = func(e *env) any {
				f, ok := base(e).(function)
				if !ok {
					fail(codeValue, line, "", "%s cannot be called", describe(base(e)))
				}
				return f(e, args(e, line))
			}
		default:
			return v
		}
	}
}

func (p *parser) subscript(base expr, line int) expr {
	var part [3]expr // from, to, step
	n := 0
	for ; n < 3; n++ {
		if !p.is(":") && !p.is("]") {
			part[n] = p.expression()
		}
		if !p.take(":") {
			break
		}
	}
	p.want("]")
	if n == 0 {
		if part[0] == nil {
			fail(codeSyntax, line, "", "an index is missing")
		}
		return func(e *env) any { return index(base(e), part[0](e), line) }
	}
	return func(e *env) any {
		var v [3]any
		for i, x := range part {
			if x != nil {
				v[i] = x(e)
			}
		}
		return slice(base(e), v, line)
	}
}

// call is a list of arguments, by place and by name.
type call struct {
	args []any
	kw   *dict
	line int
}

func (c call) named(name string) (any, bool) {
	if c.kw == nil {
		return nil, false
	}
	return c.kw.get(name)
}

// arg gives argument i, or the one of that name, or the default.
func (c call) arg(i int, name string, otherwise any) any {
	if i < len(c.args) {
		return c.args[i]
	}
	if v, ok := c.named(name); ok {
		return v
	}
	return otherwise
}

type function func(e *env, c call) any

func (p *parser) arguments() func(e *env, line int) call {
	type argument struct {
		name string
		v    expr
	}
	var all []argument
	for !p.take(")") {
		a := argument{}
		if p.peek().kind == tokName && p.toks[p.at+1].kind == tokOp && p.toks[p.at+1].text == "=" {
			a.name = p.next().text
			p.next()
		}
		a.v = p.expression()
		all = append(all, a)
		if !p.is(")") {
			p.want(",")
		}
	}
	return func(e *env, line int) call {
		c := call{line: line}
		for _, a := range all {
			if a.name == "" {
				c.args = append(c.args, a.v(e))
				continue
			}
			if c.kw == nil {
				c.kw = newDict()
			}
			c.kw.set(a.name, a.v(e))
		}
		return c
	}
}

// filters parses what may follow a value: |filter, is test, and a call of those.
func (p *parser) filters(v expr) expr {
	for {
		switch {
		case p.take("|"):
			v = p.filter(v)
		case p.is("is"):
			p.next()
			v = p.test(v)
		default:
			return v
		}
	}
}

// filter parses one filter, or in {% filter a|b %} the first of them.
func (p *parser) filter(v expr) expr {
	t := p.wantKind(tokName, "the name of a filter")
	f, ok := filterNamed(t.text)
	if !ok {
		fail(codeName, t.line, "", "the filter %q is not known", t.text)
	}
	args := func(*env, int) call { return call{line: t.line} }
	if p.take("(") {
		args = p.arguments()
	}
	out := func(e *env) any { return f(e, v(e), args(e, t.line)) }
	return p.filters(out)
}

func (p *parser) test(v expr) expr {
	not := p.take("not")
	t := p.wantKind(tokName, "the name of a test")
	f, ok := testNamed(t.text)
	if !ok {
		fail(codeName, t.line, "", "the test %q is not known", t.text)
	}
	args := func(*env, int) call { return call{line: t.line} }
	switch n := p.peek(); {
	case p.take("("):
		args = p.arguments()
	case n.kind == tokString, n.kind == tokInt, n.kind == tokFloat, n.kind == tokName && !reserved(n.text), p.is("["), p.is("{"):
		// A test may take one argument without brackets: "is divisibleby 3".
		x := p.postfix(p.primary())
		args = func(e *env, line int) call { return call{args: []any{x(e)}, line: line} }
	}
	return func(e *env) any { return f(v(e), args(e, t.line)) != not }
}

func reserved(word string) bool {
	switch word {
	case "and", "or", "not", "if", "else", "in", "is", "recursive":
		return true
	}
	return false
}

// slice is Python's v[from:to:step].
func slice(v any, part [3]any, line int) any {
	if u, ok := v.(undefined); ok {
		fail(codeValue, line, "", "%s is not defined and cannot be sliced", u.name)
	}
	_, isString := v.(string)
	all := items(v, line)
	n := int64(len(all))
	step := intOr(part[2], 1, line)
	if step == 0 {
		fail(codeValue, line, "", "the step of a slice is 0")
	}
	from, to := int64(0), n
	if step < 0 {
		from, to = n-1, -1
	}
	bound := func(x any, otherwise int64) int64 {
		if x == nil {
			return otherwise
		}
		i := intOr(x, 0, line)
		if i < 0 {
			i += n
		}
		if step < 0 {
			return max(-1, min(i, n-1))
		}
		return max(0, min(i, n))
	}
	from, to = bound(part[0], from), bound(part[1], to)
	out := &list{}
	for i := from; (step > 0 && i < to) || (step < 0 && i > to); i += step {
		out.items = append(out.items, all[i])
		if (step > 0 && i > math.MaxInt64-step) || (step < 0 && i < math.MinInt64-step) {
			break
		}
	}
	if isString {
		return join(out.items, "")
	}
	return out
}
