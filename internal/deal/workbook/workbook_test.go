package workbook

import (
	"context"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
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

// recalculate lets LibreOffice compute workbooks from their formulas alone: the
// files hold no values for formula cells. One start of it serves all of them.
func recalculate(t *testing.T, books map[string]*Book) map[string]*excelize.File {
	t.Helper()
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice is not installed (apt-get install libreoffice-calc): the recalculation of the workbook is not checked")
	}
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	args := []string{"-env:UserInstallation=file://" + filepath.Join(dir, "profile"), "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", out}
	for name, w := range books {
		f, err := os.Create(filepath.Join(dir, name+".xlsx"))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.Write(f), f.Close()); err != nil {
			t.Fatal(err)
		}
		args = append(args, f.Name())
	}
	if text, err := exec.Command(office, args...).CombinedOutput(); err != nil {
		t.Fatalf("soffice: %v\n%s", err, text)
	}
	got := map[string]*excelize.File{}
	for name := range books {
		f, err := excelize.OpenFile(filepath.Join(out, name+".xlsx"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		got[name] = f
	}
	return got
}

// Every formula cell, recalculated by LibreOffice, equals the program's value to
// 1e-9 of it, or of its column where a difference of large numbers is nearly zero.
func TestLibreOfficeRecalculatesTheSame(t *testing.T) {
	books := map[string]*Book{}
	for _, name := range library.Names() {
		books[name] = make1(t, name, analysis.Options{})
	}
	for _, scenario := range []string{"option", "four-years", "late", "cash-loan"} {
		books["cerebras-openai-"+scenario] = make1(t, "cerebras-openai", analysis.Options{Scenario: scenario})
	}
	got := recalculate(t, books)
	for name, w := range books {
		t.Run(name, func(t *testing.T) { compare(t, w, got[name]) })
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
	if strings.HasPrefix(w.r.Deal.ID, "cerebras") && (len(w.Checks) < 1000 || outputs < 100) {
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
	got := recalculate(t, map[string]*Book{"changed": w})["changed"]
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
