package sema

import (
	"strconv"
	"strings"

	"wafer/internal/image"
)

// Kind is the kind of a type.
type Kind uint8

// The kinds. The order matters to the range tests below.
const (
	KBad Kind = iota
	KVoid
	KBool
	KInt
	KFloat // f16, bf16, cb16, f32: Type.rep tells
	KComptimeInt
	KComptimeFloat
	KString
	KType
	KComptimeStruct // the name comptime_struct: any anonymous struct
	KModule
	KFn
	KTuple  // anonymous struct; names nil for a tuple
	KStruct // named struct
	KUnion
	KEnum
	KArray
	KPtr
	KColor
	KDirection
	KInputQueue
	KOutputQueue
	KDataTaskID
	KLocalTaskID
	KControlTaskID
	KUtID
	KMem1D
	KMem4D
	KFabIn
	KFabOut
	KCircBuf
	KFifo
	KDSRDest
	KDSRSrc0
	KDSRSrc1
	KDSRFifoDest
	KDSRFifoSrc1
	KXDSR
	KSR
	KRange
	KOpaque
	KNoReturn
	KUndefined // the type of a bare undefined
)

// Type is an interned type: two types are the same if their pointers are.
type Type struct {
	kind   Kind
	signed bool
	many   bool // pointers: [*]T
	isMut  bool // pointers: not const
	task   bool // function types
	packed bool
	rep    image.Rep
	bits   int
	elem   *Type // arrays, pointers, ranges; base of an enum; result of a function
	dims   []int
	fields []field // structs, unions, tuples; parameters of a function
	names  map[string]int
	vals   []int64 // enum values, by field
	words  int     // size in memory; -1 for types without one
	str    string
	id     int32
}

// field is a member of a struct, or a parameter of a function type.
type field struct {
	name string
	t    *Type
	off  int // words; bits in a packed struct
	init Value
	has  bool // init is given
}

// pool interns types. One pool serves a compilation.
type pool struct {
	byKey map[string]*Type
	next  int32
	prims map[string]*Type

	bad, void, boolean, cint, cfloat, str, typ, cstruct, module *Type
	color, direction, inQ, outQ, dataID, localID, ctlID, utID   *Type
	mem1d, mem4d, fabin, fabout, circbuf, fifo                  *Type
	dsrDest, dsrSrc0, dsrSrc1, dsrFifoDest, dsrFifoSrc1         *Type
	xdsr, sr, opaque, noreturn, undefined                       *Type
	f16, bf16, cb16, f32                                        *Type
	u8, i8, u16, i16, u32, i32, u64, i64                        *Type
}

func newPool() *pool {
	p := &pool{byKey: map[string]*Type{}, prims: map[string]*Type{}}
	prim := func(name string, k Kind, rep image.Rep, words int) *Type {
		t := &Type{kind: k, str: name, rep: rep, words: words, id: p.next}
		p.next++
		p.prims[name] = t
		return t
	}
	hidden := func(name string, k Kind) *Type {
		t := prim(name, k, image.Void, -1)
		delete(p.prims, name)
		return t
	}
	p.bad = hidden("(error)", KBad)
	p.void = prim("void", KVoid, image.Void, 0)
	p.boolean = prim("bool", KBool, image.B1, 1)
	p.cint = prim("comptime_int", KComptimeInt, image.Void, -1)
	p.cfloat = prim("comptime_float", KComptimeFloat, image.Void, -1)
	p.str = prim("comptime_string", KString, image.Void, -1)
	p.typ = prim("type", KType, image.Void, -1)
	p.cstruct = prim("comptime_struct", KComptimeStruct, image.Void, -1)
	p.module = prim("imported_module", KModule, image.Void, -1)
	p.color = prim("color", KColor, image.U16, 1)
	p.direction = prim("direction", KDirection, image.U16, 1)
	p.inQ = prim("input_queue", KInputQueue, image.U16, 1)
	p.outQ = prim("output_queue", KOutputQueue, image.U16, 1)
	p.dataID = prim("data_task_id", KDataTaskID, image.U16, 1)
	p.localID = prim("local_task_id", KLocalTaskID, image.U16, 1)
	p.ctlID = prim("control_task_id", KControlTaskID, image.U16, 1)
	p.utID = prim("ut_id", KUtID, image.U16, 1)
	p.mem1d = prim("mem1d_dsd", KMem1D, image.DSD1, 4)
	p.mem4d = prim("mem4d_dsd", KMem4D, image.DSD4, 12)
	p.fabin = prim("fabin_dsd", KFabIn, image.DSD1, 4)
	p.fabout = prim("fabout_dsd", KFabOut, image.DSD1, 4)
	p.circbuf = prim("circbuf_dsd", KCircBuf, image.DSD1, 4)
	p.fifo = hidden("fifo", KFifo)
	p.dsrDest = prim("dsr_dest", KDSRDest, image.Void, -1)
	p.dsrSrc0 = prim("dsr_src0", KDSRSrc0, image.Void, -1)
	p.dsrSrc1 = prim("dsr_src1", KDSRSrc1, image.Void, -1)
	p.dsrFifoDest = prim("dsr_fifo_dest", KDSRFifoDest, image.Void, -1)
	p.dsrFifoSrc1 = prim("dsr_fifo_src1", KDSRFifoSrc1, image.Void, -1)
	p.xdsr = prim("xdsr", KXDSR, image.Void, -1)
	p.sr = prim("sr", KSR, image.Void, -1)
	p.opaque = prim("anyopaque", KOpaque, image.Void, -1)
	p.noreturn = hidden("noreturn", KNoReturn)
	p.undefined = hidden("undefined", KUndefined)
	p.f16 = prim("f16", KFloat, image.F16, 1)
	p.bf16 = prim("bf16", KFloat, image.BF16, 1)
	p.cb16 = prim("cb16", KFloat, image.CB16, 1)
	p.f32 = prim("f32", KFloat, image.F32, 2)
	p.f16.bits, p.bf16.bits, p.cb16.bits, p.f32.bits = 16, 16, 16, 32
	p.u8, p.i8 = p.intType(false, 8), p.intType(true, 8)
	p.u16, p.i16 = p.intType(false, 16), p.intType(true, 16)
	p.u32, p.i32 = p.intType(false, 32), p.intType(true, 32)
	p.u64, p.i64 = p.intType(false, 64), p.intType(true, 64)
	for _, t := range []*Type{p.u8, p.i8, p.u16, p.i16, p.u32, p.i32, p.u64, p.i64} {
		p.prims[t.str] = t
	}
	return p
}

