package cli

import (
	"fmt"
	"os"
	"strings"

	"wafer/internal/diag"
	"wafer/internal/llm/bundle"
	"wafer/internal/llm/embedded"
	"wafer/internal/llm/gguf"
	"wafer/internal/machine"
)

// openModel opens the model that --model names; empty is the embedded one.
func openModel(name string) (*bundle.Bundle, error) {
	if name == "" || name == embedded.Name {
		text := embedded.Text()
		f, err := gguf.Read(strings.NewReader(text), int64(len(text)), embedded.Name)
		if err != nil {
			return nil, err
		}
		return bundle.FromGGUF(f)
	}
	path, err := bundle.Locate(name, "")
	if err != nil {
		return nil, err
	}
	return bundle.Open(path)
}

// openMachine gives a preset, or what a YAML file describes.
func openMachine(name string) (*machine.Machine, error) {
	if !strings.HasSuffix(name, ".yaml") && !strings.HasSuffix(name, ".yml") {
		return machine.Preset(name)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, &fault{code: ExitSystem, err: fmt.Errorf("read machine %q: %w", name, err)}
	}
	m, ds := machine.Load(name, text)
	for _, d := range ds {
		if d.Severity == diag.Error {
			return nil, d
		}
	}
	return m, nil
}
