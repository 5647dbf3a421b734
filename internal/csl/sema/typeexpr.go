package sema

import (
	"strconv"

	"wafer/internal/csl/syntax"
	"wafer/internal/image"
)

// typeOf evaluates an expression that must be a type; s.bad after a mistake.
func (s *sema) typeOf(e syntax.Expr) *Type {
	switch e := e.(type) {
	case *syntax.ArrayType, *syntax.PtrType, *syntax.FnType, *syntax.EnumType, *syntax.StructType:
		return s.typeExpr(e)
	case *syntax.Block:
		if len(e.Stmts) == 0 {
			return s.void
		}
	}
	x := s.constOf(e, nil)
	if !x.ok() {
		return s.bad
	}
	if t, ok := x.V.P.(*Type); ok && x.T == s.typ {
		return t
	}
	s.errAt(e.Pos(), ENotType, "", "expected a type, found %s", s.describe(&x))
	return s.bad
}

//tidy:dispatch
func (s *sema) typeExpr(e syntax.Expr) *Type {
	switch e := e.(type) {
	case *syntax.ArrayType:
		return s.arrayType(e)
	case *syntax.PtrType:
		elem := s.typeOf(e.Elem)
		if elem == s.bad {
			return s.bad
		}
		if elem.comptimeOnly() && elem.kind != KFn {
			s.errAt(e.Pos(), ENotType, "", "there are no pointers to '%s': its values exist only at compile time", elem)
			return s.bad
		}
		return s.ptr(elem, e.Many, !e.Const)
	case *syntax.FnType:
		return s.fnType(e)
	case *syntax.EnumType:
		return s.enumType(e)
	case *syntax.StructType:
		return s.structType(e)
	}
	return s.bad
}

func (s *sema) arrayType(e *syntax.ArrayType) *Type {
	dims := make([]int, len(e.Dims))
	n := int64(1)
	for i, d := range e.Dims {
		v, ok := s.intOf(d, "the size of an array", 0, maxArray)
		if !ok {
			return s.bad
		}
		dims[i] = int(v)
		if n *= v; n > maxArray {
			s.errAt(d.Pos(), ELimit, "", "the array has more than %d elements", maxArray)
			return s.bad
		}
	}
	elem := s.typeOf(e.Elem)
	switch {
	case elem == s.bad:
		return s.bad
	case elem.kind == KVoid || elem.kind == KOpaque || elem.kind == KFifo:
		s.errAt(e.Pos(), ENotType, "", "there are no arrays of '%s'", elem)
		return s.bad
	case int64(max(elem.words, 1))*n > maxArray:
		s.errAt(e.Pos(), ELimit, "", "the array has more than %d elements", maxArray)
		return s.bad
	}
	return s.array(dims, elem)
}

func (s *sema) fnType(e *syntax.FnType) *Type {
	params := make([]*Type, len(e.Params))
	for i, p := range e.Params {
		if p == nil {
			s.errAt(e.Pos(), ENotType, "name the type", "a function type cannot have anytype parameters")
			return s.bad
		}
		if params[i] = s.typeOf(p); params[i] == s.bad {
			return s.bad
		}
	}
	ret := s.void
	if e.Ret != nil {
		if ret = s.typeOf(e.Ret); ret == s.bad {
			return s.bad
		}
	}
	return s.fn(e.Task, params, ret)
}

// declKey names the place where a struct, union or enum is defined: two types
// are the same only if they come from one place and have one content.
func (s *sema) declKey(p syntax.Pos) string {
	return s.fr.mod.file.name + ":" + strconv.Itoa(int(p))
}

// typeName is how a type without a name of its own is shown: by the constant
// that it is bound to.
func (s *sema) typeName(kind string) string {
	if g := s.fr.global; g != nil {
		return g.decl.Name
	}
	return kind
}

func (s *sema) enumType(e *syntax.EnumType) *Type {
	base := s.u16
	if e.Base != nil {
		if base = s.typeOf(e.Base); base == s.bad {
			return s.bad
		}
	}
	if base.kind != KInt {
		s.errAt(e.Pos(), EEnum, "write enum(u16)", "the base of an enum must be an integer type of fixed width, not '%s'", base)
		return s.bad
	}
	vals, ok := s.enumValues(e, base)
	if !ok {
		return s.bad
	}
	key := "enum#" + s.declKey(e.Pos()) + "#" + base.str
	for _, v := range vals {
		key += "," + strconv.FormatInt(v, 10)
	}
	name := s.typeName("enum")
	return s.intern(key, func() *Type {
		t := &Type{kind: KEnum, elem: base, rep: base.rep, words: base.words, vals: vals, str: name, names: map[string]int{}}
		for i, n := range e.Names {
			t.fields = append(t.fields, field{name: n})
			t.names[n] = i
		}
		return t
	})
}

