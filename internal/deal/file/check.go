package file

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"wafer/internal/deal/contract"
	"wafer/internal/diag"
	"wafer/internal/units"
)

// check reports what no field can know by itself.
func (d *decoder) check(deal *contract.Deal) {
	d.resolveSources(deal)
	d.checkIDs(deal)
	d.checkCapacity(&deal.Capacity)
	d.checkPrice(deal)
	d.checkRefs(deal)
	d.checkDates(deal)
	for i := range deal.Equity {
		d.checkEquity(deal, &deal.Equity[i])
	}
	d.checkCycles(deal)
	d.checkPolicy(deal)
	d.checkDirection(deal)
	if !d.list.HasErrors() {
		d.checkScenarios(deal) // a path can only be followed in a sound deal
	}
}

var idForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)

func (d *decoder) checkIDs(deal *contract.Deal) {
	if deal.ID != "" && !idForm.MatchString(deal.ID) {
		d.fail(d.word("id", deal.Pos), "E0539", "use lower-case letters, digits and dashes", "the id %q is not well formed", deal.ID)
	}
	unique(d, "source", deal.Sources, func(s contract.Source) (string, diag.Pos) { return s.ID, s.Pos })
	unique(d, "party", deal.Parties, func(p contract.Party) (string, diag.Pos) { return p.ID, p.Pos })
	unique(d, "tranche", deal.Capacity.Tranches, func(t contract.Tranche) (string, diag.Pos) { return t.ID, t.Pos })
	unique(d, "capacity option", deal.Capacity.Options, func(o contract.CapOption) (string, diag.Pos) { return o.ID, o.Pos })
	unique(d, "loan", deal.Finance.Loans, func(l contract.Loan) (string, diag.Pos) { return l.ID, l.Pos })
	unique(d, "equity", deal.Equity, func(e contract.Equity) (string, diag.Pos) { return e.ID, e.Pos })
	unique(d, "scenario", deal.Scenarios, func(s contract.Scenario) (string, diag.Pos) { return s.ID, s.Pos })
	unique(d, "system", deal.Systems, func(s contract.System) (string, diag.Pos) { return s.ID, s.Pos })
	unique(d, "block", blocks(deal), func(b contract.Block) (string, diag.Pos) { return b.ID, b.Pos })
}

func blocks(deal *contract.Deal) []contract.Block {
	var out []contract.Block
	for _, e := range deal.Equity {
		out = append(out, e.Blocks...)
	}
	return out
}

func unique[T any](d *decoder, what string, items []T, key func(T) (string, diag.Pos)) {
	seen := map[string]diag.Pos{}
	for _, item := range items {
		id, pos := key(item)
		if id == "" {
			continue
		}
		if first, dup := seen[id]; dup {
			d.list.Add(diag.Diagnostic{
				Code: "E0524", Pos: pos, Message: fmt.Sprintf("two %s entries have the id %q", what, id),
				Cure: "give one of them another id", Notes: []diag.Extra{{Pos: first, Message: "the other one"}},
			})
			continue
		}
		seen[id] = pos
	}
}

// sumTolerance lets published totals round: 65 + 105 MW may be called 170.
const sumTolerance = 1e-6

func (d *decoder) checkCapacity(c *contract.Capacity) {
	sum := 0.0
	kind := c.Committed.Unit.Kind
	for _, t := range c.Tranches {
		if !t.MW.Known {
			return
		}
		sum += t.MW.Base
		if kind == units.Plain {
			kind = t.MW.Unit.Kind
		}
		if t.MW.Unit.Kind != kind {
			d.fail(t.MW.Pos, "E0528", "convert it with the PUE and write all capacity in one kind", "this is %s power and the rest is %s", t.MW.Unit.Kind, kind)
		}
		if t.Ramp.Known && t.Term.Known && t.Ramp.High > t.Term.High {
			d.fail(t.Ramp.Pos, "E0529", "shorten the ramp or split the tranche", "the ramp of tranche %q is longer than its term", t.ID)
		}
		if t.Extension != nil && t.Extension.To.Known && t.Extension.To.Base <= t.Term.Base {
			d.fail(t.Extension.To.Pos, "E0529", "write the whole term with the extension", "the extension of tranche %q does not go beyond its term", t.ID)
		}
	}
	if c.Committed.Known && len(c.Tranches) > 0 && math.Abs(sum-c.Committed.Base) > sumTolerance*math.Max(sum, c.Committed.Base) {
		d.fail(c.Committed.Pos, "E0522", "correct a tranche or the sum", "the tranches add up to %s MW, not to %s MW", units.Group(sum), units.Group(c.Committed.Base))
	}
	for _, o := range c.Options {
		d.checkOption(o)
	}
}

