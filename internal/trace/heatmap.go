package trace

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"strconv"
	"unicode/utf8"
)

// Reduce says how several cores become one square when the grid is larger than
// the drawing.
type Reduce uint8

// The ways to reduce.
const (
	Mean Reduce = iota
	Max
)

func (r Reduce) String() string { return [...]string{"mean", "maximum"}[r] }

// HeatMap is a picture of one number per core. Values holds H rows of W numbers,
// north first; a NaN is a core without a value. Zero options choose themselves.
type HeatMap struct {
	Title  string
	Unit   string // behind the numbers of the scale, e.g. "cycles"
	W, H   int
	Values []float64
	// Lo and Hi fix the scale, so that two pictures compare. Equal: the range
	// of the values. Values outside are drawn as the end of the scale.
	Lo, Hi float64
	Reduce Reduce
	// MaxSquares bounds the squares along the longer side; zero means
	// DefaultSquares. More cores are reduced to squares of k×k.
	MaxSquares int
	X0, Y0     int // coordinates of the first core, for a cut-out
}

// DefaultSquares keeps the picture of a whole wafer at 585 squares by 378.
const DefaultSquares = 600

// tooltipSquares is up to how many squares each is an element of its own, with
// its value under the mouse. More become one embedded image: a whole wafer as
// elements would be tens of megabytes.
const tooltipSquares = 4096

// Measures of the drawing, in pixels.
const (
	plotSide   = 720 // the longer side aims at this
	marginLeft = 64
	marginTop  = 52
	marginLow  = 46
	legendGap  = 24
	legendWide = 16
	legendText = 96
)

// ink is the colour of all text and lines: readable on white and on near-black.
const ink = "#757b84"

// Write draws the map as SVG. The background is transparent.
func (h HeatMap) Write(out io.Writer) error {
	if h.W <= 0 || h.H <= 0 || len(h.Values) != h.W*h.H {
		return fmt.Errorf("heat map %q: %d values for %d×%d cores", h.Title, len(h.Values), h.W, h.H)
	}
	limit := h.MaxSquares
	if limit <= 0 {
		limit = DefaultSquares
	}
	k := (max(h.W, h.H) + limit - 1) / limit
	g := h.reduced(k)
	g.scale(h.Lo, h.Hi)
	d := drawing{out: bufio.NewWriter(out), h: h, g: g, k: k}
	d.side = min(max(float64(plotSide)/float64(max(g.w, g.h)), 1), 40)
	d.draw()
	return d.out.Flush()
}

// grid is the map after reduction, with its scale.
type grid struct {
	w, h   int
	v      []float64
	lo, hi float64
}

// reduced joins k×k cores to a square, leaving out those without a value.
func (h HeatMap) reduced(k int) grid {
	g := grid{w: (h.W + k - 1) / k, h: (h.H + k - 1) / k}
	g.v = make([]float64, g.w*g.h)
	for y := range g.h {
		for x := range g.w {
			g.v[y*g.w+x] = h.square(x*k, y*k, k)
		}
	}
	return g
}

func (h HeatMap) square(x0, y0, k int) float64 {
	sum, n, top := 0.0, 0, math.Inf(-1)
	for y := y0; y < min(y0+k, h.H); y++ {
		for x := x0; x < min(x0+k, h.W); x++ {
			if v := h.Values[y*h.W+x]; !math.IsNaN(v) {
				sum, n, top = sum+v, n+1, max(top, v)
			}
		}
	}
	switch {
	case n == 0:
		return math.NaN()
	case h.Reduce == Max:
		return top
	}
	return sum / float64(n)
}

// scale sets the range: the given one, or that of the finite values.
func (g *grid) scale(lo, hi float64) {
	if lo != hi {
		g.lo, g.hi = lo, hi
		return
	}
	g.lo, g.hi = math.Inf(1), math.Inf(-1)
	for _, v := range g.v {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			g.lo, g.hi = min(g.lo, v), max(g.hi, v)
		}
	}
	if g.lo > g.hi { // no value at all
		g.lo, g.hi = 0, 0
	}
}

