package validate

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"wafer/internal/host"
	"wafer/internal/sim"
)

// element is one of a sparse matrix.
type element struct{ row, column, value uint32 }

// spmvPlan is how a product is spread over n × n cores: what each core holds, and
// how many messages it gets from where. Only the pattern of the matrix decides.
type spmvPlan struct {
	n, shift      int // cores along each side; log2 of the rows of a core
	room, columns int // most messages and columns of a core
	inbox         int // messages that may wait in a core
	cores         []spmvCore
	hops          int64 // messages, with those of value 0, and ends of phases
	messages      int   // elements and elements of value 0
}

type spmvCore struct {
	words  []uint32 // as csl/spmv_pe.csl has them
	x      []uint16
	row    []int // lengths of parts, in the order of csl/deal.csl
	column []int
	counts [4]int // from the west, the east, the north, the south
}

// The packing of csl/spmv_pe.csl.
const (
	spmvRowBits   = 12
	spmvValueBits = 8
)

// spmvData is what a core has for data, in bytes: 48 KiB less the program, its
// stack and the runtime.
const spmvData = 38 << 10

// planSpMV spreads a matrix of n² 2^shift rows. Elements go to cores in equal
// shares, in the order of columns, whatever their rows.
func planSpMV(a []element, x []uint16, n, shift int) (*spmvPlan, error) {
	if n<<shift > 1<<spmvRowBits {
		return nil, fmt.Errorf("%d matrix rows in a column of cores: the program has %d bits for them", n<<shift, spmvRowBits)
	}
	for _, e := range a {
		if int(e.row) >= n*n<<shift || int(e.column) >= len(x) || e.value>>spmvValueBits != 0 || e.value*uint32(x[e.column]) > 0xffff {
			return nil, fmt.Errorf("element %d of row %d, column %d: outside the matrix, or too large a value for the program", e.value, e.row, e.column)
		}
	}
	a = slices.Clone(a)
	slices.SortFunc(a, func(p, q element) int {
		return cmp.Or(cmp.Compare(p.column, q.column), cmp.Compare(p.row, q.row))
	})
	p := &spmvPlan{n: n, shift: shift, cores: make([]spmvCore, n*n)}
	all := n * n
	to := make([][]int, all) // messages from core (x, y) of step two to row d
	for i := range to {
		to[i] = make([]int, n)
	}
	for i := range p.cores {
		p.share(i, a[i*len(a)/all:(i+1)*len(a)/all], x, to)
	}
	p.passOn(to)
	for i := range p.cores {
		c := &p.cores[i]
		p.columns = max(p.columns, len(c.x))
		sorted := 0
		for _, k := range c.column {
			sorted += k
		}
		p.room = max(p.room, len(c.words), sorted, c.counts[0]+c.counts[1]+c.row[0])
	}
	p.inbox = p.room
	for i := range p.cores {
		p.inbox = max(p.inbox, p.cores[i].counts[2]+p.cores[i].counts[3])
	}
	// What does not fit is taken in pieces; that costs the simulator more.
	other := 4*p.room + 2*p.columns + 4<<shift + 6*n
	p.inbox = max(p.room, min(p.inbox, (spmvData-other)/4))
	return p, nil
}

// share gives core i its elements, ordered by the column of cores that has the row.
func (p *spmvPlan) share(i int, part []element, x []uint16, to [][]int) {
	c, wide := &p.cores[i], p.n<<p.shift
	local := map[uint32]uint32{}
	parts := make([][]uint32, p.n)
	for _, e := range part {
		k, ok := local[e.column]
		if !ok {
			k = uint32(len(c.x))
			local[e.column] = k
			c.x = append(c.x, x[e.column])
		}
		d := int(e.row) / wide
		within := e.row % uint32(wide)
		parts[d] = append(parts[d], within<<20|k<<spmvValueBits|e.value)
		to[i-i%p.n+d][within>>p.shift]++
	}
	for k := range parts {
		d := dealt(i%p.n, k, p.n)
		words := parts[d]
		if len(words) == 0 { // no part is empty
			words = []uint32{0}
			to[i-i%p.n+d][0]++
		}
		c.row = append(c.row, len(words))
		c.words = append(c.words, words...)
		dist := i%p.n - d
		p.hops += int64(len(words) * max(dist, -dist))
		p.messages += len(words)
		switch to := &p.cores[i-i%p.n+d]; {
		case dist < 0:
			to.counts[0] += len(words)
		case dist > 0:
			to.counts[1] += len(words)
		}
	}
}

