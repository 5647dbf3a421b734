package image

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wafer/internal/machine"
)

// fill gives every field that it reaches a value that is not zero, so that a
// field which the codec loses shows as a difference.
func fill(v reflect.Value, seed *uint64) {
	*seed++
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(*seed % 100))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(*seed % 100)
	case reflect.String:
		v.SetString("s" + string(rune('a'+*seed%26)))
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), seed)
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), seed)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 3, 3))
		for i := range 3 {
			fill(v.Index(i), seed)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), seed)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, val := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, seed)
		fill(val, seed)
		v.SetMapIndex(key, val)
	}
}

func TestEveryFieldSurvivesTheFile(t *testing.T) {
	var want, got Image
	var seed uint64
	fill(reflect.ValueOf(&want).Elem(), &seed)
	e := encoder{}
	e.value(reflect.ValueOf(&want).Elem())
	d := decoder{buf: e.buf}
	d.value(reflect.ValueOf(&got).Elem())
	if d.bad || len(d.buf) != 0 {
		t.Fatalf("bad %v, %d bytes left", d.bad, len(d.buf))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func sample() *Image {
	im := &Image{
		Arch: machine.WSE3, FP16: "f16", FabricW: 1000, FabricH: 1000, Rect: Rect{4, 1, 755, 900},
		Programs:  []*Program{{Name: "0_0", Code: []Instr{{Op: OpRet}}, Funcs: []Func{{Name: "main", Regs: 1}}}},
		RouteSets: []RouteSet{{}},
		Params:    map[string]string{"b": "2", "a": "1"},
	}
	im.Tiles = make([]Tile, 755*900)
	im.Tiles[7].Program = -1
	return im
}

func TestAWholeWaferTakesLittleRoomAndReadsBack(t *testing.T) {
	var a, b bytes.Buffer
	if err := Encode(&a, sample()); err != nil {
		t.Fatal(err)
	}
	if err := Encode(&b, sample()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the same image gave two files")
	}
	if a.Len() > 1000 {
		t.Errorf("%d bytes for one program on 679,500 cores", a.Len())
	}
	got, err := Decode(a.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sample(), got); diff != "" {
		t.Error(diff)
	}
}

func TestDamagedFilesAreRefused(t *testing.T) {
	var b bytes.Buffer
	if err := Encode(&b, sample()); err != nil {
		t.Fatal(err)
	}
	good := b.Bytes()
	flip := func(at int) []byte {
		c := bytes.Clone(good)
		c[at] ^= 0x40
		return c
	}
	for _, c := range []struct {
		name string
		data []byte
		want error
	}{
		{"empty", nil, ErrNotImage},
		{"magic", flip(0), ErrNotImage},
		{"version", flip(9), ErrVersion},
		{"length", flip(16), ErrDamaged},
		{"sum", flip(30), ErrDamaged},
		{"payload", flip(len(good) - 10), ErrDamaged},
		{"cut", good[:len(good)-8], ErrDamaged},
	} {
		if _, err := Decode(c.data); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestIndicesThatPointNowhereAreRefused(t *testing.T) {
	for name, spoil := range map[string]func(*Image){
		"tile":     func(im *Image) { im.Tiles[3].Program = 1 },
		"jump":     func(im *Image) { im.Programs[0].Code[0] = Instr{Op: OpJump, Imm: 9} },
		"function": func(im *Image) { im.Programs[0].Funcs[0].PC = 5 },
		"data":     func(im *Image) { im.Programs[0].Data = []Segment{{Addr: 24570, Words: make([]uint16, 9)}} },
		"task":     func(im *Image) { im.Programs[0].Tasks = []Task{{Func: 1}} },
		"fabric":   func(im *Image) { im.FabricW = 10 },
		"export":   func(im *Image) { im.Programs[0].Exports = []Binding{{Export: 0}} },
	} {
		im := sample()
		spoil(im)
		if im.Validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// FuzzDecode feeds the payload reader directly: the checksum would hide it.
func FuzzDecode(f *testing.F) {
	e := encoder{}
	im := sample()
	e.value(reflect.ValueOf(im).Elem())
	f.Add(e.buf)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		im, err := decodePayload(data)
		if err != nil {
			return
		}
		e := encoder{}
		e.value(reflect.ValueOf(im).Elem())
		again, err := decodePayload(e.buf)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(im, again); diff != "" {
			t.Error(diff)
		}
	})
}
