package template

import (
	"strings"
	"time"
	"unicode"
)

// methodNamed gives a bound method, or nil.
func methodNamed(v any, name string) any {
	var f function
	switch v := v.(type) {
	case string:
		f = stringMethod(v, name)
	case *list:
		f = listMethod(v, name)
	case *dict:
		f = dictMethod(v, name)
	}
	if f == nil {
		return nil
	}
	return f
}

func strip(s string, chars any, left, right bool) string {
	cut := unicode.IsSpace
	if c, ok := chars.(string); ok {
		cut = func(r rune) bool { return strings.ContainsRune(c, r) }
	}
	if left {
		s = strings.TrimLeftFunc(s, cut)
	}
	if right {
		s = strings.TrimRightFunc(s, cut)
	}
	return s
}

//tidy:dispatch
func stringMethod(s, name string) function {
	plain := func(f func(s string) any) function { return func(_ *env, _ call) any { return f(s) } }
	with := func(f func(c call) any) function { return func(_ *env, c call) any { return f(c) } }
	switch name {
	case "strip":
		return with(func(c call) any { return strip(s, c.arg(0, "chars", nil), true, true) })
	case "lstrip":
		return with(func(c call) any { return strip(s, c.arg(0, "chars", nil), true, false) })
	case "rstrip":
		return with(func(c call) any { return strip(s, c.arg(0, "chars", nil), false, true) })
	case "upper":
		return plain(func(s string) any { return strings.ToUpper(s) })
	case "lower":
		return plain(func(s string) any { return strings.ToLower(s) })
	case "title":
		return plain(func(s string) any { return title(s) })
	case "capitalize":
		return plain(func(s string) any { return capitalize(s) })
	case "isdigit":
		return plain(func(s string) any {
			return s != "" && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsDigit(r) }) < 0
		})
	case "isalpha":
		return plain(func(s string) any {
			return s != "" && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) }) < 0
		})
	case "isspace":
		return plain(func(s string) any { return s != "" && strings.TrimSpace(s) == "" })
	case "startswith":
		return with(func(c call) any { return hasAffix(c, func(x string) bool { return strings.HasPrefix(s, x) }) })
	case "endswith":
		return with(func(c call) any { return hasAffix(c, func(x string) bool { return strings.HasSuffix(s, x) }) })
	case "removeprefix":
		return with(func(c call) any { return strings.TrimPrefix(s, str(c.arg(0, "prefix", ""))) })
	case "removesuffix":
		return with(func(c call) any { return strings.TrimSuffix(s, str(c.arg(0, "suffix", ""))) })
	case "replace":
		return with(func(c call) any {
			return replace(s, str(c.arg(0, "old", "")), str(c.arg(1, "new", "")), c.arg(2, "count", nil), c.line)
		})
	case "split":
		return with(func(c call) any { return split(s, c) })
	case "rsplit":
		return with(func(c call) any { return rsplit(s, c) })
	case "splitlines":
		return plain(func(s string) any { return stringList(splitLines(s)) })
	case "join":
		return with(func(c call) any { return join(items(c.arg(0, "iterable", nil), c.line), s) })
	case "find":
		return with(func(c call) any { return runeIndex(s, strings.Index(s, str(c.arg(0, "sub", "")))) })
	case "rfind":
		return with(func(c call) any { return runeIndex(s, strings.LastIndex(s, str(c.arg(0, "sub", "")))) })
	case "count":
		return with(func(c call) any { return int64(strings.Count(s, str(c.arg(0, "sub", "")))) })
	}
	return nil
}

// runeIndex turns a place in bytes into one in characters.
func runeIndex(s string, i int) any {
	if i < 0 {
		return int64(-1)
	}
	return int64(len([]rune(s[:i])))
}

// hasAffix tries one text or a tuple of them.
func hasAffix(c call, has func(string) bool) any {
	if l, ok := c.arg(0, "prefix", "").(*list); ok {
		for _, x := range l.items {
			if has(str(x)) {
				return true
			}
		}
		return false
	}
	return has(str(c.arg(0, "prefix", "")))
}

func stringList(parts []string) *list {
	l := &list{}
	for _, p := range parts {
		l.items = append(l.items, p)
	}
	return l
}

func splitLines(s string) []string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}

func split(s string, c call) any {
	most := int(max(-1, min(intOr(c.arg(1, "maxsplit", nil), -1, c.line), 1<<20)))
	sep, ok := c.arg(0, "sep", nil).(string)
	switch {
	case ok && sep == "":
		fail(codeValue, c.line, "", "the separator of split is empty")
	case ok && most < 0:
		return stringList(strings.Split(s, sep))
	case ok:
		return stringList(strings.SplitN(s, sep, most+1))
	case most < 0:
		return stringList(strings.Fields(s))
	}
	var out []string
	for rest := strings.TrimSpace(s); rest != ""; {
		i := strings.IndexFunc(rest, unicode.IsSpace)
		if i < 0 || len(out) == most {
			out = append(out, rest)
			break
		}
		out = append(out, rest[:i])
		rest = strings.TrimLeftFunc(rest[i:], unicode.IsSpace)
	}
	return stringList(out)
}

