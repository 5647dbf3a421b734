// Package machine describes a wafer-scale engine: its grid, the parts of one
// core and one router, and what every action costs in cycles.
//
// In: a preset name or a YAML file. Out: an immutable Machine that compilers and
// simulators share. Nothing here knows CSL or a running program.
// Sources of the figures stand beside each preset; guesses are ASSUMED(id).
package machine

// Arch is a generation of the engine. It decides what CSL programs can notice:
// task id ranges, queues, which colours can switch.
type Arch uint8

// The two generations that the language has targets for.
const (
	WSE2 Arch = 2
	WSE3 Arch = 3
)

// String gives the name that cslc's --arch takes.
func (a Arch) String() string {
	if a == WSE2 {
		return "wse2"
	}
	return "wse3"
}

// Sizes that both generations share (SDK documentation, hardware table).
const (
	SRAMWords    = 24576 // 16-bit words of SRAM in a core, 48 KiB
	Colors       = 24    // routable colours
	MaxTasks     = 64    // task ids 0..63
	Queues       = 8     // ids of input queues; output queues have at most as many
	Microthreads = 8
	PRNGs        = 4  // generators of random numbers; ASSUMED(prng-count)
	DSRs         = 16 // per file: dest, src0, src1
	TaskTeardown = 29
	TaskTimer    = 30
	TaskNone     = 31
)

// Dir is one of the five ports of a router.
type Dir uint8

// Port order is specification: it is the order in which ties within a cycle are
// resolved. Ramp is the port to the router's own core.
const (
	Ramp Dir = iota
	East
	West
	North
	South
	Dirs = 5
)

// String gives the name that CSL uses.
func (d Dir) String() string {
	return [...]string{"RAMP", "EAST", "WEST", "NORTH", "SOUTH"}[d]
}

// Opposite is the port of the neighbour that faces port d; Ramp faces itself.
func (d Dir) Opposite() Dir {
	return [...]Dir{Ramp, West, East, South, North}[d]
}

// Step is the way to the neighbour behind port d; y grows to the south.
func (d Dir) Step() (dx, dy int) {
	s := [...][2]int{{0, 0}, {1, 0}, {-1, 0}, {0, -1}, {0, 1}}[d]
	return s[0], s[1]
}

// DirSet is a set of ports, bit 1<<Dir.
type DirSet uint8

// Has reports whether d is in the set.
func (s DirSet) Has(d Dir) bool { return s>>d&1 == 1 }

// Set gives the set of the ports in ds.
func Set(ds ...Dir) DirSet {
	var s DirSet
	for _, d := range ds {
		s |= 1 << d
	}
	return s
}
