package cli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wafer/internal/csl"
	"wafer/internal/diag"
	"wafer/internal/image"
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

func TestTheLeastFabricIsNamed(t *testing.T) {
	for _, c := range []struct {
		flags string
		rect  image.Rect
		want  string
	}{
		{"--memcpy --fabric-dims=8,3 --fabric-offsets=4,1", image.Rect{X: 4, Y: 1, W: 1, H: 1}, ""},
		{"--memcpy --fabric-dims=8,3 --fabric-offsets=4,1", image.Rect{X: 4, Y: 1, W: 4, H: 3}, "--fabric-dims=11,5"},
		{"--memcpy --fabric-dims=8,3 --fabric-offsets=4,1 --width-west-buf=1 --width-east-buf=2", image.Rect{X: 4, Y: 1, W: 1, H: 1}, "--fabric-offsets=5,1"},
		{"--memcpy --fabric-dims=8,3 --fabric-offsets=0,0", image.Rect{W: 1, H: 1}, "--fabric-offsets=4,1"},
		{"--fabric-dims=3,3", image.Rect{W: 4, H: 3}, "--fabric-dims=4,3"},
		{"--memcpy", image.Rect{X: 4, Y: 1, W: 4, H: 3}, ""},
	} {
		b, err := parseBuild(strings.Fields(c.flags + " a.csl"))
		if err != nil {
			t.Fatal(err)
		}
		var list diag.List
		checkFabric(&image.Image{Rect: c.rect}, b, &list)
		got := ""
		if ds := list.Sorted(); len(ds) > 0 {
			got = ds[0].Cure
		}
		if got != c.want {
			t.Errorf("%s: cure %q, want %q", c.flags, got, c.want)
		}
	}
}