// dealt gives the destination of part k of core i of a line of n.
func dealt(i, k, n int) int {
	if k < n-i {
		return i + k
	}
	return n - 1 - k
}

// passOn counts the messages along columns.
func (p *spmvPlan) passOn(to [][]int) {
	for i := range p.cores {
		c := &p.cores[i]
		for part := range p.n {
			d := dealt(i/p.n, part, p.n)
			k := max(to[i][d], 1)
			c.column = append(c.column, k)
			dist := i/p.n - d
			p.hops += int64(k * max(dist, -dist))
			switch to := &p.cores[d*p.n+i%p.n]; {
			case dist < 0:
				to.counts[2] += k
			case dist > 0:
				to.counts[3] += k
			}
		}
	}
	// The ends of phases: 1 + … + n−1 in each direction of each line.
	p.hops += int64(2 * p.n * p.n * (p.n - 1))
}

// spmvRun is a product that is ready to run, once.
type spmvRun struct {
	plan *spmvPlan
	p    program
	h    *host.Host
	s    *sim.Sim
}

// newSpMV compiles the product for a plan and copies its data in.
func newSpMV(ctx context.Context, profile string, plan *spmvPlan, workers int) (*spmvRun, error) {
	n := plan.n
	r := &spmvRun{plan: plan, p: program{
		file: "spmv.csl", profile: profile, w: n, h: n, workers: workers,
		params: fmt.Sprintf("n:%d,shift:%d,room:%d,inbox:%d,columns:%d", n, plan.shift, plan.room, plan.inbox, plan.columns),
	}}
	var err error
	if r.h, r.s, err = r.p.start(ctx); err != nil {
		return nil, err
	}
	var words, x, lengths, counts []uint32
	for i := range plan.cores {
		c := &plan.cores[i]
		words = append(append(words, c.words...), make([]uint32, plan.room-len(c.words))...)
		for k := range plan.columns {
			v := uint32(0)
			if k < len(c.x) {
				v = uint32(c.x[k])
			}
			x = append(x, v)
		}
		for _, list := range [][]int{c.row, c.column} {
			for _, k := range list {
				lengths = append(lengths, uint32(k))
			}
		}
		for _, k := range c.counts {
			counts = append(counts, uint32(k))
		}
	}
	for _, in := range []struct {
		name    string
		data    []uint32
		l, bits int
	}{{"words", words, plan.room, 32}, {"x", x, plan.columns, 16}, {"lengths", lengths, 2 * n, 16}, {"counts", counts, 4, 16}} {
		if err := copyIn(ctx, r.h, in.name, in.data, host.Region{W: n, H: n, L: in.l, Bits: in.bits}); err != nil {
			return nil, fmt.Errorf("%s: %w", in.name, err)
		}
	}
	return r, nil
}

// spmvOutcome is y and what it took.
type spmvOutcome struct {
	y      []uint32
	cycles int64
	hops   int64
}

func (r *spmvRun) run(ctx context.Context) (*spmvOutcome, error) {
	before := r.s.Hops()
	if _, err := r.p.launch(ctx, r.h); err != nil {
		return nil, err
	}
	out, o := &spmvOutcome{hops: r.s.Hops() - before}, &outcome{}
	if err := o.read(ctx, r.h, r.p); err != nil {
		return nil, err
	}
	out.cycles = o.span
	n, rows := r.plan.n, 1<<r.plan.shift
	words, err := copyOut(ctx, r.h, "y", host.Region{W: n, H: n, L: rows, Bits: 32})
	if err != nil {
		return nil, err
	}
	for x := range n {
		for y := range n {
			out.y = append(out.y, words[(y*n+x)*rows:][:rows]...)
		}
	}
	return out, nil
}
