package workbook

import (
	"fmt"
	"math"
	"strings"

	"wafer/internal/deal/schedule"
)

const quarters = "Quarters"

// quarterSheet is the books: one row a quarter, one column a line.
func (w *Book) quarterSheet() {
	w.sheet(quarters)
	s := w.r.Schedule
	w.q = &grid{w: w, name: quarters, first: 3, n: len(s.Quarters)}
	q := w.q
	w.put(quarters, "A1", "The books by quarter. Times are years since 2000, quarters of equal length.", w.styles.title)
	q.fill("quarter", 0, func(i int) any { return s.Quarters[i].Label })
	q.fill("from", 0, func(i int) any { return s.Quarters[i].T0 })
	q.fill("to", 0, func(i int) any { return s.Quarters[i].T1 })
	w.capacityColumns()
	w.feeColumns()
	w.firmColumns()
	w.contraColumns()
	w.costColumns()
	w.loanColumns()
	w.cashColumns()
	w.valueColumns()
	w.keep(w.file.SetPanes(quarters, panes()))
}

func (w *Book) capacityColumns() {
	q, s := w.q, w.r.Schedule
	for j, c := range s.Cohorts {
		q.add("MW-years "+c.ID, s.Tranches[j].Values, func(i int) string {
			return w.mwYears(c.ID, q.ref("from", i), q.ref("to", i), w.cohort(c.ID, "term"))
		})
	}
	q.add("MW-years", s.MWYears, func(i int) string {
		return w.sum(func(c schedule.Cohort) string { return q.ref("MW-years "+c.ID, i) })
	})
	q.add("MW in service", s.MWEnd, func(i int) string {
		return w.sum(func(c schedule.Cohort) string {
			t := q.ref("to", i)
			return fmt.Sprintf("%s*(%s-%s)", w.cohort(c.ID, "mw"), w.rise(c.ID, t), w.rise(c.ID, t+"-"+w.cohort(c.ID, "term")))
		})
	})
	q.add("MW delivered", s.Made, func(i int) string { return w.deliveredAt(q.ref("to", i)) })
}

func (w *Book) deliveredAt(t string) string {
	return w.sum(func(c schedule.Cohort) string { return w.cohort(c.ID, "mw") + "*" + w.rise(c.ID, t) })
}

// feeColumns follows the basis of the price, as schedule.fees does.
func (w *Book) feeColumns() {
	q, s, p := w.q, w.r.Schedule, w.r.Deal.Price
	spread := func(total string) func(int) string {
		return func(i int) string {
			return fmt.Sprintf("%s*%s/SUM(%s)", total, q.ref("MW-years", i), q.rng("MW-years"))
		}
	}
	switch {
	case p.Basis == "hardware_sale" && p.Fee.Known:
		q.add("fees", s.Fees, func(i int) string {
			return w.sum(func(c schedule.Cohort) string {
				return fmt.Sprintf("%s*(%s-%s)*%s", w.cohort(c.ID, "mw"), w.rise(c.ID, q.ref("to", i)), w.rise(c.ID, q.ref("from", i)), w.fee(i, w.cohort(c.ID, "start")))
			})
		})
	case p.Basis == "total" && p.Fee.Known:
		q.add("fees", s.Fees, spread(w.in("price.fee", 0)))
	case p.Basis != "" && p.Fee.Known:
		q.add("fees", s.Fees, func(i int) string {
			return w.sum(func(c schedule.Cohort) string {
				return strings.Join([]string{q.ref("MW-years "+c.ID, i), w.fee(i, w.firstStart()), w.in("const.fee_factor", 1), w.in("const.paid_share", 1), w.cohort(c.ID, "credit")}, "*")
			})
		})
	case schedule.Sum(s.MWYears) > 0 && schedule.Sum(s.Fees) > 0:
		q.add("fees", s.Fees, spread(w.in("headline.total", 0)))
	default:
		q.fill("fees", w.styles.input, func(i int) any { return s.Fees[i] })
	}
	q.add("pass-through", s.Pass, func(i int) string { return q.ref("MW-years", i) + "*" + w.in("const.pass_gross", 0) })
	q.add("pass-through net", s.PassNet, func(i int) string { return q.ref("MW-years", i) + "*" + w.in("const.pass_net", 0) })
}

