// Package cli is the command line, and the only place where the parts of Wafer
// are joined: one file a verb, no logic of its own.
//
// In: arguments and the three streams. Out: an exit code (see the constants).
// A verb is a struct with a Run method; to add one, write it in a file of its own
// and give CLI a field for it.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"wafer/internal/csl/sema"
	"wafer/internal/diag"
	"wafer/internal/host"
	"wafer/internal/host/layout"
)

// Version is printed by --version and written to sim.log.
const Version = "0.1.0"

// Exit codes. They tell scripts whose turn it is.
const (
	ExitOK      = 0
	ExitProgram = 1 // the user's program, model or file has a mistake, or a check failed
	ExitUsage   = 2 // the command line is wrong
	ExitSystem  = 3 // a file cannot be read or written, a process cannot be started
	ExitSignal  = 130
)

// CLI is the whole command line.
type CLI struct {
	Version  kong.VersionFlag `help:"Print the version."`
	Run      RunCmd           `cmd:"" help:"Run a language model on a simulated wafer."`
	Model    ModelCmd         `cmd:"" help:"Show, fetch, time and compile language models."`
	CSL      CSLCmd           `cmd:"" name:"csl" help:"Compile, run and look at CSL programs."`
	Demo     DemoCmd          `cmd:"" help:"Run a collective over a whole wafer and draw the result."`
	Validate ValidateCmd      `cmd:"" help:"Compare the simulated machine with published cycle figures."`
	Deal     DealCmd          `cmd:"" help:"Contracts for compute: from megawatts to dollars to shares."`
}

// Streams are the three streams of a process.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// fault is an error that names its exit code. Quiet ones were already printed.
type fault struct {
	code  int
	err   error
	quiet bool
}

func (f *fault) Error() string { return f.err.Error() }
func (f *fault) Unwrap() error { return f.err }

// Main runs the command line and gives the exit code.
func Main(args []string, io Streams) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var cli CLI
	exited := -1
	parser, err := kong.New(&cli,
		kong.Name("wafer"),
		kong.Description("An open wafer-scale AI computer in software."),
		kong.Vars{"version": "wafer " + Version, "default_context": fmt.Sprint(defaultContext)},
		kong.Writers(io.Out, io.Err),
		kong.Exit(func(code int) { exited = code }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(io),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
	)
	if err != nil {
		fmt.Fprintln(io.Err, "BUG:", err)
		return ExitSystem
	}
	k, err := parser.Parse(args)
	if exited >= 0 {
		return exited // --help or --version
	}
	if err != nil {
		fmt.Fprintf(io.Err, "wafer: %v\n  cure: wafer --help lists what there is\n", err)
		return ExitUsage
	}
	return exitCode(ctx, k.Run(), io.Err)
}

// exitCode prints an error for a person and gives the exit code for a script.
func exitCode(ctx context.Context, err error, w io.Writer) int {
	if err == nil {
		return ExitOK
	}
	d := diag.Diagnostic{}
	isDiag := errors.As(err, &d)
	if ctx.Err() != nil && (errors.Is(err, context.Canceled) || isDiag && d.Code == sema.ECancelled) {
		fmt.Fprintln(w, "wafer: interrupted")
		return ExitSignal
	}
	if hf := new(host.Failure); errors.As(err, &hf) {
		return renderAll(w, hf.Diags)
	}
	if le := new(layout.Error); errors.As(err, &le) {
		return renderAll(w, le.Diags)
	}
	f := new(fault)
	isFault := errors.As(err, &f)
	if !isFault && isDiag {
		return renderAll(w, []diag.Diagnostic{d})
	}
	if !isFault {
		f = &fault{code: ExitProgram, err: err}
	}
	if !f.quiet {
		fmt.Fprintf(w, "wafer: %v\n", err)
	}
	return f.code
}

func renderAll(w io.Writer, ds []diag.Diagnostic) int {
	if err := diag.Render(w, ds, readSource); err != nil {
		return ExitSystem
	}
	return ExitProgram
}

// readSource shows diagnostics the lines that they are about.
func readSource(name string) ([]byte, bool) {
	text, err := os.ReadFile(name)
	return text, err == nil
}
