package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"wafer/internal/csl"
	"wafer/internal/machine"
)

// The flags of cslc. Scripts write --x=v and --x v, one dash or two, and repeat
// --params; flags that only steer the vendor's optimiser are accepted with a
// warning. Source: the SDK's page on the compiler and the flags of public scripts.

// buildFlags is a parsed command line of cslc.
type buildFlags struct {
	csl.Options
	Out              string // -o
	Output           bool   // --output-json
	OutputPath       string
	Routes           bool // --out-routes
	WarningsAsErrors bool
	Verbose, Help    bool
	JSON             bool
	Warnings         []string
}

// flag describes one flag: whether it takes a value, and what it does.
type flag struct {
	name  string
	value bool
	// maybe: the value comes only as --x=v.
	maybe bool
	set   func(b *buildFlags, v string) error
	help  string
}

//tidy:dispatch
func cslcFlags() []flag {
	num := func(p func(b *buildFlags) *int) func(*buildFlags, string) error {
		return func(b *buildFlags, v string) (err error) {
			if *p(b), err = strconv.Atoi(v); err != nil || *p(b) < 0 {
				return fmt.Errorf("%q is not a whole number of 0 or more", v)
			}
			return nil
		}
	}
	nothing := func(*buildFlags, string) error { return nil }
	unused := func(name string) func(*buildFlags, string) error {
		return func(b *buildFlags, _ string) error {
			b.Warnings = append(b.Warnings, fmt.Sprintf("%s has no effect here", name))
			return nil
		}
	}
	return []flag{
		{"o", true, false, func(b *buildFlags, v string) error { b.Out = v; return nil }, "DIR  output directory (default out)"},
		{"arch", true, false, setArch, "wse2|wse3  machine to compile for (default wse2)"},
		{"fabric-dims", true, false, func(b *buildFlags, v string) (err error) {
			b.FabricW, b.FabricH, err = twoNumbers(v)
			return err
		}, "W,H  size of the simulated fabric (default: just large enough)"},
		{"fabric-offsets", true, false, func(b *buildFlags, v string) (err error) {
			b.OffsetX, b.OffsetY, err = twoNumbers(v)
			return err
		}, "X,Y  place of the program rectangle in the fabric"},
		{"params", true, false, func(b *buildFlags, v string) error { return addParams(&b.Params, v) }, "NAME:VALUE,…  parameters of the layout file; may be repeated"},
		{"colors", true, false, func(b *buildFlags, v string) error { return addParams(&b.Colors, v) }, "NAME:VALUE,…  colours of the layout file; may be repeated"},
		{"memcpy", false, false, func(b *buildFlags, _ string) error { b.Memcpy = true; return nil }, "let the host copy and launch"},
		{"channels", true, false, num(func(b *buildFlags) *int { return &b.Channels }), "N  channels between host and fabric"},
		{"width-west-buf", true, false, num(func(b *buildFlags) *int { return &b.WestBuf }), "N  columns of buffers at the west edge"},
		{"width-east-buf", true, false, num(func(b *buildFlags) *int { return &b.EastBuf }), "N  columns of buffers at the east edge"},
		{"import-path", true, false, func(b *buildFlags, v string) error { b.ImportPaths = append(b.ImportPaths, v); return nil }, "DIR  where <…> files are looked for; may be repeated, also CSL_IMPORT_PATH"},
		{"fp16-format", true, false, setFP16, "f16|bf16|cb16  format of 16-bit floats (default f16)"},
		{"max-inlined-iterations", true, false, num(func(b *buildFlags) *int { return &b.MaxInlined }), "N  limit of comptime loop iterations"},
		{"comptime-func-depth-limit", true, false, num(func(b *buildFlags) *int { return &b.ComptimeDepthLimit }), "N  limit of nested comptime calls"},
		{"max-parallelism", true, false, nothing, "N  accepted"},
		{"output-json", true, true, func(b *buildFlags, v string) error { b.Output, b.OutputPath = true, v; return nil }, "[=PATH]  write what was compiled as JSON"},
		{"out-routes", false, false, func(b *buildFlags, _ string) error { b.Routes = true; return nil }, "draw the routes: generated/routes.svg and routes.txt"},
		{"warnings-as-errors", false, false, func(b *buildFlags, _ string) error { b.WarningsAsErrors = true; return nil }, "fail on warnings"},
		{"verbose", false, false, func(b *buildFlags, _ string) error { b.Verbose = true; return nil }, "say what was compiled"},
		{"json", false, false, func(b *buildFlags, _ string) error { b.JSON = true; return nil }, "print diagnostics and result as JSON"},
		{"help", false, false, func(b *buildFlags, _ string) error { b.Help = true; return nil }, "print this"},
		{"h", false, false, func(b *buildFlags, _ string) error { b.Help = true; return nil }, ""},
		{"link-section-start-address-bytes", true, false, func(b *buildFlags, v string) error { return addParams(&b.Sections, v) }, "NAME:BYTES,…  where sections named by linksection start"},
		{"lomem-reservation-end", true, false, unused("--lomem-reservation-end"), ""},
		{"single-pe", false, false, unused("--single-pe"), ""},
		{"dump-dsr-alloc-graph", false, false, unused("--dump-dsr-alloc-graph"), ""},
		{"disable-auto-microthread-id", false, false, unused("--disable-auto-microthread-id"), ""},
	}
}

