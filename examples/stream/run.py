"""Streams through a row of cores: in and out at the same time, in order."""

import argparse
import json

import numpy as np

from cerebras.sdk.runtime.sdkruntimepybind import MemcpyDataType, MemcpyOrder, SdkRuntime

parser = argparse.ArgumentParser()
parser.add_argument("--name", default="out")
args = parser.parse_args()

with open(args.name + "/out.json", encoding="utf-8") as f:
    params = json.load(f)["params"]
width, n = int(params["width"]), int(params["n"])
IN, OUT = int(params["IN_ID"]), int(params["OUT_ID"])

runner = SdkRuntime(args.name)
count = runner.get_id("count")
runner.load()
runner.run()

form = {"streaming": True, "data_type": MemcpyDataType.MEMCPY_32BIT, "order": MemcpyOrder.ROW_MAJOR}
data = np.random.default_rng(3).random(4 * n, dtype=np.float32)
back = np.zeros(4 * n, np.float32)

# Far more than the queues hold: the host must take while it gives.
runner.memcpy_h2d(IN, data, 0, 0, 1, 1, 4 * n, nonblock=True, **form)
runner.memcpy_d2h(back, OUT, width - 1, 0, 1, 1, 4 * n, nonblock=False, **form)
want = data.copy()
for _ in range(width):
    want += np.float32(1)
np.testing.assert_array_equal(back, want)

# A stream in, then a copy: the copy sees what the stream did everywhere, also
# the batch that the host has not taken yet.
runner.memcpy_h2d(IN, data[:n].copy(), 0, 0, 1, 1, n, nonblock=True, **form)
batches = np.zeros(width, np.uint32)
runner.memcpy_d2h(
    batches, count, 0, 0, width, 1, 1, streaming=False, order=MemcpyOrder.ROW_MAJOR,
    data_type=MemcpyDataType.MEMCPY_32BIT, nonblock=False,
)
np.testing.assert_array_equal(batches, np.full(width, 5))
rest = np.zeros(n, np.float32)
runner.memcpy_d2h(rest, OUT, width - 1, 0, 1, 1, n, nonblock=True, **form)
runner.stop()
np.testing.assert_array_equal(rest, want[:n])
print("SUCCESS!")
