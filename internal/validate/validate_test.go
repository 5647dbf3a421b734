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
	"strings"
	"testing"
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
