package expr

import "strings"

// Arithmetic writes a formula with the values in place of the names, as a person
// would on paper: "33,445,026 shares × $155/share". What cannot be looked up
// stays a name.
func (e *Expr) Arithmetic(env Env) string {
	var b strings.Builder
	render(&b, e.root, env, 0)
	return b.String()
}

// precedence of the operators, for brackets only where they are needed.
func precedence(op string) int {
	switch op {
	case "or":
		return 1
	case "and":
		return 2
	case "not":
		return 3
	case "<", "<=", ">", ">=", "==", "!=":
		return 4
	case "+", "-":
		return 5
	case "*", "/":
		return 6
	}
	return 8
}

// signs are the operators as they are printed.
func sign(op string) string {
	switch op {
	case "*":
		return "×"
	case ">=":
		return "≥"
	case "<=":
		return "≤"
	case "==":
		return "="
	case "!=":
		return "≠"
	}
	return op
}

func render(b *strings.Builder, n *node, env Env, outer int) {
	switch n.kind {
	case nLiteral, nName:
		renderLeaf(b, n, env)
	case nUnary:
		b.WriteString(n.text)
		if n.text == "not" {
			b.WriteByte(' ')
		}
		render(b, n.args[0], env, 7)
	case nBinary:
		renderBinary(b, n, env, outer)
	case nCall:
		b.WriteString(n.text + "(")
		for i, a := range n.args {
			if i > 0 {
				b.WriteString(", ")
			}
			render(b, a, env, 0)
		}
		b.WriteByte(')')
	}
}

func renderLeaf(b *strings.Builder, n *node, env Env) {
	if n.kind == nLiteral {
		if n.value.Kind == Text {
			b.WriteString(Show(n.value))
			return
		}
		b.WriteString(n.text)
		return
	}
	v, err := evalName(n, env)
	switch {
	case err != nil:
		b.WriteString(n.text)
	case v.Num == 1 && v.Unit.label == n.text: // a unit standing for one of it
		b.WriteString(n.text)
	default:
		b.WriteString(show(v, 6))
	}
}

func renderBinary(b *strings.Builder, n *node, env Env, outer int) {
	p := precedence(n.text)
	if p < outer {
		b.WriteByte('(')
		defer b.WriteByte(')')
	}
	render(b, n.args[0], env, p)
	b.WriteString(" " + sign(n.text) + " ")
	// The right side of - and / needs its brackets at equal precedence too.
	if n.text == "-" || n.text == "/" || p == 4 || p == 8 {
		p++
	}
	render(b, n.args[1], env, p)
}
