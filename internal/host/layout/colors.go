package layout

import (
	"slices"

	"wafer/internal/machine"
)

// number gives every class a colour. Two classes clash where one core routes or
// knows both. Classes are taken in this order: those with a number from the user,
// those that switch (WSE-3 switches only some colours), then the others, each by
// first mention; each takes the lowest number that is free.
func (g *grid) number(s *Spec, c classes, arch machine.Arch) ([]int, error) {
	clash, switching, used := g.clashes(len(s.Colors))
	value := make([]int, len(s.Colors))
	for i := range value {
		value[i] = -1
	}
	for i, col := range s.Colors {
		k := c.of(i)
		if col.Value < 0 {
			continue
		}
		if value[k] >= 0 && value[k] != col.Value {
			return nil, mistake(CodeColors, "give both the same value, or none",
				"a connection makes %q one colour with another, and they have the values %d and %d", col.Name, col.Value, value[k])
		}
		value[k] = col.Value
	}
	if err := checkFixed(s, value, clash); err != nil {
		return nil, err
	}
	for _, first := range []bool{true, false} {
		for k := range value {
			if c.of(k) != k || value[k] >= 0 || !used[k] || switching[k] != first {
				continue
			}
			if value[k] = lowest(k, value, clash, first, arch); value[k] < 0 {
				return nil, mistake(CodeColors, "use fewer colours in one region, or give values by hand",
					"no colour is left for %q: on one core more than %d colours meet", s.Colors[k].Name, machine.Colors)
			}
		}
	}
	for i := range value {
		value[i] = value[c.of(i)]
	}
	return value, nil
}

// clashes collects which classes meet on a core, which ones switch, which occur.
func (g *grid) clashes(n int) (clash []map[int]bool, switching, used []bool) {
	clash, switching, used = make([]map[int]bool, n), make([]bool, n), make([]bool, n)
	for i := range clash {
		clash[i] = map[int]bool{}
	}
	var here []int
	for i := range g.cells {
		cl := &g.cells[i]
		here = append(here[:0], cl.extra...)
		for _, r := range cl.routes {
			here = append(here, r.color)
			switching[r.color] = switching[r.color] || len(r.positions) > 1
		}
		slices.Sort(here)
		here = slices.Compact(here)
		for _, a := range here {
			used[a] = true
			for _, b := range here {
				if a != b {
					clash[a][b] = true
				}
			}
		}
	}
	return clash, switching, used
}

func checkFixed(s *Spec, value []int, clash []map[int]bool) error {
	for a := range value {
		for b := range a {
			if value[a] >= 0 && value[a] == value[b] && clash[a][b] {
				return mistake(CodeColors, "change one of them", "colours %q and %q have the same value %d and meet on a core",
					s.Colors[b].Name, s.Colors[a].Name, value[a])
			}
		}
	}
	return nil
}

func lowest(k int, value []int, clash []map[int]bool, switching bool, arch machine.Arch) int {
	for v := range machine.Colors {
		if switching && !arch.Switchable(v) {
			continue
		}
		free := true
		for o := range clash[k] {
			free = free && value[o] != v
		}
		if free {
			return v
		}
	}
	return -1
}
