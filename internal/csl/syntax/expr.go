package syntax

import (
	"fmt"
	"strconv"
	"strings"
)

// level gives the precedence of a binary operator, 0 for none. The language
// follows Zig: all bitwise operators share a level above comparison, and
// comparisons do not chain.
func level(k Kind) (int, Op) {
	switch k {
	case KwOr:
		return 1, LogOr
	case KwAnd:
		return 2, LogAnd
	case EqEq:
		return 3, Eq
	case BangEq:
		return 3, Ne
	case Less:
		return 3, Lt
	case LessEq:
		return 3, Le
	case Greater:
		return 3, Gt
	case GreaterEq:
		return 3, Ge
	case Amp:
		return 4, And
	case Pipe:
		return 4, Or
	case Caret:
		return 4, Xor
	case ShlTok:
		return 5, Shl
	case ShrTok:
		return 5, Shr
	case Plus:
		return 6, Add
	case Minus:
		return 6, Sub
	case Star:
		return 7, Mul
	case Slash:
		return 7, Div
	case Percent:
		return 7, Mod
	}
	return 0, OpNone
}

const comparison = 3

func (p *parser) expr() Expr {
	old := p.noBrace
	p.noBrace = false
	x := p.binary(1)
	p.noBrace = old
	return x
}

func (p *parser) binary(min int) Expr {
	p.enter()
	defer p.leave()
	x := p.unary()
	for {
		lv, op := level(p.tok().kind)
		if lv < min || lv == 0 {
			return x
		}
		at := At{p.advance().pos}
		y := p.binary(lv + 1)
		if lv == comparison {
			if n, _ := level(p.tok().kind); n == comparison {
				p.fail("E0016", "comparisons do not chain", "write a < b and b < c")
			}
		}
		x = &Binary{at, op, x, y}
	}
}

func prefixOp(k Kind) Op {
	switch k {
	case Minus:
		return Neg
	case Bang:
		return Not
	case Tilde:
		return BitNot
	}
	return OpNone
}

func (p *parser) unary() Expr {
	t := p.tok()
	at := At{t.pos}
	if op := prefixOp(t.kind); op != OpNone {
		p.enter()
		defer p.leave()
		p.advance()
		return &Unary{at, op, p.unary()}
	}
	switch t.kind {
	case Amp:
		p.enter()
		defer p.leave()
		p.advance()
		return &AddrOf{at, p.unary()}
	case KwComptime:
		p.enter()
		defer p.leave()
		p.advance()
		return &Comptime{at, p.binary(1)}
	case Star, LBrack, KwFn, KwTask:
		return p.literalOf(p.typePrefix())
	}
	return p.suffixes(p.primary())
}

// typeExpr reads an expression that stands where a type is wanted: operators
// other than those of types do not occur, and '=' or '{' end it.
func (p *parser) typeExpr() Expr {
	switch p.tok().kind {
	case Star, LBrack, KwFn, KwTask:
		return p.typePrefix()
	}
	old := p.noBrace
	p.noBrace = true
	x := p.suffixes(p.primary())
	p.noBrace = old
	return x
}

// typePrefix reads *T, [*]T, [N, M]T, fn(A) R and what they are made of.
func (p *parser) typePrefix() Expr {
	p.enter()
	defer p.leave()
	at := At{p.tok().pos}
	switch p.tok().kind {
	case Star:
		p.advance()
		c := p.accept(KwConst)
		return &PtrType{at, false, c, p.typeExpr()}
	case KwFn, KwTask:
		return p.fnType(at)
	}
	p.expect(LBrack, "before the array's size")
	if p.is(Star) && p.peek(1) == RBrack {
		p.at += 2
		c := p.accept(KwConst)
		return &PtrType{at, true, c, p.typeExpr()}
	}
	dims := p.list(RBrack)
	p.expect(RBrack, "after the array's size")
	return &ArrayType{at, dims, p.typeExpr()}
}

