package claims

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"wafer/internal/deal/claims/expr"
	"wafer/internal/diag"
)

// scope is where the formulas of one claim find their names: what the claim
// itself says, what other claims say, the outputs of the model, and the
// constants as they stood on a date. A model output comes before a constant of
// the same name, so a file can carry fallbacks for names a model refines.
type scope struct {
	file    *File
	outputs map[string]output
	claim   *Claim
	at      time.Time
	factor  map[string]float64 // multiplies constants, for solving
	open    []string           // constants being computed
	used    map[string]Used
	order   []string             // of used
	changes map[time.Time]string // dates at which a used series changed before `at`
	// known holds constants already computed: a chain of formulas that each use
	// the one before twice must not take two to the power of its length.
	known map[string]expr.Value
}

// output is an Output made ready.
type output struct {
	value  expr.Value
	source string
}

// missing is the error for a declared model output that is not there.
type missing struct{ name string }

func (m *missing) Error() string { return fmt.Sprintf("the model output %s is not there", m.name) }

// undated is the error for a series that has no value yet on a date.
type undated struct {
	name string
	at   time.Time
}

func (u *undated) Error() string {
	return fmt.Sprintf("%s has no value yet on %s", u.name, u.at.Format(time.DateOnly))
}

func newScope(f *File, outputs map[string]output, c *Claim, at time.Time) *scope {
	return &scope{file: f, outputs: outputs, claim: c, at: at, used: map[string]Used{}, changes: map[time.Time]string{}, known: map[string]expr.Value{}}
}

func (s *scope) env() expr.Env { return expr.Env{Lookup: s.lookup, Names: s.names} }

// names is what a misspelt name may have meant.
func (s *scope) names() []string {
	out := append([]string{"said", "date"}, sortedKeys(s.file.byName)...)
	for _, n := range s.file.Needs {
		out = append(out, n.Name)
	}
	return append(out, sortedKeys(s.outputs)...)
}

func (s *scope) lookup(name string) (expr.Value, error) {
	if v, ok := s.ofText(name); ok {
		return v, nil
	}
	if o, ok := s.outputs[name]; ok {
		s.use(Used{Name: name, Value: expr.Show(o.value), Source: o.source})
		return o.value, nil
	}
	if i, ok := s.file.byName[name]; ok {
		return s.constant(&s.file.Constants[i])
	}
	for _, n := range s.file.Needs {
		if n.Name == name {
			return expr.Value{}, &missing{name}
		}
	}
	return expr.Value{}, expr.ErrUnknown
}

// ofText finds what the text itself says: said, claim.ID, date.
func (s *scope) ofText(name string) (expr.Value, bool) {
	c := s.claim
	if id, ok := strings.CutPrefix(name, "claim."); ok {
		i, known := s.file.byID[id]
		if !known {
			return expr.Value{}, false
		}
		c, name = &s.file.Claims[i], "said"
	}
	switch {
	case name == "date":
		return expr.Value{Kind: expr.Date, Date: s.at}, true
	case name == "said" && len(c.Says) > 0:
		return c.Says[0].Value, true
	}
	return expr.Value{}, false
}

// constant gives a constant's value on the scope's date.
func (s *scope) constant(c *Constant) (expr.Value, error) {
	if v, ok := s.known[c.Name]; ok {
		return v, nil
	}
	v, err := s.raw(c)
	if err != nil {
		return v, err
	}
	if k, ok := s.factor[c.Name]; ok && v.Kind == expr.Number {
		v.Num *= k
	}
	s.known[c.Name] = v
	s.use(Used{Name: c.Name, Value: expr.Show(v), Source: c.Source, AsOf: c.AsOf, Confidence: c.Confidence, Note: c.Note})
	return v, nil
}

func (s *scope) raw(c *Constant) (expr.Value, error) {
	if c.Formula != nil {
		return s.derived(c)
	}
	if len(c.Points) == 0 { // reported when the file was read
		return expr.Value{}, &missing{c.Name}
	}
	last := -1
	for i, p := range c.Points {
		if p.From.After(s.at) {
			break
		}
		last = i
		if i > 0 {
			s.changes[p.From] = c.Name
		}
	}
	if last < 0 {
		return expr.Value{}, &undated{c.Name, s.at}
	}
	if !c.Points[0].From.IsZero() {
		s.changes[c.Points[0].From] = c.Name
	}
	return c.Points[last].Value, nil
}

// derived computes a constant that is a formula. Its own mistakes are reported
// at its own place, so they travel as diagnostics.
func (s *scope) derived(c *Constant) (expr.Value, error) {
	for i, name := range s.open {
		if name == c.Name {
			return expr.Value{}, diag.Diagnostic{
				Code: CodeCycle, Pos: c.Pos, Cure: "give one of them a value",
				Message: "constant " + c.Name + " needs itself: " + strings.Join(append(s.open[i:len(s.open):len(s.open)], c.Name), " → "),
			}
		}
	}
	s.open = append(s.open, c.Name)
	v, err := c.Formula.Expr.Eval(s.env())
	s.open = s.open[:len(s.open)-1]
	var mistake *expr.Error
	switch {
	case errors.As(err, &mistake):
		return v, c.Formula.place(mistake)
	case err != nil:
		return v, errors.Unwrap(err) // of a *expr.LookupError
	}
	if v.Kind == expr.Number && c.Unit.String() != "" {
		if !v.Unit.Same(c.Unit) {
			return v, diag.Diagnostic{
				Code: expr.CodeUnits, Pos: c.Pos, Cure: "correct the unit or the formula",
				Message: fmt.Sprintf("constant %s is declared in %s, its formula gives %s", c.Name, c.Unit, unitWord(v.Unit)),
			}
		}
		v.Unit = c.Unit
	}
	return v, nil
}

func unitWord(u expr.Unit) string {
	if s := u.String(); s != "" {
		return s
	}
	return "a plain number"
}

func (s *scope) use(u Used) {
	if _, ok := s.used[u.Name]; !ok {
		s.order = append(s.order, u.Name)
	}
	s.used[u.Name] = u
}

func (s *scope) usedList() []Used {
	var out []Used
	for _, n := range s.order {
		out = append(out, s.used[n])
	}
	return out
}
