"""Training curves: a table and a picture.

What is measured on held-out recordings is written down and never acted upon.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np

from .errors import TrainError
from .features import Floats, Ints

HEADER = ("training", "epoch", "learning_rate", "loss", "held_out_accuracy", "held_out_uar")


@dataclass(frozen=True)
class CurvePoint:
    """The state after an epoch."""

    training: str
    epoch: int
    learning_rate: float
    loss: float
    """Mean training loss of the epoch, in nats."""
    accuracy: float | None = None
    """Of held-out recordings at temperature 1, 0–1; None where it was not measured."""
    uar: float | None = None
    """Unweighted average recall of the same, over the classes that occur."""


def accuracy_and_uar(probabilities: Floats, truth: Ints) -> tuple[float, float]:
    """Of recordings [recordings, classes] with their class indices [recordings]."""
    right = probabilities.argmax(axis=1) == truth
    return float(right.mean()), float(np.mean([right[truth == c].mean() for c in np.unique(truth)]))


def write_curves(path: Path, points: Sequence[CurvePoint]) -> None:
    def text(value: float | None, digits: int = 4) -> str:
        return "" if value is None else f"{value:.{digits}f}"

    with path.open("w", newline="", encoding="utf-8") as handle:
        rows = csv.writer(handle)
        rows.writerow(HEADER)
        for p in points:
            rows.writerow([p.training, p.epoch, text(p.learning_rate, 6), text(p.loss), text(p.accuracy), text(p.uar)])


def read_curves(path: Path) -> list[CurvePoint]:
    def number(text: str) -> float | None:
        return float(text) if text else None

    if not path.is_file():
        raise TrainError(f"Expected {path.name} in {path.parent} but found none: train first")
    with path.open(newline="", encoding="utf-8") as handle:
        return [
            CurvePoint(
                row["training"],
                int(row["epoch"]),
                float(row["learning_rate"]),
                float(row["loss"]),
                number(row["held_out_accuracy"]),
                number(row["held_out_uar"]),
            )
            for row in csv.DictReader(handle)
        ]


WIDTH, HEIGHT, GAP = 220, 120, 40
PLOTS: tuple[tuple[str, str], ...] = (("loss", "loss"), ("accuracy", "held-out accuracy"), ("uar", "held-out UAR"))
COLOURS = ("#0072b2", "#d55e00", "#009e73")


def draw_curves(path: Path, title: str, points: Sequence[CurvePoint]) -> None:
    """An SVG: a row a training, its loss, held-out accuracy and held-out UAR over epochs."""
    names = list(dict.fromkeys(p.training for p in points))
    parts = [f'<text x="{GAP}" y="20" font-size="14">{escape(title)}</text>']
    largest = max(p.loss for p in points)
    last = max(p.epoch for p in points)
    for row, name in enumerate(names):
        for column, (key, label) in enumerate(PLOTS):
            x, y = GAP + column * (WIDTH + GAP), GAP + row * (HEIGHT + GAP)
            top = largest if key == "loss" else 1.0
            values = [(p.epoch, getattr(p, key)) for p in points if p.training == name and getattr(p, key) is not None]
            line = " ".join(f"{x + WIDTH * e / last:.1f},{y + HEIGHT * (1 - v / top):.1f}" for e, v in values)
            end = f" ({values[-1][1]:.3f})" if values else ""
            parts += [
                f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#bbb"/>',
                f'<text x="{x}" y="{y - 5}">{escape(name)}: {label}{end}</text>',
                f'<text x="{x - 4}" y="{y + 9}" text-anchor="end">{top:.2g}</text>',
                f'<text x="{x - 4}" y="{y + HEIGHT}" text-anchor="end">0</text>',
                f'<text x="{x + WIDTH}" y="{y + HEIGHT + 12}" text-anchor="end">epoch {last}</text>',
                f'<polyline points="{line}" fill="none" stroke="{COLOURS[column]}" stroke-width="1.5"/>',
            ]
    width, height = GAP + len(PLOTS) * (WIDTH + GAP), GAP + len(names) * (HEIGHT + GAP)
    body = "\n".join(parts)
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'font-family="sans-serif" font-size="11">\n<rect width="100%" height="100%" fill="#fff"/>\n{body}\n</svg>\n',
        encoding="utf-8",
    )
