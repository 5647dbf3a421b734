package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"wafer/internal/deal/analysis"
	"wafer/internal/deal/claims"
	"wafer/internal/deal/report"
	"wafer/internal/diag"
)

// DealClaimsCmd checks claims.
type DealClaimsCmd struct {
	File []string `arg:"" optional:"" help:"Claims files; the built-in 50 claims if none is named."`
	Deal string   `help:"Compute this deal and let formulas use its outputs." placeholder:"NAME"`
	ID   []string `name:"id" help:"Answer these claims only. May be repeated." placeholder:"ID"`
	AsOf string   `name:"as-of" help:"Judge all claims on this date instead of their own." placeholder:"YYYY-MM-DD"`
	Long bool     `help:"Print the arithmetic, the readings and the sources of each claim."`
	JSON bool     `name:"json" help:"Write JSON."`
	CSV  bool     `name:"csv" help:"Write CSV."`
}

// Run is called by kong.
func (c *DealClaimsCmd) Run(ctx context.Context, k *kong.Context) error {
	f, err := c.load(k)
	if err != nil {
		return err
	}
	outputs, err := c.outputs(ctx, k)
	if err != nil {
		return err
	}
	var o claims.Options
	if c.AsOf != "" {
		if o.AsOf, err = time.Parse(time.DateOnly, c.AsOf); err != nil {
			return fmt.Errorf("--as-of %q: write YYYY-MM-DD", c.AsOf)
		}
	}
	answers, ds := claims.Check(f, outputs, o)
	if err := render(k, ds); err != nil {
		return err
	}
	if answers, err = pick(answers, c.ID); err != nil {
		return err
	}
	switch {
	case c.JSON:
		return report.WriteJSON(k.Stdout, answers)
	case c.Long:
		_, err = fmt.Fprint(k.Stdout, report.LongAnswers(answers))
		return err
	}
	return write(k, report.Answers(f.Title, answers), c.CSV)
}

func (c *DealClaimsCmd) load(k *kong.Context) (*claims.File, error) {
	if len(c.File) == 0 {
		return claims.Builtin(), nil
	}
	var files []*claims.File
	for _, name := range c.File {
		text, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, &fault{code: ExitSystem, err: fmt.Errorf("there is no claims file %q; without a file the built-in claims are answered", name)}
		}
		if err != nil {
			return nil, &fault{code: ExitSystem, err: fmt.Errorf("read claims %q: %w", name, err)}
		}
		f, ds := claims.Parse(name, text)
		if err := render(k, ds); err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	if len(files) == 1 {
		return files[0], nil
	}
	f, ds := claims.Merge(strings.Join(c.File, ", "), files...)
	return f, render(k, ds)
}

// render prints diagnostics and fails when one of them is an error.
func render(k *kong.Context, ds []diag.Diagnostic) error {
	source := func(name string) ([]byte, bool) {
		if text, ok := claims.Source(name); ok {
			return text, true
		}
		text, err := os.ReadFile(name)
		return text, err == nil
	}
	if err := diag.Render(k.Stderr, ds, source); err != nil {
		return err
	}
	for _, d := range ds {
		if d.Severity == diag.Error {
			return &fault{code: ExitProgram, err: errors.New("the claims have mistakes"), quiet: true}
		}
	}
	return nil
}

func (c *DealClaimsCmd) outputs(ctx context.Context, k *kong.Context) (map[string]claims.Output, error) {
	if c.Deal == "" {
		return nil, nil
	}
	d, _, err := loadDeal(k, c.Deal)
	if err != nil {
		return nil, err
	}
	r, err := analysis.Run(ctx, d, analysis.Options{Seed: 1})
	if err != nil {
		return nil, err
	}
	return report.ClaimOutputs(r), nil
}

func pick(answers []claims.Answer, ids []string) ([]claims.Answer, error) {
	if len(ids) == 0 {
		return answers, nil
	}
	var out []claims.Answer
	var known []string
	for _, id := range ids {
		found := false
		for _, a := range answers {
			if strings.EqualFold(a.ID, id) {
				out, found = append(out, a), true
			}
		}
		if found {
			continue
		}
		for _, a := range answers {
			known = append(known, a.ID)
		}
		return nil, fmt.Errorf("there is no claim %q; there are %s", id, strings.Join(known, ", "))
	}
	return out, nil
}
