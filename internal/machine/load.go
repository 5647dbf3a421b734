package machine

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"wafer/internal/diag"
)

//go:embed presets/*.yaml
var presets embed.FS

// MaxFileBytes bounds a machine file, MaxBases the chain of its bases.
const (
	MaxFileBytes = 1 << 20
	MaxBases     = 8
)

// Names lists the presets in alphabetical order.
func Names() []string {
	entries, err := fs.ReadDir(presets, "presets")
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	slices.Sort(names)
	return names
}

// Preset gives the machine of that name.
func Preset(name string) (*Machine, error) {
	m, ds := byName(diag.Pos{}, name, 0)
	if len(ds) > 0 {
		return nil, ds[0]
	}
	return m, nil
}

// Default gives the profile for an architecture when none was asked for.
func Default(a Arch) *Machine {
	m, err := Preset(a.String())
	if err != nil {
		panic("BUG: preset " + a.String() + ": " + err.Error())
	}
	return m
}

// Load reads a machine from YAML. Fields that it does not give are those of the
// preset named by its "base"; a name without base must give everything.
func Load(file string, text []byte) (*Machine, []diag.Diagnostic) {
	return load(file, text, 0)
}

func byName(from diag.Pos, name string, depth int) (*Machine, []diag.Diagnostic) {
	text, err := presets.ReadFile("presets/" + name + ".yaml")
	if err != nil {
		return nil, []diag.Diagnostic{{
			Code: "M0003", Pos: from,
			Message: fmt.Sprintf("there is no machine %q", name),
			Cure:    "choose one of " + strings.Join(Names(), ", ") + ", or give a YAML file",
		}}
	}
	return load(name+".yaml", text, depth)
}

func load(file string, text []byte, depth int) (*Machine, []diag.Diagnostic) {
	pos := diag.Pos{File: file}
	if len(text) > MaxFileBytes {
		return nil, []diag.Diagnostic{{Code: "M0001", Pos: pos, Message: fmt.Sprintf("a machine file of %d bytes; %d are allowed", len(text), MaxFileBytes)}}
	}
	if depth > MaxBases {
		return nil, []diag.Diagnostic{{Code: "M0004", Pos: pos, Message: "the chain of bases does not end"}}
	}
	var head struct {
		Base string `yaml:"base"`
	}
	if err := yaml.Unmarshal(text, &head); err != nil {
		return nil, []diag.Diagnostic{yamlDiag(file, err)}
	}
	m := new(Machine)
	if head.Base != "" {
		base, ds := byName(pos, head.Base, depth+1)
		if len(ds) > 0 {
			return nil, ds
		}
		*m = *base
	}
	if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(m); err != nil {
		return nil, []diag.Diagnostic{yamlDiag(file, err)}
	}
	if ds := m.Validate(file); len(ds) > 0 {
		return nil, ds
	}
	return m, nil
}