// enumValues gives each name its number: those written, and for the others the
// next free one, counted from zero.
func (s *sema) enumValues(e *syntax.EnumType, base *Type) ([]int64, bool) {
	vals := make([]int64, len(e.Names))
	used := map[int64]bool{}
	for i, x := range e.Values {
		if x == nil {
			continue
		}
		v := s.constOf(x, base)
		if !v.ok() {
			return nil, false
		}
		if used[v.V.I] {
			s.errAt(e.NameAt[i], EEnum, "", "two names of the enum have the value %d", v.V.I)
			return nil, false
		}
		vals[i], used[v.V.I] = v.V.I, true
	}
	seen := map[string]bool{}
	next := int64(0)
	for i, n := range e.Names {
		if seen[n] {
			s.errAt(e.NameAt[i], EDuplicate, "", "'%s' is in the enum twice", n)
			return nil, false
		}
		seen[n] = true
		if e.Values != nil && e.Values[i] != nil {
			continue
		}
		for used[next] {
			next++
		}
		vals[i], used[next] = next, true
	}
	return vals, true
}

func (s *sema) structType(e *syntax.StructType) *Type {
	types := make([]*Type, len(e.Types))
	key := "struct#" + s.declKey(e.Pos())
	seen := map[string]bool{}
	inits := make([]Operand, len(e.Types))
	for i, te := range e.Types {
		if seen[e.Names[i]] {
			s.errAt(e.NameAt[i], EDuplicate, "", "the struct has two fields '%s'", e.Names[i])
			return s.bad
		}
		seen[e.Names[i]] = true
		if types[i] = s.typeOf(te); types[i] == s.bad {
			return s.bad
		}
		key += "," + strconv.Itoa(int(types[i].id))
		if e.Inits != nil && e.Inits[i] != nil {
			if inits[i] = s.constOf(e.Inits[i], types[i]); !inits[i].ok() {
				return s.bad
			}
		}
	}
	kind := "struct"
	if e.Union {
		kind = "union"
	}
	name := s.typeName(kind)
	failed := false
	t := s.intern(key, func() *Type {
		t := &Type{kind: KStruct, str: name, packed: e.Packed}
		t.setFields(e.Names, types)
		for i := range inits {
			if inits[i].ok() {
				t.fields[i].init, t.fields[i].has = inits[i].V, true
			}
		}
		if e.Union {
			t.kind = KUnion
			t.overlay()
		}
		if e.Packed {
			failed = !s.pack(e, t)
		}
		return t
	})
	if failed {
		delete(s.byKey, key)
		return s.bad
	}
	return t
}

// overlay puts all variants of a union at the same address.
func (t *Type) overlay() {
	t.words = 0
	for i := range t.fields {
		t.fields[i].off = 0
		if t.fields[i].t.words < 0 {
			t.words = -1
			return
		}
		t.words = max(t.words, t.fields[i].t.words)
	}
}

// pack lays the fields of a packed struct out in one integer, least significant
// bits first.
func (s *sema) pack(e *syntax.StructType, t *Type) bool {
	t.bits = 0
	for i := range t.fields {
		n := t.fields[i].t.bitSize()
		if n < 0 {
			s.errAt(e.NameAt[i], ENotType, "", "a field of type '%s' cannot be packed", t.fields[i].t)
			return false
		}
		if t.kind == KUnion {
			if i > 0 && n != t.bits {
				s.errAt(e.NameAt[i], EUnion, "", "the variants of a packed union must have the same width: %d bits, not %d", t.bits, n)
				return false
			}
			t.bits = n
			continue
		}
		t.fields[i].off = t.bits
		t.bits += n
	}
	if t.bits > MaxIntBits {
		s.errAt(e.Pos(), ELimit, "", "a packed struct of %d bits is not supported; the limit is %d", t.bits, MaxIntBits)
		return false
	}
	t.rep = intRep(false, t.bits)
	t.words = t.rep.Words()
	return true
}

// typeMember is T.name: an element of an enum.
func (s *sema) typeMember(p syntax.Pos, t *Type, name string) Operand {
	if t.kind != KEnum {
		return s.err(p, EField, "type '%s' has no members", t)
	}
	i, ok := t.names[name]
	if !ok {
		cure := ""
		if n := nearest(name, fieldNames(t)); n != "" {
			cure = "did you mean '" + n + "'?"
		}
		return s.errCure(p, EField, cure, "enum '%s' has no element '%s'", t, name)
	}
	return constOp(intVal(t, t.vals[i]))
}

// dsdKind is the kind of descriptor that a DSD type holds.
func dsdKind(t *Type) image.DSDKind {
	switch t.kind {
	case KMem1D:
		return image.Mem1D
	case KMem4D:
		return image.Mem4D
	case KFabIn:
		return image.FabIn
	case KFabOut:
		return image.FabOut
	case KCircBuf:
		return image.CircBuf
	}
	return image.NoDSD
}
