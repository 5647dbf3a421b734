package validate

import (
	"context"
	"fmt"
)

// operation is one builtin on memory, by its number in op_pe.csl.
type operation struct {
	name string
	code int
}

func operations() []operation {
	return []operation{
		{"copy-f16", 0},
		{"copy-f32", 1},
		{"add-f16", 2},
		{"mul-f16", 3},
		{"add-i16", 4},
		{"scale-f16", 5},
		{"scale-f32", 6},
		{"triad-f16", 7},
		{"triad-f32", 8},
		{"fill-f16", 9},
		{"reduce-f16", 10},
		{"dot-f16", 11},
		{"copy-f16-stride", 12},
	}
}

func opCode(name string) int {
	for _, o := range operations() {
		if o.name == name {
			return o.code
		}
	}
	panic("BUG: no operation " + name)
}

// fit is a published line: cycles between two readings of the clock around one
// operation on n elements.
type fit struct {
	profile, source string
	op              string
	fixed, each     float64 // cycles = fixed + each·n
	tolerance       float64
	note            string
}

// opRounding is what the constants of published lines are good for: registers
// that hold addresses and scalars may be loaded before or after the first reading.
const opRounding = 3

func fits() []fit {
	const (
		exact    = 0.02 // the source says that the line is exact
		measured = 0.10
	)
	return []fit{
		{"wse2", "STREAM", "copy-f16", 10, 1. / 4, exact, ""},
		{"wse2", "STREAM", "add-f16", 12, 1. / 4, exact, ""},
		{"wse2", "STREAM", "scale-f16", 11, 1. / 4, exact, ""},
		{"wse2", "STREAM", "triad-f16", 13, 1. / 4, exact, ""},
		{"wse2", "STREAM", "copy-f32", 10, 1. / 2, exact, ""},
		{"wse2", "STREAM", "scale-f32", 11, 1, exact, ""},
		{"wse2", "STREAM", "triad-f32", 12, 1, exact, ""},
		{"wse2-silicon", "STREAM", "copy-f16", 8, 0.367, measured, "the profile's constants are these lines"},
		{"wse2-silicon", "STREAM", "add-f16", 9, 0.43, measured, "the profile's constants are these lines"},
		{"wse2-silicon", "STREAM", "scale-f16", 9, 0.367, measured, "the profile's constants are these lines"},
		{"wse2-silicon", "STREAM", "triad-f16", 10, 0.43, measured, "the profile's constants are these lines"},
		{"wse2-silicon", "STREAM", "copy-f32", 8, 0.734, measured, "the profile's constants are these lines"},
		{"wse2-silicon", "STREAM", "scale-f32", 10, 1.0625, measured, "the profile's constants are these lines"},
		{"wse2-silicon", "STREAM", "triad-f32", 11, 1.19, measured, "the profile's constants are these lines"},
		{"wse3", "FABRICA", "copy-f16", 15, 1 / 8.00, exact, ""},
		{"wse3", "FABRICA", "copy-f32", 15, 1 / 4.00, exact, ""},
		{"wse3", "FABRICA", "triad-f16", 16, 1 / 4.00, exact, ""},
		{"wse3", "FABRICA", "triad-f32", 17, 1 / 0.50, exact, ""},
		{"wse3", "FABRICA", "fill-f16", 8, 1 / 7.93, exact, ""},
		{"wse3", "FABRICA", "add-f16", 9, 1 / 3.96, exact, ""},
		{"wse3", "FABRICA", "mul-f16", 9, 1 / 3.96, exact, ""},
		{"wse3", "FABRICA", "add-i16", 9, 1 / 3.94, exact, ""},
		{"wse3", "FABRICA", "reduce-f16", 8, 2.00, exact, ""},
		{"wse3", "FABRICA", "dot-f16", 20, 2.25, exact, ""},
		{"wse3-silicon", "FABRICA", "copy-f16", 15, 1 / 4.82, measured, "set-up taken as in the simulator"},
		{"wse3-silicon", "FABRICA", "copy-f32", 15, 1 / 2.44, measured, "set-up taken as in the simulator"},
		{"wse3-silicon", "FABRICA", "triad-f16", 16, 1 / 2.92, measured, "set-up taken as in the simulator"},
		{"wse3-silicon", "FABRICA", "triad-f32", 17, 1 / 0.50, measured, "set-up taken as in the simulator"},
	}
}

func opRows() []Row {
	var rows []Row
	for _, f := range fits() {
		for _, n := range []int{64, 256, 2048} {
			rows = append(rows, f.row(n))
		}
	}
	return rows
}

func (f fit) row(n int) Row {
	p := program{file: "op.csl", profile: f.profile, w: 1, h: 1, params: fmt.Sprintf("op:%d,words:%d", opCode(f.op), n)}
	return Row{
		ID: fmt.Sprintf("op/%s/%s/n%d", f.profile, f.op, n), Group: "operations on memory: " + f.profile,
		What: fmt.Sprintf("%s, %d elements", f.op, n), Profile: f.profile, Source: f.source, Kind: Measured,
		Published: f.fixed + f.each*float64(n), Unit: "cycles", Tolerance: f.tolerance, Slack: opRounding, Required: true, Effort: Quick,
		Conditions: f.note,
		measure:    span(p),
	}
}

// span measures max(end) − min(start) of a program.
func span(p program) func(context.Context, *bench) (float64, error) {
	return func(ctx context.Context, b *bench) (float64, error) {
		out, err := b.run(ctx, p)
		if err != nil {
			return 0, err
		}
		return float64(out.span), nil
	}
}
