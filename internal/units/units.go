// Package units keeps quantities of different meaning apart: a utility megawatt
// from a critical-IT one, dense from sparse FLOPS, input from cached from output
// tokens, basic from diluted shares.
//
// In: text such as "750 MW critical-IT" or "$12.3M/MW-yr". Out: a Quantity in the
// base unit of its dimension with the kind that was written. Code that computes
// with one kind only uses the named float types, so that the compiler refuses
// a sum of facility and critical-IT megawatts.
package units

// Dim is what a quantity measures.
type Dim uint8

// The dimensions. The base unit of each is given behind it.
const (
	None           Dim = iota // a plain number
	Ratio                     // 1 (written as % or as a fraction)
	Rate                      // 1 a year
	Power                     // MW
	Compute                   // FLOPS
	Tokens                    // tokens
	Shares                    // shares
	Money                     // dollars
	MoneyPerMW                // dollars a MW
	MoneyPerMWYr              // dollars a MW and year
	MoneyPerShare             // dollars a share
	MoneyPerKWh               // dollars a kWh
	MoneyPerMTok              // dollars a million tokens
	MoneyPerSys               // dollars a system
	MoneyPerSysMo             // dollars a system and month
	MoneyPerHour              // dollars a GPU and hour
	Years                     // years
	Days                      // days; kept apart from Years because windows count trading days
	TokensPerSec              // tokens a second
	TokPerSecPerMW            // tokens a second and MW
	Area                      // mm²
)

var dimNames = [...]string{
	"number", "ratio", "rate a year", "power", "FLOPS", "tokens", "shares", "money",
	"money per MW", "money per MW-year", "money per share", "money per kWh",
	"money per million tokens", "money per system", "money per system-month",
	"money per GPU-hour", "years", "days", "tokens per second", "tokens per second per MW", "area",
}

// String names the dimension as a diagnostic writes it.
func (d Dim) String() string { return dimNames[d] }

// Symbol is how tables and programs write the base unit.
func (d Dim) Symbol() string {
	switch d {
	case None, Ratio:
		return ""
	case Rate:
		return "1/yr"
	case Power:
		return "MW"
	case Compute:
		return "FLOPS"
	case Money:
		return "USD"
	case Years:
		return "yr"
	case TokensPerSec:
		return "tok/s"
	case TokPerSecPerMW:
		return "tok/s/MW"
	case Area:
		return "mm2"
	}
	if per := perText(d); per != "" {
		return "USD" + per
	}
	return d.String()
}

// Kind divides a dimension into things that must not be added to each other.
type Kind uint8

// The kinds. Plain means that the dimension has none.
const (
	Plain      Kind = iota
	Utility         // megawatts bought from the grid
	Facility        // megawatts the whole building draws: critical IT × PUE
	CriticalIT      // megawatts that reach the servers
	Nameplate       // sum of the accelerators' rated power
	Dense
	Sparse2 // 2:1 structured sparsity: twice the dense figure
	Sparse8 // 8:1 unstructured sparsity: eight times the dense figure
	Input
	Cached
	Output
	Basic
	Diluted
)

var kindNames = [...]string{
	"", "utility", "facility", "critical-IT", "nameplate", "dense", "sparse-2:1",
	"sparse-8:1", "input", "cached", "output", "basic", "diluted",
}

// String is the word a file writes behind the unit.
func (k Kind) String() string { return kindNames[k] }

// The named types for code that computes with one kind only.
type (
	UtilityMW    float64
	FacilityMW   float64
	CriticalITMW float64
	NameplateMW  float64

	DenseFLOPS float64

	BasicShares   float64
	DilutedShares float64

	InputTokens  float64
	CachedTokens float64
	OutputTokens float64
)

// Facility gives the building's draw: every IT watt costs PUE watts.
func (m CriticalITMW) Facility(pue float64) FacilityMW { return FacilityMW(float64(m) * pue) }

// IT gives what reaches the servers of a building that draws m.
func (m FacilityMW) IT(pue float64) CriticalITMW { return CriticalITMW(float64(m) / pue) }

// SparseFLOPS is a vendor's headline figure with the sparsity it presumes.
type SparseFLOPS struct {
	Value float64
	Kind  Kind // Sparse2 or Sparse8
}

// Dense removes the sparsity factor, which makes two vendors comparable.
func (s SparseFLOPS) Dense() DenseFLOPS { return DenseFLOPS(s.Value / sparsity(s.Kind)) }

func sparsity(k Kind) float64 {
	switch k {
	case Sparse2:
		return 2
	case Sparse8:
		return 8
	}
	return 1
}

// Unit is a dimension with its kind.
type Unit struct {
	Dim  Dim
	Kind Kind
}

// String is for diagnostics: "power (critical-IT)".
func (u Unit) String() string {
	if u.Kind == Plain {
		return u.Dim.String()
	}
	return u.Dim.String() + " (" + u.Kind.String() + ")"
}

// Quantity is a number in the base unit of its dimension.
type Quantity struct {
	Value float64
	Unit  Unit
}

// ToIT converts a power of any kind to critical IT. Nameplate megawatts are the
// accelerators alone; itPerNameplate adds the rest of the rack.
func ToIT(q Quantity, pue, itPerNameplate float64) CriticalITMW {
	switch q.Unit.Kind {
	case Facility, Utility:
		return FacilityMW(q.Value).IT(pue)
	case Nameplate:
		return CriticalITMW(q.Value * itPerNameplate)
	}
	return CriticalITMW(q.Value)
}
