"""Whole recipes on made-up features: the folders are complete, repeat themselves, and refusals name what is wrong."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from train.errors import TrainError
from train.features import load
from train.golden import values_of
from train.make import make
from train.onnx_file import run, session
from train.recipe import Recipe
from train.recipes import RECIPES
from train.torch_learner import TorchLearner
from train.trainings import make_material

from .corpus import write_features, write_labels
from .small import SMALL


def quiet(_: str) -> None:
    return None


def made(recipe: Recipe, folder: Path) -> Path:
    """The model's folder, made of a corpus that is the same every time."""
    folder.mkdir()
    labels = write_labels(folder)
    columns = SMALL[recipe.name].columns
    write_features(labels, folder / "features", columns, frames=recipe.input.frames is not None)
    material = make_material(recipe, load([labels], folder / "features"))
    make(material, folder / "work", folder / "out", quiet)
    return folder


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_recipe_makes_whole_folders(name: str, tmp_path: Path) -> None:
    recipe = SMALL[name].recipe
    folder = made(recipe, tmp_path / "made")
    out = folder / "out"
    card = json.loads((out / "card.json").read_text(encoding="utf-8"))
    assert card["classes"] == list(recipe.classes.names)
    assert card["evaluation"] == []
    assert not {"ravdess-19", "ravdess-20", "emodb-13"} & set(card["training"]["speakersTrainedOn"])
    golden = json.loads((out / "golden.json").read_text(encoding="utf-8"))
    runtime = session(out / "model.onnx")
    assert runtime.get_inputs()[0].name == card["input"]["name"]
    assert runtime.get_outputs()[0].name == card["output"]["name"]
    for case in golden["cases"]:
        assert run(runtime, values_of(case["input"])).ravel() == pytest.approx(case["output"], abs=1e-4)
    folds = json.loads((folder / "work/folds/ravdess-speaker-independent.json").read_text(encoding="utf-8"))
    assert folds["schema"] == "undertone-folds/1"
    assert folds["folds"][0]["speakers"] == [f"ravdess-{actor:02d}" for actor in (1, 2, 3, 4)]
    for fold in folds["folds"]:
        fold_card = json.loads((folder / "work/folds" / fold["model"] / "card.json").read_text(encoding="utf-8"))
        assert not set(fold["speakers"]) & set(fold_card["training"]["speakersTrainedOn"])
    with (out / "evaluation/training_curves.csv").open(newline="", encoding="utf-8") as handle:
        curves = list(csv.DictReader(handle))
    trainings = ["fold-1", "fold-2", "fold-3", "fold-4", "fold-5", "random", "shipped", "without-tess", "without-emodb"]
    assert list(dict.fromkeys(row["training"] for row in curves)) == trainings
    assert (folder / "work/training_curves.svg").read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.parametrize("name", ["svm-stats", "undertone-s"])
def test_same_seed_same_weights(name: str, tmp_path: Path) -> None:
    folders = [made(SMALL[name].recipe, tmp_path / part) for part in ("first", "second")]
    first, second = ((folder / "out/golden.json").read_bytes() for folder in folders)
    assert first == second


def test_what_is_trained_already_is_kept_until_something_changes(tmp_path: Path) -> None:
    recipe = SMALL["undertone-s"].recipe
    folder = made(recipe, tmp_path / "made")
    lines: list[str] = []
    material = make_material(recipe, load([folder / "labels.csv"], folder / "features"))
    make(material, folder / "work", folder / "out", lines.append)
    assert sum("kept" in line for line in lines) == 9
    assert isinstance(recipe.learner, TorchLearner)
    other = replace(recipe, learner=replace(recipe.learner, weight_decay=0.5))
    lines.clear()
    make(replace(material, recipe=other), folder / "work", folder / "out", lines.append)
    assert not any("kept" in line for line in lines)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace(",speaker,", ",voice,"), "Expected the columns speaker"),
        (lambda text: text.replace(",angry\r", ",furious\r"), "'furious'"),
        (lambda text: text.replace("tess/OAF/sad.wav", "gone.wav"), "Expected features of .*gone.wav"),
        (lambda text: text + text.splitlines()[-1], "twice"),
        (lambda text: text.replace("tess,tess/OAF/sad.wav", ",tess/OAF/sad.wav"), "Expected a corpus in .*row"),
    ],
)
def test_refusals(tmp_path: Path, change: Callable[[str], str], message: str) -> None:
    labels = write_labels(tmp_path)
    write_features(labels, tmp_path / "features", 4, frames=False)
    with labels.open(newline="", encoding="utf-8") as handle:
        text = handle.read()
    labels.write_text(change(text), encoding="utf-8", newline="")
    with pytest.raises(TrainError, match=message):
        make_material(SMALL["svm-stats"].recipe, load([labels], tmp_path / "features"))


def test_a_missing_array_is_refused(tmp_path: Path) -> None:
    labels = write_labels(tmp_path)
    write_features(labels, tmp_path / "features", 4, frames=True)
    (tmp_path / "features/3.npy").unlink()
    with pytest.raises(TrainError, match="found no file"):
        load([labels], tmp_path / "features")
