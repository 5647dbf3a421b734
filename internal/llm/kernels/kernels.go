// Package kernels holds the CSL programs of a language model on the wafer:
// sources only; they are compiled for each model and placement.
package kernels

import "embed"

// Layout is the name of the layout file in FS.
const Layout = "csl/layout.csl"

// FS has the CSL sources.
//
//go:embed csl/*.csl
var FS embed.FS
