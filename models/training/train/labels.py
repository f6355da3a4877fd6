"""Reads labels.csv, which `undertone label` writes, and the same with a column `parent` for augmented copies.

In:  CSV files with the columns file, corpus, speaker, gender and emotion; `file` and `parent` relative to their folder.
Out: one Label a row. Errors: TrainError naming the file and the row.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import TrainError

COLUMNS = ("file", "corpus", "speaker", "gender", "emotion")


@dataclass(frozen=True)
class Label:
    """Who said what in a recording, as its corpus has it."""

    path: Path
    """Absolute."""
    corpus: str
    speaker: str
    """With its corpus in front, e.g. ravdess-01: the same number is another voice in another corpus."""
    gender: str
    emotion: str
    parent: Path | None
    """The recording that an augmented copy was made of; None for a recording."""


def _absolute(folder: Path, name: str) -> Path:
    # Not resolve(): the product names files without following links too.
    return Path(os.path.normpath(folder.absolute() / name))


def _label(row: dict[str, str], folder: Path, place: str) -> Label:
    for column in ("file", "corpus", "speaker"):
        if not row[column]:
            raise TrainError(f"Expected a {column} in {place} but received an empty field")
    corpus, speaker = row["corpus"], row["speaker"]
    parent = row.get("parent") or ""
    return Label(
        _absolute(folder, row["file"]),
        corpus,
        speaker if speaker.startswith(f"{corpus}-") else f"{corpus}-{speaker}",
        row["gender"],
        row["emotion"],
        _absolute(folder, parent) if parent else None,
    )


def read_labels(paths: Sequence[Path]) -> list[Label]:
    """All rows of all files, in order. A recording named twice is refused, and a copy whose parent no file names."""
    labels: list[Label] = []
    for path in paths:
        if not path.is_file():
            raise TrainError(f"Expected a CSV of labels for --labels but found no file {path}")
        with path.open(newline="", encoding="utf-8") as handle:
            reader = csv.DictReader(handle)
            missing = [c for c in COLUMNS if c not in (reader.fieldnames or [])]
            if missing:
                raise TrainError(f"Expected the columns {', '.join(missing)} in {path} but found none")
            labels += [_label(row, path.parent, f"{path}, row {n}") for n, row in enumerate(reader, start=1)]
    named: set[Path] = set()
    for label in labels:
        if label.path in named:
            raise TrainError(f"Expected each recording once in the labels but received {label.path} twice")
        named.add(label.path)
    for label in labels:
        if label.parent is not None and label.parent not in named:
            raise TrainError(f"Expected the parent of {label.path} among the labels but found no {label.parent}")
    return labels


def write_judged(paths: Sequence[Path], out: Path) -> None:
    """One list of the recordings of all files, with absolute paths; copies are for training only and left out."""
    header: list[str] = []
    rows: list[dict[str, str]] = []
    for path in paths:
        with path.open(newline="", encoding="utf-8") as handle:
            reader = csv.DictReader(handle)
            header += [name for name in reader.fieldnames or [] if name not in header]
            rows += [
                row | {"file": str(_absolute(path.parent, row["file"]))} for row in reader if not row.get("parent")
            ]
    with out.open("w", newline="", encoding="utf-8") as handle:
        table = csv.DictWriter(handle, header, restval="")
        table.writeheader()
        table.writerows(rows)