func rsplit(s string, c call) any {
	sep, ok := c.arg(0, "sep", nil).(string)
	most := intOr(c.arg(1, "maxsplit", nil), -1, c.line)
	if !ok || sep == "" || most < 0 {
		return split(s, call{args: c.args, line: c.line})
	}
	var out []any
	for ; most > 0; most-- {
		i := strings.LastIndex(s, sep)
		if i < 0 {
			break
		}
		out = append([]any{s[i+len(sep):]}, out...)
		s = s[:i]
	}
	return &list{append([]any{s}, out...)}
}

func listMethod(l *list, name string) function {
	switch name {
	case "append":
		return func(_ *env, c call) any {
			if len(l.items) >= maxSteps {
				fail(codeLimit, c.line, "", "a list has more than %d elements", maxSteps)
			}
			l.items = append(l.items, c.arg(0, "object", nil))
			return nil
		}
	case "index":
		return func(_ *env, c call) any {
			for i, v := range l.items {
				if equal(v, c.arg(0, "value", nil)) {
					return int64(i)
				}
			}
			fail(codeValue, c.line, "", "the list does not hold %s", repr(c.arg(0, "value", nil)))
			return nil
		}
	case "pop":
		return func(_ *env, c call) any {
			i := intOr(c.arg(0, "index", nil), -1, c.line)
			if i < 0 {
				i += int64(len(l.items))
			}
			if i < 0 || i >= int64(len(l.items)) {
				fail(codeValue, c.line, "", "pop finds no such element")
			}
			v := l.items[i]
			l.items = append(l.items[:i:i], l.items[i+1:]...)
			return v
		}
	}
	return nil
}

func dictMethod(d *dict, name string) function {
	switch name {
	case "items":
		return func(_ *env, c call) any { return pairs(d, c.line) }
	case "keys":
		return func(*env, call) any { return &list{append([]any(nil), d.keys...)} }
	case "values":
		return func(*env, call) any {
			return &list{mapped(d.keys, func(k any) any { return d.values[k] })}
		}
	case "get":
		return func(_ *env, c call) any {
			if v, ok := d.get(hashable(c.arg(0, "key", nil), c.line)); ok {
				return v
			}
			return c.arg(1, "default", nil)
		}
	case "update":
		return func(_ *env, c call) any {
			for _, x := range []any{c.arg(0, "", newDict()), c.kw} {
				if o, ok := x.(*dict); ok && o != nil {
					for _, k := range o.keys {
						d.set(k, o.values[k])
					}
				}
			}
			return nil
		}
	}
	return nil
}

// globals are the functions that every template has.
func globals(e *env) {
	e.vars["range"] = function(rangeFunc)
	e.vars["namespace"] = function(func(_ *env, c call) any { return dictFrom(c, true) })
	e.vars["dict"] = function(func(_ *env, c call) any { return dictFrom(c, false) })
	e.vars["raise_exception"] = function(func(_ *env, c call) any {
		fail(codeRaised, c.line, "change the messages so that they fit the model's chat template", "the chat template refuses the messages: %s", str(c.arg(0, "message", "")))
		return nil
	})
	e.vars["strftime_now"] = function(func(e *env, c call) any { return strftime(e.run.now, str(c.arg(0, "format", ""))) })
}

func dictFrom(c call, namespace bool) any {
	d := newDict()
	d.namespace = namespace
	for _, x := range []any{c.arg(0, "", nil), c.kw} {
		if o, ok := x.(*dict); ok && o != nil {
			for _, k := range o.keys {
				d.set(k, o.values[k])
			}
		}
	}
	return d
}

func rangeFunc(_ *env, c call) any {
	from, to, step := int64(0), intOr(c.arg(0, "", nil), 0, c.line), intOr(c.arg(2, "", nil), 1, c.line)
	if len(c.args) > 1 {
		from, to = to, intOr(c.args[1], 0, c.line)
	}
	if step == 0 {
		fail(codeValue, c.line, "", "the step of range is 0")
	}
	out := &list{}
	for i := from; (step > 0 && i < to) || (step < 0 && i > to); i += step {
		if out.items = append(out.items, i); len(out.items) > maxRange {
			fail(codeLimit, c.line, "", "a range is longer than %d", maxRange)
		}
	}
	return out
}

// strftime knows the fields that chat templates use; others stay as written.
func strftime(t time.Time, format string) string {
	fields := map[byte]string{
		'd': "02", 'm': "01", 'Y': "2006", 'y': "06", 'b': "Jan", 'B': "January", 'a': "Mon", 'A': "Monday",
		'H': "15", 'I': "03", 'M': "04", 'S': "05", 'p': "PM", 'j': "002", 'e': "_2", 'Z': "MST", 'z': "-0700",
	}
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		switch {
		case format[i] != '%' || i+1 == len(format):
			b.WriteByte(format[i])
			continue
		case format[i+1] == '-' && i+2 < len(format): // without a leading zero
			i += 2
			s := t.Format(fields[format[i]])
			b.WriteString(strings.TrimPrefix(s, "0"))
			continue
		}
		i++
		if f, ok := fields[format[i]]; ok {
			b.WriteString(t.Format(f))
		} else if format[i] == '%' {
			b.WriteByte('%')
		} else {
			b.WriteString(format[i-1 : i+1])
		}
	}
	return b.String()
}
