package value

import (
	"errors"
	"fmt"
	"math"
)

// Price is the share price process: lognormal, daily closes.
type Price struct {
	Spot     float64 `json:"spot"`
	Vol      float64 `json:"vol"`
	Rate     float64 `json:"rate"`
	Dividend float64 `json:"dividend"`
	Premium  float64 `json:"premium"` // expected return above Rate; only probabilities use it
}

// Dilution says what newly vested shares do to the rest.
type Dilution uint8

const (
	// PriceGiven takes the price process as the market's, which already expects
	// the warrants. Vested shares only raise the count behind a market cap.
	PriceGiven Dilution = iota
	// EquityGiven takes total equity as the process and the price as equity over
	// shares outstanding: each vesting lowers the price for everyone.
	EquityGiven
)

// Shares are the counts behind a market capitalisation, before any vesting.
type Shares struct {
	Basic    float64  `json:"basic"`
	Diluted  float64  `json:"diluted"` // 0 means Basic
	Dilution Dilution `json:"dilution"`
}

// Ramp is a piece of the delivery plan: Amount comes in service between years
// Start and End of planned work, in a straight line (at once when End ≤ Start).
type Ramp struct {
	Start  float64 `json:"start"`
	End    float64 `json:"end"`
	Amount float64 `json:"amount"`
	Delay  Delay   `json:"delay"`
}

// Delay is a further slip of one ramp, in years, drawn once a path: triangular
// between Low and High with the mode at Mode, or fixed when all are equal.
type Delay struct {
	Low  float64 `json:"low"`
	Mode float64 `json:"mode"`
	High float64 `json:"high"`
}

// Quantity is something that accumulates with delivery. A level (megawatts in
// service) is the sum of its ramps. With PerYear above 0 it is the running
// integral instead: fees of PerYear dollars for each unit and year in service.
type Quantity struct {
	Name    string  `json:"name"`
	Ramps   []Ramp  `json:"ramps"`
	PerYear float64 `json:"per_year"`
	Lead    float64 `json:"lead"` // years ahead of the ramps: purchases precede delivery
}

// Event happens at most once: at year At, or, with Hazard above 0, at a random
// time with that intensity a year, and not before At. Chance below 1 lets it
// happen at all only with that probability; 0 means 1.
type Event struct {
	Name   string  `json:"name"`
	At     float64 `json:"at"`
	Hazard float64 `json:"hazard"`
	Chance float64 `json:"chance"`
}

// CondKind is the kind of a node of a condition tree.
type CondKind uint8

// The kinds. Every leaf is latched: once met it stays met. So a condition is
// one point in time, All is the latest of its parts and Any the earliest
// ("earlier of" in contracts).
const (
	Always CondKind = iota
	Never
	All
	Any
	Touch     // price ≥ Level at any moment, between closes too
	Close     // price ≥ Level at a close
	Average   // mean of the last Window closes ≥ Level; stands for a VWAP
	Run       // Window closes in a row ≥ Level
	MarketCap // mean over Window of price × shares ≥ Level
	Reached   // Quantity Name ≥ Level
	Date      // year Level has come
	Happened  // Event Name has happened
)

// Cond is a condition tree.
type Cond struct {
	Kind    CondKind `json:"kind"`
	Level   float64  `json:"level,omitempty"`
	Window  int      `json:"window,omitempty"`  // trading days; 0 means 1
	Diluted bool     `json:"diluted,omitempty"` // MarketCap on diluted shares
	Name    string   `json:"name,omitempty"`
	Args    []Cond   `json:"args,omitempty"`
}

// AllOf, AnyOf and the leaf constructors make trees readable in code.
func AllOf(c ...Cond) Cond { return Cond{Kind: All, Args: c} }

// AnyOf is met with the earliest of its parts.
func AnyOf(c ...Cond) Cond { return Cond{Kind: Any, Args: c} }

// PriceAverage is met when the mean of the last window closes reaches level.
func PriceAverage(level float64, window int) Cond {
	return Cond{Kind: Average, Level: level, Window: window}
}

// QuantityReached is met when the named quantity reaches level.
func QuantityReached(name string, level float64) Cond {
	return Cond{Kind: Reached, Name: name, Level: level}
}

// Block is a number of warrant shares that vest together.
type Block struct {
	Name   string  `json:"name"`
	Shares float64 `json:"shares"`
	Strike float64 `json:"strike"`
	When   Cond    `json:"when"`
	// VestBy is the last year in which it can vest, 0 for the horizon.
	VestBy float64 `json:"vest_by"`
	// ExerciseBy is the year in which a vested warrant with a strike expires, 0
	// for the horizon. A penny warrant is worth a share from vesting on.
	ExerciseBy float64 `json:"exercise_by"`
	// ForfeitOn names events that destroy the block if they come before vesting.
	ForfeitOn []string `json:"forfeit_on,omitempty"`
	// VestOn names events that vest it at once (change of control).
	VestOn []string `json:"vest_on,omitempty"`
}

