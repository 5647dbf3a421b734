package analysis

import (
	"math"
	"testing"

	"wafer/internal/deal/bill"
	"wafer/internal/deal/schedule"
	"wafer/internal/deal/value"
	"wafer/internal/units"
)

// TestGoldenValues is the list of figures that the economics notes collect, each to
// the digits printed there, in one place. Where a built-in deal has the figure, it
// comes from the deal.
func TestGoldenValues(t *testing.T) {
	cerebras, coreweave := run(t, "cerebras-openai", Options{}), run(t, "coreweave-openai", Options{})
	out := func(r *Result, name string) float64 {
		v, ok := r.Get(name)
		if !ok {
			t.Errorf("there is no output %s", name)
		}
		return v
	}
	year := schedule.Cohort{Start: 27, MW: 750, Term: 3}
	cost, err := value.Calibrate(value.Margins{Revenue: 9.2, MW: 750, ShortLife: 3, Short: 0.338, LongLife: 6, Long: 0.554, Policy: 0.511})
	if err != nil {
		t.Fatal(err)
	}
	rubin, err := bill.FindBOM("VR200 NVL72")
	if err != nil {
		t.Fatal(err)
	}
	gb300, err := bill.FindBOM("GB300 NVL72")
	if err != nil {
		t.Fatal(err)
	}
	wse, b200 := units.SparseFLOPS{Value: 125e15, Kind: units.Sparse8}, units.SparseFLOPS{Value: 4.5e15, Kind: units.Sparse2}
	for _, c := range []struct {
		what      string
		got, want float64
		digits    float64 // half of the last digit printed
	}{
		{"750 MW for a year at $12M", year.MWYears(27, 28, 3) * 12, 9000, 1e-9},
		{"pass-through gap, $B", out(cerebras, "pass_through.total") / 1e9, 3.0, 0.05},
		{"warrant shares", out(cerebras, "warrants.count"), 33_445_026, 0},
		{"at grant, $B", out(cerebras, "warrants.grant_value") / 1e9, 2.743, 0.0005},
		{"at $155, $B", out(cerebras, "warrants.at_article") / 1e9, 5.184, 0.0005},
		{"at $185, $B", out(cerebras, "warrants.at_ipo") / 1e9, 6.187, 0.0005},
		{"at $311.07, $B", out(cerebras, "warrants.at_first_close") / 1e9, 10.404, 0.0005},
		{"of diluted shares, %", out(cerebras, "shares.warrant_percent_diluted") * 100, 10.97, 0.005},
		{"trailing multiple", 48e9 / cerebras.Deal.Issuer.Revenues[1].Amount.Base, 94.1, 0.05},
		{"revenue for 15 times, $B", 48.0 / 15, 3.2, 0.05},
		{"capex, $B", cost.Capex, 11.92, 0.005},
		{"cash cost, $B a year", cost.Cash, 2.12, 0.005},
		{"policy life, years", cost.PolicyLife, 5.00, 0.005},
		{"memory in a Vera Rubin rack, %", rubin.MemoryShare() * 100, 25.65, 0.005},
		{"memory in a GB300 rack, $k", gb300.Memory() / 1e3, 374, 0.5},
		{"of the customer's plan", 0.75 / 30, 1.0 / 40, 1e-12},
		{"24 months of the backlog, $B", 0.22 * cerebras.Deal.Reported[0].Value.Base / 1e9, 5.6, 0.05},
		{"transistors over a B200", 4.0e12 / 208e9, 19.2, 0.05},
		{"sparse over sparse", wse.Value / b200.Value, 27.8, 0.05},
		{"dense over dense", float64(wse.Dense() / b200.Dense()), 6.9, 0.05},
		{"CoreWeave's grant, M shares", out(coreweave, "warrants.count") / 1e6, 8.75, 0.005},
		{"options by treasury stock at $185, M", TreasuryStock(cerebras.Deal.Issuer, 185) / 1e6, 27.6, 0.05},
	} {
		near(t, c.what, c.got, c.want, c.digits+1e-9*math.Abs(c.want))
	}
}

// The hurdle table of section 4.5: rows are volatilities, columns hurdles.
func TestGoldenHurdles(t *testing.T) {
	for vol, row := range map[float64][5]float64{
		0.45: {154.17, 125.55, 101.87, 83.24, 68.66},
		0.55: {157.22, 136.85, 119.25, 104.55, 92.31},
		0.65: {159.31, 144.61, 131.58, 120.31, 110.56},
	} {
		for i, want := range row {
			h := value.Hurdle{Spot: 164.67, Level: [5]float64{200, 300, 400, 500, 600}[i], Rate: 0.037, Vol: vol, Years: 5}
			near(t, "hurdle", value.HurdleValue(h), want, 0.005)
		}
	}
}

// The bills of section 5.5: ten billion tokens a month.
func TestGoldenBills(t *testing.T) {
	models := []string{"DeepSeek V4-Pro", "DeepSeek V4-Flash", "Claude Opus 4.7", "GPT-5.5"}
	for _, c := range []struct {
		ratio, hit float64
		want       [4]float64
	}{
		{300, 0.894, [4]float64{521, 182, 10568, 10734}},
		{300, 0.95, [4]float64{280, 106, 8056, 8223}},
		{20, 0.90, [4]float64{860, 291, 20952, 23333}},
	} {
		for i, m := range models {
			p, ok := bill.FindPrice(m)
			if !ok {
				t.Fatal(m)
			}
			b, err := bill.Monthly(bill.Mix{Tokens: 10e9, Ratio: c.ratio, Hit: c.hit}, p)
			if err != nil {
				t.Fatal(err)
			}
			near(t, m, b.Total, c.want[i], 0.5)
		}
	}
}
