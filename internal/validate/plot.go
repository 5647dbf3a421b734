package validate

import (
	"fmt"
	"html"
	"io"
	"math"
	"strings"
)

// The picture: published figures to the right, ours upwards, both logarithmic.
// On the line both agree; the band is 10 % to either side.
const (
	plotSize   = 640.0
	plotLeft   = 80.0
	plotTop    = 64.0
	plotLegend = 330.0
	plotBottom = 64.0
	band       = 0.10
)

// palette holds colours that can be told apart with any eyes (Okabe and Ito).
func palette() []string {
	return []string{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8a6d00", "#6a3d9a", "#777777", "#b2182b", "#1b7837"}
}

// Draw writes an SVG of our figures against the published ones.
func Draw(w io.Writer, rs []Result) error {
	p := newPlot(rs)
	var b strings.Builder
	width, height := plotLeft+plotSize+plotLegend, plotTop+plotSize+plotBottom
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" font-family="sans-serif" font-size="13">`+"\n", width, height)
	fmt.Fprintf(&b, `<rect width="%g" height="%g" fill="#fff"/>`+"\n", width, height)
	fmt.Fprintf(&b, `<text x="%g" y="28" font-size="18">Published cycle figures and those of the simulated machine</text>`+"\n", plotLeft)
	p.axes(&b)
	p.points(&b, rs)
	p.legend(&b, rs)
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

type plot struct {
	low, high float64 // decades
	groups    []string
	color     map[string]string
}

func newPlot(rs []Result) *plot {
	p := &plot{low: math.Inf(1), high: math.Inf(-1), color: map[string]string{}}
	for _, r := range rs {
		if !drawn(r) {
			continue
		}
		p.low = min(p.low, math.Log10(r.Published), math.Log10(r.Ours))
		p.high = max(p.high, math.Log10(r.Published), math.Log10(r.Ours))
		if p.color[r.Group] == "" {
			p.color[r.Group] = palette()[len(p.groups)%len(palette())]
			p.groups = append(p.groups, r.Group)
		}
	}
	if len(p.groups) == 0 {
		p.low, p.high = 0, 1
	}
	p.low, p.high = math.Floor(p.low), math.Ceil(p.high+1e-9)
	if p.low == p.high {
		p.high++
	}
	return p
}

func drawn(r Result) bool { return r.Reason == "" && r.Ours > 0 && r.Published > 0 }

func (p *plot) x(v float64) float64 {
	return plotLeft + (math.Log10(v)-p.low)/(p.high-p.low)*plotSize
}

func (p *plot) y(v float64) float64 {
	return plotTop + plotSize - (math.Log10(v)-p.low)/(p.high-p.low)*plotSize
}

// axes draws decades, the line of agreement and its band.
func (p *plot) axes(b *strings.Builder) {
	lo, hi := math.Pow(10, p.low), math.Pow(10, p.high)
	fmt.Fprintf(b, `<clipPath id="area"><rect x="%g" y="%g" width="%g" height="%g"/></clipPath>`+"\n", plotLeft, plotTop, plotSize, plotSize)
	fmt.Fprintf(b, `<path clip-path="url(#area)" d="M%.1f %.1fL%.1f %.1fL%.1f %.1fL%.1f %.1fZ" fill="#dde8f3"/>`+"\n",
		p.x(lo), p.y(lo*(1-band)), p.x(hi), p.y(hi*(1-band)), p.x(hi), p.y(hi*(1+band)), p.x(lo), p.y(lo*(1+band)))
	for d := p.low; d <= p.high; d++ {
		v := math.Pow(10, d)
		fmt.Fprintf(b, `<path d="M%.1f %.1fV%.1fM%.1f %.1fH%.1f" stroke="#ddd"/>`+"\n", p.x(v), plotTop, plotTop+plotSize, plotLeft, p.y(v), plotLeft+plotSize)
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="middle">%s</text><text x="%.1f" y="%.1f" text-anchor="end">%s</text>`+"\n",
			p.x(v), plotTop+plotSize+20, grouped(v), plotLeft-8, p.y(v)+4, grouped(v))
	}
	fmt.Fprintf(b, `<path d="M%.1f %.1fL%.1f %.1f" stroke="#888"/>`+"\n", p.x(lo), p.y(lo), p.x(hi), p.y(hi))
	fmt.Fprintf(b, `<rect x="%g" y="%g" width="%g" height="%g" fill="none" stroke="#444"/>`+"\n", plotLeft, plotTop, plotSize, plotSize)
	fmt.Fprintf(b, `<text x="%g" y="%g" text-anchor="middle">published, cycles</text>`+"\n", plotLeft+plotSize/2, plotTop+plotSize+44)
	fmt.Fprintf(b, `<text transform="translate(20 %g) rotate(-90)" text-anchor="middle">simulated, cycles</text>`+"\n", plotTop+plotSize/2)
}

// grouped writes thousands apart.
func grouped(v float64) string {
	s := fmt.Sprintf("%g", v)
	if v >= 1000 {
		s = fmt.Sprintf("%.0f", v)
		for i := len(s) - 3; i > 0; i -= 3 {
			s = s[:i] + "," + s[i:]
		}
	}
	return s
}

// points draws circles; hollow ones are not measured at the published size, and
// what is outside its tolerance has a ring.
func (p *plot) points(b *strings.Builder, rs []Result) {
	for _, r := range rs {
		if !drawn(r) {
			continue
		}
		x, y, c := p.x(r.Published), p.y(r.Ours), p.color[r.Group]
		fill := c
		if r.Kind != Measured {
			fill = "#fff"
		}
		fmt.Fprintf(b, `<g><title>%s: published %s, ours %s (%+.1f %%), %s</title>`, html.EscapeString(r.ID), number(r.Published), number(r.Ours), 100*r.Error, r.Source)
		if r.Verdict != Pass {
			fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="7" fill="none" stroke="#b00"/>`, x, y)
		}
		fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="3.5" fill="%s" stroke="%s" fill-opacity="0.8"/></g>`+"\n", x, y, fill, c)
	}
}

func (p *plot) legend(b *strings.Builder, rs []Result) {
	x, y := plotLeft+plotSize+24, plotTop+10
	by := map[string]*tally{}
	for _, r := range rs {
		if by[r.Group] == nil {
			by[r.Group] = new(tally)
		}
		by[r.Group].add(r)
	}
	for _, g := range p.groups {
		fmt.Fprintf(b, `<circle cx="%g" cy="%g" r="5" fill="%s"/><text x="%g" y="%g">%s</text>`+"\n", x, y-4, p.color[g], x+14, y, html.EscapeString(g))
		fmt.Fprintf(b, `<text x="%g" y="%g" fill="#666" font-size="11">%d of %d within tolerance, median error %.1f %%</text>`+"\n", x+14, y+15, by[g].pass, by[g].rows-by[g].skipped, 100*median(rs, g))
		y += 38
	}
	fmt.Fprintf(b, `<circle cx="%g" cy="%g" r="5" fill="#fff" stroke="#444"/><text x="%g" y="%g">extrapolated or plausibility only</text>`+"\n", x, y-4, x+14, y)
	fmt.Fprintf(b, `<circle cx="%g" cy="%g" r="7" fill="none" stroke="#b00"/><text x="%g" y="%g">outside its tolerance</text>`+"\n", x, y+20, x+14, y+24)
	fmt.Fprintf(b, `<rect x="%g" y="%g" width="10" height="10" fill="#dde8f3" stroke="#ccc"/><text x="%g" y="%g">within 10 %%</text>`+"\n", x-5, y+40, x+14, y+49)
}
