// Package csl compiles CSL programs: source files in, an image.Image out.
//
// The phases are packages of their own, in the order in which data flows through
// them: syntax (text to tree), sema (types and comptime, one walk, for each
// distinct core program), lower (typed tree to instructions and memory).
package csl

import (
	"context"
	"io/fs"
	"os"

	"wafer/internal/csl/lib"
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
	Lib                fs.FS // replaces the embedded <…> libraries; for tests
	// BareTiles accepts cores of the rectangle without code: routers only.
	BareTiles bool
	// Print receives what @comptime_print prints; nil drops it.
	Print func(text string)
}

// Param is one name:value of the command line, value as text.
type Param struct{ Name, Value string }

// Result is a compiled program with the sources that went into it.
type Result struct {
	Image *image.Image // nil if there were errors
	Diags *diag.List
	// Sources gives the text of every file read, by the name in diagnostics.
	Sources map[string][]byte
}

// Build compiles the program with its layout. ctx stops long layouts.
func Build(ctx context.Context, opt Options) Result {
	ds := new(diag.List)
	sources := map[string][]byte{}
	found := sema.Compile(ctx, semaOptions(opt, sources), ds)
	if found == nil {
		return Result{Diags: ds, Sources: sources}
	}
	im := found.Image
	for _, p := range found.Programs {
		file := p.Config.File
		out := lower.Program(p, lower.Options{Memcpy: opt.Memcpy, File: file}, ds)
		im.Programs = append(im.Programs, out)
	}
	if ds.HasErrors() {
		im = nil
	}
	return Result{Image: im, Diags: ds, Sources: sources}
}

// Source finds the text of a file for diagnostics.
func (r Result) Source(name string) ([]byte, bool) {
	text, ok := r.Sources[name]
	return text, ok
}

// semaOptions passes the options on; every file read is kept in sources.
func semaOptions(opt Options, sources map[string][]byte) sema.Options {
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
			if err == nil {
				sources[name] = text
			}
			return text, err
		},
		Lib: libs, Arch: opt.Arch,
		FabricW: opt.FabricW, FabricH: opt.FabricH, OffsetX: opt.OffsetX, OffsetY: opt.OffsetY,
		Params: semaParams(opt.Params), Colors: semaParams(opt.Colors),
		Memcpy: opt.Memcpy, ImportPaths: opt.ImportPaths, FP16: opt.FP16,
		MaxInlined: opt.MaxInlined, DepthLimit: opt.ComptimeDepthLimit,
		BareTiles: opt.BareTiles, Print: opt.Print,
	}
}

func semaParams(ps []Param) []sema.Param {
	out := make([]sema.Param, len(ps))
	for i, p := range ps {
		out[i] = sema.Param(p)
	}
	return out
}
