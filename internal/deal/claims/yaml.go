package claims

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"wafer/internal/diag"
)

// The codes of mistakes in a claims file. docs/deal-claims.md has an example of
// each; those of formulas are in package expr.
const (
	CodeYAML     diag.Code = "E0601" // not YAML
	CodeShape    diag.Code = "E0602" // a list where a mapping is needed, and the like
	CodeField    diag.Code = "E0603" // unknown field
	CodeMissing  diag.Code = "E0604" // a field that must be there
	CodeTwice    diag.Code = "E0605" // a name, id or field given twice
	CodeQuantity diag.Code = "E0606" // a value that cannot be read
	CodeDate     diag.Code = "E0607" // a date that cannot be read, or out of order
	CodeWord     diag.Code = "E0608" // a word outside its list
	CodeFormat   diag.Code = "E0609" // the format line
	CodeLimit    diag.Code = "E0610" // beyond a limit
	CodeCycle    diag.Code = "E0611" // a constant that needs itself
	CodeRelation diag.Code = "E0612" // says, relation and formula do not fit each other
	CodeSolve    diag.Code = "E0613" // a name that cannot be solved for
)

// Limits of a claims file.
const (
	MaxBytes     = 1 << 20
	MaxConstants = 2000
	MaxClaims    = 1000
	MaxReadings  = 20
	MaxPoints    = 200
	// MaxNesting bounds brackets, and dashes and blanks at the start of a line,
	// before the YAML parser sees them: its time grows with the square of depth.
	MaxNesting = 100
	MaxLine    = 4000 // bytes; for the same reason
)

// doc reads one YAML document, collecting diagnostics.
type doc struct {
	file string
	ds   diag.List
}

// parseYAML gives the root node, or nil after reporting why there is none.
func (d *doc) parseYAML(src []byte) (root ast.Node) {
	if len(src) > MaxBytes {
		d.fail(diag.Pos{File: d.file}, CodeLimit, "split it; several files can be checked together", "the file has %d bytes, the limit is %d", len(src), MaxBytes)
		return nil
	}
	if line := tooDeep(src); line > 0 {
		d.fail(diag.Pos{File: d.file, Line: line}, CodeLimit, "claims files are flat; check the brackets and the indentation", "the file is nested deeper than %d", MaxNesting)
		return nil
	}
	if line := tooLong(src); line > 0 {
		d.fail(diag.Pos{File: d.file, Line: line}, CodeLimit, "break it", "the line has more than %d bytes", MaxLine)
		return nil
	}
	// The YAML parser is not ours; a fault in it must not take the program down.
	defer func() {
		if r := recover(); r != nil {
			d.fail(diag.Pos{File: d.file}, CodeYAML, "simplify the YAML near the last change", "the YAML parser failed: %v", r)
			root = nil
		}
	}()
	f, err := parser.ParseBytes(src, 0)
	if err != nil {
		d.yamlError(err)
		return nil
	}
	for _, doc := range f.Docs {
		if doc.Body == nil {
			continue
		}
		if root != nil {
			d.fail(d.pos(doc.Body), CodeYAML, "put it into a file of its own", "the file holds a second document")
			return root
		}
		root = doc.Body
	}
	if root == nil {
		d.fail(diag.Pos{File: d.file}, CodeYAML, "start with `format: "+Format+"`", "the file is empty")
	}
	return root
}

// tooDeep gives the first line at which brackets or indentation pass
// MaxNesting, or 0. It does not know of quotes, which a real file has no use for
// a hundred unclosed brackets in.
func tooDeep(src []byte) int {
	line, brackets, indent, inIndent := 1, 0, 0, true
	for _, c := range src {
		switch c {
		case '\n', '\r':
			if c == '\n' {
				line++
			}
			indent, inIndent = 0, true
			continue
		case '[', '{':
			brackets++
		case ']', '}':
			brackets = max(brackets-1, 0)
		}
		inIndent = inIndent && (c == ' ' || c == '-' || c == '?' || c == '\t')
		if inIndent {
			indent++
		}
		if brackets > MaxNesting || indent > 2*MaxNesting {
			return line
		}
	}
	return 0
}

// tooLong gives the first line of more than MaxLine bytes, or 0.
func tooLong(src []byte) int {
	n := 0
	for line := range bytes.Lines(src) {
		if n++; len(line) > MaxLine {
			return n
		}
	}
	return 0
}

func (d *doc) yamlError(err error) {
	pos := diag.Pos{File: d.file}
	msg := err.Error()
	var syn *yaml.SyntaxError
	if errors.As(err, &syn) {
		pos, msg = d.tokenPos(syn.Token), syn.Message
	}
	msg, _, _ = strings.Cut(msg, "\n")
	d.fail(pos, CodeYAML, "", "this is not YAML: %s", msg)
}

func (d *doc) fail(pos diag.Pos, code diag.Code, cure, format string, args ...any) {
	d.ds.Add(diag.Diagnostic{Code: code, Pos: pos, Message: fmt.Sprintf(format, args...), Cure: cure})
}

