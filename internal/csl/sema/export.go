package sema

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"wafer/internal/csl/syntax"
	"wafer/internal/diag"
	"wafer/internal/image"
)

// exportSymbol is @export_symbol(sym[, name]).
func (s *sema) exportSymbol(e *syntax.Builtin) Operand {
	if !s.args(e, 1, 2) || !s.atTop(e) {
		return s.badOp()
	}
	x := exported{fn: -1, pos: s.place(e.Pos())}
	switch a := e.Args[0].(type) {
	case *syntax.Ident:
		x.name = a.Name
	case *syntax.Field:
		x.name = a.Name
	}
	if len(e.Args) == 2 {
		n := s.constOf(e.Args[1], s.str)
		if !n.ok() {
			return n
		}
		x.name = n.V.str()
	}
	pl := s.placeOf(e.Args[0])
	switch {
	case pl.k == placeBad:
		return s.badOp()
	case pl.k == placeVal && pl.op.isConst() && pl.T.kind == KFn:
		f := pl.op.V.P.(*fnVal)
		if f.decl.Task {
			return s.errCure(e.Args[0].Pos(), EExport, "export a function that activates it", "task '%s' cannot be called by the host", f.decl.Name)
		}
		x.f, x.fn = f, s.prog.funcIndex(s, f)
	case pl.ptr != nil && pl.ptr.g != nil && pl.ptr.off == 0:
		x.g = pl.ptr.g
		s.prog.use(s, x.g)
	default:
		return s.err(e.Args[0].Pos(), EExport, "only global variables and functions can be exported")
	}
	for _, o := range s.prog.exports {
		if o.name == x.name {
			s.ds.Add(diag.Diagnostic{
				Code: EExport, Pos: x.pos, Message: fmt.Sprintf("the name '%s' is exported twice", x.name),
				Notes: []diag.Extra{{Pos: o.pos, Message: "first export"}},
			})
			return s.badOp()
		}
	}
	s.prog.exports = append(s.prog.exports, x)
	return s.voidOp()
}

// bindExports ties exported symbols to the names of the layout.
func (p *program) bindExports(s *sema) {
	for _, x := range p.exports {
		n := s.lay.byName[x.name]
		if n == nil {
			s.ds.Add(diag.Diagnostic{
				Code: EExport, Pos: x.pos, Message: fmt.Sprintf("the layout does not export a name '%s'", x.name),
				Cure: "add @export_name(\"" + x.name + "\", …) to the layout block" + s.nearExport(x.name),
			})
			continue
		}
		n.used = true
		t := p.exportType(s, x)
		if t != n.t && !sameExport(t, n.t) {
			s.ds.Add(diag.Diagnostic{
				Code: EExport, Pos: x.pos, Message: fmt.Sprintf("'%s' has type '%s', but the layout exports '%s'", x.name, t, n.t),
				Notes: []diag.Extra{{Pos: n.pos, Message: "exported by the layout here"}},
			})
			continue
		}
		if x.g != nil && n.mut && !x.g.mut && t.kind != KPtr {
			s.ds.Add(diag.Diagnostic{
				Code: EExport, Pos: x.pos, Message: fmt.Sprintf("'%s' is constant, but the layout exports it as mutable", x.name),
				Notes: []diag.Extra{{Pos: n.pos, Message: "exported by the layout here"}},
			})
			continue
		}
		b := image.Binding{Export: n.idx, Func: int32(x.fn)}
		if x.g != nil {
			b.Addr = uint16(x.g.air)
		}
		p.air.Config.Exports = append(p.air.Config.Exports, b)
	}
}

func (p *program) exportType(s *sema, x exported) *Type {
	if x.g != nil {
		return x.g.T
	}
	f := s.fnOperand(x.f)
	return f.T
}

// sameExport lets a pointer be exported with more or less const than it has: the
// host goes by the mutability given.
func sameExport(a, b *Type) bool {
	return a.kind == KPtr && b.kind == KPtr && a.many == b.many && a.elem == b.elem
}

func (s *sema) nearExport(name string) string {
	var names []string
	for _, x := range s.lay.exports {
		names = append(names, x.name)
	}
	if n := nearest(name, names); n != "" {
		return ", or did you mean '" + n + "'?"
	}
	return ""
}

// getSymbolID is @get_symbol_id(sym).
func (s *sema) getSymbolID(e *syntax.Builtin) Operand {
	s.effects++
	if !s.args(e, 1, 1) {
		return s.badOp()
	}
	pl := s.placeOf(e.Args[0])
	if pl.k == placeBad {
		return s.badOp()
	}
	if s.prog != nil {
		for _, x := range s.prog.exports {
			same := x.g != nil && pl.ptr != nil && pl.ptr.g == x.g || x.f != nil && pl.op.isConst() && pl.op.V.P == x.f
			if n := s.lay.byName[x.name]; same && n != nil {
				return constOp(intVal(s.u16, int64(n.idx)))
			}
		}
	}
	return s.errCure(e.Pos(), EExport, "export it with @export_symbol", "the symbol is not exported")
}

