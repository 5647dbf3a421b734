package cli

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"wafer/internal/csl/outdir"
	"wafer/internal/host/wire"
	"wafer/internal/image"
	"wafer/internal/machine"
)

// TestMain lets the test binary play wafer: host programs start it as a child,
// and scripts call it by its names.
func TestMain(m *testing.M) {
	wafer := func(args ...string) int {
		return Main(args, Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	}
	if os.Getenv("WAFER_TEST_SHAKE") == "1" && slices.Equal(os.Args[1:], []string{"csl", "host"}) {
		if err := wire.Serve(context.Background(), os.Stdin, os.Stdout, shakenEnv()); err != nil {
			panic(err)
		}
		return
	}
	if os.Getenv("WAFER_TEST_MAIN") == "1" {
		os.Exit(wafer(os.Args[1:]...))
	}
	testscript.Main(m, map[string]func(){
		"wafer": func() { os.Exit(wafer(os.Args[1:]...)) },
		"cslc":  func() { os.Exit(wafer(append([]string{"csl", "build"}, os.Args[1:]...)...)) },
	})
}

// pythonWithNumpy finds an interpreter that can run host programs.
func pythonWithNumpy(t *testing.T) string {
	t.Helper()
	for _, p := range []string{os.Getenv("WAFER_PYTHON"), "python3"} {
		if p != "" && exec.Command(p, "-c", "import numpy").Run() == nil {
			return p
		}
	}
	t.Skip("no python3 with numpy; WAFER_PYTHON may name one")
	return ""
}

// handmade is a program for 2x2 cores without a compiler: "scale" multiplies the
// four f32 of A by its second argument, if the first is not negative.
func handmade() *image.Image {
	const ptr, data = 50, 100
	code := []image.Instr{
		{Op: image.OpConst, R: image.I16, D: 2, Imm: 0},
		{Op: image.OpIfLt, R: image.I16, A: 0, B: 2, Imm: 15}, // returns without unblocking
	}
	for i := range 4 {
		code = append(code,
			image.Instr{Op: image.OpLoadG, R: image.F32, D: 3, Imm: int64(data + 2*i)},
			image.Instr{Op: image.OpMul, R: image.F32, D: 3, A: 3, B: 1},
			image.Instr{Op: image.OpStoreG, R: image.F32, D: 3, Imm: int64(data + 2*i)})
	}
	code = append(code, image.Instr{Op: image.OpHostDone}, image.Instr{Op: image.OpRet})
	return &image.Image{
		Arch: machine.WSE3, FP16: "f16", FabricW: 9, FabricH: 4, Rect: image.Rect{X: 4, Y: 1, W: 2, H: 2}, Memcpy: true,
		Exports: []image.Export{
			{ID: 0, Name: "A", Kind: image.ExportVar, Type: "[*]f32", Mutable: true},
			{ID: 1, Name: "scale", Kind: image.ExportFunc, Type: "fn(i16, f32)void", Args: []string{"i16", "f32"}},
		},
		Programs: []*image.Program{{
			Name: "0_0", File: "pe.csl", Code: code,
			Funcs: []image.Func{{Name: "scale", Regs: 4, Args: 2, ArgReps: []image.Rep{image.I16, image.F32}}},
			Data:  []image.Segment{{Addr: ptr, Words: []uint16{data}}},
			Symbols: []image.Symbol{
				{Name: "A_ptr", Addr: ptr, Words: 1, Type: "[*]f32"},
				{Name: "A", Addr: data, Words: 8, Type: "[4]f32"},
			},
			Exports: []image.Binding{{Export: 0, Func: -1, Addr: ptr}, {Export: 1, Func: 0}},
			StackAt: 200,
		}},
		RouteSets: []image.RouteSet{{}},
		Tiles:     make([]image.Tile, 4),
		Params:    map[string]string{"N": "4"},
	}
}

const hostProgram = `
import json, os
import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import SdkRuntime, MemcpyDataType, MemcpyOrder, WaferError
from cerebras.sdk.sdk_utils import input_array_to_u32, memcpy_view, calculate_cycles
from cerebras.sdk.debug.debug_util import debug_util

N = int(json.load(open("out/out.json"))["params"]["N"])
runner = SdkRuntime("out", cmaddr=None, suppress_simfab_trace=True)
A = runner.get_id("A")
runner.load()
runner.run()
x = np.arange(16, dtype=np.float32)
opts = dict(streaming=False, order=MemcpyOrder.COL_MAJOR, data_type=MemcpyDataType.MEMCPY_32BIT)
runner.memcpy_h2d(A, x, 0, 0, 2, 2, N, nonblock=True, **opts)
runner.launch("scale", np.int16(1), np.float32(2.5), nonblock=True)
y = np.zeros(16, np.float32)
task = runner.memcpy_d2h(y, A, 0, 0, 2, 2, N, nonblock=True, **opts)
while not runner.is_task_done(task):
    pass
np.testing.assert_array_equal(y, x * np.float32(2.5))
z = np.zeros((4, 1), np.uint32)
runner.memcpy_d2h(z, A, 1, 0, 1, 1, 4, streaming=False, order=MemcpyOrder.ROW_MAJOR,
    data_type=MemcpyDataType.MEMCPY_16BIT, nonblock=False)
words = memcpy_view(z, np.dtype(np.uint16)).ravel()
np.testing.assert_array_equal(words, (x.reshape(4, 2, 2).T[0, 1] * np.float32(2.5)).view(np.uint16)[:4])
for call, part in [
    (lambda: runner.get_id("a"), "did you mean"),
    (lambda: runner.launch("scale", np.int32(1), np.float32(1)), "argument 1 of"),
    (lambda: runner.memcpy_h2d(A, x, 0, 0, 3, 2, N, nonblock=False, **opts), "does not lie in the 2x2 rectangle"),
    (lambda: runner.launch("scale", np.int16(-1), 1.0), "have not called unblock_cmd_stream"),
]:
    try:
        call()
    except WaferError as e:
        assert part in str(e), str(e)
    else:
        raise AssertionError("no error: " + part)
runner.stop()
got = debug_util("out").get_symbol(5, 1, "A", np.float32)
np.testing.assert_array_equal(got, x.reshape(4, 2, 2).T[0, 1] * np.float32(2.5))
np.testing.assert_array_equal(input_array_to_u32(np.array([7, 8, 9], np.int16), 1, 2), [7, 8 | 1 << 16, 9])
assert calculate_cycles(np.array([5, 0, 1, 9, 0, 1], np.uint16).view(np.float32)) == 4
assert os.path.exists("sim.log")
print("SUCCESS!")
`

// The whole path: Python, packets, host, simulator, numpy.
func TestAPythonHostProgramRuns(t *testing.T) {
	python := pythonWithNumpy(t)
	dir := t.TempDir()
	if err := outdir.Write(filepath.Join(dir, "out"), handmade()); err != nil {
		t.Fatal(err)
	}
	lib := filepath.Join(dir, "lib")
	if err := copyPython(lib); err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-c", hostProgram)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "WAFER="+exe, "WAFER_TEST_MAIN=1", "PYTHONPATH="+lib)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}
