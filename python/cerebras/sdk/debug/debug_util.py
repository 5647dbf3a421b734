"""debug_util: memory of a program after its run, by symbol."""

import os

import numpy as np

from ..._wire import WaferError
from ..runtime import sdkruntimepybind


class debug_util:
    """Reads symbols and trace buffers. Coordinates count from the corner of the
    fabric, not of the program rectangle."""

    def __init__(self, bindir, cmaddr=None):
        path = os.path.realpath(os.fspath(bindir))
        self._run = sdkruntimepybind._runs.get(path)
        if self._run is None:
            raise WaferError(
                "no run of %s in this process: debug_util reads the memory of a program that "
                "this process ran with SdkRuntime and keeps" % bindir
            )

    def _local(self, col, row):
        image = self._run._image
        return int(col) - image["x"], int(row) - image["y"]

    def get_symbol(self, col, row, symbol, dtype):
        x, y = self._local(col, row)
        return self._run.read_symbol(x, y, symbol, dtype)

    def get_symbol_rect(self, rectangle, symbol, dtype):
        (col, row), (width, height) = rectangle
        return np.array(
            [[self.get_symbol(col + i, row + j, symbol, dtype) for j in range(height)] for i in range(width)]
        )

    def read_trace(self, px, py, name):
        x, y = self._local(px, py)
        return self._run._read_trace(x, y, name)
