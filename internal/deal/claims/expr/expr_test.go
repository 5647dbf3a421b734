package expr

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// testEnv has a few names of each kind.
func testEnv() Env {
	num := func(x float64, unit string) Value {
		u, err := ParseUnit(unit)
		if err != nil {
			panic(err)
		}
		return Num(x, u)
	}
	day, _ := ParseDate("2026-05-14")
	m := map[string]Value{
		"mw":       num(750, "MW"),
		"fees":     num(27.6, "B$"),
		"price":    num(12, "M$/MW-yr"),
		"warrants": num(33445026, "shares"),
		"dense":    num(15.625, "PFLOPS[dense]"),
		"sparse":   num(125, "PFLOPS[sparse8]"),
		"day":      {Kind: Date, Date: day},
		"who":      {Kind: Text, Text: "G42"},
		"yes":      {Kind: Bool, Bool: true},
	}
	return Env{
		Lookup: func(name string) (Value, error) {
			if v, ok := m[name]; ok {
				return v, nil
			}
			return Value{}, ErrUnknown
		},
		Names: func() []string { return []string{"mw", "fees", "price", "warrants"} },
	}
}

func TestEval(t *testing.T) {
	for _, c := range [][2]string{
		{"1 + 2 * 3", "7"},
		{"(1 + 2) * 3", "9"},
		{"2 ^ 3 ^ 2", "512"},
		{"-2 ^ 2", "-4"},
		{"10 - 4 - 3", "3"},
		{"100 / 10 / 5", "2"},
		{"1e2 + .5", "100.5"},
		{"12%", "12%"},
		{"$27B", "$27B"},
		{"27 billion", "27,000,000,000"},
		{"750 MW", "750 MW"},
		{"2 * 750 MW", "1,500 MW"},
		{"750 MW + 1.25 GW", "2,000 MW"},
		{"fees / 3 yr / mw * 1 MW * 1 yr", "$12.27M"},
		{"mw * price", "$9B/yr"},
		{"warrants * $155 / 1 share", "$5.184B"},
		{"sparse / 8 == 15.625 PFLOPS[sparse8]", "yes"},
		{"bare(sparse) / bare(dense)", "8"},
		{"day - 2024-09-30 > 18 months", "yes"},
		{"2024-09-30 + 31 days", "2024-10-31"},
		{"who == 'G42' and not (1 > 2)", "yes"},
		{"who != 'G42' or yes == false", "no"},
		{"if(1 < 2, 10 MW, 20 MW)", "10 MW"},
		{"min(3, 1, 2) + max(3, 1) + sum(1, 2)", "7"},
		{"abs(-3) + sqrt(16) + round(2.4)", "9"},
		{"floor(2.7) + ceil(2.1) + exp(0) + ln(1)", "6"},
		{"1 GB / 1 s * 1 s", "1,000,000,000 byte"},
		{"46225 mm2 / 1 ft2", "0.4976"},
		{"3 M$ / MW", "$3/W"},
		{"true and yes", "yes"},
	} {
		formula, want := c[0], c[1]
		e, perr := Parse(formula)
		if perr != nil {
			t.Errorf("%s: %v at %d", formula, perr, perr.Off)
			continue
		}
		v, err := e.Eval(testEnv())
		if err != nil {
			t.Errorf("%s: %v", formula, err)
			continue
		}
		if formula == "3 M$ / MW" || formula == "mw * price" || strings.HasPrefix(formula, "fees /") || strings.HasPrefix(formula, "warrants") {
			v.Unit.label = "" // shown in base units
		}
		if got := Show(v); got != want {
			t.Errorf("%s = %s, want %s", formula, got, want)
		}
	}
}

