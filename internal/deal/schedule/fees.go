package schedule

import (
	"fmt"
	"math"

	"wafer/internal/deal/contract"
	"wafer/internal/deal/system"
	"wafer/internal/units"
)

// fees fills Fees by the basis of the price. A deal that publishes no price but a
// total has the total spread over its capacity or, without capacity, over time.
func (s *Schedule) fees(d *contract.Deal) {
	s.Fees, s.Firm = s.row(), s.row()
	p := d.Price
	switch {
	case p.Basis == "hardware_sale" && p.Fee.Known:
		s.FeeBasis = "hardware sale: revenue when a megawatt is delivered"
		s.perDelivered(p)
	case p.Basis == "total" && p.Fee.Known:
		s.FeeBasis = "contract total in proportion to megawatt-years"
		s.spread(p.Fee.Base, d)
	case p.Basis != "" && p.Fee.Known:
		s.perMWYear(d)
	case d.Headline.Total.Known:
		s.FeeBasis = "announced total, spread: no price is public"
		s.spread(d.Headline.Total.Base, d)
	default:
		s.Why = append(s.Why, "no price and no total is public: no fees")
	}
}

func (s *Schedule) perMWYear(d *contract.Deal) {
	p := d.Price
	factor, how, err := PerMWYear(d)
	if err != nil {
		s.Why = append(s.Why, err.Error())
		return
	}
	s.FeeBasis = how
	paid := PaidShare(d)
	start := firstStart(s.Cohorts)
	for j, c := range s.Cohorts {
		credit := 1 - creditOf(d, c.ID)
		for i, q := range s.Quarters {
			fee := s.feeAt(p, q, start)
			s.earn(i, s.Tranches[j].Values[i]*fee*factor*paid*credit, c)
		}
	}
}

// feeAt applies volume steps and the escalator, which rises on each anniversary
// of the first service date.
func (s *Schedule) feeAt(p contract.Price, q Quarter, start float64) float64 {
	fee := p.Fee.Base
	made := s.DeliveredAt(q.T0, "")
	for _, st := range p.Steps {
		if made >= st.From.Base {
			fee = st.Fee.Base
		}
	}
	return fee * math.Pow(1+p.Escalator.Or(0), ContractYear(q.T0, start))
}

// ContractYear counts the anniversaries of start that lie at or before t.
func ContractYear(t, start float64) float64 {
	const edge = 1e-9
	return math.Max(math.Floor(t-start+edge), 0)
}

func firstStart(cs []Cohort) float64 {
	t := math.Inf(1)
	for _, c := range cs {
		t = math.Min(t, c.Start)
	}
	return t
}

func creditOf(d *contract.Deal, id string) float64 {
	for _, t := range d.Capacity.Tranches {
		if t.ID == id {
			return t.ServiceCredits.Or(0)
		}
	}
	return 0
}

// PaidShare is the share of a megawatt-year that is paid: what is up and used, at
// least the take-or-pay share of what is up.
func PaidShare(d *contract.Deal) float64 {
	up := d.Capacity.Availability.Or(1)
	return up * math.Max(d.Capacity.Utilisation.Or(1), d.Price.TakeOrPay.Or(0))
}

// PerMWYear gives the factor that turns the fee into dollars a megawatt-year.
func PerMWYear(d *contract.Deal) (factor float64, how string, err error) {
	p := d.Price
	if p.Basis == "mw_year" {
		return 1, "fee a megawatt-year of capacity in service", nil
	}
	sys, ok := system.Find(d, d.Capacity.Hardware)
	if !ok {
		return 0, "", fmt.Errorf("the system %q is not known: no fees from the basis %s", d.Capacity.Hardware, p.Basis)
	}
	perMW := 1 / sys.Power.Base
	switch p.Basis {
	case "system_month":
		return perMW * 12, "fee a system and month", nil
	case "gpu_hour":
		return perMW * float64(sys.Chips) * hoursPerYear, "fee a chip and hour", nil
	}
	if !sys.Speed.Known {
		return 0, "", fmt.Errorf("the system %q has no tok/s per MW yet: no fees from tokens", sys.ID)
	}
	return sys.Speed.Base * hoursPerYear * 3600 / 1e6, "fee a million tokens", nil
}

func (s *Schedule) perDelivered(p contract.Price) {
	for _, c := range s.Cohorts {
		for i, q := range s.Quarters {
			s.earn(i, c.Delivered(q.T0, q.T1)*s.feeAt(p, q, c.Start), c)
		}
	}
}

func (s *Schedule) spread(total float64, d *contract.Deal) {
	if all := Sum(s.MWYears); all > 0 {
		for j, c := range s.Cohorts {
			for i := range s.Fees {
				s.earn(i, total*s.Tranches[j].Values[i]/all, c)
			}
		}
		return
	}
	if !d.Headline.Years.Known {
		s.Why = append(s.Why, "the announced total has no duration: no fees by quarter")
		return
	}
	start := startOfHeadline(d)
	end := start + d.Headline.Years.Base
	for i, q := range s.Quarters {
		s.Fees[i] = total * math.Max(math.Min(q.T1, end)-math.Max(q.T0, start), 0) / (end - start)
		s.Firm[i] = s.Fees[i]
	}
}

// earn books a fee of a cohort. An option's fee is owed only once it is exercised.
func (s *Schedule) earn(i int, fee float64, c Cohort) {
	s.Fees[i] += fee
	if !c.Option {
		s.Firm[i] += fee
	}
}

// passThrough books reimbursed costs, capped where the contract caps them.
func (s *Schedule) passThrough(d *contract.Deal) {
	s.Pass, s.PassNet = s.row(), s.row()
	gross, net := PassRates(d)
	for i := range s.Quarters {
		s.Pass[i] = s.MWYears[i] * gross
		s.PassNet[i] = s.MWYears[i] * net
	}
}

// PassRates adds up the reimbursed costs a megawatt-year by treatment.
func PassRates(d *contract.Deal) (gross, net float64) {
	for _, p := range d.PassThrough {
		rate := math.Min(p.Rate.Or(0), p.Cap.Or(math.Inf(1)))
		if p.Treatment == "gross" {
			gross += rate
		} else {
			net += rate
		}
	}
	return gross, net
}

// BreakEvenPerMTok joins a machine to a contract: the price a million tokens at
// which a megawatt-year earns its cost.
func BreakEvenPerMTok(perMWYear float64, tokPerSecPerMW, utilisation float64) float64 {
	return perMWYear / (tokPerSecPerMW * hoursPerYear * 3600 / 1e6 * utilisation)
}

// IT converts a deal's megawatts to critical IT, for comparison across deals.
func IT(d *contract.Deal, mw float64, kind units.Kind) float64 {
	const itPerNameplate = 1.0 // ASSUMED(deal-nameplate): rated accelerator power is taken as critical IT
	return float64(units.ToIT(units.Quantity{Value: mw, Unit: units.Unit{Dim: units.Power, Kind: kind}}, d.Capacity.PUE.Or(1.2), itPerNameplate))
}
