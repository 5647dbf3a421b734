package fabric

import "wafer/internal/machine"

// Digest feeds everything about tile t that a program can notice to put. Times
// are given relative to now, so that the digest does not depend on history.
func (g *Grid) Digest(t int32, now int64, put func(...uint64)) {
	for c := range machine.Colors {
		if s := g.routers[t].at(uint8(c)); s != 0 {
			put(uint64(c), uint64(s))
		}
	}
	for i, end := g.channels(t); i < end; i++ {
		ch := &g.chans[i]
		for k := uint8(0); k < ch.n; k++ {
			j := (ch.head + k) % Slots
			put(uint64(ch.key), uint64(ch.data[j]), uint64(ch.ctrl>>j&1), age(ch.ready[j], now))
		}
	}
	r := g.Ramps[t]
	if r == nil {
		return
	}
	for q := range r.In {
		r.In[q].digest(uint64(q), now, put)
	}
	for q := range r.Out {
		r.Out[q].digest(uint64(q)+InQueues, now, put)
	}
	for i := range r.filters {
		put(uint64(r.filters[i].color), uint64(r.filters[i].count))
	}
	for i := range r.host {
		put(uint64(r.host[i].Color), uint64(len(r.host[i].Words)-r.host[i].Taken))
	}
}

func (q *Queue) digest(id uint64, now int64, put func(...uint64)) {
	for k := range int(q.N) {
		it := q.At(k)
		var ctrl uint64
		if it.Ctrl {
			ctrl = 1
		}
		put(id, uint64(it.Data), uint64(it.Color)<<1|ctrl, age(it.Ready, now))
	}
}

// age is how far in the future a stamp lies, 0 when it has passed.
func age(ready uint32, now int64) uint64 {
	return uint64(max(0, int32(ready-uint32(now))))
}
