package cli

import (
	"debug/elf"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"wafer/internal/csl/outdir"
	"wafer/internal/image"
)

// CSLReadelfCmd lists what is in a compiled program, also called cs_readelf.
type CSLReadelfCmd struct {
	Path    string `arg:"" help:"Output directory, or one ELF file of its bin folder."`
	Symbols bool   `short:"s" help:"List the symbols."`
	Memory  bool   `short:"m" help:"Draw the memory map of each program."`
	Code    bool   `short:"c" help:"List the instructions."`
	JSON    bool   `help:"Print JSON."`
}

// Run lists.
func (c *CSLReadelfCmd) Run(io Streams) error {
	if strings.HasSuffix(c.Path, ".elf") {
		return c.oneFile(io)
	}
	im, err := outdir.Read(c.Path)
	if err != nil {
		return &fault{code: ExitSystem, err: err}
	}
	var res buildResult
	res.describe(c.Path, im)
	if c.JSON {
		e := json.NewEncoder(io.Out)
		e.SetIndent("", "  ")
		return e.Encode(struct {
			buildResult
			Symbols map[string][]image.Symbol `json:"symbols"`
		}{res, symbolsOf(im)})
	}
	fmt.Fprintf(io.Out, "%s: fabric %dx%d, rectangle %dx%d at %d,%d\n", res.Arch, im.FabricW, im.FabricH, im.Rect.W, im.Rect.H, im.Rect.X, im.Rect.Y)
	for i, p := range im.Programs {
		r := res.Programs[i]
		fmt.Fprintf(io.Out, "out_%s.elf  %s: %d cores, %d instructions, %d bytes of data, %d symbols\n",
			p.Name, p.File, r.Cores, r.Instructions, r.DataBytes, len(p.Symbols))
		if c.Symbols || c.Memory {
			listSymbols(io, p)
		}
		if c.Code {
			listCode(io, p)
		}
	}
	for _, e := range im.Exports {
		fmt.Fprintf(io.Out, "export %d %s: %s\n", e.ID, e.Name, e.Type)
	}
	return nil
}

func symbolsOf(im *image.Image) map[string][]image.Symbol {
	out := map[string][]image.Symbol{}
	for _, p := range im.Programs {
		out[p.Name] = p.Symbols
	}
	return out
}

// listSymbols prints addresses in bytes, as cslc's memory limits count.
func listSymbols(io Streams, p *image.Program) {
	used := 0
	for _, s := range p.Symbols {
		fmt.Fprintf(io.Out, "  %6d %6d  %-32s %s\n", 2*int(s.Addr), 2*s.Words, s.Name, s.Type)
		used += 2 * s.Words
	}
	fmt.Fprintf(io.Out, "  %6d bytes in symbols, stack from %d\n", used, 2*int(p.StackAt))
}

func listCode(io Streams, p *image.Program) {
	starts := map[int32]string{}
	for _, f := range p.Funcs {
		starts[f.PC] = f.Name
	}
	for pc := range p.Code {
		if name, ok := starts[int32(pc)]; ok {
			fmt.Fprintf(io.Out, "%s:\n", name)
		}
		fmt.Fprintf(io.Out, "  %5d  %s\n", pc, p.Listing(pc))
	}
}

// oneFile reads the ELF container itself, without the image beside it.
func (c *CSLReadelfCmd) oneFile(io Streams) error {
	f, err := elf.Open(c.Path)
	if err != nil {
		return &fault{code: ExitSystem, err: fmt.Errorf("read %s: %w", c.Path, err)}
	}
	defer f.Close()
	syms, err := f.Symbols()
	if err != nil {
		return &fault{code: ExitSystem, err: fmt.Errorf("read %s: %w", c.Path, err)}
	}
	if c.JSON {
		return json.NewEncoder(io.Out).Encode(syms)
	}
	fmt.Fprintf(io.Out, "%s: %d cores, %d symbols\n", filepath.Base(c.Path), len(f.Progs), len(syms))
	for i, s := range syms {
		kind := [...]string{"NOTYPE", "OBJECT", "FUNC"}[min(s.Info&0xf, 2)]
		fmt.Fprintf(io.Out, "%6d: %016x %6d %-7s %s\n", i+1, s.Value, s.Size, kind, s.Name)
	}
	return nil
}
