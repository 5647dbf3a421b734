// Package lint looks for mistakes in a compiled program that no single file shows:
// routes that lead nowhere, routes that nothing feeds, two sources into one
// colour, ids that the host runtime needs, queues that were never set up.
//
// In: an image. Out: warnings, one for each kind of mistake and colour, with the
// first core that has it and how many others do. Programs may change routes and
// queues while they run, so nothing here is an error.
package lint

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"

	"wafer/internal/diag"
	"wafer/internal/image"
	"wafer/internal/machine"
)

// The mistakes.
const (
	codeNoTaker  diag.Code = "W3001" // a route leads to a router that does not take it
	codeNoSender diag.Code = "W3002" // a route waits for a router that does not send
	codeTwoRx    diag.Code = "W3003" // a colour comes in from two sides at once
	codeReserved diag.Code = "W3004" // a colour that the host runtime needs
	codeQueue    diag.Code = "W3005" // an operation uses a queue that was never set up
	codeColor    diag.Code = "W3006" // an operation names another colour than its queue has
	codeSwitch   diag.Code = "W3007" // a colour that cannot switch on this machine
)

// reserved are the colours that --memcpy takes (SDK documentation, task ids).
const reserved = 1<<21 | 1<<22 | 1<<23

// switching are the colours that have switches on WSE-3 (SDK documentation).
const switching = 0x3ff | 1<<12 | 1<<13 | 1<<16 | 1<<17 | 1<<20 | 1<<21

// Image checks im; file names the layout in the warnings.
func Image(im *image.Image, file string, ds *diag.List) {
	l := &linter{im: im, file: file, found: map[key]*finding{}}
	l.gather()
	for y := range im.Rect.H {
		for x := range im.Rect.W {
			l.tile(x, y)
		}
	}
	for _, p := range im.Programs {
		l.program(p)
	}
	l.report(ds)
}

// linter is one pass over an image.
type linter struct {
	im    *image.Image
	file  string
	sets  []ways // of each RouteSet
	host  uint32 // colours of streams, which the host feeds and empties
	found map[key]*finding
}

// ways says for each colour where a router takes it from and sends it to, in any
// switch position.
type ways struct {
	used   uint32
	rx, tx [machine.Colors]machine.DirSet
	first  [machine.Colors]image.Route
}

// key groups findings; detail is a direction, or a source line and a side.
type key struct {
	code   diag.Code
	color  uint8
	detail int
}

type finding struct {
	x, y, more int
	pos        diag.Pos
	text, cure string
}

func (l *linter) gather() {
	l.sets = make([]ways, len(l.im.RouteSets))
	for i, s := range l.im.RouteSets {
		w := &l.sets[i]
		for _, r := range s.Routes {
			w.used |= 1 << r.Color
			w.first[r.Color] = r
			for k, p := range r.Pos {
				if k == 0 || p.Valid {
					w.rx[r.Color] |= p.Rx
					w.tx[r.Color] |= p.Tx
				}
			}
		}
	}
	for _, c := range append(slices.Clone(l.im.H2D), l.im.D2H...) {
		l.host |= 1 << c
	}
}

// ways gives the routes at x, y; nil outside the rectangle.
func (l *linter) ways(x, y int) *ways {
	if x < 0 || y < 0 || x >= l.im.Rect.W || y >= l.im.Rect.H {
		return nil
	}
	return &l.sets[l.im.Tile(x, y).Routes]
}

func (l *linter) tile(x, y int) {
	w := l.ways(x, y)
	for m := w.used &^ l.host; m != 0; m &= m - 1 {
		c := uint8(bits.TrailingZeros32(m))
		l.route(x, y, c, w)
		for d := machine.East; d < machine.Dirs; d++ {
			l.side(x, y, c, d, w)
		}
	}
}

func (l *linter) route(x, y int, c uint8, w *ways) {
	r := w.first[c]
	if l.im.Memcpy && reserved>>c&1 == 1 {
		l.note(key{codeReserved, c, 0}, x, y,
			fmt.Sprintf("color %d is routed, but --memcpy needs it for the host", c), "choose another color: 21, 22 and 23 are taken")
	}
	if l.im.Arch == machine.WSE3 && bits.OnesCount8(uint8(r.Pos[0].Rx)) > 1 {
		l.note(key{codeTwoRx, c, 0}, x, y,
			fmt.Sprintf("color %d is taken from %s at once, and WSE-3 takes one side at a time", c, names(r.Pos[0].Rx)),
			"use one color a side, or switch positions")
	}
	if l.im.Arch == machine.WSE3 && switching>>c&1 == 0 && (r.Pos[1].Valid || r.Pos[2].Valid || r.Pos[3].Valid) {
		l.note(key{codeSwitch, c, 0}, x, y, fmt.Sprintf("color %d has switch positions, but cannot switch on WSE-3", c),
			"use one of 0–9, 12, 13, 16, 17, 20, 21")
	}
}

