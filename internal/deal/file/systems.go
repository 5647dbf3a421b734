package file

import (
	_ "embed"
	"reflect"

	"wafer/internal/check"
	"wafer/internal/deal/contract"
	"wafer/internal/diag"
)

//go:embed systems.yaml
var builtinSystems []byte

// BuiltinSystems lists the machines that any deal may name.
func BuiltinSystems() []contract.System {
	list, ds := parseSystems("systems.yaml", builtinSystems)
	check.That(!ds.HasErrors(), "built-in systems: %v", ds.Sorted())
	return list
}

// systemsFile is a list of machines with its sources.
type systemsFile struct {
	contract.At
	Sources []contract.Source `yaml:"sources" req:"1" doc:"pages"`
	Systems []contract.System `yaml:"systems" req:"1" doc:"machines"`
}

// parseSystems reads a file of machines.
func parseSystems(name string, text []byte) ([]contract.System, *diag.List) {
	d := newDecoder(name, text)
	body := d.body(text)
	if body == nil {
		return nil, d.list
	}
	var f systemsFile
	d.value(body, reflect.ValueOf(&f).Elem(), context{})
	deal := &contract.Deal{Sources: f.Sources, Systems: f.Systems}
	d.resolveSources(deal)
	d.checkIDs(deal)
	return deal.Systems, d.list
}
