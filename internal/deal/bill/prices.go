package bill

import "strings"

const (
	tokenmix  = "https://tokenmix.ai/blog/llm-api-pricing-comparison"
	deepseek  = "https://apidog.com/blog/deepseek-v4-pro-permanent-price-cut/"
	flashPage = "https://tokenmix.ai/blog/deepseek-api-pricing"
	tenPct    = "cached price is 10 % of input by the vendor's usual rule, to be confirmed"
)

// Prices is the embedded price lists of May 2026, in a fixed order.
func Prices() []Price {
	list := func(model string, in, cached, out float64, src, asOf, note string) Price {
		return Price{Model: model, Input: in, Cached: cached, Output: out, Source: Source{Text: src, AsOf: asOf, Confidence: "C", Note: note}}
	}
	return []Price{
		list("GPT-5.5", 5, 0.5, 30, tokenmix, "2026-05", tenPct),
		list("GPT-5.4", 2.5, 0.25, 15, tokenmix, "2026-05", tenPct),
		list("Claude Opus 4.7", 5, 0.5, 25, tokenmix, "2026-05", tenPct+"; a widely copied table lists 15/75, which is three times too high"),
		list("Claude Sonnet 4.6", 3, 0.3, 15, tokenmix, "2026-05", ""),
		list("Gemini 3.1 Pro", 2, 0.2, 12, tokenmix, "2026-05", "prompts below 200k tokens"),
		list("DeepSeek V4-Pro", 0.435, 0.003625, 0.87, deepseek, "2026-05-22", "permanent since 22 May 2026"),
		list("DeepSeek V4-Flash", 0.14, 0.0028, 0.28, flashPage, "2026-05", ""),
	}
}

// FindPrice gives the price list of a model. Case, spaces and hyphens do not
// matter, so "deepseek-v4-pro" finds "DeepSeek V4-Pro".
func FindPrice(model string) (Price, bool) {
	want := key(model)
	for _, p := range Prices() {
		if key(p.Model) == want {
			return p, true
		}
	}
	return Price{}, false
}

func key(s string) string {
	return strings.NewReplacer(" ", "", "-", "", "_", "").Replace(strings.ToLower(s))
}

// Models names the price lists, for messages and completion.
func Models() []string {
	var out []string
	for _, p := range Prices() {
		out = append(out, p.Model)
	}
	return out
}
