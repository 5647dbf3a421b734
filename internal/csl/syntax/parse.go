package syntax

import (
	"fmt"

	"wafer/internal/diag"
)

// MaxDepth bounds how deep expressions and blocks nest, so that hostile input
// cannot exhaust the host's stack.
const MaxDepth = 400

// Parse reads one file. It always returns a File; where the text is wrong the
// declaration is left out and ds says why.
func Parse(name string, text []byte, ds *diag.List) *File {
	f := newFile(name, text)
	if len(text) > MaxFile {
		ds.Errorf(diag.Pos{File: name}, "E0005", "file has %d bytes; the limit is %d", len(text), MaxFile)
		return f
	}
	lx := &lexer{file: f, src: text, diags: ds, badLine: map[int]bool{}}
	p := &parser{file: f, toks: lx.tokens(), diags: ds, badLine: lx.badLine}
	for p.tok().kind != EOF {
		p.topLevel()
	}
	return f
}

type parser struct {
	file  *File
	toks  []token
	at    int
	depth int
	diags *diag.List
	// badLine has the lines on which the lexer already reported something.
	badLine map[int]bool
	// noBrace is set while a return type is read: a '{' after it opens the body.
	noBrace bool
}

// bail unwinds to the nearest declaration or statement after a syntax error.
type bail struct{}

func (p *parser) tok() token { return p.toks[p.at] }

func (p *parser) peek(n int) Kind {
	if p.at+n < len(p.toks) {
		return p.toks[p.at+n].kind
	}
	return EOF
}

func (p *parser) advance() token {
	t := p.toks[p.at]
	if t.kind != EOF {
		p.at++
	}
	return t
}

func (p *parser) is(k Kind) bool { return p.tok().kind == k }

func (p *parser) accept(k Kind) bool {
	if p.is(k) {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(k Kind, where string) token {
	if !p.is(k) {
		p.fail("E0010", fmt.Sprintf("expected %v %s, found %s", k, where, p.found()), p.cureFor(k))
	}
	return p.advance()
}

// cureFor knows the one missing token that beginners meet most.
func (p *parser) cureFor(k Kind) string {
	if k == Semi {
		return "end the statement before with ';'"
	}
	return ""
}

func (p *parser) found() string {
	t := p.tok()
	switch t.kind {
	case EOF:
		return "the end of the file"
	case Name, Int, Float:
		return "'" + t.text + "'"
	case BuiltinName:
		return "'@" + t.text + "'"
	}
	return t.kind.String()
}

// fail reports a mistake at the current token, or just after the previous one
// where a ';' is missing, and unwinds.
func (p *parser) fail(code diag.Code, msg, cure string) {
	t := p.tok()
	pos := p.file.Place(t.pos, int(t.end-t.pos))
	if !p.badLine[pos.Line] { // after a bad character anything can follow
		p.diags.Add(diag.Diagnostic{Code: code, Pos: pos, Message: msg, Cure: cure})
	}
	panic(bail{})
}

// guarded runs f and, after a syntax error in it, lets sync find where to go on;
// sync learns the token at which f started.
func (p *parser) guarded(f func(), sync func(start int)) {
	start := p.at
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(bail); !ok {
				panic(r)
			}
			p.noBrace = false
			if p.at == start {
				p.advance()
			}
			sync(start)
		}
	}()
	f()
}

func (p *parser) enter() {
	if p.depth++; p.depth > MaxDepth {
		p.depth = 0
		p.fail("E0006", fmt.Sprintf("nested deeper than %d levels", MaxDepth), "split the expression or block")
	}
}

func (p *parser) leave() { p.depth-- }

// topLevel reads one declaration; a mistake loses only that one.
func (p *parser) topLevel() {
	p.depth = 0
	p.guarded(p.decl, p.syncTop)
}

// syncTop skips to the next token that can only start a declaration.
func (p *parser) syncTop(int) {
	for !p.is(EOF) {
		switch p.tok().kind {
		case KwParam, KwFn, KwTask, KwLayout, KwExport, KwExtern, KwInline, KwConst, KwVar, KwComptime:
			if p.startsLine() {
				return
			}
		}
		p.advance()
	}
}

// startsLine tells a global from what is inside one: globals stand in column 1.
func (p *parser) startsLine() bool {
	_, col := p.file.LineCol(p.tok().pos)
	return col == 1
}

func (p *parser) add(d Decl) { p.file.Decls = append(p.file.Decls, d) }

func (p *parser) decl() {
	at := At{p.tok().pos}
	switch k := p.tok().kind; {
	case k == Semi:
		p.advance() // a stray ';' after a block is harmless
	case k == KwLayout:
		p.advance()
		p.add(&LayoutDecl{at, p.block()})
	case k == KwComptime && p.peek(1) == LBrace:
		p.advance()
		p.add(&ComptimeDecl{at, p.block()})
	default:
		p.varOrFn(at)
	}
}