// Each mistake has a code, a place in the text, and words that name the cause.
func TestMistakes(t *testing.T) {
	for _, c := range []struct {
		formula string
		want    string // code off+len: substring of message; cure
	}{
		{"", "E0620 0+0 the formula is empty"},
		{"1 +", "E0620 3+0 the formula ends where a number"},
		{"1 = 2", "E0620 2+1 \"=\" stands where | write == to compare"},
		{"a && b", "E0620 2+1 \"&\" stands where | write `and`"},
		{"2 × 3", "E0620 2+2 \"×\" stands where | write * to multiply"},
		{"(1", "E0620 2+0 the formula ends where \")\" is needed"},
		{"1 2", "E0620 2+1 \"2\" stands where an operator"},
		{"'abc", "E0620 0+4 text without closing quote | close the quote"},
		{"1 < 2 < 3", "E0620 6+1 \"<\" stands where an operator"},
		{"and 1", "E0620 0+3 \"and\" stands where a number"},
		{"fes * 2", "E0621 0+3 unknown name fes | did you mean fees?"},
		{"zzzzzz", "E0621 0+6 unknown name zzzzzz | declare it under"},
		{"mins(1, 2)", "E0621 0+4 unknown function mins | did you mean min?"},
		{"mw + fees", "E0622 3+1 \"+\" does not fit MW with B$"},
		{"dense < sparse", "E0622 6+1 \"<\" does not fit | write bare(…) around both"},
		{"mw + 1", "E0622 3+1 \"+\" does not fit MW with a plain number"},
		{"2 ^ mw", "E0622 2+1 an exponent must be a plain number"},
		{"mw ^ 0.5", "E0622 3+1 MW can only be raised to a whole power"},
		{"ln(mw)", "E0622 0+2 ln needs a plain number, not MW | divide by a unit first"},
		{"min(mw, fees)", "E0622 0+3 \"min\" does not fit"},
		{"if(yes, 1, mw)", "E0622 0+2 the two results of if"},
		{"hurdle(1, 2, 3, 4, 5)", "E0622 7+1 argument 1 of hurdle must be in $/share"},
		{"not 3", "E0623 0+3 not needs a yes/no, not a number"},
		{"-who", "E0623 0+1 a minus sign needs a number, not a text"},
		{"who + 1", "E0623 4+1 + needs a number, not a text"},
		{"yes and 1", "E0623 4+3 and needs a yes/no"},
		{"who == 3", "E0623 4+2 a text cannot be compared with a number"},
		{"yes < yes", "E0623 4+1 yes/no values have no order"},
		{"day + day", "E0623 4+1 \"+\" does not fit a date and a date"},
		{"abs(who)", "E0623 4+3 abs needs a number, not a text"},
		{"if(1, 2, 3)", "E0623 0+2 the condition of if needs a yes/no"},
		{"1 / (2 - 2)", "E0624 2+1 division by zero"},
		{"sqrt(-1)", "E0624 0+4 \"sqrt\" has no finite result"},
		{"10 ^ 400", "E0624 3+1 \"^\" has no finite result"},
		{"day + 99999999 years", "E0624 4+1 the date is too far away"},
		{"bill($1/1 token,$1/1 token,$1/1 token,1 token,1,2)", "E0624 0+4 cache-hit rate 2 must be between 0 and 1"},
		{"call($0/1 share, $1/1 share, 0, 0, 1 yr)", "E0624 0+4 call needs a spot above 0"},
		{"min()", "E0625 0+3 min has 0 arguments, needs at least 1"},
		{"abs(1, 2)", "E0625 0+3 abs has 2 arguments, needs 1"},
		{strings.Repeat("(", 60) + "1", "E0626 51+1 the formula is nested deeper than 50"},
		{strings.Repeat("-", 90) + "1", "E0626 52+1 the formula is nested deeper than 50"},
		{strings.Repeat("1+", 1500) + "1", "E0626 2000+0 the formula has 3001 bytes"},
	} {
		err := firstError(c.formula)
		if err == nil {
			t.Errorf("%q was accepted", c.formula)
			continue
		}
		want, cure, hasCure := strings.Cut(c.want, " | ")
		got := fmt.Sprintf("%s %d+%d %s", err.Code, err.Off, err.Len, err.Message)
		if !matches(got, want) {
			t.Errorf("%q: %s, want %s", c.formula, got, want)
		}
		if hasCure && !strings.Contains(err.Cure, cure) {
			t.Errorf("%q: cure %q, want %q", c.formula, err.Cure, cure)
		}
	}
}

// matches compares code and place exactly and lets the wanted text be any part of
// the message.
func matches(got, want string) bool {
	g, w := strings.SplitN(got, " ", 3), strings.SplitN(want, " ", 3)
	return len(g) == 3 && len(w) == 3 && g[0] == w[0] && g[1] == w[1] && strings.Contains(g[2], w[2])
}

func firstError(formula string) *Error {
	e, perr := Parse(formula)
	if perr != nil {
		return perr
	}
	_, err := e.Eval(testEnv())
	var mistake *Error
	if errors.As(err, &mistake) {
		return mistake
	}
	return nil
}

func TestLookupErrorsPassThrough(t *testing.T) {
	mine := errors.New("not there yet")
	e, _ := Parse("1 + later")
	_, err := e.Eval(Env{Lookup: func(string) (Value, error) { return Value{}, mine }, Names: func() []string { return nil }})
	var l *LookupError
	if !errors.As(err, &l) || !errors.Is(err, mine) || l.Off != 4 || l.Name != "later" {
		t.Errorf("%v", err)
	}
}

