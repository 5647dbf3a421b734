package syntax

// stmt reads one statement with its ';' where it needs one.
//
//tidy:dispatch
func (p *parser) stmt() Stmt {
	at := At{p.tok().pos}
	switch p.tok().kind {
	case KwConst, KwVar:
		return &DeclStmt{p.varDecl(at, StorageNone)}
	case KwParam:
		p.fail("E0014", "param is only allowed at top level", "use const, or move the param out of the function")
	case KwFn, KwTask:
		p.fail("E0015", "functions cannot be declared inside functions", "move it to top level")
	case KwComptime:
		return p.comptimeStmt(at)
	case KwReturn:
		p.advance()
		return p.jump(&Return{At: at, X: p.exprUnless(Semi)})
	case KwBreak:
		p.advance()
		return p.jump(&Break{At: at, Label: p.labelRef(), X: p.exprUnless(Semi)})
	case KwContinue:
		p.advance()
		return p.jump(&Continue{At: at, Label: p.labelRef()})
	case KwFor, KwWhile, KwInline:
		return p.loop("")
	case Name:
		if p.peek(1) == Colon {
			if k := p.peek(2); k == KwFor || k == KwWhile || k == KwInline {
				label := p.advance().text
				p.advance()
				return p.loop(label)
			}
		}
	case KwIf, KwSwitch, LBrace:
		return p.blockLike()
	}
	return p.simple(true)
}

func (p *parser) jump(s Stmt) Stmt {
	p.expect(Semi, "after the statement")
	return s
}

func (p *parser) exprUnless(k Kind) Expr {
	// In a switch case a ',' or '}' ends the statement.
	if p.is(k) || p.is(Comma) || p.is(RBrace) {
		return nil
	}
	return p.expr()
}

func (p *parser) labelRef() string {
	if !p.accept(Colon) {
		return ""
	}
	s, _ := p.name("a label")
	return s
}

// comptimeStmt reads comptime var, comptime { … } and comptime expression.
func (p *parser) comptimeStmt(at At) Stmt {
	switch p.peek(1) {
	case KwVar:
		return &DeclStmt{p.varDecl(at, StorageNone)}
	case KwConst:
		p.advance()
		return &DeclStmt{p.varDecl(at, StorageNone)}
	case LBrace:
		p.advance()
		x := &Comptime{at, p.block()}
		p.accept(Semi)
		return &ExprStmt{x}
	}
	return p.simple(true)
}

// blockLike reads if, switch and blocks as statements: no ';' is needed after
// them unless they are the start of a longer expression.
func (p *parser) blockLike() Stmt {
	x := p.primaryBlockLike(true)
	p.accept(Semi)
	return &ExprStmt{x}
}

// simple reads an assignment or an expression; semi says that ';' must follow.
func (p *parser) simple(semi bool) Stmt {
	at := At{p.tok().pos}
	var s Stmt
	if t := p.tok(); t.kind == Name && t.text == "_" && p.peek(1) == Assign_ {
		p.at += 2
		s = &Assign{At: at, RHS: p.expr()}
	} else {
		x := p.expr()
		if op, ok := assignOps[p.tok().kind]; ok {
			at = At{p.advance().pos}
			s = &Assign{At: at, Op: op, LHS: x, RHS: p.expr()}
		} else {
			s = &ExprStmt{x}
		}
	}
	if semi && !(p.is(RBrace) && endsInBlock(s)) && !endsInLabelledBlock(s) {
		p.expect(Semi, "after the statement")
	} else if semi {
		p.accept(Semi)
	}
	return s
}

var assignOps = map[Kind]Op{
	Assign_: OpNone, PlusEq: Add, MinusEq: Sub, StarEq: Mul, SlashEq: Div, PercentEq: Mod,
	AmpEq: And, PipeEq: Or, CaretEq: Xor, ShlEq: Shl, ShrEq: Shr,
}

func endsInBlock(s Stmt) bool {
	e, ok := s.(*ExprStmt)
	if !ok {
		return false
	}
	switch e.X.(type) {
	case *Block, *If, *Switch, *Comptime:
		return true
	}
	return false
}

func endsInLabelledBlock(s Stmt) bool {
	e, ok := s.(*ExprStmt)
	if !ok {
		return false
	}
	b, ok := e.X.(*Block)
	return ok && b.Label != ""
}

func (p *parser) loop(label string) Stmt {
	inline := p.accept(KwInline)
	if p.is(KwWhile) {
		return p.while(label, inline)
	}
	at := At{p.expect(KwFor, "after 'inline'").pos}
	f := &For{At: at, Label: label, Inline: inline, Over: p.parens()}
	p.expect(Pipe, "before the loop variable")
	f.Elem, f.ElemPos = p.name("the loop variable")
	if p.accept(Comma) {
		f.Idx, f.IdxPos = p.name("the index variable")
	}
	p.expect(Pipe, "after the loop variables")
	f.Body = p.bodyBlock()
	return f
}

func (p *parser) while(label string, inline bool) Stmt {
	w := &While{At: At{p.advance().pos}, Label: label, Inline: inline, Cond: p.parens()}
	if p.accept(Colon) {
		p.expect(LParen, "before the loop's step")
		w.Post = p.simple(false)
		p.expect(RParen, "after the loop's step")
	}
	w.Body = p.bodyBlock()
	return w
}

// bodyBlock reads a block, or one statement as a block.
func (p *parser) bodyBlock() *Block {
	if p.is(LBrace) {
		return p.block()
	}
	s := p.stmt()
	return &Block{At: At{s.Pos()}, Stmts: []Stmt{s}, End: p.tok().pos}
}
