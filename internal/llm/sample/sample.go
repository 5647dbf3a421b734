// Package sample chooses the next token from logits.
//
// In: logits and the usual parameters. Out: a token. The same parameters, seed
// and logits give the same tokens: the generator is PCG, whose sequence the
// standard library promises to keep, and ties go to the lower token.
//
// Steps: temperature 0 takes the best token; otherwise logits are divided by
// the temperature, cut to the TopK best, turned into probabilities, cut to the
// fewest that together reach TopP, and one is drawn.
package sample

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"wafer/internal/diag"
	"wafer/internal/llm/tokenize"
)

// codeParam is a sampling parameter that is out of range.
const codeParam diag.Code = "M1501"

// maxTemperature is where OpenAI's API ends; beyond it text is noise.
const maxTemperature = 2

// Params are the parameters, named as flags and API fields name them. The zero
// value is greedy.
type Params struct {
	Temperature float64 `json:"temperature"`
	TopK        int     `json:"top_k"` // 0: all
	TopP        float64 `json:"top_p"` // 0 and 1: all
	Seed        uint64  `json:"seed"`
}

// Validate reports the first parameter that is out of range.
func (p Params) Validate() error {
	bad := func(name string, value any, cure string) error {
		return diag.Diagnostic{Code: codeParam, Message: fmt.Sprintf("%s is %v", name, value), Cure: cure}
	}
	switch {
	case !(p.Temperature >= 0 && p.Temperature <= maxTemperature):
		return bad("temperature", p.Temperature, "give 0 (always the best token) to 2")
	case p.TopK < 0:
		return bad("top_k", p.TopK, "give 0 (all tokens) or more")
	case !(p.TopP >= 0 && p.TopP <= 1):
		return bad("top_p", p.TopP, "give a share above 0 and up to 1")
	}
	return nil
}

// Sampler draws the tokens of one sequence. It is not safe for concurrent use.
type Sampler struct {
	p    Params
	rng  *rand.Rand
	pool []candidate  // by bucket, then token; reused from token to token
	ends [buckets]int // of each bucket in the pool
	done int          // buckets that are in order
}

type candidate struct {
	id   tokenize.ID
	x, p float64 // scaled logit, probability
}

// stream separates this use of a seed from any other.
const stream = 0x77616665725f746b

// New starts a sampler.
func New(p Params) (*Sampler, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	return &Sampler{p: p, rng: rand.New(rand.NewPCG(p.Seed, stream))}, nil
}

// Best is the token with the largest logit, the lowest of equal ones. A logit
// that is not a number is never chosen.
func Best(logits []float32) tokenize.ID {
	best := 0
	for i, v := range logits {
		if v > logits[best] || logits[best] != logits[best] {
			best = i
		}
	}
	return tokenize.ID(best)
}

// Next chooses a token.
func (s *Sampler) Next(logits []float32) tokenize.ID {
	if s.p.Temperature == 0 || s.p.TopK == 1 {
		return Best(logits)
	}
	s.collect(logits)
	if len(s.pool) == 0 {
		return Best(logits)
	}
	n := s.cut()
	total := 0.0
	for _, c := range s.pool[:n] {
		total += c.p
	}
	u := float64(s.rng.Float64() * total)
	for i := range n {
		if u -= s.at(i).p; u < 0 {
			return s.pool[i].id
		}
	}
	return s.at(n - 1).id // rounding left a crumb
}

// negligible is the distance below the best scaled logit at which a token is
// dropped: e^-40 of it is below the last bit of any probability that matters.
const negligible = 40

// A bucket holds the tokens of an eighth of a scaled logit. Few of a quarter million
// tokens are ever drawn from, so buckets are put in order only as far as somebody
// looks.
const (
	width   = 8
	buckets = negligible*width + 1
)

// collect fills the pool with candidates, bucket by bucket, with probabilities.
func (s *Sampler) collect(logits []float32) {
	best := float64(logits[Best(logits)]) / s.p.Temperature
	s.fill(logits, best)
	if s.p.TopK > 0 && s.p.TopK < len(s.pool) {
		s.at(s.p.TopK - 1)
		s.pool = s.pool[:s.p.TopK]
	}
	total := 0.0
	for i := range s.pool {
		s.pool[i].p = math.Exp(s.pool[i].x - best)
		total += s.pool[i].p
	}
	for i := range s.pool {
		s.pool[i].p /= total
	}
}

// fill sorts the candidates into buckets by counting.
func (s *Sampler) fill(logits []float32, best float64) {
	s.ends, s.done = [buckets]int{}, 0
	n := 0
	for _, v := range logits {
		if x := float64(v) / s.p.Temperature; x >= best-negligible {
			s.ends[bucket(best-x)]++
			n++
		}
	}
	at := 0 // where each bucket begins; filling moves that to where it ends
	for b, k := range s.ends {
		s.ends[b] = at
		at += k
	}
	s.pool = slices.Grow(s.pool[:0], n)[:n]
	for i, v := range logits {
		if x := float64(v) / s.p.Temperature; x >= best-negligible {
			e := &s.ends[bucket(best-x)]
			s.pool[*e] = candidate{id: tokenize.ID(i), x: x}
			*e++
		}
	}
}

// bucket is the bucket at a distance below the best: the first for all that are as
// infinite as it.
func bucket(below float64) int {
	if below > 0 {
		return min(int(below*width), buckets-1)
	}
	return 0
}

// at gives the i-th best candidate.
func (s *Sampler) at(i int) *candidate {
	for ; s.done < buckets && (s.done == 0 || s.ends[s.done-1] <= i); s.done++ {
		from := 0
		if s.done > 0 {
			from = s.ends[s.done-1]
		}
		// The pool may have been cut behind the k best.
		from, to := min(from, len(s.pool)), min(s.ends[s.done], len(s.pool))
		slices.SortFunc(s.pool[from:to], func(a, b candidate) int {
			return cmp.Or(cmp.Compare(b.x, a.x), cmp.Compare(a.id, b.id))
		})
	}
	return &s.pool[i]
}

// cut is how many candidates TopP leaves: at least one.
func (s *Sampler) cut() int {
	if s.p.TopP == 0 || s.p.TopP == 1 {
		return len(s.pool)
	}
	sum := 0.0
	for i := range s.pool {
		if sum += s.at(i).p; sum >= s.p.TopP {
			return i + 1
		}
	}
	return len(s.pool)
}
