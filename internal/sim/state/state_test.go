package state

import (
	"bytes"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
)

// everything is one value of each form.
type everything struct {
	a  int8
	b  uint64
	c  int64
	d  bool
	at int64
	st uint32
	w  []uint16
	l  []uint32
	y  []byte
	s  string
	n  []int32
	r  [5]byte
}

func (e *everything) visit(c *Coder) {
	Num(c, &e.a)
	Num(c, &e.b)
	Num(c, &e.c)
	c.Bool(&e.d)
	c.Time(&e.at)
	c.Stamp(&e.st)
	c.Words(&e.w, 1<<20)
	c.Longs(&e.l, 1<<20)
	c.Bytes(&e.y, 1<<22)
	c.Text(&e.s, 100)
	Slice(c, &e.n, 1<<20, func(v *int32) { Between(c, v, -5, 5000) })
	c.Raw(e.r[:])
}

func written(t *testing.T, now int64, visit func(*Coder)) []byte {
	t.Helper()
	var b bytes.Buffer
	c := NewWriter(&b)
	c.Now = now
	visit(c)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestValuesComeBack moves the ends of every range, and lists longer than a block.
func TestValuesComeBack(t *testing.T) {
	long := everything{r: [5]byte{1, 2, 3, 4, 5}}
	for i := range 700_000 {
		long.w, long.y = append(long.w, uint16(i*7)), append(long.y, byte(i), byte(i>>8), 9)
		if i%3 == 0 {
			long.l, long.n = append(long.l, uint32(i*i)), append(long.n, int32(i%4999))
		}
	}
	for i, e := range []everything{
		{},
		{a: -128, b: math.MaxUint64, c: math.MinInt64, d: true, at: math.MinInt64, st: math.MaxUint32, s: "ä"},
		{a: 127, c: math.MaxInt64, at: math.MaxInt64, st: 1, w: []uint16{0, 65535}, l: []uint32{math.MaxUint32}, n: []int32{-5, 4999}},
		long,
	} {
		data := written(t, 1<<40, e.visit)
		var got everything
		c := NewReader(bytes.NewReader(data))
		c.Now = 1 << 40
		got.visit(c)
		if err := c.Close(); err != nil {
			t.Fatalf("case %d: %v", i, err)
		}
		if got.a != e.a || got.b != e.b || got.c != e.c || got.d != e.d || got.at != e.at || got.st != e.st || got.s != e.s || got.r != e.r ||
			!slices.Equal(got.w, e.w) || !slices.Equal(got.l, e.l) || !bytes.Equal(got.y, e.y) || !slices.Equal(got.n, e.n) {
			t.Errorf("case %d does not come back", i)
		}
	}
}

// TestWrongValuesAreNamed reads values that do not fit where they are read.
func TestWrongValuesAreNamed(t *testing.T) {
	many := 1 << 40
	for _, c := range []struct {
		name        string
		write, read func(*Coder)
		want        string
	}{
		{"too large", func(c *Coder) { v := 300; Num(c, &v) }, func(c *Coder) { var v int8; Num(c, &v) }, "does not fit"},
		{"out of range", func(c *Coder) { v := 9; Num(c, &v) }, func(c *Coder) { var v int; Below(c, &v, 9) }, "9 is not from 0 to 8"},
		{"long list", func(c *Coder) { c.Len(many, many) }, func(c *Coder) { var v []uint16; c.Words(&v, 10) }, "at most 10"},
		{"list without elements", func(c *Coder) { c.Len(many, many) }, func(c *Coder) { var v []int; Slice(c, &v, many, func(p *int) { Num(c, p) }) }, "end too early"},
		{"words without words", func(c *Coder) { c.Len(many, many) }, func(c *Coder) { var v []uint16; c.Words(&v, many) }, "end too early"},
		{"too little", func(*Coder) {}, func(c *Coder) { var v int; Num(c, &v) }, "end too early"},
		{"too much", func(c *Coder) { v := 1; Num(c, &v, &v) }, func(c *Coder) { var v int; Num(c, &v) }, "more than are read"},
		{"no truth", func(c *Coder) { v := 2; Num(c, &v) }, func(c *Coder) { var v bool; c.Bool(&v) }, "not from 0 to 1"},
	} {
		r := NewReader(bytes.NewReader(written(t, 0, c.write)))
		c.read(r)
		err := r.Close()
		if p := new(Problem); !errors.As(err, &p) || p.Kind != Damaged || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestSmallNumbersAreShort holds the size that the whole form is chosen for.
func TestSmallNumbersAreShort(t *testing.T) {
	at, stamp := int64(1<<40+3), uint32(5)
	c := NewWriter(io.Discard)
	c.Now = 1 << 40
	c.Time(&at)
	c.Stamp(&stamp)
	if n := len(c.w.buf); n != 2 {
		t.Errorf("two times near the present one take %d bytes", n)
	}
}
