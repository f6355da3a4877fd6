"""Writes the evaluation's files: metrics.json and the CSV tables that the card and the README copy from.

CSV after RFC 4180 (comma, CRLF, header once); shares from 0 to 1.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from .dataset import CLASSES
from .evaluate import Curves, Scored
from .metrics import Floats


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(header)
        writer.writerows(rows)


def write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_confusion(path: Path, summaries: Sequence[dict[str, Any]]) -> None:
    """Counts of recordings: one row a split and true class, one column a predicted class."""
    rows = [
        [summary["split"], name, *counts]
        for summary in summaries
        for name, counts in zip(CLASSES, summary["recording"]["confusion"], strict=True)
    ]
    write_csv(path, ["split", "truth", *CLASSES], rows)


def write_risk_coverage(path: Path, summaries: Sequence[dict[str, Any]]) -> None:
    rows = [
        [summary["split"], unit, *row.values()]
        for summary in summaries
        for unit in ("recording", "window")
        for row in summary[unit]["riskCoverage"]
    ]
    write_csv(path, ["split", "unit", "coverage", "n", "least_confidence", "accuracy", "uar"], rows)


def write_predictions(path: Path, scored: Sequence[tuple[Scored, Floats]]) -> None:
    """One row a held-out recording, at its calibrated probabilities; `label` is the top class."""
    header = ["split", "fold", "file", "corpus", "speaker", "gender", "corpus_label", "truth", "label"]
    rows = []
    for split, temperature in scored:
        probabilities = split.probabilities(temperature)
        for recording, fold, row in zip(split.recordings, split.fold, probabilities, strict=True):
            rows.append(
                [
                    split.split,
                    fold,
                    Path(recording.file).name,
                    recording.corpus,
                    recording.speaker,
                    recording.gender,
                    recording.label,
                    CLASSES[recording.target],
                    CLASSES[int(row.argmax())],
                    *[f"{p:.6f}" for p in row],
                ]
            )
    write_csv(path, [*header, *[f"p_{name}" for name in CLASSES]], rows)


def write_curves(path: Path, curves: Curves) -> None:
    """One row a training run and epoch; the held-out UAR is of the averaged weights, at temperature 1."""
    rows = [
        [
            name,
            point.epoch,
            f"{point.learning_rate:.6f}",
            f"{point.loss:.4f}",
            "" if point.held_out_uar is None else f"{point.held_out_uar:.4f}",
        ]
        for name, point in curves.points
    ]
    write_csv(path, ["training_run", "epoch", "learning_rate", "loss", "held_out_uar"], rows)
