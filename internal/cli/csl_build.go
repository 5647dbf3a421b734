package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"wafer/internal/csl"
	"wafer/internal/csl/outdir"
	"wafer/internal/diag"
	"wafer/internal/image"
)

// CSLBuildCmd is `wafer csl build`, also called cslc.
type CSLBuildCmd struct {
	Args []string `arg:"" optional:"" passthrough:""`
}

// buildResult is the --json form of a build.
type buildResult struct {
	OK          bool              `json:"ok"`
	Out         string            `json:"out,omitempty"`
	Arch        string            `json:"arch,omitempty"`
	Fabric      [2]int            `json:"fabric"`
	Rectangle   [4]int            `json:"rectangle"`
	Programs    []programResult   `json:"programs"`
	Exports     []image.Export    `json:"exports"`
	Diagnostics []diag.Diagnostic `json:"diagnostics"`
}

type programResult struct {
	Name         string `json:"name"`
	File         string `json:"file"`
	Cores        int    `json:"cores"`
	Instructions int    `json:"instructions"`
	DataBytes    int    `json:"data_bytes"`
}

// Run compiles.
func (c *CSLBuildCmd) Run(ctx context.Context, io Streams) error {
	b, err := parseBuild(c.Args)
	if err != nil {
		return &fault{code: ExitUsage, err: fmt.Errorf("cslc: %w", err)}
	}
	if b.Help {
		fmt.Fprint(io.Out, cslcHelp())
		return nil
	}
	if b.File == "" {
		return &fault{code: ExitUsage, err: errors.New("cslc: name the layout file; cslc --help lists the flags")}
	}
	if env := os.Getenv("CSL_IMPORT_PATH"); env != "" {
		b.ImportPaths = append(b.ImportPaths, filepath.SplitList(env)...)
	}
	for _, w := range b.Warnings {
		fmt.Fprintln(io.Err, "cslc: warning:", w)
	}
	b.Sources = map[string][]byte{}
	b.Print = func(text string) { fmt.Fprintln(io.Err, text) }
	im, list := csl.Build(ctx, b.Options)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return b.finish(im, list, io)
}

func (b *buildFlags) finish(im *image.Image, list *diag.List, io Streams) error {
	failed := im == nil || list.HasErrors() || b.WarningsAsErrors && list.Len() > 0
	if !b.JSON {
		if err := diag.Render(io.Err, list.Sorted(), b.source); err != nil {
			return &fault{code: ExitSystem, err: err}
		}
		if n := list.Dropped(); n > 0 {
			fmt.Fprintf(io.Err, "cslc: %d more are not shown\n", n)
		}
	}
	res := buildResult{OK: !failed, Diagnostics: list.Sorted(), Programs: []programResult{}}
	if !failed {
		if err := outdir.Write(b.Out, im); err != nil {
			return &fault{code: ExitSystem, err: err}
		}
		if b.Routes {
			if err := writeRoutes(filepath.Join(b.Out, "generated"), im); err != nil {
				return &fault{code: ExitSystem, err: err}
			}
		}
		res.describe(b.Out, im)
	}
	if err := b.tell(res, io); err != nil {
		return &fault{code: ExitSystem, err: err}
	}
	if failed {
		return &fault{code: ExitProgram, err: errors.New("compilation failed"), quiet: true}
	}
	return nil
}

// source gives the text of a file as the compiler read it, also of libraries.
func (b *buildFlags) source(name string) ([]byte, bool) {
	if text, ok := b.Sources[name]; ok {
		return text, true
	}
	return readSource(name)
}

// describe fills in what a successful build made.
func (r *buildResult) describe(out string, im *image.Image) {
	r.Out, r.Arch, r.Exports = out, im.Arch.String(), im.Exports
	r.Fabric = [2]int{im.FabricW, im.FabricH}
	r.Rectangle = [4]int{im.Rect.X, im.Rect.Y, im.Rect.W, im.Rect.H}
	cores := make([]int, len(im.Programs))
	for _, t := range im.Tiles {
		if t.Program >= 0 {
			cores[t.Program]++
		}
	}
	for i, p := range im.Programs {
		words := 0
		for _, s := range p.Data {
			words += len(s.Words)
		}
		r.Programs = append(r.Programs, programResult{p.Name, p.File, cores[i], len(p.Code), 2 * words})
	}
}

// tell prints or writes the result where the flags ask for it.
func (b *buildFlags) tell(res buildResult, io Streams) error {
	text, err := json.MarshalIndent(res, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	if b.JSON || b.Output && b.OutputPath == "" {
		if _, err := io.Out.Write(text); err != nil {
			return err
		}
	}
	if b.OutputPath != "" {
		if err := os.WriteFile(b.OutputPath, text, 0o666); err != nil {
			return err
		}
	}
	if b.Verbose && !b.JSON && res.OK {
		fmt.Fprintf(io.Err, "%s: %s, fabric %dx%d, rectangle %dx%d at %d,%d, %d distinct programs\n", b.Out, res.Arch,
			res.Fabric[0], res.Fabric[1], res.Rectangle[2], res.Rectangle[3], res.Rectangle[0], res.Rectangle[1], len(res.Programs))
	}
	return nil
}

func cslcHelp() string {
	var b strings.Builder
	b.WriteString("usage: cslc [flags] layout.csl\n\nCompiles a CSL program and writes an output directory.\n\n")
	for _, f := range cslcFlags() {
		if f.help == "" {
			continue
		}
		dash := "--"
		if len(f.name) == 1 {
			dash = "-"
		}
		arg, text, ok := strings.Cut(f.help, "  ")
		if !ok {
			arg, text = "", f.help
		}
		fmt.Fprintf(&b, "  %-44s %s\n", strings.TrimSpace(dash+f.name+" "+arg), text)
	}
	return b.String()
}
