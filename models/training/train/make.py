"""From features to a model's folder: model.onnx, golden.json, card.json and evaluation/."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch

from . import export
from .card import write_card
from .dataset import CLASSES, DROPPED, MERGED, Recording, load_corpus, load_description, of_speakers
from .evaluate import (
    Curves,
    Log,
    Scored,
    cross_corpus,
    cross_fitted_temperatures,
    cross_validate,
    score,
    temperature_of,
    train_and_log,
)
from .metrics import Floats
from .network import EmotionNet, parameter_count
from .overview import write_overview
from .recipe import Recipe
from .speed import measure_speed
from .summary import rounded, summarise
from .tables import (
    write_confusion,
    write_curves,
    write_json,
    write_predictions,
    write_risk_coverage,
)


def make(recipe: Recipe, features: Path, out: Path, log: Log) -> None:
    """Evaluates the recipe on speakers it has not heard, then trains the weights to ship and writes the folder."""
    description = load_description(features)
    recordings = load_corpus(features)
    out.mkdir(parents=True, exist_ok=True)
    evaluation = out / "evaluation"
    evaluation.mkdir(exist_ok=True)
    log(f"{len(recordings)} recordings, {len({r.speaker for r in recordings})} speakers")

    curves = Curves()
    folds = cross_validate(recordings, recipe, curves, log)
    shipped = [r for r in recordings if r.speaker not in recipe.reserve]
    model = train_and_log(shipped, recipe, recipe.seed, "shipped", curves, log)
    reserved = of_speakers(recordings, frozenset(recipe.reserve))
    names = " and ".join(recipe.reserve)
    reserve = score(model, reserved, "reserve-speakers", f"the shipped weights on {names}, which they never heard")
    unheard = cross_corpus(recordings, recipe, curves, log)
    # Only now, all at once: a model in use stays whole while the next one trains.
    export.export(model, out / "model.onnx")
    runtime = export.session(out / "model.onnx")
    export.write_golden(runtime, out / "golden.json")
    _write_evaluation(evaluation, recipe, folds, [s for s in (reserve, unheard) if s is not None], curves)
    training = _training_record(recipe, recordings, model, description)
    training["speed"] = measure_speed(runtime)
    write_card(out, recipe, description["frontEnd"], training)
    write_overview(out.parent)
    log(f"wrote {out.name}")


def _write_evaluation(directory: Path, recipe: Recipe, folds: Scored, others: Sequence[Scored], curves: Curves) -> None:
    per_fold = cross_fitted_temperatures(folds)
    shipped = round(temperature_of(folds, np.ones(len(folds.logits), dtype=bool)), 4)
    fold_seeds = [recipe.seed + fold for fold in per_fold]
    seeds = {"reserve-speakers": recipe.seed, "cross-corpus": recipe.seed + len(recipe.folds) + 1}
    scored: list[tuple[Scored, Floats]] = [(folds, np.asarray([per_fold[int(f)] for f in folds.window_fold]))]
    scored += [(other, np.full(len(other.logits), shipped)) for other in others]
    summaries = [
        summarise(split, temperature, seeds=[seeds[split.split]] if split.split in seeds else fold_seeds)
        for split, temperature in scored
    ]
    metrics = {
        "model": recipe.name,
        "version": recipe.version,
        "classes": list(CLASSES),
        "merged": MERGED,
        "dropped": list(DROPPED),
        "temperature": {
            "shipped": shipped,
            "perFold": {str(fold): rounded(value) for fold, value in per_fold.items()},
            "fittedOn": f"windows of {len({r.speaker for r in folds.recordings})} held-out speakers "
            "(out-of-fold logits); each fold is reported at the temperature of the other folds",
        },
        "splits": summaries,
    }
    write_json(directory / "metrics.json", metrics)
    write_confusion(directory / "confusion.csv", summaries)
    write_risk_coverage(directory / "risk_coverage.csv", summaries)
    write_predictions(directory / "predictions.csv", scored)
    write_curves(directory / "training_curves.csv", curves)


def _training_record(
    recipe: Recipe, recordings: Sequence[Recording], model: EmotionNet, description: dict[str, Any]
) -> dict[str, Any]:
    heard = [r for r in recordings if r.speaker not in recipe.reserve and r.corpus in recipe.corpus_weight]
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "recordings": len(heard),
        "seconds": round(sum(r.duration_s for r in heard)),
        "speakersTrainedOn": sorted({r.speaker for r in heard}),
        "speakersKeptOut": list(recipe.reserve),
        "merged": {label: f"trained and scored as {target}" for label, target in MERGED.items()},
        "dropped": dict.fromkeys(DROPPED, "recordings left out of training and evaluation"),
        "seed": recipe.seed,
        "parameters": parameter_count(model),
        "featureSet": description["set"],
        "featuresFrom": f"undertone {description['undertone']}",
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
            "onnx": onnx.__version__,
            "onnxruntime": onnxruntime.__version__,
        },
        "threads": torch.get_num_threads(),
    }