func (p *parser) varOrFn(at At) {
	storage := StorageNone
	switch {
	case p.accept(KwExport):
		storage = StorageExport
	case p.accept(KwExtern):
		storage = StorageExtern
	}
	switch p.tok().kind {
	case KwFn, KwTask, KwInline:
		p.add(p.fnDecl(at, storage))
	case KwConst, KwVar, KwParam:
		p.add(p.varDecl(at, storage))
	default:
		p.fail("E0011", "expected a declaration, found "+p.found(),
			"at top level write const, var, param, fn, task, layout, comptime or export")
	}
}

func (p *parser) name(what string) (string, Pos) {
	t := p.tok()
	if t.kind != Name {
		msg := "expected " + what + ", found " + p.found()
		if t.kind >= KwAlign {
			p.fail("E0012", msg, "'"+t.text+"' is a keyword; choose another name")
		}
		p.fail("E0012", msg, "")
	}
	p.advance()
	return t.text, t.pos
}

func (p *parser) varDecl(at At, storage Storage) *VarDecl {
	d := &VarDecl{At: at, Storage: storage}
	if p.accept(KwComptime) {
		d.Kind = KindComptimeVar
		p.expect(KwVar, "after 'comptime'")
	} else {
		d.Kind = map[Kind]VarKind{KwConst: KindConst, KwVar: KindVar, KwParam: KindParam}[p.advance().kind]
	}
	d.Name, d.NamePos = p.name("the name of a variable")
	if p.accept(Colon) {
		d.Type = p.typeExpr()
	}
	p.varAttributes(d)
	if p.accept(Assign_) {
		d.Init = p.expr()
		p.varAttributes(d)
	}
	p.expect(Semi, "after the declaration")
	return d
}

func (p *parser) varAttributes(d *VarDecl) {
	for {
		switch {
		case p.accept(KwAlign):
			d.Align = p.parens()
		case p.accept(KwLinksection):
			d.LinkSection = p.parens()
		case p.accept(KwLinkname):
			d.LinkName = p.parens()
		default:
			return
		}
	}
}

func (p *parser) parens() Expr {
	p.expect(LParen, "here")
	x := p.expr()
	p.expect(RParen, "to close the parenthesis")
	return x
}

func (p *parser) fnDecl(at At, storage Storage) *FnDecl {
	d := &FnDecl{At: at, Storage: storage}
	d.Inline = p.accept(KwInline)
	switch {
	case p.accept(KwTask):
		d.Task = true
	default:
		p.expect(KwFn, "after 'inline'")
	}
	d.Name, d.NamePos = p.name("the name of the function")
	p.expect(LParen, "before the parameters")
	for !p.is(RParen) {
		d.Params = append(d.Params, p.param())
		if !p.accept(Comma) {
			break
		}
	}
	p.expect(RParen, "after the parameters")
	p.fnAttributes(d)
	if !p.is(LBrace) && !p.is(Semi) {
		d.Ret = p.retType()
	}
	p.fnAttributes(d)
	if storage == StorageExtern {
		p.expect(Semi, "after an extern function")
		return d
	}
	d.Body = p.block()
	d.End = d.Body.End
	return d
}

func (p *parser) fnAttributes(d *FnDecl) {
	for p.accept(KwLinkname) {
		d.LinkName = p.parens()
	}
}

// retType reads a type after which '{' opens a function body.
func (p *parser) retType() Expr {
	old := p.noBrace
	p.noBrace = true
	t := p.typeExpr()
	p.noBrace = old
	return t
}

func (p *parser) param() Param {
	q := Param{Pos: p.tok().pos, Comptime: p.accept(KwComptime)}
	if p.is(Name) && p.peek(1) == Colon {
		q.Name = p.advance().text
		p.advance()
	}
	if !p.accept(KwAnytype) {
		q.Type = p.typeExpr()
	}
	return q
}

// block reads { statements }. A mistake in a statement loses only that one.
func (p *parser) block() *Block {
	p.enter()
	defer p.leave()
	old := p.noBrace
	p.noBrace = false
	b := &Block{At: At{p.tok().pos}}
	p.expect(LBrace, "to open a block")
	depth := p.depth
	for !p.is(RBrace) && !p.is(EOF) {
		if p.accept(Semi) {
			continue
		}
		p.guarded(func() { b.Stmts = append(b.Stmts, p.stmt()) }, func(start int) {
			p.depth = depth
			p.syncStmt(start)
		})
	}
	b.End = p.tok().pos
	if p.is(EOF) {
		p.diags.Add(diag.Diagnostic{
			Code: "E0013", Pos: p.file.Place(b.At_, 1),
			Message: "this '{' is never closed", Cure: "add the missing '}'",
		})
		return b
	}
	p.advance()
	p.noBrace = old
	return b
}

// syncStmt skips the rest of the statement that started at token start: to after
// its ';' or closing brace, or to the '}' of the block around it.
func (p *parser) syncStmt(start int) {
	failed := p.at
	p.at = start
	nested := 0
	for !p.is(EOF) {
		k := p.tok().kind
		if k == RBrace && nested == 0 {
			return
		}
		p.advance()
		switch k {
		case LBrace, DotBrace:
			nested++
		case RBrace:
			nested--
		}
		if nested == 0 && p.at > failed && (k == Semi || k == RBrace) {
			return
		}
	}
}
