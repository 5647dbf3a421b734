package template

import (
	"strings"
	"unicode"
)

// testFunc is what stands after "is".
type testFunc func(v any, c call) bool

//tidy:dispatch
func testNamed(name string) (testFunc, bool) {
	is := func(f func(v any) bool) (testFunc, bool) { return func(v any, _ call) bool { return f(v) }, true }
	cmp := func(op string) (testFunc, bool) {
		return func(v any, c call) bool { return compare(op, v, c.arg(0, "other", nil), c.line) }, true
	}
	switch name {
	case "defined":
		return is(func(v any) bool { _, u := v.(undefined); return !u })
	case "undefined":
		return is(func(v any) bool { _, u := v.(undefined); return u })
	case "none":
		return is(func(v any) bool { return v == nil })
	case "string":
		return is(func(v any) bool { _, ok := v.(string); return ok })
	case "mapping":
		return is(func(v any) bool { _, ok := v.(*dict); return ok })
	case "sequence", "iterable":
		return is(func(v any) bool {
			switch v.(type) {
			case string, *list, *dict, undefined:
				return true
			}
			return false
		})
	case "list":
		return is(func(v any) bool { _, ok := v.(*list); return ok })
	case "number":
		return is(func(v any) bool { _, ok := number(v); return ok })
	case "integer":
		return is(func(v any) bool { _, ok := v.(int64); return ok })
	case "float":
		return is(func(v any) bool { _, ok := v.(float64); return ok })
	case "boolean":
		return is(func(v any) bool { _, ok := v.(bool); return ok })
	case "true":
		return is(func(v any) bool { return v == true })
	case "false":
		return is(func(v any) bool { return v == false })
	case "callable":
		return is(func(v any) bool { _, ok := v.(function); return ok })
	case "odd":
		return func(v any, c call) bool { return intOr(v, 0, c.line)%2 != 0 }, true
	case "even":
		return func(v any, c call) bool { return intOr(v, 0, c.line)%2 == 0 }, true
	case "divisibleby":
		return func(v any, c call) bool { return arithmetic("%", v, c.arg(0, "num", nil), c.line) == int64(0) }, true
	case "lower":
		return is(func(v any) bool { s := str(v); return s == strings.ToLower(s) })
	case "upper":
		return is(func(v any) bool { s := str(v); return s == strings.ToUpper(s) })
	case "eq", "equalto", "sameas":
		return cmp("==")
	case "ne":
		return cmp("!=")
	case "lt", "lessthan":
		return cmp("<")
	case "le":
		return cmp("<=")
	case "gt", "greaterthan":
		return cmp(">")
	case "ge":
		return cmp(">=")
	case "in":
		return cmp("in")
	}
	return nil, false
}

// title makes the first letter of each word upper case and the rest lower.
func title(s string) string {
	inWord := false
	return strings.Map(func(r rune) rune {
		letter := unicode.IsLetter(r)
		first := letter && !inWord
		inWord = letter
		if first {
			return unicode.ToTitle(r)
		}
		return unicode.ToLower(r)
	}, s)
}

func capitalize(s string) string {
	for i, r := range s {
		if i == 0 {
			return string(unicode.ToTitle(r)) + strings.ToLower(s[len(string(r)):])
		}
	}
	return s
}
