package tokenize

import (
	"container/heap"
	"strings"
	"unicode/utf8"
)

// spaceMark is how SentencePiece writes a space inside a piece (U+2581).
const spaceMark = "▁"

// encodeScore joins characters, best-scored piece first; of equal scores the
// leftmost. What ends as a single character without a piece becomes its bytes.
func (t *Tokenizer) encodeScore(out []ID, text string, prefix bool) []ID {
	if t.v.SpacePrefix && prefix {
		text = " " + text
	}
	text = strings.ReplaceAll(text, " ", spaceMark)
	joined := joinAll(text, func(s string, split int) (float64, bool) {
		if len(t.ranks) > 0 { // a tokenizer.json gives ranks instead of scores
			r, ok := t.ranks[pair{s[:split], s[split:]}]
			return float64(r), ok
		}
		id, ok := t.ids[s]
		if !ok {
			return 0, false
		}
		return -float64(t.v.Scores[id]), true
	})
	for _, p := range joined {
		out = t.lookup(out, p)
	}
	return out
}

// lookup appends the token of a piece, or the tokens of its bytes.
func (t *Tokenizer) lookup(out []ID, piece string) []ID {
	if id, ok := t.ids[piece]; ok {
		return append(out, id)
	}
	for _, b := range []byte(piece) {
		switch {
		case t.bytes[b] != None:
			out = append(out, t.bytes[b])
		case t.v.Unknown != None:
			return append(out, t.v.Unknown)
		}
	}
	return out
}

// part is text[at:at+size] in a doubly linked list; size 0 means that it has
// been joined into its left neighbour.
type part struct {
	at, size   int
	prev, next int
}

// chars makes one part a character.
func chars(text string) []part {
	var parts []part
	for i := 0; i < len(text); {
		_, n := utf8.DecodeRuneInString(text[i:])
		parts = append(parts, part{i, n, len(parts) - 1, len(parts) + 1})
		i += n
	}
	if len(parts) > 0 {
		parts[len(parts)-1].next = -1
	}
	return parts
}

// join is a possible joining of a part with its right neighbour.
type join struct {
	cost float64
	left int
	size int // of both parts; parts only grow, so another size means a change since
}

type joins []join

func (q joins) Len() int      { return len(q) }
func (q joins) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *joins) Push(x any)   { *q = append(*q, x.(join)) }

func (q joins) Less(i, j int) bool {
	if q[i].cost != q[j].cost {
		return q[i].cost < q[j].cost
	}
	return q[i].left < q[j].left
}

func (q *joins) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// joinAll joins neighbouring characters and then neighbouring parts until no
// joining is possible, cheapest first, then leftmost, and gives the parts. cost
// is asked about a text and the place where its two parts meet. With a heap this
// takes n log n, so a long run without spaces is no attack on a server.
func joinAll(text string, cost func(s string, split int) (float64, bool)) []string {
	parts := chars(text)
	var q joins
	offer := func(left int) {
		if left < 0 || parts[left].next < 0 {
			return
		}
		a, b := parts[left], parts[parts[left].next]
		if c, ok := cost(text[a.at:b.at+b.size], a.size); ok {
			heap.Push(&q, join{c, left, a.size + b.size})
		}
	}
	for i := range parts {
		offer(i)
	}
	for q.Len() > 0 {
		j := heap.Pop(&q).(join)
		a := &parts[j.left]
		if a.size == 0 || a.next < 0 || a.size+parts[a.next].size != j.size {
			continue // one side was joined elsewhere meanwhile
		}
		b := &parts[a.next]
		a.size, a.next, b.size = j.size, b.next, 0
		if a.next >= 0 {
			parts[a.next].prev = j.left
		}
		offer(a.prev)
		offer(j.left)
	}
	var out []string
	for _, p := range parts {
		if p.size > 0 {
			out = append(out, text[p.at:p.at+p.size])
		}
	}
	return out
}
