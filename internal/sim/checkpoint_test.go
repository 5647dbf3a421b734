package sim_test

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"wafer/internal/diag"
	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/sim"
	"wafer/internal/sim/nodiff"
	"wafer/internal/sim/simtest"
	"wafer/internal/sim/state"
)

// running gives a script of random traffic and a checkpoint from its middle.
func running(t testing.TB, seed uint64) (*simtest.Script, []byte) {
	t.Helper()
	text := strings.TrimSuffix(nodiff.Script(seed), "run\nexpect stop quiet\n")
	s, err := simtest.Assemble(text)
	if err != nil {
		t.Fatal(err)
	}
	m, err := simtest.Run(text, sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := m.Save(&b, []byte("from the host")); err != nil {
		t.Fatal(err)
	}
	return s, b.Bytes()
}

func reload(s *simtest.Script, data []byte) (*sim.Sim, error) {
	m, _, err := sim.Load(bytes.NewReader(data), s.Image, s.Machine, sim.Options{Workers: 1})
	return m, err
}

func code(err error) diag.Code {
	d := diag.Diagnostic{}
	if errors.As(err, &d) && d.Cure != "" && d.Message != "" {
		return d.Code
	}
	return ""
}

// TestDamagedCheckpoints cuts a checkpoint at every byte and turns every byte over.
func TestDamagedCheckpoints(t *testing.T) {
	s, whole := running(t, 1)
	if _, err := reload(s, whole); err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		want := sim.CodeTruncated
		if n == 0 {
			want = sim.CodeNoCheckpoint
		}
		if _, err := reload(s, whole[:n]); code(err) != want {
			t.Fatalf("the first %d of %d bytes: %v", n, len(whole), err)
		}
		bad := bytes.Clone(whole)
		bad[n] ^= 0x55
		_, err := reload(s, bad)
		switch c := code(err); {
		case n < 8 && c != sim.CodeNoCheckpoint, n >= 8 && n < 12 && c != sim.CodeOtherVersion:
			t.Fatalf("byte %d turned over: %v", n, err)
		case n >= 12 && c != sim.CodeDamaged && c != sim.CodeTruncated && c != sim.CodeOtherProgram && c != sim.CodeOtherMachine:
			t.Fatalf("byte %d turned over: %v", n, err)
		}
	}
	if _, err := reload(s, append(bytes.Clone(whole), 0)); code(err) != sim.CodeDamaged {
		t.Errorf("a byte behind the end: %v", err)
	}
	for _, text := range []string{"", "PK\x03\x04 something else", strings.Repeat("\xff", 1000)} {
		if _, err := reload(s, []byte(text)); code(err) != sim.CodeNoCheckpoint {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

// TestForeignCheckpoints resumes with what the checkpoint does not belong to.
func TestForeignCheckpoints(t *testing.T) {
	s, whole := running(t, 1)
	other := *s.Image
	other.Programs = append([]*image.Program(nil), other.Programs...)
	p := *other.Programs[0]
	p.Code = append([]image.Instr(nil), p.Code...)
	p.Code[0].Imm++
	other.Programs[0] = &p
	slow, named := *s.Machine, *s.Machine
	slow.Costs.Div++
	named.Name = "the same by another name"
	for _, c := range []struct {
		name string
		im   *image.Image
		m    *machine.Machine
		opt  sim.Options
		want diag.Code
	}{
		{"program", &other, s.Machine, sim.Options{}, sim.CodeOtherProgram},
		{"machine", s.Image, &slow, sim.Options{}, sim.CodeOtherMachine},
		{"seed", s.Image, s.Machine, sim.Options{Seed: 3}, sim.CodeOtherSeed},
		{"name of the machine", s.Image, &named, sim.Options{}, ""},
	} {
		if _, _, err := sim.Load(bytes.NewReader(whole), c.im, c.m, c.opt); code(err) != c.want || (err == nil) != (c.want == "") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestRestore puts a simulation back to where it was, and leaves it alone where that
// is not possible.
func TestRestore(t *testing.T) {
	s, whole := running(t, 4)
	m, err := reload(s, whole)
	if err != nil {
		t.Fatal(err)
	}
	then := m.Hash()
	m.Run(context.Background(), sim.Until{})
	end, cycle := m.Hash(), m.Cycle()
	if _, err := m.Restore(bytes.NewReader(whole[:len(whole)-1])); code(err) != sim.CodeTruncated || m.Hash() != end {
		t.Errorf("a bad checkpoint changes the simulation: %v", err)
	}
	note, err := m.Restore(bytes.NewReader(whole))
	if err != nil || string(note) != "from the host" || m.Hash() != then {
		t.Fatalf("not as it was: note %q, %v", note, err)
	}
	if m.Run(context.Background(), sim.Until{}); m.Hash() != end || m.Cycle() != cycle {
		t.Errorf("the second time it ends at %d with %x, the first time at %d with %x", m.Cycle(), m.Hash(), cycle, end)
	}
}

// full is a disk without room.
type full struct{ left int }

func (f *full) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(b), nil
}

func TestSaveReportsFullDisks(t *testing.T) {
	s, whole := running(t, 1)
	m, err := reload(s, whole)
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < len(whole)-len("from the host"); n += 5 {
		if err := m.Save(&full{n}, nil); !errors.Is(err, io.ErrShortWrite) {
			t.Fatalf("room for %d bytes: %v", n, err)
		}
	}
}

// payload gives the values of a checkpoint, all blocks in a row.
func payload(t testing.TB, file []byte) (out []byte) {
	t.Helper()
	for at := 12; ; {
		n, k := binary.LittleEndian.Uint32(file[at:]), int(binary.LittleEndian.Uint32(file[at+4:]))
		if n == 0 {
			return out
		}
		b, err := io.ReadAll(flate.NewReader(bytes.NewReader(file[at+8 : at+8+k])))
		if err != nil {
			t.Fatal(err)
		}
		out, at = append(out, b...), at+8+k
	}
}

// seal is the inverse of payload.
func seal(t testing.TB, values []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	c := state.NewWriter(&b)
	for len(values) > 0 {
		n := min(len(values), 1000)
		c.Raw(values[:n])
		values = values[n:]
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// FuzzLoad gives values to Load that no simulation has written, with a right checksum,
// and whole files. It must say what is wrong or load them.
func FuzzLoad(f *testing.F) {
	s, whole := running(f, 1)
	values := payload(f, whole)
	f.Add(values, 0, uint32(0))
	f.Add(payload(f, whole)[:100], 70, uint32(1<<20))
	f.Fuzz(func(t *testing.T, data []byte, at int, v uint32) {
		bad := bytes.Clone(values) // the true ones with a number in another place
		if at >= 0 && at+4 <= len(bad) {
			binary.LittleEndian.PutUint32(bad[at:], v)
		}
		// The identity is right, otherwise nothing behind it would be read.
		id := values[:64+1+len(s.Machine.Name)]
		for _, file := range [][]byte{data, seal(t, bad), seal(t, append(bytes.Clone(id), data...))} {
			m, err := reload(s, file)
			if err != nil && code(err) == "" {
				t.Fatalf("an error without code and cure: %v", err)
			}
			if err == nil {
				m.Hash()
				m.Explain()
			}
		}
	})
}

// TestDifferentProgramsAtOnce runs programs side by side and one after the other.
func TestDifferentProgramsAtOnce(t *testing.T) {
	var wg sync.WaitGroup
	hashes := make([]uint64, 8)
	for i := range hashes {
		wg.Go(func() {
			m, err := simtest.Run(nodiff.Script(uint64(100+i)), sim.Options{Workers: 1 + i%3})
			if err != nil {
				t.Error(err)
				return
			}
			hashes[i] = m.Hash()
		})
	}
	wg.Wait()
	for i, h := range hashes {
		m, err := simtest.Run(nodiff.Script(uint64(100+i)), sim.Options{Workers: 1})
		if err != nil || m.Hash() != h {
			t.Errorf("program %d ends with %x beside others, alone with %x: %v", i, h, m.Hash(), err)
		}
	}
}

// TestSeveralAtOnce runs several simulations in one process, saving and loading now and
// then. They share an image, and nothing else.
func TestSeveralAtOnce(t *testing.T) {
	s, whole := running(t, 5)
	want, err := reload(s, whole)
	if err != nil {
		t.Fatal(err)
	}
	want.Run(context.Background(), sim.Until{})
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			m, _, err := sim.Load(bytes.NewReader(whole), s.Image, s.Machine, sim.Options{Workers: 1 + i, StepByStep: i == 5})
			if err != nil {
				t.Error(err)
				return
			}
			for stop := m.Cycle() + 50; m.Run(context.Background(), sim.Until{Cycle: stop}).Reason != sim.Quiet; stop += 50 {
				var b bytes.Buffer
				if err := m.Save(&b, nil); err != nil {
					t.Error(err)
				}
				if _, err := m.Restore(&b); err != nil {
					t.Error(err)
				}
			}
			if m.Hash() != want.Hash() || m.Cycle() != want.Cycle() {
				t.Errorf("simulation %d ends at %d with %x, alone at %d with %x", i, m.Cycle(), m.Hash(), want.Cycle(), want.Hash())
			}
		})
	}
	wg.Wait()
}
