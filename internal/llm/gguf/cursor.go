package gguf

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"wafer/internal/diag"
)

// cursor reads little-endian values one after the other and remembers where it
// is. The first failure sticks: later reads return zero values, so the parser
// can read a group of fields and look at err once.
type cursor struct {
	name string
	r    *bufio.Reader
	off  int64
	size int64
	err  error
	buf  [8]byte
}

func newCursor(r io.ReaderAt, size int64, name string) *cursor {
	return &cursor{name: name, size: size, r: bufio.NewReaderSize(io.NewSectionReader(r, 0, size), 1<<16)}
}

func (c *cursor) fail(code diag.Code, cure, format string, args ...any) {
	c.failAt(c.off, code, cure, format, args...)
}

func (c *cursor) failAt(off int64, code diag.Code, cure, format string, args ...any) {
	if c.err == nil {
		c.err = mistake(c.name, code, cure, "at byte %d: "+format, append([]any{off}, args...)...)
	}
}

func (c *cursor) limit(what string, got, most uint64) {
	c.fail(codeLimit, cureDownload, "the %s is %d, more than the limit of %d, so the file is damaged or not a model", what, got, most)
}

// left is how many bytes the file still has.
func (c *cursor) left() uint64 { return uint64(c.size - c.off) }

// need reports whether n more bytes exist, before anything is allocated for them.
func (c *cursor) need(n uint64, what string) bool {
	if c.err == nil && n > c.left() {
		c.fail(codeTruncated, cureDownload, "%s needs %d bytes and the file ends after %d more, at byte %d", what, n, c.left(), c.size)
	}
	return c.err == nil
}

func (c *cursor) fill(b []byte, what string) {
	n, err := io.ReadFull(c.r, b)
	if err != nil {
		if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			c.err = fmt.Errorf("read %s at byte %d of %q: %w", what, c.off, c.name, err)
		}
		c.fail(codeTruncated, cureDownload, "the file ends inside %s", what)
	}
	c.off += int64(n)
}

func (c *cursor) bytes(n uint64, what string) []byte {
	if !c.need(n, what) {
		return nil
	}
	b := make([]byte, n)
	c.fill(b, what)
	return b
}

func (c *cursor) fixed(n int, what string) []byte {
	clear(c.buf[:])
	if c.need(uint64(n), what) {
		c.fill(c.buf[:n], what)
	}
	return c.buf[:]
}

func (c *cursor) u32(what string) uint32 { return binary.LittleEndian.Uint32(c.fixed(4, what)) }
func (c *cursor) u64(what string) uint64 { return binary.LittleEndian.Uint64(c.fixed(8, what)) }

func (c *cursor) str(what string, most uint64) string {
	n := c.u64("the length of " + what)
	if c.err == nil && n > c.left() {
		c.need(n, what)
	}
	if c.err == nil && n > most {
		c.limit("length of "+what, n, most)
	}
	if c.err != nil {
		return ""
	}
	return string(c.bytes(n, what))
}

// value reads one metadata value; depth counts nested arrays.
func (c *cursor) value(key string, t ValueType, depth int) Value {
	switch w := t.width(); {
	case c.err != nil:
		return Value{}
	case t == TypeArray:
		return c.array(key, depth)
	case t == TypeString:
		return Value{Type: t, s: c.str("the value of key "+quote(key), maxStringBytes)}
	case w == 0:
		c.fail(codeMalformed, cureNotOurs, "key %s has value type %d, and 0 to 12 are defined", quote(key), uint32(t))
		return Value{}
	default:
		return Value{Type: t, bits: binary.LittleEndian.Uint64(c.fixed(w, "the value of key "+quote(key)))}
	}
}

func (c *cursor) array(key string, depth int) Value {
	elem := ValueType(c.u32("the element type of key " + quote(key)))
	n := c.u64("the length of key " + quote(key))
	least := uint64(elem.width()) // the fewest bytes an element can take
	switch elem {
	case TypeString:
		least = 8
	case TypeArray:
		least = 12
	}
	switch {
	case c.err != nil:
		return Value{}
	case least == 0:
		c.fail(codeMalformed, cureNotOurs, "key %s is an array of value type %d, and 0 to 12 are defined", quote(key), uint32(elem))
		return Value{}
	case depth >= maxArrayDepth:
		c.fail(codeLimit, cureNotOurs, "key %s nests arrays deeper than %d", quote(key), maxArrayDepth)
		return Value{}
	case n > maxArray:
		c.limit("length of key "+quote(key), n, maxArray)
		return Value{}
	case !c.need(n*least, "the array of key "+quote(key)):
		return Value{}
	}
	v := Value{Type: TypeArray, Elem: elem, n: int(n)}
	c.elements(&v, key, depth)
	return v
}

func (c *cursor) elements(v *Value, key string, depth int) {
	switch v.Elem {
	case TypeString:
		v.strs = make([]string, v.n)
		for i := range v.strs {
			v.strs[i] = c.str("an element of key "+quote(key), maxStringBytes)
			if c.err != nil {
				return
			}
		}
	case TypeArray:
		for range v.n {
			v.subs = append(v.subs, c.array(key, depth+1))
			if c.err != nil {
				return
			}
		}
	default:
		w := v.Elem.width()
		raw := c.bytes(uint64(v.n)*uint64(w), "the array of key "+quote(key))
		if c.err == nil {
			v.raw = raw
		}
	}
}

// ValueType is the type tag of a metadata value.
type ValueType uint32

// The metadata types, numbered as in the file.
const (
	TypeU8 ValueType = iota
	TypeI8
	TypeU16
	TypeI16
	TypeU32
	TypeI32
	TypeF32
	TypeBool
	TypeString
	TypeArray
	TypeU64
	TypeI64
	TypeF64
)

// width is the size of a scalar in bytes, 0 for anything else.
func (t ValueType) width() int {
	if t > TypeF64 {
		return 0
	}
	return [...]int{1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8}[t]
}

// Value is one metadata value: a scalar, a string or an array of those.
type Value struct {
	Type ValueType
	Elem ValueType // of an array

	bits uint64 // a scalar, zero-extended
	s    string
	n    int // elements of an array
	strs []string
	subs []Value
	raw  []byte // array of scalars
}

// signed sign-extends the low w bytes of bits.
func signed(bits uint64, w int) int64 {
	shift := 64 - 8*w
	return int64(bits<<shift) >> shift
}

func toInt(t ValueType, bits uint64) (int64, bool) {
	switch t {
	case TypeU8, TypeU16, TypeU32:
		return int64(bits), true
	case TypeU64:
		return int64(bits), bits <= math.MaxInt64
	case TypeI8, TypeI16, TypeI32, TypeI64:
		return signed(bits, t.width()), true
	}
	return 0, false
}

func toFloat(t ValueType, bits uint64) (float64, bool) {
	switch t {
	case TypeF32:
		return float64(math.Float32frombits(uint32(bits))), true
	case TypeF64:
		return math.Float64frombits(bits), true
	}
	return 0, false
}
