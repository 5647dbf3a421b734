// Package schedule turns a deal's dated tranches into capacity and fees by quarter.
//
// In: a checked contract.Deal. Out: a Schedule: quarters of equal length, and for
// each the megawatts in service, the megawatt-years delivered and what is owed for
// them. Nothing here knows of accounting.
//
// A megawatt that starts at time s runs for the tranche's term from s. With a
// linear ramp of length r the megawatts in service at t are m·(R(t) − R(t−L)), R
// rising from 0 at s to 1 at s+r. Megawatt-years are integrals of that, and are
// taken in closed form: a quarter in which a ramp begins is exact.
package schedule

import (
	"fmt"
	"math"

	"wafer/internal/deal/contract"
	"wafer/internal/units"
)

// MaxQuarters bounds a schedule: the longest built-in deal has 70.
const MaxQuarters = 200

// hoursPerYear is the contract year of 365 days; tokens and GPU-hours are sold by it.
const hoursPerYear = 8760

// Cohort is capacity that ramps in one straight line.
type Cohort struct {
	ID     string
	Start  float64 // years since 2000 in contract.Date's time
	Ramp   float64
	MW     float64
	Term   float64
	Option bool
}

// Quarter is a quarter of a year.
type Quarter struct {
	Label  string
	T0, T1 float64
}

// Schedule is capacity and fees by quarter. All slices have one entry a quarter.
type Schedule struct {
	Quarters []Quarter
	Cohorts  []Cohort
	Tranches []Line    // megawatt-years of each cohort
	MWYears  []float64 // delivered, all cohorts
	MWEnd    []float64 // in service at the end of the quarter
	Made     []float64 // ever put in service by the end of the quarter
	Fees     []float64 // owed for the service, without pass-through
	Firm     []float64 // the part of Fees that no option has to be exercised for
	Volume   []float64 // what the fee counts: megawatt-years, or megawatts delivered when machines are sold
	Pass     []float64 // pass-through booked gross
	PassNet  []float64 // pass-through booked net
	FeeBasis string    // how the fee was found
	Why      []string  // what could not be computed, and why
	MWKind   units.Kind
}

// Line is one row of a table by quarter.
type Line struct {
	ID     string
	Values []float64
}

// rise is R: how much of the ramp is done at t.
func (c Cohort) rise(t float64) float64 {
	if c.Ramp <= 0 {
		if t >= c.Start {
			return 1
		}
		return 0
	}
	return min(max((t-c.Start)/c.Ramp, 0), 1)
}

// risen is the integral of rise up to t.
func (c Cohort) risen(t float64) float64 {
	x := t - c.Start
	switch {
	case x <= 0:
		return 0
	case x < c.Ramp:
		return x * x / (2 * c.Ramp)
	}
	return x - c.Ramp/2
}

// InService gives the megawatts at t.
func (c Cohort) InService(t float64) float64 { return c.MW * (c.rise(t) - c.rise(t-c.Term)) }

// MWYears gives the megawatt-years between t0 and t1 of capacity younger than life.
func (c Cohort) MWYears(t0, t1, life float64) float64 {
	return c.MW * ((c.risen(t1) - c.risen(t0)) - (c.risen(t1-life) - c.risen(t0-life)))
}

// Delivered gives the megawatts put in service between t0 and t1.
func (c Cohort) Delivered(t0, t1 float64) float64 { return c.MW * (c.rise(t1) - c.rise(t0)) }

// Full is when the last megawatt is in service.
func (c Cohort) Full() float64 { return c.Start + c.Ramp }

// Build makes the schedule of a deal.
func Build(d *contract.Deal) *Schedule {
	s := &Schedule{Cohorts: cohorts(d), MWKind: d.Capacity.Committed.Unit.Kind}
	if len(d.Capacity.Tranches) > 0 {
		s.MWKind = d.Capacity.Tranches[0].MW.Unit.Kind
	}
	s.quarters(d)
	s.capacity()
	s.volume(d)
	s.fees(d)
	s.passThrough(d)
	return s
}

func cohorts(d *contract.Deal) []Cohort {
	var out []Cohort
	for _, t := range d.Capacity.Tranches {
		out = append(out, Cohort{ID: t.ID, Start: t.InService.Time() + t.Delay.Or(0), Ramp: t.Ramp.Or(0), MW: t.MW.Base, Term: t.Term.Base})
	}
	for _, o := range d.Capacity.Options {
		if share := Exercised(d, o); share > 0 {
			out = append(out, Cohort{ID: o.ID, Start: o.InService.Time(), Ramp: o.Ramp.Or(0), MW: o.MW.Base * share, Term: o.Term.Or(0), Option: true})
		}
	}
	return out
}

// Exercised gives the share of a capacity option that the model counts.
func Exercised(d *contract.Deal, o contract.CapOption) float64 {
	switch o.Exercise {
	case "always":
		return 1
	case "probability":
		return o.Probability.Or(0)
	case "if_market_above":
		if d.Customer != nil && d.Customer.Market.Or(0) > o.Strike.Or(math.Inf(1)) {
			return 1
		}
	}
	return 0
}

