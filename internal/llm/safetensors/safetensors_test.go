package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wafer/internal/diag"
)

func file(header string, data ...byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), data...)
}

func read(b []byte) (*Set, error) { return Read(bytes.NewReader(b), int64(len(b)), "m.safetensors") }

func TestRead(t *testing.T) {
	data := binary.LittleEndian.AppendUint32(nil, math.Float32bits(1.5))
	data = append(data, 0x20, 0x40, 0x00, 0xc0) // BF16 2.5, -2
	s, err := read(file(`{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[4,8]}}  `, data...))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"a", "b"}, s.Names); d != "" {
		t.Error(d)
	}
	b, _ := s.Tensor("b")
	v, err := s.Floats(b)
	if d := cmp.Diff([]float32{2.5, -2}, v); d != "" || err != nil {
		t.Error(d, err)
	}
}

func TestBadFiles(t *testing.T) {
	one := func(e string) []byte { return file(`{"a":`+e+`}`, make([]byte, 8)...) }
	for _, c := range []struct {
		name string
		file []byte
		code diag.Code
		want string
	}{
		{"empty", nil, "M1301", "0 bytes"},
		{"long header", []byte("\xff\xff\xff\xff\xff\xff\xff\xff{}"), "M1301", "18446744073709551615"},
		{"no JSON", file("hello"), "M1301", "at byte 8"},
		{"negative", one(`{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}`), "M1302", "impossible shape"},
		{"overflow", one(`{"dtype":"F32","shape":[1099511627776,1099511627776],"data_offsets":[0,4]}`), "M1302", "impossible shape"},
		{"outside", one(`{"dtype":"F32","shape":[4],"data_offsets":[0,16]}`), "M1302", "8 bytes of data"},
		{"backwards", one(`{"dtype":"F32","shape":[1],"data_offsets":[4,0]}`), "M1302", "bytes 4 to 0"},
		{"size", one(`{"dtype":"F32","shape":[2],"data_offsets":[0,4]}`), "M1302", "takes 8 bytes"},
		{"entry", one(`7`), "M1302", "cannot be read"},
		{"overlap", file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, make([]byte, 8)...), "M1302", `"a" and "b" share bytes`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := read(c.file)
			var d diag.Diagnostic
			if !errors.As(err, &d) || d.Code != c.code || !strings.Contains(d.Message, c.want) {
				t.Errorf("got %v, want %s with %q", err, c.code, c.want)
			}
		})
	}
}

func TestShards(t *testing.T) {
	dir := t.TempDir()
	put := func(name string, b []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("model.safetensors.index.json", []byte(`{"weight_map":{"a":"x-1.safetensors","b":"x-2.safetensors"}}`))
	put("x-1.safetensors", file(`{"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}}`, 7))
	var d diag.Diagnostic
	if _, err := Open(dir); !errors.As(err, &d) || d.Code != "M1303" || !strings.HasSuffix(d.Pos.File, "x-2.safetensors") {
		t.Errorf("missing shard: %v", err)
	}
	put("x-2.safetensors", file(`{"b":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}}`, 0xff))
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	b, _ := s.Tensor("b")
	if v, err := s.Floats(b); err != nil || v[0] != -1 {
		t.Errorf("b = %v, %v", v, err)
	}
	put("model.safetensors.index.json", []byte(`{"weight_map":{"a":"../x-1.safetensors"}}`))
	if _, err := Open(dir); !errors.As(err, &d) || d.Code != "M1303" {
		t.Errorf("a path out of the directory: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, make([]byte, 8)...))
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := read(b)
		if err != nil {
			var d diag.Diagnostic
			if !errors.As(err, &d) {
				t.Fatalf("not a diagnostic: %v", err)
			}
			return
		}
		for _, n := range s.Names {
			x, _ := s.Tensor(n)
			if _, err := s.Floats(x); err != nil && width(x.Dtype) > 0 {
				t.Fatalf("accepted tensor %q cannot be read: %v", n, err)
			}
		}
	})
}
