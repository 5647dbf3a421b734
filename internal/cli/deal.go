package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"wafer/internal/deal/contract"
	"wafer/internal/deal/file"
	"wafer/internal/deal/library"
	"wafer/internal/diag"
)

// DealCmd is the verb `wafer deal`: from megawatts to dollars to shares.
type DealCmd struct {
	List    DealListCmd    `cmd:"" help:"List the built-in deals."`
	Show    DealShowCmd    `cmd:"" help:"Print a deal file with its terms and sources."`
	Check   DealCheckCmd   `cmd:"" help:"Check a deal file and say what is wrong with it."`
	Run     DealRunCmd     `cmd:"" help:"Compute a deal: capacity, income, backlog, cash, warrants, shares, multiples, sensitivity."`
	Claims  DealClaimsCmd  `cmd:"" help:"Check claims against arithmetic and sources."`
	Bill    DealBillCmd    `cmd:"" help:"Price a month of tokens by the vendors' lists."`
	Bom     DealBomCmd     `cmd:"" help:"Show what a rack costs and how much of it is memory."`
	Graph   DealGraphCmd   `cmd:"" help:"Draw who is bound to whom by money, megawatts and shares."`
	Compare DealCompareCmd `cmd:"" help:"Lay deals side by side."`
	Schema  DealSchemaCmd  `cmd:"" help:"Print the JSON Schema of deal files, for editors."`
}

// loadDeal reads a built-in deal by name, or a file when the argument looks like
// one. The source text goes into the hash of the report.
func loadDeal(k *kong.Context, arg string) (*contract.Deal, []byte, error) {
	if text, err := library.Text(arg); err == nil {
		d, err := library.Load(arg)
		return d, text, err
	}
	text, err := os.ReadFile(arg)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, noSuchDeal(arg)
	}
	if err != nil {
		return nil, nil, &fault{code: ExitSystem, err: fmt.Errorf("read deal %q: %w", arg, err)}
	}
	d, list := file.Parse(arg, text)
	if list.Len() > 0 {
		source := func(string) ([]byte, bool) { return text, true }
		if err := diag.Render(k.Stderr, list.Sorted(), source); err != nil {
			return nil, nil, err
		}
	}
	if list.HasErrors() {
		return nil, nil, &fault{code: ExitProgram, err: fmt.Errorf("%s: %d mistakes", arg, list.Len()), quiet: true}
	}
	return d, text, nil
}

func noSuchDeal(arg string) error {
	if near := diag.Nearest(arg, library.Names()); near != "" {
		return fmt.Errorf("there is no built-in deal and no file %q; did you mean %s?", arg, near)
	}
	return fmt.Errorf("there is no built-in deal and no file %q; built in are %s", arg, strings.Join(library.Names(), ", "))
}

// toFile writes to path by way of write, and removes the file if that fails, so
// that no half report stays behind.
func toFile(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return &fault{code: ExitSystem, err: fmt.Errorf("write %q: %w", path, err)}
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return errors.Join(fmt.Errorf("write %q: %w", path, err), os.Remove(path))
	}
	return nil
}
