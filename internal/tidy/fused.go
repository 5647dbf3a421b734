package tidy

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
)

// Fused finds floating-point sums with a bare product as a term: x*y + z,
// z - x*y, s += x*y, and p := x*y; p + z. The Go specification lets a compiler
// round such a pair once instead of twice, and compilers do so on arm64 and at
// GOAMD64=v3, so results would depend on the host. float32(x*y) + z forbids it.
func Fused(fset *token.FileSet, files []*ast.File, info *types.Info, name func(string) string) []Finding {
	c := fusedChecker{info: info, products: map[types.Object]bool{}}
	for _, f := range files {
		ast.Inspect(f, c.collect)
	}
	for _, f := range files {
		ast.Inspect(f, c.visit)
	}
	var out []Finding
	for _, p := range c.found {
		pos := fset.Position(p)
		out = append(out, Finding{name(pos.Filename), pos.Line, "fused", "the compiler may fuse this product and sum: convert the product explicitly, as in float32(x*y) + z, or call the explicit FMA"})
	}
	return out
}

type fusedChecker struct {
	info     *types.Info
	products map[types.Object]bool // variables that were set to a bare product
	found    []token.Pos
}

// collect notes variables assigned a bare product.
func (c *fusedChecker) collect(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if len(n.Lhs) == len(n.Rhs) && (n.Tok == token.DEFINE || n.Tok == token.ASSIGN) {
			for i, rhs := range n.Rhs {
				c.note(n.Lhs[i], rhs)
			}
		}
	case *ast.ValueSpec:
		if len(n.Names) == len(n.Values) {
			for i, v := range n.Values {
				c.note(n.Names[i], v)
			}
		}
	}
	return true
}

func (c *fusedChecker) note(lhs, rhs ast.Expr) {
	id, ok := lhs.(*ast.Ident)
	if !ok || !c.isProduct(rhs) {
		return
	}
	if obj := c.info.ObjectOf(id); obj != nil {
		c.products[obj] = true
	}
}

func (c *fusedChecker) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		if (n.Op == token.ADD || n.Op == token.SUB) && c.isFloat(n) && (c.isTerm(n.X) || c.isTerm(n.Y)) {
			c.found = append(c.found, n.OpPos)
		}
	case *ast.AssignStmt:
		if (n.Tok == token.ADD_ASSIGN || n.Tok == token.SUB_ASSIGN) && c.isFloat(n.Lhs[0]) && (c.isTerm(n.Rhs[0]) || c.isTerm(n.Lhs[0])) {
			c.found = append(c.found, n.TokPos)
		}
	}
	return true
}

// isTerm tells whether e is a bare product or a variable that holds one.
func (c *fusedChecker) isTerm(e ast.Expr) bool {
	if id, ok := ast.Unparen(e).(*ast.Ident); ok {
		return c.products[c.info.ObjectOf(id)]
	}
	return c.isProduct(e)
}

// isProduct tells whether e is a product that is not converted. Signs do not
// matter. An exact product is not meant, since fusing it changes nothing: a
// factor that is a power of two, or both factors float64(x) of a float32 x.
func (c *fusedChecker) isProduct(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.BinaryExpr:
		return e.Op == token.MUL && c.isFloat(e) && !c.powerOfTwo(e.X) && !c.powerOfTwo(e.Y) && !(c.widened(e.X) && c.widened(e.Y))
	case *ast.UnaryExpr:
		return (e.Op == token.SUB || e.Op == token.ADD) && c.isProduct(e.X)
	}
	return false
}

// isFloat tells whether e is a floating-point value computed at run time.
func (c *fusedChecker) isFloat(e ast.Expr) bool {
	tv, ok := c.info.Types[e]
	if !ok || tv.Value != nil || tv.Type == nil {
		return false
	}
	b, ok := tv.Type.Underlying().(*types.Basic)
	if ok {
		return b.Info()&types.IsFloat != 0
	}
	return false
}

// widened tells whether e is a conversion of a float32 to a float64: 24 bits
// times 24 bits are 48.
func (c *fusedChecker) widened(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok || len(call.Args) != 1 || !c.info.Types[call.Fun].IsType() {
		return false
	}
	return c.basic(call) == types.Float64 && c.basic(call.Args[0]) == types.Float32
}

func (c *fusedChecker) basic(e ast.Expr) types.BasicKind {
	if t := c.info.TypeOf(e); t != nil {
		if b, ok := t.Underlying().(*types.Basic); ok {
			return b.Kind()
		}
	}
	return types.Invalid
}

func (c *fusedChecker) powerOfTwo(e ast.Expr) bool {
	v := c.info.Types[e].Value
	if v == nil || v.Kind() != constant.Float && v.Kind() != constant.Int {
		return false
	}
	f, _ := constant.Float64Val(v)
	if f < 0 {
		f = -f
	}
	for ; f > 1; f /= 2 {
	}
	for ; f > 0 && f < 1; f *= 2 {
	}
	return f == 1
}
