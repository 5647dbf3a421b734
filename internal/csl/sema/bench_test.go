package sema_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"wafer/internal/csl/lib"
	"wafer/internal/csl/sema"
	"wafer/internal/diag"
	"wafer/internal/machine"
)

// reading serves files from a map of names to texts.
func reading(files map[string]string) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		if text, ok := files[name]; ok {
			return []byte(text), nil
		}
		return nil, fmt.Errorf("%s: %w", name, os.ErrNotExist)
	}
}

// A layout in the usual style: parameters of each core joined from parts, routes
// chosen by position.
const bigLayout = `
param width: i16;
param height: i16;
const memcpy = @import_module("<memcpy/get_params>", .{ .width = width, .height = height });
const c1: color = @get_color(0);
const c2: color = @get_color(1);
layout {
  @set_rectangle(width, height);
  const common = .{ .M = 4, .x_color = @get_color(2) };
  const even = @concat_structs(common, .{ .send = c1, .recv = c2 });
  const odd = @concat_structs(common, .{ .send = c2, .recv = c1 });
  const in = .{ .rx = .{ WEST }, .tx = .{ RAMP } };
  const out = .{ .rx = .{ RAMP }, .tx = .{ EAST } };
  for (@range(i16, width)) |x| {
    for (@range(i16, height)) |y| {
      if (x % 2 == 0) {
        @set_tile_code(x, y, "pe.csl", @concat_structs(.{ .memcpy_params = memcpy.get_params(x) }, even));
        @set_color_config(x, y, c1, .{ .routes = out });
        @set_color_config(x, y, c2, .{ .routes = in });
      } else {
        @set_tile_code(x, y, "pe.csl", @concat_structs(.{ .memcpy_params = memcpy.get_params(x) }, odd));
        @set_color_config(x, y, c1, .{ .routes = in });
        @set_color_config(x, y, c2, .{ .routes = out });
      }
    }
  }
  @export_name("f", fn()void);
}`

const bigPE = `
param memcpy_params: comptime_struct;
param M: i16;
param x_color: color;
param send: color;
param recv: color;
const sys = @import_module("<memcpy/memcpy>", memcpy_params);
fn f() void { sys.unblock_cmd_stream(); }
comptime { @export_symbol(f); }
`

func BenchmarkLayout(b *testing.B) {
	const w, h = 200, 200
	for b.Loop() {
		var ds diag.List
		res := sema.Compile(context.Background(), sema.Options{
			File: "layout.csl", ReadFile: reading(map[string]string{"layout.csl": bigLayout, "pe.csl": bigPE}),
			Lib: lib.FS, Arch: machine.WSE3,
			Params: []sema.Param{{Name: "width", Value: fmt.Sprint(w)}, {Name: "height", Value: fmt.Sprint(h)}},
		}, &ds)
		if res == nil || len(res.Programs) != 2 {
			b.Fatal(ds.Sorted())
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(w*h), "ns/core")
}
