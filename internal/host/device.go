// Package host is the other end of the wire: what a program on an ordinary
// computer does with a wafer. It loads an image, starts functions, copies memory
// in and out, streams wavelets, and says why a program does not come back.
//
// In: an image.Image and a Device that runs it (package sim). Out: arrays, cycle
// counts, and diagnostics. The command line, the Go API and, over package wire,
// other languages all go through a Host. A Host is used from one goroutine; the
// device moves only while a call waits for it, so the same calls give the same
// cycles every time.
package host

import (
	"context"

	"wafer/internal/diag"
	"wafer/internal/machine"
	"wafer/internal/sim"
)

// Device is a wafer that has an image loaded. Coordinates count from the corner
// of the program rectangle. It is the one broad seam of Wafer: whatever runs
// images has these methods.
type Device interface {
	// Start makes a core run a function before its next task.
	Start(x, y int, fn int32, args []uint64)
	// Pending counts the cores that were started and have not yet told that they
	// are done (unblock_cmd_stream).
	Pending() int
	// Read and Write move memory, in 16-bit words. They are called only between
	// two cycles and never disturb a running task.
	Read(x, y int, addr uint16, dst []uint16)
	Write(x, y int, addr uint16, src []uint16)
	// Push hands wavelets to a stream into the device; Left says how many of them
	// have not entered yet. Pop takes wavelets that a stream has brought out.
	Push(s Stream, wavelets []uint32)
	Left(s Stream) int
	Pop(s Stream, dst []uint32) int
	// Run moves time until one of the conditions of until holds.
	Run(ctx context.Context, until sim.Until) sim.Stop
	// Explain says what everybody waits for after Run found nothing to move.
	Explain() []diag.Diagnostic
	// Prints gives what cores printed since the last call.
	Prints() []sim.Print
	Cycle() int64
}

// Stream names an entry to or an exit from a router. Edge Ramp is the host's own
// link to a core, which memcpy programs use; other edges belong to ports.
type Stream struct {
	X, Y  int
	Color uint8
	Edge  machine.Dir
}
