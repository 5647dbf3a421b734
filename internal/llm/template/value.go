package template

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Values are nil (None), bool, int64, float64, string, *list, *dict, function
// and undefined.

// undefined is what a missing variable or field gives. It prints as nothing, is
// false, and may not be looked into.
type undefined struct{ name string }

// list is a Python list, or a tuple.
type list struct{ items []any }

// dict keeps the order of its keys, as Python does.
type dict struct {
	keys      []any
	values    map[any]any
	namespace bool
}

func newDict() *dict { return &dict{values: map[any]any{}} }

func (d *dict) set(k, v any) {
	if _, ok := d.values[k]; !ok {
		d.keys = append(d.keys, k)
	}
	d.values[k] = v
}

func (d *dict) get(k any) (any, bool) { v, ok := d.values[k]; return v, ok }

// hashable refuses keys that Go or Python cannot look up.
func hashable(k any, line int) any {
	switch k.(type) {
	case nil, bool, int64, float64, string:
		return k
	}
	fail(codeValue, line, "", "%s cannot be a key", describe(k))
	return nil
}

// describe names a value for a message.
func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case undefined:
		return "the undefined " + v.name
	case bool:
		return "a boolean"
	case int64, float64:
		return "a number"
	case string:
		return "a string"
	case *list:
		return "a list"
	case *dict:
		return "a mapping"
	}
	return "a function"
}

func truth(v any) bool {
	switch v := v.(type) {
	case nil, undefined:
		return false
	case bool:
		return v
	case int64:
		return v != 0
	case float64:
		return v != 0
	case string:
		return v != ""
	case *list:
		return len(v.items) > 0
	case *dict:
		return len(v.keys) > 0 || v.namespace
	}
	return true
}

// str is how a value prints.
func str(v any) string {
	switch v := v.(type) {
	case undefined:
		return ""
	case string:
		return v
	}
	return repr(v)
}

// repr is Python's notation of a value.
func repr(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case undefined:
		return "Undefined"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return floatRepr(v)
	case string:
		return stringRepr(v)
	case *list:
		var out []string
		for _, x := range v.items {
			out = append(out, repr(x))
		}
		return "[" + strings.Join(out, ", ") + "]"
	case *dict:
		var out []string
		for _, k := range v.keys {
			out = append(out, repr(k)+": "+repr(v.values[k]))
		}
		return "{" + strings.Join(out, ", ") + "}"
	}
	return "<function>"
}

