// Package file reads deal files.
//
// In: the bytes of a YAML file and its name. Out: a checked contract.Deal and the
// list of what is wrong with the file, each mistake with line, column, reason and
// cure. A deal with errors in its list is incomplete and must not be computed.
//
// The decoder walks the YAML tree and the Go types side by side:
//
//  1. goccy/go-yaml parses the bytes into a tree that keeps positions.
//  2. decode fills the struct fields named by their yaml tags; what a tag forbids
//     (unknown key, missing field, wrong word, wrong unit) is reported on the way.
//  3. A section's source or assumption is handed down to the figures below it.
//  4. check looks at what no tag can say: sums, references, cycles, order of dates.
package file

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"wafer/internal/deal/contract"
	"wafer/internal/diag"
)

// The limits of a deal file.
const (
	MaxBytes = 1 << 20 // the largest built-in deal has 20 kB
	MaxDepth = 40      // of nested mappings, lists and conditions
	MaxItems = 500     // of one list
)

// Parse reads one deal.
func Parse(name string, text []byte) (*contract.Deal, *diag.List) {
	d := newDecoder(name, text)
	body := d.body(text)
	if body == nil {
		return nil, d.list
	}
	deal := &contract.Deal{}
	d.value(body, reflect.ValueOf(deal).Elem(), context{})
	d.check(deal)
	return deal, d.list
}

type decoder struct {
	name    string
	lines   []string
	list    *diag.List
	citePos map[string]diag.Pos // where a figure's or section's source is named
	wordPos map[string]diag.Pos // where the word at a path stands
}

func newDecoder(name string, text []byte) *decoder {
	return &decoder{name: name, lines: strings.Split(string(text), "\n"), list: &diag.List{}, citePos: map[string]diag.Pos{}, wordPos: map[string]diag.Pos{}}
}

// context is what a node inherits.
type context struct {
	path  string
	tag   reflect.StructTag
	cite  cite
	depth int
}

// cite is the ground of a figure: one of source and assumed.
type cite struct {
	source, mark, assumed, undisclosed, note string
	asOf                                     contract.Date
	pos                                      diag.Pos
}

func (c context) under(key string, tag reflect.StructTag) context {
	c.depth++
	if tag != "" {
		c.tag = tag
	}
	if c.path != "" {
		key = c.path + "." + key
	}
	c.path = key
	return c
}

func (d *decoder) body(text []byte) ast.Node {
	if len(text) > MaxBytes {
		d.fail(diag.Pos{File: d.name}, "E0502", "split the file: one document describes one deal",
			"the file has %d bytes; the limit is %d", len(text), MaxBytes)
		return nil
	}
	f, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		d.syntax(err)
		return nil
	}
	docs := slices.DeleteFunc(f.Docs, func(doc *ast.DocumentNode) bool { return doc.Body == nil })
	switch {
	case len(docs) == 0:
		d.fail(diag.Pos{File: d.name, Line: 1, Col: 1}, "E0503", "start with format: wafer-deal/1", "the file is empty")
	case len(docs) > 1:
		d.fail(d.pos(docs[1].Body), "E0503", "put each deal in its own file", "a second document begins here")
	case docs[0].Body.Type() == ast.MappingType || docs[0].Body.Type() == ast.MappingValueType:
		return docs[0].Body
	default:
		d.fail(d.pos(docs[0].Body), "E0503", "start with format: wafer-deal/1", "a deal file is a mapping of keys to values, not %s", shape(docs[0].Body))
	}
	return nil
}

func (d *decoder) syntax(err error) {
	pos := diag.Pos{File: d.name, Line: 1, Col: 1}
	message := err.Error()
	var y yaml.Error
	if errors.As(err, &y) {
		message = y.GetMessage()
		if t := y.GetToken(); t != nil {
			pos = d.at(t.Position.Line, t.Position.Column, 1)
		}
	}
	d.fail(pos, "E0501", "check the indentation, and quote texts that hold ': ', '#', or commas inside {…}", "this is not YAML: %s", message)
}

