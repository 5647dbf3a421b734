package fabric

import (
	"wafer/internal/image"
	"wafer/internal/machine"
)

// filterState is a filter at work. Filters judge what enters the ramp, never
// what the router forwards.
//
// Counter: passes while the count is at most max, then counts on; the count
// after lim1 is 0. So of each lim1+1 wavelets the first max+1 pass, shifted by
// the initial count (published use: fft-1d-2d). With filter_control only control
// wavelets that come at the count max pass. Sparse counter: the first round ends at
// lim1, the second at lim2, and then, or where a limit is missing, all pass.
// Source: SDK documentation of @set_color_config.
// Range: passes indices (upper half of the wavelet) from min to max, and control
// wavelets always.
type filterState struct {
	image.Filter
	color uint8
	count uint16
	off   bool // a sparse counter that has come to its end
}

func newFilterState(c uint8, f *image.Filter) filterState {
	return filterState{Filter: *f, color: c, count: f.Init, off: f.Kind == image.FilterSparse && f.Lim1 == 0}
}

// judge says whether a wavelet passes, and counts it.
func (f *filterState) judge(w Word) bool {
	if f.Kind == image.FilterRange {
		idx := uint16(w.Data >> 16)
		return w.Ctrl || idx >= f.MinIdx && idx <= f.MaxIdx
	}
	pass := f.passes(w)
	if w.Ctrl && !f.CountCtrl || !w.Ctrl && !f.CountData {
		return pass
	}
	if f.count++; f.count > f.Lim1 || f.count == 0 {
		f.count = 0
		if f.Kind == image.FilterSparse {
			f.Lim1, f.Lim2, f.off = f.Lim2, 0, f.Lim2 == 0
		}
	}
	return pass
}

// passes tells what judge would say, without counting. Control wavelets pass a
// counter that does not count them.
func (f *filterState) passes(w Word) bool {
	if f.Kind == image.FilterRange {
		idx := uint16(w.Data >> 16)
		return w.Ctrl || idx >= f.MinIdx && idx <= f.MaxIdx
	}
	switch {
	case f.off:
		return true
	case f.OnlyCtrl:
		return w.Ctrl && f.count == f.Max
	}
	return w.Ctrl && !f.CountCtrl || f.count <= f.Max
}

// filter gives the filter of a colour, nil if there is none.
func (r *Ramp) filter(c uint8) *filterState {
	for i := range r.filters {
		if r.filters[i].color == c {
			return &r.filters[i]
		}
	}
	return nil
}

// ReadFilter gives a register of a colour's filter; see machine.RegFilter.
func (r *Ramp) ReadFilter(c uint8, reg uint16) uint16 {
	f := r.filter(c)
	if f == nil {
		return 0
	}
	switch reg {
	case machine.FilterLimit1:
		return f.Lim1
	case machine.FilterMax:
		return f.Max
	case machine.FilterCounter:
		return f.count
	case machine.FilterLimit2:
		return f.Lim2
	case machine.FilterMin:
		return f.MinIdx
	case machine.FilterMaxIdx:
		return f.MaxIdx
	case machine.FilterState:
		if f.count > f.Max {
			return 1
		}
	}
	return 0
}

// WriteFilter sets a register of a colour's filter. Writing to a colour without
// one does nothing, as on a register nobody reads.
func (r *Ramp) WriteFilter(c uint8, reg, v uint16) {
	f := r.filter(c)
	if f == nil {
		return
	}
	switch reg {
	case machine.FilterLimit1:
		f.Lim1 = v
	case machine.FilterMax:
		f.Max = v
	case machine.FilterCounter:
		f.count = v
	case machine.FilterLimit2:
		f.Lim2 = v
	case machine.FilterMin:
		f.MinIdx = v
	case machine.FilterMaxIdx:
		f.MaxIdx = v
	case machine.FilterState:
		if v != 0 {
			f.count = f.Max + 1
		} else {
			f.count = 0
		}
	}
}
