package file

import (
	"reflect"
	"strings"

	"wafer/internal/deal/contract"
)

// Schema is the JSON Schema of a deal file, made from the same tags as the
// decoder. Editors use it for completion and to mark mistakes while typing; the
// decoder finds more, such as sums and references.
func Schema() map[string]any {
	g := &generator{defs: map[string]any{}}
	root := g.structure(reflect.TypeFor[contract.Deal]())
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$id"] = "urn:wafer:deal-1"
	root["title"] = "Wafer deal file"
	g.defs["date"] = map[string]any{"type": []string{"string", "integer"}, "description": "2026-05-14, or 2026-05 or 2026 where no more is known"}
	root["$defs"] = g.defs
	return root
}

type generator struct{ defs map[string]any }

// structure describes a mapping. Named types become definitions, which lets
// conditions contain conditions.
func (g *generator) structure(t reflect.Type) map[string]any {
	props, required := map[string]any{}, []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		key := f.Tag.Get("yaml")
		if key == "" || key == "-" {
			continue
		}
		p := g.field(f)
		if doc := f.Tag.Get("doc"); doc != "" {
			p = described(p, doc)
		}
		props[key] = p
		if f.Tag.Get("req") != "" {
			required = append(required, key)
		}
	}
	for _, key := range citeKeys {
		if _, own := props[key]; !own {
			props[key] = map[string]any{"description": citeDocs[key]}
		}
	}
	out := map[string]any{"type": "object", "properties": props, "additionalProperties": false}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

var citeDocs = map[string]string{
	"source": "id of a source; holds for every figure below", "mark": "A, B, C or D", "assumed": "reason; holds for every figure below",
	"as_of": "date of the figures below", "note": "remark",
}

// described puts a description beside a reference, which may have none itself.
func described(p map[string]any, doc string) map[string]any {
	if _, ref := p["$ref"]; ref {
		return map[string]any{"allOf": []any{p}, "description": doc}
	}
	p["description"] = doc
	return p
}

func (g *generator) field(f reflect.StructField) map[string]any {
	t := f.Type
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == figureType:
		return g.figure(f.Tag.Get("unit"))
	case t == dateType:
		return map[string]any{"$ref": "#/$defs/date"}
	case t == settingsType:
		return map[string]any{"type": "object", "additionalProperties": map[string]any{"type": []string{"string", "number", "boolean"}}}
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
		return map[string]any{"type": "array", "items": g.named(t.Elem()), "maxItems": MaxItems}
	case t.Kind() == reflect.Slice:
		return map[string]any{"type": "array", "items": word(f.Tag.Get("enum")), "maxItems": MaxItems}
	case t.Kind() == reflect.Struct:
		return g.named(t)
	case t.Kind() == reflect.Bool:
		return map[string]any{"type": "boolean"}
	case t.Kind() == reflect.Int:
		return map[string]any{"type": "integer"}
	}
	return word(f.Tag.Get("enum"))
}

func word(enum string) map[string]any {
	if enum == "" {
		return map[string]any{"type": []string{"string", "number"}}
	}
	var words []any
	for _, w := range strings.Split(enum, "|") {
		words = append(words, w)
	}
	return map[string]any{"enum": words}
}

func (g *generator) named(t reflect.Type) map[string]any {
	if _, done := g.defs[t.Name()]; !done {
		g.defs[t.Name()] = nil // reserve: a condition contains conditions
		g.defs[t.Name()] = g.structure(t)
	}
	return map[string]any{"$ref": "#/$defs/" + t.Name()}
}

// figure describes a scalar, a range or a distribution of one class of unit.
func (g *generator) figure(unit string) map[string]any {
	name := "figure " + unit
	name = strings.NewReplacer(" ", "-", "/", "-per-").Replace(name)
	if _, done := g.defs[name]; !done {
		scalar := map[string]any{"type": []string{"string", "number"}, "examples": []string{classes[unit].example}}
		g.defs[name] = map[string]any{"anyOf": []any{scalar, map[string]any{
			"type": "object", "additionalProperties": false,
			"properties": map[string]any{
				"value": scalar, "range": map[string]any{"type": "array", "items": scalar, "minItems": 2, "maxItems": 3},
				"dist": map[string]any{"enum": []any{"triangular", "uniform", "normal", "lognormal"}}, "sd": scalar,
				"source": map[string]any{"type": "string"}, "mark": map[string]any{"enum": []any{"A", "B", "C", "D"}},
				"as_of": map[string]any{"$ref": "#/$defs/date"}, "note": map[string]any{"type": "string"},
				"assumed": map[string]any{"type": "string"}, "undisclosed": map[string]any{"type": "string"},
			},
		}}}
	}
	return map[string]any{"$ref": "#/$defs/" + name}
}
