package sema_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"wafer/internal/csl"
	"wafer/internal/machine"
	"wafer/internal/sim"
)

// TestPrograms compiles and runs the programs that assert the rules of the
// language in the language: comptime assertions hold if they compile, the others
// if their core does not stop.
func TestPrograms(t *testing.T) {
	names, err := filepath.Glob("../testdata/run/*.csl")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		for _, arch := range []machine.Arch{machine.WSE2, machine.WSE3} {
			t.Run(filepath.Base(name)+"/"+arch.String(), func(t *testing.T) { runProgram(t, name, arch) })
		}
	}
}

func runProgram(t *testing.T, name string, arch machine.Arch) {
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"main.csl": string(text), "layout.csl": tileLayout}
	im, ds := csl.Build(context.Background(), csl.Options{File: "layout.csl", ReadFile: reading(files), Arch: arch, Memcpy: true})
	for _, d := range ds.Sorted() {
		t.Error(d.Error())
	}
	if im == nil {
		t.Fatal("no image")
	}
	m, err := machine.Preset(arch.String())
	if err != nil {
		t.Fatal(err)
	}
	s, err := sim.New(im, m, sim.Options{MaxCycles: 1_000_000})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(0, 0, 0, nil); err != nil {
		t.Fatal(err)
	}
	if stop := s.Run(context.Background(), sim.Until{}); stop.Reason != sim.Quiet && stop.Reason != sim.Done {
		t.Errorf("stopped: %v after %d cycles", stop.Reason, stop.Cycle)
	}
	for _, f := range s.Faults() {
		t.Errorf("%s %s: %s", f.Place, f.Code, f.Message)
	}
}
