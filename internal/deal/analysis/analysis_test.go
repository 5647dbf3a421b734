package analysis

import (
	"context"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wafer/internal/deal/library"
)

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s = %v, want %v ± %v", what, got, want, tol)
	}
}

func run(t *testing.T, name string, o Options) *Result {
	t.Helper()
	d, err := library.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	if o.Paths == 0 {
		o.Paths = 4000
	}
	r, err := Run(context.Background(), d, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The golden values of the economics notes that the Cerebras deal reproduces.
func TestGoldenCerebras(t *testing.T) {
	r := run(t, "cerebras-openai", Options{})
	for _, c := range []struct {
		output    string
		want, tol float64
	}{
		{"warrants.count", 33_445_026, 0},
		{"warrants.at_grant", 2.743e9, 0.5e6},
		{"warrants.at_article", 5.184e9, 0.5e6},
		{"warrants.at_ipo", 6.187e9, 0.5e6},
		{"warrants.at_first_close", 10.404e9, 0.5e6},
		{"shares.warrant_percent_diluted", 0.1097, 0.00005},
		{"fees.with_pass_through", 27.6e9, 1e6},
		{"pass_through.total", 3.0e9, 1e6},
		{"rpo.share_24m", 0.22, 0.005},
		{"margin.deal_term", 0.338, 0.001},
		{"margin.policy", 0.511, 0.001},
		{"margin.economic", 0.554, 0.001},
		{"multiple.diluted_ipo_over_fy2025", 305 * 185 / 510.0, 1e-9},
	} {
		got, ok := r.Get(c.output)
		if !ok {
			t.Errorf("there is no output %s", c.output)
			continue
		}
		near(t, c.output, got, c.want, c.tol)
	}
	near(t, "options by TSM at $185", TreasuryStock(r.Deal.Issuer, 185)/1e6, 27.6, 0.05)
}

// $48B over $510M is 94.1; 15 times needs $3.2B.
func TestReverse(t *testing.T) {
	near(t, "trailing", 48/0.510, 94.1, 0.05)
	r := run(t, "cerebras-openai", Options{})
	for _, n := range Reverse(r, 15) {
		near(t, n.Value, n.Revenue*15, n.Amount, 1e-3)
	}
}

func TestPerShareDilutesProfitOnly(t *testing.T) {
	loss := PerShare(-140, 200, 10, 20, 5)
	profit := PerShare(140, 200, 10, 20, 5)
	near(t, "loss", loss.Diluted, loss.Basic, 0)
	near(t, "diluted shares", profit.DilutedShares, 235, 0)
}

// Same seed, same bytes: with 1, 2 or 7 workers.
func TestWorkersDoNotMatter(t *testing.T) {
	base := run(t, "cerebras-openai", Options{Seed: 7, Workers: 1})
	one, err := MonteCarlo(context.Background(), base, Options{Seed: 7, Workers: 1, FanPaths: 200})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []int{2, 7} {
		again := run(t, "cerebras-openai", Options{Seed: 7, Workers: w})
		for i := range base.Outputs {
			if a, b := base.Outputs[i].Value, again.Outputs[i].Value; a != b && !(math.IsNaN(a) && math.IsNaN(b)) {
				t.Errorf("%d workers: %s is %v, not %v", w, base.Outputs[i].Name, b, a)
			}
		}
		fan, err := MonteCarlo(context.Background(), base, Options{Seed: 7, Workers: w, FanPaths: 200})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(one, fan); d != "" {
			t.Errorf("%d workers change the fan: %s", w, d)
		}
	}
}

func TestTornadoIsSortedAndMoves(t *testing.T) {
	base := run(t, "cerebras-openai", Options{})
	bars, err := Tornado(context.Background(), base, SupplierNPV)
	if err != nil {
		t.Fatal(err)
	}
	if len(bars) < 6 {
		t.Fatalf("only %d bars", len(bars))
	}
	for i := 1; i < len(bars); i++ {
		if bars[i].Swing() > bars[i-1].Swing() {
			t.Errorf("bar %d is longer than the one above", i)
		}
	}
	for _, b := range bars {
		if b.Path == "price.fee" && b.High <= b.Low {
			t.Error("a higher fee must help the supplier")
		}
		if b.Path == "cost.capex" && b.High >= b.Low {
			t.Error("a higher capex must hurt the supplier")
		}
	}
}

func TestScenarioTakesTheOption(t *testing.T) {
	base := run(t, "cerebras-openai", Options{})
	opt := run(t, "cerebras-openai", Options{Scenario: "option"})
	a, _ := base.Get("capacity.peak")
	b, _ := opt.Get("capacity.peak")
	near(t, "base peak", a, 750, 1)
	if b <= a {
		t.Errorf("with the option the peak is %v, not above %v", b, a)
	}
	v, _ := opt.Get("contra.total")
	near(t, "all blocks count", v, 33_445_026*82.02, 1)
}
