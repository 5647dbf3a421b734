package contract

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"wafer/internal/diag"
	"wafer/internal/units"
)

// Figure is a number with its unit, its spread and where it comes from.
type Figure struct {
	Known       bool       // false when the file leaves it out or calls it undisclosed
	Base        float64    // in the base unit of the dimension
	Low, High   float64    // equal to Base for a scalar
	Dist        Dist       // how it spreads between Low and High
	Unit        units.Unit // what was written
	Text        string     // as written
	Source      string     // id of a Source
	Mark        string     // A, B, C, D; empty for an assumption
	AsOf        Date
	Note        string
	Assumed     string // reason, for an assumption
	Undisclosed string // reason, for a term that exists and is not public
	Path        string // capacity.tranches.t1.mw
	Pos         diag.Pos
}

// Dist is how a figure spreads.
type Dist uint8

// The distributions. Triangular is what a plain range means.
const (
	Point Dist = iota
	Triangular
	Uniform
	Normal    // Low and High are one standard deviation from Base
	Lognormal // the same in logarithms
)

var distNames = [...]string{"point", "triangular", "uniform", "normal", "lognormal"}

func (d Dist) String() string { return distNames[d] }

// DistNamed finds a distribution by its word.
func DistNamed(s string) (Dist, bool) {
	for i, n := range distNames {
		if n == s && i > 0 {
			return Dist(i), true
		}
	}
	return Point, false
}

// Or gives the base value, or def when the figure is not known.
func (f Figure) Or(def float64) float64 {
	if !f.Known {
		return def
	}
	return f.Base
}

// Spread reports whether the figure is a range or a distribution.
func (f Figure) Spread() bool { return f.Known && f.Dist != Point }

// String writes the value as people read it.
func (f Figure) String() string {
	if !f.Known {
		if f.Undisclosed != "" {
			return "not public"
		}
		return "-"
	}
	s := units.Format(f.Base, f.Unit.Dim)
	if f.Unit.Kind != units.Plain {
		s += " " + f.Unit.Kind.String()
	}
	return s
}

// Cite names the ground a figure stands on: source, assumption or silence.
func (f Figure) Cite() string {
	switch {
	case f.Undisclosed != "":
		return "not public: " + f.Undisclosed
	case f.Assumed != "":
		return "ASSUMED: " + f.Assumed
	case f.Source != "":
		return fmt.Sprintf("%s [%s]", f.Source, f.Mark)
	}
	return ""
}

// Quantile gives the value at u in (0,1) of the figure's distribution.
func (f Figure) Quantile(u float64) float64 {
	switch f.Dist {
	case Triangular:
		return triangular(f.Low, f.Base, f.High, u)
	case Uniform:
		return f.Low + u*(f.High-f.Low)
	case Normal:
		return f.Base + NormalQuantile(u)*(f.High-f.Base)
	case Lognormal:
		return f.Base * math.Exp(NormalQuantile(u)*math.Log(f.High/f.Base))
	}
	return f.Base
}

// NormalQuantile inverts the standard normal distribution.
func NormalQuantile(u float64) float64 { return math.Sqrt2 * math.Erfinv(2*u-1) }

func triangular(a, c, b, u float64) float64 {
	if b <= a {
		return c
	}
	at := (c - a) / (b - a)
	if u < at {
		return a + math.Sqrt(u*(b-a)*(c-a))
	}
	return b - math.Sqrt((1-u)*(b-a)*(b-c))
}

// MarshalJSON writes what a reader of a report needs.
func (f Figure) MarshalJSON() ([]byte, error) {
	if !f.Known {
		return json.Marshal(map[string]any{"undisclosed": f.Undisclosed})
	}
	out := map[string]any{"value": f.Base, "unit": f.Unit.String()}
	if f.Dist != Point {
		out["low"], out["high"], out["dist"] = f.Low, f.High, f.Dist.String()
	}
	if f.Source != "" {
		out["source"], out["mark"] = f.Source, f.Mark
	}
	if f.Assumed != "" {
		out["assumed"] = f.Assumed
	}
	return json.Marshal(out)
}

// Date is a day, or only a month or year where no more is known. An inexact date
// stands for its first day in arithmetic and is printed as it was written.
type Date struct {
	Year, Month, Day int // Month or Day 0: not given
}

// Known reports whether a date was given.
func (d Date) Known() bool { return d.Year != 0 }

func (d Date) String() string {
	switch {
	case d.Year == 0:
		return ""
	case d.Month == 0:
		return fmt.Sprintf("%04d", d.Year)
	case d.Day == 0:
		return fmt.Sprintf("%04d-%02d", d.Year, d.Month)
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// MarshalText makes JSON carry the written form.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// ParseDate reads 2026-05-14, 2026-05 or 2026.
func ParseDate(s string) (Date, bool) {
	for _, l := range []string{"2006-01-02", "2006-01", "2006"} {
		t, err := time.Parse(l, s)
		if err != nil {
			continue
		}
		d := Date{t.Year(), int(t.Month()), t.Day()}
		if len(s) < 10 {
			d.Day = 0
		}
		if len(s) < 7 {
			d.Month = 0
		}
		return d, d.Year >= 1900 && d.Year < 2200
	}
	return Date{}, false
}

// Time maps a date to years since 1 January 2000, with quarters of equal length:
// a contract's quarter is a quarter of a year whatever its days, so that 750 MW
// for a year at $12M a MW-year is exactly $9B, in leap years too.
func (d Date) Time() float64 {
	m, day := max(d.Month, 1), max(d.Day, 1)
	q := (m - 1) / 3
	first := time.Date(d.Year, time.Month(3*q+1), 1, 0, 0, 0, 0, time.UTC)
	next := time.Date(d.Year, time.Month(3*q+4), 1, 0, 0, 0, 0, time.UTC)
	here := time.Date(d.Year, time.Month(m), day, 0, 0, 0, 0, time.UTC)
	inQuarter := float64(here.Sub(first)) / float64(next.Sub(first))
	return float64(d.Year-2000) + (float64(q)+inQuarter)/4
}

// DateOf is the inverse of Time, to the day.
func DateOf(t float64) Date {
	const slack = 1e-9 // a time computed as 2026.2499999999 is the first of April
	t += slack
	year := math.Floor(t)
	q := math.Floor((t - year) * 4)
	first := time.Date(2000+int(year), time.Month(3*int(q)+1), 1, 0, 0, 0, 0, time.UTC)
	next := first.AddDate(0, 3, 0)
	days := math.Floor(((t-year)*4 - q) * next.Sub(first).Hours() / 24)
	at := first.AddDate(0, 0, int(days))
	return Date{at.Year(), int(at.Month()), at.Day()}
}