func (p *parser) fnType(at At) Expr {
	f := &FnType{At: at, Task: p.advance().kind == KwTask}
	p.expect(LParen, "before the parameter types")
	for !p.is(RParen) {
		f.Params = append(f.Params, p.param().Type)
		if !p.accept(Comma) {
			break
		}
	}
	p.expect(RParen, "after the parameter types")
	f.Ret = p.typeExpr()
	return f
}

// literalOf turns a type followed by '{' into a literal of that type.
func (p *parser) literalOf(t Expr) Expr {
	if p.noBrace || !p.is(LBrace) {
		return t
	}
	p.advance()
	return p.suffixes(p.structBody(At{t.Pos()}, t))
}

// list reads expressions divided by commas up to, not including, end.
func (p *parser) list(end Kind) []Expr {
	var xs []Expr
	for !p.is(end) {
		xs = append(xs, p.expr())
		if !p.accept(Comma) {
			break
		}
	}
	return xs
}

func (p *parser) suffixes(x Expr) Expr {
	for {
		t := p.tok()
		at := At{t.pos}
		switch t.kind {
		case LParen:
			p.advance()
			args := p.list(RParen)
			p.expect(RParen, "after the arguments")
			x = &Call{at, x, args}
		case LBrack:
			p.advance()
			idx := p.list(RBrack)
			p.expect(RBrack, "after the index")
			x = &Index{at, x, idx}
		case DotStar:
			p.advance()
			x = &Deref{at, x}
		case Dot:
			p.advance()
			x = p.field(x)
		case LBrace:
			if p.noBrace || !canBeType(x) || !p.looksLikeInit() {
				return x
			}
			p.advance()
			x = p.structBody(At{x.Pos()}, x)
		default:
			return x
		}
	}
}

// field reads the name after a dot; keywords are allowed as field names.
func (p *parser) field(x Expr) Expr {
	t := p.tok()
	if t.kind != Name && t.kind < KwAlign {
		p.fail("E0017", "expected a field name after '.', found "+p.found(), "")
	}
	p.advance()
	return &Field{At{t.pos}, x, t.text}
}

func canBeType(x Expr) bool {
	switch x := x.(type) {
	case *Ident, *Call, *StructType:
		return true
	case *Builtin:
		return true
	case *Field:
		return canBeType(x.X)
	}
	return false
}

// looksLikeInit tells T{ .a = 1 } and T{} from a name before a block.
func (p *parser) looksLikeInit() bool {
	return p.peek(1) == Dot && p.peek(3) == Assign_ || p.peek(1) == RBrace
}

// structBody reads fields or elements up to '}'; the '{' is already read.
func (p *parser) structBody(at At, typ Expr) Expr {
	p.enter()
	defer p.leave()
	s := &StructLit{At: at, Type: typ}
	for !p.is(RBrace) {
		if p.is(Dot) && (p.peek(2) == Assign_ || p.peek(2) == Colon) {
			p.advance()
			t := p.advance()
			p.advance()
			s.Names = append(s.Names, t.text)
			s.NameAt = append(s.NameAt, t.pos)
		} else if s.Names != nil {
			p.fail("E0018", "fields with and without names cannot be mixed", "write .name = value")
		}
		s.Values = append(s.Values, p.expr())
		if s.Names != nil && len(s.Names) != len(s.Values) {
			p.fail("E0018", "fields with and without names cannot be mixed", "write .name = value")
		}
		if !p.accept(Comma) {
			break
		}
	}
	p.expect(RBrace, "to close the initialiser")
	return s
}

