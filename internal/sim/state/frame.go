package state

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
)

// The file, all numbers little end first:
//
//	 8 bytes  magic "WAFERCKP"
//	 4 bytes  Version
//	blocks    4 bytes length of the values in it, 4 bytes length as stored, then
//	          the values, deflated; a length of 0 ends the blocks
//	 8 bytes  length of all values
//	32 bytes  SHA-256 of everything before
//
// No value lies across the border of two blocks.
const magic = "WAFERCKP"

// Version is the number of the form. It goes up whenever what is visited changes;
// a test holds it against the fields of the simulation.
const Version = 2

// Sizes of blocks, in bytes. A value is at most a piece, so a block holds a piece
// more than blockSize at the most.
const (
	blockSize  = 1 << 20
	pieceSize  = 1 << 16
	maxBlock   = blockSize + pieceSize
	maxPacked  = maxBlock + maxBlock/8
	headSize   = len(magic) + 4
	footerSize = 8 + sha256.Size
)

// Kind says what is wrong with a file.
type Kind uint8

// The kinds.
const (
	Foreign   Kind = iota // no checkpoint at all
	Other                 // a checkpoint of another version
	Truncated             // it ends in the middle
	Damaged               // its checksum is wrong, or a value that cannot be
)

// Problem is what is wrong with a file, and where.
type Problem struct {
	Kind Kind
	At   int64 // byte of the file, near enough
	What string
}

// Error describes the problem.
func (p *Problem) Error() string { return fmt.Sprintf("byte %d: %s", p.At, p.What) }

type writer struct {
	out   io.Writer
	buf   []byte
	z     *flate.Writer
	pack  bytes.Buffer
	sum   hash.Hash
	total uint64
}

type reader struct {
	in    io.Reader
	buf   []byte
	pos   int
	z     io.ReadCloser
	pack  []byte
	sum   hash.Hash
	total uint64
	at    int64 // bytes of the file that were read
	ended bool
}

// NewWriter gives a Coder that writes to out. Close ends the file.
func NewWriter(out io.Writer) *Coder {
	z, err := flate.NewWriter(nil, flate.BestSpeed)
	if err != nil { // only a wrong level makes one
		return &Coder{w: &writer{}, err: err}
	}
	w := &writer{out: out, z: z, sum: sha256.New(), buf: make([]byte, 0, maxBlock)}
	c := &Coder{w: w}
	c.emit(binary.LittleEndian.AppendUint32([]byte(magic), Version))
	return c
}

// NewReader gives a Coder that reads from in. Close checks the end of the file.
func NewReader(in io.Reader) *Coder {
	c := &Coder{r: &reader{in: in, sum: sha256.New()}}
	var head [headSize]byte
	n, err := io.ReadFull(in, head[:])
	c.r.at = int64(n)
	switch {
	case string(head[:min(n, len(magic))]) != magic[:min(n, len(magic))] || n == 0:
		c.err = &Problem{Kind: Foreign, What: "it does not begin like a checkpoint"}
	case err != nil:
		c.short(err)
	case binary.LittleEndian.Uint32(head[len(magic):]) != Version:
		c.err = &Problem{Kind: Other, At: int64(len(magic)), What: fmt.Sprintf("it has version %d and this wafer reads %d", binary.LittleEndian.Uint32(head[len(magic):]), Version)}
	}
	c.r.sum.Write(head[:])
	return c
}

func (c *Coder) emit(b []byte) {
	if c.err != nil {
		return
	}
	c.w.sum.Write(b)
	if _, err := c.w.out.Write(b); err != nil {
		c.err = fmt.Errorf("write checkpoint: %w", err)
	}
}

// room makes sure that n more bytes fit into the block.
func (c *Coder) room(n int) {
	if len(c.w.buf)+n > maxBlock || len(c.w.buf) >= blockSize {
		c.flush()
	}
}

func (c *Coder) putUvarint(v uint64) {
	if len(c.w.buf) >= blockSize {
		c.flush()
	}
	c.w.buf = binary.AppendUvarint(c.w.buf, v)
}

// flush writes a block.
func (c *Coder) flush() {
	w := c.w
	if len(w.buf) == 0 || c.err != nil {
		w.buf = w.buf[:0]
		return
	}
	w.pack.Reset()
	w.z.Reset(&w.pack)
	_, err := w.z.Write(w.buf)
	if err = errors.Join(err, w.z.Close()); err != nil {
		c.err = fmt.Errorf("write checkpoint: %w", err)
		return
	}
	head := binary.LittleEndian.AppendUint32(nil, uint32(len(w.buf)))
	c.emit(binary.LittleEndian.AppendUint32(head, uint32(w.pack.Len())))
	c.emit(w.pack.Bytes())
	w.total += uint64(len(w.buf))
	w.buf = w.buf[:0]
}

