"""Draws the loss curve.

In: log.jsonl of train.py. Out: an SVG: training loss (running mean) and the loss on both held-out sets
over the tokens seen. No plotting package: three polylines and a grid need none.
"""

import argparse
import json
from pathlib import Path

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 400, 60, 20, 40, 50
TOKENS_A_STEP = 16 * 512
LINES = {"training": "#8a8f98", "held-out tales": "#c2410c", "held-out stories": "#1d4ed8"}


def series(log: Path) -> dict[str, list[tuple[float, float]]]:
    """Points (million tokens, loss) of each line."""
    out = {name: [] for name in LINES}
    for line in log.read_text().splitlines():
        entry = json.loads(line)
        x = entry["step"] * TOKENS_A_STEP / 1e6
        if "loss" in entry:
            out["training"].append((x, entry["loss"]))
        for name, loss in entry.get("held", {}).items():
            out[f"held-out {name}"].append((x, loss))
    return out


def draw(lines: dict[str, list[tuple[float, float]]]) -> str:
    right = max(x for points in lines.values() for x, _ in points)
    top = min(7.0, max(y for points in lines.values() for _, y in points))

    def px(x: float) -> float:
        return LEFT + x / right * (WIDTH - LEFT - RIGHT)

    def py(y: float) -> float:
        return HEIGHT - BOTTOM - min(y, top) / top * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="22" font-size="15">Loss per token (nats) while training</text>',
    ]
    for y in range(int(top) + 1):
        parts.append(f'<path d="M{LEFT} {py(y):.1f}H{WIDTH - RIGHT}" stroke="#e5e7eb"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{py(y) + 4:.1f}" text-anchor="end">{y}</text>')
    step = max(1, round(right / 8))
    for x in range(0, int(right) + 1, step):
        parts.append(f'<text x="{px(x):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{x}</text>')
    parts.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}" text-anchor="middle">million tokens</text>'
    )
    for row, (name, points) in enumerate(lines.items()):
        path = " ".join(f"{px(x):.1f},{py(y):.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{LINES[name]}" stroke-width="1.8"/>')
        last = f" {points[-1][1]:.2f}" if points else ""
        parts.append(
            f'<text x="{WIDTH - RIGHT - 190}" y="{TOP + 20 + 18 * row}" fill="{LINES[name]}">{name}{last}</text>'
        )
    return "\n".join([*parts, "</svg>\n"])


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--log", type=Path, required=True)
    ap.add_argument("--out", type=Path, required=True)
    args = ap.parse_args()
    args.out.write_text(draw(series(args.log)))


if __name__ == "__main__":
    main()
