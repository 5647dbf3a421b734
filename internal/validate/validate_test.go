package validate

import (
	"context"
	"testing"
)

// TestQuick holds the machine to the published figures that are fast to check.
func TestQuick(t *testing.T) {
	rs, err := Run(context.Background(), Options{Quick: true, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rs {
		t.Logf("%-30s %10.0f %10.1f %+6.1f%% %s %s", r.ID, r.Published, r.Ours, 100*r.Error, r.Verdict, r.Reason)
		if r.Verdict == Fail {
			t.Errorf("%s: %v, published %v: %s", r.ID, r.Ours, r.Published, r.Reason)
		}
	}
}
