package workbook

import (
	"fmt"
	"math"
	"strings"

	"github.com/xuri/excelize/v2"

	"wafer/internal/deal/equity"
	"wafer/internal/deal/schedule"
	"wafer/internal/units"
)

func panes() *excelize.Panes {
	return &excelize.Panes{Freeze: true, XSplit: 1, YSplit: 2, TopLeftCell: "B3", ActivePane: "bottomRight"}
}

const blocksSheet = "Blocks"

// blockSheet lists the blocks. What was simulated or dated by the model stands as
// a violet number; counts and values are formulas.
func (w *Book) blockSheet() {
	w.sheet(blocksSheet)
	e := w.r.Equity
	w.b = &grid{w: w, name: blocksSheet, first: 3, n: len(e.Blocks)}
	b := w.b
	w.put(blocksSheet, "A1", "Blocks. Blue: inputs. Violet: dated or simulated by the program. Times are years since 2000.", w.styles.title)
	at := func(f func(*equity.Block) any) func(int) any { return func(i int) any { return f(&e.Blocks[i]) } }
	b.fill("block", 0, at(func(k *equity.Block) any { return k.ID }))
	b.fill("given", 0, at(func(k *equity.Block) any { return given(k) }))
	b.fill("shares", w.styles.input, at(func(k *equity.Block) any { return k.Count }))
	b.fill("amount", w.styles.input, at(func(k *equity.Block) any { return k.Amount }))
	wholes := make([]float64, b.n)
	for i := range wholes {
		wholes[i] = e.Blocks[i].Count
		if wholes[i] == 0 {
			wholes[i] = e.Blocks[i].Amount
		}
	}
	b.add("whole", wholes, func(i int) string {
		return fmt.Sprintf("IF(%s=0,%s,%s)", b.ref("shares", i), b.ref("amount", i), b.ref("shares", i))
	})
	b.fill("base case", w.styles.sim, at(func(k *equity.Block) any { return k.When }))
	b.fill("gate", w.styles.sim, at(func(k *equity.Block) any { return k.Gate }))
	b.fill("from MW", w.styles.input, at(func(k *equity.Block) any { return k.Source.From.Or(0) }))
	b.fill("to MW", w.styles.input, at(func(k *equity.Block) any { return k.Source.To.Or(1) }))
	b.fill("likely", w.styles.sim, at(func(k *equity.Block) any { return k.Likely }))
	b.fill("probable from", w.styles.input, at(func(k *equity.Block) any { return k.ProbableAt }))
	b.fill("distinct", w.styles.input, at(func(k *equity.Block) any { return k.Distinct }))
	b.fill("grant a share", w.styles.input, at(func(k *equity.Block) any { return k.GrantPrice }))
	grants := make([]float64, b.n)
	for i := range grants {
		grants[i] = e.Blocks[i].GrantTotal
	}
	b.add("grant value", grants, func(i int) string { return b.ref("shares", i) + "*" + b.ref("grant a share", i) })
	b.fill("today a share", w.styles.sim, at(func(k *equity.Block) any { return k.Today.PerShare }))
	b.fill("s.e.", w.styles.sim, at(func(k *equity.Block) any { return k.Today.StdErr }))
	b.fill("chance", w.styles.sim, at(func(k *equity.Block) any { return k.Today.Prob }))
}

func given(k *equity.Block) float64 {
	if k.Given() {
		return 1
	}
	return 0
}

// finishBlocks adds the columns that need the other sheets.
func (w *Book) finishBlocks() {
	b, e := w.b, w.r.Equity
	col := func(f func(*equity.Block) float64) []float64 {
		out := make([]float64, b.n)
		for i := range out {
			out[i] = f(&e.Blocks[i])
		}
		return out
	}
	b.add("today", col(func(k *equity.Block) float64 { return k.Today.PerShare * k.Count }), func(i int) string {
		return b.ref("today a share", i) + "*" + b.ref("shares", i)
	})
	asOf := w.in("const.as_of", 0)
	b.add("vested", col(func(k *equity.Block) float64 { return k.VestedNow }), func(i int) string {
		return w.vested(i, asOf, "("+w.deliveredAt(asOf)+")")
	})
	threshold := w.r.Deal.Policy.Threshold.Or(0.75)
	b.add("probable", col(func(k *equity.Block) float64 {
		if k.Likely >= threshold {
			return k.Count
		}
		return k.VestedNow
	}), func(i int) string {
		return fmt.Sprintf("IF(%s>=%s,%s,%s)", b.ref("likely", i), w.in("policy.probable_threshold", 0.75), b.ref("shares", i), b.ref("vested", i))
	})
}

// givenSum adds a column over the blocks that are given, not paid for.
func (w *Book) givenSum(col string) string {
	if w.b.n == 0 {
		return "0"
	}
	return fmt.Sprintf("SUMPRODUCT(%s,%s)", w.b.rng("given"), w.b.rng(col))
}

