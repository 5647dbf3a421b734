package value

import "fmt"

// Margins are three published EBIT margins of one contract that differ only in
// the depreciation life of the hardware (economics.md 4.6).
type Margins struct {
	Revenue   float64 `json:"revenue"` // dollars a year
	MW        float64 `json:"mw"`
	ShortLife float64 `json:"short_life"` // years
	Short     float64 `json:"short"`      // EBIT margin at ShortLife, a fraction
	LongLife  float64 `json:"long_life"`
	Long      float64 `json:"long"`
	Policy    float64 `json:"policy"` // margin at the company's own life
}

// CostModel is what the margins imply.
type CostModel struct {
	Capex      float64 `json:"capex"`
	CapexPerMW float64 `json:"capex_per_mw"`
	Cash       float64 `json:"cash"` // cash cost a year
	CashPerMW  float64 `json:"cash_per_mw"`
	PolicyLife float64 `json:"policy_life"` // years
}

// Calibrate solves the two straight lines EBIT = revenue - cash - capex/life
// through the outer margins, then the life that the policy margin needs.
func Calibrate(m Margins) (CostModel, error) {
	spread := 1/m.ShortLife - 1/m.LongLife
	if !(spread > 0) || !(m.Revenue > 0) || !(m.MW > 0) {
		return CostModel{}, fmt.Errorf("calibrate: need revenue and MW above 0 and short life %g below long life %g", m.ShortLife, m.LongLife)
	}
	capex := (m.Long - m.Short) * m.Revenue / spread
	cash := m.Revenue*(1-m.Short) - capex/m.ShortLife
	charge := m.Revenue*(1-m.Policy) - cash
	if !(capex > 0) || !(charge > 0) {
		return CostModel{}, fmt.Errorf("calibrate: margins %g, %g, %g leave no depreciation: the longer life must have the higher margin", m.Short, m.Policy, m.Long)
	}
	return CostModel{
		Capex: capex, CapexPerMW: capex / m.MW,
		Cash: cash, CashPerMW: cash / m.MW,
		PolicyLife: capex / charge,
	}, nil
}