// firmColumns are what an option has no part in, and what the fee counts.
func (w *Book) firmColumns() {
	q, s := w.q, w.r.Schedule
	options := false
	for _, c := range s.Cohorts {
		options = options || c.Option
	}
	q.add("firm fees", s.Firm, func(i int) string {
		if !options {
			return "0+" + q.ref("fees", i)
		}
		return w.firm(i)
	})
	q.add("volume", s.Volume, func(i int) string {
		if w.r.Deal.Price.Basis != "hardware_sale" {
			return "0+" + q.ref("MW-years", i)
		}
		return w.sum(func(c schedule.Cohort) string {
			return fmt.Sprintf("%s*(%s-%s)", w.cohort(c.ID, "mw"), w.rise(c.ID, q.ref("to", i)), w.rise(c.ID, q.ref("from", i)))
		})
	})
}

// firm is the fee of quarter i without options.
func (w *Book) firm(i int) string {
	q, p := w.q, w.r.Deal.Price
	out := "0"
	for _, c := range w.r.Schedule.Cohorts {
		if c.Option {
			continue
		}
		switch p.Basis {
		case "hardware_sale":
			out += fmt.Sprintf("+%s*(%s-%s)*%s", w.cohort(c.ID, "mw"), w.rise(c.ID, q.ref("to", i)), w.rise(c.ID, q.ref("from", i)), w.fee(i, w.cohort(c.ID, "start")))
		case "total", "":
			out += fmt.Sprintf("+%s*%s/%s", q.ref("fees", i), q.ref("MW-years "+c.ID, i), "MAX("+q.ref("MW-years", i)+",1E-300)")
		default:
			out += "+" + strings.Join([]string{q.ref("MW-years "+c.ID, i), w.fee(i, w.firstStart()), w.in("const.fee_factor", 1), w.in("const.paid_share", 1), w.cohort(c.ID, "credit")}, "*")
		}
	}
	return out
}

func (w *Book) firstStart() string {
	var cells []string
	for _, c := range w.r.Schedule.Cohorts {
		cells = append(cells, w.cohort(c.ID, "start"))
	}
	return "MIN(" + strings.Join(cells, ",") + ")"
}

// fee is the fee in quarter i with volume steps and escalator.
func (w *Book) fee(i int, start string) string {
	base := w.in("price.fee", 0)
	for j := range w.r.Deal.Price.Steps {
		path := fmt.Sprintf("price.steps.%d", j+1)
		base = fmt.Sprintf("IF(%s>=%s,%s,%s)", w.deliveredAt(w.q.ref("from", i)), w.in(path+".from", 0), w.in(path+".fee", 0), base)
	}
	if !w.r.Deal.Price.Escalator.Known {
		return base
	}
	return fmt.Sprintf("(%s)*(1+%s)^MAX(INT(%s-%s+0.000000001),0)", base, w.in("price.escalator", 0), w.q.ref("from", i), start)
}

// contraColumns spreads the grant value of recognised blocks over revenue.
func (w *Book) contraColumns() {
	q, b := w.q, w.r.Book
	asu := make([]float64, q.n)
	target, running := make([]float64, q.n), 0.0
	for i := range q.n {
		if b.ASUOn[i] {
			asu[i] = 1
		}
		running += b.Contra[i]
		target[i] = running
	}
	q.add("ASU 2025-04", asu, func(i int) string {
		policy := w.in("const.asu_2025_04", 2)
		return fmt.Sprintf("IF(%s=2,IF(%s>=%s-0.000000001,1,0),%s)", policy, q.ref("from", i), w.in("const.asu_from", 0), policy)
	})
	q.add("warrants so far", target, func(i int) string {
		sums := []string{}
		for j := range w.b.n {
			if w.r.Equity.Blocks[j].Given() {
				sums = append(sums, w.recognised(j, i))
			}
		}
		if len(sums) == 0 || schedule.Sum(b.Fees) == 0 {
			return "0"
		}
		return fmt.Sprintf("%s*(%s)*SUM(%s)/SUM(%s)", w.in("const.on_issuer_books", 0), strings.Join(sums, "+"), soFar(q, "fees", i), q.rng("fees"))
	})
	q.add("contra-revenue", b.Contra, func(i int) string {
		if i == 0 {
			return q.ref("warrants so far", 0)
		}
		return q.ref("warrants so far", i) + "-" + q.ref("warrants so far", i-1)
	})
	q.add("GAAP revenue", b.GAAP, func(i int) string {
		return q.ref("fees", i) + "+" + q.ref("pass-through", i) + "-" + q.ref("contra-revenue", i)
	})
	q.add("core revenue", b.Core, func(i int) string {
		return q.ref("GAAP revenue", i) + "+" + q.ref("contra-revenue", i) + "-" + q.ref("pass-through", i)
	})
	for j := range w.b.n {
		k := &w.r.Equity.Blocks[j]
		q.add(w.vestColumn(j), k.Calendar, func(i int) string { return w.vested(j, q.ref("to", i), q.ref("MW delivered", i)) })
	}
}

