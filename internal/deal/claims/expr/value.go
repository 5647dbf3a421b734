package expr

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Kind is the kind of a Value.
type Kind uint8

// The kinds of values.
const (
	Number Kind = iota
	Bool
	Text
	Date
)

// String names the kind in messages.
func (k Kind) String() string { return [...]string{"number", "yes/no", "text", "date"}[k] }

// Value is what an expression gives. A number is held in base units (dollars,
// watts, years); Unit is only how to show it and what it may be added to.
type Value struct {
	Kind Kind
	Num  float64
	Unit Unit
	Bool bool
	Text string
	Date time.Time
}

// Num makes a number from an amount of a unit.
func Num(amount float64, u Unit) Value {
	return Value{Kind: Number, Num: amount * u.Scale(), Unit: u}
}

// In is the amount of a number in unit u.
func (v Value) In(u Unit) float64 { return v.Num / u.Scale() }

// dateLayout is the one form of dates.
const dateLayout = "2006-01-02"

// ParseDate reads a date of the form 2026-05-14. A month alone is its first day.
func ParseDate(s string) (time.Time, bool) {
	t, err := time.Parse(dateLayout, s)
	if err != nil {
		t, err = time.Parse("2006-01", s)
	}
	return t, err == nil
}

// Literal is a quantity as a person wrote it, with the precision it claims.
type Literal struct {
	Value Value
	// HalfDigit is half a unit of the last digit that is not a trailing zero: what
	// rounding may hide. "$27B" has 0.5 billion dollars, "900000 cores" 50,000.
	HalfDigit float64
}

