//go:build !amd64

package kernel

import "unsafe"

// Prefetch asks for cache lines where the host has an instruction for it that we
// know; here it has none.
func Prefetch(unsafe.Pointer, int) {}

// Pause does nothing here.
func Pause() {}
