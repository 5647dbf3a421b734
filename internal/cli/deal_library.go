package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"wafer/internal/deal/analysis"
	"wafer/internal/deal/contract"
	"wafer/internal/deal/file"
	"wafer/internal/deal/library"
	"wafer/internal/deal/report"
)

// DealListCmd lists the library.
type DealListCmd struct {
	JSON bool `name:"json" help:"Write JSON."`
	CSV  bool `name:"csv" help:"Write CSV."`
}

// Run is called by kong.
func (c *DealListCmd) Run(k *kong.Context) error {
	deals := library.All()
	t := report.List(deals)
	switch {
	case c.JSON:
		return report.WriteJSON(k.Stdout, t.Records())
	case c.CSV:
		return t.CSV(k.Stdout)
	}
	var b strings.Builder
	t.Text(&b)
	_, err := fmt.Fprint(k.Stdout, b.String())
	return err
}

// DealShowCmd prints a deal.
type DealShowCmd struct {
	Deal string `arg:"" help:"Name of a built-in deal, or a deal file."`
	JSON bool   `name:"json" help:"Write JSON: every figure with its value, unit, source."`
	YAML bool   `name:"yaml" help:"Print the deal file itself, to start one's own from."`
}

// Run is called by kong.
func (c *DealShowCmd) Run(k *kong.Context) error {
	d, text, err := loadDeal(k, c.Deal)
	if err != nil {
		return err
	}
	switch {
	case c.YAML:
		_, err = k.Stdout.Write(text)
		return err
	case c.JSON:
		return report.WriteJSON(k.Stdout, report.ShowJSON(d))
	}
	_, err = fmt.Fprint(k.Stdout, report.Show(d))
	return err
}

// DealCheckCmd checks a file.
type DealCheckCmd struct {
	Deal string `arg:"" help:"Deal file, or name of a built-in deal."`
}

// Run is called by kong.
func (c *DealCheckCmd) Run(k *kong.Context) error {
	d, _, err := loadDeal(k, c.Deal)
	if err != nil {
		return err
	}
	assumed := 0
	figures := contract.Figures(d)
	for _, f := range figures {
		if f.Assumed != "" {
			assumed++
		}
	}
	fmt.Fprintf(k.Stdout, "%s: sound; %d figures, %d of them assumptions\n", d.ID, len(figures), assumed)
	return nil
}

// DealSchemaCmd prints the schema.
type DealSchemaCmd struct{}

// Run is called by kong.
func (c *DealSchemaCmd) Run(k *kong.Context) error { return report.WriteJSON(k.Stdout, file.Schema()) }

// DealCompareCmd compares deals.
type DealCompareCmd struct {
	Deals []string `arg:"" optional:"" help:"Deals to compare; all built-in ones if none is named."`
	Paths int      `help:"Paths of each warrant simulation." default:"10000"`
	Seed  uint64   `help:"Seed." default:"1"`
	JSON  bool     `name:"json" help:"Write JSON."`
	CSV   bool     `name:"csv" help:"Write CSV."`
}

// Run is called by kong.
func (c *DealCompareCmd) Run(ctx context.Context, k *kong.Context) error {
	names := c.Deals
	if len(names) == 0 {
		names = library.Names()
	}
	var rs []*analysis.Result
	for _, n := range names {
		d, _, err := loadDeal(k, n)
		if err != nil {
			return err
		}
		r, err := analysis.Run(ctx, d, analysis.Options{Paths: c.Paths, Seed: c.Seed})
		if err != nil {
			return err
		}
		rs = append(rs, r)
	}
	t := report.Compare(rs)
	switch {
	case c.JSON:
		return report.WriteJSON(k.Stdout, t.Records())
	case c.CSV:
		return t.CSV(k.Stdout)
	}
	var b strings.Builder
	t.Text(&b)
	_, err := fmt.Fprint(k.Stdout, b.String())
	return err
}
