package host

import (
	"bufio"
	"fmt"
	"io"

	"wafer/internal/image"
	"wafer/internal/sim"
)

// SimLog writes sim.log in the form that scripts of the vendor's users read: a
// head with the program and the grid, one line `@cycle PE(x,y): text` for each
// thing a core prints, and as the last line how long the run was. Coordinates
// count from the corner of the program rectangle, as in published logs.
//
// The last line of the vendor's log has a speed in cycles a second, which differs
// from run to run. Seconds are the caller's to give, so that tests stay exact.
type SimLog struct {
	w       *bufio.Writer
	err     error
	seconds func() float64
}

// NewSimLog starts a log. seconds tells the wall time since the run began.
func NewSimLog(w io.Writer, im *image.Image, version string, seconds func() float64) *SimLog {
	l := &SimLog{w: bufio.NewWriter(w), seconds: seconds}
	l.printf("wafer %s, simulating %s\n", version, im.Arch)
	for _, p := range im.Programs {
		l.printf("elf out_%s.elf from %s\n", p.Name, p.File)
	}
	l.printf("fabric %d x %d, program rectangle %d x %d at %d,%d\n",
		im.FabricW, im.FabricH, im.Rect.W, im.Rect.H, im.Rect.X, im.Rect.Y)
	return l
}

func (l *SimLog) printf(format string, args ...any) {
	if l.err == nil {
		_, l.err = fmt.Fprintf(l.w, format, args...)
	}
}

func (l *SimLog) print(p sim.Print) { l.printf("@%d PE(%d,%d): %s\n", p.Cycle, p.X, p.Y, p.Text) }

// finish writes the line that scripts take with `tail`.
func (l *SimLog) finish(cycles int64, tiles int) {
	s := l.seconds()
	rate := 0.0
	if s > 0 {
		rate = float64(cycles) / s
	}
	l.printf("@%d simulation stopped by the host\n", cycles)
	l.printf("%.3f seconds, %d cycles, %.1f cyc/sec, %.1f tile-cyc/sec\n", s, cycles, rate, rate*float64(tiles))
	l.err = l.Flush()
}

// Flush writes what is buffered and gives the first error of writing. A program
// that ends without stop keeps what it printed.
func (l *SimLog) Flush() error {
	if err := l.w.Flush(); l.err == nil {
		l.err = err
	}
	return l.err
}
