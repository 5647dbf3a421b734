package outdir

import (
	"debug/elf"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wafer/internal/image"
	"wafer/internal/machine"
)

func sample() *image.Image {
	return &image.Image{
		Arch: machine.WSE3, FabricW: 9, FabricH: 4, Rect: image.Rect{X: 4, Y: 1, W: 2, H: 2},
		Programs: []*image.Program{
			{
				Name: "0_0", File: "pe.csl", Code: []image.Instr{{Op: image.OpRet}, {Op: image.OpRet}},
				Funcs:   []image.Func{{Name: "main"}, {Name: "exit", PC: 1}},
				Data:    []image.Segment{{Addr: 16, Words: []uint16{1, 2}}, {Addr: 20, Words: []uint16{0x1234}}},
				Symbols: []image.Symbol{{Name: "y", Addr: 16, Words: 2, Type: "[2]u16"}, {Name: "z", Addr: 20, Words: 1, Type: "u16"}},
			},
			{Name: "1_0", File: "other.csl", Code: []image.Instr{{Op: image.OpRet}}, Funcs: []image.Func{{Name: "main"}}},
		},
		RouteSets: []image.RouteSet{{}},
		Tiles:     []image.Tile{{Program: 0}, {Program: 1}, {Program: 1}, {Program: 0}},
		Exports: []image.Export{
			{ID: 0, Name: "y", Kind: image.ExportVar, Type: "[*]u16", Mutable: true},
			{ID: 1, Name: "compute", Kind: image.ExportFunc, Type: "fn(i16)void", Args: []string{"i16"}},
		},
		Params: map[string]string{"N": "6", "M": "4"},
	}
}

func TestWhatIsWrittenReadsBack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	// The second build must not leave a program of the first behind.
	if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "bin", "out_7_0.elf"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, sample()); err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{dir, filepath.Join(dir, "bin"), filepath.Join(dir, ImageFile)} {
		got, err := Read(from)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(sample(), got); diff != "" {
			t.Error(diff)
		}
	}
	elfs, err := filepath.Glob(filepath.Join(dir, "bin", "*.elf"))
	if err != nil || len(elfs) != 2 {
		t.Errorf("%v, %v", elfs, err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "out.json"))
	if err != nil {
		t.Fatal(err)
	}
	var meta struct{ Params, Colors map[string]string }
	if err := json.Unmarshal(text, &meta); err != nil {
		t.Fatal(err)
	}
	if meta.Params["N"] != "6" || meta.Colors == nil {
		t.Errorf("out.json: %s", text)
	}
}

// The standard library's reader is the judge of our container.
func TestElfIsReadByAnIndependentReader(t *testing.T) {
	dir := t.TempDir()
	if err := Write(dir, sample()); err != nil {
		t.Fatal(err)
	}
	f, err := elf.Open(filepath.Join(dir, "bin", "out_0_0.elf"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var tiles []uint64
	for _, p := range f.Progs {
		tiles = append(tiles, p.Paddr>>40)
		data := make([]byte, p.Filesz)
		if _, err := p.ReadAt(data, 0); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]byte{1, 0, 2, 0, 0, 0, 0, 0, 0x34, 0x12}, data); diff != "" {
			t.Error(diff)
		}
	}
	// Cores (4,1) and (5,2) of a fabric nine wide.
	if diff := cmp.Diff([]uint64{13, 23}, tiles); diff != "" {
		t.Error(diff)
	}
	syms, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][2]uint64{}
	for _, s := range syms {
		got[s.Name] = [2]uint64{s.Value, s.Size}
	}
	want := map[string][2]uint64{"main": {0, 16}, "exit": {16, 16}, "y": {32, 4}, "z": {40, 2}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReadSaysWhatIsMissing(t *testing.T) {
	dir := t.TempDir()
	if _, err := Read(filepath.Join(dir, "none")); err == nil || !contains(err, "there is no directory") {
		t.Error(err)
	}
	if _, err := Read(dir); err == nil || !contains(err, "holds no compiled program") {
		t.Error(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "bin", "out_0_0.elf"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(dir); err == nil || !contains(err, "another toolchain") {
		t.Error(err)
	}
}

func contains(err error, s string) bool { return strings.Contains(err.Error(), s) }
