package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/alecthomas/kong"

	"wafer/internal/deal/analysis"
	"wafer/internal/deal/contract"
	"wafer/internal/deal/library"
	"wafer/internal/deal/report"
	"wafer/internal/diag"
)

// DealRunCmd computes one deal.
type DealRunCmd struct {
	Deal     string   `arg:"" help:"Name of a built-in deal, or a deal file."`
	Scenario string   `help:"Scenario of the deal to run." placeholder:"ID"`
	Set      []string `help:"Give a figure another value, e.g. price.fee=$12M/MW-yr. May be repeated." sep:"none" placeholder:"PATH=VALUE"`
	Paths    int      `help:"Paths of the warrant simulation." default:"40000"`
	Fan      int      `help:"Draws of the Monte Carlo fan; 0 leaves fan, tornado and sensitivities out." default:"1000"`
	Seed     uint64   `help:"Seed of every simulation." default:"1"`
	Workers  int      `help:"Processors to use; never changes a result." default:"0"`
	Times    float64  `help:"Multiple for the reverse question." default:"15"`
	Compare  bool     `help:"Lay the deal beside those of the library." default:"true" negatable:""`
	Quarters bool     `help:"Tables by quarter instead of by year."`
	JSON     bool     `name:"json" help:"Write JSON."`
	CSV      bool     `name:"csv" help:"Write CSV: table, row, column, value."`
	XLSX     string   `name:"xlsx" help:"Also write a workbook with live formulas." placeholder:"FILE"`
	HTML     string   `name:"html" help:"Also write one self-contained page with charts." placeholder:"FILE"`
}

// Run is called by kong.
func (c *DealRunCmd) Run(ctx context.Context, k *kong.Context) error {
	d, text, err := loadDeal(k, c.Deal)
	if err != nil {
		return err
	}
	rep, err := c.report(ctx, k, d, text)
	if err != nil {
		return err
	}
	if c.XLSX != "" {
		if err := toFile(c.XLSX, rep.XLSX); err != nil {
			return err
		}
		fmt.Fprintf(k.Stderr, "wrote %s\n", c.XLSX)
	}
	if c.HTML != "" {
		if err := toFile(c.HTML, rep.HTML); err != nil {
			return err
		}
		fmt.Fprintf(k.Stderr, "wrote %s\n", c.HTML)
	}
	return c.print(k.Stdout, rep)
}

func (c *DealRunCmd) print(w io.Writer, rep *report.Report) error {
	switch {
	case c.JSON:
		return rep.JSON(w)
	case c.CSV:
		return rep.CSV(w)
	case c.XLSX != "" || c.HTML != "":
		return nil
	}
	return rep.Text(w, c.Quarters)
}

func (c *DealRunCmd) report(ctx context.Context, k *kong.Context, d *contract.Deal, text []byte) (*report.Report, error) {
	o := analysis.Options{Paths: c.Paths, FanPaths: c.Fan, Seed: c.Seed, Workers: c.Workers, Scenario: c.Scenario, Set: c.Set}
	r, err := analysis.Run(ctx, d, o)
	if err != nil {
		return nil, err
	}
	x := report.Extras{Times: c.Times}
	if c.Compare {
		if x.Others, err = peers(ctx, r); err != nil {
			return nil, err
		}
	}
	if c.Fan > 0 {
		if x.Bumps, err = analysis.WarrantSensitivity(ctx, r); err != nil {
			return nil, err
		}
	}
	if c.Fan > 0 && d.Cost != nil && len(r.Schedule.Quarters) > 0 {
		if err := spread(ctx, r, o, &x); err != nil {
			return nil, err
		}
	}
	answers, ds := report.DealClaims(r)
	if err := diag.Render(k.Stderr, ds, func(string) ([]byte, bool) { return text, true }); err != nil {
		return nil, err
	}
	x.Tables = append(x.Tables, answers)
	return report.New(r, text, x), nil
}

// peerPaths is enough to compare deals by size.
const peerPaths = 4_000

// peers computes the library's other deals, the older ones left out.
func peers(ctx context.Context, r *analysis.Result) ([]*analysis.Result, error) {
	out := []*analysis.Result{r}
	for _, d := range library.All() {
		if d.ID == r.Deal.ID || d.Status == "precedent" {
			continue
		}
		p, err := analysis.Run(ctx, d, analysis.Options{Paths: peerPaths, Seed: 1, Workers: r.Options.Workers})
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// spread adds what needs many runs: the fan, the tornado and the two-way table.
func spread(ctx context.Context, r *analysis.Result, o analysis.Options, x *report.Extras) error {
	fan, err := analysis.MonteCarlo(ctx, r, o)
	if err != nil {
		return err
	}
	x.Fan = &fan
	if x.Bars, err = analysis.Tornado(ctx, r, analysis.SupplierNPV); err != nil {
		return err
	}
	for _, axes := range [][2]string{{"price.fee", "cost.capex"}, {"price.fee", "cost.discount_rate"}} {
		if g, ok := analysis.TwoWay(r, axes[0], axes[1], analysis.SupplierNPV); ok {
			x.Grids = append(x.Grids, g)
		}
	}
	return nil
}
