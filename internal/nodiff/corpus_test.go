package nodiff

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"wafer/internal/csl"
	"wafer/internal/machine"
)

// Programs that are in the repository for other reasons: the same in all ways.

const oneTile = `
layout {
  @set_rectangle(1, 1);
  @set_tile_code(0, 0, "main.csl");
  @export_name("f", fn()void);
  @export_name("p", [*]f32, true);
}`

func TestProgramsOfTheLanguageTests(t *testing.T) {
	names, err := filepath.Glob("../csl/testdata/run/*.csl")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, arch := range []machine.Arch{machine.WSE2, machine.WSE3} {
			t.Run(filepath.Base(name)+"/"+arch.String(), func(t *testing.T) {
				im, err := Build(map[string]string{"layout.csl": oneTile, "main.csl": string(text)}, arch, true)
				if err != nil {
					t.Fatal(err)
				}
				if _, diff := CompareWays(im, preset(t, arch.String()), Launch{Name: "f"}, Ways()); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func TestValidationKernels(t *testing.T) {
	for _, tt := range []struct {
		file   string
		params []csl.Param
	}{
		{"chain.csl", []csl.Param{{Name: "width", Value: "9"}, {Name: "words", Value: "20"}}},
		{"star.csl", []csl.Param{{Name: "width", Value: "6"}, {Name: "words", Value: "12"}}},
		{"star_word.csl", []csl.Param{{Name: "width", Value: "7"}, {Name: "words", Value: "1"}}},
		{"tree.csl", []csl.Param{{Name: "width", Value: "16"}, {Name: "words", Value: "9"}}},
		{"two_phase.csl", []csl.Param{{Name: "width", Value: "12"}, {Name: "group", Value: "4"}, {Name: "words", Value: "16"}}},
		{"broadcast.csl", []csl.Param{{Name: "width", Value: "6"}, {Name: "height", Value: "7"}, {Name: "words", Value: "25"}}},
	} {
		for _, arch := range []machine.Arch{machine.WSE2, machine.WSE3} {
			t.Run(tt.file+"/"+arch.String(), func(t *testing.T) {
				im, ds := csl.Build(context.Background(), csl.Options{
					File: filepath.Join("../validate/csl", tt.file), Arch: arch, Memcpy: true, Params: tt.params,
				})
				if im == nil {
					t.Fatal(ds.Sorted())
				}
				o, diff := CompareWays(im, preset(t, arch.String()), Launch{Name: "main", Args: []uint16{600}}, Ways())
				if diff != "" {
					t.Error(diff)
				}
				if o.Reason != "quiet" || len(o.Faults) > 0 {
					t.Errorf("it ends by %s: %v", o.Reason, o.Faults)
				}
			})
		}
	}
}
