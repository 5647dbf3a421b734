package claims

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"wafer/internal/deal/claims/expr"
	"wafer/internal/diag"
)

// Options of Check. The zero value judges each claim on its own date.
type Options struct {
	// AsOf judges all claims on one date instead: is it still true?
	AsOf time.Time
}

// Check answers every claim of f. outputs may be nil. A claim whose formulas have
// mistakes gets a diagnostic and no answer; the others are not affected.
func Check(f *File, outputs map[string]Output, o Options) ([]Answer, []diag.Diagnostic) {
	var ds diag.List
	ready := readyOutputs(f, outputs, &ds)
	var answers []Answer
	for i := range f.Claims {
		c := &f.Claims[i]
		at := c.Date
		if at.IsZero() {
			at = f.Date
		}
		if !o.AsOf.IsZero() {
			at = o.AsOf
		}
		k := checker{file: f, outputs: ready, claim: c, at: at, ds: &ds, seen: newScope(f, ready, c, at)}
		if a, ok := k.answer(); ok {
			answers = append(answers, a)
		}
	}
	return answers, ds.Sorted()
}

// readyOutputs gives outputs their units. A wrong unit is reported once, at the
// name that needs it if the file declares it.
func readyOutputs(f *File, outputs map[string]Output, ds *diag.List) map[string]output {
	need := map[string]Need{}
	for _, n := range f.Needs {
		need[n.Name] = n
	}
	out := map[string]output{}
	for _, name := range sortedKeys(outputs) {
		o := outputs[name]
		u, err := expr.ParseUnit(o.Unit)
		if err != nil {
			ds.Add(diag.Diagnostic{Severity: diag.Warning, Code: CodeQuantity, Message: fmt.Sprintf("model output %s is left out: %v", name, err)})
			continue
		}
		if n, ok := need[name]; ok && !n.Unit.Same(u) {
			ds.Add(diag.Diagnostic{
				Code: expr.CodeUnits, Pos: n.Pos, Cure: "declare it in the model's unit",
				Message: fmt.Sprintf("%s is needed in %s, the model gives %s", name, unitWord(n.Unit), unitWord(u)),
			})
			continue
		}
		out[name] = output{expr.Num(o.Value, u), o.Source}
	}
	return out
}

// checker works on one claim.
type checker struct {
	file    *File
	outputs map[string]output
	claim   *Claim
	at      time.Time
	ds      *diag.List
	seen    *scope // collects what the answer rests on
	// ofReading holds what each of the claim's other readings used.
	ofReading [][]Used
	failed    bool
}

func (k *checker) answer() (Answer, bool) {
	c := k.claim
	a := Answer{
		ID: c.ID, Quote: c.Quote, Date: k.at.Format(time.DateOnly), Says: k.says(),
		Source: c.Source, Note: c.Note,
	}
	if c.Plain != nil {
		r := k.reading(c.Plain, k.seen)
		a.Plain = &r
	}
	for i := range c.Readings {
		s := newScope(k.file, k.outputs, c, k.at)
		a.Readings = append(a.Readings, k.reading(&c.Readings[i], s))
		k.ofReading = append(k.ofReading, s.usedList())
	}
	if c.Plausible != nil {
		k.plausible()
	}
	k.solve(&a)
	if k.failed {
		return a, false
	}
	k.judge(&a)
	k.basis(&a)
	return a, true
}

// basis lists what the answer rests on. Its confidence is that of the plain
// reading and of the one that fits; a weak figure in a reading that was looked
// at and did not fit does not weaken the verdict.
func (k *checker) basis(a *Answer) {
	rests := k.seen.usedList() // of the plain reading and the bounds
	for i, r := range a.Readings {
		if a.Verdict == Loose && r.As == a.Fits {
			rests = append(rests, k.ofReading[i]...)
		}
		for _, u := range k.ofReading[i] {
			k.seen.use(u)
		}
	}
	a.Used = k.seen.usedList()
	a.Confidence = worst(k.claim.Confidence, rests)
}

func (k *checker) says() string {
	var parts []string
	for _, l := range k.claim.Says {
		parts = append(parts, expr.Show(l.Value))
	}
	s := strings.Join(parts, " to ")
	if k.claim.Relation == AtLeast || k.claim.Relation == AtMost {
		s = string(k.claim.Relation) + " " + s
	}
	return s
}

// judge applies the five steps of the package comment.
func (k *checker) judge(a *Answer) {
	plain := a.Plain
	if len(k.claim.Says) == 0 {
		why := "the claim states no figure"
		if plain != nil && plain.Missing == "" {
			why += "; " + plainGives(plain)
		}
		k.notCheckable(a, why)
		return
	}
	if plain != nil && plain.Match {
		a.Verdict, a.Fits = OK, plain.As
		a.Because = plainGives(plain)
		return
	}
	if plain != nil && k.stale(a) {
		return
	}
	conflict := ""
	for _, r := range a.Readings {
		switch {
		case r.Match && r.Refused == "":
			a.Verdict, a.Fits = Loose, r.As
			a.Because = fmt.Sprintf("%s; but %s: %s", plainGives(plain), r.As, r.Result)
			return
		case r.Match && conflict == "":
			conflict = fmt.Sprintf("%s: %s, but that needs %s, which does not hold", r.As, r.Result, r.Refused)
		}
	}
	k.otherwise(a, conflict)
}

