package fabric

import "math/bits"

// Bits is a set of tiles, 64 a word, with a summary of one bit a word: on a wafer
// most words are empty, and looking at them all would cost more than the work.
type Bits struct {
	words, sum []uint64
}

// NewBits gives an empty set for n tiles.
func NewBits(n int) Bits {
	return Bits{make([]uint64, (n+63)/64), make([]uint64, (n+4095)/4096)}
}

// Set adds t.
func (b *Bits) Set(t int32) {
	i := t >> 6
	b.words[i] |= 1 << (t & 63)
	b.sum[i>>6] |= 1 << (i & 63)
}

// Has reports whether t is in the set.
func (b *Bits) Has(t int32) bool { return b.words[t>>6]>>(t&63)&1 == 1 }

// Any reports whether the set is not empty.
func (b *Bits) Any() bool {
	for _, s := range b.sum {
		if s != 0 {
			return true
		}
	}
	return false
}

// Count gives the number of members, or some number from enough on.
func (b *Bits) Count(enough int) (n int) {
	for i, s := range b.sum {
		for ; s != 0; s &= s - 1 {
			if n += bits.OnesCount64(b.words[i<<6+bits.TrailingZeros64(s)]); n >= enough {
				return n
			}
		}
	}
	return n
}

// Reset empties the set.
func (b *Bits) Reset() {
	for i, s := range b.sum {
		for ; s != 0; s &= s - 1 {
			b.words[i<<6+bits.TrailingZeros64(s)] = 0
		}
		b.sum[i] = 0
	}
}

// Take moves the members of o into b.
func (b *Bits) Take(o *Bits) {
	for i, s := range o.sum {
		b.sum[i] |= s
		for ; s != 0; s &= s - 1 {
			j := i<<6 + bits.TrailingZeros64(s)
			b.words[j] |= o.words[j]
			o.words[j] = 0
		}
		o.sum[i] = 0
	}
}

// Each calls f for every member in ascending order. f may change other sets.
func (b *Bits) Each(f func(t int32)) {
	for i, s := range b.sum {
		for ; s != 0; s &= s - 1 {
			j := i<<6 + bits.TrailingZeros64(s)
			for w := b.words[j]; w != 0; w &= w - 1 {
				f(int32(j<<6 + bits.TrailingZeros64(w)))
			}
		}
	}
}

// List appends the members in ascending order.
func (b *Bits) List(to []int32) []int32 {
	for i, s := range b.sum {
		for ; s != 0; s &= s - 1 {
			j := i<<6 + bits.TrailingZeros64(s)
			for w := b.words[j]; w != 0; w &= w - 1 {
				to = append(to, int32(j<<6+bits.TrailingZeros64(w)))
			}
		}
	}
	return to
}

// Ring is a set for each of the next cycles. Its length is a power of two, so that stamps
// may wrap.
type Ring []Bits

// newRing gives sets for the present cycle and those up to ahead.
func newRing(ahead, tiles int) (r Ring) {
	for range 1 << bits.Len(uint(ahead)) {
		r = append(r, NewBits(tiles))
	}
	return r
}

// At gives the set of a cycle.
func (r Ring) At(cycle uint32) *Bits { return &r[cycle&uint32(len(r)-1)] }

// Any reports whether one of the sets has a member.
func (r Ring) Any() bool {
	for i := range r {
		if r[i].Any() {
			return true
		}
	}
	return false
}
