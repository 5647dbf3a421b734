package exec

import (
	"slices"
	"testing"

	"wafer/internal/llm/graph"
	"wafer/internal/llm/llmtest"
	"wafer/internal/llm/place"
	"wafer/internal/llm/tokenize"
	"wafer/internal/machine"
	"wafer/internal/sim"
)

// TestExactIsFast runs models on the simulated wafer and beside it the fast
// engine: every logit has the same bits. The shapes have rows and columns of one,
// groups of columns on both sides of the middle and across it, and sizes that do
// not divide.
func TestExactIsFast(t *testing.T) {
	tiny, _ := llmtest.Tiny(t, graph.Llama)
	big, _ := ours(t)
	for _, tc := range []struct {
		c      *graph.Checkpoint
		s      place.Shape
		tokens int
	}{
		{tiny, place.Shape{Cols: 4, Table: 7, Rows: 5, Lot: 4}, 24},
		{tiny, place.Shape{Cols: 2, Table: 1, Rows: 1, Lot: 2}, 12},
		{tiny, place.Shape{Cols: 16, Table: 3, Rows: 2, Lot: 5}, 12},
		{tiny, place.Shape{Cols: 6, Table: 2, Rows: 17}, 20},
		{big, place.Shape{Cols: 12, Table: 9, Rows: 6, Lot: 2}, 9},
		// Bands that turn: in the east, in the west, with every region.
		{tiny, place.Shape{Cols: 4, Table: 7, Rows: 3, Limit: 12, Lot: 4}, 8},
		{tiny, place.Shape{Cols: 4, Table: 4, Rows: 4, Limit: 4, Lot: 3}, 8},
		{big, place.Shape{Cols: 16, Table: 20, Rows: 9, Limit: 41, Lot: 4}, 6},
	} {
		sameBits(t, tc.c, tc.s, tc.tokens)
		if testing.Short() {
			break
		}
	}
}

// wholeOnly skips a test of values, many and slow, in short runs: those look for
// races, and one shape of one family starts every goroutine that there is.
func wholeOnly(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("a test of values: left out of short runs")
	}
}

// Every family with every feature in use, in shapes with groups of one and several
// columns, rows beyond and within a window, bands that turn, and lots of more tokens
// than there are rows. Windows are of 8
// positions, so most of the steps look past the end of one.
func TestFamiliesSameBits(t *testing.T) {
	wholeOnly(t)
	for _, f := range graph.Families()[1:] { // TestExactIsFast has the first
		t.Run(string(f), func(t *testing.T) {
			c, _ := llmtest.Tiny(t, f)
			for _, s := range []place.Shape{
				{Cols: 4, Table: 7, Rows: 5, Lot: 4},
				{Cols: 2, Table: 1, Rows: 1},
				{Cols: 6, Table: 4, Rows: 11, Lot: 2},
				{Cols: 16, Table: 3, Rows: 2, Lot: 6},
				{Cols: 4, Table: 4, Rows: 4, Limit: 8, Lot: 3},
			} {
				sameBits(t, c, s, 19)
			}
		})
	}
}

// Heads of which only a part is turned, in both layouts.
func TestPartialRotation(t *testing.T) {
	wholeOnly(t)
	ids := []tokenize.ID{5, 300, 17, 88, 211, 9, 41, 150, 7, 260}
	for _, family := range []graph.Family{graph.Llama, graph.Qwen2} {
		m := llmtest.TinyShape(family)
		m.Rope.Dim, m.Rope.Divisors = 10, nil
		c, _ := llmtest.Open(t, m)
		if c.Model.Rope.Dim != 10 {
			t.Fatalf("the file says that %d values are turned", c.Model.Rope.Dim)
		}
		for _, shape := range [][2]int{{4, 5}, {6, 3}, {16, 4}} {
			agree, worst := compare(t, c, fast(t, c, shape[0], shape[1], 64, 1), ids)
			if agree != len(ids) || worst > 0.03 {
				t.Errorf("%s %v: %d of %d positions agree, logits off by up to %.3g", family, shape, agree, len(ids), worst)
			}
			sameBits(t, c, place.Shape{Cols: shape[0], Table: 3, Rows: shape[1]}, 6)
		}
	}
}

