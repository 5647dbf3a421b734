package template

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// decode reads JSON and keeps the order of keys; absent JSON is None.
func decode(what string, raw json.RawMessage) any {
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	v := decodeValue(d, what, 0)
	if d.More() {
		fail(codeValue, 0, "", "%s is more than one JSON value", what)
	}
	return v
}

func decodeValue(d *json.Decoder, what string, depth int) any {
	t, err := d.Token()
	if err != nil {
		fail(codeValue, 0, "", "%s is not JSON: %v", what, err)
	}
	if depth > maxDepth {
		fail(codeLimit, 0, "", "%s nests deeper than %d", what, maxDepth)
	}
	switch t := t.(type) {
	case json.Number:
		if n, err := strconv.ParseInt(t.String(), 10, 64); err == nil {
			return n
		}
		f, _ := t.Float64()
		return f
	case json.Delim:
		if t == '[' {
			l := &list{}
			for d.More() {
				l.items = append(l.items, decodeValue(d, what, depth+1))
			}
			closing(d, what)
			return l
		}
		m := newDict()
		for d.More() {
			k := decodeValue(d, what, depth+1)
			m.set(k, decodeValue(d, what, depth+1))
		}
		closing(d, what)
		return m
	}
	return t // string, bool or nil
}

func closing(d *json.Decoder, what string) {
	if _, err := d.Token(); err != nil {
		fail(codeValue, 0, "", "%s is not JSON: %v", what, err)
	}
}

// jsonWriter writes JSON as Python's json.dumps does.
type jsonWriter struct {
	b          strings.Builder
	indent     int // below 0: one line
	item, pair string
	ascii      bool
	sorted     bool
	line       int
}

func (w *jsonWriter) value(v any, depth int) {
	switch v := v.(type) {
	case nil:
		w.b.WriteString("null")
	case bool:
		w.b.WriteString(strconv.FormatBool(v))
	case string:
		w.str(v)
	case int64, float64:
		w.b.WriteString(repr(v))
	case *list:
		w.group('[', ']', len(v.items), depth, func(i int) { w.value(v.items[i], depth+1) })
	case *dict:
		keys := v.keys
		if w.sorted {
			keys = sortValues(keys, false, w.line)
		}
		w.group('{', '}', len(keys), depth, func(i int) {
			w.str(str(keys[i]))
			w.b.WriteString(w.pair)
			w.value(v.values[keys[i]], depth+1)
		})
	default:
		fail(codeValue, w.line, "", "%s cannot be written as JSON", describe(v))
	}
}

func (w *jsonWriter) group(open, end byte, n, depth int, each func(i int)) {
	w.b.WriteByte(open)
	for i := range n {
		if i > 0 {
			w.b.WriteString(w.item)
		}
		w.newline(depth + 1)
		each(i)
	}
	if n > 0 {
		w.newline(depth)
	}
	w.b.WriteByte(end)
}

func (w *jsonWriter) newline(depth int) {
	if w.indent >= 0 {
		w.b.WriteByte('\n')
		w.b.WriteString(strings.Repeat(" ", w.indent*depth))
	}
}

func (w *jsonWriter) str(s string) {
	const hex = "0123456789abcdef"
	w.b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			w.b.WriteByte('\\')
			w.b.WriteRune(r)
		case r == '\n':
			w.b.WriteString(`\n`)
		case r == '\r':
			w.b.WriteString(`\r`)
		case r == '\t':
			w.b.WriteString(`\t`)
		case r == '\b':
			w.b.WriteString(`\b`)
		case r == '\f':
			w.b.WriteString(`\f`)
		case r < 0x20 || (w.ascii && r > 126 && r < 0x10000):
			w.b.WriteString(`\u` + string([]byte{hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15]}))
		default:
			w.b.WriteRune(r)
		}
	}
	w.b.WriteByte('"')
}

// toJSON is the filter tojson of the transformers library.
func toJSON(_ *env, v any, c call) any {
	w := &jsonWriter{indent: -1, item: ", ", pair: ": ", line: c.line}
	w.ascii = truth(c.arg(0, "ensure_ascii", false))
	if i := c.arg(1, "indent", nil); i != nil {
		w.indent = int(max(0, min(intOr(i, 0, c.line), 64)))
		w.item = ","
	}
	// With one argument by place the common use is tojson(4), an indent.
	if n, ok := c.arg(0, "", nil).(int64); ok && len(c.args) == 1 {
		w.ascii, w.indent, w.item = false, int(max(0, min(n, 64))), ","
	}
	if s, ok := c.arg(2, "separators", nil).(*list); ok && len(s.items) == 2 {
		w.item, w.pair = str(s.items[0]), str(s.items[1])
	}
	w.sorted = truth(c.arg(3, "sort_keys", false))
	w.value(v, 0)
	return w.b.String()
}
