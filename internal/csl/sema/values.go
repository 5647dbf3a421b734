package sema

import (
	"fmt"
	"hash/maphash"
	"math"
	"math/big"
	"strconv"
	"strings"

	"wafer/internal/csl/syntax"
	"wafer/internal/image"
	"wafer/internal/num"
)

// Value is a comptime value. Numbers, bools, handles, enums and directions are in
// I: integers by value (u64 as its bits), floats as their bits, comptime_float as
// the bits of a float64. Everything else is behind P:
//
//	comptime_int beyond int64   *big.Int
//	comptime_string             string
//	type                        *Type
//	array                       *arrayVal
//	struct, tuple, union        *structVal (a packed struct too)
//	pointer                     *ptrVal
//	function                    *fnVal
//	imported_module             *module
//	descriptor                  *dsdVal
//	FIFO                        *fifoVal
//	undefined of any type       undef{}
//	register (DSR, SR, XDSR)    number in I
type Value struct {
	T *Type
	I int64
	P any
}

type undef struct{}

// arrayVal holds an array. While elems is nil all elements are fill, so that
// big zeroed arrays and counting loops over @zeros cost nothing. A shared array
// is copied before it is written to.
type arrayVal struct {
	n      int
	fill   Value
	elems  []Value
	shared bool
}

type structVal struct {
	vals   []Value
	active int // unions: the active variant
	shared bool
}

// ptrVal is an address: of a global plus words, of a comptime variable, or a
// plain number.
type ptrVal struct {
	g    *global
	cell *cell
	off  int // words; the address itself if g and cell are nil
}

// cell is a comptime variable whose address was taken.
type cell struct{ v Value }

// fnVal is a function of a module instance; one for each, so pointers compare.
type fnVal struct {
	mod  *module
	decl *syntax.FnDecl
	sig  *signature
	memo []memoCall // see memo.go
	t    *Type
}

// dsdVal is a descriptor constant: everything but the address of g.
type dsdVal struct {
	dsd  image.DSD
	g    *global
	off  int   // words, added to the address of g
	elem *Type // element of the memory, nil if not known
	auto bool  // fabric descriptor without a queue: one is found at the end
}

type fifoVal struct{ id int }

func (v Value) isUndef() bool { _, ok := v.P.(undef); return ok }

func intVal(t *Type, i int64) Value { return Value{T: t, I: i} }

func (p *pool) boolVal(b bool) Value {
	v := Value{T: p.boolean}
	if b {
		v.I = 1
	}
	return v
}

func (p *pool) strVal(s string) Value { return Value{T: p.str, P: s} }

func (p *pool) typeVal(t *Type) Value { return Value{T: p.typ, P: t} }

func (p *pool) voidVal() Value { return Value{T: p.void} }

func (v Value) str() string { s, _ := v.P.(string); return s }

// big gives an integer value of any type as a big number.
func (v Value) big() *big.Int {
	if b, ok := v.P.(*big.Int); ok {
		return b
	}
	if v.T.kind == KInt && !v.T.signed && v.I < 0 {
		return new(big.Int).SetUint64(uint64(v.I))
	}
	return big.NewInt(v.I)
}

// bigVal makes a comptime_int of b, small if it fits.
func (p *pool) bigVal(b *big.Int) Value {
	if b.IsInt64() {
		return Value{T: p.cint, I: b.Int64()}
	}
	return Value{T: p.cint, P: b}
}

// isBig reports integers that I does not hold as a plain number.
func (v Value) isBig() bool {
	if v.P != nil {
		return true
	}
	return v.I < 0 && v.T.kind == KInt && !v.T.signed
}

// float gives a float value of any format as a float64, which is exact.
func (v Value) float() float64 {
	switch v.T.rep {
	case image.F32:
		return float64(math.Float32frombits(uint32(v.I)))
	case image.F16, image.BF16, image.CB16:
		return formatOf(v.T).ToF64(uint16(v.I))
	}
	return math.Float64frombits(uint64(v.I))
}

func formatOf(t *Type) num.Format {
	switch t.rep {
	case image.BF16:
		return num.BF16
	case image.CB16:
		return num.CB16
	}
	return num.F16
}

// floatVal rounds x once to the float type t.
func floatVal(t *Type, x float64) Value {
	switch t.rep {
	case image.F32:
		b := math.Float32bits(float32(x))
		if x != x {
			b = num.NaN32
		}
		return Value{T: t, I: int64(b)}
	case image.F16, image.BF16, image.CB16:
		return Value{T: t, I: int64(formatOf(t).FromF64(x))}
	}
	return Value{T: t, I: int64(math.Float64bits(x))}
}

// at gives element i of an array value.
func (a *arrayVal) at(i int) Value {
	if a.elems == nil {
		return a.fill
	}
	return a.elems[i]
}

// open makes the elements writable in place.
func (a *arrayVal) open() []Value {
	if a.elems == nil {
		a.elems = make([]Value, a.n)
		for i := range a.elems {
			a.elems[i] = a.fill
		}
	}
	return a.elems
}

// share marks an aggregate that now has two holders.
func share(v Value) Value {
	switch p := v.P.(type) {
	case *arrayVal:
		p.shared = true
	case *structVal:
		p.shared = true
	}
	return v
}

// unshare gives a value whose outermost aggregate has one holder.
func unshare(v Value) Value {
	switch p := v.P.(type) {
	case *arrayVal:
		if !p.shared {
			return v
		}
		c := &arrayVal{n: p.n, fill: p.fill}
		if p.elems != nil {
			c.elems = append([]Value(nil), p.elems...)
			for _, e := range c.elems {
				share(e)
			}
		}
		share(c.fill)
		v.P = c
	case *structVal:
		if !p.shared {
			return v
		}
		c := &structVal{vals: append([]Value(nil), p.vals...), active: p.active}
		for _, e := range c.vals {
			share(e)
		}
		v.P = c
	}
	return v
}

