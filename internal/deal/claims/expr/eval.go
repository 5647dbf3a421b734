package expr

import (
	"errors"
	"fmt"
	"math"

	"wafer/internal/diag"
)

// Env is where a formula finds its names. Names is asked only for suggestions
// after a miss.
type Env struct {
	Lookup func(name string) (Value, error)
	Names  func() []string
}

// ErrUnknown is what Env.Lookup returns for a name it does not have. Other
// errors (a value that is not there yet, a cycle) pass through Eval wrapped.
var ErrUnknown = errors.New("unknown name")

// LookupError is an error of Env.Lookup other than ErrUnknown, with its place.
type LookupError struct {
	Name     string
	Off, Len int
	Err      error
}

func (e *LookupError) Error() string { return e.Err.Error() }

// Unwrap gives the environment's own error.
func (e *LookupError) Unwrap() error { return e.Err }

// Eval computes a formula. The error is an *Error or a *LookupError.
func (e *Expr) Eval(env Env) (Value, error) { return eval(e.root, env) }

func fault(n *node, code diag.Code, cure, format string, args ...any) error {
	return &Error{Code: code, Off: n.off, Len: n.len, Message: fmt.Sprintf(format, args...), Cure: cure}
}

func eval(n *node, env Env) (Value, error) {
	switch n.kind {
	case nLiteral:
		return n.value, nil
	case nName:
		return evalName(n, env)
	case nUnary:
		return evalUnary(n, env)
	case nBinary:
		return evalBinary(n, env)
	}
	return evalCall(n, env)
}

func evalName(n *node, env Env) (Value, error) {
	v, err := env.Lookup(n.text)
	if err == nil {
		return v, nil
	}
	if !errors.Is(err, ErrUnknown) {
		return Value{}, &LookupError{n.text, n.off, n.len, err}
	}
	if u, uerr := ParseUnit(n.text); uerr == nil {
		return Num(1, u), nil
	}
	cure := "declare it under `constants:`, or run the claims against a model that has it"
	near := diag.Nearest(n.text, env.Names())
	if near == "" {
		near = diag.Nearest(n.text, unitNames())
	}
	if near != "" {
		cure = fmt.Sprintf("did you mean %s?", near)
	}
	return Value{}, fault(n, CodeName, cure, "unknown name %s", n.text)
}

func evalUnary(n *node, env Env) (Value, error) {
	v, err := eval(n.args[0], env)
	if err != nil {
		return v, err
	}
	if n.text == "not" {
		if v.Kind != Bool {
			return v, wrongKind(n, "not", Bool, v)
		}
		v.Bool = !v.Bool
		return v, nil
	}
	if v.Kind != Number {
		return v, wrongKind(n, "a minus sign", Number, v)
	}
	v.Num = -v.Num
	return v, nil
}

func wrongKind(n *node, what string, want Kind, got Value) error {
	return fault(n, CodeKind, "", "%s needs a %s, not a %s", what, want, got.Kind)
}

func evalBinary(n *node, env Env) (Value, error) {
	a, err := eval(n.args[0], env)
	if err != nil {
		return a, err
	}
	b, err := eval(n.args[1], env)
	if err != nil {
		return b, err
	}
	switch n.text {
	case "and", "or":
		return logic(n, a, b)
	case "<", "<=", ">", ">=", "==", "!=":
		return comparison(n, a, b)
	}
	return arithmetic(n, a, b)
}

// logic evaluates both sides always: a mistake on the right must be seen even
// when the left already decides.
func logic(n *node, a, b Value) (Value, error) {
	if a.Kind != Bool {
		return a, wrongKind(n, n.text, Bool, a)
	}
	if b.Kind != Bool {
		return b, wrongKind(n, n.text, Bool, b)
	}
	if n.text == "and" {
		return Value{Kind: Bool, Bool: a.Bool && b.Bool}, nil
	}
	return Value{Kind: Bool, Bool: a.Bool || b.Bool}, nil
}

func comparison(n *node, a, b Value) (Value, error) {
	if a.Kind != b.Kind {
		return a, fault(n, CodeKind, "", "a %s cannot be compared with a %s", a.Kind, b.Kind)
	}
	if a.Kind == Number && !a.Unit.Same(b.Unit) {
		return a, unitClash(n, a.Unit, b.Unit)
	}
	equal, less := false, false
	switch a.Kind {
	case Number:
		equal, less = a.Num == b.Num, a.Num < b.Num
	case Date:
		equal, less = a.Date.Equal(b.Date), a.Date.Before(b.Date)
	case Text:
		equal, less = a.Text == b.Text, a.Text < b.Text
	case Bool:
		equal = a.Bool == b.Bool
		if n.text != "==" && n.text != "!=" {
			return a, fault(n, CodeKind, "compare with == or !=", "yes/no values have no order")
		}
	}
	out := Value{Kind: Bool}
	switch n.text {
	case "<":
		out.Bool = less
	case "<=":
		out.Bool = less || equal
	case ">":
		out.Bool = !less && !equal
	case ">=":
		out.Bool = !less
	case "==":
		out.Bool = equal
	case "!=":
		out.Bool = !equal
	}
	return out, nil
}

