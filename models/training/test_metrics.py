"""Figures against cases that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from train.calibrate import fit_temperature, softmax
from train.metrics import (
    accuracy,
    calibration_error,
    confusion,
    macro_f1,
    precisions,
    risk_coverage,
    uar,
    with_intervals,
)

TRUTH = np.asarray([0, 0, 0, 1])
PREDICTED = np.asarray([0, 0, 1, 1])


def test_counts() -> None:
    counts = confusion(TRUTH, PREDICTED, 3)
    assert counts.tolist() == [[2, 1, 0], [0, 1, 0], [0, 0, 0]]
    assert uar(counts) == pytest.approx((2 / 3 + 1) / 2)
    assert accuracy(counts) == 0.75
    assert precisions(counts).tolist() == [1.0, 0.5, 0.0]
    assert macro_f1(counts) == pytest.approx((0.8 + 2 / 3) / 2)


def test_interval_holds_the_value_and_moves_with_speakers() -> None:
    truth = np.tile([0, 1], 40)
    predicted = np.concatenate([np.tile([0, 1], 30), np.tile([1, 0], 10)])
    speakers = [f"speaker-{i // 10}" for i in range(80)]
    found, _ = with_intervals(truth, predicted, speakers, 2, seed=1)
    assert found.value == 0.75
    assert found.low <= 0.5 < 0.75 < found.high == 1.0


def test_interval_of_two_speakers_is_not_that_of_three_outcomes() -> None:
    truth = np.tile([0, 1], 20)
    predicted = np.where(np.arange(40) % 4 == 0, 1 - truth, truth)
    found, _ = with_intervals(truth, predicted, ["a"] * 20 + ["b"] * 20, 2, seed=1)
    assert found.value == 0.75
    assert found.low < 0.68 < 0.82 < found.high


def test_temperature_of_overconfident_logits() -> None:
    generator = np.random.default_rng(0)
    logits = generator.standard_normal((4000, 5))
    drawn = softmax(logits).cumsum(axis=1) > generator.random((4000, 1))
    truth = drawn.argmax(axis=1)
    assert fit_temperature(logits * 3.0, truth, np.ones(4000)) == pytest.approx(3.0, rel=0.1)
    assert calibration_error(softmax(logits), truth) < calibration_error(softmax(logits * 3.0), truth)


def test_coverage_keeps_the_surest() -> None:
    probabilities = np.asarray([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.45, 0.55]])
    rows = risk_coverage(probabilities, np.asarray([0, 1, 1, 0]))
    assert [row.coverage for row in rows] == [1.0, 0.9, 0.8, 0.7, 0.5]
    assert rows[0].accuracy == 0.5
    assert rows[-1].n == 2
    assert rows[-1].accuracy == 1.0
