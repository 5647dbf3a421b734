"""A second reader and a second forward pass, in numpy only.

In: a GGUF file of the "llama" architecture with F16 and F32 tensors. Out: metadata, tensors, logits.
It shares no code with model.py or export.py: it is there to catch their mistakes.
"""

import struct
from pathlib import Path

import numpy as np

SCALAR = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}


class Reader:
    """Walks over the bytes of a file."""

    def __init__(self, raw: bytes):
        self.raw, self.at = raw, 0

    def take(self, form: str):
        value = struct.unpack_from("<" + form, self.raw, self.at)[0]
        self.at += struct.calcsize("<" + form)
        return value

    def string(self) -> str:
        n = self.take("Q")
        self.at += n
        return self.raw[self.at - n : self.at].decode()

    def value(self, kind: int):
        if kind == 8:
            return self.string()
        if kind == 9:
            item, n = self.take("I"), self.take("Q")
            return [self.value(item) for _ in range(n)]
        return self.take(SCALAR[kind])


def load(path: Path) -> tuple[dict, dict[str, np.ndarray]]:
    r = Reader(path.read_bytes())
    magic, version = r.take("I"), r.take("I")
    if magic != 0x46554747 or version != 3:
        raise SystemExit(f"{path}: not a GGUF v3 file")
    count, pairs = r.take("Q"), r.take("Q")
    meta = {}
    for _ in range(pairs):
        key = r.string()
        meta[key] = r.value(r.take("I"))
    heads = []
    for _ in range(count):
        name = r.string()
        dims = [r.take("Q") for _ in range(r.take("I"))]
        heads.append((name, dims[::-1], np.float16 if r.take("I") == 1 else np.float32, r.take("Q")))
    base = -(-r.at // 32) * 32
    data = {}
    for name, shape, kind, offset in heads:
        flat = np.frombuffer(r.raw, kind, int(np.prod(shape)), base + offset)
        data[name] = flat.reshape(shape).astype(np.float32)
    return meta, data


def rms(x: np.ndarray, w: np.ndarray, eps: float) -> np.ndarray:
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + eps) * w


def turn(x: np.ndarray, base: float) -> np.ndarray:
    """x[time, head, width]: each pair as one complex number, turned by position times its own speed."""
    time, _, width = x.shape
    speed = base ** (-np.arange(0, width, 2) / width)
    phase = np.exp(1j * np.arange(time)[:, None] * speed)[:, None, :]
    z = (x[..., 0::2] + 1j * x[..., 1::2]) * phase
    return np.stack((z.real, z.imag), -1).reshape(x.shape).astype(np.float32)


def softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def logits(meta: dict, w: dict[str, np.ndarray], ids: list[int]) -> np.ndarray:
    """Logits[time, vocab] for a sequence of token ids."""
    m = {k.removeprefix("llama."): v for k, v in meta.items()}
    heads, kv = m["attention.head_count"], m["attention.head_count_kv"]
    eps, base, time = m["attention.layer_norm_rms_epsilon"], m["rope.freq_base"], len(ids)
    x = w["token_embd.weight"][ids]
    hide = np.triu(np.full((time, time), -np.inf, np.float32), 1)
    for n in range(m["block_count"]):
        t = {
            k.removeprefix(f"blk.{n}.").removesuffix(".weight"): v for k, v in w.items() if k.startswith(f"blk.{n}.")
        }
        y = rms(x, t["attn_norm"], eps)
        q = turn((y @ t["attn_q"].T).reshape(time, heads, -1), base)
        k = turn((y @ t["attn_k"].T).reshape(time, kv, -1), base)
        v = (y @ t["attn_v"].T).reshape(time, kv, -1)
        mixed = []
        for h in range(heads):
            g = h * kv // heads  # neighbouring query heads share a key-value head
            p = softmax(q[:, h] @ k[:, g].T / np.sqrt(q.shape[-1]) + hide)
            mixed.append(p @ v[:, g])
        x = x + np.concatenate(mixed, -1) @ t["attn_output"].T
        y = rms(x, t["ffn_norm"], eps)
        gate = y @ t["ffn_gate"].T
        x = x + (gate / (1 + np.exp(-gate)) * (y @ t["ffn_up"].T)) @ t["ffn_down"].T
    return rms(x, w["output_norm.weight"], eps) @ w.get("output.weight", w["token_embd.weight"]).T
