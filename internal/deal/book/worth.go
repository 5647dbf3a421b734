package book

import (
	"math"

	"wafer/internal/deal/contract"
	"wafer/internal/deal/equity"
	"wafer/internal/deal/schedule"
)

// Worth is what the deal is worth to each side. Present values are at the start of
// the first quarter, with flows in the middle of theirs.
type Worth struct {
	Rate          float64
	PVFees        float64 // fees and pass-through
	PVMWYears     float64
	PVVolume      float64 // of what the fee counts
	PVWarrant     float64 // economic value of all blocks at the as-of date, discounted
	PVWarrantPaid float64 // grant-date value
	PVWaived      float64 // interest the customer does not ask for
	SupplierNPV   float64 // free cash less the warrants' economic cost
	SupplierCash  float64 // free cash alone
	IRR           float64 // of the free cash, NaN if it never changes sign
	PeakFunding   float64
	Payback       float64 // years from the start, +Inf if never
	CustomerNPV   float64 // avoided alternative less what is paid, plus warrants
	Alternative   float64 // PV of the same capacity at the market's price
	CreditLoss    float64 // expected loss of PVFees if the customer may default
	Headline      float64 // PVFees / PVVolume
	Effective     float64 // (PVFees + PVWaived − PVWarrant) / PVVolume
	EffectiveNom  float64 // the same undiscounted at grant value
	Residual      float64 // book value left at the end, policy life
}

// Discount gives the factor for the middle of quarter i.
func (b *Book) Discount(i int, rate float64) float64 {
	q := b.Schedule.Quarters
	return math.Pow(1+rate, -((q[i].T0+q[i].T1)/2 - q[0].T0))
}

func (b *Book) pv(row []float64, rate float64) float64 {
	sum := 0.0
	for i, v := range row {
		sum += v * b.Discount(i, rate)
	}
	return sum
}

// Rate is the deal's discount rate.
func (b *Book) Rate() float64 {
	if b.Deal.Cost == nil {
		return defaultRate
	}
	return b.Deal.Cost.Discount.Or(defaultRate)
}

// defaultRate is the middle of the project's range 8 / 12 / 18 %.
const defaultRate = 0.12

// Worth values the deal for both sides.
func (b *Book) Worth() Worth {
	w := Worth{Rate: b.Rate(), IRR: math.NaN(), Payback: math.Inf(1)}
	if len(b.Schedule.Quarters) == 0 {
		return w
	}
	r := w.Rate
	w.PVFees = b.pv(b.Fees, r) + b.pv(b.Pass, r)
	w.PVMWYears = b.pv(b.Schedule.MWYears, r)
	w.PVVolume = b.pv(b.Schedule.Volume, r)
	w.PVWaived = b.pv(b.Loan.Waived, r)
	start := b.Schedule.Quarters[0].T0
	w.PVWarrant = b.Equity.Total(func(k *equity.Block) float64 { return k.Today.Total }) *
		math.Pow(1+r, -math.Max(b.Equity.AsOf-start, 0))
	w.PVWarrantPaid = b.recognisedGrant()
	w.SupplierCash = b.pv(b.Cash.Free, r)
	w.SupplierNPV = w.SupplierCash
	if b.Deal.Issuer != nil && b.Deal.Issuer.Delivering {
		w.SupplierNPV -= w.PVWarrant
	}
	w.IRR = IRR(b.Cash.Free)
	w.PeakFunding, w.Payback = b.funding()
	b.customerSide(&w)
	if w.PVVolume > 0 {
		w.Headline = w.PVFees / w.PVVolume
		w.Effective = (w.PVFees + w.PVWaived - w.PVWarrant) / w.PVVolume
		w.EffectiveNom = (schedule.Sum(b.Fees) + schedule.Sum(b.Pass) - w.PVWarrantPaid) / schedule.Sum(b.Schedule.Volume)
	}
	if c := b.Deal.Cost; c != nil && b.Life != "" && b.Deal.Price.Basis != "hardware_sale" {
		w.Residual = schedule.Sum(b.Cash.Capex) - schedule.Sum(b.Dep[b.Life])
	}
	return w
}

