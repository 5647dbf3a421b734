package claims

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"wafer/internal/deal/claims/expr"
	"wafer/internal/diag"
)

// Format is the first line of every claims file.
const Format = "wafer-claims/1"

// Parse reads one claims file. name is for diagnostics. The file is usable when
// none of the diagnostics is an error.
func Parse(name string, src []byte) (*File, []diag.Diagnostic) {
	d := &doc{file: name}
	f := &File{Name: name}
	if root := d.parseYAML(src); root != nil {
		d.root(root, f)
	}
	f.index(&d.ds)
	return f, d.ds.Sorted()
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func (d *doc) root(n ast.Node, f *File) {
	d.record(n, d.pos(n), "a claims file", map[string]func(field){
		"format":    d.format,
		"title":     d.text(&f.Title),
		"date":      d.date(&f.Date),
		"needs":     func(x field) { d.needs(x, f) },
		"constants": func(x field) { d.constants(x, f) },
		"claims":    func(x field) { d.claims(x, f) },
	}, "format", "date")
}

func (d *doc) format(f field) {
	if s, ok := d.scalar(f.value, "format"); ok && s.text != Format {
		d.fail(s.pos, CodeFormat, "write `format: "+Format+"`", "format %q is not known", s.text)
	}
}

func (d *doc) date(out *time.Time) func(field) {
	return func(f field) {
		s, ok := d.scalar(f.value, f.name)
		if !ok {
			return
		}
		t, ok := expr.ParseDate(s.text)
		if !ok {
			d.fail(s.pos, CodeDate, "write it as 2026-05-14", "%q is not a date", s.text)
		}
		*out = t
	}
}

func (d *doc) needs(f field, out *File) {
	for _, x := range d.fields(f.value, "needs") {
		n := Need{Name: x.name, Pos: x.pos}
		if s, ok := d.scalar(x.value, "the unit of "+x.name); ok {
			n.Unit = d.unit(s)
		}
		out.Needs = append(out.Needs, n)
	}
}

func (d *doc) unit(s scalar) expr.Unit {
	u, err := expr.ParseUnit(s.text)
	if err != nil {
		d.fail(s.pos, CodeQuantity, "", "%v", err)
	}
	return u
}

func (d *doc) constants(f field, out *File) {
	fields := d.fields(f.value, "constants")
	if len(fields) > MaxConstants {
		d.fail(f.pos, CodeLimit, "split the file", "there are %d constants, the limit is %d", len(fields), MaxConstants)
		fields = fields[:MaxConstants]
	}
	for _, x := range fields {
		if !isName(x.name) {
			d.fail(x.pos, CodeWord, "use lower-case words joined by points, such as cerebras.revenue_2025", "%q cannot be the name of a constant", x.name)
		}
		out.Constants = append(out.Constants, d.constant(x))
	}
}

// isName accepts what a formula reads as one name and keeps the words that
// formulas have for themselves.
func isName(s string) bool {
	for _, part := range strings.Split(s, ".") {
		for i, r := range part {
			if !(r >= 'a' && r <= 'z' || r == '_' || i > 0 && r >= '0' && r <= '9') {
				return false
			}
		}
		if part == "" {
			return false
		}
	}
	switch s {
	case "and", "or", "not", "true", "false", "said", "date":
		return false
	}
	return !strings.HasPrefix(s, "claim.")
}

func (d *doc) constant(x field) Constant {
	c := Constant{Name: x.name, Pos: x.pos}
	what := "constant " + x.name
	ways := 0
	once := func(read func(field)) func(field) {
		return func(f field) { ways++; read(f) }
	}
	ok := d.record(x.value, x.pos, what, map[string]func(field){
		"value":      once(func(f field) { d.points(f.value, time.Time{}, &c) }),
		"series":     once(func(f field) { d.series(f, &c) }),
		"formula":    once(func(f field) { c.Formula = d.formula(f.value, "formula") }),
		"unit":       func(f field) { d.constantUnit(f, &c) },
		"source":     d.text(&c.Source),
		"as_of":      func(f field) { d.asOf(f, &c) },
		"confidence": d.confidence(&c.Confidence),
		"note":       d.text(&c.Note),
	}, "source", "confidence")
	if ok && ways != 1 {
		d.fail(x.pos, CodeMissing, "give it one of value, series, formula", "%s needs exactly one of value, series and formula, and has %d", what, ways)
	}
	// A formula is as old as what it is made of; a figure has a date of its own.
	if ok && c.Formula == nil && c.AsOf == "" {
		d.fail(x.pos, CodeMissing, "add a line `as_of: 2026-05-14`", "%s has no as_of", what)
	}
	return c
}

func (d *doc) constantUnit(f field, c *Constant) {
	if s, ok := d.scalar(f.value, "unit"); ok {
		c.Unit = d.unit(s)
	}
}

func (d *doc) asOf(f field, c *Constant) {
	var t time.Time
	d.date(&t)(f)
	d.text(&c.AsOf)(f)
}

// marks are the confidence marks, best first.
const marks = "ABCD?"

func (d *doc) confidence(out *string) func(field) {
	return func(f field) {
		s, ok := d.scalar(f.value, "confidence")
		if ok && (len(s.text) != 1 || !strings.Contains(marks, s.text)) {
			d.fail(s.pos, CodeWord, "A is a filing or the publisher's own page, B dated second hand, C press, D derived, ? open", "confidence %q is not one of A, B, C, D, ?", s.text)
			return
		}
		*out = s.text
	}
}

// points adds one value from a date on.
func (d *doc) points(n ast.Node, from time.Time, c *Constant) {
	s, ok := d.scalar(n, "value")
	if !ok {
		return
	}
	if l, ok := d.quantity(s); ok {
		c.Points = append(c.Points, Point{from, l.Value})
	}
}

// quantity reads a number with unit, yes/no, a date, or a quoted text.
func (d *doc) quantity(s scalar) (expr.Literal, bool) {
	l, err := expr.ParseQuantity(s.text)
	if err == nil {
		return l, true
	}
	if s.quoted && s.text != "" && !startsLikeNumber(s.text) {
		return expr.Literal{Value: expr.Value{Kind: expr.Text, Text: s.text}}, true
	}
	d.fail(s.pos, CodeQuantity, "write a number with a unit (750 MW, $27B, 12%), true, false, a date, or a text in quotes", "%v", err)
	return l, false
}

func startsLikeNumber(s string) bool {
	s = strings.TrimLeft(s, "-$.")
	return s != "" && s[0] >= '0' && s[0] <= '9'
}

func (d *doc) series(f field, c *Constant) {
	items := d.items(f, false)
	if len(items) > MaxPoints {
		d.fail(f.pos, CodeLimit, "", "the series has %d points, the limit is %d", len(items), MaxPoints)
		items = items[:MaxPoints]
	}
	for _, it := range items {
		var from time.Time
		var val ast.Node
		at := d.pos(it)
		d.record(it, at, "a point of a series", map[string]func(field){
			"from":  d.date(&from),
			"value": func(x field) { val = x.value },
			"note":  func(field) {},
		}, "from", "value")
		if n := len(c.Points); n > 0 && !from.IsZero() && !from.After(c.Points[n-1].From) {
			d.fail(at, CodeDate, "put the points in order of date", "the point from %s does not come after the one before it", from.Format(time.DateOnly))
			continue
		}
		if val != nil && !from.IsZero() {
			d.points(val, from, c)
		}
	}
}

// formula parses an expression and puts its mistakes at their place in the file.
func (d *doc) formula(n ast.Node, what string) *Formula {
	s, ok := d.scalar(n, what)
	if !ok {
		return nil
	}
	text := s.text
	e, err := expr.Parse(text)
	f := &Formula{Expr: e, Pos: s.pos}
	if err != nil {
		d.ds.Add(f.place(err))
		return nil
	}
	return f
}

// place turns a formula's mistake into a diagnostic at its place in the file.
func (f *Formula) place(err *expr.Error) diag.Diagnostic {
	pos := f.Pos
	if pos.Col > 0 {
		pos.Col += err.Off
		pos.Len = max(err.Len, 1)
	}
	return diag.Diagnostic{Code: err.Code, Pos: pos, Message: err.Message, Cure: err.Cure}
}

func (d *doc) claims(f field, out *File) {
	items := d.items(f, false)
	if len(items) > MaxClaims {
		d.fail(f.pos, CodeLimit, "split the file", "there are %d claims, the limit is %d", len(items), MaxClaims)
		items = items[:MaxClaims]
	}
	for _, it := range items {
		out.Claims = append(out.Claims, d.claim(it))
	}
}

func (d *doc) claim(n ast.Node) Claim {
	c := Claim{Pos: d.pos(n), Tolerance: -1, Within: -1}
	var plain Reading
	var relation string
	var at diag.Pos
	d.record(n, c.Pos, "a claim", map[string]func(field){
		"id":         d.text(&c.ID),
		"quote":      d.text(&c.Quote),
		"date":       d.date(&c.Date),
		"says":       func(f field) { d.says(f, &c) },
		"relation":   func(f field) { at = f.pos; d.text(&relation)(f) },
		"tolerance":  func(f field) { d.tolerance(f, &c) },
		"within":     func(f field) { d.within(f, &c) },
		"as":         d.text(&plain.As),
		"reads":      func(f field) { plain.Pos = f.pos; plain.Reads = d.formulas(f); c.Plain = &plain },
		"readings":   func(f field) { d.readings(f, &c) },
		"plausible":  func(f field) { c.Plausible = d.formula(f.value, "plausible") },
		"solve":      d.text(&c.Solve),
		"source":     d.text(&c.Source),
		"confidence": d.confidence(&c.Confidence),
		"note":       d.text(&c.Note),
	}, "id", "quote", "source")
	d.relation(relation, at, &c)
	if c.Plain != nil && c.Plain.As == "" {
		c.Plain.As = "as it is said"
	}
	return c
}

func (d *doc) says(f field, c *Claim) {
	var words []string
	for _, n := range d.items(f, true) {
		s, ok := d.scalar(n, "says")
		if !ok {
			continue
		}
		words = append(words, s.text)
		if l, ok := d.quantity(s); ok {
			c.Says = append(c.Says, l)
		}
	}
	c.SaysText = strings.Join(words, " to ")
	if len(words) > 2 {
		d.fail(f.pos, CodeRelation, "", "says has %d values; it takes one, or the two ends of a range", len(words))
		c.Says = nil
	}
}

// relation settles the relation from what was written and what says holds.
func (d *doc) relation(word string, at diag.Pos, c *Claim) {
	words := []string{string(About), string(AtLeast), string(AtMost), string(Between), string(Is)}
	if word != "" && !slices.Contains(words, word) {
		cure := "relations are " + strings.Join(words, ", ")
		d.fail(at, CodeWord, cure, "%q is not a relation", word)
		word = ""
	}
	c.Relation = Relation(word)
	if at.Line == 0 {
		at = c.Pos
	}
	if len(c.Says) == 0 {
		return
	}
	numeric := c.Says[0].Value.Kind == expr.Number
	want := Is
	switch {
	case len(c.Says) == 2:
		want = Between
	case numeric:
		want = About
	}
	if word == "" {
		c.Relation = want
	}
	oneSided := c.Relation == AtLeast || c.Relation == AtMost
	if c.Relation != want && !(oneSided && want == About) {
		d.fail(at, CodeRelation, fmt.Sprintf("leave it out, or write %q", want), "relation %q does not fit what the claim says", c.Relation)
	}
	if len(c.Says) == 2 {
		lo, hi := c.Says[0].Value, c.Says[1].Value
		if lo.Kind != expr.Number || hi.Kind != expr.Number || !lo.Unit.Same(hi.Unit) || lo.Num > hi.Num {
			d.fail(c.Pos, CodeRelation, "write the lower end first, both in one unit", "the range that claim %s says is not one", c.ID)
			c.Says = nil
		}
	}
}

// tolerance is relative to what is said: "10%".
func (d *doc) tolerance(f field, c *Claim) {
	s, ok := d.scalar(f.value, "tolerance")
	if !ok {
		return
	}
	l, err := expr.ParseQuantity(s.text)
	if err != nil || l.Value.Kind != expr.Number || !l.Value.Unit.Dimensionless() || l.Value.Num < 0 {
		d.fail(s.pos, CodeQuantity, "write a share such as 10%, or use `within` for an amount", "tolerance %q is not a share", s.text)
		return
	}
	c.Tolerance = l.Value.Num
}

func (d *doc) within(f field, c *Claim) {
	s, ok := d.scalar(f.value, "within")
	if !ok {
		return
	}
	l, err := expr.ParseQuantity(s.text)
	if err != nil || l.Value.Kind != expr.Number || l.Value.Num < 0 {
		d.fail(s.pos, CodeQuantity, "write an amount such as $0.5B", "within %q is not an amount", s.text)
		return
	}
	if len(c.Says) > 0 && !c.Says[0].Value.Unit.Same(l.Value.Unit) {
		d.fail(s.pos, CodeRelation, "give it in the unit of says", "within %q is not of the unit that the claim says", s.text)
		return
	}
	c.Within = l.Value.Num
}

func (d *doc) formulas(f field) []Formula {
	var out []Formula
	for _, n := range d.items(f, true) {
		if x := d.formula(n, f.name); x != nil {
			out = append(out, *x)
		}
	}
	return out
}

func (d *doc) readings(f field, c *Claim) {
	items := d.items(f, false)
	if len(items) > MaxReadings {
		d.fail(f.pos, CodeLimit, "", "the claim has %d readings, the limit is %d", len(items), MaxReadings)
		items = items[:MaxReadings]
	}
	for _, it := range items {
		r := Reading{Pos: d.pos(it)}
		d.record(it, r.Pos, "a reading", map[string]func(field){
			"as":    d.text(&r.As),
			"reads": func(x field) { r.Reads = d.formulas(x) },
			"given": func(x field) { r.Given = d.formula(x.value, "given") },
		}, "as", "reads")
		c.Readings = append(c.Readings, r)
	}
}
