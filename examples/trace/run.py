"""What a program wrote down: trace buffers, variables, lines in sim.log."""

import argparse

import numpy as np

from cerebras.sdk.debug.debug_util import debug_util
from cerebras.sdk.runtime.sdkruntimepybind import SdkRuntime

parser = argparse.ArgumentParser()
parser.add_argument("--name", default="out")
args = parser.parse_args()

runner = SdkRuntime(args.name)
runner.load()
runner.run()
runner.launch("main", nonblock=False)
assert runner.coord_logical_to_physical((1, 0)) == (5, 1)
runner.stop()

debug = debug_util(args.name)
for x in range(2):
    got = debug.read_trace(4 + x, 1, "values")
    assert got == ["core", x, -5, 4000000000, -70000, 1.5, True], got
    stamps = debug.read_trace(4 + x, 1, "times")
    assert len(stamps) == 1 and isinstance(stamps[0], int), stamps
    assert debug.get_symbol(4 + x, 1, "answer", np.int32)[0] == -70000
both = debug.get_symbol_rect(((4, 1), (2, 1)), "answer", np.int32)
assert both.shape == (2, 1, 1)

with open("sim.log", encoding="utf-8") as f:
    lines = f.read().splitlines()
for x in range(2):
    assert any(l.startswith("@") and l.endswith("PE(%d,0): hello" % x) for l in lines), lines
assert "cyc/sec" in lines[-1], lines
print("SUCCESS!")
