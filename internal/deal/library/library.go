// Package library holds the built-in deals and systems.
//
// In: YAML files embedded at build time. Out: checked contract.Deal values, by
// name or all of them. Every figure in them has a source or says that it is an
// assumption; terms that are not public stay out and are listed as open.
package library

import (
	"embed"
	"fmt"
	"io/fs"
	"sort"
	"strings"

	"wafer/internal/check"
	"wafer/internal/deal/contract"
	"wafer/internal/deal/file"
)

//go:embed deals/*.yaml
var deals embed.FS

// Names lists the built-in deals in alphabetical order.
func Names() []string {
	entries, err := fs.ReadDir(deals, "deals")
	check.That(err == nil, "embedded deals: %v", err)
	var out []string
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	sort.Strings(out)
	return out
}

// Text gives the YAML of a built-in deal, which is also the best template for a
// deal of one's own.
func Text(name string) ([]byte, error) {
	text, err := deals.ReadFile("deals/" + name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("there is no built-in deal %q", name)
	}
	return text, nil
}

// Load reads one built-in deal. A mistake in it is ours.
func Load(name string) (*contract.Deal, error) {
	text, err := Text(name)
	if err != nil {
		return nil, err
	}
	deal, list := file.Parse(name+".yaml", text)
	check.That(!list.HasErrors(), "built-in deal %s: %v", name, list.Sorted())
	return deal, nil
}

// All reads every built-in deal in the order of Names.
func All() []*contract.Deal {
	var out []*contract.Deal
	for _, name := range Names() {
		d, err := Load(name)
		check.That(err == nil, "built-in deal %s: %v", name, err)
		out = append(out, d)
	}
	return out
}
