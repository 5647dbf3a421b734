package machine

import (
	"strings"
	"testing"
)

func TestPresetsLoad(t *testing.T) {
	for _, n := range Names() {
		m, err := Preset(n)
		if err != nil {
			t.Fatalf("%s: %v", n, err)
		}
		if m.Name != n {
			t.Errorf("preset %s calls itself %s", n, m.Name)
		}
	}
	// The SDK's largest rectangles, from the documentation.
	if m := Default(WSE3); m.RectW*m.RectH != 883350 {
		t.Errorf("wse3 rectangle has %d cores", m.RectW*m.RectH)
	}
	if m := Default(WSE2); m.RectW*m.RectH != 745500 {
		t.Errorf("wse2 rectangle has %d cores", m.RectW*m.RectH)
	}
}

func TestSiliconInherits(t *testing.T) {
	m, err := Preset("wse3-silicon")
	if err != nil {
		t.Fatal(err)
	}
	if m.Net.Hop != 2 || m.Net.LinkPeriod != 9 || m.DSD.RateMilli["fmach"] != 2920 || m.DSD.Width["add16"] != 8 {
		t.Errorf("silicon profile: %+v", m)
	}
}

func TestBadMachineFiles(t *testing.T) {
	for _, c := range []struct{ text, code, want string }{
		{"base: wse3\nnam: x\n", "M0002", "unknown field"},
		{"base: wse9\n", "M0003", "no machine"},
		{"base: wse3\nnet: {hop: 0}\n", "M0005", "net.hop is 0"},
		{"base: wse3\nclock_mhz: fast\n", "M0002", ""},
		{"base: [", "M0002", ""},
		{"name: x\narch: 3\n", "M0005", "fabric_w"},
	} {
		_, ds := Load("m.yaml", []byte(c.text))
		if len(ds) == 0 {
			t.Errorf("%q was accepted", c.text)
			continue
		}
		if string(ds[0].Code) != c.code || !strings.Contains(ds[0].Message, c.want) {
			t.Errorf("%q: %v", c.text, ds[0])
		}
	}
}

func TestRegisterDirections(t *testing.T) {
	for s := range DirSet(1 << Dirs) {
		if got := DirsOfBits(s.RegBits()); got != s {
			t.Errorf("set %05b became %05b", s, got)
		}
	}
	// As the published examples write them: rx ramp is bit 9, tx east bit 1.
	if Set(Ramp).RegBits()<<ColorRx != 0x200 || Set(East).RegBits() != 2 {
		t.Error("colour register bits moved")
	}
}
