package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"wafer/internal/conform"
)

// CSLConformCmd runs the scripts of a checkout of examples.
type CSLConformCmd struct {
	Dir   string        `arg:"" type:"existingdir" help:"Checkout of the examples."`
	Only  string        `help:"Run only what this regular expression finds in \"program arch\"." placeholder:"REGEXP"`
	Arch  string        `help:"Run only one architecture." enum:"wse2,wse3," default:""`
	Limit time.Duration `help:"Time limit of a script." default:"5m"`
	Jobs  int           `help:"Scripts at a time." default:"1"`
	Keep  string        `help:"Keep scratch copies and logs in this folder." type:"path"`
	JSON  bool          `help:"Print JSON."`
}

// conformReport is the --json form.
type conformReport struct {
	Passed  int              `json:"passed"`
	Total   int              `json:"total"`
	Results []conform.Result `json:"results"`
}

// Run runs the scripts and prints the table.
func (c *CSLConformCmd) Run(ctx context.Context, io Streams) error {
	tools, err := os.MkdirTemp("", "wafer-tools-")
	if err != nil {
		return &fault{code: ExitSystem, err: err}
	}
	defer os.RemoveAll(tools)
	if err := installTools(tools); err != nil {
		return &fault{code: ExitSystem, err: err}
	}
	opt := conform.Options{Dir: c.Dir, Tools: tools, Only: c.Only, Arch: c.Arch, Limit: c.Limit, Jobs: c.Jobs, Keep: c.Keep}
	scripts, err := conform.Find(opt)
	if err != nil {
		return &fault{code: ExitUsage, err: err}
	}
	rep := conformReport{Total: len(scripts)}
	if !c.JSON {
		fmt.Fprintf(io.Out, "%-52s %-5s %-5s %12s %8s  %s\n", "program", "arch", "", "cycles", "seconds", "reason")
		opt.Ended = func(r conform.Result) {
			word := "FAIL"
			if r.Pass {
				word = "pass"
			}
			fmt.Fprintf(io.Out, "%-52s %-5s %-5s %12d %8.1f  %s\n", r.Program, r.Arch, word, r.Cycles, r.Seconds, r.Reason)
		}
	}
	rep.Results = conform.Run(ctx, scripts, opt)
	for _, r := range rep.Results {
		if r.Pass {
			rep.Passed++
		}
	}
	if c.JSON {
		e := json.NewEncoder(io.Out)
		e.SetIndent("", "  ")
		if err := e.Encode(rep); err != nil {
			return &fault{code: ExitSystem, err: err}
		}
	} else {
		fmt.Fprintf(io.Out, "%d of %d pass\n", rep.Passed, rep.Total)
	}
	if rep.Passed < rep.Total {
		return &fault{code: ExitProgram, err: errors.New("not all scripts pass"), quiet: true}
	}
	return nil
}
