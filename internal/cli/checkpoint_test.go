package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"wafer/internal/host"
	"wafer/internal/host/wire"
	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/sim"
)

// counter is a context that ends when it has been asked some number of times, as if
// somebody had pressed Ctrl-C at that moment.
type counter struct {
	context.Context
	left int
}

func (c *counter) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// built compiles the program of the script csl_checkpoint in a new directory.
func built(t *testing.T) (dir string) {
	t.Helper()
	a, err := txtar.ParseFile("testdata/script/csl_checkpoint.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	for _, f := range a.Files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var errw bytes.Buffer
	args := []string{"csl", "build", filepath.Join(dir, "layout.csl"), "--arch=wse3", "--fabric-dims=9,3", "--fabric-offsets=4,1", "-o", filepath.Join(dir, "out"), "--memcpy"}
	if code := Main(args, Streams{Out: &errw, Err: &errw}); code != 0 {
		t.Fatalf("%s", errw.Bytes())
	}
	return dir
}

// TestAnInterruptedRunGoesOn interrupts a run again and again, each time a little
// later, until it comes to its end.
func TestAnInterruptedRunGoesOn(t *testing.T) {
	dir := built(t)
	cmd := CSLRunCmd{Dir: filepath.Join(dir, "out"), Launch: []string{"go:30", "go:20"}, Read: []string{"1,0,sum"}}
	var whole bytes.Buffer
	if err := cmd.Run(context.Background(), Streams{Out: &whole, Err: os.Stderr}); err != nil {
		t.Fatal(err)
	}
	cmd.Keep.Checkpoint = filepath.Join(dir, "state")
	for n := 1; ; n++ {
		var out, errw bytes.Buffer
		err := cmd.Run(&counter{context.Background(), 5}, Streams{Out: &out, Err: &errw})
		if err == nil {
			if out.String() != whole.String() || n < 4 {
				t.Errorf("after %d interruptions:\n%s\nwithout:\n%s", n-1, out.Bytes(), whole.Bytes())
			}
			break
		}
		if !errors.Is(err, context.Canceled) || !strings.Contains(errw.String(), "--resume goes on from there") || n > 1000 {
			t.Fatalf("interruption %d: %v\n%s", n, err, errw.Bytes())
		}
		cmd.Launch, cmd.Resume = nil, cmd.Keep.Checkpoint
	}
	left, err := filepath.Glob(filepath.Join(dir, ".state*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// shaken is a device that is never the same for long.
type shaken struct {
	*sim.Sim
	im   *image.Image
	m    *machine.Machine
	runs int
}

func (d *shaken) Run(ctx context.Context, u sim.Until) sim.Stop {
	var b bytes.Buffer
	if err := d.Save(&b, nil); err != nil {
		panic(err)
	}
	d.runs++
	s, _, err := sim.Load(&b, d.im, d.m, sim.Options{Workers: 1 + d.runs%5, StepByStep: d.runs%2 == 0})
	if err != nil {
		panic(err)
	}
	d.Sim = s
	return s.Run(ctx, u)
}

// shakenEnv serves host programs with such devices.
func shakenEnv() wire.Env {
	env := wireEnv(os.Stderr)
	env.Open = func(_ context.Context, r wire.OpenRequest) (*host.Host, io.Closer, error) {
		d, err := openDevice(deviceOptions{Dir: r.Dir, SimLog: r.SimLog, Err: os.Stderr})
		if err != nil {
			return nil, nil, err
		}
		im := d.Image()
		return host.New(im, &shaken{Sim: d.sim, im: im, m: machine.Default(im.Arch)}, host.Options{Log: d.lines}), d, nil
	}
	return env
}

const firstScript = `
import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import SdkRuntime, WaferError
runner = SdkRuntime("out")
runner.load()
runner.run()
runner.launch("go", np.int16(7))
before = runner.read_symbol(1, 0, "sum", np.int32)[0]
runner.save("kernel")
runner.launch("go", np.int16(20), nonblock=True)
runner.save("open")
runner.launch("go", np.int16(1))
after = runner.read_symbol(1, 0, "sum", np.int32)[0]
assert after != before
runner.load("kernel")
assert runner.read_symbol(1, 0, "sum", np.int32)[0] == before
runner.launch("go", np.int16(20))
runner.launch("go", np.int16(1))
assert runner.read_symbol(1, 0, "sum", np.int32)[0] == after
runner.stop()
np.save("want.npy", np.array([before, after]))
for call, part in [
    (lambda: runner.load("kernel"), "after stop"),
    (lambda: SdkRuntime("out", resume="want.npy"), "this is no checkpoint"),
    (lambda: SdkRuntime("out", resume="nowhere"), "no such file"),
]:
    try:
        call()
    except WaferError as e:
        assert part in str(e), str(e)
    else:
        raise AssertionError("no error: " + part)
print("SUCCESS!")
`

const secondScript = `
import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import SdkRuntime
before, after = np.load("want.npy")
runner = SdkRuntime("out", resume="kernel")
assert runner.read_symbol(1, 0, "sum", np.int32)[0] == before
runner.launch("go", np.int16(20))
runner.launch("go", np.int16(1))
assert runner.read_symbol(1, 0, "sum", np.int32)[0] == after
runner.stop()
# The launch that was open when the state was saved is finished first.
with SdkRuntime("out", resume="open") as runner:
    runner.launch("go", np.int16(1))
    assert runner.read_symbol(1, 0, "sum", np.int32)[0] == after
assert open("sim.log").read().count("sum ") == 3
print("SUCCESS!")
`

// TestPythonGoesOnAfterAKernel lets one script save a run and another go on with it.
func TestPythonGoesOnAfterAKernel(t *testing.T) {
	python := pythonWithNumpy(t)
	dir := built(t)
	lib := filepath.Join(dir, "lib")
	if err := copyPython(lib); err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range []string{firstScript, secondScript} {
		cmd := exec.Command(python, "-c", script)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "WAFER="+exe, "WAFER_TEST_MAIN=1", "PYTHONPATH="+lib)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
}
