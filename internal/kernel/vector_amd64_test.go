package kernel

import "testing"

// TestNarrowAndWide compares the AVX2 and the AVX-512 loops on one host, since
// TestAgainstNum only sees the form that the host would choose.
func TestNarrowAndWide(t *testing.T) {
	if !hasAVX512 {
		t.Skip("the host has no AVX-512, so TestAgainstNum covers AVX2")
	}
	rng := seeded(11)
	mem := make([]uint16, 4000)
	for _, o := range []op{opAddH, opSubH, opMulH} {
		for range 50 {
			fill(mem, rng)
			x, y := make([]uint16, 777), make([]uint16, 777)
			runVector2(false, o, 1, 1, x, mem[:777], mem[1000:1777], false, false)
			runVector2(true, o, 1, 1, y, mem[:777], mem[1000:1777], false, false)
			equal(t, o, x, y)
		}
	}
	var a, b, c []uint16
	fmaTriples(200_000, func(x, y, z uint16) { a, b, c = append(a, z), append(b, x), append(c, y) })
	x, y := make([]uint16, len(a)), make([]uint16, len(a))
	runVector3(false, opFmaH, 1, 1, x, a, b, c, false, false, false)
	runVector3(true, opFmaH, 1, 1, y, a, b, c, false, false, false)
	equal(t, opFmaH, x, y)
}

func equal(t *testing.T, o op, x, y []uint16) {
	t.Helper()
	for i := range x {
		if x[i] != y[i] {
			t.Fatalf("operation %d element %d: %04x with AVX2, %04x with AVX-512", o, i, x[i], y[i])
		}
	}
}
