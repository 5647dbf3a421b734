package host

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wafer/internal/diag"
	"wafer/internal/sim"
)

var ctx = context.Background()

func code(err error) diag.Code {
	f := new(Failure)
	if !errors.As(err, &f) {
		return ""
	}
	return f.Diags[0].Code
}

func count(n int) []uint32 {
	out := make([]uint32, n)
	for i := range out {
		out[i] = uint32(i) + 0x10000
	}
	return out
}

// The expected places come from numpy: A[h][w][l].ravel() and ravel(order="F").
func TestCopiesPutEveryElementWhereNumpySays(t *testing.T) {
	for _, c := range []struct {
		name string
		r    Region
		core [2]int // looked at
		want []uint32
	}{
		{"row major", Region{W: 3, H: 2, L: 2, Bits: 32}, [2]int{1, 1}, []uint32{8, 9}},
		{"column major", Region{W: 3, H: 2, L: 2, Bits: 32, Order: ColMajor}, [2]int{1, 1}, []uint32{3, 9}},
		{"region", Region{X: 1, Y: 1, W: 2, H: 1, L: 2, Bits: 32}, [2]int{2, 1}, []uint32{2, 3}},
		{"rows", Region{W: 3, H: 2, L: 2, Bits: 32, Spread: RowBcast}, [2]int{2, 1}, []uint32{2, 3}},
		{"rows, column major", Region{W: 3, H: 2, L: 2, Bits: 32, Spread: RowBcast, Order: ColMajor}, [2]int{2, 1}, []uint32{1, 3}},
		{"columns", Region{W: 3, H: 2, L: 2, Bits: 32, Spread: ColBcast}, [2]int{2, 1}, []uint32{4, 5}},
		{"columns, column major", Region{W: 3, H: 2, L: 2, Bits: 32, Spread: ColBcast, Order: ColMajor}, [2]int{2, 1}, []uint32{2, 5}},
		{"strided", Region{W: 3, H: 2, L: 2, Bits: 32, Spread: Strided, StrideX: 2, StrideY: 1}, [2]int{2, 1}, []uint32{6, 7}},
	} {
		h, f := newHost(3, 2, nil)
		if err := h.Call(ctx)(h.CopyIn(0, count(c.r.Len()), c.r)); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		mem := f.mem[c.core[1]*3+c.core[0]][dataA:]
		got := []uint32{uint32(mem[0]) | uint32(mem[1])<<16 - 0x10000, uint32(mem[2]) | uint32(mem[3])<<16 - 0x10000}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestCopiesComeBackInBothWidthsAndOrders(t *testing.T) {
	for _, bits := range []int{16, 32} {
		for _, order := range []Order{RowMajor, ColMajor} {
			r := Region{W: 3, H: 2, L: 3, Bits: bits, Order: order}
			h, f := newHost(3, 2, nil)
			src := count(r.Len())
			if err := h.Call(ctx)(h.CopyIn(0, src, r)); err != nil {
				t.Fatal(err)
			}
			dst := make([]uint32, r.Len())
			if err := h.Call(ctx)(h.CopyOut(dst, 0, r)); err != nil {
				t.Fatal(err)
			}
			if bits == 16 {
				for i := range src {
					src[i] &= 0xffff // the upper half of a container does not travel
				}
			}
			if diff := cmp.Diff(src, dst); diff != "" {
				t.Errorf("%d bits, order %d: %s", bits, order, diff)
			}
			if f.mem[0][dataA+3*bits/16] != 0 {
				t.Errorf("%d bits: a copy wrote beyond its elements", bits)
			}
		}
	}
}

func TestCopiesFollowThePointerAsItStands(t *testing.T) {
	h, f := newHost(1, 1, nil)
	f.mem[0][ptrA] = 2000 // the program has swapped its buffers
	if err := h.Call(ctx)(h.CopyIn(0, []uint32{7}, Region{W: 1, H: 1, L: 1, Bits: 32})); err != nil {
		t.Fatal(err)
	}
	if f.mem[0][2000] != 7 || f.mem[0][dataA] != 0 {
		t.Error("the copy went to the old target")
	}
	if err := h.Call(ctx)(h.CopyIn(2, []uint32{9}, Region{W: 1, H: 1, L: 1, Bits: 16})); err != nil {
		t.Fatal(err)
	}
	if f.mem[0][valueAt] != 9 {
		t.Error("a variable that is no pointer was taken for one")
	}
}

// A program that adds two inputs, taking them in turns, with no room in between.
func adder(f *fake) bool {
	a := stream{port: 0}
	b := stream{port: 1}
	if len(f.in[a]) == 0 || len(f.in[b]) == 0 {
		return false
	}
	x, _ := f.take(a)
	y, _ := f.take(b)
	out := stream{port: 2}
	f.out[out] = append(f.out[out], x+y)
	return true
}

func TestStreamsRunSideBySideAndStopDrains(t *testing.T) {
	h, _ := newHost(1, 1, adder)
	dst := make([]uint32, 3)
	for _, err := range []error{
		second(h.Send("in1", []uint32{1, 2, 3})),
		second(h.Send("in2", []uint32{10, 20, 30})),
		second(h.Receive("out", dst)),
		h.Stop(ctx),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]uint32{11, 22, 33}, dst); diff != "" {
		t.Error(diff)
	}
	if _, err := h.Send("in1", nil); code(err) != CodeStopped {
		t.Error(err)
	}
}

func second(_ *Task, err error) error { return err }

func TestABlockingSendReturnsWhenTheDeviceRests(t *testing.T) {
	h, _ := newHost(1, 1, adder)
	// Nothing can enter before in2 has data: the call must come back all the same.
	if err := h.Call(ctx)(h.Send("in1", []uint32{1, 2})); err != nil {
		t.Fatal(err)
	}
	if err := h.Call(ctx)(h.Send("in2", []uint32{1, 2})); err != nil {
		t.Fatal(err)
	}
	dst := make([]uint32, 2)
	if err := h.Call(ctx)(h.Receive("out", dst)); err != nil {
		t.Fatal(err)
	}
	if err := h.Stop(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestACopyWaitsForWaveletsInFlight(t *testing.T) {
	// The wavelets enter at once and take 1000 cycles to be added up.
	s := ramp(0, 0, 2)
	var queue []uint32
	delay := 1000
	h, _ := newHost(1, 1, func(f *fake) bool {
		if v, ok := f.take(s); ok {
			queue = append(queue, v)
			return true
		}
		if len(queue) == 0 {
			return false
		}
		if delay--; delay == 0 {
			for _, v := range queue {
				f.mem[0][valueAt] += uint16(v)
			}
			queue = nil
		}
		return true
	})
	if _, err := h.StreamIn(2, []uint32{1, 2, 3}, Region{W: 1, H: 1, L: 3, Bits: 32}); err != nil {
		t.Fatal(err)
	}
	dst := make([]uint32, 1)
	if err := h.Call(ctx)(h.CopyOut(dst, 2, Region{W: 1, H: 1, L: 1, Bits: 16})); err != nil {
		t.Fatal(err)
	}
	if dst[0] != 6 {
		t.Errorf("the copy saw %d before the program was at rest", dst[0])
	}
}

func TestALaunchWaitsForEveryCore(t *testing.T) {
	h, f := newHost(2, 2, func(f *fake) bool {
		if f.now%100 == 0 && f.pending > 0 {
			f.pending--
		}
		return f.pending > 0
	})
	if err := h.Call(ctx)(h.Launch("compute", []Arg{{Type: "i16", Int: -2}, {Type: "float", F: 1.5}})); err != nil {
		t.Fatal(err)
	}
	if len(f.started) != 4 || f.pending != 0 || f.now < 400 {
		t.Errorf("%d cores started, %d pending at cycle %d", len(f.started), f.pending, f.now)
	}
	want := []uint16{0xfffe, 0, 0x3fc0} // -2 as i16, 1.5 as f32
	if diff := cmp.Diff(want, f.started[3].args); diff != "" {
		t.Error(diff)
	}
}

func TestStreamStartsBesideALaunchThatNeedsIt(t *testing.T) {
	s := ramp(0, 0, 3)
	h, _ := newHost(1, 1, func(f *fake) bool {
		if _, ok := f.take(s); ok {
			f.pending = 0
			return true
		}
		return false
	})
	if _, err := h.Launch("go", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := h.StreamIn(3, []uint32{1}, Region{W: 1, H: 1, L: 1, Bits: 32}); err != nil {
		t.Fatal(err)
	}
	if err := h.Stop(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestDeadlocksAreExplained(t *testing.T) {
	one := Region{W: 1, H: 1, L: 1, Bits: 32}
	for _, c := range []struct {
		name string
		do   func(h *Host) error
		want string
	}{
		{"launch", func(h *Host) error { return h.Call(ctx)(h.Launch("go", nil)) }, `the launch of "go" is not done; 1 cores have not called unblock_cmd_stream`},
		{"receive", func(h *Host) error { return h.Call(ctx)(h.StreamOut(make([]uint32, 1), 4, one)) }, "the stream from colour 4 is not done"},
		{"stop", func(h *Host) error {
			if err := second(h.StreamIn(2, []uint32{1}, one)); err != nil {
				return err
			}
			return h.Stop(ctx)
		}, "the stream to colour 2 is not done"},
		{"copy behind a launch", func(h *Host) error {
			if err := second(h.Launch("go", nil)); err != nil {
				return err
			}
			return h.Call(ctx)(h.CopyOut(make([]uint32, 1), 0, one))
		}, `the launch of "go" is not done`},
	} {
		h, _ := newHost(1, 1, nil)
		err := c.do(h)
		if code(err) != CodeDeadlock || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "core (0,0) waits") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestMistakesOfTheCallerHaveCodes(t *testing.T) {
	one := Region{W: 1, H: 1, L: 1, Bits: 32}
	wide := Region{W: 3, H: 1, L: 1, Bits: 32}
	w := make([]uint32, 1)
	for _, c := range []struct {
		name string
		do   func(h *Host) error
		want diag.Code
	}{
		{"name", func(h *Host) error { _, err := h.ID("computes"); return err }, CodeNoSymbol},
		{"launch of a variable", func(h *Host) error { return second(h.Launch("A", nil)) }, CodeNotFunc},
		{"copy of a function", func(h *Host) error { return second(h.CopyIn(1, w, one)) }, CodeNotFunc},
		{"number of arguments", func(h *Host) error { return second(h.Launch("compute", nil)) }, CodeArgs},
		{"type of an argument", func(h *Host) error {
			return second(h.Launch("compute", []Arg{{Type: "f32"}, {Type: "f32"}}))
		}, CodeArgs},
		{"range of an argument", func(h *Host) error {
			return second(h.Launch("compute", []Arg{{Type: "int", Int: 40000}, {Type: "f32"}}))
		}, CodeArgs},
		{"region", func(h *Host) error { return second(h.CopyIn(0, make([]uint32, 3), wide)) }, CodeRegion},
		{"length", func(h *Host) error { return second(h.CopyIn(0, make([]uint32, 2), one)) }, CodeShape},
		{"immutable", func(h *Host) error { return second(h.CopyIn(3, w, one)) }, CodeReadOnly},
		{"stream", func(h *Host) error { return second(h.StreamIn(4, w, one)) }, CodeNoStream},
		{"port", func(h *Host) error { return second(h.Send("nowhere", w)) }, CodeNoStream},
		{"wrong way", func(h *Host) error { return second(h.Receive("in1", w)) }, CodeNoStream},
		{"symbol", func(h *Host) error { _, err := h.ReadSymbol(0, 0, "bug"); return err }, CodeNotHere},
		{"trace", func(h *Host) error { _, err := h.ReadTrace(0, 0, "times"); return err }, CodeTrace},
		{"memory", func(h *Host) error {
			r := Region{W: 1, H: 1, L: 20000, Bits: 32}
			return h.Call(ctx)(h.CopyOut(make([]uint32, 20000), 0, r))
		}, CodeMemory},
		{"core without the symbol", func(h *Host) error {
			h.im.Tiles[0].Program = -1
			return h.Call(ctx)(h.CopyOut(w, 0, one))
		}, CodeNotHere},
		{"no memcpy", func(h *Host) error {
			h.im.Memcpy = false
			return second(h.CopyOut(w, 0, one))
		}, CodeNotMemcpy},
	} {
		h, _ := newHost(1, 1, nil)
		if err := c.do(h); code(err) != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	h, _ := newHost(1, 1, nil)
	if _, err := h.ID("computes"); !strings.Contains(err.Error(), `did you mean "compute"?`) {
		t.Error(err)
	}
}

func TestFaultsAndLimitsEndAllCommands(t *testing.T) {
	h, f := newHost(1, 1, nil)
	h.dev = faulty{f}
	task, err := h.Launch("go", nil)
	if err != nil {
		t.Fatal(err)
	}
	err = h.Wait(ctx, task)
	if code(err) != CodeFault || !strings.Contains(err.Error(), "pe.csl:7") {
		t.Error(err)
	}
	if !task.Done() || task.Err() == nil {
		t.Error("the launch is still open")
	}
}

type faulty struct{ *fake }

func (faulty) Run(context.Context, sim.Until) sim.Stop {
	return sim.Stop{Reason: sim.Faulted, Faults: []sim.Fault{{Code: "M0001", Message: "divided by zero", Place: "pe.csl:7"}}}
}

func TestTraceRecordsReadBack(t *testing.T) {
	words := []uint16{
		0, 0,
		3<<8 | 1, 5, 0, 1, // timestamp
		3<<8 | 2, 3, 'a' | 'b'<<8, 'c', // "abc"
		1<<8 | 3, 1,
		1<<8 | 4, 65535,
		1<<8 | 5, 65535,
		2<<8 | 6, 0xffff, 0xffff,
		2<<8 | 7, 0xfffe, 0xffff,
		1<<8 | 8, 0x3e00, // 1.5
		2<<8 | 9, 0, 0x3fc0, // 1.5
		99, 99,
	}
	words[0] = uint16(len(words) - 4)
	got, err := DecodeTrace(words, "f16")
	if err != nil {
		t.Fatal(err)
	}
	want := []any{
		int64(5 + 1<<32), "abc", true, int64(65535), int64(-1), int64(math.MaxUint32), int64(-2), 1.5, 1.5,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzDecodeTrace(f *testing.F) {
	f.Add([]byte{3, 0, 0, 0, 2, 2, 1, 0, 65, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		words := make([]uint16, len(b)/2)
		for i := range words {
			words[i] = uint16(b[2*i]) | uint16(b[2*i+1])<<8
		}
		if _, err := DecodeTrace(words, "f16"); err != nil && code(err) != CodeTrace {
			t.Error(err)
		}
	})
}

func TestSimLogHasTheKnownForm(t *testing.T) {
	var b strings.Builder
	f := newFake(1, 1, nil)
	im := testImage(1, 1)
	h := New(im, f, Options{Log: NewSimLog(&b, im, "1.0", func() float64 { return 0.5 })})
	h.Run()
	f.prints = []sim.Print{{X: 0, Y: 0, Cycle: 467, Text: "hello"}}
	f.now = 999
	if err := h.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	want := `wafer 1.0, simulating wse3
elf out_0_0.elf from pe.csl
fabric 8 x 3, program rectangle 1 x 1 at 4,1
@467 PE(0,0): hello
@1000 simulation stopped by the host
0.500 seconds, 1000 cycles, 2000.0 cyc/sec, 2000.0 tile-cyc/sec
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}