//tidy:dispatch
func (p *parser) primary() Expr {
	t := p.tok()
	at := At{t.pos}
	switch t.kind {
	case Name:
		if p.peek(1) == Colon && p.peek(2) == LBrace && !p.noBrace {
			p.at += 2
			b := p.block()
			b.Label, b.At_ = t.text, t.pos
			return b
		}
		p.advance()
		return &Ident{at, t.text}
	case Int:
		p.advance()
		return p.intLit(t)
	case Char:
		p.advance()
		v, _ := strconv.ParseInt(t.text, 10, 64)
		return &IntLit{at, t.text, v, true}
	case Float:
		p.advance()
		return p.floatLit(t)
	case String:
		p.advance()
		return &StringLit{at, t.text}
	case BuiltinName:
		p.advance()
		p.expect(LParen, "after the builtin's name")
		args := p.list(RParen)
		p.expect(RParen, "after the arguments")
		return &Builtin{at, t.text, args}
	case LParen:
		return p.parens()
	case DotBrace:
		p.advance()
		return p.structBody(at, nil)
	case Pipe:
		return p.lambda(at)
	case KwIf, KwSwitch, LBrace:
		return p.primaryBlockLike(false)
	case KwEnum:
		return p.enumType(at)
	case KwStruct, KwUnion, KwPacked, KwExtern:
		return p.structType(at)
	case KwAsm:
		p.fail("E0019", "inline assembly is not supported: the instruction set of the machine is not public",
			"write the code in CSL")
	case Star, LBrack, KwFn, KwTask:
		return p.literalOf(p.typePrefix())
	}
	p.fail("E0020", "expected an expression, found "+p.found(), "")
	return nil
}

func (p *parser) intLit(t token) Expr {
	text := strings.ReplaceAll(t.text, "_", "")
	x := &IntLit{At: At{t.pos}, Text: text}
	if v, err := strconv.ParseInt(text, 0, 64); err == nil && !oldOctal(text) {
		x.Small, x.Fits = v, true
		return x
	}
	if v, err := strconv.ParseInt(text, 10, 64); err == nil {
		x.Small, x.Fits = v, true
		return x
	}
	if !isBigInt(text) {
		p.at--
		p.fail("E0021", fmt.Sprintf("'%s' is not a number", t.text), "")
	}
	return x
}

// oldOctal: 010 is ten in CSL, not eight.
func oldOctal(s string) bool { return len(s) > 1 && s[0] == '0' && isDigit(s[1]) }

func isBigInt(s string) bool {
	digits, rest := "0123456789", s
	if len(s) > 2 && s[0] == '0' {
		switch s[1] | 0x20 {
		case 'x':
			digits, rest = "0123456789abcdefABCDEF", s[2:]
		case 'b':
			digits, rest = "01", s[2:]
		case 'o':
			digits, rest = "01234567", s[2:]
		}
	}
	return rest != "" && strings.Trim(rest, digits) == ""
}

func (p *parser) floatLit(t token) Expr {
	v, err := strconv.ParseFloat(strings.ReplaceAll(t.text, "_", ""), 64)
	if err != nil && !strings.Contains(err.Error(), "range") {
		p.at--
		p.fail("E0021", fmt.Sprintf("'%s' is not a number", t.text), "")
	}
	return &FloatLit{At{t.pos}, t.text, v}
}

// lambda reads |i, j|{M, N} -> body, the form of tensor_access.
func (p *parser) lambda(at At) Expr {
	p.advance()
	l := &Lambda{At: at}
	for !p.is(Pipe) {
		n, pos := p.name("an index variable")
		l.Vars = append(l.Vars, n)
		l.VarAt = append(l.VarAt, pos)
		if !p.accept(Comma) {
			break
		}
	}
	p.expect(Pipe, "after the index variables")
	p.expect(LBrace, "before the extents")
	l.Extents = p.list(RBrace)
	p.expect(RBrace, "after the extents")
	p.expect(RArrow, "before the access")
	l.Body = p.expr()
	return l
}

// primaryBlockLike reads if, switch or a block; stmt says that it stands as a
// statement, where a branch may be an assignment.
func (p *parser) primaryBlockLike(stmt bool) Expr {
	switch p.tok().kind {
	case KwIf:
		return p.ifExpr(stmt)
	case KwSwitch:
		return p.switchExpr()
	}
	return p.block()
}

func (p *parser) ifExpr(stmt bool) Expr {
	p.enter()
	defer p.leave()
	x := &If{At: At{p.advance().pos}, Cond: p.parens()}
	x.Then = p.branch(stmt)
	if p.is(Semi) && p.peek(1) == KwElse {
		p.advance()
	}
	if p.accept(KwElse) {
		x.Else = p.branch(stmt)
	}
	return x
}