const sharesSheet = "Shares"

// shareSheet counts shares and divides values by revenues.
func (w *Book) shareSheet() {
	i := w.r.Deal.Issuer
	if i == nil || len(w.r.Shares) == 0 {
		return
	}
	w.sheet(sharesSheet)
	for c, h := range []string{"count", "issued", "options and rest", "warrants", "total", "holder's part", "value today"} {
		w.put(sharesSheet, fmt.Sprintf("%c1", 'A'+c), h, w.styles.head)
	}
	basic, spot := w.in("issuer.shares_basic", 0), w.in("issuer.spot", 0)
	tsm := "0"
	for n := range i.Options {
		p := fmt.Sprintf("issuer.options.%d", n+1)
		tsm += fmt.Sprintf("+%s*MAX(1-%s/%s,0)", w.in(p+".count", 0), w.in(p+".strike", 0), spot)
	}
	warrants := map[string]string{"issued": "0", "vested": w.givenSum("vested"), "probable": w.givenSum("probable"), "all": w.givenSum("shares"), "published": w.givenSum("shares")}
	for n, s := range w.r.Shares {
		row := n + 2
		cell := func(c string) string { return fmt.Sprintf("%s%d", c, row) }
		options := tsm
		switch s.ID {
		case "issued":
			options = "0"
		case "published":
			options = fmt.Sprintf("%s-%s-%s", w.in("issuer.shares_diluted", 0), cell("B"), cell("D"))
		}
		w.put(sharesSheet, cell("A"), s.Title, 0)
		w.calc(sharesSheet, cell("B"), s.ID, "0+"+basic, s.Basic)
		w.calc(sharesSheet, cell("C"), s.ID, options, s.Options)
		w.calc(sharesSheet, cell("D"), s.ID, warrants[s.ID], s.Warrants)
		w.calc(sharesSheet, cell("E"), s.ID, fmt.Sprintf("%s+%s+%s", cell("B"), cell("C"), cell("D")), s.Total)
		w.calc(sharesSheet, cell("F"), s.ID, fmt.Sprintf("%s/%s", cell("D"), cell("E")), s.Holder)
		w.calc(sharesSheet, cell("G"), s.ID, fmt.Sprintf("%s*%s", cell("E"), spot), s.Value)
		w.inputs["shares."+s.ID] = fmt.Sprintf("%s!$E$%d", sharesSheet, row)
		w.inputs["shares.holder_"+s.ID] = fmt.Sprintf("%s!$F$%d", sharesSheet, row)
	}
	w.keep(w.file.SetColWidth(sharesSheet, "A", "A", 30))
	w.keep(w.file.SetColWidth(sharesSheet, "B", "G", 18))
}

// summarySheet lists every output by name. Those that a formula can give are
// formulas; what was simulated or solved is a violet number.
func (w *Book) summarySheet(stamp string) {
	const sheet = "Summary"
	w.put(sheet, "A1", w.r.Deal.Title, w.styles.title)
	w.put(sheet, "A2", stamp, 0)
	for c, h := range []string{"output", "title", "value", "unit", "kind", "how"} {
		w.put(sheet, fmt.Sprintf("%c4", 'A'+c), h, w.styles.head)
	}
	formulas := w.formulas()
	for i, o := range w.r.Outputs {
		row := i + 5
		value := fmt.Sprintf("C%d", row)
		w.put(sheet, fmt.Sprintf("A%d", row), o.Name, 0)
		w.put(sheet, fmt.Sprintf("B%d", row), o.Title, 0)
		w.put(sheet, fmt.Sprintf("D%d", row), o.Dim.Symbol(), 0)
		w.put(sheet, fmt.Sprintf("F%d", row), o.How, 0)
		kind := "formula"
		f, ok := formulas[o.Name]
		switch {
		case math.IsNaN(o.Value) || math.IsInf(o.Value, 0):
			kind = "not known"
			w.put(sheet, value, "n/a", 0)
		case ok:
			w.calc(sheet, value, o.Name, f, o.Value)
		default:
			kind = "simulated or solved"
			w.put(sheet, value, o.Value, w.styles.sim)
		}
		if o.Dim == units.Ratio && ok {
			w.keep(w.file.SetCellStyle(sheet, value, value, w.styles.percent))
		}
		w.put(sheet, fmt.Sprintf("E%d", row), kind, 0)
		w.inputs["output."+o.Name] = fmt.Sprintf("%s!$C$%d", sheet, row)
	}
	w.keep(w.file.SetColWidth(sheet, "A", "B", 44))
	w.keep(w.file.SetColWidth(sheet, "C", "E", 20))
	w.keep(w.file.SetColWidth(sheet, "F", "F", 80))
}

