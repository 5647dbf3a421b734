// Package check states invariants of our own code. What fails here is a bug of
// Wafer, never a mistake of its user: those are diag.Diagnostic values.
package check

import "fmt"

// That panics with the prefix "BUG:" unless cond holds.
func That(cond bool, format string, args ...any) {
	if !cond {
		panic("BUG: " + fmt.Sprintf(format, args...))
	}
}

// Never marks a place that correct code does not reach.
func Never(format string, args ...any) {
	panic("BUG: " + fmt.Sprintf(format, args...))
}
