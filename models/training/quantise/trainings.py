"""The finished trainings of a recipe → those of its int8 variant, in a folder of their own.

Nothing is trained. Ranges are calibrated on windows of a training's own side, and its held-out recordings go through
the quantised graph, so that temperatures and figures are the variant's own.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from train.errors import TrainError
from train.features import FloatArray, Recording
from train.make import make
from train.onnx_file import run, session
from train.plan import Plan, Training, held_out_side, make_plan
from train.trainings import Log, Material, folder_of, key_of, training_set

from .graph import quantise

CALIBRATION_WINDOWS = 512
BATCH = 32
GOLDEN_TOLERANCE = 0.1
"""Float layers of another processor differ in the last bit, and some values are then rounded to the other side."""


def variant_of(material: Material) -> Material:
    """The same recordings for a recipe of its own name."""
    recipe = material.recipe
    description = f"{recipe.description}; int8, for CPUs"
    return replace(material, recipe=replace(recipe, name=f"{recipe.name}-int8", description=description))


def make_variant(material: Material, source: Path, work: Path, out: Path, log: Log) -> Plan:
    """`source` and `work` are the folders of recipe and variant in WORK; writes OUT as far as `train.make` does."""
    variant = variant_of(material)
    for training in make_plan(material.recordings).trainings:
        log(f"{training.name}: quantised")
        _quantise(variant, training, folder_of(source, training.name), folder_of(work, training.name))
    plan = make(variant, work, out, log)
    golden = json.loads((out / "golden.json").read_text(encoding="utf-8"))
    (out / "golden.json").write_text(json.dumps(golden | {"tolerance": GOLDEN_TOLERANCE}) + "\n", encoding="utf-8")
    return plan


def _quantise(material: Material, training: Training, source: Path, folder: Path) -> None:
    done = source / "training.json"
    if not done.is_file():
        raise TrainError(f"Expected a finished training in {source} but found none: python -m train comes first")
    folder.mkdir(parents=True, exist_ok=True)
    heard = training_set(material, training).recordings
    calibration = _inputs(material, heard[:: max(1, len(heard) // CALIBRATION_WINDOWS)])
    quantise(source / "model.onnx", folder / "model.onnx", _batches(calibration))
    held = held_out_side(material.recordings, training.held_out)
    runtime = session(folder / "model.onnx")
    logits = np.concatenate([run(runtime, batch) for batch in _batches(_inputs(material, held))])
    np.savez(folder / "held_out.npz", logits=logits.astype(np.float64), paths=[str(r.path) for r in held])
    shutil.copyfile(source / "curve.csv", folder / "curve.csv")
    record = json.loads(done.read_text(encoding="utf-8"))
    # The key of a training of this name: `make` then takes it as finished.
    record |= {"key": key_of(material, training), "quantised": f"int8, calibrated on {len(calibration)} windows"}
    (folder / "training.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def _inputs(material: Material, recordings: Sequence[Recording]) -> FloatArray:
    windows = torch.from_numpy(material.cutter.cut(recordings).windows)
    return np.asarray(material.recipe.input.arrange(windows).numpy())


def _batches(inputs: FloatArray) -> list[FloatArray]:
    return [inputs[first : first + BATCH] for first in range(0, len(inputs), BATCH)]
