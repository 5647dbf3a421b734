package kernel

import "unsafe"

// Prefetch asks for some cache lines of 64 bytes from p on, one at least, without
// waiting for them: for records that are visited in an order known beforehand and
// lie too far apart for the host to guess. It reads nothing, so p may point
// anywhere.
//
//go:noescape
func Prefetch(p unsafe.Pointer, lines int)

// Pause tells the processor that it is in a loop that waits for another thread.
func Pause()