// branch reads what follows if (…) or else. In a statement it may be any
// statement without a block around it.
func (p *parser) branch(stmt bool) Expr {
	if p.is(KwIf) {
		return p.ifExpr(stmt)
	}
	if p.is(LBrace) {
		b := p.block()
		return b
	}
	if !stmt {
		return p.expr()
	}
	at := At{p.tok().pos}
	s := p.branchStmt()
	return &Block{At: at, Stmts: []Stmt{s}, End: p.tok().pos}
}

func (p *parser) branchStmt() Stmt {
	at := At{p.tok().pos}
	switch p.tok().kind {
	case KwReturn:
		p.advance()
		return &Return{At: at, X: p.exprUnless(Semi)}
	case KwBreak:
		p.advance()
		return &Break{At: at, Label: p.labelRef(), X: p.exprUnless(Semi)}
	case KwContinue:
		p.advance()
		return &Continue{At: at, Label: p.labelRef()}
	case KwFor, KwWhile, KwInline:
		return p.loop("")
	}
	return p.simple(false)
}

func (p *parser) switchExpr() Expr {
	s := &Switch{At: At{p.advance().pos}, Subject: p.parens()}
	p.expect(LBrace, "before the cases")
	for !p.is(RBrace) {
		s.Cases = append(s.Cases, p.switchCase())
		if !p.accept(Comma) {
			break
		}
	}
	p.expect(RBrace, "after the cases")
	return s
}

func (p *parser) switchCase() Case {
	c := Case{Pos: p.tok().pos}
	if !p.accept(KwElse) {
		c.Values = p.list(Arrow)
	}
	p.expect(Arrow, "before the branch")
	switch p.tok().kind {
	case LBrace:
		c.Body = p.block()
	case KwReturn, KwBreak, KwContinue:
		at := At{p.tok().pos}
		c.Body = &Block{At: at, Stmts: []Stmt{p.branchStmt()}, End: p.tok().pos}
	default:
		c.Body = p.caseBody()
	}
	return c
}

// caseBody is an expression, or an assignment without a block around it.
func (p *parser) caseBody() Expr {
	at := At{p.tok().pos}
	s := p.simple(false)
	if e, ok := s.(*ExprStmt); ok {
		return e.X
	}
	return &Block{At: at, Stmts: []Stmt{s}, End: p.tok().pos}
}

func (p *parser) enumType(at At) Expr {
	p.advance()
	e := &EnumType{At: at}
	if p.is(LParen) {
		e.Base = p.parens()
	}
	p.expect(LBrace, "before the enum's names")
	for !p.is(RBrace) {
		n, pos := p.name("a name of the enum")
		e.Names, e.NameAt = append(e.Names, n), append(e.NameAt, pos)
		var v Expr
		if p.accept(Assign_) {
			v = p.expr()
		}
		e.Values = append(e.Values, v)
		if !p.accept(Comma) {
			break
		}
	}
	p.expect(RBrace, "after the enum's names")
	return e
}

func (p *parser) structType(at At) Expr {
	s := &StructType{At: at}
	s.Packed, s.Extern = p.accept(KwPacked), p.accept(KwExtern)
	if !s.Packed {
		s.Packed = p.accept(KwPacked)
	}
	s.Union = p.is(KwUnion)
	if !p.accept(KwUnion) {
		p.expect(KwStruct, "here")
	}
	p.expect(LBrace, "before the fields")
	for !p.is(RBrace) {
		n, pos := p.name("a field name")
		s.Names, s.NameAt = append(s.Names, n), append(s.NameAt, pos)
		p.expect(Colon, "after the field name")
		s.Types = append(s.Types, p.typeExpr())
		var v Expr
		if p.accept(Assign_) {
			v = p.expr()
		}
		s.Inits = append(s.Inits, v)
		if !p.accept(Comma) && !p.accept(Semi) {
			break
		}
	}
	p.expect(RBrace, "after the fields")
	return s
}
