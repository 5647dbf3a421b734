package layout

import "slices"

// Ways that share no core, of least total price: a flow of least cost in which
// every core passes at most one unit. It is built by successive shortest paths:
//
//  1. Each core is two nodes, in and out, joined by an edge of capacity one that
//     costs the core's price; neighbours are joined out to in for nothing.
//  2. A shortest path from a start that is not in use yet to a goal that is not in
//     use yet may run backwards along ways found before, which undoes that part.
//  3. After one path for each lane the ways are read off, start by start.
//
// In the plane such ways do not cross, so starts and goals in the same order are
// joined as the connection asks. Where they are in opposite order there is no
// solution on one colour, and the lane that came out wrong is reported.

// none marks a core that no way uses; edge the end of a way.
const (
	none = -1
	edge = -2
)

// network holds the ways found so far: each used core knows its neighbours in it.
type network struct {
	g          *grid
	class      int
	prev, next []int
	goal       []bool
}

// flow gives a way for each start, or the number of a lane that has none.
func (g *grid) flow(starts, goals []int, class int) ([][]int, int) {
	n := len(g.cells)
	f := &network{g: g, class: class, prev: slices.Repeat([]int{none}, n), next: slices.Repeat([]int{none}, n), goal: make([]bool, n)}
	for _, at := range goals {
		f.goal[at] = true
	}
	for i, at := range starts {
		if slices.Contains(starts[:i], at) || slices.Contains(goals[:i], goals[i]) || !f.augment(starts[i:]) {
			return nil, i
		}
	}
	ways := make([][]int, len(starts))
	for i, at := range starts {
		for at >= 0 {
			ways[i] = append(ways[i], at)
			at = f.next[at]
		}
		if last := ways[i][len(ways[i])-1]; last != goals[i] {
			return nil, i
		}
	}
	return ways, -1
}

// Nodes are numbered 2*core for in, 2*core+1 for out.
func in(core int) int  { return 2 * core }
func out(core int) int { return 2*core + 1 }

// augment adds one way from the first of the starts.
func (f *network) augment(starts []int) bool {
	from := f.shortest(starts[0])
	best, end := 0, none
	for at, ok := range f.goal {
		if !ok || f.next[at] == edge {
			continue
		}
		if d := from.cost[out(at)]; d < unreached && (end == none || d < best) {
			best, end = d, at
		}
	}
	if end == none {
		return false
	}
	f.apply(from, starts[0], end)
	return true
}

const unreached = int(^uint(0) >> 2)

// tree holds shortest paths: the price of each node and the node before it.
type tree struct {
	cost []int
	from []int
}

// shortest is the algorithm of Bellman and Ford with a queue: edges backwards
// along a way have negative prices.
func (f *network) shortest(start int) tree {
	t := tree{cost: slices.Repeat([]int{unreached}, 2*len(f.prev)), from: slices.Repeat([]int{none}, 2*len(f.prev))}
	queued := make([]bool, len(t.cost))
	queue := []int{in(start)}
	t.cost[in(start)] = 0
	for len(queue) > 0 {
		node := queue[0]
		queue = queue[1:]
		queued[node] = false
		f.edges(node, func(to, price int) {
			if c := t.cost[node] + price; c < t.cost[to] {
				t.cost[to], t.from[to] = c, node
				if !queued[to] {
					queued[to] = true
					queue = append(queue, to)
				}
			}
		})
	}
	return t
}

// edges visits the edges that still have room.
func (f *network) edges(node int, visit func(to, price int)) {
	core, used := node/2, f.prev[node/2] != none
	if node == in(core) {
		switch {
		case !used:
			visit(out(core), f.g.price(core))
		case f.prev[core] != edge:
			visit(out(f.prev[core]), 0) // undo the step into this core
		}
		return
	}
	if used {
		visit(in(core), -f.g.price(core))
	}
	for _, n := range f.g.neighbours(core) {
		if f.g.free(n, f.class) && f.next[core] != n {
			visit(in(n), 0)
		}
	}
}

// apply adds a path to the ways: steps backwards along a way cancel it.
func (f *network) apply(t tree, start, end int) {
	var nodes []int
	for node := out(end); node != none; node = t.from[node] {
		nodes = append(nodes, node)
	}
	slices.Reverse(nodes)
	type step struct{ a, b int }
	var add, drop []step
	for i := 1; i < len(nodes); i++ {
		a, b := nodes[i-1], nodes[i]
		switch {
		case a/2 == b/2:
		case a == out(a/2):
			add = append(add, step{a / 2, b / 2})
		default:
			drop = append(drop, step{b / 2, a / 2})
		}
	}
	for _, s := range drop {
		f.next[s.a], f.prev[s.b] = none, none
	}
	for _, s := range add {
		f.next[s.a], f.prev[s.b] = s.b, s.a
	}
	f.prev[start], f.next[end] = edge, edge
}