// quarters spans from the first event of the deal to the end of the last term.
func (s *Schedule) quarters(d *contract.Deal) {
	first, last := math.Inf(1), math.Inf(-1)
	see := func(t float64) { first, last = math.Min(first, t), math.Max(last, t) }
	for _, c := range s.Cohorts {
		lead := 0.0
		if d.Cost != nil {
			lead = d.Cost.Lead.Or(0)
		}
		see(c.Start - lead)
		see(c.Full() + c.Term)
	}
	for _, l := range d.Finance.Loans {
		see(l.Drawn.Time())
	}
	if len(s.Cohorts) == 0 && d.Headline.Total.Known && d.Headline.Years.Known {
		start := startOfHeadline(d)
		see(start)
		see(start + d.Headline.Years.Base)
	}
	if d.Price.PrepaidOn.Known() {
		see(d.Price.PrepaidOn.Time())
	}
	if math.IsInf(first, 0) {
		s.Why = append(s.Why, "no dated capacity and no total with a duration: nothing to lay out by quarter")
		return
	}
	const edge = 1e-9 // a term that ends on a quarter's last day does not open the next
	from := math.Floor(first*4+edge) / 4
	n := int(math.Ceil((last-from)*4 - edge))
	if n > MaxQuarters {
		s.Why = append(s.Why, fmt.Sprintf("the deal spans %d quarters; what lies beyond the first %d is cut off", n, MaxQuarters))
		n = MaxQuarters
	}
	for i := range n {
		t0 := from + float64(i)/4
		day := contract.DateOf(t0)
		s.Quarters = append(s.Quarters, Quarter{fmt.Sprintf("%dQ%d", day.Year, (day.Month-1)/3+1), t0, t0 + 0.25})
	}
}

func startOfHeadline(d *contract.Deal) float64 {
	for _, date := range []contract.Date{d.Signed, d.Announced} {
		if date.Known() {
			return date.Time()
		}
	}
	return d.AsOf.Time()
}

func (s *Schedule) row() []float64 { return make([]float64, len(s.Quarters)) }

func (s *Schedule) capacity() {
	s.MWYears, s.MWEnd, s.Made = s.row(), s.row(), s.row()
	for _, c := range s.Cohorts {
		line := Line{c.ID, s.row()}
		for i, q := range s.Quarters {
			line.Values[i] = c.MWYears(q.T0, q.T1, c.Term)
			s.MWYears[i] += line.Values[i]
			s.MWEnd[i] += c.InService(q.T1)
			s.Made[i] += c.Delivered(math.Inf(-1), q.T1)
		}
		s.Tranches = append(s.Tranches, line)
	}
}

// volume is the denominator of a price: a sale of machines has no term.
func (s *Schedule) volume(d *contract.Deal) {
	s.Volume = s.MWYears
	if d.Price.Basis != "hardware_sale" {
		return
	}
	s.Volume = s.row()
	for i, q := range s.Quarters {
		for _, c := range s.Cohorts {
			s.Volume[i] += c.Delivered(q.T0, q.T1)
		}
	}
}

// DeliveredAt gives the megawatts ever put in service by t; id limits it to one
// tranche or option.
func (s *Schedule) DeliveredAt(t float64, id string) float64 {
	sum := 0.0
	for _, c := range s.Cohorts {
		if id == "" || c.ID == id {
			sum += c.Delivered(math.Inf(-1), t)
		}
	}
	return sum
}

// WhenDelivered gives the first time at which mw are in service, +Inf if never.
func (s *Schedule) WhenDelivered(mw float64, id string) float64 {
	hi := 0.0
	for _, c := range s.Cohorts {
		hi = math.Max(hi, c.Full())
	}
	const short = 1e-9 // 750 of three times 250 must not fail for rounding
	if s.DeliveredAt(hi, id) < mw*(1-short) {
		return math.Inf(1)
	}
	lo := hi - MaxQuarters
	for range 60 { // bisection to far below a day
		if mid := (lo + hi) / 2; s.DeliveredAt(mid, id) < mw*(1-short) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}

// WhenPaid gives the time at which fees (with gross pass-through) add up to
// amount, linear within a quarter, +Inf if never.
func (s *Schedule) WhenPaid(amount float64) float64 {
	sum := 0.0
	for i, q := range s.Quarters {
		next := s.Fees[i] + s.Pass[i]
		if next > 0 && sum+next >= amount {
			return q.T0 + (amount-sum)/next*(q.T1-q.T0)
		}
		sum += next
	}
	return math.Inf(1)
}

// Between sums a row over [t0,t1], taking part of a quarter in proportion.
func (s *Schedule) Between(row []float64, t0, t1 float64) float64 {
	sum := 0.0
	for i, q := range s.Quarters {
		overlap := math.Min(t1, q.T1) - math.Max(t0, q.T0)
		if overlap > 0 {
			sum += row[i] * overlap / (q.T1 - q.T0)
		}
	}
	return sum
}

// Sum adds up a row.
func Sum(row []float64) float64 {
	t := 0.0
	for _, v := range row {
		t += v
	}
	return t
}
