// Package lib holds the <…> libraries of CSL: our own, written in CSL from their
// documented behaviour, compiled with each program that imports them.
package lib

import "embed"

// FS has one file a library: <memcpy/memcpy> is memcpy/memcpy.csl.
//
//go:embed *.csl */*.csl */*/*.csl
var FS embed.FS
