package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wafer/internal/host"
	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/sim"
)

// still is a device with one core on which nothing ever moves by itself.
type still struct {
	mem     []uint16
	pushed  []uint32
	pending int
}

func (d *still) Start(int, int, int, []uint16) error        { d.pending = 0; return nil }
func (d *still) Pending() int                               { return d.pending }
func (d *still) Read(_, _ int, a uint16, w []uint16) error  { copy(w, d.mem[a:]); return nil }
func (d *still) Write(_, _ int, a uint16, w []uint16) error { copy(d.mem[a:], w); return nil }
func (d *still) Push(_, _ int, _ uint8, w []uint32)         { d.pushed = append(d.pushed, w...) }
func (d *still) Unsent(int, int, uint8) int                 { return 0 }
func (d *still) Pop(_, _ int, _ uint8, dst []uint32) int    { return d.PopPort(0, dst) }
func (d *still) PushPort(_ int, w []uint32)                 { d.pushed = append(d.pushed, w...) }
func (d *still) PortUnsent(int) int                         { return 0 }
func (d *still) PopPort(_ int, dst []uint32) int {
	n := copy(dst, d.pushed)
	d.pushed = d.pushed[n:]
	return n
}

func (d *still) Run(context.Context, sim.Until) sim.Stop { return sim.Stop{Reason: sim.Quiet} }
func (d *still) Explain() sim.Stall                      { return sim.Stall{} }
func (d *still) Prints() []sim.Print                     { return nil }
func (d *still) Cycle() int64                            { return 7 }

func testEnv() Env {
	return Env{
		Version: "test",
		Open: func(_ context.Context, r OpenRequest) (*host.Host, io.Closer, error) {
			if r.Dir != "out" {
				return nil, nil, errors.New("no such directory")
			}
			im := &image.Image{
				Arch: machine.WSE2, FabricW: 8, FabricH: 3, Rect: image.Rect{X: 4, Y: 1, W: 1, H: 1}, Memcpy: true,
				Exports: []image.Export{{ID: 3, Name: "v", Type: "u32", Mutable: true}},
				Programs: []*image.Program{{
					Name: "0_0", Exports: []image.Binding{{Func: -1, Addr: 40}},
					Symbols: []image.Symbol{{Name: "v", Addr: 40, Words: 2}},
				}},
				Tiles: make([]image.Tile, 1),
				H2D:   []uint8{1}, D2H: []uint8{2},
			}
			return host.New(im, &still{mem: make([]uint16, machine.SRAMWords)}, host.Options{}), nil, nil
		},
	}
}

// talk sends requests and gives the heads and data of the answers.
func talk(t *testing.T, reqs ...Packet) []Packet {
	t.Helper()
	var in, out bytes.Buffer
	for i, p := range reqs {
		p.ID = uint32(i)
		if err := Write(&in, p); err != nil {
			t.Fatal(err)
		}
	}
	if err := Serve(context.Background(), &in, &out, testEnv()); err != nil {
		t.Fatal(err)
	}
	var got []Packet
	for i := range reqs {
		p, err := Read(&out)
		if err != nil || p.ID != uint32(i) || !p.Response {
			t.Fatalf("answer %d: %+v, %v", i, p, err)
		}
		got = append(got, p)
	}
	return got
}

func req(head string, data ...byte) Packet { return Packet{Head: json.RawMessage(head), Data: data} }

func TestASessionFromHelloToStop(t *testing.T) {
	got := talk(t,
		req(`{"op":"hello","version":1}`),
		req(`{"op":"open","dir":"out"}`),
		req(`{"op":"id","name":"v"}`),
		req(`{"op":"copy_in","id":3,"w":1,"h":1,"l":1,"bits":32}`, 1, 2, 3, 4),
		req(`{"op":"copy_out","id":3,"w":1,"h":1,"l":1,"bits":32}`),
		req(`{"op":"symbol","name":"v"}`),
		req(`{"op":"stream_in","id":1,"w":1,"h":1,"l":2,"bits":32}`, 1, 0, 0, 0, 2, 0, 0, 0),
		req(`{"op":"stream_out","id":2,"w":1,"h":1,"l":2,"bits":32,"nonblock":true}`),
		req(`{"op":"stop"}`),
		req(`{"op":"wait","task":1}`),
	)
	for i, want := range []string{
		`{"version":1,"wafer":"test"}`, "", `{"id":3}`, `{"cycle":7}`, `{"cycle":7}`, `{}`,
		`{"cycle":7}`, `{"cycle":7,"task":1}`, `{"cycle":7}`, `{"cycle":7,"done":true}`,
	} {
		if want != "" && string(got[i].Head) != want {
			t.Errorf("answer %d: %s, want %s", i, got[i].Head, want)
		}
	}
	for i, want := range map[int][]byte{4: {1, 2, 3, 4}, 5: {1, 2, 3, 4}, 9: {1, 0, 0, 0, 2, 0, 0, 0}} {
		if diff := cmp.Diff(want, got[i].Data); diff != "" {
			t.Errorf("answer %d: %s", i, diff)
		}
	}
}

func TestMistakesAreAnswersNotEnds(t *testing.T) {
	got := talk(t,
		req(`{"op":"run"}`),
		req(`{"op":"open","dir":"elsewhere"}`),
		req(`nonsense`),
		req(`{"op":"hello","version":99}`),
		req(`{"op":"open","dir":"out"}`),
		req(`{"op":"fly"}`),
		req(`{"op":"id","name":"w"}`),
		req(`{"op":"copy_out","w":100000,"h":100000,"l":100000,"bits":32}`),
		req(`{"op":"wait","task":5}`),
	)
	for i, p := range got {
		var f struct{ Error string }
		if err := json.Unmarshal(p.Head, &f); err != nil {
			t.Fatal(err)
		}
		if (f.Error == "") != (i == 4) {
			t.Errorf("answer %d: %s", i, p.Head)
		}
	}
}

func FuzzServe(f *testing.F) {
	var b bytes.Buffer
	for _, p := range []Packet{
		req(`{"op":"hello","version":1}`), req(`{"op":"open","dir":"out"}`), req(`{"op":"run"}`),
		req(`{"op":"copy_in","id":3,"w":1,"h":1,"l":1,"bits":32}`, 1, 2, 3, 4),
		req(`{"op":"copy_out","id":3,"w":1,"h":1,"l":1,"bits":16,"spread":"stride"}`), req(`{"op":"stop"}`),
	} {
		if err := Write(&b, p); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(b.Bytes())
	f.Add([]byte{255, 255, 255, 127, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		env := testEnv()
		err := Serve(context.Background(), bytes.NewReader(data), io.Discard, env)
		if err != nil && !errors.Is(err, ErrPacket) {
			t.Error(err)
		}
	})
}
