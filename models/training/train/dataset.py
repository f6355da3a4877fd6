"""Loads what `undertone features --set undertone-logmel-64 --formats npy` wrote.

In:  a directory with features.csv and the .npy arrays it names.
Out: a Corpus: one float32 array [frames, bands] a recording, with its truth and speaker.
Errors: FeatureError, naming the row, for a missing column, array, or speaker, or an unknown label.
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

FloatArray = npt.NDArray[np.float32]

FEATURE_SET = "undertone-logmel-64"
BANDS = 64
CLASSES = ("neutral", "happy", "sad", "angry", "fearful", "disgust", "surprised")

MERGED = {"calm": "neutral"}
"""Corpus labels that are trained and scored as another class. Declared in the card."""

DROPPED = ("boredom",)
"""Corpus labels whose recordings are left out. Declared in the card."""

COLUMNS = ("file", "channel", "frames", "columns", "duration_s", "truth", "speaker", "corpus", "npy", "status")

EMODB_MALE = frozenset({"03", "10", "11", "12", "15"})


class FeatureError(Exception):
    """The feature directory does not hold what the recipe needs."""


@dataclass(frozen=True)
class Recording:
    """One recording: log-mel energies [frames, bands] in nepers of power, and who said what."""

    file: str
    corpus: str
    speaker: str
    label: str
    """The corpus's own emotion, before merging (calm stays calm here)."""
    duration_s: float
    logmel: FloatArray

    @property
    def target(self) -> int:
        """Index into CLASSES, after merging."""
        return CLASSES.index(MERGED.get(self.label, self.label))

    @property
    def gender(self) -> str:
        return gender_of(self.speaker)


def gender_of(speaker: str) -> str:
    """Sex of a speaker by the corpus's own rule: `female`, `male`, or `unknown`."""
    corpus, _, name = speaker.partition("-")
    if corpus == "ravdess" and name.isdigit():
        return "male" if int(name) % 2 else "female"
    if corpus == "tess":
        return "female"
    if corpus == "emodb":
        return "male" if name in EMODB_MALE else "female"
    return "unknown"


def _read_row(directory: Path, row: dict[str, str]) -> Recording:
    name = row["file"]
    if not row["speaker"]:
        raise FeatureError(f"Expected a speaker for {name} but received an empty field")
    label = row["truth"]
    if MERGED.get(label, label) not in CLASSES:
        known = ", ".join((*CLASSES, *MERGED, *DROPPED))
        raise FeatureError(f"Expected one of {known} for truth of {name} but received {label!r}")
    path = directory / row["npy"]
    if not path.is_file():
        raise FeatureError(f"Expected the array of {name} at {row['npy']} but found no file")
    logmel = np.load(path)
    shape = (int(row["frames"]), int(row["columns"]))
    if logmel.shape != shape or shape[1] != BANDS or logmel.dtype != np.float32:
        raise FeatureError(
            f"Expected float32 [{shape[0]}, {BANDS}] for {row['npy']} but received {logmel.dtype} {list(logmel.shape)}"
        )
    return Recording(name, row["corpus"], row["speaker"], label, float(row["duration_s"]), logmel)


def load_corpus(directory: Path) -> list[Recording]:
    """All usable recordings of a feature directory, sorted by file so that row order cannot matter.

    Rows without a truth, with a dropped label or with a status other than ok are left out;
    a recording with several rows (one a channel) is refused: the model is trained on the mix.
    """
    with (directory / "features.csv").open(newline="", encoding="utf-8") as handle:
        reader = csv.DictReader(handle)
        missing = [c for c in COLUMNS if c not in (reader.fieldnames or [])]
        if missing:
            raise FeatureError(f"Expected the columns {', '.join(missing)} in features.csv but found none")
        rows = [r for r in reader if r["status"] == "ok" and r["truth"] and r["truth"] not in DROPPED]
    if len({r["file"] for r in rows}) != len(rows):
        raise FeatureError("Expected one row a recording in features.csv but received several channels")
    return [_read_row(directory, r) for r in sorted(rows, key=lambda r: r["file"])]


def load_description(directory: Path) -> dict[str, Any]:
    """features.json: `set`, `columns`, `frontEnd` (the resolved settings) and the version of undertone."""
    path = directory / "features.json"
    if not path.is_file():
        raise FeatureError(f"Expected features.json beside features.csv in {directory} but found none")
    description: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if description.get("set") != FEATURE_SET:
        raise FeatureError(f"Expected the feature set {FEATURE_SET} but received {description.get('set')!r}")
    return description


def of_speakers(recordings: Sequence[Recording], speakers: frozenset[str]) -> list[Recording]:
    """The recordings of the given speakers, order kept."""
    return [r for r in recordings if r.speaker in speakers]
