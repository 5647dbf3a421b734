"""Checks an exported file against the checkpoint it came from, and lets it write.

In: model.gguf, the checkpoint, the tokenizer, held-out text. Out: a report; exit status 1 on a
disagreement. The file is read by reference.py, which shares no code with the model that was trained.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import sentencepiece as spm
import torch

import reference
from model import Config, Llama

# The file holds f16 (11 bits): against the same rounded weights only the order of additions differs.
SAME_WEIGHTS, ROUNDED = 2e-3, 0.15


def torch_logits(checkpoint: Path, ids: np.ndarray, half: bool) -> np.ndarray:
    state = torch.load(checkpoint, weights_only=True)
    model = Llama(Config(**state["config"]))
    model.load_state_dict(state["model"])
    if half:
        for p in model.parameters():
            if p.dim() > 1:
                p.data = p.data.half().float()
    with torch.no_grad():
        return model(torch.from_numpy(ids)[None])[0].numpy()


def write(meta: dict, w: dict, ids: list[int], number: int, heat: float, seed: int) -> list[int]:
    """Greedy when heat is 0; else samples. Slow and plain: every step reads the whole text again."""
    rng, ids = np.random.default_rng(seed), list(ids)
    for _ in range(number):
        last = reference.logits(meta, w, ids)[-1]
        token = (
            int(last.argmax())
            if heat == 0
            else int(rng.choice(len(last), p=reference.softmax(last.astype(np.float64) / heat)))
        )
        if token == meta["tokenizer.ggml.eos_token_id"]:
            break
        ids.append(token)
    return ids


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--gguf", type=Path, required=True)
    ap.add_argument("--checkpoint", type=Path, required=True)
    ap.add_argument("--tokenizer", type=Path, required=True)
    ap.add_argument("--held", type=Path, required=True, help="token stream of held-out text, as .npy")
    ap.add_argument("--prompt", action="append", default=[])
    ap.add_argument("--tokens", type=int, default=200)
    args = ap.parse_args()
    meta, w = reference.load(args.gguf)
    sp = spm.SentencePieceProcessor(model_file=str(args.tokenizer))
    ids = np.load(args.held).astype(np.int64)[:512]
    ours = reference.logits(meta, w, list(ids))
    failed = False
    for half, bound in ((True, SAME_WEIGHTS), (False, ROUNDED)):
        theirs = torch_logits(args.checkpoint, ids, half)
        worst = float(np.abs(ours - theirs).max())
        same = float((ours.argmax(-1) == theirs.argmax(-1)).mean())
        failed |= worst > bound
        print(
            f"torch with {'f16' if half else 'f32'} weights: largest difference {worst:.2e} (allowed {bound:.0e}), "
            f"same first choice at {same:.1%} of {len(ids)} positions"
        )
    for prompt in args.prompt:
        for heat, seed in ((0.0, 0), (0.8, 1), (0.8, 2)):
            out = write(meta, w, [sp.bos_id(), *sp.encode(prompt)], args.tokens, heat, seed)
            print(f"--- temperature {heat}, seed {seed}\n{sp.decode(out)}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
