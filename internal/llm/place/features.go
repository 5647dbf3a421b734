package place

import (
	"fmt"

	"wafer/internal/diag"
	"wafer/internal/llm/graph"
)

// maxContext is how many positions the kernels can count, in 16 bits.
const maxContext = 1 << 16

// supported says by name what the kernels cannot do.
func supported(m graph.Model, context int) error {
	d := diag.Diagnostic{Code: codeUnsupported, Pos: diag.Pos{File: m.Name}}
	switch {
	case m.Activation != graph.SiLU && m.Activation != graph.GELUTanh:
		d.Message = fmt.Sprintf("the wafer kernels have no activation %d, which this model needs", m.Activation)
		d.Cure = "choose a model with SiLU or the tanh form of GELU"
	case context > maxContext:
		d.Message = fmt.Sprintf("the wafer kernels count %d positions, and the context asks for %d", maxContext, context)
		d.Cure = fmt.Sprintf("ask for a --context of %d or less", maxContext)
	default:
		return nil
	}
	return d
}

// Steps names what the layers of a model do that those of others do not.
func Steps(m graph.Model) []string {
	out := []string{"SwiGLU"}
	if m.Activation == graph.GELUTanh {
		out[0] = "GeGLU with the tanh form of GELU"
	}
	add := func(is bool, format string, args ...any) {
		if is {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	add(m.QKVBias, "biases on queries, keys and values")
	add(m.QKNorm, "norms of query and key heads")
	add(m.PostNorm, "norms after both blocks")
	add(m.AttnCap != 0, "scores capped at %g", m.AttnCap)
	add(m.LogitCap != 0, "logits capped at %g", m.LogitCap)
	near := 0
	for l := range m.Layers {
		if m.LayerWindow(l) > 0 {
			near++
		}
	}
	add(near > 0, "windows of %d positions in %d layers", m.Window, near)
	add(m.Rope.Dim < m.HeadDim, "%d of %d values of a head turned", m.Rope.Dim, m.HeadDim)
	return out
}

// Window is how many positions layer l looks at; 0 means all that the cache holds.
func (p Plan) Window(l int) int {
	if w := p.Model.LayerWindow(l); w < p.Context() {
		return w
	}
	return 0
}

// Windowed reports whether some layer looks at less than the cache holds.
func (p Plan) Windowed() bool { return p.Window(0) > 0 }

// LongTokens reports whether tokens are passed in 32 bits.
func (p Plan) LongTokens() bool { return p.Model.Vocab > 1<<16 }
