// Package csl compiles CSL programs: source files in, an image.Image out.
//
// The phases are packages of their own, in the order in which data flows through
// them: syntax (text to tree), sema (types and comptime, one walk, for each
// distinct core program), lower (typed tree to instructions and memory).
package csl

import (
	"context"
	"io/fs"

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
}

// Param is one name:value of the command line, value as text.
type Param struct{ Name, Value string }

// Build compiles the program with its layout. The image is nil if the list holds
// an error. ctx stops long layouts.
func Build(ctx context.Context, opt Options) (*image.Image, *diag.List) {
	return build(ctx, opt)
}
