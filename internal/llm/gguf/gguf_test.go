package gguf

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wafer/internal/diag"
)

func tinyFile(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	err := Write(&b, []Pair{
		{"general.architecture", "llama"},
		{"llama.block_count", uint32(2)},
		{"llama.rope.freq_base", float32(10000)},
		{"a.flag", true},
		{"a.negative", int32(-7)},
		{"a.wide", uint64(1) << 40},
		{"tokenizer.ggml.tokens", []string{"<unk>", "a", "b"}},
		{"tokenizer.ggml.scores", []float32{0, -1, -2}},
		{"tokenizer.ggml.token_type", []int32{2, 1, -1}},
	}, []Blob{
		FloatBlob("x", []int{2, 3}, []float32{1, 2, 3, 4, 5, 6}),
		{Name: "q", Type: Q8_0, Dims: []int{32}, Data: stream(34, 1)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func read(b []byte) (*File, error) {
	return Read(bytes.NewReader(b), int64(len(b)), "m.gguf")
}

func TestRoundTrip(t *testing.T) {
	f, err := read(tinyFile(t))
	if err != nil {
		t.Fatal(err)
	}
	arch, _ := f.Str("general.architecture")
	blocks, _ := f.Uint("llama.block_count")
	base, _ := f.Float("llama.rope.freq_base")
	flag, _ := f.Bool("a.flag")
	wide, _ := f.Uint("a.wide")
	tokens, _ := f.Strings("tokenizer.ggml.tokens")
	scores, _ := f.Floats32("tokenizer.ggml.scores")
	types, _ := f.Ints("tokenizer.ggml.token_type")
	got := []any{arch, blocks, base, flag, wide, tokens, scores, types, len(f.Keys())}
	want := []any{"llama", uint64(2), 10000.0, true, uint64(1) << 40, []string{"<unk>", "a", "b"}, []float32{0, -1, -2}, []int64{2, 1, -1}, 9}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	x, _ := f.Tensor("x")
	v, err := f.Floats(x)
	if d := cmp.Diff([]float32{1, 2, 3, 4, 5, 6}, v); d != "" || err != nil {
		t.Error(d, err)
	}
	row, err := f.RawRows(x, 1, 2)
	if err != nil || len(row) != 8 || row[2] != 0x40 || row[3] != 0x40 { // 3.0
		t.Errorf("row 1 = %x, %v", row, err)
	}
}

func TestAccessorsRefuseOtherTypes(t *testing.T) {
	f, err := read(tinyFile(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := f.Uint("a.negative"); ok {
		t.Error("a negative number passed as unsigned")
	}
	if _, ok := f.Uint("general.architecture"); ok {
		t.Error("a string passed as a number")
	}
	if _, ok := f.Str("absent"); ok {
		t.Error("an absent key was found")
	}
	if _, ok := f.Floats32("tokenizer.ggml.token_type"); ok {
		t.Error("integers passed as floats")
	}
	v, _ := f.Value("tokenizer.ggml.token_type")
	if v.String() != "[2, 1, -1]" {
		t.Errorf("String() = %s", v)
	}
}

// Every prefix of a good file is a truncated file and must be told as such.
func TestEveryTruncationIsTold(t *testing.T) {
	good := tinyFile(t)
	end := len(good) - 30 // the last block is padded
	for n := range end {
		_, err := read(good[:n])
		var d diag.Diagnostic
		if !errors.As(err, &d) {
			t.Fatalf("%d of %d bytes: %v", n, len(good), err)
		}
		if d.Cure == "" || d.Pos.File != "m.gguf" {
			t.Fatalf("%d bytes: diagnostic without cure or file: %+v", n, d)
		}
	}
}

func TestHostileFiles(t *testing.T) {
	le64 := func(v uint64) string { return string(le.AppendUint64(nil, v)) }
	le32 := func(v uint32) string { return string(le.AppendUint32(nil, v)) }
	str := func(s string) string { return le64(uint64(len(s))) + s }
	head := func(tensors, keys uint64) string { return "GGUF" + le32(3) + le64(tensors) + le64(keys) }
	pad := strings.Repeat("\x00", 200)
	tensor := func(name string, typ uint32, off uint64, dims ...uint64) string {
		s := str(name) + le32(uint32(len(dims)))
		for _, d := range dims {
			s += le64(d)
		}
		return s + le32(typ) + le64(off)
	}
	for _, c := range []struct{ name, file, code, want string }{
		{"other file", "PK\x03\x04" + pad, "M1001", `starts with "PK\x03\x04"`},
		{"empty", "", "M1001", "0 bytes"},
		{"big endian", "GGUF\x00\x00\x00\x03" + pad, "M1002", "big-endian"},
		{"version 9", "GGUF" + le32(9) + pad, "M1002", "version 9"},
		{"tensor count", head(1<<60, 0) + pad, "M1004", "tensor count is 1152921504606846976"},
		{"key length", head(0, 1) + le64(1<<62) + pad, "M1003", "at byte 32"},
		{"array length", head(0, 1) + str("k") + le32(9) + le32(0) + le64(1<<40) + pad, "M1004", "length of key \"k\""},
		{"array beyond file", head(0, 1) + str("k") + le32(9) + le32(8) + le64(1<<20) + pad, "M1003", "needs 8388608 bytes"},
		{"bad value type", head(0, 1) + str("k") + le32(77) + pad, "M1005", "value type 77"},
		{"bad element type", head(0, 1) + str("k") + le32(9) + le32(77) + le64(1) + pad, "M1005", "array of value type 77"},
		{"deep array", head(0, 1) + str("k") + le32(9) + strings.Repeat(le32(9)+le64(1), 9) + pad, "M1004", "deeper than 4"},
		{"twice", head(0, 2) + str("k") + le32(0) + "x" + str("k") + le32(0) + "x" + pad, "M1005", "appears twice"},
		{"alignment", head(0, 1) + str("general.alignment") + le32(4) + le32(3) + pad, "M1005", "power of two"},
		{"rank", head(1, 0) + tensor("t", 0, 0) + pad, "M1005", "0 dimensions"},
		{"overflow", head(1, 0) + tensor("t", 0, 0, 1<<33, 1<<33) + pad, "M1004", "larger than"},
		{"zero", head(1, 0) + tensor("t", 0, 0, 0) + pad, "M1004", "empty"},
		{"type", head(1, 0) + tensor("t", 55, 0, 1) + pad, "M1006", "number 55"},
		{"row", head(1, 0) + tensor("t", 8, 0, 33) + pad, "M1005", "multiple of 32"},
		{"unaligned", head(1, 0) + tensor("t", 0, 4, 1) + pad, "M1005", "alignment"},
		{"outside", head(1, 0) + tensor("t", 0, 0, 1000) + pad, "M1007", "needs bytes 64 to 4064"},
		{"far outside", head(1, 0) + tensor("t", 0, 1<<62, 8) + pad, "M1007", "file ends at byte"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := read([]byte(c.file))
			var d diag.Diagnostic
			if !errors.As(err, &d) {
				t.Fatalf("error is %v", err)
			}
			if string(d.Code) != c.code || !strings.Contains(d.Message, c.want) {
				t.Errorf("got %s, want %s with %q", d.Error(), c.code, c.want)
			}
		})
	}
}

func writeSplit(t *testing.T, dir string, no, count, total int, blobs ...Blob) string {
	t.Helper()
	name := filepath.Join(dir, strings.ReplaceAll("m-0000N-of-00002.gguf", "N", string(rune('1'+no))))
	h, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	err = Write(h, []Pair{{"split.no", uint32(no)}, {"split.count", uint32(count)}, {"split.tensors.count", int32(total)}}, blobs)
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func TestSplitFiles(t *testing.T) {
	dir := t.TempDir()
	a := FloatBlob("a", []int{2}, []float32{1, 2})
	b := FloatBlob("b", []int{2}, []float32{3, 4})
	first := writeSplit(t, dir, 0, 2, 2, a)
	_, err := Open(first)
	wantCode(t, err, "M1008", "part 2 of 2 is missing")

	second := writeSplit(t, dir, 1, 2, 2, b)
	f, err := Open(first)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	x, _ := f.Tensor("b")
	v, err := f.Floats(x)
	if d := cmp.Diff([]float32{3, 4}, v); d != "" || err != nil {
		t.Error(d, err)
	}
	_, err = Open(second)
	wantCode(t, err, "M1008", "opened by its first part")
	writeSplit(t, dir, 1, 2, 2, a)
	_, err = Open(first)
	wantCode(t, err, "M1008", "in two parts")
}

func wantCode(t *testing.T, err error, code diag.Code, text string) {
	t.Helper()
	var d diag.Diagnostic
	if !errors.As(err, &d) || d.Code != code || !strings.Contains(d.Message, text) {
		t.Errorf("got %v, want %s with %q", err, code, text)
	}
}

func FuzzRead(f *testing.F) {
	good := tinyFile(f)
	f.Add(good)
	f.Add(good[:100])
	f.Add([]byte("GGUF\x03\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := read(b)
		if err != nil {
			var d diag.Diagnostic
			if !errors.As(err, &d) {
				t.Fatalf("not a diagnostic: %v", err)
			}
			return
		}
		for _, x := range m.Tensors {
			if _, err := m.Floats(x); err != nil {
				t.Fatalf("accepted tensor %q cannot be read: %v", x.Name, err)
			}
		}
		for _, k := range m.Keys() {
			v, _ := m.Value(k)
			_ = v.String()
		}
	})
}
