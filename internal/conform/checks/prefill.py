"""Holds the norm and the product for the values of a transformer prefill on a grid
of cores against numpy.

Run by WAFER_AT_STOP; `runtime` is the SdkRuntime of the host program. Operands of
the product travel around rings of cores, and the program starts the product with
its left operand where an earlier one left it: in rows whose number of shifts is odd
that is the other buffer. So the order of the blocks is not assumed but found, for
each parity: the product must be a sum over pairs of blocks in which each block of
both operands occurs exactly once. Later stages are not checked.
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

full = norm.transpose(0, 3, 1, 2)  # [y][s][block t][d]
out = cells("XV_tile", dim).transpose(0, 3, 1, 2)  # [y][s][x][n]
v = cells("V_weight_tile", dim)
shifts = (np.arange(P) + 1) // 2
for parity in (0, 1):
    rows = np.flatnonzero(shifts % 2 == parity)
    for j in range(P):
        parts = np.einsum("ystd,kdn->tkysn", full[rows], v[:, j])
        want = out[rows][:, :, j]
        share = np.linalg.lstsq(parts.reshape(P * P, -1).T, want.ravel(), rcond=None)[0].reshape(P, P)
        pair = share.argmax(axis=0)
        if sorted(pair) != list(range(P)):
            raise SystemExit("values, column %d: no sum over pairs of blocks: %s" % (j, pair))
        check("values, column %d, rows %s" % (j, rows), want, sum(parts[pair[k], k] for k in range(P)))
