"""Writes a GGUF file with all weights of another as F32: widen.py IN.gguf OUT.gguf

Needs the PyPI package gguf, whose dequantisation shares nothing with ours.
"""

import sys

import gguf
import numpy as np
from gguf.quants import dequantize

reader = gguf.GGUFReader(sys.argv[1])
writer = gguf.GGUFWriter(sys.argv[2], reader.fields["general.architecture"].contents())
for key, field in reader.fields.items():
    if key.startswith("GGUF.") or key == "general.architecture":
        continue
    element = field.types[-1] if field.types[0] == gguf.GGUFValueType.ARRAY else None
    writer.add_key_value(key, field.contents(), field.types[0], element)
for tensor in reader.tensors:
    values = dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
    writer.add_tensor(tensor.name, np.ascontiguousarray(values.reshape([int(n) for n in reversed(tensor.shape)])))
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