// intern gives the type with the key, made by make the first time.
func (p *pool) intern(key string, make func() *Type) *Type {
	if t, ok := p.byKey[key]; ok {
		return t
	}
	t := make()
	t.id = p.next
	p.next++
	p.byKey[key] = t
	return t
}

// MaxIntBits is the widest integer type; wider ones have no home in a core.
const MaxIntBits = 64

func (p *pool) intType(signed bool, bits int) *Type {
	name := "u"
	if signed {
		name = "i"
	}
	name += strconv.Itoa(bits)
	return p.intern(name, func() *Type {
		t := &Type{kind: KInt, signed: signed, bits: bits, str: name}
		t.rep = intRep(signed, bits)
		t.words = t.rep.Words()
		return t
	})
}

// intRep is the smallest machine representation that holds the integer type.
func intRep(signed bool, bits int) image.Rep {
	r := image.U64
	switch {
	case bits == 8:
		r = image.U8
	case bits <= 16:
		r = image.U16
	case bits <= 32:
		r = image.U32
	}
	if signed {
		r-- // each signed Rep stands before its unsigned one
	}
	return r
}

// named gives a primitive type by name, iN and uN included.
func (p *pool) named(name string) *Type {
	if t, ok := p.prims[name]; ok {
		return t
	}
	if len(name) < 2 || len(name) > 4 || name[0] != 'i' && name[0] != 'u' || name[1] == '0' && len(name) > 2 {
		return nil
	}
	n, err := strconv.Atoi(name[1:])
	if err != nil || n < 0 || n > MaxIntBits || name[1] == '+' || name[1] == '-' {
		return nil
	}
	return p.intType(name[0] == 'i', n)
}

func (p *pool) array(dims []int, elem *Type) *Type {
	var b strings.Builder
	b.WriteByte('[')
	n := 1
	for i, d := range dims {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(d))
		n *= d
	}
	b.WriteByte(']')
	name := b.String() + elem.str
	return p.intern(b.String()+"#"+strconv.Itoa(int(elem.id)), func() *Type {
		t := &Type{kind: KArray, elem: elem, dims: append([]int(nil), dims...), str: name, bits: n}
		t.words = -1
		if elem.words >= 0 {
			t.words = n * elem.words
		}
		return t
	})
}

// count is the number of elements of an array type.
func (t *Type) count() int { return t.bits }

func (p *pool) ptr(elem *Type, many, mut bool) *Type {
	name := "*"
	if many {
		name = "[*]"
	}
	if !mut {
		name += "const "
	}
	return p.intern(name+"#"+strconv.Itoa(int(elem.id)), func() *Type {
		return &Type{kind: KPtr, elem: elem, many: many, isMut: mut, str: name + elem.str, rep: image.U16, words: 1, bits: 16}
	})
}

func (p *pool) fn(task bool, params []*Type, ret *Type) *Type {
	key, name := "fn(", "fn("
	if task {
		key, name = "task(", "task("
	}
	fs := make([]field, len(params))
	for i, t := range params {
		if i > 0 {
			name += ", "
		}
		key += strconv.Itoa(int(t.id)) + ","
		name += t.str
		fs[i].t = t
	}
	return p.intern(key+")"+strconv.Itoa(int(ret.id)), func() *Type {
		return &Type{kind: KFn, task: task, fields: fs, elem: ret, str: name + ")" + ret.str, words: -1}
	})
}