func stringRepr(s string) string {
	quote := "'"
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = `"`
	}
	s = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`, quote, `\`+quote).Replace(s)
	return quote + s + quote
}

// floatRepr is Python's shortest form: 1.0, 1e+16, 0.0001, 1e-05.
func floatRepr(f float64) string {
	switch a := math.Abs(f); {
	case math.IsInf(f, 0) || math.IsNaN(f):
		return strings.ToLower(strings.TrimPrefix(fmt.Sprint(f), "+"))
	case a != 0 && (a < 1e-4 || a >= 1e16):
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// items gives what a loop over a value visits.
func items(v any, line int) []any {
	switch v := v.(type) {
	case undefined:
		return nil
	case *list:
		return v.items
	case *dict:
		return v.keys
	case string:
		var out []any
		for _, r := range v {
			out = append(out, string(r))
		}
		return out
	}
	fail(codeValue, line, "", "%s cannot be iterated over", describe(v))
	return nil
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

func intOr(v any, otherwise int64, line int) int64 {
	switch v := v.(type) {
	case nil:
		return otherwise
	case int64:
		return v
	case bool:
		n, _ := number(v)
		return int64(n)
	}
	fail(codeValue, line, "", "a whole number is needed, not %s", describe(v))
	return 0
}

func equal(a, b any) bool {
	if x, ok := number(a); ok {
		y, ok := number(b)
		return ok && x == y
	}
	switch a := a.(type) {
	case nil:
		return b == nil
	case undefined:
		_, ok := b.(undefined)
		return ok
	case string:
		s, ok := b.(string)
		return ok && s == a
	case *list:
		l, ok := b.(*list)
		if !ok || len(l.items) != len(a.items) {
			return false
		}
		for i := range l.items {
			if !equal(a.items[i], l.items[i]) {
				return false
			}
		}
		return true
	case *dict:
		d, ok := b.(*dict)
		if !ok || len(d.keys) != len(a.keys) {
			return false
		}
		for _, k := range a.keys {
			if v, ok := d.get(k); !ok || !equal(a.values[k], v) {
				return false
			}
		}
		return true
	}
	return false
}

func compare(op string, a, b any, line int) bool {
	switch op {
	case "==":
		return equal(a, b)
	case "!=":
		return !equal(a, b)
	case "in":
		return contains(b, a, line)
	case "not in":
		return !contains(b, a, line)
	}
	n := order(a, b, line)
	switch op {
	case "<":
		return n < 0
	case "<=":
		return n <= 0
	case ">":
		return n > 0
	}
	return n >= 0
}

// order compares two numbers or two strings.
func order(a, b any, line int) int {
	x, ok1 := number(a)
	y, ok2 := number(b)
	switch s, isS := a.(string); {
	case ok1 && ok2 && x < y:
		return -1
	case ok1 && ok2:
		if x > y {
			return 1
		}
		return 0
	case isS:
		if t, ok := b.(string); ok {
			return strings.Compare(s, t)
		}
	}
	fail(codeValue, line, "", "%s and %s have no order", describe(a), describe(b))
	return 0
}

func contains(in, v any, line int) bool {
	switch in := in.(type) {
	case string:
		s, ok := v.(string)
		if !ok {
			fail(codeValue, line, "", "%s cannot be in a string", describe(v))
		}
		return strings.Contains(in, s)
	case *dict:
		for _, k := range in.keys {
			if equal(k, v) {
				return true
			}
		}
		return false
	}
	for _, x := range items(in, line) {
		if equal(x, v) {
			return true
		}
	}
	return false
}

func arithmetic(op string, a, b any, line int) any {
	if op == "~" {
		return str(a) + str(b)
	}
	x, isInt := a.(int64)
	y, isInt2 := b.(int64)
	if isInt && isInt2 && op != "/" {
		return intArithmetic(op, x, y, line)
	}
	f, ok := number(a)
	g, ok2 := number(b)
	if ok && ok2 {
		return floatArithmetic(op, f, g, line)
	}
	s, isS := a.(string)
	t, isT := b.(string)
	l, isL := a.(*list)
	m, isM := b.(*list)
	switch {
	case op == "+" && isS && isT:
		return s + t
	case op == "+" && isL && isM:
		return &list{append(l.items[:len(l.items):len(l.items)], m.items...)}
	case op == "*" && isS && isInt2 && y >= 0 && y*int64(len(s)) <= maxSource:
		return strings.Repeat(s, int(y))
	}
	fail(codeValue, line, "", "%s %s %s is not possible", describe(a), op, describe(b))
	return nil
}

func intArithmetic(op string, x, y int64, line int) any {
	switch op {
	case "+":
		return x + y
	case "-":
		return x - y
	case "*":
		return x * y
	case "**":
		return power(x, y)
	}
	if y == 0 || (x == math.MinInt64 && y == -1) {
		fail(codeValue, line, "", "%d %s %d is not possible", x, op, y)
	}
	q, r := x/y, x%y
	if r != 0 && (r < 0) != (y < 0) { // Python rounds down
		q, r = q-1, r+y
	}
	if op == "//" {
		return q
	}
	return r
}

func power(x, y int64) any {
	f := math.Pow(float64(x), float64(y))
	if y >= 0 && math.Abs(f) < 1<<53 {
		return int64(f)
	}
	return f
}

func floatArithmetic(op string, f, g float64, line int) any {
	switch op {
	case "+":
		return f + g
	case "-":
		return f - g
	case "*":
		return f * g
	case "**":
		return math.Pow(f, g)
	}
	if g == 0 {
		fail(codeValue, line, "", "division by zero")
	}
	switch op {
	case "/":
		return f / g
	case "//":
		return math.Floor(f / g)
	}
	return f - float64(g*math.Floor(f/g))
}

// index is v[i].
func index(v, i any, line int) any {
	if u, ok := v.(undefined); ok {
		fail(codeValue, line, "", "%s is not defined, so it has no %s", u.name, repr(i))
	}
	if d, ok := v.(*dict); ok {
		switch i.(type) {
		case nil, bool, int64, float64, string:
			if x, ok := d.get(i); ok {
				return x
			}
		}
		return undefined{str(i)}
	}
	n, ok := i.(int64)
	if !ok {
		if s, ok := i.(string); ok {
			return attribute(v, s, line)
		}
		return undefined{str(i)}
	}
	switch v.(type) {
	case *list, string:
		all := items(v, line)
		if n < 0 {
			n += int64(len(all))
		}
		if n >= 0 && n < int64(len(all)) {
			return all[n]
		}
	}
	return undefined{"element " + str(i)}
}

// attribute is v.name: a method first, then a key, as in Jinja.
func attribute(v any, name string, line int) any {
	if u, ok := v.(undefined); ok {
		fail(codeValue, line, "", "%s is not defined, so it has no field %s", u.name, name)
	}
	if d, ok := v.(*dict); ok {
		if x, ok := d.get(name); ok && (d.namespace || methodNamed(v, name) == nil) {
			return x
		}
	}
	if m := methodNamed(v, name); m != nil {
		return m
	}
	return undefined{name}
}
