package graph

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"wafer/internal/diag"
)

// The mistakes a model description can hold.
const (
	codeFamily  diag.Code = "M1201" // an architecture that is not understood
	codeKey     diag.Code = "M1202" // a number that is missing or impossible
	codeFeature diag.Code = "M1203" // a feature of the architecture that is not understood
	codeTensor  diag.Code = "M1204" // a tensor missing or of another shape
	codeName    diag.Code = "M1205" // a published model that is not known
	codeFile    diag.Code = "M1206" // a path that holds no model
)

// The limits on shapes: far above published models, low enough that products
// stay within an int.
const (
	maxDim     = 1 << 20
	maxLayers  = 1 << 12
	maxVocab   = 1 << 21
	maxContext = 1 << 28
)

func mistake(file string, code diag.Code, cure, format string, args ...any) diag.Diagnostic {
	return diag.Diagnostic{Code: code, Pos: diag.Pos{File: file}, Message: fmt.Sprintf(format, args...), Cure: cure}
}

// Validate checks that the numbers of a model fit together; file is for messages.
func (m Model) Validate(file string) error {
	for _, c := range []struct {
		name       string
		got, limit int
	}{
		{"vocabulary", m.Vocab, maxVocab},
		{"context length", m.Context, maxContext},
		{"embedding width", m.Dim, maxDim},
		{"number of layers", m.Layers, maxLayers},
		{"number of heads", m.Heads, maxDim},
		{"number of key-value heads", m.KVHeads, maxDim},
		{"head width", m.HeadDim, maxDim},
		{"feed-forward width", m.FFN, maxDim},
	} {
		if c.got < 1 || c.got > c.limit {
			return mistake(file, codeKey, "check that the file is complete and of a known family", "the %s is %d, and 1 to %d is possible", c.name, c.got, c.limit)
		}
	}
	switch {
	case m.Heads%m.KVHeads != 0:
		return mistake(file, codeKey, "", "%d query heads cannot share %d key-value heads evenly", m.Heads, m.KVHeads)
	case m.HeadDim%2 != 0 || m.Rope.Dim < 2 || m.Rope.Dim%2 != 0 || m.Rope.Dim > m.HeadDim:
		return mistake(file, codeKey, "", "a rotation of %d values does not fit into heads of %d", m.Rope.Dim, m.HeadDim)
	case !positive(float64(m.NormEps)) || !positive(m.Rope.Base) || !positive(float64(m.AttnScale)) || !positive(float64(m.EmbedScale)):
		return mistake(file, codeKey, "", "norm epsilon %v, rotation base %v, attention scale %v and embedding scale %v must be above 0", m.NormEps, m.Rope.Base, m.AttnScale, m.EmbedScale)
	case m.Window < 0 || m.WindowEvery < 0:
		return mistake(file, codeKey, "", "an attention window of %d positions on all but each %d. layer is not possible", m.Window, m.WindowEvery)
	case len(m.Rope.Divisors) > 0 && len(m.Rope.Divisors) != m.Rope.Dim/2:
		return mistake(file, codeKey, "", "%d rotation divisors for %d pairs", len(m.Rope.Divisors), m.Rope.Dim/2)
	}
	for _, d := range m.Rope.Divisors {
		if !positive(float64(d)) {
			return mistake(file, codeKey, "", "a rotation divisor is %v and must be above 0", d)
		}
	}
	return nil
}

func positive(x float64) bool { return x > 0 && !math.IsInf(x, 0) }

func unknownFamily(file, name string) error {
	var known []string
	for _, f := range Families() {
		known = append(known, string(f))
	}
	cure := "the families that are understood: " + strings.Join(known, ", ")
	if near := diag.Nearest(name, known); near != "" {
		cure = "nearest known family: " + near + "; " + cure
	}
	return mistake(file, codeFamily, cure, "the architecture %q is not understood", name)
}

// derive fills in what follows from the other fields when a file is silent.
func (m *Model) derive() {
	if m.KVHeads == 0 {
		m.KVHeads = m.Heads
	}
	if m.HeadDim == 0 && m.Heads > 0 {
		m.HeadDim = m.Dim / m.Heads
	}
	if m.Rope.Dim == 0 {
		m.Rope.Dim = m.HeadDim
	}
	if m.Rope.Base == 0 {
		m.Rope.Base = 10000
	}
	if m.LocalRope.Base != 0 {
		m.LocalRope.Dim, m.LocalRope.Layout = m.Rope.Dim, m.Rope.Layout
	}
	if m.AttnScale == 0 {
		m.AttnScale = rsqrt(float64(m.HeadDim))
	}
	if m.EmbedScale == 0 {
		m.EmbedScale = 1
	}
}

// habits sets what every model of a family does, whatever its size. Sources: the
// families' published model code (config classes and forward passes).
func (m *Model) habits() {
	switch m.Family {
	case Qwen2:
		m.QKVBias = true
	case Qwen3:
		m.QKNorm = true
	case Gemma, Gemma2, Gemma3:
		m.Activation = GELUTanh
		m.EmbedScale = float32(math.Sqrt(float64(m.Dim)))
		m.TiedHead = true
	}
	switch m.Family {
	case Gemma2:
		m.PostNorm, m.WindowEvery = true, 2
	case Gemma3:
		m.PostNorm, m.QKNorm, m.WindowEvery = true, true, 6
		m.LocalRope.Base = 10000
	}
	// The two 27B models scale by the width per head instead of the head width.
	if (m.Family == Gemma2 && m.Layers == 46) || (m.Family == Gemma3 && m.Layers == 62) {
		m.AttnScale = rsqrt(float64(m.Dim) / float64(m.Heads))
	}
}

func rsqrt(x float64) float32 { return float32(1 / math.Sqrt(x)) }

// setPattern takes which layers have a window from a list, and refuses a list
// that is not "every n-th layer sees all".
func (m *Model) setPattern(local []bool, file string) error {
	full := slices.Index(local, false)
	if m.WindowEvery = full + 1; full == 0 {
		m.Window, m.WindowEvery = 0, 0 // every layer sees all, or the check fails
	}
	for l, is := range local {
		if (m.LayerWindow(l) > 0) != is {
			return mistake(file, codeFeature, "use a model with a regular order of layers", "layer %d breaks the regular order of windows that is understood", l)
		}
	}
	return nil
}
