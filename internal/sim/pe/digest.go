package pe

// Digest feeds everything about the core of tile t that a program can notice to
// put.
func (k *Cluster) Digest(t int32, put func(...uint64)) {
	c := k.cores[t]
	if c == nil {
		return
	}
	put(uint64(c.x), uint64(c.y), c.active, c.blocked, uint64(c.state), uint64(uint32(c.pc)), uint64(max(0, c.ready-k.Now)), uint64(c.busy))
	last := len(c.mem)
	for last > 0 && c.mem[last-1] == 0 {
		last-- // memory that was never touched reads as zero
	}
	for i := 0; i < last; i += 4 {
		var v uint64
		for j := range min(4, last-i) {
			v |= uint64(c.mem[i+j]) << (16 * j)
		}
		put(v)
	}
	for s := range c.ops {
		if o := c.ops[s]; o != nil {
			put(uint64(s), uint64(o.kind), uint64(o.n), uint64(o.done))
		}
	}
	for i := range c.fifos {
		put(uint64(c.fifos[i].read), uint64(c.fifos[i].n))
	}
}