// side checks what the router and its neighbour in direction d say of colour c.
func (l *linter) side(x, y int, c uint8, d machine.Dir, w *ways) {
	dx, dy := d.Step()
	nx, ny := x+dx, y+dy
	n := l.ways(nx, ny)
	if n == nil {
		// Programs often give all cores of a row one route. What does leave the
		// rectangle is reported when it runs.
		return
	}
	switch {
	case !w.tx[c].Has(d):
	case !n.rx[c].Has(d.Opposite()) && !(swaps(w.first[c], d) && n.rx[c^1].Has(d.Opposite())):
		l.note(key{codeNoTaker, c, int(d)}, x, y,
			fmt.Sprintf("color %d goes %s, but core (%d,%d) does not take it from %s", c, d, nx, ny, d.Opposite()),
			fmt.Sprintf("give core (%d,%d) a route with rx = %s for color %d", nx, ny, d.Opposite(), c))
	}
	if !w.rx[c].Has(d) {
		return
	}
	if !sends(n, c, d.Opposite()) {
		l.note(key{codeNoSender, c, int(d)}, x, y, fmt.Sprintf("color %d is expected from %s, but nothing sends it there", c, d),
			"give the neighbor a route with tx = "+d.Opposite().String())
	}
}

// sends reports whether a router sends wavelets of colour c to side d, its own or
// those that it turns into c.
func sends(w *ways, c uint8, d machine.Dir) bool {
	return w.tx[c].Has(d) || w.tx[c^1].Has(d) && swaps(w.first[c^1], d)
}

// swaps reports whether a route can flip the last bit of the colour of wavelets
// that leave towards d (SDK documentation, colour swapping).
func swaps(r image.Route, d machine.Dir) bool {
	if d == machine.East || d == machine.West {
		return r.SwapX
	}
	return r.SwapY
}

func names(s machine.DirSet) string {
	out := ""
	for d := machine.Ramp; d < machine.Dirs; d++ {
		if s.Has(d) {
			if out != "" {
				out += " and "
			}
			out += d.String()
		}
	}
	return out
}

// program checks the queues of fabric descriptors that stand as constants in code.
func (l *linter) program(p *image.Program) {
	if l.im.Arch != machine.WSE3 {
		return // there descriptors bind queues themselves
	}
	for pc, in := range p.Code {
		if in.Op != image.OpConst || in.R != image.DSD1 {
			continue
		}
		d := image.DecodeDSD([3]uint64{uint64(in.Imm)})
		if d.Kind == image.FabIn || d.Kind == image.FabOut {
			l.queue(p, pc, d)
		}
	}
}

func (l *linter) queue(p *image.Program, pc int, d image.DSD) {
	at := place(p, pc)
	k := 2*at.Line + int(d.Kind-image.FabIn)
	q, kind := p.In[d.Queue], "input"
	if d.Kind == image.FabOut {
		q, kind = p.Out[d.Queue], "output"
	}
	switch {
	case !q.Used:
		l.noteAt(key{codeQueue, d.Queue, k}, at,
			fmt.Sprintf("%s queue %d is used but never initialized, so nothing can pass it on WSE-3", kind, d.Queue),
			"call @initialize_queue in a comptime block")
	case d.Color != image.NoColor && q.Color != image.NoColor && d.Color != q.Color:
		l.noteAt(key{codeColor, d.Queue, k}, at,
			fmt.Sprintf("a descriptor names color %d, but %s queue %d has color %d, and on WSE-3 the queue decides", d.Color, kind, d.Queue, q.Color),
			"leave fabric_color out, or give the queue that color")
	}
}

// place finds the source line of an instruction.
func place(p *image.Program, pc int) diag.Pos {
	at, found := slices.BinarySearchFunc(p.Lines, int32(pc), func(ln image.Line, pc int32) int { return cmp.Compare(ln.PC, pc) })
	if !found {
		at--
	}
	if at < 0 || int(p.Lines[at].File) >= len(p.Files) {
		return diag.Pos{File: p.File}
	}
	return diag.Pos{File: p.Files[p.Lines[at].File], Line: int(p.Lines[at].Line)}
}

func (l *linter) note(k key, x, y int, text, cure string) {
	if f := l.found[k]; f != nil {
		f.more++
		return
	}
	l.found[k] = &finding{x: x, y: y, pos: diag.Pos{File: l.file}, text: fmt.Sprintf("core (%d,%d): %s", x, y, text), cure: cure}
}

func (l *linter) noteAt(k key, pos diag.Pos, text, cure string) {
	if l.found[k] == nil {
		l.found[k] = &finding{pos: pos, text: text, cure: cure}
	}
}

func (l *linter) report(ds *diag.List) {
	keys := make([]key, 0, len(l.found))
	for k := range l.found {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b key) int {
		return cmp.Or(cmp.Compare(a.code, b.code), cmp.Compare(a.color, b.color), cmp.Compare(a.detail, b.detail))
	})
	for _, k := range keys {
		f := l.found[k]
		text := f.text
		if f.more > 0 {
			text += fmt.Sprintf(" (and the same on %d more cores)", f.more)
		}
		ds.Add(diag.Diagnostic{Severity: diag.Warning, Code: k.code, Pos: f.pos, Message: text, Cure: f.cure})
	}
}
