package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"wafer/internal/csl/outdir"
	"wafer/internal/image"
	"wafer/internal/machine"
)

// CSLRoutesCmd draws the routes of a compiled program.
type CSLRoutesCmd struct {
	Dir   string `arg:"" help:"Output directory of cslc."`
	SVG   string `help:"Write a drawing to this file." type:"path"`
	Color int    `help:"Only this colour; -1 for all." default:"-1"`
	JSON  bool   `help:"Print JSON."`
}

// Run draws.
func (c *CSLRoutesCmd) Run(std Streams) error {
	im, err := outdir.Read(c.Dir)
	if err != nil {
		return &fault{code: ExitSystem, err: err}
	}
	if c.SVG != "" {
		if err := toFile(c.SVG, func(w io.Writer) error { return routesSVG(w, im, c.Color) }); err != nil {
			return &fault{code: ExitSystem, err: err}
		}
	}
	if c.JSON {
		return json.NewEncoder(std.Out).Encode(routeRows(im, c.Color))
	}
	if c.SVG == "" {
		return routesText(std.Out, im, c.Color)
	}
	return nil
}

// writeRoutes is --out-routes: text and drawing beside the program.
func writeRoutes(dir string, im *image.Image) error {
	return errors.Join(
		toFile(filepath.Join(dir, "routes.txt"), func(w io.Writer) error { return routesText(w, im, -1) }),
		toFile(filepath.Join(dir, "routes.svg"), func(w io.Writer) error { return routesSVG(w, im, -1) }),
	)
}

// routeRow is one colour on one core.
type routeRow struct {
	X     int      `json:"x"`
	Y     int      `json:"y"`
	Color uint8    `json:"color"`
	Pos   []string `json:"positions"`
}

func routeRows(im *image.Image, color int) []routeRow {
	var out []routeRow
	for y := range im.Rect.H {
		for x := range im.Rect.W {
			for _, r := range routesAt(im, x, y) {
				if color < 0 || int(r.Color) == color {
					out = append(out, routeRow{x, y, r.Color, routeWords(r)})
				}
			}
		}
	}
	return out
}

func routesAt(im *image.Image, x, y int) []image.Route {
	if i := im.Tile(x, y).Routes; i >= 0 {
		return im.RouteSets[i].Routes
	}
	return nil
}

// routeWords writes each position as RAMP→EAST,SOUTH.
func routeWords(r image.Route) []string {
	out := []string{dirNames(r.Pos[0].Rx) + "→" + dirNames(r.Pos[0].Tx)}
	for _, p := range r.Pos[1:] {
		if !p.Valid {
			continue
		}
		rx, tx := p.Rx, p.Tx
		if rx == 0 {
			rx = r.Pos[0].Rx
		}
		if tx == 0 {
			tx = r.Pos[0].Tx
		}
		out = append(out, dirNames(rx)+"→"+dirNames(tx))
	}
	return out
}

func dirNames(s machine.DirSet) string {
	var n []string
	for d := range machine.Dir(machine.Dirs) {
		if s.Has(d) {
			n = append(n, d.String())
		}
	}
	return strings.Join(n, ",")
}

func routesText(w io.Writer, im *image.Image, color int) error {
	for _, r := range routeRows(im, color) {
		if _, err := fmt.Fprintf(w, "(%d,%d) color %d: %s\n", r.X, r.Y, r.Color, strings.Join(r.Pos, " | ")); err != nil {
			return err
		}
	}
	return nil
}

// maxDrawn bounds a drawing: a browser does not open a million cores.
const maxDrawn = 64 * 64

// routesSVG draws a square for each core and, for each colour, arrows from where
// it takes wavelets to where it sends them.
func routesSVG(w io.Writer, im *image.Image, color int) error {
	const cell = 96
	width, height := im.Rect.W, im.Rect.H
	if width*height > maxDrawn {
		width, height = min(width, 64), min(height, 64)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"9\">\n", width*cell, height*cell)
	for y := range height {
		for x := range width {
			fmt.Fprintf(&b, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#bbb\"/>\n", x*cell, y*cell, cell, cell)
			fmt.Fprintf(&b, "<text x=\"%d\" y=\"%d\" fill=\"#888\">%d,%d</text>\n", x*cell+4, y*cell+11, x, y)
			for _, r := range routesAt(im, x, y) {
				if color < 0 || int(r.Color) == color {
					drawRoute(&b, x*cell, y*cell, cell, r)
				}
			}
		}
	}
	b.WriteString("</svg>\n")
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write drawing: %w", err)
	}
	return nil
}

// drawRoute gives each colour its own track, so that lines do not cover each other.
func drawRoute(b *strings.Builder, x, y, cell int, r image.Route) {
	hue := int(r.Color) * 137 % 360
	shift := (int(r.Color)%12)*5 - 28
	cx, cy := x+cell/2+shift, y+cell/2+shift
	for d := range machine.Dir(machine.Dirs) {
		ex, ey := edgePoint(x, y, cell, shift, d)
		if r.Pos[0].Rx.Has(d) {
			fmt.Fprintf(b, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"hsl(%d 70%% 45%%)\" stroke-dasharray=\"3 2\"/>\n", ex, ey, cx, cy, hue)
		}
		if r.Pos[0].Tx.Has(d) {
			fmt.Fprintf(b, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"hsl(%d 70%% 45%%)\" stroke-width=\"2\"/>\n", cx, cy, ex, ey, hue)
		}
	}
	fmt.Fprintf(b, "<text x=\"%d\" y=\"%d\" fill=\"hsl(%d 70%% 35%%)\">%d</text>\n", cx+2, cy-2, hue, r.Color)
}

func edgePoint(x, y, cell, shift int, d machine.Dir) (int, int) {
	switch d {
	case machine.East:
		return x + cell, y + cell/2 + shift
	case machine.West:
		return x, y + cell/2 + shift
	case machine.North:
		return x + cell/2 + shift, y
	case machine.South:
		return x + cell/2 + shift, y + cell
	}
	return x + cell/2, y + cell - 8 // the ramp: to the core, drawn at the bottom
}