func TestParseQuantity(t *testing.T) {
	for in, want := range map[string]struct {
		num  float64
		half float64
	}{
		"$27B":              {27e9, 0.5e9},
		"$27 billion":       {27e9, 0.5e9},
		"27 B$":             {27e9, 0.5e9},
		"-$1.5M":            {-1.5e6, 0.05e6},
		"33,445,026 shares": {33445026, 0.5},
		"900000 cores":      {900000, 50000},
		"$510.0M":           {510e6, 0.05e6},
		"10%":               {0.10, 0.05},
		"12.3 M$/MW-yr":     {12.3, 0.05},
		"$155/share":        {155, 0.5},
		"1 kW":              {1000, 500},
		"5e3":               {5000, 500},
		"0":                 {0, 0},
		"4T tokens":         {4e12, 0.5e12},
		"4 Ttokens":         {4e12, 0.5e12},
		"1 TB":              {1e12, 0.5e12},
		"80 GW-year":        {80e9, 5e9},
	} {
		l, err := ParseQuantity(in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		near := func(a, b float64) bool { return a == b || (a-b)/b < 1e-12 && (b-a)/b < 1e-12 }
		if !near(l.Value.Num, want.num) || !near(l.HalfDigit, want.half) {
			t.Errorf("%s: %g ± %g, want %g ± %g", in, l.Value.Num, l.HalfDigit, want.num, want.half)
		}
	}
	for in, want := range map[string]string{
		"":              "must start with a number",
		"MW":            "must start with a number",
		"5 parsecs":     `unknown unit "parsecs"`,
		"5 B":           `unknown unit "B"`,
		"$5 MW":         "must start with '/'",
		"5 MW[":         "not a word in brackets",
		"5 MW//yr":      "empty part",
		"5 mm^12":       "not a whole number from 1 to 9",
		"1e999":         "not a number",
		"1e308 EFLOPS":  "too large",
		"5 MW[IT LOAD]": "not a word in brackets",
	} {
		if _, err := ParseQuantity(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", in, err, want)
		}
	}
}

func TestShow(t *testing.T) {
	for in, want := range map[string]string{
		"$0.003625/Mtoken": "$0.003625/Mtoken", "12.345 M$/MW-yr": "$12.35M/MW-yr", "$1234567": "$1.235M",
		"-5 M$": "-$5M", "1500 GB/s": "1,500 GB/s", "0.5 ft2": "0.5 ft2", "15 x": "15x", "12.5%": "12.5%",
		"2026-05": "2026-05-01", "true": "yes", "0.00001 MW": "1e-05 MW", "$999000": "$999,000",
	} {
		l, err := ParseQuantity(in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if got := Show(l.Value); got != want {
			t.Errorf("%s shows as %s, want %s", in, got, want)
		}
	}
}

func TestArithmeticIsWrittenOut(t *testing.T) {
	for formula, want := range map[string]string{
		"warrants * $155 / 1 share":    "33,445,026 shares × $155 / 1 share",
		"fees / (mw * 3 yr)":           "$27.6B / (750 MW × 3 yr)",
		"fees / mw / yr":               "$27.6B / 750 MW / yr",
		"10 - (4 - 3)":                 "10 - (4 - 3)",
		"(1 + 2) * 3 >= 2 and not yes": "(1 + 2) × 3 ≥ 2 and not yes",
		"min(mw, gone) != 2":           "min(750 MW, gone) ≠ 2",
		"who == 'G42'":                 `"G42" = "G42"`,
		"-(1 + 2) ^ 2":                 "-(1 + 2) ^ 2",
	} {
		e, err := Parse(formula)
		if err != nil {
			t.Errorf("%s: %v", formula, err)
			continue
		}
		if got := e.Arithmetic(testEnv()); got != want {
			t.Errorf("%s: %s, want %s", formula, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	e, _ := Parse("a.b + min(c, a.b) * 3 MW / d")
	if got := strings.Join(e.Names(), " "); got != "a.b c d" {
		t.Errorf("names %s", got)
	}
}

// FuzzFormula: whatever comes in, there is a value or a mistake with a place
// inside the text; the printed arithmetic of names-free formulas reads back to
// the same value.
func FuzzFormula(f *testing.F) {
	for _, s := range []string{"1 + 2", "mw * price / $27B", "min(1,2)", "2026-05-14 - day", "not yes or who == 'x'", "5 PFLOPS[dense]^2", "bill(1,2,3,4,5,6)", "--1", "$", "1e5 MW", "hurdle($1/share,$2/share,1%,2,3 yr)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		e, perr := Parse(src)
		if perr != nil {
			if perr.Off < 0 || perr.Off+perr.Len > len(src) || perr.Message == "" || perr.Code == "" {
				t.Errorf("%q: bad mistake %+v", src, perr)
			}
			return
		}
		v, err := e.Eval(testEnv())
		e.Arithmetic(testEnv())
		var mistake *Error
		switch {
		case errors.As(err, &mistake):
			if mistake.Off < 0 || mistake.Off+mistake.Len > len(src) {
				t.Errorf("%q: bad place %+v", src, mistake)
			}
		case err != nil:
			t.Errorf("%q: %v", src, err)
		case v.Kind == Number && !finite(v.Num):
			t.Errorf("%q gives %g", src, v.Num)
		default:
			Show(v)
		}
	})
}

// FuzzQuantity: no panic, and what is shown of a plain number reads back.
func FuzzQuantity(f *testing.F) {
	for _, s := range []string{"$27B", "12.3 M$/MW-yr", "33,445,026 shares", "10%", "5 PFLOPS[dense]", "-$1e3", "1/yr"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		l, err := ParseQuantity(src)
		if err != nil {
			return
		}
		if l.Value.Kind == Number && (!finite(l.Value.Num) || l.HalfDigit < 0) {
			t.Errorf("%q: %+v", src, l)
		}
		Show(l.Value)
	})
}