// unitClash explains why two units cannot meet, and the way out if only their
// kinds differ.
func unitClash(n *node, a, b Unit) error {
	cure := ""
	if a.bare().Same(b.bare()) {
		cure = "these are different kinds of the same unit; write bare(…) around both if mixing them is what the claim does"
	}
	return fault(n, CodeUnits, cure, "%q does not fit %s with %s", n.text, unitName(a), unitName(b))
}

func unitName(u Unit) string {
	if s := u.String(); s != "" {
		return s
	}
	return "a plain number"
}

func arithmetic(n *node, a, b Value) (Value, error) {
	if a.Kind == Date || b.Kind == Date {
		return dateArithmetic(n, a, b)
	}
	if a.Kind != Number {
		return a, wrongKind(n, n.text, Number, a)
	}
	if b.Kind != Number {
		return b, wrongKind(n, n.text, Number, b)
	}
	out := Value{Kind: Number}
	switch n.text {
	case "+", "-":
		if !a.Unit.Same(b.Unit) {
			return a, unitClash(n, a.Unit, b.Unit)
		}
		out.Unit = a.Unit
		out.Num = a.Num + b.Num
		if n.text == "-" {
			out.Num = a.Num - b.Num
		}
	case "*":
		out.Num, out.Unit = a.Num*b.Num, keepLabel(a.Unit, b.Unit, combine(a.Unit, b.Unit, 1))
	case "/":
		if b.Num == 0 {
			return a, fault(n, CodeDomain, "", "division by zero")
		}
		out.Num, out.Unit = a.Num/b.Num, combine(a.Unit, b.Unit, -1)
		if b.Unit.Dimensionless() {
			out.Unit = keepLabel(a.Unit, b.Unit, out.Unit)
		}
	case "^":
		return power(n, a, b)
	}
	return finiteOr(n, out)
}

// keepLabel keeps the spelling of a unit that is only scaled by a pure number,
// so that 2 × 750 MW still shows as MW.
func keepLabel(a, b, u Unit) Unit {
	switch {
	case u.Dimensionless():
		return Unit{}
	case b.Dimensionless():
		return a
	case a.Dimensionless():
		return b
	}
	return u
}

func finiteOr(n *node, v Value) (Value, error) {
	if !finite(v.Num) {
		return v, fault(n, CodeDomain, "", "%q has no finite result here", n.text)
	}
	return v, nil
}

func dateArithmetic(n *node, a, b Value) (Value, error) {
	year, _ := ParseUnit("yr")
	switch {
	case n.text == "-" && a.Kind == Date && b.Kind == Date:
		return Num(a.Date.Sub(b.Date).Hours()/8760, year), nil
	case (n.text == "-" || n.text == "+") && a.Kind == Date && b.Kind == Number && b.Unit.Same(year):
		days := b.Num * 365
		if n.text == "-" {
			days = -days
		}
		if math.Abs(days) > maxDays {
			return a, fault(n, CodeDomain, "", "the date is too far away")
		}
		return Value{Kind: Date, Date: a.Date.AddDate(0, 0, int(math.Round(days)))}, nil
	}
	return a, fault(n, CodeKind, "dates are subtracted from each other, or moved by a number of days, months or years", "%q does not fit a %s and a %s", n.text, a.Kind, b.Kind)
}

// maxDays bounds date arithmetic to some thousand years.
const maxDays = 1e6

func power(n *node, a, b Value) (Value, error) {
	if !b.Unit.Dimensionless() {
		return b, fault(n, CodeUnits, "", "an exponent must be a plain number, not %s", b.Unit)
	}
	out := Value{Kind: Number, Num: math.Pow(a.Num, b.Num)}
	if !a.Unit.Dimensionless() {
		if b.Num != math.Trunc(b.Num) || math.Abs(b.Num) > maxUnitPower {
			return b, fault(n, CodeUnits, "", "%s can only be raised to a whole power of at most %d", unitName(a.Unit), maxUnitPower)
		}
		dims := a.Unit.powers()
		for d := range dims {
			dims[d] *= int(b.Num)
			if abs := max(dims[d], -dims[d]); abs > 1000 {
				return b, fault(n, CodeUnits, "", "the power of %s is too high", d)
			}
		}
		out.Unit = base(dims)
	}
	return finiteOr(n, out)
}