// formulas maps output names to formulas over the other sheets.
func (w *Book) formulas() map[string]string {
	f := map[string]string{}
	w.capacityFormulas(f)
	w.incomeFormulas(f)
	w.valueFormulas(f)
	w.warrantFormulas(f)
	return f
}

func (w *Book) total(col string) string {
	if w.q.n == 0 {
		return "0"
	}
	return "SUM(" + w.q.rng(col) + ")"
}

func (w *Book) capacityFormulas(f map[string]string) {
	if w.q.n == 0 {
		return
	}
	var committed []string
	for _, c := range w.r.Schedule.Cohorts {
		if !c.Option {
			committed = append(committed, w.cohort(c.ID, "mw"))
		}
	}
	if len(committed) > 0 {
		f["capacity.committed"] = strings.Join(committed, "+")
	}
	f["capacity.peak"] = "MAX(" + w.q.rng("MW in service") + ",0)"
	f["capacity.mw_years"] = w.total("MW-years")
	f["fees.total"] = w.total("fees")
	f["pass_through.total"] = w.total("pass-through")
	f["fees.with_pass_through"] = w.total("fees") + "+" + w.total("pass-through")
	f["fees.per_mw"] = w.total("fees") + "/" + w.total("volume")
	f["fees.per_mw_year"] = w.total("fees") + "/" + w.total("MW-years")
	f["fees.per_mw_year_gross"] = "(" + w.total("fees") + "+" + w.total("pass-through") + ")/" + w.total("MW-years")
	f["fees.best_year"] = "MAX(" + w.q.rng("four quarters") + ")"
	f["contra.total"] = w.total("contra-revenue")
	f["revenue.gaap"] = w.total("GAAP revenue")
	f["revenue.core"] = w.total("core revenue")
}

func (w *Book) incomeFormulas(f map[string]string) {
	d := w.r.Deal
	if w.q.n == 0 {
		return
	}
	after := w.q.rng(backlogColumn(0))
	f["rpo.total"] = fmt.Sprintf("SUMPRODUCT(%s,%s)", after, w.q.rng("firm fees"))
	f["rpo.net"] = fmt.Sprintf("%s-SUMPRODUCT(%s,%s)*%s/%s", f["rpo.total"], after, w.q.rng("contra-revenue"), w.total("firm fees"), w.total("fees"))
	if schedule.Sum(w.r.Schedule.Fees) == 0 {
		f["rpo.net"] = f["rpo.total"]
	}
	for _, m := range months(w) {
		within := fmt.Sprintf("SUMPRODUCT(%s,%s)", w.q.rng(backlogColumn(m)), w.q.rng("firm fees"))
		f[fmt.Sprintf("rpo.within_%dm", m)] = within
		f[fmt.Sprintf("rpo.share_%dm", m)] = fmt.Sprintf("IF(%s=0,0,%s/%s)", f["rpo.total"], within, f["rpo.total"])
	}
	f["loan.repaid_in_service"] = w.total("repaid in service")
	f["loan.interest_waived"] = w.total("interest waived")
	if d.Cost == nil {
		return
	}
	f["gross.gaap"] = w.total("GAAP gross profit")
	f["gross.core"] = w.total("core gross profit")
	f["gross.margin_gaap"] = w.total("GAAP gross profit") + "/" + w.total("GAAP revenue")
	f["gross.margin_core"] = w.total("core gross profit") + "/" + w.total("core revenue")
	f["ebit.before_warrants"] = w.total("profit before warrants")
	perMW := fmt.Sprintf("(%s/%s+%s)", w.total("fees"), w.total("MW-years"), w.in("const.pass_gross", 0))
	cash := w.in("cost.cash", 0)
	if !d.Cost.Includes {
		cash = "(" + cash + "+" + w.in("const.pass_gross", 0) + ")"
	}
	for _, l := range d.Cost.Lives {
		f["margin."+l.ID] = fmt.Sprintf("(%s-%s-%s/%s)/%s", perMW, cash, w.in("cost.capex", 0), w.in("cost.lives."+l.ID+".years", 1), perMW)
	}
	f["cash.capex"], f["cash.free"] = w.total("capex"), w.total("free cash")
	f["cash.peak_funding"] = "-MIN(0,MIN(" + w.q.rng("cumulative cash") + "))"
	last := w.q.n - 1
	f["cash.payback"] = fmt.Sprintf(`IF(%s<0,"never",%s)`, w.q.at("cumulative cash", last), w.q.at("payback", last))
}

