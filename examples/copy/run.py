"""Copies between numpy arrays and the wafer, in every form that there is."""

import argparse
import json

import numpy as np

from cerebras.sdk.runtime.sdkruntimepybind import MemcpyDataType, MemcpyOrder, SdkRuntime
from cerebras.sdk.sdk_utils import input_array_to_u32, memcpy_view

parser = argparse.ArgumentParser()
parser.add_argument("--name", default="out")
args = parser.parse_args()

with open(args.name + "/out.json", encoding="utf-8") as f:
    params = json.load(f)["params"]
w, h, n = int(params["width"]), int(params["height"]), int(params["n"])

B16 = {"streaming": False, "data_type": MemcpyDataType.MEMCPY_16BIT, "nonblock": False}
B32 = {"streaming": False, "data_type": MemcpyDataType.MEMCPY_32BIT, "nonblock": False}
ROW, COL = MemcpyOrder.ROW_MAJOR, MemcpyOrder.COL_MAJOR


def read(runner, symbol, order=ROW):
    out = np.zeros(h * w * n, np.float32)
    runner.memcpy_d2h(out, symbol, 0, 0, w, h, n, order=order, **B32)
    return out.reshape((h, w, n), order="C" if order == ROW else "F")


with SdkRuntime(args.name) as runner:
    wide, narrow = runner.get_id("wide"), runner.get_id("narrow")

    # Both orders of the same tensor, A[h][w][n].
    a = np.arange(h * w * n, dtype=np.float32).reshape(h, w, n)
    runner.memcpy_h2d(wide, a.ravel(), 0, 0, w, h, n, order=ROW, **B32)
    np.testing.assert_array_equal(read(runner, wide), a)
    np.testing.assert_array_equal(read(runner, wide, COL), a)
    runner.memcpy_h2d(wide, a.ravel(order="F"), 0, 0, w, h, n, order=COL, **B32)
    np.testing.assert_array_equal(read(runner, wide), a)

    # 16-bit elements travel in the low halves of 32-bit words.
    b = (np.arange(h * w * n) - 7).astype(np.int16).reshape(h, w, n)
    runner.memcpy_h2d(narrow, input_array_to_u32(b.ravel(), None, 1), 0, 0, w, h, n, order=ROW, **B16)

    # A launch with arguments changes both.
    runner.launch("scale", np.int16(-3), np.float32(0.5), nonblock=False)
    a, b = a * np.float32(0.5), b - np.int16(3)
    np.testing.assert_array_equal(read(runner, wide), a)
    box = np.zeros(h * w * n, np.uint32)
    runner.memcpy_d2h(box, narrow, 0, 0, w, h, n, order=ROW, **B16)
    np.testing.assert_array_equal(memcpy_view(box, np.int16).reshape(h, w, n), b)

    # A region of interest leaves the rest alone.
    part = np.full((h - 1) * (w - 1) * n, 9, np.float32)
    runner.memcpy_h2d(wide, part, 1, 1, w - 1, h - 1, n, order=ROW, **B32)
    a[1:, 1:, :] = 9
    np.testing.assert_array_equal(read(runner, wide), a)

    # One part for each row, then one for each column.
    rows = np.arange(h * n, dtype=np.float32).reshape(h, n)
    runner.memcpy_h2d_rowbcast(wide, rows.ravel(), 0, 0, w, h, n, order=ROW, **B32)
    np.testing.assert_array_equal(read(runner, wide), np.repeat(rows[:, None, :], w, axis=1))
    columns = np.arange(w * n, dtype=np.float32).reshape(w, n)
    runner.memcpy_h2d_colbcast(wide, columns.T.ravel(), 0, 0, w, h, n, order=COL, **B32)
    np.testing.assert_array_equal(read(runner, wide), np.repeat(columns[None, :, :], h, axis=0))

    # Commands without waiting run in the order of the calls; the pointer moves
    # between the copies.
    queue = dict(B32, nonblock=True)
    one, two, got = (np.full(w * h * n, v, np.float32) for v in (1, 2, 0))
    runner.memcpy_h2d(wide, one, 0, 0, w, h, n, order=ROW, **queue)
    runner.launch("swap", nonblock=True)
    runner.memcpy_h2d(wide, two, 0, 0, w, h, n, order=ROW, **queue)
    runner.launch("swap", nonblock=True)
    task = runner.memcpy_d2h(got, wide, 0, 0, w, h, n, order=ROW, **queue)
    runner.task_wait(task)
    np.testing.assert_array_equal(got, one)
    assert runner.is_task_done(task)

print("SUCCESS!")
