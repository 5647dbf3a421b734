// Package diag is the one form in which Wafer reports a mistake in something a
// person wrote: CSL source, a YAML file, a model file, a command line.
//
// In: positions and words from whoever found the mistake. Out: a list of
// Diagnostic values that callers sort, render as text or encode as JSON.
// Libraries collect diagnostics and never print them.
package diag

import (
	"cmp"
	"fmt"
	"slices"
)

// Severity orders diagnostics by how much they matter.
type Severity uint8

// The three severities. Only Error makes a command fail.
const (
	Error Severity = iota
	Warning
	Note
)

// String gives the word used in front of a rendered diagnostic.
func (s Severity) String() string {
	return [...]string{"error", "warning", "note"}[s]
}

// MarshalText makes JSON carry the word and not the number.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Code numbers a kind of mistake, e.g. "E0123". Codes are documented with one
// example each and are never renumbered.
type Code string

// Pos is a place in a file. Line and Col count from 1, Col in bytes; Line 0
// means the file as a whole. Len is the number of bytes to underline, 0 for one.
type Pos struct {
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	Col  int    `json:"col,omitempty"`
	Len  int    `json:"len,omitempty"`
}

// String gives file:line:col, leaving out what is not known.
func (p Pos) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Col == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// Diagnostic is one mistake: where, what is wrong and why, and what to do.
type Diagnostic struct {
	Severity Severity `json:"severity"`
	Code     Code     `json:"code"`
	Pos      Pos      `json:"pos"`
	Message  string   `json:"message"`        // what is wrong and why, one sentence
	Cure     string   `json:"cure,omitempty"` // what to do about it, empty if not known
	Notes    []Extra  `json:"notes,omitempty"`
}

// Extra is a further place that helps to understand a Diagnostic, such as the
// earlier declaration or the call that led to a generic instance.
type Extra struct {
	Pos     Pos    `json:"pos"`
	Message string `json:"message"`
}

// Error makes a Diagnostic usable as a Go error where one value must be returned.
func (d Diagnostic) Error() string {
	return fmt.Sprintf("%s: %s[%s]: %s", d.Pos, d.Severity, d.Code, d.Message)
}

// MaxPerRun bounds a List: a broken input must not bury its first mistake.
const MaxPerRun = 100

// List collects diagnostics. The zero value is ready to use.
type List struct {
	items   []Diagnostic
	dropped int
	errors  int
}

// Add appends d unless the same code was already reported at the same place.
func (l *List) Add(d Diagnostic) {
	if d.Severity == Error {
		l.errors++
	}
	for _, o := range l.items {
		if o.Pos == d.Pos && o.Code == d.Code && o.Message == d.Message {
			return
		}
	}
	if len(l.items) == MaxPerRun {
		l.dropped++
		return
	}
	l.items = append(l.items, d)
}

// Errorf adds an error without a cure.
func (l *List) Errorf(pos Pos, code Code, format string, args ...any) {
	l.Add(Diagnostic{Code: code, Pos: pos, Message: fmt.Sprintf(format, args...)})
}

// Warnf adds a warning without a cure.
func (l *List) Warnf(pos Pos, code Code, format string, args ...any) {
	l.Add(Diagnostic{Severity: Warning, Code: code, Pos: pos, Message: fmt.Sprintf(format, args...)})
}

// HasErrors reports whether an error was added, also one beyond MaxPerRun.
func (l *List) HasErrors() bool { return l.errors > 0 }

// Len counts the diagnostics kept.
func (l *List) Len() int { return len(l.items) }

// Dropped counts the diagnostics beyond MaxPerRun.
func (l *List) Dropped() int { return l.dropped }

// Sorted gives the diagnostics by file, line, column and code.
func (l *List) Sorted() []Diagnostic {
	out := slices.Clone(l.items)
	slices.SortStableFunc(out, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Pos.File, b.Pos.File),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Col, b.Pos.Col),
			cmp.Compare(a.Code, b.Code))
	})
	return out
}