// Model is everything a path needs.
type Model struct {
	Price        Price      `json:"price"`
	Shares       Shares     `json:"shares"`
	Clock        Clock      `json:"clock"`
	Quantities   []Quantity `json:"quantities"`
	Events       []Event    `json:"events"`
	Blocks       []Block    `json:"blocks"`
	Years        float64    `json:"years"`          // horizon
	StepsPerYear int        `json:"steps_per_year"` // 0 means 252, the trading days
	// DelayShare is the correlation between the Delay draws of different ramps.
	DelayShare float64 `json:"delay_share"`
}

// ProRata splits a block that vests in proportion to a quantity between two
// levels into parts equal blocks; the k-th vests when k/parts of the way is
// done. More parts follow the ramp more closely and cost a little time each.
func ProRata(b Block, quantity string, from, to float64, parts int) []Block {
	out := make([]Block, parts)
	for k := range out {
		out[k] = b
		out[k].Name = fmt.Sprintf("%s %d/%d", b.Name, k+1, parts)
		out[k].Shares = b.Shares / float64(parts)
		leaf := QuantityReached(quantity, from+(to-from)*float64(k+1)/float64(parts))
		if b.When.Kind == Always {
			out[k].When = leaf
		} else {
			out[k].When = AllOf(b.When, leaf)
		}
	}
	return out
}

// The limits of a Model. They bound memory and keep a typing error (a horizon in
// days) from running for hours.
const (
	MaxYears      = 100
	MaxVariance   = 200     // vol² × years: beyond it prices overflow
	MaxSteps      = 100_000 // on one path
	MaxBlocks     = 1_000
	MaxTreeNodes  = 1_000 // of one block
	MaxTreeDepth  = 32
	MaxRamps      = 1_000
	MaxNamed      = 200 // quantities, events
	defaultStepsY = 252
)

func (m Model) stepsPerYear() int {
	if m.StepsPerYear == 0 {
		return defaultStepsY
	}
	return m.StepsPerYear
}

// steps is the number of days on a path.
func (m Model) steps() int {
	return int(math.Round(m.Years * float64(m.stepsPerYear())))
}

// Validate says everything that is wrong with m, each with the field's name.
func (m Model) Validate() error {
	v := validator{model: m}
	v.scalars()
	v.named()
	v.blocks()
	return errors.Join(v.errs...)
}

type validator struct {
	model Model
	errs  []error
}

func (v *validator) need(ok bool, format string, args ...any) {
	if !ok {
		v.errs = append(v.errs, fmt.Errorf(format, args...))
	}
}

// between is false for NaN too, which is why it is not written the other way.
func between(x, lo, hi float64) bool { return x >= lo && x <= hi }

func (v *validator) scalars() {
	m := v.model
	v.need(m.Price.Spot > 0 && !math.IsInf(m.Price.Spot, 0), "price.spot %g must be above 0", m.Price.Spot)
	v.need(between(m.Price.Vol, 0, maxImpliedVol), "price.vol %g must be between 0 and %d (1 is 100 %% a year)", m.Price.Vol, maxImpliedVol)
	v.need(between(m.Price.Rate, -1, 1), "price.rate %g must be between -1 and 1", m.Price.Rate)
	v.need(between(m.Price.Dividend, 0, 1), "price.dividend %g must be between 0 and 1", m.Price.Dividend)
	v.need(between(m.Price.Premium, -1, 1), "price.premium %g must be between -1 and 1", m.Price.Premium)
	v.need(between(m.Clock.Vol, 0, 10), "clock.vol %g must be between 0 and 10", m.Clock.Vol)
	v.need(between(m.Clock.Pace, 0, 100), "clock.pace %g must be between 0 and 100", m.Clock.Pace)
	v.need(between(m.Clock.Corr, -1, 1), "clock.corr %g must be between -1 and 1", m.Clock.Corr)
	v.need(between(m.DelayShare, 0, 1), "delay_share %g must be between 0 and 1", m.DelayShare)
	v.need(m.Years > 0 && m.Years <= MaxYears, "years %g must be above 0 and at most %d", m.Years, MaxYears)
	v.need(!(m.Price.Vol*m.Price.Vol*m.Years > MaxVariance), "price.vol %g over %g years: vol² × years must be at most %d", m.Price.Vol, m.Years, MaxVariance)
	v.need(m.StepsPerYear >= 0, "steps_per_year %d must not be negative", m.StepsPerYear)
	if m.Years > 0 && m.Years <= MaxYears && m.StepsPerYear >= 0 {
		v.need(m.Years*float64(m.stepsPerYear()) <= MaxSteps && m.steps() >= 1,
			"years %g at %d steps a year: a path must have between 1 and %d steps", m.Years, m.stepsPerYear(), MaxSteps)
	}
	v.need(between(m.Shares.Basic, 0, math.MaxFloat64) && between(m.Shares.Diluted, 0, math.MaxFloat64), "shares must not be negative")
	v.need(m.Shares.Dilution == PriceGiven || m.Shares.Basic > 0, "shares.basic must be above 0 when equity is the process")
}

