// Package system knows the machines that a deal may name.
//
// In: an embedded YAML list and the systems a deal file defines itself. Out: power,
// price and, where it is published, tokens a second and megawatt. A later
// simulation of the machine replaces the published speed by a measured one.
package system

import (
	_ "embed"

	"wafer/internal/check"
	"wafer/internal/deal/contract"
	"wafer/internal/deal/file"
)

//go:embed systems.yaml
var builtin []byte

// Builtin lists the systems of the library.
func Builtin() []contract.System {
	deal, list := file.ParseSystems("systems.yaml", builtin)
	check.That(!list.HasErrors(), "built-in systems: %v", list.Sorted())
	return deal
}

// Find looks a system up, first in the deal and then in the library.
func Find(d *contract.Deal, id string) (contract.System, bool) {
	for _, s := range append(append([]contract.System{}, d.Systems...), Builtin()...) {
		if s.ID == id {
			return s, true
		}
	}
	return contract.System{}, false
}
