package template

import (
	"html"
	"math"
	"slices"
	"strconv"
	"strings"
)

// filterFunc is what stands after a bar.
type filterFunc func(e *env, v any, c call) any

// text makes a filter of a function on strings.
func text(f func(s string) string) (filterFunc, bool) {
	return func(_ *env, v any, _ call) any { return f(str(v)) }, true
}

//tidy:dispatch
func filterNamed(name string) (filterFunc, bool) {
	switch name {
	case "tojson":
		return toJSON, true
	case "trim":
		return func(_ *env, v any, c call) any { return strip(str(v), c.arg(0, "chars", nil), true, true) }, true
	case "upper":
		return text(strings.ToUpper)
	case "lower":
		return text(strings.ToLower)
	case "title":
		return text(title)
	case "capitalize":
		return text(capitalize)
	case "escape", "e":
		return text(html.EscapeString)
	case "string", "safe":
		return text(func(s string) string { return s })
	case "length", "count":
		return func(_ *env, v any, c call) any { return int64(len(items(v, c.line))) }, true
	case "default", "d":
		return filterDefault, true
	case "first":
		return func(_ *env, v any, c call) any { return index(&list{items(v, c.line)}, int64(0), c.line) }, true
	case "last":
		return func(_ *env, v any, c call) any { return index(&list{items(v, c.line)}, int64(-1), c.line) }, true
	case "list":
		return func(_ *env, v any, c call) any { return &list{slices.Clone(items(v, c.line))} }, true
	case "reverse":
		return func(_ *env, v any, c call) any { return slice(v, [3]any{nil, nil, int64(-1)}, c.line) }, true
	case "join":
		return filterJoin, true
	case "replace":
		return func(_ *env, v any, c call) any {
			return replace(str(v), str(c.arg(0, "old", "")), str(c.arg(1, "new", "")), c.arg(2, "count", nil), c.line)
		}, true
	case "indent":
		return filterIndent, true
	case "int":
		return filterInt, true
	case "float":
		return filterFloat, true
	case "abs":
		return func(_ *env, v any, c call) any {
			if order(v, int64(0), c.line) < 0 {
				return arithmetic("-", int64(0), v, c.line)
			}
			return v
		}, true
	case "round":
		return filterRound, true
	case "items":
		return func(_ *env, v any, c call) any { return pairs(v, c.line) }, true
	case "dictsort":
		return filterDictsort, true
	case "sort":
		return filterSort, true
	case "unique":
		return filterUnique, true
	case "sum":
		return filterSum, true
	case "min":
		return func(_ *env, v any, c call) any {
			return index(&list{sortValues(items(v, c.line), false, c.line)}, int64(0), c.line)
		}, true
	case "max":
		return func(_ *env, v any, c call) any {
			return index(&list{sortValues(items(v, c.line), false, c.line)}, int64(-1), c.line)
		}, true
	case "map":
		return filterMap, true
	case "select":
		return selectBy(true, false), true
	case "reject":
		return selectBy(false, false), true
	case "selectattr":
		return selectBy(true, true), true
	case "rejectattr":
		return selectBy(false, true), true
	}
	return nil, false
}

func filterDefault(_ *env, v any, c call) any {
	_, missing := v.(undefined)
	if missing || (truth(c.arg(1, "boolean", false)) && !truth(v)) {
		return c.arg(0, "default_value", "")
	}
	return v
}

func join(all []any, sep string) string {
	var out []string
	for _, v := range all {
		out = append(out, str(v))
	}
	return strings.Join(out, sep)
}

func filterJoin(_ *env, v any, c call) any {
	all := items(v, c.line)
	if name := c.arg(1, "attribute", nil); name != nil {
		all = mapped(all, func(x any) any { return index(x, name, c.line) })
	}
	return join(all, str(c.arg(0, "d", "")))
}

func mapped(all []any, f func(any) any) []any {
	var out []any
	for _, v := range all {
		out = append(out, f(v))
	}
	return out
}

func replace(s, from, to string, count any, line int) any {
	n := int(max(-1, min(intOr(count, -1, line), math.MaxInt32)))
	return strings.Replace(s, from, to, n)
}

// filterIndent indents all lines but the first and, as in Jinja, no blank ones.
func filterIndent(_ *env, v any, c call) any {
	width := c.arg(0, "width", int64(4))
	by, ok := width.(string)
	if !ok {
		by = strings.Repeat(" ", int(max(0, min(intOr(width, 4, c.line), 256))))
	}
	lines := strings.Split(str(v), "\n")
	for i, l := range lines {
		if (i > 0 || truth(c.arg(1, "first", false))) && (l != "" || truth(c.arg(2, "blank", false))) {
			lines[i] = by + l
		}
	}
	return strings.Join(lines, "\n")
}

func filterInt(_ *env, v any, c call) any {
	switch v := v.(type) {
	case int64:
		return v
	case string:
		if n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64); err == nil {
			return n
		}
		if f, err := strconv.ParseFloat(strings.TrimSpace(v), 64); err == nil {
			return int64(f)
		}
	default:
		if f, ok := number(v); ok {
			return int64(f)
		}
	}
	return c.arg(0, "default", int64(0))
}

