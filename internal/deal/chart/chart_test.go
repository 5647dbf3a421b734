package chart

import (
	"encoding/xml"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"
)

// rects gives the rectangles of a drawing, and fails if it is not well formed.
func rects(t *testing.T, svg string) []map[string]string {
	t.Helper()
	dec := xml.NewDecoder(strings.NewReader(svg))
	var out []map[string]string
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatalf("%v in %s", err, svg)
		}
		if s, ok := tok.(xml.StartElement); ok && s.Name.Local == "rect" {
			m := map[string]string{}
			for _, a := range s.Attr {
				m[a.Name.Local] = a.Value
			}
			out = append(out, m)
		}
	}
}

func height1(t *testing.T, m map[string]string) float64 {
	t.Helper()
	h, err := strconv.ParseFloat(m["height"], 64)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// The height of a bar is proportional to its value, whatever the axis.
func TestBarsAreToScale(t *testing.T) {
	svg := Stacked(Frame{Title: "a < b & c", Unit: "$B", Labels: []string{"2026", "2027"}}, []Series{{"up", []float64{2, 4}}, {"down", []float64{-1, -3}}}, []Series{{"line", []float64{1, 1}}})
	var up, down []float64
	for _, r := range rects(t, svg) {
		switch {
		case r["class"] == "s1" && r["rx"] == "":
			up = append(up, height1(t, r))
		case r["class"] == "s2" && r["rx"] == "":
			down = append(down, height1(t, r))
		}
	}
	if len(up) != 2 || len(down) != 2 || math.Abs(up[1]/up[0]-2) > 0.01 || math.Abs(down[1]/down[0]-3) > 0.01 || math.Abs(up[0]/down[0]-2) > 0.01 {
		t.Errorf("heights %v and %v for 2, 4 and -1, -3", up, down)
	}
}

func TestDrawingsAreWellFormed(t *testing.T) {
	f := Frame{Title: "t", Unit: "MW", Labels: []string{"a", "b", "c"}}
	for _, svg := range []string{
		Area(f, []Series{{"x", []float64{0, 1, 2}}, {"y", []float64{1, 1, 0}}}),
		Fan(f, []float64{0.05, 0.5, 0.95}, [][]float64{{0, 1, 2}, {1, 2, 3}, {0, 0, 0}}),
		Waterfall(Frame{Title: "w"}, []Step{{"from", 10, true}, {"less", -3, false}, {"to", 7, true}}),
		Tornado("t", "$B", 1, []Bar{{"a & b", 0, 2, "low", "high"}, {"same", 1, 1, "", ""}}, 1),
		Stacked(Frame{}, nil, nil),
	} {
		rects(t, svg)
		if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
			t.Errorf("a drawing holds no number: %s", svg)
		}
	}
}

func TestNiceSteps(t *testing.T) {
	for x, want := range map[float64]float64{0.9: 1, 1.1: 2, 2.2: 2.5, 3: 5, 7: 10, 130: 200, 0.013: 0.02} {
		if got := niceStep(x); math.Abs(got-want) > 1e-12 {
			t.Errorf("niceStep(%v) = %v, want %v", x, got, want)
		}
	}
}
