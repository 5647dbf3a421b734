package expr

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Unit is a product of base units with a scale: "M$/MW-yr" is 1e6 × USD¹ W⁻¹ yr⁻¹
// × 1e-6. A base may carry a kind in brackets, and kinds do not mix: MW[it] is
// not MW[facility], PFLOPS[sparse8] is not PFLOPS[dense]. The zero Unit is the
// dimensionless 1.
type Unit struct {
	label string  // as written, for printing
	scale float64 // 0 means 1
	dims  string  // canonical: "USD^1 W[it]^-1", the identity of the dimension
}

// baseUnit is one spelling of a unit. prefixes lists the SI (or financial)
// prefixes that may stand before it.
type baseUnit struct {
	dim      string
	pow      int
	scale    float64
	prefixes string
}

// secondsPerYear is the 365-day year of capacity contracts (31.536 million s).
const secondsPerYear = 365 * 86400

// baseUnits is the table of units. Plurals are handled by lookup.
func baseUnits() map[string]baseUnit {
	m := map[string]baseUnit{
		"USD": {"USD", 1, 1, "kMBT"}, "$": {"USD", 1, 1, "kMBT"},
		"RMB": {"RMB", 1, 1, "kMBT"},
		"W":   {"W", 1, 1, "kMGT"},
		"yr":  {"yr", 1, 1, ""}, "year": {"yr", 1, 1, ""},
		"month": {"yr", 1, 1.0 / 12, ""}, "quarter": {"yr", 1, 0.25, ""},
		"day": {"yr", 1, 1.0 / 365, ""}, "hour": {"yr", 1, 1.0 / 8760, ""},
		"h": {"yr", 1, 1.0 / 8760, ""}, "s": {"yr", 1, 1.0 / secondsPerYear, ""},
		"FLOPS": {"FLOPS", 1, 1, "kMGTPE"}, "FLOP": {"FLOP", 1, 1, "kMGTPE"},
		"B": {"byte", 1, 1, "kMGTPE"}, "byte": {"byte", 1, 1, ""},
		"m": {"m", 1, 1, ""}, "mm": {"m", 1, 1e-3, ""}, "cm": {"m", 1, 1e-2, ""},
		"inch": {"m", 1, 0.0254, ""}, "ft": {"m", 1, 0.3048, ""},
		"mm2": {"m", 2, 1e-6, ""}, "cm2": {"m", 2, 1e-4, ""}, "ft2": {"m", 2, 0.3048 * 0.3048, ""},
		"%": {"", 0, 0.01, ""}, "x": {"", 0, 1, ""}, "bp": {"", 0, 1e-4, ""},
	}
	// Things that are counted. Each is its own dimension, so that dollars a share
	// times shares is dollars and nothing else is.
	for _, name := range []string{
		"share", "token", "system", "wafer", "rack", "core", "transistor", "site", "contract", "block", "GPU",
	} {
		m[name] = baseUnit{name, 1, 1, "kMBT"}
	}
	return m
}

var units = baseUnits()

// magnitudes are the letters that scale a number: 5M, 27B. B is a thousand
// million and T a million million, as in the press.
var magnitudes = map[byte]float64{'k': 1e3, 'M': 1e6, 'B': 1e9, 'G': 1e9, 'T': 1e12, 'P': 1e15, 'E': 1e18}

// unitNames lists the spellings, for suggestions.
func unitNames() []string { return slices.Sorted(maps.Keys(units)) }

// lookupUnit resolves one word such as "MW", "shares", "B$" or "PFLOPS".
func lookupUnit(word string) (baseUnit, bool) {
	if u, ok := prefixed(word); ok {
		return u, true
	}
	if singular, ok := strings.CutSuffix(word, "s"); ok && len(singular) > 1 {
		return prefixed(singular)
	}
	return baseUnit{}, false
}

// prefixed resolves a unit word with or without one prefix letter.
func prefixed(word string) (baseUnit, bool) {
	// A lone B is refused: is it bytes or a thousand million?
	if u, ok := units[word]; ok && word != "B" {
		return u, true
	}
	if len(word) < 2 {
		return baseUnit{}, false
	}
	u, ok := units[word[1:]]
	if !ok || strings.IndexByte(u.prefixes, word[0]) < 0 {
		return baseUnit{}, false
	}
	u.scale *= magnitudes[word[0]]
	return u, true
}

// maxUnitPower bounds exponents: nothing in this field is to the tenth.
const maxUnitPower = 9

