// Package claims checks what is said about a deal against arithmetic.
//
// In: claims files (YAML), each a list of quoted sentences with what they say, a
// formula for the plain reading of it, and formulas for other readings; dated,
// sourced constants; optionally the named outputs of a model. Out: one Answer a
// claim: OK, LOOSE, WRONG, STALE or N/C, computed, with the arithmetic written
// out, the definition under which the claim is true, and the sources used.
//
// The verdict is never stated in a claims file. It follows from five steps, in
// this order (verdict.go):
//
//  1. the plain reading gives what the claim says, on the claim's date: OK;
//  2. it gave that on an earlier date, by dated constants: STALE;
//  3. another reading gives it: LOOSE, and that reading is the answer;
//  4. nothing can be computed, or the claim says nothing computable: N/C;
//  5. otherwise WRONG; "inconsistent" when the only reading that fits
//     contradicts something else that the same text says.
package claims

import (
	"fmt"
	"time"

	"wafer/internal/deal/claims/expr"
	"wafer/internal/diag"
)

// Verdict is the answer to a claim.
type Verdict string

// The verdicts.
const (
	OK           Verdict = "OK"    // arithmetic and sources agree with the plain reading
	Loose        Verdict = "LOOSE" // true only under a definition the claim does not state
	Wrong        Verdict = "WRONG" // contradicted
	Stale        Verdict = "STALE" // was true, overtaken before the claim's date
	NotCheckable Verdict = "N/C"   // nothing here that arithmetic could decide
)

// Qualifiers of a verdict.
const (
	Inconsistent = "inconsistent" // with N other statements of the same text
	Plausible    = "plausible"    // not checkable, but within known bounds
	Implausible  = "implausible"  // not checkable, and outside known bounds
)

// File is one claims file, or several merged.
type File struct {
	Name      string
	Title     string
	Date      time.Time // of the text that makes the claims
	Constants []Constant
	Needs     []Need
	Claims    []Claim

	byName map[string]int // index into Constants
	byID   map[string]int // index into Claims
}

// Constant is a named figure with its origin. It is a value, a series of dated
// values, or a formula over other names.
type Constant struct {
	Name       string
	Points     []Point // in order of From; the first may have no date
	Formula    *Formula
	Unit       expr.Unit // to show a formula's result in
	Source     string
	AsOf       string
	Confidence string
	Note       string
	Pos        diag.Pos
}

// Point is the value of a constant from a date on.
type Point struct {
	From  time.Time
	Value expr.Value
}

// Need declares a name that a model provides. A claim that needs an output which
// is not there is N/C, not a mistake.
type Need struct {
	Name string
	Unit expr.Unit
	Pos  diag.Pos
}

// Formula is a parsed expression and where it stands.
type Formula struct {
	Expr *expr.Expr
	Pos  diag.Pos // of its first byte; Col 0 when it spans lines
}

// Relation says how the computed value must stand to what the claim says.
type Relation string

// The relations. About is the default; Is compares yes/no, texts and dates;
// Between needs two values in says.
const (
	About   Relation = "about"
	AtLeast Relation = "at least"
	AtMost  Relation = "at most"
	Between Relation = "between"
	Is      Relation = "is"
)

// Claim is one quoted sentence.
type Claim struct {
	ID         string
	Quote      string
	Date       time.Time // zero: the file's
	Says       []expr.Literal
	SaysText   string // as written
	Relation   Relation
	Tolerance  float64 // relative, -1: not given
	Within     float64 // absolute in base units, -1: not given
	Plain      *Reading
	Readings   []Reading
	Plausible  *Formula
	Solve      string // the constant to solve for
	Source     string
	Confidence string
	Note       string
	Pos        diag.Pos
}

// Reading is one definition under which a claim can be taken. All its formulas
// must give what the claim says. Given is a condition for it to be admissible.
type Reading struct {
	As    string
	Reads []Formula
	Given *Formula
	Pos   diag.Pos
}

