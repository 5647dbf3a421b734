package sim_test

import (
	"fmt"
	"strings"
	"testing"

	"wafer/internal/sim"
	"wafer/internal/sim/simtest"
)

// run takes the steps of a script and fails the test at the first that is not as
// expected.
func run(t *testing.T, text string) *sim.Sim {
	t.Helper()
	m, err := simtest.Run(text, sim.Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return m
}

func stamp(t *testing.T, m *sim.Sim, x, y int, addr uint16) int64 {
	t.Helper()
	w := make([]uint16, 3)
	if err := m.Read(x, y, addr, w); err != nil {
		t.Fatal(err)
	}
	return int64(w[0]) | int64(w[1])<<16 | int64(w[2])<<32
}

// TestMemoryOperations compares cycles between two readings of the counter with
// published fits: WSE-2 from STREAM runs in the vendor's simulator
// (leightonw-cerebras/stream), WSE-3 from the FABRICA study.
func TestMemoryOperations(t *testing.T) {
	const setup = `
    const.u16 r10 0x800
    const.u16 r11 0x810
    mem r1 0x1000 %[1]d
    mem r2 0x2004 %[1]d
    mem r3 0x3000 %[1]d
    const.f32 r5 2`
	for _, c := range []struct {
		machine, op string
		fixed, num  int
		den         int
	}{
		{"wse2", "fmovh r9 @r1 @r2", 10, 1, 4},
		{"wse2", "faddh r9 @r1 @r2 @r3", 12, 1, 4},
		{"wse2", "fmulh r9 @r1 @r2 r5", 11, 1, 4},
		{"wse2", "fmach r9 @r1 @r2 @r3 r5", 13, 1, 4},
		{"wse2", "fmovs r9 @r1 @r2", 10, 1, 2},
		{"wse2", "fmuls r9 @r1 @r2 r5", 11, 1, 1},
		{"wse2", "fmacs r9 @r1 @r2 @r3 r5", 12, 1, 1},
		{"wse3", "fmovh r9 @r1 @r2", 15, 1, 8},
		{"wse3", "fmovs r9 @r1 @r2", 15, 1, 4},
		{"wse3", "fmach r9 @r1 @r2 @r3 r5", 16, 1, 4},
		{"wse3", "fmacs r9 @r1 @r2 @r3 r5", 17, 2, 1},
		{"wse3", "mov16 r9 @r1 r5", 8, 1, 8},
		{"wse3", "faddh r9 @r1 @r2 @r3", 9, 1, 4},
		{"wse3", "faddh r9 *r10 *r10 @r1", 8, 2, 1},
		{"wse3-silicon", "fmovh r9 @r1 @r2", 15, 100, 482},
		{"wse3-silicon", "fmach r9 @r1 @r2 @r3 r5", 16, 100, 292},
	} {
		for _, n := range []int{64, 128, 1024} {
			m := run(t, "machine "+c.machine+"\ngrid 1 1\nprogram p\nexport main\nfunc main"+fmt.Sprintf(setup, n)+`
    time r10
    dsd.`+c.op+`
    time r11
    done
    ret
end
place 0 0 p
start 0 0 main
run launches
expect stop done
`)
			got := stamp(t, m, 0, 0, 0x810) - stamp(t, m, 0, 0, 0x800)
			want := int64(c.fixed + (n*c.num+c.den-1)/c.den)
			if got != want {
				t.Errorf("%s %s, %d elements: %d cycles, published %d", c.machine, c.op, n, got, want)
			}
		}
	}
}

// The set-up of an operation on queues, from the reading of the counter before it
// to its first element: that reading, two register loads, the start. The task at
// the end executes one instruction before it reads the counter.
const sendSetup = 1 + 2 + 4 + 1

// broadcast sends b words from core 0 to the others of a row of p cores and
// gives the cycles from the first word's departure to the last one's arrival.
func broadcast(t *testing.T, profile string, p, b int) int64 {
	m := run(t, fmt.Sprintf(`machine %s
grid %d 1
route 0 0 color 3 rx r tx e
route %[5]s 0 color 3 rx w tx er
route %[3]d 0 color 3 rx w tx r
program root
  out 2 color 3
  export send
  func send
    const.u16 r10 0x800
    mem r1 0x100 %[4]d
    fabout r2 2 %[4]d
    time r10
    dsd.mov32 r3 @r2 @r1 async
    done
    ret
end
program leaf
  in 3 color 3
  task local 9 got
  export recv
  func recv
    mem r1 0x1000 %[4]d
    fabin r2 3 %[4]d
    dsd.mov32 r3 @r1 @r2 async activate=9
    done
    ret
  func got
    const.u16 r10 0x800
    time r10
    ret
end
place 0 0 root
place 1-%[3]d 0 leaf
start 1-%[3]d 0 recv
run
expect stop quiet
start 0 0 send
run
expect stop quiet
`, profile, p, p-1, b, fmt.Sprintf("1-%d", p-2)))
	return stamp(t, m, p-1, 0, 0x800) - stamp(t, m, 0, 0, 0x800) - sendSetup
}

// TestBroadcast: flood, B + P − 1 + 2T_R + 1 cycles with T_R = 2 (HPDC'24,
// arXiv 2404.15888). On WSE-3 a hop takes two cycles.
func TestBroadcast(t *testing.T) {
	for _, p := range []int{4, 8, 16, 32, 64} {
		for _, b := range []int{1, 16, 64, 256} {
			if got, want := broadcast(t, "wse2", p, b), int64(b+p-1+5); got != want {
				t.Errorf("wse2, %d cores, %d words: %d cycles, model %d", p, b, got, want)
			}
			if got, want := broadcast(t, "wse3", p, b), int64(b+2*(p-1)+5); got != want {
				t.Errorf("wse3, %d cores, %d words: %d cycles, model %d", p, b, got, want)
			}
		}
	}
}

// chain adds rows of b words from core p-1 down to core 0, each core passing on
// the sum of its own words and what it receives.
func chain(t *testing.T, profile string, p, b int) int64 {
	var s strings.Builder
	fmt.Fprintf(&s, "machine %s\ngrid %d 1\n", profile, p)
	// Neighbours use two colours in turn, so that a core can receive and send.
	for x := range p {
		if x > 0 {
			fmt.Fprintf(&s, "route %d 0 color %d rx r tx w\n", x, x%2)
		}
		if x < p-1 {
			fmt.Fprintf(&s, "route %d 0 color %d rx e tx r\n", x, (x+1)%2)
		}
	}
	for odd := range 2 {
		fmt.Fprintf(&s, `program mid%d
  in 3 color %d
  out 2 color %d
  export pass%[1]d
  func pass%[1]d
    mem r1 0x1000 %[4]d
    fabin r2 3 %[4]d
    fabout r4 2 %[4]d
    dsd.fadds r3 @r4 @r2 @r1 async
    done
    ret
end
program last%[1]d
  out 2 color %[3]d
  export send%[1]d
  func send%[1]d
    const.u16 r10 0x800
    mem r1 0x1000 %[4]d
    fabout r2 2 %[4]d
    time r10
    dsd.fmovs r3 @r2 @r1 async
    done
    ret
end
`, odd, 1-odd, odd, b)
	}
	fmt.Fprintf(&s, `program first
  in 3 color 1
  task local 9 got
  export recv
  func recv
    mem r1 0x1000 %[1]d
    fabin r2 3 %[1]d
    dsd.fadds r3 @r1 @r1 @r2 async activate=9
    done
    ret
  func got
    const.u16 r10 0x800
    time r10
    ret
end
place 0 0 first
`, b)
	for x := 1; x < p; x++ {
		kind, fn := "mid", "pass"
		if x == p-1 {
			kind, fn = "last", "send"
		}
		fmt.Fprintf(&s, "place %d 0 %s%d\n", x, kind, x%2)
		if x < p-1 {
			fmt.Fprintf(&s, "start %d 0 %s%d\n", x, fn, x%2)
		}
	}
	fmt.Fprintf(&s, "start 0 0 recv\nrun\nexpect stop quiet\nstart %d 0 send%d\nrun\nexpect stop quiet\n", p-1, (p-1)%2)
	m := run(t, s.String())
	return stamp(t, m, 0, 0, 0x800) - stamp(t, m, p-1, 0, 0x800) - sendSetup
}

// TestChain: B + (2T_R + 2)(P − 1) cycles (HPDC'24). The last core's addition is
// the +1 of the depth. On WSE-3 each stage is one cycle longer.
func TestChain(t *testing.T) {
	for _, p := range []int{4, 8, 16, 32, 64} {
		for _, b := range []int{1, 16, 64, 256} {
			if got, want := chain(t, "wse2", p, b), int64(b+6*(p-1)); got != want {
				t.Errorf("wse2, %d cores, %d words: %d cycles, model %d", p, b, got, want)
			}
			if got, want := chain(t, "wse3", p, b), int64(b+7*(p-1)); got != want {
				t.Errorf("wse3, %d cores, %d words: %d cycles, model %d", p, b, got, want)
			}
		}
	}
}
