"""Writes a checkpoint and its tokenizer as one GGUF v3 file.

In: best.pt of train.py and tokenizer.model of prepare.py. Out: model.gguf with the "llama"
architecture's metadata: matrices as F16, norms as F32, the head shared with the embedding.
Format: the GGUF specification in the ggml project's docs/gguf.md.
"""

import argparse
import struct
from pathlib import Path

import numpy as np
import sentencepiece as spm
import torch

from model import Config

ALIGN = 32
U32, I32, F32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9  # value types of the format
TENSOR_F32, TENSOR_F16 = 0, 1
NORMAL, UNKNOWN, CONTROL, BYTE = 1, 2, 3, 6  # token types
LIMIT = 8_000_000  # the file is embedded in a program: this many bytes and no more


def text(s: str) -> bytes:
    raw = s.encode()
    return struct.pack("<Q", len(raw)) + raw


SCALARS = {U32: "<I", I32: "<i", F32: "<f", BOOL: "<?"}


def pair(key: str, kind: int, value, item: int | None = None) -> bytes:
    """One metadata entry; for an array, item is the type of its elements."""
    head = text(key) + struct.pack("<I", kind)
    if kind == STRING:
        return head + text(value)
    if kind != ARRAY:
        return head + struct.pack(SCALARS[kind], value)
    body = b"".join(text(v) if item == STRING else struct.pack(SCALARS[item], v) for v in value)
    return head + struct.pack("<IQ", item, len(value)) + body


def tokens(sp: spm.SentencePieceProcessor) -> tuple[list[str], list[float], list[int]]:
    names, scores, kinds = [], [], []
    for i in range(sp.get_piece_size()):
        names.append(sp.id_to_piece(i))
        scores.append(sp.get_score(i))
        kinds.append(
            UNKNOWN if sp.is_unknown(i) else CONTROL if sp.is_control(i) else BYTE if sp.is_byte(i) else NORMAL
        )
    return names, scores, kinds


def metadata(cfg: Config, sp: spm.SentencePieceProcessor, name: str) -> list[bytes]:
    names, scores, kinds = tokens(sp)
    return [
        pair("general.architecture", STRING, "llama"),
        pair("general.name", STRING, name),
        pair("general.license", STRING, "apache-2.0"),
        pair("general.description", STRING, "Short children's stories; trained from nothing by tools/train"),
        pair("general.file_type", U32, 1),  # mostly F16
        pair("general.alignment", U32, ALIGN),
        pair("llama.vocab_size", U32, cfg.vocab),
        pair("llama.context_length", U32, cfg.context),
        pair("llama.embedding_length", U32, cfg.dim),
        pair("llama.block_count", U32, cfg.layers),
        pair("llama.feed_forward_length", U32, cfg.ffn),
        pair("llama.rope.dimension_count", U32, cfg.head_dim),
        pair("llama.rope.freq_base", F32, cfg.rope_base),
        pair("llama.attention.head_count", U32, cfg.heads),
        pair("llama.attention.head_count_kv", U32, cfg.kv_heads),
        pair("llama.attention.layer_norm_rms_epsilon", F32, cfg.eps),
        pair("tokenizer.ggml.model", STRING, "llama"),
        pair("tokenizer.ggml.pre", STRING, "default"),
        pair("tokenizer.ggml.tokens", ARRAY, names, STRING),
        pair("tokenizer.ggml.scores", ARRAY, scores, F32),
        pair("tokenizer.ggml.token_type", ARRAY, kinds, I32),
        pair("tokenizer.ggml.bos_token_id", U32, sp.bos_id()),
        pair("tokenizer.ggml.eos_token_id", U32, sp.eos_id()),
        pair("tokenizer.ggml.unknown_token_id", U32, sp.unk_id()),
        pair("tokenizer.ggml.add_bos_token", BOOL, True),
        pair("tokenizer.ggml.add_eos_token", BOOL, False),
        pair("tokenizer.ggml.add_space_prefix", BOOL, True),
    ]


def tensors(state: dict[str, torch.Tensor]) -> list[tuple[str, np.ndarray]]:
    """Our parameter names are the format's, but for the ending; norms stay F32 as every writer keeps them."""
    out = []
    for key, value in state.items():
        name = key if key.endswith(".weight") else f"{key}.weight"
        array = value.float().numpy()
        out.append((name, array if array.ndim == 1 else array.astype(np.float16)))
    return out


def pad(n: int) -> int:
    return -n % ALIGN


def write(path: Path, meta: list[bytes], data: list[tuple[str, np.ndarray]]) -> int:
    head, offset = [], 0
    for name, a in data:
        # Dimensions are listed fastest first, the reverse of numpy's order.
        kind = TENSOR_F16 if a.dtype == np.float16 else TENSOR_F32
        head.append(
            text(name)
            + struct.pack("<I", a.ndim)
            + b"".join(struct.pack("<Q", d) for d in a.shape[::-1])
            + struct.pack("<IQ", kind, offset)
        )
        offset += a.nbytes + pad(a.nbytes)
    blob = b"GGUF" + struct.pack("<IQQ", 3, len(data), len(meta)) + b"".join(meta) + b"".join(head)
    blob += b"\0" * pad(len(blob))
    for _, a in data:
        blob += a.tobytes() + b"\0" * pad(a.nbytes)
    if len(blob) > LIMIT:
        raise SystemExit(
            f"the file would be {len(blob)} bytes, more than the limit of {LIMIT}: make the model smaller"
        )
    path.write_bytes(blob)
    return len(blob)


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--checkpoint", type=Path, required=True)
    ap.add_argument("--tokenizer", type=Path, required=True)
    ap.add_argument("--name", default="Wafer Tales 3.5M")
    ap.add_argument("--out", type=Path, required=True)
    args = ap.parse_args()
    state = torch.load(args.checkpoint, weights_only=True)
    sp = spm.SentencePieceProcessor(model_file=str(args.tokenizer))
    size = write(args.out, metadata(Config(**state["config"]), sp, args.name), tensors(state["model"]))
    print(f"{args.out}: {size} bytes, from step {state['step']}")


if __name__ == "__main__":
    main()