// yamlDiag puts an error of the YAML reader at its place in the file.
func yamlDiag(file string, err error) diag.Diagnostic {
	d := diag.Diagnostic{Code: "M0002", Pos: diag.Pos{File: file}, Message: firstLine(err.Error())}
	var ye yaml.Error
	if errors.As(err, &ye) {
		d.Message = ye.GetMessage()
		if t := ye.GetToken(); t != nil && t.Position != nil {
			d.Pos.Line, d.Pos.Col = t.Position.Line, t.Position.Column
		}
	}
	return d
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// bound is a range that a field must keep to.
type bound struct {
	field      string
	v, min, mx int
}

// Validate reports every field that is out of range.
func (m *Machine) Validate(file string) []diag.Diagnostic {
	bounds := []bound{
		{"arch", int(m.Arch), 2, 3},
		{"fabric_w", m.FabricW, 1, 4096},
		{"fabric_h", m.FabricH, 1, 4096},
		{"rect_w", m.RectW, 1, 4096},
		{"rect_h", m.RectH, 1, 4096},
		{"clock_mhz", m.ClockMHz, 1, 100_000},
		{"core.sram_words", m.Core.SRAMWords, 64, ConfigBase},
		{"core.filters", m.Core.Filters, 0, Colors},
		{"net.hop", m.Net.Hop, 1, 100},
		{"net.ramp_up", m.Net.RampUp, 1, 100},
		{"net.ramp_down", m.Net.RampDown, 1, 100},
		{"net.buffer", m.Net.Buffer, 1, MaxBuffer},
		{"net.link_period", m.Net.LinkPeriod, 0, 1 << 20},
		{"dsd.read_bits", m.DSD.ReadBits, 16, 1 << 16},
		{"dsd.reduce_milli", m.DSD.ReduceMilli, 1, 1 << 20},
	}
	for i := range Queues {
		bounds = append(bounds,
			bound{fmt.Sprintf("core.in_depth[%d]", i), m.Core.InDepth[i], 1, MaxDepth},
			bound{fmt.Sprintf("core.out_depth[%d]", i), m.Core.OutDepth[i], 0, MaxDepth})
	}
	bounds = append(bounds, m.costBounds()...)
	var ds []diag.Diagnostic
	for _, b := range bounds {
		if b.v < b.min || b.v > b.mx {
			ds = append(ds, diag.Diagnostic{
				Code: "M0005", Pos: diag.Pos{File: file},
				Message: fmt.Sprintf("%s is %d", b.field, b.v),
				Cure:    fmt.Sprintf("give a value from %d to %d", b.min, b.mx),
			})
		}
	}
	if r := m.DSD.StrideRule; r != "none" && r != "doc" && r != "linear" {
		ds = append(ds, diag.Diagnostic{
			Code: "M0005", Pos: diag.Pos{File: file},
			Message: fmt.Sprintf("dsd.stride_rule is %q", r), Cure: "choose none, doc or linear",
		})
	}
	return ds
}

// Limits of a core's queues and a router's buffers.
const (
	MaxDepth  = 64
	MaxBuffer = 4
	maxCost   = 100_000
)

func (m *Machine) costBounds() []bound {
	c, s := m.Costs, m.DSD.Setup
	var bs []bound
	for _, f := range []struct {
		name string
		v    int
		min  int
	}{
		{"costs.scalar", c.Scalar, 1},
		{"costs.wide_words", c.WideWords, 0},
		{"costs.mul32", c.Mul32, 1},
		{"costs.div", c.Div, 1},
		{"costs.fdiv", c.FDiv, 1},
		{"costs.sqrt", c.Sqrt, 1},
		{"costs.fp_dependent", c.FPDependent, 0},
		{"costs.branch_taken", c.BranchTaken, 1},
		{"costs.branch_not_taken", c.BranchNotTaken, 1},
		{"costs.compare", c.Compare, 0},
		{"costs.call", c.Call, 1},
		{"costs.return", c.Return, 1},
		{"costs.task_wake", c.TaskWake, 1},
		{"costs.task_switch", c.TaskSwitch, 1},
		{"costs.time", c.Time, 1},
		{"costs.config", c.Config, 1},
		{"costs.load_dsr", c.LoadDSR, 0},
		{"costs.fabric_start", c.FabricStart, 0},
		{"costs.async", c.Async, 1},
		{"dsd.setup.move", s.Move, 1},
		{"dsd.setup.fill", s.Fill, 1},
		{"dsd.setup.scale", s.Scale, 1},
		{"dsd.setup.binary", s.Binary, 1},
		{"dsd.setup.fma16", s.FMA16, 1},
		{"dsd.setup.fma32", s.FMA32, 1},
		{"dsd.setup.reduce", s.Reduce, 1},
		{"dsd.setup.loaded", s.Loaded, 0},
	} {
		bs = append(bs, bound{f.name, f.v, f.min, maxCost})
	}
	return bs
}