// parseBuild reads a command line of cslc.
func parseBuild(args []string) (*buildFlags, error) {
	b := &buildFlags{Out: "out", Options: csl.Options{Arch: machine.WSE2}}
	flags := cslcFlags()
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		if !strings.HasPrefix(arg, "-") || arg == "-" {
			if b.File != "" {
				return nil, fmt.Errorf("there are two files, %s and %s; one layout file is compiled at a time", b.File, arg)
			}
			b.File = arg
			continue
		}
		name, v, has := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		i := slices.IndexFunc(flags, func(f flag) bool { return f.name == name })
		if i < 0 {
			args = b.unknown(name, has, args)
			continue
		}
		if f := flags[i]; f.value && !has && !f.maybe {
			if len(args) == 0 {
				return nil, fmt.Errorf("%s needs a value: %s", arg, f.help)
			}
			v, args = args[0], args[1:]
		}
		if err := flags[i].set(b, v); err != nil {
			return nil, fmt.Errorf("%s: %w", arg, err)
		}
	}
	return b, nil
}

// unknown warns of a flag that we do not have. What follows it is its value
// unless it looks like a flag or a source file.
func (b *buildFlags) unknown(name string, has bool, args []string) []string {
	switch {
	case name == "":
	case strings.HasPrefix(name, "g") && len(name) == 2, strings.HasPrefix(name, "O") && len(name) == 2:
		return args // -g0, -O2: debug and optimisation levels
	}
	b.Warnings = append(b.Warnings, fmt.Sprintf("unknown flag --%s is ignored", name))
	if !has && len(args) > 0 && !strings.HasPrefix(args[0], "-") && !strings.HasSuffix(args[0], ".csl") {
		return args[1:]
	}
	return args
}

func setArch(b *buildFlags, v string) error {
	switch strings.ToLower(v) {
	case "wse2":
		b.Arch = machine.WSE2
	case "wse3":
		b.Arch = machine.WSE3
	default:
		return fmt.Errorf("%q is no architecture; there are wse2 and wse3", v)
	}
	return nil
}

func setFP16(b *buildFlags, v string) error {
	if v != "f16" && v != "bf16" && v != "cb16" {
		return fmt.Errorf("%q is no 16-bit format; there are f16, bf16 and cb16", v)
	}
	b.FP16 = v
	return nil
}

func twoNumbers(v string) (int, int, error) {
	x, y, ok := strings.Cut(v, ",")
	a, err1 := strconv.Atoi(strings.TrimSpace(x))
	c, err2 := strconv.Atoi(strings.TrimSpace(y))
	if !ok || err1 != nil || err2 != nil || a < 0 || c < 0 {
		return 0, 0, fmt.Errorf("%q is not two whole numbers with a comma between them", v)
	}
	return a, c, nil
}

// addParams reads name:value pairs. A later value of the same name wins.
func addParams(list *[]csl.Param, v string) error {
	for _, pair := range strings.Split(v, ",") {
		if pair == "" {
			continue // scripts leave a comma at the end
		}
		name, value, ok := strings.Cut(pair, ":")
		if !ok || name == "" {
			return fmt.Errorf("%q is not name:value", pair)
		}
		p := csl.Param{Name: strings.TrimSpace(name), Value: strings.TrimSpace(value)}
		if i := slices.IndexFunc(*list, func(o csl.Param) bool { return o.Name == p.Name }); i >= 0 {
			(*list)[i] = p
			continue
		}
		*list = append(*list, p)
	}
	return nil
}