func soFar(q *grid, name string, i int) string {
	c := q.col(name)
	return fmt.Sprintf("$%s$%d:%s%d", c, q.first, c, q.first+i)
}

func (w *Book) vestColumn(j int) string { return "vested " + w.r.Equity.Blocks[j].ID }

// recognised is a block's value in quarter i if its conditions are probable.
func (w *Book) recognised(j, i int) string {
	q, b := w.q, w.b
	return sub("IF(TO<=FROM,0,IF(ASU=1,IF(LIKELY>=THR,1,0),IF(OCCUR=1,1,IF(LIKELY>1-THR,1,0))))*GRANT*(1-DISTINCT)",
		"TO", q.ref("to", i), "FROM", b.at("probable from", j), "ASU", q.ref("ASU 2025-04", i), "LIKELY", b.at("likely", j),
		"THR", w.in("policy.probable_threshold", 0.75), "OCCUR", w.in("const.as_they_occur", 0), "GRANT", b.at("grant value", j), "DISTINCT", b.at("distinct", j))
}

// vested is the number of shares (or dollars, of a purchase) vested at a time.
func (w *Book) vested(j int, t, delivered string) string {
	b := w.b
	if w.r.Equity.Blocks[j].Source.Rule == "pro_rata" {
		return sub("IF(GATE>NOW,0,WHOLE*MIN(MAX((MADE-LO)/(HI-LO),0),1))", "GATE", b.at("gate", j), "NOW", t, "WHOLE", b.at("whole", j), "MADE", delivered, "LO", b.at("from MW", j), "HI", b.at("to MW", j))
	}
	return sub("IF(DATE<=NOW,WHOLE,0)", "DATE", b.at("base case", j), "NOW", t, "WHOLE", b.at("whole", j))
}

func (w *Book) costColumns() {
	q, b, d := w.q, w.r.Book, w.r.Deal
	cash, capex := w.in("cost.cash", 0), w.in("cost.capex", 0)
	has := d.Cost != nil
	q.add("cash cost", b.CashCost, func(i int) string {
		if !has {
			return "0"
		}
		f := q.ref("MW-years", i) + "*" + cash
		if d.Cost.Includes {
			f += "-" + q.ref("pass-through", i)
		}
		return f
	})
	q.add("pass-through cost", b.PassCost, func(i int) string {
		if !has {
			return "0"
		}
		return "0+" + q.ref("pass-through", i)
	})
	q.add("cost of goods", b.Goods, func(i int) string {
		if !has || d.Price.Basis != "hardware_sale" {
			return "0"
		}
		return q.ref("fees", i) + "*(1-" + w.in("cost.hardware_margin", 0) + ")"
	})
	if has {
		for _, l := range d.Cost.Lives {
			life := w.in("cost.lives."+l.ID+".years", 1)
			q.add("depreciation "+l.ID, b.Dep[l.ID], func(i int) string {
				return "(" + w.sum(func(c schedule.Cohort) string { return w.mwYears(c.ID, q.ref("from", i), q.ref("to", i), life) }) + ")*" + capex + "/" + life
			})
		}
	}
	dep := func(i int) string {
		if b.Life == "" {
			return "0"
		}
		return q.ref("depreciation "+b.Life, i)
	}
	costs := func(i int) string {
		return q.ref("cash cost", i) + "-" + q.ref("cost of goods", i) + "-" + dep(i)
	}
	q.add("GAAP gross profit", b.GrossGAAP, func(i int) string {
		return q.ref("GAAP revenue", i) + "-" + costs(i) + "-" + q.ref("pass-through cost", i)
	})
	q.add("core gross profit", b.GrossCore, func(i int) string { return q.ref("core revenue", i) + "-" + costs(i) })
	q.add("profit before warrants", b.EBITBefore, func(i int) string {
		return q.ref("fees", i) + "+" + q.ref("pass-through", i) + "-" + costs(i) + "-" + q.ref("pass-through cost", i)
	})
}

