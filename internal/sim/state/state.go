// Package state is the form in which the state of a simulation is kept in a file.
//
// In: values of a simulation, one by one, in a fixed order. Out: a file, or from
// such a file the same values. A Coder goes both ways, so one function describes a
// struct for writing and for reading and the two cannot drift apart:
//
//	func (q *Queue) visit(c *state.Coder) { state.Num(c, &q.head, &q.n) }
//
// A file is checked as it is read: every number against its range, every length
// against its limit, memory grows with what is there. So a damaged or hostile file
// gives a Problem, never a panic and never a huge allocation. frame.go has the form
// of the file around the values.
package state

import "fmt"

// Integer is what Num takes.
type Integer interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// Coder writes values or reads them. After the first problem it does nothing:
// numbers that are read stay as they are and lengths are 0.
type Coder struct {
	// Now is the cycle against which Time and Stamp keep times: differences are
	// small, and small numbers are short.
	Now int64
	w   *writer
	r   *reader
	err error
}

// Reading tells the direction.
func (c *Coder) Reading() bool { return c.r != nil }

// Err gives the first problem.
func (c *Coder) Err() error { return c.err }

// OK reports that there is none yet. Loops ask it, so that a damaged length does
// not keep them busy.
func (c *Coder) OK() bool { return c.err == nil }

// Fail notes that what was read cannot be.
func (c *Coder) Fail(format string, args ...any) {
	if c.err == nil {
		c.err = &Problem{Kind: Damaged, At: c.place(), What: fmt.Sprintf(format, args...)}
	}
}

// Num visits integers, signed or not, each as a varint.
func Num[T Integer](c *Coder, ps ...*T) {
	for _, p := range ps {
		num(c, p)
	}
}

func num[T Integer](c *Coder, p *T) {
	zero := T(0)
	signed := zero-1 < zero
	if c.r == nil {
		v := uint64(*p)
		if signed {
			s := int64(*p)
			v = uint64(s)<<1 ^ uint64(s>>63)
		}
		c.putUvarint(v)
		return
	}
	v := c.uvarint()
	if c.err != nil {
		return
	}
	if signed {
		v = v>>1 ^ -(v & 1)
	}
	t := T(v)
	if signed && int64(t) != int64(v) || !signed && uint64(t) != v {
		c.Fail("a number of %d does not fit", v)
		return
	}
	*p = t
}

// Below visits an integer that lies in [0, n). Writing does not check: what a
// running simulation holds is right.
func Below[T Integer](c *Coder, p *T, n int) { Between(c, p, 0, n) }

// Between visits an integer that lies in [low, end).
func Between[T Integer](c *Coder, p *T, low, end int) {
	v := *p
	num(c, &v)
	if c.r == nil || c.err != nil {
		return
	}
	if int64(v) < int64(low) || int64(v) >= int64(end) {
		c.Fail("%d is not from %d to %d", int64(v), low, end-1)
		return
	}
	*p = v
}

// Bool visits truth values.
func (c *Coder) Bool(ps ...*bool) {
	for _, p := range ps {
		v := uint8(0)
		if *p {
			v = 1
		}
		Below(c, &v, 2)
		if c.r != nil && c.err == nil {
			*p = v == 1
		}
	}
}

// Time visits a cycle.
func (c *Coder) Time(ps ...*int64) {
	for _, p := range ps {
		d := *p - c.Now
		num(c, &d)
		if c.r != nil && c.err == nil {
			*p = c.Now + d
		}
	}
}

// Stamp visits the low half of a cycle.
func (c *Coder) Stamp(p *uint32) {
	d := int32(*p - uint32(c.Now))
	num(c, &d)
	if c.r != nil && c.err == nil {
		*p = uint32(c.Now) + uint32(d)
	}
}

// Len visits a length: it writes n, or reads one that is at most limit.
func (c *Coder) Len(n, limit int) int {
	v := uint64(n)
	num(c, &v)
	switch {
	case c.r == nil:
		return n
	case c.err != nil:
		return 0
	case v > uint64(limit):
		c.Fail("a list of %d, at most %d are possible", v, limit)
		return 0
	}
	return int(v)
}

// grain is how many elements a list that is read grows by at once: its length is
// believed only as far as elements follow.
const grain = 1024

// Slice visits a list of at most limit elements.
func Slice[T any](c *Coder, s *[]T, limit int, each func(*T)) {
	n := c.Len(len(*s), limit)
	if c.r == nil {
		for i := range *s {
			each(&(*s)[i])
		}
		return
	}
	*s = nil
	if n > 0 {
		*s = make([]T, 0, min(n, grain))
	}
	for i := 0; i < n && c.err == nil; i++ {
		var zero T
		*s = append(*s, zero)
		each(&(*s)[i])
	}
}

// Words visits a list of 16-bit words, kept as they are.
func (c *Coder) Words(s *[]uint16, limit int) {
	n := c.Len(len(*s), limit)
	if c.r == nil {
		for w := *s; len(w) > 0; {
			k := min(len(w), pieceSize/2)
			c.room(2 * k)
			for _, v := range w[:k] {
				c.w.buf = append(c.w.buf, byte(v), byte(v>>8))
			}
			w = w[k:]
		}
		return
	}
	*s = nil
	for left := n; left > 0; {
		k := min(left, pieceSize/2)
		b := c.take(2 * k)
		if b == nil {
			return
		}
		if *s == nil {
			*s = make([]uint16, 0, min(n, 1<<16))
		}
		for i := range k {
			*s = append(*s, uint16(b[2*i])|uint16(b[2*i+1])<<8)
		}
		left -= k
	}
}

// Longs visits a list of 32-bit words, kept as they are.
func (c *Coder) Longs(s *[]uint32, limit int) {
	half := make([]uint16, 0, 2*len(*s))
	for _, v := range *s {
		half = append(half, uint16(v), uint16(v>>16))
	}
	c.Words(&half, 2*limit)
	if c.r == nil || c.err != nil {
		return
	}
	if len(half)%2 != 0 {
		c.Fail("half a word at the end of a list")
		return
	}
	*s = nil
	for i := 0; i < len(half); i += 2 {
		*s = append(*s, uint32(half[i])|uint32(half[i+1])<<16)
	}
}

// Bytes visits a list of bytes.
func (c *Coder) Bytes(s *[]byte, limit int) {
	n := c.Len(len(*s), limit)
	if c.r == nil {
		for b := *s; len(b) > 0; {
			k := min(len(b), pieceSize)
			c.room(k)
			c.w.buf = append(c.w.buf, b[:k]...)
			b = b[k:]
		}
		return
	}
	*s = nil
	for left := n; left > 0; {
		k := min(left, pieceSize)
		b := c.take(k)
		if b == nil {
			return
		}
		*s = append(*s, b...)
		left -= k
	}
}

// Raw visits bytes whose number is fixed and below pieceSize.
func (c *Coder) Raw(b []byte) {
	if c.r == nil {
		c.room(len(b))
		c.w.buf = append(c.w.buf, b...)
		return
	}
	copy(b, c.take(len(b)))
}

// Text visits a string.
func (c *Coder) Text(s *string, limit int) {
	b := []byte(*s)
	c.Bytes(&b, limit)
	if c.r != nil && c.err == nil {
		*s = string(b)
	}
}
