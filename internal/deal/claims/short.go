package claims

import (
	"fmt"
	"time"

	"wafer/internal/deal/claims/expr"
	"wafer/internal/diag"
)

// Short is a claim in the short form that deal files carry: one formula over the
// deal's outputs and one figure.
type Short struct {
	ID        string
	Quote     string
	Formula   string
	Said      Output  // its Source is the claim's
	Tolerance float64 // relative
	Pos       diag.Pos
}

// FromShort makes a File of short claims, so that a deal's own claims are judged
// by the same steps as a claims file. Mistakes are placed at the claim.
func FromShort(title string, date time.Time, list []Short) (*File, []diag.Diagnostic) {
	f := &File{Title: title, Date: date}
	var ds diag.List
	for _, s := range list {
		e, mistake := expr.Parse(s.Formula)
		if mistake != nil {
			ds.Add(diag.Diagnostic{Code: mistake.Code, Pos: s.Pos, Message: fmt.Sprintf("claim %s: %s", s.ID, mistake.Message), Cure: mistake.Cure})
			continue
		}
		u, err := expr.ParseUnit(s.Said.Unit)
		if err != nil {
			ds.Errorf(s.Pos, CodeQuantity, "claim %s: %v", s.ID, err)
			continue
		}
		f.Claims = append(f.Claims, Claim{
			ID: s.ID, Quote: s.Quote, Pos: s.Pos, Source: s.Said.Source,
			Says: []expr.Literal{{Value: expr.Num(s.Said.Value, u)}}, Relation: About,
			Tolerance: s.Tolerance, Within: -1,
			Plain: &Reading{As: "as it is said", Pos: s.Pos, Reads: []Formula{{Expr: e, Pos: placeOnly(s.Pos)}}},
		})
	}
	f.index(&ds)
	return f, ds.Sorted()
}

// placeOnly keeps file and line: where the formula begins in it is not known.
func placeOnly(p diag.Pos) diag.Pos { return diag.Pos{File: p.File, Line: p.Line} }
