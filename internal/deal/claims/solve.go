package claims

import (
	"fmt"
	"math"

	"wafer/internal/deal/claims/expr"
	"wafer/internal/diag"
)

// solve answers "what would have to be true?": the value of one constant at
// which the first reading that uses it gives what the claim says.
func (k *checker) solve(a *Answer) {
	c := k.claim
	if c.Solve == "" || k.failed {
		return
	}
	i, ok := k.file.byName[c.Solve]
	if !ok || len(k.file.Constants[i].Points) == 0 || k.file.Constants[i].Points[0].Value.Kind != expr.Number ||
		len(c.Says) != 1 || c.Says[0].Value.Kind != expr.Number {
		k.failed = true
		k.ds.Add(diag.Diagnostic{
			Code: CodeSolve, Pos: c.Pos, Message: fmt.Sprintf("claim %s cannot be solved for %q", c.ID, c.Solve),
			Cure: "name a constant with a number as its value, and let says be one number",
		})
		return
	}
	r := k.solvable()
	if r == nil {
		k.failed = true
		k.ds.Add(diag.Diagnostic{Code: CodeSolve, Pos: c.Pos, Message: fmt.Sprintf("no formula of claim %s uses %s", c.ID, c.Solve)})
		return
	}
	stated, err := newScope(k.file, k.outputs, c, k.at).lookup(c.Solve)
	if err != nil {
		return
	}
	factor, ok := k.root(r)
	if !ok {
		a.Solve = fmt.Sprintf("no value of %s gives %s (%s)", c.Solve, a.Says, r.As)
		return
	}
	needed := stated
	needed.Num *= factor
	a.Solve = fmt.Sprintf("%s would have to be %s, not %s (%s)", c.Solve, expr.Show(needed), expr.Show(stated), r.As)
}

// solvable is the first reading whose first formula uses the constant.
func (k *checker) solvable() *Reading {
	all := k.claim.Readings
	if k.claim.Plain != nil {
		all = append([]Reading{*k.claim.Plain}, all...)
	}
	for i := range all {
		if len(all[i].Reads) == 0 {
			continue
		}
		s := newScope(k.file, k.outputs, k.claim, k.at)
		if _, err := all[i].Reads[0].Expr.Eval(s.env()); err != nil {
			continue
		}
		if _, uses := s.used[k.claim.Solve]; uses {
			return &all[i]
		}
	}
	return nil
}

// The search looks at factors from a millionth to a million of the stated value,
// twenty a decade, for a change of sign, and halves that interval.
const (
	solveDecades = 6
	solvePerDec  = 20
)

func (k *checker) root(r *Reading) (factor float64, ok bool) {
	said := k.claim.Says[0].Value.Num
	f := func(logFactor float64) float64 {
		s := newScope(k.file, k.outputs, k.claim, k.at)
		s.factor = map[string]float64{k.claim.Solve: math.Pow(10, logFactor)}
		v, err := r.Reads[0].Expr.Eval(s.env())
		if err != nil || v.Kind != expr.Number {
			return math.NaN()
		}
		return v.Num - said
	}
	// From the stated value outwards, so that the nearest root is found.
	for i := range solveDecades * solvePerDec {
		for _, sign := range []float64{1, -1} {
			lo, hi := sign*float64(i)/solvePerDec, sign*float64(i+1)/solvePerDec
			if a, b := f(lo), f(hi); a*b <= 0 {
				return math.Pow(10, halve(f, lo, hi, a)), true
			}
		}
	}
	return 0, false
}

func halve(f func(float64) float64, lo, hi, atLo float64) float64 {
	for range 100 {
		mid := lo + (hi-lo)/2
		if v := f(mid); v*atLo > 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo + (hi-lo)/2
}
