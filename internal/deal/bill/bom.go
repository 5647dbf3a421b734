package bill

import "fmt"

// Part is one line of a bill of materials: Count × Unit dollars.
type Part struct {
	Name   string  `json:"name"`
	Count  float64 `json:"count"`
	Unit   float64 `json:"unit"`
	Total  float64 `json:"total"`
	Memory bool    `json:"memory,omitempty"`
	// Residual marks the line that makes the parts add up to the published total.
	Residual bool `json:"residual,omitempty"`
	Source
}

// BOM is what one system costs and consists of.
type BOM struct {
	System string  `json:"system"`
	Total  float64 `json:"total"` // dollars, the published figure
	View   string  `json:"view"`  // whose cost it is
	KW     float64 `json:"kw"`    // power at full load, 0 if not known
	Parts  []Part  `json:"parts"`
	Source
}

// Memory is what the parts marked as memory cost together.
func (b BOM) Memory() float64 {
	sum := 0.0
	for _, p := range b.Parts {
		if p.Memory {
			sum += p.Total
		}
	}
	return sum
}

// MemoryShare is memory as a fraction of the total.
func (b BOM) MemoryShare() float64 { return b.Memory() / b.Total }

// PerMW is dollars per megawatt of the system's own power; ok is false when the
// power is not known.
func (b BOM) PerMW() (dollars float64, ok bool) {
	if b.KW <= 0 {
		return 0, false
	}
	return b.Total / b.KW * 1000, true
}

// finish multiplies out the lines and adds the rest that nobody itemised.
func (b BOM) finish() BOM {
	known := 0.0
	for i := range b.Parts {
		b.Parts[i].Total = b.Parts[i].Count * b.Parts[i].Unit
		known += b.Parts[i].Total
	}
	rest := b.Total - known
	b.Parts = append(b.Parts, Part{
		Name: "not itemised", Count: 1, Unit: rest, Total: rest, Residual: true,
		Source: Source{Text: "published total less the lines above", AsOf: b.AsOf, Confidence: "D"},
	})
	return b
}

const (
	faq        = "https://faq.com.tw/en/hardware/2026-06-25-nvidia-vera-rubin-nvl72-78m-rack-memory-cost-en/"
	regantih   = "https://regantih.github.io/reports-lab/sand-to-superintelligence/chapters/14-nvl72-drills.tsv"
	semi       = "https://newsletter.semianalysis.com/p/cerebras-faster-tokens-please"
	buysellram = "https://www.buysellram.com/blog/why-nvidias-vera-rubin-racks-cost-double-and-memory-is-the-surprise/"
)

// The published totals that several figures below and in the claims rest on.
const (
	rubinRack   = 7_803_148 // Morgan Stanley, buyer's cost
	rubinMemory = 2_001_600
	// memoryGrowth is the press figure of +435 % in spend a rack; the GB300 line is
	// derived from it and so cannot check it.
	memoryGrowth = 4.35
	gb300Rack    = 3.9e6
)

// BOMs is the embedded bills of materials, in a fixed order.
func BOMs() []BOM {
	return []BOM{rubin(), gb300(), cs3()}
}

func rubin() BOM {
	return BOM{
		System: "VR200 NVL72", Total: rubinRack, View: "buyer's cost of the rack, not the vendor's own", KW: 210,
		Source: Source{Text: faq, AsOf: "2026-06-25", Confidence: "C", Note: "Morgan Stanley as quoted; others say $9.1M. Power 190 to 230 kW, the middle is taken"},
		Parts: []Part{
			{Name: "GPU package", Count: 72, Unit: 55_000, Source: Source{Text: regantih, AsOf: "2026-06", Confidence: "C"}},
			{Name: "CPU", Count: 36, Unit: 5_000, Source: Source{Text: regantih, AsOf: "2026-06", Confidence: "C", Note: "36 CPUs in a rack"}},
			{Name: "memory (LPDDR content 54 TB)", Count: 1, Unit: rubinMemory, Memory: true, Source: Source{Text: faq, AsOf: "2026-06-25", Confidence: "C"}},
		},
	}.finish()
}

func gb300() BOM {
	return BOM{
		System: "GB300 NVL72", Total: gb300Rack, View: "buyer's cost of the rack", KW: 130,
		Source: Source{Text: buysellram, AsOf: "2026-05", Confidence: "C", Note: "quotes run from $3M to $4M; 120 to 140 kW, the middle is taken"},
		Parts: []Part{
			{Name: "memory (LPDDR content 17 TB)", Count: 1, Unit: rubinMemory / (1 + memoryGrowth), Memory: true, Source: Source{
				Text: faq, AsOf: "2026-06-25", Confidence: "D", Note: "derived from the Rubin figure and the +435 % claim; no independent figure",
			}},
		},
	}.finish()
}

func cs3() BOM {
	return BOM{
		System: "CS-3 + KV node", Total: 450_000, View: "maker's bill of materials after the rise of memory prices", KW: 27,
		Source: Source{Text: semi, AsOf: "2026-05", Confidence: "B", Note: "$350,000 before the rise of memory prices"},
		Parts: []Part{
			{Name: "wafer", Count: 1, Unit: 20_000, Source: Source{Text: semi, AsOf: "2026-05", Confidence: "B"}},
			{Name: "rise of memory prices", Count: 1, Unit: 100_000, Memory: true, Source: Source{
				Text: semi, AsOf: "2026-05", Confidence: "D", Note: "the rise alone ($350,000 to $450,000); what memory cost before is not known, so the share is a lower bound",
			}},
		},
	}.finish()
}

// FindBOM gives the bill of materials of a system by name, as FindPrice does.
func FindBOM(system string) (BOM, error) {
	var names []string
	for _, b := range BOMs() {
		if key(b.System) == key(system) {
			return b, nil
		}
		names = append(names, b.System)
	}
	return BOM{}, fmt.Errorf("no bill of materials for %q; there are %q", system, names)
}