// recognisedGrant is the grant value of the blocks in the transaction price.
func (b *Book) recognisedGrant() float64 { return schedule.Sum(b.Contra) }

func (b *Book) customerSide(w *Worth) {
	c := b.Deal.Customer
	if c == nil || !c.Market.Known {
		w.CustomerNPV = math.NaN()
		return
	}
	w.Alternative = w.PVMWYears * c.Market.Base
	w.CustomerNPV = w.Alternative + b.pv(b.Cash.Customer, w.Rate) + w.PVWarrant
	start := b.Schedule.Quarters[0].T0
	h, rec := c.Hazard.Or(0), c.Recovery.Or(0)
	for i, q := range b.Schedule.Quarters {
		lost := 1 - math.Exp(-h*((q.T0+q.T1)/2-start))
		w.CreditLoss += (b.Fees[i] + b.Pass[i]) * b.Discount(i, w.Rate) * lost * (1 - rec)
	}
}

// funding gives the deepest point of cumulative cash and when it turns positive
// for good, in years from the start.
func (b *Book) funding() (peak, payback float64) {
	payback = 0
	for i, v := range b.Cash.Sum {
		peak = math.Min(peak, v)
		if v < 0 {
			payback = math.Inf(1)
			continue
		}
		if math.IsInf(payback, 1) {
			payback = b.Schedule.Quarters[i].T1 - b.Schedule.Quarters[0].T0
		}
	}
	return -peak, payback
}

// IRR is the yearly rate at which quarterly flows are worth nothing, by bisection;
// NaN when they do not change sign.
func IRR(flows []float64) float64 {
	worth := func(q float64) float64 {
		sum := 0.0
		for i, v := range flows {
			sum += v * math.Pow(1+q, -float64(i))
		}
		return sum
	}
	lo, hi := -0.9, 10.0
	flo, fhi := worth(lo), worth(hi)
	if len(flows) == 0 || math.IsNaN(flo) || (flo > 0) == (fhi > 0) {
		return math.NaN()
	}
	for range 200 {
		mid := (lo + hi) / 2
		if v := worth(mid); (v > 0) == (flo > 0) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return math.Pow(1+(lo+hi)/2, 4) - 1
}

// Tax is what the equity takes of the profit, by the value that is put on it: the
// press divides today's value of everything by one deal's gross profit.
type Tax struct {
	ID, Title string
	Warrants  float64
	OfGross   float64 // over gross profit before warrants, policy life
	OfRevenue float64
}

// Taxes lists the equity's share of the profit under each valuation.
func (b *Book) Taxes() []Tax {
	gross := schedule.Sum(b.EBITBefore)
	revenue := schedule.Sum(b.Fees) + schedule.Sum(b.Pass)
	var out []Tax
	add := func(id, title string, v float64) {
		t := Tax{ID: id, Title: title, Warrants: v, OfGross: math.NaN(), OfRevenue: math.NaN()}
		if gross > 0 {
			t.OfGross = v / gross
		}
		if revenue > 0 {
			t.OfRevenue = v / revenue
		}
		out = append(out, t)
	}
	add("grant_all", "grant-date value, all blocks", b.Equity.Total(func(k *equity.Block) float64 { return k.GrantTotal }))
	add("grant_recognised", "grant-date value, recognised blocks", b.recognisedGrant())
	add("weighted", "today, weighted by probability", b.Equity.Total(func(k *equity.Block) float64 { return k.Today.Total }))
	if b.Deal.Issuer == nil {
		return out
	}
	count := b.Equity.Total(func(k *equity.Block) float64 { return k.Count })
	for _, m := range marksWithSpot(b.Deal) {
		add("spot_"+m.ID, "all blocks at "+m.Title, count*m.Price.Base)
	}
	return out
}

func marksWithSpot(d *contract.Deal) []contract.PriceMark {
	out := append([]contract.PriceMark{}, d.Issuer.Marks...)
	if d.Issuer.Spot.Known {
		out = append(out, contract.PriceMark{ID: "today", Title: "today's price", Price: d.Issuer.Spot, Date: d.Issuer.PricedOn})
	}
	return out
}