func filterFloat(_ *env, v any, c call) any {
	if f, ok := number(v); ok {
		return f
	}
	if f, err := strconv.ParseFloat(strings.TrimSpace(str(v)), 64); err == nil {
		return f
	}
	return c.arg(0, "default", 0.0)
}

func filterRound(_ *env, v any, c call) any {
	f, ok := number(v)
	if !ok {
		fail(codeValue, c.line, "", "%s cannot be rounded", describe(v))
	}
	scale := math.Pow(10, float64(intOr(c.arg(0, "precision", nil), 0, c.line)))
	return math.RoundToEven(f*scale) / scale
}

// pairs gives a list of [key, value].
func pairs(v any, line int) any {
	out := &list{}
	d, ok := v.(*dict)
	if _, missing := v.(undefined); !ok && !missing {
		fail(codeValue, line, "", "%s has no items", describe(v))
	}
	if ok {
		for _, k := range d.keys {
			out.items = append(out.items, &list{[]any{k, d.values[k]}})
		}
	}
	return out
}

func sortValues(all []any, reverse bool, line int) []any {
	out := slices.Clone(all)
	slices.SortStableFunc(out, func(a, b any) int {
		if reverse {
			a, b = b, a
		}
		return order(a, b, line)
	})
	return out
}

func filterDictsort(_ *env, v any, c call) any {
	all := pairs(v, c.line).(*list).items
	slices.SortStableFunc(all, func(a, b any) int {
		return order(foldCase(a.(*list).items[0]), foldCase(b.(*list).items[0]), c.line)
	})
	return &list{all}
}

// foldCase: sorting in Jinja ignores case unless told otherwise.
func foldCase(v any) any {
	if s, ok := v.(string); ok {
		return strings.ToLower(s)
	}
	return v
}

func filterSort(_ *env, v any, c call) any {
	out := slices.Clone(items(v, c.line))
	key := func(x any) any {
		if name := c.arg(2, "attribute", nil); name != nil {
			x = index(x, name, c.line)
		}
		if truth(c.arg(1, "case_sensitive", false)) {
			return x
		}
		return foldCase(x)
	}
	slices.SortStableFunc(out, func(a, b any) int {
		if truth(c.arg(0, "reverse", false)) {
			a, b = b, a
		}
		return order(key(a), key(b), c.line)
	})
	return &list{out}
}

func filterUnique(_ *env, v any, c call) any {
	out := &list{}
	for _, x := range items(v, c.line) {
		if !slices.ContainsFunc(out.items, func(y any) bool { return equal(x, y) }) {
			out.items = append(out.items, x)
		}
	}
	return out
}

func filterSum(_ *env, v any, c call) any {
	total := c.arg(1, "start", int64(0))
	for _, x := range items(v, c.line) {
		if name := c.arg(0, "attribute", nil); name != nil {
			x = index(x, name, c.line)
		}
		total = arithmetic("+", total, x, c.line)
	}
	return total
}

// filterMap is map("filter", …) or map(attribute="name", default=…).
func filterMap(e *env, v any, c call) any {
	all := items(v, c.line)
	if name, ok := c.named("attribute"); ok {
		return &list{mapped(all, func(x any) any {
			got := index(x, name, c.line)
			if otherwise, ok := c.named("default"); ok {
				return filterDefault(e, got, call{args: []any{otherwise}})
			}
			return got
		})}
	}
	name := str(c.arg(0, "filter", ""))
	f, ok := filterNamed(name)
	if !ok {
		fail(codeName, c.line, "", "the filter %q is not known", name)
	}
	rest := call{args: c.args[1:], kw: c.kw, line: c.line}
	return &list{mapped(all, func(x any) any { return f(e, x, rest) })}
}

// selectBy keeps the elements for which a test gives want; with attr the test
// is on a field, named first.
func selectBy(want, attr bool) filterFunc {
	return func(_ *env, v any, c call) any {
		rest := c.args
		field := any(nil)
		if attr {
			if len(rest) == 0 {
				fail(codeValue, c.line, "", "the name of a field is missing")
			}
			field, rest = rest[0], rest[1:]
		}
		test := func(v any, _ call) bool { return truth(v) }
		if len(rest) > 0 {
			name := strings.NewReplacer("==", "eq", "!=", "ne", "<=", "le", ">=", "ge", "<", "lt", ">", "gt").Replace(str(rest[0]))
			f, ok := testNamed(name)
			if !ok {
				fail(codeName, c.line, "", "the test %q is not known", name)
			}
			test, rest = f, rest[1:]
		}
		out := &list{}
		for _, x := range items(v, c.line) {
			y := x
			if attr {
				y = index(x, field, c.line)
			}
			if test(y, call{args: rest, line: c.line}) == want {
				out.items = append(out.items, x)
			}
		}
		return out
	}
}
