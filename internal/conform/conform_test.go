package conform

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// checkout writes files below a temporary folder.
func checkout(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestScriptsRunInCopiesWithOurToolsFirst(t *testing.T) {
	dir := checkout(t, map[string]string{
		"tools/cslc":               "#!/bin/sh\necho '{\"cycles\": 40}' >> \"$WAFER_STATS\"\ntouch made\n",
		"ex/a/commands_wse2.sh":    "cslc && cslc && test -f ../lib/x\n",
		"ex/a/commands_wse3.sh":    "echo 'layout.csl:3:1: error[E0007]: no'; echo more; exit 1\n",
		"ex/b/commands_wse3.sh":    "echo Traceback; echo 'AssertionError: off'; exit 1\n",
		"ex/slow/commands_wse2.sh": "sleep 60 & sleep 60\n",
		"ex/lib/x":                 "",
		"ex/M/WSE-3/run_sim.sh":    "echo $1\necho 'Expected result:'\necho '[[1.5 2.]'\necho ' [3. 4.]]'\necho 'Actual result:'\necho '[[1.5 2.01]'\necho ' [3. 5.]]'\nrm run_meta.json\n",
	})
	opt := Options{Dir: filepath.Join(dir, "ex"), Tools: filepath.Join(dir, "tools"), Limit: 500 * time.Millisecond, Jobs: 2}
	scripts, err := Find(opt)
	if err != nil {
		t.Fatal(err)
	}
	got := Run(context.Background(), scripts, opt)
	want := []Result{
		{Script: Script{Program: "M/WSE-3", Arch: "wse3"}, Reason: "result 5 where 4 is expected"},
		{Script: Script{Program: "a", Arch: "wse2"}, Pass: true, Cycles: 80},
		{Script: Script{Program: "a", Arch: "wse3"}, Reason: "layout.csl:3:1: error[E0007]: no"},
		{Script: Script{Program: "b", Arch: "wse3"}, Reason: "AssertionError: off"},
		{Script: Script{Program: "slow", Arch: "wse2"}, Reason: "not done after 500ms"},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Result{}, "Seconds"), cmpopts.IgnoreUnexported(Script{})); diff != "" {
		t.Error(diff)
	}
	if _, err := os.Stat(filepath.Join(dir, "ex", "a", "made")); err == nil {
		t.Error("the checkout was written to")
	}
}

func TestPrintedResultsAreCompared(t *testing.T) {
	for _, c := range []struct {
		text  string
		found bool
		ok    bool
	}{
		{"nothing", false, true},
		{"Expected result:\n[1.5 -2e+01]\nActual result:\n[1.5 -20.]\n\nRepeat count: 5", true, true},
		{"Expected Result:\n[1.5 2.]\nSimulated Result:\n[1.5 nan]\n", true, false},
		{"Expected result:\n[1.5 2.]\nActual result:\n[1.5]\n", true, false},
		{"Expected result:\n[1.5 2.]\nActual result:\n[1.5 2. 1.5 2.]\n", true, true},
		{"Expected result:\n[1.5 2.]\nActual result:\n[1.5 1.5 2. 2.]\n", true, true},
		{"Expected result:\n[1.5 2.]\nActual result:\n[1.5 2. 2. 2.]\n", true, false},
	} {
		found, err := compare(c.text)
		if found != c.found || (err == nil) != c.ok {
			t.Errorf("%q: %v, %v", c.text, found, err)
		}
	}
}

func TestPlaceholdersAreFilledIn(t *testing.T) {
	got := string(expand([]byte("set -e\n\n%python_sdk_paint --arch=wse2\n")))
	if want := "set -e\n\ncs_python run.py --arch=wse2\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestFindFilters(t *testing.T) {
	dir := checkout(t, map[string]string{
		"t/gemv/commands_wse2.sh": "", "t/gemv/commands_wse3.sh": "", "t/fft/commands_wse3.sh": "", "old/commands.sh": "",
	})
	for _, c := range []struct {
		opt  Options
		want int
	}{
		{Options{}, 4},
		{Options{Arch: "wse3"}, 2},
		{Options{Only: "gemv"}, 2},
		{Options{Only: "gemv wse2"}, 1},
	} {
		c.opt.Dir = dir
		got, err := Find(c.opt)
		if err != nil || len(got) != c.want {
			t.Errorf("%+v: %d scripts, %v", c.opt, len(got), err)
		}
	}
	if _, err := Find(Options{Dir: dir, Only: "nothing"}); err == nil {
		t.Error("an empty list is no error")
	}
}
