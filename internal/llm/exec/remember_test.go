package exec

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStore(t *testing.T) {
	s := Store{Dir: filepath.Join(t.TempDir(), "deep"), Program: "p"}
	want := &Timing{Key: "k", Rows: 4, Points: []Point{{Slot: 0, Cycles: 7}, {Slot: 8, Cycles: 15}}}
	if s.Load("k") != nil {
		t.Fatal("found before it was saved")
	}
	if err := s.Save(want); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, s.Load("k")); d != "" {
		t.Error(d)
	}
	if (Store{Dir: s.Dir, Program: "other"}).Load("k") != nil {
		t.Error("another program found it")
	}
	if err := os.WriteFile(s.path("k"), []byte(`{"key":"k"`), 0o644); err != nil {
		t.Fatal(err)
	}
	if s.Load("k") != nil {
		t.Error("half a file was believed")
	}
	for _, points := range []string{
		``,
		`{"slot":4},{"slot":4}`,
		`{"slot":0,"lots":[{"tokens":2}]},{"slot":4}`,
		`{"slot":0,"lots":[{"tokens":2}]},{"slot":4,"lots":[{"tokens":4}]}`,
		`{"slot":0,"lots":[{"tokens":2},{"tokens":2}]}`,
		`{"slot":0,"lots":[{"tokens":1}]}`,
	} {
		if err := os.WriteFile(s.path("k"), []byte(`{"key":"k","points":[`+points+`]}`), 0o644); err != nil {
			t.Fatal(err)
		}
		if s.Load("k") != nil {
			t.Errorf("points [%s] were believed", points)
		}
	}
	if err := (Store{}).Save(want); err != nil || (Store{}).Load("k") != nil {
		t.Error("the empty store keeps something")
	}
}

func TestTimingBetweenPoints(t *testing.T) {
	tm := &Timing{Points: []Point{
		{Slot: 2, Cycles: 10, Phases: [NumPhases]int64{10}},
		{Slot: 6, Cycles: 50, Phases: [NumPhases]int64{30, 20}},
	}}
	for pos, want := range map[int]int64{0: 10, 11: 10, 12: 20, 16: 30, 24: 50, 99: 230} {
		if got, _ := tm.At(4, pos); got != want {
			t.Errorf("position %d: %d cycles, want %d", pos, got, want)
		}
	}
}
