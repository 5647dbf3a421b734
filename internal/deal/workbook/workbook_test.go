package workbook

import (
	"context"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/xuri/excelize/v2"

	"wafer/internal/deal/analysis"
	"wafer/internal/deal/library"
)

func make1(t *testing.T, name string, o analysis.Options) *Book {
	t.Helper()
	d, err := library.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	o.Paths = 2000
	r, err := analysis.Run(context.Background(), d, o)
	if err != nil {
		t.Fatal(err)
	}
	w, err := Make(r, "test", nil)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// recalculate lets LibreOffice compute the workbook from its formulas alone: the
// file holds no values for formula cells.
func recalculate(t *testing.T, w *Book, name string) *excelize.File {
	t.Helper()
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice is not installed (apt-get install libreoffice-calc): the recalculation of the workbook is not checked")
	}
	dir := t.TempDir()
	in := filepath.Join(dir, name+".xlsx")
	f, err := os.Create(in)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	cmd := exec.Command(office, "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", out, in)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("soffice: %v\n%s", err, text)
	}
	got, err := excelize.OpenFile(filepath.Join(out, name+".xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = got.Close() })
	return got
}

// Every formula cell, recalculated by LibreOffice, equals the program's value to
// 1e-9 of it, or of its column where a difference of large numbers is nearly zero.
func TestLibreOfficeRecalculatesTheSame(t *testing.T) {
	for _, c := range []struct {
		deal string
		o    analysis.Options
	}{
		{"cerebras-openai", analysis.Options{}},
		{"cerebras-openai", analysis.Options{Scenario: "option"}},
		{"cerebras-openai", analysis.Options{Scenario: "cash-loan"}},
		{"amd-openai", analysis.Options{}},
		{"amazon-openai", analysis.Options{}},
		{"google-terawulf", analysis.Options{}},
		{"applied-opto-customer", analysis.Options{}},
	} {
		t.Run(c.deal+" "+c.o.Scenario, func(t *testing.T) {
			w := make1(t, c.deal, c.o)
			got := recalculate(t, w, c.deal)
			compare(t, w, got)
		})
	}
}

func compare(t *testing.T, w *Book, got *excelize.File) {
	t.Helper()
	bad, outputs := 0, 0
	for _, k := range w.Checks {
		text, err := got.GetCellValue(k.Sheet, k.Cell, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		v, err := strconv.ParseFloat(text, 64)
		if k.Sheet == "Summary" {
			outputs++
		}
		if err != nil || math.Abs(v-k.Want) > 1e-9*math.Max(k.Scale, math.Abs(k.Want)) {
			if bad++; bad < 20 {
				t.Errorf("%s!%s %s: LibreOffice %q, ours %v\n  %s", k.Sheet, k.Cell, k.Name, text, k.Want, k.Formula)
			}
		}
	}
	if len(w.Checks) < 20 || outputs == 0 {
		t.Errorf("only %d formula cells, %d outputs", len(w.Checks), outputs)
	}
	t.Logf("%d formula cells, %d of them outputs, %d differ", len(w.Checks), outputs, bad)
}

// Live means live: with other inputs typed into the cells, the workbook gives what
// the program gives for them.
func TestChangedInputsFlowThrough(t *testing.T) {
	w := make1(t, "cerebras-openai", analysis.Options{})
	for path, v := range map[string]float64{"price.fee": 12.5e6, "capacity.tranches.t2.delay": 0.5, "cost.discount_rate": 0.09, "capacity.tranches.t1.term": 4} {
		sheet, cell := splitRef(w.inputs[path])
		if err := w.file.SetCellValue(sheet, cell, v); err != nil {
			t.Fatal(err)
		}
	}
	got := recalculate(t, w, "changed")
	// Settings that move a vest date are left out: dates stand as numbers.
	want := make1(t, "cerebras-openai", analysis.Options{Set: []string{
		"price.fee=$12.5M/MW-yr", "capacity.tranches.t2.delay=6 months", "cost.discount_rate=9%/yr", "capacity.tranches.t1.term=4 yr",
	}})
	for _, name := range []string{"fees.total", "revenue.gaap", "rpo.share_24m", "worth.supplier_npv", "price.effective", "cash.peak_funding", "worth.customer_npv"} {
		sheet, cell := splitRef(w.inputs["output."+name])
		text, err := got.GetCellValue(sheet, cell, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		v, _ := strconv.ParseFloat(text, 64)
		ours, _ := want.r.Get(name)
		if math.Abs(v-ours) > 1e-9*math.Abs(ours) {
			t.Errorf("%s: the changed workbook gives %v, the program %v", name, v, ours)
		}
	}
}

func splitRef(ref string) (sheet, cell string) {
	for i := range ref {
		if ref[i] == '!' {
			sheet, cell = ref[:i], ref[i+1:]
		}
	}
	out := ""
	for _, r := range cell {
		if r != '$' {
			out += string(r)
		}
	}
	return sheet, out
}
