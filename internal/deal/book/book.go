// Package book keeps both sides' books of one deal by quarter.
//
// In: a checked deal, its schedule and its equity. Out: the supplier's income
// statement in GAAP and core form with the bridge between them, the loan, the cash,
// remaining performance obligations, present values of both sides, and the journal
// in exact decimals.
//
// Rules, with their place in the codification:
//   - Warrants to a customer lower the transaction price (ASC 606-10-32-25): they
//     are contra-revenue, measured once at grant (ASC 718), never re-marked.
//   - contra of a quarter = grant value of the probable blocks × revenue so far over
//     expected revenue, less what was booked before (cumulative catch-up).
//   - A block that vests ahead of its revenue is an asset until it is used up.
//   - core revenue = GAAP revenue + warrant amortisation − pass-through.
package book

import (
	"math"

	"wafer/internal/deal/contract"
	"wafer/internal/deal/equity"
	"wafer/internal/deal/schedule"
)

// Book is the supplier's and customer's books. Every slice has one entry a quarter.
type Book struct {
	Deal     *contract.Deal
	Schedule *schedule.Schedule
	Equity   *equity.Equity

	Fees, Pass, Contra, GAAP, Core []float64
	CashCost, PassCost, Goods      []float64 // running cost, reimbursed cost, cost of hardware sold
	Dep                            map[string][]float64
	Life                           string // the policy life, used for GAAP
	GrossGAAP, GrossCore, EBIT     []float64
	EBITBefore                     []float64 // before warrants, as analysts show it
	Energy                         []float64 // memo: part of the cash cost

	WarrantAsset  []float64 // vested ahead of revenue
	WarrantBehind []float64 // recognised ahead of vesting
	Issued        []float64 // grant value of shares vested by the end of the quarter
	ASUOn         []bool

	Loan Loan
	Cash Cash
}

// Loan is the roll-forward of all loans to the supplier.
type Loan struct {
	Open, Draw, Interest, Waived, RepaidService, RepaidCash, PaidInterest, Close []float64
}

// Cash is the supplier's and the customer's cash.
type Cash struct {
	Collected, Prepaid, Capex, Opex, Tax, LoanIn, LoanOut, EquityBought, Free, Sum []float64
	Customer                                                                       []float64 // fees, loan and equity as the customer sees them
}

// Build keeps the books.
func Build(d *contract.Deal, s *schedule.Schedule, e *equity.Equity) *Book {
	b := &Book{Deal: d, Schedule: s, Equity: e, Fees: s.Fees, Pass: s.Pass, Dep: map[string][]float64{}}
	b.contra()
	b.revenue()
	b.costs()
	b.profit()
	b.loan()
	b.cash()
	return b
}

func (b *Book) row() []float64 { return make([]float64, len(b.Schedule.Quarters)) }

// asuDate is the first day of a calendar fiscal year after 15 Dec 2026, when
// ASU 2025-04 takes effect.
var asuDate = contract.Date{Year: 2027, Month: 1, Day: 1}.Time()

func (b *Book) asuOn(q schedule.Quarter) bool {
	switch b.Deal.Policy.ASU {
	case "on":
		return true
	case "off":
		return false
	}
	return q.T0 >= asuDate-1e-9
}

// recognised says whether a block counts in the transaction price in a quarter.
//
// Under ASU 2025-04 it counts when its performance conditions are probable. Before,
// the constraint on variable consideration applied: revenue may only be kept that
// will probably not be reversed, so a block counts unless vesting is improbable;
// and who chose to take forfeitures as they occur counts every block.
func (b *Book) recognised(k *equity.Block, q schedule.Quarter) bool {
	if q.T1 <= k.ProbableAt {
		return false
	}
	threshold := b.Deal.Policy.Threshold.Or(0.75)
	if b.asuOn(q) {
		return k.Likely >= threshold
	}
	if b.Deal.Policy.Forfeit == "as_they_occur" {
		return true
	}
	return k.Likely > 1-threshold
}

