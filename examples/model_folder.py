"""A model folder, card.json beside model.onnx, and the proof that Undertone runs it as its maker saw it."""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from labelled_speech import Speech, undertone

POLARITY: dict[str, dict[str, float]] = {
    "neutral": {"neutral": 1},
    "calm": {"neutral": 1},
    "happy": {"positive": 1},
    "sad": {"neutral": 0.5, "negative": 0.5},
    "angry": {"negative": 1},
    "fearful": {"negative": 1},
    "disgust": {"negative": 1},
    "surprised": {"positive": 0.5, "neutral": 0.5},
    "boredom": {"neutral": 0.5, "negative": 0.5},
}
"""Every emotion that a label may name, with its shares."""

SMALLEST_PROBABILITY = 1e-12
"""As Undertone takes the logarithm of a probability."""


def window_seconds(speech: Speech) -> float:
    """A window that holds every recording, up to 6 s: the model then sees in use what it saw in training."""
    return min(6.0, math.ceil(10 * max(speech.seconds)) / 10)


def calibrated(raw: np.ndarray, kind: str, temperature: float) -> np.ndarray:
    """Raw output, recordings × classes, as Undertone makes it probabilities: softmax(logits / temperature)."""
    logits = raw.astype(np.float64) if kind == "logits" else np.log(np.maximum(raw, SMALLEST_PROBABILITY))
    scaled = logits / temperature
    mass = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(mass / mass.sum(axis=1, keepdims=True))


def fitted_temperature(raw: np.ndarray, kind: str, targets: np.ndarray) -> float:
    """The temperature, 0.25 to 8, under which held-out truths are most probable (Guo et al. 2017)."""

    def loss(temperature: float) -> float:
        p = calibrated(raw, kind, temperature)[np.arange(len(targets)), targets]
        return float(-np.log(np.maximum(p, SMALLEST_PROBABILITY)).mean())

    candidates = np.geomspace(0.25, 8, 121)
    return round(float(min(candidates, key=loss)), 4)


def write_card(folder: Path, speech: Speech, terms: argparse.Namespace, card: dict[str, Any]) -> None:
    """Writes card.json. `card`: what only the maker of the graph knows: family, window, input, output, calibration."""
    seconds = window_seconds(speech)
    whole = {
        "schema": "undertone-card/1",
        "version": "1.0.0",
        "licence": {"weights": terms.terms, "because": terms.because},
        "model": {"sha256": hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()},
        "frontEnd": speech.front_end,
        "classes": speech.classes,
        "labelMap": {name: name if name in speech.classes else None for name in POLARITY},
        "polarity": {name: POLARITY[name] for name in speech.classes},
        # `undertone eval` judges a model; figures belong here only from there.
        "evaluation": [],
        "training": {"recordings": len(speech.files), "speakers": sorted(set(speech.speakers) - {""})},
        **card,
        "window": {"lengthS": seconds, "hopS": seconds / 2, **card["window"]},
    }
    (folder / "card.json").write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def label_and_compare(
    terms: argparse.Namespace, speech: Speech, probabilities: np.ndarray, kept_out: np.ndarray
) -> None:
    """
    Labels the recordings with the new model and holds the tables to what the model gave in Python: a wrong axis,
    padding or front-end shows here. `probabilities`: recordings × classes, calibrated.
    """
    tables = terms.out / "tables"
    undertone("run", terms.speech, "--model", str(terms.out / "model"), "--min-speech", "0", "--out", str(tables))
    with (tables / "files.csv").open(newline="", encoding="utf-8") as table:
        rows = {row["file"]: row for row in csv.DictReader(table)}
    differences = [
        max(abs(float(rows[file][f"p_{name}"]) - p[i]) for i, name in enumerate(speech.classes))
        for file, p in zip(speech.files, probabilities, strict=True)
        # Of longer recordings the model sees several windows.
        if rows[file]["segments"] == "1"
    ]
    if not differences:
        raise SystemExit("No recording fits a window: nothing shows that the card is right")
    print(f"\nLargest difference to the model in Python: {max(differences):.1e}, {len(differences)} recordings")
    if max(differences) > 1e-3:
        raise SystemExit("The card does not say how the model was trained: compare front-end, padding and axes")
    labels = [(rows[speech.files[i]]["label"], speech.truths[i]) for i in np.flatnonzero(kept_out)]
    right = sum(label == truth for label, truth in labels)
    guessing = 100 / len(speech.classes)
    print(f"Of {len(labels)} recordings kept out of training {right} labels are right (guessing: {guessing:.0f} %)")