// step is the place of a value on the palette, -1 for no value.
func (g *grid) step(v float64) int {
	switch {
	case math.IsNaN(v):
		return -1
	case g.hi == g.lo:
		return 0
	}
	return int(math.Round(255 * min(max((v-g.lo)/(g.hi-g.lo), 0), 1)))
}

// drawing is one picture being written.
type drawing struct {
	out  *bufio.Writer
	h    HeatMap
	g    grid
	k    int     // cores along the side of a square
	side float64 // pixels along the side of a square
}

func (d *drawing) draw() {
	pw, ph := d.side*float64(d.g.w), d.side*float64(d.g.h)
	// Letters are at most about 9.5 pixels wide in the title and 6.8 elsewhere.
	right := max(legendWide+legendText, 6.8*float64(utf8.RuneCountInString(d.h.Unit))+8)
	title := 9.5*float64(utf8.RuneCountInString(d.h.Title)) + 8
	width := marginLeft + max(pw+legendGap+right, title)
	d.printf(`<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %[1]s %[2]s" font-family="system-ui,sans-serif" font-size="12" fill="%s">`+"\n",
		px(width), px(marginTop+max(ph, legendHeight)+marginLow), ink)
	d.printf(`<title>%s</title>`+"\n", escape(d.h.Title))
	d.printf(`<text x="%d" y="22" font-size="15" font-weight="600">%s</text>`+"\n", marginLeft, escape(d.h.Title))
	d.printf(`<text x="%d" y="40">%s</text>`+"\n", marginLeft, escape(d.subtitle()))
	if d.g.w*d.g.h <= tooltipSquares {
		d.squares()
	} else {
		d.picture(pw, ph)
	}
	d.printf(`<rect x="%d" y="%d" width="%s" height="%s" fill="none" stroke="%s"/>`+"\n", marginLeft, marginTop, px(pw), px(ph), ink)
	d.axes(pw, ph)
	d.legend(marginLeft + pw + legendGap)
	d.printf("</svg>\n")
}

func (d *drawing) subtitle() string {
	s := fmt.Sprintf("%d × %d cores", d.h.W, d.h.H)
	if d.k > 1 {
		s += fmt.Sprintf(", a square is the %s of %d × %d", d.h.Reduce, d.k, d.k)
	}
	return s
}

// squares draws every square as an element with its value as a tooltip.
func (d *drawing) squares() {
	pal := palette()
	d.printf(`<g shape-rendering="crispEdges">` + "\n")
	for y := range d.g.h {
		for x := range d.g.w {
			v := d.g.v[y*d.g.w+x]
			fill, text := absent(), "no value"
			if s := d.g.step(v); s >= 0 {
				fill, text = pal[s], number(v)+unit(d.h.Unit)
			}
			d.printf(`<rect x="%s" y="%s" width="%s" height="%[3]s" fill="%s"><title>%d,%d: %s</title></rect>`+"\n",
				px(marginLeft+float64(x)*d.side), px(marginTop+float64(y)*d.side), px(d.side), fill,
				d.h.X0+x*d.k, d.h.Y0+y*d.k, escape(text))
		}
	}
	d.printf("</g>\n")
}

// picture draws all squares as one image with a pixel a square.
func (d *drawing) picture(pw, ph float64) {
	pal := palette()
	colours := color.Palette{color.RGBA{absent().r, absent().g, absent().b, 255}}
	for _, c := range pal[:255] { // a PNG has 256 entries; the last two steps share one
		colours = append(colours, color.RGBA{c.r, c.g, c.b, 255})
	}
	img := image.NewPaletted(image.Rect(0, 0, d.g.w, d.g.h), colours)
	for i, v := range d.g.v {
		img.Pix[i] = uint8(min(d.g.step(v)+1, 255))
	}
	var buf bytes.Buffer
	// Writing to memory cannot fail, and the size is within PNG's limits.
	_ = png.Encode(&buf, img)
	d.printf(`<image x="%d" y="%d" width="%s" height="%s" preserveAspectRatio="none" style="image-rendering:pixelated" href="data:image/png;base64,%s"/>`+"\n",
		marginLeft, marginTop, px(pw), px(ph), base64.StdEncoding.EncodeToString(buf.Bytes()))
}