// ParseUnit reads a unit such as "USD/MW[it]-yr". A hyphen is a product that
// binds tighter than the slash, as people write it. The empty string and "1"
// are dimensionless.
func ParseUnit(s string) (Unit, error) {
	out := Unit{label: strings.TrimSpace(s), scale: 1}
	if out.label == "" || out.label == "1" {
		return Unit{}, nil
	}
	dims := map[string]int{}
	for i, group := range strings.Split(out.label, "/") {
		sign := 1
		if i > 0 {
			sign = -1
		}
		if i == 0 && strings.TrimSpace(group) == "1" {
			continue
		}
		for _, atom := range strings.FieldsFunc(group, func(r rune) bool { return r == '-' || r == '*' || r == '·' }) {
			if err := out.multiply(dims, strings.TrimSpace(atom), sign); err != nil {
				return Unit{}, err
			}
		}
		if strings.Trim(group, " -*·") == "" {
			return Unit{}, fmt.Errorf("unit %q has an empty part", s)
		}
	}
	out.dims = canonical(dims)
	return out, nil
}

// multiply adds one atom, such as W[it]^2, to a unit being read.
func (u *Unit) multiply(dims map[string]int, atom string, sign int) error {
	word, pow := atom, 1
	if w, p, ok := strings.Cut(atom, "^"); ok {
		n, err := strconv.Atoi(p)
		if err != nil || n < 1 || n > maxUnitPower {
			return fmt.Errorf("power %q of unit %q is not a whole number from 1 to %d", p, w, maxUnitPower)
		}
		word, pow = w, n
	}
	kind := ""
	if w, k, ok := strings.Cut(word, "["); ok {
		k, closed := strings.CutSuffix(k, "]")
		if !closed || !isKind(k) {
			return fmt.Errorf("kind of unit %q is not a word in brackets", atom)
		}
		word, kind = w, "["+k+"]"
	}
	b, ok := lookupUnit(word)
	if !ok {
		return &UnknownUnit{word}
	}
	u.scale *= math.Pow(b.scale, float64(sign*pow))
	if b.dim == "" {
		return nil
	}
	dims[b.dim+kind] += sign * pow * b.pow
	return nil
}

// UnknownUnit is the error for a word that is no unit.
type UnknownUnit struct{ Word string }

func (e *UnknownUnit) Error() string { return fmt.Sprintf("unknown unit %q", e.Word) }

func isKind(k string) bool {
	for _, r := range k {
		if !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_') {
			return false
		}
	}
	return k != ""
}

func canonical(dims map[string]int) string {
	var parts []string
	for _, d := range slices.Sorted(maps.Keys(dims)) {
		if dims[d] != 0 {
			parts = append(parts, fmt.Sprintf("%s^%d", d, dims[d]))
		}
	}
	return strings.Join(parts, " ")
}

// powers is the inverse of canonical.
func (u Unit) powers() map[string]int {
	out := map[string]int{}
	for _, p := range strings.Fields(u.dims) {
		name, pow, _ := strings.Cut(p, "^")
		out[name], _ = strconv.Atoi(pow)
	}
	return out
}

// combine multiplies (sign 1) or divides (sign -1) the dimensions of two units.
// The result is in base units, scale 1.
func combine(a, b Unit, sign int) Unit {
	dims := a.powers()
	for d, p := range b.powers() {
		dims[d] += sign * p
	}
	return base(dims)
}

// base is the unit of scale 1 with the given dimensions.
func base(dims map[string]int) Unit {
	return Unit{scale: 1, dims: canonical(dims)}
}

// bare drops the kinds: what is left says only how much, not of which sort.
func (u Unit) bare() Unit {
	dims := map[string]int{}
	for d, p := range u.powers() {
		name, _, _ := strings.Cut(d, "[")
		dims[name] += p
	}
	return base(dims)
}

// Same reports whether two units measure the same thing, scale apart.
func (u Unit) Same(o Unit) bool { return u.dims == o.dims }

// Dimensionless reports whether u is a pure number.
func (u Unit) Dimensionless() bool { return u.dims == "" }

// Scale is what one u is in base units.
func (u Unit) Scale() float64 {
	if u.scale == 0 {
		return 1
	}
	return u.scale
}

// String is the unit as it was written, or its base units.
func (u Unit) String() string {
	if u.label != "" {
		return u.label
	}
	var top, bottom []string
	for _, p := range strings.Fields(u.dims) {
		name, pow, _ := strings.Cut(p, "^")
		n, _ := strconv.Atoi(pow)
		if abs := max(n, -n); abs > 1 {
			name += "^" + strconv.Itoa(abs)
		}
		if n > 0 {
			top = append(top, name)
		} else {
			bottom = append(bottom, name)
		}
	}
	s := strings.Join(top, "*")
	if len(bottom) > 0 {
		if s == "" {
			s = "1"
		}
		s += "/" + strings.Join(bottom, "-")
	}
	return s
}
