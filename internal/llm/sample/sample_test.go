package sample

import (
	stdcmp "cmp"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wafer/internal/diag"
	"wafer/internal/llm/tokenize"
)

func draw(t *testing.T, p Params, logits []float32, n int) []int {
	t.Helper()
	s, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	counts := make([]int, len(logits))
	for range n {
		counts[s.Next(logits)]++
	}
	return counts
}

func TestGreedy(t *testing.T) {
	for _, c := range []struct {
		logits []float32
		want   tokenize.ID
	}{
		{[]float32{1, 3, 3, 2}, 1},
		{[]float32{-5, -7}, 0},
		{[]float32{float32(math.NaN()), -2, -1}, 2},
		{[]float32{float32(math.Inf(-1)), -9}, 1},
	} {
		s, _ := New(Params{})
		if got := s.Next(c.logits); got != c.want {
			t.Errorf("%v: %d, want %d", c.logits, got, c.want)
		}
	}
}

// The shares of 100,000 draws against softmax, by a chi-squared test: with 3
// degrees of freedom 16.27 is passed once in a thousand seeds, and the seed is
// fixed.
func TestSharesFollowSoftmax(t *testing.T) {
	logits := []float32{0, 1, 2, 0.5}
	const n = 100_000
	for _, temperature := range []float64{0.5, 1, 2} {
		var want [4]float64
		sum := 0.0
		for i, l := range logits {
			want[i] = math.Exp(float64(l) / temperature)
			sum += want[i]
		}
		chi := 0.0
		for i, c := range draw(t, Params{Temperature: temperature, Seed: 7}, logits, n) {
			e := want[i] / sum * n
			chi += (float64(c) - e) * (float64(c) - e) / e
		}
		if chi > 16.27 {
			t.Errorf("temperature %v: chi squared %.1f", temperature, chi)
		}
	}
}

func TestCuts(t *testing.T) {
	// Probabilities 0.5, 0.3, 0.15, 0.05.
	logits := []float32{float32(math.Log(.05)), float32(math.Log(.5)), float32(math.Log(.15)), float32(math.Log(.3))}
	for _, c := range []struct {
		name string
		p    Params
		want []bool // which can be drawn
	}{
		{"all", Params{Temperature: 1}, []bool{true, true, true, true}},
		{"top_k 2", Params{Temperature: 1, TopK: 2}, []bool{false, true, false, true}},
		{"top_p 0.6", Params{Temperature: 1, TopP: 0.6}, []bool{false, true, false, true}},
		{"top_p 0.9", Params{Temperature: 1, TopP: 0.9}, []bool{false, true, true, true}},
		{"tiny top_p", Params{Temperature: 1, TopP: 1e-9}, []bool{false, true, false, false}},
		{"both", Params{Temperature: 1, TopP: 0.9, TopK: 2}, []bool{false, true, false, true}},
		{"top_k 1", Params{Temperature: 2, TopK: 1}, []bool{false, true, false, false}},
	} {
		var got []bool
		for _, n := range draw(t, c.p, logits, 2000) {
			got = append(got, n > 0)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

func TestSameSeedSameTokens(t *testing.T) {
	logits := make([]float32, 50)
	seq := func(seed uint64) (out []tokenize.ID) {
		s, _ := New(Params{Temperature: 1, Seed: seed})
		for range 12 {
			out = append(out, s.Next(logits))
		}
		return out
	}
	// Recorded once: a change would give every user other texts for old seeds.
	want := []tokenize.ID{19, 22, 12, 25, 16, 21, 45, 18, 6, 24, 39, 47}
	if d := cmp.Diff(want, seq(1)); d != "" {
		t.Error(d)
	}
	if cmp.Equal(seq(1), seq(2)) {
		t.Error("two seeds gave the same tokens")
	}
}

func TestParams(t *testing.T) {
	for _, p := range []Params{{Temperature: -1}, {Temperature: 3}, {Temperature: math.NaN()}, {TopK: -1}, {TopP: 1.5}, {TopP: math.NaN()}} {
		_, err := New(p)
		var d diag.Diagnostic
		if !errors.As(err, &d) || d.Code != codeParam || d.Cure == "" {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

// The order of buckets is that of a sort of all, however far somebody looks.
func TestBucketsAreInOrder(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{1, 2, 50, 5000} {
		logits := make([]float32, n)
		for i := range logits {
			logits[i] = float32(rnd.NormFloat64() * 8)
			if rnd.IntN(4) == 0 {
				logits[i] = float32(rnd.IntN(5)) // ties
			}
		}
		s, err := New(Params{Temperature: 1})
		if err != nil {
			t.Fatal(err)
		}
		s.collect(logits)
		want := slices.Clone(s.pool)
		slices.SortStableFunc(want, func(a, b candidate) int {
			return stdcmp.Or(stdcmp.Compare(b.x, a.x), stdcmp.Compare(a.id, b.id))
		})
		for _, i := range []int{0, n / 3, n / 2, n - 1} {
			i = min(i, len(want)-1)
			if *s.at(i) != want[i] || !slices.Equal(s.pool[:i], want[:i]) {
				t.Fatalf("%d logits: the first %d are not in order", n, i+1)
			}
		}
	}
}

// Logits beyond all bounds make no panic.
func TestInfinite(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, logits := range [][]float32{{inf, 1, inf}, {-inf, -inf}, {-inf, 3, float32(math.NaN())}} {
		s, err := New(Params{Temperature: 0.5, TopP: 0.9, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		if id := int(s.Next(logits)); id < 0 || id >= len(logits) {
			t.Errorf("%v: token %d", logits, id)
		}
	}
}
