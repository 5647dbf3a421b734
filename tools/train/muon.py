"""The Muon optimiser: momentum whose update is made orthogonal.

In: matrices and their gradients. Out: the matrices, changed in place. Written from the published
description (K. Jordan and others, "Muon: an optimizer for hidden layers", 2024): on short runs like
ours it needs noticeably fewer tokens than AdamW for the same loss.
"""

import torch

# Coefficients of the quintic Newton-Schulz step, as published: they push singular values towards 1.
A, B, C = 3.4445, -4.7750, 2.0315


def orthogonal(g: torch.Tensor, steps: int = 5) -> torch.Tensor:
    """The nearest (roughly) orthogonal matrix to each matrix of the stack g[n, rows, cols]."""
    x = g.bfloat16()
    tall = x.shape[-2] > x.shape[-1]
    if tall:
        x = x.mT
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = A * x + (B * gram + C * gram @ gram) @ x
    return (x.mT if tall else x).float()


class Muon:
    """Holds one momentum buffer per matrix; matrices of one shape are treated as a stack."""

    def __init__(self, params: list[torch.Tensor], momentum: float = 0.95, decay: float = 0.05):
        self.params, self.momentum, self.decay = params, momentum, decay
        self.buffers = [torch.zeros_like(p) for p in params]

    @torch.no_grad()
    def step(self, rate: float) -> None:
        shapes: dict[torch.Size, list[int]] = {}
        for n, p in enumerate(self.params):
            shapes.setdefault(p.shape, []).append(n)
        for shape, group in shapes.items():
            looks = []
            for n in group:
                buf, grad = self.buffers[n], self.params[n].grad
                buf.lerp_(grad, 1 - self.momentum)
                looks.append(grad.lerp(buf, self.momentum))  # Nesterov: look one step ahead
            # A wide matrix gets the published scale, so that one rate serves all shapes.
            scale = max(1.0, shape[0] / shape[1]) ** 0.5
            for n, update in zip(group, orthogonal(torch.stack(looks))):
                p = self.params[n]
                p.mul_(1 - rate * self.decay).add_(update, alpha=-rate * scale)

    def state(self) -> list[torch.Tensor]:
        return self.buffers

    def load(self, buffers: list[torch.Tensor]) -> None:
        self.buffers = buffers
