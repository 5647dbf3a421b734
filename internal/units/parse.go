package units

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Error says why a text is no quantity and what to write instead.
type Error struct{ Reason, Cure string }

func (e *Error) Error() string { return e.Reason }

func fail(cure, format string, args ...any) error {
	return &Error{Reason: fmt.Sprintf(format, args...), Cure: cure}
}

// scaled is a unit word with its factor to the base unit.
type scaled struct {
	unit  Unit
	scale float64
}

// words maps what follows a number. Power, compute, tokens and shares take a
// kind as a second word and are looked up without it.
var words = map[string]scaled{
	"%":        {Unit{Ratio, Plain}, 0.01},
	"%/yr":     {Unit{Rate, Plain}, 0.01},
	"kW":       {Unit{Power, Plain}, 1e-3},
	"MW":       {Unit{Power, Plain}, 1},
	"GW":       {Unit{Power, Plain}, 1e3},
	"TFLOPS":   {Unit{Compute, Plain}, 1e12},
	"PFLOPS":   {Unit{Compute, Plain}, 1e15},
	"tokens":   {Unit{Tokens, Plain}, 1},
	"shares":   {Unit{Shares, Plain}, 1},
	"yr":       {Unit{Years, Plain}, 1},
	"years":    {Unit{Years, Plain}, 1},
	"months":   {Unit{Years, Plain}, 1.0 / 12},
	"days":     {Unit{Days, Plain}, 1},
	"tok/s":    {Unit{TokensPerSec, Plain}, 1},
	"tok/s/MW": {Unit{TokPerSecPerMW, Plain}, 1},
	"mm2":      {Unit{Area, Plain}, 1},
}

// perWords maps what follows the slash of an amount of money.
var perWords = map[string]Dim{
	"MW": MoneyPerMW, "MW-yr": MoneyPerMWYr, "share": MoneyPerShare, "kWh": MoneyPerKWh,
	"M tokens": MoneyPerMTok, "system": MoneyPerSys, "system-month": MoneyPerSysMo, "GPU-h": MoneyPerHour,
}

var kindsOf = map[Dim][]Kind{
	Power:        {Utility, Facility, CriticalIT, Nameplate},
	Compute:      {Dense, Sparse2, Sparse8},
	Tokens:       {Input, Cached, Output},
	Shares:       {Basic, Diluted},
	MoneyPerMTok: {Input, Cached, Output},
}

// kindless dimensions may stand without a kind: a warrant is for so many shares,
// neither basic nor diluted, and a rack's power is simply its power.
func kindless(d Dim) bool { return d == Shares || d == Tokens || d == MoneyPerMTok }

// maxText bounds a quantity as written; a longer one is prose.
const maxText = 80

// maxMagnitude keeps products of a few quantities far from overflow; the largest
// figure of the field, world compute in FLOPS, is below 1e30.
const maxMagnitude = 1e36

// Parse reads a number with its unit: "750 MW critical-IT", "$12.3M/MW-yr",
// "33,445,026 shares", "55%", "3 yr", or a bare number.
func Parse(text string) (Quantity, error) {
	s := strings.TrimSpace(text)
	if s == "" || len(s) > maxText {
		return Quantity{}, fail("write a number with its unit, such as 750 MW critical-IT", "a quantity must have 1 to %d characters", maxText)
	}
	if rest, neg, ok := dollars(s); ok {
		return parseMoney(rest, neg, text)
	}
	value, rest, err := number(s, text)
	if err != nil {
		return Quantity{}, err
	}
	scale, rest := magnitude(rest)
	value *= scale
	rest = strings.TrimSpace(rest)
	if rest == "" {
		return finish(value, None, "", text)
	}
	word, kind, _ := strings.Cut(rest, " ")
	w, ok := words[word]
	if !ok {
		return Quantity{}, unknownUnit(rest, text)
	}
	return finish(value*w.scale, w.unit.Dim, strings.TrimSpace(kind), text)
}

func dollars(s string) (rest string, negative, ok bool) {
	if r, found := strings.CutPrefix(s, "-$"); found {
		return r, true, true
	}
	r, found := strings.CutPrefix(s, "$")
	return r, false, found
}

