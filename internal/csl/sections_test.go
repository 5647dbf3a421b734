package csl_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"wafer/internal/csl"
)

// TestSections places two variables as the documentation's example does.
func TestSections(t *testing.T) {
	files := map[string]string{
		"layout.csl": `layout { @set_rectangle(1, 1); @set_tile_code(0, 0, "pe.csl"); @export_name("f", fn()void); }`,
		"pe.csl": `
export var one: u16 linksection(".mySection1") = 0xabcd;
export var two: u16 linksection(".mySection2") = 0x1234;
export var free: u16 = 7;
fn f() void { one += two + free; }
comptime { @export_symbol(f); }`,
	}
	read := func(name string) ([]byte, error) {
		if text, ok := files[name]; ok {
			return []byte(text), nil
		}
		return nil, errors.New("no such file")
	}
	build := func(at1, at2 string) (map[string]int, string) {
		im, ds := csl.Build(context.Background(), csl.Options{
			File: "layout.csl", ReadFile: read, Sections: []csl.Param{{Name: ".mySection1", Value: at1}, {Name: ".mySection2", Value: at2}},
		})
		var text strings.Builder
		for _, d := range ds.Sorted() {
			text.WriteString(d.Message)
		}
		at := map[string]int{}
		if im != nil {
			for _, s := range im.Programs[0].Symbols {
				at[s.Name] = 2 * int(s.Addr)
			}
		}
		return at, text.String()
	}
	at, text := build("40960", "40980")
	if at["one"] != 40960 || at["two"] != 40980 || at["free"] == 0 || at["free"] > 1000 {
		t.Errorf("placed at %v %s", at, text)
	}
	for _, bad := range [][3]string{
		{"40960", "40961", "cannot start"},
		{"40960", "40960", "variables of section .mySection1"},
		{"16", "40960", "the other variables"},
	} {
		if _, text := build(bad[0], bad[1]); !strings.Contains(text, bad[2]) {
			t.Errorf("%v: %q", bad, text)
		}
	}
}
