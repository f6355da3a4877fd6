"""Features of labelled recordings: computed by `undertone features`, loaded from what it wrote.

In:  labels.csv files and the name of a feature set.
Out: a FeatureTable: one float32 array [rows, columns] a recording (one row for sets of statistics).
Errors: TrainError naming what is missing or does not fit.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import TrainError
from .labels import Label, read_labels
from .undertone import undertone

FloatArray = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Recording:
    """A labelled recording, or an augmented copy of one, with its features."""

    label: Label
    duration_s: float
    values: FloatArray
    """[rows, columns]"""

    @property
    def path(self) -> Path:
        return self.label.path

    @property
    def name(self) -> str:
        """The end of the path by which evaluations name the recording: its folder and file."""
        return "/".join(self.path.parts[-2:])


@dataclass(frozen=True)
class FeatureTable:
    """What `undertone features` computed."""

    recordings: list[Recording]
    """Sorted by path, so that the order of rows cannot matter."""
    set_name: str
    columns: list[str]
    front_end: dict[str, Any]
    """The resolved settings, for the card."""
    undertone: str
    """Version of the program."""
    unreadable: int
    """Rows with a status other than ok, which are left out."""


def compute(labels: Sequence[Path], set_name: str, out: Path) -> None:
    """Runs `undertone features` over the labelled recordings; what is in `out` already is continued."""
    undertone("features", *labels, "--set", set_name, "--out", out, "--quiet")


def load(labels: Sequence[Path], directory: Path) -> FeatureTable:
    """The labelled recordings of a feature folder."""
    description = _json(directory / "features.json")
    root = Path(_json(directory / "run.json")["root"])
    columns: list[str] = description["columns"]
    rows, header = _rows(directory / "features.csv")
    by_path = {root / row["file"]: row for row in rows}
    whole_table = all(column in header for column in columns)
    recordings, unreadable = [], 0
    for label in sorted(read_labels(labels), key=lambda label: label.path):
        row = by_path.get(label.path)
        if row is None:
            raise TrainError(f"Expected features of {label.path} in {directory} but found none")
        if row["status"] != "ok":
            unreadable += 1
            continue
        values = _statistics(row, columns) if whole_table else _frames(directory, row, len(columns))
        recordings.append(Recording(label, float(row["duration_s"]), values))
    return FeatureTable(
        recordings, description["set"], columns, description["frontEnd"], description["undertone"], unreadable
    )


def _json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise TrainError(f"Expected {path.name} in {path.parent} but found none")
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _rows(path: Path) -> tuple[list[dict[str, str]], set[str]]:
    if not path.is_file():
        raise TrainError(f"Expected {path.name} in {path.parent} but found none")
    with path.open(newline="", encoding="utf-8") as handle:
        reader = csv.DictReader(handle)
        rows = list(reader)
    if len({row["file"] for row in rows}) != len(rows):
        raise TrainError(f"Expected one row a recording in {path} but received several channels")
    return rows, set(reader.fieldnames or [])


def _statistics(row: dict[str, str], columns: Sequence[str]) -> FloatArray:
    return np.asarray([[float(row[column]) for column in columns]], dtype=np.float32)


def _frames(directory: Path, row: dict[str, str], columns: int) -> FloatArray:
    path = directory / row["npy"]
    if not row["npy"] or not path.is_file():
        raise TrainError(f"Expected the array of {row['file']} at {path} but found no file")
    values: FloatArray = np.load(path)
    shape = (int(row["frames"]), columns)
    if values.shape != shape or values.dtype != np.float32:
        received = f"{values.dtype} {list(values.shape)}"
        raise TrainError(f"Expected float32 {list(shape)} for {path} but received {received}")
    return values
