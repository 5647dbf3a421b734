"""Holds every stage of a transformer decode step on a grid of cores against numpy.

Run by WAFER_AT_STOP inside a host program that checks nothing itself; `runtime`
is its SdkRuntime. Each stage is computed in float64 from what the cores hold as
its input, so that roundings of earlier stages do not add up. Core (y, x) of a
P x P grid holds block y of a vector, or block (y, x) of a matrix.
"""

import numpy as np

P = runtime._image["w"]
TOLERANCE = 0.02


def cells(name, rows=None):
    """The symbol on all cores as an array [y][x][...], in float64."""
    a = np.array([[runtime.read_symbol(x, y, name, "float16") for x in range(P)] for y in range(P)])
    a = a.astype(np.float64)
    return a if rows is None else a.reshape(P, P, rows, -1)


def check(stage, got, want):
    got, want = np.broadcast_arrays(got, want)
    finite = np.isfinite(got) & (np.abs(want) < 60000)  # f16 ends at 65504
    if not (got[~finite] > 55000).all():
        raise SystemExit("%s: not a number where numpy has one" % stage)
    top = np.abs(want[finite]).max() if finite.any() else 1.0
    worst = np.abs(got[finite] - want[finite]).max() / top if finite.any() else 0.0
    if not worst <= TOLERANCE:
        raise SystemExit("%s: off by %.3g of the largest value" % (stage, worst))
    print("check %s: %d values, %.2g off at most" % (stage, got.size, worst))


def norm(v, weight, size):
    return v * v * weight / np.sqrt((v[:, :, :] ** 2).sum(axis=(0, 2), keepdims=True) / size + 1e-5)


def fast_exp(v):
    return (1 + v / 256) ** 4


x, w = cells("X_tile"), cells("W_tile")
n = x.shape[2]
size = n * P
x_norm, qkv = cells("X_norm_tile"), cells("QKV_tile")
check("first norm", x_norm, norm(x, w, size))

sin, cos = cells("freqs_sin"), cells("freqs_cos")
for k, name in enumerate(("Q", "K", "V")):
    full = np.einsum("yxi,yxij->xj", x_norm, cells(name + "_weight_tile", n))
    want = np.broadcast_to(full, (P, P, n)).copy()
    if name != "V":
        # The program sets the base of both halves to the same place, which drops the
        # odd half's offset: both are the even elements, and the sum is stored last.
        want[..., 0::2] = want[..., 0::2] * (cos + sin)
    check(name, qkv[:, :, k * n : (k + 1) * n], want)

score = cells("score")
raw = np.einsum("yxi,yxij->yj", qkv[:, :, :n], cells("XKCache_tile", n)) / np.sqrt(size)
e = fast_exp(raw - max(raw.max(), 0))
check("softmax", score, (e / e.sum())[:, None, :])
output = cells("output_tile")
check("values", output, np.einsum("yxi,yxij->xj", score, cells("XVCache_tile", score.shape[2])))
h1 = cells("h1_tile")
check("output projection", h1, np.einsum("yxi,yxij->yj", output, cells("O_weight_tile", n))[:, None, :])
z_norm, zz, z3, h2 = (cells(s) for s in ("z_norm_tile", "ZZ_tile", "z3_tile", "h2_tile"))
check("second norm", z_norm, norm(x + h1, w, size))
f = zz.shape[2] // 2
up = np.einsum("yxi,yxij->xj", z_norm, cells("UP_weight_tile", n))
check("up", zz[:, :, :f], up / (1 + fast_exp(-up)))
check("gate", zz[:, :, f:], np.einsum("yxi,yxij->xj", z_norm, cells("GATE_weight_tile", n)))
check("product", z3, zz[:, :, :f] * zz[:, :, f:])
if np.isfinite(z3).all():
    check("down", h2, np.einsum("yxi,yxij->yj", z3, cells("DOWN_weight_tile", f))[:, None, :])
    check("residual", cells("Z_tile"), x + h1 + h2)
else:
    check("residual", cells("Z_tile"), np.full_like(x, np.inf))