// Output is one named output of a model run.
type Output struct {
	Value  float64 `json:"value"` // an amount of Unit
	Unit   string  `json:"unit"`
	Source string  `json:"source,omitempty"`
}

// Answer is the result for one claim, ready to print or encode.
type Answer struct {
	ID         string          `json:"id"`
	Quote      string          `json:"quote"`
	Date       string          `json:"date"`
	Verdict    Verdict         `json:"verdict"`
	Qualifier  string          `json:"qualifier,omitempty"`
	Says       string          `json:"says,omitempty"`
	Because    string          `json:"because"`        // the verdict's reason, one sentence
	Fits       string          `json:"fits,omitempty"` // the definition that makes it true
	Solve      string          `json:"solve,omitempty"`
	Plain      *ReadingResult  `json:"plain,omitempty"`
	Readings   []ReadingResult `json:"readings,omitempty"`
	Used       []Used          `json:"used,omitempty"`
	Source     string          `json:"source,omitempty"`
	Confidence string          `json:"confidence,omitempty"` // the worst mark of all that was used
	Note       string          `json:"note,omitempty"`
}

// ReadingResult is a reading with its arithmetic.
type ReadingResult struct {
	As         string   `json:"as"`
	Formula    string   `json:"formula"`
	Arithmetic string   `json:"arithmetic"` // with the values in place of the names
	Result     string   `json:"result,omitempty"`
	Value      *float64 `json:"value,omitempty"` // in Unit, when it is a number
	Unit       string   `json:"unit,omitempty"`
	Off        *float64 `json:"off,omitempty"` // (value - said) / said
	Match      bool     `json:"match"`
	Missing    string   `json:"missing,omitempty"` // the model output that is not there
	Refused    string   `json:"refused,omitempty"` // the condition that it breaks
}

// Used is a figure that an answer rests on.
type Used struct {
	Name       string `json:"name"`
	Value      string `json:"value"`
	Source     string `json:"source"`
	AsOf       string `json:"as_of,omitempty"`
	Confidence string `json:"confidence,omitempty"`
	Note       string `json:"note,omitempty"`
}

// Merge joins files: constants of one are seen by the claims of all. Names and
// claim ids must differ; each claim keeps its own file's date.
func Merge(title string, files ...*File) (*File, []diag.Diagnostic) {
	out := &File{Title: title}
	var ds diag.List
	for _, f := range files {
		if out.Date.Before(f.Date) {
			out.Date = f.Date
		}
		out.Constants = append(out.Constants, f.Constants...)
		out.Needs = append(out.Needs, f.Needs...)
		for _, c := range f.Claims {
			if c.Date.IsZero() {
				c.Date = f.Date
			}
			out.Claims = append(out.Claims, c)
		}
	}
	out.index(&ds)
	return out, ds.Sorted()
}

// index makes the lookup tables and reports names that are taken twice.
func (f *File) index(ds *diag.List) {
	f.byName, f.byID = map[string]int{}, map[string]int{}
	for i, c := range f.Constants {
		if first, ok := f.byName[c.Name]; ok {
			twice(ds, c.Pos, f.Constants[first].Pos, "constant", c.Name)
			continue
		}
		f.byName[c.Name] = i
	}
	for i, c := range f.Claims {
		if first, ok := f.byID[c.ID]; ok {
			twice(ds, c.Pos, f.Claims[first].Pos, "claim", c.ID)
			continue
		}
		f.byID[c.ID] = i
	}
}

func twice(ds *diag.List, pos, first diag.Pos, what, name string) {
	ds.Add(diag.Diagnostic{
		Code: CodeTwice, Pos: pos, Message: fmt.Sprintf("%s %s is given twice", what, name),
		Cure: "rename or remove one of them", Notes: []diag.Extra{{Pos: first, Message: "the first is here"}},
	})
}
