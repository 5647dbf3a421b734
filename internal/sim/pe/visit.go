package pe

import (
	"math/bits"
	"unsafe"

	"wafer/internal/kernel"
)

// visits lets the cores of this cycle take their steps. Where there are many their
// records are not in the host's caches, so those of the next ones are asked for
// while one is at work.
func (k *Cluster) visits() {
	k.due = k.cur.List(k.due[:0])
	const far, near, least = 8, 4, 64
	due := k.due
	if len(due) < least {
		for _, t := range due {
			if c := k.cores[t]; c != nil {
				k.step(c)
			}
		}
		return
	}
	for i, t := range due {
		if i+far < len(due) {
			if c := k.cores[due[i+far]]; c != nil {
				kernel.Prefetch(unsafe.Pointer(c), 4)
				kernel.Prefetch(unsafe.Pointer(uintptr(unsafe.Pointer(c))+unsafe.Sizeof(*c)), 10)
			}
		}
		if i+near < len(due) {
			if c := k.cores[due[i+near]]; c != nil && c.busy != 0 {
				o := c.ops[bits.TrailingZeros16(c.busy)]
				kernel.Prefetch(unsafe.Pointer(o), 5)
			}
		}
		if c := k.cores[t]; c != nil {
			k.step(c)
		}
	}
}
