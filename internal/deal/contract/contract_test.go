package contract

import (
	"math"
	"testing"
	"time"

	"wafer/internal/units"
)

// Every day of sixty years goes to a time and back, times rise, and quarters and
// years have their lengths.
func TestDatesThereAndBack(t *testing.T) {
	last := math.Inf(-1)
	for day := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2060; day = day.AddDate(0, 0, 1) {
		d := Date{day.Year(), int(day.Month()), day.Day()}
		at := d.Time()
		if at <= last {
			t.Fatalf("%s is not after the day before", d)
		}
		last = at
		if back := DateOf(at); back != d {
			t.Fatalf("%s comes back as %s", d, back)
		}
		if d.Day == 1 && (d.Month-1)%3 == 0 && at*4 != math.Round(at*4) {
			t.Fatalf("%s does not begin a quarter: %v", d, at)
		}
	}
}

func TestInexactDates(t *testing.T) {
	for text, want := range map[string]Date{"2026-05-14": {2026, 5, 14}, "2026-05": {2026, 5, 0}, "2026": {2026, 0, 0}} {
		d, ok := ParseDate(text)
		if !ok || d != want || d.String() != text {
			t.Errorf("%q: %v, %v", text, d, ok)
		}
	}
	for _, bad := range []string{"", "2026-5-1", "14.05.2026", "2026-02-30", "1066"} {
		if d, ok := ParseDate(bad); ok {
			t.Errorf("%q is read as %v", bad, d)
		}
	}
}

// Quantiles against what the distributions are defined by.
func TestQuantiles(t *testing.T) {
	tri := Figure{Known: true, Low: 10, Base: 12, High: 18, Dist: Triangular}
	for i := 1; i < 100; i++ {
		u := float64(i) / 100
		x := tri.Quantile(u)
		p := (x - 10) * (x - 10) / (8 * 2)
		if x > 12 {
			p = 1 - (18-x)*(18-x)/(8*6)
		}
		if math.Abs(p-u) > 1e-12 {
			t.Errorf("triangular at %v gives %v, whose probability is %v", u, x, p)
		}
	}
	uni := Figure{Low: 2, Base: 3, High: 4, Dist: Uniform}
	norm := Figure{Low: 9, Base: 10, High: 11, Dist: Normal}
	logn := Figure{Low: 100 / math.E, Base: 100, High: 100 * math.E, Dist: Lognormal}
	for _, c := range []struct{ got, want float64 }{
		{uni.Quantile(0.25), 2.5},
		{norm.Quantile(0.5), 10},
		{norm.Quantile(0.8413447460685429), 11},
		{logn.Quantile(0.5), 100},
		{logn.Quantile(0.15865525393145707), 100 / math.E},
		{Figure{Base: 7}.Quantile(0.9), 7},
	} {
		if math.Abs(c.got-c.want) > 1e-9*c.want {
			t.Errorf("quantile %v, want %v", c.got, c.want)
		}
	}
}

func TestConditionKinds(t *testing.T) {
	leafs := Condition{And: []Condition{{Price: &PriceLeaf{}}, {EarlierOf: []Condition{{Fees: &FeesLeaf{}}, {Cap: &CapLeaf{}}}}}}
	if !leafs.HasMarket() || !leafs.HasPerformance() || leafs.Keys() != 1 {
		t.Error("a tree of a price, fees and a market cap has both kinds")
	}
	n := 0
	leafs.Walk(func(*Condition) { n++ })
	if n != 5 {
		t.Errorf("walked %d nodes, want 5", n)
	}
}

func TestLookupByPath(t *testing.T) {
	d := &Deal{Capacity: Capacity{Tranches: []Tranche{{ID: "t1", MW: Figure{Known: true, Base: 250, Path: "capacity.tranches.t1.mw"}}}}}
	v, tag, err := Lookup(d, "capacity.tranches.t1.mw")
	if err != nil || tag.Get("unit") != "mw" || v.Interface().(Figure).Base != 250 {
		t.Errorf("%v %v %v", v, tag, err)
	}
	if _, _, err := Lookup(d, "capacity.tranches.t2.mw"); err == nil {
		t.Error("a tranche that is not there is found")
	}
	if fs := Figures(d); len(fs) != 1 || fs[0].Base != 250 {
		t.Errorf("figures %v", fs)
	}
	if s := (Figure{Known: true, Base: 250, Unit: units.Unit{Dim: units.Power, Kind: units.CriticalIT}}).String(); s != "250 MW critical-IT" {
		t.Error(s)
	}
}
