"""Trains the model for a given number of minutes.

In: the token streams and tokenizer of prepare.py. Out, in the work folder: last.pt (to resume from),
best.pt (lowest held-out loss), log.jsonl (one JSON line per record: the loss curve).
The learning rate follows the share of the time that has gone, so the run always ends at its end,
on whatever machine. Each of --ranks processes uses one thread: they meet once a step, which holds
up on a busy machine far better than threads that meet at every operation.
"""

import argparse
import json
import math
import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
import torch.multiprocessing as mp

from model import Config, Llama, count
from muon import Muon


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the result besides the data and the clock."""

    rows: int = 16  # texts windows of one step, over all ranks
    tales: float = 0.25  # share of windows that come from the real book
    aligned: float = 0.5  # share of windows that start at the beginning of a text
    muon_rate: float = 0.02
    adam_rate: float = 0.004
    warmup: float = 0.01  # share of the time
    floor: float = 0.02  # last rate, as a share of the highest
    seed: int = 1


class Windows:
    """Cuts windows of context+1 tokens out of a stream that is held in memory."""

    def __init__(self, path: Path, context: int):
        self.ids, self.span = np.load(path).astype(np.int64), context + 1
        starts = np.flatnonzero(self.ids == 1)  # BOS
        self.starts = starts[starts < len(self.ids) - self.span]

    def draw(self, rng: np.random.Generator, aligned: float) -> np.ndarray:
        at = rng.choice(self.starts) if rng.random() < aligned else rng.integers(len(self.ids) - self.span)
        return self.ids[at : at + self.span]

    def all(self) -> np.ndarray:
        """The whole stream in windows that do not overlap, for measuring."""
        n = (len(self.ids) - 1) // (self.span - 1)
        return np.stack([self.ids[i * (self.span - 1) : i * (self.span - 1) + self.span] for i in range(n)])


def rate_at(share: float, r: Recipe) -> float:
    """Linear warm-up, then a cosine down to the floor."""
    if share < r.warmup:
        return max(share / r.warmup, 0.02)
    turn = min(1.0, (share - r.warmup) / (1 - r.warmup))
    return r.floor + (1 - r.floor) * 0.5 * (1 + math.cos(math.pi * turn))


def loss_of(model: Llama, rows: np.ndarray) -> torch.Tensor:
    ids = torch.from_numpy(rows)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return model(ids[:, :-1], ids[:, 1:].contiguous())


@torch.no_grad()
def measure(model: Llama, held: dict[str, np.ndarray]) -> dict[str, float]:
    """Mean loss per token on each held-out stream."""
    out = {}
    for name, rows in held.items():
        parts = [(len(c), loss_of(model, c).item()) for c in np.array_split(rows, max(1, len(rows) // 8))]
        out[name] = round(sum(n * x for n, x in parts) / len(rows), 4)
    return out


class Run:
    """The state of a training run: what a checkpoint holds."""

    def __init__(self, cfg: Config, recipe: Recipe):
        torch.manual_seed(recipe.seed)
        self.cfg, self.recipe, self.model = cfg, recipe, Llama(cfg)
        matrices = [p for n, p in self.model.named_parameters() if n.startswith("blk") and p.dim() == 2]
        others = [p for n, p in self.model.named_parameters() if not (n.startswith("blk") and p.dim() == 2)]
        self.muon = Muon(matrices)
        self.adam = torch.optim.AdamW(others, lr=recipe.adam_rate, betas=(0.9, 0.98), weight_decay=0.0)
        self.step, self.seconds, self.best = 0, 0.0, math.inf

    def save(self, path: Path) -> None:
        state = {
            "config": self.cfg.as_dict(),
            "model": self.model.state_dict(),
            "muon": self.muon.state(),
            "adam": self.adam.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
            "best": self.best,
        }
        torch.save(state, path.with_suffix(".tmp"))
        os.replace(path.with_suffix(".tmp"), path)  # a run killed while writing leaves the old file whole

    def load(self, path: Path) -> None:
        state = torch.load(path, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.muon.load(state["muon"])
        self.adam.load_state_dict(state["adam"])
        self.step, self.seconds, self.best = state["step"], state["seconds"], state["best"]

    def update(self, rate: float) -> None:
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for group in self.adam.param_groups:
            group["lr"] = rate * self.recipe.adam_rate
        self.muon.step(rate * self.recipe.muon_rate)
        self.adam.step()
        self.model.zero_grad()
        self.step += 1


def average_gradients(model: Llama, ranks: int) -> None:
    """One exchange a step, in one piece: many small ones would cost a wake-up each."""
    grads = [p.grad for p in model.parameters()]
    flat = torch.cat([g.flatten() for g in grads])
    dist.all_reduce(flat)
    flat /= ranks
    for g, part in zip(grads, flat.split([g.numel() for g in grads])):
        g.copy_(part.view_as(g))


def draw_rows(run: Run, streams: dict[str, Windows], rank: int, ranks: int) -> np.ndarray:
    """Depends only on seed, step and rank, so that a resumed run sees what an unbroken one would."""
    r = run.recipe
    rng = np.random.default_rng((r.seed, run.step, rank))
    pick = ["tales" if rng.random() < r.tales else "stories" for _ in range(r.rows // ranks)]
    return np.stack([streams[name].draw(rng, r.aligned) for name in pick])


def worker(rank: int, args: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(args.port))
    if args.ranks > 1:
        dist.init_process_group("gloo", rank=rank, world_size=args.ranks)
    cfg, data = Config(vocab=args.vocab), args.work / "data"
    run = Run(cfg, Recipe(**json.loads(args.recipe)))
    if (args.work / "last.pt").exists():
        run.load(args.work / "last.pt")
    streams = {n: Windows(data / f"{n}.train.npy", cfg.context) for n in ("tales", "stories")}
    held = {n: Windows(data / f"{n}.val.npy", cfg.context).all()[:48] for n in ("tales", "stories")}
    if rank == 0:
        print(f"{count(run.model)} parameters, from step {run.step}", flush=True)
    loop(run, args, rank, streams, held)


def loop(run: Run, args: argparse.Namespace, rank: int, streams: dict, held: dict) -> None:
    """Steps until the time is up. Rank 0 keeps the clock and tells the others."""
    clock, mean, saved = time.monotonic(), None, time.monotonic()
    while run.seconds < args.minutes * 60:
        rate = rate_at(run.seconds / (args.minutes * 60), run.recipe)
        loss = loss_of(run.model, draw_rows(run, streams, rank, args.ranks))
        loss.backward()
        if args.ranks > 1:
            average_gradients(run.model, args.ranks)
        run.update(rate)
        now = time.monotonic()
        shared = torch.tensor([run.seconds + now - clock], dtype=torch.float64)
        if args.ranks > 1:
            dist.broadcast(shared, 0)
        clock, run.seconds = now, shared.item()
        mean = loss.item() if mean is None else 0.95 * mean + 0.05 * loss.item()
        if rank:
            continue
        if run.step % 20 == 0:
            log(
                args,
                {"step": run.step, "seconds": round(run.seconds), "loss": round(mean, 4), "rate": round(rate, 4)},
            )
        if run.step % args.every == 0:
            record(run, args, held)
        if now - saved > 180:
            run.save(args.work / "last.pt")
            saved = now
    if rank == 0:
        record(run, args, held)
        run.save(args.work / "last.pt")


def record(run: Run, args: argparse.Namespace, held: dict) -> None:
    """Measures, logs, and keeps the weights if they are the best so far."""
    scores = measure(run.model, held)
    log(args, {"step": run.step, "seconds": round(run.seconds), "held": scores})
    # Weighed as the training windows are: the book is small, and its loss alone would pick an early, clumsy state.
    share = {"tales": run.recipe.tales, "stories": 1 - run.recipe.tales}
    total = sum(share[name] * loss for name, loss in scores.items())
    if total < run.best:
        run.best = total
        run.save(args.work / "best.pt")


def log(args: argparse.Namespace, entry: dict) -> None:
    line = json.dumps(entry)
    print(line, flush=True)
    with (args.work / "log.jsonl").open("a") as f:
        f.write(line + "\n")


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--work", type=Path, required=True)
    ap.add_argument("--minutes", type=float, default=90)
    ap.add_argument("--ranks", type=int, default=2)
    ap.add_argument("--vocab", type=int, default=2048)
    ap.add_argument("--every", type=int, default=200, help="steps between measurements on held-out text")
    ap.add_argument("--port", type=int, default=29517)
    ap.add_argument("--recipe", default="{}", help="JSON object that changes fields of Recipe")
    args = ap.parse_args()
    if args.ranks == 1:
        worker(0, args)
    else:
        mp.spawn(worker, args=(args,), nprocs=args.ranks)


if __name__ == "__main__":
    main()
