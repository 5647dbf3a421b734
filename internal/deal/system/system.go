// Package system knows the machines that a deal may name.
//
// In: the built-in list and the systems a deal file defines itself. Out: power,
// price and, where it is published, tokens a second and megawatt. A later
// simulation of the machine replaces the published speed by a measured one.
package system

import (
	"wafer/internal/deal/contract"
	"wafer/internal/deal/file"
)

// Find looks a system up, first in the deal and then in the built-in list.
func Find(d *contract.Deal, id string) (contract.System, bool) {
	if id == "" {
		return contract.System{}, false
	}
	for _, s := range d.Systems {
		if s.ID == id {
			return s, true
		}
	}
	for _, s := range file.BuiltinSystems() {
		if s.ID == id {
			return s, true
		}
	}
	return contract.System{}, false
}

// Of finds the system of a tranche: its own, else the deal's.
func Of(d *contract.Deal, tranche string) (contract.System, bool) {
	for _, t := range d.Capacity.Tranches {
		if t.ID == tranche && t.Hardware != "" {
			return Find(d, t.Hardware)
		}
	}
	return Find(d, d.Capacity.Hardware)
}
