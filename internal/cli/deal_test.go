package cli

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// deal runs `wafer deal …` in this process.
func deal(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var root struct {
		Deal DealCmd `cmd:""`
	}
	var out, errs bytes.Buffer
	p, err := kong.New(&root, kong.Writers(&out, &errs), kong.Exit(func(int) {}), kong.BindTo(context.Background(), (*context.Context)(nil)))
	if err != nil {
		t.Fatal(err)
	}
	k, err := p.Parse(append([]string{"deal"}, args...))
	if err != nil {
		return out.String(), errs.String(), err
	}
	err = k.Run()
	return out.String(), errs.String(), err
}

func TestDealRunPrintsEveryGroup(t *testing.T) {
	out, errs, err := deal(t, "run", "cerebras-openai", "--paths", "4000", "--fan", "64")
	if err != nil {
		t.Fatal(err, errs)
	}
	for _, group := range []string{"Summary", "Capacity", "Income", "Backlog", "Cash", "Price after equity", "Warrants", "Shares", "Multiples", "Sensitivity", "Checks"} {
		if !strings.Contains(out, "── "+group) {
			t.Errorf("the group %q is missing", group)
		}
	}
	t.Log(out)
}