// at turns a column counted in characters into one in bytes, as diag wants it.
func (d *decoder) at(line, col, length int) diag.Pos {
	p := diag.Pos{File: d.name, Line: line, Col: max(col, 1), Len: length}
	if line >= 1 && line <= len(d.lines) {
		runes := []rune(d.lines[line-1])
		p.Col = len(string(runes[:min(p.Col-1, len(runes))])) + 1
	}
	return p
}

func (d *decoder) pos(n ast.Node) diag.Pos {
	t := n.GetToken()
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 && !m.IsFlowStyle {
		t = m.Values[0].Key.GetToken()
	}
	if m, ok := n.(*ast.MappingValueNode); ok {
		t = m.Key.GetToken()
	}
	if t == nil || t.Position == nil {
		return diag.Pos{File: d.name}
	}
	length := len(t.Value)
	if _, scalar := n.(ast.ScalarNode); !scalar || strings.Contains(t.Value, "\n") {
		length = 0
	}
	return d.at(t.Position.Line, t.Position.Column, length)
}

func (d *decoder) fail(pos diag.Pos, code diag.Code, cure, format string, args ...any) {
	d.list.Add(diag.Diagnostic{Code: code, Pos: pos, Message: fmt.Sprintf(format, args...), Cure: cure})
}

// shape names what a node is, for people.
func shape(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.NullNode:
		return "nothing"
	}
	return "a single value"
}

var (
	figureType   = reflect.TypeFor[contract.Figure]()
	dateType     = reflect.TypeFor[contract.Date]()
	settingsType = reflect.TypeFor[[]contract.Setting]()
)

// value decodes n into v.
func (d *decoder) value(n ast.Node, v reflect.Value, c context) {
	if c.depth > MaxDepth {
		d.fail(d.pos(n), "E0502", "flatten the condition or section", "nesting is deeper than %d levels", MaxDepth)
		return
	}
	switch n.(type) {
	case *ast.AliasNode, *ast.AnchorNode, *ast.TagNode:
		d.fail(d.pos(n), "E0508", "write the value out: each figure keeps one place and one source", "YAML anchors, aliases and tags are not read")
		return
	case *ast.NullNode:
		d.fail(d.pos(n), "E0506", "write the value, or leave the key out", "%s has no value", lastKey(c.path))
		return
	}
	switch {
	case v.Type() == figureType:
		d.figure(n, v.Addr().Interface().(*contract.Figure), c)
	case v.Type() == dateType:
		d.date(n, v.Addr().Interface().(*contract.Date), c)
	case v.Type() == settingsType:
		d.settings(n, v.Addr().Interface().(*[]contract.Setting), c)
	case v.Kind() == reflect.Pointer:
		fresh := reflect.New(v.Type().Elem())
		d.value(n, fresh.Elem(), c)
		v.Set(fresh)
	case v.Kind() == reflect.Slice:
		d.slice(n, v, c)
	case v.Kind() == reflect.Struct:
		d.structure(n, v, c)
	default:
		d.scalar(n, v, c)
	}
}

// lastKey names the thing at a path; a numbered item is named by its list.
func lastKey(path string) string {
	key := path[strings.LastIndexByte(path, '.')+1:]
	if _, err := strconv.Atoi(key); err == nil && key != path {
		return "an item of " + lastKey(strings.TrimSuffix(path, "."+key))
	}
	return key
}

// entries gives the key-value pairs of a mapping, reporting repeated keys.
func (d *decoder) entries(n ast.Node, what string) ([]*ast.MappingValueNode, bool) {
	var values []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		values = m.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{m}
	default:
		d.fail(d.pos(n), "E0506", "write keys and values below it", "%s is a section of keys and values, not %s", what, shape(n))
		return nil, false
	}
	seen := map[string]diag.Pos{}
	out := values[:0:0]
	for _, e := range values {
		key, at := e.Key.GetToken().Value, d.pos(e)
		at.Len = len(key)
		if first, dup := seen[key]; dup {
			d.list.Add(diag.Diagnostic{
				Code: "E0507", Pos: at, Message: fmt.Sprintf("%q is given twice", key),
				Cure: "keep one of the two", Notes: []diag.Extra{{Pos: first, Message: "first given here"}},
			})
			continue
		}
		seen[key] = at
		out = append(out, e)
	}
	return out, true
}

