package trace

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// sample writes one event of each kind on two cores.
func sample(w *Writer) {
	a, b := Core{0, 0}, Core{3, 1}
	w.Lane(a, 0, "main")
	w.Lane(b, 2, "ut 1")
	w.Complete(a, 0, "task compute", "task", 10, 1510, Int("id", 8), Text("file", `a "b"\`+"\n"))
	w.Complete(b, 2, "fmacs", "dsd", 1200, 1203, Float("rate", 0.5))
	w.Instant(b, 0, "fault", "", 1999)
	w.Counter(b, "queue", 2000, Int("q0", 3), Int("q1", 0), Float("mean", math.NaN()))
}

func TestEventsGolden(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out, Options{})
	sample(w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	golden(t, "events.json", out.Bytes())
}

// decoded is what a viewer would read.
type decoded struct {
	TraceEvents []struct {
		Ph, Name string
		Pid, Tid int
		Ts, Dur  float64
		Args     map[string]any
	}
}

func decode(t *testing.T, opt Options, fill func(*Writer)) decoded {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter(&out, opt)
	fill(w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var d decoded
	if err := json.Unmarshal(out.Bytes(), &d); err != nil {
		t.Fatalf("%v in\n%s", err, out.Bytes())
	}
	return d
}

func names(d decoded, phases string) string {
	var out []string
	for _, e := range d.TraceEvents {
		if strings.Contains(phases, e.Ph) {
			out = append(out, e.Name)
		}
	}
	return strings.Join(out, " ")
}

func TestFilters(t *testing.T) {
	for _, c := range []struct {
		opt  Options
		want string
	}{
		{Options{}, "task compute fmacs fault queue"},
		{Options{Cores: []Rect{{3, 1, 1, 1}}}, "fmacs fault queue"},
		{Options{Cores: []Rect{{0, 0, 2, 0}}}, "task compute"},
		{Options{From: 1204, To: 2000}, "task compute fault"},
		{Options{To: 1200}, "task compute"},
		{Options{Limit: 2}, "task compute fmacs"},
	} {
		d := decode(t, c.opt, sample)
		if got := names(d, "XiC"); got != c.want {
			t.Errorf("%+v: %q, want %q", c.opt, got, c.want)
		}
	}
	d := decode(t, Options{Limit: 2}, sample)
	last := d.TraceEvents[len(d.TraceEvents)-1]
	if last.Name != "dropped_events" || last.Args["count"] != 2.0 {
		t.Errorf("dropped events are not told: %+v", last)
	}
}

func TestTimes(t *testing.T) {
	one := func(w *Writer) { w.Complete(Core{}, 0, "x", "", 1_000_000_007, 1_000_002_007) }
	ev := decode(t, Options{}, one).TraceEvents
	if e := ev[len(ev)-1]; e.Ts != 1000000.007 || e.Dur != 2 {
		t.Errorf("cycles as ns: %+v", e)
	}
	ev = decode(t, Options{ClockHz: 1e9}, one).TraceEvents
	if e := ev[len(ev)-1]; math.Abs(e.Ts-1000000.007) > 1e-6 || e.Dur != 2 {
		t.Errorf("at 1 GHz: %+v", e)
	}
}

// TestManyEvents crosses the buffer many times: commas must stay right.
func TestManyEvents(t *testing.T) {
	d := decode(t, Options{}, func(w *Writer) {
		for i := range uint64(5000) {
			w.Complete(Core{int(i % 7), 0}, 0, "x", "c", i, i+1, Int("i", int64(i)))
		}
	})
	n := 0
	for _, e := range d.TraceEvents {
		if e.Ph == "X" {
			if e.Args["i"] != float64(n) {
				t.Fatalf("event %d is %v", n, e.Args)
			}
			n++
		}
	}
	if n != 5000 {
		t.Errorf("%d events", n)
	}
	if d := decode(t, Options{}, func(*Writer) {}); len(d.TraceEvents) != 0 {
		t.Error("an empty trace has events")
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestWriteErrors(t *testing.T) {
	w := NewWriter(broken{}, Options{})
	for i := range uint64(10_000) {
		w.Complete(Core{}, 0, "x", "c", i, i+1)
	}
	if err := w.Close(); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("close: %v", err)
	}
	if err := small().Write(broken{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("heat map: %v", err)
	}
}

func TestNoAllocationWhenFiltered(t *testing.T) {
	w := NewWriter(io.Discard, Options{Cores: []Rect{{100, 100, 1, 1}}})
	if n := testing.AllocsPerRun(100, func() {
		if w.Wants(Core{1, 1}, 5, 6) {
			t.Error("wanted")
		}
	}); n != 0 {
		t.Errorf("%g allocations", n)
	}
}

// small is a map with a gap, a cut-out of a larger wafer.
func small() HeatMap {
	h := HeatMap{Title: "Busy cycles <gemv> & co", Unit: "cycles", W: 6, H: 4, X0: 10, Y0: 20}
	for i := range h.W * h.H {
		h.Values = append(h.Values, float64(i*i)/4)
	}
	h.Values[8] = math.NaN()
	return h
}

// wafer is a map of a whole wafer, with a dead block.
func wafer() HeatMap {
	h := HeatMap{Title: "Wavelets per cycle, whole wafer", W: 755, H: 1170}
	for y := range h.H {
		for x := range h.W {
			v := math.Hypot(float64(x-377), float64(y-585)) / 700
			if x > 500 && x < 540 && y > 200 && y < 240 {
				v = math.NaN()
			}
			h.Values = append(h.Values, 1-min(v, 1))
		}
	}
	return h
}

func TestHeatMapGolden(t *testing.T) {
	var out bytes.Buffer
	if err := small().Write(&out); err != nil {
		t.Fatal(err)
	}
	golden(t, "heat_small.svg", out.Bytes())
	wellFormed(t, out.Bytes())
}

func TestHeatMapWholeWafer(t *testing.T) {
	var a, b bytes.Buffer
	h := wafer()
	if err := h.Write(&a); err != nil {
		t.Fatal(err)
	}
	if err := h.Write(&b); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("not the same bytes twice")
	}
	wellFormed(t, a.Bytes())
	if a.Len() > 300_000 {
		t.Errorf("%d bytes", a.Len())
	}
	for _, want := range []string{"755 × 1170 cores, a square is the mean of 2 × 2", "data:image/png", "no value"} {
		if !strings.Contains(a.String(), want) {
			t.Errorf("no %q", want)
		}
	}
}

func wellFormed(t *testing.T, svg []byte) {
	t.Helper()
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func TestReduce(t *testing.T) {
	h := HeatMap{W: 3, H: 3, Values: []float64{1, 2, 3, 4, math.NaN(), 6, 7, 8, 9}}
	if got := h.reduced(2).v; got[0] != 7.0/3 || got[1] != 4.5 || got[2] != 7.5 || got[3] != 9 {
		t.Errorf("mean %v", got)
	}
	h.Reduce = Max
	if got := h.reduced(2).v; got[0] != 4 || got[1] != 6 || got[2] != 8 || got[3] != 9 {
		t.Errorf("max %v", got)
	}
	if err := (HeatMap{W: 2, H: 2, Values: []float64{1}}).Write(io.Discard); err == nil {
		t.Error("a map with missing values is drawn")
	}
	for _, h := range []HeatMap{
		{W: 1, H: 1, Values: []float64{math.NaN()}},
		{W: 1, H: 2, Values: []float64{5, 5}},
		{W: 1, H: 2, Values: []float64{math.Inf(1), 0}},
	} {
		var out bytes.Buffer
		if err := h.Write(&out); err != nil || strings.Contains(out.String(), "NaN") || strings.Contains(out.String(), "Inf\"") {
			t.Errorf("%v: %v\n%s", h.Values, err, out.String())
		}
	}
}

func TestPaletteRises(t *testing.T) {
	last := -1.0
	for i, c := range palette() {
		l := toLab(c)[0]
		if l < last-0.004 { // rounding to 8 bits may step back a little
			t.Errorf("step %d is darker than the one before", i)
		}
		last = l
	}
	for i, c := range anchors() {
		if got := fromLab(toLab(c)); got != c {
			t.Errorf("anchor %d: %v comes back as %v", i, c, got)
		}
	}
}

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 1: "1", 1.5: "1.500", 1234.5: "1234", -0.25: "-0.250", 1e9: "1 G", 23010000: "23.01 M", 1e-5: "1e-05", 123456: "123456"} {
		if got := number(v); got != want {
			t.Errorf("%g: %s, want %s", v, got, want)
		}
	}
}
