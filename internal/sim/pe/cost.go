package pe

import (
	"wafer/internal/image"
	"wafer/internal/machine"
)

// form is the shape of a synchronous operation on memory; it decides the set-up.
func (o *op) vectors() (n int, bits int, reduce bool) {
	for i := range o.nsrc {
		x := &o.src[i]
		if x.at != atMem {
			continue
		}
		if x.iter.stride == ([4]int16{}) && o.dst.at == atMem && x.iter.addr == o.dst.iter.addr && o.dst.iter.stride == ([4]int16{}) {
			reduce = true
			continue
		}
		n++
		if bits += 16; x.wide {
			bits += 16
		}
	}
	return n, bits, reduce
}

// tariff is what a machine charges for operations.
type tariff struct {
	*machine.Machine
	rates [image.NumDSDOps]kindRate
}

func newTariff(m *machine.Machine) *tariff { return &tariff{m, ratesOf(m)} }

// memoryCost gives the cycles of a synchronous operation on memory, and how many
// of them are set-up.
func (t *tariff) memoryCost(o *op, d *image.DSDOp) (cycles, setup int64) {
	vec, bits, reduce := o.vectors()
	s := &t.DSD.Setup
	switch {
	case reduce:
		setup = int64(s.Reduce)
	case o.kind == image.DFmacs:
		setup = int64(s.FMA32)
	case o.kind == image.DFmach || o.kind == image.DFmachs:
		setup = int64(s.FMA16)
	case vec == 0:
		setup = int64(s.Fill)
	case o.nsrc == 1:
		setup = int64(s.Move)
	case vec == 1:
		setup = int64(s.Scale)
	default:
		setup = int64(s.Binary)
	}
	// An operand that already is in its register saves the load of one.
	for i := range int(d.NSrc) + 1 {
		m := d.Dest.Mode
		if i > 0 {
			m = d.Src[i-1].Mode
		}
		if m == image.ModeDSR {
			setup -= int64(t.Costs.LoadDSR)
		}
	}
	if s.Loaded > 0 && o.inRegisters(d) {
		setup = min(setup, int64(s.Loaded))
	}
	setup = max(1, setup)
	rate := t.rate(o, vec, bits, reduce)
	return setup + ceilDiv(int64(o.n)*1000, rate), setup
}

// inRegisters reports whether no operand's descriptor has to be loaded.
func (o *op) inRegisters(d *image.DSDOp) bool {
	if o.dst.at == atMem && d.Dest.Mode != image.ModeDSR {
		return false
	}
	for i := range int(d.NSrc) {
		if o.src[i].at == atMem && d.Src[i].Mode != image.ModeDSR {
			return false
		}
	}
	return true
}

// kindRate is what the machine says of an operation, looked up by its name once.
type kindRate struct {
	width   int64 // thousandths of an element a cycle at best
	limit   int64 // the same, for operations on memory, if limited
	limited bool
}

func ratesOf(m *machine.Machine) (rs [image.NumDSDOps]kindRate) {
	for i := range rs {
		name := image.DSDTable[i].Name
		rs[i].width = int64(max(1, m.DSD.Width[name])) * 1000
		r, ok := m.DSD.RateMilli[name]
		rs[i].limit, rs[i].limited = int64(r), ok
	}
	return rs
}

// rate gives thousandths of an element a cycle.
func (t *tariff) rate(o *op, vec, bits int, reduce bool) int64 {
	m := &t.DSD
	if reduce {
		return int64(m.ReduceMilli)
	}
	known := &t.rates[o.kind]
	width := known.width
	rate := width
	if bits > 0 {
		rate = min(rate, int64(m.ReadBits)*1000/int64(bits))
	}
	if known.limited && (vec > 0 || o.nsrc > 1) {
		rate = min(rate, known.limit)
	}
	for i := range int(o.nsrc) + 1 {
		x := &o.dst
		if i < int(o.nsrc) {
			x = &o.src[i]
		}
		if x.at == atMem {
			rate = min(rate, t.strideRate(x, width))
		}
	}
	if m.Banks && vec >= 2 && o.bankConflict() {
		rate = max(1, rate/2)
	}
	return max(1, rate)
}

// strideRate limits the rate by the innermost stride of an operand.
func (t *tariff) strideRate(x *operand, width int64) int64 {
	if t.DSD.StrideRule == "none" {
		return width
	}
	s := int64(x.iter.stride[0])
	if s < 0 {
		s = -s
	}
	full := int64(1)
	if x.wide {
		full = 2
	}
	if s == 0 || s == full {
		return width
	}
	r := width
	switch s % 8 {
	case 1, 7:
		r = 2000
	case 0:
		r = 1000
	case 4:
		r = 2000
	}
	if t.DSD.StrideRule == "linear" {
		// Measured on WSE-3: a copy with stride s runs at 8/s elements a cycle.
		r = max(min(1000, width), min(width*full/s, width))
	}
	return min(r, width)
}

// bankConflict reports whether rows that are read together meet in a bank.
func (o *op) bankConflict() bool {
	var at [3]int
	n := 0
	for i := range o.nsrc {
		if x := &o.src[i]; x.at == atMem && x.iter.stride[0] != 0 {
			at[n] = int(x.iter.addr)
			n++
		}
	}
	return banksMeet(at[:n])
}

// banksMeet is the SDK's rule for two sources: they meet in the same bank unless they
// lie four banks apart. One alignment class in four suffers.
func banksMeet(at []int) bool {
	for i := 1; i < len(at); i++ {
		if at[i]%8 == at[i-1]%8 {
			return true
		}
	}
	return false
}

// pace fixes how an operation with a queue or FIFO proceeds: elements a turn and
// cycles a turn. A queue gives or takes one wavelet a cycle.
func (t *tariff) pace(o *op) {
	vec, bits, reduce := o.vectors()
	rate := t.rate(o, vec, bits, reduce)
	o.per, o.turn = 1, 1
	if o.fabricOperand() {
		if o.dst.pair || o.anyPair() {
			o.per = 2
		}
	} else {
		o.per = uint8(max(1, min(rate/1000, 8)))
	}
	if c := ceilDiv(int64(o.per)*1000, rate); c > 1 && rate < 1000*int64(o.per) {
		o.turn = uint16(c)
	}
}

func (o *op) fabricOperand() bool {
	for i := range o.nsrc {
		if o.src[i].at == atIn {
			return true
		}
	}
	return o.dst.at == atOut
}

func (o *op) anyPair() bool {
	for i := range o.nsrc {
		if o.src[i].pair {
			return true
		}
	}
	return false
}

func ceilDiv(a, b int64) int64 { return (a + b - 1) / b }
