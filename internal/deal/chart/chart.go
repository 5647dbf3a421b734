// Package chart draws the charts of a deal report as SVG that stands inside a page.
//
// In: labels and rows of numbers. Out: an <svg> element without scripts, whose
// colours are CSS variables of the page (--s1 … --s6 for series, --ink, --muted,
// --line, --good, --bad), so that one drawing serves light and dark.
package chart

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// Series is one row of numbers with its name.
type Series struct {
	Name   string
	Values []float64
}

// Frame is what every chart has in common.
type Frame struct {
	Title  string
	Unit   string // of the vertical axis
	Labels []string
	Digits int // of axis numbers
}

// The size of a drawing; it scales with the page.
const (
	width, height            = 960.0, 300.0
	left, right, top, bottom = 64.0, 16.0, 34.0, 46.0
)

// canvas maps data to the drawing.
type canvas struct {
	b      strings.Builder
	frame  Frame
	lo, hi float64
	n      int
}

func newCanvas(f Frame, lo, hi float64, n int) *canvas {
	lo, hi = math.Min(lo, 0), math.Max(hi, 0)
	if hi == lo {
		hi = lo + 1
	}
	step := niceStep((hi - lo) / 5)
	c := &canvas{frame: f, lo: math.Floor(lo/step) * step, hi: math.Ceil(hi/step) * step, n: n}
	fmt.Fprintf(&c.b, `<svg viewBox="0 0 %g %g" role="img" aria-label="%s" class="chart">`, width, height, html.EscapeString(f.Title))
	c.axes(step)
	return c
}

// niceStep rounds to 1, 2, 2.5 or 5 times a power of ten.
func niceStep(x float64) float64 {
	if x <= 0 {
		return 1
	}
	p := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if x <= m*p {
			return m * p
		}
	}
	return 10 * p
}

func (c *canvas) y(v float64) float64 {
	return top + (c.hi-v)/(c.hi-c.lo)*(height-top-bottom)
}

// slot is the left edge and width of one label's column.
func (c *canvas) slot(i int) (x, w float64) {
	w = (width - left - right) / float64(max(c.n, 1))
	return left + float64(i)*w, w
}

func (c *canvas) axes(step float64) {
	for k := 0; ; k++ {
		v := c.lo + float64(k)*step
		if v > c.hi+step/2 {
			break
		}
		y := c.y(v)
		class := "grid"
		if math.Abs(v) < step/1e6 {
			class = "zero"
		}
		fmt.Fprintf(&c.b, `<line class="%s" x1="%g" x2="%g" y1="%.1f" y2="%.1f"/>`, class, left, width-right, y, y)
		fmt.Fprintf(&c.b, `<text class="tick" x="%g" y="%.1f" text-anchor="end">%s</text>`, left-8, y+4, number(v, c.frame.Digits))
	}
	fmt.Fprintf(&c.b, `<text class="unit" x="%g" y="%g">%s</text>`, 4.0, top-18, html.EscapeString(c.frame.Unit))
	const room = 44.0 // a label of six digits
	_, w := c.slot(0)
	every := max(int(math.Ceil(room/w)), 1)
	for i, l := range c.frame.Labels {
		if i%every == 0 {
			x, w := c.slot(i)
			fmt.Fprintf(&c.b, `<text class="tick" x="%.1f" y="%g" text-anchor="middle">%s</text>`, x+w/2, height-bottom+18, html.EscapeString(l))
		}
	}
}

func number(v float64, digits int) string {
	s := fmt.Sprintf("%.*f", digits, v)
	if strings.Trim(s, "-0.") == "" {
		return "0"
	}
	return strings.Replace(s, "-", "−", 1)
}

// legend names the series along the bottom.
func (c *canvas) legend(names []string, classes []string) {
	x := left
	for i, n := range names {
		fmt.Fprintf(&c.b, `<rect class="%s" x="%.1f" y="%g" width="10" height="10" rx="2"/>`, classes[i], x, height-14.0)
		fmt.Fprintf(&c.b, `<text class="key" x="%.1f" y="%g">%s</text>`, x+14, height-5.0, html.EscapeString(n))
		x += 26 + 6.6*float64(len([]rune(n)))
	}
}

func (c *canvas) end() string {
	c.b.WriteString("</svg>")
	return c.b.String()
}

func tip(b *strings.Builder, format string, args ...any) {
	fmt.Fprintf(b, "<title>%s</title>", html.EscapeString(fmt.Sprintf(format, args...)))
}

// bounds of stacked series: positive and negative parts stack away from zero.
func stackBounds(ss []Series, n int) (lo, hi float64) {
	for i := range n {
		p, m := 0.0, 0.0
		for _, s := range ss {
			if s.Values[i] > 0 {
				p += s.Values[i]
			} else {
				m += s.Values[i]
			}
		}
		lo, hi = math.Min(lo, m), math.Max(hi, p)
	}
	return lo, hi
}

