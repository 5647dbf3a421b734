package layout

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"wafer/internal/image"
	"wafer/internal/machine"
)

// emit writes the layout block that the compiler reads: one line for each core's
// code and one for each colour that its router knows. Paths to files are absolute.
//
// kinds tells how a file declares its parameters: programs for SDK 1.x take
// colours as colours, those for 2.10 as numbers.
func (g *grid) emit(s *Spec, value []int, kinds map[string]paramKinds) string {
	var b strings.Builder
	b.WriteString("// Written by SdkLayout.compile: colours and paths are chosen, nothing else is added.\n")
	fmt.Fprintf(&b, "layout {\n  @set_rectangle(%d, %d);\n", g.w, g.h)
	for i := range g.cells {
		x, y, cl := i%g.w, i/g.w, &g.cells[i]
		if cl.region >= 0 {
			fmt.Fprintf(&b, "  @set_tile_code(%d, %d, %s, .{", x, y, strconv.Quote(s.Regions[cl.region].File))
			for j, p := range cl.params {
				if j > 0 {
					b.WriteString(",")
				}
				switch {
				case p.color && kinds[s.Regions[cl.region].File].number(p.name):
					fmt.Fprintf(&b, " .%s = %d", p.name, value[p.value])
				case p.color:
					fmt.Fprintf(&b, " .%s = @get_color(%d)", p.name, value[p.value])
				default:
					fmt.Fprintf(&b, " .%s = %d", p.name, p.value)
				}
			}
			b.WriteString(" });\n")
		}
		for _, r := range cl.routes {
			if len(r.positions) > 0 {
				fmt.Fprintf(&b, "  @set_color_config(%d, %d, @get_color(%d), %s);\n", x, y, value[r.color], config(r.positions))
			}
		}
	}
	b.WriteString("}\n")
	return b.String()
}

// paramKinds holds the declared type of each parameter of a file, "" for none, and
// whether the file turns an untyped one into a colour itself.
type paramKinds struct {
	types map[string]string
	made  map[string]bool
}

var (
	paramLine = regexp.MustCompile(`(?m)^[ \t]*param[ \t]+(\w+)[ \t]*(?::([^=;\n]*))?`)
	makeColor = regexp.MustCompile(`@get_color\(\s*(\w+)\s*\)`)
)

// readParams looks for declarations in the text of a file. A full parse would
// tell no more: a parameter's declaration stands alone on its line.
func readParams(text string) paramKinds {
	k := paramKinds{map[string]string{}, map[string]bool{}}
	for _, m := range paramLine.FindAllStringSubmatch(text, -1) {
		k.types[m[1]] = strings.TrimSpace(m[2])
	}
	for _, m := range makeColor.FindAllStringSubmatch(text, -1) {
		k.made[m[1]] = true
	}
	return k
}

// number reports whether a colour goes to this parameter as a number.
func (k paramKinds) number(name string) bool {
	t, declared := k.types[name]
	if !declared || t == "" {
		return k.made[name]
	}
	return t != "color"
}

// config writes a route. Several positions advance one by one and stay at the
// last; an advance is taken from the control wavelet where it had an effect, so
// that a chain of routers passes its turn from one to the next. Both public
// examples with switches (a chain that hands out, one that collects) need this:
// ASSUMED(layout-switches).
func config(ps []image.Position) string {
	s := ".{ .routes = .{ .rx = " + dirList(ps[0].Rx) + ", .tx = " + dirList(ps[0].Tx) + " }"
	if len(ps) > 1 {
		s += ", .switches = .{"
		for i, p := range ps[1:] {
			var parts []string
			if p.Rx != ps[0].Rx {
				parts = append(parts, ".rx = "+one(p.Rx))
			}
			if p.Tx != ps[0].Tx || len(parts) == 0 {
				parts = append(parts, ".tx = "+one(p.Tx))
			}
			s += fmt.Sprintf(" .pos%d = .{ %s },", i+1, strings.Join(parts, ", "))
		}
		s += " .pop_mode = .{ .pop_on_advance = true } }"
	}
	return s + " }"
}

func dirList(s machine.DirSet) string {
	var names []string
	for d := range machine.Dir(machine.Dirs) {
		if s.Has(d) {
			names = append(names, d.String())
		}
	}
	return ".{ " + strings.Join(names, ", ") + " }"
}

// one names a single direction as switch positions take it.
func one(s machine.DirSet) string {
	for d := range machine.Dir(machine.Dirs) {
		if s == machine.Set(d) {
			return d.String()
		}
	}
	return dirList(s)
}
