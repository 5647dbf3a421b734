package validate

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"wafer/internal/host"
)

// TestQuick holds the machine to the published figures that are fast to check.
func TestQuick(t *testing.T) {
	rs, err := Run(context.Background(), Options{Quick: true, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rs {
		if r.Verdict == Fail || r.Reason != "" && r.Kind != Reserved {
			t.Errorf("%s: ours %v, published %v (%s): %s", r.ID, r.Ours, r.Published, r.Source, r.Reason)
		}
		if r.Verdict == Pass && beyond()[r.ID] != "" {
			t.Errorf("%s meets its figure (%v, published %v) and says why not", r.ID, r.Ours, r.Published)
		}
	}
}

// TestTables checks that rows say where they come from and can be told apart.
func TestTables(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range All() {
		switch {
		case seen[r.ID]:
			t.Errorf("%s is there twice", r.ID)
		case source(r.Source).Name == "":
			t.Errorf("%s: source %q is not in Sources", r.ID, r.Source)
		case r.Published <= 0 || r.Unit == "" || r.Profile == "" || r.What == "" || r.Group == "":
			t.Errorf("%s is incomplete: %+v", r.ID, r)
		case r.Kind != Reserved && (r.measure == nil || r.Tolerance <= 0):
			t.Errorf("%s is neither measured nor reserved", r.ID)
		case r.Kind == Reserved && (r.measure != nil || r.Required || r.Conditions == ""):
			t.Errorf("%s is reserved and needs a reason, no program", r.ID)
		}
		seen[r.ID] = true
	}
}

// TestAim holds collectives to 5 % of their formulas, broadcast to 10 %, or one cycle. A
// row that does not meet that is not required and says why; no other row may.
func TestAim(t *testing.T) {
	left := beyond()
	for _, r := range append(collectiveRows(), gridRows()...) {
		want := 0.05
		if strings.Contains(r.ID, "/broadcast/") {
			want = 0.10
		}
		if r.Tolerance != want || r.Slack != 1 {
			t.Errorf("%s allows %g or %g cycles", r.ID, r.Tolerance, r.Slack)
		}
		if r.Required != (r.Why == "") {
			t.Errorf("%s: required is %v, and why it is off: %q", r.ID, r.Required, r.Why)
		}
		delete(left, r.ID)
	}
	for id := range left {
		t.Errorf("%s is no row", id)
	}
}

// TestSums runs the programs of sums in sizes that the rows do not have, with groups
// that leave a rest, of one core, and of all, on one thread and on several.
func TestSums(t *testing.T) {
	for _, c := range []struct {
		file, params string
		w, h         int
	}{
		{"two_phase.csl", "width:7,words:9,group:3", 7, 1},
		{"two_phase.csl", "width:9,words:20,group:4", 9, 1},
		{"two_phase.csl", "width:5,words:3,group:1", 5, 1},
		{"two_phase.csl", "width:6,words:8,group:6", 6, 1},
		{"two_phase.csl", "width:3,words:1,group:2", 3, 1},
		{"two_phase.csl", "width:11,words:30,group:3", 11, 1},
		{"two_phase.csl", "width:12,words:40,group:4", 12, 1},
		{"two_phase.csl", "width:4,words:9,group:3", 4, 1},
		{"tree.csl", "width:8,words:1", 8, 1},
		{"star_word.csl", "width:5,words:1", 5, 1},
		{"star_word.csl", "width:6,words:1", 6, 1},
		{"star_word.csl", "width:2,words:1", 2, 1},
		{"star.csl", "width:2,words:7", 2, 1},
		{"star.csl", "width:12,words:4000", 12, 1},
		{"grid.csl", "width:3,height:5,words:11,snake:false", 3, 5},
		{"grid.csl", "width:3,height:4,words:2,snake:true", 3, 4},
		{"ring.csl", "width:6,words:24", 6, 1},
		{"ring.csl", "width:4,words:4", 4, 1},
	} {
		var spans [2]int64
		for i, workers := range []int{1, 3} {
			n, _ := strconv.Atoi(regexp.MustCompile(`words:(\d+)`).FindStringSubmatch(c.params)[1])
			out, err := measure(context.Background(), program{
				file: c.file, profile: "wse2", w: c.w, h: c.h, params: c.params, results: n, prepare: n, workers: workers,
			})
			if err != nil {
				t.Fatalf("%s, %s: %v", c.file, c.params, err)
			}
			first, step := sumOf(c.w, c.h)
			if err := ramp(out.result, first, step); err != nil || len(out.result) != n {
				t.Fatalf("%s, %s: %v", c.file, c.params, err)
			}
			spans[i] = out.span
		}
		if spans[0] != spans[1] {
			t.Errorf("%s, %s: %d cycles on one thread, %d on three", c.file, c.params, spans[0], spans[1])
		}
	}
}

// TestRing checks that all cores of a ring have the sum, not the first one alone.
func TestRing(t *testing.T) {
	const w, n = 6, 24
	p := program{file: "ring.csl", profile: "wse2", w: w, h: 1, params: "width:6,words:24", prepare: n}
	h, _, err := p.start(context.Background())
	if err == nil {
		_, err = p.launch(context.Background(), h)
	}
	if err != nil {
		t.Fatal(err)
	}
	words, err := copyOut(context.Background(), h, "result", host.Region{W: w, H: 1, L: n, Bits: 32})
	if err != nil {
		t.Fatal(err)
	}
	first, step := sumOf(w, 1)
	for x := range w {
		var got []float32
		for _, v := range words[x*n : (x+1)*n] {
			got = append(got, math.Float32frombits(v))
		}
		if err := ramp(got, first, step); err != nil {
			t.Errorf("core %d: %v", x, err)
		}
	}
}

// TestModels compares the formulas with figures worked out by hand from the
// paper's formula for 512 and 64 cores.
func TestModels(t *testing.T) {
	for _, c := range []struct {
		name  string
		model func(p, b float64) float64
		b     float64
		p512  float64
		p64   float64
	}{
		{"star", starModel, 1, 516, 68},
		{"star", starModel, 256, 130821, 16133},
		{"chain", chainModel, 1, 3067, 379},
		{"chain", chainModel, 4096, 7162, 4474},
		{"tree", treeModel, 64, 845, 414},
		{"tree", treeModel, 1024, 9261, 6174},
		{"two-phase", twoPhaseModel, 1, 729, 135},
		{"two-phase", twoPhaseModel, 1024, 2689, 2118},
		{"ring", ringModel, 64, 7280, 1006},
	} {
		for _, at := range []struct{ p, want float64 }{{512, c.p512}, {64, c.p64}} {
			if got := c.model(at.p, c.b); math.Abs(got-at.want) > 1 {
				t.Errorf("%s, %g cores, %g words: %.1f, by hand %g", c.name, at.p, c.b, got, at.want)
			}
		}
	}
}

func fixed(id string, published, ours float64, required bool) Row {
	return Row{
		ID: id, Group: "g", Published: published, Tolerance: 0.05, Required: required, Kind: Measured,
		measure: func(context.Context, *bench) (float64, error) { return ours, nil },
	}
}

func TestVerdicts(t *testing.T) {
	broken := fixed("e", 100, 0, true)
	broken.measure = func(context.Context, *bench) (float64, error) { return 0, errors.New("no core") }
	slack := fixed("s", 10, 13, true)
	slack.Slack = 3
	for _, c := range []struct {
		row  Row
		want Verdict
	}{
		{fixed("a", 100, 105, true), Pass},
		{fixed("b", 100, 94.9, true), Fail},
		{fixed("c", 100, 106, false), Miss},
		{slack, Pass},
		{broken, Fail},
		{Row{ID: "r", Kind: Reserved, Published: 1}, Skipped},
	} {
		if got := judge(context.Background(), newBench(), c.row); got.Verdict != c.want {
			t.Errorf("%s: %s, want %s", c.row.ID, got.Verdict, c.want)
		}
	}
}

// TestWorkers: the same figures in the same order for any number of workers.
func TestWorkers(t *testing.T) {
	var out [2]bytes.Buffer
	for i, n := range []int{1, 7} {
		rs, err := Run(context.Background(), Options{Quick: true, Workers: n, Filter: regexp.MustCompile(`^(row/tree/p8|op/wse3/|core/relay)`)})
		if err != nil {
			t.Fatal(err)
		}
		if err := PrintJSON(&out[i], rs, true); err != nil {
			t.Fatal(err)
		}
	}
	if out[0].String() != out[1].String() {
		t.Error("figures depend on the number of workers")
	}
	var list []map[string]any
	if err := json.Unmarshal(out[0].Bytes(), &list); err != nil || len(list) < 30 {
		t.Errorf("%d rows of JSON, %v", len(list), err)
	}
}

func TestDraw(t *testing.T) {
	rs, err := Run(context.Background(), Options{Quick: true, Filter: regexp.MustCompile(`^(row/chain|app/25)`)})
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range [][]Result{rs, nil} {
		var b strings.Builder
		if err := Draw(&b, list); err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(strings.NewReader(b.String()))
		for err == nil {
			_, err = d.Token()
		}
		if !errors.Is(err, io.EOF) {
			t.Errorf("the drawing of %d rows is not XML: %v", len(list), err)
		}
		err = nil
		if strings.Contains(b.String(), "NaN") || strings.Contains(b.String(), "Inf") {
			t.Error("a coordinate is not a number")
		}
	}
}

func TestCancel(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := Run(ctx, Options{Quick: true}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