func (p *pool) rangeOf(elem *Type) *Type {
	return p.intern("range#"+strconv.Itoa(int(elem.id)), func() *Type {
		return &Type{kind: KRange, elem: elem, str: "@range(" + elem.str + ")", words: -1}
	})
}

// tuple interns an anonymous struct type; names nil for a tuple.
func (p *pool) tuple(names []string, types []*Type) *Type {
	var b strings.Builder
	b.WriteString(".{")
	for i, t := range types {
		if names != nil {
			b.WriteString(names[i])
			b.WriteByte(':')
		}
		b.WriteString(strconv.Itoa(int(t.id)))
		b.WriteByte(',')
	}
	return p.intern(b.String(), func() *Type {
		t := &Type{kind: KTuple, rep: image.Void}
		t.setFields(names, types)
		t.str = t.describe()
		return t
	})
}

// setFields lays the fields out one after the other.
func (t *Type) setFields(names []string, types []*Type) {
	t.fields = make([]field, len(types))
	if names != nil {
		t.names = make(map[string]int, len(names))
	}
	for i, ft := range types {
		t.fields[i] = field{t: ft, off: t.words}
		if names != nil {
			t.fields[i].name = names[i]
			t.names[names[i]] = i
		}
		switch {
		case ft.words < 0:
			t.words = -1
		case t.words >= 0:
			t.words += ft.words
		}
		if t.words < 0 {
			t.fields[i].off = 0
		}
	}
}

func (t *Type) describe() string {
	var b strings.Builder
	b.WriteString("struct{")
	for i, f := range t.fields {
		if i > 0 {
			b.WriteString(", ")
		}
		if f.name != "" {
			b.WriteString(f.name + ": ")
		}
		b.WriteString(f.t.str)
	}
	return b.String() + "}"
}

// String gives the type as CSL spells it.
func (t *Type) String() string { return t.str }

// isIntLike reports types whose values are integers for arithmetic.
func (t *Type) isIntLike() bool { return t.kind == KInt || t.kind == KComptimeInt }

func (t *Type) isFloatLike() bool { return t.kind == KFloat || t.kind == KComptimeFloat }

func (t *Type) isNumeric() bool { return t.kind >= KInt && t.kind <= KComptimeFloat }

// isHandle reports colours, queues, task ids and the like: small numbers with a meaning.
func (t *Type) isHandle() bool { return t.kind >= KColor && t.kind <= KUtID }

func (t *Type) isDSD() bool { return t.kind >= KMem1D && t.kind <= KCircBuf }

func (t *Type) isDSR() bool { return t.kind >= KDSRDest && t.kind <= KDSRFifoSrc1 }

// isAggregate reports types that live in memory and are handled by address.
func (t *Type) isAggregate() bool {
	switch t.kind {
	case KArray, KUnion, KTuple:
		return true
	case KStruct:
		return !t.packed
	}
	return false
}

// comptimeOnly reports types whose values exist at compile time only.
func (t *Type) comptimeOnly() bool {
	switch t.kind {
	case KComptimeInt, KComptimeFloat, KString, KType, KComptimeStruct, KModule, KFn, KFifo, KXDSR, KSR, KRange, KUndefined:
		return true
	case KArray:
		return t.elem.comptimeOnly()
	case KTuple, KStruct, KUnion:
		for _, f := range t.fields {
			if f.t.comptimeOnly() {
				return true
			}
		}
	}
	return t.isDSR()
}

// scalarRep is the register representation, Void for types without one.
func (t *Type) scalarRep() image.Rep {
	if t.kind == KEnum {
		return t.elem.rep
	}
	return t.rep
}

// align is the alignment in memory, in words.
func (t *Type) align() int {
	switch t.kind {
	case KArray:
		return t.elem.align()
	case KInt, KFloat:
		if t.words >= 2 {
			return 2
		}
	case KStruct, KTuple, KUnion:
		n := 1
		for _, f := range t.fields {
			n = max(n, f.t.align())
		}
		return n
	}
	return 1
}

// bitSize is the width of a value in bits, for @bitcast and packed structs.
func (t *Type) bitSize() int {
	switch t.kind {
	case KBool:
		return 1
	case KEnum:
		return t.elem.bits
	case KInt, KFloat, KPtr:
		return t.bits
	case KStruct, KUnion:
		if t.packed {
			return t.bits
		}
	}
	if t.isHandle() {
		return 16
	}
	return -1
}

// intRange gives the least and greatest value of an integer type of at most 63 bits.
func (t *Type) intRange() (lo, hi int64) {
	if t.signed {
		if t.bits == 0 {
			return 0, 0
		}
		return -1 << (t.bits - 1), 1<<(t.bits-1) - 1
	}
	return 0, 1<<t.bits - 1
}

func fieldNames(t *Type) []string {
	out := make([]string, 0, len(t.fields))
	for _, f := range t.fields {
		out = append(out, f.name)
	}
	return out
}