// loanColumns rolls each loan forward, and sums them for the cash.
func (w *Book) loanColumns() {
	q := w.q
	sums := map[string][]string{}
	for _, l := range w.r.Deal.Finance.Loans {
		from := fmt.Sprintf("%v", l.RepayFrom.Time())
		if l.AfterTranche != "" {
			from = "(" + w.cohort(l.AfterTranche, "start") + "+" + w.cohort(l.AfterTranche, "ramp") + ")"
		}
		p := "finance.loans." + l.ID
		principal, rate, drawn := w.in(p+".principal", 0), w.in(p+".rate", 0), fmt.Sprintf("%v", l.Drawn.Time())
		n := fmt.Sprintf("MAX(ROUND(%s*4,0),1)", w.in(p+".repay_over", 1))
		name := func(s string) string { return l.ID + " " + s }
		q.open(name("open"))
		q.open(name("draw"))
		q.open(name("interest"))
		q.open(name("repaid"))
		q.open(name("close"))
		service := l.RepayIn == "service"
		for i := range q.n {
			set := func(col, f string) { w.formula(q, name(col), i, f) }
			if i == 0 {
				set("open", "0")
			} else {
				set("open", q.ref(name("close"), i-1))
			}
			hit := fmt.Sprintf("AND(%s>=%s,%s<%s)", drawn, q.ref("from", i), drawn, q.ref("to", i))
			set("draw", fmt.Sprintf("IF(%s,%s,0)", hit, principal))
			set("interest", fmt.Sprintf("%s*%s/4+IF(%s,%s*%s*(%s-%s),0)", q.ref(name("open"), i), rate, hit, principal, rate, q.ref("to", i), drawn))
			repay := fmt.Sprintf("IF(%s>%s+0.000000001,MIN(%s/%s,%s+%s),0)", q.ref("to", i), from, principal, n, q.ref(name("open"), i), q.ref(name("draw"), i))
			if service {
				repay = fmt.Sprintf("MIN(%s,%s)", repay, q.ref("fees", i))
			}
			set("repaid", repay)
			set("close", q.ref(name("open"), i)+"+"+q.ref(name("draw"), i)+"-"+q.ref(name("repaid"), i))
		}
		sums["draw"] = append(sums["draw"], name("draw"))
		if service {
			sums["service"] = append(sums["service"], name("repaid"))
			sums["waived"] = append(sums["waived"], name("interest"))
		} else {
			sums["out"] = append(sums["out"], name("repaid"), name("interest"))
		}
	}
	total := func(key string) func(int) string {
		return func(i int) string {
			out := "0"
			for _, c := range sums[key] {
				out += "+" + q.ref(c, i)
			}
			return out
		}
	}
	l, c := w.r.Book.Loan, w.r.Book.Cash
	q.add("loan in", c.LoanIn, total("draw"))
	q.add("repaid in service", l.RepaidService, total("service"))
	q.add("interest waived", l.Waived, total("waived"))
	q.add("loan out", c.LoanOut, total("out"))
}

// formula writes a formula whose value is checked through the columns that use it.
func (w *Book) formula(g *grid, col string, i int, f string) {
	cell := g.ref(col, i)
	w.keep(w.file.SetCellFormula(g.name, cell, f))
	w.keep(w.file.SetCellStyle(g.name, cell, cell, w.styles.formula))
}

func (w *Book) cashColumns() {
	q, c, d := w.q, w.r.Book.Cash, w.r.Deal
	q.add("collected", c.Collected, func(i int) string {
		return q.ref("fees", i) + "+" + q.ref("pass-through", i) + "+" + q.ref("pass-through net", i) + "-" + q.ref("repaid in service", i)
	})
	q.fill("prepaid", w.styles.input, func(i int) any { return c.Prepaid[i] })
	q.add("capex", c.Capex, func(i int) string {
		if d.Cost == nil || d.Price.Basis == "hardware_sale" {
			return "0"
		}
		lead := w.in("cost.capex_lead", 0)
		return "(" + w.sum(func(k schedule.Cohort) string {
			return fmt.Sprintf("%s*(%s-%s)", w.cohort(k.ID, "mw"), w.rise(k.ID, q.ref("to", i)+"+"+lead), w.rise(k.ID, q.ref("from", i)+"+"+lead))
		}) + ")*" + w.in("cost.capex", 0)
	})
	q.add("running cost", c.Opex, func(i int) string {
		return q.ref("cash cost", i) + "+" + q.ref("pass-through cost", i) + "+" + q.ref("cost of goods", i) + "+" + q.ref("pass-through net", i)
	})
	q.add("tax", c.Tax, func(i int) string {
		return w.in("cost.tax_rate", 0) + "*MAX(" + q.ref("GAAP gross profit", i) + ",0)"
	})
	q.add("shares bought", c.EquityBought, func(i int) string {
		out := "0"
		for j := range w.b.n {
			if w.r.Equity.Blocks[j].Equity.Instrument == "customer_equity" {
				out += "+" + q.ref(w.vestColumn(j), i)
				if i > 0 {
					out += "-" + q.ref(w.vestColumn(j), i-1)
				}
			}
		}
		return out
	})
	q.add("free cash", c.Free, func(i int) string {
		return q.ref("collected", i) + "+" + q.ref("prepaid", i) + "+" + q.ref("loan in", i) + "-" + q.ref("capex", i) + "-" + q.ref("running cost", i) +
			"-" + q.ref("tax", i) + "-" + q.ref("loan out", i) + "-" + q.ref("shares bought", i)
	})
	q.add("cumulative cash", c.Sum, func(i int) string { return "SUM(" + soFar(q, "free cash", i) + ")" })
	q.add("customer's cash", c.Customer, func(i int) string {
		return q.ref("loan out", i) + "+" + q.ref("shares bought", i) + "-" + q.ref("collected", i) + "-" + q.ref("prepaid", i) + "-" + q.ref("loan in", i)
	})
}

