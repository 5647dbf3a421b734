package equity

import (
	"context"
	"math"
	"testing"

	"wafer/internal/deal/library"
	"wafer/internal/deal/schedule"
)

func build(t *testing.T, name string) *Equity {
	t.Helper()
	d, err := library.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	e, err := Build(context.Background(), d, schedule.Build(d), Options{Paths: 4000})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestCerebrasWarrant(t *testing.T) {
	e := build(t, "cerebras-openai")
	count := e.Total(func(b *Block) float64 { return b.Count })
	if count != 33_445_026 {
		t.Errorf("blocks sum to %v", count)
	}
	grant := e.Total(func(b *Block) float64 { return b.GrantTotal })
	if math.Abs(grant/1e9-2.743) > 0.0005 {
		t.Errorf("grant value %v, want $2.743B", grant)
	}
	want := map[string]string{"loan": "vested", "value-or-fees": "vested", "committed": "scheduled", "additional-capacity": "not in this case"}
	for _, b := range e.Blocks {
		if b.Status != want[b.ID] {
			t.Errorf("%s is %q, want %q", b.ID, b.Status, want[b.ID])
		}
		t.Logf("%+v", b.Today)
	}
}
