package sema

import "wafer/internal/csl/syntax"

// addTaken notes the names whose address a function takes: such variables live
// in memory. It goes by name only, which is safe, and rarely too careful.
func (fn *instance) addTaken(d *syntax.FnDecl) {
	if d.Body != nil {
		takenExpr(d.Body, fn.taken)
	}
}

func takenStmt(st syntax.Stmt, set map[string]bool) {
	switch st := st.(type) {
	case *syntax.ExprStmt:
		takenExpr(st.X, set)
	case *syntax.DeclStmt:
		takenExpr(st.Decl.Init, set)
	case *syntax.Assign:
		takenExpr(st.LHS, set)
		takenExpr(st.RHS, set)
	case *syntax.While:
		takenExpr(st.Cond, set)
		if st.Post != nil {
			takenStmt(st.Post, set)
		}
		takenExpr(st.Body, set)
	case *syntax.For:
		takenExpr(st.Over, set)
		takenExpr(st.Body, set)
	case *syntax.Return:
		takenExpr(st.X, set)
	case *syntax.Break:
		takenExpr(st.X, set)
	}
}

func takenAll(es []syntax.Expr, set map[string]bool) {
	for _, e := range es {
		takenExpr(e, set)
	}
}

//tidy:dispatch
func takenExpr(e syntax.Expr, set map[string]bool) {
	switch e := e.(type) {
	case *syntax.AddrOf:
		if n := rootName(e.X); n != "" {
			set[n] = true
		}
		takenExpr(e.X, set)
	case *syntax.Unary:
		takenExpr(e.X, set)
	case *syntax.Binary:
		takenExpr(e.X, set)
		takenExpr(e.Y, set)
	case *syntax.Deref:
		takenExpr(e.X, set)
	case *syntax.Field:
		takenExpr(e.X, set)
	case *syntax.Index:
		takenExpr(e.X, set)
		takenAll(e.Indices, set)
	case *syntax.Call:
		takenExpr(e.Fun, set)
		takenAll(e.Args, set)
	case *syntax.Builtin:
		takenAll(e.Args, set)
	case *syntax.StructLit:
		takenAll(e.Values, set)
	case *syntax.If:
		takenExpr(e.Cond, set)
		takenExpr(e.Then, set)
		takenExpr(e.Else, set)
	case *syntax.Switch:
		takenExpr(e.Subject, set)
		for _, c := range e.Cases {
			takenExpr(c.Body, set)
		}
	case *syntax.Comptime:
		takenExpr(e.X, set)
	case *syntax.Lambda:
		takenExpr(e.Body, set)
	case *syntax.Block:
		if e == nil {
			return
		}
		for _, st := range e.Stmts {
			takenStmt(st, set)
		}
	}
}

func rootName(e syntax.Expr) string {
	for {
		switch x := e.(type) {
		case *syntax.Ident:
			return x.Name
		case *syntax.Field:
			e = x.X
		case *syntax.Index:
			e = x.X
		default:
			return ""
		}
	}
}