// structure decodes a mapping into a struct.
func (d *decoder) structure(n ast.Node, v reflect.Value, c context) {
	what := "a deal"
	if c.path != "" {
		what = lastKey(c.path)
	}
	entries, ok := d.entries(n, what)
	if !ok {
		return
	}
	if f := v.FieldByName("Pos"); f.IsValid() {
		f.Set(reflect.ValueOf(d.pos(n)))
	}
	fields, keys := fieldsOf(v.Type())
	c.cite = d.inherited(entries, fields, c)
	given := map[string]bool{}
	for _, e := range entries {
		key := e.Key.GetToken().Value
		given[key] = true
		i, known := fields[key]
		if !known {
			d.unknownKey(e, key, keys)
			continue
		}
		d.value(e.Value, v.Field(i), c.under(key, v.Type().Field(i).Tag))
	}
	for _, key := range keys {
		if tag := v.Type().Field(fields[key]).Tag; tag.Get("req") != "" && !given[key] {
			d.fail(d.pos(n), "E0505", "add "+key+": "+tag.Get("doc"), "%s has no %s", what, key)
		}
	}
}

// fieldsOf maps yaml keys to field numbers and lists the keys in order.
func fieldsOf(t reflect.Type) (map[string]int, []string) {
	fields, keys := map[string]int{}, []string{}
	for i := range t.NumField() {
		key := t.Field(i).Tag.Get("yaml")
		if key == "" || key == "-" {
			continue
		}
		fields[key] = i
		keys = append(keys, key)
	}
	return fields, keys
}

// citeKeys may stand in any section and hold for the figures below it.
var citeKeys = []string{"source", "mark", "assumed", "as_of", "note"}

func (d *decoder) unknownKey(e *ast.MappingValueNode, key string, keys []string) {
	if slices.Contains(citeKeys, key) {
		return
	}
	pos := d.pos(e)
	pos.Len = len(key)
	cure := "known keys here are " + strings.Join(keys, ", ")
	if near := diag.Nearest(key, slices.Concat(keys, citeKeys)); near != "" {
		cure = "did you mean " + near + "?"
	}
	if _, bare := e.Value.(*ast.NullNode); bare && strings.ContainsAny(key, " 0123456789") {
		cure = "a comma inside {…} ends a value: quote the whole text"
	}
	d.fail(pos, "E0504", cure, "unknown key %q", key)
}

// inherited reads the section's own citation and overlays it on what came from above.
func (d *decoder) inherited(entries []*ast.MappingValueNode, fields map[string]int, c context) cite {
	out := c.cite
	for _, e := range entries {
		key := e.Key.GetToken().Value
		if _, own := fields[key]; own || !slices.Contains(citeKeys, key) {
			continue
		}
		d.citeKey(key, e.Value, &out, c)
	}
	return out
}

// citeKey sets one part of a citation. A new source replaces an assumption from
// above and the other way round, so that a figure never has both by inheritance.
func (d *decoder) citeKey(key string, n ast.Node, out *cite, c context) {
	if key == "as_of" {
		d.date(n, &out.asOf, c.under(key, ""))
		return
	}
	text, ok := d.text(n, key)
	if !ok {
		return
	}
	switch key {
	case "source":
		out.source, out.assumed, out.mark, out.pos = text, "", "", d.pos(n)
	case "assumed":
		out.assumed, out.source, out.mark = text, "", ""
	case "mark":
		if !slices.Contains([]string{"A", "B", "C", "D"}, text) {
			d.fail(d.pos(n), "E0509", "A filing, B note quoting one, C press, D derived", "%q is no confidence mark", text)
			return
		}
		out.mark = text
	case "note":
		out.note = text
	}
}