func (d *decoder) checkOption(o contract.CapOption) {
	switch {
	case o.Exercise == "if_market_above" && !o.Strike.Known:
		d.fail(o.Pos, "E0530", "add strike: the fee above which it is exercised", "option %q has no strike for its exercise rule", o.ID)
	case o.Exercise == "probability" && !o.Probability.Known:
		d.fail(o.Pos, "E0530", "add probability:", "option %q has no probability for its exercise rule", o.ID)
	case o.Exercise != "never" && o.Exercise != "" && (!o.InService.Known() || !o.Term.Known):
		d.fail(o.Pos, "E0530", "add in_service: and term:", "option %q may be exercised but does not say when it starts or for how long", o.ID)
	case o.InService.Known() && o.Expiry.Known() && o.InService.Time() > o.Expiry.Time():
		d.fail(o.Pos, "E0527", "correct one of the dates", "option %q starts after its expiry", o.ID)
	}
}

// feeDims says in what a fee of each basis is counted.
var feeDims = map[string]units.Dim{
	"mw_year": units.MoneyPerMWYr, "total": units.Money, "hardware_sale": units.MoneyPerMW,
	"system_month": units.MoneyPerSysMo, "gpu_hour": units.MoneyPerHour, "m_tokens": units.MoneyPerMTok,
}

func (d *decoder) checkPrice(deal *contract.Deal) {
	p := &deal.Price
	if p.Fee.Known && p.Basis == "" {
		d.fail(p.Pos, "E0505", "add basis: mw_year, total, hardware_sale, system_month, gpu_hour or m_tokens", "price has no basis")
		return
	}
	want, ok := feeDims[p.Basis]
	if !ok {
		return
	}
	if p.Fee.Known && p.Fee.Unit.Dim != want {
		d.fail(p.Fee.Pos, "E0529", "write the fee in "+want.String()+" or change the basis", "the basis %s counts %s, and the fee is %s", p.Basis, want, p.Fee.Unit.Dim)
	}
	last := math.Inf(-1)
	for _, s := range p.Steps {
		if s.Fee.Known && s.Fee.Unit.Dim != want {
			d.fail(s.Fee.Pos, "E0529", "write the fee in "+want.String(), "the basis %s counts %s, and this step is %s", p.Basis, want, s.Fee.Unit.Dim)
		}
		if s.From.Known && s.From.Base <= last {
			d.fail(s.From.Pos, "E0527", "sort the steps by volume", "this step does not begin above the one before")
		}
		last = s.From.Base
	}
	if p.Basis == "system_month" || p.Basis == "gpu_hour" || p.Basis == "m_tokens" {
		if deal.Capacity.Hardware == "" {
			d.fail(p.Pos, "E0521", "add capacity.hardware", "the basis %s needs to know the system", p.Basis)
		}
	}
	if p.Prepayment.Known && !p.PrepaidOn.Known() {
		d.fail(p.Prepayment.Pos, "E0505", "add prepaid_on: the date", "the prepayment has no date")
	}
}

