"""card.json of a trained model. Figures are read back from evaluation/metrics.json, so that none can be typed.

The schema is packages/inference/src/card.ts.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .dataset import BANDS, CLASSES, DROPPED, MERGED
from .recipe import Recipe
from .windows import FLOOR, HOP_S, WINDOW_FRAMES, WINDOW_S

POLARITY: dict[str, dict[str, float]] = {
    "neutral": {"neutral": 1},
    "happy": {"positive": 1},
    "sad": {"neutral": 0.5, "negative": 0.5},
    "angry": {"negative": 1},
    "fearful": {"negative": 1},
    "disgust": {"negative": 1},
    "surprised": {"positive": 0.5, "neutral": 0.5},
}
"""Three-way reading after the six-class web apps that Undertone replaces; disgust, which they lack, is negative."""

CORPUS_TERMS = {
    "ravdess": "RAVDESS (Livingstone & Russo 2018, CC BY-NC-SA 4.0)",
    "tess": "TESS (Pichora-Fuller & Dupuis 2020, CC BY-NC-ND 4.0)",
    "emodb": "Emo-DB (Burkhardt et al. 2005, free for research)",
}

WEIGHTS_LICENCE = "Non-commercial research use only"


def evaluation_records(metrics: dict[str, Any]) -> list[dict[str, Any]]:
    """One record a split and unit, copied from metrics.json."""
    return [
        {
            "corpus": " + ".join(split["corpora"]),
            "split": split["split"],
            "folds": split["folds"],
            "rule": split["rule"],
            "unit": unit,
            "classes": metrics["classes"],
            "n": split[unit]["n"],
            "uar": split[unit]["uar"]["value"],
            "uarCi95": split[unit]["uar"]["ci95"],
            "accuracy": split[unit]["accuracy"]["value"],
            "accuracyCi95": split[unit]["accuracy"]["ci95"],
            "macroF1": split[unit]["macroF1"],
            "eceBefore": split[unit]["eceBefore"],
            "eceAfter": split[unit]["eceAfter"],
            "seeds": split["seeds"],
        }
        for split in metrics["splits"]
        for unit in ("recording", "window")
    ]


def write_card(out: Path, recipe: Recipe, front_end: dict[str, Any], training: dict[str, Any]) -> None:
    """Writes `out`/card.json from `out`/model.onnx and `out`/evaluation/metrics.json."""
    metrics = json.loads((out / "evaluation" / "metrics.json").read_text(encoding="utf-8"))
    merged: dict[str, str | None] = {name: MERGED.get(name, name) for name in (*CLASSES, *MERGED)}
    card = {
        "schema": "undertone-card/1",
        "name": recipe.name,
        "version": recipe.version,
        "description": recipe.description,
        "licence": {
            "weights": WEIGHTS_LICENCE,
            "because": "The weights are derived from "
            + ", ".join(CORPUS_TERMS[name] for name in recipe.corpus_weight)
            + "; the recipe and the code around it have the project's own licence",
        },
        "model": {
            "file": "model.onnx",
            "sha256": hashlib.sha256((out / "model.onnx").read_bytes()).hexdigest(),
        },
        "family": "matrix",
        "frontEnd": front_end,
        "window": {
            "lengthS": WINDOW_S,
            "hopS": HOP_S,
            "offsetS": 0,
            "scope": "recording",
            "padValue": FLOOR,
            "minS": 0.25,
        },
        "input": {"name": "logmel", "axes": ["batch", "frames", "columns"], "frames": WINDOW_FRAMES},
        "output": {"name": "logits", "kind": "logits"},
        "scaler": None,
        "classes": list(CLASSES),
        "labelMap": merged | dict.fromkeys(DROPPED),
        "polarity": POLARITY,
        "calibration": {
            "temperature": metrics["temperature"]["shipped"],
            "abstainBelow": 0,
            "fittedOn": metrics["temperature"]["fittedOn"],
        },
        "evaluation": evaluation_records(metrics),
        "training": training | {"recipe": json.loads(json.dumps(asdict(recipe))), "inputColumns": BANDS},
    }
    (out / "card.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
