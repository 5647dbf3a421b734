"""Names that programs for the appliance import from here."""

from cerebras.sdk.runtime._enums import MemcpyDataType, MemcpyOrder

MEMCPY_16BIT = MemcpyDataType.MEMCPY_16BIT
MEMCPY_32BIT = MemcpyDataType.MEMCPY_32BIT
ROW_MAJOR = MemcpyOrder.ROW_MAJOR
COL_MAJOR = MemcpyOrder.COL_MAJOR

__all__ = ["COL_MAJOR", "MEMCPY_16BIT", "MEMCPY_32BIT", "MemcpyDataType", "MemcpyOrder", "ROW_MAJOR"]