// Close ends a file that is written, or checks the end of one that is read.
func (c *Coder) Close() error {
	if c.r != nil {
		return c.closeReader()
	}
	c.flush()
	end := binary.LittleEndian.AppendUint32(nil, 0)
	c.emit(binary.LittleEndian.AppendUint64(end, c.w.total))
	c.emit(c.w.sum.Sum(nil))
	return c.err
}

func (c *Coder) closeReader() error {
	r := c.r
	if c.err == nil && r.pos < len(r.buf) {
		c.Fail("%d bytes more than are read", len(r.buf)-r.pos)
	}
	if c.err == nil && c.fill() {
		c.Fail("more values than are read")
	}
	if p := new(Problem); c.err != nil && errors.As(c.err, &p) && p.Kind == Damaged && !r.ended {
		return c.err
	}
	var end [footerSize]byte
	n, err := io.ReadFull(r.in, end[:])
	if r.at += int64(n); c.err != nil {
		return c.err
	} else if err != nil {
		c.short(err)
		return c.err
	}
	r.sum.Write(end[:8])
	switch {
	case binary.LittleEndian.Uint64(end[:]) != r.total:
		c.Fail("it has %d bytes of values and says %d", r.total, binary.LittleEndian.Uint64(end[:]))
	case !bytes.Equal(r.sum.Sum(nil), end[8:]):
		c.Fail("the checksum is wrong")
	default:
		if k, _ := r.in.Read(make([]byte, 1)); k > 0 {
			c.Fail("bytes follow the end")
		}
	}
	return c.err
}

// short notes that the file ends too early, or cannot be read.
func (c *Coder) short(err error) {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		c.err = &Problem{Kind: Truncated, At: c.r.at, What: "it ends in the middle"}
		return
	}
	c.err = fmt.Errorf("read checkpoint: %w", err)
}

// full reads exactly b.
func (c *Coder) full(b []byte) bool {
	n, err := io.ReadFull(c.r.in, b)
	c.r.at += int64(n)
	if err != nil {
		c.short(err)
		return false
	}
	c.r.sum.Write(b)
	return true
}

// fill reads the next block; false at the last one or at a problem.
func (c *Coder) fill() bool {
	r := c.r
	r.buf, r.pos = r.buf[:0], 0
	var head [8]byte
	if r.ended || c.err != nil || !c.full(head[:4]) {
		return false
	}
	n := binary.LittleEndian.Uint32(head[:])
	if n == 0 {
		r.ended = true
		return false
	}
	if !c.full(head[4:]) {
		return false
	}
	k := binary.LittleEndian.Uint32(head[4:])
	if n > maxBlock || k > maxPacked {
		c.Fail("a block of %d bytes, %d as stored", n, k)
		return false
	}
	if cap(r.pack) < int(k) {
		r.pack = make([]byte, k)
	}
	if r.pack = r.pack[:k]; !c.full(r.pack) {
		return false
	}
	return c.unpack(int(n))
}

// unpack inflates the block in r.pack to n bytes.
func (c *Coder) unpack(n int) bool {
	r := c.r
	if r.z == nil {
		r.z = flate.NewReader(bytes.NewReader(r.pack))
	} else if err := r.z.(flate.Resetter).Reset(bytes.NewReader(r.pack), nil); err != nil {
		c.Fail("a block cannot be unpacked: %v", err)
		return false
	}
	if cap(r.buf) < n {
		r.buf = make([]byte, 0, maxBlock)
	}
	r.buf = r.buf[:n]
	if _, err := io.ReadFull(r.z, r.buf); err != nil {
		r.buf = r.buf[:0]
		c.Fail("a block cannot be unpacked: %v", err)
		return false
	}
	if k, _ := r.z.Read(make([]byte, 1)); k > 0 {
		r.buf = r.buf[:0]
		c.Fail("a block is longer than it says")
		return false
	}
	r.total += uint64(n)
	return true
}

// take gives the next n bytes, nil at a problem.
func (c *Coder) take(n int) []byte {
	r := c.r
	if n == 0 || c.err != nil {
		return nil
	}
	if r.pos == len(r.buf) && !c.more() {
		return nil
	}
	if len(r.buf)-r.pos < n {
		c.Fail("a value of %d bytes lies across two blocks", n)
		return nil
	}
	r.pos += n
	return r.buf[r.pos-n : r.pos]
}

// more is fill where a value must follow.
func (c *Coder) more() bool {
	if c.fill() {
		return true
	}
	c.Fail("the values end too early")
	return false
}

func (c *Coder) uvarint() uint64 {
	r := c.r
	if c.err != nil || r.pos == len(r.buf) && !c.more() {
		return 0
	}
	v, n := binary.Uvarint(r.buf[r.pos:])
	if n <= 0 {
		c.Fail("a number does not end")
		return 0
	}
	r.pos += n
	return v
}

// place is the byte of the file near which a reader is.
func (c *Coder) place() int64 {
	if c.r == nil {
		return 0
	}
	return c.r.at
}
