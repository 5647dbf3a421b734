package book

import (
	"github.com/shopspring/decimal"
)

// The ledger's edge: from here on money is exact. A row of floats becomes cents by
// rounding its running sum and taking differences, so that a row's cents add up to
// its rounded total; one line of each entry takes the remaining cent, so that every
// entry balances exactly.

// Entry is one balanced journal entry of one quarter.
type Entry struct {
	Quarter string    `json:"quarter"`
	Words   string    `json:"words"`
	Rule    string    `json:"rule,omitempty"` // place in the codification
	Lines   []Posting `json:"lines"`
}

// Posting debits an account, or credits it when Amount is negative.
type Posting struct {
	Account string          `json:"account"`
	Amount  decimal.Decimal `json:"amount"`
}

// Ledger is one side's journal.
type Ledger struct {
	Party   string  `json:"party"`
	Entries []Entry `json:"entries"`
}

// centsOf turns rows of dollars into cents, keeping each row's running sum.
func centsOf(row []float64) []decimal.Decimal {
	out := make([]decimal.Decimal, len(row))
	sum, before := 0.0, decimal.Zero
	for i, v := range row {
		sum += v
		now := decimal.NewFromFloat(sum).Round(2)
		out[i] = now.Sub(before)
		before = now
	}
	return out
}

// line is a row posted to an account; sign -1 credits it.
type line struct {
	account string
	row     []float64
	sign    int64
}

func debit(account string, row []float64) line  { return line{account, row, 1} }
func credit(account string, row []float64) line { return line{account, row, -1} }

// post writes one entry a quarter from the lines; balance takes the rest.
func (b *Book) post(l *Ledger, words, rule, balance string, lines ...line) {
	cents := make([][]decimal.Decimal, len(lines))
	for j, ln := range lines {
		cents[j] = centsOf(ln.row)
	}
	for i, q := range b.Schedule.Quarters {
		e := Entry{Quarter: q.Label, Words: words, Rule: rule}
		rest := decimal.Zero
		for j, ln := range lines {
			amount := cents[j][i].Mul(decimal.NewFromInt(ln.sign))
			if amount.IsZero() {
				continue
			}
			e.Lines = append(e.Lines, Posting{ln.account, amount})
			rest = rest.Sub(amount)
		}
		if len(e.Lines) == 0 {
			continue
		}
		if !rest.IsZero() {
			e.Lines = append(e.Lines, Posting{balance, rest})
		}
		l.Entries = append(l.Entries, e)
	}
}

// vesting gives the grant value that vests in each quarter.
func (b *Book) vesting() []float64 {
	out := b.row()
	before := 0.0
	for i, v := range b.Issued {
		out[i] = v - before
		before = v
	}
	return out
}

// Supplier is the supplier's journal.
func (b *Book) Supplier() Ledger {
	l := Ledger{Party: partyWith(b, "supplier")}
	b.post(&l, "service of the quarter; part of it repays the loan", "ASC 606-10-25-27", "cash",
		credit("service revenue", b.Fees), credit("pass-through revenue", b.Pass), debit("loan from customer", b.Loan.RepaidService))
	b.post(&l, "customer warrants against revenue", "ASC 606-10-32-25, 32-27", "warrant consideration", debit("contra-revenue", b.Contra))
	b.post(&l, "warrants vest at grant-date value", "ASC 718, equity-classified", "additional paid-in capital", debit("warrant consideration", b.vesting()))
	b.post(&l, "loan drawn", "", "cash", credit("loan from customer", b.Loan.Draw))
	b.post(&l, "loan repaid and interest paid in cash", "", "cash", debit("loan from customer", b.Loan.RepaidCash), debit("interest expense", b.Loan.PaidInterest))
	b.post(&l, "prepayments received and credited", "ASC 606-10-45-2", "cash", credit("contract liability", b.Cash.Prepaid))
	b.post(&l, "systems bought", "", "cash", debit("property and equipment", b.Cash.Capex))
	if dep := b.Dep[b.Life]; dep != nil {
		b.post(&l, "depreciation, straight line", "ASC 360-10-35-4", "accumulated depreciation", debit("depreciation", dep))
	}
	b.post(&l, "running cost", "", "cash", debit("operating cost", b.CashCost), debit("pass-through cost", b.PassCost), debit("cost of hardware sold", b.Goods))
	b.post(&l, "income tax", "", "cash", debit("income tax", b.Cash.Tax))
	b.post(&l, "shares of the customer bought", "ASC 321", "cash", debit("investment in customer", b.Cash.EquityBought))
	return l
}

// Customer is the customer's journal, the mirror of the supplier's.
func (b *Book) Customer() Ledger {
	l := Ledger{Party: partyWith(b, "customer")}
	b.post(&l, "compute bought; part of it is set off against the loan", "", "cash",
		debit("cost of compute", b.Fees), debit("reimbursed site cost", b.Pass), credit("loan to supplier", b.Loan.RepaidService))
	b.post(&l, "warrants received lower the cost of what is bought", "ASC 705-20-25", "vendor consideration", credit("cost of compute", b.Contra))
	b.post(&l, "warrants vest", "ASC 321 or 815; marked to market afterwards", "vendor consideration", debit("warrants and shares held", b.vesting()))
	b.post(&l, "loan paid out", "", "cash", debit("loan to supplier", b.Loan.Draw))
	b.post(&l, "loan and interest received in cash", "", "cash", credit("loan to supplier", b.Loan.RepaidCash), credit("interest income", b.Loan.PaidInterest))
	b.post(&l, "prepayments made and used up", "", "cash", debit("prepaid compute", b.Cash.Prepaid))
	b.post(&l, "own shares sold to the supplier", "", "cash", credit("equity", b.Cash.EquityBought))
	return l
}

func partyWith(b *Book, role string) string {
	for _, p := range b.Deal.Parties {
		for _, r := range p.Roles {
			if r == role {
				return p.Name
			}
		}
	}
	return role
}

// Balances adds up a journal by account, in order of first use.
func (l Ledger) Balances() []Posting {
	var out []Posting
	at := map[string]int{}
	for _, e := range l.Entries {
		for _, p := range e.Lines {
			i, ok := at[p.Account]
			if !ok {
				i = len(out)
				at[p.Account] = i
				out = append(out, Posting{Account: p.Account})
			}
			out[i].Amount = out[i].Amount.Add(p.Amount)
		}
	}
	return out
}
