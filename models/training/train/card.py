"""card.json of a trained model.

Evaluations are added by `node models/claims.mjs --write`, from what `undertone eval` wrote.

The schema is packages/inference/src/card.ts.
"""

from __future__ import annotations

import hashlib
import json
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import sklearn
import torch

from .plan import Training
from .recipe import described
from .temperature import Temperature
from .trainings import Material

CORPUS_TERMS = {
    "ravdess": "RAVDESS (Livingstone & Russo 2018, CC BY-NC-SA 4.0)",
    "tess": "TESS (Pichora-Fuller & Dupuis 2020, CC BY-NC-ND 4.0)",
    "emodb": "Emo-DB (Burkhardt et al. 2005, free for research)",
    "crema-d": "CREMA-D (Cao et al. 2014, ODbL 1.0)",
    "savee": "SAVEE (Haq & Jackson 2009, free for research)",
}

WEIGHTS_LICENCE = "Non-commercial research use only"


def write_card(
    folder: Path, material: Material, training: Training, temperature: Temperature, record: dict[str, Any]
) -> None:
    """Writes `folder`/card.json for `folder`/model.onnx; `record` is what the training noted of itself."""
    recipe, table = material.recipe, material.table
    card = {
        "schema": "undertone-card/1",
        "name": recipe.name,
        "version": recipe.version,
        "description": recipe.description,
        "licence": {
            "weights": WEIGHTS_LICENCE,
            "because": "The weights are derived from "
            + ", ".join(CORPUS_TERMS.get(name, name) for name in recipe.corpus_weight)
            + "; the recipe and the code around it have the project's own licence",
        },
        "model": {
            "file": "model.onnx",
            "sha256": hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest(),
        },
        "family": recipe.input.family,
        "frontEnd": table.front_end,
        "window": recipe.window.card(),
        "input": recipe.input.card(),
        "output": {"name": recipe.output, "kind": recipe.output_kind},
        "scaler": None,
        **recipe.classes.card(),
        "calibration": {"temperature": temperature.value, "abstainBelow": 0, "fittedOn": temperature.fitted_on},
        "evaluation": [],
        "training": _training(material, training, record),
        **recipe.card,
    }
    (folder / "card.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _training(material: Material, training: Training, record: dict[str, Any]) -> dict[str, Any]:
    recipe, table = material.recipe, material.table
    held = training.held_out
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "training": training.name,
        **{key: value for key, value in record.items() if key != "key"},
        "keptOut": {
            "speakers": sorted(held.speakers),
            "corpora": sorted(held.corpora),
            "files": len(held.files),
        },
        "leftOut": material.left_out,
        "merged": dict(recipe.classes.merged),
        "dropped": list(recipe.classes.dropped),
        "seed": recipe.seed + training.number,
        "featureSet": table.set_name,
        "featuresFrom": f"undertone {table.undertone}",
        "recipe": {
            "corpusWeight": recipe.corpus_weight,
            "learner": described(recipe.learner),
        },
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "scikit-learn": sklearn.__version__,
            "numpy": np.__version__,
            "onnx": onnx.__version__,
            "onnxruntime": onnxruntime.__version__,
        },
        "threads": torch.get_num_threads(),
    }
