"""Labelled recordings as `undertone features` describes them, and which of them are kept out of training."""

from __future__ import annotations

import argparse
import csv
import json
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

UNDERTONE = Path(__file__).parent.parent / "packages" / "batch-runner" / "bin" / "undertone.js"


@dataclass(frozen=True)
class Speech:
    """One entry a recording that has a label and could be read."""

    files: list[str]
    """As in Undertone's tables."""
    truths: list[str]
    speakers: list[str]
    """Empty where neither the name of the file nor a manifest tells."""
    seconds: list[float]
    features: list[np.ndarray]
    """Frames × columns, float32; one row for a set of statistics."""
    front_end: dict[str, Any]
    """Settings of the features, for the card."""

    @property
    def classes(self) -> list[str]:
        return sorted(set(self.truths))

    @property
    def targets(self) -> np.ndarray:
        """Number of each recording's class, int64."""
        return np.array([self.classes.index(truth) for truth in self.truths])


def arguments(description: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("speech", help="folder of recordings whose names carry labels, or a manifest with truth")
    parser.add_argument("--out", type=Path, required=True, help="folder for the features, the model and the tables")
    parser.add_argument("--terms", required=True, help="terms of the weights, e.g. CC-BY-4.0")
    parser.add_argument("--because", required=True, help="where they come from, e.g. 'trained on own recordings'")
    return parser.parse_args()


def undertone(*words: str) -> None:
    """Runs and prints a command line; ends the program with its exit code where it fails."""
    print(f"\n$ npx undertone {shlex.join(words)}", flush=True)
    done = subprocess.run(["node", str(UNDERTONE), *words], check=False)
    if done.returncode != 0:
        raise SystemExit(done.returncode)


def read_speech(recordings: str, feature_set: str, out: Path) -> Speech:
    """Has Undertone compute the set, and reads what it wrote."""
    undertone("features", recordings, "--set", feature_set, "--out", str(out))
    described = json.loads((out / "features.json").read_text(encoding="utf-8"))
    with (out / "features.csv").open(newline="", encoding="utf-8") as table:
        rows = [row for row in csv.DictReader(table) if row["status"] == "ok" and row["truth"]]
    if len({row["truth"] for row in rows}) < 2:
        raise SystemExit(f"Expected recordings of two classes or more in {recordings}: names or a manifest tell them")
    return Speech(
        files=[row["file"] for row in rows],
        truths=[row["truth"] for row in rows],
        speakers=[row["speaker"] for row in rows],
        seconds=[float(row["duration_s"]) for row in rows],
        features=[features_of(row, out, described["columns"]) for row in rows],
        front_end=described["frontEnd"],
    )


def features_of(row: dict[str, str], out: Path, columns: list[str]) -> np.ndarray:
    if row["npy"]:
        return np.asarray(np.load(out / row["npy"]))
    return np.array([[float(row[name]) for name in columns]], dtype=np.float32)


def held_out(speech: Speech) -> tuple[np.ndarray, str]:
    """
    Every fourth speaker, or, where fewer than two are known, every fourth recording.

    Returns which recordings are kept out of training, and the rule in words.
    """
    speakers = sorted(set(speech.speakers) - {""})
    if len(speakers) < 2:
        return np.arange(len(speech.files)) % 4 == 3, "every fourth recording (voices are on both sides)"
    chosen = speakers[3::4] or speakers[-1:]
    out = np.array([speaker in chosen for speaker in speech.speakers])
    return out, f"all recordings of {', '.join(chosen)}"
