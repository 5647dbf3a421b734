package image

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"reflect"
	"slices"
)

// The file form of an Image:
//
//	 0  8 bytes   magic "WAFERIMG"
//	 8  8 bytes   fingerprint of the Go types below Image, little end first
//	16  8 bytes   length of the payload before compression
//	24 32 bytes   SHA-256 of the payload before compression
//	56 …          the payload, deflated
//
// The payload is Image's fields in order of declaration: integers as varints,
// strings and slices with their length in front, maps by ascending key, pointers
// with a presence byte. Nothing in it is written by hand, so a new field of any
// struct is stored from the day it exists; the fingerprint then changes and older
// files are refused instead of misread.
const (
	magic      = "WAFERIMG"
	headerSize = 56
)

// MaxFile bounds the payload of an image file: the largest wafer with a program
// of its own on every tenth core stays below it.
const MaxFile = 1 << 31

// Errors of Decode that callers tell apart.
var (
	ErrNotImage = errors.New("not a Wafer image file")
	ErrVersion  = errors.New("the image was written by another version of Wafer; compile the program again")
	ErrDamaged  = errors.New("the image file is damaged")
)

// Encode writes im to w.
func Encode(w io.Writer, im *Image) error {
	e := encoder{}
	e.value(reflect.ValueOf(im).Elem())
	sum := sha256.Sum256(e.buf)
	head := make([]byte, 0, headerSize)
	head = append(head, magic...)
	head = binary.LittleEndian.AppendUint64(head, fingerprint())
	head = binary.LittleEndian.AppendUint64(head, uint64(len(e.buf)))
	head = append(head, sum[:]...)
	if _, err := w.Write(head); err != nil {
		return fmt.Errorf("write image: %w", err)
	}
	z, err := flate.NewWriter(w, flate.BestSpeed)
	if err != nil {
		return fmt.Errorf("write image: %w", err)
	}
	if _, err := z.Write(e.buf); err != nil {
		return fmt.Errorf("write image: %w", err)
	}
	return z.Close()
}

// Decode reads what Encode wrote and checks it: a damaged or hostile file gives
// an error, never an Image that would make a simulator fail.
func Decode(data []byte) (*Image, error) {
	if len(data) < headerSize || string(data[:8]) != magic {
		return nil, ErrNotImage
	}
	if binary.LittleEndian.Uint64(data[8:]) != fingerprint() {
		return nil, ErrVersion
	}
	n := binary.LittleEndian.Uint64(data[16:])
	if n > MaxFile {
		return nil, ErrDamaged
	}
	// Reading one byte more than announced finds a payload that is too long; the
	// buffer grows with what is there, so a false length reserves nothing.
	payload, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(data[headerSize:])), int64(n)+1))
	if err != nil || uint64(len(payload)) != n || sha256.Sum256(payload) != [32]byte(data[24:56]) {
		return nil, ErrDamaged
	}
	return decodePayload(payload)
}

func decodePayload(payload []byte) (*Image, error) {
	d := decoder{buf: payload}
	im := new(Image)
	d.value(reflect.ValueOf(im).Elem())
	if d.bad || len(d.buf) != 0 {
		return nil, ErrDamaged
	}
	if err := im.Validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return im, nil
}

// fingerprint hashes the names and types of every field that a file holds.
func fingerprint() uint64 {
	h := fnv.New64a()
	seen := map[reflect.Type]bool{}
	var walk func(t reflect.Type)
	walk = func(t reflect.Type) {
		fmt.Fprintf(h, "%s %s;", t.Kind(), t.Name())
		switch t.Kind() {
		case reflect.Struct:
			if seen[t] {
				return
			}
			seen[t] = true
			for i := range t.NumField() {
				fmt.Fprintf(h, "%s:", t.Field(i).Name)
				walk(t.Field(i).Type)
			}
		case reflect.Slice, reflect.Pointer:
			walk(t.Elem())
		case reflect.Array:
			fmt.Fprintf(h, "%d", t.Len())
			walk(t.Elem())
		case reflect.Map:
			walk(t.Key())
			walk(t.Elem())
		}
	}
	walk(reflect.TypeFor[Image]())
	// The numbers of operations are part of the form: images are stored.
	fmt.Fprintf(h, "%d %d %d", NumOps, NumDSDOps, NumReps)
	return h.Sum64()
}

type encoder struct{ buf []byte }

func (e *encoder) uint(n uint64) { e.buf = binary.AppendUvarint(e.buf, n) }