// otherwise is steps four and five, when no reading fits.
func (k *checker) otherwise(a *Answer, conflict string) {
	plain := a.Plain
	if conflict == "" && (plain == nil || plain.Missing != "") {
		reason := "no reading of it can be computed here"
		if plain != nil {
			reason = plain.Missing
		}
		k.notCheckable(a, reason)
		return
	}
	a.Verdict = Wrong
	a.Because = plainGives(plain) + "; no reading gives " + a.Says
	if conflict != "" {
		a.Qualifier = Inconsistent
		a.Because = plainGives(plain) + "; " + conflict
	}
}

func plainGives(r *ReadingResult) string {
	switch {
	case r == nil:
		return "nothing is stated that decides it"
	case r.Missing != "":
		return r.As + ": " + r.Missing
	}
	return fmt.Sprintf("%s: %s", r.As, r.Result)
}

func (k *checker) notCheckable(a *Answer, why string) {
	a.Verdict, a.Because = NotCheckable, why
	if k.claim.Plausible == nil {
		return
	}
	v, err := k.claim.Plausible.Expr.Eval(k.seen.env())
	switch {
	case err != nil:
	case v.Bool:
		a.Qualifier = Plausible
		a.Because += "; within known bounds: " + k.claim.Plausible.Expr.Arithmetic(k.seen.env())
	default:
		a.Qualifier = Implausible
		a.Because += "; outside known bounds: " + k.claim.Plausible.Expr.Arithmetic(k.seen.env())
	}
}

// plausible checks the kind of the condition; its value is used by notCheckable.
func (k *checker) plausible() {
	v, err := k.claim.Plausible.Expr.Eval(k.seen.env())
	if err != nil {
		k.report(k.claim.Plausible, err)
		return
	}
	if v.Kind != expr.Bool {
		k.mistake(k.claim.Plausible, CodeRelation, "compare something, as in said < limit", "plausible must be yes/no, not a %s", v.Kind)
	}
}

// reading computes one reading in a scope. All its formulas are computed, so
// that every mistake in a file shows at once.
func (k *checker) reading(r *Reading, s *scope) ReadingResult {
	out := ReadingResult{As: r.As, Match: len(r.Reads) > 0 && len(k.claim.Says) > 0}
	var formulas, arithmetic, results []string
	for i := range r.Reads {
		f := &r.Reads[i]
		formulas = append(formulas, f.Expr.String())
		v, err := f.Expr.Eval(s.env())
		arithmetic = append(arithmetic, f.Expr.Arithmetic(s.env()))
		if err != nil {
			out.Match = false
			out.Missing = k.report(f, err)
			continue
		}
		v = k.inUnitOfSays(v)
		results = append(results, expr.Show(v))
		k.setNumbers(&out, v)
		if len(k.claim.Says) > 0 && !k.matches(f, v) {
			out.Match = false
		}
	}
	out.Formula = strings.Join(formulas, "; ")
	out.Arithmetic = strings.Join(arithmetic, "; ")
	out.Result = strings.Join(results, "; ")
	if r.Given != nil {
		k.given(r.Given, s, &out)
	}
	return out
}

// given notes the condition that a reading breaks.
func (k *checker) given(f *Formula, s *scope, out *ReadingResult) {
	v, err := f.Expr.Eval(s.env())
	switch {
	case err != nil:
		k.report(f, err)
	case v.Kind != expr.Bool:
		k.mistake(f, CodeRelation, "compare something, as in a < b", "given must be yes/no, not a %s", v.Kind)
	case !v.Bool:
		out.Refused = f.Expr.Arithmetic(s.env())
	}
}

// inUnitOfSays shows a number the way the claim does.
func (k *checker) inUnitOfSays(v expr.Value) expr.Value {
	if len(k.claim.Says) == 0 || v.Kind != expr.Number {
		return v
	}
	if u := k.claim.Says[0].Value.Unit; u.Same(v.Unit) {
		v.Unit = u
	}
	return v
}

func (k *checker) setNumbers(out *ReadingResult, v expr.Value) {
	if v.Kind != expr.Number {
		return
	}
	amount := v.In(v.Unit)
	out.Value, out.Unit = &amount, v.Unit.String()
	if len(k.claim.Says) == 1 && k.claim.Says[0].Value.Num != 0 {
		said := k.claim.Says[0].Value.Num
		off := (v.Num - said) / math.Abs(said)
		out.Off = &off
	}
}

