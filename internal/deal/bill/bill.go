// Package bill answers what tokens cost and what the machines that make them are
// made of: monthly bills from token price lists, the cache-hit rate that a
// stated bill implies, break-even token prices of a megawatt, and bills of
// materials of racks with the share of memory in them.
//
// In: token counts, mixes and the embedded price lists, or figures given by the
// caller. Out: dollars as float64, and every embedded figure with its source,
// date and confidence mark (A filing or own page, B dated second hand, C press,
// D derived, ? open).
package bill

import (
	"fmt"
	"math"
)

// Source says where a figure comes from. No figure in this package is without.
type Source struct {
	Text       string `json:"source"`
	AsOf       string `json:"as_of"` // YYYY-MM-DD or YYYY-MM
	Confidence string `json:"confidence"`
	Note       string `json:"note,omitempty"`
}

// Price is a token price list in dollars per million tokens.
type Price struct {
	Model  string  `json:"model"`
	Input  float64 `json:"input"`  // not found in the cache
	Cached float64 `json:"cached"` // found in the cache
	Output float64 `json:"output"`
	Source
}

// Mix says what a month of tokens consists of.
type Mix struct {
	Tokens float64 `json:"tokens"`     // a month, input and output together
	Ratio  float64 `json:"in_per_out"` // input tokens for each output token
	Hit    float64 `json:"hit"`        // share of input tokens found in the cache
}

// Bill is a month's bill and what it is made of, in dollars and tokens.
type Bill struct {
	Model        string  `json:"model"`
	Mix          Mix     `json:"mix"`
	MissTokens   float64 `json:"miss_tokens"`
	CachedTokens float64 `json:"cached_tokens"`
	OutputTokens float64 `json:"output_tokens"`
	Miss         float64 `json:"miss"`
	Cached       float64 `json:"cached"`
	Output       float64 `json:"output"`
	Total        float64 `json:"total"`
	PerMillion   float64 `json:"per_million"` // blended, over all tokens
}

// million is the unit of token price lists.
const million = 1e6

// Check says what is wrong with a mix.
func (m Mix) Check() error {
	switch {
	case !(m.Tokens >= 0) || math.IsInf(m.Tokens, 0):
		return fmt.Errorf("tokens %g must be a number of at least 0", m.Tokens)
	case !(m.Ratio >= 0) || math.IsInf(m.Ratio, 0):
		return fmt.Errorf("in-per-out ratio %g must be a number of at least 0 (300 for 300:1)", m.Ratio)
	case !(m.Hit >= 0 && m.Hit <= 1):
		return fmt.Errorf("cache-hit rate %g must be between 0 and 1 (0.894 for 89.4 %%)", m.Hit)
	}
	return nil
}

// Monthly is the bill for a mix at a price list.
func Monthly(m Mix, p Price) (Bill, error) {
	if err := m.Check(); err != nil {
		return Bill{}, fmt.Errorf("bill for %s: %w", p.Model, err)
	}
	b := Bill{Model: p.Model, Mix: m}
	b.OutputTokens = m.Tokens / (m.Ratio + 1)
	input := m.Tokens - b.OutputTokens
	b.CachedTokens = input * m.Hit
	b.MissTokens = input - b.CachedTokens
	b.Miss = b.MissTokens / million * p.Input
	b.Cached = b.CachedTokens / million * p.Cached
	b.Output = b.OutputTokens / million * p.Output
	b.Total = b.Miss + b.Cached + b.Output
	if m.Tokens > 0 {
		b.PerMillion = b.Total / m.Tokens * million
	}
	return b, nil
}

// HitRateFor is the cache-hit rate at which the bill is total: it turns a quoted
// monthly figure into the assumption hidden in it. It fails when no hit rate
// between 0 and 1 gives the figure, and says what the bill can be.
func HitRateFor(total float64, m Mix, p Price) (float64, error) {
	m.Hit = 0
	most, err := Monthly(m, p)
	if err != nil {
		return 0, err
	}
	m.Hit = 1
	least, err := Monthly(m, p)
	if err != nil {
		return 0, err
	}
	span := most.Total - least.Total
	if span == 0 {
		return 0, fmt.Errorf("hit rate for %s: the bill is $%.2f whatever the hit rate", p.Model, most.Total)
	}
	// The bill is linear in the hit rate.
	hit := (most.Total - total) / span
	if !(hit >= 0 && hit <= 1) {
		return 0, fmt.Errorf("hit rate for %s: $%.2f cannot be; with this mix the bill is between $%.2f and $%.2f",
			p.Model, total, min(least.Total, most.Total), max(least.Total, most.Total))
	}
	return hit, nil
}

// secondsPerYear follows the 365-day year of the sources:
// 31.536 million seconds.
const secondsPerYear = 365 * 86400

// BreakEven is the price in dollars per million tokens at which a megawatt earns
// dollarsPerMWYear, at tokensPerSecond a megawatt and a utilisation.
func BreakEven(dollarsPerMWYear, tokensPerSecond, utilisation float64) (float64, error) {
	if !(tokensPerSecond > 0) || !(utilisation > 0 && utilisation <= 1) {
		return 0, fmt.Errorf("break-even: tokens a second %g must be above 0 and utilisation %g above 0 and at most 1", tokensPerSecond, utilisation)
	}
	return dollarsPerMWYear / (tokensPerSecond * secondsPerYear * utilisation) * million, nil
}

// PerAccepted is how many tokens are made for each one in an answer that is used
// when a share of the good answers is refused: 1/(1-refused).
func PerAccepted(refused float64) (float64, error) {
	if !(refused >= 0 && refused < 1) {
		return 0, fmt.Errorf("refused share %g must be at least 0 and below 1", refused)
	}
	return 1 / (1 - refused), nil
}
