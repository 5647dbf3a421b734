package validate

import (
	"strings"

	"wafer/internal/csl"
)

// Source is where a figure was published.
type Source struct{ Key, Name, URL, Note string }

// Sources lists them all.
func Sources() []Source {
	return []Source{
		{"HPDC24", "Near-Optimal Wafer-Scale Reduce, HPDC'24", "https://arxiv.org/abs/2404.15888", "a model, validated by its authors on a CS-2 to a few per cent (broadcast 8 to 21 %)"},
		{"WLLM", "WaferLLM, OSDI'25", "https://arxiv.org/abs/2502.04563", "WSE-2; cycles from its tokens a second at its own 1.1 GHz; programs: github.com/MeshInfra/WaferLLM"},
		{"STREAM", "STREAM runs in the vendor's simulator, repository leightonw-cerebras/stream", "https://github.com/leightonw-cerebras/stream", "lines through 128 to 4096 elements, exact; the constants include the readings of the clock"},
		{"FABRICA", "FABRICA, docs/PERFORMANCE_MODEL.md", "https://arxiv.org/abs/2608.25124", "vendor's simulator and CS-3; raw logs are not published"},
		{"CSTENCIL", "CStencil, repository stencil-cerebras", "https://arxiv.org/abs/2605.07954", "WSE-3"},
		{"WSFFT", "wsFFT", "https://arxiv.org/abs/2209.15040", "CS-2"},
		{"SEISMIC", "25-point seismic stencil, SC'22", "https://arxiv.org/abs/2204.03775", "WSE-2"},
		{"CLOUD", "the vendor's inference service, announced and measured by Artificial Analysis, 2024", "https://cerebras.ai/blog/introducing-cerebras-inference-ai-at-instant-speed", "tokens a second of one user; 405B: https://www.cerebras.ai/blog/llama-405b-inference"},
		{"GEMM-NOTES", "notes on a run of gemm-collectives_2d in the vendor's simulator, public repository", "", "totals B, breakdown C; cross-checked with its own instruction counts"},
	}
}

// All gives every row.
func All() []Row {
	var rows []Row
	rows = append(rows, collectiveRows()...)
	rows = append(rows, gridRows()...)
	rows = append(rows, opRows()...)
	rows = append(rows, pipelineRows()...)
	rows = append(rows, gemmRows()...)
	rows = append(rows, stencilRows()...)
	rows = append(rows, extrapolatedRows()...)
	rows = append(rows, cloudRows()...)
	return rows
}

// splitList reads "a:1,b:2".
func splitList(s string) []csl.Param {
	var out []csl.Param
	for field := range strings.SplitSeq(s, ",") {
		if name, value, ok := strings.Cut(field, ":"); ok {
			out = append(out, csl.Param{Name: name, Value: value})
		}
	}
	return out
}

func source(key string) Source {
	for _, s := range Sources() {
		if s.Key == key {
			return s
		}
	}
	return Source{Key: key}
}
