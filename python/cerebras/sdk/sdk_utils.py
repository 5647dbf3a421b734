"""Helpers for arrays that travel between host and device."""

import numpy as np


def memcpy_view(arr, datatype):
    """A view of the low bytes of each 32-bit element of arr as datatype."""
    datatype = np.dtype(datatype)
    if arr.dtype.itemsize != 4:
        raise ValueError("the container must have 32-bit elements, not %s" % arr.dtype)
    if datatype.itemsize not in (1, 2, 4):
        raise ValueError("the view must have 8, 16 or 32 bits, not %s" % datatype)
    if datatype.itemsize == 4:
        return arr.view(datatype)
    if not arr.flags.c_contiguous:
        raise ValueError("the container must be contiguous")
    parts = 4 // datatype.itemsize
    return arr.view(datatype).reshape(arr.shape + (parts,))[..., 0]


def input_array_to_u32(np_arr=None, sentinel=None, fast_dim_sz=1, arr=None):
    """One 32-bit word for each element of a 16- or 32-bit array.

    With a sentinel, the upper half of the word of a 16-bit element holds its
    index within the fastest dimension, otherwise zero.
    """
    a = np.asarray(arr if np_arr is None else np_arr)
    flat = a.ravel()
    if flat.dtype.itemsize == 4:
        return np.ascontiguousarray(flat).view(np.uint32)
    if flat.dtype.itemsize != 2:
        raise ValueError("elements must have 16 or 32 bits, not %s" % flat.dtype)
    out = np.ascontiguousarray(flat).view(np.uint16).astype(np.uint32)
    if sentinel is not None:
        index = np.arange(out.size, dtype=np.uint32) % np.uint32(fast_dim_sz)
        out |= (index & np.uint32(0xFFFF)) << np.uint32(16)
    return out


def calculate_cycles(timestamp_buf):
    """Cycles between two 48-bit timestamps packed into three 32-bit words."""
    words = np.ascontiguousarray(timestamp_buf).view(np.uint16)
    if words.size != 6:
        raise ValueError("a start and an end timestamp take three 32-bit words, not %s" % (words.size / 2))
    w = [int(v) for v in words]
    start = w[0] | w[1] << 16 | w[2] << 32
    end = w[3] | w[4] << 16 | w[5] << 32
    return np.int64(end - start)
