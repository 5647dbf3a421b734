package validate

import (
	"cmp"
	"slices"
)

// kronecker makes a symmetric matrix as Graph500 makes graphs: 2^scale vertices,
// 8 2^scale edges drawn by halving the matrix scale times with chances 57, 19, 19
// and 5 in a hundred (Graph500 specification), vertices renamed, no loops, no
// edge twice; values 1 to 255. Integers only, so it is the same everywhere.
func kronecker(scale int, seed uint64) []element {
	r := mixer(seed)
	name := make([]uint32, 1<<scale)
	for i := range name {
		name[i] = uint32(i)
	}
	for i := len(name) - 1; i > 0; i-- {
		j := r.next() % uint64(i+1)
		name[i], name[j] = name[j], name[i]
	}
	var out []element
	for range 8 << scale {
		var i, j uint32
		for range scale {
			i, j = 2*i, 2*j
			switch k := r.next() % 100; {
			case k >= 95:
				i, j = i+1, j+1
			case k >= 76:
				i++
			case k >= 57:
				j++
			}
		}
		if i, j = name[i], name[j]; i != j {
			out = append(out, element{row: min(i, j), column: max(i, j)})
		}
	}
	slices.SortFunc(out, func(a, b element) int {
		return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.column, b.column))
	})
	out = slices.Compact(out)
	for i := range out {
		out[i].value = uint32(1 + r.next()%255)
	}
	for _, e := range out {
		out = append(out, element{e.column, e.row, e.value})
	}
	return out
}

// mixer is the generator splitmix64 (Steele, Lea, Flood 2014).
type mixer uint64

func (m *mixer) next() uint64 {
	*m += 0x9e3779b97f4a7c15
	z := uint64(*m)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// multiply is the plain product, modulo 2^32.
func multiply(a []element, x []uint16, rows int) []uint32 {
	y := make([]uint32, rows)
	for _, e := range a {
		y[e.row] += e.value * uint32(x[e.column])
	}
	return y
}
