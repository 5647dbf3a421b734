package gguf

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// Pair is a metadata key with its value for writing: bool, string, uint32,
// int32, uint64, int64, float32, or a slice of string, float32, int32 or uint32.
type Pair struct {
	Key   string
	Value any
}

// Blob is a tensor to write: its raw data in the format of its type.
type Blob struct {
	Name string
	Type Type
	Dims []int // fastest first
	Data []byte
}

// FloatBlob makes an F32 tensor.
func FloatBlob(name string, dims []int, values []float32) Blob {
	b := Blob{Name: name, Type: F32, Dims: dims, Data: make([]byte, 0, 4*len(values))}
	for _, v := range values {
		b.Data = le.AppendUint32(b.Data, math.Float32bits(v))
	}
	return b
}

// Write writes a version 3 file: what Wafer's own models and tests are made with.
func Write(w io.Writer, pairs []Pair, blobs []Blob) error {
	head := append([]byte("GGUF"), 3, 0, 0, 0)
	head = le.AppendUint64(head, uint64(len(blobs)))
	head = le.AppendUint64(head, uint64(len(pairs)))
	for _, p := range pairs {
		var err error
		if head, err = appendPair(head, p); err != nil {
			return err
		}
	}
	offset := 0
	for _, b := range blobs {
		head = appendEntry(head, b, offset)
		offset += padded(len(b.Data))
	}
	head = append(head, make([]byte, padded(len(head))-len(head))...)
	if _, err := w.Write(head); err != nil {
		return fmt.Errorf("write model header: %w", err)
	}
	for _, b := range blobs {
		if want := b.Type.Bytes(count(b.Dims)); want != int64(len(b.Data)) {
			return fmt.Errorf("write tensor %q: %d bytes given, %s %v takes %d", b.Name, len(b.Data), b.Type, b.Dims, want)
		}
		if _, err := w.Write(b.Data); err != nil {
			return fmt.Errorf("write tensor %q: %w", b.Name, err)
		}
		if _, err := w.Write(make([]byte, padded(len(b.Data))-len(b.Data))); err != nil {
			return fmt.Errorf("write tensor %q: %w", b.Name, err)
		}
	}
	return nil
}

func padded(n int) int { return (n + defaultAlign - 1) &^ (defaultAlign - 1) }

func count(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}

func appendEntry(b []byte, t Blob, offset int) []byte {
	b = appendString(b, t.Name)
	b = le.AppendUint32(b, uint32(len(t.Dims)))
	for _, d := range t.Dims {
		b = le.AppendUint64(b, uint64(d))
	}
	b = le.AppendUint32(b, uint32(t.Type))
	return le.AppendUint64(b, uint64(offset))
}

func appendString(b []byte, s string) []byte {
	return append(le.AppendUint64(b, uint64(len(s))), s...)
}

func appendPair(b []byte, p Pair) ([]byte, error) {
	b = appendString(b, p.Key)
	tag := func(t ValueType) []byte { return le.AppendUint32(b, uint32(t)) }
	list := func(t ValueType, n int) []byte {
		return le.AppendUint64(le.AppendUint32(tag(TypeArray), uint32(t)), uint64(n))
	}
	switch v := p.Value.(type) {
	case bool:
		return append(tag(TypeBool), boolByte(v)), nil
	case string:
		return appendString(tag(TypeString), v), nil
	case uint32:
		return le.AppendUint32(tag(TypeU32), v), nil
	case int32:
		return le.AppendUint32(tag(TypeI32), uint32(v)), nil
	case uint64:
		return le.AppendUint64(tag(TypeU64), v), nil
	case int64:
		return le.AppendUint64(tag(TypeI64), uint64(v)), nil
	case float32:
		return le.AppendUint32(tag(TypeF32), math.Float32bits(v)), nil
	case []string:
		b = list(TypeString, len(v))
		for _, s := range v {
			b = appendString(b, s)
		}
		return b, nil
	case []float32:
		return binary.Append(list(TypeF32, len(v)), le, v)
	case []int32:
		return binary.Append(list(TypeI32, len(v)), le, v)
	case []uint32:
		return binary.Append(list(TypeU32, len(v)), le, v)
	}
	return nil, fmt.Errorf("write metadata key %q: a value of type %T has no place in the format", p.Key, p.Value)
}

func boolByte(v bool) byte {
	if v {
		return 1
	}
	return 0
}
