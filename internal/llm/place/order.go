package place

import "wafer/internal/llm/graph"

// An order lists, core by core along an axis of a region, which of the model's
// values lie there; None marks a place that is left empty, with zero weights, so
// that sizes need not divide. Zeros change no sum: it starts at +0 and stays.
//
// The orders are the whole knowledge of who holds what. Weights are cut by them,
// and the fast engine works in them.

// None is an empty place in an order.
const None = -1

// upTo gives 0, 1, … n-1, filled up with empty places to a length of total.
func upTo(n, total int) []int {
	out := make([]int, total)
	for i := range out {
		out[i] = i
		if i >= n {
			out[i] = None
		}
	}
	return out
}

// FoldOrder is the order in which a line of n cores is summed: from the first to
// the middle, then from the last to the one behind the middle. first is the length
// of the first part; the sums of both parts are added at the end.
func FoldOrder(n int) (order []int, first int) {
	for i := range n/2 + 1 {
		order = append(order, i)
	}
	first = len(order)
	for i := n - 1; i > n/2; i-- {
		order = append(order, i)
	}
	return order[:n], min(first, n)
}

// GroupFold is FoldOrder for the columns that share key head h: they are summed at
// the one nearest to the middle of the row.
func (p Plan) GroupFold(h int) (order []int, first int) {
	from, to, mid := h*p.Group, (h+1)*p.Group-1, p.Cols/2
	lead := min(max(mid, from), to)
	for c := from; c < lead; c++ {
		order = append(order, c-from)
	}
	if mid < from { // the only chain comes from the east
		for c := to; c >= lead; c-- {
			order = append(order, c-from)
		}
		return order, len(order)
	}
	order = append(order, lead-from)
	first = len(order)
	for c := to; c > lead; c-- {
		order = append(order, c-from)
	}
	return order, first
}

// Folded puts the parts of cores, n places each, into the order of their sum.
func Folded(order []int, n int) []int {
	var out []int
	fold, _ := FoldOrder(len(order) / n)
	for _, i := range fold {
		out = append(out, part(order, i, n)...)
	}
	return out
}

// StreamOrder is how the residual stream lies over the rows, In values each.
func (p Plan) StreamOrder() []int { return upTo(p.Model.Dim, p.Rows*p.In) }

// FFNOrder is how the inner values of the feed-forward block lie over the columns.
func (p Plan) FFNOrder() []int { return upTo(p.Model.FFN, p.Cols*p.FFN) }

// WordOrder is how the vocabulary lies over the columns.
func (p Plan) WordOrder() []int { return upTo(p.Model.Vocab, p.Table*p.Words) }

// QueryOrder is how the values of all query heads lie over the columns.
func (p Plan) QueryOrder() []int {
	var out []int
	for c := range p.Cols {
		for h := range p.QHeads {
			head := c/p.Group*p.QHeads + h
			out = p.slice(out, head, c%p.Group)
		}
	}
	return out
}

// KeyOrder is how the values of all key heads, and of all value heads, lie over
// the columns.
func (p Plan) KeyOrder() []int {
	var out []int
	for c := range p.Cols {
		out = p.slice(out, c/p.Group, c%p.Group)
	}
	return out
}

// HeadOrder is how the values of one head lie over the columns of a group.
func (p Plan) HeadOrder() []int {
	var out []int
	for s := range p.Group {
		out = p.slice(out, 0, s)
	}
	return out
}

// slice appends slice s of a head.
func (p Plan) slice(out []int, head, s int) []int {
	for d := range p.HD {
		v := p.headValue(s, d)
		if v != None {
			v += head * p.Model.HeadDim
		}
		out = append(out, v)
	}
	return out
}

// headValue gives the index within a head of value d of slice s. A slice holds
// whole pairs, the two values of a pair side by side; what is not turned follows
// as pairs of neighbours, which Turns turns by nothing.
func (p Plan) headValue(s, d int) int {
	pair, turned := s*p.HD/2+d/2, p.Model.Rope.Dim/2
	switch {
	case pair >= p.Model.HeadDim/2:
		return None
	case p.Model.Rope.Layout == graph.Adjacent || pair >= turned:
		return 2*pair + d%2
	}
	return pair + d%2*turned
}