// axes puts core coordinates along both sides, at the centre of their squares.
func (d *drawing) axes(pw, ph float64) {
	at := func(core int) float64 { return (float64(core/d.k) + 0.5) * d.side }
	d.printf(`<g text-anchor="middle">` + "\n")
	for _, c := range ticks(d.h.W, pw, 44) {
		d.printf(`<text x="%s" y="%s">%d</text>`+"\n", px(marginLeft+at(c)), px(marginTop+ph+16), d.h.X0+c)
	}
	d.printf(`<text x="%s" y="%s">x →</text>`+"\n</g>\n", px(marginLeft+pw/2), px(marginTop+ph+34))
	d.printf(`<g text-anchor="end">` + "\n")
	for _, c := range ticks(d.h.H, ph, 30) {
		d.printf(`<text x="%d" y="%s">%d</text>`+"\n", marginLeft-6, px(marginTop+at(c)+4), d.h.Y0+c)
	}
	d.printf("</g>\n")
	d.printf(`<text x="14" y="%s">y ↓</text>`+"\n", px(marginTop+ph/2+4))
}

// ticks are the coordinates to name: a round step, labels at least gap apart.
func ticks(n int, length, gap float64) []int {
	step := 1
	for i := 0; float64(step)/float64(n)*length < gap && step < n; i++ {
		step = []int{1, 2, 5}[i%3] * pow10(i/3)
	}
	var out []int
	for c := 0; c < n; c += step {
		out = append(out, c)
	}
	return out
}

func pow10(n int) int {
	p := 1
	for range n {
		p *= 10
	}
	return p
}

// legendHeight is that of the colour bar and its captions.
const legendHeight = 200

// legend draws the scale as a bar with five numbers, largest on top.
func (d *drawing) legend(x float64) {
	const bar, steps = 160, 32
	pal := palette()
	d.printf(`<text x="%s" y="40">%s</text>`+"\n", px(x), escape(d.h.Unit))
	d.printf(`<g shape-rendering="crispEdges">` + "\n")
	for i := range steps {
		s := 255 - i*255/(steps-1)
		d.printf(`<rect x="%s" y="%d" width="%d" height="%d" fill="%s"/>`+"\n", px(x), marginTop+i*bar/steps, legendWide, bar/steps, pal[s])
	}
	d.printf("</g>\n")
	for i := range 5 {
		v := d.g.hi - float64((d.g.hi-d.g.lo)*float64(i))/4
		d.printf(`<text x="%s" y="%d">%s</text>`+"\n", px(x+legendWide+6), marginTop+4+i*bar/4, number(v))
	}
	if d.hasAbsent() {
		d.printf(`<rect x="%s" y="%d" width="%d" height="10" fill="%s"/>`+"\n", px(x), marginTop+bar+18, legendWide, absent())
		d.printf(`<text x="%s" y="%d">no value</text>`+"\n", px(x+legendWide+6), marginTop+bar+27)
	}
}

func (d *drawing) hasAbsent() bool {
	for _, v := range d.g.v {
		if math.IsNaN(v) {
			return true
		}
	}
	return false
}

// printf writes; bufio keeps the first error for Flush.
func (d *drawing) printf(format string, args ...any) { fmt.Fprintf(d.out, format, args...) }

func unit(u string) string {
	if u == "" {
		return ""
	}
	return " " + u
}

// px writes a length without useless digits.
func px(v float64) string { return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64) }

// number writes a value for people: four digits and a suffix from a million on.
func number(v float64) string {
	a := math.Abs(v)
	if a != 0 && a < 1e-3 || a >= 1e15 {
		return strconv.FormatFloat(v, 'g', 4, 64)
	}
	suffix := ""
	for _, s := range []struct {
		size float64
		name string
	}{{1e12, " T"}, {1e9, " G"}, {1e6, " M"}} {
		if a >= s.size {
			v, suffix = v/s.size, s.name
			break
		}
	}
	digits := 4 - len(strconv.Itoa(int(math.Abs(v))))
	if v == math.Trunc(v) || digits < 0 {
		digits = 0
	}
	return strconv.FormatFloat(v, 'f', digits, 64) + suffix
}

func escape(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a Buffer takes everything
	return b.String()
}
