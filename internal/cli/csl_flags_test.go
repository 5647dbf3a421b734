package cli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wafer/internal/csl"
	"wafer/internal/machine"
)

// The command lines are of the kinds that public scripts have.
func TestFlagsOfCslcInEveryForm(t *testing.T) {
	for _, line := range []string{
		"--arch=wse3 ./layout.csl --fabric-dims=11,5 --fabric-offsets=4,1 --params=M:6,N:8 --params=M:7 --colors=x:1 -o out --memcpy --channels 1",
		"-arch=wse3 ./layout.csl --fabric-dims 11,5 -fabric-offsets 4,1 --params M:6,N:8, --params=M:7 --colors x:1 -o=out -memcpy --channels=1",
	} {
		b, err := parseBuild(strings.Fields(line))
		if err != nil {
			t.Fatal(err)
		}
		want := csl.Options{
			File: "./layout.csl", Arch: machine.WSE3, FabricW: 11, FabricH: 5, OffsetX: 4, OffsetY: 1, Memcpy: true, Channels: 1,
			Params: []csl.Param{{Name: "M", Value: "7"}, {Name: "N", Value: "8"}}, Colors: []csl.Param{{Name: "x", Value: "1"}},
		}
		if diff := cmp.Diff(want, b.Options); diff != "" {
			t.Errorf("%s: %s", line, diff)
		}
		if b.Out != "out" || len(b.Warnings) > 0 {
			t.Errorf("%s: out %q, warnings %q", line, b.Out, b.Warnings)
		}
	}
}

func TestFlagsThatWeLackWarnAndDoNotSwallowTheFile(t *testing.T) {
	b, err := parseBuild(strings.Fields("-g0 --fast-math --tile-cache 4 --single-pe layout.csl --turbo"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"unknown flag --fast-math is ignored", "unknown flag --tile-cache is ignored", "--single-pe has no effect here", "unknown flag --turbo is ignored"}
	if diff := cmp.Diff(want, b.Warnings); diff != "" {
		t.Error(diff)
	}
	if b.File != "layout.csl" || b.Arch != machine.WSE2 {
		t.Errorf("%+v", b.Options)
	}
}

func TestMistakesInFlags(t *testing.T) {
	for line, want := range map[string]string{
		"--arch=wse9 a.csl":     `"wse9" is no architecture`,
		"--fabric-dims=8 a.csl": "two whole numbers",
		"--params=M a.csl":      "not name:value",
		"--channels=x a.csl":    "not a whole number",
		"a.csl b.csl":           "two files",
		"a.csl -o":              "needs a value",
		"--fp16-format=f8 a":    "no 16-bit format",
	} {
		if _, err := parseBuild(strings.Fields(line)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", line, err)
		}
	}
}
