package host

import (
	"fmt"
	"strings"

	"wafer/internal/diag"
)

// The codes of what can go wrong between host and device.
const (
	CodeNoSymbol  diag.Code = "H0001" // a name that the program does not export
	CodeNotFunc   diag.Code = "H0002" // launch of a variable, copy of a function
	CodeArgs      diag.Code = "H0003" // launch arguments of other number or type
	CodeRegion    diag.Code = "H0004" // a region of interest outside the rectangle
	CodeShape     diag.Code = "H0005" // an array of the wrong length
	CodeNotHere   diag.Code = "H0006" // a core in the region lacks the symbol
	CodeMemory    diag.Code = "H0007" // a copy would leave the core's memory
	CodeReadOnly  diag.Code = "H0008" // a copy to a symbol exported as immutable
	CodeDeadlock  diag.Code = "H0009" // nothing can move and a command is open
	CodeFault     diag.Code = "H0010" // the program made a mistake while it ran
	CodeLimit     diag.Code = "H0011" // the cycle limit was reached
	CodeStopped   diag.Code = "H0012" // a command after stop
	CodeNoStream  diag.Code = "H0013" // a colour or port that is not a stream
	CodeNotMemcpy diag.Code = "H0014" // launch or copy without --memcpy
	CodeTrace     diag.Code = "H0015" // a trace buffer that is not there or not whole
	CodeOpen      diag.Code = "H0016" // a state saved or loaded while a command is open that cannot be kept
	CodeNoSave    diag.Code = "H0017" // a device whose state cannot be saved
)

// Failure is an error that carries diagnostics for a person.
type Failure struct{ Diags []diag.Diagnostic }

// Error renders the diagnostics as text.
func (f *Failure) Error() string {
	var b strings.Builder
	if err := diag.Render(&b, f.Diags, nil); err != nil {
		return err.Error() // a strings.Builder never fails; Render's writer might
	}
	return strings.TrimRight(b.String(), "\n")
}

func fail(code diag.Code, cure, format string, args ...any) error {
	return &Failure{[]diag.Diagnostic{{Code: code, Message: fmt.Sprintf(format, args...), Cure: cure}}}
}
