"""The whole recipe on synthetic features: the folder is complete, and refusals name what is wrong."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from train.augment import Augmentation, colour, crop_and_warp, mask
from train.dataset import BANDS, CLASSES, COLUMNS, FeatureError, load_corpus, load_description
from train.export import golden_inputs, run, session
from train.fit import pool_of
from train.make import make
from train.network import EmotionNet, Standardise, example_input
from train.recipe import RECIPES, Network, Stage
from train.windows import FLOOR, WINDOW_FRAMES

TINY = replace(
    RECIPES["undertone-s"],
    folds=(("ravdess-01",), ("ravdess-02",)),
    reserve=("ravdess-03",),
    network=Network(stem_channels=4, stages=(Stage(8, (2, 2)), Stage(8, (2, 2)), Stage(8)), embedding=8),
    epochs=1,
    batch=8,
)


@pytest.fixture
def features(tmp_path: Path) -> Path:
    """Three actors, one talker of TESS and one speaker of Emo-DB; every label once each, calm and boredom included."""
    directory = tmp_path / "features"
    directory.mkdir()
    generator = np.random.default_rng(0)
    rows = []
    for speaker in ("ravdess-01", "ravdess-02", "ravdess-03", "tess-OAF", "emodb-03"):
        for label in (*CLASSES, "calm", "boredom"):
            frames = int(generator.integers(120, 420))
            logmel = generator.standard_normal((frames, BANDS)).astype(np.float32) - 8.0
            name = f"{speaker}-{label}"
            np.save(directory / f"{name}.npy", logmel)
            seconds = f"{(frames * 160 + 240) / 16000:.3f}"
            corpus = speaker.partition("-")[0]
            rows.append([f"./{name}.wav", "", frames, BANDS, seconds, label, speaker, corpus, f"{name}.npy", "ok"])
    with (directory / "features.csv").open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle).writerows([COLUMNS, *rows])
    description = {"set": "undertone-logmel-64", "frontEnd": {"sampleRateHz": 16000}, "undertone": "0"}
    (directory / "features.json").write_text(json.dumps(description), encoding="utf-8")
    return directory


def test_recipe_writes_a_whole_folder(features: Path, tmp_path: Path) -> None:
    out = tmp_path / "undertone-s"
    make(TINY, features, out, lambda _: None)
    card = json.loads((out / "card.json").read_text(encoding="utf-8"))
    metrics = json.loads((out / "evaluation" / "metrics.json").read_text(encoding="utf-8"))
    assert card["labelMap"]["calm"] == "neutral"
    assert card["labelMap"]["boredom"] is None
    assert [s["split"] for s in metrics["splits"]] == ["speaker-independent", "reserve-speakers", "cross-corpus"]
    # 8 usable recordings a speaker: boredom is dropped.
    assert [s["recording"]["n"] for s in metrics["splits"]] == [16, 8, 8]
    assert card["evaluation"][0]["uar"] == metrics["splits"][0]["recording"]["uar"]["value"]
    assert "ravdess-03" not in card["training"]["speakersTrainedOn"]
    golden = json.loads((out / "golden.json").read_text(encoding="utf-8"))
    runtime = session(out / "model.onnx")
    for case, (_, _, values) in zip(golden["cases"], golden_inputs(), strict=True):
        assert run(runtime, values)[0] == pytest.approx(case["output"], abs=1e-4)
    with (out / "evaluation" / "predictions.csv").open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == 32
    assert sum(float(rows[0][f"p_{name}"]) for name in CLASSES) == pytest.approx(1.0, abs=1e-5)


def test_same_seed_same_weights(features: Path, tmp_path: Path) -> None:
    for name in ("first", "second"):
        make(replace(TINY, cross_corpus=None), features, tmp_path / name, lambda _: None)
    first, second = ((tmp_path / n / "golden.json").read_bytes() for n in ("first", "second"))
    assert first == second


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace(",speaker,", ",voice,"), "Expected the columns speaker"),
        (lambda text: text.replace(",angry,", ",furious,"), "'furious'"),
        (lambda text: text.replace("tess-OAF-sad.npy", "gone.npy"), "found no file"),
    ],
)
def test_refusals(features: Path, change: Callable[[str], str], message: str) -> None:
    table = features / "features.csv"
    table.write_text(change(table.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(FeatureError, match=message):
        load_corpus(features)


def test_other_feature_set_is_refused(features: Path) -> None:
    (features / "features.json").write_text('{"set": "kaldi-fbank-80"}', encoding="utf-8")
    with pytest.raises(FeatureError, match="kaldi-fbank-80"):
        load_description(features)


def test_classes_weigh_the_same(features: Path) -> None:
    pool = pool_of(load_corpus(features), {"ravdess": 1.0, "tess": 0.3, "emodb": 1.0})
    sums = torch.zeros(len(CLASSES)).index_add_(0, pool.targets, pool.weights)
    assert sums.tolist() == pytest.approx([1.0] * len(CLASSES))


def test_gain_does_not_matter_and_padding_is_not_heard() -> None:
    windows = torch.randn(2, WINDOW_FRAMES, BANDS)
    windows[1, 200:] = FLOOR
    quiet, mask_of = Standardise()(windows)
    loud, _ = Standardise()(torch.where(windows > FLOOR + 1e-3, windows + 2.0, windows))
    assert torch.allclose(quiet, loud, atol=1e-5)
    assert mask_of.sum(dim=1).flatten().tolist() == [300.0, 200.0]
    assert quiet[1, 0, 200:].abs().max() == 0.0


def test_silence_gives_finite_logits() -> None:
    assert torch.isfinite(EmotionNet(Network()).eval()(example_input())).all()


def test_augmentation_at_rest_changes_nothing() -> None:
    still = Augmentation(0.0, 0.0, 0.0, 0.0, 0.0, (5.0, 40.0), 0, 0, 0, 0)
    recording = torch.randn(1, 400, BANDS) - 8.0
    window = crop_and_warp(recording, torch.tensor([400.0]), still, torch.Generator().manual_seed(0))
    assert window.shape == (1, WINDOW_FRAMES, BANDS)
    same = mask(colour(window, still, torch.Generator()), still, torch.Generator())
    assert torch.allclose(window, same)
    # A crop starts between frames: its values lie between two neighbours, so the range is kept.
    assert window[window > FLOOR + 0.01].min() >= recording.min() - 1e-5