// checkRefs looks up the names that one part of the file uses for another.
func (d *decoder) checkRefs(deal *contract.Deal) {
	var parties []string
	for _, p := range deal.Parties {
		parties = append(parties, p.ID)
	}
	party := func(id, path string, pos diag.Pos, what string) { d.ref(id, parties, d.word(path, pos), what, "party") }
	for _, l := range deal.Finance.Loans {
		path := "finance.loans." + l.ID
		party(l.Lender, path+".lender", l.Pos, "the lender")
		party(l.Borrower, path+".borrower", l.Pos, "the borrower")
		if l.AfterTranche != "" {
			d.ref(l.AfterTranche, trancheIDs(deal), d.word(path+".repay_after_tranche", l.Pos), "repay_after_tranche", "tranche")
		} else if !l.RepayFrom.Known() {
			d.fail(l.Pos, "E0505", "add repay_after_tranche: or repay_from:", "loan %q does not say when repayment begins", l.ID)
		}
	}
	for i, b := range deal.Finance.Backstops {
		path := fmt.Sprintf("finance.backstops.%d", i+1)
		party(b.Guarantor, path+".guarantor", b.Pos, "the guarantor")
		party(b.For, path+".for", b.Pos, "for")
	}
	for _, e := range deal.Equity {
		path := "equity." + e.ID
		party(e.Issuer, path+".issuer", e.Pos, "the issuer")
		party(e.Holder, path+".holder", e.Pos, "the holder")
		if e.Issuer != "" && e.Issuer == e.Holder {
			d.fail(d.word(path+".holder", e.Pos), "E0534", "the holder is the other party", "%q cannot hold its own equity", e.Issuer)
		}
	}
	if deal.Issuer != nil {
		party(deal.Issuer.Party, "issuer.party", deal.Issuer.Pos, "the issuer")
	}
	if deal.Customer != nil {
		party(deal.Customer.Party, "customer.party", deal.Customer.Pos, "the customer")
	}
	systems := systemIDs(deal)
	d.ref(deal.Capacity.Hardware, systems, d.word("capacity.hardware", deal.Capacity.Pos), "hardware", "system")
	for i := range deal.Capacity.Tranches {
		t := &deal.Capacity.Tranches[i]
		d.ref(t.Hardware, systems, d.word("capacity.tranches."+t.ID+".hardware", t.Pos), "hardware", "system")
		if h := deal.Capacity.Tranches[i].Extension; h != nil && h.Holder != "" {
			party(h.Holder, "capacity.tranches."+deal.Capacity.Tranches[i].ID+".extension.holder", h.Pos, "the holder of the extension")
		}
	}
}

func systemIDs(deal *contract.Deal) []string {
	var out []string
	for _, s := range append(BuiltinSystems(), deal.Systems...) {
		out = append(out, s.ID)
	}
	return out
}

func trancheIDs(deal *contract.Deal) []string {
	var out []string
	for _, t := range deal.Capacity.Tranches {
		out = append(out, t.ID)
	}
	for _, o := range deal.Capacity.Options {
		out = append(out, o.ID)
	}
	return out
}

// word gives the place of the word at a path, or else of its section.
func (d *decoder) word(path string, section diag.Pos) diag.Pos {
	if p, ok := d.wordPos[path]; ok {
		return p
	}
	return section
}

func (d *decoder) ref(id string, known []string, pos diag.Pos, what, kind string) {
	if id == "" || slices.Contains(known, id) {
		return
	}
	cure := "this file defines none"
	if len(known) > 0 {
		cure = "known here: " + strings.Join(known, ", ")
	}
	if near := diag.Nearest(id, known); near != "" {
		cure = "did you mean " + near + "?"
	}
	d.fail(pos, "E0521", cure, "%s names the %s %q, which is not defined", what, kind, id)
}

func (d *decoder) checkDates(deal *contract.Deal) {
	after := func(a, b contract.Date, pos diag.Pos, format string, args ...any) {
		if a.Known() && b.Known() && a.Day > 0 && b.Day > 0 && a.Time() > b.Time() {
			d.fail(pos, "E0527", "correct one of the dates", format, args...)
		}
	}
	for _, e := range deal.Equity {
		after(e.Issued, e.Expiry, e.Pos, "%q expires before it is issued", e.ID)
		if e.Accounting != nil {
			after(e.Accounting.GrantDate, e.Expiry, e.Accounting.Pos, "%q expires before its grant date", e.ID)
		}
	}
	for _, l := range deal.Finance.Loans {
		after(l.Drawn, l.RepayFrom, l.Pos, "loan %q is repaid before it is drawn", l.ID)
	}
}

func (d *decoder) checkEquity(deal *contract.Deal, e *contract.Equity) {
	sum, complete := 0.0, len(e.Blocks) > 0
	for i := range e.Blocks {
		b := &e.Blocks[i]
		complete = complete && b.Count.Known
		sum += b.Count.Or(0)
		d.checkBlock(deal, b)
	}
	if e.Count.Known && complete && math.Abs(sum-e.Count.Base) > 0.5 {
		d.fail(e.Count.Pos, "E0523", "correct a block or the sum", "the blocks of %q add up to %s shares, not to %s", e.ID, units.Group(sum), units.Group(e.Count.Base))
	}
	if e.Instrument == "warrant" && e.Strike.Path == "" {
		d.fail(e.Pos, "E0505", "add strike: the exercise price, $0.00001/share for a penny warrant", "warrant %q has no strike", e.ID)
	}
}

