package value

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func simulate(t *testing.T, m Model, o Options) Result {
	t.Helper()
	r, err := Simulate(context.Background(), m, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// amdModel is the AMD-like warrant of economics.md 4.5 with one block.
func amdModel(vol float64, when Cond) Model {
	return Model{
		Price: Price{Spot: 164.67, Vol: vol, Rate: 0.037}, Years: 5,
		Blocks: []Block{{Name: "block", Shares: 1, When: when}},
	}
}

// within fails unless got is within three standard errors of want. slack allows
// for a reference that is itself an estimate or an approximation.
func within(t *testing.T, name string, got, se, want, slack float64) {
	t.Helper()
	if !(se >= 0) || math.Abs(got-want) > 3*se+slack {
		t.Errorf("%s: %.5f ± %.5f, want %.5f", name, got, se, want)
	}
}

func TestTouchAgainstClosedForm(t *testing.T) {
	for _, vol := range []float64{0.45, 0.55, 0.65} {
		for _, level := range []float64{200, 300, 400, 500, 600} {
			m := amdModel(vol, Cond{Kind: Touch, Level: level})
			m.StepsPerYear = 52 // a touch is watched between steps too: any number is exact
			h := amd(vol, level)
			name := fmt.Sprintf("vol %g level %g", vol, level)
			// Without the control variate too: it would hide an error of its own.
			for _, o := range []Options{{Paths: 4000}, {Paths: 4000, Plain: true}} {
				r := simulate(t, m, o).Blocks[0]
				within(t, name, r.PerShare, r.StdErr, HurdleValue(h), 0)
				o.Measure = RiskNeutral
				r = simulate(t, m, o).Blocks[0]
				within(t, name+" risk-neutral", r.PerShare, r.StdErr, HurdleValue(h), 0)
				within(t, name+" probability", r.Prob, r.ProbStdErr, HurdleProb(h), 0)
			}
		}
	}
}

// The independent simulation quoted in economics.md 4.5 and the closed form with
// the discrete-monitoring shift. The shift is an approximation, good to 0.1 here.
func TestDailyAndAverageHurdleGoldens(t *testing.T) {
	o := Options{Paths: 100_000, Seed: 1}
	daily := simulate(t, amdModel(0.55, Cond{Kind: Close, Level: 600}), o).Blocks[0]
	within(t, "daily, quoted", daily.PerShare, daily.StdErr, 91.37, 0.5)
	within(t, "daily, shifted closed form", daily.PerShare, daily.StdErr, 90.96, 0.1)
	average := simulate(t, amdModel(0.55, PriceAverage(600, 30)), o).Blocks[0]
	within(t, "30-day average, quoted", average.PerShare, average.StdErr, 84.25, 0.5)
	o.Measure = RiskNeutral
	for _, c := range []struct {
		when Cond
		want string
	}{
		{Cond{Kind: Touch, Level: 600}, "17.0"},
		{Cond{Kind: Close, Level: 600}, "16.4"}, // quoted 16.5 from a simulation without error bars; closed form 16.4
		{PriceAverage(600, 30), "13.7"},
	} {
		r := simulate(t, amdModel(0.55, c.when), o).Blocks[0]
		if got := fmt.Sprintf("%.1f", 100*r.Prob); got != c.want {
			t.Errorf("probability %s %%, want %s %%", got, c.want)
		}
	}
}

func TestDividendAndDriftAgainstClosedForm(t *testing.T) {
	m := amdModel(0.4, Cond{Kind: Touch, Level: 300})
	m.Price.Dividend, m.Price.Premium = 0.03, 0.08
	h := Hurdle{Spot: 164.67, Level: 300, Rate: 0.037, Dividend: 0.03, Vol: 0.4, Years: 5}
	for _, me := range []Measure{ShareMeasure, RiskNeutral} {
		r := simulate(t, m, Options{Paths: 20_000, Measure: me}).Blocks[0]
		// Vesting is noticed at the close, half a day late on average, which costs
		// half a day's dividend.
		within(t, me.String(), r.PerShare, r.StdErr, HurdleValue(h), 0.01)
	}
	r := simulate(t, m, Options{Paths: 20_000, Measure: RealWorld}).Blocks[0]
	within(t, "real world", r.Prob, r.ProbStdErr, HurdleProbDrift(h, 0.037+0.08-0.03), 0)
	if r.PerShare != 0 {
		t.Error("a real-world run must not give a price")
	}
}

// Delivery alone, correlated with the price: under the share measure the clock
// drifts, which the closed form knows and the engine must find.
func TestDeliveryAgainstClosedForm(t *testing.T) {
	for _, corr := range []float64{-0.6, 0, 0.6} {
		m := amdModel(0.55, QuantityReached("mw", 750))
		m.Years, m.Price.Premium = 4, 0.06
		m.Clock = Clock{Vol: 0.5, Corr: corr}
		m.Quantities = []Quantity{{Name: "mw", Ramps: []Ramp{{Start: 2, End: 3, Amount: 750}}}}
		for _, me := range []Measure{ShareMeasure, RiskNeutral, RealWorld} {
			r := simulate(t, m, Options{Paths: 20_000, Measure: me}).Blocks[0]
			// The clock is read once a day, which is a discrete barrier.
			shifted := 3 + discreteShift*0.5/math.Sqrt(252)
			want := DeliveredBy(m.Price, m.Clock, me, shifted, 4)
			within(t, fmt.Sprintf("%v corr %g", me, corr), r.Prob, r.ProbStdErr, want, 0.002)
			if me != RealWorld {
				value := DeliveryWarrant(m.Price, m.Clock, shifted, 4)
				within(t, fmt.Sprintf("value %v corr %g", me, corr), r.PerShare, r.StdErr, value, 0.3)
			}
		}
	}
}

// Independent conditions multiply, and "or" follows from "and".
func TestTreesAgainstClosedForm(t *testing.T) {
	touch, mw := Cond{Kind: Touch, Level: 300}, QuantityReached("mw", 1)
	m := amdModel(0.55, AllOf(touch, mw))
	m.Clock = Clock{Vol: 0.8}
	m.Quantities = []Quantity{{Name: "mw", Ramps: []Ramp{{Start: 4, Amount: 1}}}}
	hit := HurdleValue(amd(0.55, 300)) / 164.67
	done := DeliveredBy(m.Price, m.Clock, ShareMeasure, 4+discreteShift*0.8/math.Sqrt(252), 5)
	r := simulate(t, m, Options{Paths: 40_000}).Blocks[0]
	within(t, "and", r.Prob, r.ProbStdErr, hit*done, 0.002)
	m.Blocks[0].When = AnyOf(touch, mw)
	r = simulate(t, m, Options{Paths: 40_000}).Blocks[0]
	within(t, "or", r.Prob, r.ProbStdErr, hit+done-hit*done, 0.002)
}

func TestEventsAgainstClosedForm(t *testing.T) {
	m := amdModel(0.55, Cond{Kind: Date, Level: 3})
	m.Events = []Event{{Name: "default", Hazard: 0.2}, {Name: "takeover", At: 1, Chance: 0.25}}
	m.Blocks[0].ForfeitOn = []string{"default"}
	r := simulate(t, m, Options{Paths: 40_000}).Blocks[0]
	within(t, "survives to vest", r.Prob, r.ProbStdErr, math.Exp(-0.6), 0)
	within(t, "value", r.PerShare, r.StdErr, 164.67*math.Exp(-0.6), 0)
	m.Blocks[0].VestOn = []string{"takeover"}
	r = simulate(t, m, Options{Paths: 40_000}).Blocks[0]
	want := 0.25*math.Exp(-0.2) + 0.75*math.Exp(-0.6)
	within(t, "accelerated", r.Prob, r.ProbStdErr, want, 0.001)
}

func TestStrikeAgainstBlackScholes(t *testing.T) {
	m := amdModel(0.55, Cond{Kind: Date, Level: 2})
	m.Blocks[0].Strike, m.Blocks[0].ExerciseBy = 150, 5
	want := BlackScholes(Option{Spot: 164.67, Strike: 150, Rate: 0.037, Vol: 0.55, Years: 5})
	for _, me := range []Measure{ShareMeasure, RiskNeutral} {
		// A call that may be exercised from year 2 to 5 on a share without dividend
		// is the five-year call.
		r := simulate(t, m, Options{Paths: 20_000, Measure: me}).Blocks[0]
		within(t, me.String(), r.PerShare, r.StdErr, want, 0)
	}
}

// Equity of 100 shares, 25 penny shares vest for sure: each share is worth four
// fifths, and the holders' gain is the others' loss.
func TestDilutionOfEquity(t *testing.T) {
	m := amdModel(0.55, Cond{Kind: Date, Level: 1})
	m.Shares = Shares{Basic: 100, Dilution: EquityGiven}
	m.Blocks[0].Shares = 25
	for _, me := range []Measure{ShareMeasure, RiskNeutral} {
		r := simulate(t, m, Options{Paths: 10_000, Measure: me})
		within(t, me.String(), r.Value, r.StdErr, 25*164.67*100/125, 1e-9)
	}
}

// A market-cap hurdle is a price hurdle at cap ÷ shares, and earlier vesting
// lowers it from the next day on.
func TestMarketCapHurdle(t *testing.T) {
	capped := Cond{Kind: MarketCap, Level: 30_000, Window: 30}
	m := amdModel(0.55, capped)
	m.Shares = Shares{Basic: 100}
	o := Options{Paths: 20_000, Plain: true} // the controls differ, the paths do not
	alone := simulate(t, m, o)
	m.Blocks[0].When = PriceAverage(300, 30)
	if price := simulate(t, m, o); math.Abs(price.Value-alone.Value) > 1e-9 {
		t.Errorf("cap hurdle %g, price hurdle %g", alone.Value, price.Value)
	}
	m.Blocks[0].When = capped
	m.Blocks = append(m.Blocks, Block{Name: "at signing", Shares: 50, When: Cond{Kind: Always}})
	diluted := simulate(t, m, o).Blocks[0]
	m.Blocks = m.Blocks[:1]
	m.Blocks[0].When = PriceAverage(200, 30) // 30,000 / 150, but for the first day
	want := simulate(t, m, o).Blocks[0]
	if math.Abs(diluted.PerShare-want.PerShare) > 1e-9 {
		t.Errorf("with 50 vested shares %g, want %g", diluted.PerShare, want.PerShare)
	}
}

func TestFeesReachTheirDay(t *testing.T) {
	m := amdModel(0.3, QuantityReached("fees", 3e9))
	m.Quantities = []Quantity{
		{Name: "mw", Ramps: []Ramp{{Start: 1, End: 1, Amount: 250}}},
		{Name: "fees", PerYear: 12e6, Ramps: []Ramp{{Start: 1, End: 1, Amount: 250}}},
	}
	r := simulate(t, m, Options{Paths: 100}).Blocks[0]
	// 250 MW × $12M = $3B a year, from year 1: paid by year 2.
	if math.Abs(r.MeanVestYears-2) > 1.0/252 || r.Prob != 1 {
		t.Errorf("fees paid after %g years with probability %g", r.MeanVestYears, r.Prob)
	}
	m.Blocks = ProRata(Block{Name: "b", Shares: 10, When: Cond{Kind: Always}}, "mw", 0, 250, 5)
	if r := simulate(t, m, Options{Paths: 100}); len(r.Blocks) != 5 || r.Blocks[4].MeanVestYears != 1 || r.Blocks[0].Shares != 2 {
		t.Errorf("pro rata: %+v", r.Blocks)
	}
}

// richModel uses every part of the engine at once.
func richModel() Model {
	m := amdModel(0.55, PriceAverage(300, 30))
	m.Shares = Shares{Basic: 215e6, Diluted: 305e6}
	m.Clock = Clock{Pace: 0.9, Vol: 0.4, Corr: 0.3}
	m.Quantities = []Quantity{
		{Name: "mw", Ramps: []Ramp{{Start: 0.5, End: 1, Amount: 250, Delay: Delay{0, 0.25, 1}}, {Start: 1.5, End: 2, Amount: 250, Delay: Delay{0, 0.25, 1}}, {Start: 2.5, End: 3, Amount: 250}}},
		{Name: "fees", PerYear: 12e6, Ramps: []Ramp{{Start: 0.5, End: 1, Amount: 250}}},
	}
	m.DelayShare = 0.5
	m.Events = []Event{{Name: "end", Hazard: 0.05}, {Name: "takeover", Hazard: 0.02, Chance: 0.5, At: 0.5}}
	m.Blocks = []Block{
		{Name: "loan", Shares: 4459337, When: Cond{Kind: Always}},
		{Name: "cap or fees", Shares: 5574171, When: AnyOf(Cond{Kind: MarketCap, Level: 40e9, Window: 30}, QuantityReached("fees", 3e9)), ForfeitOn: []string{"end"}},
		{Name: "touch", Shares: 1e6, Strike: 20, When: Cond{Kind: Touch, Level: 400}, VestBy: 4, VestOn: []string{"takeover"}},
		{Name: "run", Shares: 1e6, When: AllOf(Cond{Kind: Run, Level: 250, Window: 20}, Cond{Kind: Date, Level: 1}, Cond{Kind: Happened, Name: "takeover"})},
	}
	m.Blocks = append(m.Blocks, ProRata(Block{Name: "committed", Shares: 8.78e6, When: Cond{Kind: Always}, ForfeitOn: []string{"end"}}, "mw", 0, 750, 3)...)
	return m
}

func TestWorkersDoNotMatter(t *testing.T) {
	m := richModel()
	for _, me := range []Measure{ShareMeasure, RealWorld} {
		want := simulate(t, m, Options{Paths: 5000, Seed: 9, Workers: 1, Measure: me})
		for _, w := range []int{2, 7} {
			got := simulate(t, m, Options{Paths: 5000, Seed: 9, Workers: w, Measure: me})
			if d := cmp.Diff(want, got, cmp.AllowUnexported(Result{})); d != "" {
				t.Errorf("%d workers: %s", w, d)
			}
		}
		other := simulate(t, m, Options{Paths: 5000, Seed: 10, Workers: 1, Measure: me})
		if cmp.Equal(want, other, cmpopts.IgnoreUnexported(Result{})) {
			t.Error("the seed changes nothing")
		}
	}
}

// Few paths still get an honest error for the sum of blocks, and a block that no
// path reaches gets a bound.
func TestFewPaths(t *testing.T) {
	m := richModel()
	m.Blocks = append(m.Blocks, Block{Name: "far", Shares: 1e6, When: AllOf(QuantityReached("mw", 750), Cond{Kind: Date, Level: 0.1}), VestBy: 0.1})
	r := simulate(t, m, Options{Paths: 200})
	far := r.Blocks[len(r.Blocks)-1]
	if far.Prob != 0 || far.ProbAtMost != 3.0/200 {
		t.Errorf("%+v", far)
	}
	big := simulate(t, m, Options{Paths: 40_000, Seed: 5})
	if !(r.StdErr > 0) || big.Blocks[0].ProbAtMost != 0 {
		t.Errorf("error %g", r.StdErr)
	}
	within(t, "200 paths", r.Value, r.StdErr, big.Value, 0)
}

func TestPathLoopDoesNotAllocate(t *testing.T) {
	p := newPlan(richModel(), ShareMeasure)
	s := newScratch(p)
	n := testing.AllocsPerRun(5, func() { p.runBatch(s, 1, 0, 50) })
	if n > 2 { // the tally itself
		t.Errorf("%g allocations in a batch of 50 pairs", n)
	}
}

// The control variate must pay, must not bias, and the reported error must be
// what repeated runs really scatter by.
func TestStandardErrorIsHonest(t *testing.T) {
	m := amdModel(0.55, PriceAverage(600, 30))
	m.StepsPerYear = 52
	m.Blocks[0].When.Window = 6
	const runs = 60
	for _, plain := range []bool{false, true} {
		mean, square, se := 0.0, 0.0, 0.0
		for seed := range runs {
			r := simulate(t, m, Options{Paths: 2000, Seed: uint64(seed), Plain: plain}).Blocks[0]
			mean += r.PerShare / runs
			square += r.PerShare * r.PerShare / runs
			se += r.StdErr / runs
		}
		scatter := math.Sqrt((square - mean*mean) * runs / (runs - 1))
		if ratio := scatter / se; ratio < 0.7 || ratio > 1.35 {
			t.Errorf("plain %v: runs scatter by %.3f, reported %.3f", plain, scatter, se)
		}
	}
	r := simulate(t, m, Options{Paths: 20_000}).Blocks[0]
	if r.Gain < 3 {
		t.Errorf("variance reduction only %.1f", r.Gain)
	}
}

func TestSensitivitiesAgainstClosedForm(t *testing.T) {
	m := amdModel(0.55, Cond{Kind: Touch, Level: 600})
	list, err := Sensitivities(context.Background(), m, Options{Paths: 40_000})
	if err != nil {
		t.Fatal(err)
	}
	at := func(spot, vol, rate float64) float64 {
		return HurdleValue(Hurdle{Spot: spot, Level: 600, Rate: rate, Vol: vol, Years: 5})
	}
	want := map[string]float64{
		"price.spot": (at(164.67*1.02, .55, .037) - at(164.67*0.98, .55, .037)) / (2 * 164.67 * 0.02),
		"price.vol":  (at(164.67, .56, .037) - at(164.67, .54, .037)) / 0.02,
		"price.rate": (at(164.67, .55, .042) - at(164.67, .55, .032)) / 0.01,
	}
	if len(list) != len(want) {
		t.Errorf("%d sensitivities, want %d", len(list), len(want))
	}
	for _, s := range list {
		within(t, s.Input, s.Derivative, s.StdErr, want[s.Input], 0)
		if s.StdErr > 0.1*math.Abs(s.Derivative) {
			t.Errorf("%s: noise %.3f on %.3f", s.Input, s.StdErr, s.Derivative)
		}
	}
}

func TestEvaluateGivesAllMeasures(t *testing.T) {
	m := richModel()
	v, err := Evaluate(context.Background(), m, Options{Paths: 4000})
	if err != nil {
		t.Fatal(err)
	}
	if v.RealWorld.Blocks[1].Prob != v.RiskNeutral.Blocks[1].Prob || v.RealWorld.Measure != "real-world" {
		t.Error("without a premium the measures agree")
	}
	m.Price.Premium = 0.1
	w, err := Evaluate(context.Background(), m, Options{Paths: 4000})
	if err != nil {
		t.Fatal(err)
	}
	if !(w.RealWorld.Blocks[1].Prob > v.RealWorld.Blocks[1].Prob) {
		t.Error("a premium must raise the chance of a price hurdle")
	}
	for _, b := range v.Share.Blocks {
		sum := 0.0
		for _, q := range b.Calendar {
			sum += q
		}
		if math.Abs(sum-b.Prob) > 0.02 {
			t.Errorf("%s: calendar sums to %g, probability %g", b.Name, sum, b.Prob)
		}
	}
}

func TestValidateNamesTheField(t *testing.T) {
	for want, spoil := range map[string]func(*Model){
		"price.spot":               func(m *Model) { m.Price.Spot = math.NaN() },
		"price.vol":                func(m *Model) { m.Price.Vol = 55 },
		"price.rate":               func(m *Model) { m.Price.Rate = 3.7 },
		"clock.corr":               func(m *Model) { m.Clock.Corr = 2 },
		"years":                    func(m *Model) { m.Years = 1825 },
		"no quantity is called":    func(m *Model) { m.Blocks[0].When = QuantityReached("MW", 1) },
		"no event is called":       func(m *Model) { m.Blocks[0].ForfeitOn = []string{"x"} },
		"needs shares.basic":       func(m *Model) { m.Blocks[0].When = Cond{Kind: MarketCap, Level: 1}; m.Shares = Shares{} },
		"needs at least one part":  func(m *Model) { m.Blocks[0].When = AllOf() },
		"hurdle must be above 0":   func(m *Model) { m.Blocks[0].When = PriceAverage(0, 30) },
		"name \"mw\" must be":      func(m *Model) { m.Quantities = append(m.Quantities, Quantity{Name: "mw"}) },
		"delay needs low":          func(m *Model) { m.Quantities[0].Ramps[0].Delay = Delay{1, 0, 2} },
		"deeper than":              func(m *Model) { m.Blocks[0].When = deep(100) },
		"hazard -1":                func(m *Model) { m.Events[0].Hazard = -1 },
		"0 blocks":                 func(m *Model) { m.Blocks = nil },
		"a path must have between": func(m *Model) { m.StepsPerYear = 1_000_000 },
	} {
		m := richModel()
		spoil(&m)
		_, err := Simulate(context.Background(), m, Options{Paths: 2})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	if _, err := Simulate(context.Background(), richModel(), Options{Paths: -1}); err == nil {
		t.Error("negative paths were accepted")
	}
}

func deep(n int) Cond {
	c := Cond{Kind: Always}
	for range n {
		c = AllOf(c)
	}
	return c
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	calls := 0
	_, err := Simulate(ctx, richModel(), Options{Paths: 1 << 20, Workers: 1, Progress: func(done, total int) {
		if calls++; calls == 2 {
			cancel()
		}
	}})
	if err == nil || calls != 2 {
		t.Errorf("err %v after %d batches", err, calls)
	}
}
