// Package wire lets a program in another language drive a Host: it starts our
// binary as a child process and speaks packets over stdin and stdout, so no
// shared library and no C is needed.
//
// In: requests. Out: one response for each, in order. A packet is
//
//	u32  length of what follows
//	u32  request number times two, plus one in a response
//	u32  length of the head
//	head: a JSON object
//	rest: bytes, for arrays; 32-bit elements, little end first
//
// All integers are little end first. docs/spec/wire.md lists the requests.
package wire

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Version is the number that both sides must agree on.
const Version = 1

// MaxPacket bounds a packet: the memory of the largest wafer is 43 GB, and arrays
// of one copy stay far below that.
const MaxPacket = 1 << 31

// MaxHead bounds the JSON of a packet.
const MaxHead = 64 << 20

// ErrPacket says that the other side does not speak our form.
var ErrPacket = errors.New("malformed packet")

// Packet is one request or response.
type Packet struct {
	ID       uint32
	Response bool
	Head     json.RawMessage
	Data     []byte
}

// Write sends a packet.
func Write(w io.Writer, p Packet) error {
	n := 8 + len(p.Head) + len(p.Data)
	if n > MaxPacket || len(p.Head) > MaxHead {
		return fmt.Errorf("%w: %d bytes are too many", ErrPacket, n)
	}
	head := make([]byte, 0, 12+len(p.Head))
	head = binary.LittleEndian.AppendUint32(head, uint32(n))
	id := p.ID << 1
	if p.Response {
		id |= 1
	}
	head = binary.LittleEndian.AppendUint32(head, id)
	head = binary.LittleEndian.AppendUint32(head, uint32(len(p.Head)))
	if _, err := w.Write(append(head, p.Head...)); err != nil {
		return fmt.Errorf("send packet: %w", err)
	}
	if len(p.Data) == 0 {
		return nil
	}
	if _, err := w.Write(p.Data); err != nil {
		return fmt.Errorf("send packet: %w", err)
	}
	return nil
}

// Read receives a packet. io.EOF means that the other side closed in good order.
func Read(r io.Reader) (Packet, error) {
	var head [12]byte
	if _, err := io.ReadFull(r, head[:4]); errors.Is(err, io.EOF) {
		return Packet{}, io.EOF
	} else if err != nil {
		return Packet{}, fmt.Errorf("%w: %w", ErrPacket, err)
	}
	n := binary.LittleEndian.Uint32(head[:])
	if n < 8 || n > MaxPacket {
		return Packet{}, fmt.Errorf("%w: length %d", ErrPacket, n)
	}
	if _, err := io.ReadFull(r, head[4:]); err != nil {
		return Packet{}, fmt.Errorf("%w: %w", ErrPacket, err)
	}
	id, h := binary.LittleEndian.Uint32(head[4:]), binary.LittleEndian.Uint32(head[8:])
	if h > n-8 || h > MaxHead {
		return Packet{}, fmt.Errorf("%w: head of %d in %d bytes", ErrPacket, h, n)
	}
	body, err := readN(r, int(n-8))
	if err != nil {
		return Packet{}, fmt.Errorf("%w: %w", ErrPacket, err)
	}
	return Packet{ID: id >> 1, Response: id&1 == 1, Head: body[:h:h], Data: body[h:]}, nil
}

// readN grows its buffer with what arrives, so that a false length costs nothing.
func readN(r io.Reader, n int) ([]byte, error) {
	const step = 1 << 20
	buf := make([]byte, 0, min(n, step))
	for len(buf) < n {
		k := min(step, n-len(buf))
		at := len(buf)
		buf = append(buf, make([]byte, k)...)
		if _, err := io.ReadFull(r, buf[at:]); err != nil {
			return nil, err
		}
	}
	return buf, nil
}

func toBytes(v []uint32) []byte {
	out := make([]byte, 0, 4*len(v))
	for _, w := range v {
		out = binary.LittleEndian.AppendUint32(out, w)
	}
	return out
}

func fromBytes(b []byte) []uint32 {
	out := make([]uint32, len(b)/4)
	for i := range out {
		out[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
	return out
}

func wordBytes(v []uint16) []byte {
	out := make([]byte, 0, 2*len(v))
	for _, w := range v {
		out = binary.LittleEndian.AppendUint16(out, w)
	}
	return out
}

func bytesWords(b []byte) []uint16 {
	out := make([]uint16, len(b)/2)
	for i := range out {
		out[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return out
}