func (w *Book) valueFormulas(f map[string]string) {
	d := w.r.Deal
	if w.q.n == 0 || d.Cost == nil {
		return
	}
	pv := func(col string) string {
		return fmt.Sprintf("SUMPRODUCT(%s,%s)", w.q.rng("discount"), w.q.rng(col))
	}
	fees := "(" + pv("fees") + "+" + pv("pass-through") + ")"
	warrant := fmt.Sprintf("%s*(1+%s)^(-MAX(%s-%s,0))", w.givenSum("today"), w.in("cost.discount_rate", w.r.Worth.Rate), w.in("const.as_of", 0), w.q.at("from", 0))
	f["worth.supplier_cash_npv"] = pv("free cash")
	f["worth.supplier_npv"] = fmt.Sprintf("%s-%s*%s", pv("free cash"), w.in("const.on_issuer_books", 0), warrant)
	f["price.headline"] = fees + "/" + pv("volume")
	f["price.effective"] = fmt.Sprintf("(%s+%s-%s)/%s", fees, pv("interest waived"), warrant, pv("volume"))
	f["price.effective_grant"] = fmt.Sprintf("(%s+%s-%s)/%s", w.total("fees"), w.total("pass-through"), w.total("contra-revenue"), w.total("volume"))
	f["price.discount"] = fmt.Sprintf("1-(%s)/(%s)", f["price.effective"], f["price.headline"])
	if d.Customer != nil && d.Customer.Market.Known {
		f["worth.customer_npv"] = fmt.Sprintf("%s*%s+%s+%s", pv("MW-years"), w.in("customer.market_price", 0), pv("customer's cash"), warrant)
		lost := w.q.rng("lost by default")
		f["worth.credit_loss"] = fmt.Sprintf("(SUMPRODUCT(%s,%s,%s)+SUMPRODUCT(%s,%s,%s))*(1-%s)", lost, w.q.rng("discount"), w.q.rng("fees"), lost, w.q.rng("discount"), w.q.rng("pass-through"), w.in("customer.recovery", 0))
	}
	if schedule.Sum(w.r.Book.Cash.Capex) > 0 && !math.IsNaN(w.r.Worth.IRR) {
		f["worth.supplier_irr"] = fmt.Sprintf("(1+IRR(%s,0.05))^4-1", w.q.rng("free cash"))
	}
}

func (w *Book) warrantFormulas(f map[string]string) {
	i := w.r.Deal.Issuer
	if w.b.n > 0 {
		f["warrants.count"], f["warrants.vested"] = w.givenSum("shares"), w.givenSum("vested")
		f["warrants.grant_value"], f["warrants.today"] = w.givenSum("grant value"), w.givenSum("today")
	}
	if i == nil {
		return
	}
	name := func(id string) string { return strings.ReplaceAll(id, "-", "_") }
	profit := w.total("profit before warrants")
	f["tax.grant_all"] = w.givenSum("grant value") + "/" + profit
	f["tax.grant_recognised"] = w.total("contra-revenue") + "/" + profit
	f["tax.weighted"] = w.givenSum("today") + "/" + profit
	for _, m := range i.Marks {
		price := w.in("issuer.price_marks."+m.ID+".price", 0)
		f["warrants.at_"+name(m.ID)] = w.givenSum("shares") + "*" + price
		f["tax.spot_"+name(m.ID)] = w.givenSum("shares") + "*" + price + "/" + profit
	}
	f["tax.spot_today"] = w.givenSum("shares") + "*" + w.in("issuer.spot", 0) + "/" + profit
	for _, s := range w.r.Shares {
		f["shares."+s.ID], f["shares.holder_"+s.ID] = w.inputs["shares."+s.ID], w.inputs["shares.holder_"+s.ID]
	}
	diluted := w.in("issuer.shares_diluted", 0)
	f["shares.warrant_percent_diluted"] = w.givenSum("shares") + "/" + diluted
	if npv := f["worth.supplier_npv"]; npv != "" {
		f["worth.per_share"] = "(" + npv + ")/" + diluted
		f["worth.share_without"] = w.in("issuer.spot", 0) + "-(" + npv + ")/" + diluted
	}
	w.multipleFormulas(f, name)
}

func (w *Book) multipleFormulas(f map[string]string, name func(string) string) {
	price := func(id string) string {
		if id == "today" {
			return w.in("issuer.spot", 0)
		}
		return w.in("issuer.price_marks."+id+".price", 0)
	}
	for _, m := range w.r.Multiple {
		basis, id, _ := strings.Cut(m.Value, "_")
		value := w.in("issuer.shares_basic", 0) + "*" + price(id)
		switch basis {
		case "diluted":
			value = w.in("issuer.shares_diluted", 0) + "*" + price(id)
		case "ev":
			value = "(" + w.in("issuer.shares_diluted", 0) + "*" + price(id) + "-" + w.in("issuer.net_cash", 0) + ")"
		}
		f["multiple."+name(m.Value)+"_over_"+name(m.Revenue)] = value + "/" + w.in("issuer.revenues."+m.Revenue+".amount", 1)
	}
}