func (d *decoder) checkBlock(deal *contract.Deal, b *contract.Block) {
	if b.Rule == "pro_rata" {
		switch {
		case !b.From.Known || !b.To.Known:
			d.fail(b.Pos, "E0531", "add from: and to: in megawatts", "block %q vests pro rata and does not say between which megawatts", b.ID)
		case b.To.Base <= b.From.Base:
			d.fail(b.To.Pos, "E0531", "write to: above from:", "the pro-rata range of block %q is empty", b.ID)
		case !mentionsPower(&b.Vest):
			d.fail(b.Vest.Pos, "E0531", "add an mw_delivered leaf, or use rule: step", "block %q vests pro rata over megawatts but its condition has no mw_delivered", b.ID)
		}
	}
	b.Vest.Walk(func(c *contract.Condition) { d.checkNode(deal, c) })
}

func mentionsPower(c *contract.Condition) bool {
	found := false
	c.Walk(func(n *contract.Condition) { found = found || n.MWDeliv != nil || n.MWBought != nil })
	return found
}

const conditionKeys = "and, or, earlier_of, mw_delivered, mw_purchased, fees_paid, price, market_cap, loan_funded, ipo_closed, technical_milestone, change_of_control, date, block"

func (d *decoder) checkNode(deal *contract.Deal, c *contract.Condition) {
	if n := c.Keys(); n != 1 {
		d.fail(c.Pos, "E0519", "join several with and:, or: or earlier_of:", "a condition has one key out of %s; this one has %d", conditionKeys, n)
		return
	}
	if kids := c.Children(); kids != nil && len(kids) < 2 {
		d.fail(c.Pos, "E0519", "write two or more conditions, or the one without the list", "a condition that joins others needs two of them")
	}
	switch {
	case c.Loan != nil:
		var loans []string
		for _, l := range deal.Finance.Loans {
			loans = append(loans, l.ID)
		}
		d.ref(c.Loan.Ref, loans, c.Loan.Pos, "loan_funded", "loan")
	case c.MWDeliv != nil && c.MWDeliv.Tranche != "":
		d.ref(c.MWDeliv.Tranche, trancheIDs(deal), c.MWDeliv.Pos, "mw_delivered", "tranche")
	case c.Block != nil:
		var ids []string
		for _, b := range blocks(deal) {
			ids = append(ids, b.ID)
		}
		d.ref(c.Block.Ref, ids, c.Block.Pos, "block", "block")
	case c.Price != nil && c.Price.Test == "vwap" && !c.Price.Window.Known:
		d.fail(c.Price.Pos, "E0505", "add window: 30 days", "a VWAP hurdle has no window")
	case c.Cap != nil && c.Cap.Test == "vwap" && !c.Cap.Window.Known:
		d.fail(c.Cap.Pos, "E0505", "add window: 30 days", "a VWAP hurdle has no window")
	}
}

// checkCycles follows block references. A block that waits for itself never vests.
func (d *decoder) checkCycles(deal *contract.Deal) {
	refs := map[string][]*contract.BlockLeaf{}
	all := blocks(deal)
	for i := range all {
		all[i].Vest.Walk(func(c *contract.Condition) {
			if c.Block != nil {
				refs[all[i].ID] = append(refs[all[i].ID], c.Block)
			}
		})
	}
	state := map[string]int{} // 0 new, 1 on the way, 2 done
	var visit func(id string, trail []string)
	visit = func(id string, trail []string) {
		state[id] = 1
		trail = append(trail, id)
		for _, leaf := range refs[id] {
			switch state[leaf.Ref] {
			case 0:
				visit(leaf.Ref, trail)
			case 1:
				d.fail(leaf.Pos, "E0520", "remove one of the references", "the conditions run in a circle: %s → %s", strings.Join(trail[slices.Index(trail, leaf.Ref):], " → "), leaf.Ref)
			}
		}
		state[id] = 2
	}
	for _, b := range all {
		if state[b.ID] == 0 {
			visit(b.ID, nil)
		}
	}
}