//tidy:dispatch
func (e *encoder) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		b := uint64(0)
		if v.Bool() {
			b = 1
		}
		e.uint(b)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		e.buf = binary.AppendVarint(e.buf, v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		e.uint(v.Uint())
	case reflect.Float32, reflect.Float64:
		e.uint(math.Float64bits(v.Float()))
	case reflect.String:
		e.uint(uint64(v.Len()))
		e.buf = append(e.buf, v.String()...)
	case reflect.Struct:
		for i := range v.NumField() {
			e.value(v.Field(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			e.value(v.Index(i))
		}
	case reflect.Slice:
		e.slice(v)
	case reflect.Pointer:
		if v.IsNil() {
			e.uint(0)
			return
		}
		e.uint(1)
		e.value(v.Elem())
	case reflect.Map:
		e.mapping(v)
	default:
		panic("BUG: image has a field of kind " + v.Kind().String())
	}
}

// slice writes the tiles as runs: a wafer has a million of few kinds.
func (e *encoder) slice(v reflect.Value) {
	e.uint(uint64(v.Len()))
	tiles, ok := v.Interface().([]Tile)
	if !ok {
		for i := range v.Len() {
			e.value(v.Index(i))
		}
		return
	}
	for i := 0; i < len(tiles); {
		n := 1
		for i+n < len(tiles) && tiles[i+n] == tiles[i] {
			n++
		}
		e.uint(uint64(n))
		e.value(reflect.ValueOf(tiles[i]))
		i += n
	}
}

func (e *encoder) mapping(v reflect.Value) {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int {
		if a.Kind() == reflect.String {
			return bytes.Compare([]byte(a.String()), []byte(b.String()))
		}
		return int(a.Uint()) - int(b.Uint()) // keys are strings and small ids
	})
	e.uint(uint64(len(keys)))
	for _, k := range keys {
		e.value(k)
		e.value(v.MapIndex(k))
	}
}

// decoder reads values until the first mistake; after it everything is zero.
type decoder struct {
	buf []byte
	bad bool
}

func (d *decoder) uint() uint64 {
	n, k := binary.Uvarint(d.buf)
	if k <= 0 {
		d.bad, d.buf = true, nil
		return 0
	}
	d.buf = d.buf[k:]
	return n
}

func (d *decoder) int() int64 {
	n, k := binary.Varint(d.buf)
	if k <= 0 {
		d.bad, d.buf = true, nil
		return 0
	}
	d.buf = d.buf[k:]
	return n
}

// length reads a count of things that take at least one byte each, so a false
// count cannot make us reserve more than a small multiple of the file.
func (d *decoder) length() int {
	n := d.uint()
	if n > uint64(len(d.buf)) {
		d.bad, d.buf = true, nil
		return 0
	}
	return int(n)
}

//tidy:dispatch
func (d *decoder) value(v reflect.Value) {
	if d.bad {
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(d.uint() != 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n := d.int()
		d.bad = d.bad || v.OverflowInt(n)
		v.SetInt(n)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n := d.uint()
		d.bad = d.bad || v.OverflowUint(n)
		v.SetUint(n)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(math.Float64frombits(d.uint()))
	case reflect.String:
		n := d.length()
		v.SetString(string(d.buf[:n]))
		d.buf = d.buf[n:]
	case reflect.Struct:
		for i := range v.NumField() {
			d.value(v.Field(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			d.value(v.Index(i))
		}
	case reflect.Slice:
		d.slice(v)
	case reflect.Pointer:
		if d.uint() != 0 {
			v.Set(reflect.New(v.Type().Elem()))
			d.value(v.Elem())
		}
	case reflect.Map:
		d.mapping(v)
	}
}

func (d *decoder) slice(v reflect.Value) {
	if tiles, ok := v.Addr().Interface().(*[]Tile); ok {
		*tiles = d.tiles()
		return
	}
	n := d.length()
	if n == 0 {
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), n, n))
	for i := range n {
		d.value(v.Index(i))
	}
}

// MaxTiles bounds the cores of an image; the largest wafer has under a million.
const MaxTiles = 1 << 24

func (d *decoder) tiles() []Tile {
	n := d.uint()
	if n > MaxTiles {
		d.bad = true
		return nil
	}
	var out []Tile
	for uint64(len(out)) < n && !d.bad {
		run := d.uint()
		var t Tile
		d.value(reflect.ValueOf(&t).Elem())
		if run == 0 || run > n-uint64(len(out)) {
			d.bad = true
			return nil
		}
		out = append(out, slices.Repeat([]Tile{t}, int(run))...)
	}
	return out
}

func (d *decoder) mapping(v reflect.Value) {
	n := d.length()
	if n == 0 {
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for range n {
		key := reflect.New(v.Type().Key()).Elem()
		val := reflect.New(v.Type().Elem()).Elem()
		d.value(key)
		d.value(val)
		if d.bad {
			return
		}
		v.SetMapIndex(key, val)
	}
}
