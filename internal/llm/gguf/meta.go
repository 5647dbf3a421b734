package gguf

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
)

// Keys lists the metadata keys in file order.
func (f *File) Keys() []string { return slices.Clone(f.keys) }

// Value gives a metadata value as it is.
func (f *File) Value(key string) (Value, bool) { v, ok := f.meta[key]; return v, ok }

// Uint gives a non-negative integer of any width.
func (f *File) Uint(key string) (uint64, bool) {
	v := f.meta[key]
	i, ok := toInt(v.Type, v.bits)
	if _, there := f.meta[key]; !there || !ok || i < 0 {
		return 0, false
	}
	return uint64(i), true
}

// Float gives a float32 or float64 value.
func (f *File) Float(key string) (float64, bool) {
	v, there := f.meta[key]
	x, ok := toFloat(v.Type, v.bits)
	return x, ok && there
}

// Bool gives a boolean value.
func (f *File) Bool(key string) (value, ok bool) {
	v, there := f.meta[key]
	return v.bits != 0, there && v.Type == TypeBool
}

// Str gives a string value.
func (f *File) Str(key string) (string, bool) {
	v, there := f.meta[key]
	return v.s, there && v.Type == TypeString
}

// Strings gives an array of strings. The slice is the file's own: do not change it.
func (f *File) Strings(key string) ([]string, bool) {
	v, there := f.meta[key]
	return v.strs, there && v.Type == TypeArray && v.Elem == TypeString
}

// Ints gives an array of integers or booleans of any width.
func (f *File) Ints(key string) ([]int64, bool) {
	v := f.meta[key]
	if v.Type != TypeArray || v.raw == nil {
		return nil, false
	}
	out := make([]int64, v.n)
	for i := range out {
		bits := v.at(i)
		x, ok := toInt(v.Elem, bits)
		if v.Elem == TypeBool {
			x, ok = int64(bits), true
		}
		if !ok {
			return nil, false
		}
		out[i] = x
	}
	return out, true
}

// Floats32 gives an array of float32 or float64 as float32.
func (f *File) Floats32(key string) ([]float32, bool) {
	v := f.meta[key]
	if v.Type != TypeArray || v.raw == nil {
		return nil, false
	}
	out := make([]float32, v.n)
	for i := range out {
		x, ok := toFloat(v.Elem, v.at(i))
		if !ok {
			return nil, false
		}
		out[i] = float32(x)
	}
	return out, true
}

// at gives element i of an array of scalars, zero-extended.
func (v Value) at(i int) uint64 {
	var b [8]byte
	w := v.Elem.width()
	copy(b[:], v.raw[i*w:(i+1)*w])
	return binary.LittleEndian.Uint64(b[:])
}

// Len is the number of elements of an array.
func (v Value) Len() int { return v.n }

// String shows a value for a person; long arrays are cut.
func (v Value) String() string {
	const most = 8
	switch {
	case v.Type == TypeString:
		return strconv.Quote(v.s)
	case v.Type != TypeArray:
		return scalarString(v.Type, v.bits)
	}
	out := "["
	for i := range min(v.n, most) {
		if i > 0 {
			out += ", "
		}
		switch v.Elem {
		case TypeString:
			out += strconv.Quote(v.strs[i])
		case TypeArray:
			out += v.subs[i].String()
		default:
			out += scalarString(v.Elem, v.at(i))
		}
	}
	if v.n > most {
		out += fmt.Sprintf(", … %d in all", v.n)
	}
	return out + "]"
}

func scalarString(t ValueType, bits uint64) string {
	if x, ok := toFloat(t, bits); ok {
		return strconv.FormatFloat(x, 'g', -1, 32)
	}
	switch {
	case t == TypeBool:
		return strconv.FormatBool(bits != 0)
	case t == TypeU64:
		return strconv.FormatUint(bits, 10)
	}
	i, _ := toInt(t, bits)
	return strconv.FormatInt(i, 10)
}
