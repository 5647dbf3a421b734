package gguf

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"testing"
)

// stream is the byte source that testdata/dequant.json was made from: the top
// byte of a linear congruential generator.
func stream(n int, seed uint32) []byte {
	b := make([]byte, n)
	for i := range b {
		seed = seed*1664525 + 1013904223
		b[i] = byte(seed >> 24)
	}
	return b
}

// tame clears the top exponent bit of every stored float so that nothing is
// infinite; testdata/dequant.json was made the same way.
func tame(f format, raw []byte) {
	halves := map[Type][]int{Q4_0: {0}, Q4_1: {0, 2}, Q5_0: {0}, Q5_1: {0, 2}, Q8_0: {0}, Q2_K: {80, 82}, Q3_K: {108}, Q4_K: {0, 2}, Q5_K: {0, 2}, Q6_K: {208}, IQ4_NL: {0}, IQ4_XS: {0}, F16: {0}, BF16: {0}, F32: {2}}
	for at := 0; at < len(raw); at += f.bytes {
		for _, h := range halves[f.t] {
			raw[at+h+1] &= 0xbf
		}
		if f.t == MXFP4 {
			raw[at] = 100 + raw[at]%50
		}
	}
}

// The expected sums are what the numpy code of the PyPI package "gguf" gives for
// the same bytes: an implementation that shares nothing with ours.
func TestDequantizeAgainstNumpy(t *testing.T) {
	raw, err := os.ReadFile("testdata/dequant.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Type   string
		Values int
		SHA256 string
		First  []float64
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) != 16 {
		t.Fatalf("%d cases recorded, want 16", len(cases))
	}
	for _, c := range cases {
		t.Run(c.Type, func(t *testing.T) {
			f := formatNamed(t, c.Type)
			in := stream(c.Values/f.values*f.bytes, uint32(f.t)+1)
			tame(f, in)
			got := make([]float32, c.Values)
			if err := Dequantize(got, f.t, in); err != nil {
				t.Fatal(err)
			}
			h := sha256.New()
			for _, v := range got {
				// Adding zero drops the sign of a zero, which the two sides need
				// not agree on.
				h.Write(le.AppendUint32(nil, math.Float32bits(v+0)))
			}
			if sum := hex.EncodeToString(h.Sum(nil)); sum != c.SHA256 {
				t.Errorf("values differ; they start %v, want %v", got[:4], c.First)
			}
		})
	}
}

func formatNamed(t *testing.T, name string) format {
	t.Helper()
	for _, f := range formats() {
		if f.name == name {
			return f
		}
	}
	t.Fatalf("no type %s", name)
	return format{}
}

func TestHalfAllValues(t *testing.T) {
	for h := range 1 << 16 {
		sign, exp, frac := h>>15, h>>10&31, h&1023
		want := math.Ldexp(float64(frac+1024), exp-25)
		switch exp {
		case 0:
			want = math.Ldexp(float64(frac), -24)
		case 31:
			want = math.Inf(1)
			if frac != 0 {
				want = math.NaN()
			}
		}
		if sign == 1 {
			want = math.Copysign(want, -1)
		}
		got := half([]byte{byte(h), byte(h >> 8)})
		if float64(got) != want && !(math.IsNaN(want) && got != got) {
			t.Fatalf("half(%#04x) = %v, want %v", h, got, want)
		}
	}
}

func TestDequantizeRefusesMismatch(t *testing.T) {
	if err := Dequantize(make([]float32, 32), Q8_0, make([]byte, 33)); err == nil {
		t.Error("33 bytes for a block of 34 were accepted")
	}
	if err := Dequantize(make([]float32, 1), Type(99), nil); err == nil {
		t.Error("an unknown type was accepted")
	}
}

func BenchmarkDequantize(b *testing.B) {
	for _, f := range formats() {
		b.Run(f.name, func(b *testing.B) {
			dst := make([]float32, 1<<16)
			raw := make([]byte, len(dst)/f.values*f.bytes)
			b.SetBytes(int64(4 * len(dst)))
			for b.Loop() {
				if err := Dequantize(dst, f.t, raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
