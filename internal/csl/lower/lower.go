// Package lower turns the typed tree of one core program into instructions and
// laid-out memory.
//
// In: an air.Program. Out: the image.Program that cores run. Steps, in order:
//
//  1. memory.go gives every global its address;
//  2. func.go, stmt.go and expr.go emit one function after the other, registers
//     allocated as a stack above the locals;
//  3. addresses in initial values are filled in and the program is checked to
//     fit into a core.
package lower

import (
	"wafer/internal/csl/air"
	"wafer/internal/diag"
	"wafer/internal/image"
)

// Options are the facts about the target that memory layout depends on.
type Options struct {
	// Memcpy reserves the memory of the host's copy and launch runtime.
	Memcpy bool
	// File names the program's source in diagnostics.
	File string
	// Sections gives the word address at which a section of globals starts.
	Sections map[string]int
}

// Program lowers p. It takes p.Config over and completes it. The program is nil
// if ds received an error.
func Program(p *air.Program, opt Options, ds *diag.List) *image.Program {
	l := &lowerer{in: p, out: p.Config, opt: opt, strings: map[string]int{}}
	l.placeGlobals()
	for i, f := range p.Funcs {
		l.function(i, f)
	}
	l.fill()
	if !l.fits(ds) {
		return nil
	}
	return l.out
}

// lowerer holds what is shared by all functions of one program.
type lowerer struct {
	in      *air.Program
	out     *image.Program
	opt     Options
	addr    []int // word address of each global
	dataEnd int
	// sectionEnd is where each placed section ends.
	sectionEnd map[string]int
	strings    map[string]int
	lastSrc    air.Src
}

// text interns s in the program's string table.
func (l *lowerer) text(s string) int64 {
	i, ok := l.strings[s]
	if !ok {
		i = len(l.out.Strings)
		l.out.Strings = append(l.out.Strings, s)
		l.strings[s] = i
	}
	return int64(i)
}

func (l *lowerer) emit(in image.Instr) int {
	l.out.Code = append(l.out.Code, in)
	return len(l.out.Code) - 1
}

func (l *lowerer) pc() int64 { return int64(len(l.out.Code)) }

// dsd resolves the address in a constant descriptor.
func (l *lowerer) dsd(c *air.ConstDSD) [3]uint64 {
	d := c.DSD
	if c.Global >= 0 {
		d.Base += uint16(l.addr[c.Global] + c.Off)
	}
	return d.Encode()
}
