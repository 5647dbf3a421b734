"""Enumerations shared by the runtime and the layout API."""

from enum import Enum


class MemcpyDataType(Enum):
    MEMCPY_16BIT = 0
    MEMCPY_32BIT = 1


class MemcpyOrder(Enum):
    ROW_MAJOR = 0
    COL_MAJOR = 1


class SdkTarget(Enum):
    WSE2 = 2
    WSE3 = 3


class FP16TYPE(Enum):
    F16 = "f16"
    BF16 = "bf16"
    CB16 = "cb16"
