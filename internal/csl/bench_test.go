package csl

import (
	"context"
	"strings"
	"testing"

	"wafer/internal/machine"
)

// wide is a program whose layout says something about every core of a wafer.
const wide = `
param w: u16;
param h: u16;
const memcpy = @import_module("<memcpy/get_params>", .{ .width = w, .height = h });
const c = @get_color(1);
layout {
  @set_rectangle(w, h);
  for (@range(u16, w)) |x| {
    for (@range(u16, h)) |y| {
      @set_tile_code(x, y, "pe.csl", .{ .memcpy_params = memcpy.get_params(x), .first = x == 0 });
      if (x == 0) {
        @set_color_config(x, y, c, .{ .routes = .{ .rx = .{ RAMP }, .tx = .{ EAST } } });
      } else {
        @set_color_config(x, y, c, .{ .routes = .{ .rx = .{ WEST }, .tx = .{ RAMP, EAST } } });
      }
    }
  }
  @export_name("f", fn()void);
}
`

const widePE = `
param memcpy_params;
param first: bool;
const sys = @import_module("<memcpy/memcpy>", memcpy_params);
fn f() void {
  sys.unblock_cmd_stream();
}
comptime {
  @export_symbol(f);
}
`

// BenchmarkLayout compiles a layout over the whole WSE-3 rectangle.
func BenchmarkLayout(b *testing.B) {
	for b.Loop() {
		im, ds := Build(context.Background(), Options{
			File: "layout.csl", Arch: machine.WSE3, Memcpy: true,
			Params: []Param{{"w", "755"}, {"h", "1170"}},
			ReadFile: func(name string) ([]byte, error) {
				if strings.HasSuffix(name, "pe.csl") {
					return []byte(widePE), nil
				}
				return []byte(wide), nil
			},
		})
		if im == nil {
			b.Fatal(ds.Sorted())
		}
		if len(im.Programs) != 2 {
			b.Fatalf("%d distinct programs, want 2", len(im.Programs))
		}
	}
	b.ReportMetric(755*1170*float64(b.N)/b.Elapsed().Seconds(), "cores/s")
}
