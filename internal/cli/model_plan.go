package cli

import (
	"fmt"
	"io"
	"strings"

	"wafer/internal/llm/place"
	"wafer/internal/machine"
)

// floor is the picture of a placement on its wafer.
type floor struct {
	plan place.Plan
	mach *machine.Machine
}

func floorPlan(p place.Plan, m *machine.Machine) floor { return floor{p, m} }

// The measures of the picture, in pixels: one to a core at most.
const (
	floorSide   = 760.0
	floorMargin = 40.0
)

// write draws the wafer, the regions on it and below them the regions enlarged.
func (f floor) write(w io.Writer) error {
	scale := floorSide / float64(max(f.mach.RectW, f.mach.RectH))
	ww, wh := scale*float64(f.mach.RectW), scale*float64(f.mach.RectH)
	zoom := floorSide / float64(f.plan.W())
	zh := min(floorSide/3, max(40, zoom*float64(f.plan.H())))
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" font-family="sans-serif" font-size="12">`+"\n",
		floorSide+2*floorMargin, wh+zh+4*floorMargin)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="#fff"/><text x="%g" y="24" font-size="14">%s on a %s: %d of %d × %d cores</text>`+"\n",
		floorMargin, escapeXML(f.plan.Model.Name), escapeXML(f.mach.Name), f.plan.Cores(), f.mach.RectW, f.mach.RectH)
	fmt.Fprintf(&b, `<rect x="%g" y="%g" width="%.1f" height="%.1f" fill="#f4f4f0" stroke="#888"/>`+"\n", floorMargin, floorMargin, ww, wh)
	f.regions(&b, floorMargin, floorMargin, scale, scale, false)
	top := wh + 2*floorMargin
	fmt.Fprintf(&b, `<text x="%g" y="%.1f">the same, enlarged: colour is the memory in use</text>`+"\n", floorMargin, top)
	f.regions(&b, floorMargin, top+10, zoom, zh/float64(f.plan.H()), true)
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// regions draws each region, coloured by how full its cores are.
func (f floor) regions(b *strings.Builder, x0, y0, sx, sy float64, label bool) {
	for r := range f.plan.Regions() {
		x, y := f.plan.Core(r, 0, 0)
		words, name := f.plan.LayerWords(), fmt.Sprintf("layer %d", r-1)
		short := fmt.Sprint(r - 1)
		switch r {
		case 0:
			words, name, short = f.plan.TableWords(), "embedding", "embed"
		case f.plan.Regions() - 1:
			words, name, short = f.plan.TableWords(), "head", "head"
		}
		full := float64(words) / float64(f.mach.Core.SRAMWords)
		w := sx * float64(f.plan.Width(r))
		fmt.Fprintf(b, `<rect x="%.2f" y="%.2f" width="%.2f" height="%.2f" fill="%s" stroke="#fff" stroke-width="%.2f"><title>%s: %d × %d cores, %.0f %% of their memory</title></rect>`+"\n",
			x0+sx*float64(x), y0+sy*float64(y), w, sy*float64(f.plan.Rows), fill(full), min(1, w/10), name, f.plan.Width(r), f.plan.Rows, 100*full)
		if label && w > 14 {
			fmt.Fprintf(b, `<text x="%.2f" y="%.2f" text-anchor="middle" font-size="10">%s</text>`+"\n",
				x0+sx*float64(x)+w/2, y0+sy*float64(f.plan.Rows)+12, short)
		}
	}
}

// fill goes from pale (empty) to deep (full).
func fill(full float64) string {
	mix := func(a, b float64) int { return int(a + (b-a)*min(1, max(0, full))) }
	return fmt.Sprintf("#%02x%02x%02x", mix(0xc9, 0x0b), mix(0xdd, 0x3c), mix(0xf2, 0x7d))
}

func escapeXML(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(s)
}
