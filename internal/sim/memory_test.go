package sim_test

import (
	"runtime"
	"slices"
	"testing"

	"wafer/internal/sim"
	"wafer/internal/sim/simtest"
)

// maxIdleBytes is what a core that never ran may take of the host's memory, its
// router included.
const maxIdleBytes = 1024

// TestIdleMemory loads a program onto every core of a WSE-3.
func TestIdleMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole wafer")
	}
	one, err := simtest.Assemble(idle)
	if err != nil {
		t.Fatal(err)
	}
	before := heap()
	im := *one.Image
	im.Rect.W, im.Rect.H = one.Machine.RectW, one.Machine.RectH
	im.Tiles = slices.Repeat(im.Tiles, im.Rect.W*im.Rect.H)
	m, err := sim.New(&im, one.Machine, sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	per := float64(heap()-before) / float64(m.Width()*m.Height())
	t.Logf("%.0f bytes a core of %d×%d", per, m.Width(), m.Height())
	if per > maxIdleBytes {
		t.Errorf("a core that never ran takes %.0f bytes, more than %d", per, maxIdleBytes)
	}
}

const idle = `machine wse3
grid 1 1
route * * color 2 rx r tx e
route * * color 3 rx w tx r
program p
  out 3 color 2
  in 2 color 3
  data 0x100 u16 1 2 3 4
  export main
  func main
    done
    ret
end
place * * p
`

func heap() uint64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}
