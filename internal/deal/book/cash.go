package book

import (
	"math"

	"wafer/internal/deal/contract"
	"wafer/internal/deal/schedule"
)

// loan rolls the loans forward. Instalments are equal and quarterly. Repaid in
// service, an instalment is set off against fees and its interest is waived, so
// the customer has lent free of charge: a part of the price.
func (b *Book) loan() {
	l := &b.Loan
	l.Open, l.Draw, l.Interest, l.Waived = b.row(), b.row(), b.row(), b.row()
	l.RepaidService, l.RepaidCash, l.PaidInterest, l.Close = b.row(), b.row(), b.row(), b.row()
	for i := range b.Deal.Finance.Loans {
		b.addLoan(&b.Deal.Finance.Loans[i])
	}
}

func (b *Book) addLoan(l *contract.Loan) {
	from := l.RepayFrom.Time()
	for _, c := range b.Schedule.Cohorts {
		if c.ID == l.AfterTranche {
			from = c.Full()
		}
	}
	balance, n := 0.0, math.Max(math.Round(l.RepayOver.Base*4), 1)
	instalment := l.Principal.Base / n
	r := &b.Loan
	for i, q := range b.Schedule.Quarters {
		r.Open[i] += balance
		interest := balance * l.Rate.Base / 4
		if drawn := l.Drawn.Time(); drawn >= q.T0 && drawn < q.T1 {
			r.Draw[i] += l.Principal.Base
			balance += l.Principal.Base
			interest += l.Principal.Base * l.Rate.Base * (q.T1 - drawn)
		}
		repay := 0.0
		const edge = 1e-9
		if q.T1 > from+edge {
			repay = math.Min(instalment, balance)
		}
		r.Interest[i] += interest
		if l.RepayIn == "service" {
			repay = math.Min(repay, b.Fees[i])
			r.RepaidService[i] += repay
			r.Waived[i] += interest
		} else {
			r.RepaidCash[i] += repay
			r.PaidInterest[i] += interest
		}
		balance -= repay
		r.Close[i] += balance
	}
}

// cash follows the money. Fees are taken as collected in the quarter in which they
// are earned, less what is set off against the loan or was prepaid.
func (b *Book) cash() {
	c := &b.Cash
	c.Collected, c.Prepaid, c.Capex, c.Opex, c.Tax = b.row(), b.row(), b.row(), b.row(), b.row()
	c.LoanIn, c.LoanOut, c.EquityBought, c.Free, c.Sum = b.row(), b.row(), b.row(), b.row(), b.row()
	c.Customer = b.row()
	b.prepayment()
	b.capex()
	b.purchases()
	sum := 0.0
	for i := range c.Free {
		c.Collected[i] = b.Fees[i] + b.Pass[i] + b.Schedule.PassNet[i] - b.Loan.RepaidService[i]
		c.Opex[i] = b.CashCost[i] + b.PassCost[i] + b.Goods[i] + b.Schedule.PassNet[i]
		c.Tax[i] = b.taxRate() * math.Max(b.EBIT[i], 0)
		c.LoanIn[i] = b.Loan.Draw[i]
		c.LoanOut[i] = b.Loan.RepaidCash[i] + b.Loan.PaidInterest[i]
		c.Free[i] = c.Collected[i] + c.Prepaid[i] + c.LoanIn[i] - c.Capex[i] - c.Opex[i] - c.Tax[i] - c.LoanOut[i] - c.EquityBought[i]
		c.Customer[i] = c.LoanOut[i] + c.EquityBought[i] - c.Collected[i] - c.Prepaid[i] - c.LoanIn[i]
		sum += c.Free[i]
		c.Sum[i] = sum
	}
}

func (b *Book) taxRate() float64 {
	if b.Deal.Cost == nil {
		return 0
	}
	return b.Deal.Cost.Tax.Or(0)
}

// prepayment comes in once and is credited in proportion to fees.
func (b *Book) prepayment() {
	credit := func(amount, at float64) {
		later := b.Schedule.Between(b.Fees, at, math.Inf(1))
		for i, q := range b.Schedule.Quarters {
			if at >= q.T0 && at < q.T1 {
				b.Cash.Prepaid[i] += amount
			}
			if later > 0 {
				b.Cash.Prepaid[i] -= amount * b.Schedule.Between(b.Fees, math.Max(at, q.T0), q.T1) / later
			}
		}
	}
	if p := b.Deal.Price; p.Prepayment.Known {
		credit(p.Prepayment.Base, p.PrepaidOn.Time())
	}
	for _, dep := range b.Deal.Finance.Deposits {
		credit(dep.Amount.Base, dep.Received.Time())
	}
}

// capex is paid Lead years before each megawatt goes into service.
func (b *Book) capex() {
	c := b.Deal.Cost
	if c == nil || b.Deal.Price.Basis == "hardware_sale" {
		return
	}
	lead := c.Lead.Or(0)
	for i, q := range b.Schedule.Quarters {
		for _, co := range b.Schedule.Cohorts {
			b.Cash.Capex[i] += co.Delivered(q.T0+lead, q.T1+lead) * c.Capex.Or(0)
		}
	}
}

// purchases are what the supplier pays for shares of the customer.
func (b *Book) purchases() {
	for j := range b.Equity.Blocks {
		k := &b.Equity.Blocks[j]
		if k.Equity.Instrument != "customer_equity" {
			continue
		}
		before := 0.0
		for i := range b.Schedule.Quarters {
			b.Cash.EquityBought[i] += k.Calendar[i] - before
			before = k.Calendar[i]
		}
	}
}

// Waterfall is remaining performance obligations at a date by horizon.
type Waterfall struct {
	AsOf   float64
	Total  float64 // fees, before warrants
	Net    float64 // less contra-revenue still to come
	Within []Bucket
	Pass   float64 // pass-through beside it
}

// Bucket is what is recognised within so many months.
type Bucket struct {
	Months int
	Fees   float64
	Share  float64
}

// horizons are the months of the waterfall; the last catches all.
var horizons = []int{12, 24, 36, 60}

// RPO lays out what is still to be earned after t. Options that are not exercised
// yet are no obligation, even where the base case expects them.
func (b *Book) RPO(t float64) Waterfall {
	firm := b.Schedule.Firm
	w := Waterfall{AsOf: t, Total: b.Schedule.Between(firm, t, math.Inf(1))}
	w.Net = w.Total
	if fees := schedule.Sum(b.Fees); fees > 0 {
		// Contra-revenue follows revenue, so the firm part of it is the firm share.
		w.Net -= b.Schedule.Between(b.Contra, t, math.Inf(1)) * schedule.Sum(firm) / fees
	}
	w.Pass = b.Schedule.Between(b.Pass, t, math.Inf(1))
	for _, m := range horizons {
		fees := b.Schedule.Between(firm, t, t+float64(m)/12)
		share := 0.0
		if w.Total > 0 {
			share = fees / w.Total
		}
		w.Within = append(w.Within, Bucket{m, fees, share})
	}
	return w
}
