package host

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wafer/internal/diag"
	"wafer/internal/sim"
)

// keeping is a fake device that can be saved: its clock, what it owes and what waits
// on stream 2 into core (0,0).
type keeping struct {
	*fake
	broken error
	limit  int64 // Run stops here, 0 for nowhere
}

type kept struct {
	Note    string
	Now     int64
	Pending int
	In      []uint32
}

func (k *keeping) Save(w io.Writer, note []byte) error {
	if k.broken != nil {
		return k.broken
	}
	return json.NewEncoder(w).Encode(kept{string(note), k.now, k.pending, k.in[ramp(0, 0, 2)]})
}

func (k *keeping) Restore(r io.Reader) ([]byte, error) {
	var s kept
	if err := json.NewDecoder(r).Decode(&s); err != nil {
		return nil, diag.Diagnostic{Code: sim.CodeDamaged, Message: err.Error(), Cure: "another"}
	}
	k.now, k.pending, k.in[ramp(0, 0, 2)] = s.Now, s.Pending, s.In
	return []byte(s.Note), nil
}

func (k *keeping) Run(ctx context.Context, u sim.Until) sim.Stop {
	if k.limit > 0 && (u.Cycle == 0 || u.Cycle > k.limit) {
		u.Cycle = k.limit
		stop := k.fake.Run(ctx, u)
		if k.now >= k.limit {
			stop.Reason = sim.Limit
		}
		return stop
	}
	return k.fake.Run(ctx, u)
}

// working answers a launch after 5,000 cycles and takes a wavelet every tenth.
func working(f *fake) bool {
	if f.pending > 0 && f.now%5000 == 0 {
		f.pending = 0
	}
	if f.now%10 == 0 {
		f.take(ramp(0, 0, 2))
	}
	return f.pending > 0 || len(f.in[ramp(0, 0, 2)]) > 0
}

func newKept(t *testing.T) (*Host, *keeping, string) {
	t.Helper()
	k := &keeping{fake: newFake(1, 1, working)}
	return New(testImage(1, 1), k, Options{}), k, filepath.Join(t.TempDir(), "state")
}

func give(t *testing.T) func(task *Task, err error) {
	return func(_ *Task, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestOpenCommandsAreKept saves a host in the middle of its first launch, at the limit
// of the device, with another launch behind it, and finishes both elsewhere.
func TestOpenCommandsAreKept(t *testing.T) {
	h, k, path := newKept(t)
	k.limit = 3000
	h.opt.OnBreak = func() {
		if err := h.Save(path); err != nil {
			t.Error(err)
		}
	}
	h.Run()
	give(t)(h.Launch("go", nil))
	give(t)(h.Launch("compute", []Arg{{Type: "int", Int: 7}, {Type: "float", F: 1}}))
	if err := h.Stop(ctx); code(err) != CodeLimit {
		t.Fatal(err)
	}
	h2, k2, _ := newKept(t)
	if err := h2.Load(path); err != nil {
		t.Fatal(err)
	}
	if !h2.running || k2.now != 3000 || h2.due != pollCycles {
		t.Errorf("running %v at cycle %d until %d; want true, 3000, %d", h2.running, k2.now, h2.due, pollCycles)
	}
	if err := h2.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	if k2.now < 10000 || k2.now > 10001 || len(k2.started) != 1 || k2.started[0].fn != 1 || k2.started[0].args[0] != 7 {
		t.Errorf("at cycle %d with %+v; want compute called, and both launches done at 10000", k2.now, k2.started)
	}
}

// TestAStreamThatHasBegunIsKept saves what is still on its way in.
func TestAStreamThatHasBegunIsKept(t *testing.T) {
	h, k, path := newKept(t)
	task, err := h.StreamIn(2, count(700), Region{W: 1, H: 1, L: 700, Bits: 32})
	if err != nil {
		t.Fatal(err)
	}
	if over, err := h.Poll(ctx, task); over || err != nil {
		t.Fatal(over, err)
	}
	left := len(k.in[ramp(0, 0, 2)])
	if err := h.Save(path); err != nil || left == 0 || left == 700 {
		t.Fatalf("%d words left: %v", left, err)
	}
	h2, k2, _ := newKept(t)
	if err := h2.Load(path); err != nil {
		t.Fatal(err)
	}
	if err := h2.drain(ctx); err != nil || len(k2.in[ramp(0, 0, 2)]) != 0 || k2.now != 7000 {
		t.Errorf("%d words left at cycle %d: %v", len(k2.in[ramp(0, 0, 2)]), k2.now, err)
	}
}

func TestWhatCannotBeSavedOrLoaded(t *testing.T) {
	h, k, path := newKept(t)
	if err := h.Save(path); err != nil {
		t.Fatal(err)
	}
	whole, _ := os.ReadFile(path)
	bare, _ := newHost(1, 1, nil)
	if err := bare.Save(path); code(err) != CodeNoSave {
		t.Error(err)
	}
	if err := bare.Load(path); code(err) != CodeNoSave {
		t.Error(err)
	}
	give(t)(h.StreamOut(make([]uint32, 3), 4, Region{W: 1, H: 1, L: 3, Bits: 32}))
	if err := h.Save(path); code(err) != CodeOpen || !strings.Contains(err.Error(), "stream from colour 4") {
		t.Error(err)
	}
	if err := h.Load(path); code(err) != CodeOpen {
		t.Error(err)
	}
	h.queue = nil
	// A file is replaced as a whole or not at all.
	k.broken = errors.New("no room")
	if err := h.Save(path); !errors.Is(err, k.broken) {
		t.Error(err)
	}
	if now, _ := os.ReadFile(path); string(now) != string(whole) {
		t.Error("a checkpoint that could not be written destroyed the last one")
	}
	if names, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(names) != 0 {
		t.Errorf("left behind: %v", names)
	}
	if err := h.Load(path + ".none"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if err := os.WriteFile(path, []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := h.Load(path); code(err) != sim.CodeDamaged || !strings.Contains(err.Error(), path) {
		t.Error(err)
	}
}

// TestHostileNotes gives what no host writes.
func TestHostileNotes(t *testing.T) {
	h, _, _ := newKept(t)
	for _, text := range []string{
		`[`,
		`{"tasks":[{"kind":9}]}`,
		`{"tasks":[{"kind":1,"started":true}]}`,
		`{"tasks":[{"kind":0,"name":"nobody"}]}`,
		`{"tasks":[{"kind":2,"started":true,"streams":[[5,0,2,-1]]}]}`,
		`{"tasks":[{"kind":2,"started":true,"streams":[[0,0,99,-1]]}]}`,
		`{"tasks":[{"kind":2,"started":true,"streams":[[0,0,0,7]]}]}`,
		`{"tasks":[{"kind":2,"streams":[[0,0,2,-1]]}]}`,
	} {
		if err := h.Resume([]byte(text)); code(err) != sim.CodeDamaged || len(h.queue) != 0 {
			t.Errorf("%s: %v", text, err)
		}
	}
	if err := h.Resume(nil); err != nil {
		t.Error(err)
	}
}