// text gives the words of a scalar node.
func (d *decoder) text(n ast.Node, what string) (string, bool) {
	switch s := n.(type) {
	case *ast.StringNode:
		return s.Value, true
	case *ast.LiteralNode:
		return strings.TrimSpace(s.Value.Value), true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	d.fail(d.pos(n), "E0506", "write it on one line behind the colon", "%s is a single value, not %s", what, shape(n))
	return "", false
}

func (d *decoder) scalar(n ast.Node, v reflect.Value, c context) {
	key := lastKey(c.path)
	text, ok := d.text(n, key)
	if !ok {
		return
	}
	switch v.Kind() {
	case reflect.String:
		d.wordPos[c.path] = d.pos(n)
		if d.allowed(n, text, c) {
			v.SetString(text)
		}
	case reflect.Bool:
		if text != "true" && text != "false" {
			d.fail(d.pos(n), "E0509", "write true or false", "%q is neither true nor false", text)
			return
		}
		v.SetBool(text == "true")
	case reflect.Int:
		i, err := strconv.Atoi(text)
		if err != nil {
			d.fail(d.pos(n), "E0511", "write a whole number", "%q is no whole number", text)
			return
		}
		v.SetInt(int64(i))
	}
}

// allowed checks a word against the enum of its field.
func (d *decoder) allowed(n ast.Node, text string, c context) bool {
	if strings.TrimSpace(text) == "" {
		d.fail(d.pos(n), "E0506", "write the value, or leave the key out", "%s is empty", lastKey(c.path))
		return false
	}
	enum := c.tag.Get("enum")
	if enum == "" {
		return true
	}
	words := strings.Split(enum, "|")
	if slices.Contains(words, text) {
		return true
	}
	cure := "write one of " + strings.Join(words, ", ")
	if near := diag.Nearest(text, words); near != "" && len(text) > 2 {
		cure = "did you mean " + near + "?"
	}
	d.fail(d.pos(n), "E0509", cure, "%q is not a value of %s", text, keyOfEnum(c.path))
	return false
}

// keyOfEnum skips the number of a list item: roles.1 is one of roles.
func keyOfEnum(path string) string { return strings.TrimPrefix(lastKey(path), "an item of ") }

func (d *decoder) slice(n ast.Node, v reflect.Value, c context) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		d.fail(d.pos(n), "E0506", "start each item with a dash", "%s is a list, not %s", lastKey(c.path), shape(n))
		return
	}
	if len(seq.Values) > MaxItems {
		d.fail(d.pos(n), "E0502", "split the deal", "%s has %d items; the limit is %d", lastKey(c.path), len(seq.Values), MaxItems)
		return
	}
	out := reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values))
	for i, item := range seq.Values {
		d.value(item, out.Index(i), c.under(itemKey(item, i), ""))
	}
	v.Set(out)
}

// itemKey names a list item in paths by its id, else by its number.
func itemKey(n ast.Node, i int) string {
	var values []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		values = m.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{m}
	}
	for _, e := range values {
		if e.Key.GetToken().Value == "id" && e.Value != nil && e.Value.GetToken() != nil {
			return e.Value.GetToken().Value
		}
	}
	return strconv.Itoa(i + 1)
}

func (d *decoder) date(n ast.Node, out *contract.Date, c context) {
	text, ok := d.text(n, lastKey(c.path))
	if !ok {
		return
	}
	date, ok := contract.ParseDate(text)
	if !ok {
		d.fail(d.pos(n), "E0510", "write 2026-05-14, or 2026-05 or 2026 where no more is known", "%q is no date", text)
		return
	}
	*out = date
}

func (d *decoder) settings(n ast.Node, out *[]contract.Setting, c context) {
	entries, ok := d.entries(n, "set")
	if !ok {
		return
	}
	for _, e := range entries {
		text, ok := d.text(e.Value, e.Key.GetToken().Value)
		if !ok {
			continue
		}
		pos := d.pos(e)
		pos.Len = len(e.Key.GetToken().Value)
		*out = append(*out, contract.Setting{At: contract.At{Pos: pos}, Path: e.Key.GetToken().Value, Value: text})
	}
}
