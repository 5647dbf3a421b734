// Package layout turns an SdkLayout, regions of cores with ports and connections
// between them, into a compiled program.
//
// In: a Spec, which the Python side collects. Out: an image, and the CSL layout
// that it was compiled from. In between, in this order:
//
//  1. regions.go gives every core its parameters and the routes painted on it;
//  2. connect.go finds a path for each connection, core by core;
//  3. colors.go gives every colour a number that clashes nowhere;
//  4. emit.go writes an ordinary layout block and package csl compiles it;
//  5. compile.go adds ports and the data of symbols to the image.
//
// How paths and colours are chosen is ours: the API promises only that data
// arrives in order. The same Spec gives the same image.
package layout

import (
	"fmt"

	"wafer/internal/diag"
	"wafer/internal/machine"
)

// Spec describes a layout. docs/spec/layout.md explains the fields.
type Spec struct {
	Arch        string       `json:"arch"`
	Out         string       `json:"out"`
	Libs        []string     `json:"libs"`
	FP16        string       `json:"fp16"`
	Regions     []Region     `json:"regions"`
	Colors      []Color      `json:"colors"`
	Ports       []Port       `json:"ports"`
	Connections [][2]int     `json:"connections"` // output port, input port
	Streams     []StreamSpec `json:"streams"`
	PortMap     bool         `json:"port_map"`
}

// Region is a rectangle of cores that run one file.
type Region struct {
	Name    string   `json:"name"`
	File    string   `json:"file"`
	X       int      `json:"x"`
	Y       int      `json:"y"`
	W       int      `json:"w"`
	H       int      `json:"h"`
	Params  []Param  `json:"params"`
	Paints  []Paint  `json:"paints"`
	Symbols []Symbol `json:"symbols"`
}

// Rect is x, y, width, height within a region.
type Rect [4]int

// Param sets a parameter on some cores of a region, to a number or a colour.
type Param struct {
	Rect  Rect   `json:"rect"`
	Name  string `json:"name"`
	Int   *int64 `json:"int"`
	Color *int   `json:"color"`
}

// Paint sets the route of a colour on some cores of a region.
type Paint struct {
	Rect      Rect       `json:"rect"`
	Color     int        `json:"color"`
	Positions []Position `json:"positions"`
}

// Position is one switch position, by names of directions.
type Position struct {
	Rx []string `json:"rx"`
	Tx []string `json:"tx"`
}

// Color is a colour by name; Value -1 leaves the choice to us.
type Color struct {
	Name  string `json:"name"`
	Value int    `json:"value"`
}

// Port is an edge of a region at which a colour leaves or enters.
type Port struct {
	Name      string     `json:"name"`
	Region    int        `json:"region"`
	Color     int        `json:"color"`
	Edge      string     `json:"edge"`
	Positions []Position `json:"positions"`
	Size      int        `json:"size"`
	Input     bool       `json:"input"`
}

// StreamSpec joins a port, or a core and colour where Port is -1, to the host.
type StreamSpec struct {
	Name  string `json:"name"`
	Port  int    `json:"port"`
	X     int    `json:"x"`
	Y     int    `json:"y"`
	Color int    `json:"color"`
	Input bool   `json:"input"`
}

