package expr

import (
	"fmt"
	"math"

	"wafer/internal/deal/bill"
	"wafer/internal/deal/value"
	"wafer/internal/diag"
)

// function is one built-in. max -1 means any number of arguments.
type function struct {
	name     string
	min, max int
	doc      string
	call     func(n *node, args []Value) (Value, error)
}

// functions is the table of built-ins, which docs/deal-claims.md lists too.
func functions() []function {
	return []function{
		{"min", 1, -1, "the least", fold(func(a, b float64) float64 { return min(a, b) })},
		{"max", 1, -1, "the greatest", fold(func(a, b float64) float64 { return max(a, b) })},
		{"sum", 1, -1, "the sum", fold(func(a, b float64) float64 { return a + b })},
		{"abs", 1, 1, "without sign", func(_ *node, a []Value) (Value, error) { a[0].Num = math.Abs(a[0].Num); return a[0], nil }},
		{"sqrt", 1, 1, "square root of a plain number", pure(math.Sqrt)},
		{"exp", 1, 1, "e to the power", pure(math.Exp)},
		{"ln", 1, 1, "natural logarithm", pure(math.Log)},
		{"round", 1, 1, "to a whole number", pure(math.Round)},
		{"floor", 1, 1, "down to a whole number", pure(math.Floor)},
		{"ceil", 1, 1, "up to a whole number", pure(math.Ceil)},
		{"bare", 1, 1, "without the kind of its unit: mixes dense and sparse on purpose", func(_ *node, a []Value) (Value, error) {
			a[0].Unit = a[0].Unit.bare()
			return a[0], nil
		}},
		{"if", 3, 3, "if(condition, then, else)", choose},
		{"bill", 6, 6, "bill(input price, cached price, output price, tokens, in:out ratio, hit rate)", tokenBill},
		{"hurdle", 5, 5, "hurdle(spot, level, rate, vol, years): value of a penny warrant that vests on a touch", hurdleValue},
		{"call", 5, 5, "call(spot, strike, rate, vol, years): Black–Scholes", callValue},
	}
}

func evalCall(n *node, env Env) (Value, error) {
	var names []string
	for _, f := range functions() {
		if f.name == n.text {
			return apply(f, n, env)
		}
		names = append(names, f.name)
	}
	cure := ""
	if near := diag.Nearest(n.text, names); near != "" {
		cure = fmt.Sprintf("did you mean %s?", near)
	}
	return Value{}, fault(n, CodeName, cure, "unknown function %s", n.text)
}

func apply(f function, n *node, env Env) (Value, error) {
	if len(n.args) < f.min || f.max >= 0 && len(n.args) > f.max {
		return Value{}, fault(n, CodeArgs, f.name+": "+f.doc, "%s has %d arguments, needs %s", f.name, len(n.args), arity(f))
	}
	args := make([]Value, len(n.args))
	for i, a := range n.args {
		v, err := eval(a, env)
		if err != nil {
			return v, err
		}
		args[i] = v
	}
	if f.name != "if" {
		for i, a := range args {
			if a.Kind != Number {
				return a, fault(n.args[i], CodeKind, "", "%s needs a number, not a %s", f.name, a.Kind)
			}
		}
	}
	v, err := f.call(n, args)
	if err != nil {
		return v, err
	}
	if v.Kind == Number {
		return finiteOr(n, v)
	}
	return v, nil
}

func arity(f function) string {
	if f.max < 0 {
		return fmt.Sprintf("at least %d", f.min)
	}
	return fmt.Sprint(f.min)
}

func fold(f func(a, b float64) float64) func(*node, []Value) (Value, error) {
	return func(n *node, args []Value) (Value, error) {
		out := args[0]
		for _, a := range args[1:] {
			if !a.Unit.Same(out.Unit) {
				return out, unitClash(n, out.Unit, a.Unit)
			}
			out.Num = f(out.Num, a.Num)
		}
		return out, nil
	}
}

func pure(f func(float64) float64) func(*node, []Value) (Value, error) {
	return func(n *node, args []Value) (Value, error) {
		if !args[0].Unit.Dimensionless() {
			return args[0], fault(n, CodeUnits, "divide by a unit first", "%s needs a plain number, not %s", n.text, args[0].Unit)
		}
		return Value{Kind: Number, Num: f(args[0].Num)}, nil
	}
}

func choose(n *node, args []Value) (Value, error) {
	if args[0].Kind != Bool {
		return args[0], wrongKind(n, "the condition of if", Bool, args[0])
	}
	if args[1].Kind != args[2].Kind || !args[1].Unit.Same(args[2].Unit) {
		return args[1], fault(n, CodeUnits, "", "the two results of if are of different kinds or units")
	}
	if args[0].Bool {
		return args[1], nil
	}
	return args[2], nil
}

// needUnits checks the units of a function's arguments against a list.
func needUnits(n *node, args []Value, units ...string) error {
	for i, name := range units {
		want, err := ParseUnit(name)
		if err == nil && !args[i].Unit.Same(want) {
			return fault(n.args[i], CodeUnits, "", "argument %d of %s must be in %s, not %s", i+1, n.text, unitName(want), unitName(args[i].Unit))
		}
	}
	return nil
}

// tokenBill is bill.Monthly on prices in dollars a token (written $/Mtoken).
func tokenBill(n *node, a []Value) (Value, error) {
	if err := needUnits(n, a, "$/token", "$/token", "$/token", "token", "", ""); err != nil {
		return Value{}, err
	}
	const million = 1e6
	b, err := bill.Monthly(
		bill.Mix{Tokens: a[3].Num, Ratio: a[4].Num, Hit: a[5].Num},
		bill.Price{Model: "the mix", Input: a[0].Num * million, Cached: a[1].Num * million, Output: a[2].Num * million})
	if err != nil {
		return Value{}, fault(n, CodeDomain, "", "%v", err)
	}
	usd, _ := ParseUnit("$")
	return Num(b.Total, usd), nil
}

// optionArgs checks the five arguments that hurdle and call share.
func optionArgs(n *node, a []Value) error {
	if err := needUnits(n, a, "$/share", "$/share", "", "", "yr"); err != nil {
		return err
	}
	if !(a[0].Num > 0 && a[1].Num >= 0 && a[3].Num >= 0 && a[4].Num >= 0) {
		return fault(n, CodeDomain, "", "%s needs a spot above 0 and no negative level, volatility or time", n.text)
	}
	return nil
}

func hurdleValue(n *node, a []Value) (Value, error) {
	if err := optionArgs(n, a); err != nil {
		return Value{}, err
	}
	out := a[0]
	out.Num = value.HurdleValue(value.Hurdle{Spot: a[0].Num, Level: a[1].Num, Rate: a[2].Num, Vol: a[3].Num, Years: a[4].Num})
	return out, nil
}

func callValue(n *node, a []Value) (Value, error) {
	if err := optionArgs(n, a); err != nil {
		return Value{}, err
	}
	out := a[0]
	out.Num = value.BlackScholes(value.Option{Spot: a[0].Num, Strike: a[1].Num, Rate: a[2].Num, Vol: a[3].Num, Years: a[4].Num})
	return out, nil
}
