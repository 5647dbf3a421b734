package host

import (
	"fmt"

	"wafer/internal/image"
	"wafer/internal/machine"
)

// Order says how a tensor A[h][w][l] lies in a flat array.
type Order uint8

// RowMajor lets the last index run fastest, ColMajor the first.
const (
	RowMajor Order = iota
	ColMajor
)

// Spread says which cores of the region get which part of an array that goes in.
type Spread uint8

// Scatter gives every core its own part. RowBcast takes one part for each row of
// cores and ColBcast one for each column. Strided leaves cores out; its array lies
// as that of Scatter: ASSUMED(h2d-stride-order).
const (
	Scatter Spread = iota
	RowBcast
	ColBcast
	Strided
)

// Region is a region of interest: where a copy or a stream goes and how its array
// lies. L is the number of elements for each core.
type Region struct {
	X, Y, W, H, L int
	Order         Order
	Spread        Spread
	// StrideX and StrideY are the steps between cores for Strided.
	StrideX, StrideY int
	// Bits is 16 or 32. Arrays have 32-bit elements in both cases; with 16 bits
	// the low half of each counts (SDK documentation, memcpy data types).
	Bits int
}

// dims gives the number of parts in x and y.
func (r Region) dims() (w, h int) {
	switch r.Spread {
	case RowBcast:
		return 1, r.H
	case ColBcast:
		return r.W, 1
	case Strided:
		return (r.W-1)/r.StrideX + 1, (r.H-1)/r.StrideY + 1
	}
	return r.W, r.H
}

// Len is the number of elements of the array that belongs to the region.
func (r Region) Len() int {
	w, h := r.dims()
	return w * h * r.L
}

// at gives the place in the array of element k of part (i across, j down).
func (r Region) at(i, j, k int) int {
	w, h := r.dims()
	if r.Order == ColMajor {
		return j + h*(i+w*k)
	}
	return (j*w+i)*r.L + k
}

// each visits the cores of the region with the part that is theirs.
func (r Region) each(visit func(x, y, i, j int) error) error {
	stepX, stepY := 1, 1
	if r.Spread == Strided {
		stepX, stepY = r.StrideX, r.StrideY
	}
	for dy := 0; dy < r.H; dy += stepY {
		for dx := 0; dx < r.W; dx += stepX {
			i, j := dx/stepX, dy/stepY
			switch r.Spread {
			case RowBcast:
				i = 0
			case ColBcast:
				j = 0
			}
			if err := visit(r.X+dx, r.Y+dy, i, j); err != nil {
				return err
			}
		}
	}
	return nil
}

// Elements checks a region against the rectangle and gives the length of the array
// that belongs to it.
func (h *Host) Elements(r Region) (int, error) {
	if r.Bits != 16 && r.Bits != 32 {
		return 0, fail(CodeShape, "use MEMCPY_16BIT or MEMCPY_32BIT", "elements of %d bits cannot be moved", r.Bits)
	}
	if r.X < 0 || r.Y < 0 || r.W < 1 || r.H < 1 || r.L < 0 || r.L > maxElements ||
		r.W > h.im.Rect.W-r.X || r.H > h.im.Rect.H-r.Y {
		return 0, fail(CodeRegion, "coordinates count from the corner of the program rectangle, not of the fabric",
			"the region of %dx%d cores at (%d,%d) with %d elements each does not lie in the %dx%d rectangle",
			r.W, r.H, r.X, r.Y, r.L, h.im.Rect.W, h.im.Rect.H)
	}
	if r.Spread == Strided && (r.StrideX < 1 || r.StrideY < 1) {
		return 0, fail(CodeRegion, "", "strides of %d and %d are no steps", r.StrideX, r.StrideY)
	}
	return r.Len(), nil
}

// maxElements bounds what one core takes in one command.
const maxElements = 1 << 30

// checkRegion also holds the array's length against the region.
func (h *Host) checkRegion(r Region, n int) error {
	want, err := h.Elements(r)
	if err != nil || n == want {
		return err
	}
	w, hh := r.dims()
	cure := ""
	if r.Bits == 16 && 2*n == want {
		cure = "16-bit data travels one element in each 32-bit word: see sdk_utils.input_array_to_u32"
	}
	return fail(CodeShape, cure, "the array has %d elements and the region needs %dx%dx%d = %d", n, hh, w, r.L, want)
}

