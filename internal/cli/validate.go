package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"

	"golang.org/x/term"

	"wafer/internal/validate"
)

// ValidateCmd compares the simulated machine with published cycle figures.
type ValidateCmd struct {
	Filter   string `help:"Only rows whose name matches." placeholder:"REGEXP"`
	Quick    bool   `help:"Only rows that take no time."`
	Full     bool   `help:"Also the largest rows: minutes."`
	All      bool   `help:"Print every row, not one line for each group and what is off."`
	Threads  int    `help:"Rows measured at a time; results do not depend on it." placeholder:"N"`
	Waferllm string `name:"waferllm" help:"Folder with the public WaferLLM programs, to run them too." type:"existingdir" placeholder:"DIR"`
	SVG      string `help:"Draw our figures against the published ones." type:"path" placeholder:"FILE"`
	JSON     bool   `help:"Print JSON."`
}

// Run measures, prints, draws, and fails if a required row fails.
func (c *ValidateCmd) Run(ctx context.Context, s Streams) error {
	opt := validate.Options{Quick: c.Quick, Full: c.Full, Workers: c.Threads, WaferLLM: c.Waferllm}
	if opt.Workers == 0 {
		opt.Workers = runtime.NumCPU()
	}
	if c.Filter != "" {
		re, err := regexp.Compile(c.Filter)
		if err != nil {
			return &fault{code: ExitUsage, err: fmt.Errorf("--filter: %w", err)}
		}
		opt.Filter = re
	}
	if f, ok := s.Err.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		opt.Progress = func(done, all int, id string) { fmt.Fprintf(f, "\r\033[K%d of %d: %s", done, all, id) }
		defer fmt.Fprint(f, "\r\033[K")
	}
	rs, err := validate.Run(ctx, opt)
	if err != nil {
		return err
	}
	if len(rs) == 0 {
		return &fault{code: ExitUsage, err: errors.New("no row has a name like that; `wafer validate --quick --all` lists names")}
	}
	if c.SVG != "" {
		if err := toFile(c.SVG, func(w io.Writer) error { return validate.Draw(w, rs) }); err != nil {
			return &fault{code: ExitSystem, err: err}
		}
	}
	print := validate.Print
	if c.JSON {
		print = validate.PrintJSON
	}
	if err := print(s.Out, rs, c.All || c.Filter != ""); err != nil {
		return &fault{code: ExitSystem, err: err}
	}
	if n := validate.Failed(rs); n > 0 {
		return &fault{code: ExitProgram, err: fmt.Errorf("%d required rows are outside their tolerance", n)}
	}
	return nil
}
