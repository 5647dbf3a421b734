package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"wafer/internal/csl/outdir"
	"wafer/internal/diag"
	"wafer/internal/host/layout"
	"wafer/internal/host/wire"
)

// CSLHostCmd serves one host program over stdin and stdout.
type CSLHostCmd struct{}

// Run serves until the other side closes.
func (c *CSLHostCmd) Run(ctx context.Context, io Streams) error {
	return wire.Serve(ctx, io.In, io.Out, wireEnv(io.Err))
}

// compileLayout is SdkLayout.compile: it writes an output directory, the layout
// that was compiled, and on request the map of ports.
func compileLayout(errw io.Writer) func(context.Context, json.RawMessage, []byte) (any, error) {
	return func(ctx context.Context, text json.RawMessage, data []byte) (any, error) {
		var s layout.Spec
		if err := json.Unmarshal(text, &s); err != nil {
			return nil, fmt.Errorf("the layout is not understood: %w", err)
		}
		res, err := layout.Compile(ctx, &s, data)
		if res == nil {
			return nil, err
		}
		if e := saveSource(s.Out, res.Source); e != nil {
			return nil, e
		}
		if err != nil {
			return nil, err
		}
		if err := diag.Render(errw, res.Diags, readSource); err != nil {
			return nil, err
		}
		if err := outdir.Write(s.Out, res.Image); err != nil {
			return nil, err
		}
		if s.PortMap {
			ports, err := json.MarshalIndent(res.Image.Ports, "", "  ")
			if err != nil {
				return nil, err
			}
			if err := os.WriteFile(filepath.Join(s.Out, "port_map.json"), append(ports, '\n'), 0o666); err != nil {
				return nil, err
			}
		}
		return map[string]any{"out": s.Out}, nil
	}
}

// saveSource keeps the generated layout, also where it does not compile: its
// diagnostics point into it.
func saveSource(out, source string) error {
	dir := filepath.Join(out, "generated")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("write layout: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "layout.csl"), []byte(source), 0o666); err != nil {
		return fmt.Errorf("write layout: %w", err)
	}
	return nil
}