// matches compares a computed value with what the claim says.
func (k *checker) matches(f *Formula, v expr.Value) bool {
	c := k.claim
	said := c.Says[0].Value
	if v.Kind != said.Kind || v.Kind == expr.Number && !v.Unit.Same(said.Unit) {
		k.mistake(f, CodeRelation, "make the formula give what the claim says, or correct says",
			"the formula gives %s, the claim says %s", describe(v), describe(said))
		return false
	}
	switch v.Kind {
	case expr.Bool:
		return v.Bool == said.Bool
	case expr.Text:
		return strings.EqualFold(v.Text, said.Text)
	case expr.Date:
		return v.Date.Equal(said.Date)
	}
	slack := c.slack() + 1e-12*math.Abs(said.Num)
	switch c.Relation {
	case AtLeast:
		return v.Num >= said.Num-slack
	case AtMost:
		return v.Num <= said.Num+slack
	case Between:
		top := c.Says[1].Value.Num
		return v.Num >= said.Num-c.widen(said.Num) && v.Num <= top+c.widen(top)
	}
	return math.Abs(v.Num-said.Num) <= slack
}

// slack is how far a value may be from what is said. Without a tolerance it is
// what rounding to the digits of the claim may hide; a bound has none.
func (c *Claim) slack() float64 {
	switch {
	case c.Within >= 0:
		return c.Within
	case c.Tolerance >= 0:
		return c.Tolerance * math.Abs(c.Says[0].Value.Num)
	case c.Relation == About:
		return c.Says[0].HalfDigit
	}
	return 0
}

// widen is the slack at one end of a range.
func (c *Claim) widen(end float64) float64 {
	switch {
	case c.Within >= 0:
		return c.Within
	case c.Tolerance >= 0:
		return c.Tolerance * math.Abs(end)
	}
	return 1e-12 * math.Abs(end)
}

func describe(v expr.Value) string {
	if v.Kind == expr.Number {
		return unitWord(v.Unit)
	}
	return "a " + v.Kind.String()
}

// stale looks for an earlier date on which the plain reading gave what is said.
// Only the dates at which a figure changed can make a difference.
func (k *checker) stale(a *Answer) bool {
	s := newScope(k.file, k.outputs, k.claim, k.at)
	k.reading(k.claim.Plain, s)
	dates := slices.SortedFunc(mapKeys(s.changes), func(x, y time.Time) int { return y.Compare(x) })
	until := time.Time{}
	for _, d := range dates {
		// From d on the figures were what they were on d; the change that ended it is
		// the next one in time.
		past := newScope(k.file, k.outputs, k.claim, d)
		if !d.Equal(k.at) {
			if r := k.quietly(past); r.Match {
				name := s.changes[until]
				a.Verdict, a.Fits = Stale, "until "+until.Format(time.DateOnly)
				a.Because = fmt.Sprintf("%s gave %s from %s; overtaken on %s, when %s became %s",
					r.As, r.Result, d.Format(time.DateOnly), until.Format(time.DateOnly), name, k.valueOn(name, until))
				return true
			}
		}
		until = d
	}
	return false
}

// quietly computes the plain reading on another date; that a figure does not
// exist yet there is no mistake.
func (k *checker) quietly(s *scope) ReadingResult {
	var none diag.List
	q := *k
	q.ds = &none
	r := q.reading(k.claim.Plain, s)
	if q.failed {
		r.Match = false
	}
	return r
}

func (k *checker) valueOn(name string, at time.Time) string {
	v, err := newScope(k.file, k.outputs, k.claim, at).lookup(name)
	if err != nil {
		return "unknown"
	}
	return expr.Show(v)
}

func mapKeys(m map[time.Time]string) func(func(time.Time) bool) {
	return func(yield func(time.Time) bool) {
		for d := range m {
			if !yield(d) {
				return
			}
		}
	}
}

// report turns an evaluation error into a diagnostic, or into the reason why a
// reading cannot be computed, which it returns.
func (k *checker) report(f *Formula, err error) string {
	var lacks *missing
	var early *undated
	switch {
	case errors.As(err, &lacks):
		return lacks.Error()
	case errors.As(err, &early):
		return early.Error()
	}
	k.failed = true
	var d diag.Diagnostic
	var mistake *expr.Error
	switch {
	case errors.As(err, &d):
		k.ds.Add(d)
	case errors.As(err, &mistake):
		k.ds.Add(f.place(mistake))
	default:
		k.ds.Errorf(f.Pos, expr.CodeName, "%v", err)
	}
	return ""
}

func (k *checker) mistake(f *Formula, code diag.Code, cure, format string, args ...any) {
	k.failed = true
	k.ds.Add(diag.Diagnostic{Code: code, Pos: f.Pos, Message: "claim " + k.claim.ID + ": " + fmt.Sprintf(format, args...), Cure: cure})
}

// worst is the weakest confidence mark of all that was used.
func worst(own string, used []Used) string {
	at := strings.Index(marks, own)
	if own == "" {
		at = -1
	}
	for _, u := range used {
		if u.Confidence != "" {
			at = max(at, strings.Index(marks, u.Confidence))
		}
	}
	if at < 0 {
		return ""
	}
	return marks[at : at+1]
}