// valueColumns discounts, and lays the backlog over its horizons.
func (w *Book) valueColumns() {
	q, b := w.q, w.r.Book
	n := q.n
	disc, lost := make([]float64, n), make([]float64, n)
	for i := range n {
		disc[i] = b.Discount(i, w.r.Worth.Rate)
		qq := w.r.Schedule.Quarters[i]
		if c := w.r.Deal.Customer; c != nil {
			lost[i] = 1 - math.Exp(-c.Hazard.Or(0)*((qq.T0+qq.T1)/2-w.r.Schedule.Quarters[0].T0))
		}
	}
	mid := func(i int) string {
		return fmt.Sprintf("((%s+%s)/2-%s)", q.ref("from", i), q.ref("to", i), "$"+q.col("from")+fmt.Sprintf("$%d", q.first))
	}
	q.add("discount", disc, func(i int) string {
		return fmt.Sprintf("(1+%s)^(-%s)", w.in("cost.discount_rate", w.r.Worth.Rate), mid(i))
	})
	q.add("lost by default", lost, func(i int) string {
		return fmt.Sprintf("1-EXP(-%s*%s)", w.in("customer.default_hazard", 0), mid(i))
	})
	for _, k := range append([]int{0}, months(w)...) {
		name, until := backlogColumn(k), "1000000"
		want := make([]float64, n)
		end := math.Inf(1)
		if k > 0 {
			end = w.r.RPO.AsOf + float64(k)/12
			until = fmt.Sprintf("(%s+%d/12)", w.in("const.as_of", 0), k)
		}
		for i, qq := range w.r.Schedule.Quarters {
			want[i] = math.Max(math.Min(end, qq.T1)-math.Max(w.r.RPO.AsOf, qq.T0), 0) / (qq.T1 - qq.T0)
		}
		q.add(name, want, func(i int) string {
			return fmt.Sprintf("MAX(MIN(%s,%s)-MAX(%s,%s),0)/(%s-%s)", until, q.ref("to", i), w.in("const.as_of", 0), q.ref("from", i), q.ref("to", i), q.ref("from", i))
		})
	}
	year := make([]float64, n)
	for i := range n {
		for j := max(i-3, 0); j <= i; j++ {
			year[i] += b.Fees[j] + b.Pass[j]
		}
	}
	q.add("four quarters", year, func(i int) string {
		from := q.first + max(i-3, 0)
		return fmt.Sprintf("SUM(%s%d:%s%d)+SUM(%s%d:%s%d)", q.col("fees"), from, q.col("fees"), q.first+i, q.col("pass-through"), from, q.col("pass-through"), q.first+i)
	})
	q.open("payback")
	for i := range n {
		before := "0"
		if i > 0 {
			before = q.ref("payback", i-1)
		}
		w.formula(q, "payback", i, fmt.Sprintf("IF(%s<0,%s+0.25-%s,%s)", q.ref("cumulative cash", i), q.ref("to", i), "$"+q.col("from")+fmt.Sprintf("$%d", q.first), before))
	}
}

func months(w *Book) []int {
	var out []int
	for _, b := range w.r.RPO.Within {
		out = append(out, b.Months)
	}
	return out
}

func backlogColumn(months int) string {
	if months == 0 {
		return "after as-of"
	}
	return fmt.Sprintf("within %dm", months)
}
