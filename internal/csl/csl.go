// Package csl compiles CSL programs: source files in, an image.Image out.
//
// The phases are packages of their own, in the order in which data flows through
// them: syntax (text to tree), sema (types and comptime, one walk, for each
// distinct core program), lower (typed tree to instructions and memory).
package csl

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"strconv"

	"wafer/internal/csl/lib"
	"wafer/internal/csl/lint"
	"wafer/internal/csl/lower"
	"wafer/internal/csl/sema"
	"wafer/internal/diag"
	"wafer/internal/image"
	"wafer/internal/machine"
)

// Options say what to compile and for which machine. The zero value of every
// field but File is usable.
type Options struct {
	File string // layout file, relative to the working directory or absolute
	// ReadFile reads a source file; nil reads from disk.
	ReadFile           func(name string) ([]byte, error)
	Arch               machine.Arch // 0 means WSE2, as cslc without --arch
	FabricW, FabricH   int          // --fabric-dims; 0: just large enough
	OffsetX, OffsetY   int          // --fabric-offsets
	Params             []Param      // --params, in order
	Colors             []Param      // --colors
	Memcpy             bool
	Channels           int
	WestBuf, EastBuf   int
	ImportPaths        []string
	FP16               string // "f16" (default), "bf16", "cb16"
	MaxInlined         int    // --max-inlined-iterations
	ComptimeDepthLimit int
	Sections           []Param // --link-section-start-address-bytes: section and byte address
	Lib                fs.FS   // replaces the embedded <…> libraries; for tests
	// BareTiles accepts cores of the rectangle without code: routers only.
	BareTiles bool
	// Print receives what @comptime_print prints; nil drops it.
	Print func(text string)
	// Sources, if not nil, receives the text of every file read, by the name that
	// diagnostics use.
	Sources map[string][]byte
}

// Param is one name:value of the command line, value as text.
type Param struct{ Name, Value string }

// sectionStarts gives the word address of each section that the command line places.
func sectionStarts(opt Options, ds *diag.List) (map[string]int, bool) {
	out := map[string]int{}
	for _, p := range opt.Sections {
		n, err := strconv.ParseUint(p.Value, 0, 16)
		if err != nil || n%2 != 0 || n/2 >= machine.SRAMWords {
			ds.Add(diag.Diagnostic{
				Code: "E2002", Pos: diag.Pos{File: opt.File}, Cure: "give an even byte address, as in .name:40960",
				Message: fmt.Sprintf("section %s cannot start at byte %q of a core's %d", p.Name, p.Value, 2*machine.SRAMWords),
			})
			return nil, false
		}
		out[p.Name] = int(n / 2)
	}
	return out, true
}

// Build compiles the program with its layout. The image is nil if the list holds
// an error. ctx stops long layouts.
func Build(ctx context.Context, opt Options) (*image.Image, *diag.List) {
	ds := new(diag.List)
	found := sema.Compile(ctx, semaOptions(opt), ds)
	if found == nil {
		return nil, ds
	}
	im := found.Image
	sections, ok := sectionStarts(opt, ds)
	if !ok {
		return nil, ds
	}
	for _, p := range found.Programs {
		file := p.Config.File
		out := lower.Program(p, lower.Options{Memcpy: opt.Memcpy, File: file, Sections: sections}, ds)
		im.Programs = append(im.Programs, out)
	}
	if ds.HasErrors() {
		return nil, ds
	}
	if !opt.BareTiles { // a host-made layout gets its streams later
		lint.Image(im, opt.File, ds)
	}
	return im, ds
}

// semaOptions passes the options on; every file read is kept in opt.Sources.
func semaOptions(opt Options) sema.Options {
	read := opt.ReadFile
	if read == nil {
		read = os.ReadFile
	}
	libs := opt.Lib
	if libs == nil {
		libs = lib.FS
	}
	return sema.Options{
		File: opt.File,
		ReadFile: func(name string) ([]byte, error) {
			text, err := read(name)
			if err == nil && opt.Sources != nil {
				opt.Sources[name] = text
			}
			return text, err
		},
		Lib: libs, Arch: opt.Arch,
		FabricW: opt.FabricW, FabricH: opt.FabricH, OffsetX: opt.OffsetX, OffsetY: opt.OffsetY,
		Params: semaParams(opt.Params), Colors: semaParams(opt.Colors),
		Memcpy: opt.Memcpy, ImportPaths: opt.ImportPaths, FP16: opt.FP16,
		MaxInlined: opt.MaxInlined, DepthLimit: opt.ComptimeDepthLimit,
		BareTiles: opt.BareTiles, Print: opt.Print, WestBuf: opt.WestBuf, EastBuf: opt.EastBuf,
	}
}

func semaParams(ps []Param) []sema.Param {
	out := make([]sema.Param, len(ps))
	for i, p := range ps {
		out[i] = sema.Param(p)
	}
	return out
}