// hash mixes a value into h so that equal values have equal hashes.
func hashValue(h *maphash.Hash, v Value) {
	maphash.WriteComparable(h, v.T.id)
	switch p := v.P.(type) {
	case nil:
		maphash.WriteComparable(h, v.I)
	case string:
		h.WriteString(p)
	case *big.Int:
		h.Write(p.Bytes())
	case *Type:
		maphash.WriteComparable(h, p.id)
	case *arrayVal:
		if p.elems == nil {
			hashValue(h, p.fill)
			return
		}
		// An array of equal elements must hash as its unopened form does.
		if p.uniform() {
			hashValue(h, p.elems[0])
			return
		}
		for _, e := range p.elems {
			hashValue(h, e)
		}
	case *structVal:
		for _, e := range p.vals {
			hashValue(h, e)
		}
	case *ptrVal:
		maphash.WriteComparable(h, p.off)
	case *dsdVal:
		maphash.WriteComparable(h, p.dsd)
	}
}

func (a *arrayVal) uniform() bool {
	for _, e := range a.elems {
		if !same(e, a.elems[0]) {
			return false
		}
	}
	return len(a.elems) > 0
}

// same reports whether two values are identical: same type, same content.
func same(a, b Value) bool {
	if a.T != b.T {
		return false
	}
	switch p := a.P.(type) {
	case nil:
		return b.P == nil && a.I == b.I
	case *big.Int:
		q, ok := b.P.(*big.Int)
		return ok && p.Cmp(q) == 0
	case *arrayVal:
		q, ok := b.P.(*arrayVal)
		return ok && sameArrays(p, q)
	case *structVal:
		q, ok := b.P.(*structVal)
		if !ok || len(p.vals) != len(q.vals) || p.active != q.active {
			return false
		}
		for i := range p.vals {
			if !same(p.vals[i], q.vals[i]) {
				return false
			}
		}
		return true
	case *ptrVal:
		q, ok := b.P.(*ptrVal)
		return ok && *p == *q
	case *dsdVal:
		q, ok := b.P.(*dsdVal)
		return ok && *p == *q
	}
	return a.P == b.P && a.I == b.I
}

func sameArrays(p, q *arrayVal) bool {
	if p == q {
		return true
	}
	if p.n != q.n {
		return false
	}
	if p.elems == nil && q.elems == nil {
		return same(p.fill, q.fill)
	}
	for i := range p.n {
		if !same(p.at(i), q.at(i)) {
			return false
		}
	}
	return true
}

// maxShown bounds the elements of an aggregate in a printed value.
const maxShown = 64

// show prints a value as @comptime_print and diagnostics do.
func (s *sema) show(v Value) string {
	if v.isUndef() {
		return "undefined"
	}
	switch v.T.kind {
	case KVoid:
		return "{}"
	case KBool:
		return strconv.FormatBool(v.I != 0)
	case KInt, KComptimeInt:
		return v.big().String()
	case KFloat, KComptimeFloat:
		return strconv.FormatFloat(v.float(), 'g', -1, 64)
	case KString:
		return v.str()
	case KType:
		return v.P.(*Type).str
	case KDirection:
		return dirName(v.I)
	case KEnum:
		return s.showEnum(v)
	case KModule:
		return "module " + strconv.Quote(v.P.(*module).file.name)
	case KFn:
		return v.P.(*fnVal).decl.Name
	case KPtr:
		return s.showPtr(v)
	}
	switch p := v.P.(type) {
	case *arrayVal:
		return s.showArray(p)
	case *structVal:
		return s.showStruct(v.T, p)
	}
	if v.T.isHandle() {
		return fmt.Sprintf("%s(%d)", v.T.str, v.I)
	}
	return v.T.str
}

func (s *sema) showEnum(v Value) string {
	for i, n := range v.T.vals {
		if n == v.I {
			return v.T.str + "." + v.T.fields[i].name
		}
	}
	return fmt.Sprintf("%s(%d)", v.T.str, v.I)
}

func (s *sema) showPtr(v Value) string {
	p, ok := v.P.(*ptrVal)
	if !ok {
		return v.T.str
	}
	if p.g != nil {
		return "&" + p.g.decl.Name
	}
	return fmt.Sprintf("%s(%d)", v.T.str, p.off)
}

func (s *sema) showArray(p *arrayVal) string {
	var b strings.Builder
	b.WriteString("{")
	for i := range min(p.n, maxShown) {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(s.show(p.at(i)))
	}
	if p.n > maxShown {
		b.WriteString(", …")
	}
	return b.String() + "}"
}

func (s *sema) showStruct(t *Type, p *structVal) string {
	var b strings.Builder
	b.WriteString("{")
	for i, v := range p.vals {
		if t.kind == KUnion && i != p.active {
			continue
		}
		if b.Len() > 1 {
			b.WriteString(", ")
		}
		if t.fields[i].name != "" {
			b.WriteString(t.fields[i].name + " = ")
		}
		b.WriteString(s.show(v))
	}
	return b.String() + "}"
}

func dirName(i int64) string {
	names := [...]string{"RAMP", "EAST", "WEST", "NORTH", "SOUTH"}
	if i >= 0 && int(i) < len(names) {
		return names[i]
	}
	return fmt.Sprintf("direction(%d)", i)
}
