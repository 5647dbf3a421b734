package pe

import (
	"math/bits"
	"unsafe"

	"wafer/internal/kernel"
)

// How many visits ahead of its turn a core's records are asked for: first itself with
// its ramp, then what it points to. With few cores all of it is near anyway.
const (
	farVisit   = 8
	nearVisit  = 4
	manyVisits = 64
)

// visits lets the cores of this cycle take their steps. Where there are many their
// records are not in the host's caches, so those of the next ones are asked for
// while one is at work.
func (k *Cluster) visits() {
	k.due = k.cur.List(k.due[:0])
	fetch := len(k.due) >= manyVisits
	for i, t := range k.due {
		if fetch {
			k.fetch(i)
		}
		if c := k.cores[t]; c != nil {
			k.step(c)
		}
	}
}

// fetch asks for records that the visits after the i-th need.
func (k *Cluster) fetch(i int) {
	if i+farVisit < len(k.due) {
		if c := k.cores[k.due[i+farVisit]]; c != nil {
			b := (*body)(unsafe.Pointer(c)) // a core is the first part of one
			kernel.Prefetch(unsafe.Pointer(&b.core), coreLines)
			kernel.Prefetch(unsafe.Pointer(&b.ramp), rampLines)
		}
	}
	if i+nearVisit < len(k.due) {
		if c := k.cores[k.due[i+nearVisit]]; c != nil && c.busy != 0 {
			kernel.Prefetch(unsafe.Pointer(c.ops[bits.TrailingZeros16(c.busy)]), opLines)
		}
	}
}

// Cache lines of each record that most visits read.
const (
	coreLines = 4
	rampLines = 10
	opLines   = 5
)