// Stacked draws columns of stacked series, and lines over them.
func Stacked(f Frame, bars, lines []Series) string {
	n := len(f.Labels)
	lo, hi := stackBounds(bars, n)
	for _, l := range lines {
		for _, v := range l.Values {
			lo, hi = math.Min(lo, v), math.Max(hi, v)
		}
	}
	c := newCanvas(f, lo, hi, n)
	for i := range n {
		up, down := 0.0, 0.0
		x, w := c.slot(i)
		gap := math.Min(w*0.22, 14)
		for k, s := range bars {
			v := s.Values[i]
			if v == 0 {
				continue
			}
			from := up
			if v < 0 {
				from = down
			}
			y0, y1 := c.y(from), c.y(from+v)
			fmt.Fprintf(&c.b, `<rect class="s%d" x="%.2f" y="%.2f" width="%.2f" height="%.2f">`, k+1, x+gap/2, math.Min(y0, y1), w-gap, math.Abs(y1-y0))
			tip(&c.b, "%s, %s: %s %s", f.Labels[i], s.Name, number(v, f.Digits+1), f.Unit)
			c.b.WriteString("</rect>")
			if v > 0 {
				up += v
			} else {
				down += v
			}
		}
	}
	for _, l := range lines {
		c.line(l, "over")
	}
	var names, classes []string
	for k, s := range bars {
		names, classes = append(names, s.Name), append(classes, fmt.Sprintf("s%d", k+1))
	}
	for _, l := range lines {
		names, classes = append(names, l.Name), append(classes, "overkey")
	}
	c.legend(names, classes)
	return c.end()
}

func (c *canvas) line(s Series, class string) {
	var pts []string
	for i, v := range s.Values {
		x, w := c.slot(i)
		pts = append(pts, fmt.Sprintf("%.1f,%.1f", x+w/2, c.y(v)))
	}
	fmt.Fprintf(&c.b, `<polyline class="%s" points="%s"/>`, class, strings.Join(pts, " "))
	for i, v := range s.Values {
		x, w := c.slot(i)
		fmt.Fprintf(&c.b, `<circle class="%sdot" cx="%.1f" cy="%.1f" r="2.6">`, class, x+w/2, c.y(v))
		tip(&c.b, "%s, %s: %s %s", c.frame.Labels[i], s.Name, number(v, c.frame.Digits+1), c.frame.Unit)
		c.b.WriteString("</circle>")
	}
}

// Area draws stacked areas over time, for stocks such as megawatts in service.
func Area(f Frame, ss []Series) string {
	n := len(f.Labels)
	lo, hi := stackBounds(ss, n)
	c := newCanvas(f, lo, hi, n)
	below := make([]float64, n)
	var names, classes []string
	for k, s := range ss {
		var up, down []string
		for i := range n {
			x, w := c.slot(i)
			down = append([]string{fmt.Sprintf("%.1f,%.1f", x+w/2, c.y(below[i]))}, down...)
			below[i] += s.Values[i]
			up = append(up, fmt.Sprintf("%.1f,%.1f", x+w/2, c.y(below[i])))
		}
		fmt.Fprintf(&c.b, `<polygon class="s%d" points="%s %s">`, k+1, strings.Join(up, " "), strings.Join(down, " "))
		tip(&c.b, "%s", s.Name)
		c.b.WriteString("</polygon>")
		names, classes = append(names, s.Name), append(classes, fmt.Sprintf("s%d", k+1))
	}
	c.legend(names, classes)
	return c.end()
}

// Fan draws quantile bands: rows of values at rising levels, an odd number, the
// middle one as a line.
func Fan(f Frame, levels []float64, rows [][]float64) string {
	n := len(f.Labels)
	hi, lo := 0.0, 0.0
	for _, r := range rows {
		hi, lo = math.Max(hi, r[len(r)-1]), math.Min(lo, r[0])
	}
	c := newCanvas(f, lo, hi, n)
	k := len(levels)
	var names, classes []string
	for b := range k / 2 {
		var up, down []string
		for i := range n {
			x, w := c.slot(i)
			down = append([]string{fmt.Sprintf("%.1f,%.1f", x+w/2, c.y(rows[i][b]))}, down...)
			up = append(up, fmt.Sprintf("%.1f,%.1f", x+w/2, c.y(rows[i][k-1-b])))
		}
		class := fmt.Sprintf("band%d", b+1)
		fmt.Fprintf(&c.b, `<polygon class="%s" points="%s %s"/>`, class, strings.Join(up, " "), strings.Join(down, " "))
		names, classes = append(names, fmt.Sprintf("%g to %g %%", levels[b]*100, levels[k-1-b]*100)), append(classes, class)
	}
	mid := Series{Name: "median"}
	for i := range n {
		mid.Values = append(mid.Values, rows[i][k/2])
	}
	c.line(mid, "mid")
	c.legend(append(names, "median"), append(classes, "midkey"))
	return c.end()
}
