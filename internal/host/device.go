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

	"wafer/internal/sim"
)

// Device is a wafer that has an image loaded. Coordinates count from the corner
// of the program rectangle. It is the one broad seam of Wafer: whatever runs
// images has these methods.
type Device interface {
	// Start makes a core run an exported function before its next task. export is
	// an index into Image.Exports, args the words of the arguments, low words first.
	Start(x, y, export int, args []uint16) error
	// Pending counts the cores that were started and have not yet told that they
	// are done (unblock_cmd_stream).
	Pending() int
	// Read and Write move memory, in 16-bit words. They are called only between
	// two cycles and never disturb a running task.
	Read(x, y int, addr uint16, dst []uint16) error
	Write(x, y int, addr uint16, src []uint16) error
	// Push hands wavelets to a stream into a core; Unsent says how many of them
	// have not entered yet. Pop takes wavelets that a core has sent to the host.
	Push(x, y int, color uint8, words []uint32)
	Unsent(x, y int, color uint8) int
	Pop(x, y int, color uint8, dst []uint32) int
	// The same for the ports of SdkLayout, by index into Image.Ports.
	PushPort(i int, words []uint32)
	PortUnsent(i int) int
	PopPort(i int, dst []uint32) int
	// Run moves time until one of the conditions of until holds.
	Run(ctx context.Context, until sim.Until) sim.Stop
	// Explain says what everybody waits for after Run found nothing to move.
	Explain() sim.Stall
	// Prints gives everything that cores printed so far.
	Prints() []sim.Print
	Cycle() int64
}

// stream names an entry to or an exit from the device: a core and a colour for
// memcpy programs, a port for SdkLayout programs.
type stream struct {
	x, y  int
	color uint8
	port  int // -1: the core's own link
}

func ramp(x, y, color int) stream { return stream{x, y, uint8(color), -1} }

func (h *Host) push(s stream, words []uint32) {
	if s.port >= 0 {
		h.dev.PushPort(s.port, words)
		return
	}
	h.dev.Push(s.x, s.y, s.color, words)
}

func (h *Host) unsent(s stream) int {
	if s.port >= 0 {
		return h.dev.PortUnsent(s.port)
	}
	return h.dev.Unsent(s.x, s.y, s.color)
}

func (h *Host) pop(s stream, dst []uint32) int {
	if s.port >= 0 {
		return h.dev.PopPort(s.port, dst)
	}
	return h.dev.Pop(s.x, s.y, s.color, dst)
}
