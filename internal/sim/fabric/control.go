package fabric

import "wafer/internal/image"

// A control wavelet carries eight commands of three bits: a two-bit opcode, then
// a bit that keeps it from the core. The list starts at bit 22, goes up to bit
// 29, wraps to bit 0 and ends at bit 15. Bits 16–21 name a control task.
// Source: public encoders (25-pt-stencil, spmv-hypersparse).
const (
	cmdNop = iota
	cmdAdvance
	cmdReset
	cmdTeardown
)

const (
	cmdShift  = 22
	cmdBits   = 3
	noCore    = 1 << 24 // the first command keeps the wavelet from the core
	listHigh  = 0x3fc00000
	listLow   = 0x0000ffff
	EntryBits = 0x3f // of Data >> 16
)

// OwnAdvance is what an operation with advance_switch puts behind its last
// wavelet: ADVANCE for the core's own router, where it ends. On a link it would
// double the time of the published star reduction of one word (HPDC'24), whose
// senders use advance_switch: ASSUMED(advance-switch). It names control task 63,
// which no published program has.
const OwnAdvance = EntryBits<<16 | 1<<22 | 1<<24 | 1<<27 | 0x9249

// command gives the first opcode of a control wavelet.
func command(data uint32) uint32 { return data >> cmdShift & 3 }

// popped removes the first command. The last place is filled with a NOP that is
// kept from the core: a published remark gives 0x9df9249 → 0x91f9249.
func popped(data uint32) uint32 {
	list := uint32(data&listHigh>>cmdShift) | data&listLow<<8
	list = list>>cmdBits | 4<<21
	return data&^uint32(listHigh|listLow) | list<<cmdShift&listHigh | list>>8&listLow
}

// obey lets a control wavelet act on the router of tile t after it was
// forwarded, and says whether its first command is to be removed.
func (g *Grid) obey(t int32, c uint8, data uint32) (pop bool) {
	r := &g.routers[t]
	e := &r.table.Routes[c]
	before := r.at(c)
	s := before
	advanced := false
	switch command(data) {
	case cmdAdvance:
		pos := e.advance(s & statePos)
		advanced = pos != s&statePos
		s = s&^statePos | pos
	case cmdReset:
		s &^= statePos
	case cmdTeardown:
		s |= stateTorn
		g.Torn = append(g.Torn, Torn{t, c})
		g.Wake.Set(t)
	}
	if s != before {
		r.set(c, s)
		g.forget(t, c)
	}
	switch e.Pop {
	case image.AlwaysPop:
		return true
	case image.PopOnAdvance:
		return advanced
	case image.PopOnAdvanceNop:
		return advanced || command(data) == cmdNop
	}
	return false
}