func sameBits(t *testing.T, c *graph.Checkpoint, s place.Shape, tokens int) {
	t.Helper()
	p, err := place.New(c.Model, s, tokens+3)
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewExact(t.Context(), p, c, machine.Default(machine.WSE3), sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := NewFast(p, c, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var ids []int
	for i := range tokens {
		id := (7*i + 3) % 320
		if i%2 == 1 {
			id = c.Model.Vocab - 1 - id // beyond 65,535 if the vocabulary is
		}
		ids = append(ids, id)
	}
	var want, got Step
	for i, id := range ids {
		if want, err = e.Step(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if got, err = f.Step(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		for j, v := range want.Logits {
			if got.Logits[j] != v {
				t.Fatalf("%s %+v position %d, logit %d: %g exactly, %g fast", c.Model.Name, s, i, j, v, got.Logits[j])
			}
		}
	}
	last := slices.Clone(want.Logits)
	for each := range p.Lot + 1 {
		e.Reset()
		if each > 0 {
			want, err = e.feed(t.Context(), ids, each)
		} else {
			want, err = e.Prompt(t.Context(), ids)
		}
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(want.Logits, last) || want.Pos != len(ids)-1 {
			t.Fatalf("%s %+v: a prompt in lots of %d gives other logits than steps", c.Model.Name, s, each)
		}
	}
	f.Reset()
	if got, err = f.Prompt(t.Context(), ids); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Logits, last) || got.Pos != len(ids)-1 {
		t.Fatalf("%s %+v: a prompt gives other logits than steps with the fast engine", c.Model.Name, s)
	}
	// What a prompt leaves behind is what steps would.
	if want, err = e.Step(t.Context(), ids[0]); err == nil {
		got, err = f.Step(t.Context(), ids[0])
	}
	if err != nil || !slices.Equal(want.Logits, got.Logits) {
		t.Fatalf("%s %+v: a step behind a prompt gives other logits (%v)", c.Model.Name, s, err)
	}
}

// A timing of few points bends where windows are full.
func TestTimingOfWindows(t *testing.T) {
	c, _ := llmtest.Tiny(t, graph.Gemma3)
	c.Model.Window = 48
	p, err := place.New(c.Model, place.Shape{Cols: 4, Table: 3, Rows: 3}, 120)
	if err != nil {
		t.Fatal(err)
	}
	m := machine.Default(machine.WSE3)
	timing, err := Measure(t.Context(), p, m, Slots(p, 2), sim.Options{}, true)
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewExact(t.Context(), p, c, m, sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, pos := range []int{24, 48, 84, 119} {
		e.Seek(pos)
		s, err := e.Step(t.Context(), 5)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := timing.At(p.Rows, pos)
		if d := float64(got)/float64(s.Cycles) - 1; d < -0.04 || d > 0.04 {
			t.Errorf("position %d: %d cycles, %d from %d points", pos, s.Cycles, got, len(timing.Points))
		}
	}
}

// Tokens that do not fit 16 bits.
func TestLargeVocabulary(t *testing.T) {
	wholeOnly(t)
	m := llmtest.TinyShape(graph.Gemma2)
	m.Vocab, m.Layers = 70_000, 1
	c, _ := llmtest.Open(t, m)
	sameBits(t, c, place.Shape{Cols: 4, Table: 32, Rows: 10}, 3)
}

// Gemma 3 270M in its default placement: 62,960 cores, 262,144 tokens.
func TestGemmaSameBits(t *testing.T) {
	if !llmtest.Long() {
		t.Skip("a part of the long suite, WAFER_LONG_TESTS=1")
	}
	c, err := graph.Open(llmtest.Model(t, llmtest.Gemma3))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	p, err := place.Choose(c.Model, machine.Default(machine.WSE3), shippedContext)
	if err != nil {
		t.Fatal(err)
	}
	sameBits(t, c, place.Shape{Cols: p.Cols, Table: p.Table, Rows: p.Rows, Limit: p.Limit, Lot: p.Lot}, 3)
}

// The embedded model in its default placement tells the same story both ways.
func TestEmbeddedSameBits(t *testing.T) {
	if !llmtest.Long() {
		t.Skip("a part of the long suite, WAFER_LONG_TESTS=1")
	}
	c, _ := ours(t)
	p, err := place.Choose(c.Model, machine.Default(machine.WSE3), shippedContext)
	if err != nil {
		t.Fatal(err)
	}
	sameBits(t, c, place.Shape{Cols: p.Cols, Table: p.Table, Rows: p.Rows, Lot: p.Lot}, 40)
}

// A second real model, whose inner width of 172 divides by 4 and 43 only.
func TestStoriesSameBits(t *testing.T) {
	wholeOnly(t)
	c, err := graph.Open(llmtest.Model(t, llmtest.Stories))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	sameBits(t, c, place.Shape{Cols: 8, Table: 5, Rows: 8}, 20)
}

// Two layers of each kind with zero weights tell how long all layers take with
// real ones.
func TestMeasureIsExact(t *testing.T) {
	wholeOnly(t)
	for _, f := range graph.Families() {
		t.Run(string(f), func(t *testing.T) { measureIsExact(t, f) })
	}
}

func measureIsExact(t *testing.T, family graph.Family) {
	c, _ := llmtest.Tiny(t, family) // three layers and more
	p, err := place.New(c.Model, place.Shape{Cols: 4, Table: 3, Rows: 5, Lot: 4}, 60)
	if err != nil {
		t.Fatal(err)
	}
	m := machine.Default(machine.WSE3)
	timing, err := Measure(t.Context(), p, m, Slots(p, 8), sim.Options{}, true)
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewExact(t.Context(), p, c, m, sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, pt := range timing.Points {
		e.pos = pt.Slot * p.Rows
		s, err := e.Step(t.Context(), 5)
		if err != nil {
			t.Fatal(err)
		}
		if s.Cycles != pt.Cycles {
			t.Errorf("slot %d: %d cycles, measured %d", pt.Slot, s.Cycles, pt.Cycles)
		}
	}
	e.pos = 17
	s, err := e.Step(t.Context(), 5)
	if err != nil {
		t.Fatal(err)
	}
	got, phases := timing.At(p.Rows, 17)
	if d := float64(got)/float64(s.Cycles) - 1; d < -0.02 || d > 0.02 {
		t.Errorf("position 17: %d cycles, %d between measurements", s.Cycles, got)
	}
	for _, n := range []int{2, 13, 40} {
		e.pos = 3
		if s, err = e.Prompt(t.Context(), make([]int, n)); err != nil {
			t.Fatal(err)
		}
		t.Logf("prompt of %d in lots of %d: %d, said %d (%.2f %%)", n, p.Each(n), s.Cycles, timing.Prompt(p, 3, n), 100*float64(timing.Prompt(p, 3, n))/float64(s.Cycles)-100)
		if said := timing.Prompt(p, 3, n); said < s.Cycles*97/100 || said > s.Cycles*103/100 {
			t.Errorf("a prompt of %d: %d cycles, %d from measurements", n, s.Cycles, said)
		} else if alone, _ := timing.At(p.Rows, 3); n > 2 && s.Cycles > int64(n)*alone/2 {
			t.Errorf("a prompt of %d takes %d cycles, one token alone %d: the layers do not work side by side", n, s.Cycles, alone)
		}
	}
	var sum int64
	for _, v := range phases {
		sum += v
	}
	if sum != got {
		t.Errorf("phases sum to %d of %d", sum, got)
	}
}