// CopyIn queues a copy of src to an exported variable of the region's cores.
func (h *Host) CopyIn(id int, src []uint32, r Region) (*Task, error) {
	e, err := h.copyable(id, "copy to", len(src), r)
	if err != nil {
		return nil, err
	}
	if !e.Mutable {
		return nil, fail(CodeReadOnly, "pass true as the third argument of @export_name", "%q is exported as immutable", e.Name)
	}
	return h.enqueue(&Task{what: fmt.Sprintf("copy to %q", e.Name), kind: copying, start: func() error {
		words := make([]uint16, r.L*r.Bits/16)
		return r.each(func(x, y, i, j int) error {
			addr, err := h.address(e, x, y, len(words))
			if err != nil {
				return err
			}
			for k := range r.L {
				v := src[r.at(i, j, k)]
				if r.Bits == 16 {
					words[k] = uint16(v)
				} else {
					words[2*k], words[2*k+1] = uint16(v), uint16(v>>16)
				}
			}
			return h.dev.Write(x, y, addr, words)
		})
	}})
}

// CopyOut queues a copy of an exported variable of the region's cores into dst.
func (h *Host) CopyOut(dst []uint32, id int, r Region) (*Task, error) {
	if r.Spread != Scatter {
		return nil, fail(CodeRegion, "", "only copies to the device can be spread")
	}
	e, err := h.copyable(id, "copy from", len(dst), r)
	if err != nil {
		return nil, err
	}
	return h.enqueue(&Task{what: fmt.Sprintf("copy from %q", e.Name), kind: copying, start: func() error {
		words := make([]uint16, r.L*r.Bits/16)
		return r.each(func(x, y, i, j int) error {
			addr, err := h.address(e, x, y, len(words))
			if err != nil {
				return err
			}
			if err := h.dev.Read(x, y, addr, words); err != nil {
				return err
			}
			for k := range r.L {
				if r.Bits == 16 {
					dst[r.at(i, j, k)] = uint32(words[k])
				} else {
					dst[r.at(i, j, k)] = uint32(words[2*k]) | uint32(words[2*k+1])<<16
				}
			}
			return nil
		})
	}})
}

// copyable checks what can be checked when the command is given.
func (h *Host) copyable(id int, what string, n int, r Region) (image.Export, error) {
	if !h.im.Memcpy {
		return image.Export{}, notMemcpy(what)
	}
	e, ok := h.byID(id)
	if !ok {
		cure := ""
		if id >= 0 && id < machine.Colors {
			cure = "for a colour of a stream pass streaming=True"
		}
		return e, fail(CodeNoSymbol, cure, "%s %d: no exported symbol has that number", what, id)
	}
	if e.Kind != image.ExportVar {
		return e, fail(CodeNotFunc, "launch it", "%s %q: it is a function", what, e.Name)
	}
	return e, h.checkRegion(r, n)
}

func notMemcpy(what string) error {
	return fail(CodeNotMemcpy, "compile with --memcpy, or use streams and read_symbol", "%s: the program was compiled without --memcpy", what)
}

func (h *Host) byID(id int) (image.Export, bool) {
	for _, e := range h.im.Exports {
		if e.ID == id {
			return e, true
		}
	}
	return image.Export{}, false
}

// address finds the data of an exported variable on one core. A variable that is
// a pointer leads to its target as it stands now: programs swap their buffers.
func (h *Host) address(e image.Export, x, y, words int) (uint16, error) {
	prog, _ := h.program(x, y)
	var b image.Binding
	ok := false
	if prog >= 0 {
		b, ok = h.binding[prog][h.byName[e.Name]]
	}
	if !ok {
		return 0, fail(CodeNotHere, "shrink the region, or export it there too",
			"core (%d,%d) does not export %q", x, y, e.Name)
	}
	addr := b.Addr
	if isPointer(e.Type) {
		var w [1]uint16
		if err := h.dev.Read(x, y, addr, w[:]); err != nil {
			return 0, err
		}
		addr = w[0]
	}
	if int(addr)+words > machine.SRAMWords {
		return 0, fail(CodeMemory, "", "%d words of %q at word %d of core (%d,%d) reach beyond its memory",
			words, e.Name, addr, x, y)
	}
	return addr, nil
}

func isPointer(t string) bool { return len(t) > 0 && (t[0] == '*' || len(t) > 2 && t[:3] == "[*]") }
