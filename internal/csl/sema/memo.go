package sema

import "hash/maphash"

// Comptime calls are remembered: layouts call the same functions with the same
// arguments for every core. A call may be remembered if it only computed, which
// s.effects tells: everything that changes or reads more than its arguments
// counts there. Comptime values never change once they are shared.

// memoSlots is the number of calls remembered for one function. They are found by
// hash; a newer call takes the place of an older one.
const memoSlots = 64

// memoCall is one remembered call.
type memoCall struct {
	args   []Value
	result Value
	full   bool
}

// memoSlot finds the place for a call of f; nil if it cannot be remembered.
func (s *sema) memoSlot(f *fnVal, bs []bound) *memoCall {
	if f.decl.Task || s.fr.top {
		return nil
	}
	var h maphash.Hash
	h.SetSeed(s.seed)
	for i := range bs {
		if bs[i].x.T.kind == KPtr || bs[i].x.T.isAggregate() {
			return nil // may lead to variables of the caller
		}
		hashValue(&h, bs[i].x.V)
	}
	if f.memo == nil {
		f.memo = make([]memoCall, memoSlots)
	}
	return &f.memo[h.Sum64()%memoSlots]
}

func (m *memoCall) holds(bs []bound) bool {
	if !m.full || len(m.args) != len(bs) {
		return false
	}
	for i := range bs {
		if !same(m.args[i], bs[i].x.V) {
			return false
		}
	}
	return true
}

func (m *memoCall) fill(bs []bound, result Value) {
	m.args = m.args[:0]
	for i := range bs {
		m.args = append(m.args, bs[i].x.V)
	}
	m.result, m.full = share(result), true
}
