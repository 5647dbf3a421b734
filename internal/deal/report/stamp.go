package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"wafer/internal/deal/analysis"
)

// modelVersion goes into the hash: a change of the arithmetic changes every stamp.
const modelVersion = "1"

// Stamp says what a report was made from.
type Stamp struct {
	Hash     string `json:"inputs_sha256"`
	Deal     string `json:"deal"`
	Scenario string `json:"scenario,omitempty"`
	Set      string `json:"set,omitempty"`
	Seed     uint64 `json:"seed"`
	Paths    int    `json:"paths"`
	Fan      int    `json:"fan_paths"`
	Model    string `json:"model"`
}

// NewStamp hashes the deal file and everything else that can change a number.
func NewStamp(r *analysis.Result, source []byte) Stamp {
	s := Stamp{
		Deal: r.Deal.ID, Scenario: r.Scenario, Set: strings.Join(r.Options.Set, " "), Seed: r.Options.Seed,
		Paths: r.Equity.Paths, Fan: r.Options.FanPaths, Model: modelVersion,
	}
	h := sha256.New()
	fmt.Fprintf(h, "wafer-deal model %s\nscenario %q\nset %q\nseed %d\npaths %d\nfan %d\n", s.Model, s.Scenario, r.Options.Set, s.Seed, s.Paths, s.Fan)
	h.Write(source)
	s.Hash = hex.EncodeToString(h.Sum(nil))
	return s
}

// Line is the stamp on one line.
func (s Stamp) Line() string {
	out := fmt.Sprintf("inputs sha256:%s  seed %d  %d paths  model %s", s.Hash[:16], s.Seed, s.Paths, s.Model)
	if s.Scenario != "" {
		out += "  scenario " + s.Scenario
	}
	if s.Set != "" {
		out += "  set " + s.Set
	}
	return out
}