// ParseQuantity reads a literal such as "$5B", "12.3 M$/MW-yr", "750 MW", "10%",
// "33,445,026 shares", "true", "2026-05-14".
func ParseQuantity(s string) (Literal, error) {
	s = strings.TrimSpace(s)
	switch s {
	case "true", "yes":
		return Literal{Value: Value{Kind: Bool, Bool: true}}, nil
	case "false", "no":
		return Literal{Value: Value{Kind: Bool}}, nil
	}
	if t, ok := ParseDate(s); ok {
		return Literal{Value: Value{Kind: Date, Date: t}}, nil
	}
	rest, money := s, false
	negative := strings.HasPrefix(rest, "-")
	rest = strings.TrimPrefix(rest, "-")
	if r, ok := strings.CutPrefix(rest, "$"); ok {
		rest, money = r, true
	}
	digits := numberPrefix(rest)
	if digits == "" {
		return Literal{}, fmt.Errorf("%q is not a quantity: it must start with a number", s)
	}
	rest = rest[len(digits):]
	num, err := strconv.ParseFloat(strings.ReplaceAll(digits, ",", ""), 64)
	if err != nil || math.IsInf(num, 0) {
		return Literal{}, fmt.Errorf("%q is not a number", digits)
	}
	scale, rest := magnitude(rest)
	u, err := literalUnit(rest, money)
	if err != nil {
		return Literal{}, err
	}
	if negative {
		num = -num
	}
	v := Num(num*scale, u)
	if !finite(v.Num) {
		return Literal{}, fmt.Errorf("%q is too large", s)
	}
	return Literal{Value: v, HalfDigit: halfDigit(digits) * scale * u.Scale()}, nil
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// literalUnit reads what follows the number of a literal.
func literalUnit(rest string, money bool) (Unit, error) {
	rest = strings.TrimSpace(rest)
	if !money {
		return ParseUnit(rest)
	}
	if rest != "" && rest[0] != '/' && rest[0] != '-' {
		return Unit{}, fmt.Errorf("%q after an amount in dollars must start with '/', as in $155/share", rest)
	}
	return ParseUnit("$" + rest)
}

// numberPrefix is the longest prefix that is a number: digits with commas
// between them, a point, an exponent.
func numberPrefix(s string) string {
	i, digits := 0, false
	for i < len(s) && (isDigit(s[i]) || s[i] == ',' && digits && i+1 < len(s) && isDigit(s[i+1])) {
		digits = true
		i++
	}
	if i+1 < len(s) && s[i] == '.' && isDigit(s[i+1]) {
		i++
		for i < len(s) && isDigit(s[i]) {
			i++
		}
		digits = true
	}
	if !digits {
		return ""
	}
	return s[:exponent(s, i)]
}

// exponent extends a number that ends at i by e12 or E-3, if one follows. An E
// without digits after it is a magnitude and stays outside.
func exponent(s string, i int) int {
	j := i
	if j < len(s) && (s[j] == 'e' || s[j] == 'E') {
		j++
		if j < len(s) && (s[j] == '-' || s[j] == '+') {
			j++
		}
		for k := j; k < len(s) && isDigit(s[k]); k++ {
			i = k + 1
		}
	}
	return i
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// magnitude takes a scaling letter that directly follows a number (5M, 27B, 4T)
// or a scaling word (27 billion). A letter must end the word, else it belongs to
// a unit (MW, TB).
func magnitude(s string) (scale float64, rest string) {
	for _, w := range []struct {
		name  string
		scale float64
	}{{"thousand", 1e3}, {"million", 1e6}, {"billion", 1e9}, {"trillion", 1e12}} {
		if r, ok := strings.CutPrefix(strings.TrimLeft(s, " "), w.name); ok && (r == "" || !isWordByte(r[0])) {
			return w.scale, r
		}
	}
	if s == "" || strings.IndexByte("kMBT", s[0]) < 0 {
		return 1, s
	}
	if len(s) > 1 && isWordByte(s[1]) {
		return 1, s
	}
	return magnitudes[s[0]], s[1:]
}

func isWordByte(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '$' || c == '%' || c == '_'
}

// halfDigit is half a unit of the last significant digit of a decimal literal.
func halfDigit(s string) float64 {
	s = strings.ReplaceAll(s, ",", "")
	mantissa, exp, _ := strings.Cut(strings.ToLower(s), "e")
	e, _ := strconv.Atoi(exp)
	whole, frac, point := strings.Cut(mantissa, ".")
	switch {
	case point: // a digit after the point is meant, zero or not
		e -= len(frac)
	default:
		e += len(whole) - len(strings.TrimRight(whole, "0"))
		if strings.Trim(whole, "0") == "" {
			return 0 // zero is exact
		}
	}
	return 0.5 * math.Pow(10, float64(e))
}

// Show writes a value for a person: dollars as $5.18B, percentages and multiples
// with their sign, other numbers with unit, four significant digits.
func Show(v Value) string { return show(v, 4) }

func show(v Value, digits int) string {
	switch v.Kind {
	case Bool:
		if v.Bool {
			return "yes"
		}
		return "no"
	case Text:
		return strconv.Quote(v.Text)
	case Date:
		return v.Date.Format(dateLayout)
	}
	u := v.Unit
	if rest, ok := strings.CutPrefix(u.dims, "USD^1"); ok && dollarsFirst(u) {
		return dollars(v.Num*moneyDenominator(u, rest), digits) + moneyUnit(u)
	}
	if u.label == "%" {
		return plain(v.Num*100, digits) + "%"
	}
	if u.Dimensionless() && u.label == "" {
		return plain(v.Num, digits)
	}
	if u.label == "x" {
		return plain(v.Num, digits) + "x"
	}
	return plain(v.In(u), digits) + " " + u.String()
}

// dollarsFirst reports whether the label (if any) starts with a money word, so
// that the amount can be written in front of the rest: $12.3M/MW-yr.
func dollarsFirst(u Unit) bool {
	if u.label == "" {
		return true
	}
	word, _, _ := strings.Cut(u.label, "/")
	b, ok := lookupUnit(strings.TrimSpace(word))
	return ok && b.dim == "USD"
}

// moneyUnit is what follows the dollars: "/share", "/MW-yr", or nothing.
func moneyUnit(u Unit) string {
	s := u.String()
	if i := strings.IndexByte(s, '/'); i >= 0 {
		return s[i:]
	}
	return ""
}

// moneyDenominator converts from base units to the units that moneyUnit shows.
func moneyDenominator(u Unit, rest string) float64 {
	if u.label == "" || strings.TrimSpace(rest) == "" {
		return 1
	}
	word, _, _ := strings.Cut(u.label, "/")
	b, _ := lookupUnit(strings.TrimSpace(word))
	return b.scale / u.Scale()
}

// dollars writes money with a magnitude letter.
func dollars(x float64, digits int) string {
	sign := ""
	if x < 0 {
		sign, x = "-", -x
	}
	for _, m := range []struct {
		scale float64
		name  string
	}{{1e12, "T"}, {1e9, "B"}, {1e6, "M"}} {
		if x >= m.scale*0.99995 {
			return sign + "$" + plain(x/m.scale, digits) + m.name
		}
	}
	return sign + "$" + plain(x, max(digits, 5))
}

// plain writes a number with so many significant digits, commas in thousands.
// Whole numbers below a million million are written in full.
func plain(x float64, digits int) string {
	if x == math.Trunc(x) && math.Abs(x) < 1e12 {
		return commas(strconv.FormatFloat(x, 'f', -1, 64))
	}
	a := math.Abs(x)
	if a >= 1e12 || a < 1e-4 {
		return strconv.FormatFloat(x, 'g', digits, 64)
	}
	decimals := max(digits-1-int(math.Floor(math.Log10(a))), 0)
	s := strconv.FormatFloat(x, 'f', decimals, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return commas(s)
}

func commas(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	whole, frac, point := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if point {
		whole += "." + frac
	}
	return sign + whole
}