// Symbol is an array cut into equal blocks, one for each core of a region. Words
// counts the 16-bit words of an element; Offset is in bytes of the data.
type Symbol struct {
	Name   string `json:"name"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Words  int    `json:"words"`
	Offset int    `json:"offset"`
}

// The codes of mistakes in a layout.
const (
	CodeSpec    diag.Code = "L0001" // a number that names nothing, or an impossible size
	CodeOverlap diag.Code = "L0002" // two regions on one core
	CodePorts   diag.Code = "L0003" // a connection between ports that do not match
	CodePath    diag.Code = "L0004" // no way from one port to the other
	CodeColors  diag.Code = "L0005" // no numbers left, or two colours with one number
	CodeStream  diag.Code = "L0006" // a stream at a port of several cores
	CodeSymbol  diag.Code = "L0007" // data for a symbol that is not there or smaller
)

// MaxSide bounds a layout: no wafer is larger.
const MaxSide = 2048

// Error is a list of mistakes in a layout.
type Error struct{ Diags []diag.Diagnostic }

// Error gives the first mistake, and how many there are.
func (e *Error) Error() string {
	d := e.Diags[0]
	s := d.Message
	if d.Pos.File != "" {
		s = d.Pos.String() + ": " + s
	}
	if d.Cure != "" {
		s += "; " + d.Cure
	}
	if n := len(e.Diags); n > 1 {
		s += fmt.Sprintf(" (and %d more)", n-1)
	}
	return s
}

func mistake(code diag.Code, cure, format string, args ...any) error {
	return &Error{[]diag.Diagnostic{{Code: code, Message: fmt.Sprintf(format, args...), Cure: cure}}}
}

// check holds the numbers of a Spec against each other.
func (s *Spec) check() error {
	for _, r := range s.Regions {
		if r.W < 1 || r.H < 1 || r.X < 0 || r.Y < 0 || r.W > MaxSide || r.H > MaxSide || r.X > MaxSide-r.W || r.Y > MaxSide-r.H {
			return mistake(CodeSpec, "place it at coordinates of 0 and more", "region %q of %dx%d cores at (%d,%d) does not fit a wafer", r.Name, r.W, r.H, r.X, r.Y)
		}
		for _, p := range r.Params {
			if err := s.within(r, p.Rect, p.Color); err != nil {
				return err
			}
			if p.Int == nil && p.Color == nil {
				return mistake(CodeSpec, "", "parameter %q of region %q has no value", p.Name, r.Name)
			}
		}
		for _, p := range r.Paints {
			if err := s.within(r, p.Rect, &p.Color); err != nil {
				return err
			}
			if _, err := positions(p.Positions, 0, false); err != nil {
				return err
			}
		}
	}
	for _, p := range s.Ports {
		if p.Region < 0 || p.Region >= len(s.Regions) || p.Color < 0 || p.Color >= len(s.Colors) {
			return mistake(CodeSpec, "", "port %q names no region or colour", p.Name)
		}
		if _, ok := edgeDir(p.Edge); !ok {
			return mistake(CodeSpec, "", "port %q is at edge %q", p.Name, p.Edge)
		}
	}
	for _, c := range s.Connections {
		for i, p := range c {
			if p < 0 || p >= len(s.Ports) || s.Ports[p].Input != (i == 1) {
				return mistake(CodePorts, "", "a connection goes from an output port to an input port")
			}
		}
	}
	for _, t := range s.Streams {
		if t.Port >= len(s.Ports) || t.Port < 0 && (t.Color < 0 || t.Color >= len(s.Colors)) {
			return mistake(CodeSpec, "", "stream %q names no port", t.Name)
		}
	}
	return s.overlap()
}

func (s *Spec) within(r Region, q Rect, color *int) error {
	if q[0] < 0 || q[1] < 0 || q[2] < 0 || q[3] < 0 || q[2] > r.W || q[3] > r.H || q[0] > r.W-q[2] || q[1] > r.H-q[3] {
		return mistake(CodeSpec, "coordinates count from the corner of the region",
			"(%d,%d) with %dx%d cores does not lie in region %q of %dx%d", q[0], q[1], q[2], q[3], r.Name, r.W, r.H)
	}
	if color != nil && (*color < 0 || *color >= len(s.Colors)) {
		return mistake(CodeSpec, "", "region %q names colour number %d", r.Name, *color)
	}
	return nil
}

func (s *Spec) overlap() error {
	for i, a := range s.Regions {
		for _, b := range s.Regions[:i] {
			if a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H {
				return mistake(CodeOverlap, "place them apart with place(x, y)",
					"regions %q at (%d,%d) and %q at (%d,%d) share cores", b.Name, b.X, b.Y, a.Name, a.X, a.Y)
			}
		}
	}
	return nil
}

func edgeDir(edge string) (machine.Dir, bool) {
	switch edge {
	case "TOP":
		return machine.North, true
	case "BOTTOM":
		return machine.South, true
	case "LEFT":
		return machine.West, true
	case "RIGHT":
		return machine.East, true
	}
	return 0, false
}
