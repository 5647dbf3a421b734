package sim

import (
	"fmt"
	"hash/fnv"

	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/sim/fabric"
	"wafer/internal/sim/pe"
)

// Start hands core (x, y) a launch of an exported function. It runs when the core
// is idle and has finished earlier launches; it is finished when the core
// executes OpHostDone. args are the words of the argument registers in order,
// low word first. The launch spreads from the rectangle's corner, one hop a core.
func (s *Sim) Start(x, y, export int, args []uint16) error {
	b, t := s.at(x, y)
	p := b.cores.Program(t)
	if p == nil {
		return fmt.Errorf("core (%d,%d) has no program", x, y)
	}
	for _, e := range p.Exports {
		if e.Export != export || e.Func < 0 {
			continue
		}
		// Published log of a 2×2 program: one print at 386 for x = 0, 388 for x = 1.
		due := s.now + 1 + int64(s.m.Net.Hop)*int64(x+y)
		b.cores.Start(t, pe.Command{Func: e.Func, Args: append([]uint16(nil), args...), Due: due})
		return nil
	}
	name := fmt.Sprint(export)
	if export >= 0 && export < len(s.im.Exports) {
		name = s.im.Exports[export].Name
	}
	return fmt.Errorf("core (%d,%d) does not export function %s", x, y, name)
}

// Pending counts the cores that owe the end of a launch.
func (s *Sim) Pending() int {
	n := 0
	for i := range s.bands {
		n += s.bands[i].cores.Owed
	}
	return n
}

// Live counts the cores that something has touched.
func (s *Sim) Live() int {
	n := 0
	for i := range s.bands {
		n += s.bands[i].cores.Live
	}
	return n
}

// Read copies memory of core (x, y) from word addr on.
func (s *Sim) Read(x, y int, addr uint16, dst []uint16) error {
	b, t := s.at(x, y)
	if !b.cores.Read(t, int(addr), dst) {
		return fmt.Errorf("core (%d,%d): %d words at %#x are not memory", x, y, len(dst), addr)
	}
	return nil
}

// Write sets memory of core (x, y) from word addr on.
func (s *Sim) Write(x, y int, addr uint16, src []uint16) error {
	b, t := s.at(x, y)
	if !b.cores.Write(t, int(addr), src) {
		return fmt.Errorf("core (%d,%d): %d words at %#x are not memory of a program", x, y, len(src), addr)
	}
	return nil
}

// Push appends to the stream that enters core (x, y) on a colour, at up to one
// wavelet a cycle.
func (s *Sim) Push(x, y int, color uint8, words []uint32) {
	b, t := s.at(x, y)
	b.net.StreamIn(t, color, words)
}

// Unsent counts the words of Push that have not entered the core.
func (s *Sim) Unsent(x, y int, color uint8) int {
	b, t := s.at(x, y)
	return b.net.StreamLeft(t, color)
}

// Buffered counts the words that core (x, y) has sent to the host on a colour.
func (s *Sim) Buffered(x, y int, color uint8) int {
	if h := s.hostBuf(x, y, color); h != nil {
		return len(h.Words) - h.Taken
	}
	return 0
}

// Pop takes up to len(dst) of these words and gives their number.
func (s *Sim) Pop(x, y int, color uint8, dst []uint32) int {
	h := s.hostBuf(x, y, color)
	if h == nil {
		return 0
	}
	n := copy(dst, h.Words[h.Taken:])
	if h.Taken += n; h.Taken == len(h.Words) {
		h.Words, h.Taken = h.Words[:0], 0
	}
	return n
}

func (s *Sim) hostBuf(x, y int, color uint8) *fabric.HostBuf {
	b, t := s.at(x, y)
	if r := b.net.Ramps[t]; r != nil {
		return r.HostBuf(color)
	}
	return nil
}

// portRef is where an image.Port lives.
type portRef struct {
	band *band
	i    int
}

func (s *Sim) makePorts() {
	for _, p := range s.im.Ports {
		b, t := s.at(p.X, p.Y)
		s.ports = append(s.ports, portRef{b, b.net.AddPort(t, p.Edge, p.Color, p.Input)})
	}
}

func (s *Sim) port(i int) *fabric.Port { return s.ports[i].band.net.PortAt(s.ports[i].i) }

// PushPort appends data wavelets to an input port (index into Image.Ports).
func (s *Sim) PushPort(i int, words []uint32) { s.PortPushControl(i, words, false) }

// PortPushControl appends data or control wavelets to an input port.
func (s *Sim) PortPushControl(i int, words []uint32, ctrl bool) {
	p := s.port(i)
	if p.Taken == len(p.Words) {
		p.Words, p.Taken, p.TryAt = p.Words[:0], 0, 0
	}
	for _, w := range words {
		p.Words = append(p.Words, fabric.Word{Data: w, Ctrl: ctrl})
	}
}

// PopPort takes up to len(dst) words from an output port.
func (s *Sim) PopPort(i int, dst []uint32) int {
	p := s.port(i)
	n := min(len(dst), len(p.Words)-p.Taken)
	for j := range n {
		dst[j] = p.Words[p.Taken+j].Data
	}
	if p.Taken += n; p.Taken == len(p.Words) {
		p.Words, p.Taken = p.Words[:0], 0
	}
	return n
}

// PortBuffered counts the words that wait in an output port for the host,
// PortUnsent those that wait in an input port to enter.
func (s *Sim) PortBuffered(i int) int { return s.PortUnsent(i) }

// PortUnsent counts the words in a port.
func (s *Sim) PortUnsent(i int) int {
	p := s.port(i)
	return len(p.Words) - p.Taken
}

// Stats gives the counters of core (x, y).
func (s *Sim) Stats(x, y int) Stats {
	b, t := s.at(x, y)
	return b.cores.Stats(t, s.now)
}

// LinkLoad gives the wavelets that core (x, y)'s router sent through each port.
func (s *Sim) LinkLoad(x, y int) [machine.Dirs]uint64 {
	b, t := s.at(x, y)
	return b.net.LinkLoad(t)
}

// Hops counts the wavelets moved between routers.
func (s *Sim) Hops() int64 {
	var n int64
	for i := range s.bands {
		n += s.bands[i].net.Hops
	}
	return n
}

// Hash is a digest of everything a program can notice: memory, queues, wavelets
// on the way, task states, switches, and the cycle.
func (s *Sim) Hash() uint64 {
	h := fnv.New64a()
	put := func(vs ...uint64) {
		var b [8]byte
		for _, v := range vs {
			for i := range b {
				b[i] = byte(v >> (8 * i))
			}
			h.Write(b[:])
		}
	}
	put(uint64(s.now))
	for i := range s.bands {
		b := &s.bands[i]
		for t := range int32(b.net.Tiles()) {
			b.net.Digest(t, s.now, put)
			b.cores.Digest(t, put)
		}
	}
	return h.Sum64()
}

// Bursts counts the streams that were moved in bursts, for tests.
func (s *Sim) Bursts() (n int) {
	for i := range s.bands {
		n += s.bands[i].cores.Bursts
	}
	return n
}

// ExportNamed gives the index of an export, -1 if there is none of that name.
func ExportNamed(im *image.Image, name string) int {
	for i := range im.Exports {
		if im.Exports[i].Name == name {
			return i
		}
	}
	return -1
}