// contra spreads the grant value of recognised blocks over the expected revenue.
func (b *Book) contra() {
	b.Contra, b.WarrantAsset, b.WarrantBehind, b.Issued = b.row(), b.row(), b.row(), b.row()
	b.ASUOn = make([]bool, len(b.Schedule.Quarters))
	total := schedule.Sum(b.Fees)
	onSupplier := b.Deal.Issuer != nil && b.Deal.Issuer.Delivering
	earned, booked := 0.0, 0.0
	for i, q := range b.Schedule.Quarters {
		b.ASUOn[i] = b.asuOn(q)
		if !onSupplier || total == 0 {
			continue
		}
		earned += b.Fees[i]
		target := 0.0
		for j := range b.Equity.Blocks {
			k := &b.Equity.Blocks[j]
			if !k.Given() {
				continue
			}
			if b.recognised(k, q) {
				target += k.GrantTotal * (1 - k.Distinct) * earned / total
			}
			if k.Count > 0 {
				b.Issued[i] += k.GrantTotal * (1 - k.Distinct) * k.Calendar[i] / k.Count
			}
		}
		b.Contra[i] = target - booked
		booked = target
		b.WarrantAsset[i] = math.Max(b.Issued[i]-booked, 0)
		b.WarrantBehind[i] = math.Max(booked-b.Issued[i], 0)
	}
}

func (b *Book) revenue() {
	b.GAAP, b.Core = b.row(), b.row()
	for i := range b.GAAP {
		b.GAAP[i] = b.Fees[i] + b.Pass[i] - b.Contra[i]
		b.Core[i] = b.GAAP[i] + b.Contra[i] - b.Pass[i]
	}
}

// costs books running cost and, for each life, straight-line depreciation: a
// megawatt younger than L years costs capex/L a year.
func (b *Book) costs() {
	b.CashCost, b.PassCost, b.Goods, b.Energy = b.row(), b.row(), b.row(), b.row()
	c := b.Deal.Cost
	if c == nil {
		return
	}
	for i := range b.CashCost {
		b.CashCost[i] = b.Schedule.MWYears[i] * c.Cash.Or(0)
		b.PassCost[i] = b.Pass[i]
		if c.Includes {
			b.CashCost[i] -= b.Pass[i] // one cost, shown in its two parts
		}
		if b.Deal.Price.Basis == "hardware_sale" {
			b.Goods[i] = b.Fees[i] * (1 - c.GoodsMargin.Or(0))
		}
		const kWhPerMWYear = 8760 * 1000
		b.Energy[i] = b.Schedule.MWYears[i] * kWhPerMWYear * b.Deal.Capacity.PUE.Or(1) * c.Electricity.Or(0)
	}
	for _, l := range c.Lives {
		row := b.row()
		for i, q := range b.Schedule.Quarters {
			for _, co := range b.Schedule.Cohorts {
				row[i] += co.MWYears(q.T0, q.T1, l.Years.Base) * c.Capex.Or(0) / l.Years.Base
			}
		}
		b.Dep[l.ID] = row
		if l.ID == "policy" || b.Life == "" {
			b.Life = l.ID
		}
	}
}

func (b *Book) profit() {
	b.GrossGAAP, b.GrossCore, b.EBIT, b.EBITBefore = b.row(), b.row(), b.row(), b.row()
	dep := b.Dep[b.Life]
	if dep == nil {
		dep = b.row()
	}
	for i := range b.GAAP {
		cost := b.CashCost[i] + b.Goods[i] + dep[i]
		b.GrossGAAP[i] = b.GAAP[i] - cost - b.PassCost[i]
		b.GrossCore[i] = b.Core[i] - cost
		b.EBIT[i] = b.GrossGAAP[i]
		b.EBITBefore[i] = b.Fees[i] + b.Pass[i] - cost - b.PassCost[i]
	}
}

// RunRateMargin is the EBIT margin of a full year of service before warrants at a
// depreciation life, as analysts' contract tables show it.
func (b *Book) RunRateMargin(years float64) float64 {
	c := b.Deal.Cost
	gross, _ := schedule.PassRates(b.Deal)
	mw := schedule.Sum(b.Schedule.MWYears)
	if c == nil || mw == 0 || !c.Cash.Known || !c.Capex.Known {
		return math.NaN()
	}
	revenue := schedule.Sum(b.Fees)/mw + gross
	cash := c.Cash.Base
	if !c.Includes {
		cash += gross
	}
	return (revenue - cash - c.Capex.Base/years) / revenue
}