func parseMoney(s string, neg bool, text string) (Quantity, error) {
	value, rest, err := number(s, text)
	if err != nil {
		return Quantity{}, err
	}
	if neg {
		value = -value
	}
	scale, rest := magnitude(rest)
	value *= scale
	if rest == "" {
		return finish(value, Money, "", text)
	}
	per, ok := strings.CutPrefix(rest, "/")
	if !ok {
		return Quantity{}, fail("write $12.3M, $12.3M/MW-yr, $40/share and so on", "%q follows the amount in %q", strings.TrimSpace(rest), text)
	}
	base, kind := per, ""
	if after, found := strings.CutPrefix(per, "M tokens "); found {
		base, kind = "M tokens", after
	} else if b, k, found := strings.Cut(per, " "); found && per != "M tokens" {
		base, kind = b, k
	}
	dim, ok := perWords[base]
	if !ok {
		return Quantity{}, fail("money is counted per MW, MW-yr, share, kWh, M tokens, system, system-month or GPU-h", "money per %q is not known", base)
	}
	return finish(value, dim, kind, text)
}

// finish checks the kind that was written against those the dimension has.
func finish(value float64, dim Dim, kind, text string) (Quantity, error) {
	if math.Abs(value) > maxMagnitude {
		return Quantity{}, fail("check the scale letter behind the number", "%q is larger than %g", text, maxMagnitude)
	}
	allowed := kindsOf[dim]
	if dim == MoneyPerMWYr || dim == MoneyPerMW {
		allowed = kindsOf[Power]
	}
	if kind == "" {
		return Quantity{value, Unit{dim, Plain}}, nil
	}
	for _, k := range allowed {
		if k.String() == kind {
			return Quantity{value, Unit{dim, k}}, nil
		}
	}
	if len(allowed) == 0 {
		return Quantity{}, fail("leave it out", "%q follows the unit in %q, but %s has no kinds", kind, text, dim)
	}
	return Quantity{}, fail("write one of "+kindList(allowed), "%q is no kind of %s", kind, dim)
}

// NeedsKind reports whether a quantity of d must say its kind, and which there are.
func NeedsKind(d Dim) (string, bool) {
	if kindless(d) || len(kindsOf[d]) == 0 {
		return "", false
	}
	return kindList(kindsOf[d]), true
}

func kindList(ks []Kind) string {
	names := make([]string, len(ks))
	for i, k := range ks {
		names[i] = k.String()
	}
	return strings.Join(names, ", ")
}

func unknownUnit(rest, text string) error {
	for w := range words {
		if strings.EqualFold(w, strings.Fields(rest)[0]) {
			return fail("write "+w, "%q in %q is not spelt as the unit is", strings.Fields(rest)[0], text)
		}
	}
	if strings.ContainsAny(rest, "$") {
		return fail("put the dollar sign first: $12.3M/MW-yr", "the currency stands behind the number in %q", text)
	}
	return fail("known units are %, %/yr, kW, MW, GW, PFLOPS, tokens, shares, yr, months, days, tok/s, tok/s/MW and amounts that start with $",
		"unknown unit %q", rest)
}

// number splits the digits off s. Commas may group thousands and are checked,
// because "1,5" is a European one-and-a-half and would become fifteen.
func number(s, text string) (float64, string, error) {
	end := 0
	for end < len(s) && strings.IndexByte("0123456789.,+-eE_", s[end]) >= 0 {
		if (s[end] == 'e' || s[end] == 'E') && (end+1 >= len(s) || strings.IndexByte("0123456789+-", s[end+1]) < 0) {
			break
		}
		end++
	}
	digits := s[:end]
	if digits == "" {
		return 0, "", fail("write a number with its unit, such as 750 MW critical-IT", "%q does not start with a number", text)
	}
	if !groupsOfThree(digits) {
		return 0, "", fail("use a point for decimals and commas only between groups of three digits", "the commas in %q do not group thousands", digits)
	}
	v, err := strconv.ParseFloat(strings.ReplaceAll(digits, ",", ""), 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return 0, "", fail("write digits with at most one decimal point", "%q is not a number", digits)
	}
	return v, s[end:], nil
}

func groupsOfThree(s string) bool {
	whole, _, _ := strings.Cut(s, ".")
	if !strings.Contains(s, ",") {
		return true
	}
	groups := strings.Split(strings.TrimLeft(whole, "+-"), ",")
	for i, g := range groups {
		if len(g) != 3 && (i > 0 || len(g) == 0 || len(g) > 3) {
			return false
		}
	}
	return !strings.Contains(s[len(whole):], ",")
}

// magnitude reads k, M, B or T directly behind the digits: $10B, 305M shares.
func magnitude(s string) (float64, string) {
	if s == "" || (len(s) > 1 && s[1] != ' ' && s[1] != '/') {
		return 1, s
	}
	switch s[0] {
	case 'k':
		return 1e3, s[1:]
	case 'M':
		return 1e6, s[1:]
	case 'B':
		return 1e9, s[1:]
	case 'T':
		return 1e12, s[1:]
	}
	return 1, s
}
