package chart

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// Bar is one row of a tornado.
type Bar struct {
	Label     string
	Low, High float64 // output at the low and at the high input
	LowText   string
	HighText  string
}

// Geometry of horizontal bars.
const (
	rowHeight  = 26.0
	labelWidth = 270.0
	textRoom   = 64.0 // for the inputs beside a bar
)

// Tornado draws how far each figure moves an output around its base.
func Tornado(title, unit string, base float64, bars []Bar, digits int) string {
	lo, hi := base, base
	for _, b := range bars {
		lo, hi = math.Min(lo, math.Min(b.Low, b.High)), math.Max(hi, math.Max(b.Low, b.High))
	}
	if hi == lo {
		hi = lo + 1
	}
	h := top + rowHeight*float64(len(bars)) + 30
	x := func(v float64) float64 {
		return labelWidth + textRoom + (v-lo)/(hi-lo)*(width-labelWidth-2*textRoom-right)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %g %g" role="img" aria-label="%s" class="chart">`, width, h, html.EscapeString(title))
	for i, r := range bars {
		y := top + rowHeight*float64(i)
		fmt.Fprintf(&b, `<text class="tick" x="%g" y="%.1f" text-anchor="end">%s</text>`, labelWidth-6, y+15, html.EscapeString(short(r.Label)))
		half(&b, x(base), x(r.Low), y, r, "low", r.LowText, r.Low, unit, digits)
		half(&b, x(base), x(r.High), y, r, "high", r.HighText, r.High, unit, digits)
	}
	bottomY := top + rowHeight*float64(len(bars))
	fmt.Fprintf(&b, `<line class="zero" x1="%.1f" x2="%.1f" y1="%g" y2="%.1f"/>`, x(base), x(base), top-6, bottomY)
	fmt.Fprintf(&b, `<text class="tick" x="%.1f" y="%g" text-anchor="middle">base %s %s</text>`, x(base), top-12, number(base, digits), html.EscapeString(unit))
	fmt.Fprintf(&b, `<text class="tick" x="%.1f" y="%.1f" text-anchor="middle">%s</text>`, x(lo), bottomY+18, number(lo, digits))
	fmt.Fprintf(&b, `<text class="tick" x="%.1f" y="%.1f" text-anchor="middle">%s</text>`, x(hi), bottomY+18, number(hi, digits))
	b.WriteString("</svg>")
	return b.String()
}

// roomForText is how long a bar must be for its input to stand beside it: the
// texts of two short bars would cover each other.
const roomForText = 7.0

// half is the bar for one end of a figure's range, with the input beside it. Side
// and colour say which way it moves the output.
func half(b *strings.Builder, from, to, y float64, r Bar, end, input string, v float64, unit string, digits int) {
	if math.Abs(to-from) < 0.05 {
		return
	}
	class := "good"
	if to < from {
		class = "bad"
	}
	fmt.Fprintf(b, `<rect class="%s" x="%.2f" y="%.1f" width="%.2f" height="%g">`, class, math.Min(from, to), y+2, math.Abs(to-from), rowHeight-6)
	tip(b, "%s %s (%s): %s %s", r.Label, end, input, number(v, digits+1), unit)
	b.WriteString("</rect>")
	if math.Abs(to-from) < roomForText {
		return
	}
	anchor, shift := "start", 4.0
	if to < from {
		anchor, shift = "end", -4.0
	}
	fmt.Fprintf(b, `<text class="small" x="%.1f" y="%.1f" text-anchor="%s">%s</text>`, to+shift, y+15, anchor, html.EscapeString(input))
}

// short cuts a path so that it fits beside its bar.
func short(s string) string {
	const most = 38
	if r := []rune(s); len(r) > most {
		return "…" + string(r[len(r)-most+1:])
	}
	return s
}

// Step is one column of a waterfall.
type Step struct {
	Name  string
	Value float64
	Total bool // stands on zero
}

// Waterfall draws how a number is made of its parts.
func Waterfall(f Frame, steps []Step) string {
	lo, hi, at := 0.0, 0.0, 0.0
	for _, s := range steps {
		if s.Total {
			at = s.Value
		} else {
			at += s.Value
		}
		lo, hi = math.Min(lo, at), math.Max(hi, at)
		f.Labels = append(f.Labels, s.Name)
	}
	c := newCanvas(f, lo, hi, len(steps))
	at = 0
	for i, s := range steps {
		x, w := c.slot(i)
		from, class := at, "good"
		if s.Value < 0 {
			class = "bad"
		}
		if s.Total {
			from, class, at = 0, "s1", s.Value
		} else {
			at += s.Value
		}
		y0, y1 := c.y(from), c.y(from+s.Value)
		fmt.Fprintf(&c.b, `<rect class="%s" x="%.2f" y="%.2f" width="%.2f" height="%.2f">`, class, x+w*0.2, math.Min(y0, y1), w*0.6, math.Max(math.Abs(y1-y0), 0.8))
		tip(&c.b, "%s: %s %s", s.Name, number(s.Value, f.Digits+1), f.Unit)
		c.b.WriteString("</rect>")
		fmt.Fprintf(&c.b, `<text class="value" x="%.1f" y="%.1f" text-anchor="middle">%s</text>`, x+w/2, math.Min(y0, y1)-5, number(s.Value, f.Digits+1))
	}
	return c.end()
}