// rpcBuiltin reports the builtins that serve a hand-written RPC receiver.
func (s *sema) rpcBuiltin(e *syntax.Builtin) Operand {
	return s.errCure(e.Pos(), EBuiltin, "export functions with @export_symbol: the host calls them by itself",
		"@%s is not available: the host needs no receiver on the core", e.Name)
}

func (s *sema) hasExported(e *syntax.Builtin) Operand {
	s.effects++
	if !s.args(e, 0, 0) {
		return s.badOp()
	}
	if s.prog != nil {
		for _, x := range s.prog.exports {
			if x.g != nil && x.g.T.kind == KPtr {
				return constOp(s.boolVal(true))
			}
		}
	}
	return constOp(s.boolVal(false))
}

// importValue is @import_comptime_value(T, file): a JSON file as a value.
func (s *sema) importValue(e *syntax.Builtin) Operand {
	if !s.args(e, 2, 2) {
		return s.badOp()
	}
	t := s.typeOf(e.Args[0])
	n := s.constOf(e.Args[1], s.str)
	if t == s.bad || !n.ok() {
		return s.badOp()
	}
	name := n.V.str()
	if !filepath.IsAbs(name) {
		name = filepath.Join(filepath.Dir(s.fr.mod.file.name), name)
	}
	text, err := s.opt.ReadFile(name)
	if err != nil {
		return s.err(e.Args[1].Pos(), EImport, "cannot read %q: %v", name, err)
	}
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.UseNumber()
	tree, err := decodeJSON(dec)
	if err != nil {
		return s.err(e.Args[1].Pos(), EImport, "%s: %v", name, err)
	}
	x := s.fromJSON(e.Args[1].Pos(), tree, t)
	if !x.ok() {
		return x
	}
	return s.coerce(e.Args[1].Pos(), x, t)
}

// jsonObject keeps the order of fields, which a Go map would lose.
type jsonObject struct {
	names []string
	vals  []any
}

func decodeJSON(dec *json.Decoder) (any, error) {
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	d, ok := tok.(json.Delim)
	if !ok {
		return tok, nil
	}
	obj := &jsonObject{}
	for dec.More() {
		if d == '{' {
			k, err := dec.Token()
			if err != nil {
				return nil, err
			}
			obj.names = append(obj.names, k.(string))
		}
		v, err := decodeJSON(dec)
		if err != nil {
			return nil, err
		}
		obj.vals = append(obj.vals, v)
	}
	_, err = dec.Token()
	if d == '[' {
		return obj.vals, err
	}
	return obj, err
}

func (s *sema) fromJSON(p syntax.Pos, v any, t *Type) Operand {
	switch v := v.(type) {
	case bool:
		return constOp(s.boolVal(v))
	case string:
		return constOp(s.strVal(v))
	case json.Number:
		return s.jsonNumber(p, v, t)
	case []any:
		return s.jsonArray(p, v, t)
	case *jsonObject:
		return s.jsonStruct(p, v)
	}
	return s.err(p, EImport, "null has no value in CSL")
}

func (s *sema) jsonNumber(p syntax.Pos, v json.Number, t *Type) Operand {
	if n, err := v.Int64(); err == nil {
		x := constOp(intVal(s.cint, n))
		switch {
		case t.isFloatLike():
			return s.castNumber(p, x.V, t)
		case t.kind == KColor:
			return s.colorOf(p, x)
		}
		return x
	}
	f, err := v.Float64()
	if err != nil {
		return s.err(p, EImport, "'%s' is not a number", v)
	}
	return constOp(floatVal(s.cfloat, f))
}

func (s *sema) jsonArray(p syntax.Pos, v []any, t *Type) Operand {
	if t.kind != KArray || t.count() != len(v) {
		return s.err(p, EImport, "the file has an array of %d elements where '%s' is wanted", len(v), t)
	}
	parts := make([]Operand, len(v))
	for i := range v {
		parts[i] = s.coerce(p, s.fromJSON(p, v[i], t.elem), t.elem)
	}
	return s.gather(t, parts)
}

// jsonStruct makes an anonymous struct; labels are "name:type".
func (s *sema) jsonStruct(p syntax.Pos, v *jsonObject) Operand {
	var names []string
	var types []*Type
	var parts []Operand
	for i, label := range v.names {
		name, tn, _ := strings.Cut(label, ":")
		t := s.named(strings.TrimSpace(tn))
		if l, elem, ok := strings.Cut(strings.TrimPrefix(tn, "["), "]"); ok {
			n := 0
			if _, err := fmt.Sscanf(l, "%d", &n); err == nil && s.named(elem) != nil && n >= 0 && n <= maxArray {
				t = s.array([]int{n}, s.named(elem))
			}
		}
		if t == nil {
			return s.err(p, EImport, "label %q must be written \"name:type\"", label)
		}
		x := s.fromJSON(p, v.vals[i], t)
		if t != s.cstruct {
			x = s.coerce(p, x, t)
		}
		if !x.ok() {
			return x
		}
		names, types, parts = append(names, name), append(types, x.T), append(parts, x)
	}
	return s.gather(s.tuple(names, types), parts)
}
