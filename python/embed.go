// Package python carries the Python package `cerebras` inside the binary, so that
// one file installs everything: `wafer csl tools` writes it out.
package python

import "embed"

// Files holds the folder cerebras.
//
//go:embed all:cerebras
var Files embed.FS