func (d *decoder) checkPolicy(deal *contract.Deal) {
	if deal.Policy.ASU == "on" && deal.Policy.Forfeit == "as_they_occur" {
		d.fail(d.word("policy.forfeitures", deal.Policy.Pos), "E0535", "write forfeitures: estimate", "ASU 2025-04 removes the choice to account for forfeitures as they occur")
	}
}

// checkDirection holds the stated direction of the equity against the instruments.
func (d *decoder) checkDirection(deal *contract.Deal) {
	given, bought := 0, 0
	for _, e := range deal.Equity {
		switch e.Instrument {
		case "warrant", "stock_grant":
			given++
		case "customer_equity", "stake":
			bought++
		}
	}
	at := d.word("direction", deal.Pos)
	switch {
	case deal.Direction == "none" && given+bought > 0:
		d.fail(at, "E0538", "write supplier_gives_equity, supplier_buys_equity or backstop", "direction is none, yet the file lists equity")
	case deal.Direction == "supplier_gives_equity" && given == 0:
		d.fail(at, "E0538", "list the warrant or grant under equity, or correct direction", "direction says that the supplier gives equity, and no warrant or grant is listed")
	case deal.Direction == "supplier_buys_equity" && bought == 0:
		d.fail(at, "E0538", "list the purchase under equity, or correct direction", "direction says that the supplier buys equity, and no purchase is listed")
	}
}

func (d *decoder) checkScenarios(deal *contract.Deal) {
	for _, s := range deal.Scenarios {
		probe := contract.Clone(deal)
		for _, set := range s.Set {
			if dg := Set(probe, set); dg != nil {
				d.list.Add(*dg)
			}
		}
	}
}

// Set gives the figure or word at set.Path another value. deal must be a clone
// that nobody else reads. The result is nil when it worked.
func Set(deal *contract.Deal, set contract.Setting) *diag.Diagnostic {
	v, tag, err := contract.Lookup(deal, set.Path)
	if err != nil {
		return &diag.Diagnostic{
			Code: "E0532", Pos: set.Pos, Message: err.Error(),
			Cure: "write the keys with dots between them, and ids for list items: capacity.tranches.t1.mw",
		}
	}
	bad := func(code diag.Code, cure, format string, args ...any) *diag.Diagnostic {
		return &diag.Diagnostic{Code: code, Pos: set.Pos, Cure: cure, Message: fmt.Sprintf(format, args...)}
	}
	switch {
	case v.Type() == figureType:
		return setFigure(v.Addr().Interface().(*contract.Figure), classes[tag.Get("unit")], set, bad)
	case v.Type() == dateType:
		date, ok := contract.ParseDate(set.Value)
		if !ok {
			return bad("E0533", "write 2026-05-14", "%q is no date", set.Value)
		}
		v.Set(reflect.ValueOf(date))
	case v.Kind() == reflect.String:
		if words := strings.Split(tag.Get("enum"), "|"); tag.Get("enum") != "" && !slices.Contains(words, set.Value) {
			return bad("E0533", "write one of "+strings.Join(words, ", "), "%q is no %s", set.Value, lastKey(set.Path))
		}
		v.SetString(set.Value)
	case v.Kind() == reflect.Bool:
		v.SetBool(set.Value == "true")
	default:
		return bad("E0532", "name a figure, a date or a word", "%q is a section and cannot be set", set.Path)
	}
	return nil
}

func setFigure(f *contract.Figure, cl class, set contract.Setting, bad func(diag.Code, string, string, ...any) *diag.Diagnostic) *diag.Diagnostic {
	q, err := units.Parse(set.Value)
	if err != nil {
		return bad("E0533", "write it like "+cl.example, "%s", err)
	}
	if len(cl.dims) > 0 && !slices.Contains(cl.dims, q.Unit.Dim) {
		return bad("E0533", "write it like "+cl.example, "%s is counted in %s, and %q is %s", lastKey(set.Path), cl.dims[0], set.Value, q.Unit.Dim)
	}
	if cl.kinded && q.Unit.Kind == units.Plain {
		return bad("E0533", "write it like "+cl.example, "%q does not say its kind", set.Value)
	}
	f.Known, f.Unit, f.Text, f.Path = true, q.Unit, set.Value, set.Path
	f.Base, f.Low, f.High, f.Dist = q.Value, q.Value, q.Value, contract.Point
	f.Assumed, f.Source, f.Undisclosed = "scenario", "", ""
	return nil
}
