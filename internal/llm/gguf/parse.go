package gguf

import (
	"fmt"
	"math"
)

// parse reads header, metadata and tensor table from the start of a part.
func parse(f *File, c *cursor) error {
	tensors, keys := readHeader(f, c)
	readMetadata(f, c, keys)
	readTable(f, c, tensors)
	if c.err != nil {
		return c.err
	}
	return layout(f, c)
}

func readHeader(f *File, c *cursor) (tensors, keys uint64) {
	if c.size < 4 {
		c.err = notGGUF(c.name, fmt.Sprintf("it has %d bytes and the magic alone takes 4", c.size))
		return 0, 0
	}
	magic := string(c.bytes(4, "the magic"))
	if c.err == nil && magic != "GGUF" {
		c.err = notGGUF(c.name, fmt.Sprintf("it starts with %q and not with \"GGUF\"", magic))
		return 0, 0
	}
	f.Version = c.u32("the version")
	switch v := f.Version; {
	case c.err != nil:
	case v&0xffff == 0:
		// A big-endian version 3 reads as 0x03000000.
		c.fail(codeVersion, "use the little-endian file of the same model", "the file is in big-endian byte order (version reads as 0x%08x), which is not read", v)
	case v != 2 && v != 3:
		c.fail(codeVersion, cureNotOurs, "GGUF version %d is not known, versions 2 and 3 are", v)
	}
	tensors, keys = c.u64("the tensor count"), c.u64("the key count")
	if c.err == nil && tensors > maxTensors {
		c.limit("tensor count", tensors, maxTensors)
	}
	if c.err == nil && keys > maxKeys {
		c.limit("key count", keys, maxKeys)
	}
	return tensors, keys
}

func readMetadata(f *File, c *cursor, n uint64) {
	f.meta = make(map[string]Value, min(n, 1024))
	for range n {
		key := c.str("a metadata key", maxNameBytes)
		at := c.off
		t := ValueType(c.u32("the type of key " + quote(key)))
		v := c.value(key, t, 0)
		if c.err != nil {
			return
		}
		if _, dup := f.meta[key]; dup {
			c.failAt(at, codeMalformed, cureNotOurs, "metadata key %s appears twice", quote(key))
			return
		}
		f.keys = append(f.keys, key)
		f.meta[key] = v
	}
	a, ok := f.Uint("general.alignment")
	if !ok {
		return
	}
	if a == 0 || a > maxAlign || a&(a-1) != 0 {
		c.fail(codeMalformed, cureNotOurs, "general.alignment is %d and must be a power of two up to %d", a, maxAlign)
		return
	}
	f.Align = int64(a)
}

func readTable(f *File, c *cursor, n uint64) {
	f.byName = make(map[string]int, min(n, 4096))
	for range n {
		at := c.off
		t := readTensor(c)
		if c.err != nil {
			return
		}
		if _, dup := f.byName[t.Name]; dup {
			c.failAt(at, codeMalformed, cureNotOurs, "tensor %s appears twice", quote(t.Name))
			return
		}
		f.byName[t.Name] = len(f.Tensors)
		f.Tensors = append(f.Tensors, t)
	}
}

func readTensor(c *cursor) Tensor {
	t := Tensor{Name: c.str("a tensor name", maxNameBytes)}
	rank := c.u32("the rank of tensor " + quote(t.Name))
	if c.err == nil && (rank == 0 || rank > maxDims) {
		c.fail(codeMalformed, cureNotOurs, "tensor %s has %d dimensions, 1 to %d are possible", quote(t.Name), rank, maxDims)
		return t
	}
	total := uint64(1)
	for range rank {
		d := c.u64("a dimension of tensor " + quote(t.Name))
		// Division keeps the check itself from overflowing.
		if c.err == nil && (d == 0 || d > maxElements/total) {
			c.fail(codeLimit, cureNotOurs, "tensor %s has a dimension of %d, which makes it empty or larger than %d values", quote(t.Name), d, uint64(maxElements))
			return t
		}
		total *= max(d, 1)
		t.Dims = append(t.Dims, int(d))
	}
	t.Type = Type(c.u32("the type of tensor " + quote(t.Name)))
	t.offset = int64(min(c.u64("the offset of tensor "+quote(t.Name)), math.MaxInt64))
	if c.err == nil {
		checkType(c, &t)
	}
	return t
}

func checkType(c *cursor, t *Tensor) {
	block, bytes := t.Type.Block()
	if block == 0 {
		c.fail(codeType, "use a file quantised as "+readableTypes(), "tensor %s has type %s, which is not read", quote(t.Name), t.Type)
		return
	}
	if t.Dims[0]%block != 0 {
		c.fail(codeMalformed, cureNotOurs, "tensor %s has rows of %d values, and type %s needs a multiple of %d", quote(t.Name), t.Dims[0], t.Type, block)
		return
	}
	t.Size = int64(t.Elements()/block) * int64(bytes)
}

// layout turns table offsets into absolute ones and checks them.
func layout(f *File, c *cursor) error {
	start := (c.off + f.Align - 1) &^ (f.Align - 1)
	for i := range f.Tensors {
		t := &f.Tensors[i]
		rel := t.offset
		if rel%f.Align != 0 {
			return mistake(c.name, codeMalformed, cureNotOurs, "the data of tensor %s is at offset %d, not a multiple of the alignment %d", quote(t.Name), rel, f.Align)
		}
		if rel > c.size || start+rel > c.size || t.Size > c.size-start-rel {
			// Unsigned sums: offset and size are each below 2^63.
			from := uint64(start) + uint64(rel)
			return mistake(c.name, codeExtent, cureDownload, "tensor %s needs bytes %d to %d and the file ends at byte %d", quote(t.Name), from, from+uint64(t.Size), c.size)
		}
		t.offset = start + rel
	}
	return nil
}

// quote shortens names from the file for messages.
func quote(s string) string {
	const most = 64
	if len(s) > most {
		s = s[:most] + "…"
	}
	return fmt.Sprintf("%q", s)
}