func (d *doc) tokenPos(t *token.Token) diag.Pos {
	if t == nil || t.Position == nil {
		return diag.Pos{File: d.file}
	}
	return diag.Pos{File: d.file, Line: t.Position.Line, Col: t.Position.Column, Len: len(firstLine(t.Value))}
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// pos is the place of a node; for a mapping, of its first key.
func (d *doc) pos(n ast.Node) diag.Pos {
	switch m := n.(type) {
	case *ast.MappingNode:
		if len(m.Values) > 0 {
			return d.pos(m.Values[0])
		}
	case *ast.MappingValueNode:
		return d.tokenPos(m.Key.GetToken())
	case *ast.SequenceNode:
		if len(m.Values) > 0 {
			return d.pos(m.Values[0])
		}
	}
	if n == nil {
		return diag.Pos{File: d.file}
	}
	return d.tokenPos(n.GetToken())
}

// field is one key of a mapping.
type field struct {
	name  string
	pos   diag.Pos
	value ast.Node
}

// fields reads a mapping in its order and reports keys given twice.
func (d *doc) fields(n ast.Node, what string) []field {
	var pairs []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		pairs = m.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{m}
	default:
		d.fail(d.pos(n), CodeShape, "write `key: value` lines", "%s must be a mapping, not %s", what, shape(n))
		return nil
	}
	var out []field
	seen := map[string]diag.Pos{}
	for _, p := range pairs {
		f := field{p.Key.GetToken().Value, d.tokenPos(p.Key.GetToken()), p.Value}
		if first, ok := seen[f.name]; ok {
			twice(&d.ds, f.pos, first, "field", f.name)
			continue
		}
		seen[f.name] = f.pos
		out = append(out, f)
	}
	return out
}

// record dispatches the fields of a mapping to their readers, reports unknown
// ones with a suggestion, and missing ones at the mapping's place.
func (d *doc) record(n ast.Node, at diag.Pos, what string, readers map[string]func(field), required ...string) bool {
	fields := d.fields(n, what)
	if fields == nil {
		return false
	}
	have := map[string]bool{}
	for _, f := range fields {
		read, ok := readers[f.name]
		if !ok {
			d.unknownField(f, what, readers)
			continue
		}
		have[f.name] = true
		read(f)
	}
	for _, r := range required {
		if !have[r] {
			d.fail(at, CodeMissing, fmt.Sprintf("add a line `%s: …`", r), "%s has no %s", what, r)
		}
	}
	return true
}

func (d *doc) unknownField(f field, what string, readers map[string]func(field)) {
	names := sortedKeys(readers)
	cure := "fields are " + strings.Join(names, ", ")
	if near := diag.Nearest(f.name, names); near != "" {
		cure = fmt.Sprintf("did you mean %s?", near)
	}
	d.fail(f.pos, CodeField, cure, "%s has no field %s", what, f.name)
}

// items gives the elements of a list; a single value counts as a list of one
// where single is allowed.
func (d *doc) items(f field, single bool) []ast.Node {
	if s, ok := f.value.(*ast.SequenceNode); ok {
		return s.Values
	}
	if _, isMap := f.value.(*ast.MappingNode); single && f.value != nil && !isMap {
		return []ast.Node{f.value}
	}
	d.fail(f.pos, CodeShape, "write each element on a line of its own after `- `", "%s must be a list, not %s", f.name, shape(f.value))
	return nil
}

// scalar is the text of a value that is one word or string. start is where the
// text begins in the file, for places inside it; quoted tells a text from a
// number or word.
type scalar struct {
	text   string
	pos    diag.Pos
	quoted bool
}

func (d *doc) scalar(n ast.Node, what string) (scalar, bool) {
	switch s := n.(type) {
	case *ast.StringNode:
		pos := d.tokenPos(s.Token)
		quoted := s.Token.Type == token.SingleQuoteType || s.Token.Type == token.DoubleQuoteType
		if quoted {
			pos.Col++
		}
		return scalar{strings.TrimSpace(s.Value), pos, quoted}, true
	case *ast.LiteralNode:
		pos := d.tokenPos(s.Start)
		pos.Col, pos.Len = 0, 0 // places inside a folded text are not tracked
		return scalar{strings.TrimSpace(s.Value.Value), pos, false}, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return scalar{strings.TrimSpace(n.GetToken().Value), d.pos(n), false}, true
	}
	d.fail(d.pos(n), CodeShape, "", "%s must be one value, not %s", what, shape(n))
	return scalar{}, false
}

// text is a reader for a plain string field.
func (d *doc) text(out *string) func(field) {
	return func(f field) {
		if f.value == nil || f.value.Type() == ast.NullType {
			d.fail(f.pos, CodeMissing, "", "%s is empty", f.name)
			return
		}
		if s, ok := d.scalar(f.value, f.name); ok {
			*out = strings.Join(strings.Fields(s.text), " ")
		}
	}
}

// shape names a node's form in messages.
func shape(n ast.Node) string {
	if n == nil {
		return "nothing"
	}
	switch n.Type() {
	case ast.MappingType, ast.MappingValueType:
		return "a mapping"
	case ast.SequenceType:
		return "a list"
	case ast.NullType:
		return "nothing"
	case ast.AnchorType, ast.AliasType, ast.MergeKeyType:
		return "an anchor or alias (they are not used in claims files)"
	case ast.TagType:
		return "a tagged value (tags are not used in claims files)"
	}
	return "a single value"
}