func (v *validator) named() {
	m := v.model
	v.need(len(m.Quantities) <= MaxNamed && len(m.Events) <= MaxNamed, "more than %d quantities or events", MaxNamed)
	seen := map[string]bool{}
	for i, q := range m.Quantities {
		v.need(q.Name != "" && !seen[q.Name], "quantities[%d]: name %q must be present and unique", i, q.Name)
		seen[q.Name] = true
		v.need(len(q.Ramps) <= MaxRamps, "quantity %s: more than %d ramps", q.Name, MaxRamps)
		v.need(q.PerYear >= 0, "quantity %s: per_year %g must not be negative", q.Name, q.PerYear)
		for j, r := range q.Ramps {
			v.need(between(r.Amount, 0, math.MaxFloat64), "quantity %s: ramp %d: amount %g must not be negative", q.Name, j, r.Amount)
			v.need(between(r.Start, -MaxYears, MaxYears) && between(r.End, -MaxYears, MaxYears), "quantity %s: ramp %d: start %g and end %g must be years within ±%d", q.Name, j, r.Start, r.End, MaxYears)
			d := r.Delay
			v.need(d.Low <= d.Mode && d.Mode <= d.High && d.High-d.Low <= MaxYears, "quantity %s: ramp %d: delay needs low ≤ mode ≤ high, got %g, %g, %g", q.Name, j, d.Low, d.Mode, d.High)
		}
	}
	seen = map[string]bool{}
	for i, e := range m.Events {
		v.need(e.Name != "" && !seen[e.Name], "events[%d]: name %q must be present and unique", i, e.Name)
		seen[e.Name] = true
		v.need(e.Hazard >= 0 && between(e.Chance, 0, 1) && !math.IsNaN(e.At), "event %s: hazard %g must not be negative, chance %g between 0 and 1", e.Name, e.Hazard, e.Chance)
	}
}

func (v *validator) blocks() {
	m := v.model
	v.need(len(m.Blocks) >= 1 && len(m.Blocks) <= MaxBlocks, "%d blocks; need 1 to %d", len(m.Blocks), MaxBlocks)
	for i, b := range m.Blocks {
		where := fmt.Sprintf("blocks[%d] %s", i, b.Name)
		v.need(between(b.Shares, 0, math.MaxFloat64), "%s: shares %g must not be negative", where, b.Shares)
		v.need(between(b.Strike, 0, math.MaxFloat64), "%s: strike %g must not be negative", where, b.Strike)
		v.need(between(b.VestBy, 0, MaxYears) && between(b.ExerciseBy, 0, MaxYears), "%s: vest_by and exercise_by must be years between 0 and %d", where, MaxYears)
		for _, e := range append(append([]string{}, b.ForfeitOn...), b.VestOn...) {
			v.need(m.event(e) >= 0, "%s: no event is called %q", where, e)
		}
		nodes := 0
		v.cond(where+": when", b.When, 0, &nodes)
	}
}

func (v *validator) cond(where string, c Cond, depth int, nodes *int) {
	*nodes++
	if depth > MaxTreeDepth || *nodes > MaxTreeNodes {
		v.need(*nodes != MaxTreeNodes+1 && depth <= MaxTreeDepth, "%s: the condition is deeper than %d or has more than %d nodes", where, MaxTreeDepth, MaxTreeNodes)
		return
	}
	v.need(c.Window >= 0 && c.Window <= MaxSteps, "%s: window %d must be between 0 and %d days", where, c.Window, MaxSteps)
	switch c.Kind {
	case All, Any:
		v.need(len(c.Args) > 0, "%s: all/any needs at least one part", where)
	case Touch, Close, Average, Run:
		v.need(c.Level > 0, "%s: a price hurdle must be above 0, got %g", where, c.Level)
	case MarketCap:
		v.need(c.Level > 0, "%s: a market-cap hurdle must be above 0, got %g", where, c.Level)
		v.need(v.model.Shares.Basic > 0, "%s: a market-cap hurdle needs shares.basic", where)
	case Reached:
		v.need(v.model.quantity(c.Name) >= 0, "%s: no quantity is called %q", where, c.Name)
	case Happened:
		v.need(v.model.event(c.Name) >= 0, "%s: no event is called %q", where, c.Name)
	case Always, Never, Date:
	default:
		v.need(false, "%s: unknown kind %d", where, c.Kind)
	}
	for i, a := range c.Args {
		v.cond(fmt.Sprintf("%s[%d]", where, i), a, depth+1, nodes)
	}
}

func (m Model) event(name string) int {
	for i, e := range m.Events {
		if e.Name == name {
			return i
		}
	}
	return -1
}

func (m Model) quantity(name string) int {
	for i, q := range m.Quantities {
		if q.Name == name {
			return i
		}
	}
	return -1
}
