// Package outdir is the directory that cslc leaves behind and host programs read.
//
// In: an image. Out: out.json, bin/ with an ELF container for each distinct
// program and the table of exported names, the empty folders that tools expect,
// and image.wafer, the one file that Wafer itself reads back.
package outdir

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"wafer/internal/image"
)

// ImageFile is the name of the image in an output directory.
const ImageFile = "image.wafer"

// Write makes dir, or refreshes it: what an earlier build left in bin/ goes away.
func Write(dir string, im *image.Image) error {
	bin := filepath.Join(dir, "bin")
	if err := clearPrograms(bin); err != nil {
		return fmt.Errorf("clear %s: %w", bin, err)
	}
	for _, d := range []string{"bin", "east/bin", "west/bin", "generated"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o777); err != nil {
			return fmt.Errorf("make output directory: %w", err)
		}
	}
	var b bytes.Buffer
	if err := image.Encode(&b, im); err != nil {
		return err
	}
	files := map[string][]byte{ImageFile: b.Bytes()}
	for name, v := range map[string]any{"out.json": meta(im), "bin/out_rpc.json": rpc(im)} {
		text, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		files[name] = append(text, '\n')
	}
	places := tilesOf(im)
	for i, p := range im.Programs {
		files["bin/out_"+p.Name+".elf"] = ELF(im, i, places[i])
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), data, 0o666); err != nil {
			return fmt.Errorf("write output directory: %w", err)
		}
	}
	return nil
}

// clearPrograms removes the ELF files of an earlier build, and nothing else.
func clearPrograms(bin string) error {
	old, err := filepath.Glob(filepath.Join(bin, "out_*.elf"))
	if err != nil {
		return err
	}
	for _, f := range old {
		if err := os.Remove(f); err != nil {
			return err
		}
	}
	return nil
}

// Read loads the image of an output directory. dir may also be its bin folder,
// which some host programs pass, or the image file itself.
func Read(dir string) (*image.Image, error) {
	for _, p := range []string{filepath.Join(dir, ImageFile), filepath.Join(dir, "..", ImageFile), dir} {
		data, err := os.ReadFile(p)
		if err != nil {
			continue
		}
		im, err := image.Decode(data)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", p, err)
		}
		return im, nil
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no directory %s: compile the program first, e.g. cslc layout.csl -o %s", dir, dir)
	}
	if elfs, _ := filepath.Glob(filepath.Join(dir, "bin", "*.elf")); len(elfs) > 0 {
		return nil, fmt.Errorf("%s was compiled by another toolchain: compile it again with this cslc", dir)
	}
	return nil, fmt.Errorf("%s holds no compiled program: compile it first, e.g. cslc layout.csl -o %s", dir, dir)
}

// meta is out.json. All values are strings: host programs convert them.
func meta(im *image.Image) any {
	orEmpty := func(m map[string]string) map[string]string {
		if m == nil {
			return map[string]string{}
		}
		return m
	}
	return struct {
		Params map[string]string `json:"params"`
		Colors map[string]string `json:"colors"`
	}{orEmpty(im.Params), orEmpty(im.Colors)}
}

// entry is one line of out_rpc.json.
type entry struct {
	ID        int      `json:"id"`
	Name      string   `json:"name"`
	Kind      string   `json:"kind"`
	Type      string   `json:"type"`
	Inputs    []string `json:"inputs"`
	Immutable bool     `json:"immutable"`
}

func rpc(im *image.Image) any {
	out := []entry{}
	for _, e := range im.Exports {
		inputs := e.Args
		if inputs == nil {
			inputs = []string{}
		}
		out = append(out, entry{
			ID: e.ID, Name: e.Name, Type: e.Type, Inputs: inputs,
			Kind:      [...]string{"Var", "Func", "Stream"}[e.Kind],
			Immutable: e.Kind == image.ExportVar && !e.Mutable,
		})
	}
	return out
}

// tilesOf lists for each program the cores that run it, as y*FabricW+x.
func tilesOf(im *image.Image) [][]int {
	out := make([][]int, len(im.Programs))
	for i, t := range im.Tiles {
		if t.Program < 0 {
			continue
		}
		x, y := im.Rect.X+i%im.Rect.W, im.Rect.Y+i/im.Rect.W
		out[t.Program] = append(out[t.Program], y*im.FabricW+x)
	}
	return out
}
