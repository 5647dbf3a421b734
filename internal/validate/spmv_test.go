package validate

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// factors are the x that a matrix is multiplied with: products have 16 bits.
func factors(n int) []uint16 {
	x := make([]uint16, n)
	for i := range x {
		x[i] = uint16(1 + i*7919%256)
	}
	return x
}

// checkSpMV multiplies; with little room what arrives is taken in pieces.
func checkSpMV(tb testing.TB, a []element, x []uint16, n, shift int, little bool) *spmvOutcome {
	tb.Helper()
	plan, err := planSpMV(a, x, n, shift)
	if err != nil {
		tb.Fatal(err)
	}
	if little {
		if plan.inbox == plan.room {
			tb.Fatalf("%d × %d cores: the plan has no room to take away", n, n)
		}
		plan.inbox = plan.room
	}
	r, err := newSpMV(tb.Context(), "wse2", plan, 1)
	if err != nil {
		tb.Fatal(err)
	}
	out, err := r.run(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	if !slices.Equal(out.y, multiply(a, x, n*n<<shift)) {
		tb.Errorf("%d × %d cores: the product is wrong", n, n)
	}
	if out.hops != plan.hops {
		tb.Errorf("%d × %d cores: %d hops, by the plan %d", n, n, out.hops, plan.hops)
	}
	return out
}

func TestSpMV(t *testing.T) {
	for _, c := range []struct {
		scale, n, shift int
		little          bool
	}{{4, 2, 2, false}, {8, 4, 4, false}, {10, 8, 4, true}, {12, 16, 4, false}} {
		a := kronecker(c.scale, 1)
		out := checkSpMV(t, a, factors(1<<c.scale), c.n, c.shift, c.little)
		t.Logf("scale %d, %d × %d cores, %d elements: %d cycles, %d hops", c.scale, c.n, c.n, len(a), out.cycles, out.hops)
	}
}

// TestPlanErrors: what the packed form cannot hold is refused.
func TestPlanErrors(t *testing.T) {
	x := factors(16)
	for _, e := range []element{{row: 16}, {column: 16}, {value: 256}, {column: 15, value: 255}} {
		x[15] = 300
		if _, err := planSpMV([]element{e}, x, 2, 2); err == nil {
			t.Errorf("%+v was taken", e)
		}
	}
	if _, err := planSpMV(nil, x, 16, 9); err == nil {
		t.Error("8,192 rows in a column of cores were taken")
	}
}

// TestKronecker pins the generator: other machines must get the same matrix.
func TestKronecker(t *testing.T) {
	a := kronecker(16, 1)
	degree := make([]int, 1<<16)
	sum := uint32(0)
	for _, e := range a {
		degree[e.row]++
		sum = sum*31 + e.row ^ e.column<<8 ^ e.value
	}
	if len(a) != 954968 || slices.Max(degree) != 6209 || sum != 0xc7b63a47 {
		t.Errorf("%d elements, largest row %d, digest %#x", len(a), slices.Max(degree), sum)
	}
}

// readCSR reads a graph of 32-bit little-endian words as MuchiSim ships its own:
// node_array.bin with the places where rows start, edge_array.bin with columns,
// edge_values.bin.
func readCSR(dir string) ([]element, error) {
	var files [3][]uint32
	for i, name := range []string{"node_array.bin", "edge_array.bin", "edge_values.bin"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		for k := 0; k+4 <= len(text); k += 4 {
			files[i] = append(files[i], binary.LittleEndian.Uint32(text[k:]))
		}
	}
	starts, columns, values := files[0], files[1], files[2]
	var out []element
	for r := 0; r+1 < len(starts); r++ {
		for k := starts[r]; k < starts[r+1]; k++ {
			if int(k) >= len(columns) || int(k) >= len(values) {
				return nil, fmt.Errorf("%s: row %d goes beyond the edges", dir, r)
			}
			out = append(out, element{uint32(r), columns[k], values[k]})
		}
	}
	return out, nil
}

func TestReadCSR(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, words ...uint32) {
		var text []byte
		for _, w := range words {
			text = binary.LittleEndian.AppendUint32(text, w)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("node_array.bin", 0, 2, 2, 3)
	write("edge_array.bin", 1, 2, 0)
	write("edge_values.bin", 7, 8, 9)
	a, err := readCSR(dir)
	if want := []element{{0, 1, 7}, {0, 2, 8}, {2, 0, 9}}; err != nil || !slices.Equal(a, want) {
		t.Errorf("%v, %v", a, err)
	}
	write("edge_values.bin", 7, 8)
	if _, err := readCSR(dir); err == nil {
		t.Error("an edge without a value was taken")
	}
}

// kron16 is the matrix of the benchmark: our own, or that in the folder WAFER_KRON16,
// which is multiplied with 5 throughout, as MuchiSim does, and checked against
// its spmv_K16_ref.txt where the folder has it.
func kron16(tb testing.TB) ([]element, []uint16, []uint32) {
	tb.Helper()
	x := factors(1 << 16)
	dir := os.Getenv("WAFER_KRON16")
	if dir == "" {
		a := kronecker(16, 1)
		return a, x, multiply(a, x, 1<<16)
	}
	a, err := readCSR(dir)
	if err != nil {
		tb.Fatal(err)
	}
	for i := range x {
		x[i] = 5
	}
	y := multiply(a, x, 1<<16)
	text, err := os.ReadFile(filepath.Join(dir, "spmv_K16_ref.txt"))
	if err != nil {
		return a, x, y
	}
	lines := strings.Fields(string(text))
	for i, line := range lines {
		if v, err := strconv.ParseUint(line, 10, 32); err != nil || uint32(v) != y[i] {
			tb.Fatalf("row %d of the reference is %s, the plain product %d", i, line, y[i])
		}
	}
	tb.Logf("%d rows of %s agree with the plain product", len(lines), "spmv_K16_ref.txt")
	return a, x, y
}
