package cli

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"wafer/internal/deal/bill"
	"wafer/internal/deal/report"
)

// DealBillCmd prices a month of tokens.
type DealBillCmd struct {
	Tokens float64  `help:"Tokens a month, input and output together." default:"10e9"`
	Ratio  float64  `help:"Input tokens for each output token." default:"300"`
	Hit    float64  `help:"Share of input tokens served from the cache, 0 to 1." default:"0.894"`
	Model  []string `help:"Price these models only. May be repeated." placeholder:"NAME"`
	JSON   bool     `name:"json" help:"Write JSON."`
	CSV    bool     `name:"csv" help:"Write CSV."`
}

// Run is called by kong.
func (c *DealBillCmd) Run(k *kong.Context) error {
	prices := bill.Prices()
	if len(c.Model) > 0 {
		prices = nil
		for _, m := range c.Model {
			p, ok := bill.FindPrice(m)
			if !ok {
				return fmt.Errorf("there is no price list for %q; known are %s", m, strings.Join(bill.Models(), ", "))
			}
			prices = append(prices, p)
		}
	}
	mix := bill.Mix{Tokens: c.Tokens, Ratio: c.Ratio, Hit: c.Hit}
	var bills []bill.Bill
	for _, p := range prices {
		b, err := bill.Monthly(mix, p)
		if err != nil {
			return err
		}
		bills = append(bills, b)
	}
	if c.JSON {
		return report.WriteJSON(k.Stdout, bills)
	}
	return write(k, report.Bills(mix, bills, prices), c.CSV)
}

// DealBomCmd shows what a rack costs.
type DealBomCmd struct {
	System string `arg:"" optional:"" help:"System; all if none is named."`
	JSON   bool   `name:"json" help:"Write JSON."`
	CSV    bool   `name:"csv" help:"Write CSV."`
}

// Run is called by kong.
func (c *DealBomCmd) Run(k *kong.Context) error {
	boms := bill.BOMs()
	if c.System != "" {
		b, err := bill.FindBOM(c.System)
		if err != nil {
			return err
		}
		boms = []bill.BOM{b}
	}
	if c.JSON {
		return report.WriteJSON(k.Stdout, boms)
	}
	return write(k, report.BOMs(boms), c.CSV)
}

// write prints one table in the form that was asked for.
func write(k *kong.Context, t report.Table, csv bool) error {
	if csv {
		return t.CSV(k.Stdout)
	}
	var b strings.Builder
	t.Text(&b)
	_, err := fmt.Fprint(k.Stdout, b.String())
	return err
}
