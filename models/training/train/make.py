"""From labels to a model's folder: model.onnx, golden.json, card.json and evaluation/."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .card import write_card
from .curves import draw_curves, write_curves
from .errors import TrainError
from .features import compute, load
from .golden import write_golden
from .judge import judge, write_folds
from .onnx_file import session
from .plan import SHIPPED, Plan, Training, make_plan
from .recipe import Recipe
from .temperature import Temperature, temperatures
from .trainings import Log, Material, folder_of, make_material, read_points, run_trainings, train, training_set

GOLDEN_WINDOWS = 256
STAGES = ("features", "train", "judge")


def prepare(recipe: Recipe, labels: Sequence[Path], work: Path, log: Log, compute_features: bool = True) -> Material:
    """Features of the labelled recordings, computed where WORK lacks them."""
    directory = work / "features" / recipe.features
    if compute_features:
        log(f"features {recipe.features}")
        compute(labels, recipe.features, directory)
    material = make_material(recipe, load(labels, directory))
    left = ", ".join(f"{count} {why}" for why, count in material.left_out.items() if count)
    log(f"{len(material.recordings)} recordings" + (f"; left out: {left}" if left else ""))
    return material


def try_out(material: Material, names: Sequence[str], log: Log) -> None:
    """Only these trainings, for their held-out scores; nothing is written."""
    plan = make_plan(material.recordings)
    known = {training.name: training for training in plan.trainings}
    for name in names:
        if name not in known:
            raise TrainError(f"Expected one of {', '.join(known)} for --only but received {name}")
        train(material, known[name], log)


def make(material: Material, work: Path, out: Path, log: Log) -> Plan:
    """Trains by the plan and writes the folder, as far as training can: OUT/evaluation is the judge's."""
    plan = make_plan(material.recordings)
    for name in plan.skipped:
        log(f"{name}: not trained, the labels hold nothing that it would keep out")
    run_trainings(material, plan, work, log)
    fitted = temperatures(material, plan, work)
    before = _cards(plan, work)
    for training in plan.trainings:
        folder = folder_of(work, training.name)
        write_card(folder, material, training, fitted[training.name], _record(folder))
    if _cards(plan, work) != before:
        # Judgements of other models than these: `undertone eval` would refuse to continue them.
        shutil.rmtree(work / "evaluation", ignore_errors=True)
    points = read_points(work, plan)
    draw_curves(work / "training_curves.svg", material.recipe.name, points)
    shipped = next((t for t in plan.trainings if t.name == SHIPPED), None)
    if shipped is None:
        raise TrainError("Expected RAVDESS actors 19 and 20 among the labels: the shipped weights keep them out")
    _ship(material, shipped, fitted[SHIPPED], work, out)
    (out / "evaluation").mkdir(exist_ok=True)
    write_curves(out / "evaluation" / "training_curves.csv", points)
    write_folds(plan, material.recipe.seed, work)
    log(f"wrote {out}")
    return plan


def judge_all(material: Material, labels: Sequence[Path], work: Path, out: Path, log: Log) -> None:
    """Every evaluation of the plan, by the models that lie in WORK."""
    plan = make_plan(material.recordings)
    folds = write_folds(plan, material.recipe.seed, work)
    classes = material.recipe.classes.names
    evaluations = [e for e in plan.evaluations if all(name in classes for merge in e.merged for name in merge)]
    judge(evaluations, folds, labels, work, out, log)


def _cards(plan: Plan, work: Path) -> list[str]:
    paths = [folder_of(work, training.name) / "card.json" for training in plan.trainings]
    return [path.read_text(encoding="utf-8") if path.is_file() else "" for path in paths]


def _record(folder: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    return record


def _ship(material: Material, training: Training, temperature: Temperature, work: Path, out: Path) -> None:
    """model.onnx, golden.json and card.json, all at once: a model in use stays whole while the next one trains."""
    recipe, folder = material.recipe, folder_of(work, training.name)
    out.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(folder / "model.onnx", out / "model.onnx")
    heard = training_set(material, training).recordings
    windows = material.cutter.cut(heard[:: max(1, len(heard) // GOLDEN_WINDOWS)]).windows
    shape = recipe.input.shape(windows.shape[2])
    longer = recipe.input.longer_shape(windows.shape[2])
    write_golden(session(out / "model.onnx"), out / "golden.json", shape, windows, recipe.window.pad_value, longer)
    write_card(out, material, training, temperature, _record(folder))
