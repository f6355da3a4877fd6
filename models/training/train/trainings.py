"""Runs the trainings of a plan, one after the other, each into a folder of its own.

A folder that holds a finished training of the same recipe, code, labels and features is kept, so that what was
interrupted goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .calibrate import as_logits, softmax
from .curves import CurvePoint, accuracy_and_uar, read_curves, write_curves
from .errors import TrainError
from .features import FeatureTable, Floats, Ints, Recording
from .onnx_file import check
from .plan import Plan, Training, held_out_side, training_side
from .recipe import Model, Recipe, TrainingSet, described
from .windows import Cut, Cutter, recording_mean

Log = Callable[[str], None]
CHECKED_WINDOWS = 16
SOURCES = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.rglob("*.py")))
"""The code as it is loaded: a file that changes while training goes on is not what trains."""


@dataclass(frozen=True)
class Material:
    """What a recipe is trained and scored on."""

    recipe: Recipe
    table: FeatureTable
    cutter: Cutter
    recordings: list[Recording]
    """Those with a class, whose windows can be cut."""
    left_out: dict[str, int]
    """Recordings that are not in `recordings`, by reason."""

    def targets(self, recordings: Sequence[Recording]) -> Ints:
        found = [self.recipe.classes.target(r.label) for r in recordings]
        return np.asarray(found, dtype=np.int64)


def make_material(recipe: Recipe, table: FeatureTable) -> Material:
    frame, rate = table.front_end["frame"], table.front_end["sampleRateHz"]
    cutter = Cutter(recipe.window, recipe.input.rows, rate / frame["hopSamples"])
    labelled = [r for r in table.recordings if recipe.classes.target(r.label) is not None]
    usable = [r for r in labelled if cutter.can(r)]
    left_out = {
        "without features": table.unreadable,
        "without a class of this model": len(table.recordings) - len(labelled),
        "too short, or longer than a window that is an utterance of its own": len(labelled) - len(usable),
    }
    if not usable:
        raise TrainError(f"Expected recordings that {recipe.name} can be trained on but the labels hold none")
    found = {recipe.classes.target(r.label) for r in usable}
    missing = [name for index, name in enumerate(recipe.classes.names) if index not in found]
    if missing:
        # One training may lack a class that a single corpus has: that corpus is what it keeps out.
        raise TrainError(f"Expected recordings of {', '.join(missing)} for {recipe.name} but the labels hold none")
    return Material(recipe, table, cutter, usable, left_out)


@dataclass(frozen=True)
class Held:
    """Outputs for the held-out recordings of a training, at temperature 1."""

    recordings: list[Recording]
    cut: Cut
    logits: Floats
    """[windows, classes]"""


def weights_of(recipe: Recipe, recordings: Sequence[Recording]) -> Floats:
    """[recordings]: corpus weights; a recording and its copies share one recording's weight."""
    of_family: dict[Path, int] = {}
    for recording in recordings:
        family = recording.label.parent or recording.path
        of_family[family] = of_family.get(family, 0) + 1
    return np.asarray([recipe.corpus_weight[r.label.corpus] / of_family[r.label.parent or r.path] for r in recordings])


def training_set(material: Material, training: Training) -> TrainingSet:
    recipe = material.recipe
    side = training_side(material.recordings, training.held_out)
    heard = [r for r in side if r.label.corpus in recipe.corpus_weight]
    targets, weights = material.targets(heard), weights_of(recipe, heard)
    columns = material.table.columns
    return TrainingSet(heard, targets, weights, recipe.classes, columns, material.cutter, recipe.input)


