package layout

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"wafer/internal/csl"
	"wafer/internal/diag"
	"wafer/internal/image"
	"wafer/internal/machine"
)

// Result is a compiled layout: the image and the CSL that it came from.
type Result struct {
	Image  *image.Image
	Source string
	Diags  []diag.Diagnostic // warnings of the compiler
}

// Compile puts the layout together. data holds the arrays of its symbols.
func Compile(ctx context.Context, s *Spec, data []byte) (*Result, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	arch := machine.WSE3
	if s.Arch == "wse2" {
		arch = machine.WSE2
	}
	g, c, err := arrange(s)
	if err != nil {
		return nil, err
	}
	value, err := g.number(s, c, arch)
	if err != nil {
		return nil, err
	}
	kinds := map[string]paramKinds{}
	for _, r := range s.Regions {
		// A file that cannot be read is the compiler's to report, with its place.
		if text, err := os.ReadFile(r.File); err == nil {
			kinds[r.File] = readParams(string(text))
		}
	}
	res := &Result{Source: g.emit(s, value, kinds)}
	file := filepath.Join(s.Out, "generated", "layout.csl")
	im, list := csl.Build(ctx, csl.Options{
		File: file, Arch: arch, FabricW: g.w, FabricH: g.h, ImportPaths: s.Libs, FP16: s.FP16,
		BareTiles: true,
		ReadFile: func(name string) ([]byte, error) {
			if filepath.Clean(name) == file {
				return []byte(res.Source), nil
			}
			return os.ReadFile(name)
		},
	})
	res.Diags = list.Sorted()
	if im == nil || list.HasErrors() {
		return res, &Error{res.Diags}
	}
	if im.Ports, err = ports(s, value, im.Rect); err != nil {
		return nil, err
	}
	res.Image = im
	return res, setSymbols(im, s, data)
}

// arrange does everything that needs no colour numbers.
func arrange(s *Spec) (*grid, classes, error) {
	g, err := newGrid(s)
	if err != nil {
		return nil, nil, err
	}
	c := newClasses(s)
	if err := g.merge(c); err != nil {
		return nil, nil, err
	}
	return g, c, g.connect(s, c)
}

// ports joins streams to the routers at the edges of their regions.
func ports(s *Spec, value []int, rect image.Rect) ([]image.Port, error) {
	var out []image.Port
	for _, t := range s.Streams {
		p := image.Port{Name: t.Name, X: t.X, Y: t.Y, Input: t.Input, Edge: machine.Ramp}
		color := t.Color
		if t.Port >= 0 {
			ls := lanes(s, t.Port)
			if len(ls) != 1 {
				return nil, mistake(CodeStream, "put a region of one core between the host and the port that deals the data out or collects it",
					"stream %q is at port %q of %d cores", t.Name, s.Ports[t.Port].Name, len(ls))
			}
			p.X, p.Y, p.Edge, color = ls[0].x, ls[0].y, ls[0].d, s.Ports[t.Port].Color
		}
		if p.X < 0 || p.Y < 0 || p.X >= rect.W || p.Y >= rect.H {
			return nil, mistake(CodeStream, "", "stream %q is at core (%d,%d), outside the layout", t.Name, p.X, p.Y)
		}
		p.Color = uint8(value[color])
		out = append(out, p)
	}
	return out, nil
}

// setSymbols gives cores their own data: a core whose memory differs from that
// of the others gets a program of its own, with the same code.
func setSymbols(im *image.Image, s *Spec, data []byte) error {
	for _, r := range s.Regions {
		for _, sym := range r.Symbols {
			bw, bh := sym.Width/r.W, sym.Height/r.H
			if !sym.fits(r, len(data)) {
				return mistake(CodeSymbol, "", "the data of %q for region %q has no sensible size", sym.Name, r.Name)
			}
			src := data[sym.Offset:]
			for y := range r.H {
				for x := range r.W {
					words := block(src, sym, x*bw, y*bh, bw, bh)
					if err := patch(im, r.X+x, r.Y+y, sym.Name, words); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// maxSymbolSide bounds the sides of a symbol's array, so that sizes do not overflow.
const maxSymbolSide = 1 << 24

// fits says whether the array divides among the cores of r and lies in the data.
func (s Symbol) fits(r Region, data int) bool {
	if s.Words < 1 || s.Words > 2 || s.Width < 1 || s.Height < 1 || s.Width > maxSymbolSide || s.Height > maxSymbolSide {
		return false
	}
	size := 2 * s.Words * s.Width * s.Height
	return s.Width%r.W == 0 && s.Height%r.H == 0 && s.Offset >= 0 && s.Offset <= data && size <= data-s.Offset
}

// block cuts bw by bh elements at x, y out of an array that lies row by row.
func block(src []byte, sym Symbol, x, y, bw, bh int) []uint16 {
	out := make([]uint16, 0, bw*bh*sym.Words)
	for j := range bh {
		at := ((y+j)*sym.Width + x) * sym.Words
		for i := range bw * sym.Words {
			out = append(out, binary.LittleEndian.Uint16(src[2*(at+i):]))
		}
	}
	return out
}

func patch(im *image.Image, x, y int, name string, words []uint16) error {
	t := im.Tile(x, y)
	p := *im.Programs[t.Program]
	i := slices.IndexFunc(p.Symbols, func(s image.Symbol) bool { return s.Name == name })
	if i < 0 {
		return mistake(CodeSymbol, "declare it as `export var`, so that it stays when nothing else uses it",
			"the program of core (%d,%d) has no symbol %q", x, y, name)
	}
	if len(words) > p.Symbols[i].Words {
		return mistake(CodeSymbol, "", "%q has %d words on core (%d,%d) and the data gives it %d", name, p.Symbols[i].Words, x, y, len(words))
	}
	p.Data = overlay(p.Data, image.Segment{Addr: p.Symbols[i].Addr, Words: words})
	p.Name = fmt.Sprintf("%d_0", len(im.Programs))
	im.Programs = append(im.Programs, &p)
	t.Program = int32(len(im.Programs) - 1)
	return nil
}

// overlay lays a segment over others; segments stay ascending and apart.
func overlay(segs []image.Segment, s image.Segment) []image.Segment {
	end := int(s.Addr) + len(s.Words)
	var out []image.Segment
	placed := false
	for _, o := range segs {
		oend := int(o.Addr) + len(o.Words)
		if o.Addr < s.Addr {
			out = append(out, image.Segment{Addr: o.Addr, Words: o.Words[:min(len(o.Words), int(s.Addr)-int(o.Addr))]})
		}
		if !placed && oend > int(s.Addr) {
			out, placed = append(out, s), true
		}
		if oend > end {
			from := max(int(o.Addr), end)
			out = append(out, image.Segment{Addr: uint16(from), Words: o.Words[from-int(o.Addr):]})
		}
	}
	if !placed {
		out = append(out, s)
	}
	return out
}
