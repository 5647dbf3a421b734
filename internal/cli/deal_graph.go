package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"wafer/internal/deal/analysis"
	"wafer/internal/deal/graph"
	"wafer/internal/deal/library"
	"wafer/internal/deal/report"
)

// DealGraphCmd draws who is bound to whom.
type DealGraphCmd struct {
	Deals      []string `arg:"" optional:"" help:"Deals to draw; all built-in ones if none is named."`
	Precedents bool     `help:"With the older deals that the library has for their accounting."`
	SVG        string   `name:"svg" help:"Write the drawing to a file." placeholder:"FILE"`
	Paths      int      `help:"Paths of each warrant simulation." default:"10000"`
	Seed       uint64   `help:"Seed." default:"1"`
	JSON       bool     `name:"json" help:"Write JSON."`
	CSV        bool     `name:"csv" help:"Write the flows as CSV."`
}

// Run is called by kong.
func (c *DealGraphCmd) Run(ctx context.Context, k *kong.Context) error {
	g, err := c.build(ctx, k)
	if err != nil {
		return err
	}
	if c.SVG != "" {
		err := toFile(c.SVG, func(w io.Writer) error {
			_, err := io.WriteString(w, graph.SVG(g, "Who is bound to whom by compute"))
			return err
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(k.Stderr, "wrote %s\n", c.SVG)
	}
	tables := report.GraphTables(g)
	switch {
	case c.JSON:
		return report.WriteJSON(k.Stdout, g)
	case c.CSV:
		return tables[0].CSV(k.Stdout)
	case c.SVG != "":
		return nil
	}
	var b strings.Builder
	for _, t := range tables {
		t.Text(&b)
	}
	_, err = fmt.Fprint(k.Stdout, b.String())
	return err
}

func (c *DealGraphCmd) build(ctx context.Context, k *kong.Context) (graph.Graph, error) {
	names := c.Deals
	if len(names) == 0 {
		names = library.Names()
	}
	var rs []*analysis.Result
	for _, n := range names {
		d, _, err := loadDeal(k, n)
		if err != nil {
			return graph.Graph{}, err
		}
		if d.Status == "precedent" && !c.Precedents && len(c.Deals) == 0 {
			continue
		}
		r, err := analysis.Run(ctx, d, analysis.Options{Paths: c.Paths, Seed: c.Seed})
		if err != nil {
			return graph.Graph{}, err
		}
		rs = append(rs, r)
	}
	return graph.Build(rs), nil
}