def train(material: Material, training: Training, log: Log) -> tuple[Model, list[CurvePoint]]:
    """One model; its curve carries scores of the held-out recordings, which nothing reads."""
    recipe = material.recipe
    held = held_out_side(material.recordings, training.held_out)
    truth = material.targets(held)
    watched = material.cutter.cut(held)
    points: list[CurvePoint] = []

    def watch(epoch: int, learning_rate: float, loss: float, model: Model | None) -> None:
        accuracy = uar = None
        if model is not None:
            logits = outputs(recipe, model, watched)
            accuracy, uar = accuracy_and_uar(recording_mean(softmax(logits), watched, len(held)), truth)
            log(f"{training.name}: epoch {epoch}, loss {loss:.3f}, held-out accuracy {accuracy:.3f}, UAR {uar:.3f}")
        points.append(CurvePoint(training.name, epoch, learning_rate, loss, accuracy, uar))

    model = recipe.learner.fit(training_set(material, training), recipe.seed + training.number, watch)
    return model, points


def outputs(recipe: Recipe, model: Model, cut: Cut) -> Floats:
    """[windows, classes] of logits."""
    inputs = recipe.input.arrange(torch.from_numpy(cut.windows))
    return as_logits(model.outputs(inputs), recipe.output_kind)


def folder_of(work: Path, training: str) -> Path:
    return work / "trainings" / training


def run_trainings(material: Material, plan: Plan, work: Path, log: Log) -> None:
    """Every training of the plan into WORK/trainings/<name>/: model.onnx, held_out.npz, curve.csv, training.json."""
    for training in plan.trainings:
        folder = folder_of(work, training.name)
        key = key_of(material, training)
        done = folder / "training.json"
        if done.is_file() and json.loads(done.read_text(encoding="utf-8"))["key"] == key:
            log(f"{training.name}: kept, nothing has changed since it was trained")
            continue
        folder.mkdir(parents=True, exist_ok=True)
        done.unlink(missing_ok=True)
        model, points = train(material, training, log)
        _write(material, training, model, folder)
        write_curves(folder / "curve.csv", points)
        heard = training_set(material, training).recordings
        done.write_text(json.dumps({"key": key, **_record(model, heard)}, indent=1) + "\n", encoding="utf-8")


def _write(material: Material, training: Training, model: Model, folder: Path) -> None:
    recipe = material.recipe
    held = held_out_side(material.recordings, training.held_out)
    cut = material.cutter.cut(held)
    inputs = recipe.input.arrange(torch.from_numpy(cut.windows[:CHECKED_WINDOWS]))
    model.export(folder / "model.onnx", inputs[:2])
    check(folder / "model.onnx", inputs, model.outputs(inputs), recipe.largest_bytes)
    np.savez(folder / "held_out.npz", logits=outputs(recipe, model, cut), paths=[str(r.path) for r in held])


def _record(model: Model, heard: Sequence[Recording]) -> dict[str, Any]:
    originals = [r for r in heard if r.label.parent is None]
    return {
        "parameters": model.parameters,
        "recordings": len(originals),
        "copies": len(heard) - len(originals),
        "seconds": round(sum(r.duration_s for r in originals)),
        "speakersTrainedOn": sorted({r.label.speaker for r in originals}),
    }


def read_held(material: Material, work: Path, training: str) -> Held:
    """What a finished training gives for the recordings that it never heard."""
    path = folder_of(work, training) / "held_out.npz"
    if not path.is_file():
        raise TrainError(f"Expected {path.name} in {path.parent} but found none: train first")
    by_path = {str(r.path): r for r in material.recordings}
    with np.load(path) as stored:
        recordings = [by_path[str(p)] for p in stored["paths"]]
        return Held(recordings, material.cutter.cut(recordings), stored["logits"])


def read_points(work: Path, plan: Plan) -> list[CurvePoint]:
    return [p for training in plan.trainings for p in read_curves(folder_of(work, training.name) / "curve.csv")]


def key_of(material: Material, training: Training) -> str:
    """Digest of everything that a training depends on, but for the machine and its number of threads."""
    recipe = material.recipe
    digest = hashlib.sha256(json.dumps(described(recipe), sort_keys=True).encode())
    digest.update(SOURCES)
    for recording in training_set(material, training).recordings:
        digest.update(f"{recording.label}".encode())
        digest.update(recording.values.tobytes())
    digest.update(f"{recipe.seed + training.number} {torch.__version__}".encode())
    return digest.hexdigest()
