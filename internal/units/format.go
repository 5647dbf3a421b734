package units

import (
	"math"
	"strconv"
	"strings"
)

// Format writes v of a dimension as people in the field read it: $27.6B,
// 750 MW, 33,445,026 shares, 10.97%.
func Format(v float64, d Dim) string {
	switch d {
	case Money:
		return MoneyText(v)
	case MoneyPerMW, MoneyPerMWYr, MoneyPerShare, MoneyPerKWh, MoneyPerMTok, MoneyPerSys, MoneyPerSysMo, MoneyPerHour:
		return MoneyText(v) + perText(d)
	case Ratio, Rate:
		return trim(v*100, 2) + "%"
	case Power:
		return trim(v, 2) + " MW"
	case Shares:
		return Group(math.Round(v))
	case Years:
		return trim(v, 2) + " yr"
	case Days:
		return trim(v, 1) + " days"
	}
	return trim(v, 4)
}

func perText(d Dim) string {
	for name, dim := range perWords {
		if dim == d {
			return "/" + name
		}
	}
	return ""
}

// MoneyText scales dollars to T, B, M or k with four significant digits.
func MoneyText(v float64) string {
	sign, a := "", v
	if v < 0 {
		sign, a = "-", -v
	}
	for _, s := range []struct {
		from float64
		mark string
	}{{1e12, "T"}, {1e9, "B"}, {1e6, "M"}, {1e4, "k"}} {
		if a >= s.from {
			return sign + "$" + significant(a/s.from, s.mark, s.from)
		}
	}
	switch {
	case a == 0:
		return "$0"
	case a < 0.01:
		return sign + "$" + strconv.FormatFloat(a, 'g', 4, 64)
	}
	return sign + "$" + trimTo(a, 2)
}

func significant(x float64, mark string, from float64) string {
	if mark == "k" {
		x = x * from / 1e3
	}
	digits := 3
	for limit := 10.0; limit <= x && digits > 0; limit *= 10 {
		digits--
	}
	return trim(x, digits) + mark
}

// trim cuts trailing zeros behind the point.
func trim(v float64, digits int) string {
	s := trimTo(v, digits)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		return "0"
	}
	return s
}

func trimTo(v float64, digits int) string {
	s := strconv.FormatFloat(v, 'f', digits, 64)
	whole, frac, has := strings.Cut(s, ".")
	whole = groupDigits(whole)
	if !has {
		return whole
	}
	return whole + "." + frac
}

// Group writes a whole number with commas between thousands.
func Group(v float64) string { return groupDigits(strconv.FormatFloat(v, 'f', 0, 64)) }

func groupDigits(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}
