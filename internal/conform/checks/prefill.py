"""Holds the norm of a transformer prefill on a grid of cores against numpy.

Run by WAFER_AT_STOP; `runtime` is the SdkRuntime of the host program. The program
leaves the operands of its later stages rotated around rows and columns of cores,
so those are not checked here.
"""

import numpy as np

P = runtime._image["w"]
TOLERANCE = 0.02


def cells(name, rows):
    """The symbol on all cores as an array [y][x][rows][columns], in float64."""
    a = np.array([[runtime.read_symbol(x, y, name, "float16") for x in range(P)] for y in range(P)])
    return a.astype(np.float64).reshape(P, P, rows, -1)


def check(stage, got, want):
    worst = np.abs(got - want).max() / np.abs(want).max()
    if not worst <= TOLERANCE:
        raise SystemExit("%s: off by %.3g of the largest value" % (stage, worst))
    print("check %s: %d values, %.2g off at most" % (stage, got.size, worst))


w = cells("W_tile", 1)[:, :, 0, :]
dim = w.shape[2]
x = cells("X_tile", dim)  # columns of the tile lie one after the other: [d][s]
seq = x.shape[3]
scale = 1 / np.sqrt((x * x).sum(axis=(1, 2)) / (P * dim) + 1e-6)  # [y][s]
# The program multiplies column d by the factor of row d.
norm = x * w[:, :, :, None] * scale[:, None, :dim, None]
got = cells("X_norm_tile", dim)
check("norm, in any order of the columns of cores", np.sort(got, axis=1), np.sort(norm, axis=1))
